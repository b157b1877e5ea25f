using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>PG0009 and PG0033: puts <c>[KeepWidth]</c> on the layer whose width a number states, which is then true.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(KeepWidthFix))]
[Shared]
public sealed class KeepWidthFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.BakedWidth, RuleIds.StatedWidth);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is { } root
            && context.Diagnostics[0].Properties.TryGetValue(RuleIds.KeptLayer, out var layer)
            && root.FindNode(context.Span)
                .FirstAncestorOrSelf<ClassDeclarationSyntax>()?.Members.FirstOrDefault(member => Declares(member, layer!)) is { } declared)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Keep the width of '{layer}'",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(declared, AttributeEdits.With(declared, "KeepWidth")))),
                    $"{nameof(KeepWidthFix)}:{layer}"),
                context.Diagnostics);
        }
    }

    /// <summary>Whether a member is that layer and nothing else: an attribute on several fields would hold them all.</summary>
    private static bool Declares(MemberDeclarationSyntax member, string layer) => member switch
    {
        FieldDeclarationSyntax { Declaration.Variables: { Count: 1 } fields } => fields[0].Identifier.ValueText == layer,
        PropertyDeclarationSyntax property => property.Identifier.ValueText == layer,
        _ => false,
    };
}
