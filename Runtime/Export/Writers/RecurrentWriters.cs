using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Recurrent layers, a node for each of their layers, and their single steps. ONNX has the gates in another order.</summary>
internal static class RecurrentWriters
{
    public static void DefineLayers(LayerList list)
    {
        list.AddSeveral<LSTM>((s, layer) => Sequence(s, layer, TorchSharpInternals.BatchFirst(layer), Lstm));
        list.AddSeveral<GRU>((s, layer) => Sequence(s, layer, TorchSharpInternals.BatchFirst(layer), Gru));
        list.AddSeveral<RNN>((s, layer) => Sequence(s, layer, TorchSharpInternals.BatchFirst(layer), Plain(layer)));
        list.AddSeveral<LSTMCell>((s, layer) => Cell(s, Lstm));
        list.AddSeveral<GRUCell>((s, layer) => Cell(s, Gru));
        list.AddSeveral<RNNCell>((s, layer) => Cell(s, Plain(layer)));
    }

    /// <param name="Op">ONNX's operator.</param>
    /// <param name="Order">Which of TorchSharp's gates each of ONNX's is.</param>
    /// <param name="States">How many states it hands on.</param>
    /// <param name="Activation">The function of a plain one.</param>
    private sealed record Kind(string Op, int[] Order, int States, string? Activation = null);

    // Input, forget, cell and output gate become input, output, forget and cell; reset, update and new one become update, reset and new one.
    private static Kind Lstm => new("LSTM", [0, 3, 1, 2], 2);

    private static Kind Gru => new("GRU", [1, 0, 2], 1);

    private static Kind Plain(nn.Module layer)
    {
        using var random = new RandomState();
        return new("RNN", [0], 1, RecurrentAdapters.MeasureNonLinearity(layer) == nn.NonLinearities.ReLU ? "Relu" : "Tanh");
    }

    private static OnnxValue[] Sequence(OnnxStep step, nn.Module layer, bool batchFirst, Kind kind)
    {
        if (layer.has_parameter("weight_hr_l0"))
        {
            throw step.Refusal("it projects its states, and ONNX has no such layer");
        }

        var given = step.Input;
        var batched = given.Rank == 3;
        var x = !batched ? step.Unsqueeze(given, 1) : batchFirst ? step.Transpose(given, 1, 0, 2) : given;
        var initial = Enumerable.Range(1, kind.States).Select(step.Optional)
            .Select(state => state is null || batched ? state : step.Unsqueeze(state, 1)).ToList();
        var directions = layer.has_parameter("weight_ih_l0_reverse") ? 2 : 1;
        var last = Enumerable.Range(0, kind.States).Select(_ => new List<OnnxValue>()).ToList();
        for (var number = 0; layer.has_parameter($"weight_ih_l{number}"); number++)
        {
            var from = number * directions;
            var outputs = Run(
                step, kind, x, number, directions, [.. initial.Select(state => state is null ? null : step.Slice(state, 0, from, from + directions))]);

            // Time, directions, batch and features become time, batch and the features of both directions.
            var (time, batch, hidden) = (outputs[0].Dims[0], outputs[0].Dims[2], outputs[0].Dims[3]);
            x = step.Reshape(step.Transpose(outputs[0], 0, 2, 1, 3), time, batch, hidden.Map(size => size * directions));
            for (var i = 0; i < kind.States; i++)
            {
                last[i].Add(outputs[1 + i]);
            }
        }

        if (last[0].Count > 1)
        {
            step.Note("dropout between its layers belongs to training; the file drops nothing");
        }

        var result = !batched ? step.Squeeze(x, 1) : batchFirst ? step.Transpose(x, 1, 0, 2) : x;
        return [result, .. last.Select(states => step.Concat(0, [.. states])).Select(state => batched ? state : step.Squeeze(state, 1))];
    }

    /// <summary>A sequence of one.</summary>
    private static OnnxValue[] Cell(OnnxStep step, Kind kind)
    {
        var batched = step.Input.Rank == 2;
        var x = step.Unsqueeze(batched ? step.Input : step.Unsqueeze(step.Input, 0), 0);
        OnnxValue? State(OnnxValue? state) => state is null ? null : step.Unsqueeze(batched ? state : step.Unsqueeze(state, 0), 0);
        var outputs = Run(step, kind, x, null, 1, [.. Enumerable.Range(1, kind.States).Select(step.Optional).Select(State)]);
        return [.. outputs.Skip(1).Select(state => step.Squeeze(state, batched ? [0] : [0, 1]))];
    }

    private static OnnxValue[] Run(OnnxStep step, Kind kind, OnnxValue x, int? layer, int directions, OnnxValue?[] initial)
    {
        string[] suffixes = layer is null ? [""] : [.. new[] { $"_l{layer}", $"_l{layer}_reverse" }.Take(directions)];
        Tensor Gates(string name) => stack(suffixes.Select(suffix => cat(Pieces(step, name + suffix, kind), 0)));
        var hidden = step.Tensor("weight_hh" + suffixes[0]).size(1);
        var label = $"{step.Name}.{{0}}{suffixes[0]}";
        OnnxValue Named(string name, Func<Tensor> make) => step.Graph.Parameter(label.Replace("{0}", name, StringComparison.Ordinal), make());
        var hasBias = step.Has(step.Step.Module!, "bias_ih" + suffixes[0]);
        OnnxValue?[] inputs =
        [
            x,
            Named("weight_ih", () => Gates("weight_ih")),
            Named("weight_hh", () => Gates("weight_hh")),
            hasBias ? Named("bias", () => cat([Gates("bias_ih"), Gates("bias_hh")], 1)) : null,
            null,
            .. initial,
        ];
        var (d, n, h) = (step.Graph.Size(directions), x.Dims[1], step.Graph.Size(hidden));
        (string, object)[] attributes =
        [
            ("hidden_size", hidden),
            ("direction", directions == 2 ? "bidirectional" : "forward"),
            .. kind.Op == "GRU" ? new (string, object)[] { ("linear_before_reset", 1) } : [],
            .. kind.Activation is { } function ? new (string, object)[] { ("activations", Enumerable.Repeat(function, directions).ToArray()) } : [],
        ];
        (ScalarType?, OnnxSize[]?) state = (x.Type, [d, n, h]);
        return step.Graph.Nodes(kind.Op, [(x.Type, [x.Dims[0], d, n, h]), .. Enumerable.Repeat(state, kind.States)], Trimmed(inputs), attributes);
    }

    private static OnnxValue?[] Trimmed(OnnxValue?[] inputs) => inputs[..(Array.FindLastIndex(inputs, input => input is not null) + 1)];

    private static Tensor[] Pieces(OnnxStep step, string name, Kind kind)
    {
        var gates = step.Tensor(name).chunk(kind.Order.Length);
        return Array.ConvertAll(kind.Order, gate => gates[gate]);
    }

    private static Tensor Tensor(this OnnxStep step, string name) => step.Step.Module!.get_parameter(name)!.detach().cpu();

    private static bool Has(this OnnxStep step, nn.Module layer, string name) => layer.has_parameter(name);
}
