using System.Numerics;
using System.Runtime.InteropServices;
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

        var conditions = plan.EvaluatedWays.SelectMany(trace => trace.Conditions).Select(condition => condition.Text);
        var text = conditions.FirstOrDefault(text => text != "training") ?? (plan.AllWays.Count > plan.Traces.Count ? "what it is given" : null);
        if (text is not null)
        {
            throw new InvalidOperationException(
                $"{plan.Model.GetType().Name} goes several ways, by {text}, and a sample shows one of them: on another forward may look at the order of "
                    + "channels. Prune it as it is.");
        }

        var permuted = plan.Groups.Select(group => Best(importance, group)).OfType<PermutedGroup>().ToList();
        var members = permuted.SelectMany(group => plan.Group(group.Group).Members);
        if (members.FirstOrDefault(member => WeightCodes.IsCoded(member.Parameter.Module)) is { } coded)
        {
            throw new InvalidOperationException(
                $"{coded.Parameter.Layer.Name} of {plan.Model.GetType().Name} is stored as codes, which do not hold of another order of channels; permute "
                    + "before weights are shared or quantized, or call ReleaseCodes() first, and share or quantize it anew. The model is as it was.");
        }

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

        PruneState.Of(plan.Model).Order += permuted.Count > 0 ? 1 : 0;
        return permuted;
    }

    /// <summary>The order of the columns in which N of each M keep most, as the search finds it.</summary>
    /// <param name="scores">The scores, [rows, columns], row by row.</param>
    /// <param name="columns">How many columns, a multiple of M.</param>
    /// <param name="n">How many stay.</param>
    /// <param name="m">Of how many.</param>
    internal static long[] Search(double[] scores, int columns, int n, int m)
    {
        var sets = new ColumnSets(scores, columns, n, m);
        var (changed, now) = (new int[sets.Count], 1);
        for (var (improves, pass) = (true, 0); improves; pass = now++)
        {
            improves = false;
            for (var first = 0; first < sets.Count; first++)
            {
                for (var second = first + 1; second < sets.Count; second++)
                {
                    // Two sets that nothing has touched since they were compared have nothing to exchange.
                    while (Math.Max(changed[first], changed[second]) >= pass && sets.Exchange(first, second))
                    {
                        improves = true;
                        changed[first] = changed[second] = now;
                    }
                }
            }
        }

        return Array.ConvertAll(sets.Order, column => (long)column);
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

        double KeptIn(long[] all) => scores.Chunk(columns).Sum(
            row => all.Chunk(m).Sum(set => set.Select(column => row[column]).OrderDescending().Take(n).Sum()));
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

/// <summary>Columns in sets of M, and what N of each keep over all rows when one is exchanged for another.</summary>
internal sealed class ColumnSets
{
    private readonly int n;
    private readonly int m;
    private readonly double[][] scores;
    private readonly double[][] least;
    private readonly double[] others;
    private readonly double[] kept;
    private readonly double smallest;

    /// <param name="scores">The scores, [rows, columns], row by row.</param>
    /// <param name="columns">How many columns, a multiple of M.</param>
    /// <param name="n">How many stay.</param>
    /// <param name="m">Of how many.</param>
    public ColumnSets(double[] scores, int columns, int n, int m)
    {
        (this.n, this.m) = (n, m);
        var rows = scores.Length / columns;
        this.scores = [.. Enumerable.Range(0, columns).Select(column => Enumerable.Range(0, rows).Select(row => scores[(row * columns) + column]).ToArray())];
        least = [.. this.scores.Select(_ => new double[rows])];
        (others, kept, Order) = (new double[columns], new double[columns / m], [.. Enumerable.Range(0, columns)]);
        for (var set = 0; set < Count; set++)
        {
            Measure(set);
        }

        smallest = 1e-12 * Math.Abs(kept.Sum());
    }

    /// <summary>How many sets there are.</summary>
    public int Count => kept.Length;

    /// <summary>For each place the column that stands there; a set is M places.</summary>
    public int[] Order { get; }

    /// <summary>Exchanges the two columns of two sets that add most; false where none adds anything.</summary>
    public bool Exchange(int first, int second)
    {
        var (best, mine, theirs) = (kept[first] + kept[second] + smallest, -1, -1);
        for (var i = first * m; i < (first + 1) * m; i++)
        {
            for (var j = second * m; j < (second + 1) * m; j++)
            {
                var exchanged = KeptWith(i, Order[j]) + KeptWith(j, Order[i]);
                (best, mine, theirs) = exchanged > best ? (exchanged, i, j) : (best, mine, theirs);
            }
        }

        if (mine < 0)
        {
            return false;
        }

        (Order[mine], Order[theirs]) = (Order[theirs], Order[mine]);
        Measure(first);
        Measure(second);
        return true;
    }

    /// <summary>What a set keeps with another column in one of its places: the best N − 1 of the others, and the next one or the column.</summary>
    private double KeptWith(int place, int column)
    {
        var (one, other) = (least[place], scores[column]);
        var wide = MemoryMarshal.Cast<double, Vector<double>>(one);
        var with = MemoryMarshal.Cast<double, Vector<double>>(other);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < wide.Length; i++)
        {
            sums += Vector.Max(wide[i], with[i]);
        }

        var sum = Vector.Sum(sums);
        for (var i = wide.Length * Vector<double>.Count; i < one.Length; i++)
        {
            sum += Math.Max(one[i], other[i]);
        }

        return others[place] + sum;
    }

    /// <summary>For each place of a set what the N best of its other columns are, row by row.</summary>
    private void Measure(int set)
    {
        Span<double> best = stackalloc double[n];
        for (var place = set * m; place < (set + 1) * m; place++)
        {
            others[place] = 0;
            for (var row = 0; row < least[place].Length; row++)
            {
                // From the highest; what is pushed out goes on down.
                best.Fill(double.NegativeInfinity);
                for (var other = set * m; other < (set + 1) * m; other++)
                {
                    var score = other == place ? double.NegativeInfinity : scores[Order[other]][row];
                    for (var i = 0; i < n && score > double.NegativeInfinity; i++)
                    {
                        if (score > best[i])
                        {
                            (best[i], score) = (score, best[i]);
                        }
                    }
                }

                least[place][row] = best[n - 1];
                for (var i = 0; i < n - 1; i++)
                {
                    others[place] += best[i];
                }
            }
        }

        kept[set] = KeptWith(set * m, Order[set * m]);
    }
}
