using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The second moments of a layer's inputs, so that they can be inverted: <see cref="InputMoments"/> with something on the diagonal.</summary>
internal sealed class LayerHessian
{
    /// <summary>What is added to the diagonal, as a share of its mean.</summary>
    public const double DefaultDamping = 0.01;

    // Below that a pivot is what float64 has rounded.
    private const double Singular = 1e-13;

    private LayerHessian(Tensor moments, double damping, string criterion, string path)
    {
        // An input that is always zero multiplies nothing: its weights may go for free.
        var diagonal = moments.diagonal(0, 1, 2);
        var dead = diagonal.eq(0).to_type(ScalarType.Float64);
        Alive = (1 - dead).unsqueeze(1);
        Matrix = moments + (dead + (diagonal.mean([1L], keepdim: true) * damping)).diag_embed();
        var (lower, info) = linalg.cholesky_ex(Matrix);
        var pivots = lower.diagonal(0, 1, 2).square();
        if (info.ne(0).any().item<bool>() || pivots.le(pivots.amax([1L], keepdim: true) * Singular).any().item<bool>())
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"{criterion} cannot score {path} with a damping of {damping}: what the layer takes in depends on each other, ")
                    + "or there are fewer samples than inputs, so that their second moments have no inverse. Give a Damping above 0, such as 0.01, or choose "
                    + "Wanda.");
        }

        var half = linalg.inv(lower);
        Inverse = half.transpose(1, 2).matmul(half);
    }

    /// <summary>H with what is added to its diagonal, [groups, columns, columns].</summary>
    public Tensor Matrix { get; }

    /// <summary>H⁻¹.</summary>
    public Tensor Inverse { get; }

    /// <summary>Zero for a column that is never anything but zero, else one: [groups, 1, columns].</summary>
    public Tensor Alive { get; }

    /// <summary>H of some of the columns.</summary>
    public Tensor Among(long group, Tensor columns) => Matrix[group].index_select(0, columns).index_select(1, columns);

    /// <summary>Runs the model over the data, and computes something of each weight by its H, in the rows that <see cref="InputMoments.Rows"/> gives.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="criterion">Who asks, for messages.</param>
    /// <param name="damping">What is added to the diagonal.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="compute">Is given each weight, its H, and its place among them.</param>
    /// <returns>What it gives, in the shapes of the weights.</returns>
    public static Tensor[] ForEach(
        ScoringContext context,
        string criterion,
        double damping,
        IReadOnlyList<PlannedParameter> weights,
        Func<PlannedParameter, LayerHessian, int, Tensor> compute)
    {
        if (!(damping >= 0 && double.IsFinite(damping)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(OptimalBrainSurgeonCriterion.Damping),
                damping,
                FormattableString.Invariant($"The Damping of {criterion} is {damping}; give a number of at least 0, such as 0.01."));
        }

        using var noGradients = no_grad();
        var moments = InputMoments.Of(context, criterion, weights);
        var results = new Tensor[moments.Length];
        for (var i = 0; i < results.Length; i++)
        {
            using var scope = NewDisposeScope();

            // What is not finite is told where scores are looked at.
            var result = moments[i].isfinite().all().item<bool>()
                ? compute(weights[i], new LayerHessian(moments[i], damping, criterion, weights[i].Path), i)
                : full([.. weights[i].Shape], double.NaN, ScalarType.Float64);
            results[i] = result.reshape([.. weights[i].Shape]).MoveToOuterDisposeScope();
        }

        return results;
    }
}
