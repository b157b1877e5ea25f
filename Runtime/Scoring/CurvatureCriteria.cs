using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How much the loss grows without a weight by the diagonal of the Hessian of the mean loss, ½ h w² (OBD: LeCun et al., "Optimal Brain Damage",
/// 1990).
/// </summary>
/// <remarks>
/// Up to 256 weights the diagonal is exact. Above, it is Hutchinson's estimate, the mean of v ⊙ Hv over 4 seeded vectors of ±1 for each batch,
/// which is exact where H is diagonal and noisy where weights are coupled. Where the loss bends down, the score is below zero: by this
/// estimate the loss gets smaller without the weight, so it goes first. <see cref="Criterion.Fisher"/> is never below zero.
/// </remarks>
internal sealed class HessianCriterion : GradientCriterion
{
    private const long ExactUpTo = 256;
    private const int Vectors = 4;

    public static HessianCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Hessian);

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights)
    {
        using var generator = new Generator(unchecked((ulong)context.Seed));
        using var attention = new PlainAttention();
        var exact = weights.Sum(weight => weight.numel()) <= ExactUpTo;
        var diagonal = Mean(weights, (unfrozen, add) => context.ForEachBatch(Name, gradients: true, (results, batch) =>
        {
            var gradients = Gradients.Of(context.SummedLoss(results, batch), unfrozen, again: true);
            if (exact)
            {
                add(Diagonal(gradients, unfrozen), values => values);
                return;
            }

            for (var i = 0; i < Vectors; i++)
            {
                using var scope = NewDisposeScope();
                var signs = Array.ConvertAll(unfrozen, weight => Signs(weight, generator));
                var products = Products(gradients, signs, unfrozen).Zip(signs, (product, sign) => product is null ? null : product * sign);
                add([.. products], values => values / Vectors);
            }
        }));
        return Times(diagonal, weights, weight => weight.square().div_(2));
    }

    /// <summary>The Hessian times a vector; null where it is zero.</summary>
    /// <param name="gradients">The gradients, with their graph.</param>
    /// <param name="vector">The vector, in the shapes of the weights.</param>
    /// <param name="weights">The weights.</param>
    internal static Tensor?[] Products(Tensor?[] gradients, Tensor[] vector, Tensor[] weights)
    {
        var product = gradients.Zip(vector).Where(pair => pair.First is { requires_grad: true })
            .Aggregate((Tensor?)null, (sum, pair) => (pair.First! * pair.Second).sum() is var next && sum is null ? next : sum + next);
        return product is null ? new Tensor?[weights.Length] : Gradients.Second(product, weights);
    }

    private static Tensor Signs(Tensor weight, Generator generator) =>
        randint(0, 2, weight.shape, generator: generator).mul(2).sub(1).to(weight.dtype, weight.device);

    private static Tensor?[] Diagonal(Tensor?[] gradients, Tensor[] weights) => [.. gradients.Zip(weights, Diagonal)];

    private static Tensor? Diagonal(Tensor? gradient, Tensor weight)
    {
        if (gradient is not { requires_grad: true })
        {
            return null;
        }

        var (flat, values) = (gradient.flatten(), new double[weight.numel()]);
        for (var i = 0; i < values.Length; i++)
        {
            using var scope = NewDisposeScope();
            values[i] = Gradients.Second(flat[i], [weight])[0]?.flatten()[i].to_type(ScalarType.Float64).item<double>() ?? 0;
        }

        return tensor(values, weight.shape, device: weight.device);
    }
}

/// <summary>
/// How much a weight does for the flow of gradients, w ⊙ Hg of the mean loss (GraSP: Wang et al., "Picking Winning Tickets Before Training by
/// Preserving Gradient Flow", 2020): the paper removes the largest −w ⊙ Hg, those without which the norm of the gradient shrinks least or grows.
/// Scores may be below zero. Meant for <see cref="Scope.Global"/>, before training.
/// </summary>
/// <remarks>
/// g is that of all samples, found in a first pass; H runs over the same samples in a second one. The reference softens the results by a
/// temperature of 200, and draws its samples class by class; here the loss is the one that the model is trained with, and the data is as given.
/// </remarks>
internal sealed class GraspCriterion : GradientCriterion
{
    public static GraspCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Grasp);

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights)
    {
        using var attention = new PlainAttention();
        var mean = MeanOfBatches(context, weights, gradient => gradient).Zip(weights, (gradient, weight) => gradient.to_type(weight.dtype)).ToArray();
        var products = Mean(weights, (unfrozen, add) => context.ForEachBatch(Name, gradients: true, (results, batch) =>
            add(HessianCriterion.Products(Gradients.Of(context.SummedLoss(results, batch), unfrozen, again: true), mean, unfrozen), values => values)));
        return Times(products, weights, weight => weight);
    }
}
