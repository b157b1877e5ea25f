namespace PruneGen.Axes;

/// <summary>What an operation does to axes.</summary>
/// <param name="graph">Where ties are recorded.</param>
/// <param name="arguments">The call's arguments.</param>
/// <returns>The results: one, or several for <c>chunk</c> and its like.</returns>
public delegate AxisTensor[] OpRule(AxisGraph graph, OpArguments arguments);

/// <summary>Takes what each family of operations knows of its own.</summary>
internal sealed class OpList
{
    private readonly Dictionary<string, OpRule> rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<OpArguments, int?>> counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> elementWise = new(StringComparer.Ordinal);
    private readonly HashSet<(string Name, string Argument)> fractions = [];

    /// <summary>Every name.</summary>
    public IEnumerable<string> Names => rules.Keys;

    /// <summary>The rule of an operation; null where none is known.</summary>
    public OpRule? Find(string name) => rules.TryGetValue(name, out var rule) ? rule : null;

    /// <summary>Whether arguments other than tensors decide nothing about dimensions.</summary>
    public bool IsElementWise(string name) => elementWise.Contains(name);

    /// <summary>Whether a fraction among the arguments decides about sizes or zeros.</summary>
    public bool AsksFraction(string name, string argument) => fractions.Contains((name, argument));

    /// <summary>How many results a call has, or null where that depends on sizes that are not known.</summary>
    public int? ResultCount(OpArguments arguments) => counts.TryGetValue(arguments.Name, out var count) ? count(arguments) : 1;

    /// <summary>Operations with one result.</summary>
    public void Add(OpRule rule, params string[] names)
    {
        foreach (var name in names)
        {
            rules.Add(name, rule);
        }
    }

    /// <summary>Operations with several results: how many, and what they are.</summary>
    public void AddSeveral(Func<OpArguments, int?> count, OpRule rule, params string[] names)
    {
        Add(rule, names);
        foreach (var name in names)
        {
            counts.Add(name, count);
        }
    }

    /// <summary>Operations with two results of one shape.</summary>
    public void AddTwice(Func<AxisGraph, OpArguments, AxisTensor> rule, params string[] names) => AddSeveral(
        _ => 2,
        (graph, arguments) =>
        {
            var result = rule(graph, arguments);
            return [result, result];
        },
        names);

    /// <summary>Element by element. Each also in place (<c>relu_</c>).</summary>
    public void AddPointwise(Zeros zeros, params string[] names) => AddInitialiser(zeros, [.. names, .. names.Select(name => name + "_")]);

    /// <summary>What fills a tensor that is there already.</summary>
    public void AddInitialiser(Zeros zeros, params string[] names)
    {
        ElementWise(names);
        Add(
            (graph, a) =>
            {
                a.ComputeWithSizes();
                return [PointwiseOps.Pointwise(graph, a.Name, a.Name.TrimEnd('_') is "clamp" or "clip" ? a.Given : a.All, zeros)];
            },
            names);
    }

    /// <summary>Arguments other than tensors decide nothing about dimensions.</summary>
    public void ElementWise(params string[] names) => elementWise.UnionWith(names);

    /// <summary>A fraction decides about sizes or zeros. Where it is not told the worse is assumed.</summary>
    public void TakesFraction(string argument, params string[] names) => fractions.UnionWith(names.Select(name => (name, argument)));
}
