namespace PruneGen;

/// <summary>How <c>PruneAndRetrain</c> fine-tunes a model after pruning it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RetrainAttribute : Attribute
{
    /// <summary>Passes over the training data, at least 0. 3 by default.</summary>
    public int Epochs { get; set; } = 3;

    /// <summary>The initial learning rate, above 0. 1e-3 by default.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>The optimizer. <see cref="RetrainOptimizer.Adam"/> by default.</summary>
    public RetrainOptimizer Optimizer { get; set; } = RetrainOptimizer.Adam;

    /// <summary>How the learning rate changes. <see cref="LearningRateSchedule.Cosine"/> by default.</summary>
    public LearningRateSchedule Schedule { get; set; } = LearningRateSchedule.Cosine;

    /// <summary>Momentum of <see cref="RetrainOptimizer.SGD"/>, in [0, 1). 0.9 by default.</summary>
    public double Momentum { get; set; } = 0.9;

    /// <summary>
    /// Weight decay, at least 0: an L2 penalty, with <see cref="RetrainOptimizer.AdamW"/> a shrinking of the weights apart from the gradients. 0 by default.
    /// </summary>
    public double WeightDecay { get; set; }

    /// <summary>The largest norm of all gradients together, above 0; larger ones are scaled down to it. Infinity, the default, for no limit.</summary>
    public double MaxGradientNorm { get; set; } = double.PositiveInfinity;

    /// <summary>Whether the model ends with the weights of its best epoch on the test data, instead of the last. False by default.</summary>
    public bool KeepBest { get; set; }

    /// <summary>What the model learns from beside the labels. <see cref="Distill.None"/> by default.</summary>
    public Distill Distill { get; set; }

    /// <summary>By how much answers are softened in distillation, above 0. 4 by default.</summary>
    public double Temperature { get; set; } = 4;

    /// <summary>How much the teacher weighs against the labels in distillation, in [0, 1]. 0.9 by default.</summary>
    public double DistillWeight { get; set; } = 0.9;

    /// <summary>Classes of your own that take part in training, in this order: they derive from <c>TrainingCallback</c> and need no arguments.</summary>
    public Type[] CallbackTypes { get; set; } = [];

    /// <summary>Seed of everything random: shuffling, dropout, random importance. The same seed gives the same result. 0 by default.</summary>
    public int Seed { get; set; }
}

/// <summary>What a pruned model learns from beside the labels.</summary>
public enum Distill
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The softened answers of the dense model as it was before pruning (Hinton et al., 2015).</summary>
    SoftTargets,
}

/// <summary>The optimizers for retraining.</summary>
public enum RetrainOptimizer
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    SGD,

    /// <summary>Adam (Kingma and Ba, 2015).</summary>
    Adam,

    /// <summary>Adam whose weight decay shrinks the weights apart from the gradients (Loshchilov and Hutter, 2019).</summary>
    AdamW,
}

/// <summary>How the learning rate changes during retraining.</summary>
public enum LearningRateSchedule
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>A tenth after half of the epochs and again after three quarters.</summary>
    Step,

    /// <summary>Half a cosine from the initial rate to zero, a step each batch (Loshchilov and Hutter, 2017).</summary>
    Cosine,
}
