using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Has layers of the pruned model put out what they did in the dense one (Romero et al., "FitNets", 2015): β times the mean squared difference. Where a layer
/// has become narrower, a linear map from its channels to the dense ones is learnt beside it, and dropped afterwards.
/// </summary>
public sealed class FeatureHints : TrainingCallback
{
    private const double ProjectionRate = 1e-3;

    private readonly string[] layers;
    private readonly double weight;
    private readonly Dictionary<string, Parameter> projections = new(StringComparer.Ordinal);
    private LayerOutputs? outputs;
    private Dictionary<string, Tensor> hints = [];
    private optim.Optimizer? optimizer;

    /// <param name="layers">The paths of the layers, each from a tensor to a tensor; channels are dimension 1.</param>
    /// <param name="weight">β, at least 0. 1 by default.</param>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    public FeatureHints(IEnumerable<string> layers, double weight = 1)
    {
        this.layers = Checked(layers, weight);
        this.weight = weight;
    }

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context) => outputs = new LayerOutputs(context.Model, layers);

    /// <inheritdoc/>
    public override void OnBatch(TrainingContext context, Batch batch) => hints = Hints(context, batch, outputs!, layers);

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        var features = outputs!.Take(layers);
        foreach (var layer in layers)
        {
            var (own, hint) = (features[layer], hints[layer]);
            loss += weight * nn.functional.mse_loss(own.size(1) == hint.size(1) ? own : Projected(layer, own, hint), hint);
        }

        optimizer ??= projections.Count > 0 ? optim.Adam(projections.Values, ProjectionRate) : null;
        return loss;
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        optimizer?.step();
        optimizer?.zero_grad();
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        outputs?.Dispose();
        optimizer?.Dispose();
        foreach (var projection in projections.Values)
        {
            projection.Dispose();
        }

        projections.Clear();
        (outputs, optimizer) = (null, null);
    }

    internal static string[] Checked(IEnumerable<string> layers, double weight)
    {
        string[] all = [.. layers];
        if (all.Length == 0)
        {
            throw new ArgumentException("No layer is named to take hints from; give the path of one, such as conv2.", nameof(layers));
        }

        return weight >= 0 && double.IsFinite(weight)
            ? all
            : throw new ArgumentOutOfRangeException(
                nameof(weight), weight, FormattableString.Invariant($"The weight of the hints is {weight}; give a number of at least 0, such as 1."));
    }

    /// <summary>What the layers of the dense model put out.</summary>
    internal static Dictionary<string, Tensor> Hints(TrainingContext context, Batch batch, LayerOutputs outputs, IReadOnlyList<string> layers)
    {
        using var noGradients = no_grad();
        Distillation.TeacherOf(context, given: null)(batch.Inputs);
        return outputs.Take(layers);
    }

    private Tensor Projected(string layer, Tensor own, Tensor hint)
    {
        if (!projections.TryGetValue(layer, out var projection))
        {
            var weights = randn([hint.size(1), own.size(1)], own.dtype, own.device) / Math.Sqrt(own.size(1));
            projections.Add(layer, projection = new Parameter(weights.detach()));
            projection.DetachFromDisposeScope();
        }

        return nn.functional.linear(own.transpose(1, -1), projection).transpose(1, -1);
    }
}
