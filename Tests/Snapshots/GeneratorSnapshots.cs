using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace PruneGen.Snapshots;

/// <summary>A generator run as texts, named and written as the package Verify.SourceGenerators does.</summary>
internal static class GeneratorSnapshots
{
    /// <summary>One text for each generated file, and one for the diagnostics when there are any. An exception in a generator is thrown here.</summary>
    public static IReadOnlyList<Snapshot> Of(GeneratorDriverRunResult run)
    {
        foreach (GeneratorRunResult result in run.Results)
        {
            if (result.Exception is not null)
            {
                ExceptionDispatchInfo.Throw(result.Exception);
            }
        }

        IEnumerable<Snapshot> diagnostics = run.Diagnostics.IsEmpty ? [] : [new Snapshot("", "txt", Text(run.Diagnostics))];
        return
        [
            .. diagnostics,
            .. run.Results.SelectMany(result => result.GeneratedSources.OrderBy(source => source.HintName, StringComparer.Ordinal)).Select(Text),
        ];
    }

    private static Snapshot Text(GeneratedSourceResult source) => new(
        Path.GetFileNameWithoutExtension(source.SyntaxTree.FilePath),
        "cs",
        $"//HintName: {source.HintName}\n{source.SourceText}");

    private static string Text(IEnumerable<Diagnostic> diagnostics) =>
        $"{{\n  Diagnostics: [\n{string.Join(",\n", diagnostics.Select(Text))}\n  ]\n}}";

    private static string Text(Diagnostic diagnostic)
    {
        DiagnosticDescriptor rule = diagnostic.Descriptor;
        return Block("    ", "",
        [
            diagnostic.Location == Location.None ? null : $"Location: {Text(diagnostic.Location)}",
            $"Message: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}",
            $"Severity: {diagnostic.Severity}",
            diagnostic.WarningLevel == 0 ? null : $"WarningLevel: {diagnostic.WarningLevel}",
            Block("      ", "Descriptor: ",
            [
                $"Id: {rule.Id}",
                $"Title: {Text(rule.Title)}",
                Optional("Description", Text(rule.Description)),
                Optional("HelpLink", rule.HelpLinkUri),
                $"MessageFormat: {Text(rule.MessageFormat)}",
                $"Category: {rule.Category}",
                $"DefaultSeverity: {rule.DefaultSeverity}",
                $"IsEnabledByDefault: {(rule.IsEnabledByDefault ? "true" : "false")}",
                rule.CustomTags.Any() ? $"CustomTags: [\n{string.Join(",\n", rule.CustomTags.Select(tag => $"          {tag}"))}\n        ]" : null,
            ]).TrimStart(),
        ]);
    }

    private static string Block(string indent, string name, IEnumerable<string?> members) =>
        $"{indent}{name}{{\n{string.Join(",\n", members.OfType<string>().Select(member => $"{indent}  {member}"))}\n{indent}}}";

    private static string? Optional(string name, string value) => string.IsNullOrWhiteSpace(value) ? null : $"{name}: {value}";

    private static string Text(LocalizableString text) => text.ToString(CultureInfo.InvariantCulture);

    // Path, lines and columns; before them, where the source is known, the lines around it with the place underlined.
    private static string Text(Location location)
    {
        FileLinePositionSpan span = location.GetMappedLineSpan();
        string place = span.IsValid ? $"{span.Path.Replace('/', '\\')}: {span.Span}" : "";
        return location.SourceTree is { } tree ? $"/*\n{Underlined(tree.GetText(), location.SourceSpan, span)}*/\n {place}" : place;
    }

    private static string Underlined(SourceText source, TextSpan span, FileLinePositionSpan lines)
    {
        var text = new StringBuilder();
        int first = Math.Max(lines.StartLinePosition.Line - 1, 0);
        int last = Math.Min(lines.EndLinePosition.Line + 1, source.Lines.Count - 1);
        foreach (TextLine line in source.Lines.Skip(first).Take(last - first + 1))
        {
            text.Append(line).Append('\n');
            if (line.Span.Intersection(span) is { } marked)
            {
                text.Append(' ', marked.Start - line.Start).Append('^', marked.Length).Append('\n');
            }
        }

        return text.ToString();
    }
}
