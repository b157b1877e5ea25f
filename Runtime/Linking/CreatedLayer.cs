using System.Collections;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// A layer that <c>forward</c> creates each time that it runs and gives parameters of its own making: a convolution fused with what
/// follows it. It is no part of the model, so nothing of it is pruned, and whatever goes into it keeps its width.
/// </summary>
public sealed class CreatedLayer
{
    private readonly Linker link;
    private readonly string type;
    private readonly string because;

    /// <summary>Says what a layer is created from.</summary>
    /// <param name="link">The walk through the model.</param>
    /// <param name="type">TorchSharp's class: <c>Conv2d</c>.</param>
    /// <param name="from">What it is created with; the sizes among it, and in lists of them, stay.</param>
    public CreatedLayer(Linker link, string type, params object?[] from)
    {
        (this.link, this.type) = (link, type);
        because = $"it goes into a {type} that forward creates, which is no part of the model";
        foreach (var size in from.SelectMany(each => each is IEnumerable several and not string ? several.Cast<object?>() : [each]).OfType<AxisSize>())
        {
            size.Hold(because);
        }
    }

    /// <summary>A parameter of the layer, of which no more is known than how many dimensions it has.</summary>
    /// <param name="name">Its name: <c>weight</c>.</param>
    public AxisTensor Parameter(string name) => Step(
        [], () => (name == "bias" ? 1 : WeightRank) is { } rank ? Kept([], rank) : AxisTensor.Untracked(because), ("parameter", name));

    /// <summary>Puts tensors into a parameter of the layer, by whatever operation.</summary>
    /// <param name="tensors">The tensors.</param>
    public void Give(params AxisTensor?[] tensors)
    {
        foreach (var tensor in tensors.OfType<AxisTensor>())
        {
            tensor.Read();
            foreach (var axis in tensor.Dims)
            {
                link.Graph.Fix(axis, because);
            }
        }
    }

    /// <summary>Calls the layer.</summary>
    /// <param name="inputs">What it is called with.</param>
    /// <returns>
    /// A tensor that keeps its width: of as many dimensions as what goes in where the layer leaves these as they are, and of an unknown
    /// number otherwise.
    /// </returns>
    public AxisTensor Call(params AxisTensor?[] inputs)
    {
        Give(inputs);
        return Step(inputs, () => inputs is [{ IsOpen: false } x, ..] && Made <= x.Rank
            ? Kept(x.Dims.SkipLast(Made.Value), Made.Value)
            : AxisTensor.Untracked(because));
    }

    /// <summary>How many dimensions the layer's weight has; null where that depends on what it is created with.</summary>
    private int? WeightRank => type switch
    {
        "Linear" => 2,
        "Conv1d" or "ConvTranspose1d" => 3,
        "Conv2d" or "ConvTranspose2d" => 4,
        "Conv3d" or "ConvTranspose3d" => 5,
        "PReLU" or "GroupNorm" or "BatchNorm1d" or "BatchNorm2d" or "BatchNorm3d" => 1,
        _ => null,
    };

    /// <summary>How many of the last dimensions a layer of the class makes anew; null where it may make more of them, or fewer.</summary>
    private int? Made => type switch
    {
        "Linear" => 1,
        "Conv1d" or "ConvTranspose1d" => 2,
        "Conv2d" or "ConvTranspose2d" => 3,
        "Conv3d" or "ConvTranspose3d" => 4,
        "PReLU" or "GroupNorm" or "LayerNorm" or "BatchNorm1d" or "BatchNorm2d" or "BatchNorm3d" => 0,
        _ => null,
    };

    /// <summary>Writes down a step that the trace cannot tell: the live layer is gone when forward has run.</summary>
    private AxisTensor Step(AxisTensor?[] inputs, Func<AxisTensor> result, params (string Name, object? Value)[] arguments) =>
        link.Opaque($"new {type}", inputs, [.. arguments, ("weights", OpArguments.Unknown)], () => [result()])[0];

    /// <summary>A tensor with further dimensions, which keep their widths.</summary>
    private AxisTensor Kept(IEnumerable<Axis> dims, int more) =>
        new AxisTensor([.. dims, .. Enumerable.Range(0, more).Select(_ => link.Graph.NewFixed("", null, because))]).WithZeros(false);
}
