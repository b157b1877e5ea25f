using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>PG0013: takes off the ratio that contradicts another one of the same group; the group goes by the other.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveRatioFix))]
[Shared]
public sealed class RemoveRatioFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.ContradictoryRatios);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is { } root
            && root.FindNode(context.Span).FirstAncestorOrSelf<AttributeSyntax>() is { ArgumentList.Arguments: var arguments } attribute
            && arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == "Ratio") is { } ratio)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Remove '{ratio}'",
                    _ =>
                        Task.FromResult(
                            context.Document.WithSyntaxRoot(
                                arguments.Count == 1 ? AttributeEdits.Without(root, attribute) : root.RemoveNode(ratio, SyntaxRemoveOptions.KeepNoTrivia)!)),
                    nameof(RemoveRatioFix)),
                context.Diagnostics);
        }
    }
}
