using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace PruneGen.Generator.Tests;

/// <summary>Source code that has gone through the generator and the analyzer, as a build would take it.</summary>
internal sealed class Compiled
{
    /// <summary>What the sources of most tests begin with.</summary>
    public const string Usings = """
        using PruneGen;
        using TorchSharp;
        using TorchSharp.Modules;
        using static PruneGen.Granularity;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        using static TorchSharp.torch.nn.functional;

        """;

    private static readonly ImmutableArray<MetadataReference> AllReferences = References();
    private readonly Compilation input;
    private readonly Lazy<ImmutableArray<Diagnostic>> compilerReports;

    private Compiled(Compilation input, ImmutableArray<Diagnostic> reports, GeneratorDriver driver, Compilation output)
    {
        this.input = input;
        Reports = reports;
        Driver = driver;
        Output = output;
        compilerReports = new(() => output.GetDiagnostics());
    }

    /// <summary>What the analyzer reports, in the order of the source.</summary>
    public ImmutableArray<Diagnostic> Reports { get; }

    /// <summary>The driver after its run.</summary>
    public GeneratorDriver Driver { get; }

    /// <summary>The compilation with what was generated.</summary>
    public Compilation Output { get; }

    /// <summary>The generated files.</summary>
    public ImmutableArray<GeneratedSourceResult> Files => Driver.GetRunResult().Results.Single().GeneratedSources;

    /// <summary>The text of the only generated file.</summary>
    public string Text => Files.Single().SourceText.ToString();

    /// <summary>The steps of the generated <c>Link</c>, each as <c>x = link.Op("relu", y) // [N, conv1]</c>.</summary>
    public IReadOnlyList<string> Link => Text.Split('\n')
        .Select(line => line.Trim())
        .SkipWhile(line => !line.Contains("IPrunable.Link(", StringComparison.Ordinal))
        .Where(line => line.StartsWith("var ", StringComparison.Ordinal))
        .Select(line => Regex.Replace(line["var ".Length..], @";\s*//", " //"))
        .ToList();

    /// <summary>The table above the class, each line as <c>conv1 made by conv1: weight[0], bias[0]</c>.</summary>
    public IReadOnlyList<string> Table => Text.Split('\n')
        .Where(line => line.TrimStart().StartsWith("//   ", StringComparison.Ordinal))
        .Select(line => Regex.Replace(line.Trim().TrimStart('/').Trim(), @"\s+", " "))
        .Where(line => !line.StartsWith("PruneGen wrote", StringComparison.Ordinal) && !line.StartsWith("It is written", StringComparison.Ordinal))
        .ToList();

    /// <summary>Compiles one file of usings and the given code.</summary>
    public static Compiled From(string source) => From(Parse(Usings + source));

    /// <summary>Compiles files.</summary>
    public static Compiled From(params SyntaxTree[] trees) => From(trees, without: "");

    /// <summary>Compiles files in a project that lacks a reference.</summary>
    public static Compiled From(SyntaxTree[] trees, string without, params MetadataReference[] more)
    {
        var compilation = Compilation(trees).AddReferences(more);
        compilation = compilation.RemoveReferences(compilation.References.Where(reference => Path.GetFileNameWithoutExtension(reference.Display) == without));
        var driver = NewDriver((CSharpParseOptions?)trees.FirstOrDefault()?.Options).RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        var exception = driver.GetRunResult().Results.Single().Exception;
        Assert.True(exception is null, exception?.ToString());

        // The analyzer sees what was generated, as in a build.
        var reports = Analyse(output);
        return new Compiled(compilation, reports.OrderBy(report => report.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(report => report.Location.SourceSpan.Start).ToImmutableArray(), driver, output);
    }

    /// <summary>A file as a strict project has it: documented, or it would not compile.</summary>
    public static SyntaxTree Parse(string source, string path = "Model.cs", LanguageVersion version = LanguageVersion.CSharp12) =>
        CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(version, DocumentationMode.Diagnose), path);

    /// <summary>TorchSharp refers to an older .NET than this; the SDK says nothing of that either.</summary>
    private static readonly Dictionary<string, ReportDiagnostic> Unified = new[] { "CS1701", "CS1702" }.ToDictionary(id => id, _ => ReportDiagnostic.Suppress);

    /// <summary>A compilation at the highest warning level, every warning an error.</summary>
    public static CSharpCompilation Compilation(params SyntaxTree[] trees) => Empty.AddSyntaxTrees(trees);

    /// <summary>All compilations grow from one, so that what they refer to is read once.</summary>
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Models",
        [],
        AllReferences,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999, generalDiagnosticOption: ReportDiagnostic.Error, checkOverflow: true, allowUnsafe: true)
            .WithSpecificDiagnosticOptions(Unified));

    /// <summary>A driver that remembers what each step did.</summary>
    public static GeneratorDriver NewDriver(CSharpParseOptions? options = null) => CSharpGeneratorDriver.Create(
        [new PruneGenerator().AsSourceGenerator()],
        parseOptions: options ?? new CSharpParseOptions(LanguageVersion.CSharp12, DocumentationMode.Diagnose),
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Compiles a class of which nothing is generated, for it has an error.</summary>
    public static Compiled Refused(string source)
    {
        var compiled = From(source);
        Assert.Empty(compiled.Files);
        return compiled;
    }

    /// <summary>Requires that nothing is reported but for information, and that the source and the generated code compile.</summary>
    public Compiled Clean()
    {
        RequireNone(Reports.Where(report => report.Severity != DiagnosticSeverity.Info));
        RequireNone(compilerReports.Value.Where(report => report.DefaultSeverity == DiagnosticSeverity.Error));
        return Sound();
    }

    /// <summary>Requires that the generated code has no warning, and adds no error to those that the source has by itself.</summary>
    public Compiled Sound()
    {
        var generated = Files.Select(file => file.SyntaxTree).ToHashSet();
        RequireNone(compilerReports.Value.Where(report => report.Severity > DiagnosticSeverity.Hidden && report.Location.SourceTree is { } tree && generated.Contains(tree)));
        var errors = compilerReports.Value.Where(report => report.Severity == DiagnosticSeverity.Error).Select(report => report.ToString()).ToList();
        var own = errors.Count == 0 ? [] : input.GetDiagnostics().Select(report => report.ToString()).ToHashSet();
        RequireNone(errors.Where(error => !own.Contains(error)));
        return this;
    }

    /// <summary>The only report, which must be of the given rule and stand at the given text.</summary>
    public Diagnostic Reported(string id, string at)
    {
        Assert.Equal([id], Reports.Select(report => report.Id));
        var report = Reports[0];
        Assert.Equal(at, report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan));
        RequireSuppressible(id);
        return report;
    }

    /// <summary>Requires that a pragma silences a rule, wherever it is reported.</summary>
    private void RequireSuppressible(string id)
    {
        var trees = input.SyntaxTrees.Select(tree => CSharpSyntaxTree.ParseText($"#pragma warning disable {id}\n{tree.GetText()}", (CSharpParseOptions)tree.Options, tree.FilePath));
        var reports = Analyse(input.RemoveAllSyntaxTrees().AddSyntaxTrees(trees));
        Assert.DoesNotContain(reports, report => report.Id == id);
    }

    /// <summary>What the analyzer reports.</summary>
    private static ImmutableArray<Diagnostic> Analyse(Compilation compilation)
    {
        var failures = new List<Exception>();
        var reports = compilation
            .WithAnalyzers([new PruneAnalyzer()], new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (failure, _, _) => failures.Add(failure), concurrentAnalysis: false, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        Assert.Empty(failures);
        return reports;
    }

    private static void RequireNone(IEnumerable<object> reports)
    {
        var lines = string.Join('\n', reports);
        Assert.True(lines.Length == 0, lines);
    }

    private static ImmutableArray<MetadataReference> References()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => Path.GetDirectoryName(path) == framework);
        var ours = new[] { "PruneGen.Attributes", "PruneGen.Axes", "PruneGen.Runtime", "TorchSharp" }.Select(name => Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        return platform.Concat(ours).Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)).ToImmutableArray();
    }
}
