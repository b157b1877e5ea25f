using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What stays: for each group the indices that are kept, and for each parameter that is pruned weight by weight a mask.</summary>
public sealed class PruneSelection : IDisposable
{
    private readonly Dictionary<string, long[]> kept;
    private readonly Dictionary<string, Tensor> weights;

    /// <summary>Keeps the given indices of some groups, and everything else.</summary>
    /// <param name="plan">The linked model.</param>
    /// <param name="kept">For each group, by name, the indices that stay, ascending.</param>
    /// <exception cref="KeyNotFoundException">There is no such group.</exception>
    /// <exception cref="ArgumentException">Nothing of a group would stay, or its indices are not ascending or not in it.</exception>
    public PruneSelection(PruningPlan plan, IReadOnlyDictionary<string, long[]> kept)
        : this(plan, kept, [])
    {
    }

    internal PruneSelection(PruningPlan plan, IReadOnlyDictionary<string, long[]> kept, Dictionary<string, Tensor> weights)
    {
        foreach (var (name, indices) in kept)
        {
            var group = plan.Group(name);
            if (indices.Length == 0 || indices[0] < 0 || indices[^1] >= group.Width || !Ascend(indices))
            {
                throw new ArgumentException(
                    $"The indices that stay of {name} are [{string.Join(", ", indices)}]; give at least one, ascending, from 0 to {group.Width - 1}.",
                    nameof(kept));
            }
        }

        Plan = plan;
        this.kept = plan.Groups.ToDictionary(
            group => group.Name, group => kept.TryGetValue(group.Name, out var indices) ? indices : All(group.Width), StringComparer.Ordinal);
        this.weights = weights;
    }

    /// <summary>The linked model.</summary>
    public PruningPlan Plan { get; }

    /// <summary>For each group, by name, the indices that stay, ascending; all of them where it is not pruned.</summary>
    public IReadOnlyDictionary<string, long[]> Kept => kept;

    /// <summary>For each parameter that is pruned weight by weight, by path, a Boolean tensor of its shape: true stays.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>
    /// For each parameter whose criterion makes good for the weights that go, by path, what its weights become, in its shape: see
    /// <see cref="ICompensatingCriterion"/>.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Values { get; internal init; } = new Dictionary<string, Tensor>(StringComparer.Ordinal);

    /// <summary>Whether the model has <see cref="Values"/> already, so that they are not written over what was trained since.</summary>
    internal bool IsWritten { get; set; }

    /// <summary>What a parameter becomes, before anything of it is left out; null where it stays as it is.</summary>
    internal Tensor? ValuesOf(PlannedParameter parameter) => IsWritten ? null : Values.GetValueOrDefault(parameter.Path);

    /// <summary>For each group that goes by a ratio, by name, the share of the dense original that is to be gone.</summary>
    internal IReadOnlyDictionary<string, double>? Asked { get; init; }

    /// <summary>The share of a group's dense width that is to be gone; null where something else than a ratio decides.</summary>
    internal double? AskedOf(PruningGroup group) =>
        Asked is not null ? Asked.TryGetValue(group.Name, out var ratio) ? ratio : null
        : group.Settings is { Granularity: ChannelGranularity, Threshold: null, Keep: null } ? group.Settings.Ratio
        : null;

    /// <summary>The same of what one turn of a schedule by layers prunes, and of nothing else. What this one holds goes over to it.</summary>
    /// <param name="turn">The names of groups and the paths of parameters.</param>
    /// <param name="share">The share of the ratios that was selected by.</param>
    internal PruneSelection Only(IReadOnlySet<string> turn, double share)
    {
        foreach (var path in weights.Keys.Where(path => !turn.Contains(path)).ToList())
        {
            weights[path].Dispose();
            weights.Remove(path);
        }

        foreach (var value in Values.Where(entry => !turn.Contains(entry.Key)))
        {
            value.Value.Dispose();
        }

        return new PruneSelection(Plan, kept.Where(entry => turn.Contains(entry.Key)).ToDictionary(), weights)
        {
            Asked = Asked?.ToDictionary(entry => entry.Key, entry => entry.Value / share, StringComparer.Ordinal),
            Values = Values.Where(entry => turn.Contains(entry.Key)).ToDictionary(),
        };
    }

    /// <summary>The width that a group shrinks to.</summary>
    public long WidthOf(PruningGroup group) => kept[group.Name].LongLength;

    /// <summary>Releases the masks of single weights, and what these become.</summary>
    public void Dispose()
    {
        foreach (var tensor in weights.Values.Concat(Values.Values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>
    /// For each parameter that loses something, and each of its dimensions, the positions that stay, ascending; null where
    /// all of them do.
    /// </summary>
    internal IReadOnlyDictionary<PlannedParameter, long[]?[]> KeptPositions()
    {
        var positions = new Dictionary<PlannedParameter, long[]?[]>(ReferenceEqualityComparer.Instance);
        var keeps = new Dictionary<PruningGroup, bool[]>(ReferenceEqualityComparer.Instance);
        var along = new Dictionary<PlannedDimension, long[]?>(ReferenceEqualityComparer.Instance);
        foreach (var parameter in Plan.Parameters)
        {
            if (parameter.Dimensions.Any(dimension => Along(dimension) is not null))
            {
                positions.Add(parameter, [.. parameter.Dimensions.Select(Along)]);
            }
        }

        return positions;

        long[]? Along(PlannedDimension dimension)
        {
            if (!along.TryGetValue(dimension, out var stays))
            {
                along.Add(dimension, stays = Positions(dimension));
            }

            return stays;
        }

        long[]? Positions(PlannedDimension dimension)
        {
            if (!dimension.Runs.Any(run => Shrinks(Plan.Group(run.Leaf))))
            {
                return null;
            }

            if (dimension.IsOneGroup)
            {
                return kept[Plan.Group(dimension.Runs[0].Leaf).Name];
            }

            // Several groups may share a dimension: a concatenation, a product of axes.
            var stay = new bool[dimension.Length];
            Array.Fill(stay, true);
            foreach (var run in dimension.Runs)
            {
                if (Plan.Group(run.Leaf) is var group && Shrinks(group))
                {
                    Restrict(stay, run, KeepOf(group));
                }
            }

            return Indices(stay);
        }

        bool Shrinks(PruningGroup group) => WidthOf(group) < group.Width;

        bool[] KeepOf(PruningGroup group)
        {
            if (!keeps.TryGetValue(group, out var keep))
            {
                keeps.Add(group, keep = new bool[group.Width]);
                foreach (var index in kept[group.Name])
                {
                    keep[index] = true;
                }
            }

            return keep;
        }
    }

    // A model is pruned once: compiled for speed at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Restrict(bool[] stay, AxisRun run, bool[] keep)
    {
        var offsets = run.Offsets;
        for (var index = 0; index < keep.Length; index++)
        {
            if (!keep[index])
            {
                var first = run.Start + (index * run.Stride);
                foreach (var offset in offsets)
                {
                    stay[first + offset] = false;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Ascend(long[] indices)
    {
        for (var i = 1; i < indices.Length; i++)
        {
            if (indices[i] <= indices[i - 1])
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long[] Indices(bool[] stay)
    {
        var positions = new long[stay.AsSpan().Count(true)];
        for (int i = 0, next = 0; i < stay.Length; i++)
        {
            if (stay[i])
            {
                positions[next++] = i;
            }
        }

        return positions;
    }

    private static long[] All(long width) => Enumerable.Range(0, (int)width).Select(i => (long)i).ToArray();
}
