using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Prunes while the model is trained (Zhu and Gupta, "To prune, or not to prune", 2017): scores anew, and holds more at zero, until the ratio is
/// reached. Channels are held at zero like weights, and leave the model when the training is over.
/// </summary>
/// <param name="plan">The model as it was linked.</param>
/// <param name="score">Scores it as it is now.</param>
internal sealed class GradualPruning(PruningPlan plan, Func<Importance> score) : TrainingCallback, IDisposable
{
    private const string Updates = "updates";
    private const string Groups = "group.";
    private const string Weights = "weight.";

    private readonly PruneSchedule schedule = plan.Options.Schedule;
    private readonly double[] shares = plan.Options.Schedule.Shares();
    private PruneMask? mask;
    private int updates;

    /// <summary>What was chosen last: at the end, what stays.</summary>
    public PruneSelection? Selection { get; private set; }

    public override void OnBegin(TrainingContext context) => context.IsSparse = false;

    public override void OnStep(TrainingContext context) => Update(context);

    public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Update(context);

    /// <summary>Has weights held at zero when this is disposed of, too.</summary>
    public void HoldForGood()
    {
        foreach (var (layer, parameter, held) in WeightMasks.Of(plan.Model))
        {
            WeightMasks.Set(layer, parameter, held.clone().DetachFromDisposeScope());
        }
    }

    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context)
    {
        var state = new Dictionary<string, Tensor> { [Updates] = tensor(updates) };
        foreach (var (group, kept) in Selection?.Kept ?? new Dictionary<string, long[]>())
        {
            state.Add(Groups + group, tensor(kept));
        }

        foreach (var (weight, kept) in Selection?.Weights ?? new Dictionary<string, Tensor>())
        {
            state.Add(Weights + weight, kept);
        }

        return state;
    }

    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state)
    {
        if ((updates = state[Updates].item<int>()) == 0)
        {
            return;
        }

        Dictionary<string, Tensor> Of(string kind) => state.Where(entry => entry.Key.StartsWith(kind, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[kind.Length..], entry => entry.Value, StringComparer.Ordinal);
        Selection = new PruneSelection(
            plan,
            Of(Groups).ToDictionary(entry => entry.Key, entry => entry.Value.data<long>().ToArray(), StringComparer.Ordinal),
            Of(Weights).ToDictionary(entry => entry.Key, entry => entry.Value.to(context.Device, copy: true).DetachFromDisposeScope(), StringComparer.Ordinal))
        {
            IsWritten = true,
        };
        mask = PruneMask.Of(Selection);
        mask.Apply();
    }

    /// <summary>Releases the masks, and what was chosen.</summary>
    public void Dispose()
    {
        mask?.Dispose();
        Selection?.Dispose();
    }

    private void Update(TrainingContext context)
    {
        var due = (int)Math.Floor(Math.Min(1, context.Progress / schedule.Until) * shares.Length);
        if (due <= updates)
        {
            return;
        }

        var selection = SharedChoice.Of(context.Options, plan, () =>
        {
            using var importance = score();
            KeepWhatIsGone(importance);
            return PruneGen.Selection.Of(importance, shares[due - 1]);
        });
        Dispose();
        (Selection, mask, updates) = (selection, PruneMask.Of(selection), due);
        mask.Apply();
        context.RefreshMasks();
        context.IsSparse = updates == shares.Length;
    }

    /// <summary>A channel that is held scores lower than any other, whatever the criterion makes of its zeros.</summary>
    private void KeepWhatIsGone(Importance importance)
    {
        foreach (var (name, scores) in importance.Groups)
        {
            if (Selection is null || Selection.Kept[name].Length == scores.Length)
            {
                continue;
            }

            var lowest = scores.Min();
            var gone = Enumerable.Range(0, scores.Length).Select(i => (long)i).Except(Selection.Kept[name]);
            foreach (var channel in gone)
            {
                scores[channel] = lowest - Math.Max(Math.Abs(lowest), 1e-9);
            }
        }
    }
}
