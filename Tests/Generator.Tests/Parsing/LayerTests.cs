namespace PruneGen.Generator.Tests;

/// <summary>How a model may hold and create its layers.</summary>
public class LayerTests
{
    private const string Constructor = "    /// <summary>Creates it.</summary>\n    public Net() : base(\"net\") => RegisterComponents();\n";

    [Theory]
    [InlineData("private readonly Conv2d conv = Conv2d(3, 16, 3); private readonly Linear fc = Linear(16, 10);")]
    [InlineData("private Conv2d conv = Conv2d(3, 16, 3); internal Linear fc = Linear(16, 10);")]
    [InlineData("protected readonly Module<Tensor, Tensor> conv = Conv2d(3, 16, 3), fc = Linear(16, 10);")]
    [InlineData("private readonly Module<Tensor, Tensor> conv = nn.Conv2d(3, 16, 3).to(DeviceType.CPU), fc = torch.nn.Linear(16, 10);")]
    [InlineData("private readonly IModule<Tensor, Tensor> conv = Conv2d(3, 16, 3); private readonly IModule<Tensor, Tensor> fc = Linear(16, 10);")]
    [InlineData("private readonly Conv2d? conv = Conv2d(3, 16, 3); private readonly Linear fc = Linear(16, 10);")]
    public void Fields_of_any_accessibility_and_type(string members) => RequireTwoLayers(members.Replace("IModule", "nn.IModule", StringComparison.Ordinal) + "\n" + Constructor);

    [Theory]
    [InlineData("conv = Conv2d(3, 16, 3); fc = Linear(16, 10);")]
    [InlineData("this.conv = Conv2d(3, 16, 3); var last = Linear(16, 10); fc = last;")]
    [InlineData("{ conv = Conv2d(in_channels: 3, kernel_size: 3, out_channels: 16); } fc = Linear(16, 10, hasBias: true);")]
    public void Layers_created_in_the_constructor(string statements) => RequireTwoLayers($$"""
            private readonly Module<Tensor, Tensor> conv, fc;

            /// <summary>Creates it.</summary>
            public Net() : base("net")
            {
                {{statements}}
                RegisterComponents();
            }
        """);

    [Fact]
    public void Layers_created_with_the_parameters_of_a_primary_constructor()
    {
        var compiled = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Net(int hidden, int classes = 10) : Module<Tensor, Tensor>("net")
            {
                private readonly Module<Tensor, Tensor> fc1 = Linear(8, hidden), fc2 = Linear(hidden, classes);

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => fc2.call(relu(fc1.call(x)));
            }
            """).Sound();
        compiled.Reported("PG0028", "Net");
        Assert.Equal(["fc1 made by fc1: weight[0], bias[0]", "read by fc2: weight[1]", "fc2 it reaches the model's result"], compiled.Table);
        Assert.Contains("public static Net LoadPruned(string path, int hidden, int classes = 10) =>", compiled.Text, StringComparison.Ordinal);
        Assert.Contains("() => new Net(hidden, classes)", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_properties_go_by_the_field_behind_them_and_are_shown_by_their_own_name()
    {
        var compiled = Compiled.From(Models.WithMembers("    private Conv2d Conv { get; } = Conv2d(3, 16, 3);\n    [KeepWidth] private Linear Fc { get; set; } = Linear(16, 10);\n" + Constructor, "Fc.call(flatten(Conv.call(x), 1))")).Clean();
        Assert.Contains("public global::PruneGen.PruningGroup Conv => Plan.Group(\"<Conv>k__BackingField\");", compiled.Text, StringComparison.Ordinal);
        Assert.Contains("[\"<Fc>k__BackingField\"] = new() { KeepWidth = true },", compiled.Text, StringComparison.Ordinal);
        Assert.Equal("Conv made by Conv: weight[0], bias[0]", compiled.Table[0]);
        Assert.EndsWith("link.Layer(Conv, x) // [N, Conv, H, W]", compiled.Link[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_names_a_field_is_that_field() => RequireTwoLayers("    private readonly Conv2d inner = Conv2d(3, 16, 3); private Conv2d conv => inner; private readonly Linear fc = Linear(16, 10);\n" + Constructor, "inner");

    [Theory]
    [InlineData("[ComponentName(Name = \"first\")] private readonly Conv2d conv = Conv2d(3, 16, 3);", "RegisterComponents();")]
    [InlineData("private readonly Conv2d conv = Conv2d(3, 16, 3);", "register_module(\"first\", conv);")]
    public void A_layer_goes_by_the_name_that_it_is_registered_under(string field, string registration)
    {
        var text = Compiled.From("using TorchSharp.Utils;\n" + Models.WithMembers($$"""
                {{field}}
                private readonly Linear fc = Linear(16, 10);

                /// <summary>Creates it.</summary>
                public Net() : base("net") { {{registration}} }
            """)).Clean().Text;
        Assert.Contains("public global::PruneGen.PruningGroup first => Plan.Group(\"first\");", text, StringComparison.Ordinal);
        Assert.Contains("link.Layer(conv, x)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sequential(Conv2d(3, 16, 3), BatchNorm2d(16), ReLU(), Conv2d(16, 8, 3))", "0", "3")]
    [InlineData("Sequential((\"a\", Conv2d(3, 16, 3)), (\"n\", BatchNorm2d(16)), (\"b\", Conv2d(16, 8, 3)))", "a", "b")]
    [InlineData("Sequential(Sequential(Conv2d(3, 16, 3), ReLU()), Conv2d(16, 8, 3))", "0.0", "1")]
    public void A_sequence_with_its_children_in_sight(string creation, string first, string last)
    {
        var compiled = Compiled.From(Models.WithMembers($"    private readonly Sequential body = {creation}; private readonly Linear fc = Linear(8, 10);\n{Constructor}", "fc.call(flatten(body.call(x), 1))")).Clean();
        Assert.Equal($"body.{first} made by body.{first}: weight[0], bias[0]", compiled.Table[0]);
        Assert.Contains($"read by body.{last}: weight[1]", compiled.Table);
        Assert.EndsWith($"link.Layer(body, x) // [N, body.{last}, H, W]", compiled.Link[1], StringComparison.Ordinal);
        Assert.Contains($"PruningGroup body_{first.Replace('.', '_')} => Plan.Group(\"body.{first}\")", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_of_a_sequence_by_its_position()
    {
        var compiled = Compiled.From(Models.WithMembers($"    private readonly Sequential body = Sequential(Conv2d(3, 16, 3), ReLU()); private readonly Linear fc = Linear(16, 10);\n{Constructor}", "fc.call(flatten(body[1].call(body[0].call(x)), 1))")).Clean();
        Assert.Equal("result1 = link.Layer((global::TorchSharp.torch.nn.Module)body[0], x) // [N, body.0, H, W]", compiled.Link[1]);
    }

    [Theory]
    [InlineData("private readonly Sequential conv; private readonly Linear fc = Linear(16, 10);", "conv = Sequential(); conv.append(Conv2d(3, 16, 3));")]
    [InlineData("private readonly Module<Tensor, Tensor> conv; private readonly Linear fc = Linear(16, 10);", "conv = Make();")]
    [InlineData("private readonly Module<Tensor, Tensor> conv; private readonly Linear fc = Linear(16, 10);", "conv = DateTime.Now.Year > 2000 ? Conv2d(3, 16, 3) : Identity();")]
    public void What_only_a_live_model_tells_is_left_to_it(string fields, string statements)
    {
        var compiled = Compiled.From("using System;\n" + Models.WithMembers($$"""
                {{fields}}

                /// <summary>Creates it.</summary>
                public Net() : base("net") { {{statements}} RegisterComponents(); }

                private static Module<Tensor, Tensor> Make() { return Conv2d(3, 16, 3); }
            """)).Clean();
        Assert.EndsWith("link.Layer(conv, x) // [decided at run time]", compiled.Link[1], StringComparison.Ordinal);
        Assert.EndsWith("link.Op(\"flatten\", result1, (\"start_dim\", 1L)) // [decided at run time]", compiled.Link[2], StringComparison.Ordinal);
        Assert.EndsWith("link.Layer(fc, result2) // […, fc]", compiled.Link[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_given_to_the_constructor_is_left_to_the_live_model_and_known_by_its_class()
    {
        var compiled = Compiled.From(Models.WithMembers("""
                private readonly Module<Tensor, Tensor> body;
                private readonly Linear fc;

                /// <summary>Creates it.</summary>
                public Net(Module<Tensor, Tensor> body, Linear fc) : base("net") { this.body = body; this.fc = fc; RegisterComponents(); }
            """, "fc.call(relu(body.call(x)))")).Clean();
        Assert.Equal(["fc it reaches the model's result"], compiled.Table);
        Assert.Contains("LoadPruned(string path, global::TorchSharp.torch.nn.Module<global::TorchSharp.torch.Tensor, global::TorchSharp.torch.Tensor> body, global::TorchSharp.Modules.Linear fc)", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_prunable_model_links_itself()
    {
        var compiled = Compiled.From("""
            /// <summary>Inside.</summary>
            [Prunable]
            public partial class Block : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(8, 8), fc2 = Linear(8, 8);

                /// <summary>Creates it.</summary>
                public Block() : base("block") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => fc2.call(fc1.call(x));
            }

            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Block block = new();
                private readonly Linear fc = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => fc.call(block.call(x));
            }
            """).Clean();
        Assert.Equal(["Block.g.cs", "Net.g.cs"], compiled.Files.Select(file => file.HintName).Order());
        Assert.Contains("link.Layer(block, x)", compiled.Files.Single(file => file.HintName == "Net.g.cs").SourceText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_of_a_base_class_are_the_models_own()
    {
        var compiled = Compiled.From("""
            /// <summary>A base.</summary>
            public abstract class Base<T> : Module<Tensor, Tensor>
            {
                /// <summary>A layer.</summary>
                protected readonly Linear fc1 = Linear(8, 8);

                /// <summary>Creates it.</summary>
                protected Base() : base("base") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor input) { var y = relu(fc1.call(input)); return y; }
            }

            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Net : Base<int>
            {
            }
            """).Clean();
        Assert.Equal(["input = inputs[0] // […, F]", "y1 = link.Layer(fc1, input) // […, fc1]", "y2 = link.Op(\"relu\", y1) // […, fc1]"], compiled.Link.Select(line => line.Replace("// […]", "// […, F]", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_model_over_a_type_parameter_of_modules()
    {
        var compiled = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Net<TBody> : Module<Tensor, Tensor>
                where TBody : Module<Tensor, Tensor>, new()
            {
                private readonly TBody body = new();
                private readonly Linear fc = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => fc.call(body.call(x));
            }
            """).Clean();
        Assert.Equal("Net{TBody}.g.cs", compiled.Files.Single().HintName);
        Assert.Contains("partial class Net<TBody> : global::PruneGen.IPrunable", compiled.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Conv1d(4, 8, 3)", "conv: weight[0], bias[0]", "[N, conv, W]")]
    [InlineData("Conv3d(4, 8, 3)", "conv: weight[0], bias[0]", "[N, conv, D, H, W]")]
    [InlineData("Conv2d(4, 8, (3, 5), stride: (1, 2))", "conv: weight[0], bias[0]", "[N, conv, H, W]")]
    [InlineData("Conv2d(4, 8, 3, bias: false)", "conv: weight[0]", "[N, conv, H, W]")]
    [InlineData("Conv2d(4, 8, 3, Padding.Same)", "conv: weight[0], bias[0]", "[N, conv, H, W]")]
    [InlineData("Linear(4, 8, false)", "conv: weight[0]", "[…, conv]")]
    public void The_factory_tells_which_parameters_there_are(string creation, string made, string axes)
    {
        var compiled = Compiled.From(Models.WithMembers($"    private readonly Module<Tensor, Tensor> conv = {creation}, act = ReLU();\n    private readonly PReLU last = PReLU(8);\n{Constructor}", "last.call(act.call(conv.call(x))).mean()")).Clean();
        Assert.Equal($"conv made by {made}", compiled.Table[0]);
        Assert.EndsWith(axes, compiled.Link[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_depthwise_convolution_passes_its_channels_on()
    {
        var table = Compiled.From(Models.WithMembers($"    private readonly Conv2d point = Conv2d(3, 8, 1), deep = Conv2d(8, 8, 3, groups: 8), last = Conv2d(8, 2, 1);\n{Constructor}", "last.call(deep.call(point.call(x)))")).Clean().Table;
        Assert.Equal(["point made by point: weight[0], bias[0]", "passed by deep: weight[0], bias[0]", "read by last: weight[1]"], table.Take(3));
    }

    [Fact]
    public void The_groups_of_a_convolution_may_be_left_to_the_live_model()
    {
        var compiled = Compiled.From(Models.WithMembers("""
                private readonly Conv2d point, deep;

                /// <summary>Creates it.</summary>
                public Net(int width) : base("net") { point = Conv2d(3, width, 1); deep = Conv2d(width, width, 3, groups: width); RegisterComponents(); }
            """, "deep.call(point.call(x))")).Clean();
        Assert.EndsWith("link.Layer(deep, result1) // [decided at run time]", compiled.Link[2], StringComparison.Ordinal);
    }

    private static void RequireTwoLayers(string members, string conv = "conv")
    {
        var table = Compiled.From(Models.WithMembers(members)).Clean().Table;
        Assert.Equal([$"{conv} made by {conv}: weight[0], bias[0]", $"read by fc: weight[1] as {conv}·H·W", "fc it reaches the model's result"], table);
    }
}
