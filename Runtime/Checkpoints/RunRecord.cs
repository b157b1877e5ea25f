using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>What a run is of. A checkpoint goes on with a run that is the same in all of this.</summary>
internal sealed record RunDescription
{
    /// <summary>The model's class, with its namespace.</summary>
    public required string Model { get; init; }

    /// <summary>The shapes of its parameters and buffers, by path.</summary>
    public required string Shapes { get; init; }

    /// <summary>The options as JSON, without what JSON cannot hold.</summary>
    public required string Options { get; init; }

    /// <summary>The schedule, the allocator and the callbacks by their names.</summary>
    public required string Methods { get; init; }

    /// <summary>The number of batches in an epoch; null where it is not known.</summary>
    public required int? Batches { get; init; }
}

/// <summary>How far a run has come.</summary>
internal sealed record RunRecord
{
    /// <summary>The time that it has taken.</summary>
    public required double Seconds { get; init; }

    /// <summary>The model on the test data before anything was pruned.</summary>
    public required Evaluation Dense { get; init; }

    /// <summary>Its parameters that were not zero.</summary>
    public required long NonZero { get; init; }

    /// <summary>The steps that are over, in order: each pruned, and retrained.</summary>
    public required IReadOnlyList<StepRecord> Steps { get; init; }

    /// <summary>The step that is pruned, and being retrained; null between two, and where pruning goes on in training.</summary>
    public StepRecord? Current { get; init; }

    /// <summary>Where its training is; null between two steps.</summary>
    public TrainingPosition? Training { get; init; }

    /// <summary>What the run came to; null where it is not over.</summary>
    public PruneReport? Report { get; init; }
}

/// <summary>One step of a run: what was chosen, and what came of it.</summary>
internal sealed record StepRecord
{
    /// <summary>Of each group that shrank, by name, the indices that stayed.</summary>
    public required IReadOnlyDictionary<string, long[]> Kept { get; init; }

    /// <summary>See <see cref="PruneSelection.Asked"/>.</summary>
    public IReadOnlyDictionary<string, double>? Asked { get; init; }

    /// <summary>The model on the test data behind it.</summary>
    public required Evaluation Pruned { get; init; }

    /// <summary>Its training; null where that is not over.</summary>
    public RetrainResult? Retrained { get; init; }

    /// <summary>Whether the error had risen by more than it may, so that the step was undone.</summary>
    public bool IsUndone { get; init; }
}

/// <summary>Where a training is: at the end of an epoch's batches, or between two of them.</summary>
internal sealed record TrainingPosition
{
    /// <summary>The epoch, from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>The number of samples in each batch of the epoch that was trained on.</summary>
    public required IReadOnlyList<long> Sizes { get; init; }

    /// <summary>The sum of the losses of these samples.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double Rate { get; init; }

    /// <summary>The time that was spent on the epoch.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many steps the optimizer has taken.</summary>
    public required long Step { get; init; }

    /// <summary>How many steps a scheduler of TorchSharp's has taken.</summary>
    public required long SchedulerSteps { get; init; }

    /// <summary>See <see cref="TrainingContext.Progress"/>.</summary>
    public required double Progress { get; init; }

    /// <summary>The epochs that are over.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>See <see cref="TrainingContext.KeptEpoch"/>.</summary>
    public required int? KeptEpoch { get; init; }

    /// <summary>See <see cref="TrainingContext.IsSparse"/>.</summary>
    public required bool IsSparse { get; init; }
}

/// <summary>How the records are written as JSON; generated, so that it works where reflection is trimmed away.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunDescription))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(PruneOptions))]
internal sealed partial class CheckpointJson : JsonSerializerContext
{
}
