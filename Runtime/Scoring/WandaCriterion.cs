using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// |w| · ‖x‖₂, the magnitude of a weight times the norm of the input that it multiplies, over all samples and positions (Wanda: Sun et al., "A Simple
/// and Effective Pruning Approach for Large Language Models", 2023), for the weights of Linear and convolution layers. Needs no labels.
/// </summary>
public sealed class WandaCriterion : ImportanceCriterion, IWeightCriterion
{
    internal static WandaCriterion Instance { get; } = new();

    /// <summary>
    /// Whether a weight is compared with those of its own output alone, as the paper does it, so that each output loses the same share: then its score
    /// is its place among them, from the lowest, as a share of their number. Otherwise the score is |w| · ‖x‖₂ itself. True by default.
    /// </summary>
    public bool WithinRows { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => WithinRows ? nameof(Criterion.Wanda) : "Wanda over the layer";

    /// <inheritdoc/>
    public override CriterionNeeds Needs => CriterionNeeds.Activations;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A layer is neither Linear nor a convolution, or was not observed.</exception>
    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        foreach (var weight in weights.Where(weight => weight is not { Module: Linear or Convolution, Name: "weight" }))
        {
            throw new InvalidOperationException(
                $"{Name} cannot score {weight.Path}: which input each of its weights multiplies is known of Linear and convolution layers, and it is of a "
                    + $"{weight.Module.GetType().Name}. Choose L1, L2, Random or Taylor for it.");
        }

        using var scope = NewDisposeScope();
        var squares = weights.Select(weight => zeros_like(weight.Tensor, ScalarType.Float64).detach()).ToArray();
        LayerInputs.Observe(
            context,
            Name,
            weights,
            (i, input) => AddSquares(squares[i], (nn.Module<Tensor, Tensor>)weights[i].Module, weights[i].Tensor, input));
        using var noGradients = no_grad();
        return [.. weights.Zip(squares, (weight, sums) => Score(weight, sums).MoveToOuterDisposeScope())];
    }

    /// <summary>
    /// Adds, for each weight, the squares of what it multiplies. A layer is linear in its weights: the gradient of the sum of all that it makes of
    /// squared inputs is just that, whatever its strides, padding and groups.
    /// </summary>
    private static void AddSquares(Tensor squares, nn.Module<Tensor, Tensor> layer, Tensor weight, Tensor input)
    {
        using var wide = new DoublePrecision(layer);
        using var trained = new Unfrozen([weight]);
        using var gradients = enable_grad();
        var gradient = Gradients.Of(layer.forward(input.detach().to_type(ScalarType.Float64).square()).sum(), [weight])[0];
        using var noGradients = no_grad();
        squares.add_(gradient!);
    }

    private Tensor Score(PlannedParameter weight, Tensor squares)
    {
        var scores = weight.Tensor.to_type(ScalarType.Float64).abs() * squares.sqrt();
        if (!WithinRows || !scores.isfinite().all().item<bool>())
        {
            // A place would hide what is not finite, and is refused.
            return scores;
        }

        // A transposed convolution has its inputs in front: [groups × inputs, outputs, …].
        if (weight is not { ReadDim: 0, Module: Convolution convolution })
        {
            return Places(scores.flatten(1)).reshape(scores.shape);
        }

        var byGroup = scores.reshape(convolution.groups, -1, scores.size(1), scores[0, 0].numel()).transpose(1, 2);
        return Places(byGroup.flatten(2).flatten(0, 1)).reshape(byGroup.shape).transpose(1, 2).reshape(scores.shape);
    }

    /// <summary>The place of each number in its row, from the lowest, as a share of their number; of equal ones the last is the lowest.</summary>
    private static Tensor Places(Tensor rows)
    {
        var order = rows.sort(1, descending: true, stable: true).Indices;
        var places = arange(rows.size(1), 0, -1, ScalarType.Float64, rows.device) / rows.size(1);
        return zeros_like(rows).scatter_(1, order, places.expand(rows.shape));
    }
}
