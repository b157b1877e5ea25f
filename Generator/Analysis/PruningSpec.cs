using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>A model with what the analysis found: everything that the generated code says.</summary>
/// <param name="Model">The model.</param>
/// <param name="Axes">The dimensions of each value of <c>forward</c>, as a person writes them.</param>
/// <param name="Groups">What shrinks together, in the order of <c>forward</c>.</param>
/// <param name="Fixed">The layers whose outputs keep their width, with the reason.</param>
/// <param name="LayerOptions">What attributes say about layers, by path.</param>
internal sealed record PruningSpec(
    ModelSpec Model,
    EquatableArray<string> Axes,
    EquatableArray<GroupSpec> Groups,
    EquatableArray<NamedText> Fixed,
    EquatableArray<LayerOption> LayerOptions);

/// <summary>A group.</summary>
/// <param name="Name">The first layer that produces it.</param>
/// <param name="Members">The parameter dimensions that shrink with it.</param>
/// <param name="Inexact">Why removing differs from zeroing; empty where it does not.</param>
/// <param name="MayJoin">Whether it meets tensors that only a live model tells, and may be one with their groups.</param>
internal sealed record GroupSpec(string Name, EquatableArray<MemberSpec> Members, string Inexact, bool MayJoin);

/// <summary>One dimension of one parameter.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Parameter">The parameter and the dimension: <c>weight[0]</c>.</param>
/// <param name="Role">What the dimension has to do with the group.</param>
/// <param name="As">How it is built from the group, where it is not the group itself: <c>conv2·H·W</c>.</param>
internal sealed record MemberSpec(string Layer, string Parameter, MemberRole Role, string As);

/// <summary>What a dimension of a parameter has to do with a group.</summary>
internal enum MemberRole
{
    /// <summary>The layer computes the group's outputs with it.</summary>
    Produces,

    /// <summary>It passes along the group's channels one by one.</summary>
    Follows,

    /// <summary>The layer reads the group as its inputs.</summary>
    Reads,
}

/// <summary>What attributes say about one layer.</summary>
internal sealed record LayerOption(string Path, PruneSettings Settings, bool KeepWidth);

/// <summary>What the analysis finds.</summary>
/// <param name="Spec">The model, or null where something keeps it from being pruned.</param>
/// <param name="Findings">What is to be told to the model's author.</param>
internal sealed record AnalysisResult(PruningSpec? Spec, EquatableArray<Finding> Findings);
