using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Reads <c>[Axes]</c> where it stands on a member, a class or a method, and sees that its words can be read.</summary>
internal sealed class AxesReader
{
    private readonly ParseContext context;
    private readonly HashSet<ISymbol> reported = new(SymbolEqualityComparer.Default);

    public AxesReader(ParseContext context) => this.context = context;

    /// <summary>The attribute on a member or method, or on a class or one that it derives from.</summary>
    public static AttributeData? Find(ISymbol symbol)
    {
        var found = AnnotationParser.Find(symbol, "AxesAttribute");
        for (var type = (symbol as ITypeSymbol)?.BaseType; found is null && type is not null; type = type.BaseType)
        {
            found = AnnotationParser.Find(type, "AxesAttribute");
        }

        return found;
    }

    /// <summary>What the attribute on a symbol says; null where it cannot be read, which has been reported.</summary>
    /// <param name="symbol">The member, class or method.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="use">Where the symbol is used, for reports on attributes of other assemblies.</param>
    public AxesWords? Read(ISymbol symbol, AttributeData attribute, SyntaxNode? use)
    {
        if (attribute.ConstructorArguments is not [{ Kind: TypedConstantKind.Primitive, Value: var notation }]
            || attribute.NamedArguments.Any(argument => argument.Value.Kind == TypedConstantKind.Error))
        {
            // What is no constant the compiler reports.
            context.Break(context.Sites.Add(attribute.ApplicationSyntaxReference?.GetSyntax(context.Cancellation).GetLocation()));
            return null;
        }

        string Named(string name) => attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value as string ?? "";
        var words = new AxesWords((string?)notation ?? "", Named(nameof(AxesText.Parameters)), Named(nameof(AxesText.Inexact)), Named(nameof(AxesText.Macs)));
        try
        {
            AxesNotation.Parse(words.Notation, words.Parameters, words.Inexact, words.Macs);
            return new AxesWords(OneLine(words.Notation), OneLine(words.Parameters), OneLine(words.Inexact), OneLine(words.Macs));
        }
        catch (AxesNotationException exception)
        {
            Report(
                RuleIds.BadNotation,
                symbol,
                attribute,
                use,
                exception.Part == AxesText.Notation ? null : exception.Part.ToString(),
                symbol.Name,
                exception.Message);
            return null;
        }
    }

    /// <summary>Reports that a description does not fit, once for each symbol.</summary>
    public void ReportMisfit(ISymbol symbol, AttributeData attribute, SyntaxNode? use, string problem, string remedy) =>
        Report(RuleIds.BadDescription, symbol, attribute, use, argument: null, symbol.Name, problem, remedy);

    private static string OneLine(string text) => string.Join(" ", text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private void Report(string rule, ISymbol symbol, AttributeData attribute, SyntaxNode? use, string? argument, params string[] words)
    {
        if (!reported.Add(symbol))
        {
            return;
        }

        var syntax = attribute.ApplicationSyntaxReference?.ReadBy(context) as AttributeSyntax;
        var at = syntax?.ArgumentList?.Arguments.FirstOrDefault(given => given.NameEquals?.Name.Identifier.ValueText == argument)?.Expression;
        context.Report(rule, context.Sites.Add((at ?? syntax ?? use)?.GetLocation() ?? context.Type.Locations.FirstOrDefault()), words);
    }
}
