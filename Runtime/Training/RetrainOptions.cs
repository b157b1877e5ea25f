using System.Text.Json.Serialization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How a pruned model is fine-tuned: what <see cref="RetrainAttribute"/> says, and what an attribute cannot hold.</summary>
public sealed record RetrainOptions
{
    /// <summary>Passes over the training data, at least 0 (0 trains nothing). 3 by default.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>The initial learning rate, above 0. 1e-3 by default.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The optimizer. <see cref="RetrainOptimizer.Adam"/> by default.</summary>
    [JsonConverter(typeof(EnumJson<RetrainOptimizer>))]
    public RetrainOptimizer Optimizer { get; init; } = RetrainOptimizer.Adam;

    /// <summary>How the learning rate changes. <see cref="LearningRateSchedule.Cosine"/> by default.</summary>
    [JsonConverter(typeof(EnumJson<LearningRateSchedule>))]
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Momentum of <see cref="RetrainOptimizer.SGD"/>, in [0, 1). 0.9 by default.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>
    /// Weight decay, at least 0: an L2 penalty, with <see cref="RetrainOptimizer.AdamW"/> a shrinking of the weights apart from the gradients. 0 by default.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// Seed of everything random: scoring, shuffling, dropout. The same seed gives the same result on the same machine with the
    /// same number of threads. 0 by default.
    /// </summary>
    public int Seed { get; init; }

    /// <summary>
    /// The loss of a batch, a scalar, from the model's output and the target. By default cross-entropy for int64 targets
    /// and mean squared error for floating ones.
    /// </summary>
    [JsonIgnore]
    public Func<Tensor, Tensor, Tensor>? Loss { get; init; }

    /// <summary>
    /// The loss of a batch, a scalar, from all results of the model and all targets, in the order of <c>forward</c>'s results.
    /// It goes before <see cref="Loss"/>. By default the sum of what <see cref="Loss"/> makes of each result and its target.
    /// </summary>
    [JsonIgnore]
    public Func<Tensor[], Tensor[], Tensor>? LossOfAll { get; init; }

    /// <summary>
    /// The largest norm that the gradients of all parameters together may have; larger ones are scaled down to it. Null, the default, for no limit.
    /// </summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>Whether the model ends with the weights of its best epoch on the test data, instead of the last. False by default.</summary>
    public bool KeepBest { get; init; }

    /// <summary>What the model learns from beside the labels. <see cref="Distill.None"/> by default.</summary>
    [JsonConverter(typeof(EnumJson<Distill>))]
    public Distill Distill { get; init; }

    /// <summary>By how much answers are softened in distillation, above 0. 4 by default.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>How much the teacher weighs against the labels in distillation, in [0, 1]. 0.9 by default.</summary>
    public double DistillWeight { get; init; } = 0.9;

    /// <summary>
    /// Calls a teacher, and gives its results in the order of the model's; it is called without gradients, and where the model is trained. Null, the
    /// default, for the dense model as it was before pruning.
    /// </summary>
    [JsonIgnore]
    public Func<Tensor[], Tensor[]>? Teacher { get; init; }

    /// <summary>What else takes part in training, in this order.</summary>
    [JsonIgnore]
    public IReadOnlyList<TrainingCallback> Callbacks { get => field ?? []; init; }

    /// <summary>
    /// Makes an optimizer of TorchSharp's, or of your own, from the parameters and <see cref="LearningRate"/>. It goes before
    /// <see cref="Optimizer"/>, <see cref="Momentum"/> and <see cref="WeightDecay"/>.
    /// </summary>
    [JsonIgnore]
    public Func<IEnumerable<Parameter>, double, optim.Optimizer>? OptimizerFactory { get; init; }

    /// <summary>Makes a learning rate scheduler of TorchSharp's, or of your own, for the optimizer. It goes before <see cref="Schedule"/>.</summary>
    [JsonIgnore]
    public Func<optim.Optimizer, optim.lr_scheduler.LRScheduler>? SchedulerFactory { get; init; }

    /// <summary>Whether that scheduler takes a step after each batch instead of after each epoch.</summary>
    [JsonIgnore]
    public bool SchedulerEachBatch { get; init; }

    /// <summary>Where to train. By default on CUDA where it is available, else on the CPU. The model comes back to where it was.</summary>
    [JsonIgnore]
    public Device? Device { get; init; }

    /// <summary>
    /// The other processes that train the same model, each with its part of every batch; null, the default, for this one alone. See
    /// <see cref="PruneGen.Communicator"/>.
    /// </summary>
    [JsonIgnore]
    public Communicator? Communicator { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range; the message says which, and what is allowed.</exception>
    public void Validate()
    {
        Require(Epochs >= 0, nameof(Epochs), Epochs, "give 0 or more");
        Require(!Callbacks.Contains(null!), nameof(Callbacks), "a list with null in it", "leave out what is null");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "give a number above 0, such as 1e-3");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "give a number from 0 to below 1, such as 0.9");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "give 0 or more, such as 5e-4");
        Require(
            MaxGradientNorm is null or (> 0 and < double.PositiveInfinity),
            nameof(MaxGradientNorm),
            MaxGradientNorm!,
            "give a number above 0, such as 1, or null");
        Require(Enum.IsDefined(Distill), nameof(Distill), Distill, "give one of " + string.Join(", ", Enum.GetNames<Distill>()));
        Require(Temperature > 0 && double.IsFinite(Temperature), nameof(Temperature), Temperature, "give a number above 0, such as 4");
        Require(DistillWeight is >= 0 and <= 1, nameof(DistillWeight), DistillWeight, "give a number from 0 to 1, such as 0.9");
        Require(Enum.IsDefined(Optimizer), nameof(Optimizer), Optimizer, "give one of " + string.Join(", ", Enum.GetNames<RetrainOptimizer>()));
        RequireNumbers(Device);
        Require(Enum.IsDefined(Schedule), nameof(Schedule), Schedule, "give one of " + string.Join(", ", Enum.GetNames<LearningRateSchedule>()));
    }

    /// <exception cref="ArgumentOutOfRangeException">It is the device of tensors without numbers, where a model would lose its own.</exception>
    internal static void RequireNumbers(Device? device) =>
        Require(device?.type != DeviceType.META, nameof(Device), device!, "tensors there have no numbers; give CPU, CUDA, or null for what there is");

    private static void Require(bool holds, string name, object value, string remedy)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"[Retrain]: {name} is {FormattableString.Invariant($"{value}")}; {remedy}.");
        }
    }
}
