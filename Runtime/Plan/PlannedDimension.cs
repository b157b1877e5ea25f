using PruneGen.Axes;

namespace PruneGen;

/// <summary>A dimension of a parameter, as far as groups stand along it. Parameters that read the same axis share one.</summary>
internal sealed class PlannedDimension
{
    private IReadOnlyList<(Axis, IReadOnlyList<AxisRun>)>? groups;

    public PlannedDimension(Axis axis, long length)
    {
        Length = length;
        Runs = AxisIndex.Runs(axis, length, leaf => leaf.IsPrunable);
    }

    /// <summary>Its length when the model was linked.</summary>
    public long Length { get; }

    /// <summary>Where groups stand along it.</summary>
    public IReadOnlyList<AxisRun> Runs { get; }

    /// <summary>The same, group by group.</summary>
    public IReadOnlyList<(Axis Leaf, IReadOnlyList<AxisRun> Runs)> Groups =>
        groups ??= Runs.GroupBy(run => run.Leaf).Select(runs => (runs.Key, (IReadOnlyList<AxisRun>)runs.ToList())).ToList();

    /// <summary>Whether it is one group and nothing else, index by index.</summary>
    public bool IsOneGroup => Runs is [{ IsPlain: true } run] && run.Count == Length;
}
