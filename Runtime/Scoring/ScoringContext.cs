using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What a criterion may look at: the linked model, and data to run it over, with labels where it needs any.</summary>
public sealed class ScoringContext
{
    private readonly Func<Tensor[], Tensor[]>? forward;
    private readonly TrainingData? data;
    private readonly PruneProgress progress;
    private readonly CancellationToken cancellationToken;

    internal ScoringContext(
        PruningPlan plan, Func<Tensor[], Tensor[]>? forward, TrainingData? data, PruneProgress progress, CancellationToken cancellationToken)
    {
        Plan = plan;
        this.forward = forward;
        this.data = data;
        this.progress = progress;
        this.cancellationToken = cancellationToken;
    }

    /// <summary>The linked model.</summary>
    public PruningPlan Plan { get; }

    /// <summary>Seed of everything random.</summary>
    public int Seed => Plan.Options.Retrain.Seed;

    /// <summary>
    /// Runs the model over the first <see cref="PruneOptions.ScoringSamples"/> of the data, where it would be retrained, in evaluation mode, so that
    /// dropout and running statistics stand still. Tensors that <paramref name="visit"/> makes are released after each batch unless it detaches
    /// them. Afterwards the buffers that <c>forward</c> wrote, the modes of the modules and the random state of the process are what they were.
    /// Batches without a sample are left out.
    /// </summary>
    /// <param name="criterion">Who asks, for messages.</param>
    /// <param name="gradients">Whether the model runs with gradients on.</param>
    /// <param name="visit">Is given the results of each batch and the batch.</param>
    /// <returns>The number of samples.</returns>
    /// <exception cref="InvalidOperationException">There is no data, or no batch in it.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public long ForEachBatch(string criterion, bool gradients, Action<Tensor[], Batch> visit) => Run(criterion, gradients, bySample: false, visit);

    /// <summary>
    /// Runs the model over the same data sample by sample, as batches of one, for what is no sum over samples: squares and magnitudes of gradients.
    /// </summary>
    /// <inheritdoc cref="ForEachBatch"/>
    /// <remarks>Tensors that <paramref name="visit"/> makes are released after each sample.</remarks>
    /// <param name="criterion"/><param name="gradients"/>
    /// <param name="visit">Is given the results of each sample and the sample.</param>
    /// <exception cref="InvalidOperationException">
    /// There is no data, no batch in it, or an input or target has other than the samples in dimension 0.
    /// </exception>
    public long ForEachSample(string criterion, bool gradients, Action<Tensor[], Batch> visit) =>
        Run(criterion, gradients, bySample: true, visit);

    private long Run(string criterion, bool gradients, bool bySample, Action<Tensor[], Batch> visit)
    {
        RequireData(criterion);
        using var still = new StillModel(Plan.Model);
        using var device = new TrainingDevice(Plan.Model, Plan.Options.Retrain.Device);
        using var mode = enable_grad(gradients);
        var (samples, batches) = (0L, 0);
        foreach (var drawn in data!.Batches(epoch: 0, Seed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = device.Move(drawn);
            if (batch.Size == 0)
            {
                continue;
            }

            foreach (var part in bySample ? Samples(criterion, batch) : [batch])
            {
                using var inner = bySample ? NewDisposeScope() : null;
                visit(part.Through(forward!), part);
            }

            samples += batch.Size;
            batches++;
            progress.Advanced(
                PrunePhase.Score,
                Math.Min(1, Math.Max((double)samples / Plan.Options.ScoringSamples, data.KnownCount is int count ? (double)batches / count : 0)));
            if (samples >= Plan.Options.ScoringSamples)
            {
                break;
            }
        }

        return samples > 0
            ? samples
            : throw new InvalidOperationException(
                $"The data that {criterion} scores by gave no batch; see that its source is not empty and can be enumerated more than once.");
    }

    /// <exception cref="InvalidOperationException">There is no data, or nothing that runs the model over it.</exception>
    internal void RequireData(string criterion)
    {
        if (forward is null || data is null)
        {
            throw new InvalidOperationException(
                $"{criterion} scores by running {Plan.Model.GetType().Name} over data, and none is given; pass training data, or choose L1, L2 or Random.");
        }
    }

    /// <summary>The loss of a batch as the samples' sum, so that batches of different sizes weigh the same sample equally.</summary>
    internal Tensor SummedLoss(Tensor[] results, Batch batch) => LossFunctions.Sum(Plan.Options.Retrain, results, batch);

    /// <summary>Calls the model once, where a criterion makes its input itself.</summary>
    /// <exception cref="InvalidOperationException">There is nothing that calls it.</exception>
    internal Tensor[] Forward(string criterion, Tensor[] inputs) => forward is not null
        ? forward(inputs)
        : throw new InvalidOperationException(
            $"{criterion} scores by running {Plan.Model.GetType().Name}, and nothing is given that calls it; give forward, or choose L1, L2 or Random.");

    private static IEnumerable<Batch> Samples(string criterion, Batch batch)
    {
        if (batch.Size == 1)
        {
            return [batch];
        }

        var other = batch.Inputs.Concat(batch.Targets).FirstOrDefault(tensor => tensor.dim() == 0 || tensor.size(0) != batch.Size);
        return other is null
            ? Enumerable.Range(0, (int)batch.Size).Select(i => new Batch(One(batch.Inputs, i), One(batch.Targets, i)))
            : throw new InvalidOperationException(
                $"{criterion} looks at each sample by itself, but a batch of {batch.Size} samples has a tensor of the shape "
                    + $"[{string.Join(", ", other.shape)}]; have dimension 0 of every input and target run over the samples, or choose Taylor, L1 or L2.");

        static Tensor[] One(Tensor[] tensors, int sample) => Array.ConvertAll(tensors, tensor => tensor.narrow(0, sample, 1));
    }
}
