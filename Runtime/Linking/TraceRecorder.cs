using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Writes down the steps of each way through <c>forward</c> while the linker goes it.</summary>
/// <param name="graph">Where each step counts its multiply-accumulates.</param>
internal sealed class TraceRecorder(AxisGraph graph)
{
    private readonly List<ForwardTrace> traces = [];
    private readonly List<ForwardTrace> ofOtherInputs = [];
    private readonly HashSet<string> open = new(StringComparer.Ordinal);
    private List<string> openLoops = [];
    private List<string> carriedOver = [];
    private List<TraceStep> steps = [];

    /// <summary>A trace of each way that could be gone, in the order that they were gone.</summary>
    public IReadOnlyList<ForwardTrace> Traces => traces;

    /// <summary>The same of ways that other inputs go.</summary>
    public IReadOnlyList<ForwardTrace> OfOtherInputs => ofOtherInputs;

    /// <summary>The steps of all ways.</summary>
    public IEnumerable<TraceStep> Steps => traces.Concat(ofOtherInputs).SelectMany(way => way.Steps);

    /// <summary>The path of the model whose <c>forward</c> is being followed.</summary>
    public string Within { get; set; } = "";

    /// <summary>Starts another way.</summary>
    public void Begin()
    {
        (steps, openLoops, carriedOver, Within) = ([], [], [], "");
        open.Clear();
    }

    /// <summary>Ends a way.</summary>
    public void End(
        IReadOnlyList<TraceCondition> conditions, IReadOnlyList<AxisTensor> inputs, IReadOnlyList<AxisTensor> results, bool isOfOthers) =>
        (isOfOthers ? ofOtherInputs : traces).Add(new ForwardTrace(conditions, inputs, steps, results, openLoops, carriedOver));

    /// <summary>Says whether a loop of unknown length goes on.</summary>
    public bool Loop(string condition, bool goesOn)
    {
        if (!goesOn)
        {
            open.Remove(condition);
        }
        else if (open.Add(condition) && !openLoops.Contains(condition))
        {
            openLoops.Add(condition);
        }

        return goesOn;
    }

    /// <summary>Takes down what forward finds where it left it the last time: nothing, or what the model holds.</summary>
    public void CarryOver(string place, AxisTensor? held)
    {
        if (!carriedOver.Contains(place)
            && (held is null || steps.Exists(step => step.Kind is TraceStepKind.Parameter or TraceStepKind.Tensor && step.Results.Contains(held))))
        {
            carriedOver.Add(place);
        }
    }

    /// <summary>Takes a step.</summary>
    /// <param name="kind">What it does.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="module">The layer, or the owner of the parameter.</param>
    /// <param name="given">The tensors of an operation, all that a layer is called with, a parameter's name, or a tensor that is not registered.</param>
    /// <param name="named">The other arguments of an operation.</param>
    /// <param name="apply">What it does to axes.</param>
    /// <param name="method">The method of a layer that is called.</param>
    /// <returns>The results, each a value of its own.</returns>
    public AxisTensor[] Add(
        TraceStepKind kind,
            string name, nn.Module? module, object?[] given, (string Name, object? Value)[]? named, Func<AxisTensor[]> apply, string method = "")
    {
        var from = graph.CountedMacs;
        var results = apply();
        for (var i = 0; i < results.Length; i++)
        {
            // Some rules give back what they were given.
            if (given.Contains(results[i]) || Array.IndexOf(results, results[i]) < i)
            {
                results[i] = results[i].Again();
            }
        }

        // Whoever linked may put other things into the arrays.
        var arguments = named is null
            ? null
            : Array.ConvertAll(named, argument => (argument.Name, argument.Value is Array several ? several.Clone() : argument.Value));
        steps.Add(new TraceStep(kind, name, module, Copy(given), arguments, Copy(results))
        {
            Method = method,
            Within = Within,
            IsRepeated = open.Count > 0,
            Counted = (from, graph.CountedMacs),
        });
        return results;
    }

    private static T[] Copy<T>(T[] several) => (T[])several.Clone();
}
