using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>A parameter or buffer of a linked model, with the axis of each of its dimensions.</summary>
public sealed class PlannedParameter
{
    private readonly ParameterAxes axes;

    /// <param name="axes">What linking found of it.</param>
    /// <param name="sharedWith">The parameter that it is another name of, or null.</param>
    /// <param name="dimension">Gives the dimension of an axis and a length.</param>
    internal PlannedParameter(ParameterAxes axes, PlannedParameter? sharedWith, Func<Axis, long, PlannedDimension> dimension)
    {
        SharedWith = sharedWith;
        this.axes = axes;
        Module = (nn.Module)axes.Layer.Module!;
        IsBuffer = Module.get_parameter(axes.Name) is null;
        Shape = axes.Layer.ShapeOf(axes.Name) ?? Tensor.shape;
        DenseSize = Shape.Aggregate(1L, (n, size) => n * size);
        var dimensions = new PlannedDimension[Shape.Count];
        for (var dim = 0; dim < dimensions.Length; dim++)
        {
            dimensions[dim] = dimension(axes.Axes[dim].Resolve(), Shape[dim]);
        }

        Dimensions = dimensions;
    }

    /// <summary>The parameter that this is another name of, or null.</summary>
    public PlannedParameter? SharedWith { get; }

    /// <summary>Path in the model: <c>features.0.weight</c>.</summary>
    public string Path => axes.Path;

    /// <summary>Name inside its layer: <c>weight</c>.</summary>
    public string Name => axes.Name;

    /// <summary>The layer that owns it.</summary>
    public LayerSpec Layer => axes.Layer;

    /// <summary>The live layer.</summary>
    public nn.Module Module { get; }

    /// <summary>Whether it is a buffer, such as a running mean, and not trained.</summary>
    public bool IsBuffer { get; }

    /// <summary>
    /// Whether its layer is reached with other inputs alone than those that the model was linked with: it keeps up with the widths of others, and nothing
    /// that the model is called with tells more of it.
    /// </summary>
    internal bool IsOfOtherInputs { get; init; }

    /// <summary>Its shape when the model was linked.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How many elements it had before anything of the model was removed.</summary>
    public long DenseSize { get; internal set; }

    /// <summary>The axis of each dimension.</summary>
    public IReadOnlyList<Axis> Axes => axes.Axes;

    /// <summary>Where groups stand along each dimension.</summary>
    internal IReadOnlyList<PlannedDimension> Dimensions { get; }

    /// <summary>The dimension that runs over the layer's inputs, or -1 for none.</summary>
    public int ReadDim => axes.ReadDim;

    /// <summary>The live tensor.</summary>
    /// <exception cref="InvalidOperationException">The layer no longer has it.</exception>
    public Tensor Tensor => Module.get_parameter(Name) ?? Module.get_buffer(Name)
        ?? throw new InvalidOperationException($"{Path} is no longer in the model; link it again.");
}
