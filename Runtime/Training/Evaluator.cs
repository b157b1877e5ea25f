using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Runs a model over data in evaluation mode and without gradients, and counts its loss and its errors.</summary>
internal sealed class Evaluator(
    nn.Module model, Func<Tensor[], Tensor[]> forward, TrainingDevice place, RetrainOptions options, CancellationToken cancellationToken)
{
    /// <summary>The loss, and the error of the first result.</summary>
    /// <exception cref="InvalidOperationException">There is no batch, or none in which a target counts.</exception>
    public Evaluation Of(TrainingData data)
    {
        using var noGradients = no_grad();
        using var losses = new ScalarWindow();
        using var weights = new ScalarWindow();
        using var wrongs = new ScalarWindow();
        using var totals = new ScalarWindow();
        var (wrong, answers, samples, parts) = (0.0, 0.0, 0L, 1);
        var (loss, weight) = (new double[1], new double[1]);
        model.eval();

        void Read()
        {
            foreach (var ((mean, counted), i) in losses.Drain().Zip(weights.Drain()).Select((entry, i) => (entry, i % parts)))
            {
                // The mean of no target at all is not a number.
                loss[i] += counted > 0 ? mean * counted : 0;
                weight[i] += counted;
            }

            wrong += wrongs.Drain().Sum();
            answers += totals.Drain().Sum();
        }

        // Several processes take the batches by turns. None stops by itself: the others would wait for it.
        var all = Ranks.Of(options);
        var turn = 0;
        var classes = true;
        foreach (var drawn in data.Batches())
        {
            if (turn == 0)
            {
                parts = options.LossOfAll is null ? Math.Max(1, drawn.Targets.Length) : 1;
                (loss, weight) = (new double[parts], new double[parts]);
            }

            if (turn++ % (all?.Size ?? 1) != (all?.Rank ?? 0))
            {
                continue;
            }

            if (all is null)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            using var scope = NewDisposeScope();
            var batch = place.Move(drawn);
            var results = batch.Through(forward);
            foreach (var (mean, counted) in LossFunctions.Parts(options, results, batch.Targets))
            {
                losses.Add(mean);
                weights.Add(counted ?? tensor(batch.Size, device: mean.device));
            }

            samples += batch.Size;
            if (batch.Targets.Length > 0 && LossFunctions.Wrong(results[0], batch.Target) is var (count, asked))
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
        double[] sums = [.. loss, .. weight, wrong, answers, samples, classes ? 0 : 1];
        all?.Sum(sums);
        (loss, weight) = (sums[..parts], sums[parts..(2 * parts)]);
        (wrong, answers, samples, classes) = (sums[^4], sums[^3], (long)sums[^2], sums[^1] == 0);
        return samples == 0
            ? throw new InvalidOperationException(
                "The data to evaluate on gave no batch; see that its source is not empty and can be enumerated more than once.")
            : weight.Sum() == 0 ? throw LossFunctions.NoneCounts("data to evaluate on")
            : new Evaluation(loss.Zip(weight, (sum, count) => count > 0 ? sum / count : 0).Sum(), classes && answers > 0 ? wrong / answers : null, samples);
    }

    /// <summary>The same, where what comes out is to be a result.</summary>
    /// <exception cref="InvalidOperationException">
    /// There is no batch, or the loss is infinite or not a number: the message says where that comes from.
    /// </exception>
    public Evaluation Finite(TrainingData data)
    {
        var evaluation = Of(data);
        return double.IsFinite(evaluation.Loss) ? evaluation : throw NotFinite(evaluation.Loss, data);
    }

    /// <summary>What is thrown for a loss that is no finite number; the data is gone through again for where it comes from.</summary>
    private InvalidOperationException NotFinite(double loss, TrainingData data)
    {
        var name = model.GetType().Name;
        return new(FormattableString.Invariant($"The loss of {name} on the data is {loss}: {Cause()} The model is as it was before."));

        string Cause()
        {
            if (FiniteCheck.First(model) is var (path, _))
            {
                return $"{path} is infinite or not a number; load or train the model anew.";
            }

            using var noGradients = no_grad();
            var number = 0;
            foreach (var drawn in data.Batches())
            {
                using var scope = NewDisposeScope();
                number++;
                var batch = place.Move(drawn);
                if (Wrong("input", batch.Inputs) is { } input)
                {
                    return $"{input} of batch {number} of the data; see where the data comes from.";
                }

                if (Wrong("target", batch.Targets) is { } target)
                {
                    return $"{target} of batch {number} of the data; see where the data comes from.";
                }

                if (Wrong("result", batch.Through(forward)) is { } result)
                {
                    return $"{result} for batch {number}, though its weights and that batch are finite; see what its forward divides by, takes roots or "
                        + "logarithms of, or lets grow beyond what its type holds.";
                }
            }

            var option = options.LossOfAll is not null ? "RetrainOptions.LossOfAll" : options.Loss is not null ? "RetrainOptions.Loss" : "the loss";
            return $"its weights, the data and its results are finite, and {option} makes that of them; see what it divides by, or takes logarithms of.";
        }

        static string? Wrong(string what, Tensor[] tensors)
        {
            var place = Array.FindIndex(tensors, tensor => tensor.is_floating_point() && !tensor.isfinite().all().item<bool>());
            return place < 0 ? null
                : $"there is {(tensors[place].isnan().any().item<bool>() ? "NaN" : "an infinite number")} in {what} {place + 1}";
        }
    }
}
