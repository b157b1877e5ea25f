using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// By which layers a group's channels go out to those that read them: the producers, or, where a BatchNorm or a depthwise convolution is all that takes
/// such a layer's output, that one. Multiplying their outputs, each once, is the same as multiplying their weights and biases.
/// </summary>
internal sealed class ChannelOutputs
{
    private readonly PruningGroup group;
    private readonly Dictionary<string, nn.Module> layers;
    private readonly HashSet<string> handOver = new(StringComparer.Ordinal);
    private readonly HashSet<string> goOut = new(StringComparer.Ordinal);

    private ChannelOutputs(PruningGroup group)
    {
        this.group = group;
        layers = Weights.Where(member => !IsSlope(member)).Select(member => member.Parameter).DistinctBy(parameter => parameter.Layer.Name)
            .ToDictionary(parameter => parameter.Layer.Name, parameter => parameter.Module, StringComparer.Ordinal);
    }

    /// <summary>The layers, by path.</summary>
    public IReadOnlyDictionary<string, nn.Module<Tensor, Tensor>> Layers =>
        goOut.ToDictionary(name => name, name => (nn.Module<Tensor, Tensor>)layers[name], StringComparer.Ordinal);

    private IEnumerable<GroupMember> Weights => group.Members.Where(member => member.Role != MemberRole.Reads && !member.Parameter.IsBuffer);

    /// <summary>Finds them.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="group">One of its groups.</param>
    /// <param name="because">Why there is no such set of layers; null where there is.</param>
    public static ChannelOutputs? Of(PruningPlan plan, PruningGroup group, out string? because)
    {
        var outputs = new ChannelOutputs(group);
        because = outputs.Unsuited(plan);
        foreach (var trace in plan.AllWays)
        {
            because ??= outputs.Follow(trace);
        }

        because ??= outputs.goOut.FirstOrDefault(outputs.handOver.Contains) is { } both
            ? $"what {both} puts out is normalised in one place and not in another"
            : null;
        return because is null ? outputs : null;
    }

    /// <summary>What there is in the group that gates cannot stand behind.</summary>
    private string? Unsuited(PruningPlan plan)
    {
        foreach (var (name, module) in layers)
        {
            if (module is not (Linear or Convolution or Embedding) && !(module is NormBase && module.get_parameter("bias") is not null))
            {
                return $"{name} is a {module.GetType().Name}";
            }

            if (group.Producers.Contains(name) && module is NormBase)
            {
                return $"{name} makes channels of its own";
            }
        }

        // A layer with buffers alone, such as a BatchNorm without a scale, is not among those with weights.
        var bare = group.Members.FirstOrDefault(
            member => member.Role != MemberRole.Reads && member.Parameter.IsBuffer && !layers.ContainsKey(member.Parameter.Layer.Name));
        var shared = Weights.FirstOrDefault(member =>
            plan.Parameters.Any(other => other.Path != member.Parameter.Path && other.Tensor.Handle == member.Parameter.Tensor.Handle));
        var read = plan.AllWays.SelectMany(trace => trace.Steps)
            .FirstOrDefault(step => step.Kind == TraceStepKind.Parameter && Weights.Any(member => member.Parameter.Path == step.Name));
        var coded = Weights.FirstOrDefault(member => WeightCodes.Of(member.Parameter.Module, member.Parameter.Name) is SharedCode);
        return bare is not null ? $"{bare.Parameter.Layer.Name} has no scale and shift"
            : read is not null ? $"forward reads {read.Name} by itself, too"
            : coded is not null ? $"the weights of {coded.Parameter.Path} share values"
            : shared is not null ? $"{shared.Parameter.Path} is shared with another layer"
            : !group.Exact ? group.InexactBecause
            : null;
    }

    /// <summary>Slopes of PReLU make zero of zero, and are multiplied with what comes in.</summary>
    private static bool IsSlope(GroupMember member) => member.Parameter.Module is PReLU;

    private string? Follow(ForwardTrace trace)
    {
        var uses = new Dictionary<AxisTensor, int>(ReferenceEqualityComparer.Instance);
        var makers = new Dictionary<AxisTensor, TraceStep>(ReferenceEqualityComparer.Instance);
        foreach (var used in trace.Steps.SelectMany(step => step.Inputs).OfType<AxisTensor>().Concat(trace.Results))
        {
            uses[used] = uses.GetValueOrDefault(used) + 1;
        }

        foreach (var step in trace.Steps)
        {
            foreach (var result in step.Results)
            {
                makers[result] = step;
            }
        }

        // First what hands over, then all the rest goes out.
        var handedOver = new HashSet<TraceStep>(ReferenceEqualityComparer.Instance);
        foreach (var step in trace.Steps.Where(IsFollower))
        {
            if (Source(step.Inputs.OfType<AxisTensor>().Single()) is not { } source)
            {
                return $"{step.Name} gets these channels behind other operations";
            }

            handedOver.Add(source);
            handOver.Add(source.Name);
        }

        goOut.UnionWith(trace.Steps.Where(step => IsOurs(step) && !handedOver.Contains(step)).Select(step => step.Name));
        return null;

        // The layer of the group that made a value which nothing else uses, through operations on this value alone.
        TraceStep? Source(AxisTensor value)
        {
            while (uses.GetValueOrDefault(value) == 1 && makers.GetValueOrDefault(value) is { Results.Count: 1 } maker)
            {
                if (IsOurs(maker))
                {
                    return maker;
                }

                var inputs = maker.Inputs.OfType<AxisTensor>().ToList();
                var passesOn = maker.Kind == TraceStepKind.Operation
                    || (maker.Kind == TraceStepKind.Layer && (maker.Module is PReLU || !maker.Module!.parameters().Any()));
                if (inputs.Count != 1 || !passesOn)
                {
                    return null;
                }

                value = inputs[0];
            }

            return null;
        }
    }

    private bool IsOurs(TraceStep step) => step.Kind == TraceStepKind.Layer && layers.ContainsKey(step.Name);

    private bool IsFollower(TraceStep step) => IsOurs(step) && !group.Producers.Contains(step.Name);
}
