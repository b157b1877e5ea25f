using PruneGen.Axes;

namespace PruneGen;

/// <summary>What a dimension of a parameter has to do with a group.</summary>
public enum MemberRole
{
    /// <summary>The layer computes the group's outputs with it.</summary>
    Produces,

    /// <summary>It passes along the group's channels one by one: normalisation, depthwise convolution.</summary>
    Follows,

    /// <summary>The layer reads the group as its inputs.</summary>
    Reads,
}

/// <summary>One dimension of one parameter that shrinks with a group.</summary>
public sealed class GroupMember
{
    private long[]? indexMap;

    internal GroupMember(PlannedParameter parameter, int dim, MemberRole role, IReadOnlyList<AxisRun> runs)
    {
        Parameter = parameter;
        Dim = dim;
        Role = role;
        Runs = runs;
    }

    /// <summary>The parameter or buffer.</summary>
    public PlannedParameter Parameter { get; }

    /// <summary>Its dimension.</summary>
    public int Dim { get; }

    /// <summary>What the dimension has to do with the group.</summary>
    public MemberRole Role { get; }

    /// <summary>For each position along the dimension, the index of the group that it belongs to, or -1 for none.</summary>
    public IReadOnlyList<long> IndexMap => indexMap ??= MakeIndexMap();

    /// <summary>Where the group stands along the dimension: once, or more often where it is joined or shared.</summary>
    internal IReadOnlyList<AxisRun> Runs { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Parameter.Path}[{Dim}]";

    private long[] MakeIndexMap()
    {
        var map = new long[Parameter.Shape[Dim]];
        Array.Fill(map, -1);
        foreach (var run in Runs)
        {
            run.WriteTo(map);
        }

        return map;
    }
}

/// <summary>Everything that has to shrink together: the outputs of one layer, or of several whose results meet.</summary>
public sealed class PruningGroup
{
    private readonly Func<Axis, IReadOnlyList<GroupMember>> members;

    internal PruningGroup(
        Axis axis, IReadOnlyList<string> producers, Func<Axis, IReadOnlyList<GroupMember>> members, LayerPruneOptions settings, bool hasOwnRatio)
    {
        HasOwnRatio = hasOwnRatio;
        Axis = axis;
        Producers = producers;
        this.members = members;
        Settings = settings;
        Width = DenseWidth = axis.Size!.Value;
    }

    /// <summary>The width that the group had before anything of the model was removed.</summary>
    public long DenseWidth { get; internal set; }

    /// <summary>Name of the first layer that produces it.</summary>
    public string Name => Axis.Name;

    /// <summary>Number of channels, neurons or features when the model was linked.</summary>
    public long Width { get; }

    /// <summary>The layers that produce it, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<string> Producers { get; }

    /// <summary>The parameter dimensions that shrink with it.</summary>
    public IReadOnlyList<GroupMember> Members => members(Axis);

    /// <summary>What the annotations and options ask for, with every value filled in.</summary>
    public LayerPruneOptions Settings { get; }

    /// <summary>Whether one of its layers asks for a ratio itself.</summary>
    internal bool HasOwnRatio { get; }

    /// <summary>Whether a compacted model computes just what the masked one does.</summary>
    public bool Exact => InexactBecause is null;

    /// <summary>Why it does not, or null.</summary>
    public string? InexactBecause => Axis.InexactBecause;

    /// <summary>The leaf of the axis graph that the group is.</summary>
    public Axis Axis { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Width}): {string.Join(", ", Members)}";
}
