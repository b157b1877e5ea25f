using System.Globalization;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Chooses what stays by importance and the rules of the options: ratio or threshold, local or global, smallest width, multiples.</summary>
public static class Selection
{
    /// <summary>Chooses what stays.</summary>
    /// <param name="importance">The scores.</param>
    /// <exception cref="InvalidOperationException">A threshold would empty a layer.</exception>
    public static PruneSelection Of(Importance importance)
    {
        var plan = importance.Plan;
        return new PruneSelection(plan, KeptIndices(plan, importance), KeptWeights(plan, importance));
    }

    /// <summary>The width that a group of <paramref name="width"/> keeps at a ratio: rounded up to the multiple, and never more than it has.</summary>
    internal static long KeptWidth(long width, LayerPruneOptions settings) =>
        KeptWidths.AtRatio(width, settings.Ratio!.Value, settings.MinWidth!.Value, settings.RoundTo!.Value);

    /// <summary>The share to remove that a group's options ask for; null where something else than its own ratio decides.</summary>
    internal static double? AskedOf(PruningGroup group) =>
        group.Settings is { Granularity: Granularity.Structured, Threshold: null } && (!IsPooled(group.Settings) || group.HasOwnRatio)
            ? group.Settings.Ratio
            : null;

    /// <summary>By what each group is scored and what it is chosen from, for the report.</summary>
    internal static Dictionary<string, string> ByOf(PruningPlan plan) =>
        plan.Groups.Where(group => group.Settings.Granularity == Granularity.Structured)
            .ToDictionary(group => group.Name, group => $"{group.Settings.Criterion}, {ChosenFrom(group.Settings)}", StringComparer.Ordinal);

    private static string ChosenFrom(LayerPruneOptions settings) => settings.Threshold is double threshold
        ? FormattableString.Invariant($"threshold {threshold:g4}")
        : settings.Scope.ToString()!.ToLowerInvariant();

    /// <summary>What became of the groups that are ranked together; null where there are none.</summary>
    internal static PoolChange? PoolOf(PruneSelection selection)
    {
        var pooled = selection.Plan.Groups.Where(group => group.Settings.Granularity == Granularity.Structured && IsPooled(group.Settings)).ToList();
        var before = pooled.Sum(group => group.Width);
        return pooled.Count == 0
            ? null
            : new PoolChange(
                before, pooled.Sum(selection.WidthOf), KeptWidths.Whole(pooled.Sum(group => group.Width * group.Settings.Ratio!.Value)) / (double)before);
    }

    private static bool IsPooled(LayerPruneOptions settings) => settings is { Scope: Scope.Global, Threshold: null };

    private static Dictionary<string, long[]> KeptIndices(PruningPlan plan, Importance importance)
    {
        var groups = plan.Groups.Where(group => importance.Groups.ContainsKey(group.Name)).ToList();
        var pooled = groups.Where(group => IsPooled(group.Settings)).ToList();
        var widths = GlobalWidths(pooled, importance);
        return groups.ToDictionary(group => group.Name, group =>
        {
            var scores = importance.Groups[group.Name];
            var width = group.Settings.Threshold is double threshold ? WidthAbove(threshold, group, scores)
                : widths.TryGetValue(group, out var global) ? global
                : KeptWidth(group.Width, group.Settings);
            return Best(scores, width);
        });
    }

    private static long WidthAbove(double threshold, PruningGroup group, double[] scores)
    {
        var above = scores.LongCount(score => score >= threshold);
        return above > 0
            ? Rounded(above, group.Width, group.Settings)
            : throw Emptied(threshold, group.Name, "channels", scores.Max());
    }

    /// <summary>Ranks the channels of all groups together and takes the lowest away, as long as their group stays wide enough.</summary>
    private static Dictionary<PruningGroup, long> GlobalWidths(IReadOnlyList<PruningGroup> groups, Importance importance)
    {
        // What a group must keep for its smallest width or multiple is not taken from the others instead.
        var budget = KeptWidths.Whole(
            groups.Sum(group => Math.Min(group.Width * group.Settings.Ratio!.Value, group.Width - Rounded(1, group.Width, group.Settings))));
        var left = groups.ToDictionary(group => group, group => group.Width);
        var ranked = groups
            .SelectMany((group, order) => Comparable(group, importance).Select((score, index) => (Score: score, Order: order, Index: index, Group: group)))
            .OrderBy(entry => entry.Score).ThenByDescending(entry => entry.Order).ThenByDescending(entry => entry.Index);
        foreach (var entry in ranked)
        {
            if (budget == 0)
            {
                break;
            }

            if (left[entry.Group] > entry.Group.Settings.MinWidth!.Value)
            {
                left[entry.Group]--;
                budget--;
            }
        }

        return left.ToDictionary(entry => entry.Key, entry => Rounded(entry.Value, entry.Key.Width, entry.Key.Settings));
    }

    private static double[] Comparable(PruningGroup group, Importance importance)
    {
        var scores = importance.Groups[group.Name];
        var norm = importance.IsOnOneScale(group) ? 1 : Math.Sqrt(scores.Sum(score => score * score));
        return norm > 0 ? Array.ConvertAll(scores, score => score / norm) : scores;
    }

    /// <summary>The indices of the highest scores, ascending; of equal ones the first stay.</summary>
    /// <param name="scores">The scores, all of them finite.</param>
    /// <param name="count">How many stay; at least one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long[] Best(double[] scores, long count)
    {
        var least = Ranked((double[])scores.Clone(), scores.Length - (int)count);
        var ties = count;
        foreach (var score in scores)
        {
            ties -= score > least ? 1 : 0;
        }

        var best = new long[count];
        for (int i = 0, next = 0; next < best.Length; i++)
        {
            if (scores[i] > least || (scores[i] == least && ties-- > 0))
            {
                best[next++] = i;
            }
        }

        return best;
    }

    /// <summary>The number that would stand at a place if all were sorted (Hoare's quickselect); they are moved about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Ranked(double[] numbers, int place)
    {
        for (int low = 0, high = numbers.Length - 1; low < high;)
        {
            var pivot = numbers[low + ((high - low) / 2)];
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (numbers[left] < pivot)
                {
                    left++;
                }

                while (numbers[right] > pivot)
                {
                    right--;
                }

                if (left <= right)
                {
                    (numbers[left], numbers[right]) = (numbers[right], numbers[left]);
                    left++;
                    right--;
                }
            }

            // Between the two stands the pivot, if anything.
            (low, high) = place <= right ? (low, right) : place >= left ? (left, high) : (place, place);
        }

        return numbers[place];
    }

    private static long Rounded(long keep, long width, LayerPruneOptions settings) =>
        KeptWidths.Rounded(keep, width, settings.MinWidth!.Value, settings.RoundTo!.Value);

    private static Dictionary<string, Tensor> KeptWeights(PruningPlan plan, Importance importance)
    {
        if (importance.Weights.Count == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var scored = plan.PrunableWeights().Where(weight => importance.Weights.ContainsKey(weight.Path))
            .Select(weight => (weight.Path, Settings: plan.SettingsOf(weight.Layer.Name), Scores: WithoutHeld(weight, importance.Weights[weight.Path])))
                .ToList();
        var masks = new Dictionary<string, Tensor>(StringComparer.Ordinal);

        var pooled = scored.Where(weight => IsPooled(weight.Settings)).ToList();
        var counts = GlobalCounts(pooled);
        foreach (var (path, settings, scores) in scored)
        {
            var size = scores.numel();
            var keep = settings.Threshold is double threshold ? CountAbove(threshold, path, scores)
                : counts.TryGetValue(path, out var global) ? global
                : size - KeptWidths.Removed(size, settings.Ratio!.Value);

            // What is held at zero already has gone, and stays so; it scores lower than anything else.
            var held = size - scores.gt(double.NegativeInfinity).sum().item<long>();
            masks.Add(path, KeepBest(scores.flatten(), Math.Max(held, size - Rounded(keep, size, settings))).reshape(scores.shape));
        }

        return masks.ToDictionary(entry => entry.Key, entry => entry.Value.DetachFromDisposeScope(), StringComparer.Ordinal);
    }

    /// <summary>The scores of a parameter, the lowest of all for what is held at zero already.</summary>
    private static Tensor WithoutHeld(PlannedParameter weight, Tensor scores) =>
        HeldWeights.Of(weight.Module, weight.Name) is { } mask ? scores.masked_fill(mask.to(scores.device).eq(0), double.NegativeInfinity) : scores;

    /// <summary>Ranks the weights of several parameters together: how many of each stay.</summary>
    private static Dictionary<string, long> GlobalCounts(IReadOnlyList<(string Path, LayerPruneOptions Settings, Tensor Scores)> pooled)
    {
        if (pooled.Count == 0)
        {
            return [];
        }

        var budget = KeptWidths.Whole(pooled.Sum(weight => weight.Scores.numel() * weight.Settings.Ratio!.Value));

        // The best weights of each layer are out of reach, so that none is emptied.
        var least = pooled.Select(weight => Rounded(1, weight.Scores.numel(), weight.Settings)).ToArray();
        var flat = cat(pooled.Select((weight, i) => WithBestAtInfinity(weight.Scores, least[i])).ToList());
        var kept = KeepBest(flat, Math.Min(budget, flat.numel() - least.Sum()));
        var (counts, start) = (new Dictionary<string, long>(StringComparer.Ordinal), 0L);
        foreach (var (path, _, scores) in pooled)
        {
            counts.Add(path, kept.narrow(0, start, scores.numel()).sum().item<long>());
            start += scores.numel();
        }

        return counts;
    }

    private static long CountAbove(double threshold, string path, Tensor scores)
    {
        var above = scores.ge(threshold).sum().item<long>();
        return above > 0 ? above : throw Emptied(threshold, path, "weights", scores.max().to_type(ScalarType.Float64).item<double>());
    }

    private static Tensor WithBestAtInfinity(Tensor scores, long count)
    {
        var flat = scores.to_type(ScalarType.Float64).flatten().clone();
        return flat.index_fill_(0, count == 1 ? flat.argmax().reshape(1) : flat.topk((int)count).indexes, double.PositiveInfinity);
    }

    /// <summary>True for all but the lowest scores; of equal ones the first stay.</summary>
    private static Tensor KeepBest(Tensor scores, long remove)
    {
        if (remove == 0)
        {
            return ones(scores.shape, ScalarType.Bool);
        }

        var limit = scores.kthvalue(remove, 0).values;
        var below = scores.lt(limit).sum().item<long>();
        var ties = scores.eq(limit).nonzero().flatten();
        return scores.gt(limit).index_fill_(0, ties.narrow(0, 0, ties.numel() - (remove - below)), true);
    }

    private static InvalidOperationException Emptied(double threshold, string name, string what, double highest) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The threshold {threshold} would remove all {what} of {name}, whose highest importance is {highest:g4}. Give a threshold that is no "
                    + $"higher, or a ratio for this layer, or keep its width."));
}
