using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What is known of a model beyond what its modules tell. It hangs on the model, and goes when the model goes.</summary>
internal sealed class PruneState
{
    private static readonly ConditionalWeakTable<nn.Module, PruneState> States = [];

    /// <summary>The shapes that the model was last linked with, for whoever links it without, as saving does; none where none were given.</summary>
    public long[][] InputShapes { get; set; } = [];

    /// <summary>What the model was last pruned by; null for what its attributes say.</summary>
    public PruneOptions? Options { get; set; }

    /// <summary>What its last pruning run came to; null where there was none.</summary>
    public PruneReport? Report { get; set; }

    /// <summary>The state of a model.</summary>
    public static PruneState Of(nn.Module model) => States.GetOrCreateValue(model);

    /// <summary>Keeps the report true once more has been removed than the run that it tells of did.</summary>
    /// <param name="result">What was removed since.</param>
    public void Compacted(CompactResult result) => Report = Report?.CompactedSince(result);
}
