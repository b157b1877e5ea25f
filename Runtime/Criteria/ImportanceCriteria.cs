namespace PruneGen;

/// <summary>The criteria that <see cref="Criterion"/> names.</summary>
public static class ImportanceCriteria
{
    /// <summary>The criterion of the given name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static IImportanceCriterion Of(Criterion criterion) => criterion switch
    {
        Criterion.L1 => NormCriterion.L1,
        Criterion.L2 => NormCriterion.L2,
        Criterion.Random => new RandomCriterion(),
        Criterion.MeanActivation => new MeanActivationCriterion(),
        Criterion.Taylor => new TaylorCriterion(),
        _ =>
            throw new ArgumentOutOfRangeException(
                nameof(criterion), criterion, $"There is no criterion {criterion}; give one of {string.Join(", ", Enum.GetNames<Criterion>())}."),
    };
}
