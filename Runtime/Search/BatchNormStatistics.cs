using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Estimates the running statistics of normalisation anew, as averages over training batches, without touching a weight: a pruned model answers by those of
/// the dense one otherwise (Li et al., "EagleEye: Fast Sub-net Evaluation for Efficient Neural Network Pruning", 2020).
/// </summary>
internal static class BatchNormStatistics
{
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it.</param>
    /// <param name="data">What the batches are taken from; those of a single sample are left out.</param>
    /// <param name="batches">How many at most.</param>
    /// <param name="options">Where the model runs, and the seed of the order.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    public static void Estimate(
        nn.Module model, Func<Tensor[], Tensor[]> forward, TrainingData data, int batches, RetrainOptions options, CancellationToken cancellationToken)
    {
        var norms = model.modules().OfType<NormBase>().Where(norm => norm.running_mean is not null).Select(norm => (Norm: norm, norm.momentum)).ToList();
        if (batches == 0 || norms.Count == 0)
        {
            return;
        }

        using var modes = new TrainingModes(model);
        using var place = new TrainingDevice(model, options.Device);
        using var noGradients = no_grad();
        model.eval();
        try
        {
            norms.ForEach(norm => norm.Norm.train());
            var seen = 0;
            foreach (var drawn in data.Batches(epoch: 0, options.Seed).Where(batch => batch.Size > 1).Take(batches))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();

                // The first takes the place of what was there, and each further one counts as much as those before it.
                seen++;
                norms.ForEach(norm => norm.Norm.momentum = 1.0 / seen);
                place.Move(drawn).Through(forward);
            }
        }
        finally
        {
            norms.ForEach(norm => norm.Norm.momentum = norm.momentum);
        }
    }
}
