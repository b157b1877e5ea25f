using System.Globalization;
using System.Text;

namespace PruneGen.RandomModels;

/// <summary>
/// Writes the source of a model class drawn from a seed: layers, joins, splits, loops, branches and nested classes, in the
/// ways that people write them. It knows the shape of every value, so that what it writes always runs; whether it can be
/// pruned is for the generator to find out.
/// </summary>
internal sealed class ModelWriter
{
    public const int Channels = 3;
    public const int Size = 8;
    internal const int Classes = 5;
    private static readonly string[] Activations = ["relu({0})", "{0}.relu()", "functional.gelu({0})", "functional.silu({0})", "{0}.tanh()", "{0}.sigmoid()", "functional.leaky_relu({0}, 0.1)"];
    private readonly Random random;
    private readonly StringBuilder nested = new();
    private readonly List<string> fields = [];
    private readonly List<string> constructor = [];
    private readonly List<string> forward = [];
    private readonly List<string> helpers = [];
    private readonly List<Value> values = [];
    private readonly WayWriter ways;
    private readonly WeightWriter weights;
    private readonly ObjectWriter objects;
    private int names;

    private ModelWriter(int seed)
    {
        random = new Random(seed);
        ways = new WayWriter(this);
        weights = new WeightWriter(this);
        objects = new ObjectWriter(this);
    }

    /// <summary>A tensor of <c>forward</c>: [N, Width, Size, Size], or [N, Width] where Size is 0.</summary>
    internal sealed record Value(string Name, int Width, int Size);

    /// <summary>The source of a file that declares <c>RandomModels.Seed{seed}.Model</c>.</summary>
    public static string Write(int seed) => new ModelWriter(seed).Write(string.Create(CultureInfo.InvariantCulture, $"Seed{seed}"));

    private string Write(string name)
    {
        values.Add(new Value("x", Channels, Size));
        AddConvolution();
        for (var steps = random.Next(3, 11); steps > 0; steps--)
        {
            AddStep();
        }

        AddClassifier();
        return $$"""
            using System.Collections.Generic;
            using System.Linq;
            using PruneGen;
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;
            using static TorchSharp.torch.nn.functional;

            namespace RandomModels.{{name}};

            {{nested}}
            [Prunable(Granularity.Structured, Ratio = 0.5)]
            public sealed partial class Model : Module<Tensor, Tensor>
            {
                {{string.Join("\n    ", fields)}}

                public Model() : base("Model")
                {
                    {{string.Join("\n        ", constructor)}}
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    using var scope = NewDisposeScope();
                    {{string.Join("\n        ", forward)}}
                }
                {{string.Join("\n", helpers)}}
            }

            """;
    }

    private void AddStep()
    {
        Action[] steps =
        [
            AddConvolution, AddConvolution, AddDepthwise, AddGrouped, AddNorm, AddNorm, AddActivation, AddActivation, AddPool,
            AddResidual, AddSum, AddConcat, AddList, AddSplit, AddGate, AddSequential, AddBlocks, AddOptionalBlock, AddFlag, AddChoice,
            AddHelper, AddPair, AddLoop, AddLayerScale, AddShuffle, AddSwitch,
            AddTransposed, AddChannelsLast, AddAttention, AddPositions, AddTwoInputs, AddRecord, AddOut,
            ways.AddGuard, ways.AddEarlyExit, ways.AddValueBranch, ways.AddLayerInCondition,
            ways.AddFlagOfForward, ways.AddValueGate, ways.AddNestedSettings,
            weights.AddOwnWeight, weights.AddWrite, weights.AddConstantHeads,
            objects.AddStrategy, objects.AddTable, objects.AddSettings,
        ];
        steps[random.Next(steps.Length)]();
    }

    /// <summary>A number from zero to below another.</summary>
    internal int Draw(int below) => random.Next(below);

    /// <summary>Adds a line to <c>forward</c>.</summary>
    internal void Line(string line) => forward.Add(line);

    /// <summary>Adds a method to the class.</summary>
    internal void Helper(string method) => helpers.Add(method);

    /// <summary>Adds a field that the constructor gives its value, behind the layers.</summary>
    internal void Setting(string field, string made)
    {
        fields.Add(field);
        constructor.Add(made);
    }

    /// <summary>Adds a class beside the model.</summary>
    internal void Nested(string source) => nested.AppendLine(source);

    internal Value Map() => Pick(values.Where(value => value.Size > 0).ToList());

    internal T Pick<T>(IReadOnlyList<T> from) => from[from.Count - 1 - Math.Min(random.Next(from.Count), random.Next(from.Count))];

    internal string NewName(string prefix) => prefix + (++names).ToString(CultureInfo.InvariantCulture);

    internal int NewWidth() => 4 * random.Next(1, 5);

    /// <summary>A layer in a field, made in the constructor or at the declaration, declared by its class or as a module.</summary>
    internal string Field(string prefix, string type, string creation, bool isNamed = false)
    {
        var name = NewName(prefix);
        var isLoose = !isNamed && type is not ("ModuleList<Block>" or "int" or "bool" or "Parameter" or "Embedding" or "GRU" or "LSTM");
        var declared = random.Next(3) == 0 && isLoose ? "Module<Tensor, Tensor>" : type;
        if (random.Next(2) == 0)
        {
            fields.Add($"private readonly {declared} {name};");
            constructor.Add($"{name} = {creation};");
        }
        else
        {
            fields.Add($"private readonly {declared} {name} = {creation};");
        }

        return name;
    }

    /// <summary>Puts an expression into a new local, or into one that held a value until now.</summary>
    internal Value Assign(string expression, int width, int size)
    {
        var old = random.Next(4) == 0 ? values[^1] : null;
        if (old is not null && old.Name.StartsWith('v'))
        {
            values.Remove(old);
            forward.Add($"{old.Name} = {expression};");
            return Keep(old.Name, width, size);
        }

        var name = NewName("v");
        forward.Add($"var {name} = {expression};");
        return Keep(name, width, size);
    }

    internal Value Keep(string name, int width, int size)
    {
        var value = new Value(name, width, size);
        values.Add(value);
        return value;
    }

    internal string Call(string layer, string value) => random.Next(3) == 0 ? $"{layer}.forward({value})" : $"{layer}.call({value})";

    internal string Activated(string value) => string.Format(CultureInfo.InvariantCulture, Pick(Activations), value);

    internal string NewConvolution(int from, int to, int groups = 1)
    {
        var kernel = random.Next(2) == 0 ? 3 : 1;
        return Field("conv", "Conv2d", $"Conv2d({from}, {to}, {kernel}{(kernel == 3 ? ", padding: 1" : "")}{(groups > 1 ? $", groups: {groups}" : "")}{(random.Next(4) == 0 ? ", bias: false" : "")})");
    }

    private void AddConvolution()
    {
        var (x, width) = (Map(), NewWidth());
        Assign(Call(NewConvolution(x.Width, width), x.Name), width, x.Size);
    }

    private void AddDepthwise()
    {
        var x = Map();
        Assign(Call(NewConvolution(x.Width, x.Width, x.Width), x.Name), x.Width, x.Size);
    }

    private void AddGrouped()
    {
        var (x, width) = (Map(), NewWidth());
        Assign(Call(NewConvolution(x.Width, width, x.Width % 2 == 0 && x.Width > 2 ? 2 : 1), x.Name), width, x.Size);
    }

    private void AddNorm()
    {
        var x = Map();
        var layer = random.Next(3) == 0 && x.Width % 4 == 0
            ? Field("norm", "GroupNorm", $"GroupNorm({(random.Next(2) == 0 ? 2 : 4)}, {x.Width})")
            : Field("norm", "BatchNorm2d", $"BatchNorm2d({x.Width})");
        Assign(Call(layer, x.Name), x.Width, x.Size);
    }

    private void AddActivation()
    {
        var x = values[^1];
        Assign(random.Next(3) == 0 ? Call(Field("act", "ReLU", "ReLU()"), x.Name) : Activated(x.Name), x.Width, x.Size);
    }

    private void AddPool()
    {
        var x = Map();
        if (x.Size >= 4)
        {
            Assign(random.Next(2) == 0 ? $"max_pool2d({x.Name}, 2)" : Call(Field("pool", "AvgPool2d", "AvgPool2d(2)"), x.Name), x.Width, x.Size / 2);
        }
    }

    private void AddResidual()
    {
        var x = Map();
        var inner = Assign(Call(NewConvolution(x.Width, x.Width), x.Name), x.Width, x.Size);
        values.Remove(inner);
        forward.Add(random.Next(2) == 0 && !ReferenceEquals(x, inner) ? $"{inner.Name} = {inner.Name} + {x.Name};" : $"{inner.Name} = {x.Name}.add({inner.Name});");
        values.Add(inner);
    }

    private void AddSum()
    {
        var x = Map();
        var alike = values.Where(value => value.Width == x.Width && value.Size == x.Size && value != x).ToList();
        if (alike.Count > 0)
        {
            var y = Pick(alike);
            Assign(random.Next(2) == 0 ? $"{x.Name} + {y.Name}" : $"{x.Name} * {y.Name}", x.Width, x.Size);
        }
    }

    private void AddConcat()
    {
        var x = Map();
        var y = Pick(values.Where(value => value.Size == x.Size).ToList());
        Assign(random.Next(2) == 0 ? $"cat(new[] {{ {x.Name}, {y.Name} }}, 1)" : $"cat([{x.Name}, {y.Name}, {x.Name}], dim: 1)", 0, x.Size);
        var joined = values[^1];
        var width = forward[^1].Contains("dim:", StringComparison.Ordinal) ? (2 * x.Width) + y.Width : x.Width + y.Width;
        values[^1] = joined with { Width = width };
    }

    private void AddList()
    {
        var x = Map();
        var (list, count) = (NewName("list"), random.Next(2, 4));
        forward.Add($"var {list} = new List<Tensor> {{ {x.Name} }};");
        for (var i = 1; i < count; i++)
        {
            forward.Add($"{list}.Add({Activated(Call(NewConvolution(x.Width, x.Width), $"{list}[^1]"))});");
        }

        Assign($"cat({list}, 1)", count * x.Width, x.Size);
    }

    private void AddSplit()
    {
        var x = Map();
        if (x.Width % 2 != 0)
        {
            return;
        }

        var (first, second) = (NewName("v"), NewName("v"));
        switch (random.Next(3))
        {
            case 0:
                var parts = NewName("parts");
                forward.Add($"var {parts} = {x.Name}.chunk(2, 1);");
                forward.Add($"var {first} = {parts}[0]; var {second} = {parts}[1];");
                break;
            case 1:
                forward.Add($"var {first} = {x.Name}[.., ..{x.Width / 2}]; var {second} = {x.Name}[.., {x.Width / 2}..];");
                break;
            default:
                forward.Add($"var {first} = {x.Name}.narrow(1, 0, {x.Width / 2}); var {second} = {x.Name}.narrow(1, {x.Width / 2}, {x.Width / 2});");
                break;
        }

        Keep(first, x.Width / 2, x.Size);
        Keep(second, x.Width / 2, x.Size);
    }

    private void AddGate()
    {
        var x = Map();
        var (down, up) = (Field("squeeze", "Linear", $"Linear({x.Width}, 4)"), Field("excite", "Linear", $"Linear(4, {x.Width})"));
        var gate = NewName("gate");
        forward.Add($"var {gate} = {up}.call(relu({down}.call({x.Name}.mean(new long[] {{ 2, 3 }})))).sigmoid();");
        Assign($"{x.Name} * {gate}.unsqueeze(-1).unsqueeze(-1)", x.Width, x.Size);
    }

    private void AddSequential()
    {
        var (x, hidden, width) = (Map(), NewWidth(), NewWidth());
        var creation = random.Next(2) == 0
            ? $"Sequential(Conv2d({x.Width}, {hidden}, 1), BatchNorm2d({hidden}), ReLU(), Conv2d({hidden}, {width}, 3, padding: 1))"
            : $"Sequential((\"a\", Conv2d({x.Width}, {hidden}, 1)), (\"b\", SiLU()), (\"c\", Conv2d({hidden}, {width}, 1)))";
        Assign(Call(Field("stage", "Sequential", creation), x.Name), width, x.Size);
    }

    /// <summary>A nested model of its own, several times in a list.</summary>
    private void AddBlocks()
    {
        var x = Map();
        var (name, hidden) = (NewName("Block"), NewWidth());
        nested.AppendLine(CultureInfo.InvariantCulture, $$"""
            [Prunable(Granularity.Structured, Ratio = 0.5)]
            public sealed partial class {{name}} : Module<Tensor, Tensor>
            {
                private readonly Conv2d reduce;
                private readonly BatchNorm2d norm;
                private readonly Conv2d expand;

                public {{name}}(int width, int hidden) : base("{{name}}")
                {
                    reduce = Conv2d(width, hidden, 1);
                    norm = BatchNorm2d(hidden);
                    expand = Conv2d(hidden, width, 3, padding: 1);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor input)
                {
                    var x = {{Activated("norm.call(reduce.call(input))")}};
                    return {{(random.Next(2) == 0 ? "input + expand.call(x)" : "expand.call(x)")}};
                }
            }

            """);
        var field = NewName("blocks");
        fields.Add($"private readonly ModuleList<{name}> {field} = new();");
        constructor.Add($"for (var i = 0; i < {random.Next(1, 4)}; i++) {field}.Add(new {name}({x.Width}, {hidden}));");
        var local = NewName("v");
        forward.Add($"var {local} = {x.Name};");
        forward.Add($"foreach (var block in {field}) {{ {local} = {Call("block", local)}; }}");
        Keep(local, x.Width, x.Size);
    }

    /// <summary>A block whose shortcut is there or not.</summary>
    private void AddOptionalBlock()
    {
        var x = Map();
        var (name, width) = (NewName("Block"), random.Next(2) == 0 ? x.Width : NewWidth());
        nested.AppendLine(CultureInfo.InvariantCulture, $$"""
            [Prunable(Granularity.Structured, Ratio = 0.5)]
            public sealed partial class {{name}} : Module<Tensor, Tensor>
            {
                private readonly Conv2d first;
                private readonly Conv2d second;
                private readonly Module<Tensor, Tensor>? downsample;

                public {{name}}(int from, int to) : base("{{name}}")
                {
                    first = Conv2d(from, to, 3, padding: 1);
                    second = Conv2d(to, to, 1);
                    downsample = from == to ? null : Sequential(Conv2d(from, to, 1), BatchNorm2d(to));
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    var identity = x;
                    var y = second.call({{Activated("first.call(x)")}});
                    if (downsample is not null)
                    {
                        identity = downsample.call(x);
                    }

                    y += identity;
                    return y;
                }
            }

            """);
        Assign(Call(Field("block", name, $"new {name}({x.Width}, {width})"), x.Name), width, x.Size);
    }

    /// <summary>A branch on a field of the model.</summary>
    private void AddFlag()
    {
        var x = Map();
        var flag = Field("flag", "bool", random.Next(2) == 0 ? "true" : "false");
        var (a, b) = (NewConvolution(x.Width, x.Width), NewConvolution(x.Width, x.Width));
        var local = NewName("v");
        forward.Add($"Tensor {local};");
        forward.Add($"if ({flag}) {{ {local} = {a}.call({x.Name}); }} else {{ {local} = {b}.call({x.Name}); }}");
        Keep(local, x.Width, x.Size);
    }

    /// <summary>A choice within an expression.</summary>
    private void AddChoice()
    {
        var x = Map();
        var layer = NewName("maybe");
        fields.Add($"private readonly Conv2d? {layer};");
        if (random.Next(2) == 0)
        {
            constructor.Add($"{layer} = Conv2d({x.Width}, {x.Width}, 1);");
        }

        Assign(random.Next(2) == 0 ? $"{layer} is null ? {x.Name} : {layer}.call({x.Name})" : $"{layer}?.call({x.Name}) ?? {x.Name}", x.Width, x.Size);
    }

    private void AddHelper()
    {
        var (x, width) = (Map(), NewWidth());
        var (layer, name) = (NewConvolution(x.Width, width), NewName("Step"));
        helpers.Add($"private Tensor {name}(Tensor input) => {Activated($"{layer}.call(input)")};");
        Assign($"{name}({x.Name})", width, x.Size);
    }

    /// <summary>A helper with two results.</summary>
    private void AddPair()
    {
        var x = Map();
        var (left, right) = (NewConvolution(x.Width, 8), NewConvolution(x.Width, 12));
        var (name, first, second) = (NewName("Both"), NewName("v"), NewName("v"));
        helpers.Add($"private (Tensor, Tensor) {name}(Tensor input) => ({left}.call(input), {Activated($"{right}.call(input)")});");
        forward.Add($"var ({first}, {second}) = {name}({x.Name});");
        Keep(first, 8, x.Size);
        Keep(second, 12, x.Size);
    }

    /// <summary>A loop that is counted, over one shared layer.</summary>
    private void AddLoop()
    {
        var x = Map();
        var layer = NewConvolution(x.Width, x.Width);
        var local = NewName("v");
        forward.Add($"var {local} = {x.Name};");
        forward.Add($"for (var i = 0; i < {random.Next(1, 4)}; i++) {{ {local} = {Activated($"{layer}.call({local})")}; }}");
        Keep(local, x.Width, x.Size);
    }

    private void AddLayerScale()
    {
        var x = Map();
        var scale = Field("scale", "Parameter", $"Parameter(ones({x.Width}, 1, 1))");
        Assign(random.Next(2) == 0 ? $"{x.Name} * {scale}" : $"{scale} * {x.Name}", x.Width, x.Size);
    }

    private void AddShuffle()
    {
        var x = Map();
        if (x.Width % 4 == 0)
        {
            var shape = NewName("shape");
            forward.Add($"var {shape} = {x.Name}.shape;");
            Assign($"{x.Name}.view({shape}[0], 2, {shape}[1] / 2, {shape}[2], {shape}[3]).transpose(1, 2).contiguous().view({shape}[0], {shape}[1], {shape}[2], {shape}[3])", x.Width, x.Size);
        }
    }

    /// <summary>A choice of many, by a field.</summary>
    private void AddSwitch()
    {
        var x = Map();
        var mode = Field("mode", "int", random.Next(3).ToString(CultureInfo.InvariantCulture));
        Assign($"{mode} switch {{ 0 => {x.Name}, 1 => {NewConvolution(x.Width, x.Width)}.call({x.Name}), _ => {Activated(x.Name)} }}", x.Width, x.Size);
    }

    /// <summary>A transposed convolution that keeps the size.</summary>
    private void AddTransposed()
    {
        var (x, width) = (Map(), NewWidth());
        Assign(Call(Field("deconv", "ConvTranspose2d", $"ConvTranspose2d({x.Width}, {width}, 3, padding: 1)"), x.Name), width, x.Size);
    }

    /// <summary>A perceptron over channels that stand last.</summary>
    private void AddChannelsLast()
    {
        var (x, hidden, local) = (Map(), NewWidth(), NewName("v"));
        var (expand, contract) = (Field("expand", "Linear", $"Linear({x.Width}, {hidden})"), Field("contract", "Linear", $"Linear({hidden}, {x.Width})"));
        forward.Add($"var {local} = {x.Name}.permute(0, 2, 3, 1);");
        if (random.Next(3) == 0)
        {
            forward.Add($"{local} = {Field("norm", "LayerNorm", $"LayerNorm(new long[] {{ {x.Width} }})")}.call({local});");
        }

        forward.Add($"{local} = {contract}.call({Activated($"{expand}.call({local})")}).permute(0, 3, 1, 2){(random.Next(2) == 0 ? $" + {x.Name}" : "")};");
        Keep(local, x.Width, x.Size);
    }

    /// <summary>Attention among the places of a map, by hand: projections of their own, or one that is cut into three.</summary>
    private void AddAttention()
    {
        var (x, headWidth, heads, local) = (Map(), random.Next(2, 5), random.Next(1, 4), NewName("v"));
        var width = headWidth * heads;
        var (q, k, v) = (NewName("q"), NewName("k"), NewName("t"));
        forward.Add($"var {local} = {x.Name}.flatten(2).transpose(1, 2);");
        if (random.Next(2) == 0)
        {
            forward.Add($"var ({q}, {k}, {v}) = ({Field("query", "Linear", $"Linear({x.Width}, {width})")}.call({local}), {Field("key", "Linear", $"Linear({x.Width}, {width})")}.call({local}), {Field("value", "Linear", $"Linear({x.Width}, {width})")}.call({local}));");
        }
        else
        {
            var parts = NewName("parts");
            forward.Add($"var {parts} = {Field("qkv", "Linear", $"Linear({x.Width}, {3 * width})")}.call({local}).chunk(3, -1);");
            forward.Add($"var {q} = {parts}[0]; var {k} = {parts}[1]; var {v} = {parts}[2];");
        }

        foreach (var part in new[] { q, k, v })
        {
            forward.Add($"{part} = {part}.view({part}.shape[0], {part}.shape[1], -1, {headWidth}).transpose(1, 2);");
        }

        forward.Add(random.Next(2) == 0
            ? $"{local} = scaled_dot_product_attention({q}, {k}, {v});"
            : $"{local} = softmax({q}.matmul({k}.transpose(-2, -1)) / 2, -1).matmul({v});");
        var output = Field("output", "Linear", $"Linear({width}, {x.Width})");
        forward.Add($"{local} = {output}.call({local}.transpose(1, 2).flatten(2)).transpose(1, 2).reshape({x.Name}.shape);");
        Assign($"{x.Name} + {local}", x.Width, x.Size);
    }

    /// <summary>A table of places that is added to a map.</summary>
    private void AddPositions()
    {
        var x = Map();
        var table = Field("table", "Embedding", $"Embedding({x.Size * x.Size}, {x.Width})");
        Assign($"{x.Name} + {table}.call(arange({x.Size * x.Size})).transpose(0, 1).unflatten(1, new long[] {{ {x.Size}, {x.Size} }})", x.Width, x.Size);
    }

    /// <summary>A nested model with two inputs, and with one result or two.</summary>
    private void AddTwoInputs()
    {
        var x = Map();
        var y = Pick(values.Where(value => value.Size == x.Size).ToList());
        var (name, width, pair) = (NewName("Join"), NewWidth(), random.Next(2) == 0);
        var result = pair ? "(Tensor, Tensor)" : "Tensor";
        nested.AppendLine(CultureInfo.InvariantCulture, $$"""
            [Prunable(Granularity.Structured, Ratio = 0.5)]
            public sealed partial class {{name}} : Module<Tensor, Tensor, {{result}}>
            {
                private readonly Conv2d left;
                private readonly Conv2d right;

                public {{name}}(int from, int other, int width) : base("{{name}}")
                {
                    left = Conv2d(from, width, 1);
                    right = Conv2d(other, width, 3, padding: 1);
                    RegisterComponents();
                }

                public override {{result}} forward(Tensor x, Tensor y)
                {
                    x = left.call(x);
                    y = {{Activated("right.call(y)")}};
                    return {{(pair ? "(x, x * y)" : "x + y")}};
                }
            }

            """);
        var field = NewName("join");
        fields.Add($"private readonly {name} {field} = new({x.Width}, {y.Width}, {width});");
        if (pair)
        {
            var (first, second) = (NewName("v"), NewName("v"));
            forward.Add($"var ({first}, {second}) = {Call(field, $"{x.Name}, {y.Name}")};");
            Keep(first, width, x.Size);
            Keep(second, width, x.Size);
        }
        else
        {
            Assign(Call(field, $"{x.Name}, {y.Name}"), width, x.Size);
        }
    }

    /// <summary>A record that a helper gives.</summary>
    private void AddRecord()
    {
        var (x, width) = (Map(), NewWidth());
        var (type, name, local) = (NewName("Parts"), NewName("Split"), NewName("parts"));
        nested.AppendLine(CultureInfo.InvariantCulture, $"internal sealed record {type}(Tensor Main, Tensor? Rest = null);");
        var layer = NewConvolution(x.Width, width);
        helpers.Add($"private {type} {name}(Tensor input) => {(random.Next(2) == 0 ? $"new {type}({layer}.call(input), input)" : $"new {type}({layer}.call(input)) {{ Rest = input }}")};");
        forward.Add($"var {local} = {name}({x.Name});");
        Assign($"{local}.Rest is null ? {local}.Main : {Activated($"{local}.Main")}", width, x.Size);
    }

    /// <summary>A helper that hands its result out.</summary>
    private void AddOut()
    {
        var (x, width) = (Map(), NewWidth());
        var (layer, name, local) = (NewConvolution(x.Width, width), NewName("Give"), NewName("v"));
        helpers.Add($"private bool {name}(Tensor input, out Tensor given) {{ given = {layer}.call(input); if (input.shape[1] < 1) {{ return false; }} given = {Activated("given")}; return true; }}");
        forward.Add($"{name}({x.Name}, out var {local});");
        Keep(local, width, x.Size);
    }

    private void AddClassifier()
    {
        var x = Map();
        string flat;
        int features;
        switch (random.Next(4))
        {
            case 0:
                (flat, features) = ($"{x.Name}.mean(new long[] {{ 2, 3 }})", x.Width);
                break;
            case 3:
                // The places of the map one after the other.
                var (kind, hiddenWidth, layers, both) = (random.Next(2) == 0 ? "GRU" : "LSTM", NewWidth(), random.Next(1, 3), random.Next(2) == 0);
                var (recurrent, steps) = (Field("recurrent", kind, $"{kind}({x.Width}, {hiddenWidth}, {layers}, batchFirst: true{(both ? ", bidirectional: true" : "")})"), NewName("steps"));
                forward.Add($"var {steps} = {recurrent}.call({x.Name}.flatten(2).transpose(1, 2)).Item1;");
                (flat, features) = ($"{steps}[.., -1]", both ? 2 * hiddenWidth : hiddenWidth);
                break;
            case 1:
                (flat, features) = ($"{x.Name}.flatten(1)", x.Width * x.Size * x.Size);
                break;
            default:
                (flat, features) = ($"functional.adaptive_avg_pool2d({x.Name}, new long[] {{ 1, 1 }}).view({x.Name}.shape[0], -1)", x.Width);
                break;
        }

        if (random.Next(2) == 0)
        {
            var hidden = Field("hidden", "Linear", $"Linear({features}, 12)");
            flat = Activated($"{hidden}.call({flat})");
            features = 12;
        }

        forward.Add($"return {Field("head", "Linear", $"Linear({features}, {Classes})")}.call({flat}).MoveToOuterDisposeScope();");
    }
}
