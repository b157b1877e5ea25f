using System.Reflection;
using PruneGen.Axes;
using PruneGen.Tracing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>
/// Compares what a model answers with what its trace computes; removes a random part of every group, and compares its answer with that of
/// the masked model. Before that, in a model of its own, sets random filters to zero, removes what is dead by that, and compares again.
/// </summary>
internal static class MaskedAndCompacted
{
    /// <summary>A number over a tensor is traced as so many times one over it, which rounds once more than forward does.</summary>
    private const double TraceTolerance = 1e-6;

    /// <summary>
    /// Compares, and returns the number of groups, how far the trace's results are from the model's, null where linking cannot go every way, and how many
    /// parameters were dead, what else was removed, and how many budgets were met; null where none was drawn.
    /// </summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static (int Groups, double? TraceDifference, long Dead, Removals Removals, Moves Moves, int? Budgets) Compare(Type type, int seed) =>
        ((int, double?, long, Removals, Moves, int?))typeof(MaskedAndCompacted).GetMethod(nameof(CompareModel), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [seed], null)!;

    private static (int Groups, double? TraceDifference, long Dead, Removals Removals, Moves Moves, int? Budgets) CompareModel<TModel>(int seed)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var dead = WithoutDead<TModel>(seed);
        var (model, input) = Create<TModel>(seed);
        using var released = model;
        var plan = Link(model, input);
        var shaped = PruningPlan.Link(model, null, input.shape);
        double? traced = TraceInterpreter.HasEveryWay(shaped) ? TraceInterpreter.Difference(shaped, inputs => [model.call(inputs[0])], input) : null;
        if (!((traced ?? 0) <= TraceTolerance) || shaped.Trace.Gaps.Count > 0)
        {
            throw new InvalidOperationException(FormattableString.Invariant($"The model and its trace differ by {traced}; what the trace cannot tell: {string.Join(", ", shaped.Trace.Gaps)}."));
        }

        // By turns, so that a run takes no longer than it must.
        int? budgets = seed % 2 == 0 ? WithinBudgets(shaped, seed) : null;

        var selection = RandomSelection(plan, seed);
        if (plan.Groups.Any(group => !group.Exact))
        {
            // Zeros would count in a statistic from which removal takes them.
            selection = selection.Where(pair => plan.Group(pair.Key).Exact).ToDictionary();
        }

        var kept = new PruneSelection(plan, selection);
        using var mask = PruneMask.Of(kept);
        mask.Apply();
        var masked = Differences.Answers(model, input);
        Compaction.Apply(kept);
        var expected = plan.ParameterCount(group => selection.TryGetValue(group.Name, out var indices) ? indices.Length : group.Width);
        var actual = model.parameters().Sum(parameter => parameter.numel());
        if (actual != expected)
        {
            throw new InvalidOperationException($"{actual} parameters are left where {expected} should be.");
        }

        Differences.Require("masked and compacted", masked, Differences.Answers(model, input));
        TModel Again() => Create<TModel>(seed).Model;
        return budgets is not null ? (plan.Groups.Count, traced, dead, default, Moves.Of(Again, input), budgets)
            : (plan.Groups.Count, traced, dead, Removals.Of(Again, input, seed), default, null);
    }

    /// <summary>Filters of zeros give constants, which are moved into biases where that is exact; nothing else may leave the model. Tells how many parameters did.</summary>
    private static long WithoutDead<TModel>(int seed)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        var (model, input) = Create<TModel>(seed);
        using var released = model;
        foreach (var weight in model.parameters().Where(parameter => parameter.dim() > 1))
        {
            using var stays = rand(weight.size(0)) < 0.7;
            weight.mul_(stays.to_type(weight.dtype).reshape([-1, .. Enumerable.Repeat(1L, (int)weight.dim() - 1)]));
        }

        var expected = Differences.Answers(model, input);
        using var result = Pruning.CompactZeros(model, inputs => [model.call(inputs[0])], data: null, input.shape);
        Differences.Require("the model and what is left of it without what is dead", expected, Differences.Answers(model, input));
        return result.Before.Parameters - result.After.Parameters;
    }

    /// <summary>A model of a seed, the same each time, and what to call it with.</summary>
    private static (TModel Model, Tensor Input) Create<TModel>(int seed)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        manual_seed(seed);
        var model = new TModel();
        var input = randn(3, ModelWriter.Channels, ModelWriter.Size, ModelWriter.Size);
        Settle(model, input);
        return (model, input);
    }

    /// <summary>
    /// Draws budgets, smallest widths and multiples, and sees that what an allocator of each kind chooses within them is within them, or that the narrowest
    /// that there is is not. Tells how many budgets were met.
    /// </summary>
    private static int WithinBudgets(PruningPlan shaped, int seed)
    {
        var (random, met) = (new Random(seed), 0);
        var few = new DynamicProgrammingAllocator { Options = 4, MostStates = 100 };
        foreach (var allocator in new RatioAllocator[] { Allocator.Uniform, Allocator.Global, Allocator.Greedy, few })
        {
            var budget = new PruneBudget
            {
                Macs = shaped.Macs() is > 0 && random.Next(4) > 0 ? Share() : null, Parameters = Share(), Bytes = random.Next(2) == 0 ? Share() : null,
            };
            var options = new PruneOptions { Budget = budget, Allocator = allocator, RoundTo = random.Next(1, 4), MinWidth = random.Next(1, 4) };
            var plan = PruningPlan.LinkModel(shaped.Model, options, [.. shaped.InputShapes]);
            var before = ModelCount.Of(plan);
            using var importance = Importance.Of(plan);
            try
            {
                using var chosen = Selection.Of(importance);
                var (macs, parameters, bytes) = (plan.Macs(chosen.WidthOf), plan.ParameterCount(chosen.WidthOf), plan.Bytes(chosen.WidthOf));
                if (macs > budget.Macs * before.Macs || parameters > budget.Parameters * before.Parameters || bytes > budget.Bytes * before.Bytes)
                {
                    throw new InvalidOperationException($"{allocator} leaves {macs} multiply-accumulates, {parameters} parameters, {bytes} bytes of {before} for {budget}.");
                }

                met++;
            }
            catch (InvalidOperationException refusal) when (refusal.Message.Contains("cannot be met", StringComparison.Ordinal))
            {
                // Told only where it is true: with every group at its narrowest a limit is still broken.
                // A layer with a ratio of its own keeps to that.
                long Narrowest(PruningGroup group) => group.HasOwnRatio
                    ? KeptWidths.AtRatio(group.Width, group.Settings.Ratio!.Value, group.Settings.MinWidth!.Value, group.Settings.RoundTo!.Value)
                    : KeptWidths.Rounded(1, group.Width, group.Settings.MinWidth!.Value, group.Settings.RoundTo!.Value);
                if (!(plan.Macs(Narrowest) > budget.Macs * before.Macs) && !(plan.ParameterCount(Narrowest) > budget.Parameters * before.Parameters) && !(plan.Bytes(Narrowest) > budget.Bytes * before.Bytes))
                {
                    throw;
                }
            }
        }

        return met;

        double Share() => 0.05 + (0.95 * random.NextDouble());
    }

    /// <summary>Without the shape of the input where the model alone tells enough, else with it, as the exception asks for.</summary>
    private static PruningPlan Link<TModel>(TModel model, Tensor input)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        try
        {
            return PruningPlan.Link(model);
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape)
        {
            return PruningPlan.Link(model, null, input.shape);
        }
    }

    /// <summary>Gives shifts, scales and running statistics values as training leaves them.</summary>
    internal static void Settle(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        foreach (var norm in model.modules().OfType<GroupNorm>())
        {
            // TorchSharp 0.107 leaves the parameters of a fresh one as memory happens to be, which may be NaN.
            norm.weight?.fill_(1);
            norm.bias?.zero_();
        }

        foreach (var (_, parameter) in model.named_parameters().Where(parameter => parameter.parameter.dim() == 1))
        {
            parameter.add_(rand_like(parameter) - 0.5);
        }

        foreach (var norm in model.modules().OfType<NormBase>().Where(norm => norm.running_mean is not null))
        {
            norm.running_mean!.uniform_(-0.5, 0.5);
            norm.running_var!.uniform_(0.5, 1.5);
        }

        model.eval();
        model.call(input);
    }

    /// <summary>Keeps a random part of each group, at least one index.</summary>
    internal static Dictionary<string, long[]> RandomSelection(PruningPlan plan, int seed)
    {
        var random = new Random(seed);
        return plan.Groups.ToDictionary(group => group.Name, group =>
        {
            var indices = Enumerable.Range(0, (int)group.Width).Select(i => (long)i).ToArray();
            random.Shuffle(indices);
            return indices.Take(random.Next(1, (int)group.Width + 1)).Order().ToArray();
        });
    }
}
