using System.Globalization;
using Microsoft.CodeAnalysis;
using PruneGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Tests;

/// <summary>Every rule, at the very expression that breaks it; and nothing is generated for a class with an error.</summary>
public class DiagnosticTests
{
    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";
    internal const string Constructor = "    /// <summary>Creates it.</summary>\n    public Net() : base(\"net\") => RegisterComponents();\n";
    internal const string Layers = "    private readonly Conv2d conv = Conv2d(3, 16, 3);\n    private readonly Linear fc = Linear(16, 10);\n" + Constructor;

    [Fact]
    public void PG0001_a_class_that_is_not_partial()
    {
        var report = Compiled.Refused(Models.WithMembers(Layers).Replace("partial ", "", StringComparison.Ordinal)).Reported("PG0001", "Net");
        Assert.Equal("Declare 'Net' as partial, so that PruneGen can add pruning code to it", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0001_a_container_that_is_not_partial()
    {
        var report = Compiled.Refused($"/// <summary>Around it.</summary>\npublic static class Outer\n{{\n{Models.WithMembers(Layers)}\n}}").Reported("PG0001", "Outer");
        Assert.Equal("Declare 'Outer' as partial, so that PruneGen can add pruning code to the class 'Net' inside", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0002_a_class_that_is_no_module() => Compiled.Refused("[Prunable] internal partial class Net { }").Reported("PG0002", "Net");

    [Theory]
    [InlineData("internal abstract partial class Net : Module<Tensor, Tensor> { protected Net() : base(\"net\") { } }")]
    [InlineData("internal partial class Net : Module { public Net() : base(\"net\") { } }")]
    public void PG0003_no_forward_to_read(string declaration) => Compiled.Refused("[Prunable] " + declaration).Reported("PG0003", "Net");

    [Theory]
    [InlineData("=> throw new System.NotSupportedException();", "new System.NotSupportedException()")]
    [InlineData("{ throw new System.NotSupportedException(); }", "new System.NotSupportedException()")]
    [InlineData("{ if (x is null) { throw new System.ArgumentNullException(); } string? name = null; if (name is null) throw new System.InvalidOperationException(); return x; }", "new System.ArgumentNullException()")]
    public void PG0003_a_forward_that_throws_whatever_it_is_given(string body, string at) =>
        Compiled.Refused($"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ public Net() : base(\"net\") {{ }} public override Tensor forward(Tensor x) {body} }}").Reported("PG0003", at);

    [Theory]
    [InlineData("Module<Tensor, string>", "override string forward(Tensor x)", "string", "The result of Net.forward is a string")]
    [InlineData("Module<Box<Tensor>, Tensor>", "override Tensor forward(Box<Tensor> x)", "Box<Tensor>", "The input 'x' of Net.forward is a Box<Tensor>")]
    [InlineData("Module", "Tensor forward(Tensor x, out Tensor? weights)", "Tensor?", "The input 'weights' of Net.forward is handed over by out, as a Tensor?; PruneGen")]
    [InlineData("Module", "Tensor forward<T>(T x)", "T", "The input 'x' of Net.forward is a T")]
    public void PG0004_inputs_and_results_that_tensors_cannot_be_found_in(string @base, string signature, string at, string message)
    {
        var report = Compiled.Refused($"[Prunable] internal partial class Net : {@base} {{ public Net() : base(\"net\") {{ }} public {signature} => throw new System.NotSupportedException(); }} internal sealed class Box<T> {{ public T? Value; }}").Reported("PG0004", at);
        Assert.StartsWith(message, report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void PG0006_a_helper_that_returns_what_generated_code_cannot_name() => Compiled.Refused(Models.WithForward(
        $"x = conv1.call(x);\nvar first = Values<float>(x);\n{Head}",
        "private static T[] Values<T>(Tensor t) where T : unmanaged { if (t.shape[0] > 4) { return System.Array.Empty<T>(); } return t.data<T>().ToArray(); }")).Reported("PG0006", "System.Array.Empty<T>()");

    [Fact]
    public void PG0006_a_number_that_decides_and_is_private_to_another_class_names_the_model_that_reads_it()
    {
        var report = Compiled.Refused(Models.WithForward($"x = heads.Split(conv1.call(x));\n{Head}", "private readonly Heads heads = new();") + """

            internal sealed class Heads : Module<Tensor, Tensor>
            {
                private readonly int count = 2;
                public Heads() : base("heads") { }
                public override Tensor forward(Tensor x) => relu(x);
                public Tensor Split(Tensor x) => x.view(x.shape[0], count, -1, 8, 8).flatten(1, 2);
            }
            """).Reported("PG0006", "count");
        Assert.Equal("PruneGen cannot follow tensors through 'count', which is private to Heads (make it internal), so nothing of 'Net' is pruned", report.GetMessage(CultureInfo.InvariantCulture));
        var model = Assert.Single(report.AdditionalLocations);
        Assert.Equal("Net", model.SourceTree!.GetText().ToString(model.SourceSpan));
    }

    [Theory]
    [InlineData("try { x = conv1.call(x); } catch (System.Exception) { }", "try", "a try with a catch")]
    public void PG0005_statements_that_are_not_understood_yet(string statement, string at, string words)
    {
        var report = Compiled.Refused(Models.WithForward($"{statement}\n{Head}")).Reported("PG0005", at);
        Assert.Equal($"PruneGen does not understand {words} in forward, so nothing of 'Net' is pruned; write it without, or in a method that [Axes] describes", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("x = Run(x);", "Run(x)", "a call of Run")]
    [InlineData("x = Again(x);", "Again(t)", "the recursive call of Again")]
    [InlineData("x = this.forward(x);", "this.forward(x)", "the recursive call of forward")]
    public void PG0006_expressions_that_tensors_cannot_be_followed_through(string statement, string at, string words)
    {
        const string Members = """
                private Tensor Again(Tensor t) => Again(t);
                private static extern Tensor Run(Tensor t);
            """;
        var report = Compiled.Refused(Models.WithForward($"{statement}\n{Head}", Members)).Reported("PG0006", at);
        Assert.Equal($"PruneGen cannot follow tensors through {words}, so nothing of 'Net' is pruned; a method with [Axes] around it can say what it does", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("x = Linear(8, 8).call(x);", "Linear(8, 8)", "Linear")]
    [InlineData("using var layer = Sequential(Linear(8, 8)); x = layer.forward(x);", "Sequential(Linear(8, 8))", "Sequential")]
    [InlineData("x = Fresh.call(x);", "Linear(8, 8)", "Linear")]
    [InlineData("x = new Part().call(x);", "new Part()", "Part")]
    [InlineData("var gain = new Parameter(zeros(8)); x = x * gain;", "new Parameter(zeros(8))", "Parameter")]
    public void PG0006_a_layer_that_forward_creates(string statements, string at, string type)
    {
        const string Part = "private Linear Fresh => Linear(8, 8); [Prunable] private sealed partial class Part : Module<Tensor, Tensor> { private readonly Linear fc = Linear(8, 8); public Part() : base(\"part\") => RegisterComponents(); public override Tensor forward(Tensor x) => fc.call(x); }";
        var compiled = Compiled.From($"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ private readonly Linear fc = Linear(8, 8); {Part} public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) {{ {statements} return fc.call(x); }} }}");
        Assert.Equal($"PruneGen cannot follow tensors through a {type} that forward creates anew each time and nothing trains (create it once, in a field), so nothing of 'Net' is pruned", compiled.Reported("PG0006", at).GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0006_a_layer_that_a_base_class_hides() => Compiled.Refused("""
        internal abstract class Base : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            protected Base() : base("base") { }
            public override Tensor forward(Tensor x) => fc.call(x);
        }

        [Prunable] internal partial class Net : Base { }
        """).Reported("PG0006", "fc");

    [Theory]
    [InlineData("x = torch.special.i0(x);", "torch.special.i0(x)")]
    [InlineData("x = x.gcd(x);", "x.gcd(x)")]
    [InlineData("var (values, indices) = x.frexp();", "x.frexp()")]
    public void PG0007_operations_that_are_not_in_the_table(string statement, string at)
    {
        var compiled = Compiled.From(Models.WithForward($"{statement}\n{Head}"));
        var report = Assert.Single(compiled.Reports);
        Assert.Contains(report.Id, new[] { "PG0006", "PG0007" });
        Assert.Equal(at, report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan));
        Assert.Equal(report.Id == "PG0007", report.GetMessage(CultureInfo.InvariantCulture).EndsWith("; a method with [Axes] around it can say", StringComparison.Ordinal));
        Assert.Empty(compiled.Files);
    }

    [Fact]
    public void PG0008_a_layer_of_TorchSharps_that_is_not_in_the_table()
    {
        var report = Compiled.Refused(Models.WithMembers($"    private readonly TripletMarginWithDistanceLoss odd = TripletMarginWithDistanceLoss();\n    private readonly Linear fc = Linear(16, 10);\n{Constructor}", "fc.call(odd.call(x, x, x))")).Reported("PG0008", "odd.call(x, x, x)");
        Assert.Equal("What 'odd' of type TripletMarginWithDistanceLoss does to the dimensions of a tensor is not known; describe it with [Axes]", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0008_a_layer_of_the_users_whose_class_is_not_annotated()
    {
        var report = Compiled.Refused("internal class Own : Module<Tensor, Tensor> { public Own() : base(\"own\") { } public override Tensor forward(Tensor x) => x; }\n"
            + Models.WithMembers($"    private readonly Own own = new();\n    private readonly Linear fc = Linear(16, 10);\n{Constructor}", "fc.call(own.call(x))")).Reported("PG0008", "own.call(x)");
        Assert.EndsWith("is not known; annotate its class with [Prunable], or describe it with [Axes]", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void PG0008_a_model_without_source_names_the_way_that_its_weights_can_go()
    {
        var library = Loaded.Library("namespace Vision\n{\n/// <summary>A model.</summary>\npublic class Backbone : Module<Tensor, Tensor> {\n/// <summary>Makes it.</summary>\npublic Backbone() : base(\"b\") { }\n/// <inheritdoc/>\npublic override Tensor forward(Tensor x) => x; }\n}");
        var compiled = Compiled.From(
            [Compiled.Parse(Compiled.Usings + Models.WithMembers($"    private readonly Vision.Backbone body = new();\n    private readonly Linear fc = Linear(16, 10);\n{Constructor}", "fc.call(body.call(x))"))],
            without: "",
            MetadataReference.CreateFromImage(library));
        var report = Assert.Single(compiled.Reports, report => report.Id == "PG0008");
        Assert.EndsWith("use the same model in source with [Prunable], which takes its weights by their names, or describe it with [Axes]", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = flatten(x, (int)x.max().item<float>());", "(int)x.max().item<float>()", "start_dim")]
    [InlineData("var n = x.max().item<long>();\nx = x.unsqueeze(n);", "n", "dim")]
    public void PG0010_an_argument_that_the_source_does_not_tell(string statement, string at, string name)
    {
        var report = Compiled.Refused(Models.WithForward($"x = conv2.call(conv1.call(x));\n{statement}\n{Head}")).Reported("PG0010", at);
        Assert.StartsWith($"The argument '{name}' of ", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = conv1.call(conv2.call(x));", "conv1.call(conv2.call(x))", "conv1.weight has 3 indices in dimension 1, but what reaches it has 16 (conv2)")]
    [InlineData("x = conv1.call(x);\nx = x.permute(0, 1);", null, null)]
    [InlineData("x = conv1.call(x).flatten(7);", "conv1.call(x).flatten(7)", "dimension 7 is asked of a tensor with the dimensions [N, conv1, H, W]")]
    public void PG0011_dimensions_that_do_not_fit(string statement, string? at, string? message)
    {
        var compiled = Compiled.From(Models.WithForward($"{statement}\n{Head}"));
        if (at is not null)
        {
            Assert.Equal(message, compiled.Reported("PG0011", at).GetMessage(CultureInfo.InvariantCulture));
        }

        Assert.Equal(at is null, compiled.Files.Length > 0);
    }

    [Fact]
    public void PG0017_TorchSharp_is_not_there()
    {
        var report = WithoutTorch("using PruneGen;\n[Prunable] internal partial class Net { }").Reported("PG0017", "Net");
        Assert.Equal("[Prunable] needs the package TorchSharp, which this project does not refer to", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0017_TorchSharp_is_too_old()
    {
        var report = WithoutTorch("""
            using PruneGen;
            [Prunable] internal partial class Net { }
            namespace TorchSharp
            {
                internal static class torch { public class Tensor { } public static class nn { public class Module { } } }
                namespace Modules { internal class Linear : torch.nn.Module { } }
            }
            """).Reported("PG0017", "Net");
        Assert.Equal("[Prunable] needs TorchSharp 0.107.0 or later, but this project refers to 0.0.0.0", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0017_says_of_the_lowest_TorchSharp_what_the_package_and_the_page_say()
    {
        var packages = File.ReadAllText(Repository.PathOf("Directory.Packages.props"));
        Assert.Contains($"<TorchSharpVersion>{BuildFacts.TorchSharp}</TorchSharpVersion>", packages, StringComparison.Ordinal);
        Assert.Contains("<PackageVersion Include=\"TorchSharp\" Version=\"$(TorchSharpVersion)\" />", packages, StringComparison.Ordinal);
        Assert.Contains($"version {BuildFacts.TorchSharp}:", File.ReadAllText(Repository.PathOf("docs/diagnostics/PG0017.md")), StringComparison.Ordinal);
        Assert.Contains($"needs TorchSharp {BuildFacts.TorchSharp} or later", File.ReadAllText(Repository.PathOf("README.md")), StringComparison.Ordinal);
        Assert.Contains($"needs TorchSharp {BuildFacts.TorchSharp} or later", File.ReadAllText(Repository.PathOf("Package/README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("private int Groups => 1;", "Groups")]
    [InlineData("private readonly Linear Mask = Linear(1, 1);", "Mask")]
    [InlineData("private class PruningGroups { }", "PruningGroups")]
    [InlineData("private void SavePruned(string to) { }", "SavePruned")]
    public void PG0018_a_member_with_the_name_of_a_generated_one(string member, string name) => Compiled.Refused(Models.WithMembers($"    {member}\n{Layers}")).Reported("PG0018", name);

    [Fact]
    public void PG0018_methods_of_other_parameters_may_share_a_name() => Compiled.From(Models.WithMembers($"    private static int Score(int x) => x; private static void Count(string of) {{ }}\n{Layers}")).Clean();

    [Theory]
    [InlineData("KeepWidth")]
    [InlineData("Prunable(Ratio = 0.2)")]
    public void PG0019_an_annotated_layer_in_a_class_that_is_not(string attribute)
    {
        var report = Compiled.From(Models.WithMembers(Layers.Replace("    private readonly Conv2d", $"    [{attribute}] private readonly Conv2d", StringComparison.Ordinal), annotation: "")).Reported("PG0019", attribute);
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Theory]
    [InlineData("[KeepWidth] public readonly Linear fc = Linear(8, 8);", "KeepWidth", true)]
    [InlineData("[Axes(\"N C -> N C\")] public readonly Module<Tensor, Tensor> fc = ReLU();", "Axes(\"N C -> N C\")", true)]
    [InlineData("[KeepWidth] public readonly Linear fc = Linear(8, 8);", "KeepWidth", false)]
    public void PG0019_is_said_where_no_class_below_is_annotated(string member, string at, bool isSaid)
    {
        var compiled = Compiled.From($"internal class Base : Module<Tensor, Tensor> {{ {member} public Base() : base(\"base\") => RegisterComponents(); public override Tensor forward(Tensor x) => fc.call(x); }}"
            + (isSaid ? "" : " [Prunable] internal partial class Net : Base { private readonly Linear last = Linear(8, 3); public Net() => RegisterComponents(); public override Tensor forward(Tensor x) => last.call(relu(fc.call(x))); }"));
        if (isSaid)
        {
            compiled.Reported("PG0019", at);
        }
        else
        {
            Assert.DoesNotContain(compiled.Reports, report => report.Id == "PG0019");
        }
    }

    [Fact]
    public void PG0020_an_annotated_layer_without_outputs_of_its_own()
    {
        var report = Compiled.From(Models.WithMembers($"    [Prunable(Ratio = 0.1)] private readonly BatchNorm2d bn = BatchNorm2d(16);\n{Layers}", "fc.call(flatten(bn.call(conv.call(x)), 1))")).Reported("PG0020", "Prunable(Ratio = 0.1)");
        Assert.Equal("[Prunable] on 'bn' has no effect, because BatchNorm2d passes on the channels that it gets; annotate the layer that makes them", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0021_a_language_that_is_too_old()
    {
        var compiled = Compiled.From(Compiled.Parse("using PruneGen; [Prunable] class Net { }", version: LanguageVersion.CSharp8));
        Assert.Contains(compiled.Reports, report => report.Id is "PG0002");
        var model = Compiled.Parse(Compiled.Usings + Models.WithMembers(Layers), version: LanguageVersion.CSharp8);
        Assert.Equal("PruneGen's generated code needs C# 9 or later, but 'Net' is compiled as C# 8.0; set LangVersion", Compiled.From(model).Reported("PG0021", "Net").GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0022_a_call_that_does_not_do_what_it_says() =>
        Assert.Contains("write bmm and + instead", Compiled.Refused(Models.WithForward($"x = conv1.call(x).flatten(2);\nx = x.baddbmm(x, x);\n{Head}")).Reported("PG0022", "x.baddbmm(x, x)").GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    [Fact]
    public void PG0022_dimensions_that_cannot_be_followed()
    {
        var report = Compiled.Refused(Models.WithForward($"x = conv1.call(x);\nx = torch.matmul(x, null!);\n{Head}")).Reported("PG0022", "torch.matmul(x, null!)");
        Assert.Equal("matmul is followed with 2 tensors or more, but is called with 1, so nothing of 'Net' is pruned; a method with [Axes] around it can say what it does", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0023_a_subclass_that_replaces_what_was_analysed()
    {
        var report = Compiled.From(Models.WithMembers(Layers) + """

            /// <summary>Below it.</summary>
            public class Below : Net
            {
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => x;
            }
            """).Reported("PG0023", "forward");
        Assert.Equal("'Below' replaces the forward of the prunable model 'Net', whose pruning code it inherits; annotate it with [Prunable] too", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("internal abstract class Middle : Net { public override Tensor forward(Tensor x) => x; }", null)]
    [InlineData("internal abstract class Middle : Net { public override Tensor forward(Tensor x) => x; } internal class Leaf : Middle { }", "Leaf")]
    [InlineData("internal abstract class Middle : Net { public override Tensor forward(Tensor x) => x; } [Prunable] internal partial class Leaf : Middle { }", null)]
    [InlineData("internal abstract class Middle : Net { public override Tensor forward(Tensor x) => x; } [Prunable] internal partial class Leaf : Middle { public override Tensor forward(Tensor x) => fc.call(x); }", null)]
    [InlineData("internal class Leaf : Net { protected override Tensor Last(Tensor x) => x; }", "Last")]
    [InlineData("internal abstract class Middle : Net { protected override Tensor Last(Tensor x) => x; } internal class Leaf : Middle { protected override Tensor Last(Tensor x) => x; }", "Last")]
    [InlineData("internal class Leaf : Net { protected override string Title() => \"leaf\"; }", null)]
    public void PG0023_is_said_of_classes_that_can_be_created(string below, string? at)
    {
        var reports = Compiled.From("""
            [Prunable]
            internal partial class Net : Module<Tensor, Tensor>
            {
                protected readonly Linear fc = Linear(8, 8);
                private readonly Linear fc2 = Linear(8, 8);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => Last(fc2.call(fc.call(x)));
                protected virtual Tensor Last(Tensor x) => x;
                protected virtual string Title() => "net";
            }

            """ + below).Reports.Where(report => report.Id == "PG0023").Select(report => report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan)).Distinct();
        Assert.Equal(at is null ? [] : [at], reports);
    }

    [Fact]
    public void PG0024_a_class_that_only_its_file_sees() => Compiled.Refused(Models.WithMembers(Layers).Replace("public partial", "file partial", StringComparison.Ordinal)).Reported("PG0024", "Net");

    [Theory]
    [InlineData("Module<Tensor, int, Tensor>", "Tensor forward(Tensor x, int times)", "times", "The input 'times' of type int has no default")]
    [InlineData("Module<Tensor, System.Collections.Generic.Dictionary<string, Tensor>>", "System.Collections.Generic.Dictionary<string, Tensor> forward(Tensor x)", "forward", "Net.forward gives a Dictionary<string, Tensor>")]
    public void PG0025_a_model_that_batches_cannot_be_sent_through(string @base, string signature, string at, string message)
    {
        var result = signature.StartsWith("Tensor", StringComparison.Ordinal) ? "fc.call(x)" : "new() { [\"y\"] = fc.call(x) }";
        var compiled = Compiled.From($"[Prunable] internal partial class Net : {@base} {{ private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents(); public override {signature} => {result}; }}");
        var report = compiled.Reported("PG0025", at);
        Assert.StartsWith(message, report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal(DiagnosticSeverity.Info, report.DefaultSeverity);
        Assert.Single(compiled.Clean().Files);
    }

    [Theory]
    [InlineData("return fc2.call(relu(fc1.call(x)));", "fc2", "it reaches the model's result")]
    [InlineData("return fc3.call(relu(fc2.call(fc1.call(x)) + fc4.call(x)));", "fc2", "[KeepWidth] holds fc4")]
    [InlineData("if (training) { return fc3.call(fc4.call(x)); } x = fc1.call(x); return fc2.call(x);", "fc2", "it reaches the model's result")]
    public void PG0026_outputs_that_keep_their_width(string body, string layer, string because)
    {
        var report = Compiled.From(Asked(body)).Reported("PG0026", "Prunable(Ratio = 0.3)");
        Assert.Equal($"[Prunable] on '{layer}' has no effect, because its outputs keep their width: {because}; take it off, or annotate an earlier layer", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Theory]
    [InlineData("x = fc2.call(fc1.call(x)); if (training) { return x; } return fc3.call(fc4.call(x));")]
    [InlineData("x = fc1.call(x); for (var i = 0; i < 2; i++) { x = fc3.call(fc2.call(x)); } return fc4.call(x);")]
    [InlineData("return fc3.call(fc2.call(fc1.call(fc4.call(x))));")]
    public void PG0026_is_not_said_where_a_way_through_forward_lets_them_shrink(string body) => Compiled.From(Asked(body)).Clean();

    [Fact]
    public void PG0026_is_not_said_of_single_weights_of_a_ratio_of_nothing_and_of_the_class()
    {
        const string Result = "return fc2.call(fc4.call(x));";
        Compiled.From(Asked(Result, "Prunable(Unstructured, Ratio = 0.3)")).Clean();
        Compiled.From(Asked(Result, "Prunable(Ratio = 0)")).Clean();
    }

    [Theory]
    [InlineData("private readonly Net inner = new();", "inner", false)]
    [InlineData("private readonly ModuleList<Net> inner = ModuleList(new Net());", "inner[0]", false)]
    [InlineData("private readonly Linear inner = Linear(8, 8);", "inner", true)]
    public void PG0026_is_not_said_of_results_that_another_model_goes_on_with(string part, string inner, bool isSaid)
    {
        var compiled = Compiled.From(Asked("return fc2.call(fc4.call(x));") + $$"""

            /// <summary>Around it.</summary>
            [Prunable] public partial class Outer : Module<Tensor, Tensor>
            {
                {{part}}
                private readonly Linear last = Linear(8, 2);
                /// <summary>Creates it.</summary>
                public Outer() : base("outer") => RegisterComponents();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => last.call({{inner}}.call(x));
            }

            /// <summary>No model.</summary>
            public static class User { /// <summary>One.</summary>
                public static Net Make() => new(); }
            """);
        Assert.Equal(isSaid ? ["PG0026"] : [], compiled.Reports.Select(report => report.Id));
    }

    private static string Asked(string body, string annotation = "Prunable(Ratio = 0.3)") => $$"""
        /// <summary>Under test.</summary>
        [Prunable]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(8, 8);
            [{{annotation}}] private readonly Linear fc2 = Linear(8, 8);
            private readonly Linear fc3 = Linear(8, 8);
            [KeepWidth] private readonly Linear fc4 = Linear(8, 8);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{(body.Contains("fc4", StringComparison.Ordinal) ? body : "x = fc3.call(fc4.call(x)); " + body)}}
            }
        }
        """;

    [Theory]
    [InlineData("[Prunable(Ratio = 0.05)]", "Conv2d(3, 16, 1)", "", "conv (width 16; a ratio of 0.07 or more removes some)")]
    [InlineData("[Prunable(Ratio = 0.2)]", "Conv2d(3, 16, 1)", "GroupNorm(4, 16)", "conv (4 units of 4; a ratio of 0.25 or more removes some)")]
    [InlineData("[Prunable(Ratio = 0.5, RoundTo = 16)]", "Conv2d(3, 16, 1)", "", "conv (width 16; RoundTo 16 leaves no ratio that does)")]
    [InlineData("[Prunable(Ratio = 0.5, MinWidth = 16)]", "Conv2d(3, 16, 1)", "", "conv (width 16; MinWidth 16 leaves no ratio that does)")]
    [InlineData("[Prunable(Ratio = 0.2, RoundTo = 8)]", "Conv2d(3, 16, 1)", "", "conv (width 16; a ratio of 0.5 or more removes some)")]
    public void PG0029_a_ratio_of_a_layer_that_removes_nothing(string annotation, string conv, string norm, string stays)
    {
        var report = Compiled.From(Shrinking("[Prunable]", annotation, conv, norm)).Reported("PG0029", annotation[1..^1]);
        Assert.Equal($"The ratio {annotation[18..].Split(',', ')')[0]} of 'conv' removes nothing of {stays}", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Fact]
    public void PG0029_a_ratio_of_the_class_that_removes_nothing_of_a_layer()
    {
        var report = Compiled.From(Shrinking("[Prunable(Ratio = 0.3)]", "", "Conv2d(3, 16, 1)", "GroupNorm(8, 16)")).Reported("PG0029", "Prunable(Ratio = 0.3)");
        Assert.Equal("The ratio 0.3 of 'Net' removes nothing of conv (2 units of 8; a ratio of 0.5 or more removes some)", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0026_of_one_output_nothing_can_be_removed() =>
        Assert.Contains("there is only one of it", Compiled.From(Shrinking("[Prunable]", "[Prunable(Ratio = 0.5)]", "Conv2d(3, 1, 1)", "")).Reported("PG0026", "Prunable(Ratio = 0.5)").GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    [Theory]
    [InlineData("[Prunable]", "", "Conv2d(3, 1, 1)")]
    [InlineData("[Prunable(Ratio = 0.3)]", "", "Conv2d(3, 1, 1)")]
    [InlineData("[Prunable(Ratio = 0.05)]", "[Prunable(Ratio = 0.5)]", "Conv2d(3, 16, 1)")]
    [InlineData("[Prunable]", "[Prunable(Ratio = 0.05, Scope = Scope.Global)]", "Conv2d(3, 16, 1)")]
    [InlineData("[Prunable]", "[Prunable(Unstructured, Ratio = 0.05)]", "Conv2d(3, 16, 1)")]
    [InlineData("[Prunable(Threshold = 0.5)]", "[Prunable(Ratio = 0.5, Threshold = 0.1, RoundTo = 16)]", "Conv2d(3, 16, 1)")]
    public void PG0029_is_not_said_of_ratios_that_are_met_not_stated_or_not_used(string onClass, string onLayer, string conv) => Compiled.From(Shrinking(onClass, onLayer, conv, "")).Clean();

    [Theory]
    [InlineData("BatchNormScale", "relu(conv.call(x))", "BatchNormScale cannot score 'conv': no BatchNorm with a scale passes on what it puts out; choose L1, L2 or Random for it, keep its width, or put a BatchNorm behind it")]
    [InlineData("Apoz", "gelu(conv.call(x))", "Apoz cannot score 'conv': it counts zeros, and gelu makes none; choose MeanActivation or Taylor for it, or put a ReLU behind it")]
    [InlineData("Apoz", "silu(norm.call(conv.call(x)))", "Apoz cannot score 'conv': it counts zeros, and silu makes none; choose MeanActivation or Taylor for it, or put a ReLU behind it")]
    public void PG0037_a_criterion_that_a_layer_has_nothing_for(string criterion, string forward, string message)
    {
        var report = Compiled.From(Normed(criterion, forward)).Reported("PG0037", "conv.call(x)");
        Assert.Equal(message, report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Theory]
    [InlineData("BatchNormScale", "relu(norm.call(conv.call(x)))")]
    [InlineData("Apoz", "relu(conv.call(x))")]
    [InlineData("Apoz", "relu(gelu(conv.call(x)))")]
    [InlineData("HRank", "gelu(conv.call(x))")]
    [InlineData("MeanActivation", "gelu(conv.call(x))")]
    public void PG0037_is_not_said_where_there_is_what_the_criterion_needs(string criterion, string forward) =>
        Assert.DoesNotContain(Compiled.From(Normed(criterion, forward)).Sound().Reports, report => report.Id == "PG0037");

    [Fact]
    public void PG0037_HRank_of_a_layer_without_maps()
    {
        var compiled = Compiled.From(Models.WithMembers("    private readonly Linear first = Linear(8, 8), last = Linear(8, 2);" + Constructor, "last.call(relu(first.call(x)))", "[Prunable(Criterion = Criterion.HRank)]"));
        Assert.Equal(
            "HRank cannot score 'first': it looks at the maps that Conv2d layers put out, and this is a Linear; choose MeanActivation, L1 or L2 for it, or keep its width",
            compiled.Reported("PG0037", "first.call(x)").GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("NOfM", "Linear(10, 16)", "x", "NOfM does not fit 'first': it reads 10 channels, which 4 does not divide; give it Ratio = 0 to leave it dense, or an M that divides 10")]
    [InlineData("Pattern", "Linear(12, 16)", "x", "Pattern does not fit 'first': it has no 3×3 kernels, so nothing of it goes; give it another granularity, or Ratio = 0")]
    [InlineData("Block, Sizes = new[] { 4, 8 }", "Linear(12, 16)", "x", "Block does not fit 'first': its matrix of 16 rows and 12 columns has smaller blocks at its edges, which kernels for blocks do not take; give it Sizes that divide both, or Ratio = 0")]
    public void PG0038_sizes_that_do_not_divide_what_is_literal(string granularity, string layer, string input, string message)
    {
        var report = Compiled.From(Models.WithMembers(
            $"    [Prunable({granularity})] private readonly Linear first = {layer};\n    private readonly Linear last = Linear(16, 2);" + Constructor, $"last.call(relu(first.call({input})))"))
            .Reported("PG0038", $"Prunable({granularity})");
        Assert.Equal(message, report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("NOfM", "Linear(12, 16)")]
    [InlineData("NOfM, Ratio = 0", "Linear(10, 16)")]
    [InlineData("NOfM, Sizes = new[] { 2, 5 }", "Linear(10, 16)")]
    [InlineData("Block", "Linear(10, 16)")]
    [InlineData("Block, Sizes = new[] { 8, 5 }", "Linear(10, 16)")]
    public void PG0038_is_not_said_where_they_divide(string granularity, string layer) => Compiled.From(Models.WithMembers(
        $"    [Prunable({granularity})] private readonly Linear first = {layer};\n    private readonly Linear last = Linear(16, 2);" + Constructor, "last.call(relu(first.call(x)))")).Clean();

    [Theory]
    [InlineData("x.sum().item<float>() > 0 ? x : -x", "x.sum().item<float>() > 0 ? x : -x", "which way forward goes depends on the values of tensors (x.sum().item<float>() > 0); choose with where, or decide outside of forward")]
    [InlineData("x + randn_like(x)", "randn_like(x)", "randn_like is random, and a file has evaluation mode alone; give OnnxOptions.Operations a writer of that name, or call it outside of forward")]
    [InlineData("fft.rfft(x).abs()", "fft.rfft(x)", "rfft goes by complex numbers, which ONNX has none of; give OnnxOptions.Operations a writer of that name, or call it outside of forward")]
    [InlineData("jit.compile(\"\").invoke<Tensor>(\"twice\", x)", "jit.compile(\"\").invoke<Tensor>(\"twice\", x)", "twice is a function of TorchScript, which ONNX has none of; write it in C#")]
    public void PG0040_what_ONNX_lacks_where_export_is_asked_for(string forward, string at, string because)
    {
        var source = Alone("Exportable", forward);
        Assert.Equal($"ExportOnnx of 'Net' will stop here, because {because}", Compiled.From(source).Reported("PG0040", at).GetMessage(CultureInfo.InvariantCulture));
        Assert.DoesNotContain(Compiled.From(Alone("Prunable", forward)).Reports, report => report.Id == "PG0040");
    }

    [Fact]
    public void A_model_for_export_alone_may_state_its_widths()
    {
        var compiled = Compiled.From(Alone("Exportable", "last.call(first.call(x).view(-1, 16))"));
        compiled.Clean();
        Assert.Contains("ExportOnnx(string path", compiled.Text, StringComparison.Ordinal);
    }

    private static string Alone(string attribute, string forward) => $$"""
        [{{attribute}}]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 16), last = Linear(16, 2);
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x) => {{forward}};
        }
        """;

    private static string Normed(string criterion, string forward) => Models.WithMembers(
        $"    [Prunable(Criterion = Criterion.{criterion})] private readonly Conv2d conv = Conv2d(3, 16, 1);\n    private readonly BatchNorm2d norm = BatchNorm2d(16);\n    private readonly Conv2d last = Conv2d(16, 2, 1);" + Constructor,
        $"last.call({forward})");

    private static string Shrinking(string onClass, string onLayer, string conv, string norm) => $$"""
        {{onClass}}
        internal partial class Net : Module<Tensor, Tensor>
        {
            {{onLayer}} private readonly Conv2d conv = {{conv}};
            {{(norm.Length > 0 ? $"private readonly GroupNorm norm = {norm};" : "")}}
            private readonly Conv2d last = Conv2d({{conv.Split(',')[1]}}, 2, 1);
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x) => last.call({{(norm.Length > 0 ? "norm.call(conv.call(x))" : "conv.call(x)")}});
        }
        """;

    [Fact]
    public void A_report_can_be_suppressed_where_it_stands()
    {
        var compiled = Compiled.From("#pragma warning disable PG0015\n" + Models.WithMembers($"    [KeepWidth] private readonly Linear spare = Linear(2, 2);\n{Layers}"));
        Assert.Empty(compiled.Reports);
    }

    [Fact]
    public void Several_mistakes_are_reported_at_once()
    {
        var compiled = Compiled.Refused(Models.WithMembers($"    [KeepWidth] private readonly int width = 3;\n{Layers}", "fc.call(x.i0())", "[Prunable(Ratio = 7)]"));
        Assert.Equal(["PG0012", "PG0014", "PG0007"], compiled.Reports.Select(report => report.Id));
    }

    [Theory]
    [InlineData("[Quantize(Activations = 8)] private readonly LSTM layer = LSTM(8, 16);", "layer.call(x).Item1", "Quantize", "activations are quantized where Linear and convolution layers take them in, and this is of type LSTM; give Activations = 0")]
    [InlineData("[ShareWeights] private readonly Embedding layer = Embedding(8, 16);", "layer.call(x)", "ShareWeights", "Embedding layers read no inputs with weights; take it off")]
    public void PG0039_a_layer_that_has_nothing_to_share_or_quantize(string member, string call, string attribute, string why)
    {
        string Source(string declared) => $"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ {declared} private readonly Linear last = Linear(16, 3); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => last.call({call}); }}";
        var report = Compiled.From(Source(member)).Reported("PG0039", member[1..member.IndexOf(']', StringComparison.Ordinal)]);
        Assert.Equal($"[{attribute}] on 'layer' has no effect: {why}", report.GetMessage(CultureInfo.InvariantCulture));
        Compiled.From(Source(member.Replace("Activations = 8", "Activations = 0", StringComparison.Ordinal).Replace("[ShareWeights] ", "", StringComparison.Ordinal))).Clean();
    }

    [Fact]
    public void PG0016_a_layer_whose_activations_are_to_be_quantized_and_that_is_called_by_forward()
    {
        const string Source = "[Prunable, Quantize] internal partial class Net : Module<Tensor, Tensor> { private readonly Linear a = Linear(4, 8), b = Linear(8, 3); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => b.call(relu(a.forward(x))); }";
        Compiled.From(Source).Reported("PG0016", "a.forward(x)");
        Compiled.From(Source.Replace("Quantize]", "Quantize(Activations = 0)]", StringComparison.Ordinal)).Clean();
    }

    private static Compiled WithoutTorch(string source) => Compiled.From([Compiled.Parse(source)], without: "TorchSharp");

    [Theory]
    [InlineData("[Prunable(Criterion = Criterion.Taylor)] private readonly LSTM layer = LSTM(8, 16);", "layer.call(x).Item1", "Taylor", "LSTM layers")]
    [InlineData("[Prunable(Criterion = Criterion.Apoz)] private readonly LSTM layer = LSTM(8, 16);", "layer.call(x).Item1", "Apoz", "LSTM layers")]
    [InlineData("[Axes(\"N L C -> N L O\", Parameters = \"weight: O C, bias: O\"), Prunable(Criterion = Criterion.MeanActivation)] private readonly Own layer = new();", "layer.call(x)", "MeanActivation", "what [Axes] describes")]
    public void PG0035_a_layer_whose_channels_a_criterion_cannot_tell(string member, string call, string criterion, string what)
    {
        const string Own = "internal class Own : Module<Tensor, Tensor> { private readonly Parameter weight = torch.nn.Parameter(torch.rand(16, 8)), bias = torch.nn.Parameter(torch.rand(16)); public Own() : base(\"own\") => RegisterComponents(); public override Tensor forward(Tensor x) => torch.matmul(x, weight.t()) + bias; } ";
        string Source(string declared) => Own + $"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ {declared} private readonly Linear last = Linear(16, 3); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => last.call({call}); }}";
        var report = Compiled.From(Source(member)).Reported("PG0035", call.Replace(".Item1", "", StringComparison.Ordinal));
        Assert.Equal($"{criterion} looks at what each channel puts out, and which numbers of 'layer' belong to which channel is only known of Linear, convolution and Embedding layers, not of {what}; choose L1, L2 or Random for it", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Empty(Compiled.From(Source(member.Replace($"Criterion.{criterion}", "Criterion.L2", StringComparison.Ordinal))).Reports);

        // The run-time half says the same.
        var net = Loaded.From("#pragma warning disable PG0035\n" + Source(member));
        var data = TrainingData.FromTensors(TorchSharp.torch.randn(4, 5, 8), TorchSharp.torch.randn(4, 5, 3));
        var error = Assert.Throws<System.Reflection.TargetInvocationException>(() => net.Call("Score", null, data, new long[] { 4, 5, 8 })).InnerException!;
        Assert.StartsWith($"{criterion} cannot score layer: ", error.Message, StringComparison.Ordinal);
    }
}
