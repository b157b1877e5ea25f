using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How a model is exported.</summary>
public sealed record OnnxOptions
{
    /// <summary>
    /// The dimensions of inputs that may have any size when the exported model is run, each by the input's name, its place, and a name of one's choice;
    /// those of one name are of one size. Null, the default, for the first dimension of every input that has the size of the first input's, as
    /// <c>batch</c>; empty for none.
    /// </summary>
    /// <example><code>new OnnxOptions { DynamicDimensions = new() { ["tokens"] = new() { [0] = "batch", [1] = "time" } } }</code></example>
    public Dictionary<string, Dictionary<int, string>>? DynamicDimensions { get; init; }

    /// <summary>
    /// The element types of inputs, by name. Of those that are left out it is <see cref="ScalarType.Int64"/> where <c>forward</c> picks by them, as an
    /// embedding does, <see cref="ScalarType.Bool"/> where it asks them for yes or no, and else that of the model's parameters.
    /// </summary>
    public Dictionary<string, ScalarType> InputTypes { get; init; } = [];

    /// <summary>Whether a BatchNorm that alone reads what a convolution or linear layer makes becomes part of that layer's weights. No by default.</summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>
    /// From how many bytes of weights on these are written to a file of their own, PATH.data, as ONNX asks for above 2 GB. 1 GiB by default; at most
    /// 2,000,000,000.
    /// </summary>
    public long ExternalDataThreshold { get; init; } = 1L << 30;

    /// <summary>Further entries for the file's metadata, by key.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>Writers of operations that PruneGen has none of, or other ones, by TorchSharp's name: also of methods that <c>[Axes]</c> describes.</summary>
    public Dictionary<string, OnnxWriter> Operations { get; init; } = [];

    /// <summary>Writers of layers, by their class: also of those that <c>[Axes]</c> describes.</summary>
    public Dictionary<Type, OnnxWriter> Layers { get; init; } = [];

    /// <summary>What changes the tensors that the graph computes with, in order.</summary>
    public IReadOnlyList<OnnxTransform> Transforms { get; init; } = [];
}
