using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What a latency table says of a linked model at any widths.</summary>
internal sealed class LatencyModel
{
    private readonly List<TimedLayer> layers;

    /// <param name="plan">The linked model, with the shapes of its inputs.</param>
    public LatencyModel(PruningPlan plan)
    {
        layers = [.. plan.Trace.Steps.Where(step => !step.IsRepeated).Select(step => TimedLayer.Of(plan, step)).OfType<TimedLayer>()];
        Elements = new WidthFormula(plan.Trace.Steps
            .Where(step => !step.IsRepeated && step.Kind is TraceStepKind.Layer or TraceStepKind.Operation)
            .SelectMany(step => step.Results).Select(result => WidthForm.Product(result.Dims.Select(plan.FormOf))).OfType<WidthForm>());
    }

    /// <summary>The layers that are measured by themselves.</summary>
    public IReadOnlyList<TimedLayer> Layers => layers;

    /// <summary>How many numbers the steps of <c>forward</c> make.</summary>
    public WidthFormula Elements { get; }

    /// <summary>What the layers take by themselves, in milliseconds.</summary>
    /// <exception cref="InvalidOperationException">The table lacks a layer.</exception>
    public double LayersAt(IReadOnlyList<LayerLatency> table, long[] widths)
    {
        var byName = table.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        return layers.Sum(layer => byName.TryGetValue(layer.Name, out var times) ? times.At(layer.Inputs.At(widths), layer.Outputs.At(widths))
            : throw new InvalidOperationException($"The latency table has no layer {layer.Name}; measure the model anew (delete the file)."));
    }
}

/// <summary>A layer whose time is measured by itself.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Module">The layer.</param>
/// <param name="Shape">The shape of what it takes, at full widths.</param>
/// <param name="ChannelDim">Where the inputs stand in it.</param>
/// <param name="Inputs">How many there are.</param>
/// <param name="Outputs">How many outputs there are.</param>
internal sealed record TimedLayer(string Name, nn.Module Module, long[] Shape, int ChannelDim, WidthForm Inputs, WidthForm Outputs)
{
    /// <summary>A layer of a kind that can be called with any widths; null for others.</summary>
    public static TimedLayer? Of(PruningPlan plan, TraceStep step)
    {
        if (step is not { Kind: TraceStepKind.Layer, Module: Linear or Conv1d or Conv2d or Conv3d } || step.Module is Convolution { padding: null }
            || step.Inputs is not [AxisTensor input] || step.Results is not [var result])
        {
            return null;
        }

        var shape = input.Dims.Select(plan.FormOf).ToArray();
        var channels = step.Module is Linear ? input.Dims.Count - 1 : 1;
        var outputs = plan.FormOf(result.Dims[step.Module is Linear ? result.Dims.Count - 1 : 1]);
        var isBatched = step.Module is not Convolution convolution || shape.Length == convolution.kernel_size.Length + 2;
        return shape.Contains(null) || outputs is null || !isBatched
            ? null
            : new TimedLayer(step.Name, step.Module, [.. shape.Select(dim => dim!.At(plan.WidthsOf()))], channels, shape[channels]!, outputs);
    }

    /// <summary>What makes two layers take the same time.</summary>
    public string Signature
    {
        get
        {
            var parameters = LayerAdapters.Shapes(Module).Select(shape => $"{shape.Key} [{string.Join(", ", shape.Value ?? [])}]");
            var settings = Module is not Convolution layer ? ""
                : $"{string.Join(",", layer.stride)} {string.Join(",", layer.padding!)} {string.Join(",", layer.dilation)} {layer.groups}";
            var open = $"{Inputs.Groups.Any()} {Outputs.Groups.Any()}";
            return $"{Module.GetType().Name} [{string.Join(", ", Shape)}] {string.Join(' ', parameters)} {settings} {open}";
        }
    }

    /// <summary>In a grouped convolution the groups follow the inputs, and so do the outputs.</summary>
    public bool IsGrouped => Module is Convolution { groups: > 1 };

    /// <summary>What calls a layer like this with so many inputs and outputs; the caller disposes of the tensors.</summary>
    public (Action Call, Tensor[] Tensors) With(long inputs, long outputs, Device device)
    {
        var shape = (long[])Shape.Clone();
        shape[ChannelDim] = inputs;
        var (weight, hasBias) = (Module.get_parameter("weight")!, Module.get_parameter("bias") is not null);
        var x = randn(shape, weight.dtype, device);
        if (Module is Linear)
        {
            var (w, b) = (randn([outputs, inputs], weight.dtype, device), hasBias ? randn([outputs], weight.dtype, device) : null);
            return (() => nn.functional.linear(x, w, b).Dispose(), Tensors(x, w, b));
        }

        var layer = (Convolution)Module;
        var groups = IsGrouped ? Math.Max(1, inputs / weight.size(1)) : 1;
        var made = IsGrouped ? groups * (weight.size(0) / layer.groups) : outputs;
        var kernel = randn([made, IsGrouped ? weight.size(1) : inputs, .. weight.shape.Skip(2)], weight.dtype, device);
        var bias = hasBias ? randn([made], weight.dtype, device) : null;
        var (stride, padding, dilation) = (layer.stride.ToArray(), layer.padding!.ToArray(), layer.dilation.ToArray());
        Func<Tensor> call = Module switch
        {
            Conv1d => () => nn.functional.conv1d(x, kernel, bias, stride[0], padding[0], dilation[0], groups),
            Conv2d => () => nn.functional.conv2d(x, kernel, bias, stride, padding, dilation, groups),
            _ => () => nn.functional.conv3d(x, kernel, bias, stride, padding, dilation, groups),
        };
        return (() => call().Dispose(), Tensors(x, kernel, bias));

        static Tensor[] Tensors(params Tensor?[] all) => [.. all.OfType<Tensor>()];
    }
}

/// <summary>The time of a forward pass.</summary>
internal sealed class LatencyCost(LatencyTable table, LatencyModel model, double dense, double limit) : WidthCost(BudgetCosts.Latency, dense, limit)
{
    public override double At(long[] widths) => At(table, model, widths);

    /// <summary>What a table says of a model at these widths.</summary>
    public static double At(LatencyTable table, LatencyModel model, long[] widths) =>
        table.Fixed + (table.PerElement * model.Elements.At(widths)) + (table.PerLayer * model.LayersAt(table.Layers, widths));
}
