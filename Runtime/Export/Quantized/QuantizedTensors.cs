using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Writes a quantized model as what it computes with: a weight as its codes and a DequantizeLinear, what a layer takes in through a QuantizeLinear and a
/// DequantizeLinear at its <see cref="ActivationPoint"/>. Runtimes make layers of whole numbers of them.
/// </summary>
internal sealed class QuantizedTensors : OnnxTransform
{
    /// <summary>
    /// The largest sum of two products of codes that processors without instructions for bytes (x64 before VNNI) add in 16 bits.
    /// </summary>
    private const int MostOfPairs = short.MaxValue;

    private readonly Dictionary<(nn.Module Layer, string Name), CodedParameter> codes;
    private readonly Dictionary<nn.Module, ActivationPoint> points;
    private readonly HashSet<(nn.Module Layer, string Name)> written = [];
    private readonly Dictionary<(string Value, ActivationPoint Point), OnnxValue> quantized = [];
    private readonly List<string> notes;
    private bool mayOverflow;

    private QuantizedTensors(
        Dictionary<(nn.Module, string), CodedParameter> codes, Dictionary<nn.Module, ActivationPoint> points, List<string> notes)
    {
        (this.codes, this.points, this.notes) = (codes, points, notes);
    }

    /// <summary>What is quantized of a model; null where nothing is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="notes">Takes what is to be said of the file.</param>
    public static QuantizedTensors? Of(nn.Module model, List<string> notes)
    {
        var coded = WeightCodes.Of(model).Where(one => one.Code is QuantizedWeight).ToList();
        foreach (var moved in coded.Where(one => !one.IsLive))
        {
            notes.Add($"{moved.Path} has been moved since it was quantized; it is written as the float32 numbers that it is now");
        }

        var codes = coded.Where(one => one.IsLive).ToDictionary(one => (one.Layer, one.Parameter));
        var points = ActivationPoints.Of(model).ToDictionary(entry => entry.Layer, entry => entry.Hook.Point);
        return codes.Count + points.Count == 0 ? null : new QuantizedTensors(codes, points, notes);
    }

    /// <summary>Whether the weight of a layer is codes, which stay as they are.</summary>
    public bool HasCodes(nn.Module layer) => codes.ContainsKey((layer, "weight"));

    /// <summary>Whether what a layer takes in is quantized.</summary>
    public bool HasPoint(nn.Module layer) => points.ContainsKey(layer);

    /// <inheritdoc/>
    public override OnnxValue Input(OnnxStep step, int place, OnnxValue value)
    {
        if (step.Step.Kind != TraceStepKind.Layer || place != 0 || !points.TryGetValue(step.Step.Module!, out var point)
            || !TensorTypes.IsFloating(value.Type))
        {
            return value;
        }

        if (value.Type != ScalarType.Float32)
        {
            throw step.Refusal(
                $"what it takes in is quantized, and is {value.Type}, of which ONNX's QuantizeLinear makes no codes; convert the model with to_type(Float32)");
        }

        if (!quantized.TryGetValue((value.Name, point), out var result))
        {
            quantized.Add((value.Name, point), result = Quantized(step, value, point));
        }

        return result;
    }

    /// <inheritdoc/>
    public override OnnxValue Parameter(OnnxStep step, string name, OnnxValue value, int channels, Func<Tensor, Tensor> arrange)
    {
        var layer = step.Step.Module!;
        if (!codes.TryGetValue((layer, name), out var coded))
        {
            return value;
        }

        written.Add((layer, name));
        var code = (QuantizedWeight)coded.Code;
        var zeros = QuantizedWeight.AlongAxis(tensor([.. code.ZeroPoints], ScalarType.Int16), code.Shape.Count, code.Axis);
        var whole = tensor([.. code.Codes], ScalarType.Int16).reshape([.. code.Shape]);
        var moved = whole - zeros;

        // Kernels want one zero point for all channels, best zero itself; the same numbers have it wherever the codes that are left fit into eight bits.
        var fits = moved.min().item<short>() >= sbyte.MinValue && moved.max().item<short>() <= sbyte.MaxValue;
        (whole, zeros) = fits ? (moved, zeros_like(zeros)) : (whole, zeros);
        mayOverflow |= points.TryGetValue(layer, out var point) && 2L * point.Most * whole.abs().max().item<short>() > MostOfPairs;
        var isUniform = zeros.eq(zeros.flatten()[0]).all().item<bool>();
        var axis = code.Axis is null ? (int?)null : channels;
        var scale = Along(QuantizedWeight.AlongAxis(tensor([.. code.Scales]), code.Shape.Count, code.Axis));
        var path = $"{step.Name}.{name}";
        var codesValue = step.Graph.Named(path + "_quantized", arrange(whole.to_type(ScalarType.Int8)).contiguous());
        OnnxValue result;
        if (isUniform && point is not null)
        {
            var zeroValue = step.Graph.Named(path + "_zero_point", Along(zeros).to_type(ScalarType.Int8));
            result = step.Graph.Node(
                "DequantizeLinear",
                ScalarType.Float32,
                value.Shape,
                [codesValue, step.Graph.Named(path + "_scale", scale), zeroValue],
                axis is int dim ? [("axis", dim)] : []);
        }
        else
        {
            // Plain arithmetic of constants, which ONNX Runtime does when it loads the file. Of a DequantizeLinear it would make kernels that are not this
            // model: with one zero point for all channels, or with inputs that it quantizes by itself.
            if (point is not null)
            {
                notes.Add($"{step.Name}: its {name} has zero points of its own for channels, and ONNX Runtime's kernels have none; it computes in float32 "
                    + "with the numbers of its codes. For whole numbers quantize with WeightGrid.Symmetric, PerChannel = false, or 7 bits");
            }

            OnnxValue Wide(string suffix, Tensor numbers) => step.Graph.Named(path + suffix, QuantizedWeight.AlongAxis(numbers, value.Rank, axis));
            result = step.Graph.Node("Cast", ScalarType.Float32, value.Shape, [codesValue], ("to", TensorTypes.OnnxCode(ScalarType.Float32)));
            result = fits ? result
                : step.Graph.Node("Sub", ScalarType.Float32, value.Shape, [result, Wide("_zero_point", Along(zeros).to_type(ScalarType.Float32))]);
            result = step.Graph.Node("Mul", ScalarType.Float32, value.Shape, [result, Wide("_scale", scale)]);
        }

        return step.Graph.Cast(result, value.Type);

        // One number for each channel of what the node reads, or one for all.
        Tensor Along(Tensor numbers)
        {
            if (axis is not int along)
            {
                return numbers.reshape();
            }

            var all = arrange(numbers.expand([.. code.Shape]));
            var rows = all.transpose(0, along).reshape(all.size(along), -1);
            return rows.eq(rows[.., ..1]).all().item<bool>() ? rows[.., 0].contiguous()
                : throw step.Refusal($"the channels of its {name} are arranged in a way that scales for channels cannot be; quantize with PerChannel = false");
        }
    }

    /// <summary>Has the nodes that compute with codes be such that runtimes make layers of whole numbers of them, and says what stays float.</summary>
    /// <param name="graph">The graph, complete.</param>
    /// <param name="outputs">The names of the model's outputs.</param>
    /// <param name="trace">What was written.</param>
    public void Finish(OnnxGraph graph, IReadOnlyCollection<string> outputs, ForwardTrace trace)
    {
        new IntegerLayers(graph, outputs).Write();
        var used = trace.Steps.Select(step => step.Module).ToHashSet();
        foreach (var left in codes.Values.Where(one => used.Contains(one.Layer) && !written.Contains((one.Layer, one.Parameter))))
        {
            notes.Add($"{left.Path} is quantized, and ONNX has no way to say so where it is read; it is written as the float32 numbers that its codes are");
        }

        if (mayOverflow)
        {
            notes.Add(
                "Some codes of weights are beyond 64: processors of x64 without VNNI add products of bytes in 16 bits, which overflow. For these give ONNX "
                    + "Runtime's SessionOptions the entry session.x64quantprecision = 1, or quantize weights to 7 bits");
        }
    }

    private static OnnxValue Quantized(OnnxStep step, OnnxValue value, ActivationPoint point)
    {
        var graph = step.Graph;
        var scale = step.Graph.Named(step.Name + ".input_scale", tensor(point.Scale));
        var zero = step.Graph.Named(step.Name + ".input_zero_point", tensor((byte)point.ZeroPoint));
        var codes = graph.Node("QuantizeLinear", ScalarType.Byte, value.Shape, [value, scale, zero]);
        if (point.Bits < 8)
        {
            codes = graph.Node("Clip", ScalarType.Byte, value.Shape, [codes, null, graph.Scalar((long)point.Most, ScalarType.Byte)]);
        }

        return graph.Node("DequantizeLinear", ScalarType.Float32, value.Shape, [codes, scale, zero]);
    }
}
