using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>The parameters of LSTMCell, GRUCell and RNNCell.</summary>
internal sealed class RecurrentCell
{
    private readonly long input_size;
    private readonly long hidden_size;

    /// <summary>Registers the parameters with their owner, drawn from U(−1/√hidden_size, 1/√hidden_size).</summary>
    internal RecurrentCell(Module owner, int gates, long input_size, long hidden_size, bool bias, Device? device, ScalarType? dtype)
    {
        this.input_size = input_size;
        this.hidden_size = hidden_size;

        RegisteredParameter.Add(owner, "weight_ih", [gates * hidden_size, input_size], device, dtype);
        RegisteredParameter.Add(owner, "weight_hh", [gates * hidden_size, hidden_size], device, dtype);
        if (bias)
        {
            RegisteredParameter.Add(owner, "bias_ih", [gates * hidden_size], device, dtype);
            RegisteredParameter.Add(owner, "bias_hh", [gates * hidden_size], device, dtype);
        }
        foreach (var parameter in owner.parameters()) LayerDefaults.Uniform(parameter, 1 / Math.Sqrt(hidden_size));
    }

    internal static (Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh) Parameters(Module owner) =>
        (owner.get_parameter("weight_ih")!, owner.get_parameter("weight_hh")!, owner.get_parameter("bias_ih"), owner.get_parameter("bias_hh"));

    /// <summary>Whether a plain RNN's function is the rectified linear unit.</summary>
    internal bool IsRelu { get; init; }

    /// <summary>Zeros for a hidden state: (batch, hidden_size) or (hidden_size).</summary>
    internal Tensor ZeroState(Tensor input) =>
        zeros([.. input.shape[..^1], hidden_size], dtype: input.dtype, device: input.device);

    /// <summary>Makes a step of a GRU or a plain RNN.</summary>
    internal Tensor Step(Module owner, Op op, Tensor input, Tensor hidden)
    {
        var (weight_ih, weight_hh, bias_ih, bias_hh) = Parameters(owner);
        return Dispatcher.Call(op, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh);
    }

    /// <exception cref="ExternalException">The input is not (batch, input_size) or (input_size).</exception>
    internal void CheckInput(Tensor input)
    {
        if (input.ndim is not (1 or 2))
            throw new ExternalException($"Expected input to be 1D or 2D, got {input.ndim}D instead");
        if (input.size((int)input.ndim - 1) != input_size)
            throw new ExternalException($"input has inconsistent input_size: got {input.size((int)input.ndim - 1)} expected {input_size}");
    }
}
