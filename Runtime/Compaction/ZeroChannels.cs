using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Removes channels that the model does without, and sees that it answers as before.</summary>
internal static class ZeroChannels
{
    /// <summary>Compacts. On any failure the model is as it was before.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order.</param>
    /// <param name="sample">What to call it with, where the model is; it stays the caller's.</param>
    /// <exception cref="InvalidOperationException">It would answer otherwise.</exception>
    public static CompactResult Compact(PruningPlan plan, Func<Tensor[], Tensor[]> forward, Tensor[] sample)
    {
        using var scope = NewDisposeScope();
        using var before = new ModelState(plan.Model, plan.Widths);
        var state = PruneState.Of(plan.Model);
        var report = state.Report;
        var expected = CompactionVerifier.Answer(plan.Model, forward, sample);

        // Zeros of which it is not known what happens to them may have become other numbers; then these channels stay.
        string? difference = null;
        return Try(unfollowed: true) ?? Try(unfollowed: false) ?? throw new InvalidOperationException(
            $"Without the channels that nothing needs {plan.Model.GetType().Name} {difference} The model is as it was before. Please report "
                + $"it; prune by {nameof(Criterion.FilterNorm)} and a threshold instead, and retrain.");

        CompactResult? Try(bool unfollowed)
        {
            try
            {
                var kept = new DeadChannels(plan, forward, sample).Fold(unfollowed);
                using var selection = new PruneSelection(plan, kept, []) { Asked = new Dictionary<string, double>() };
                var result = new CompactionVerifier(plan, forward, sample).Compact(selection);
                difference = CompactionVerifier.Difference(expected, CompactionVerifier.Answer(plan.Model, forward, sample));
                if (difference is null)
                {
                    return result;
                }
            }
            catch
            {
                Undo();
                throw;
            }

            Undo();
            return null;
        }

        void Undo()
        {
            before.Restore();
            state.Report = report;
        }
    }
}
