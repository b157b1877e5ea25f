using System.Globalization;
using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Follows the channels of a group through <c>forward</c>, from the layers that make them to those that read them. It is known of a group only where
/// each step in between works on each channel by itself; then a channel that comes from weights of zero is the same number for every input.
/// </summary>
internal sealed class ChannelFlow
{
    /// <summary>Operations and layers that make something of each channel by itself, and of equal numbers equal ones.</summary>
    private static readonly HashSet<string> Followed = new(StringComparer.Ordinal)
    {
        "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "Mish", "SiLU", "tanh", "softsign", "Softsign", "hardswish",
        "hardshrink", "Hardshrink", "softshrink", "Softshrink", "tanhshrink", "Tanhshrink", "abs", "neg", "positive", "sqrt", "square", "sign", "sigmoid",
        "expit", "softplus", "hardsigmoid", "hardtanh", "Hardtanh", "threshold", "Threshold", "log_sigmoid", "logsigmoid", "exp", "clamp", "clip", "clamp_min",
        "clamp_max", "pow", "add", "sub", "subtract", "mul", "multiply", "div", "divide", "maximum", "minimum", "dropout", "dropout1d", "dropout2d",
        "dropout3d", "to", "to_type", "type_as", "float", "double", "half", "bfloat16", "cpu", "cuda", "contiguous", "clone", "detach", "alias",
        "DetachFromDisposeScope", "MoveToOuterDisposeScope", "view", "view_as", "reshape", "reshape_as", "flatten", "unflatten", "ravel", "permute",
        "transpose", "t", "T", "movedim", "moveaxis", "swapaxes", "swapdims", "unsqueeze", "squeeze", "expand", "expand_as", "cat", "concat", "concatenate",
        "index", "narrow", "mean", "sum", "amax", "amin", "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", "interpolate",
        "upsample", "upsample_nearest", "matmul", "bmm", "scaled_dot_product_attention", "softmax", "masked_fill", "Identity", "ReLU", "ReLU6", "LeakyReLU",
        "ELU", "SELU", "CELU", "GELU", "Hardswish", "Tanh", "PReLU", "Dropout", "Dropout1d",
        "Dropout2d", "Dropout3d", "Sigmoid", "Softplus", "Hardsigmoid", "LogSigmoid", "MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d",
        "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
        "Flatten", "Unflatten", "Upsample",
    };

    private readonly PruningGroup group;
    private readonly Axis axis;
    private readonly Dictionary<nn.Module, bool[]> readers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<AxisTensor, bool[]> constant = new(ReferenceEqualityComparer.Instance);

    /// <summary>How each value is computed, as a number that is the same for what is computed alike, on whichever way.</summary>
    private readonly Dictionary<AxisTensor, int> origins = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> computed = new(StringComparer.Ordinal);
    private readonly Dictionary<nn.Module, HashSet<int>> taken = new(ReferenceEqualityComparer.Instance);

    /// <summary>What no input of the model decides, and has nothing of the group.</summary>
    private readonly HashSet<AxisTensor> settled = new(ReferenceEqualityComparer.Instance);

    private ChannelFlow(PruningGroup group) => (this.group, axis) = (group, group.Axis.Resolve());

    /// <summary>For each layer that reads the group, which channels come to it the same for every input.</summary>
    public IReadOnlyDictionary<nn.Module, bool[]> Readers => readers;

    /// <summary>Whether what a layer reads of the group is computed alike on each way through <c>forward</c>, so that what comes on one comes on all.</summary>
    public bool IsAlike(nn.Module reader) => taken.TryGetValue(reader, out var origin) && origin.Count == 1;

    /// <summary>Follows a group on each way through <c>forward</c>.</summary>
    /// <returns>Null where a step mixes channels, counts or sorts them, or is not known.</returns>
    public static ChannelFlow? Of(PruningPlan plan, PruningGroup group)
    {
        var flow = new ChannelFlow(group);
        return plan.AllWays.SelectMany(trace => trace.Steps).All(flow.Take) ? flow : null;
    }

    /// <summary>Whether a convolution sees zeros around what it takes in.</summary>
    public static bool HasBorder(Convolution layer) => layer.padding_mode == PaddingModes.Zeros
        && (layer.padding?.Any(pad => pad != 0) ?? layer.padding_type != Padding.Valid && layer.kernel_size.Any(size => size > 1));

    private static bool HasBorder(object? padding) => padding switch
    {
        null => false,
        long[] several => several.Any(pad => pad != 0),
        IConvertible one => Convert.ToInt64(one, CultureInfo.InvariantCulture) != 0,
        _ => true,
    };

    private bool Take(TraceStep step)
    {
        var inputs = step.Inputs.OfType<AxisTensor>().ToList();
        if (inputs.Concat(step.Results).Any(value => value.IsDeferred || Standing(value) > 1))
        {
            return false;
        }

        var origin = OriginOf(step);
        for (var i = 0; i < step.Results.Count; i++)
        {
            origins[step.Results[i]] = i == 0 ? origin : Numbered($"{origin}.{i}");
        }

        var carrying = inputs.Where(Carries).ToList();
        var made = step.Results.Where(Carries).ToList();
        var (isGiven, isOperation) = (step.Kind is TraceStepKind.Parameter or TraceStepKind.Tensor, step.Kind == TraceStepKind.Operation);
        if (carrying.Count == 0 && made.Count == 0)
        {
            if (isGiven || (isOperation && Followed.Contains(step.Name) && inputs.Count > 0 && inputs.TrueForAll(settled.Contains)))
            {
                settled.UnionWith(step.Results);
            }

            return true;
        }

        var stays = isGiven ? All(true) : isOperation ? OfOperation(step, inputs, carrying, made.Count) : OfLayer(step.Module!, carrying, made.Count);
        if (stays is null)
        {
            return false;
        }

        made.ForEach(value => constant[value] = stays);
        return true;
    }

    /// <summary>What a step computes from what. Dropout hands on what it takes: it is done in one mode only, and nothing is evaluated in that.</summary>
    private int OriginOf(TraceStep step)
    {
        if (step.Inputs is [{ } dropped, ..] && (step.Module?.GetType().Name ?? step.Name).Contains("dropout", StringComparison.OrdinalIgnoreCase))
        {
            return origins.GetValueOrDefault(dropped);
        }

        var from = string.Join(",", step.Inputs.Select(input => input is null ? -1 : origins.GetValueOrDefault(input)));
        var arguments = step.Kind == TraceStepKind.Layer ? ""
            : string.Join(",", step.Arguments.Select(argument => $"{argument.Name}={Text(argument.Value)}"));
        return Numbered($"{step.Kind} {step.Name}({from}; {arguments})");

        static string Text(object? value) => value is Array several ? string.Join(" ", several.Cast<object?>().Select(Text))
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    private int Numbered(string computation)
    {
        if (!computed.TryGetValue(computation, out var number))
        {
            computed.Add(computation, number = computed.Count + 1);
        }

        return number;
    }

    private bool[]? OfOperation(TraceStep step, List<AxisTensor> inputs, List<AxisTensor> carrying, int made)
    {
        var inPlace = step.Name.EndsWith('_');
        var name = step.Name.TrimEnd('_');
        var picks = step.Arguments.Select(argument => argument.Value).OfType<AxisSlice[]>().Any(slices => slices.Any(slice => slice.Indices is not null));
        if (!Followed.Contains(name) || made == 0 || picks || (inPlace && inputs.Count > 1))
        {
            return null;
        }

        // How large a sum or a share is, and how much of a border of zeros is in a mean, depends on the size of the input.
        if (name is "sum" or "softmax" or "matmul" or "bmm" or "scaled_dot_product_attention"
            || (name.StartsWith("avg_pool", StringComparison.Ordinal) && HasBorder(step.Arguments.FirstOrDefault(one => one.Name == "padding").Value)))
        {
            return All(false);
        }

        // What is only joined to other things stays what it is; what meets them element by element does not.
        var others = name is "cat" or "concat" or "concatenate" || inputs.TrueForAll(input => settled.Contains(input) || Carries(input));
        return others ? And(carrying) : All(false);
    }

    private bool[]? OfLayer(nn.Module layer, List<AxisTensor> carrying, int made)
    {
        var members = group.Members.Where(member => ReferenceEquals(member.Parameter.Module, layer)).ToList();
        var reads = members.Exists(member => member.Role == MemberRole.Reads) && LayerAdapters.Knows(layer);
        if (reads && carrying.Count > 0)
        {
            taken.TryAdd(layer, []);
            taken[layer].UnionWith(carrying.Select(value => origins.GetValueOrDefault(value)));
            var before = readers.GetValueOrDefault(layer) ?? All(true);
            readers[layer] = [.. before.Zip(And(carrying), (first, second) => first && second)];
        }

        return layer switch
        {
            _ when made == 0 => reads ? All(false) : null,
            AvgPool1d or AvgPool2d or AvgPool3d when HasBorder(LayerAdapters.Describe(layer, "").Settings["padding"]) => All(false),
            _ when Followed.Contains(layer.GetType().Name) => And(carrying),
            BatchNorm => OrZero(members, "weight", layer.get_buffer("running_mean") is null ? All(false) : And(carrying)),
            Convolution depthwise when !reads && carrying.Count > 0 => OrZero(members, "weight", HasBorder(depthwise) ? All(false) : And(carrying)),
            Linear or Convolution when reads || carrying.Count == 0 => OrZero(members, "weight", All(false)),
            Embedding when carrying.Count == 0 => All(false),
            _ => null,
        };
    }

    /// <summary>The channels that are so already, and those of which a weight of the layer has nothing but zeros.</summary>
    private bool[] OrZero(List<GroupMember> members, string weight, bool[] stays)
    {
        var sums = new double[group.Width];
        var found = false;
        foreach (var member in members.Where(member => member.Parameter.Name == weight && member.Role != MemberRole.Reads))
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            ChannelSums.Add(sums, member.IndexMap, ChannelSums.Slices(member.Parameter.Tensor.ne(0), member.Dim));
            found = true;
        }

        return found ? [.. stays.Select((one, channel) => one || sums[channel] == 0)] : stays;
    }

    private bool[] And(List<AxisTensor> values) =>
        [.. Enumerable.Range(0, (int)group.Width).Select(channel => values.TrueForAll(value => constant.TryGetValue(value, out var stays) && stays[channel]))];

    private bool[] All(bool value) => [.. Enumerable.Repeat(value, (int)group.Width)];

    private bool Carries(AxisTensor value) => Standing(value) > 0;

    /// <summary>In how many dimensions the group stands, so that an element belongs to as many of its channels.</summary>
    private int Standing(AxisTensor value) => value.Dims.Sum(Standing);

    private int Standing(Axis of) => of.Resolve() is var one && one.Kind == AxisKind.Leaf ? ReferenceEquals(one, axis) ? 1 : 0
        : one.Kind == AxisKind.Product ? one.Parts.Sum(Standing)
        : one.Parts.Max(Standing);
}
