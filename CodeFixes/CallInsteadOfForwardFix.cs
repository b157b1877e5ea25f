using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>PG0016: invokes a layer by <c>call</c>, which runs hooks, instead of <c>forward</c>, which does not.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CallInsteadOfForwardFix))]
[Shared]
public sealed class CallInsteadOfForwardFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.HooksSkipped);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is { } root
            && root.FindNode(context.Span, getInnermostNodeForTie: true) is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called }
            && called.Name is IdentifierNameSyntax { Identifier.ValueText: "forward" } name)
        {
            var call = SyntaxFactory.IdentifierName("call").WithTriviaFrom(name);
            context.RegisterCodeFix(
                CodeAction.Create(
                    "Write call() instead of forward()",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(name, call))),
                    nameof(CallInsteadOfForwardFix)),
                context.Diagnostics);
        }
    }
}
