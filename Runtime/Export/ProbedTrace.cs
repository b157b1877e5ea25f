using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What a model's <c>forward</c> does for any size of its dynamic dimensions. The model is linked with several sizes of each; the steps must be the
/// same every time, and whatever number differs depends on these dimensions and must not be written down as a constant.
/// </summary>
internal sealed class ProbedTrace
{
    // One is what squeeze, broadcasting and conditions treat in another way. The others have no common factor.
    private static readonly long[] BatchProbes = [2, 3, 5, 7, 1];

    private readonly IReadOnlyList<ForwardTrace> traces;
    private readonly List<AxisTensor>[] values;

    private ProbedTrace(IReadOnlyList<ForwardTrace> traces, IReadOnlyList<AxisTensor> inputs, IReadOnlyDictionary<string, OnnxSize> dimensions, int given)
    {
        (this.traces, Given) = (traces, given);
        Inputs = inputs;
        Dimensions = dimensions;
        values = [.. traces.Select(trace => trace.Inputs.Concat(trace.Steps.SelectMany(step => step.Results)).Distinct().ToList())];
    }

    /// <summary>The tensors of a batch, in the order that it brings them.</summary>
    public IReadOnlyList<AxisTensor> Inputs { get; }

    /// <summary>The dynamic dimensions by name.</summary>
    public IReadOnlyDictionary<string, OnnxSize> Dimensions { get; }

    /// <summary>Which of the times the model was linked with the shapes as they were given.</summary>
    public int Given { get; }

    /// <summary>How often the model was linked.</summary>
    public int Count => traces.Count;

    /// <summary>The first of the traces, which the others agree with.</summary>
    public ForwardTrace Trace => traces[0];

    /// <summary>Links a model with several sizes of its dynamic dimensions.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">The shape of each input.</param>
    /// <param name="names">The name of each dynamic dimension, by input and place. Those of one name are of one size.</param>
    /// <exception cref="OnnxExportException">It cannot be linked, or does something else for other sizes.</exception>
    public static ProbedTrace Of(IPrunable model, long[][] shapes, IReadOnlyDictionary<(int Input, int Dim), string> names)
    {
        var dynamic = names.Values.Distinct(StringComparer.Ordinal).ToList();
        var traces = new List<ForwardTrace>();
        IReadOnlyList<AxisTensor> inputs = [];
        var taken = new List<IReadOnlyDictionary<string, long>>();
        AxisException? refusal = null;
        foreach (var sizes in Probes(dynamic, shapes, names))
        {
            try
            {
                var (trace, batch) = Link(model, Resized(shapes, names, sizes));
                inputs = traces.Count == 0 ? batch : inputs;
                if (traces.Count > 0 && Disagreement(traces[0], trace) is { } disagreement)
                {
                    throw new OnnxExportException(
                        $"{model.GetType().Name} is not one and the same for all sizes: {disagreement} where {Text(sizes)}, and not where {Text(taken[0])}. "
                            + $"Give the dimension a fixed size (OnnxOptions.DynamicDimensions), or write forward so that it does not depend on it.");
                }

                traces.Add(trace);
                taken.Add(sizes);
            }
            catch (AxisException error) when (dynamic.Count > 0)
            {
                // A size that forward cannot be called with tells nothing.
                refusal ??= error;
            }
            catch (AxisException error)
            {
                throw new OnnxExportException($"{model.GetType().Name} cannot be exported: {error.Message}", error);
            }
        }

        if (traces.Count < (dynamic.Count == 0 ? 1 : 2 + dynamic.Count))
        {
            throw new OnnxExportException(
                $"{model.GetType().Name} can be linked with {traces.Count} sizes of {string.Join(", ", dynamic)} alone, too few to tell what depends on them: "
                    + $"{refusal!.Message}. Give the dimension a fixed size (OnnxOptions.DynamicDimensions).",
                refusal);
        }

        var given = GivenSizes(dynamic, shapes, names);
        return new ProbedTrace(
            traces,
            inputs,
            dynamic.ToDictionary(name => name, name => new OnnxSize([.. taken.Select(sizes => sizes[name])]), StringComparer.Ordinal),
            Math.Max(0, taken.FindIndex(sizes => IsSame(sizes, given))));
    }

    /// <summary>The dimensions of a value of the first trace; null where no shape of an input tells their number or one of them.</summary>
    public OnnxSize[]? ShapeOf(AxisTensor value)
    {
        var number = Trace.NumberOf(value);
        var same = Array.ConvertAll(values, list => list[number]);
        return Array.Exists(same, tensor => tensor.IsOpen || tensor.IsDeferred || tensor.Dims.Any(dim => dim.Size is null))
            ? null
            : [.. Enumerable.Range(0, value.Dims.Count).Select(dim => new OnnxSize(Array.ConvertAll(same, tensor => tensor.Dims[dim].Size!.Value)))];
    }

    /// <summary>What an argument of a step is in each of the traces.</summary>
    /// <param name="step">The number of the step.</param>
    /// <param name="argument">The number of the argument.</param>
    public object?[] Argument(int step, int argument) => [.. traces.Select(trace => Plain(trace.Steps[step].Arguments[argument].Value))];

    /// <summary>Sizes as the numbers that they are, where they are told.</summary>
    private static object? Plain(object? value) => value switch
    {
        AxisSize { Value: long number } => number,
        AxisSize[] sizes when Array.TrueForAll(sizes, size => size.Value is not null) => Array.ConvertAll(sizes, size => size.Value!.Value),
        _ => value,
    };

    private static (ForwardTrace Trace, AxisTensor[] Inputs) Link(IPrunable model, long[][] shapes)
    {
        var linker = new Linker((nn.Module)model);
        linker.Graph.ShapesGiven = true;
        var inputs = Array.ConvertAll(shapes, shape => linker.Input(shape));
        linker.Run(model, inputs);
        return (linker.Traces[0], inputs);
    }

    private static IEnumerable<IReadOnlyDictionary<string, long>> Probes(
        List<string> dynamic, long[][] shapes, IReadOnlyDictionary<(int Input, int Dim), string> names)
    {
        if (dynamic.Count == 0)
        {
            return [new Dictionary<string, long>()];
        }

        var each = dynamic.Select(name => names.Where(pair => pair.Value == name).Select(pair => pair.Key).ToList()).Select(places =>
            places.TrueForAll(place => place.Dim == 0) ? BatchProbes : OtherProbes(shapes[places[0].Input][places[0].Dim])).ToList();

        // Each of one dimension with the next of the others, and the other way round, so that they are not always in one proportion.
        var most = each.Max(probes => probes.Length);
        var given = GivenSizes(dynamic, shapes, names);
        var all = Enumerable.Range(0, dynamic.Count == 1 ? most : 2 * most).Select(round => dynamic.Select((name, i) =>
        {
            var at = i % 2 == 0 || round < most ? round : most - 1 - (round % most);
            return (Name: name, Size: each[i][(at + (i / 2)) % each[i].Length]);
        }).ToDictionary(pair => pair.Name, pair => pair.Size, StringComparer.Ordinal)).ToList();
        return all.Exists(sizes => IsSame(sizes, given)) ? all : [.. all, given];
    }

    /// <summary>The sizes that dynamic dimensions have in the shapes that were given.</summary>
    private static Dictionary<string, long> GivenSizes(
        List<string> dynamic, long[][] shapes, IReadOnlyDictionary<(int Input, int Dim), string> names) => dynamic.ToDictionary(
        name => name,
        name => names.Where(pair => pair.Value == name).Select(pair => shapes[pair.Key.Input][pair.Key.Dim]).First(),
        StringComparer.Ordinal);

    private static bool IsSame(IReadOnlyDictionary<string, long> sizes, IReadOnlyDictionary<string, long> others) =>
        sizes.All(size => others[size.Key] == size.Value);

    /// <summary>Sizes that a dimension of time or space may have as well: near the given one, and multiples of it.</summary>
    private static long[] OtherProbes(long given) => [given, 2 * given, 3 * given, given + 1, (2 * given) + 1];

    private static long[][] Resized(long[][] shapes, IReadOnlyDictionary<(int Input, int Dim), string> names, IReadOnlyDictionary<string, long> sizes) =>
        [.. shapes.Select((shape, input) => shape.Select((size, dim) => names.TryGetValue((input, dim), out var name) ? sizes[name] : size).ToArray())];

    private static string Text(IReadOnlyDictionary<string, long> sizes) =>
        string.Join(" and ", sizes.Select(size => FormattableString.Invariant($"{size.Key} is {size.Value}")));

    /// <summary>Where two traces do not do the same; null where they do.</summary>
    private static string? Disagreement(ForwardTrace first, ForwardTrace other)
    {
        for (var i = 0; i < Math.Max(first.Steps.Count, other.Steps.Count); i++)
        {
            if (i >= first.Steps.Count || i >= other.Steps.Count)
            {
                return $"forward takes {other.Steps.Count} steps";
            }

            var (one, two) = (first.Steps[i], other.Steps[i]);
            if (one.Kind != two.Kind || one.Name != two.Name || one.Module != two.Module || one.Results.Count != two.Results.Count
                || !one.Arguments.Select(argument => argument.Name).SequenceEqual(two.Arguments.Select(argument => argument.Name))
                || !Numbers(first, one.Inputs).SequenceEqual(Numbers(other, two.Inputs)))
            {
                return $"step {i + 1} is {two.Name}, and not {one.Name} of the same tensors";
            }

            if (!Ranks(one).SequenceEqual(Ranks(two)))
            {
                return $"{two.Name} gives {string.Join(", ", two.Results)}";
            }
        }

        return Numbers(first, first.Results).SequenceEqual(Numbers(other, other.Results)) ? null : "forward returns other tensors";

        static IEnumerable<int> Numbers(ForwardTrace trace, IEnumerable<AxisTensor?> tensors) =>
            tensors.Select(tensor => tensor is null ? -1 : trace.NumberOf(tensor));

        static IEnumerable<int> Ranks(TraceStep step) => step.Results.Select(result => result.IsOpen ? -1 : result.Dims.Count);
    }
}
