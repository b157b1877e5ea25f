using System.Globalization;
using Microsoft.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>What attributes say where no source can: layers that are coupled, and calls whose axes are described.</summary>
public class HintTests
{
    /// <summary>Another assembly: layers with parameters, and functions, none of which the generator can look into.</summary>
    private static readonly string Library = Input.Read("DescribedLayers");

    private const string Projects = """[Axes("... C -> ... O", Parameters = "weight: O C, bias: O")] private readonly """;
    private const string Ends = "private readonly Linear first = Linear(8, 12), last = Linear(12, 3);\n";
    private static readonly long[][] Row = [[4, 8]];
    private static readonly long[][] Image = [[2, 3, 6, 6]];

    [Fact]
    public void A_layer_from_another_assembly_with_parameters_of_its_own()
    {
        var net = Loaded.Beside(Library, Net(Projects + "Projection project = new(12, 10);\nprivate readonly Linear first = Linear(8, 12), last = Linear(10, 3);", "return last.call(relu(project.call(relu(first.call(x)))));"));
        Assert.Equal(
            ["first: first.weight[0] first.bias[0] project.weight[1]", "project: project.weight[0] project.bias[0] last.weight[1]"],
            net.Groups(Row));
        Assert.All(net.Plan(Row).Groups, group => Assert.True(group.Exact));
        net.Prunes(Row).Returns(Row);
        Assert.Equal([5L, 6L], net.Model.get_parameter("project.weight")!.shape);
    }

    [Theory]
    [InlineData("private readonly Scale scale = new(12);", "return last.call(relu(scale.call(first.call(x))));")]
    [InlineData("private readonly Sequential scale = Sequential(Linear(12, 12), new Scale(12), ReLU());", "return last.call(scale.call(first.call(x)));")]
    [InlineData("private readonly Module<Tensor, Tensor> scale; ", "return last.call(scale.call(first.call(x)));", "scale = new Scale(12);")]
    [InlineData("private readonly ModuleList<Module<Tensor, Tensor>> scales = ModuleList<Module<Tensor, Tensor>>(new Scale(12), new Scale(12));", "return last.call(System.Linq.Enumerable.Aggregate(scales, first.call(x), (h, scale) => scale.call(h)));")]
    public void A_class_that_describes_itself_wherever_its_modules_stand(string member, string forward, string create = "")
    {
        var net = Loaded.Beside(Library, Net(Ends + member, forward, create));
        Assert.Contains("gamma[0]", string.Join(' ', net.Groups(Row)), StringComparison.Ordinal);
        net.Prunes(Row).Returns(Row);
    }

    [Theory]
    [InlineData("ModuleList<Projection> parts = new() { new Projection(12, 12), new Projection(12, 12) };", "foreach (var part in parts) { x = relu(part.call(x)); }")]
    [InlineData("ModuleList<Projection> parts = new() { new Projection(12, 12), new Projection(12, 12) };", "for (var i = 0; i < parts.Count; i++) { x = parts[i].call(x); }")]
    [InlineData("ModuleDict<Projection> parts = ModuleDict(new (string, Projection)[] { (\"a\", new Projection(12, 12)), (\"b\", new Projection(12, 12)) });", "x = parts[\"a\"].call(parts[\"b\"].call(x));")]
    public void The_modules_of_a_list(string member, string statements)
    {
        var net = Loaded.Beside(Library, Net(Ends + Projects + member, $"x = first.call(x);\n{statements}\nreturn last.call(x);"));
        Assert.Equal(3, net.Groups(Row).Count);
        net.Prunes(Row).Returns(Row);
    }

    [Theory]
    [InlineData(1, 4, 5)]
    [InlineData(2, 8, 10)]
    public void Known_layers_inside_of_a_described_one_tell_its_widths_or_keep_them(long groups, long inputs, long outputs)
    {
        var net = Loaded.Beside(Library, Net(
            $$"""
            private readonly Conv2d first = Conv2d(3, 8, 3), second = Conv2d(3, 8, 3), last = Conv2d(10, 9, 1), head = Conv2d(9, 3, 1);
            [Axes("N C H W -> N O H W", Parameters = "inner.weight: O {{(groups == 1 ? "C" : "I")}} kH kW, inner.bias: O, norm.weight: O, norm.bias: O, norm.running_mean: O, norm.running_var: O")]
            private readonly Wrapped wrapped = new(8, 10, {{groups}});
            """,
            "return head.call(last.call(relu(wrapped.call(relu(first.call(x))) + wrapped.call(second.call(x)))));"));
        if (groups > 1)
        {
            Assert.Equal(["last: last.weight[0] last.bias[0] head.weight[1]"], net.Groups(Image));
            return;
        }

        net.Prunes(Image).Returns(Image);
        nn.Module Inside(string path) => net.Model.named_modules().Single(entry => entry.name == path).module;
        var (inner, norm) = ((Conv2d)Inside("wrapped.inner"), (BatchNorm2d)Inside("wrapped.norm"));
        Assert.Equal((inputs, outputs, outputs), (inner.in_channels, inner.out_channels, norm.num_features));
    }

    [Theory]
    [InlineData(", Macs = \"12 O\"", 8 * 12 + 12 * 10 + 10 * 3, "")]
    [InlineData(", Macs = \"C O, O\"", 8 * 12 + 12 * 10 + 10 + 10 * 3, "")]
    [InlineData(", Macs = \"0\"", 8 * 12 + 10 * 3, "")]
    [InlineData("", 8 * 12 + 10 * 3, "project")]
    public void Multiply_accumulates_are_counted_as_they_are_described(string macs, long count, string uncounted)
    {
        var plan = Loaded.Beside(Library, Net(Projects.Replace("\")]", $"\"{macs})]", StringComparison.Ordinal) + "Projection project = new(12, 10);\nprivate readonly Linear first = Linear(8, 12), last = Linear(10, 3);", "return last.call(relu(project.call(relu(first.call(x)))));")).Plan(Row);
        Assert.Equal(count, plan.Macs());
        Assert.Equal(uncounted, string.Join(' ', plan.UncountedMacs));
    }

    [Theory]
    [InlineData("[Axes(\"N C, O C -> N O\", Macs = \"O C\")]", 8 * 12 + 12 * 12 + 12 * 3, "")]
    [InlineData("[Axes(\"N C, O C -> N O\")]", 8 * 12 + 12 * 3, "Weighted")]
    public void Multiply_accumulates_of_functions_are_counted_as_they_are_described(string axes, long count, string uncounted)
    {
        var plan = Loaded.Beside(Library, Net(Ends + $"private readonly Parameter weight = torch.nn.Parameter(torch.randn(12, 12));\n{axes} private static Tensor Weighted(Tensor x, Tensor w) => torch.matmul(x, w.t());", "return last.call(Weighted(first.call(x), weight));")).Plan(Row);
        Assert.Equal(count, plan.Macs());
        Assert.Equal(uncounted, string.Join(' ', plan.UncountedMacs));
    }

    [Fact]
    public void Several_inputs_and_results()
    {
        var net = Loaded.Beside(Library, Net(
            """
            private readonly Linear first = Linear(8, 12), second = Linear(8, 12), up = Linear(10, 3), down = Linear(10, 3);
            [Axes("N C, N D -> N O, N O", Parameters = "left: O C, right: D O")] private readonly Twins twins = new(12, 10);
            """,
            "var (a, b) = twins.call(first.call(x), second.call(x));\nreturn up.call(a) + down.call(b);"));
        Assert.Contains("twins: twins.left[0] twins.right[1] up.weight[1] down.weight[1]", net.Groups(Row));
        net.Prunes(Row).Returns(Row);
    }

    [Theory]
    [InlineData("x = first.call(x).Swish();")]
    [InlineData("x = Native.Swish(first.call(x), threads: 2);")]
    [InlineData("x = Loop(x: first.call(x), times: 2);", "[Axes(\"N C -> N C\")] private static Tensor Loop(int times, Tensor x) { lock (string.Empty) { for (var i = 0; i < times; i++) { x = x * torch.sigmoid(x); } return x; } }")]
    [InlineData("[Axes(\"N C -> N C\")] Tensor Local(Tensor t) { try { return relu(t); } catch (System.Exception) { return t; } }\nx = Local(first.call(x));")]
    [InlineData("System.Func<Tensor, Tensor> f = Loop;\nx = f(first.call(x));", "[Axes(\"N C -> N C\")] private static Tensor Loop(Tensor x) { lock (string.Empty) { return relu(x); } }")]
    [InlineData("var (a, b) = Pair(first.call(x), second.call(x));\nx = relu(a) + b;", "private readonly Linear second = Linear(8, 12);\n[Axes(\"N C, N C -> N C, N C\")] private static (Tensor, Tensor) Pair(Tensor x, Tensor? y) => Native.Both(x, y);")]
    [InlineData("var (a, b) = Pair(first.call(x), null);\nx = relu(a) + b;", "[Axes(\"N C, N C -> N C, N C\")] private static (Tensor, Tensor) Pair(Tensor x, Tensor? y = null) => Native.Both(x, y);")]
    [InlineData("x = Weighted(first.call(x), weight);", "private readonly Parameter weight = torch.nn.Parameter(torch.randn(12, 12));\n[Axes(\"N C, O C -> N O\")] private static Tensor Weighted(Tensor x, Tensor w) { lock (string.Empty) { return torch.matmul(x, w.t()); } }")]
    public void Functions_that_are_described(string statements, string members = "")
    {
        var net = Loaded.Beside(Library, Net(Ends + members, statements + "\nreturn last.call(x);"));
        Assert.All(net.Plan(Row).Groups, group => Assert.True(group.Exact, group.InexactBecause));
        net.Prunes(Row).Returns(Row);
    }

    [Theory]
    [InlineData("N C H W -> N (C H W)", "x.flatten(1)", "Linear(8 * 16, 3)", "last.call(F(first.call(x)))")]
    [InlineData("N C H W -> N (H W) C", "x.flatten(2).transpose(1, 2)", "Linear(8, 3)", "last.call(F(first.call(x)))")]
    [InlineData("N (2 c) H W -> 2 N c H W", "x.reshape(x.shape[0], 2, -1, x.shape[2], x.shape[3]).transpose(0, 1)", "Conv2d(4, 3, 1)", "last.call(F(first.call(x))[0])")]
    [InlineData("N C ... -> N C", "x", "Linear(8, 3)", "last.call(F(first.call(x)))", "PG0030")]
    [InlineData("N C H W, O C -> N O H W", "torch.einsum(\"nchw,oc->nohw\", x, w)", "Conv2d(6, 3, 1)", "last.call(F(first.call(x), weight))")]
    public void Products_and_weights_of_functions(string notation, string body, string last, string forward, string report = "")
    {
        var source = Net(
            $$"""
            private readonly Conv2d first = Conv2d(3, 8, 3);
            private readonly {{last[..last.IndexOf('(')]}} last = {{last}};
            private readonly Parameter weight = torch.nn.Parameter(torch.randn(6, 8));
            [Axes("{{notation}}")] private static Tensor F(Tensor x{{(notation.Contains(',') ? ", Tensor w" : "")}}) { lock (string.Empty) { return {{body}}; } }
            """,
            $"return {forward};");
        if (report.Length > 0)
        {
            Refused(source).Reported(report, $"\"{notation}\"");
            return;
        }

        var net = Loaded.From(source);
        Assert.All(net.Plan(Image).Groups, group => Assert.True(group.Exact, group.InexactBecause));
        net.Prunes(Image).Returns(Image);
    }

    [Fact]
    public void A_width_that_the_function_alone_tells_stays()
    {
        var net = Loaded.From(Net(
            """
            private readonly Conv2d first = Conv2d(3, 8, 3);
            private readonly Linear last = Linear(5, 3);
            [Axes("N C H W -> N K")] private static Tensor Peaks(Tensor x) { lock (string.Empty) { return x.abs().amax(new long[] { 1 }).flatten(1).slice(1, 0, 5, 1); } }
            """,
            "return last.call(Peaks(first.call(x)));"));
        var group = Assert.Single(net.Plan(Image).Groups);
        Assert.Equal("Peaks sums over it, as [Axes] says", group.InexactBecause);

        // The largest of the channels is the same with zeros and without, so that here the two are equal nevertheless.
        net.Prunes(Image).Returns(Image);
        Assert.Equal([3L, 5L], net.Model.get_parameter("last.weight")!.shape);
    }

    [Fact]
    public void A_known_layer_behind_a_type_that_does_not_tell_it_may_be_described()
    {
        var net = Loaded.From(Net(
            Projects + "Module<Tensor, Tensor> project;\nprivate readonly Linear first = Linear(8, 12), last = Linear(10, 3);",
            "return last.call(project.call(first.call(x)));",
            "project = Linear(12, 10);"));
        net.Prunes(Row).Returns(Row);
        var linear = (Linear)net.Model.named_modules().Single(entry => entry.name == "project").module;
        Assert.Equal((6L, 5L), (linear.in_features, linear.out_features));
    }

    [Fact]
    public void Annotations_follow_the_names_that_members_are_registered_under()
    {
        var net = Loaded.From(Net(
            "[KeepWidth] private readonly Linear first;\n[CoupledWith(nameof(first))] private readonly Linear other = Linear(8, 12);\nprivate readonly Linear last = Linear(12, 3), end = Linear(12, 3);",
            "return last.call(first.call(x)) + end.call(other.call(x));",
            "first = Linear(8, 12);\nregister_module(\"renamed\", first);"));
        Assert.Contains("renamed", net.Plan(Row).Parameters.Select(parameter => parameter.Layer.Name));
        Assert.Empty(net.Groups(Row));
    }

    [Fact]
    public void What_mixes_channels_is_inexact_and_its_compaction_is_that_of_the_smaller_model()
    {
        var net = Loaded.Beside(Library, Net(
            Ends + """[Axes("N C -> N C", Inexact = "C")] private static Tensor Whiten(Tensor x) => Native.Whiten(x);""",
            "return last.call(Whiten(first.call(x)));"));
        var group = Assert.Single(net.Plan(Row).Groups);
        Assert.Equal("Whiten makes its values depend on each other, as [Axes] says", group.InexactBecause);

        using var x = randn(4, 8);
        Tensor Parameter(string name) => net.Model.get_parameter(name)!.detach().clone();
        var (first, bias, last, shift) = (Parameter("first.weight"), Parameter("first.bias"), Parameter("last.weight"), Parameter("last.bias"));
        using var importance = Importance.Of(net.Plan(Row), net.Forward, data: null);
        using var selection = Selection.Of(importance);
        var kept = tensor(selection.Kept["first"]);
        using var compaction = Compaction.Apply(selection);
        var hidden = matmul(x, first.index_select(0, kept).t()) + bias.index_select(0, kept);
        var expected = matmul(hidden - hidden.mean([1], keepdim: true), last.index_select(1, kept).t()) + shift;
        Assert.InRange((expected - net.Forward(x)[0]).abs().max().item<float>(), 0, 1e-5f);
        Assert.Equal(6, net.Model.get_parameter("first.weight")!.size(0));
    }

    [Theory]
    [InlineData("Parameters = \"weight: O C\"", "[Axes] of project does not describe bias, [10]; add it: Parameters = \"bias: …\"")]
    [InlineData("Parameters = \"weight: O C, bias: O, scale: O\"", "[Axes] of project describes scale, but the live Projection has weight, bias; correct the name, or leave it out")]
    [InlineData("Parameters = \"weight: C O, bias: O\"", "[Axes] of project calls both dimension 0 of input 1 and dimension 0 of weight C, but they have 12 and 10 indices; give one of them another name, or both one width")]
    [InlineData("Parameters = \"weight: O 4 C, bias: O\"", "[Axes] of project describes weight as O 4 C, but the live one is [10, 12]; name each of its 2 dimensions")]
    public void A_description_is_checked_against_the_live_model(string parameters, string message)
    {
        var net = Loaded.Beside(Library, Net($"""[Axes("... C -> ... O", {parameters})] private readonly Projection project = new(12, 10);""" + "\nprivate readonly Linear first = Linear(8, 12), last = Linear(10, 3);", "return last.call(relu(project.call(relu(first.call(x)))));"));
        Assert.Equal(message, Refusal(net));
    }

    [Fact]
    public void Coupled_layers_shrink_together()
    {
        var net = Loaded.From(Net(
            """
            private readonly Linear first = Linear(8, 12), middle = Linear(12, 12), last = Linear(12, 3);
            [CoupledWith(nameof(first))] private readonly Linear other = Linear(8, 12);
            [CoupledWith("features.2")] private readonly Linear third = Linear(12, 10);
            private readonly Linear end = Linear(10, 3), tail = Linear(10, 3);
            private readonly Sequential features = Sequential(Linear(8, 9), ReLU(), Linear(9, 10), ReLU());
            """,
            "return last.call(middle.call(first.call(x))) + end.call(third.call(other.call(x))) + tail.call(features.call(x));"));
        Assert.Equal(
            [
                "first: first.weight[0] first.bias[0] middle.weight[1] other.weight[0] other.bias[0] third.weight[1]",
                "middle: middle.weight[0] middle.bias[0] last.weight[1]",
                "third: third.weight[0] third.bias[0] end.weight[1] features.2.weight[0] features.2.bias[0] tail.weight[1]",
                "features.0: features.0.weight[0] features.0.bias[0] features.2.weight[1]",
            ],
            net.Groups(Row));
        net.Prunes(Row).Returns(Row);
    }

    [Fact]
    public void A_coupling_holds_inside_of_a_nested_model_and_with_a_whole_sequence()
    {
        var net = Loaded.From("""
            /// <summary>Two ways.</summary>
            [Prunable]
            public sealed partial class Block : Module<Tensor, Tensor>
            {
                private readonly Sequential left;
                [CoupledWith(nameof(left))] private readonly Linear right;

                /// <summary>Creates it.</summary>
                public Block(long width) : base("block")
                {
                    left = Sequential(Linear(width, width), ReLU());
                    right = Linear(width, width);
                    RegisterComponents();
                }

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => torch.cat(new[] { left.call(x), right.call(x) }, 1);
            }

            """ + Net(Ends + "private readonly ModuleList<Block> blocks = new() { new Block(12), new Block(24) };\nprivate readonly Linear middle = Linear(48, 12);", "x = first.call(x);\nforeach (var block in blocks) { x = block.call(x); }\nreturn last.call(middle.call(x));"));
        Assert.Contains("blocks.0.left.0: blocks.0.left.0.weight[0] blocks.0.left.0.bias[0] blocks.0.right.weight[0] blocks.0.right.bias[0] blocks.1.left.0.weight[1] blocks.1.right.weight[1]", net.Groups(Row));
        net.Prunes(Row).Returns(Row);
    }

    [Fact]
    public void Widths_of_coupled_layers_that_disagree_are_refused_by_both_names()
    {
        var net = Loaded.From(Net(
            "private readonly Linear first, other, last = Linear(12, 3), end = Linear(10, 3);".Replace("other,", "", StringComparison.Ordinal) + "\n[CoupledWith(nameof(first))] private readonly Linear other;",
            "return last.call(first.call(x)) + end.call(other.call(x));",
            "long width = 12;\nfirst = Linear(8, width);\nother = Linear(8, width - 2);"));
        Assert.Equal("[CoupledWith] couples the outputs of other with those of first, but other has 10 and first has 12; give both one width, or take the attribute off", Refusal(net));
    }

    [Theory]
    [InlineData("blocks.7", "[CoupledWith] couples first with blocks.7, but the live model has no blocks.7; correct the path, or take the attribute off")]
    [InlineData("blocks.1", "[CoupledWith] couples first with blocks.1, but blocks.1, a ReLU, makes no outputs that forward reaches; name the layer that makes them, or take the attribute off")]
    public void What_only_the_live_model_tells_to_have_no_outputs_is_refused(string path, string message)
    {
        var net = Loaded.From(Net(
            $$"""
            [CoupledWith("{{path}}")] private readonly Linear first = Linear(8, 12);
            private readonly Linear last = Linear(12, 3);
            private readonly ModuleList<Module<Tensor, Tensor>> blocks = ModuleList<Module<Tensor, Tensor>>(Linear(12, 12), ReLU());
            """,
            "x = first.call(x);\nforeach (var block in blocks) { x = block.call(x); }\nreturn last.call(x);"));
        Assert.Equal(message, Refusal(net));
    }

    [Fact]
    public void PG0011_coupled_layers_of_different_widths()
    {
        var report = Refused(Net("private readonly Linear first = Linear(8, 12), last = Linear(12, 3), end = Linear(10, 3);\n[CoupledWith(nameof(first))] private readonly Linear other = Linear(8, 10);", "return last.call(first.call(x)) + end.call(other.call(x));")).Reported("PG0011", "nameof(first)");
        Assert.Equal("[CoupledWith] couples the outputs of other with those of first, but other has 10 and first has 12; give both one width, or take the attribute off", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0013_coupled_layers_that_ask_for_different_ratios() =>
        Refused(Net("[Prunable(Ratio = 0.3)] private readonly Linear first = Linear(8, 12);\nprivate readonly Linear last = Linear(12, 3), end = Linear(12, 3);\n[Prunable(Ratio = 0.6), CoupledWith(nameof(first))] private readonly Linear other = Linear(8, 12);", "return last.call(first.call(x)) + end.call(other.call(x));")).Reported("PG0013", "Prunable(Ratio = 0.6)");

    [Theory]
    [InlineData("\"frist\"", "names 'frist', but 'Net' has no member 'frist'; couple layers of 'Net' that have outputs of their own")]
    [InlineData("nameof(size)", "names 'size', which is of type int and not a layer")]
    [InlineData("nameof(other)", "names 'other', which is itself")]
    [InlineData("nameof(norm)", "names 'norm', which is a BatchNorm1d that passes on the channels that it gets; couple layers")]
    [InlineData("nameof(block)", "names 'block', which is a Block, a model of its own with outputs in several places; couple layers")]
    [InlineData("nameof(unused)", "names 'unused', which forward never calls")]
    [InlineData("\"features.1\"", "names 'features.1', which is a ReLU that passes on the channels that it gets; couple layers")]
    public void PG0031_a_coupling_with_what_has_no_outputs(string written, string message)
    {
        var report = Refused(Net(
            $$"""
            private const int size = 12;
            private readonly Linear first = Linear(8, size), unused = Linear(8, 12), last = Linear(12, 3), end = Linear(12, 3);
            private readonly BatchNorm1d norm = BatchNorm1d(12);
            private readonly Sequential features = Sequential(Linear(12, 12), ReLU());
            private readonly Block block = new();
            [CoupledWith({{written}})] private readonly Linear other = Linear(8, 12);
            """,
            "return last.call(features.call(norm.call(block.call(first.call(x))))) + end.call(other.call(x));") + Block).Reported("PG0031", written);
        Assert.StartsWith("[CoupledWith] on 'other' " + message, report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void PG0031_a_coupling_of_what_has_no_outputs_itself()
    {
        var report = Refused(Net(Ends + "[CoupledWith(nameof(first))] private readonly ReLU act = ReLU();", "return last.call(act.call(first.call(x)));")).Reported("PG0031", "nameof(first)");
        Assert.Equal("[CoupledWith] on 'act' names 'first', but is itself a ReLU that passes on the channels that it gets; couple layers of 'Net' that have outputs of their own", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_coupling_with_a_layer_inside_of_a_nested_model()
    {
        var net = Loaded.From(Net("[CoupledWith(\"block.inner\")] private readonly Linear first = Linear(8, 12);\nprivate readonly Linear last = Linear(12, 3);\nprivate readonly Block block = new();", "return last.call(block.call(first.call(x)));") + Block);
        Assert.Equal(["first: first.weight[0] first.bias[0] block.inner.weight[0] block.inner.weight[1] block.inner.bias[0] last.weight[1]"], net.Groups(Row));
        net.Prunes(Row).Returns(Row);
    }

    [Theory]
    [InlineData("\"N C H\"", "", "\"N C H\"", "[Axes] on 'project' cannot be read: there is no -> (character 6); write ->, and behind it the dimensions of each result")]
    [InlineData("\"N C -> N C\"", ", Parameters = \"weight O\"", "\"weight O\"", "[Axes] on 'project' cannot be read: a parameter's name and a colon are missing (character 8); write them as \"weight: O C, bias: O\"")]
    [InlineData("\"N C -> N C\"", ", Inexact = \"D\"", "\"D\"", "[Axes] on 'project' cannot be read: no input has a dimension D (character 1); write names of the inputs, with spaces between them")]
    public void PG0030_words_that_cannot_be_read(string notation, string more, string at, string message)
    {
        var report = Refused(Net(Ends + $"[Axes({notation}{more})] private readonly Opaque project = new();", "return last.call(project.call(first.call(x)));") + Opaque).Reported("PG0030", at);
        Assert.Equal(message, report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0030_on_a_class_is_said_once() =>
        Refused(Net(Ends + "private readonly Opaque one = new(), two = new();", "return last.call(two.call(one.call(first.call(x))));") + Opaque.Replace("internal", "[Axes(\"N (C -> N C\")]\ninternal", StringComparison.Ordinal)).Reported("PG0030", "\"N (C -> N C\"");

    [Fact]
    public void PG0030_stands_where_the_class_is_now()
    {
        var model = Compiled.Parse(Compiled.Usings + Net(Ends + "private readonly Opaque one = new();", "return last.call(one.call(first.call(x)));"));
        foreach (var body in new[] { "x", "/* edited */ x + 0" })
        {
            var layer = Compiled.Parse(Compiled.Usings + Opaque.Replace("internal", "[Axes(\"N (C -> N C\")]\ninternal", StringComparison.Ordinal).Replace("=> x;", $"{{ return {body}; }}", StringComparison.Ordinal), "Opaque.cs");
            var report = Compiled.From(model, layer).Reported("PG0030", "\"N (C -> N C\"");
            Assert.Same(layer, report.Location.SourceTree);
        }
    }

    [Fact]
    public void PG0030_in_another_assembly_is_said_of_the_class_that_uses_it()
    {
        var library = Loaded.Library(Library.Replace("... C -> ... C\", Parameters", "... C => ... C\", Parameters", StringComparison.Ordinal));
        var compiled = Compiled.From([Compiled.Parse(Compiled.Usings + Net(Ends + "private readonly Scale scale = new(12);", "return last.call(scale.call(first.call(x)));"))], without: "", MetadataReference.CreateFromImage(library));
        Assert.StartsWith("[Axes] on 'Scale' cannot be read: '=' is not understood", compiled.Reported("PG0030", "Net").GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Axes(\"N C -> N C\")] private readonly Linear more = Linear(12, 12);", "x = more.call(x);", "\"N C -> N C\"", "what a Linear does is known; take the attribute off, or declare the member as Module<Tensor, Tensor> where it holds something else")]
    [InlineData("[Axes(\"N C, N C -> N C\")] private static Tensor F(Tensor x) => x;", "x = F(x);", "\"N C, N C -> N C\"", "it describes 2 inputs, and the method takes 1 tensor; describe each tensor that it takes, in order, with commas between them")]
    [InlineData("[Axes(\"N C -> N C, N C\")] private static Tensor F(Tensor x) => x;", "x = F(x);", "\"N C -> N C, N C\"", "it describes 2 results, and what it gives has 1 tensor; describe each tensor that it gives, in order, with commas between them")]
    [InlineData("[Axes(\"N C -> N C\")] private static float F(Tensor x) => 1;", "x = x * F(x);", "\"N C -> N C\"", "what it gives is a float; give a tensor, or a tuple or an array of tensors")]
    [InlineData("[Axes(\"N C -> N C\")] private static Tensor F(Tensor x, Tensor[] rest) => x;", "x = F(x, new[] { x });", "\"N C -> N C\"", "'rest' is a Tensor[]; take tensors one by one, each as a parameter of its own")]
    [InlineData("[Axes(\"N C -> N C, N C\")] private readonly Opaque more = new();", "x = more.call(x);", "more.call(x)", "it describes 2 results, and what it gives has 1 tensor; describe each tensor that it gives, in order, with commas between them")]
    public void PG0032_descriptions_that_do_not_fit(string member, string statement, string at, string message)
    {
        var report = Refused(Net(Ends + member, $"x = first.call(x);\n{statement}\nreturn last.call(x);") + Opaque).Reported("PG0032", at);
        Assert.EndsWith("' does not fit: " + message, report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void PG0011_a_description_with_other_inputs_than_the_layer_is_called_with()
    {
        var report = Refused(Net(Ends + "[Axes(\"N C, N C -> N C\")] private readonly Opaque more = new();", "return last.call(more.call(first.call(x)));") + Opaque).Reported("PG0011", "more.call(first.call(x))");
        Assert.StartsWith("[Axes] of more describes another number of inputs (2) than it is called with (1)", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[CoupledWith(nameof(first))] private readonly Linear idle = Linear(8, 12);", "CoupledWith(nameof(first))", "[CoupledWith] on 'idle' has no effect, because forward never calls it; take it off, or call the layer")]
    [InlineData("[Axes(\"N C -> N C\")] private readonly Opaque idle = new();", "Axes(\"N C -> N C\")", "[Axes] on 'idle' has no effect, because forward never calls it; take it off, or call the layer")]
    public void PG0015_hints_on_what_forward_never_calls(string member, string at, string message)
    {
        var report = Compiled.From(Net(Ends + member, "return last.call(first.call(x));") + Opaque).Sound().Reported("PG0015", at);
        Assert.Equal(message, report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0019_a_coupling_in_a_class_that_is_not_annotated() =>
        Compiled.From(Net(Ends + "[CoupledWith(nameof(first))] private readonly Linear other = Linear(8, 12);", "return last.call(first.call(x));").Replace("[Prunable(Structured, Ratio = 0.5)]", "", StringComparison.Ordinal)).Reported("PG0019", "CoupledWith(nameof(first))");

    [Theory]
    [InlineData("[CoupledWith(nameof(first))] private readonly int many = 3;", "CoupledWith")]
    [InlineData("[Axes(\"N C -> N C\")] private readonly int many = 3;", "Axes")]
    public void PG0014_hints_on_what_is_no_layer(string member, string attribute) =>
        Assert.Equal($"[{attribute}] stands on 'many', which is of type int and not a layer; annotate the layers", Assert.Single(Compiled.From(Net(Ends + member, "return last.call(first.call(x));")).Reports).GetMessage(CultureInfo.InvariantCulture));

    [Fact]
    public void The_attribute_is_found_inside_of_a_namespace_below_PruneGen() =>
        Compiled.From(Compiled.Parse("#nullable enable\n" + Compiled.Usings + "namespace PruneGen.Samples.Hints;\n" + Net(Ends + "[Axes(\"... -> ...\")] private static Tensor F(Tensor x) => x;", "return last.call(F(first.call(x)));"))).Clean();

    [Fact]
    public Task GeneratedCode() => Verify(Compiled.From(Compiled.Parse(
        "#nullable enable\n" + Compiled.Usings + Net(
            """
            private readonly Linear first = Linear(8, 12), last = Linear(10, 3);
                [CoupledWith(nameof(first))] private readonly Linear other = Linear(8, 12);
                [Axes("N C -> N O", Parameters = "weight: O C, bias: O")] private readonly Module<Tensor, Tensor> project;
                [Axes("N C, N C -> N C", Inexact = "C")] private static Tensor Compare(Tensor left, Tensor right) => torch.softmax(left * right, 1);
            """,
            "var mixed = Compare(first.call(x), other.call(x));\nreturn last.call(project.call(mixed));",
            "project = Linear(12, 10);"),
        "Hints.cs")).Clean().Driver);

    private const string Block = """

        /// <summary>A model inside of another.</summary>
        [Prunable]
        public sealed partial class Block : Module<Tensor, Tensor>
        {
            private readonly Linear inner = Linear(12, 12);

            /// <summary>Creates it.</summary>
            public Block() : base("block") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => relu(inner.call(x));
        }
        """;

    private const string Opaque = """

        internal sealed class Opaque : Module<Tensor, Tensor>
        {
            public Opaque() : base("opaque") { }
            public override Tensor forward(Tensor x) => x;
        }
        """;

    private static Compiled Refused(string source)
    {
        var compiled = Compiled.From(source);
        Assert.DoesNotContain(compiled.Files, file => file.HintName == "Net.g.cs");
        return compiled;
    }

    private static string Refusal(Loaded net)
    {
        var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() => net.Plan(Row));
        Assert.Equal("PruneGen.Axes.AxisException", thrown.InnerException!.GetType().FullName);
        return thrown.InnerException.Message;
    }

    private static string Net(string members, string statements, string create = "") => $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            {{members}}

            /// <summary>Creates it.</summary>
            public Net() : base("net")
            {
                {{create}}
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{statements}}
            }
        }
        """;
}
