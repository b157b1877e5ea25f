using System.Reflection;
using Microsoft.CodeAnalysis;
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
        Assert.Equal($"docs/diagnostics/{id}.md", rule.HelpLinkUri);
        var page = File.ReadAllText(Repository.PathOf(rule.HelpLinkUri));
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
        Assert.Contains(new[] { typeof(DiagnosticTests), typeof(HintTests) }.SelectMany(tests => tests.GetMethods()), method => method.Name.StartsWith(id + "_", StringComparison.Ordinal));

    [Fact]
    public void Ids_are_given_once()
    {
        var constants = typeof(RuleIds).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (string)field.GetRawConstantValue()!).Where(id => id.StartsWith("PG", StringComparison.Ordinal)).Order().ToList();
        Assert.Equal(constants, Rules.All.Select(rule => rule.Id).Order());
        Assert.Equal(Enumerable.Range(1, constants.Count).Select(number => $"PG{number:0000}"), constants);
        Assert.Equal(Rules.All, new PruneAnalyzer().SupportedDiagnostics);
    }

    private static string Severity(DiagnosticDescriptor rule) => rule.DefaultSeverity.ToString().ToLowerInvariant();
}
