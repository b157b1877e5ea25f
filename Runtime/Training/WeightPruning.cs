using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Prunes weights while a model is trained, as <see cref="PruneSchedule.Gradual"/> does, in any training: also in the one behind the removal of channels, so
/// that one call of <c>PruneAndRetrain</c> makes a model narrower and what is left of it sparse, or leaves inputs unread that nothing needs
/// (<see cref="Granularity.Column"/>).
/// </summary>
/// <remarks>
/// Ratios are shares of the dense original, before any channel was removed. What is zero at the end is held there by whatever trains the model, until
/// <see cref="Pruning.ReleaseMasks"/>. With <see cref="RetrainOptions.KeepBest"/> only epochs count in which the model is as sparse as it is to become.
/// </remarks>
public sealed class WeightPruning : TrainingCallback
{
    private GradualPruning? pruning;

    /// <param name="options">
    /// What to prune and how: a granularity of weights, a ratio, a criterion, a scope, what single layers ask for, and a gradual schedule. What concerns
    /// training and measuring has no say. Layers that are to stay as they are get the ratio 0.
    /// </param>
    /// <exception cref="ArgumentException">The schedule prunes in rounds.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public WeightPruning(PruneOptions options)
    {
        options.Validate();
        Options = options.Schedule.IsGradual ? options : throw new ArgumentException(
            $"{nameof(WeightPruning)} prunes during one training, and the schedule {options.Schedule} prunes in rounds; give PruneSchedule.Gradual().",
            nameof(options));
    }

    /// <summary>What is pruned and how.</summary>
    public PruneOptions Options { get; }

    /// <inheritdoc/>
    internal override bool ChoosesZeros => true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        var plan = context.Link(Options);
        if (plan.Groups.FirstOrDefault(group => group.Settings.Granularity is ChannelGranularity) is { } group)
        {
            throw new InvalidOperationException(
                $"{nameof(WeightPruning)} holds weights at zero, and the channels of {group.Name} are to be removed ({group.Settings.Granularity}); give a "
                    + $"granularity of weights, such as {nameof(Granularity.Unstructured)}, and the layer the ratio 0 where it is to stay as it is.");
        }

        pruning = new GradualPruning(plan, () => Importance.Of(plan, context.Forward, context.Data));
        pruning.OnBegin(context);
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context) => pruning!.OnStep(context);

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => pruning!.OnEpochEnd(context, epoch);

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context) => pruning!.HoldForGood();

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => pruning!.SaveState(context);

    /// <inheritdoc/>
    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state) => pruning!.LoadState(context, state);

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        pruning?.Dispose();
        pruning = null;
    }
}
