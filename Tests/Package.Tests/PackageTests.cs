using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace PruneGen.Package.Tests;

public class PackageTests(PackedPackage package) : IClassFixture<PackedPackage>
{
    [Fact]
    public void ItHoldsTheLibrariesTheGeneratorAndTheTool()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        string[] files = [.. zip.Entries.Select(entry => entry.FullName).Where(name => name.Split('/')[0] is "lib" or "analyzers" or "tools" or "build" or "buildTransitive").Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "analyzers/dotnet/cs/PruneGen.CodeFixes.dll",
                "analyzers/dotnet/cs/PruneGen.Generator.dll",
                "build/PruneGen.props",
                "build/PruneGen.targets",
                "buildTransitive/PruneGen.props",
                "buildTransitive/PruneGen.targets",
                "lib/net8.0/PruneGen.Attributes.dll",
                "lib/net8.0/PruneGen.Attributes.xml",
                "lib/net8.0/PruneGen.Axes.dll",
                "lib/net8.0/PruneGen.Axes.xml",
                "lib/net8.0/PruneGen.Runtime.dll",
                "lib/net8.0/PruneGen.Runtime.xml",
                "tools/PruneGen.MendTorchSharp.dll",
                "tools/PruneGen.MendTorchSharp.runtimeconfig.json",
            ],
            files);
        Assert.NotNull(zip.GetEntry("icon.png"));

        // Where the package is shown there is no repository beside it: links are absolute.
        using var readme = new StreamReader(zip.GetEntry("README.md")!.Open());
        Assert.All(Regex.Matches(readme.ReadToEnd(), @"\]\(([^)]*)\)"), link => Assert.StartsWith("https://", link.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void ItSaysWhereItsSourceIsAndBringsItsSymbols()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        using Stream stream = zip.GetEntry("PruneGen.nuspec")!.Open();
        XElement nuspec = XElement.Load(stream);
        XNamespace of = nuspec.Name.Namespace;
        XElement metadata = nuspec.Element(of + "metadata")!;
        Assert.StartsWith("https://", metadata.Element(of + "repository")!.Attribute("url")!.Value, StringComparison.Ordinal);
        Assert.Equal("icon.png", metadata.Element(of + "icon")!.Value);
        Assert.StartsWith(metadata.Element(of + "projectUrl")!.Value, metadata.Element(of + "releaseNotes")!.Value, StringComparison.Ordinal);
        foreach (ZipArchiveEntry library in zip.Entries.Where(entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using var bytes = new MemoryStream();
            using (Stream content = library.Open())
            {
                content.CopyTo(bytes);
            }

            bytes.Position = 0;
            using var portable = new PEReader(bytes);
            Assert.Contains(portable.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        }
    }

    [Fact]
    public void ItDependsOnTorchSharp()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        using Stream stream = zip.GetEntry("PruneGen.nuspec")!.Open();
        XElement nuspec = XElement.Load(stream);
        XNamespace of = nuspec.Name.Namespace;
        string[] dependencies = [.. nuspec.Descendants(of + "dependency").Select(dependency => $"{dependency.Attribute("id")?.Value} {dependency.Attribute("version")?.Value}").Order(StringComparer.Ordinal)];

        Assert.Equal(["Spectre.Console 0.49.1", "TorchSharp 0.107.0"], dependencies);
        Assert.Equal("net8.0", nuspec.Descendants(of + "group").Single().Attribute("targetFramework")?.Value);
    }

    [Fact]
    public void ANewProjectBuildsAndRunsItsGeneratedMethod() =>
        Assert.Equal(
            ["hidden units before: 8", "hidden units after: 2", "output: 3x2"],
            package.BuildAndRun().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void TheTemplateMakesAProjectThatPrunesAndReports()
    {
        (string output, string folder) = package.OfTemplate();
        Assert.Contains("Net, pruned (structured)", output, StringComparison.Ordinal);
        Assert.Matches(@"width of conv1 +\| +16 \| +8 ", output);
        Assert.Contains("What was removed?", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        Assert.Contains("namespace MyPruning;", File.ReadAllText(Path.Combine(folder, "Net.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void ABuildWritesWhatShrinksTogether()
    {
        string groups = package.BuiltWith("groups", "-p:PruneGenGroupsReport=groups.txt");
        Assert.Contains("hidden   made by   hidden: weight[0], bias[0]", Regex.Replace(File.ReadAllText(Path.Combine(groups, "groups.txt")), " {4,}", "   "), StringComparison.Ordinal);
    }

    [Fact]
    public void AnEditorConfigSetsSeveritiesAndGeneratedFilesAreEmitted()
    {
        string folder = package.BuiltWith("emitted", "-p:EmitCompilerGeneratedFiles=true");
        Assert.Single(Directory.GetFiles(folder, "Perceptron.g.cs", SearchOption.AllDirectories));

        // What the model returns keeps its width, so an annotation there is a warning, which is an error in this project.
        const string Kept = """
            using PruneGen; using TorchSharp.Modules; using static TorchSharp.torch; using static TorchSharp.torch.nn;
            [Prunable] public sealed partial class Kept : Module<Tensor, Tensor>
            {
                private readonly Linear hidden = Linear(6, 8);
                [Prunable(Granularity.Structured, Ratio = 0.5)] private readonly Linear last = Linear(8, 2);
                public Kept() : base("kept") => RegisterComponents();
                public override Tensor forward(Tensor x) => last.call(hidden.call(x));
            }
            """;
        var error = Assert.Throws<InvalidOperationException>(() => package.BuiltWith("warned", [("Kept.cs", Kept)]));
        Assert.Contains("error PG0026", error.Message, StringComparison.Ordinal);
        package.BuiltWith("silenced", [("Kept.cs", Kept), (".editorconfig", "root = true\n[*.cs]\ndotnet_diagnostic.PG0026.severity = none\n")]);
    }

    [Fact]
    public void WhatANewerCompilerBroughtIsRefusedWhereItStands()
    {
        // The generator is built against an older compiler, which the other tests run; this is the one of the SDK.
        (string Forward, string Refused)[] models =
        [
            ("scales?.K += 2; return y * scales!.K;", "an assignment behind a question mark"),
            ("Up(); return y * scales!.K;", "which forward changes itself"),
            ("var sum = new Sum(); sum += 3; return y * sum.Value;", "an operator that changes the object itself"),
            ("var sum = new Sums(); sum += y; return sum.Value!;", "an operator that changes the object itself"),
            ("return y.Doubled();", "a member of an extension block"),
            ("return y * (y.Width > 4 ? 2.0 : 1.0);", "a member of an extension block"),
            ("return y * Counted;", "the field of a property"),
            ("return y * Kept;", ""),
        ];
        string source = """
            using PruneGen; using TorchSharp; using TorchSharp.Modules; using static TorchSharp.torch; using static TorchSharp.torch.nn;
            public sealed class Scales { public double K = 1; }
            public sealed class Sum { public double Value = 1; public void operator +=(double other) => Value += other; }
            public sealed class Sums { public Tensor? Value; public void operator +=(Tensor other) => Value = Value is null ? other : Value + other; }
            public static class Extensions { extension(Tensor tensor) { public Tensor Doubled() => tensor * 2; public long Width => tensor.shape[1]; } }

            """ + string.Concat(models.Select((model, i) => $$"""
            [Prunable] public sealed partial class Net{{i}} : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(6, 8), last = Linear(8, 2);
                private readonly Scales? scales = new();
                private double Counted => field = field + 1;
                private double Kept { get => field; set; } = 2;
                public Net{{i}}() : base("net") => RegisterComponents();
                private void Up() => scales?.K += 1;
                public override Tensor forward(Tensor x) => last.call(Between(first.call(x)));
                private Tensor Between(Tensor y) { {{model.Forward}} }
            }

            """));
        string message = Assert.Throws<InvalidOperationException>(() => package.BuiltWith("newer", [("Newer.cs", source)], "-p:LangVersion=latest")).Message;
        Assert.All(models.Select((model, i) => (model.Refused, i)), model => Assert.Equal(
            model.Refused.Length > 0,
            Regex.IsMatch(message, $"error PG0006: [^\n]*{model.Refused}[^\n]*'Net{model.i}'")));
        Assert.DoesNotContain("CS8785", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AProjectSaysWhatItsModelsDoNot()
    {
        string off = Assert.Throws<InvalidOperationException>(() => package.BuiltWith("off", "-p:PruneGenEnabled=false")).Message;
        Assert.Contains("'Perceptron' does not contain a definition for 'Compact'", off, StringComparison.Ordinal);
        string wrong = Assert.Throws<InvalidOperationException>(() => package.BuiltWith("wrong", "-p:PruneGenRatio=2")).Message;
        Assert.Contains("PruneGenRatio is 2; give a number from 0 to below 1", wrong, StringComparison.Ordinal);
        string folder = package.BuiltWith("ratio", "-p:PruneGenRatio=0.25", "-p:PruneGenCriterion=L1", "-p:EmitCompilerGeneratedFiles=true");
        Assert.Contains("ProjectDefaults => new() { Ratio = 0.25, Criterion = global::PruneGen.Criterion.L1 };", File.ReadAllText(Directory.GetFiles(folder, "Perceptron.g.cs", SearchOption.AllDirectories).Single()), StringComparison.Ordinal);
    }

    [Fact]
    public void AnSdkThatIsTooOldIsToldSo() =>
        Assert.Contains(
            "error PG0100: PruneGen's source generator needs the .NET SDK 8.0.100 or later, and this is 7.0.410;",
            Assert.Throws<InvalidOperationException>(() => package.BuiltWith("old", "-p:NETCoreSdkVersion=7.0.410")).Message,
            StringComparison.Ordinal);
}
