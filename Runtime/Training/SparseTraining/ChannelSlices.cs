using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What a group's channels are made with, where it is trained: the slices of the layers that produce them, with biases, and the scales and shifts of
/// those that pass them on. Where all of a channel's slices are zero, it puts out zero. The slices of the layers that read it are not among them.
/// </summary>
internal sealed class ChannelSlices : IDisposable
{
    private readonly List<(Tensor Weight, int Dim, Tensor Places, long[] Shape)> slices = [];
    private readonly long width;

    /// <param name="group">The group, of the model as it is.</param>
    /// <param name="wanted">Which of these slices are wanted; null for all.</param>
    public ChannelSlices(PruningGroup group, Predicate<GroupMember>? wanted = null)
    {
        (Group, width) = (group, group.Width);
        var counts = new double[width];
        foreach (var member in group.Members.Where(
            member => member.Role != MemberRole.Reads && ChannelSums.IsWeight(member) && wanted?.Invoke(member) != false))
        {
            var weight = member.Parameter.Tensor;
            var length = weight.size(member.Dim);
            ChannelSums.Add(counts, member.IndexMap, [.. Enumerable.Repeat((double)weight.numel() / length, (int)length)]);

            // What belongs to no channel has a place behind them.
            var places = member.IndexMap.Select(index => index < 0 ? width : index).ToArray();
            var shape = Enumerable.Repeat(1L, (int)weight.dim()).ToArray();
            shape[member.Dim] = length;
            slices.Add((weight, member.Dim, tensor(places, device: weight.device).DetachFromDisposeScope(), shape));
        }

        Counts = counts;
    }

    /// <summary>The group.</summary>
    public PruningGroup Group { get; }

    /// <summary>How many weights each channel has.</summary>
    public IReadOnlyList<double> Counts { get; }

    /// <summary>Whether there is any.</summary>
    public bool IsEmpty => slices.Count == 0;

    /// <summary>All prunable groups of a model that is about to be trained.</summary>
    /// <param name="context">The training.</param>
    /// <param name="method">Who asks, for messages.</param>
    /// <exception cref="InvalidOperationException">There is none, or nothing was generated for the model.</exception>
    public static List<ChannelSlices> Of(TrainingContext context, string method)
    {
        var plan = context.Link();
        var trained = context.Parameters.Select(parameter => parameter.Handle).ToHashSet();
        var all = plan.Groups.Select(group => new ChannelSlices(group, member => trained.Contains(member.Parameter.Tensor.Handle)))
            .Where(slices => !slices.IsEmpty).ToList();
        return all.Count > 0 ? all : throw new InvalidOperationException(
            $"{method} finds no channels in {context.Model.GetType().Name} that are trained and could be removed. "
                + string.Join(" ", plan.Unpruned.Select(held => $"{held.Layer} keeps its width: {held.Because}.")));
    }

    /// <summary>For each channel the sum over its weights, in float64, [width]. To be called without gradients.</summary>
    /// <param name="ofEach">A number for each weight: its square, its magnitude.</param>
    public Tensor Sums(Func<Tensor, Tensor> ofEach)
    {
        using var scope = NewDisposeScope();
        var sums = zeros(width + 1, ScalarType.Float64, slices[0].Weight.device);
        foreach (var (weight, dim, places, _) in slices)
        {
            var others = Enumerable.Range(0, (int)weight.dim()).Where(other => other != dim).Select(other => (long)other).ToArray();
            var values = ofEach(weight.detach());
            sums.scatter_add_(0, places, others.Length > 0 ? values.sum(others, type: ScalarType.Float64) : values.to_type(ScalarType.Float64));
        }

        return sums.narrow(0, 0, width).MoveToOuterDisposeScope();
    }

    /// <summary>Multiplies each channel's weights, in place. To be called without gradients.</summary>
    /// <param name="factors">A number for each channel, float64, [width].</param>
    public void Multiply(Tensor factors)
    {
        using var scope = NewDisposeScope();
        var all = cat([factors, ones(1, factors.dtype, factors.device)]);
        foreach (var (weight, _, places, shape) in slices)
        {
            weight.mul_(all.index_select(0, places).to_type(weight.dtype).reshape(shape));
        }
    }

    /// <summary>Adds to the gradients of each channel's weights so much times the weights themselves. To be called without gradients.</summary>
    /// <param name="strengths">A number for each channel, float64, [width].</param>
    public void AddDecay(Tensor strengths)
    {
        using var scope = NewDisposeScope();
        var all = cat([strengths, zeros(1, strengths.dtype, strengths.device)]);
        foreach (var (weight, _, places, shape) in slices)
        {
            weight.grad?.add_(weight * all.index_select(0, places).to_type(weight.dtype).reshape(shape));
        }
    }

    public void Dispose() => slices.ForEach(slice => slice.Places.Dispose());
}
