using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How much the loss would change, to first order, if a channel were zero: for each sample the magnitude of the mean over
/// positions of activation × gradient, averaged over samples (Molchanov et al., "Pruning Convolutional Neural Networks for
/// Resource Efficient Inference", 2017, equation 8). A single weight scores |weight × gradient| of the mean loss.
/// </summary>
/// <remarks>
/// <para>
/// A row of dimension 0 counts as a sample. Where a layer works on more rows than there are samples, since the model folds time
/// or patches into that dimension, the magnitude is taken row by row and averaged over the rows; which rows are one sample's
/// cannot be told.
/// </para>
/// <para>
/// Where <c>forward</c> makes the channels with weights of its own (<c>functional.linear</c>, weight normalisation, noisy
/// layers), no layer puts them out. There the change of a whole batch's loss is taken, |Σ weight × gradient| over the channel's
/// slice of those weights (Molchanov et al., "Importance Estimation for Neural Network Pruning", 2019) plus Σ activation ×
/// gradient of the layers that make the same channels. These sums are one and the same for a weight that its result is
/// proportional to. It is also taken where layers of different numbers of rows make the same channels.
/// </para>
/// <para>
/// A sum over a batch is larger than a mean over positions, so the scales of groups differ; <see cref="Scope.Global"/> divides
/// the scores of each group by their norm.
/// </para>
/// </remarks>
internal sealed class TaylorCriterion : ImportanceCriterion, IChannelCriterion, IWeightCriterion
{
    private TaylorCriterion()
    {
    }

    public static TaylorCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Taylor);

    public override CriterionNeeds Needs => CriterionNeeds.Labels | CriterionNeeds.Gradients | CriterionNeeds.Activations;

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var totals = groups.Select(group => new double[group.Width]).ToArray();
        var own = groups.Select(ActivationTaps.OwnWeights).ToArray();
        var ownTensors = own.SelectMany(members => members).Select(member => member.Parameter.Tensor).DistinctBy(tensor => tensor.Handle).ToArray();
        using var taps = new ActivationTaps(Name, groups, wanted: _ => true, Gate);
        using var trained = new Unfrozen(ownTensors);
        var samples = context.ForEachBatch(Name, gradients: true, (results, batch) =>
        {
            var tapped = taps.Take();
            try
            {
                Tensor?[] gradients = Gradients.Of(context.SummedLoss(results, batch), [.. tapped.Select(tap => tap.Kept), .. ownTensors]);
                using var noGradients = no_grad();
                var gates = tapped.Select((tap, i) => (tap, gradients[i])).ToList();
                var weights = ownTensors.Select((tensor, i) => (tensor.Handle, gradients[tapped.Count + i])).ToDictionary();
                for (var g = 0; g < groups.Count; g++)
                {
                    AddBatch(totals[g], batch.Size, PartsOf(g, gates), own[g].Select(member => (member, weights[member.Parameter.Tensor.Handle])).ToList());
                }
            }
            finally
            {
                foreach (var tap in tapped)
                {
                    tap.Dispose();
                }
            }
        });
        taps.RequireAllObserved();
        return Array.ConvertAll(totals, total => Array.ConvertAll(total, sum => sum / samples));
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        var tensors = weights.Select(weight => weight.Tensor).ToArray();
        var sums = Array.ConvertAll(tensors, tensor => zeros_like(tensor, ScalarType.Float64));
        using var trained = new Unfrozen(tensors);
        var samples = context.ForEachBatch(Name, gradients: true, (results, batch) =>
        {
            var gradients = Gradients.Of(context.SummedLoss(results, batch), tensors);
            using var noGradients = no_grad();
            for (var i = 0; i < sums.Length; i++)
            {
                if (gradients[i] is { } gradient)
                {
                    sums[i].add_(gradient);
                }
            }
        });
        using var noGradients = no_grad();
        return tensors.Zip(sums, (tensor, sum) => sum.mul_(tensor).div_(samples).abs_()).ToArray();
    }

    /// <summary>
    /// Multiplies an output by one, row by row and channel by channel: the gradient of that one is the sum over positions of
    /// activation × gradient.
    /// </summary>
    private static (Tensor Result, Tensor Kept) Gate(Tensor output, int dim)
    {
        var shape = Enumerable.Repeat(1L, (int)output.dim()).ToArray();
        (shape[0], shape[dim]) = (output.size(0), output.size(dim));
        var gate = ones(shape, dtype: output.dtype, device: output.device, requires_grad: true);
        return (output * gate, gate);
    }

    /// <summary>What the outputs that were observed tell of one group.</summary>
    private static List<Part> PartsOf(int group, List<(Tapped Tap, Tensor? Gradient)> gates) => gates
        .SelectMany(gate => gate.Tap.Groups.Where(channels => channels.Index == group).Select(channels => new Part(gate.Tap, channels, gate.Gradient)))
        .ToList();

    /// <summary>Adds what one batch tells of one group: the magnitudes of the changes, over all samples.</summary>
    private static void AddBatch(double[] total, long samples, List<Part> parts, List<(GroupMember Member, Tensor? Gradient)> own)
    {
        // Where several layers produce a group, zeroing a channel zeroes it in all of them: their changes add up first, row
        // by row where all have the same.
        var byRow = own.Count == 0 && parts.Select(part => part.Tap.Rows).Distinct().Count() == 1;
        var rows = byRow ? parts[0].Tap.Rows : 1;
        var changes = new double[rows * total.Length];
        foreach (var part in parts)
        {
            AddPart(changes, part, byRow, total.Length);
        }

        foreach (var (member, gradient) in own)
        {
            AddSlices(changes, member, gradient);
        }

        var share = Math.Min(1, (double)samples / rows);
        for (long i = 0; i < changes.LongLength; i++)
        {
            total[i % total.Length] += Math.Abs(changes[i]) * share;
        }
    }

    private static void AddPart(double[] changes, Part part, bool byRow, int width)
    {
        if (part.Gradient is null)
        {
            // The loss does not depend on this output, so nothing changes without it.
            return;
        }

        var values = ChannelSums.Values(part.Gradient);
        var channels = values.LongLength / part.Tap.Rows;
        var positions = byRow ? part.Tap.Positions : 1;
        for (long i = 0; i < values.LongLength; i++)
        {
            if (part.Channels[i % channels] is >= 0 and var index)
            {
                changes[(byRow ? i / channels * width : 0) + index] += values[i] / positions;
            }
        }
    }

    private static void AddSlices(double[] changes, GroupMember member, Tensor? gradient)
    {
        if (gradient is null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var products = member.Parameter.Tensor.to_type(ScalarType.Float64) * gradient;
        ChannelSums.Add(changes, member.IndexMap, ChannelSums.Slices(products, member.Dim));
    }

    /// <summary>What one output tells of one group.</summary>
    private sealed record Part(Tapped Tap, TappedGroup Channels, Tensor? Gradient);
}
