using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// SmoothQuant (Xiao et al., 2023): channel j of what layers take in is divided by s_j = max|X_j|^α / max|W_j|^(1−α) where it is made, and the weights that
/// read it are multiplied by s_j, so that activations spread less and the model answers as before.
/// </summary>
internal static class SmoothQuant
{
    private const double Least = 1e-5;

    // f(x / s) = f(x) / s for s above 0, channel by channel.
    private static readonly HashSet<string> Homogeneous = new(StringComparer.Ordinal)
    {
        "relu", "relu_", "max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "dropout", "contiguous", "clone",
    };

    /// <summary>Smooths what can be smoothed: channels that a layer or a LayerNorm makes, and that only layers read which are to be smoothed.</summary>
    /// <returns>The paths of the layers whose inputs are smoother now.</returns>
    public static IReadOnlyList<string> Apply(
        PruningPlan plan, ScoringContext context, string who, IReadOnlyList<(PlannedParameter Weight, double Alpha)> weights)
    {
        var wanted = weights.Where(weight => weight.Weight.Name == "weight" && weight.Weight.Module is Linear or Conv1d { groups: 1 } or Conv2d { groups: 1 })
            .ToDictionary(weight => weight.Weight.Module, weight => weight, (IEqualityComparer<nn.Module>)ReferenceEqualityComparer.Instance);
        var places = plan.AllWays.Count == 1 || plan.AllWays.All(trace => trace.Conditions.All(condition => condition.IsSetting))
            ? plan.Trace.Steps.Select(step => (Maker: step, Readers: ReadersOf(plan.Trace, step, wanted.Keys)))
                .Where(place => place.Readers.Count > 0 && IsAlone(plan, place.Maker.Module!, place.Readers, wanted.Keys)).ToList()
            : [];
        if (places.Count == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var largest = new Tensor?[places.Count];
        LayerInputs.Observe(
            context, who, [.. places.Select(place => wanted[place.Readers[0]].Weight)],
            (i, input) =>
            {
                var dim = places[i].Readers[0] is Linear ? input.dim() - 1 : LayerAdapters.ChannelDim(places[i].Readers[0], input.dim());
                var most = input.detach().abs().transpose(dim, 0).flatten(1).amax([1L]);
                var next = (largest[i] is { } known ? maximum(known, most) : most).DetachFromDisposeScope();
                largest[i]?.Dispose();
                largest[i] = next;
            },
            "leave out Smooth");
        for (var i = 0; i < places.Count; i++)
        {
            using var activations = largest[i]!;
            Move(places[i].Maker.Module!, [.. places[i].Readers.Select(reader => wanted[reader].Weight)], activations, wanted[places[i].Readers[0]].Alpha);
        }

        return [.. places.SelectMany(place => place.Readers).Select(reader => wanted[reader].Weight.Layer.Name)];
    }

    private static void Move(nn.Module maker, IReadOnlyList<PlannedParameter> readers, Tensor activations, double alpha)
    {
        var weights = readers.Select(reader => reader.Tensor.abs().transpose(0, 1).flatten(1).amax([1L])).Aggregate(maximum);
        var factors = activations.pow(alpha) / weights.pow(1 - alpha).clamp(min: Least);
        factors = where(activations.gt(0).logical_and(weights.gt(0)), factors.clamp(min: Least), ones_like(factors));
        foreach (var parameter in new[] { maker.get_parameter("weight")!, maker.get_parameter("bias") }.OfType<Parameter>())
        {
            parameter.div_(AlongFirst(factors, (int)parameter.dim()));
        }

        foreach (var reader in readers)
        {
            reader.Tensor.mul_(AlongFirst(factors, (int)reader.Tensor.dim() - 1));
        }
    }

    private static Tensor AlongFirst(Tensor factors, int rank) => factors.reshape([.. Enumerable.Range(0, rank).Select(dim => dim == 0 ? -1L : 1L)]);

    /// <summary>Whether, whichever way forward goes, readers get what the maker makes, and nothing else does.</summary>
    private static bool IsAlone(PruningPlan plan, nn.Module maker, List<nn.Module> readers, IReadOnlyCollection<nn.Module> wanted) =>
        !WeightCodes.IsCoded(maker) && readers.Append(maker).All(plan.IsUsedOnce) && plan.EvaluatedWays.All(trace =>
            trace.Steps.Select(step => step.Module).OfType<nn.Module>().Where(readers.Contains).ToHashSet()
                .SetEquals(trace.Steps.Where(step => step.Module == maker).SelectMany(step => ReadersOf(trace, step, wanted))));

    /// <summary>The layers that read what a step makes, if they are all that does anything with it; else none.</summary>
    private static List<nn.Module> ReadersOf(ForwardTrace trace, TraceStep maker, IEnumerable<nn.Module> wanted)
    {
        var none = new List<nn.Module>();
        if (maker is not { Kind: TraceStepKind.Layer, IsRepeated: false, Results: [var made] } || !Makes(maker.Module!))
        {
            return none;
        }

        var channels = maker.Module!.get_parameter("weight")!.size(0);
        var isLast = maker.Module is Linear or LayerNorm;
        var (readers, open) = (new List<nn.Module>(), new Stack<AxisTensor>([made]));
        while (open.TryPop(out var value))
        {
            if (trace.Results.Contains(value))
            {
                return none;
            }

            foreach (var step in trace.Steps.Where(step => step.Inputs.Contains(value)))
            {
                if (step.Kind == TraceStepKind.Layer && wanted.Contains(step.Module!) && step.Module is Linear == isLast
                    && step.Module!.get_parameter("weight")!.size(1) == channels && !step.IsRepeated)
                {
                    readers.Add(step.Module!);
                }
                else if (step.Results.Count == 1 && step.Inputs.Count(input => input is not null) == 1
                    && (step.Kind == TraceStepKind.Operation ? Homogeneous.Contains(step.Name)
                        : step.Module is ReLU or MaxPool1d or MaxPool2d or AvgPool1d or AvgPool2d or AdaptiveAvgPool2d or Dropout or Identity))
                {
                    open.Push(step.Results[0]);
                }
                else
                {
                    return none;
                }
            }
        }

        return readers;
    }

    private static bool Makes(nn.Module module) => module is Linear or Conv1d or Conv2d
        || (module is LayerNorm norm && norm.get_parameter("weight") is { } scale && scale.dim() == 1);
}
