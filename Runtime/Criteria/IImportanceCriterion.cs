using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Scores how much a model needs what could be removed from it; the lowest scores go first. Implement it for a criterion
/// of your own and pass that to <see cref="Importance.Of"/>.
/// </summary>
public interface IImportanceCriterion
{
    /// <summary>
    /// Whether the scores of different groups stand on one scale. Where they do not, the scores of each group are divided
    /// by their L2 norm before <see cref="Scope.Global"/> ranks them together.
    /// </summary>
    bool OnOneScale { get; }

    /// <summary>Scores whole channels.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="groups">The groups to score.</param>
    /// <returns>For each group, one score an index.</returns>
    double[][] ScoreGroups(ScoringContext context, IReadOnlyList<PruningGroup> groups);

    /// <summary>Scores single weights.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="weights">The parameters to score.</param>
    /// <returns>For each parameter, a floating-point tensor of its shape.</returns>
    Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights);
}
