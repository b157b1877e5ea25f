using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Scores how much a model needs what could be removed from it; the lowest scores go first. For one of your own derive from this, and implement
/// <see cref="IChannelCriterion"/>, <see cref="IWeightCriterion"/> or both; then give it as <see cref="PruneSettings.Criterion"/>, or its type as
/// <c>[Prunable(CriterionType = typeof(Mine))]</c>.
/// </summary>
public abstract class ImportanceCriterion
{
    /// <summary>What reports and messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>What it cannot score without; that is looked at before anything is run.</summary>
    public virtual CriterionNeeds Needs => CriterionNeeds.None;

    /// <summary>
    /// Whether the scores of different groups stand on one scale. Where they do not, the scores of each group are divided
    /// by their L2 norm before <see cref="Scope.Global"/> ranks them together.
    /// </summary>
    public virtual bool OnOneScale => false;

    /// <summary>The criterion of a name.</summary>
    public static implicit operator ImportanceCriterion(Criterion name) => Of(name);

    /// <summary>The criterion of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static ImportanceCriterion Of(Criterion name) => name switch
    {
        Criterion.L1 => NormCriterion.L1,
        Criterion.L2 => NormCriterion.L2,
        Criterion.Random => RandomCriterion.Instance,
        Criterion.MeanActivation => MeanActivationCriterion.Instance,
        Criterion.Taylor => TaylorCriterion.Instance,
        Criterion.FilterNorm => LpNormCriterion.Filters,
        Criterion.BatchNormScale => BatchNormScaleCriterion.Instance,
        Criterion.GeometricMedian => GeometricMedianCriterion.Instance,
        Criterion.CosineSimilarity => CosineSimilarityCriterion.Instance,
        Criterion.Lamp => LampCriterion.Instance,
        Criterion.Gradient => GradientMagnitudeCriterion.Instance,
        Criterion.TaylorWeight => TaylorWeightCriterion.Instance,
        Criterion.Fisher => FisherCriterion.Instance,
        Criterion.Hessian => HessianCriterion.Instance,
        Criterion.Snip => SnipCriterion.Instance,
        Criterion.Contribution => ContributionCriterion.Instance,
        Criterion.Grasp => GraspCriterion.Instance,
        Criterion.SynFlow => SynFlowCriterion.Instance,
        Criterion.Apoz => ApozCriterion.Instance,
        Criterion.HRank => HRankCriterion.Instance,
        Criterion.ActivationDerivative => ActivationDerivativeCriterion.OfMeans,
        Criterion.ActivationDerivativeProduct => ActivationDerivativeCriterion.OfProducts,
        Criterion.Wanda => WandaCriterion.Instance,
        Criterion.OptimalBrainSurgeon => OptimalBrainSurgeonCriterion.Instance,
        Criterion.SparseGpt => SparseGptCriterion.Instance,
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no criterion {name}; give one of {string.Join(", ", Enum.GetNames<Criterion>())}, or one of your own."),
    };

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>What a criterion cannot score without.</summary>
[Flags]
public enum CriterionNeeds
{
    /// <summary>The weights are enough.</summary>
    None = 0,

    /// <summary>Samples to run the model over.</summary>
    Data = 1,

    /// <summary>The right answers to the samples.</summary>
    Labels = 2 | Data,

    /// <summary>Gradients of the loss.</summary>
    Gradients = 4 | Data,

    /// <summary>
    /// What comes out of layers, or goes into them, while the model runs: they must be invoked by <c>call</c>, and channels that only recurrent
    /// layers put out are not observed.
    /// </summary>
    Activations = 8 | Data,
}

/// <summary>A criterion that scores whole channels, neurons or features.</summary>
public interface IChannelCriterion
{
    /// <summary>Scores whole channels.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="groups">The groups to score.</param>
    /// <returns>For each group, one score an index.</returns>
    double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups);
}

/// <summary>A criterion that scores single weights; granularities that remove several as one piece fold its scores.</summary>
public interface IWeightCriterion
{
    /// <summary>Scores single weights.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="weights">The parameters to score.</param>
    /// <returns>For each parameter, a floating-point tensor of its shape.</returns>
    Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights);
}

/// <summary>
/// A criterion of single weights that also says what those become that stay, so that they make good for those that go. The new values take their place
/// together with the mask; on any failure the model is as it was.
/// </summary>
public interface ICompensatingCriterion : IWeightCriterion
{
    /// <summary>What the weights become.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="weights">The parameters of which some weights go, among those that were scored.</param>
    /// <param name="kept">For each of them, true for each weight that stays, in its shape.</param>
    /// <returns>For each parameter, a floating-point tensor of its shape; what goes is set to zero in any case.</returns>
    Tensor[] Compensate(ScoringContext context, IReadOnlyList<PlannedParameter> weights, IReadOnlyList<Tensor> kept);
}
