using Microsoft.CodeAnalysis.CodeFixes;

namespace PruneGen.CodeFixes.Tests;

/// <summary>Fixes that take annotations off, put them on or change them; and that they work on many reports at once.</summary>
public class AnnotationFixTests
{
    [Theory]
    [InlineData("PG0014", "[KeepWidth] private readonly int classes = 10;", "private readonly int classes = 10;")]
    [InlineData("PG0014", "// ten\n    [KeepWidth]\n    private readonly int classes = 10;", "// ten\n    private readonly int classes = 10;")]
    [InlineData("PG0015", "[KeepWidth] private readonly Linear spare = Linear(2, 2);", "private readonly Linear spare = Linear(2, 2);")]
    [InlineData("PG0015", "[ComponentName(Name = \"s\"), KeepWidth] private readonly Linear spare = Linear(2, 2);", "[ComponentName(Name = \"s\")] private readonly Linear spare = Linear(2, 2);")]
    [InlineData("PG0015", "[ComponentName(Name = \"s\")]\n    [Prunable(Ratio = 0.5)] // not called\n    private readonly Linear spare = Linear(2, 2);", "[ComponentName(Name = \"s\")]\n    private readonly Linear spare = Linear(2, 2);")]
    public async Task An_annotation_without_effect_is_taken_off(string rule, string before, string after) =>
        Assert.Equal(Model(after), await Fixing.Fixed(Model(before), rule, new RemoveAnnotationFix()));

    [Fact]
    public async Task An_annotation_on_what_passes_channels_on_or_keeps_its_width_is_taken_off()
    {
        const string Forward = "last.call(bn.call(fc.call(x)))";
        Assert.Equal(Model("private readonly BatchNorm1d bn = BatchNorm1d(8);", Forward), await Fixing.Fixed(Model("[Prunable(Ratio = 0.3)] private readonly BatchNorm1d bn = BatchNorm1d(8);", Forward), "PG0020", new RemoveAnnotationFix()));
        Assert.Equal(Model("private readonly Linear end = Linear(2, 2);", "end.call(last.call(fc.call(x)))"), await Fixing.Fixed(Model("[Prunable(Ratio = 0.3)] private readonly Linear end = Linear(2, 2);", "end.call(last.call(fc.call(x)))"), "PG0026", new RemoveAnnotationFix()));
    }

    [Theory]
    [InlineData("[Prunable(Ratio = 0.3)] private readonly Linear two", "private readonly Linear two")]
    [InlineData("[Prunable(Criterion = Criterion.L1, Ratio = 0.3)] private readonly Linear two", "[Prunable(Criterion = Criterion.L1)] private readonly Linear two")]
    [InlineData("[Prunable(Ratio = 0.3, RoundTo = 2)] private readonly Linear two", "[Prunable(RoundTo = 2)] private readonly Linear two")]
    public async Task A_ratio_that_contradicts_another_is_taken_off(string before, string after)
    {
        string Text(string two) => Model($"[Prunable(Ratio = 0.5)] private readonly Linear one = Linear(8, 8);\n    {two} = Linear(8, 8);", "last.call(one.call(fc.call(x)) + two.call(fc.call(x)))");
        Assert.Equal(Text(after), await Fixing.Fixed(Text(before), "PG0013", new RemoveRatioFix()));
    }

    [Theory]
    [InlineData("public class Net", "[Prunable]\npublic partial class Net")]
    [InlineData("/// <summary>Under test.</summary>\npublic partial class Net", "/// <summary>Under test.</summary>\n[Prunable]\npublic partial class Net")]
    [InlineData("// A comment.\n[System.Serializable]\nclass Net", "// A comment.\n[Prunable]\n[System.Serializable]\npartial class Net")]
    public async Task The_class_of_an_annotated_layer_is_annotated(string before, string after)
    {
        string Text(string declaration) => Model("[KeepWidth] private readonly Linear end = Linear(2, 2);", "end.call(last.call(fc.call(x)))").Replace("[Prunable]\npublic partial class Net", declaration, StringComparison.Ordinal);
        Assert.Equal(Text(after), await Fixing.Fixed(Text(before), "PG0019", new AnnotateClassFix()));
    }

    [Fact]
    public async Task The_class_of_a_layer_is_annotated_once_however_often_it_is_called()
    {
        string Text(string annotation) => Model("private readonly Block block = new();", "last.call(block.call(block.call(fc.call(x))))")
            + $"\nnamespace Parts\n{{\n{annotation} class Block : Module<Tensor, Tensor>\n    {{\n        private readonly Linear inner = Linear(8, 8);\n        public Block() : base(\"block\") => RegisterComponents();\n        public override Tensor forward(Tensor x) => inner.call(x);\n    }}\n}}\n";
        string Within(string text) => text.Replace("private readonly Block", "private readonly Parts.Block", StringComparison.Ordinal);
        var (before, after) = (Within(Text("    public")), Within(Text("    [Prunable]\n    public partial")));
        Assert.Equal(after, await Fixing.Fixed(before, "PG0008", new AnnotateClassFix()));
        Assert.Equal(after, await Fixing.FixedAtOnce(before, "PG0008", new AnnotateClassFix()));
    }

    [Fact]
    public async Task A_class_that_replaces_forward_is_annotated()
    {
        string Text(string declaration) => Model("", "last.call(fc.call(x))").Replace("private readonly", "protected readonly", StringComparison.Ordinal) + $"\n{declaration} class Deeper : Net\n{{\n    public override Tensor forward(Tensor x) => last.call(relu(fc.call(x)));\n}}\n";
        Assert.Equal(Text("[Prunable]\npublic partial"), await Fixing.Fixed(Text("public"), "PG0023", new AnnotateClassFix()));
    }

    [Theory]
    [InlineData("PG0009", "16 * 8 * 8")]
    [InlineData("PG0009", "1024")]
    public async Task A_layer_whose_width_is_stated_keeps_it(string rule, string size)
    {
        string Text(string annotation) => Model($"{annotation}private readonly Conv2d conv = Conv2d(3, 16, 3, padding: 1);\n    private readonly Linear wide = Linear(1024, 8);", $"last.call(wide.call(Flat(conv.call(x))));\n    private static Tensor Flat(Tensor x) => x.view(x.shape[0], {size})");
        Assert.Equal(Text("[KeepWidth]\n    "), await Fixing.Fixed(Text(""), rule, new KeepWidthFix()));
    }

    [Fact]
    public async Task A_layer_whose_heads_are_stated_keeps_its_width()
    {
        string Text(string annotation) => Model($"private const int heads = 2;\n    {annotation}private readonly Linear query = Linear(8, 16);", "last.call(query.call(x).view(x.shape[0], x.shape[1], heads, 8))");
        Assert.Equal(Text("[KeepWidth]\n    "), await Fixing.Fixed(Text(""), "PG0033", new KeepWidthFix()));
    }

    [Fact]
    public async Task Registration_comes_last()
    {
        string Text(string body) => Model("private readonly Linear late;\n    private readonly Linear later;\n    public Net(int width) : base(\"net\")\n    {\n" + body + "    }", "last.call(later.call(late.call(fc.call(x))))");
        const string Assigns = "        late = Linear(8, width);\n        later = Linear(width, 8); // the last\n";
        Assert.Equal(Text(Assigns + "        RegisterComponents();\n"), await Fixing.Fixed(Text("        RegisterComponents();\n" + Assigns), "PG0027", new RegisterLastFix()));
        Assert.Equal(Text(Assigns + "        RegisterComponents();\n"), await Fixing.FixedAtOnce(Text("        RegisterComponents();\n" + Assigns), "PG0027", new RegisterLastFix()));
    }

    [Fact]
    public async Task A_class_of_one_file_becomes_internal()
    {
        string Text(string modifier) => Model("", "last.call(fc.call(x))").Replace("public partial", $"{modifier} partial", StringComparison.Ordinal);
        Assert.Equal(Text("internal"), await Fixing.Fixed(Text("file"), "PG0024", new MakeInternalFix()));
    }

    /// <summary>Two models in one container that is not partial: one word more, not two.</summary>
    [Fact]
    public async Task All_at_once_adds_partial_once()
    {
        string Text(string outer, string inner) => Usings + $"public static {outer}class Outer\n{{\n" + string.Concat(new[] { "A", "B" }.Select(name => $"    [Prunable] public {inner}class {name} : Module<Tensor, Tensor>\n    {{\n        private readonly Linear fc = Linear(2, 2);\n        public {name}() : base(\"net\") => RegisterComponents();\n        public override Tensor forward(Tensor x) => fc.call(x);\n    }}\n")) + "}\n";
        Assert.Equal(Text("partial ", "partial "), await Fixing.FixedAtOnce(Text("", ""), "PG0001", new AddPartialFix()));
        Assert.Equal(Text("partial ", "partial "), await Fixing.FixedAtOnce(Text("", "partial "), "PG0001", new AddPartialFix()));
    }

    [Fact]
    public async Task All_at_once_takes_off_every_annotation_without_effect()
    {
        const string Before = "[KeepWidth] private readonly Linear a = Linear(2, 2);\n    [Prunable(Ratio = 0.1)] private readonly Linear b = Linear(2, 2);\n    [KeepWidth]\n    private readonly Linear c = Linear(2, 2);";
        const string After = "private readonly Linear a = Linear(2, 2);\n    private readonly Linear b = Linear(2, 2);\n    private readonly Linear c = Linear(2, 2);";
        Assert.Equal(Model(After), await Fixing.FixedAtOnce(Model(Before), "PG0015", new RemoveAnnotationFix()));
    }

    [Fact]
    public void Every_fix_can_fix_all() =>
        Assert.All(typeof(AddPartialFix).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(CodeFixProvider))), type => Assert.NotNull(((CodeFixProvider)Activator.CreateInstance(type)!).GetFixAllProvider()));

    [Fact]
    public void Every_fix_is_told_on_the_page_of_its_rule_and_no_other()
    {
        var fixable = typeof(AddPartialFix).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(CodeFixProvider))).SelectMany(type => ((CodeFixProvider)Activator.CreateInstance(type)!).FixableDiagnosticIds).Distinct().Order();
        var told = Directory.GetFiles(Pages(), "PG*.md").Where(page => File.ReadAllText(page).Contains("A code fix", StringComparison.Ordinal)).Select(page => Path.GetFileNameWithoutExtension(page)).Order();
        Assert.Equal(fixable, told);
    }

    private static string Pages([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "diagnostics");

    private const string Usings = """
        using PruneGen;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        using static TorchSharp.torch.nn.functional;


        """;

    private static string Model(string members, string forward = "last.call(fc.call(x))") => Usings + $$"""
        [Prunable]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private readonly Linear last = Linear(8, 2);
            {{members}}

            public Net() : base("net") => RegisterComponents();

            public override Tensor forward(Tensor x) => {{forward}};
        }

        """;
}
