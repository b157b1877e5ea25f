using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Runs a model over data in evaluation mode and without gradients, and counts its loss and its errors.</summary>
internal sealed class Evaluator(
    nn.Module model, Func<Tensor[], Tensor[]> forward, TrainingDevice place, RetrainOptions options, CancellationToken cancellationToken)
{
    /// <summary>The loss, and the error of the first result.</summary>
    /// <exception cref="InvalidOperationException">There is no batch.</exception>
    public Evaluation Of(TrainingData data)
    {
        using var noGradients = no_grad();
        using var losses = new ScalarWindow();
        using var wrongs = new ScalarWindow();
        using var totals = new ScalarWindow();
        var sizes = new List<long>();
        var (loss, wrong, answers) = (0.0, 0.0, 0.0);
        model.eval();

        void Read()
        {
            var first = sizes.Count - losses.Count;
            loss += losses.Drain().Select((mean, i) => mean * sizes[first + i]).Sum();
            wrong += wrongs.Drain().Sum();
            answers += totals.Drain().Sum();
        }

        // Several processes take the batches by turns. None stops by itself: the others would wait for it.
        var all = Ranks.Of(options);
        var turn = 0;
        var classes = true;
        foreach (var drawn in data.Batches())
        {
            if (all is not null && turn++ % all.Size != all.Rank)
            {
                continue;
            }

            if (all is null)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            using var scope = NewDisposeScope();
            var batch = place.Move(drawn);
            var results = forward(batch.Inputs);
            losses.Add(LossFunctions.Of(options, results, batch.Targets));
            sizes.Add(batch.Size);
            if (LossFunctions.Wrong(results[0], batch.Target) is var (count, asked))
            {
                wrongs.Add(count);
                totals.Add(asked);
            }
            else
            {
                classes = false;
            }

            if (losses.IsFull)
            {
                Read();
            }
        }

        Read();
        double[] sums = [loss, wrong, answers, sizes.Sum(), classes ? 0 : 1];
        all?.Sum(sums);
        return sums[3] > 0
            ? new Evaluation(sums[0] / sums[3], sums[4] == 0 && sums[2] > 0 ? sums[1] / sums[2] : null, (long)sums[3])
            : throw new InvalidOperationException(
                "The data to evaluate on gave no batch; see that its source is not empty and can be enumerated more than once.");
    }
}
