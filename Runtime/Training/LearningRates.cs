namespace PruneGen;

/// <summary>The learning rate at each step, as closed forms of <see cref="LearningRateSchedule"/>.</summary>
public static class LearningRates
{
    /// <summary>The learning rate of one batch.</summary>
    /// <param name="options">The initial rate, the schedule and the number of epochs.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="batch">The batch in the epoch, from 0.</param>
    /// <param name="batches">Number of batches in an epoch; used by <see cref="LearningRateSchedule.Cosine"/> only.</param>
    public static double At(RetrainOptions options, int epoch, int batch, int batches)
    {
        var initial = options.LearningRate;
        switch (options.Schedule)
        {
            case LearningRateSchedule.Step:
                return initial * (4 * epoch >= 3 * options.Epochs ? 0.01 : 2 * epoch >= options.Epochs ? 0.1 : 1);

            case LearningRateSchedule.Cosine:
                // A source may give more batches than it did when they were counted; the rate then stays at zero.
                var progress = Math.Min(1, (epoch + ((double)batch / Math.Max(batches, 1))) / options.Epochs);
                return initial * 0.5 * (1 + Math.Cos(Math.PI * progress));

            default:
                return initial;
        }
    }
}
