using Microsoft.CodeAnalysis;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;
using PruneGen.Generator.Parsing;

namespace PruneGen.Generator.Tests;

/// <summary>A parser that loses a step is caught: whichever call of a layer, parameter or guard it is, the net names it.</summary>
public class ForwardNetTests
{
    private const string Members = """
        private readonly Linear a = Linear(8, 8), b = Linear(8, 8), gate = Linear(8, 8);
        private readonly ModuleList<Linear> list = new(Linear(8, 8), Linear(8, 8));
        private readonly torch.nn.Module<Tensor, Tensor>? maybe = null;
        private readonly Parameter scale = Parameter(ones(8)), shift = Parameter(zeros(8));
        private Tensor scale2 = zeros(1);
        private Tensor Scaled(Tensor x) => x * scale;
        private Tensor Half { get => scale / 2; }
        private static Tensor Twice(Tensor x, Func<Tensor, Tensor> f) => f(f(x));

        """;

    public static TheoryData<string> Forwards =>
    [
        "return b.call(a.call(x));",
        "if (x.shape[1] != 8) { throw new ArgumentException(\"width\"); } return b.call(a.call(x) + shift);",
        "if (x.dim() != 2 || x.shape[1] != 8) { throw new ArgumentException(\"width\"); } return b.call(x);",
        "ArgumentOutOfRangeException.ThrowIfNotEqual(x.shape[1], 8); return a.call(Scaled(x));",
        "System.Diagnostics.Debug.Assert(a.call(x).size(1) == 8); return b.call(x);",
        "if (gate.call(x).mean().item<float>() > 1e9f) { x = a.call(x); } else { x = b.call(x * scale); } return x;",
        "foreach (var layer in list) { x = relu(layer.call(x)); } return b.call(x);",
        "for (var i = 0; i < 2; i++) { x = list[i].call(x) * Half; } return b.call(x);",
        "while (gate.call(x).mean().item<float>() > 1e9f) { x = a.call(x); } return b.call(x);",
        "return b.call(Twice(x, y => a.call(y) + shift));",
        "var parts = new[] { 1, 2 }.Select(i => a.call(x) * i).ToArray(); return b.call(parts[0] + parts[1]);",
        "x = maybe is null ? a.call(x) : maybe.call(x); return b.call(x);",
        "Tensor Local(Tensor y) => a.call(y) * scale; return b.call(Local(x));",
        "var (l, r) = (a.call(x), gate.call(x)); using (no_grad()) { Console.Write(l.mean().item<float>()); } return b.call(r);",
        "return training ? b.call(dropout(a.call(x), 0.5, training)) : b.call(gate.call(x));",
        "return functional.linear(x, a.weight, a.bias) + get_parameter(\"shift\");",
        "(scale2, var y) = (a.call(x) * 2, b.call(x)); return y * scale2 + shift.type(x.dtype);",
        "x = x.shape[0] switch { 1 => a.call(x), _ => b.call(x) }; return gate.call(x);",
    ];

    [Theory]
    [MemberData(nameof(Forwards))]
    public void A_step_that_is_lost_is_named(string forward) => EachStepIsMissed(
        [Compiled.Parse(Compiled.Usings + "using System; using System.Linq;\n" + $"[Prunable] public partial class Net : Module<Tensor, Tensor> {{ {Members} public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) {{ {forward} }} }}")]);

    [Fact]
    public void So_is_each_one_of_the_model_zoo()
    {
        var folder = Repository.PathOf("Samples/ModelZoo/Models");
        EachStepIsMissed(Directory.GetFiles(folder, "*.cs").Order(StringComparer.Ordinal).Select(file => Compiled.Parse("global using System; global using System.Collections.Generic; global using System.Linq;\nusing PruneGen; using TorchSharp;" + File.ReadAllText(file), file))
            .ToArray());
    }

    [Fact]
    public void PG0036_a_function_that_calls_a_layer_and_is_never_called() => Compiled
        .Refused("[Prunable] public partial class Net : Module<Tensor, Tensor> { private readonly Linear a = Linear(8, 8), b = Linear(8, 8); private static Tensor Then(Tensor x, System.Func<Tensor, Tensor> next, bool really) => really ? next(x) : x; public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => b.call(Then(x, y => a.call(y), false)); }")
        .Reported("PG0036", "a.call(y)");

    private static void EachStepIsMissed(SyntaxTree[] trees)
    {
        var compilation = Compiled.Compilation(trees);
        var seen = 0;
        foreach (var type in trees.SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.ClassDeclarationSyntax>()
            .Select(declared => (INamedTypeSymbol)compilation.GetSemanticModel(tree).GetDeclaredSymbol(declared)!)).Where(type => type.GetAttributes().Any(attribute => attribute.AttributeClass!.Name == "PrunableAttribute")))
        {
            var whole = ModelParser.Parse(type, compilation, CancellationToken.None);
            Assert.DoesNotContain(whole.Findings, finding => finding.Rule == RuleIds.LeftOut);
            Assert.NotNull(whole.Spec);
            foreach (var site in Steps.Within(whole.Spec.Body).SelectMany(NeededSites).Distinct())
            {
                var torn = ModelParser.Parse(type, compilation, CancellationToken.None, new Torn(site));
                var missed = torn.Findings.FirstOrDefault(finding => finding.Rule == RuleIds.LeftOut);
                Assert.True(missed is not null, $"{type.Name}: {whole.ToDiagnostic(new Finding(RuleIds.LeftOut, site))}");
                Assert.True(SpansOf(torn, missed).OverlapsWith(SpansOf(whole, missed with { Site = site })), $"{type.Name}: {string.Join(", ", missed.Arguments)}");
                seen++;
            }
        }

        Assert.True(seen > 0);
    }

    private static Microsoft.CodeAnalysis.Text.TextSpan SpansOf(ParseResult parsed, Finding finding) => parsed.ToDiagnostic(finding).Location.SourceSpan;

    /// <summary>The places of calls of layers, parameters and guards, those written into an expression too.</summary>
    private static IEnumerable<int> NeededSites(Node step) => Steps.Expressions(step).SelectMany(code => code.All()).OfType<Sited>()
        .Where(part => part.Of is Call call && (call.IsOfLinker("Layer") || call.IsOfLinker("Parameter"))).Select(part => part.Site)
        .Concat(step is LayerCall or Guard || step is Let { Site: > 0, Code: Call parameter } && parameter.IsOfLinker("Parameter") ? [step.Site] : []);

    /// <summary>A net that does not see the steps of a place, as if the parser had not made them.</summary>
    private sealed class Torn(int site) : ForwardNet
    {
        protected override bool IsSeen(int place) => place != site;
    }
}
