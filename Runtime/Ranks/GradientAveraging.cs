using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Has several processes train one model: each computes its part of a batch, and all take the same step. It is the first of all callbacks, so that the others
/// see the gradients of the whole batch.
/// </summary>
/// <remarks>
/// One sum over all processes a step holds the gradients, the running statistics of norm layers, the loss, and whether one of the processes is to stop. Norm
/// layers normalise by the part that a process has, as in PyTorch's DistributedDataParallel, and their running statistics are averaged. What draws random
/// numbers while the model is called, such as dropout, draws others in each process; outside of it all draw the same.
/// </remarks>
/// <param name="all">The processes.</param>
/// <param name="cancellationToken">Stops this process, and with it the others.</param>
internal sealed class GradientAveraging(Communicator all, CancellationToken cancellationToken) : TrainingCallback
{
    private List<Tensor> statistics = [];
    private Tensor? common;

    /// <summary>How much this process counts in the batch: those of all add up to 1.</summary>
    public double Weight { get; private set; } = 1.0 / all.Size;

    /// <summary>Whether one of the processes is to stop, as all of them know since the last step.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The loss of the part that this process has; behind <see cref="OnBackward"/> that of the whole batch.</summary>
    public Tensor? Loss { get; set; }

    /// <summary>The part of a batch that this process has. One of fewer samples than there are processes is the part of each.</summary>
    public Batch PartOf(Batch batch)
    {
        var samples = batch.Size;
        if (samples < all.Size)
        {
            Weight = 1.0 / all.Size;
            return batch with { Samples = null };
        }

        var start = samples * all.Rank / all.Size;
        var count = (samples * (all.Rank + 1) / all.Size) - start;
        Weight = (double)count / samples;
        Tensor Cut(Tensor tensor) => tensor.dim() > 0 && tensor.size(0) == samples ? tensor.narrow(0, start, count) : throw new InvalidOperationException(
            $"A batch of {samples} samples has a tensor of the shape [{string.Join(", ", tensor.shape)}], which cannot be divided among {all.Size} processes; "
                + "give inputs and targets the batch in dimension 0.");

        // Which samples these are is not told: a process sees others in each epoch, so that what it has found of one may never be asked for again.
        return new Batch(Array.ConvertAll(batch.Inputs, Cut), Array.ConvertAll(batch.Targets, Cut));
    }

    public override void OnBegin(TrainingContext context) => statistics =
    [
        .. context.Model.modules().OfType<NormBase>().SelectMany(norm => norm.buffers(recurse: false)).Where(buffer => buffer.is_floating_point()),
    ];

    public override void OnBatch(TrainingContext context, Batch batch)
    {
        common = get_rng_state();
        manual_seed(unchecked((((context.Options.Seed * 0x9E3779B9L) + context.Step) * 0x85EBCA6BL) + all.Rank));
    }

    public override void OnBackward(TrainingContext context)
    {
        set_rng_state(common!);
        var stop = tensor(cancellationToken.IsCancellationRequested ? 1f : 0);
        var means = all.Mean(
            [
                .. context.Parameters.Select(parameter => (parameter.grad, (Tensor)parameter)),
                .. statistics.Select(value => ((Tensor?)value, value)),
                (Loss!.detach(), Loss.detach()),
                (stop, stop),
            ],
            Weight);
        for (var i = 0; i < context.Parameters.Count; i++)
        {
            context.Parameters[i].grad = means[i];
        }

        foreach (var (value, mean) in statistics.Zip(means.Skip(context.Parameters.Count)))
        {
            value.copy_(mean!);
        }

        Loss = means[^2];
        IsStopped = means[^1]!.item<float>() > 0;
    }

    /// <summary>Sums in another order may differ in the last bit; from here on they do not.</summary>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        all.Unify(context.Model, FormattableString.Invariant($"behind epoch {epoch.Epoch}"));
        context.RefreshMasks();
    }

    public override void OnRelease(TrainingContext context) => (statistics, common, Loss) = ([], null, null);

    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;
}
