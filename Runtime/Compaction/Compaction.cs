using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Removes from a model what a selection removes: every parameter is copied once, without what goes, and takes the place of
/// the old one inside the very same tensor object. The user's fields, names and registration stay, and the layers' own
/// properties tell the new widths. Optimizers made before hold state of the old shapes: make new ones.
/// </summary>
public static class Compaction
{
    /// <summary>Compacts a model. On any failure it is as it was before.</summary>
    /// <param name="selection">What stays; it stays the caller's.</param>
    /// <exception cref="InvalidOperationException">
    /// The model has changed since it was linked, a shared parameter would have two shapes, or a weight is stored as a code, which it would lose.
    /// </exception>
    public static CompactResult Apply(PruneSelection selection) => Apply(selection, swapped: _ => { });

    /// <summary>Compacts a model that was masked.</summary>
    /// <inheritdoc cref="Apply(PruneSelection)"/>
    /// <param name="mask">The mask; it stays the caller's, but its shapes are then those of the past.</param>
    public static CompactResult Apply(PruneMask mask) => Apply(mask.RequireSelection());

    /// <param name="selection">What stays.</param>
    /// <param name="swapped">Is told the path of each parameter that has just been swapped.</param>
    internal static CompactResult Apply(PruneSelection selection, Action<string> swapped)
    {
        using var mode = GradientMode.Begin();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var plan = selection.Plan;
        RequireUnchanged(plan);
        RequireCodesStay(selection);
        var before = ModelCount.Of(plan);
        PruneState.Of(plan.Model).Compacting(plan, before);

        // Everything that can fail for want of memory or sense comes first, while the model is whole.
        var replacements = Replacements(selection);
        var widths = plan.Widths.Select(width => NewWidth(width, selection))
            .Where(width => width.Value != LayerAdapters.GetWidth(width.Layer, width.Property))
            .ToList();
        foreach (var (layer, _, _) in widths)
        {
            LayerAdapters.Prepare(layer);
        }

        var mask = PruneMask.Remainder(replacements.Where(entry => entry.Mask is not null).Select(entry => (entry.Parameter, entry.Mask!)));

        var undo = new Stack<Action>();
        try
        {
            foreach (var replacement in replacements)
            {
                Swap(replacement, undo);
                swapped(replacement.Parameter.Path);
            }

            foreach (var (layer, property, value) in widths)
            {
                undo.Push(LayerAdapters.SetWidth(layer, property, value));
            }

            var after = Without(before, replacements, plan.Macs(selection.WidthOf));
            var groups = plan.Groups.Select(
                group => new GroupChange(group.Name, group.Width, selection.WidthOf(group), Asked(group, selection)) { Dense = group.DenseWidth }).ToList();
            var result = new CompactResult(groups, selection.Kept, before, after, mask) { Pool = Selection.PoolOf(selection), PrunedBy = Selection.ByOf(plan) };
            Hold(replacements, mask);
            PruneState.Of(plan.Model).Compacted(result);
            return result;
        }
        catch
        {
            while (undo.TryPop(out var restore))
            {
                restore();
            }

            mask?.Dispose();
            throw;
        }
    }

    /// <summary>What a group's own ratio asks for; where several share one, a single group may lose more or less.</summary>
    private static double? Asked(PruningGroup group, PruneSelection selection) =>
        !group.Settings.Scope!.IsShared || group.HasOwnRatio ? selection.AskedOf(group) : null;

    /// <summary>A selection fits the model that it was made of alone.</summary>
    /// <exception cref="InvalidOperationException">Channels were removed since the model was linked, or put in another order.</exception>
    internal static void RequireUnchanged(PruningPlan plan)
    {
        if (plan.Order != PruneState.Of(plan.Model).Order)
        {
            throw new InvalidOperationException(
                $"The channels of {plan.Model.GetType().Name} were put in another order since it was linked; link, score and select again.");
        }

        foreach (var parameter in plan.Parameters)
        {
            var shape = PlainMemory.ShapeOf(parameter.Tensor);
            if (!shape.SequenceEqual(parameter.Shape))
            {
                throw new InvalidOperationException(
                    $"{parameter.Path} is [{string.Join(", ", shape)}] now, but was [{string.Join(", ", parameter.Shape)}] when "
                        + $"{plan.Model.GetType().Name} was linked; link, score and select again.");
            }
        }
    }

    /// <summary>What weights are stored as does not go from the model in silence, while points of activations stay.</summary>
    /// <exception cref="InvalidOperationException">A weight that has a code would lose something.</exception>
    internal static void RequireCodesStay(PruneSelection selection)
    {
        var coded = WeightCodes.Of(selection.Plan.Model).Where(one => one.IsLive).ToList();
        if (coded.Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var positions = selection.KeptPositions();
        foreach (var one in coded)
        {
            if (selection.Plan.Parameters.FirstOrDefault(parameter => parameter.Module == one.Layer && parameter.Name == one.Parameter) is { } weight
                && (positions.ContainsKey(weight) || (selection.Weights.GetValueOrDefault(weight.Path) is { } stays
                    && weight.Tensor.masked_select(stays.to(weight.Tensor.device).logical_not()).ne(0).any().item<bool>())))
            {
                throw new InvalidOperationException(
                    $"{weight.Path} of {selection.Plan.Model.GetType().Name} is stored as a code ({one.Code.Description}), which does not hold of what would "
                        + "be left of it; prune before weights are shared or quantized, or call ReleaseCodes() first, and share or quantize it anew. The "
                        + "model is as it was.");
            }
        }
    }

    private static List<Replacement> Replacements(PruneSelection selection)
    {
        var positions = selection.KeptPositions();
        var losing = selection.Plan.Parameters.Where(parameter => positions.ContainsKey(parameter) || selection.Weights.ContainsKey(parameter.Path))
            .ToHashSet();
        bool IsOtherName(PlannedParameter parameter) => parameter.SharedWith is { } first && losing.Contains(first);

        var copies = new List<Replacement>();
        var work = new MemoryWork();
        foreach (var parameter in losing.Where(parameter => !IsOtherName(parameter)))
        {
            var live = parameter.Tensor;
            var dims = positions.GetValueOrDefault(parameter);
            var single = selection.Weights.GetValueOrDefault(parameter.Path) ?? WeightMasks.Of(parameter.Module, parameter.Name);
            var mask = single is null ? null : SliceCopy.Of(work, single.to(live.device).to_type(live.dtype), dims);
            var values = selection.ValuesOf(parameter)?.to(live.device) ?? live;
            copies.Add(new Replacement(parameter, live, SliceCopy.Of(work, values, dims), mask));
        }

        work.Complete();
        var replacements = copies.ConvertAll(
            copy => copy.Mask is { } mask && !mask.all().item<bool>() ? copy with { New = copy.New * mask } : copy with { Mask = null });
        foreach (var parameter in losing.Where(IsOtherName))
        {
            var first = replacements.Find(replacement => replacement.Parameter == parameter.SharedWith)!;
            replacements.Add(first with { Parameter = parameter, Live = parameter.Tensor, Mask = null });
        }

        foreach (var shared in replacements.GroupBy(replacement => replacement.Live.Handle).Where(group => group.Count() > 1))
        {
            var first = shared.First();
            foreach (var other in shared.Skip(1)
                .Where(other => !other.New.shape.SequenceEqual(first.New.shape) || !other.New.equal(first.New).all().item<bool>()))
            {
                throw new InvalidOperationException(
                    $"{first.Parameter.Path} and {other.Parameter.Path} are one parameter, but are to lose different parts; put [KeepWidth] on "
                        + $"{first.Parameter.Layer.Name} and {other.Parameter.Layer.Name}.");
            }
        }

        return replacements;
    }

    /// <summary>What was held at zero and stays in the model is held in its new shape.</summary>
    private static void Hold(IEnumerable<Replacement> replacements, PruneMask? mask)
    {
        foreach (var parameter in replacements.Select(replacement => replacement.Parameter).Where(parameter => !parameter.IsBuffer))
        {
            WeightMasks.Set(parameter.Module, parameter.Name, mask?.Of(parameter));
        }
    }

    /// <summary>What is left of a model without what the replacements lack.</summary>
    private static ModelCount Without(ModelCount before, IReadOnlyList<Replacement> replacements, long? macs)
    {
        var (parameters, bytes) = (before.Parameters, before.Bytes);
        foreach (var (parameter, _, smaller, _) in replacements)
        {
            if (parameter.SharedWith is null)
            {
                var removed = parameter.Shape.Aggregate(1L, (n, size) => n * size) - smaller.numel();
                parameters -= parameter.IsBuffer ? 0 : removed;
                bytes -= removed * smaller.element_size();
            }
        }

        return new ModelCount(parameters, macs, bytes);
    }

    private static void Swap(Replacement replacement, Stack<Action> undo)
    {
        var live = replacement.Live;
        var old = live.detach();
        var gradient = live.grad;
        undo.Push(() =>
        {
            live.set_(old);
            live.grad = gradient;
        });

        // A gradient of the old shape would not fit the new one.
        live.grad = null;
        live.set_(replacement.New);
    }

    private static (nn.Module Layer, string Property, long Value) NewWidth(Axes.WidthProperty width, PruneSelection selection)
    {
        var layer = (nn.Module)width.Layer.Module!;
        var old = LayerAdapters.GetWidth(layer, width.Property);
        return (layer, width.Property, selection.Plan.LengthOf(width.Axis, old, selection.WidthOf));
    }

    /// <param name="Parameter">The parameter or buffer.</param>
    /// <param name="Live">Its live tensor.</param>
    /// <param name="New">What it becomes.</param>
    /// <param name="Mask">Its mask of single weights at the new shape, or null.</param>
    private sealed record Replacement(PlannedParameter Parameter, Tensor Live, Tensor New, Tensor? Mask);
}
