namespace PruneGen;

/// <summary>Nodes of a graph that become a file.</summary>
/// <param name="Path">Where to.</param>
/// <param name="Nodes">The nodes, each behind those whose tensors it reads.</param>
/// <param name="Inputs">What they read that none of them makes.</param>
/// <param name="Outputs">What is read of them.</param>
/// <param name="Stage">Which stage it is, for the metadata; null for a whole model.</param>
internal sealed record OnnxPart(
    string Path, IReadOnlyList<OnnxNode> Nodes, IReadOnlyList<OnnxValue> Inputs, IReadOnlyList<OnnxValue> Outputs, string? Stage = null);
