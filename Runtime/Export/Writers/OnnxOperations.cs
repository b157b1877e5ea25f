using PruneGen.Axes;

namespace PruneGen;

/// <summary>What is known of writing TorchSharp's operations in ONNX, by their names.</summary>
public static class OnnxOperations
{
    private static readonly Dictionary<string, OnnxWriter> Known = Collect(
        ActivationWriters.Define,
        PointwiseWriters.Define,
        TypeWriters.Define,
        ReductionWriters.Define,
        ShapeWriters.Define,
        SplitWriters.Define,
        IndexWriters.Define,
        WriteWriters.Define,
        CreationWriters.Define,
        ProductWriters.Define,
        PoolWriters.Define,
        ResizeWriters.Define,
        PadWriters.Define,
        WindowWriters.Define,
        ConvolutionWriters.Define,
        NormWriters.Define);

    /// <summary>The operations that are written, sorted.</summary>
    public static IEnumerable<string> Names => Known.Keys.Order(StringComparer.Ordinal);

    /// <summary>The writer of an operation, or of what it does in place; null where ONNX has no counterpart that is known.</summary>
    /// <param name="name">TorchSharp's name of the operation.</param>
    public static OnnxWriter? Find(string name) => Known.TryGetValue(name, out var writer) || Known.TryGetValue(name.TrimEnd('_'), out writer) ? writer : null;

    /// <summary>The name of a method that <c>[Axes]</c> describes; null of other steps.</summary>
    internal static string? DescribedName(TraceStep step) => step.Kind == TraceStepKind.Operation && step.Name == DescribedCalls.Operation
        ? step.Arguments.Where(argument => argument.Name == DescribedCalls.Function).Select(argument => argument.Value as string).FirstOrDefault()
        : null;

    private static Dictionary<string, OnnxWriter> Collect(params Action<WriterList>[] families)
    {
        var list = new WriterList();
        foreach (var define in families)
        {
            define(list);
        }

        return list.Writers;
    }
}

/// <summary>Takes the writers of each family.</summary>
internal sealed class WriterList
{
    /// <summary>All of them.</summary>
    public Dictionary<string, OnnxWriter> Writers { get; } = new(StringComparer.Ordinal);

    /// <summary>A step with one result.</summary>
    public void Add(Func<OnnxStep, OnnxValue> write, params string[] names) => AddSeveral(step => [write(step)], names);

    /// <summary>A step with several results.</summary>
    public void AddSeveral(OnnxWriter write, params string[] names)
    {
        foreach (var name in names)
        {
            Writers.Add(name, write);
        }
    }
}
