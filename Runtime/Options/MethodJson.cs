namespace PruneGen;

/// <inheritdoc/>
internal sealed class CriterionJson() : NamedJson<ImportanceCriterion>(
    text => Of<Criterion>(text, ImportanceCriterion.Of),
    text => new UnreadCriterion(text),
    new(nameof(Criterion.FilterNorm), _ => LpNormCriterion.Filters, one => Lp(one) is { FiltersOnly: true, P: 2 } ? [] : null),
    new(
        "LpNorm",
        given => new LpNormCriterion(given.Number("p", 2) is > 0 and < double.PositiveInfinity and var p ? p : 2)
        {
            FiltersOnly = given.Holds("filtersOnly", false),
        },
        one => Lp(one) is { } norm ? [("p", norm.P), ("filtersOnly", norm.FiltersOnly)] : null),
    new(
        nameof(Criterion.Wanda),
        given => new WandaCriterion { WithinRows = given.Holds("withinRows", true) },
        one => one is WandaCriterion wanda ? [("withinRows", wanda.WithinRows)] : null),
    new(
        nameof(Criterion.OptimalBrainSurgeon),
        given => new OptimalBrainSurgeonCriterion { Greedy = given.Holds("greedy", false), Damping = given.Number("damping", LayerHessian.DefaultDamping) },
        one => one is OptimalBrainSurgeonCriterion surgeon ? [("greedy", surgeon.Greedy), ("damping", surgeon.Damping)] : null),
    new(
        nameof(Criterion.SparseGpt),
        given => new SparseGptCriterion { Damping = given.Number("damping", LayerHessian.DefaultDamping) },
        one => one is SparseGptCriterion gpt ? [("damping", gpt.Damping)] : null),
    new(
        nameof(Criterion.ActivationDerivative),
        given => new ActivationDerivativeCriterion { Normalized = given.Holds("normalized", true) },
        one => one is ActivationDerivativeCriterion { ProductFirst: false } means ? [("normalized", means.Normalized)] : null),
    new(
        nameof(Criterion.ActivationDerivativeProduct),
        given => new ActivationDerivativeCriterion { ProductFirst = true, Normalized = given.Holds("normalized", true) },
        one => one is ActivationDerivativeCriterion { ProductFirst: true } products ? [("normalized", products.Normalized)] : null))
{
    // A class derived from it is the user's.
    private static LpNormCriterion? Lp(ImportanceCriterion one) => one.GetType() == typeof(LpNormCriterion) ? (LpNormCriterion)one : null;
}

/// <inheritdoc/>
internal sealed class GranularityJson() : NamedJson<PruneGranularity>(PruneGranularity.Parse, text => new UnreadGranularity(text));

/// <inheritdoc/>
internal sealed class ScopeJson() : NamedJson<RankingScope>(text => Of<Scope>(text, RankingScope.Of), text => new UnreadScope(text));

/// <inheritdoc/>
internal sealed class AllocatorJson() : NamedJson<RatioAllocator>(
    text => Of<Allocator>(text, RatioAllocator.Of),
    text => new UnreadAllocator(text),
    new(
        nameof(Allocator.Genetic),
        given => new GeneticSearch { Population = given.Whole("population", new GeneticSearch().Population) },
        one => one is GeneticSearch search ? [("population", search.Population)] : null),
    new(
        nameof(Allocator.NonDominatedSorting),
        given => new NonDominatedSearch { Population = given.Whole("population", new NonDominatedSearch().Population) },
        one => one is NonDominatedSearch search ? [("population", search.Population)] : null),
    new(
        nameof(Allocator.Annealing),
        given => new AnnealingSearch
        {
            Temperature = given.Number("temperature", new AnnealingSearch().Temperature), Step = given.Number("step", new AnnealingSearch().Step),
        },
        one => one is AnnealingSearch search ? [("temperature", search.Temperature), ("step", search.Step)] : null),
    new(
        nameof(Allocator.LearnedMasks),
        given => new LearnedMaskSearch
        {
            Epochs = given.Whole("epochs", new LearnedMaskSearch().Epochs), LearningRate = given.Number("learningRate", new LearnedMaskSearch().LearningRate),
        },
        one => one is LearnedMaskSearch search ? [("epochs", search.Epochs), ("learningRate", search.LearningRate)] : null),
    new(
        nameof(Allocator.Reinforcement),
        given => new ReinforcementSearch
        {
            LearningRate = given.Number("learningRate", new ReinforcementSearch().LearningRate),
            WarmUp = given.Number("warmUp", new ReinforcementSearch().WarmUp),
        },
        one => one is ReinforcementSearch search ? [("learningRate", search.LearningRate), ("warmUp", search.WarmUp)] : null),
    new(
        nameof(Allocator.DynamicProgramming),
        given => new DynamicProgrammingAllocator
        {
            Options = given.Whole("options", new DynamicProgrammingAllocator().Options),
            MostStates = given.Whole("mostStates", new DynamicProgrammingAllocator().MostStates),
        },
        one => one is DynamicProgrammingAllocator program ? [("options", program.Options), ("mostStates", program.MostStates)] : null),

    // Curves that were given are not written, and one that measures its own is not the same.
    new(
        nameof(Allocator.Sensitivity),
        _ => new SensitivityAllocator(),
        one => one is SensitivityAllocator sensitivity ? [("curvesGiven", sensitivity.HasCurves)] : null));

/// <inheritdoc/>
internal sealed class RangeObserverJson() : NamedJson<RangeObserver>(text => Of<RangeRule>(text, RangeObserver.Of), text => new UnreadRange(text));

/// <inheritdoc/>
internal sealed class WeightRoundingJson() : NamedJson<WeightRounding>(
    text => Of<Rounding>(text, WeightRounding.Of),
    text => new UnreadRounding(text),
    new Adjustable<WeightRounding>(
        nameof(Rounding.Adaptive),
        given => new AdaptiveRounding
        {
            Iterations = given.Whole("iterations", new AdaptiveRounding().Iterations),
            LearningRate = given.Number("learningRate", new AdaptiveRounding().LearningRate),
            Strength = given.Number("strength", new AdaptiveRounding().Strength),
        },
        one => one is AdaptiveRounding adaptive
            ? [("iterations", adaptive.Iterations), ("learningRate", adaptive.LearningRate), ("strength", adaptive.Strength)] : null));

/// <inheritdoc/>
internal sealed class CodeAssignmentJson() : NamedJson<CodeAssignment>(text => Of<SharedBy>(text, CodeAssignment.Of), text => new UnreadAssignment(text));
