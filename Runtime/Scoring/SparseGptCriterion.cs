using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// w² / u², u the diagonal of the upper Cholesky factor U of H⁻¹ (SparseGPT: Frantar and Alistarh, "Massive Language Models Can Be Accurately Pruned in
/// One-Shot", 2023), H the second moments of the layer's inputs: column by column, what goes is made good for by the columns behind it, w −= w / u · U.
/// One factor serves all rows of a layer, so it is for wide layers, where <see cref="OptimalBrainSurgeonCriterion"/> would take too long. For Linear layers
/// and convolutions of one and two dimensions. Needs no labels.
/// </summary>
/// <remarks>Which weights go is settled by the weights as they are; the paper's code settles it anew behind each 128 columns.</remarks>
public sealed class SparseGptCriterion : ImportanceCriterion, ICompensatingCriterion
{
    internal static SparseGptCriterion Instance { get; } = new();

    /// <summary>What is added to the diagonal of H, as a share of its mean, at least 0. 0.01 by default.</summary>
    public double Damping { get; init; } = LayerHessian.DefaultDamping;

    /// <inheritdoc/>
    public override string Name => nameof(Criterion.SparseGpt);

    /// <inheritdoc/>
    public override CriterionNeeds Needs => CriterionNeeds.Activations;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A layer is of another type, or was not observed, or its H has no inverse.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The damping is negative or not finite.</exception>
    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) => LayerHessian.ForEach(
        context,
        Name,
        Damping,
        weights,
        (weight, hessian, i) => InputMoments.Rows(weight, weight.Tensor).square() / Factor(hessian).diagonal(0, 1, 2).square().unsqueeze(1) * hessian.Alive);

    /// <inheritdoc/>
    public Tensor[] Compensate(ScoringContext context, IReadOnlyList<PlannedParameter> weights, IReadOnlyList<Tensor> kept) => LayerHessian.ForEach(
        context,
        Name,
        Damping,
        weights,
        (weight, hessian, i) => Swept(InputMoments.Rows(weight, weight.Tensor), Factor(hessian), InputMoments.Rows(weight, kept[i])));

    /// <summary>U of H⁻¹ = Uᵀ U.</summary>
    private static Tensor Factor(LayerHessian hessian) => linalg.cholesky_ex(hessian.Inverse).L.transpose(1, 2);

    private static Tensor Swept(Tensor rows, Tensor factor, Tensor stays)
    {
        var (swept, width) = (rows.clone(), rows.size(2));
        for (var column = 0L; column < width; column++)
        {
            using var scope = NewDisposeScope();
            var behind = factor.select(1, column).narrow(1, column, width - column);
            var gone = swept.select(2, column) * (1 - stays.select(2, column));
            var errors = gone / behind.narrow(1, 0, 1);
            swept.narrow(2, column, width - column).sub_(errors.unsqueeze(2) * behind.unsqueeze(1));
        }

        return swept * stays;
    }
}
