using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>By what <see cref="Pruning.RemoveBlocks{TModel}"/> tells which residual blocks a model needs least.</summary>
public enum BlockCriterion
{
    /// <summary>
    /// 1 − cos(h_in, h_out), the mean over samples: how far a block turns what goes through it (Men et al., "ShortGPT: Layers in Large Language Models
    /// are More Redundant Than You Expect", 2024). It looks at no labels.
    /// </summary>
    CosineDistance,

    /// <summary>By how much the loss rises where the block passes on what it gets.</summary>
    LossChange,
}

/// <summary>What became of residual blocks.</summary>
/// <param name="Scores">The score of each block that could go, by its path; the lowest go.</param>
/// <param name="Removed">Those that went, in the order of <c>forward</c>.</param>
/// <param name="Compacted">What the model lost.</param>
public sealed record BlockRemoval(IReadOnlyDictionary<string, double> Scores, IReadOnlyList<string> Removed, CompactResult Compacted) : IDisposable
{
    /// <summary>Releases what the compaction holds.</summary>
    public void Dispose() => Compacted.Dispose();
}

/// <summary>
/// Finds residual blocks, models inside of a model whose result is their input and what branches add to it, x + f(x), and empties them. The calls in
/// <c>forward</c> stay: the last layers of the branches are zero, so that what is left is x.
/// </summary>
internal sealed class ResidualBlocks
{
    /// <summary>What zeros go through as they are.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "dropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "Identity", "relu", "view", "reshape", "flatten", "permute", "transpose", "contiguous",
        "squeeze", "unsqueeze", "mul", "MoveToOuterDisposeScope", "DetachFromDisposeScope",
    };

    private readonly Dictionary<AxisTensor, TraceStep> makers = new(ReferenceEqualityComparer.Instance);
    private readonly PruningPlan plan;
    private readonly ForwardTrace trace;

    private ResidualBlocks(PruningPlan plan, ForwardTrace trace)
    {
        (this.plan, this.trace) = (plan, trace);
        foreach (var step in trace.Steps)
        {
            foreach (var result in step.Results)
            {
                makers[result] = step;
            }
        }
    }

    /// <summary>The blocks of a model, in the order of <c>forward</c>: each with the layers that are zero where it only passes on what it gets.</summary>
    public static IReadOnlyList<ResidualBlock> Of(PruningPlan plan)
    {
        var ways = plan.EvaluatedWays.Select(trace => new ResidualBlocks(plan, trace)).ToList();
        var modules = plan.Model.named_modules().ToDictionary(entry => entry.name, entry => entry.module, StringComparer.Ordinal);
        return
        [
            .. ways.SelectMany(way => way.trace.Steps).Select(step => step.Within).Distinct().Where(path => path.Length > 0)
                .Select(path => modules.GetValueOrDefault(path) is nn.Module<Tensor, Tensor> module && Last(path) is { Count: > 0 } last
                    ? new ResidualBlock(path, module, last) : null)
                .OfType<ResidualBlock>(),
        ];

        // On each way that calls it, it is the identity where its last layers are zero, and nothing else uses these.
        List<nn.Module>? Last(string path)
        {
            var last = new HashSet<nn.Module>();
            foreach (var way in ways.Where(way => way.StepsOf(path).Count > 0))
            {
                if (way.LastOf(path) is not { } own)
                {
                    return null;
                }

                last.UnionWith(own);
            }

            return ways.SelectMany(way => way.trace.Steps).Any(step => last.Contains(step.Module!) && !IsIn(step, path)) ? null : [.. last];
        }
    }

    /// <summary>Scores blocks, without changing anything.</summary>
    public static double[] Score(
        IReadOnlyList<ResidualBlock> blocks, BlockCriterion by, PruningPlan plan, Func<Tensor[], Tensor[]> forward, TrainingData data)
    {
        if (by == BlockCriterion.LossChange)
        {
            var dense = Retrainer.Evaluate(plan.Model, forward, data, plan.Options.Retrain).Loss;
            return
            [
                .. blocks.Select(block =>
                {
                    using var state = new ModelState(plan.Model);
                    try
                    {
                        Empty(block);
                        var loss = Retrainer.Try(plan.Model, forward, data, plan.Options.Retrain).Loss;

                        // A block without which nothing but NaN comes out is needed most of all.
                        return double.IsNaN(loss) ? double.PositiveInfinity : loss - dense;
                    }
                    finally
                    {
                        state.Restore();
                    }
                }),
            ];
        }

        var (sums, counts) = (new double[blocks.Count], new long[blocks.Count]);
        var hooks = blocks.Select((block, i) => block.Module.register_forward_hook((_, input, output) =>
        {
            using var scope = NewDisposeScope();
            var (first, second) = (input.to_type(ScalarType.Float64).flatten(1), output.to_type(ScalarType.Float64).flatten(1));
            var norms = first.norm(1) * second.norm(1);
            sums[i] += (1 - ((first * second).sum(1) / norms.clamp_min(1e-30))).sum().item<double>();
            counts[i] += input.size(0);
            return output;
        })).ToList();
        try
        {
            // What goes in and comes out is all that is looked at, so no labels are needed.
            Retrainer.Try(plan.Model, forward, data, plan.Options.Retrain with { LossOfAll = (_, _) => zeros(1, ScalarType.Float32) });
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }

        if (Array.FindIndex(sums, double.IsNaN) is >= 0 and var isNone)
        {
            throw new InvalidOperationException(
                $"What goes into {blocks[isNone].Path} or comes out of it is not a number; see that the weights and the data hold no NaN or infinite value.");
        }

        var unheard = Array.IndexOf(counts, 0);
        return unheard < 0 ? [.. sums.Zip(counts, (sum, count) => sum / count)] : throw new InvalidOperationException(
            $"{by} cannot score {blocks[unheard].Path}: it is called as forward(…), which tells nobody what goes in and comes out. Write call(…) in the "
                + $"model's forward, or choose {nameof(BlockCriterion.LossChange)}.");
    }

    /// <summary>Sets the last layers of a block's branches to zero and holds them there.</summary>
    public static void Empty(ResidualBlock block)
    {
        using var noGradients = no_grad();
        foreach (var (layer, name) in block.Last.SelectMany(
            layer => layer.named_parameters(recurse: false), (layer, entry) => (layer, entry.name)))
        {
            var weight = layer.get_parameter(name)!;
            weight.zero_();
            using var mask = zeros_like(weight);
            WeightMasks.Hold(layer, name, mask);
        }
    }

    /// <summary>The layers that are zero where a block is the identity; null where it has another form.</summary>
    private List<nn.Module>? LastOf(string path)
    {
        var own = StepsOf(path);
        var made = own.SelectMany(step => step.Results).ToHashSet<AxisTensor>(ReferenceEqualityComparer.Instance);
        var given = own.SelectMany(step => step.Inputs).OfType<AxisTensor>().Where(value => !made.Contains(value))
            .Distinct<AxisTensor>(ReferenceEqualityComparer.Instance).ToList();
        var taken = trace.Steps.Except(own).SelectMany(step => step.Inputs).OfType<AxisTensor>().Concat(trace.Results).Where(made.Contains)
            .Distinct<AxisTensor>(ReferenceEqualityComparer.Instance).ToList();
        if (given is not [var input] || taken is not [var result] || own.Any(step => step.IsRepeated))
        {
            return null;
        }

        var last = new List<nn.Module>();
        var end = makers[result] is { Inputs: [{ } before] } step && Name(step) is "relu" or "ReLU" or "MoveToOuterDisposeScope" ? before : result;
        return Leads(end, input, last) ? last.Distinct<nn.Module>(ReferenceEqualityComparer.Instance).ToList() : null;
    }

    /// <summary>Whether a value is the input, and what branches add to it.</summary>
    private bool Leads(AxisTensor value, AxisTensor input, List<nn.Module> last)
    {
        if (ReferenceEquals(value, input))
        {
            return true;
        }

        if (!makers.TryGetValue(value, out var step) || step.Inputs is not [{ } first, { } second] || Name(step) != "add" || step.Arguments.Count > 0)
        {
            return step is { Inputs: [{ } only] } && Name(step) is "MoveToOuterDisposeScope" or "Identity" && Leads(only, input, last);
        }

        var count = last.Count;
        foreach (var (skip, branch) in new[] { (first, second), (second, first) })
        {
            if (Ends(branch, last) && Leads(skip, input, last))
            {
                return true;
            }

            last.RemoveRange(count, last.Count - count);
        }

        return false;
    }

    /// <summary>Finds the layers that make a branch zero.</summary>
    private bool Ends(AxisTensor value, List<nn.Module> last)
    {
        if (!makers.TryGetValue(value, out var step))
        {
            return false;
        }

        switch (step.Module)
        {
            case Linear or Convolution when step.Kind == TraceStepKind.Layer && plan.IsUsedOnce(step.Module):
                last.Add(step.Module);
                return true;
            case BatchNorm norm when norm.get_parameter("weight") is not null && plan.IsUsedOnce(norm) && step.Inputs is [{ } input]:
                last.Add(norm);
                return Ends(input, last);
            default:
                return step.Kind is TraceStepKind.Operation or TraceStepKind.Layer && Passing.Contains(Name(step)) && step.Inputs is [{ } passed, ..]
                    && Ends(passed, last);
        }
    }

    private List<TraceStep> StepsOf(string path) => trace.Steps.Where(step => IsIn(step, path)).ToList();

    private static bool IsIn(TraceStep step, string path) => step.Within == path || step.Within.StartsWith(path + ".", StringComparison.Ordinal);

    private static string Name(TraceStep step) => step.Kind == TraceStepKind.Layer ? step.Module!.GetType().Name : step.Name.TrimEnd('_');
}

/// <summary>A residual block.</summary>
/// <param name="Path">Its path in the model.</param>
/// <param name="Module">The block.</param>
/// <param name="Last">The last layers of its branches.</param>
internal sealed record ResidualBlock(string Path, nn.Module<Tensor, Tensor> Module, IReadOnlyList<nn.Module> Last);
