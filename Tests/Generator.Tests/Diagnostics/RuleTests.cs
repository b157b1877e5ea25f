using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.Generator.Tests;

/// <summary>The rules as a product: stable ids, a page each, the release notes, a test each.</summary>
public class RuleTests
{
    public static TheoryData<string> Ids => [.. Rules.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_has_a_page_with_a_before_and_an_after(string id)
    {
        var rule = Rules.Get(id);
        Assert.True(Uri.TryCreate(rule.HelpLinkUri, UriKind.Absolute, out var link) && link.Scheme == Uri.UriSchemeHttps, rule.HelpLinkUri);
        Assert.EndsWith($"/docs/diagnostics/{id}.md", rule.HelpLinkUri, StringComparison.Ordinal);
        var page = File.ReadAllText(Repository.PathOf($"docs/diagnostics/{id}.md"));
        Assert.StartsWith($"# {id}: {rule.Title}\n\nSeverity: {Severity(rule)}.\n", page, StringComparison.Ordinal);
        Assert.Contains("\nBefore:\n", page, StringComparison.Ordinal);
        Assert.Contains("\nAfter:\n", page, StringComparison.Ordinal);
        Assert.Contains($"| [{id}]({id}.md) | {Severity(rule)} | {rule.Title} |", File.ReadAllText(Repository.PathOf("docs/diagnostics/README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_is_in_the_release_notes(string id)
    {
        var rule = Rules.Get(id);
        var notes = new[] { "Shipped", "Unshipped" }.SelectMany(name => File.ReadLines(Repository.PathOf($"Generator/AnalyzerReleases.{name}.md")));
        Assert.Single(notes, $"{id} | {rule.Category} | {rule.DefaultSeverity} | {rule.Title}");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_has_a_test_of_its_own(string id) =>
        Assert.Contains(new[] { typeof(DiagnosticTests), typeof(AnnotationDiagnosticTests), typeof(StatedWidthDiagnosticTests), typeof(RegistrationDiagnosticTests), typeof(HintTests), typeof(ForwardNetTests) }.SelectMany(tests => tests.GetMethods()), method => method.Name.StartsWith(id + "_", StringComparison.Ordinal));

    [Fact]
    public void Ids_are_given_once()
    {
        var constants = typeof(RuleIds).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (string)field.GetRawConstantValue()!).Where(id => id.StartsWith("PG", StringComparison.Ordinal)).Order().ToList();
        Assert.Equal(constants, Rules.All.Select(rule => rule.Id).Order());
        Assert.Equal(Enumerable.Range(1, constants.Count).Select(number => $"PG{number:0000}"), constants);
        Assert.Equal(Rules.All, new PruneAnalyzer().SupportedDiagnostics);
    }

    /// <summary>As a user's .editorconfig sets it; and what would be wrong is not generated, however it is reported.</summary>
    [Theory]
    [InlineData("PG0015", "none", null, true)]
    [InlineData("PG0015", "error", DiagnosticSeverity.Error, true)]
    [InlineData("PG0015", "suggestion", DiagnosticSeverity.Info, true)]
    [InlineData("PG0009", "warning", DiagnosticSeverity.Warning, false)]
    [InlineData("PG0009", "none", null, false)]
    public async Task Severities_are_set_by_editorconfig(string id, string severity, DiagnosticSeverity? expected, bool generated)
    {
        var source = Compiled.Usings + Models.WithForward(id == "PG0009" ? "x = conv1.call(x).view(-1, 1024);\nreturn fc2.call(fc1.call(x));" : "return fc2.call(fc1.call(flatten(pool.call(conv1.call(x)), 1)));", "[KeepWidth] private readonly Linear spare = Linear(2, 2);").Replace("Linear(1024, 32)", id == "PG0009" ? "Linear(1024, 32)" : "Linear(256, 32)", StringComparison.Ordinal);
        var settings = AnalyzerConfigSet.Create(new List<AnalyzerConfig> { AnalyzerConfig.Parse($"root = true\n[*.cs]\ndotnet_diagnostic.{id}.severity = {severity}\n", "/.editorconfig") });
        var compilation = Compiled.Compilation(Compiled.Parse(source, "/Model.cs"));
        compilation = compilation.WithOptions(compilation.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default).WithSyntaxTreeOptionsProvider(new Settings(settings)));
        Assert.Equal(generated, Compiled.NewDriver().RunGenerators(compilation).GetRunResult().GeneratedTrees.Length == 1);
        var reports = (await compilation.WithAnalyzers([new PruneAnalyzer()]).GetAnalyzerDiagnosticsAsync()).Where(report => report.Id == id).ToList();
        Assert.Equal(expected is null ? [] : [expected.Value], reports.Where(report => !report.IsSuppressed).Select(report => report.Severity));
    }

    private sealed class Settings(AnalyzerConfigSet set) : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity) =>
            set.GetOptionsForSourcePath(tree.FilePath).TreeOptions.TryGetValue(diagnosticId, out severity);

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity) =>
            set.GlobalConfigOptions.TreeOptions.TryGetValue(diagnosticId, out severity);
    }

    private static string Severity(DiagnosticDescriptor rule) => rule.DefaultSeverity.ToString().ToLowerInvariant();
}
