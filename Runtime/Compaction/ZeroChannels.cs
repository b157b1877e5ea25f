using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Removes channels that put out nothing but zeros, and sees that the model answers as before.</summary>
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
        using var selection = new PruneSelection(plan, plan.Groups.ToDictionary(group => group.Name, KeptOf), []) { Asked = new Dictionary<string, double>() };
        var state = PruneState.Of(plan.Model);
        var report = state.Report;
        var expected = CompactionVerifier.Answer(plan.Model, forward, sample);
        var result = new CompactionVerifier(plan, forward, sample).Compact(selection, before);
        if (CompactionVerifier.Difference(expected, CompactionVerifier.Answer(plan.Model, forward, sample)) is null)
        {
            return result;
        }

        before.Restore();
        state.Report = report;
        throw new InvalidOperationException(
            $"Without the channels that are zero {plan.Model.GetType().Name} would answer otherwise: something behind them makes other numbers of zeros, "
                + $"as a sigmoid does, and what reads these has got used to them. The model is as it was before. Prune by {nameof(Criterion.FilterNorm)} and "
                + "a threshold, and retrain.");
    }

    /// <summary>The channels that are not zero; the first one where all are. Where removal changes a statistic, all of them.</summary>
    private static long[] KeptOf(PruningGroup group)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var slices = new ChannelSlices(group);
        var all = Enumerable.Range(0, (int)group.Width).Select(channel => (long)channel).ToArray();
        if (slices.IsEmpty || !group.Exact)
        {
            return all;
        }

        var weights = ChannelSums.Values(slices.Sums(weight => weight.ne(0)));
        var kept = Array.FindAll(all, channel => weights[channel] != 0);
        return kept.Length > 0 ? kept : [0];
    }
}
