using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What another order of a group's channels does for what N of each M weights keep.</summary>
/// <param name="Group">The group.</param>
/// <param name="Order">For each place the place at which its channel stood before.</param>
/// <param name="Before">The importance that N of each M kept of the layers that read the group, before.</param>
/// <param name="After">The same in the new order.</param>
public sealed record PermutedGroup(string Group, IReadOnlyList<long> Order, double Before, double After);

/// <summary>
/// Gives the channels of groups another order, in which N of each M weights of the layers that read them keep more (Pool and Yu, "Channel Permutations for
/// N:M Sparsity", 2021): of two sets of M channels those two are exchanged that add most, until none adds anything. Everything that goes with the channels is
/// put in the new order, so the model answers as before.
/// </summary>
internal static class ChannelPermutation
{
    /// <summary>Permutes. On any failure the model is as it was before.</summary>
    /// <param name="importance">The scores of the weights.</param>
    /// <param name="forward">Calls the model, and gives its results in order.</param>
    /// <param name="sample">What to call it with, where the model is; it stays the caller's.</param>
    /// <exception cref="InvalidOperationException">No layer keeps N of each M, or the model would answer otherwise.</exception>
    public static IReadOnlyList<PermutedGroup> Apply(Importance importance, Func<Tensor[], Tensor[]> forward, Tensor[] sample)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var plan = importance.Plan;
        if (!plan.PrunableWeights().Any(weight => NOf(plan, weight) is not null))
        {
            throw new InvalidOperationException(
                $"Channels are put in another order for layers that keep N of each M weights, and {plan.Model.GetType().Name} has none; choose the granularity "
                    + $"{nameof(Granularity.NOfM)}.");
        }

        var permuted = plan.Groups.Select(group => Best(importance, group)).OfType<PermutedGroup>().ToList();
        var expected = CompactionVerifier.Answer(plan.Model, forward, sample);
        using var before = new ModelState(plan.Model);
        try
        {
            permuted.ForEach(group => Permute(plan.Group(group.Group), group.Order));
            if (CompactionVerifier.Difference(expected, CompactionVerifier.Answer(plan.Model, forward, sample)) is not null)
            {
                throw new InvalidOperationException(
                    $"With its channels in another order {plan.Model.GetType().Name} would answer otherwise: forward looks at the order of those of "
                        + $"{string.Join(" or ", permuted.Select(group => group.Group))}. The model is as it was before. Prune it as it is.");
            }
        }
        catch
        {
            before.Restore();
            throw;
        }

        return permuted;
    }

    /// <summary>The order of the columns in which N of each M keep most, as the search finds it.</summary>
    /// <param name="scores">The scores, [rows, columns], row by row.</param>
    /// <param name="columns">How many columns, a multiple of M.</param>
    /// <param name="n">How many stay.</param>
    /// <param name="m">Of how many.</param>
    internal static long[] Search(double[] scores, int columns, int n, int m)
    {
        var order = Enumerable.Range(0, columns).ToArray();
        var kept = Enumerable.Range(0, columns / m).Select(set => Kept(scores, columns, order.AsSpan(set * m, m), n)).ToArray();
        var (changed, now) = (new int[kept.Length], 1);
        var least = 1e-12 * kept.Sum();
        for (var (improves, pass) = (true, 0); improves; pass = now++)
        {
            improves = false;
            for (var first = 0; first < kept.Length; first++)
            {
                for (var second = first + 1; second < kept.Length; second++)
                {
                    // Two sets that nothing has touched since they were compared have nothing to exchange.
                    if (Math.Max(changed[first], changed[second]) <= pass - 1)
                    {
                        continue;
                    }

                    while (Exchange(scores, columns, order, kept, first, second, n, m, least))
                    {
                        improves = true;
                        changed[first] = changed[second] = now;
                    }
                }
            }
        }

        return Array.ConvertAll(order, column => (long)column);
    }

    /// <summary>What N of the columns keep, over all rows.</summary>
    private static double Kept(double[] scores, int columns, ReadOnlySpan<int> set, int n)
    {
        Span<double> best = stackalloc double[n];
        var sum = 0.0;
        for (var row = 0; row < scores.Length; row += columns)
        {
            best.Fill(double.NegativeInfinity);
            foreach (var column in set)
            {
                // The best so far, from the highest; what is pushed out goes on down.
                var score = scores[row + column];
                for (var i = 0; i < n; i++)
                {
                    if (score > best[i])
                    {
                        (best[i], score) = (score, best[i]);
                    }
                }
            }

            foreach (var score in best)
            {
                sum += score;
            }
        }

        return sum;
    }

    /// <summary>Exchanges the two columns of two sets that add most; false where none adds anything.</summary>
    private static bool Exchange(double[] scores, int columns, int[] order, double[] kept, int first, int second, int n, int m, double least)
    {
        var (best, mine, theirs, keptFirst, keptSecond) = (least, -1, -1, 0.0, 0.0);
        for (var i = first * m; i < (first + 1) * m; i++)
        {
            for (var j = second * m; j < (second + 1) * m; j++)
            {
                (order[i], order[j]) = (order[j], order[i]);
                var (one, other) = (Kept(scores, columns, order.AsSpan(first * m, m), n), Kept(scores, columns, order.AsSpan(second * m, m), n));
                (order[i], order[j]) = (order[j], order[i]);
                if (one + other - kept[first] - kept[second] > best)
                {
                    (best, mine, theirs, keptFirst, keptSecond) = (one + other - kept[first] - kept[second], i, j, one, other);
                }
            }
        }

        if (mine < 0)
        {
            return false;
        }

        (order[mine], order[theirs]) = (order[theirs], order[mine]);
        (kept[first], kept[second]) = (keptFirst, keptSecond);
        return true;
    }

    /// <summary>A better order of a group's channels; null where there is none, or no layer that keeps N of each M reads them as they are.</summary>
    private static PermutedGroup? Best(Importance importance, PruningGroup group)
    {
        var plan = importance.Plan;
        var readers = group.Members
            .Where(member => member.Role == MemberRole.Reads && member.Dim == member.Parameter.ReadDim && importance.Weights.ContainsKey(member.Parameter.Path)
                && NOf(plan, member.Parameter) is { } pattern && group.Width % pattern.M == 0
                && member.Parameter.Dimensions[member.Dim].IsOneGroup)
            .Select(member => member.Parameter).DistinctBy(parameter => parameter.Path).ToList();
        var patterns = readers.Select(reader => NOf(plan, reader)!).Select(pattern => (pattern.N, pattern.M)).Distinct().ToList();
        if (patterns is not [var (n, m)])
        {
            return null;
        }

        var rows = cat([.. readers.Select(reader => WeightMatrix.ByPosition(reader, importance.Weights[reader.Path]).reshape(-1, group.Width))]);
        var scores = rows.to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
        var (columns, straight) = ((int)group.Width, Enumerable.Range(0, (int)group.Width).Select(i => (long)i).ToArray());
        var order = Search(scores, columns, n, m);
        var (before, after) = (KeptIn(straight), KeptIn(order));
        return after > before ? new PermutedGroup(group.Name, order, before, after) : null;

        double KeptIn(long[] all) => all.Chunk(m).Sum(set => Kept(scores, columns, Array.ConvertAll(set, column => (int)column), n));
    }

    /// <summary>The pattern of a weight; null where it has none, or stays dense.</summary>
    private static NOfMWeights? NOf(PruningPlan plan, PlannedParameter weight) =>
        plan.SettingsOf(weight.Layer.Name) is { Granularity: NOfMWeights pattern, Ratio: not 0.0 } ? pattern : null;

    /// <summary>Puts everything that goes with the channels in the new order, masks of weights too.</summary>
    private static void Permute(PruningGroup group, IReadOnlyList<long> order)
    {
        var done = new HashSet<(nint Tensor, int Dim)>();
        foreach (var member in group.Members)
        {
            var (parameter, dim) = (member.Parameter, member.Dim);
            if (!done.Add((parameter.Tensor.Handle, dim)))
            {
                continue;
            }

            var from = Enumerable.Range(0, (int)parameter.Shape[dim]).Select(i => (long)i).ToArray();
            foreach (var run in member.Runs)
            {
                foreach (var offset in run.Offsets)
                {
                    for (var i = 0; i < order.Count; i++)
                    {
                        from[At(run, i) + offset] = At(run, order[i]) + offset;
                    }
                }
            }

            using var places = tensor(from);
            parameter.Tensor.copy_(parameter.Tensor.index_select(dim, places.to(parameter.Tensor.device)));
            if (WeightMasks.Of(parameter.Module, parameter.Name) is { } mask)
            {
                WeightMasks.Set(parameter.Module, parameter.Name, mask.index_select(dim, places.to(mask.device)).DetachFromDisposeScope());
            }
        }

        static long At(AxisRun run, long index) => run.Start + (index * run.Stride);
    }
}
