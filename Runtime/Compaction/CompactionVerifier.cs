using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Compacts a model and sees that it answers as the masked one did: a layer that was left out, or a width that the source
/// states and nobody followed, shows here and not weeks later. Where it does not, the model is as it was before and the error
/// names the groups.
/// </summary>
internal sealed class CompactionVerifier
{
    private readonly PruningPlan plan;
    private readonly Func<Tensor[], Tensor[]> forward;
    private readonly Tensor[] sample;

    /// <param name="plan">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order.</param>
    /// <param name="sample">What to call it with, where the model is; it stays the caller's.</param>
    public CompactionVerifier(PruningPlan plan, Func<Tensor[], Tensor[]> forward, Tensor[] sample) =>
        (this.plan, this.forward, this.sample) = (plan, forward, sample);

    /// <summary>Numbers of the given shapes that a model can be called with; null where it takes neither fractions nor whole numbers.</summary>
    public static Tensor[]? Sample(PruningPlan plan, Func<Tensor[], Tensor[]> forward)
    {
        if (plan.InputShapes.Count == 0)
        {
            return null;
        }

        using var random = new RandomState();
        var like = plan.Model.parameters().FirstOrDefault(parameter => parameter.is_floating_point());
        var (type, device) = (like?.dtype ?? ScalarType.Float32, like?.device ?? CPU);
        foreach (var make in new Func<long[], Tensor>[] { shape => rand(shape, type, device), shape => zeros(shape, ScalarType.Int64, device) })
        {
            var inputs = plan.InputShapes.Select(shape => make(shape).DetachFromDisposeScope()).ToArray();
            try
            {
                Answer(plan.Model, forward, inputs);
                return inputs;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The model wants something else, which its own forward says by throwing; that is nothing to report.
                Array.ForEach(inputs, input => input.Dispose());
            }
        }

        return null;
    }

    /// <summary>Compacts. On any failure the model is as it was before.</summary>
    /// <param name="selection">What stays.</param>
    /// <exception cref="InvalidOperationException">The compacted model throws, or answers otherwise than the masked one.</exception>
    public CompactResult Compact(PruneSelection selection)
    {
        using var before = new ModelState(plan.Model, plan.Widths);
        return Compact(selection, before);
    }

    /// <summary>The same for whoever keeps a copy of the model as it is.</summary>
    /// <param name="selection">What stays.</param>
    /// <param name="before">The copy.</param>
    public CompactResult Compact(PruneSelection selection, ModelState before)
    {
        Compaction.RequireUnchanged(plan);
        Compaction.RequireCodesStay(selection);
        plan.RequireNothingCarriedOver();
        Array.ForEach(sample, input => ConvolutionCheck.Require(plan.Model, input.device));
        var report = PruneState.Of(plan.Model).Report;
        if (Try(selection, before, out var result) is not { } failure)
        {
            return result!;
        }

        var groups = Guilty(selection, before);
        PruneState.Of(plan.Model).Report = report;
        throw new InvalidOperationException(
            $"The compacted {plan.Model.GetType().Name} {failure.Message} "
                + $"{(groups.Count == 1 ? "The group that does it is" : "The groups that do it are")} {string.Join(", ", groups)}. "
            + "The model is as it was before. Put [KeepWidth] on that layer, describe with [Axes] what forward does there, and please report it; "
            + "PruneOptions.Verify = false turns this check off.",
            failure.Error);
    }

    /// <summary>Compacts and compares.</summary>
    /// <returns>What is wrong, with the model as it was before; null where all is well.</returns>
    private Failure? Try(PruneSelection selection, ModelState before, out CompactResult? result)
    {
        result = null;
        try
        {
            using var scope = NewDisposeScope();
            Tensor[] expected;
            using (var mask = PruneMask.Of(selection))
            {
                mask.Write();
                expected = Answer(plan.Model, forward, sample);
            }

            result = Compaction.Apply(selection);
            Tensor[] actual;
            try
            {
                actual = Answer(plan.Model, forward, sample);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                return Undo(new Failure($"throws when it is called: {error.Message.TrimEnd('.')}.", error));
            }

            var exact = plan.Groups.All(group => group.Exact || selection.WidthOf(group) == group.Width);
            result.Check = exact ? CompactionCheck.Compared : CompactionCheck.Run;
            if (exact && Difference(expected, actual) is { } difference)
            {
                // A model that answers otherwise each time cannot be compared with itself either.
                if (Difference(actual, Answer(plan.Model, forward, sample, otherNumbers: true)) is null)
                {
                    return Undo(new Failure(difference, null));
                }

                result.Check = CompactionCheck.Run;
            }

            return null;
        }
        catch
        {
            before.Restore();
            throw;
        }

        Failure Undo(Failure failure)
        {
            before.Restore();
            return failure;
        }
    }

    /// <summary>The groups that make the compacted model wrong, each on its own; all of them where only together they do.</summary>
    private List<string> Guilty(PruneSelection selection, ModelState before)
    {
        var shrinking = plan.Groups.Where(group => selection.WidthOf(group) < group.Width).Select(group => group.Name).ToList();
        var guilty = Narrow(shrinking);
        return guilty.Count > 0 ? guilty : shrinking;

        List<string> Narrow(List<string> names)
        {
            if (names.Count == 0 || !Fails(names))
            {
                return [];
            }

            if (names.Count == 1)
            {
                return names;
            }

            var found = Narrow(names[..(names.Count / 2)]);
            found.AddRange(Narrow(names[(names.Count / 2)..]));
            return found.Count > 0 ? found : names;
        }

        bool Fails(IEnumerable<string> names)
        {
            using var part = new PruneSelection(plan, names.ToDictionary(name => name, name => selection.Kept[name], StringComparer.Ordinal));
            var fails = Try(part, before, out _) is not null;
            before.Restore();
            return fails;
        }
    }

    /// <summary>The results of one forward pass in evaluation mode; the process's random numbers go on as if there had been none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it.</param>
    /// <param name="inputs">What it is called with.</param>
    /// <param name="otherNumbers">Whether it draws other random numbers than it does otherwise.</param>
    internal static Tensor[] Answer(nn.Module model, Func<Tensor[], Tensor[]> forward, Tensor[] inputs, bool otherNumbers = false)
    {
        using var modes = new TrainingModes(model);
        using var noGradients = no_grad();
        using var random = new RandomState();
        model.eval();
        if (otherNumbers)
        {
            rand(1).Dispose();
        }

        var results = forward(inputs);
        LossFunctions.RequireResults(results);
        return results;
    }

    /// <summary>How two answers differ, in words; null where they do not.</summary>
    internal static string? Difference(Tensor[] expected, Tensor[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var (first, second) = (expected[i], actual[i]);
            var which = expected.Length > 1 ? $"result {i + 1}" : "the result";
            if (!first.shape.AsSpan().SequenceEqual(second.shape))
            {
                return $"gives {which} the shape [{string.Join(", ", second.shape)}], where the masked one gives it [{string.Join(", ", first.shape)}].";
            }

            if (first.numel() == 0 || !(first.is_floating_point() || first.is_complex()))
            {
                // Whole numbers are chosen from others: where these are all but equal, rounding decides.
                continue;
            }

            // Sums in another order differ by what the element type rounds, in parts of the largest number.
            var tolerance = first.dtype switch
            {
                ScalarType.Float64 or ScalarType.ComplexFloat64 => 1e-10,
                ScalarType.Float16 => 1e-2,
                ScalarType.BFloat16 => 5e-2,
                _ => 1e-4,
            };
            var largest = Number(first.abs().max());
            var difference = Number((first - second).abs().max());
            if (double.IsFinite(largest) && !(difference <= tolerance * Math.Max(1, largest)))
            {
                return FormattableString.Invariant(
                    $"answers otherwise than the masked one: {which} differs by {difference:g3}, where the largest number is {largest:g3}.");
            }
        }

        return null;
    }

    private static double Number(Tensor scalar) => scalar.to_type(ScalarType.Float64).item<double>();

    private sealed record Failure(string Message, Exception? Error);
}
