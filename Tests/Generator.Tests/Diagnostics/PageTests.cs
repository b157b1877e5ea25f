using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Tests;

/// <summary>The pages of the rules tell the truth: what stands before gives the rule and nothing else, what stands after gives nothing.</summary>
public class PageTests
{
    /// <summary>Stands for what a page leaves out: between braces the rest of a class, on a line of its own what lies between members and forward.</summary>
    private const string Left = "…";

    private const string Usings = "using System;\nusing System.Collections.Generic;\nusing System.Runtime.InteropServices;\n" + Compiled.Usings;
    private const string Body = "private readonly Linear a = Linear(8, 16), b = Linear(16, 8); public NAME() : base(\"it\") => RegisterComponents(); public override Tensor forward(Tensor x) => b.call(relu(a.call(x)));";
    private const string Box = "internal sealed class Box<T> { public T Value = default!; } ";
    private const string LeNet5 = "[Prunable] public partial class LeNet5 : Module<Tensor, Tensor> { private readonly Linear a = Linear(8, 16), b = Linear(16, 8); public LeNet5() : base(\"it\") => RegisterComponents(); public override Tensor forward(Tensor x) => b.call(relu(a.call(x))); } ";
    private const string Mixer = "public class Block : Module<Tensor, Tensor> { private readonly Parameter weight = torch.nn.Parameter(rand(16, 8)), bias = torch.nn.Parameter(rand(16)); public Block() : base(\"b\") => RegisterComponents(); public override Tensor forward(Tensor x) => x; } ";
    private const string Unfold = "internal sealed class Unfold : Module<Tensor, Tensor> { public Unfold() : base(\"u\") { } public override Tensor forward(Tensor x) => x; } ";
    private const string Nested = "private readonly Linear last = Linear(8, 3); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => last.call(block.call(x));";

    /// <summary>What each page's code stands in, before and after; a page that has both in one needs one.</summary>
    private static readonly Dictionary<string, Func<string, string>[]> Frames = new()
    {
        ["PG0001"] = [Whole("LeNet5")],
        ["PG0002"] = [code => LeNet5 + code.Replace(Left, "", StringComparison.Ordinal)],
        ["PG0003"] = [code => code.Replace(Left, "protected Backbone() : base(\"b\") { }", StringComparison.Ordinal)],
        ["PG0004"] = [
            code => Box + $"[Prunable] internal partial class Net : Module<Box<Tensor>, Tensor> {{ private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents(); {code} }}",
            code => $"[Prunable] public partial class Net : Module<Net.Input, Tensor> {{ private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents(); {code} }}"],
        ["PG0005"] = [InNet("private readonly bool useExtra = true; private readonly Linear plain = Linear(8, 8), extra = Linear(8, 8), fc = Linear(8, 8);", tail: "return fc.call(x);")],
        ["PG0006"] = [InNet("")],
        ["PG0007"] = [InNet("private readonly Linear fc1 = Linear(8, 16), fc2 = Linear(16, 8);", tail: "return fc2.call(x);")],
        ["PG0008"] = [
            code => Filled(code, Body.Replace("NAME", "Block", StringComparison.Ordinal), Nested),
            code => Filled(code, Body.Replace("NAME", "Block", StringComparison.Ordinal), Nested),
            code => Mixer + InNet("private readonly Conv2d first = Conv2d(3, 8, 1), last = Conv2d(16, 3, 1);", forward: "return last.call(block.call(first.call(x)));")(code)],
        ["PG0009"] = [InNet("private readonly Conv2d conv2 = Conv2d(20, 50, 5); private readonly Linear fc1 = Linear(800, 500), fc2 = Linear(500, 10);", tail: "return fc2.call(fc1.call(x));")],
        ["PG0010"] = [InNet("private readonly Linear fc = Linear(8, 8);", head: "var lengths = x.sum(1);", tail: "return fc.call(x);")],
        ["PG0011"] = [InNet("private readonly Conv2d last = Conv2d(64, 3, 1);", tail: "return last.call(x);")],
        ["PG0012"] = [Whole("Net")],
        ["PG0013"] = [InNet("private readonly Conv2d last = Conv2d(16, 3, 1);", tail: "return last.call(x);")],
        ["PG0014"] = [InNet("private readonly Linear fc = Linear(8, 8);", forward: "return fc.call(x);"), InNet("", forward: "return fc2.call(x);")],
        ["PG0015"] = [InNet("private readonly Linear fc2 = Linear(8, 8);"), InNet("")],
        ["PG0016"] = [InNet("private readonly Conv2d last = Conv2d(50, 3, 1);", tail: "return last.call(x);")],
        ["PG0018"] = [InNet("private readonly Linear fc = Linear(16, 8);", forward: "return fc.call(Mask.call(x));"), InNet("private readonly Linear fc = Linear(16, 8);", forward: "return fc.call(mask.call(x));")],
        ["PG0019"] = [code => Filled(code, "private readonly Linear fc1 = Linear(8, 500); public LeNet5() : base(\"it\") => RegisterComponents(); public override Tensor forward(Tensor x) => fc2.call(fc1.call(x));")],
        ["PG0020"] = [InNet("private readonly Conv2d last = Conv2d(16, 3, 1);", forward: "return last.call(relu(bn1.call(conv1.call(x))));")],
        ["PG0022"] = [InNet("private readonly Linear fc1 = Linear(8, 16), fc2 = Linear(16, 8);", tail: "return fc2.call(x);")],
        ["PG0023"] = [code => Whole("Net")(code).Replace("private readonly", "protected readonly", StringComparison.Ordinal)],
        ["PG0024"] = [Whole("Net")],
        ["PG0025"] = [
            code => $"[Prunable] public partial class Net : Module<Tensor, int, Tensor> {{ private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents(); {code} }}",
            code => $"[Prunable] public partial class Net : Module<Tensor, Tensor> {{ private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents(); {code} }}"],
        ["PG0026"] = [InNet("", forward: "return fc2.call(relu(fc1.call(x)));")],
        ["PG0027"] = [InNet("", forward: "foreach (var layer in layers) { x = relu(layer.call(x)); } return head.call(x);")],
        ["PG0028"] = [InNet("private readonly Linear fc;", forward: "return fc.call(x);")],
        ["PG0029"] = [InNet("private readonly Conv2d last = Conv2d(16, 3, 1);", forward: "return last.call(relu(norm.call(conv.call(x))));")],
        ["PG0030"] = [code => Unfold + InNet("private readonly Linear fc = Linear(8, 64), last = Linear(16, 3);", forward: "return last.call(unfold.call(fc.call(x)));")(code)],
        ["PG0031"] = [InNet("private readonly Conv2d last = Conv2d(32, 3, 1), other = Conv2d(32, 3, 1);", forward: "return last.call(norm.call(student.call(x))) + other.call(teacher.call(x));")],
        ["PG0039"] = [InNet("private readonly Linear last = Linear(16, 3);", forward: "return last.call(recurrent.call(x).Item1);")],
        ["PG0032"] = [InNet("private readonly Linear fc1 = Linear(8, 16), fc2 = Linear(16, 8);", forward: "return fc2.call(Blend(fc1.call(x), fc1.call(x), 0.5));")],
        ["PG0033"] = [
            InNet("private readonly Linear query = Linear(512, 512), last = Linear(64, 3);", head: "var (batch, length) = (x.shape[0], x.shape[1]);", tail: "return last.call(q);"),
            InNet("private readonly Linear query = Linear(512, 512), last = Linear(64, 3);", head: "var (batch, length) = (x.shape[0], x.shape[1]);", tail: "return last.call(q);"),
            InNet("private const int Heads = 8; private readonly Linear query = Linear(512, 512), last = Linear(64, 3);", head: "var (batch, length) = (x.shape[0], x.shape[1]);", tail: "return last.call(q);"),
            InNet("private const int HeadWidth = 64; private readonly Linear query = Linear(512, 512), last = Linear(64, 3);", head: "var (batch, length) = (x.shape[0], x.shape[1]);", tail: "return last.call(q);")],
        ["PG0034"] = [InNet("")],
        ["PG0035"] = [InNet("")],
        ["PG0036"] = [
            InClass("private readonly Linear fc1 = Linear(8, 16), fc2 = Linear(16, 8), extra = Linear(16, 16);"),
            InClass("private readonly Linear fc1 = Linear(8, 16), fc2 = Linear(16, 8);")],
        ["PG0037"] = [InNet("private readonly Conv2d last = Conv2d(16, 3, 1);", tail: "return last.call(x);")],
        ["PG0038"] = [InNet("private readonly Linear last = Linear(16, 3);", forward: "return last.call(relu(fc1.call(x)));")],
        ["PG0040"] = [code => code.Replace(Left, "private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents();", StringComparison.Ordinal)],
    };

    public static TheoryData<string> Pages => [.. Diagnostics.Rules.All.Select(rule => rule.Id).Except(["PG0017", "PG0021"])];

    [Theory]
    [MemberData(nameof(Pages))]
    public void What_stands_before_gives_the_rule_and_what_stands_after_gives_none(string id)
    {
        var blocks = Blocks(id, "csharp");
        var frames = Frames[id];
        for (var i = 0; i < blocks.Count; i++)
        {
            var compiled = Compiled.From(Compiled.Parse(Usings + frames[Math.Min(i, frames.Length - 1)](blocks[i])));
            Assert.Equal(i == 0 ? [id] : [], compiled.Reports.Where(report => i == 0 || report.DefaultSeverity > DiagnosticSeverity.Info).Select(report => report.Id).Distinct());
            Assert.Empty(compiled.Output.GetDiagnostics().Where(report => report.DefaultSeverity == DiagnosticSeverity.Error));
        }
    }

    [Fact]
    public void PG0017_is_about_the_package_that_its_page_adds()
    {
        foreach (var (block, i) in Blocks("PG0017", "xml").Select((block, i) => (block, i)))
        {
            var compiled = Compiled.From([Compiled.Parse($"using PruneGen; using TorchSharp; using TorchSharp.Modules; using static TorchSharp.torch; using static TorchSharp.torch.nn; using static TorchSharp.torch.nn.functional; {LeNet5}")], without: block.Contains("TorchSharp", StringComparison.Ordinal) ? "" : "TorchSharp");
            Assert.Equal(i == 0 ? ["PG0017"] : [], compiled.Reports.Select(report => report.Id));
        }
    }

    [Fact]
    public void PG0021_is_about_the_version_that_its_page_sets()
    {
        foreach (var (block, i) in Blocks("PG0021", "xml").Select((block, i) => (block, i)))
        {
            Assert.True(LanguageVersionFacts.TryParse(Regex.Match(block, "<LangVersion>(.*?)</LangVersion>").Groups[1].Value, out var version));
            var compiled = Compiled.From(Compiled.Parse(Usings + LeNet5, version: version));
            Assert.Equal(i == 0 ? ["PG0021"] : [], compiled.Reports.Select(report => report.Id));
        }
    }

    /// <summary>The code of a page: first what stands before, then each way to write it after.</summary>
    private static IReadOnlyList<string> Blocks(string id, string language)
    {
        var blocks = Regex.Matches(File.ReadAllText(Repository.PathOf($"docs/diagnostics/{id}.md")), $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value).ToList();
        Assert.True(blocks.Count >= 2, $"{id}.md has {blocks.Count} blocks of {language} where a before and an after should be.");
        return blocks;
    }

    private static Func<string, string> Whole(string name) => code => code.Replace(Left, Body.Replace("NAME", name, StringComparison.Ordinal), StringComparison.Ordinal);

    /// <summary>Whole methods as parts of a model.</summary>
    private static Func<string, string> InClass(string members) => code =>
        $"[Prunable] public partial class Net : Module<Tensor, Tensor> {{ {members} public Net() : base(\"net\") => RegisterComponents(); {code} }}";

    /// <summary>Code with what it leaves out, in order.</summary>
    private static string Filled(string code, params string[] rests)
    {
        foreach (var rest in rests)
        {
            code = new Regex(Left).Replace(code, rest, 1);
        }

        return code;
    }

    /// <summary>Members, statements of forward, or both with what is left out between them, as parts of a model.</summary>
    /// <param name="members">What else the model has.</param>
    /// <param name="head">What forward does before.</param>
    /// <param name="tail">What it does after.</param>
    /// <param name="forward">All of it, where the page shows members alone.</param>
    private static Func<string, string> InNet(string members, string head = "", string tail = "", string forward = "") => code =>
    {
        var parts = code.Split($"\n{Left}\n");
        var (own, statements) = parts.Length > 1 ? (parts[0], parts[1]) : forward.Length > 0 ? (code, forward) : ("", code);
        var constructor = Regex.IsMatch(own, @"\bNet\(") ? "" : "public Net() : base(\"net\") => RegisterComponents();";
        return $"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ {members}\n{own}\n{constructor} public override Tensor forward(Tensor x) {{ {head}\n{statements}\n{tail} }} }}";
    };
}
