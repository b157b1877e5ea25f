using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>The parameters of LSTM, GRU and RNN: for each layer and direction weight_ih, weight_hh and, if asked for, bias_ih, bias_hh.</summary>
internal sealed class RecurrentWeights
{
    /// <summary>The kinds of recurrent networks, by cuDNN's numbers.</summary>
    internal enum Kind
    {
        Relu = 0,
        Tanh = 1,
        Lstm = 2,
        Gru = 3,
    }

    private static readonly Op flatten_weight = new("aten::_cudnn_rnn_flatten_weight");

    private readonly Kind kind;
    private readonly long input_size;
    private readonly long hidden_size;
    private readonly long num_layers;
    private readonly bool bias;
    private readonly bool batch_first;
    private readonly double dropout;
    private readonly bool bidirectional;

    /// <summary>Registers the parameters with their owner, drawn from U(−1/√hidden_size, 1/√hidden_size).</summary>
    /// <param name="owner">The layer.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="input_size">Features of an input.</param>
    /// <param name="hidden_size">Features of the hidden state.</param>
    /// <param name="num_layers">Layers on top of each other.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="batch_first">Whether the batch is the first dimension, rather than time.</param>
    /// <param name="dropout">Dropout between layers.</param>
    /// <param name="bidirectional">Whether there are two directions.</param>
    /// <param name="device">Where the parameters live.</param>
    /// <param name="dtype">Type of the parameters.</param>
    internal RecurrentWeights(Module owner, Kind kind, long input_size, long hidden_size, long num_layers, bool bias, bool batch_first, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
    {
        this.kind = kind;
        this.input_size = input_size;
        this.hidden_size = hidden_size;
        this.num_layers = num_layers;
        this.bias = bias;
        this.batch_first = batch_first;
        this.dropout = dropout;
        this.bidirectional = bidirectional;

        var gates = kind switch { Kind.Lstm => 4, Kind.Gru => 3, _ => 1 };
        foreach (var (layer, suffix) in Suffixes())
        {
            var inputs = layer == 0 ? input_size : hidden_size * Directions;
            RegisteredParameter.Add(owner, "weight_ih" + suffix, [gates * hidden_size, inputs], device, dtype);
            RegisteredParameter.Add(owner, "weight_hh" + suffix, [gates * hidden_size, hidden_size], device, dtype);
            if (!bias) continue;
            RegisteredParameter.Add(owner, "bias_ih" + suffix, [gates * hidden_size], device, dtype);
            RegisteredParameter.Add(owner, "bias_hh" + suffix, [gates * hidden_size], device, dtype);
        }
        foreach (var parameter in owner.parameters()) LayerDefaults.Uniform(parameter, 1 / Math.Sqrt(hidden_size));
    }

    /// <summary>Whether a plain RNN's function is the rectified linear unit.</summary>
    internal bool IsRelu => kind == Kind.Relu;

    private long Directions => bidirectional ? 2 : 1;

    private IEnumerable<(long layer, string suffix)> Suffixes()
    {
        for (var layer = 0L; layer < num_layers; layer++)
        {
            yield return (layer, $"_l{layer}");
            if (bidirectional) yield return (layer, $"_l{layer}_reverse");
        }
    }

    /// <summary>Zeros for a hidden state: (layers · directions, batch, hidden_size).</summary>
    internal Tensor ZeroState(Tensor input, bool batchFirst, long hiddenSize) =>
        zeros([num_layers * Directions, input.size(batchFirst ? 0 : 1), hiddenSize], dtype: input.dtype, device: input.device);

    /// <summary>What aten's recurrent operators take after input and state: (params, has_biases, num_layers, dropout, train, bidirectional, batch_first).</summary>
    internal (Tensor[] parameters, bool bias, long layers, double dropout, bool train, bool bidirectional, bool batchFirst) Arguments(Module owner) =>
        ([.. owner.parameters()], bias, num_layers, dropout, owner.training, bidirectional, batch_first);

    /// <summary>Runs a GRU or a plain RNN through sequences.</summary>
    /// <returns>The hidden states of the last layer at all times, and the hidden state in the end.</returns>
    internal (Tensor, Tensor) Run(Module owner, bool batchFirst, long hiddenSize, Op op, Tensor input, Tensor? h0)
    {
        CheckInput(input);
        using var zeros = h0 is null ? ZeroState(input, batchFirst, hiddenSize) : null;
        var hidden = h0 ?? zeros!;
        CheckState(input, hidden, "hidden");

        var (parameters, biases, layers, probability, train, both, first) = Arguments(owner);
        return Dispatcher.Call2(op, input, hidden, parameters, biases, layers, probability, train, both, first);
    }

    /// <summary>Lays the parameters side by side in memory, as cuDNN wants them. Elsewhere there is nothing to gain, and nothing is done.</summary>
    internal void Flatten(Module owner)
    {
        Tensor[] parameters = [.. owner.parameters()];
        if (!cuda.is_cudnn_available() || parameters.Any(parameter => parameter.device_type != DeviceType.CUDA)) return;

        using var _ = no_grad();
        Dispatcher.CallVoid(flatten_weight, parameters, bias ? 4 : 2, input_size, (long)kind, hidden_size, 0, num_layers, batch_first, bidirectional);
    }

    /// <exception cref="ExternalException">The input is not (time, batch, input_size), with time and batch in the order of the layer.</exception>
    internal void CheckInput(Tensor input)
    {
        if (input.ndim != 3)
            throw new ExternalException($"input must have 3 dimensions, got {input.ndim}");
        if (input.size(2) != input_size)
            throw new ExternalException($"input.size(-1) must be equal to input_size. Expected {input_size}, got {input.size(2)}");
    }

    /// <exception cref="ExternalException">The state is not (layers · directions, batch, hidden_size).</exception>
    internal void CheckState(Tensor input, Tensor state, string name)
    {
        long[] expected = [num_layers * Directions, input.size(batch_first ? 0 : 1), hidden_size];
        if (!state.shape.AsSpan().SequenceEqual(expected))
            throw new ExternalException($"Expected {name} size [{string.Join(", ", expected)}], got [{string.Join(", ", state.shape)}]");
    }
}
