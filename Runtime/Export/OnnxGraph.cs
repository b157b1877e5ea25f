using System.Globalization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The graph that is being written: nodes, the tensors that they read, and names for all of them. Whatever can be computed of constants alone is
/// computed here and becomes a constant.
/// </summary>
public sealed class OnnxGraph
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> initializers = new(StringComparer.Ordinal);
    private readonly List<string> order = [];
    private readonly Dictionary<string, OnnxValue> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxValue> constants = new(StringComparer.Ordinal);

    internal OnnxGraph(int probes) => Probes = probes;

    /// <summary>The version of ONNX's operators.</summary>
    public const long Opset = 18;

    /// <summary>What the nodes that are added now belong to: a layer's path, or an operation. They are named after it.</summary>
    public string Scope { get; internal set; } = "";

    /// <summary>The number of the step of forward that nodes belong to that are added now.</summary>
    internal int Step { get; set; }

    /// <summary>How often the model was linked, to see what depends on dynamic dimensions.</summary>
    internal int Probes { get; }

    /// <summary>The nodes, each behind those whose tensors it reads.</summary>
    internal List<OnnxNode> Written { get; } = [];

    /// <summary>The tensors of the file that nodes read, in the order that they were first read.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> InitializersOf(IEnumerable<OnnxNode> nodes)
    {
        var read = nodes.SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        return order.Where(read.Contains).Select(name => (name, initializers[name]));
    }

    /// <summary>A size that is one number.</summary>
    public OnnxSize Size(long value) => OnnxSize.Of(value, Probes);

    /// <summary>A name that nothing in the graph has yet.</summary>
    public string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !taken.Add(unique); i++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return unique;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="op">ONNX's operator.</param>
    /// <param name="type">The element type of what it gives.</param>
    /// <param name="shape">The dimensions of what it gives; null where nothing tells them.</param>
    /// <param name="inputs">What it takes; null where an optional input is left out.</param>
    /// <param name="attributes">Its attributes: numbers, texts, arrays of these.</param>
    public OnnxValue Node(string op, ScalarType type, OnnxSize[]? shape, OnnxValue?[] inputs, params (string Name, object Value)[] attributes) =>
        Nodes(op, [(type, shape)], inputs, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    /// <param name="op">ONNX's operator.</param>
    /// <param name="outputs">The element type and dimensions of each output; an element type of null for one that is left out.</param>
    /// <param name="inputs">What it takes; null where an optional input is left out.</param>
    /// <param name="attributes">Its attributes: numbers, texts, arrays of these.</param>
    public OnnxValue[] Nodes(
        string op, (ScalarType? Type, OnnxSize[]? Shape)[] outputs, OnnxValue?[] inputs, params (string Name, object Value)[] attributes) =>
        Nodes("", op, outputs, inputs, attributes);

    /// <summary>Adds a node of an operator of another domain than ONNX's own.</summary>
    /// <inheritdoc cref="Nodes(string, ValueTuple{ScalarType?, OnnxSize[]}[], OnnxValue[], ValueTuple{string, object}[])"/>
    public OnnxValue[] Nodes(
        string domain,
        string op,
        (ScalarType? Type, OnnxSize[]? Shape)[] outputs,
        OnnxValue?[] inputs,
        params (string Name, object Value)[] attributes)
    {
        if (domain.Length == 0)
        {
            OperatorTypes.Require(op, inputs);
        }

        var name = Unique(Scope.Length == 0 ? op : $"{Scope}/{op}");
        var values = outputs.Select((output, i) => new OnnxValue(
            output.Type is null ? "" : Unique(i == 0 ? $"{name}.output" : string.Create(CultureInfo.InvariantCulture, $"{name}.output{i}")),
            output.Type ?? default,
            output.Shape)).ToArray();
        Written.Add(new OnnxNode(name, op, [.. inputs.Select(Read)], [.. values.Select(value => value.Name)], attributes, domain) { Step = Step });
        foreach (var value in values)
        {
            Know(value);
        }

        return values;
    }

    /// <summary>A tensor of the model, under the name that it has in the source.</summary>
    public OnnxValue Parameter(string name, Tensor tensor)
    {
        if (!constants.TryGetValue(name, out var value))
        {
            constants.Add(name, value = Constant(Unique(name), tensor));
        }

        return value;
    }

    /// <summary>A constant under a name of its own.</summary>
    internal OnnxValue Named(string name, Tensor tensor) => Constant(Unique(name), tensor);

    /// <summary>A constant; it takes room in the file where a node reads it.</summary>
    public OnnxValue Constant(Tensor tensor) => Constant(Unique(Scope.Length == 0 ? "constant" : $"{Scope}/constant"), tensor);

    /// <summary>Whole numbers as a tensor of one dimension.</summary>
    public OnnxValue Longs(params long[] numbers) => Shared(
        "longs " + string.Join(",", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))), () => tensor(numbers, [numbers.LongLength]));

    /// <summary>A number as a tensor without dimensions.</summary>
    public OnnxValue Scalar(double number, ScalarType type) =>
        Shared(string.Create(CultureInfo.InvariantCulture, $"{type} {number:r}"), () => tensor(number, ScalarType.Float64).to_type(type));

    /// <summary>A whole number as a tensor without dimensions.</summary>
    public OnnxValue Scalar(long number, ScalarType type) =>
        Shared(string.Create(CultureInfo.InvariantCulture, $"{type} {number}"), () => tensor(number, ScalarType.Int64).to_type(type));

    /// <summary>The tensor under another element type.</summary>
    public OnnxValue Cast(OnnxValue value, ScalarType type) =>
        value.Type == type ? value
        : value.Constant is { } constant ? Constant(constant.to_type(type))
        : Node("Cast", type, value.Shape, [value], ("to", TensorTypes.OnnxCode(type)));

    /// <summary>The same numbers under a name of their own, as an output of the model must have.</summary>
    internal void Output(OnnxValue value, string name)
    {
        taken.Add(name);
        Written.Add(new OnnxNode(Unique($"output/{name}"), "Identity", [Read(value)], [name], []) { Step = Step });
        Know(value with { Name = name, Constant = null });
    }

    /// <summary>Writes down what is known of a tensor that a node makes, or of an input.</summary>
    internal void Know(OnnxValue value) => known[value.Name] = value;

    /// <summary>What is known of a tensor that a node makes, or of an input.</summary>
    internal OnnxValue Known(string name) => known[name];

    /// <summary>The element type of a tensor that a node reads; null where it reads none there.</summary>
    internal ScalarType? TypeOf(string name) => known.TryGetValue(name, out var value) ? value.Type : Initializer(name)?.dtype;

    /// <summary>The numbers of a tensor of the file; null where a node makes it, or it is an input.</summary>
    internal Tensor? Initializer(string name) => initializers.GetValueOrDefault(name);

    /// <summary>Adds a tensor to the file, for a node that is put among others.</summary>
    internal string AddInitializer(string name, Tensor tensor) => Read(Constant(Unique(name), tensor));

    /// <summary>Reserves the name of an input.</summary>
    internal string Reserve(string name) => Unique(name);

    /// <summary>Nodes as messages.</summary>
    internal static IEnumerable<ProtoMessage> ToMessages(IEnumerable<OnnxNode> nodes) =>
        nodes.Select(node => OnnxSchema.Node(node.Name, node.Op, node.Inputs, node.Outputs, node.Attributes, node.Domain));

    /// <summary>The domains of operators besides ONNX's own.</summary>
    internal static IEnumerable<string> Domains(IEnumerable<OnnxNode> nodes) => nodes.Select(node => node.Domain).Where(domain => domain.Length > 0).Distinct();

    /// <summary>Gives the output of the last node another name: that of the model's output that it is.</summary>
    internal bool Rename(string output, string name)
    {
        var producer = Written.FindIndex(node => node.Outputs.Contains(output));
        if (producer < 0 || taken.Contains(name))
        {
            return false;
        }

        taken.Add(name);
        Know(Known(output) with { Name = name });
        for (var i = producer; i < Written.Count; i++)
        {
            Replace(Written[i].Inputs);
            Replace(Written[i].Outputs);
        }

        return true;

        void Replace(string[] names)
        {
            for (var i = 0; i < names.Length; i++)
            {
                names[i] = names[i] == output ? name : names[i];
            }
        }
    }

    private OnnxValue Shared(string key, Func<Tensor> make)
    {
        if (!constants.TryGetValue(key, out var value))
        {
            var scope = Scope;
            Scope = "";
            constants.Add(key, value = Constant(make()));
            Scope = scope;
        }

        return value;
    }

    private OnnxValue Constant(string name, Tensor tensor) =>
        new(name, tensor.dtype, [.. tensor.shape.Select(Size)]) { Constant = tensor };

    private string Read(OnnxValue? value)
    {
        if (value?.Constant is { } constant && initializers.TryAdd(value.Name, constant))
        {
            order.Add(value.Name);
        }

        return value?.Name ?? "";
    }
}
