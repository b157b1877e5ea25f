using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Tests;

/// <summary>Whatever a class is called and wherever it stands, the generated part fits it, without a warning at the highest level.</summary>
public class ConformanceTests
{
    private const string Dense = """
            private readonly Linear first = Linear(8, 8);
            private readonly Linear last = Linear(8, 2);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
        """;

    private const string Body = """
        {
            private readonly Linear fc1 = torch.nn.Linear(8, 4), fc2 = torch.nn.Linear(4, 2);

            /// <summary>Creates it.</summary>
            public NAME() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override torch.Tensor forward(torch.Tensor x) => fc2.call(fc1.call(x));
        }
        """;

    private const string Usings = "using PruneGen;\nusing TorchSharp;\nusing TorchSharp.Modules;\n";

    [Theory]
    [InlineData("public partial class Net")]
    [InlineData("public sealed partial class Net")]
    [InlineData("internal partial class Net")]
    [InlineData("public unsafe partial class Net")]
    public void Classes(string declaration) => Generate(Class(declaration)).Clean();

    [Fact]
    public void An_abstract_class_cannot_be_loaded()
    {
        var text = Generate(Class("public abstract partial class Net", constructor: "protected")).Clean().Text;
        Assert.DoesNotContain("LoadPruned", text, StringComparison.Ordinal);
        Assert.Contains("SavePruned", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("class", "A.Outer.Net.g.cs")]
    [InlineData("static class", "A.Outer.Net.g.cs")]
    [InlineData("struct", "A.Outer.Net.g.cs")]
    [InlineData("record", "A.Outer.Net.g.cs")]
    [InlineData("record struct", "A.Outer.Net.g.cs")]
    [InlineData("interface", "A.Outer.Net.g.cs")]
    public void Nested_in_a_type_of_any_kind(string kind, string hint)
    {
        var compiled = Generate($"namespace A\n{{\n/// <summary>Around it.</summary>\npublic {(kind.StartsWith("static", StringComparison.Ordinal) ? "static partial class" : "partial " + kind)} Outer\n{{\n{Class("public partial class Net")}\n}}\n}}").Clean();
        Assert.Equal(hint, compiled.Files.Single().HintName);
    }

    [Theory]
    [InlineData("private")]
    [InlineData("protected")]
    [InlineData("private protected")]
    public void Nested_and_hidden(string accessibility) =>
        Generate($"/// <summary>Around it.</summary>\npublic partial class Outer\n{{\n{Class($"{accessibility} partial class Net")}\n}}").Clean();

    [Fact]
    public void Nested_in_generic_types_with_constraints()
    {
        var compiled = Generate($$"""
            /// <summary>Around it.</summary>
            public partial class Outer<T, U>
                where T : class, new()
                where U : struct
            {
                /// <summary>Around it too.</summary>
                public partial interface IMiddle<V>
                {
                    {{Class("public partial class Net<W> ", "torch.nn.Module<torch.Tensor, torch.Tensor>", " where W : unmanaged")}}
                }
            }
            """).Clean();
        Assert.Equal("Outer{T,U}.IMiddle{V}.Net{W}.g.cs", compiled.Files.Single().HintName);
    }

    [Theory]
    [InlineData("namespace A;", "A.Net.g.cs")]
    [InlineData("namespace A.B.C;", "A.B.C.Net.g.cs")]
    [InlineData("namespace Ünïcode.数;", "Ünïcode.数.Net.g.cs")]
    [InlineData("namespace @namespace.@class;", "namespace.class.Net.g.cs")]
    [InlineData("namespace A.PruneGen;", "A.PruneGen.Net.g.cs")]
    [InlineData("namespace A.TorchSharp.System;", "A.TorchSharp.System.Net.g.cs")]
    public void Namespaces(string declaration, string hint)
    {
        var compiled = Compiled.From(Compiled.Parse("#nullable enable\nusing PruneGen;\nusing TorchSharp;\nusing TorchSharp.Modules;\n" + declaration + "\n" + Class("public partial class Net").Replace("torch.", "global::TorchSharp.torch.", StringComparison.Ordinal))).Clean();
        Assert.Equal(hint, compiled.Files.Single().HintName);
    }

    [Theory]
    [InlineData("net")]
    [InlineData("@class")]
    [InlineData("@record")]
    [InlineData("@event")]
    [InlineData("Größe")]
    [InlineData("模型")]
    public void Names_of_classes(string name) => Generate(Class($"public partial class {name}", name: name)).Clean();

    [Theory]
    [InlineData("@event")]
    [InlineData("@this")]
    [InlineData("schicht_ä")]
    [InlineData("System")]
    [InlineData("TorchSharp")]
    [InlineData("PruneGen")]
    [InlineData("Plan")]
    [InlineData("Equals1")]
    [InlineData("link")]
    [InlineData("inputs")]
    [InlineData("path")]
    public void Names_of_layers(string name) =>
        Generate(Class("public partial class Net").Replace("fc1", name, StringComparison.Ordinal)).Clean();

    [Theory]
    [InlineData("link")]
    [InlineData("inputs")]
    [InlineData("@class")]
    [InlineData("PruneGen")]
    [InlineData("result")]
    public void Names_of_inputs(string name) =>
        Generate(Class("public partial class Net").Replace("forward(torch.Tensor x) => fc2.call(fc1.call(x))", $"forward(torch.Tensor {name}) => fc2.call(fc1.call({name}))", StringComparison.Ordinal)).Clean();

    [Fact]
    public void Members_called_like_what_the_generated_code_needs() => Generate(Class("public partial class Net", more: """
            private static int System => 1;
            private static int PruneGen => 2;
            private static int TorchSharp => 3;
            private static int PruneOptions => 4;
            private static int Pruning => System + PruneGen + TorchSharp + PruneOptions;
            private sealed class Linker { }
            private sealed class AxisTensor { }
        """)).Clean();

    [Fact]
    public void Classes_of_one_name_in_two_namespaces()
    {
        var compiled = Generate($"namespace A {{ {Class("public partial class Net")} }}\nnamespace B {{ {Class("public partial class Net")} }}").Clean();
        Assert.Equal(["A.Net.g.cs", "B.Net.g.cs"], compiled.Files.Select(file => file.HintName).Order());
    }

    [Fact]
    public void Classes_whose_names_join_to_the_same_text()
    {
        var compiled = Generate($"namespace A {{ {Class("public partial class B_C", name: "B_C")} }}\nnamespace A.B {{ {Class("public partial class C", name: "C")} }}").Clean();
        Assert.Equal(["A.B.C.g.cs", "A.B_C.g.cs"], compiled.Files.Select(file => file.HintName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Classes_whose_names_differ_in_case_or_in_type_parameters_get_files_of_their_own()
    {
        var compiled = Generate(Class("public partial class Net") + "\n" + Class("public partial class NET", name: "NET") + "\n" + Class("public partial class Net<T>")).Clean();
        Assert.Equal(3, compiled.Files.Select(file => file.HintName).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains("Net{T}.g.cs", compiled.Files.Select(file => file.HintName));
    }

    [Fact]
    public void A_name_too_long_for_a_path_is_cut()
    {
        var name = new string('n', 300);
        var hint = Generate(Class($"public partial class {name}", name: name)).Clean().Files.Single().HintName;
        Assert.InRange(hint.Length, 100, 140);
    }

    [Fact]
    public void Parts_in_several_files()
    {
        var compiled = Compiled.From(
            Compiled.Parse(Usings + "/// <summary>Under test.</summary>\npublic partial class Net : torch.nn.Module<torch.Tensor, torch.Tensor> { private readonly Linear fc2; /** <summary>Creates it.</summary> */ public Net() : base(\"net\") { fc2 = torch.nn.Linear(4, 2); RegisterComponents(); } }", "1.cs"),
            Compiled.Parse(Usings + "[Prunable]\npublic partial class Net { private readonly Linear fc1 = torch.nn.Linear(8, 4); }", "2.cs"),
            Compiled.Parse(Usings + "public partial class Net { /// <inheritdoc/>\npublic override torch.Tensor forward(torch.Tensor x) => fc2.call(fc1.call(x)); }", "3.cs")).Clean();
        Assert.Equal(["fc1 made by fc1: weight[0], bias[0]", "read by fc2: weight[1]", "fc2 it reaches the model's result"], compiled.Table);
    }

    [Fact]
    public void The_attribute_on_two_parts_gives_one_file()
    {
        var part = "[Prunable]\npublic partial class Net { }";
        Assert.Single(Compiled.From(Compiled.Parse(Usings + Class("public partial class Net")), Compiled.Parse(Usings + part, "2.cs"), Compiled.Parse(Usings + part, "3.cs")).Files);
    }

    [Fact]
    public void A_prunable_model_below_a_prunable_model()
    {
        var compiled = Generate(Class("public partial class Net").Replace("private readonly", "private protected readonly", StringComparison.Ordinal) + "\n/// <summary>Below it.</summary>\n[Prunable]\npublic partial class Below : Net { }").Sound();
        Assert.Contains("#pragma warning disable CS0108", compiled.Files.Single(file => file.HintName == "Below.g.cs").SourceText.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("#nullable disable\n")]
    [InlineData("#nullable enable\n")]
    public void Nullability_of_the_users_file(string directive) => Compiled.From(Compiled.Parse(directive + Usings + Class("public partial class Net", constructor: "public", parameters: "string name = null, int[] sizes = default", more: "    private static void Use(string? _) { }".Replace("?", "", StringComparison.Ordinal)))).Sound();

    [Theory]
    [InlineData(LanguageVersion.CSharp9)]
    [InlineData(LanguageVersion.CSharp10)]
    [InlineData(LanguageVersion.CSharp12)]
    [InlineData(LanguageVersion.Latest)]
    [InlineData(LanguageVersion.Preview)]
    public void Language_versions(LanguageVersion version)
    {
        var compiled = Compiled.From(Compiled.Parse("#nullable enable\n" + Usings + $"namespace A\n{{\n{Class("public partial class Net")}\n}}", version: version)).Clean();
        Assert.Equal(version == LanguageVersion.CSharp9, compiled.Text.Contains("namespace A\n{", StringComparison.Ordinal));
    }

    [Fact]
    public void Line_ends_of_the_source_leave_no_trace()
    {
        var source = "#nullable enable\n" + Usings + Class("public partial class Net");
        var unix = Compiled.From(Compiled.Parse(source.Replace("\r\n", "\n", StringComparison.Ordinal))).Clean().Text;
        var windows = Compiled.From(Compiled.Parse(source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal))).Clean().Text;
        Assert.Equal(unix, windows);
        Assert.DoesNotContain('\r', unix);
    }

    [Theory]
    [InlineData("fi-FI")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void Cultures_leave_no_trace(string culture)
    {
        const string Annotation = "[Prunable(Structured, Ratio = 0.125, Threshold = 1e-7, MinWidth = 1000), Retrain(LearningRate = 1.5e-4, WeightDecay = 1e20)]";
        var source = Models.WithMembers("    private readonly Linear fi = Linear(8, 4), fI = Linear(4, 2);\n    /// <summary>Creates it.</summary>\n    public Net(double rate = 0.5) : base(\"net\") => RegisterComponents();", "fI.call(fi.call(x))", Annotation);
        var expected = Compiled.From(source).Clean().Text;
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            Assert.Equal(expected, Compiled.From(source).Clean().Text);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("[Prunable(NOfM, Sizes = new[] { 1, 4 })]", "Granularity = global::PruneGen.PruneGranularity.Of(global::PruneGen.Granularity.NOfM, 1, 4)")]
    [InlineData("[Prunable(AttentionHead)]", "Granularity = global::PruneGen.Granularity.AttentionHead")]
    [InlineData("[Prunable(SuperBlock)]", "Granularity = global::PruneGen.Granularity.SuperBlock")]
    [InlineData("[Prunable(Schedule = SparsitySchedule.Gradual)]", "Schedule = global::PruneGen.PruneSchedule.Of(global::PruneGen.SparsitySchedule.Gradual, 20)")]
    [InlineData(
        "[Prunable(Schedule = SparsitySchedule.Cubic, Rounds = 3)]", "Schedule = global::PruneGen.PruneSchedule.Of(global::PruneGen.SparsitySchedule.Cubic, 3)")]
    [InlineData(
        "[Prunable(Schedule = SparsitySchedule.ShallowToDeep, Rounds = 2, ErrorBudget = 0.01)]", "Schedule = global::PruneGen.PruneSchedule.ShallowToDeep(2, 0.01)")]
    [InlineData("[Prunable(Threshold = 0.5, WeightThreshold = 0.25)]", "WeightThreshold = 0.25")]
    [InlineData("[Prunable, Budget(Macs = 0.3, MaxParameters = 5000)]", "Budget = new() { Macs = 0.3, MaxParameters = 5000L }")]
    [InlineData("[Prunable, Budget(BitOperations = 0.02, MaxStoredBytes = 5000)]", "Budget = new() { BitOperations = 0.02, MaxStoredBytes = 5000L }")]
    [InlineData("[Prunable, Budget(MaxErrorIncrease = 0.005, Bytes = double.NaN)]", "Budget = new() { MaxErrorIncrease = 0.005 }")]
    [InlineData("[Prunable, Budget(MaxLatency = 2.5, LatencyBatchSize = 8, LatencyFile = \"a \\\"b\\\".json\")]", "Budget = new() { MaxLatency = 2.5, LatencyBatchSize = 8, LatencyFile = \"a \\\"b\\\".json\" }")]
    [InlineData(
        "[Prunable(Allocator = Allocator.Greedy), Budget(Macs = 0.3)]", "Allocator = global::PruneGen.RatioAllocator.Of(global::PruneGen.Allocator.Greedy)")]
    [InlineData(
        "[Prunable, Retrain(Distill = Distill.SoftTargets, Temperature = 2, DistillWeight = 0.5)]",
        "Distill = global::PruneGen.Distill.SoftTargets, Temperature = 2.0, DistillWeight = 0.5")]
    public void A_method_and_its_numbers_go_from_the_attribute_into_the_options(string annotation, string expected) => Assert.Contains(
        expected,
        Compiled.From(Models.WithMembers(Dense, "last.call(first.call(x))", annotation: annotation)).Clean().Text,
        StringComparison.Ordinal);

    [Fact]
    public void Every_criterion_can_be_named_by_an_attribute()
    {
        var names = Enum.GetNames<Criterion>();
        var layers = names.Select((name, i) => $"    [Prunable(Criterion = Criterion.{name})] private readonly Linear fc{i} = Linear(8, 8);");
        var forward = names.Select((_, i) => i).Aggregate("x", (x, i) => $"fc{i}.call({x})");
        const string Rest = """

                private readonly Linear last = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();
            """;
        
        // That some of them have nothing to go by here is PG0037.
        var text = Compiled.From(Models.WithMembers(string.Join("\n", layers) + Rest, $"last.call({forward})")).Sound().Text;
        Assert.All(
            names.Select((name, i) => $"[\"fc{i}\"] = new() {{ Criterion = global::PruneGen.Criterion.{name} }}"),
            line => Assert.Contains(line, text, StringComparison.Ordinal));
        Assert.All(Enum.GetValues<Criterion>(), criterion => Assert.Equal(criterion.ToString(), ImportanceCriterion.Of(criterion).Name));
    }

    [Fact]
    public void Every_setting_of_the_attributes_is_written_down()
    {
        var compiled = Compiled.From(Models.WithMembers("""
                [Prunable(Unstructured, Ratio = 0.9, Criterion = Criterion.L1, Scope = Scope.Global, Threshold = 0.25, ThresholdRule = ThresholdRule.Either, MinWidth = 2, RoundTo = 4)]
                private readonly Linear fc1 = Linear(8, 4);
                [Prunable] private readonly Linear fc2 = Linear(4, 4);
                [KeepWidth, Prunable(Structured)] private readonly Linear fc3 = Linear(4, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();
            """, "fc3.call(fc2.call(fc1.call(x)))", "[Prunable(Ratio = 1e-300, Criterion = Criterion.Taylor, Verify = false), Retrain(Epochs = 5, LearningRate = 0.1, Optimizer = RetrainOptimizer.SGD, Schedule = LearningRateSchedule.Step, Momentum = 0.95, WeightDecay = 0.0005, Seed = -7)]")).Sound();
        Assert.Equal(["PG0029", "PG0026"], compiled.Reports.Select(report => report.Id));
        Assert.Contains("""
                    Ratio = 1E-300,
                    Criterion = global::PruneGen.Criterion.Taylor,
                    Verify = false,
                    Layers =
                    {
                        ["fc1"] = new() { Granularity = global::PruneGen.Granularity.Unstructured, Ratio = 0.9, Criterion = global::PruneGen.Criterion.L1, Scope = global::PruneGen.Scope.Global, Threshold = 0.25, ThresholdRule = global::PruneGen.ThresholdRule.Either, MinWidth = 2, RoundTo = 4 },
                        ["fc3"] = new() { Granularity = global::PruneGen.Granularity.Structured, KeepWidth = true },
                    },
                    Retrain = new() { Epochs = 5, LearningRate = 0.1, Optimizer = global::PruneGen.RetrainOptimizer.SGD, Schedule = global::PruneGen.LearningRateSchedule.Step, Momentum = 0.95, WeightDecay = 0.0005, Seed = -7 },
            """.Replace("\r", "", StringComparison.Ordinal), compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_LoadPruned_for_each_constructor_with_its_own_parameters()
    {
        var text = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Net<T> : Module<Tensor, Tensor>
                where T : class
            {
                private readonly Linear fc1 = Linear(8, 4), fc2 = Linear(4, 2);

                /// <summary>One.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <summary>Two.</summary>
                internal Net(string path, string? name = null, T? item = null, string text = "a\"b\n", char c = '\'', double d = double.NaN, float f = 0.1f, decimal m = 1.5m, long? n = 7, Criterion k = Criterion.Taylor, Criterion? maybe = Criterion.L1, System.DayOfWeek? day = null, System.Guid id = default, int @class = -1, ulong big = ulong.MaxValue, bool on = true)
                    : this() { }

                /// <summary>Three.</summary>
                public Net(System.Collections.Generic.List<string?> names, (int A, int B) pair, params T[] rest) : this() { }

                /// <summary>Not these.</summary>
                public Net(ref int x) : this() { }

                /// <summary>Not these.</summary>
                public Net(System.ReadOnlySpan<int> x) : this() { }

                /// <summary>Not these.</summary>
                protected Net(byte x) : this() { }

                private Net(short x) : this() { }

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => fc2.call(fc1.call(x));
            }
            """).Clean().Text;
        Assert.Equal(
            [
                "public static Net<T> LoadPruned(string path) =>",
                "internal static Net<T> LoadPruned(string prunePath, string path, string? name = default, T? item = default, string text = \"a\\\"b\\n\", char c = '\\'', double d = double.NaN, float f = 0.1F, decimal m = 1.5M, long? n = 7L, global::PruneGen.Criterion k = global::PruneGen.Criterion.Taylor, global::PruneGen.Criterion? maybe = global::PruneGen.Criterion.L1, global::System.DayOfWeek? day = default, global::System.Guid id = default, int @class = -1, ulong big = 18446744073709551615UL, bool on = true) =>",
                "public static Net<T> LoadPruned(string path, global::System.Collections.Generic.List<string?> names, (int A, int B) pair, params T[] rest) =>",
            ],
            text.Split('\n').Where(line => line.Contains(" LoadPruned(", StringComparison.Ordinal)).Select(line => line.Trim()));
    }

    [Fact]
    public void A_constructor_that_leaves_required_members_unset_is_not_offered()
    {
        var text = Compiled.From(Models.WithMembers("    /// <summary>Must be set.</summary>\n    public required int Depth { get; init; }\n    private readonly Linear fc = Linear(8, 4);\n    /// <summary>Creates it.</summary>\n    public Net() : base(\"net\") => RegisterComponents();", "fc.call(x)")).Clean().Text;
        Assert.DoesNotContain("LoadPruned", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Obsolete_members_are_used_in_silence() => Compiled.From(Models.WithMembers("    [System.Obsolete(\"old\")] private readonly Linear fc = Linear(8, 4);\n    /// <summary>Creates it.</summary>\n    public Net() : base(\"net\") => RegisterComponents();", "\n#pragma warning disable CS0618\n        fc.call(x)\n#pragma warning restore CS0618\n")).Clean();

    [Fact]
    public void Text_of_the_source_cannot_end_its_comment()
    {
        var text = Compiled.From(Models.WithForward("x = dropout(x, Rate(@\"a\u2028b\", @\"c\u0085d\"));\nreturn fc2.call(fc1.call(flatten(conv1.call(x), 1)));", "    private static double Rate(string a, string b) => a.Length + b.Length;")).Clean().Text;
        Assert.Contains("// x = dropout(x, Rate(@\"a b\", @\"c d\"));", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_another_assembly_keeps_its_pruning_code()
    {
        // The base has its generated members in metadata alone.
        var library = Generate(Class("public partial class Net")).Clean().Output;
        using var stream = new MemoryStream();
        Assert.True(library.Emit(stream).Success);
        stream.Position = 0;
        var compiled = Compiled.From([Compiled.Parse("#nullable enable\n" + Usings + """
            /// <summary>Uses it.</summary>
            [Prunable]
            public partial class User : torch.nn.Module<torch.Tensor, torch.Tensor>
            {
                private readonly Net net = new();
                private readonly Linear fc = torch.nn.Linear(2, 2);

                /// <summary>Creates it.</summary>
                public User() : base("user") => RegisterComponents();

                /// <inheritdoc/>
                public override torch.Tensor forward(torch.Tensor x) => fc.call(net.call(x));
            }
            """)], "", MetadataReference.CreateFromStream(stream)).Clean();
        Assert.Contains("link.Layer(net, x)", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_without_models_gets_nothing() => Assert.Empty(Generate("internal class Nothing { }").Clean().Files);

    private static string Class(string declaration, string @base = "torch.nn.Module<torch.Tensor, torch.Tensor>", string constraints = "", string name = "Net", string constructor = "public", string parameters = "", string more = "") =>
        $"/// <summary>Under test.</summary>\n[Prunable]\n{declaration} : {@base}{constraints}\n{Body.Replace("public NAME()", $"{constructor} {name}({parameters})", StringComparison.Ordinal).TrimEnd('}')}{more}\n}}";

    private static Compiled Generate(string source) => Compiled.From(Compiled.Parse("#nullable enable\n" + Usings + source));
}
