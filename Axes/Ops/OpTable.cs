namespace PruneGen.Axes;

/// <summary>
/// Every operation on tensors that the analysis knows, by TorchSharp's name, whether it is called on a tensor, on
/// <c>torch</c> or on <c>functional</c>. A new operation is a rule and its names in the file of its family, and one test.
/// </summary>
public static class OpTable
{
    /// <summary>By how much <c>interpolate</c> enlarges.</summary>
    public const string Factor = "scale_factor";

    /// <summary>What <c>pad</c> adds.</summary>
    internal const string PadValue = "value";

    private static readonly OpList Known = Read(
        PointwiseOps.Define,
        SpatialOps.Define,
        ShapeOps.Define,
        ViewOps.Define,
        StackOps.Define,
        SequenceOps.Define,
        RepeatOps.Define,
        SplitOps.Define,
        IndexOps.Define,
        WriteOps.Define,
        MatrixOps.Define,
        CreationOps.Define,
        ProductOps.Define,
        EinsumOps.Define,
        FunctionalOps.Define,
        ReductionOps.Define,
        FourierOps.Define,
        DescribedCalls.Define);

    /// <summary>Every known name, sorted.</summary>
    public static IEnumerable<string> Names => Known.Names.OrderBy(name => name, StringComparer.Ordinal);

    /// <summary>Whether the analysis knows the operation.</summary>
    public static bool Knows(string name) => Known.Find(name) is not null;

    /// <summary>Whether arguments other than tensors decide about dimensions; those of an element-wise operation do not.</summary>
    public static bool TakesArguments(string name) => Knows(name) && !Known.IsElementWise(name);

    /// <summary>Whether a fraction among the arguments decides about sizes or zeros.</summary>
    public static bool TakesFraction(string name, string argument) => Known.AsksFraction(name, argument);

    /// <summary>Applies an operation.</summary>
    /// <exception cref="AxisException">The operation is not known, or its arguments do not fit.</exception>
    public static AxisTensor[] Apply(AxisGraph graph, OpArguments arguments)
    {
        if (Known.Find(arguments.Name) is not { } rule)
        {
            throw new AxisException(AxisRule.Unsupported, $"what {arguments.Name} does to the dimensions of a tensor is not known");
        }

        arguments.Read();
        if (arguments.Given.Any(tensor => tensor.IsDeferred))
        {
            return Enumerable.Repeat(AxisTensor.Deferred, ResultCount(arguments) ?? 1).ToArray();
        }

        var untracked = arguments.Given.Select(tensor => tensor.UntrackedBecause).FirstOrDefault(because => because is not null);
        try
        {
            var results = rule(graph, arguments);
            return untracked is null ? results : [.. results.Select(result => result.IsOpen ? result.AsUntracked(untracked) : result)];
        }
        catch (DivideByZeroException)
        {
            throw new AxisException(AxisRule.Mismatch, $"{arguments.Name} is asked for pieces, windows or steps of 0");
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape
            && (!arguments.MayShrink
                || untracked is not null
                || graph.ShapesGiven
                || arguments.Content is not null && arguments.Given.All(tensor => !tensor.IsOpen)))
        {
            if (ResultCount(arguments) is not int count)
            {
                throw;
            }

            // Nothing in it can be pruned, whatever its shape is; or the numbers alone tell it, and what meets them stays as it is.
            var because = untracked
                ?? (arguments.Content is { } content ? ByContent(arguments.Name, content) : null)
                ?? $"{arguments.Name} depends on sizes that only the numbers in its tensors tell";
            arguments.Hold(because);
            return Enumerable.Repeat(
                untracked is null && !graph.ShapesGiven && arguments.Content is null ? AxisTensor.Open() : AxisTensor.Untracked(because), count).ToArray();
        }
    }

    /// <summary>Why what an operation cuts or picks of stays, where only the content of a tensor tells how.</summary>
    internal static string ByContent(string name, string content) => $"{name} goes by {content}, which only the content of a tensor tells";

    /// <summary>How many results a call has, or null where that depends on sizes that are not known.</summary>
    public static int? ResultCount(OpArguments arguments) => Known.ResultCount(arguments);

    private static OpList Read(params Action<OpList>[] families)
    {
        var list = new OpList();
        foreach (var define in families)
        {
            define(list);
        }

        return list;
    }
}
