using static TorchSharp.torch;

namespace PruneGen;

/// <summary>A tensor of an exported graph.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions; null where nothing tells them before it runs.</param>
public sealed record OnnxValue(string Name, ScalarType Type, OnnxSize[]? Shape)
{
    /// <summary>Its numbers where they are known: those of a parameter, of a constant, and what was computed of these.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>The number of its dimensions.</summary>
    /// <exception cref="OnnxExportException">Nothing tells it before it runs.</exception>
    public int Rank => Dims.Length;

    /// <summary>Its dimensions.</summary>
    /// <exception cref="OnnxExportException">Nothing tells them before it runs.</exception>
    public OnnxSize[] Dims => Shape ?? throw new OnnxExportException(
        "the shape of a tensor that it takes depends on the numbers in other tensors, and how it is written on that shape; move the step out of forward");

    /// <summary>The place of a dimension from the front, which may be counted from the end.</summary>
    public int Dim(long dim) => checked((int)(dim < 0 ? dim + Rank : dim));
}
