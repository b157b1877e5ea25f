using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Chooses at the beginning which channels are to go, and lets them fade (Wang et al., "Neural Pruning via Growing Regularization", 2021; GReg-1): those
/// whose filters have the lowest L1 norms, in each group. λ · w is added to the gradients of all that makes them, and λ grows from 0 by a step every few
/// steps of the optimizer, up to a limit. All other channels are trained as always, and learn to do without them. With <see cref="PicksByGrowth"/> it is
/// GReg-2: at first λ grows for all channels alike, and those are to go whose norms are lowest by then, since what the loss needs resists.
/// </summary>
/// <remarks>
/// Train with it first, by SGD and a low learning rate, such as 1e-3; then prune at the same ratio by <see cref="Criterion.FilterNorm"/>, and retrain.
/// η · λ must stay below 2, or the weights grow instead of fading. The model must be one that can be linked.
/// </remarks>
public sealed class GrowingRegularization : TrainingCallback
{
    private readonly double? ratio;
    private bool hasPicked;
    private List<(ChannelSlices Slices, Tensor Chosen)> groups = [];

    /// <param name="ratio">The share of each group that is to go, from 0 to below 1; null for what the annotations say of the group.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside its range.</exception>
    public GrowingRegularization(double? ratio) => this.ratio = ratio is null or (>= 0 and < 1)
        ? ratio
        : SparseTrainingArguments.In(ratio.Value, holds: false, nameof(GrowingRegularization), nameof(ratio), "give a number from 0 to below 1, such as 0.5");

    /// <summary>Makes it with the ratios that the annotations say.</summary>
    public GrowingRegularization()
        : this(ratio: null)
    {
    }

    /// <summary>By how much λ grows at a time, above 0. 1e-4 by default.</summary>
    public double Growth { get; init; } = 1e-4;

    /// <summary>After how many steps of the optimizer λ grows, at least 1. 5 by default.</summary>
    public int Every { get; init; } = 5;

    /// <summary>What λ grows to, above 0. 1 by default.</summary>
    public double Limit { get; init; } = 1;

    /// <summary>Whether channels are chosen only when all have been under a growing λ for a while. False by default.</summary>
    public bool PicksByGrowth { get; init; }

    /// <summary>By how much λ grows at a time until they are chosen, above 0. 1e-5 by default.</summary>
    public double PickGrowth { get; init; } = 1e-5;

    /// <summary>The λ at which they are chosen, above 0; from there on it goes on growing for them, and is none for the others. 1e-2 by default.</summary>
    public double PickLimit { get; init; } = 1e-2;

    /// <summary>How often λ grows until the channels are chosen.</summary>
    private long PickSteps => PicksByGrowth ? (long)Math.Ceiling((PickLimit / PickGrowth) - 1e-9) : 0;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        SparseTrainingArguments.In(Growth, Growth > 0 && double.IsFinite(Growth), nameof(GrowingRegularization), nameof(Growth), "give a number above 0");
        SparseTrainingArguments.In(Every, Every > 0, nameof(GrowingRegularization), nameof(Every), "give 1 or more");
        SparseTrainingArguments.In(Limit, Limit > 0 && double.IsFinite(Limit), nameof(GrowingRegularization), nameof(Limit), "give a number above 0");
        SparseTrainingArguments.In(
            PickGrowth, PickGrowth > 0 && double.IsFinite(PickGrowth), nameof(GrowingRegularization), nameof(PickGrowth), "give a number above 0");
        SparseTrainingArguments.In(
            PickLimit, PickLimit > 0 && double.IsFinite(PickLimit), nameof(GrowingRegularization), nameof(PickLimit), "give a number above 0");
        using var noGradients = no_grad();
        hasPicked = !PicksByGrowth;
        groups = ChannelSlices.Of(context, nameof(GrowingRegularization)).ConvertAll(slices => (slices, hasPicked
            ? ChosenOf(slices.Group, context.Device)
            : ones(slices.Group.Width, ScalarType.Float64, context.Device).DetachFromDisposeScope()));
    }

    /// <inheritdoc/>
    public override void OnBackward(TrainingContext context)
    {
        var steps = context.Step / Every;
        if (!hasPicked && steps >= PickSteps)
        {
            hasPicked = true;
            groups = groups.ConvertAll(group =>
            {
                group.Chosen.Dispose();
                return (group.Slices, ChosenOf(group.Slices.Group, context.Device));
            });
        }

        var strength = hasPicked ? Math.Min(Limit, (PickGrowth * PickSteps) + (Growth * (steps - PickSteps))) : PickGrowth * steps;
        foreach (var (slices, chosen) in groups)
        {
            using var strengths = chosen * strength;
            slices.AddDecay(strengths);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) =>
        groups.ToDictionary(group => group.Slices.Group.Name, group => group.Chosen, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (var (slices, chosen) in groups)
        {
            chosen.copy_(state[slices.Group.Name]);
        }

        // Those of the last step but one decide: what was chosen then is in the state.
        hasPicked = !PicksByGrowth || (context.Step - 1) / Every >= PickSteps;
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        foreach (var (slices, chosen) in groups)
        {
            slices.Dispose();
            chosen.Dispose();
        }

        groups = [];
    }

    /// <summary>One for each channel that is to go, zero for the others.</summary>
    private Tensor ChosenOf(PruningGroup group, Device device)
    {
        using var scope = NewDisposeScope();
        var settings = group.Settings;
        var kept = KeptWidths.AtRatio(group.Width, ratio ?? settings.Ratio!.Value, settings.MinWidth!.Value, settings.RoundTo!.Value);
        using var filters = new ChannelSlices(group, member => member.Role == MemberRole.Produces && member.Parameter.Shape.Count > 1);
        if (filters.IsEmpty)
        {
            return zeros(group.Width, ScalarType.Float64, device).DetachFromDisposeScope();
        }

        var norms = filters.Sums(weight => weight.abs()).cpu();
        return Selection.KeepBest(norms, group.Width - kept).logical_not().to_type(ScalarType.Float64).to(device).DetachFromDisposeScope();
    }
}
