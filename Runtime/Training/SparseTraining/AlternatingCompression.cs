using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Trains a model dense and compressed by turns, and ends with it compressed (AC/DC: Peste et al., "AC/DC: Alternating Compressed/DeCompressed Training of Deep
/// Neural Networks", 2021). At the beginning of each compressed phase all weights but the k largest are set to zero, and held there; in the dense phase behind
/// it they are trained again from zero, with an optimizer that remembers nothing.
/// </summary>
/// <remarks>
/// Weights are the trained ones of two or more dimensions. What was held at zero before the training stays so. What is zero at the end is held there by
/// whatever trains the model, until <see cref="Pruning.ReleaseMasks"/>. Where the training data does not tell how many batches it has, phases change behind
/// epochs.
/// </remarks>
public sealed class AlternatingCompression : TrainingCallback
{
    private const string Compressed = "is compressed";

    private readonly double share;
    private List<(TrainedWeight Weight, Tensor? Before)> weights = [];
    private bool isCompressed;

    /// <param name="share">k as a share of the weights, above 0 and at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside its range.</exception>
    public AlternatingCompression(double share) => this.share = SparseTrainingArguments.In(
        share, share is > 0 and <= 1, nameof(AlternatingCompression), nameof(share), "give a number above 0 and at most 1, such as 0.1");

    /// <summary>Makes it with a share of 0.1.</summary>
    public AlternatingCompression()
        : this(0.1)
    {
    }

    /// <summary>Whether each parameter keeps k of its own, instead of all together. False by default.</summary>
    public bool PerLayer { get; init; }

    /// <summary>How much of the training the first phase takes, which is dense, from 0 to below 1. 0.05 by default.</summary>
    public double WarmUp { get; init; } = 0.05;

    /// <summary>
    /// How much of the training each other phase takes, above 0 and at most 0.5; the last one, compressed, takes what is left. 0.1 by default.
    /// </summary>
    public double Phase { get; init; } = 0.1;

    /// <inheritdoc/>
    internal override bool ChoosesZeros => true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        const string Name = nameof(AlternatingCompression);
        SparseTrainingArguments.In(WarmUp, WarmUp is >= 0 and < 1, Name, nameof(WarmUp), "give a number from 0 to below 1, such as 0.05");
        SparseTrainingArguments.In(Phase, Phase is > 0 and <= 0.5, Name, nameof(Phase), "give a number above 0 and at most 0.5, such as 0.1");
        if (context.Options.SchedulerFactory is not null)
        {
            throw new InvalidOperationException(
                $"{Name} makes the optimizer anew for each dense phase, which the scheduler of {nameof(RetrainOptions.SchedulerFactory)} would not follow; use "
                    + $"{nameof(RetrainOptions.Schedule)} instead.");
        }

        weights = TrainedWeight.Of(context, Name).ConvertAll(weight => (weight, WeightMasks.Of(weight.Layer, weight.Name)));
        isCompressed = context.IsSparse = false;
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        if (context.Batches is not null)
        {
            Turn(context);
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        if (context.Batches is null)
        {
            using var noGradients = no_grad();
            using var scope = NewDisposeScope();
            Turn(context);
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        if (!isCompressed)
        {
            using var noGradients = no_grad();
            using var scope = NewDisposeScope();
            Compress(context);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => weights.Where(entry => entry.Before is not null)
        .ToDictionary(entry => entry.Weight.Path, entry => entry.Before!, StringComparer.Ordinal)
        .Append(new(Compressed, tensor(isCompressed))).ToDictionary();

    /// <inheritdoc/>
    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state)
    {
        weights = weights.ConvertAll(entry => (entry.Weight, state.GetValueOrDefault(entry.Weight.Path)?.clone().DetachFromDisposeScope()));
        isCompressed = state[Compressed].item<bool>();
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context) => weights = [];

    /// <summary>Which phase it is: even ones are dense, odd ones compressed.</summary>
    /// <param name="done">The share of the training that is over.</param>
    /// <param name="warmUp">How much the first phase takes.</param>
    /// <param name="length">How much each other takes.</param>
    internal static int PhaseAt(double done, double warmUp, double length)
    {
        // A dense phase has a whole compressed one behind it.
        var last = 1 + (2 * Math.Max(0, (int)Math.Floor(((1 - warmUp - length) / (2 * length)) + 1e-9)));
        return done < warmUp - 1e-9 ? 0 : Math.Min(last, 1 + (int)Math.Floor(((done - warmUp) / length) + 1e-9));
    }

    private void Turn(TrainingContext context)
    {
        var phase = PhaseAt(context.Done, WarmUp, Phase);
        if (phase % 2 == 1 && !isCompressed)
        {
            Compress(context);
        }
        else if (phase % 2 == 0 && isCompressed)
        {
            isCompressed = context.IsSparse = false;
            weights.ForEach(entry => WeightMasks.Set(entry.Weight.Layer, entry.Weight.Name, entry.Before));
            context.RebuildOptimizer();
        }
    }

    private void Compress(TrainingContext context)
    {
        IReadOnlyList<TrainedWeight> all = [.. weights.Select(entry => entry.Weight)];
        foreach (var together in PerLayer ? all.Select(weight => (IReadOnlyList<TrainedWeight>)[weight]) : [all])
        {
            foreach (var (weight, mask) in together.Zip(
                TrainedWeight.Largest(together, TrainedWeight.Count(together.Sum(weight => weight.Tensor.numel()), share))))
            {
                WeightMasks.Hold(weight.Layer, weight.Name, mask);
            }
        }

        isCompressed = true;
        context.IsSparse = PhaseAt(context.Done, WarmUp, Phase) == PhaseAt(1, WarmUp, Phase);
        context.RefreshMasks();
    }
}
