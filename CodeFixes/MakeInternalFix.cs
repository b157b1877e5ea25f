using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>PG0024: makes a class of one file alone one of the whole project.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakeInternalFix))]
[Shared]
public sealed class MakeInternalFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.FileLocal);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is { } root
            && root.FindToken(context.Span.Start).Parent?.AncestorsAndSelf()
                .OfType<TypeDeclarationSyntax>()
                .SelectMany(type => type.Modifiers)
                .FirstOrDefault(modifier => modifier.IsKind(SyntaxKind.FileKeyword)) is { RawKind: not 0 } file)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    "Make it internal",
                    _ =>
                        Task.FromResult(
                            context.Document.WithSyntaxRoot(root.ReplaceToken(file, SyntaxFactory.Token(SyntaxKind.InternalKeyword).WithTriviaFrom(file)))),
                    nameof(MakeInternalFix)),
                context.Diagnostics);
        }
    }
}
