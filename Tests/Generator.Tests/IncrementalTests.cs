using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Tests;

/// <summary>An edit that changes nothing of a model re-runs none of its steps.</summary>
public class IncrementalTests
{
    private static readonly string[] Steps = [PruneGenerator.ParseStep, PruneGenerator.AnalyseStep, PruneGenerator.EmitStep, PruneGenerator.CollisionStep];
    private static readonly string Model = Compiled.Usings + Models.WithForward("x = relu(conv1.call(x));\nreturn fc2.call(fc1.call(flatten(x, 1)));");

    [Theory]
    [InlineData("Other.cs", "internal class Other { }", "internal class Other { private int x; }")]
    [InlineData("Model.cs", "x = relu(conv1.call(x));", "// a comment\n        x = relu(conv1.call(x)); // another")]
    [InlineData("Model.cs", "x = relu(conv1.call(x));", "x = relu( /* here too */ conv1.call(x) );")]
    [InlineData("Model.cs", "x = relu(conv1.call(x));", "\n\n\n        x   =\n   relu(\n conv1.call(x))  ;\n")]
    [InlineData("Model.cs", "/// <summary>Under test.</summary>", "/// <summary>Under a test.</summary>\n/// <remarks>With remarks.</remarks>")]
    [InlineData("Model.cs", "public Net()", "private static int Unrelated() => 3;\n    public Net()")]
    public void An_edit_that_changes_no_model_re_runs_nothing(string file, string from, string to)
    {
        var reasons = Reasons(file, from, to);
        Assert.All(reasons, step => Assert.Contains(step.Reason, new[] { IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged }));
        Assert.Equal(Steps.Length, reasons.Select(step => step.Name).Distinct().Count());
    }

    [Fact]
    public void An_edit_elsewhere_does_not_even_print_again()
    {
        var reasons = Reasons("Other.cs", "internal class Other { }", "internal class Another { }");
        Assert.All(reasons.Where(step => step.Name is PruneGenerator.AnalyseStep or PruneGenerator.EmitStep), step => Assert.Equal(IncrementalStepRunReason.Cached, step.Reason));
    }

    [Theory]
    [InlineData("relu(conv1", "torch.sigmoid(conv1")]
    [InlineData("Conv2d(3, 16", "Conv2d(1, 16")]
    [InlineData("[Prunable(Structured)]", "[Prunable(Structured, Ratio = 0.25)]")]
    [InlineData("private readonly Linear fc2", "[KeepWidth] private readonly Linear fc2")]
    [InlineData("public Net()", "public Net(int depth = 3)")]
    public void An_edit_of_the_model_runs_its_steps(string from, string to)
    {
        var reasons = Reasons("Model.cs", from, to);
        Assert.Contains((PruneGenerator.ParseStep, IncrementalStepRunReason.Modified), reasons);
    }

    [Fact]
    public void An_edit_of_one_model_leaves_the_others_alone()
    {
        var second = Model.Replace("class Net", "class Second", StringComparison.Ordinal).Replace("public Net()", "public Second()", StringComparison.Ordinal);
        var compilation = Compiled.Compilation(Compiled.Parse(Model), Compiled.Parse(second, "Second.cs"));
        var driver = Compiled.NewDriver().RunGenerators(compilation);
        driver = driver.RunGenerators(Edit(compilation, "Second.cs", "relu(", "torch.sigmoid("));
        var emitted = driver.GetRunResult().Results.Single().TrackedSteps[PruneGenerator.EmitStep].SelectMany(step => step.Outputs).Select(output => output.Reason);
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], emitted.Order());
    }

    [Fact]
    public void The_same_source_gives_the_same_text_in_any_order_of_files()
    {
        var second = Model.Replace("class Net", "class Second", StringComparison.Ordinal).Replace("public Net()", "public Second()", StringComparison.Ordinal);
        var (a, b) = (Compiled.Parse(Model), Compiled.Parse(second, "Second.cs"));
        var texts = new[] { Compiled.From(a, b), Compiled.From(b, a), Compiled.From(a, b) }
            .Select(compiled => string.Concat(compiled.Files.OrderBy(file => file.HintName, StringComparer.Ordinal).Select(file => file.HintName + file.SourceText)))
            .ToList();
        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(texts[0], texts[2]);
    }

    [Fact]
    public void The_pipeline_holds_no_compilation_alive()
    {
        var (driver, first) = RunTwice();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(first.TryGetTarget(out _), "The driver still holds the compilation of the run before.");
        GC.KeepAlive(driver);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (GeneratorDriver Driver, WeakReference<Compilation> First) RunTwice()
    {
        var first = Compiled.Compilation(Compiled.Parse(Model));
        var driver = Compiled.NewDriver().RunGenerators(first);
        driver = driver.RunGenerators(Compiled.Compilation(Compiled.Parse(Model + "\n// edited")));
        return (driver, new WeakReference<Compilation>(first));
    }

    private static List<(string Name, IncrementalStepRunReason Reason)> Reasons(string file, string from, string to)
    {
        var compilation = Compiled.Compilation(Compiled.Parse(Model), Compiled.Parse("internal class Other { }", "Other.cs"));
        var driver = Compiled.NewDriver().RunGenerators(compilation);
        driver = driver.RunGenerators(Edit(compilation, file, from, to));
        var tracked = driver.GetRunResult().Results.Single().TrackedSteps;
        return Steps.SelectMany(name => tracked[name].SelectMany(step => step.Outputs).Select(output => (name, output.Reason))).ToList();
    }

    private static Compilation Edit(CSharpCompilation compilation, string file, string from, string to)
    {
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == file);
        var text = tree.GetText().ToString();
        Assert.Contains(from, text, StringComparison.Ordinal);
        return compilation.ReplaceSyntaxTree(tree, Compiled.Parse(text.Replace(from, to, StringComparison.Ordinal), file));
    }
}
