using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Chooses what stays by importance and the rules of the options: ratio or threshold, local or global, smallest width, multiples.</summary>
public static class Selection
{
    /// <summary>From how many numbers on counting them costs less than it saves.</summary>
    private const int ManyNumbers = 1 << 12;

    /// <summary>Chooses what stays.</summary>
    /// <param name="importance">The scores.</param>
    /// <exception cref="InvalidOperationException">A threshold would empty a layer, or a scope, allocator or granularity gives what it may not.</exception>
    public static PruneSelection Of(Importance importance) => Of(importance, share: 1);

    /// <param name="importance">The scores.</param>
    /// <param name="share">The share of the ratios that is reached in this round.</param>
    /// <param name="allocator">What gives the ratios in place of what the options name; null for that.</param>
    internal static PruneSelection Of(Importance importance, double share, RatioAllocator? allocator = null)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var plan = importance.Plan;
        var channels = ChannelsOf(importance);
        var scored = plan.PrunableWeights().Where(weight => importance.Weights.ContainsKey(weight.Path))
            .Select(weight => new ScoredWeight(weight, plan.SettingsOf(weight.Layer.Name), importance.Weights[weight.Path])).ToList();
        RequireSuited(scored);
        var chosen = scored.Where(one => one.IsSuited).Select(one => (one.Weight, Mask: Chosen(one, share))).ToList();
        var ranked = scored.Where(one => one.IsSuited).Zip(chosen).Where(pair => pair.Second.Mask is null).Select(pair => pair.First);
        List<RankedPieces> weights = [.. ranked.Select(WeightsOf)];
        Allocate(plan, [.. channels.Concat(weights).Where(IsByRatio)], share, allocator);
        var asked = channels.Where(IsByRatio).ToDictionary(pieces => pieces.Name, pieces => pieces.Ratio, StringComparer.Ordinal);
        var kept = KeptCounts(channels, share).ToDictionary(entry => entry.Key.Name, entry => KeptIndices(entry.Key, entry.Value), StringComparer.Ordinal);
        var masks = KeptCounts(weights, share)
            .ToDictionary(entry => entry.Key.Name, entry => KeptWeights(entry.Key, entry.Value), StringComparer.Ordinal);
        foreach (var (weight, mask) in chosen.Where(one => one.Mask is not null))
        {
            masks.Add(weight.Path, mask!);
        }

        var values = importance.Compensated(masks);
        var selection = new PruneSelection(plan, kept, masks) { Asked = asked, Values = values };
        var beside = plan.WeightsBesideChannels().ToList();
        var positions = beside.Count > 0 ? selection.KeptPositions() : null;
        foreach (var weight in beside)
        {
            var threshold = plan.SettingsOf(weight.Layer.Name).WeightThreshold!.Value;
            masks.Add(weight.Path, AboveThreshold(weight, threshold, positions!.GetValueOrDefault(weight) ?? []));
        }

        foreach (var tensor in masks.Values.Concat(values.Values))
        {
            tensor.DetachFromDisposeScope();
        }

        return selection;
    }

    /// <summary>By what each group is scored and what it is chosen from, for the report.</summary>
    internal static Dictionary<string, string> ByOf(PruningPlan plan) =>
        plan.PrunableGroups()
            .ToDictionary(group => group.Name, group => $"{group.Settings.Criterion}, {ChosenFrom(group.Settings)}", StringComparer.Ordinal);

    /// <summary>What became of the groups that are ranked together; null where there are none.</summary>
    internal static PoolChange? PoolOf(PruneSelection selection)
    {
        var pooled = selection.Plan.PrunableGroups()
            .Where(group => group.Settings is { Threshold: null, Keep: null, Scope.IsShared: true }).ToList();
        var dense = pooled.Sum(group => group.DenseWidth);
        return pooled.Count == 0
            ? null
            : new PoolChange(
                pooled.Sum(group => group.Width),
                pooled.Sum(selection.WidthOf),
                KeptWidths.Whole(pooled.Sum(group => group.DenseWidth * (selection.AskedOf(group) ?? 0))) / (double)dense) { Dense = dense };
    }

    private static string ChosenFrom(LayerPruneOptions settings)
    {
        var share = settings.Keep is int keep ? $"keep {keep}" : settings.Scope!.Name.ToLowerInvariant();
        return settings.Threshold is not double threshold ? share : FormattableString.Invariant($"threshold {threshold:g4}")
            + (settings.HasShare ? $" {(settings.ThresholdRule == ThresholdRule.Both ? "and" : "or")} {share}" : "");
    }

    /// <summary>Whether a ratio decides how many of the pieces stay.</summary>
    private static bool IsByRatio(RankedPieces pieces) => pieces.Settings is { HasShare: true, Keep: null };

    private static RankedPieces ChannelsOf(PruningGroup group, Importance importance)
    {
        var granularity = (ChannelGranularity)group.Settings.Granularity!;
        var scores = importance.Groups[group.Name];
        var pieceOf = granularity.PiecesOf(group);
        if (pieceOf is not null && (pieceOf.Count != group.Width || pieceOf.Distinct().Order().Select((piece, i) => piece - i).Any(gap => gap != 0)))
        {
            throw new InvalidOperationException(
                $"{granularity} puts the {group.Width} channels of {group.Name} into the pieces [{string.Join(", ", pieceOf)}]; give one number for each "
                    + "channel, and every number from 0 to the largest.");
        }

        var folded = pieceOf is null ? scores : granularity.Fold(pieceOf, scores) ?? [];
        return pieceOf is null || (folded.Length == pieceOf.Max() + 1 && Array.TrueForAll(folded, double.IsFinite))
            ? new RankedPieces(importance.Plan, group, folded, pieceOf, importance.IsOnOneScale(group))
            : throw new InvalidOperationException(
                $"{granularity} folds the scores of {group.Name} to [{string.Join(", ", folded)}]; give one finite number for each of "
                    + $"{pieceOf.Max() + 1} pieces.");
    }

    /// <exception cref="InvalidOperationException">A granularity suits no parameter at all.</exception>
    private static void RequireSuited(IReadOnlyList<ScoredWeight> scored)
    {
        foreach (var granularity in scored.Select(one => one.Granularity).Distinct())
        {
            if (!scored.Any(one => one.Granularity == granularity && one.IsSuited))
            {
                var all = scored.Where(one => one.Granularity == granularity).Select(one => $"{one.Weight.Path} [{string.Join(", ", one.Weight.Shape)}]");
                throw new InvalidOperationException(
                    $"{granularity} applies to no parameter of the model, neither to {string.Join(" nor to ", all)}; choose another granularity.");
            }
        }
    }

    /// <summary>What stays of a parameter whose granularity has a rule of its own; null where its pieces are ranked.</summary>
    private static Tensor? Chosen(ScoredWeight one, double share)
    {
        // They have no rule, and there are many of them to be brought into its form.
        if (one.Granularity is SingleWeights)
        {
            return null;
        }

        var (weight, settings, _) = one;
        var scores = one.Scores.cpu().to_type(ScalarType.Float64);
        var held = WeightMasks.Of(weight.Module, weight.Name)?.cpu().to_type(ScalarType.Bool);
        if (held is not null)
        {
            scores = scores.masked_fill(held.logical_not(), double.NegativeInfinity);
        }

        if (one.Granularity.Choose(weight, scores, settings.Ratio!.Value, share) is not { } stays)
        {
            return null;
        }

        if (settings is not { Threshold: null, Keep: null })
        {
            throw new InvalidOperationException(
                $"{one.Granularity} has a rule of its own for how much of {weight.Path} stays; give neither a threshold nor a number to keep with it.");
        }

        if (stays.dtype != ScalarType.Bool || !stays.shape.SequenceEqual(weight.Shape))
        {
            throw new InvalidOperationException(
                $"{one.Granularity} chooses what stays of {weight.Path} as {stays.dtype} [{string.Join(", ", stays.shape)}]; give Bool in the parameter's "
                    + $"shape, [{string.Join(", ", weight.Shape)}].");
        }

        return NotEmptied(one.Granularity, weight, stays, held);
    }

    /// <summary>What stays, without what was set to zero before, which does not come back.</summary>
    /// <exception cref="InvalidOperationException">Nothing of the parameter would stay, of which something does now.</exception>
    private static Tensor NotEmptied(PruneGranularity granularity, PlannedParameter weight, Tensor stays, Tensor? held)
    {
        var left = held is null ? stays : stays.logical_and(held);
        return left.any().item<bool>() || held?.any().item<bool>() == false || left.numel() == 0 ? left : throw new InvalidOperationException(
            $"{granularity} would set all weights of {weight.Path} to zero; have it keep one at least, or give the layer the ratio 0.");
    }

    /// <summary>Pieces of a parameter; what is held at zero already has gone, stays so, and scores lower than anything else.</summary>
    private static RankedPieces WeightsOf(ScoredWeight one)
    {
        var (weight, settings, scores) = one;
        var granularity = one.Granularity;
        var folded = granularity.Fold(weight, scores);
        if (folded?.dim() != 1 || (granularity is not EachWeight && !folded.isfinite().all().item<bool>()))
        {
            throw new InvalidOperationException(
                $"{granularity} folds the scores of {weight.Path} to [{string.Join(", ", folded?.shape ?? [])}] numbers, which are to be a vector of finite "
                    + "ones; give one score for each piece.");
        }

        if (WeightMasks.Of(weight.Module, weight.Name) is { } mask)
        {
            // A piece has gone where all of it has.
            var stays = mask.to(scores.device).to_type(ScalarType.Bool);
            var left = granularity is EachWeight ? stays.flatten() : granularity.Fold(weight, stays.to_type(ScalarType.Float64)).to_type(ScalarType.Bool);
            folded = folded.masked_fill(left.logical_not(), double.NegativeInfinity);
        }

        return new RankedPieces(weight, settings, folded);
    }

    /// <summary>What gives the ratios; null for the options themselves.</summary>
    internal static RatioAllocator? AllocatorOf(PruneOptions options) =>
        options.Allocator ?? (options.Budget is { LimitsWidths: true } ? Allocator.ByScope : null);

    /// <exception cref="InvalidOperationException">The budget limits bits, and nothing is at hand to try them on.</exception>
    internal static void RequireNoBits(PruneOptions options)
    {
        if (options.Budget is { LimitsBits: true })
        {
            throw new InvalidOperationException(
                "The budget limits bits, which are tried on validation data; call FindRatios(budget, train, validation), and prune by the options that it "
                    + "gives.");
        }
    }

    /// <summary>The channels that go by a ratio, group by group.</summary>
    internal static IReadOnlyList<RankedPieces> PiecesByRatio(Importance importance) => [.. ChannelsOf(importance).Where(IsByRatio)];

    private static List<RankedPieces> ChannelsOf(Importance importance) =>
        [.. importance.Plan.Groups.Where(group => importance.Groups.ContainsKey(group.Name)).Select(group => ChannelsOf(group, importance))];

    private static void Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces, double share, RatioAllocator? given)
    {
        var allocator = given ?? AllocatorOf(plan.Options);
        if (given is null)
        {
            RequireNoBits(plan.Options);
        }

        var hasBudget = plan.Options.Budget is { LimitsWidths: true };
        var ratios = allocator?.Checked(allocator.Allocate(plan, pieces), plan);
        foreach (var one in pieces)
        {
            one.Ratio = ratios?.TryGetValue(one.Name, out var ratio) == true ? ratio : one.Ratio;
            one.IsWithinBudget = hasBudget || given is not null;
        }

        if (hasBudget && given is null)
        {
            WidthSpace.Of(plan, pieces).RequireWithin(allocator!, pieces.ToDictionary(one => one.Name, one => one.Ratio, StringComparer.Ordinal));
        }

        foreach (var one in pieces)
        {
            one.Ratio *= share;
        }
    }

    /// <summary>How many pieces stay: by threshold or number, or as the scope says of all that go by a ratio.</summary>
    private static Dictionary<RankedPieces, long> KeptCounts(IReadOnlyList<RankedPieces> pieces, double share)
    {
        var counts = new Dictionary<RankedPieces, long>(ReferenceEqualityComparer.Instance);
        foreach (var one in pieces.Where(one => !IsByRatio(one)))
        {
            counts.Add(one, one.Settings.Keep is int keep ? (long)Math.Ceiling(one.DenseCount - ((one.DenseCount - keep) * share)) : 0);
        }

        foreach (var together in pieces.Where(IsByRatio).GroupBy(ScopeOf, one => one, ReferenceEqualityComparer.Instance))
        {
            var (scope, members) = ((RankingScope)together.Key!, together.ToList());
            var kept = scope.Keep(members);
            if (kept?.Count != members.Count)
            {
                throw new InvalidOperationException(
                    $"{scope} says of {kept?.Count ?? 0} groups how many channels stay, and there are {members.Count}; give one number each.");
            }

            for (var i = 0; i < members.Count; i++)
            {
                counts.Add(members[i], kept[i]);
            }
        }

        return counts.ToDictionary(
            entry => entry.Key,
            entry => KeptWidths.Rounded(
                WithThreshold(entry.Key, entry.Value), entry.Key.Count, entry.Key.Settings.MinWidth!.Value, entry.Key.Settings.RoundTo!.Value));
    }

    private static RankingScope ScopeOf(RankedPieces pieces) => pieces.IsWithinBudget ? LocalScope.Instance : pieces.Settings.Scope!;

    /// <summary>All go from the lowest score on, so of what reaches a threshold and what a ratio leaves the one is in the other.</summary>
    private static long WithThreshold(RankedPieces pieces, long count) => pieces.Settings.Threshold is not double threshold ? count
        : (CountAbove(threshold, pieces), pieces.Settings.ThresholdRule) switch
        {
            (var above, ThresholdRule.Both) => Math.Min(above, count),
            (var above, ThresholdRule.Either) => Math.Max(above, count),
            var (above, _) => above,
        };

    private static long CountAbove(double threshold, RankedPieces pieces)
    {
        var above = pieces.Numbers?.LongCount(score => score >= threshold) ?? pieces.Scores.ge(threshold).sum().item<long>();
        return above > 0 ? above : throw new InvalidOperationException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The threshold {threshold} would remove all {(pieces.Group is null ? "weights" : "channels")} of {pieces.Name}, whose highest importance is "
                    + $"{pieces.Scores.max().to_type(ScalarType.Float64).item<double>():g4}. Give a threshold that is no higher, or a ratio for this layer, "
                    + $"or keep its width."));
    }

    /// <summary>The weights that are not below a magnitude, beside the channels that go.</summary>
    private static Tensor AboveThreshold(PlannedParameter weight, double threshold, long[]?[] positions)
    {
        var stays = weight.Tensor.abs().ge(threshold).cpu();
        if (WeightMasks.Of(weight.Module, weight.Name) is { } held)
        {
            stays = stays.logical_and(held.cpu().ne(0));
        }

        var left = stays;
        for (var dim = 0; dim < positions.Length; dim++)
        {
            left = positions[dim] is { } kept ? left.index_select(dim, tensor(kept)) : left;
        }

        return left.any().item<bool>() ? stays : throw new InvalidOperationException(FormattableString.Invariant(
            $"{nameof(PruneSettings.WeightThreshold)} {threshold} would set all weights of {weight.Path} to zero that stay; the largest magnitude of it is ")
                + FormattableString.Invariant($"{weight.Tensor.abs().max().to_type(ScalarType.Float64).item<double>():g4}. ")
                + $"Give a smaller one for {weight.Layer.Name}.");
    }

    private static long[] KeptIndices(RankedPieces channels, long count)
    {
        var best = Best(channels.Numbers!, count);
        if (channels.PieceOf is not { } pieceOf)
        {
            return best;
        }

        var kept = best.ToHashSet();
        return [.. Enumerable.Range(0, pieceOf.Count).Where(channel => kept.Contains(pieceOf[channel])).Select(channel => (long)channel)];
    }

    private static Tensor KeptWeights(RankedPieces weights, long count)
    {
        var kept = KeepBest(weights.Scores, weights.Count - count);
        var (granularity, weight) = (weights.Settings.Granularity!, weights.Weight!);
        var stays = ((WeightGranularity)granularity).Spread(weight, kept);
        if (stays is null || stays.dtype != ScalarType.Bool || !stays.shape.SequenceEqual(weight.Shape))
        {
            throw new InvalidOperationException(
                $"{granularity} spreads what stays of {weight.Path} to {PruneGranularity.Told(stays)}; give Bool in the parameter's shape, "
                    + $"[{string.Join(", ", weight.Shape)}].");
        }

        return NotEmptied(granularity, weight, stays, WeightMasks.Of(weight.Module, weight.Name)?.to(stays.device).to_type(ScalarType.Bool));
    }

    /// <summary>The indices of the highest scores, ascending; of equal ones the first stay.</summary>
    /// <param name="scores">The scores, all of them finite.</param>
    /// <param name="count">How many stay; at least one.</param>
    private static long[] Best(double[] scores, long count)
    {
        var stays = new bool[scores.Length];
        KeepBest(scores, scores.Length - (int)count, stays);
        var best = new long[count];
        for (int i = 0, next = 0; next < best.Length; i++)
        {
            if (stays[i])
            {
                best[next++] = i;
            }
        }

        return best;
    }

    /// <summary>True for all but the lowest scores, of which there are fewer than all; of equal ones the first stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void KeepBest<T>(ReadOnlySpan<T> scores, int remove, Span<bool> stays)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var least = Ranked(scores, remove);
        var over = remove - scores.Length;
        for (var i = 0; i < scores.Length; i++)
        {
            stays[i] = scores[i] >= least;
            over += Unsafe.BitCast<bool, byte>(stays[i]);
        }

        for (var i = scores.Length - 1; over > 0; i--)
        {
            if (scores[i] == least)
            {
                stays[i] = false;
                over--;
            }
        }
    }

    /// <summary>
    /// The number that would stand at a place if all were sorted. Many are counted by their first bits, which is one pass without a branch, so that only what
    /// begins as the one sought does is put in order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Ranked<T>(ReadOnlySpan<T> numbers, int place)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Beginnings = 1 << 16;
        var alike = ArrayPool<T>.Shared.Rent(numbers.Length + 1);
        var count = numbers.Length;
        if (count < ManyNumbers)
        {
            numbers.CopyTo(alike);
        }
        else
        {
            var counts = ArrayPool<int>.Shared.Rent(Beginnings);
            counts.AsSpan(0, Beginnings).Clear();
            foreach (var number in numbers)
            {
                counts[Beginning(number)]++;
            }

            var beginning = 0;
            while (counts[beginning] <= place)
            {
                place -= counts[beginning++];
            }

            ArrayPool<int>.Shared.Return(counts);
            count = 0;
            foreach (var number in numbers)
            {
                // What does not begin like it is written over.
                alike[count] = number;
                count += Beginning(number) == beginning ? 1 : 0;
            }
        }

        var ranked = QuickSelect(alike.AsSpan(0, count), place);
        ArrayPool<T>.Shared.Return(alike);
        return ranked;
    }

    /// <summary>The first 16 bits of a number, as one that is the larger the larger the number is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Beginning<T>(T number)
        where T : unmanaged
    {
        var bits = typeof(T) == typeof(float) ? Unsafe.BitCast<T, int>(number) >> 16 : (int)(Unsafe.BitCast<T, long>(number) >> 48);
        return (bits ^ ((bits >> 31) & short.MaxValue)) - short.MinValue;
    }

    /// <summary>The number that would stand at a place if all were sorted (Hoare's quickselect); they are moved about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T QuickSelect<T>(Span<T> numbers, int place)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
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

    /// <summary>True for all but the lowest scores; of equal ones the first stay.</summary>
    internal static Tensor KeepBest(Tensor scores, long remove)
    {
        if (remove == 0)
        {
            return ones(scores.shape, ScalarType.Bool);
        }

        if (scores.device_type == DeviceType.CPU && remove < scores.numel())
        {
            // Several times faster than kthvalue, whose speed varies with what it is given.
            var stays = empty(scores.shape, ScalarType.Bool);
            var kept = MemoryMarshal.Cast<byte, bool>(stays.bytes);
            var numbers = (scores.dtype == ScalarType.Float32 ? scores : scores.to_type(ScalarType.Float64)).contiguous();
            if (numbers.dtype == ScalarType.Float32)
            {
                KeepBest(MemoryMarshal.Cast<byte, float>(numbers.bytes), (int)remove, kept);
            }
            else
            {
                KeepBest(MemoryMarshal.Cast<byte, double>(numbers.bytes), (int)remove, kept);
            }

            return stays;
        }

        var limit = scores.kthvalue(remove, 0).values;
        var below = scores.lt(limit).sum().item<long>();
        var ties = scores.eq(limit).nonzero().flatten();
        return scores.gt(limit).index_fill_(0, ties.narrow(0, 0, ties.numel() - (remove - below)), true);
    }

    /// <summary>A parameter that is pruned weight by weight.</summary>
    private sealed record ScoredWeight(PlannedParameter Weight, LayerPruneOptions Settings, Tensor Scores)
    {
        public WeightGranularity Granularity => (WeightGranularity)Settings.Granularity!;

        public bool IsSuited => Granularity.Suits(Weight);
    }
}
