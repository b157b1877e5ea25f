using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>How well a model answers on a set of data.</summary>
/// <param name="Loss">Mean loss of a sample; by the default loss for class indices that of one of those that are looked at (−100 is not). A model of several
/// results has the sum of theirs.</param>
/// <param name="Error">Share of wrong answers (top-1), in [0, 1]; null where the targets are not class indices, one for each answer of several classes.</param>
/// <param name="Samples">Number of samples.</param>
public sealed record Evaluation(double Loss, double? Error, long Samples)
{
    /// <summary>Share of right answers, in [0, 1]; null where the targets are not class indices, one for each answer of several classes.</summary>
    [JsonIgnore]
    public double? Accuracy => 1 - Error;

    /// <summary>
    /// Whether this is better than another: fewer errors where they are counted, else a lower loss. One whose loss is not a number is worse than any other.
    /// </summary>
    public bool IsBetterThan(Evaluation other) => double.IsNaN(Loss) || double.IsNaN(other.Loss) ? !double.IsNaN(Loss)
        : Error is double own && other.Error is double theirs ? own < theirs : Loss < other.Loss;
}

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="LearningRate">The learning rate of its last batch.</param>
/// <param name="TrainLoss">Mean training loss of a sample over the epoch, as the weights changed.</param>
/// <param name="Test">The evaluation after it; null without test data.</param>
/// <param name="TrainSeconds">Time spent on training.</param>
/// <param name="TestSeconds">Time spent on the evaluation.</param>
/// <param name="Samples">Number of samples trained on, without batches of which no target counts.</param>
public sealed record EpochResult(int Epoch, double LearningRate, double TrainLoss, Evaluation? Test, double TrainSeconds, double TestSeconds, long Samples)
{
    /// <summary>Samples trained on in a second.</summary>
    [JsonIgnore]
    public double SamplesPerSecond => Samples / TrainSeconds;
}

/// <summary>
/// What training came to. The model holds the weights of the last epoch, unless <see cref="RetrainOptions.KeepBest"/> asks for the best ones.
/// </summary>
/// <param name="Epochs">Each epoch, in order.</param>
public sealed record RetrainResult(IReadOnlyList<EpochResult> Epochs)
{
    /// <summary>The epoch, from 1, whose weights the model holds where that is not simply the last one.</summary>
    public int? KeptEpoch { get; init; }

    /// <summary>The evaluation of the weights that the model holds; null without epochs or test data.</summary>
    [JsonIgnore]
    public Evaluation? Final => (KeptEpoch is int kept ? Epochs[kept - 1] : Epochs.LastOrDefault())?.Test;

    /// <summary>The epoch whose evaluation was the best, the first of equals; null without epochs or test data.</summary>
    [JsonIgnore]
    public EpochResult? Best => Epochs.Where(epoch => epoch.Test is not null)
        .Aggregate((EpochResult?)null, (best, next) => best is null || next.Test!.IsBetterThan(best.Test!) ? next : best);
}
