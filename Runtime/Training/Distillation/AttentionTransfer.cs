using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Has layers of the pruned model look where they did in the dense one (Zagoruyko and Komodakis, "Paying More Attention to Attention", 2017): β times the
/// mean squared difference of the maps Σ over channels of the squared output, each flattened and divided by its norm. How wide a layer is does not matter.
/// </summary>
public sealed class AttentionTransfer : TrainingCallback
{
    private readonly string[] layers;
    private readonly double weight;
    private LayerOutputs? outputs;
    private Dictionary<string, Tensor> hints = [];

    /// <param name="layers">The paths of the layers; their outputs have positions behind the channels in dimension 1.</param>
    /// <param name="weight">β, at least 0. 1000 by default.</param>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    public AttentionTransfer(IEnumerable<string> layers, double weight = 1000)
    {
        this.layers = FeatureHints.Checked(layers, weight);
        this.weight = weight;
    }

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context) => outputs = new LayerOutputs(context.Model, layers);

    /// <inheritdoc/>
    public override void OnBatch(TrainingContext context, Batch batch) => hints = FeatureHints.Hints(context, batch, outputs!, layers);

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        var features = outputs!.Take(layers);
        return layers.Aggregate(loss, (sum, layer) => sum + (weight * nn.functional.mse_loss(Map(layer, features[layer]), Map(layer, hints[layer]))));
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        outputs?.Dispose();
        outputs = null;
    }

    private static Tensor Map(string layer, Tensor output) => output.dim() > 2
        ? nn.functional.normalize(output.square().mean([1]).flatten(1), dim: 1)
        : throw new InvalidOperationException(
            $"The output of {layer} has the shape [{string.Join(", ", output.shape)}], without positions to attend to; name a convolution, or "
                + "use FeatureHints.");
}
