using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// The heads of attention (Michel et al., "Are Sixteen Heads Really Better than One?", 2019), or their width: groups that stand by themselves in a dimension
/// of what is multiplied in attention. All other groups keep their width. A head goes with its rows of the layers that make queries, keys and values, with
/// their biases, and with the columns of the layer that reads it; it scores what these come to together.
/// </summary>
internal sealed class AttentionParts : ChannelGranularity
{
    /// <summary>How many dimensions from the end are those of one product.</summary>
    private const int OfProduct = 2;

    private readonly bool isWidth;

    private AttentionParts(bool isWidth) => this.isWidth = isWidth;

    public static AttentionParts Heads { get; } = new(isWidth: false);

    public static AttentionParts Widths { get; } = new(isWidth: true);

    public override string Name => isWidth ? nameof(Granularity.HeadWidth) : nameof(Granularity.AttentionHead);

    public override IReadOnlyList<int>? PiecesOf(PruningGroup group) => null;

    public override bool Suits(PruningPlan plan, PruningGroup group)
    {
        var steps = plan.Trace.Steps;
        var isAttention = steps.Any(step => step.Name is "scaled_dot_product_attention" or "softmax" || step.Module?.GetType().Name == "Softmax");
        return isAttention && steps.Where(step => step.Name is "scaled_dot_product_attention" or "matmul" or "bmm")
            .SelectMany(step => step.Inputs).OfType<AxisTensor>().Any(input => Stands(input, group));
    }

    private bool Stands(AxisTensor input, PruningGroup group)
    {
        var fromEnd = input.Dims.Reverse().TakeWhile(dim => !ReferenceEquals(dim.Resolve(), group.Axis.Resolve())).Count();
        return fromEnd < input.Dims.Count && fromEnd < OfProduct == isWidth;
    }
}
