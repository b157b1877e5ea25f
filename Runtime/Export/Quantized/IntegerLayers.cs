using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Puts the nodes of a quantized graph so that ONNX Runtime makes layers of whole numbers of them. It takes a convolution between codes and a
/// QuantizeLinear for one of whole numbers (QLinearConv), whose bias must then be whole numbers, too, as <see cref="WholeBiases"/> has them. One whose
/// bias is not, or whose result goes on as float32, computes in float32, which is several times as fast as ONNX Runtime's ConvInteger. A Gemm and a
/// MatMul it takes either way. The numbers stay those of the model.
/// </summary>
internal sealed class IntegerLayers(OnnxGraph graph, IReadOnlyCollection<string> outputs)
{
    private static readonly HashSet<string> Moving = new(StringComparer.Ordinal) { "MaxPool", "Reshape", "Transpose", "Squeeze", "Unsqueeze" };

    private readonly Dictionary<string, string> plain = new(StringComparer.Ordinal);

    /// <summary>What a DequantizeLinear reads.</summary>
    private sealed record Codes(string Name, Tensor Scale, Tensor Zero, int Axis);

    private List<OnnxNode> Nodes => graph.Written;

    /// <summary>Does so.</summary>
    public void Write()
    {
        while (Nodes.Where(node => node.Op == "QuantizeLinear").ToList().Exists(Lift))
        {
        }

        foreach (var node in Nodes.Where(node => node.Op is "Conv" or "ConvTranspose" or "Gemm").ToList())
        {
            if (CodesOf(node.Inputs[0]) is not { } x)
            {
                continue;
            }

            var weight = CodesOf(node.Inputs[1]) is { } codes && graph.Initializer(codes.Name) is not null ? codes : null;
            if (weight is null || node.Op == "ConvTranspose")
            {
                WriteFloat(node, x, weight);
            }
            else
            {
                Write(node, x, weight);
            }
        }
    }

    private void Write(OnnxNode node, Codes x, Codes weight)
    {
        var scale = x.Scale * weight.Scale;
        var bias = node.Inputs.Length > 2 ? graph.Initializer(node.Inputs[2]) : null;
        if (node.Inputs.Length > 2 && bias is null)
        {
            return;
        }

        var whole = bias is null ? null : WholeBiases.Of(bias, scale);
        var result = node.Outputs[0];
        var isQuantized = !outputs.Contains(result) && Readers(result) is [{ Op: "QuantizeLinear" }];
        if (bias is null == whole is null && (isQuantized || node.Op == "Gemm"))
        {
            if (whole is not null)
            {
                Replace(node, WholeBias(node, whole, scale), node with { Inputs = [node.Inputs[0], node.Inputs[1], BiasName(node)] });
            }
        }
        else if (node.Op == "Gemm")
        {
            var product = Between(result, ScalarType.Float32, "_product");
            Replace(node, node with { Inputs = node.Inputs[..2], Outputs = [product] }, Add(node, product, bias!, result));
        }
        else
        {
            WriteFloat(node, x, weight);
        }
    }

    /// <summary>
    /// Has a node compute in float32 with the numbers that codes are, by plain arithmetic. Of a DequantizeLinear before it and a QuantizeLinear behind ONNX
    /// Runtime would make a layer of whole numbers all the same, with weights and biases that it rounds by itself.
    /// </summary>
    private void WriteFloat(OnnxNode node, Codes x, Codes? weight)
    {
        var parts = new List<OnnxNode>();
        var input = node.Inputs[0];
        if (!plain.TryGetValue(input, out var number))
        {
            plain.Add(input, number = Between(input, ScalarType.Float32, "_plain"));
            parts.AddRange(Decoded(node, input, x, number, 0));
        }

        var inputs = node.Inputs.ToArray();
        inputs[0] = number;
        if (weight is not null)
        {
            inputs[1] = graph.Unique(node.Inputs[1] + "_plain");
            parts.AddRange(Decoded(node, node.Inputs[1], weight, inputs[1], (int)graph.Initializer(weight.Name)!.dim()));
        }

        Replace(node, [.. parts, node with { Inputs = inputs }]);
        foreach (var unread in Nodes.Where(other => other.Op == "DequantizeLinear" && Readers(other.Outputs[0]).Count == 0).ToList())
        {
            Nodes.Remove(unread);
        }
    }

    /// <summary>(code − zero point) · scale, which is done when the file is loaded where the codes are a weight's.</summary>
    private List<OnnxNode> Decoded(OnnxNode node, string path, Codes codes, string result, int rank)
    {
        var parts = new List<OnnxNode>();
        void Add(string op, string[] inputs, params (string Name, object Value)[] attributes) => parts.Add(
            new OnnxNode(graph.Unique($"{path}/{op}"), op, inputs, [Known(op)], attributes) { Step = node.Step });
        string Known(string op)
        {
            var name = op == "Mul" ? result : graph.Unique($"{result}/{op}");
            graph.Know(graph.Known(path) with { Name = name, Type = ScalarType.Float32 });
            return name;
        }

        string Wide(string suffix, Tensor numbers) => graph.AddInitializer(
            path + suffix, QuantizedWeight.AlongAxis(numbers.to_type(ScalarType.Float32), rank, numbers.dim() == 0 ? null : codes.Axis));
        Add("Cast", [codes.Name], ("to", TensorTypes.OnnxCode(ScalarType.Float32)));
        if (codes.Zero.ne(0).any().item<bool>())
        {
            Add("Sub", [parts[^1].Outputs[0], Wide("_zero", codes.Zero)]);
        }

        Add("Mul", [parts[^1].Outputs[0], Wide("_scale", codes.Scale)]);
        return parts;
    }

    private OnnxNode Add(OnnxNode node, string numbers, Tensor bias, string result) =>
        new(graph.Unique(node.Name + "/Add"), "Add", [numbers, graph.AddInitializer(node.Inputs[2] + "_added", bias)], [result], []) { Step = node.Step };

    private static string BiasName(OnnxNode node) => node.Name + ".bias";

    private OnnxNode WholeBias(OnnxNode node, Tensor whole, Tensor scale)
    {
        graph.Know(graph.Known(node.Outputs[0]) with { Name = BiasName(node), Shape = [graph.Size(whole.numel())] });
        return new OnnxNode(
            graph.Unique(BiasName(node) + "/DequantizeLinear"),
            "DequantizeLinear",
            [graph.AddInitializer(node.Inputs[2] + "_quantized", whole.to_type(ScalarType.Int32)), graph.AddInitializer(BiasName(node) + "_scale", scale)],
            [BiasName(node)],
            scale.dim() == 0 ? [] : [("axis", 0L)]) { Step = node.Step };
    }

    /// <summary>
    /// Moves a QuantizeLinear before the node that makes what it reads, where the codes come to the same: a ReLU that does what the end of the range of
    /// codes does anyway falls away, and what moves numbers moves codes.
    /// </summary>
    private bool Lift(OnnxNode quantize)
    {
        var read = quantize.Inputs[0];
        if (outputs.Contains(read) || Readers(read).Count > 1 || Nodes.Find(node => node.Outputs.Contains(read)) is not { Outputs.Length: 1 } before)
        {
            return false;
        }

        if (before.Op == "Relu" || before.Op == "Clip")
        {
            if (!IsWithin(quantize, before))
            {
                return false;
            }

            Nodes.Remove(before);
            Replace(quantize, quantize with { Inputs = [before.Inputs[0], .. quantize.Inputs[1..]] });
            return true;
        }

        var moved = Moving.Contains(before.Op) ? 1 : before.Op == "Concat" ? before.Inputs.Length : 0;
        if (moved == 0 || before.Inputs[..moved].Any(input => graph.Initializer(input) is not null))
        {
            return false;
        }

        var codes = before.Inputs[..moved].Select(input => (Input: input, Codes: Between(input, ScalarType.Byte, "_codes"))).ToList();
        Nodes.Remove(quantize);
        Replace(before,
        [
            .. codes.Select((one, i) => quantize with
            {
                Name = i == 0 ? quantize.Name : graph.Unique(quantize.Name),
                Inputs = [one.Input, .. quantize.Inputs[1..]],
                Outputs = [one.Codes],
            }),
            before with { Inputs = [.. codes.Select(one => one.Codes), .. before.Inputs[moved..]], Outputs = quantize.Outputs },
        ]);
        return true;
    }

    /// <summary>Whether the codes reach no further than what a ReLU or a Clip leaves.</summary>
    private bool IsWithin(OnnxNode quantize, OnnxNode clip)
    {
        var (scale, zero) = (graph.Initializer(quantize.Inputs[1])!.item<float>(), graph.Initializer(quantize.Inputs[2])!.item<byte>());
        var most = Readers(quantize.Outputs[0]) is [{ Op: "Clip" } narrow] ? graph.Initializer(narrow.Inputs[2])!.item<byte>() : byte.MaxValue;
        double? Code(int input) => graph.Initializer(clip.Inputs[input]) is { } bound && bound.dtype == ScalarType.Float32
            ? Math.Round(bound.item<float>() / scale) + zero : null;
        return clip.Op == "Relu" ? zero == 0 : Code(1) <= 0 && Code(2) >= most;
    }

    private List<OnnxNode> Readers(string name) => Nodes.FindAll(node => node.Inputs.Contains(name));

    private Codes? CodesOf(string name) => Nodes.Find(node => node.Op == "DequantizeLinear" && node.Outputs[0] == name) is { Inputs.Length: 3 } node
        ? new Codes(node.Inputs[0], graph.Initializer(node.Inputs[1])!, graph.Initializer(node.Inputs[2])!, node.Attribute("axis") is int axis ? axis : 0)
        : null;

    private string Between(string like, ScalarType type, string suffix)
    {
        var name = graph.Unique(like + suffix);
        graph.Know(graph.Known(like) with { Name = name, Type = type, Constant = null });
        return name;
    }

    private void Replace(OnnxNode node, params OnnxNode[] by)
    {
        var at = Nodes.IndexOf(node);
        Nodes.RemoveAt(at);
        Nodes.InsertRange(at, by);
    }
}
