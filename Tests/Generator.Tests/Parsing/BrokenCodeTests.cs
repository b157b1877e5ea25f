using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Parsing;

namespace PruneGen.Generator.Tests;

/// <summary>Half-typed and broken code: nothing is thrown, and what is generated adds no error of its own.</summary>
public class BrokenCodeTests
{
    private static readonly string Model = Compiled.Usings + """

        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5), Retrain(Epochs = 2)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> conv1, conv2 = Sequential(("a", Conv2d(20, 50, 5)), ("b", ReLU()));
            [KeepWidth] private Linear Fc { get; } = Linear(800, 10);
            [Prunable(Ratio = 0.25)] private readonly BatchNorm2d bn = BatchNorm2d(20);

            /// <summary>Creates it.</summary>
            public Net(int width, string name = "net") : base(name)
            {
                conv1 = Conv2d(1, width, kernel_size: (5, 5), bias: false);
                register_module("first", conv1);
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                using var scope = NewDisposeScope();
                var y = max_pool2d(relu(bn.call(conv1.call(x))), 2);
                y += Helper(y, y.shape[0] * 2);
                x = torch.cat(new[] { y, y }, dim: 1) - 1.5;
                return Fc.call(conv2.forward(x).view(x.shape[0], -1)).MoveToOuterDisposeScope();
            }

            private Tensor Helper(Tensor t, long n) => t.reshape(-1, n, t.size(2) / 2);
        }
        """;

    [Fact]
    public void Every_prefix_of_a_model() =>
        // Each token in turn is the last one typed.
        Assert.All(Tokens().Where((_, i) => i % 3 == 0), end => Compiled.From(Compiled.Parse(Model[..end.End])).Sound());

    [Fact]
    public void Every_model_with_a_token_missing() =>
        Assert.All(Tokens().Where((_, i) => i % 3 == 1), token => Compiled.From(Compiled.Parse(Model[..token.Start] + Model[token.End..])).Sound());

    [Fact]
    public void Models_with_tokens_exchanged()
    {
        // Always the same exchanges: a failure can be repeated.
        var random = new Random(7);
        var tokens = Tokens();
        for (var i = 0; i < 60; i++)
        {
            var (first, second) = (tokens[random.Next(tokens.Count)], tokens[random.Next(tokens.Count)]);
            var text = new StringBuilder(Model);
            text.Remove(first.Start, first.Length).Insert(first.Start, Model.AsSpan(second.Start, second.Length).ToString());
            Compiled.From(Compiled.Parse(text.ToString())).Sound();
        }
    }

    [Theory]
    [InlineData("internal partial class Net : Missing { public Tensor forward(Tensor x) => x; }")]
    [InlineData("internal partial class Net : Module<Tensor, Missing> { public override Missing forward(Tensor x) => x; }")]
    [InlineData("internal partial class Net : Net { public Tensor forward(Tensor x) => x; }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { private Missing layer = new(); public Net() : base(\"\") { } public override Tensor forward(Tensor x) => layer.call(x); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { private Conv2d layer = Conv2d(); public Net() : base(\"\") { } public override Tensor forward(Tensor x) => layer.call(); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { private Conv2d a = b, b = a; public Net() : base(\"\") { } public override Tensor forward(Tensor x) => a.call(b.call(x)); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { private Conv2d A => A; public Net() : base(\"\") { } public override Tensor forward(Tensor x) => A.call(x); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { private Conv2d A => B; private Conv2d B => A; public Net() : base(\"\") { } public override Tensor forward(Tensor x) => A.call(x); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { private Conv2d a; public Net() : base(\"\") { var b = c; var c = b; a = c; } public override Tensor forward(Tensor x) => a.call(x); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) { } }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) { return; } }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) { return x; x = y; } }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) => x.view(x.shape[x], \"a\", null); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) => x.view(9223372036854775807 * 2); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) => torch.cat([..x], 99999999999999); }")]
    [InlineData("internal partial class Net : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) => Conv2d(1, 1, 1).call(x); }")]
    [InlineData("internal partial class Net<Net> : Module<Tensor, Tensor> { public Net() : base(\"\") { } public override Tensor forward(Tensor x) => x; }")]
    [InlineData("internal partial struct Net { public Tensor forward(Tensor x) => x; }")]
    [InlineData("internal static partial class Net { }")]
    public void Classes_that_make_no_sense(string declaration) => Compiled.From("[Prunable]\n" + declaration).Sound();

    [Theory]
    [InlineData("[Prunable(Ratio = \"half\")]")]
    [InlineData("[Prunable(Ratio = )]")]
    [InlineData("[Prunable(Missing = 1)]")]
    [InlineData("[Prunable((Granularity)9, MinWidth = int.MinValue)]")]
    [InlineData("[Prunable(Criterion = (Criterion)(-1))]")]
    [InlineData("[Prunable, Prunable]")]
    [InlineData("[Prunable, Retrain(Epochs = x)]")]
    [InlineData("[Prunable, Retrain(Missing)]")]
    [InlineData("[PrunableAttribute]")]
    [InlineData("[Prunable")]
    public void Attributes_that_make_no_sense(string attribute) => Compiled.From(Models.WithMembers("    private readonly Linear fc = Linear(2, 2);\n    /// <summary>Creates it.</summary>\n    public Net() : base(\"net\") { }", "fc.call(x)", attribute)).Sound();

    [Fact]
    public void A_model_deeper_than_can_be_followed()
    {
        var nested = string.Concat(Enumerable.Repeat("relu(", 600)) + "x" + new string(')', 600);
        Assert.Empty(Compiled.From(Models.WithForward($"return {nested};")).Files);
    }

    [Fact]
    public void Models_deeper_than_any()
    {
        var nested = string.Concat(Enumerable.Repeat("relu(", 200)) + "x" + new string(')', 200);
        Assert.Equal(201 + 3, Compiled.From(Models.WithForward($"x = conv1.call({nested});\nreturn fc2.call(fc1.call(flatten(x, 1)));")).Clean().Link.Count - 1);
    }

    private static List<Microsoft.CodeAnalysis.Text.TextSpan> Tokens() =>
        CSharpSyntaxTree.ParseText(Model).GetRoot().DescendantTokens().SkipWhile(token => token.ValueText != "Prunable").Select(token => token.Span).Where(span => span.Length > 0).ToList();

    /// <summary>Nothing was generated of such a model, and nothing was said: it was taken for one that overrides nothing.</summary>
    [Theory]
    [InlineData("(Tensor logits, Tensor loss)", "(Tensor, Tensor)")]
    [InlineData("(Tensor, (Tensor logits, Tensor))", "(Tensor, (Tensor, Tensor))")]
    public void An_override_may_drop_the_names_of_a_tuple(string called, string returned) => Compiled.From($$"""
        [Prunable] internal partial class Net : Module<Tensor, {{called}}>
        {
            private readonly Linear up = Linear(4, 8), down = Linear(8, 2);
            public Net() : base("net") => RegisterComponents();
            public override {{returned}} forward(Tensor x) { var y = down.call(relu(up.call(x))); return (y, {{(called.Contains("(Tensor logits, Tensor))") ? "(y, y)" : "y")}}); }
        }
        """).Clean();

    [Theory]
    [InlineData("[Axes(null)] private Tensor Odd(Tensor t) => t;", "PG0030")]
    [InlineData("[CoupledWith(null)] private readonly Linear second = Linear(8, 8); private Tensor Odd(Tensor t) => second.call(t);", "PG0031")]
    public void An_attribute_of_null_is_told_of(string member, string rule) => Compiled.Refused($$"""
        #nullable disable
        [Prunable] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear up = Linear(4, 8), down = Linear(8, 2);
            {{member}}
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x) => down.call(Odd(up.call(x)));
        }
        """).Reported(rule, "null");

    /// <summary>What is left to the compiler to say must be said by it.</summary>
    [Theory]
    [InlineData("return down.call(x);", true)]
    [InlineData("return down.call(x, nothing);", false)]
    public void PG0036_what_could_not_be_read_though_the_compiler_finds_nothing(string statement, bool isGap)
    {
        var tree = Compiled.Parse(Compiled.Usings + $$"""
            [Prunable] public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear down = Linear(8, 2);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) { {{statement}} }
            }
            """);
        var compilation = Compiled.Compilation(tree);
        var sites = new SiteMap();
        var at = sites.Add(tree.GetRoot().DescendantNodes().OfType<ReturnStatementSyntax>().Single());
        var gap = new ParseResult(null, [], sites, [tree], Location.None, [], [], at).Gap(compilation, compilation.GetTypeByMetadataName("Net")!, default);

        Assert.Equal(isGap ? RuleIds.LeftOut : null, gap?.Id);
        if (isGap)
        {
            Assert.StartsWith($"'{statement}' in Net.forward would be left out", gap!.GetMessage(null));
        }
    }

    [Fact]
    public void A_base_class_of_another_project_is_not_searched_for_errors()
    {
        var other = Compiled.Compilation(Compiled.Parse(Compiled.Usings + "public abstract class Base : Module<Tensor, Tensor> { protected Base() : base(\"base\") { } }"));
        var tree = Compiled.Parse(Compiled.Usings + "[Prunable] public partial class Net : Base { public override Tensor forward(Tensor x) => x; }");
        var compilation = Compiled.Compilation(tree).WithAssemblyName("Net").AddReferences(other.ToMetadataReference());
        var sites = new SiteMap();
        var at = sites.Add(tree.GetRoot().DescendantNodes().OfType<ArrowExpressionClauseSyntax>().Single());

        var gap = new ParseResult(null, [], sites, [tree], Location.None, [], [], at).Gap(compilation, compilation.GetTypeByMetadataName("Net")!, default);

        Assert.Equal(RuleIds.LeftOut, gap?.Id);
    }
}
