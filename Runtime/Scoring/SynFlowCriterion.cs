using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The share of the flow through the model that goes through a weight, |w · ∂R/∂w| / R, where R is the sum of the outputs for an input of ones when
/// every weight is |w| (SynFlow: Tanaka et al., "Pruning neural networks without any data by iteratively conserving synaptic flow", 2020). Needs
/// no data, but the input's shape. Where the model has no biases, the scores of each layer add up to 1.
/// </summary>
/// <remarks>
/// <para>
/// The paper scores anew 100 times on the way to its ratio, with <see cref="Scope.Global"/>; how often is the schedule's to say. In one shot
/// whole layers are likely to go.
/// </para>
/// <para>
/// The pass runs in float64, in evaluation mode, BatchNorm by its running variance, with biases and shifts by their magnitudes, so that nothing is
/// subtracted. Everything is put back afterwards. R is the same for any weights of a layer whose output is normalised by itself, or saturates
/// (tanh, sigmoid), so that there the scores say little; LayerNorm, GroupNorm and InstanceNorm are refused.
/// </para>
/// </remarks>
internal sealed class SynFlowCriterion : SummedWeightCriterion
{
    private SynFlowCriterion()
    {
    }

    public static SynFlowCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.SynFlow);

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights)
    {
        var model = context.Plan.Model;
        RequireFlow(context.Plan);
        using var still = new StillModel(model);
        using var wide = new DoublePrecision(model);
        using var trained = new Unfrozen(weights);
        MakePositive(model);
        var precision = get_default_dtype();
        set_default_dtype(ScalarType.Float64);
        try
        {
            using var gradients = enable_grad();
            using var scope = NewDisposeScope();
            var inputs = context.Plan.InputShapes.Select(shape => ones([1, .. shape[1..]], ScalarType.Float64, weights[0].device)).ToArray();
            var flow = Run(context, inputs).Where(result => result.is_floating_point())
                .Aggregate(zeros(1, ScalarType.Float64, weights[0].device), (sum, result) => sum + result.sum());
            if (!(double.IsFinite(flow.item<double>()) && flow.item<double>() > 0))
            {
                throw new InvalidOperationException(
                    $"{Name} cannot score {model.GetType().Name}: {flow.item<double>()} flows through it from an input of ones. See that its weights are "
                        + "finite and not all zero, or choose L1, L2 or Random.");
            }

            var slopes = Gradients.Of(flow, weights);
            using var noGradients = no_grad();
            return [.. weights.Zip(slopes, (weight, slope) => (slope is null ? zeros_like(weight) : weight * slope / flow).MoveToOuterDisposeScope())];
        }
        finally
        {
            set_default_dtype(precision);
        }
    }

    /// <summary>Makes every weight its magnitude, and has BatchNorm add the magnitude of its mean, as if it were a bias.</summary>
    private static void MakePositive(nn.Module model)
    {
        using var noGradients = no_grad();
        foreach (var parameter in model.parameters().Distinct<Tensor>(ReferenceEqualityComparer.Instance))
        {
            parameter.abs_();
        }

        foreach (var norm in model.modules().OfType<NormBase>())
        {
            norm.running_mean?.abs_().neg_();
        }
    }

    private Tensor[] Run(ScoringContext context, Tensor[] inputs)
    {
        try
        {
            return context.Forward(Name, inputs);
        }
        catch (ExternalException error)
        {
            throw new InvalidOperationException(
                $"{Name} runs {context.Plan.Model.GetType().Name} in float64 on an input of ones, and its forward stops there: {error.Message} "
                    + "Choose L1, L2 or Random where it works on whole numbers or float32 alone.",
                error);
        }
    }

    /// <exception cref="InvalidOperationException">Nothing can flow through the model like that.</exception>
    private void RequireFlow(PruningPlan plan)
    {
        if (plan.InputShapes.Count == 0)
        {
            throw new InvalidOperationException(
                $"{Name} runs {plan.Model.GetType().Name} on an input of ones, and the shape of its input is not known; give it, batch included, or choose "
                    + "L1, L2 or Random.");
        }

        foreach (var (name, module) in plan.Model.named_modules())
        {
            var because = module switch
            {
                LSTM or GRU or RNN or LSTMCell or GRUCell or RNNCell => "saturates, and works in float32 alone",
                Embedding or EmbeddingBag => "takes whole numbers, for which ones say nothing",
                MultiheadAttention => "normalises what flows through it, and works in float32 alone",
                LayerNorm or GroupNorm or InstanceNorm => "normalises what flows through it by itself",
                _ => null,
            };
            if (because is not null)
            {
                throw new InvalidOperationException(
                    $"{Name} cannot score {plan.Model.GetType().Name}: {name} ({module.GetType().Name}) {because}. Choose L1, L2 or Random.");
            }
        }
    }
}
