using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using PruneGen.Generator;

namespace PruneGen.CodeFixes.Tests;

/// <summary>Applies code fixes as an editor does: analyse, offer, apply, until nothing more is offered.</summary>
internal static class Fixing
{
    private static readonly ImmutableArray<MetadataReference> AllReferences = References();

    /// <summary>The source after every fix for a rule has been applied; and after that the rule must be content.</summary>
    /// <param name="source">The source.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="fix">Its fix.</param>
    public static async Task<string> Fixed(string source, string rule, CodeFixProvider fix)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);
        for (var round = 0; round < 10; round++)
        {
            var report = (await Reports(document)).FirstOrDefault(report => report.Id == rule);
            if (report is null)
            {
                return (await document.GetTextAsync()).ToString();
            }

            if (await Offer(document, report, fix) is not { } action)
            {
                return (await document.GetTextAsync()).ToString();
            }

            var changed = (await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single().ChangedSolution;
            document = changed.GetDocument(document.Id)!;
        }

        throw new InvalidOperationException($"{fix.GetType().Name} has been applied ten times, and {rule} is still reported.");
    }

    /// <summary>The source after all reports of a rule that offer the same have been fixed at once, as "Fix all in document" does.</summary>
    /// <inheritdoc cref="Fixed"/>
    public static async Task<string> FixedAtOnce(string source, string rule, CodeFixProvider fix)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);
        var first = (await Reports(document)).First(report => report.Id == rule);
        var offered = (await Offer(document, first, fix))!;
        var context = new FixAllContext(document, fix, FixAllScope.Document, offered.EquivalenceKey, [rule], new Reported(), CancellationToken.None);
        var action = (await fix.GetFixAllProvider()!.GetFixAsync(context))!;
        var changed = (await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single().ChangedSolution;
        return (await changed.GetDocument(document.Id)!.GetTextAsync()).ToString();
    }

    private static Document Open(AdhocWorkspace workspace, string source) => workspace
        .AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "Models", "Models", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable),
            parseOptions: new CSharpParseOptions(LanguageVersion.CSharp12),
            metadataReferences: AllReferences))
        .AddDocument("Model.cs", SourceText.From(source), filePath: "Model.cs");

    /// <summary>What the analyzer reports of a source.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Reports(Document document)
    {
        var compilation = (await document.Project.GetCompilationAsync())!;
        var failures = new List<Exception>();
        var reports = await compilation
            .WithAnalyzers([new PruneAnalyzer()], new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (failure, _, _) => failures.Add(failure), concurrentAnalysis: false, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync();
        Assert.Empty(failures);
        return [.. reports.OrderBy(report => report.Location.SourceSpan.Start)];
    }

    private static async Task<CodeAction?> Offer(Document document, Diagnostic report, CodeFixProvider fix)
    {
        CodeAction? offered = null;
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, report, (action, _) => offered = action, CancellationToken.None));
        return offered;
    }

    private static ImmutableArray<MetadataReference> References()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => Path.GetDirectoryName(path) == framework);
        var ours = new[] { "PruneGen.Attributes", "PruneGen.Axes", "PruneGen.Runtime", "TorchSharp" }.Select(name => Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        return [.. platform.Concat(ours).Select(path => MetadataReference.CreateFromFile(path))];
    }

    /// <summary>What there is to fix all at once.</summary>
    private sealed class Reported : FixAllContext.DiagnosticProvider
    {
        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => await Reports(document);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult(Enumerable.Empty<Diagnostic>());

        public override async Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => await Reports(project.Documents.Single());
    }
}
