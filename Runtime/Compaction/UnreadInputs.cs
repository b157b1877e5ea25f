using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Removes features of a model's inputs that no layer reads with a weight other than zero, and sees that it answers as before.</summary>
internal static class UnreadInputs
{
    /// <summary>Compacts. On any failure the model is as it was before.</summary>
    /// <param name="plan">The model, linked so that its inputs may become narrower.</param>
    /// <param name="forward">Calls it, and gives its results in order.</param>
    /// <param name="sample">What to call it with, where the model is; it stays the caller's.</param>
    /// <returns>The dimensions of inputs that are narrower now, with what is in use of what came in until now.</returns>
    /// <exception cref="InvalidOperationException">It would answer otherwise.</exception>
    public static IReadOnlyList<InputFeatures> Compact(PruningPlan plan, Func<Tensor[], Tensor[]> forward, Tensor[] sample)
    {
        using var scope = NewDisposeScope();
        var found = Found(plan);
        if (found.Count == 0)
        {
            return [];
        }

        using var before = new ModelState(plan.Model, plan.Widths);
        var state = PruneState.Of(plan.Model);
        var undo = state.Remember();
        try
        {
            var expected = CompactionVerifier.Answer(plan.Model, forward, sample);
            using var selection = new PruneSelection(plan, found.ToDictionary(one => one.Group, one => one.InUse.ToArray(), StringComparer.Ordinal));
            Compaction.Apply(selection).Dispose();
            Tensor[] narrow = [.. sample.Select((input, i) => found.Where(one => one.Position == i).Aggregate(input, (taken, one) => one.Select(taken)))];
            if (CompactionVerifier.Difference(expected, CompactionVerifier.Answer(plan.Model, forward, narrow)) is { } difference)
            {
                throw new InvalidOperationException(
                    $"{plan.Model.GetType().Name}, called with the features in use alone ({string.Join(" and ", found)}), {difference} The model is as it was "
                        + "before. One that answers otherwise each time it is called cannot be compared; else please report it.");
            }

            state.NarrowInputs(found);
            return found;
        }
        catch
        {
            before.Restore();
            undo();
            throw;
        }
    }

    /// <summary>The dimensions of inputs of which something is not read, with what is.</summary>
    private static List<InputFeatures> Found(PruningPlan plan)
    {
        var names = LinkInputs.NamesOf((IPrunable)plan.Model, plan.InputShapes.Count);
        var groups = plan.Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
        var found = new List<InputFeatures>();
        foreach (var (position, dim) in plan.InputShapes.SelectMany((shape, i) => Enumerable.Range(1, Math.Max(0, shape.Length - 1)).Select(dim => (i, dim))))
        {
            if (groups.TryGetValue(InputFeatures.GroupOf(names[position], dim), out var group) && InUse(plan, group) is { } inUse && inUse.Length < group.Width)
            {
                found.Add(new InputFeatures { Input = names[position], Position = position, Dim = dim, Dense = group.Width, InUse = inUse });
            }
        }

        return found;
    }

    /// <summary>The features that a layer reads; null where not only layers do. One at least is in use.</summary>
    private static long[]? InUse(PruningPlan plan, PruningGroup group)
    {
        var readers = group.Members.Where(member => member is { Role: MemberRole.Reads, Parameter.IsBuffer: false }).ToList();
        if (!group.Exact || readers.Count == 0 || ChannelFlow.Of(plan, group) is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var weights = new double[group.Width];
        foreach (var reader in readers)
        {
            ChannelSums.Add(weights, reader.IndexMap, ChannelSums.Slices(reader.Parameter.Tensor.ne(0), reader.Dim));
        }

        long[] read = [.. Enumerable.Range(0, weights.Length).Where(feature => weights[feature] > 0).Select(feature => (long)feature)];
        return read.Length > 0 ? read : [0];
    }
}
