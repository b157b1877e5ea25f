namespace PruneGen.Axes;

/// <summary>
/// Recurrent layers and their single steps. One hidden size stands in every layer and both directions, so that it is one
/// group: the rows of a weight are the gates, each over the hidden units, one after the other.
/// </summary>
internal static class RecurrentLayers
{
    public static IEnumerable<LayerDefinition> Definitions { get; } =
    [
        Define("LSTM", gates: 4, states: 2),
        Define("GRU", gates: 3, states: 1),
        Define("RNN", gates: 1, states: 1),
        DefineCell("LSTMCell", gates: 4, states: 2),
        DefineCell("GRUCell", gates: 3, states: 1),
        DefineCell("RNNCell", gates: 1, states: 1),
    ];

    // The native module behind a recurrent layer is made anew when its widths change.
    private static IReadOnlyList<string> Widths => ["input_size", "hidden_size"];

    private static LayerDefinition Define(string type, int gates, int states) =>
        new(type, (graph, layer, x) => Sequence(graph, layer, x, gates, states))
        {
            Results = states + 1,
            Settings = ["batch_first"],
            Parameters = call => Parameters(call, gates),
            Widths = Widths,
        };

    private static LayerDefinition DefineCell(string type, int gates, int states) => new(type, (graph, layer, x) => Cell(graph, layer, x, gates, states))
    {
        Results = states,
        Parameters = call => Step(call, "", call.Number("input_size"), gates),
        Widths = Widths,
    };

    /// <summary>One weight and bias a layer and direction; none where the number of layers is not told.</summary>
    private static IEnumerable<(string Name, long?[] Sizes)> Parameters(FactorySettings call, int gates)
    {
        var both = call.Flag("bidirectional");
        for (var layer = 0; both is not null && layer < call.Number("num_layers"); layer++)
        {
            var inputs = layer == 0 ? call.Number("input_size") : call.Number("hidden_size") * (both.Value ? 2 : 1);
            foreach (var shape in new[] { "", "_reverse" }.Take(both.Value ? 2 : 1).SelectMany(direction => Step(call, $"_l{layer}{direction}", inputs, gates)))
            {
                yield return shape;
            }
        }
    }

    private static IEnumerable<(string Name, long?[] Sizes)> Step(FactorySettings call, string suffix, long? inputs, int gates)
    {
        var hidden = call.Number("hidden_size");
        (string, long?[])[] weights = [("weight_ih" + suffix, [gates * hidden, inputs]), ("weight_hh" + suffix, [gates * hidden, hidden])];
        return call.IsOff("bias") ? weights : [.. weights, ("bias_ih" + suffix, [gates * hidden]), ("bias_hh" + suffix, [gates * hidden])];
    }

    /// <summary>A layer that runs through sequences: LSTM with four gates, GRU with three, a plain RNN with one.</summary>
    /// <returns>The hidden states at all times, then the last hidden state and, for LSTM, the last cell state.</returns>
    public static AxisTensor[] Sequence(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs, int gates, int states)
    {
        var x = Sequences(graph, layer, inputs);
        var batchFirst = layer.Settings.TryGetValue("batch_first", out var first) && first is bool told
            ? told && !x.IsPacked
            : throw new AxisException(AxisRule.Unsupported, $"whether the batch comes first in {layer.Name} cannot be told from the source");
        var bidirectional = layer.Has("weight_ih_l0_reverse");
        var hidden = graph.NewOutput(layer.Name, layer.Width("weight_hh_l0", 0) / gates);
        var projected = layer.Has("weight_hr_l0") ? graph.NewOutput(layer.Name + ".projection", layer.Width("weight_hr_l0", 0)) : null;
        var features = x.Dims[x.Dims.Count - 1];
        var layers = 0;
        for (; layer.Has($"weight_ih_l{layers}"); layers++)
        {
            foreach (var suffix in bidirectional ? new[] { $"_l{layers}", $"_l{layers}_reverse" } : [$"_l{layers}"])
            {
                Weights(graph, layer, suffix, gates, hidden, projected, features, x);
            }

            var output = projected ?? hidden;
            features = bidirectional ? AxisGraph.Join([output, output]) : output;
        }

        graph.Width(layer, "input_size", x.Dims[x.Dims.Count - 1]);
        graph.Width(layer, "hidden_size", hidden);
        var initial = inputs.Skip(1).OfType<AxisTensor>().ToList();
        foreach (var (state, i) in initial.Select((state, i) => (state, i)))
        {
            graph.Tie(state.Dims[state.IndexOf(-1)], i == 0 && projected is not null ? projected : hidden, $"{layer.Name} begins with it");
        }

        // What a mask switches off stays zero, if it begins so.
        var zeros = initial.All(state => state.KeepsZeros);
        var batch = x.Dims.Count < 3 ? [] : new[] { x.Dims[batchFirst ? 0 : 1] };
        if (!batchFirst && x.Dims.Count == 3)
        {
            graph.TimeFirst(x.Dims[0], x.Dims[1]);
        }

        AxisTensor Last(Axis axis) => new AxisTensor([graph.NewConstant(layers * (bidirectional ? 2 : 1)), .. batch, axis.Resolve()]).WithZeros(zeros);
        var result = x.With(x.Dims.Count - 1, features).WithZeros(zeros);
        return states == 2 ? [result, Last(projected ?? hidden), Last(hidden)] : [result, Last(hidden)];
    }

    /// <summary>One step: the next hidden state and, for LSTM, the next cell state.</summary>
    public static AxisTensor[] Cell(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs, int gates, int states)
    {
        var x = Sequences(graph, layer, inputs);
        var hidden = graph.NewOutput(layer.Name, layer.Width("weight_hh", 0) / gates);
        Weights(graph, layer, "", gates, hidden, null, x.Dims[x.Dims.Count - 1], x);
        graph.Width(layer, "input_size", x.Dims[x.Dims.Count - 1]);
        graph.Width(layer, "hidden_size", hidden);
        var initial = inputs.Skip(1).OfType<AxisTensor>().ToList();
        foreach (var state in initial)
        {
            graph.Tie(state.Dims[state.IndexOf(-1)], hidden, $"{layer.Name} begins with it");
        }

        var result = x.With(x.Dims.Count - 1, hidden.Resolve()).WithZeros(initial.All(state => state.KeepsZeros));
        return Enumerable.Repeat(result, states).ToArray();
    }

    private static AxisTensor Sequences(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        var x = inputs.Count > 0 && inputs[0] is { } input ? input : throw new AxisException(AxisRule.Unsupported, $"{layer.Name} is called without a tensor");
        var weight = layer.Has("weight_ih") ? "weight_ih" : "weight_ih_l0";
        if (!layer.Has(weight))
        {
            throw new AxisException(AxisRule.Unsupported, $"the layers of {layer.Name} cannot be told from the source");
        }

        if (!x.IsOpen)
        {
            return x;
        }

        // Sequences have three dimensions, and a step has two.
        var rank = weight == "weight_ih" ? 2 : 3;
        return x.Dims.Count > 0 ? ShapeOps.Ranked(graph, x, rank)
            : ShapeOps.Ranked(graph, AxisTensor.Open(graph.NewFixed("F", layer.Width(weight, 1), x.LeadingBecause)), rank);
    }

    private static void Weights(AxisGraph graph, LayerSpec layer, string suffix, int gates, Axis hidden, Axis? projected, Axis features, AxisTensor x)
    {
        var rows = AxisGraph.MakeProduct([graph.NewFixed("", gates, $"{layer.Name} has {gates} gates"), hidden]);
        var input = graph.Parameter(layer, "weight_ih" + suffix, [rows, features], reads: 1);
        var state = graph.Parameter(layer, "weight_hh" + suffix, [rows, projected ?? hidden]);
        foreach (var bias in new[] { "bias_ih" + suffix, "bias_hh" + suffix }.Where(layer.Has))
        {
            graph.Parameter(layer, bias, [rows]);
        }

        if (projected is not null)
        {
            graph.Parameter(layer, "weight_hr" + suffix, [projected, hidden]);
        }

        var times = x.Dims.Skip(1).Take(x.Dims.Count - 2).ToArray();
        graph.Mac(layer.Name, x, times.Concat(input));
        graph.Mac(layer.Name, x, times.Concat(state));
    }
}
