using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Which element types ONNX's operators take, as their schemas of <see cref="OnnxGraph.Opset"/> have it, of those that would not take all that TorchSharp
/// computes with; and which of them ONNX Runtime has no kernels for on the CPU.
/// </summary>
internal static class OperatorTypes
{
    private static readonly ScalarType[] Floats = [ScalarType.Float16, ScalarType.Float32, ScalarType.Float64];
    private static readonly ScalarType[] FloatsAndBFloat16 = [.. Floats, ScalarType.BFloat16];
    private static readonly ScalarType[] Products = [.. FloatsAndBFloat16, ScalarType.Int32, ScalarType.Int64];

    /// <summary>The types, and of how many of the first inputs, which are all to be of one.</summary>
    private static readonly Dictionary<string, (ScalarType[] Types, int Inputs)> Allowed = new(StringComparer.Ordinal)
    {
        ["Conv"] = (Floats, 3),
        ["ConvTranspose"] = (Floats, 3),
        ["AveragePool"] = (Floats, 1),
        ["GlobalAveragePool"] = (Floats, 1),
        ["GlobalMaxPool"] = (Floats, 1),
        ["LpPool"] = (Floats, 1),
        ["MaxPool"] = ([.. Floats, ScalarType.Int8, ScalarType.Byte], 1),
        ["InstanceNormalization"] = (Floats, 3),
        ["BatchNormalization"] = (FloatsAndBFloat16, 1),
        ["LayerNormalization"] = (FloatsAndBFloat16, 1),
        ["LRN"] = (FloatsAndBFloat16, 1),
        ["LSTM"] = (Floats, 4),
        ["GRU"] = (Floats, 4),
        ["RNN"] = (Floats, 4),
        ["Gemm"] = (Products, 3),
        ["MatMul"] = (Products, 2),
        ["Softmax"] = (FloatsAndBFloat16, 1),
        ["LogSoftmax"] = (FloatsAndBFloat16, 1),
        ["Sigmoid"] = (FloatsAndBFloat16, 1),
        ["Tanh"] = (FloatsAndBFloat16, 1),
        ["Exp"] = (FloatsAndBFloat16, 1),
        ["Log"] = (FloatsAndBFloat16, 1),
        ["Sqrt"] = (FloatsAndBFloat16, 1),
        ["LeakyRelu"] = (FloatsAndBFloat16, 1),
        ["Elu"] = (Floats, 1),
        ["Selu"] = (Floats, 1),
        ["Celu"] = ([ScalarType.Float32], 1),
        ["HardSigmoid"] = (Floats, 1),
        ["HardSwish"] = (Floats, 1),
        ["Mish"] = (Floats, 1),
        ["Softplus"] = (Floats, 1),
        ["Softsign"] = (Floats, 1),
    };

    /// <summary>Operators that ONNX Runtime computes in float32 alone on the CPU, of those that ONNX has for float64 too.</summary>
    private static readonly HashSet<string> OfFloat32Alone = new(StringComparer.Ordinal)
    {
        "Conv", "ConvTranspose", "AveragePool", "GlobalAveragePool", "InstanceNormalization", "LRN",
    };

    /// <summary>Sees that an operator takes what it is given.</summary>
    /// <param name="op">ONNX's operator.</param>
    /// <param name="inputs">What it is given; null where an optional input is left out.</param>
    /// <exception cref="OnnxExportException">It does not.</exception>
    public static void Require(string op, OnnxValue?[] inputs)
    {
        if (!Allowed.TryGetValue(op, out var allowed))
        {
            return;
        }

        var types = inputs.Take(allowed.Inputs).OfType<OnnxValue>().Select(input => input.Type).Distinct().ToList();
        if (types.Count > 1 || !types.TrueForAll(allowed.Types.Contains))
        {
            throw new OnnxExportException(
                $"ONNX's {op} takes numbers of one of the types {string.Join(", ", allowed.Types)}, and gets {string.Join(" and ", types)}; convert the model "
                    + "or its input to such a type, or see OnnxOptions.InputTypes");
        }
    }

    /// <summary>What is to be known of a graph that ONNX Runtime has no kernels for on the CPU.</summary>
    /// <param name="graph">The graph.</param>
    public static IEnumerable<string> Notes(OnnxGraph graph)
    {
        var ops = graph.Written.Where(node => node.Domain.Length == 0 && node.Inputs.Length > 0)
            .Select(node => (node.Op, Type: graph.TypeOf(node.Inputs[0]))).Distinct().ToList();
        var doubles = ops.Where(one => one.Type == ScalarType.Float64 && OfFloat32Alone.Contains(one.Op)).Select(one => one.Op).Order(StringComparer.Ordinal);
        if (string.Join(", ", doubles) is { Length: > 0 } without)
        {
            yield return $"{without} in float64: ONNX allows it, and ONNX Runtime has no such kernels for the CPU, so it does not load the file there; convert "
                + "the model to float32 before it is exported.";
        }

        if (ops.Exists(one => one.Type == ScalarType.BFloat16))
        {
            yield return "The model computes in bfloat16: ONNX allows it, and ONNX Runtime has hardly a kernel of it for the CPU; convert the model to float32 "
                + "before it is exported where it is to run there.";
        }
    }
}
