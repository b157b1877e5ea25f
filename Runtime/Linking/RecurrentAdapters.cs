using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Recurrent layers keep their sizes in a native module that nothing can change. So a new layer of the new size is made, its
/// parameters and its native module are put into the user's layer, and the layer goes on under its own name with its own hooks.
/// </summary>
internal static class RecurrentAdapters
{
    // What is almost one as an argument of a sigmoid, and what is almost linear as one of a hyperbolic tangent.
    private const double Open = 40;
    private const double Small = 1e-3;

    /// <summary>Features of an input, as the parameters tell them now.</summary>
    public static long InputSize(nn.Module layer) => First(layer, "weight_ih").shape[1];

    /// <summary>Features of the hidden state, as the parameters tell them now.</summary>
    public static long HiddenSize(nn.Module layer) => First(layer, "weight_hh").shape[1];

    /// <summary>Gives the layer a native module of the sizes that its parameters have by now.</summary>
    /// <returns>What puts the old one back.</returns>
    public static Action Resize(nn.Module layer)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var random = new RandomState();
        var (input, hidden, bias) = (
            InputSize(layer), HiddenSize(layer), layer.named_parameters().Any(entry => entry.name.StartsWith("bias", StringComparison.Ordinal)));
        var (layers, both) = (
            layer.named_parameters()
                .Count(entry => entry.name.StartsWith("weight_ih", StringComparison.Ordinal) && !entry.name.EndsWith("_reverse", StringComparison.Ordinal)),
            layer.has_parameter("weight_ih_l0_reverse"));
        var weight = First(layer, "weight_ih");
        var (device, dtype) = (weight.device, weight.dtype);

        // A layer that has been resized already is measured as it was before: its native module knows its old sizes.
        nn.Module other = layer switch
        {
            LSTM lstm => nn.LSTM(input, hidden, layers, bias, TorchSharpInternals.BatchFirst(lstm), State.Dropout(layer), both, device, dtype),
            GRU gru => nn.GRU(input, hidden, layers, bias, TorchSharpInternals.BatchFirst(gru), State.Dropout(layer), both, device, dtype),
            RNN rnn =>
                nn.RNN(input, hidden, layers, State.NonLinearity(layer), bias, TorchSharpInternals.BatchFirst(rnn), State.Dropout(layer), both, device, dtype),
            LSTMCell => nn.LSTMCell(input, hidden, bias, device, dtype),
            GRUCell => nn.GRUCell(input, hidden, bias, device, dtype),
            _ => nn.RNNCell(input, hidden, State.NonLinearity(layer), bias, device, dtype),
        };
        foreach (var (name, parameter) in other.named_parameters())
        {
            var own = layer.get_parameter(name)!;
            parameter.copy_(own);
            parameter.requires_grad = own.requires_grad;
            parameter.DetachFromDisposeScope();
        }

        other.train(layer.training);
        State.Remember(other, layer);
        TorchSharpInternals.Exchange(layer, other);
        return () =>
        {
            TorchSharpInternals.Exchange(layer, other);
            other.Dispose();
        };
    }

    /// <summary>Reads what only the native module knows, before its sizes no longer fit the parameters.</summary>
    public static void Measure(nn.Module layer) => State.Remember(layer);

    /// <summary>
    /// The probability of dropout between the layers, which TorchSharp does not tell. It is measured: with weights that hand
    /// a constant on from one layer to the next, what arrives is that constant divided by 1 − p, or nothing.
    /// </summary>
    internal static double MeasureDropout(nn.Module layer)
    {
        if (!layer.has_parameter("weight_ih_l1"))
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var before = layer.named_parameters().Select(entry => (entry.parameter, Copy: entry.parameter.detach().clone())).ToList();
        var training = layer.training;
        try
        {
            foreach (var (parameter, _) in before)
            {
                parameter.zero_();
            }

            var hidden = HiddenSize(layer);
            var (candidate, opened, closed) = layer switch { LSTM => (2, new[] { 0, 3 }, Array.Empty<int>()), GRU => (2, [], [1]), _ => (0, [], []) };
            foreach (var (index, value, handed) in opened.Select(gate => (gate, Open, Open))
                .Concat(closed.Select(gate => (gate, -Open, -Open)))
                .Append((candidate, 1.0, Small)))
            {
                layer.get_parameter("weight_ih_l0")!.narrow(0, index * hidden, hidden).narrow(1, 0, 1).fill_(value);
                var next = layer.get_parameter("weight_ih_l1")!;
                next.narrow(0, index * hidden, hidden).narrow(1, 0, hidden).copy_(eye(hidden, hidden, dtype: next.dtype, device: next.device) * handed);
            }

            layer.train();
            const int Draws = 256;
            var weight = First(layer, "weight_ih");
            var batchFirst = (bool)LayerAdapters.Describe(layer, "").Settings["batch_first"]!;
            var input = ones(batchFirst ? [Draws, 1, InputSize(layer)] : [1, Draws, InputSize(layer)], dtype: weight.dtype, device: weight.device);
            var last = layer switch
            {
                LSTM lstm => lstm.forward(input).Item2,
                GRU gru => gru.forward(input).Item2,
                _ => ((RNN)layer).forward(input, null).Item2,
            };
            var both = layer.has_parameter("weight_ih_l0_reverse") ? 2 : 1;
            var handedOn = last[0].max().to_type(ScalarType.Float64).item<double>();
            var arrived = last[both].max().to_type(ScalarType.Float64).item<double>();
            return arrived == 0 ? 1 : Math.Max(0, Math.Round(1 - (handedOn * Small / arrived), 4));
        }
        finally
        {
            layer.train(training);
            foreach (var (parameter, copy) in before)
            {
                parameter.copy_(copy);
            }
        }
    }

    /// <summary>The function of a plain RNN, which TorchSharp does not tell: whichever gives what the layer gives.</summary>
    internal static nn.NonLinearities MeasureNonLinearity(nn.Module layer)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var weight = First(layer, "weight_ih");
        var input = randn(1, 1, InputSize(layer), dtype: weight.dtype, device: weight.device);
        var sum = input.squeeze(0).matmul(weight.transpose(0, 1));
        foreach (var bias in new[] { "bias_ih", "bias_hh" }.Where(bias => Has(layer, bias)))
        {
            sum += First(layer, bias);
        }

        var result = layer is RNN rnn ? rnn.forward(input, null).Item2[0] : ((RNNCell)layer).forward(input.squeeze(0));
        double Distance(Tensor expected) => (result - expected).abs().max().to_type(ScalarType.Float64).item<double>();
        return Distance(sum.relu()) < Distance(sum.tanh()) ? nn.NonLinearities.ReLU : nn.NonLinearities.Tanh;
    }

    private static bool Has(nn.Module layer, string name) => layer.has_parameter(name) || layer.has_parameter(name + "_l0");

    private static Tensor First(nn.Module layer, string name) => layer.get_parameter(name) ?? layer.get_parameter(name + "_l0")!;

    /// <summary>What was measured of each layer; it goes with the layer.</summary>
    private static class State
    {
        private static readonly ConditionalWeakTable<nn.Module, Measurements> Measured = [];

        public static double Dropout(nn.Module layer) => Of(layer).Dropout;

        public static nn.NonLinearities NonLinearity(nn.Module layer) => Of(layer).NonLinearity;

        public static void Remember(nn.Module layer) => Of(layer);

        public static void Remember(nn.Module layer, nn.Module like) => Measured.AddOrUpdate(layer, Of(like));

        private static Measurements Of(nn.Module layer) => Measured.GetValue(layer, Measure);

        private static Measurements Measure(nn.Module layer)
        {
            using var random = new RandomState();
            return new(
                layer is LSTM or GRU or RNN ? MeasureDropout(layer) : 0,
                layer is RNN or RNNCell ? MeasureNonLinearity(layer) : nn.NonLinearities.Tanh);
        }

        private sealed record Measurements(double Dropout, nn.NonLinearities NonLinearity);
    }
}
