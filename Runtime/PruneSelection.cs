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
            if (indices.Length == 0 || indices[0] < 0 || indices[^1] >= group.Width || indices.Zip(indices.Skip(1), (a, b) => a >= b).Any(disorder => disorder))
            {
                throw new ArgumentException($"The indices that stay of {name} are [{string.Join(", ", indices)}]; give at least one, ascending, from 0 to {group.Width - 1}.", nameof(kept));
            }
        }

        Plan = plan;
        this.kept = plan.Groups.ToDictionary(group => group.Name, group => kept.TryGetValue(group.Name, out var indices) ? indices : All(group.Width), StringComparer.Ordinal);
        this.weights = weights;
    }

    /// <summary>The linked model.</summary>
    public PruningPlan Plan { get; }

    /// <summary>For each group, by name, the indices that stay, ascending; all of them where it is not pruned.</summary>
    public IReadOnlyDictionary<string, long[]> Kept => kept;

    /// <summary>For each parameter that is pruned weight by weight, by path, a Boolean tensor of its shape: true stays.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>The width that a group shrinks to.</summary>
    public long WidthOf(PruningGroup group) => kept[group.Name].LongLength;

    /// <summary>Releases the masks of single weights.</summary>
    public void Dispose()
    {
        foreach (var mask in weights.Values)
        {
            mask.Dispose();
        }
    }

    /// <summary>
    /// For each parameter that loses something, and each of its dimensions, the positions that stay, ascending; null where
    /// all of them do.
    /// </summary>
    internal IReadOnlyDictionary<PlannedParameter, long[]?[]> KeptPositions()
    {
        var stays = new Dictionary<PlannedParameter, bool[]?[]>(ReferenceEqualityComparer.Instance);
        foreach (var group in Plan.Groups.Where(group => WidthOf(group) < group.Width))
        {
            var keep = new bool[group.Width];
            foreach (var index in kept[group.Name])
            {
                keep[index] = true;
            }

            foreach (var member in group.Members)
            {
                if (!stays.TryGetValue(member.Parameter, out var dims))
                {
                    stays.Add(member.Parameter, dims = new bool[]?[member.Parameter.Shape.Count]);
                }

                // Several groups may share a dimension: a concatenation, a product of axes.
                var stay = dims[member.Dim];
                if (stay is null)
                {
                    Array.Fill(dims[member.Dim] = stay = new bool[member.Parameter.Shape[member.Dim]], true);
                }

                foreach (var run in member.Runs)
                {
                    run.ForEach((position, index) => stay[position] &= keep[index]);
                }
            }
        }

        return stays.ToDictionary(entry => entry.Key, entry => Array.ConvertAll(entry.Value, Positions), (IEqualityComparer<PlannedParameter>)ReferenceEqualityComparer.Instance);
    }

    private static long[]? Positions(bool[]? stay)
    {
        if (stay is null)
        {
            return null;
        }

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
