using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How much the loss would change, to first order, if a channel were zero: for each sample the magnitude of the mean over
/// positions of activation × gradient, averaged over samples (Molchanov et al., "Pruning Convolutional Neural Networks for
/// Resource Efficient Inference", 2017, equation 8). A single weight scores |weight × gradient| of the mean loss.
/// </summary>
internal sealed class TaylorCriterion : IImportanceCriterion
{
    public bool OnOneScale => false;

    public double[][] ScoreGroups(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var totals = groups.Select(group => new double[group.Width]).ToArray();
        using var taps = new ActivationTaps(nameof(Criterion.Taylor), groups, Gate);
        var samples = context.ForEachBatch(nameof(Criterion.Taylor), gradients: true, (results, batch) =>
        {
            var tapped = taps.Take();
            try
            {
                if (tapped.Count > 0)
                {
                    autograd.backward([context.SummedLoss(results, batch)], inputs: tapped.Select(tap => tap.Kept).ToArray());
                    AddBatch(tapped, batch.Size, groups, totals);
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
        taps.RequireAllHeard();
        return Array.ConvertAll(totals, total => Array.ConvertAll(total, sum => sum / samples));
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        // autograd.grad leaves the gradients alone that the caller may have gathered; frozen weights take part for now.
        var tensors = weights.Select(weight => weight.Tensor).ToArray();
        var frozen = tensors.Where(tensor => !tensor.requires_grad).ToList();
        var sums = Array.ConvertAll(tensors, tensor => zeros_like(tensor, ScalarType.Float64));
        frozen.ForEach(tensor => tensor.requires_grad = true);
        try
        {
            var samples = context.ForEachBatch(nameof(Criterion.Taylor), gradients: true, (results, batch) =>
            {
                var gradients = autograd.grad([context.SummedLoss(results, batch)], tensors);
                for (var i = 0; i < sums.Length; i++)
                {
                    sums[i].add_(gradients[i]);
                }
            });
            using var noGradients = no_grad();
            return tensors.Zip(sums, (tensor, sum) => sum.mul_(tensor).div_(samples).abs_()).ToArray();
        }
        finally
        {
            frozen.ForEach(tensor => tensor.requires_grad = false);
        }
    }

    /// <summary>Multiplies an output by one, sample by sample and channel by channel: the gradient of that one is the sum over positions of activation × gradient.</summary>
    private static (Tensor Result, Tensor Kept) Gate(Tensor output, int dim)
    {
        var shape = Enumerable.Repeat(1L, (int)output.dim()).ToArray();
        (shape[0], shape[dim]) = (output.size(0), output.size(dim));
        var gate = ones(shape, dtype: output.dtype, device: output.device, requires_grad: true);
        return (output * gate, gate);
    }

    private static void AddBatch(IReadOnlyList<Tapped> tapped, long samples, IReadOnlyList<PruningGroup> groups, double[][] totals)
    {
        // Where several layers produce a group, zeroing a channel zeroes it in all of them: their changes add up first.
        var changes = groups.Select(group => new double[samples * group.Width]).ToArray();
        foreach (var tap in tapped)
        {
            AddTap(tap, samples, groups, changes);
        }

        for (var g = 0; g < totals.Length; g++)
        {
            for (long i = 0; i < changes[g].LongLength; i++)
            {
                totals[g][i % groups[g].Width] += Math.Abs(changes[g][i]);
            }
        }
    }

    private static void AddTap(Tapped tap, long samples, IReadOnlyList<PruningGroup> groups, double[][] changes)
    {
        using var scope = NewDisposeScope();
        if (tap.Kept.grad is not Tensor gradient)
        {
            // The loss does not depend on this output, so nothing changes without it.
            return;
        }

        var rows = tap.Kept.size(0);
        if (rows % samples != 0)
        {
            throw new InvalidOperationException($"{tap.Layer} works on {rows} rows, which {samples} samples do not divide, so what belongs to which sample cannot be told; choose another criterion for it.");
        }

        // Sequences folded into the batch: the rows of one sample follow each other and count as positions.
        var rowsPerSample = rows / samples;
        var values = gradient.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        var channels = values.Length / rows;
        var positions = tap.Positions * rowsPerSample;
        foreach (var group in tap.Groups)
        {
            var width = groups[group.Index].Width;
            for (long i = 0; i < values.LongLength; i++)
            {
                if (group.IndexMap[(int)(i % channels)] is >= 0 and var index)
                {
                    changes[group.Index][(i / channels / rowsPerSample * width) + index] += values[i] / positions;
                }
            }
        }
    }
}
