using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>
/// PG0008, PG0019 and PG0023: puts <c>[Prunable]</c> on a class, and makes it partial: that of a layer, of an annotated member, or
/// one that replaces what its base class does.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AnnotateClassFix))]
[Shared]
public sealed class AnnotateClassFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        RuleIds.UnsupportedLayer, RuleIds.ClassNotAnnotated, RuleIds.ForwardReplaced);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        var at = root.FindNode(context.Span, getInnermostNodeForTie: true);
        var declared = context.Diagnostics[0].Id == RuleIds.UnsupportedLayer
            ? ClassOf(at, model, context.CancellationToken)
            : at.FirstAncestorOrSelf<ClassDeclarationSyntax>();
        if (declared is null || context.Document.Project.Solution.GetDocument(declared.SyntaxTree) is not { } document)
        {
            return;
        }

        context.RegisterCodeFix(
            CodeAction.Create(
                $"Put [Prunable] on '{declared.Identifier.ValueText}'",
                async cancellation =>
                    document.WithSyntaxRoot(
                        (await declared.SyntaxTree.GetRootAsync(cancellation).ConfigureAwait(false)).ReplaceNode(declared, Annotated(declared))),
                $"{nameof(AnnotateClassFix)}:{declared.Identifier.ValueText}"),
            context.Diagnostics);
    }

    /// <summary>The class of the layer that is called, where it is a single declaration in this project.</summary>
    private static ClassDeclarationSyntax? ClassOf(SyntaxNode call, SemanticModel model, CancellationToken cancellation) =>
        call is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: var layer } }
        && model.GetTypeInfo(layer, cancellation).Type?.DeclaringSyntaxReferences is { Length: 1 } declarations
            ? declarations[0].GetSyntax(cancellation) as ClassDeclarationSyntax
            : null;

    private static ClassDeclarationSyntax Annotated(ClassDeclarationSyntax type)
    {
        var isPartial = type.Modifiers.Any(SyntaxKind.PartialKeyword);
        return AttributeEdits.With(isPartial ? type : (ClassDeclarationSyntax)AddPartialFix.WithPartial(type), "Prunable");
    }
}
