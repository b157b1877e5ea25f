using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The messages of ONNX, by the field numbers of its schema.</summary>
internal static class OnnxSchema
{
    /// <summary>The version of the file format that goes with the operators.</summary>
    public const long IrVersion = 8;

    private const long External = 1;

    /// <summary>A file: the graph, the versions of its operators, the first of any domain but ONNX's own, and what is told of it.</summary>
    public static ProtoMessage Model(
        ProtoMessage graph, IEnumerable<string> domains, string producerVersion, IEnumerable<KeyValuePair<string, string>> metadata) => new ProtoMessage()
        .Add(1, IrVersion)
        .Add(2, "PruneGen")
        .Add(3, producerVersion)
        .Add(7, graph)
        .AddAll(8, domains.Select(domain => new ProtoMessage().Add(1, domain).Add(2, 1L)).Prepend(new ProtoMessage().Add(1, "").Add(2, OnnxGraph.Opset)))
        .AddAll(14, metadata.Select(Entry));

    /// <summary>A graph.</summary>
    public static ProtoMessage Graph(
        string name,
        IEnumerable<ProtoMessage> nodes,
        IEnumerable<ProtoMessage> initializers,
        IEnumerable<ProtoMessage> inputs,
        IEnumerable<ProtoMessage> outputs) =>
        new ProtoMessage().AddAll(1, nodes).Add(2, name).AddAll(5, initializers).AddAll(11, inputs).AddAll(12, outputs);

    /// <summary>A node: an operator with its inputs (empty where one is left out), outputs and attributes.</summary>
    public static ProtoMessage Node(
        string name, string op, IEnumerable<string> inputs, IEnumerable<string> outputs, IEnumerable<(string Name, object Value)> attributes, string domain)
    {
        var node = new ProtoMessage();
        foreach (var input in inputs)
        {
            node.Add(1, input);
        }

        foreach (var output in outputs)
        {
            node.Add(2, output);
        }

        node.Add(3, name).Add(4, op).AddAll(5, attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        return domain.Length == 0 ? node : node.Add(7, domain);
    }

    /// <summary>An input or output: its name, element type and dimensions, each a number, a name, or null where it is neither.</summary>
    public static ProtoMessage Value(string name, ScalarType type, IEnumerable<object?>? dimensions)
    {
        var tensor = new ProtoMessage().Add(1, TensorTypes.OnnxCode(type));
        if (dimensions is not null)
        {
            tensor.Add(2, new ProtoMessage().AddAll(1, dimensions.Select(dimension => dimension switch
            {
                long size => new ProtoMessage().Add(1, size),
                string named => new ProtoMessage().Add(2, named),
                _ => new ProtoMessage(),
            })));
        }

        return new ProtoMessage().Add(1, name).Add(2, new ProtoMessage().Add(1, tensor));
    }

    /// <summary>A tensor in the file.</summary>
    public static ProtoMessage Tensor(string name, Tensor tensor) =>
        Header(name, tensor).Add(9, checked((int)TensorTypes.Bytes(tensor)), () => TensorTypes.ToBytes(tensor));

    /// <summary>A tensor in a file beside it.</summary>
    public static ProtoMessage ExternalTensor(string name, Tensor tensor, string file, long offset) => Header(name, tensor)
        .AddAll(13, new Dictionary<string, string>
        {
            ["location"] = file,
            ["offset"] = FormattableString.Invariant($"{offset}"),
            ["length"] = FormattableString.Invariant($"{TensorTypes.Bytes(tensor)}"),
        }.Select(Entry))
        .Add(14, External);

    private static ProtoMessage Header(string name, Tensor tensor) =>
        new ProtoMessage().AddAll(1, tensor.shape).Add(2, TensorTypes.OnnxCode(tensor.dtype)).Add(8, name);

    private static ProtoMessage Entry(KeyValuePair<string, string> entry) => new ProtoMessage().Add(1, entry.Key).Add(2, entry.Value);

    private static ProtoMessage Attribute(string name, object value)
    {
        var attribute = new ProtoMessage().Add(1, name);
        switch (value)
        {
            case float number:
                return attribute.Add(2, number).Add(20, 1);
            case double number:
                return attribute.Add(2, (float)number).Add(20, 1);
            case bool flag:
                return attribute.Add(3, flag ? 1 : 0).Add(20, 2);
            case long number:
                return attribute.Add(3, number).Add(20, 2);
            case int number:
                return attribute.Add(3, (long)number).Add(20, 2);
            case string text:
                return attribute.Add(4, text).Add(20, 3);
            case long[] numbers:
                return attribute.AddAll(8, numbers).Add(20, 7);
            case string[] texts:
                foreach (var text in texts)
                {
                    attribute.Add(9, text);
                }

                return attribute.Add(20, 8);
            case float[] numbers:
                foreach (var number in numbers)
                {
                    attribute.Add(7, number);
                }

                return attribute.Add(20, 6);
            default:
                throw new ArgumentException(
                    $"An attribute of ONNX is a number, a text, or an array of these, and {name} is a {value.GetType()}.", nameof(value));
        }
    }
}
