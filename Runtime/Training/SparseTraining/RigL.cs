using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Trains a sparse model from the beginning, and moves its weights to where they are needed (Evci et al., "Rigging the Lottery: Making All Tickets Winners",
/// 2020): every few steps of each parameter the weights of the smallest magnitude are dropped, and as many others grow from zero, those with the largest
/// gradients. The share of the weights that is moved falls as α / 2 · (1 + cos π t).
/// </summary>
/// <remarks>
/// <para>
/// It is for the trained weights of two or more dimensions. Where they begin is drawn from the seed; a parameter of which weights are held at zero already
/// begins there, with as many. Layers are as dense as their shapes say, (Σ of dimensions) / (Π of dimensions) times the same number, and at most 1
/// (Erdős–Rényi kernels): narrow layers keep more.
/// </para>
/// <para>
/// Gradients are those of the step's batch, by one more backward pass in the steps that move weights. What grows begins at zero, and so does what the
/// optimizer remembers of it, also where it had been dropped just before.
/// </para>
/// </remarks>
public sealed class RigL : TrainingCallback
{
    private readonly double share;
    private List<TrainedWeight> weights = [];
    private Tensor?[]? gradients;
    private Generator? random;

    /// <param name="share">The share of all weights that the model has, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside its range.</exception>
    public RigL(double share) => this.share = SparseTrainingArguments.In(
        share, share is > 0 and < 1, nameof(RigL), nameof(share), "give a number above 0 and below 1, such as 0.1");

    /// <summary>Makes it with a share of 0.1.</summary>
    public RigL()
        : this(0.1)
    {
    }

    /// <summary>
    /// Whether what grows is drawn at random instead of by gradients (SET: Mocanu et al., "Scalable training of artificial neural networks with adaptive sparse
    /// connectivity", 2018). False by default.
    /// </summary>
    public bool GrowsAtRandom { get; init; }

    /// <summary>Whether every layer is equally dense. False by default.</summary>
    public bool Uniform { get; init; }

    /// <summary>α, the share of a parameter's weights that is moved at first, above 0 and below 1. 0.3 by default.</summary>
    public double Moved { get; init; } = 0.3;

    /// <summary>After how many steps of the optimizer weights are moved, at least 1. 100 by default.</summary>
    public int Every { get; init; } = 100;

    /// <summary>At which share of the training weights are moved for the last time, above 0 and at most 1. 0.75 by default.</summary>
    public double Until { get; init; } = 0.75;

    /// <inheritdoc/>
    internal override bool ChoosesZeros => true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        SparseTrainingArguments.In(Moved, Moved is > 0 and < 1, nameof(RigL), nameof(Moved), "give a number above 0 and below 1, such as 0.3");
        SparseTrainingArguments.In(Every, Every > 0, nameof(RigL), nameof(Every), "give 1 or more");
        SparseTrainingArguments.In(Until, Until is > 0 and <= 1, nameof(RigL), nameof(Until), "give a number above 0 and at most 1, such as 0.75");
        weights = TrainedWeight.Of(context, nameof(RigL));
        random = new Generator((ulong)(uint)context.Options.Seed);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var densities = Uniform ? [.. weights.Select(_ => share)] : Densities([.. weights.Select(weight => weight.Tensor.shape)], share);
        foreach (var (weight, density) in weights.Zip(densities))
        {
            if (WeightMasks.Of(weight.Layer, weight.Name) is null && density < 1)
            {
                var count = weight.Tensor.numel();
                var stays = Selection.KeepBest(Noise(count), count - TrainedWeight.Count(count, density));
                Set(weight, stays.reshape(weight.Tensor.shape).to(context.Device));
            }
        }

        context.RefreshMasks();
    }

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        if (!GrowsAtRandom && IsDue(context, context.Step + 1))
        {
            gradients = Gradients.Of(loss, [.. weights.Select(weight => weight.Tensor)], keep: true);
        }

        return loss;
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        if (!IsDue(context, context.Step))
        {
            return;
        }

        var slopes = gradients is null ? null : context.Average(gradients, [.. weights.Select(weight => weight.Tensor)]);
        var moved = MovedAt(context.Done / Until, Moved);
        var next = new List<(TrainedWeight Weight, Tensor Stays)>();
        for (var i = 0; i < weights.Count; i++)
        {
            var weight = weights[i];
            if (WeightMasks.Of(weight.Layer, weight.Name) is { } mask)
            {
                var active = mask.to(weight.Tensor.device).ne(0);
                var wanted = GrowsAtRandom ? Noise(weight.Tensor.numel()).reshape(weight.Tensor.shape).to(weight.Tensor.device) : slopes![i]?.abs();
                var (kept, stays) = Move(active, weight.Tensor.detach(), wanted ?? zeros_like(weight.Tensor), moved);
                Set(weight, kept);
                next.Add((weight, stays));
            }
        }

        // What is dropped is forgotten before anything grows in its place.
        gradients = null;
        context.RefreshMasks();
        next.ForEach(one => Set(one.Weight, one.Stays));
        context.RefreshMasks();
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        (weights, gradients) = ([], null);
        random?.Dispose();
        random = null;
    }

    /// <summary>The share of the weights that is moved, α / 2 · (1 + cos π t).</summary>
    /// <param name="progress">t, from 0 to 1.</param>
    /// <param name="first">α.</param>
    internal static double MovedAt(double progress, double first) => first / 2 * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));

    /// <summary>How dense layers of these shapes are, so that they have a share of all weights together.</summary>
    internal static double[] Densities(IReadOnlyList<long[]> shapes, double share)
    {
        var sizes = shapes.Select(shape => (double)shape.Aggregate(1L, (n, size) => n * size)).ToArray();
        var sums = shapes.Select(shape => (double)shape.Sum()).ToArray();
        var isDense = new bool[sizes.Length];
        while (true)
        {
            // What dense layers have is taken from the others, until no further one would be more than dense.
            var left = (sizes.Sum() * share) - sizes.Where((_, i) => isDense[i]).Sum();
            var scale = left / sums.Where((_, i) => !isDense[i]).Sum();
            var full = Enumerable.Range(0, sizes.Length).Where(i => !isDense[i] && scale * sums[i] >= sizes[i]).ToList();
            if (full.Count == 0)
            {
                return [.. sizes.Select((size, i) => isDense[i] ? 1 : scale * sums[i] / size)];
            }

            full.ForEach(i => isDense[i] = true);
        }
    }

    /// <summary>Drops weights of the smallest magnitude, and lets as many grow that were not among those that stay.</summary>
    /// <param name="active">True for each weight that the layer has.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="wanted">What tells which one is needed most of those that the layer lacks.</param>
    /// <param name="moved">The share that is moved.</param>
    /// <returns>True for each weight that is not dropped, and for each that there is then.</returns>
    internal static (Tensor Kept, Tensor Stays) Move(Tensor active, Tensor weight, Tensor wanted, double moved)
    {
        var (all, count) = (active.numel(), active.sum().item<long>());
        var move = Math.Max(0, Math.Min((long)Math.Floor(count * moved), Math.Min(count - 1, all - count)));
        var kept = Best(weight.abs().masked_fill(active.logical_not(), double.NegativeInfinity), count - move);
        return (kept, kept.logical_or(Best(wanted.masked_fill(kept, double.NegativeInfinity), move)));

        static Tensor Best(Tensor scores, long keep) => keep == 0 ? zeros_like(scores, ScalarType.Bool)
            : Selection.KeepBest(scores.flatten(), scores.numel() - keep).reshape(scores.shape);
    }

    private static void Set(TrainedWeight weight, Tensor stays) =>
        WeightMasks.Set(weight.Layer, weight.Name, stays.to_type(weight.Tensor.dtype).DetachFromDisposeScope());

    private bool IsDue(TrainingContext context, long step) => step % Every == 0 && context.Done < Until;

    private Tensor Noise(long count) => rand(count, ScalarType.Float32, generator: random);
}
