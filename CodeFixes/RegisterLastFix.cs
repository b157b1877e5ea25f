using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>PG0027: where a constructor assigns a layer after <c>RegisterComponents()</c>, moves that call to its end.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RegisterLastFix))]
[Shared]
public sealed class RegisterLastFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.NotRegistered);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is { } root
            && root.FindNode(context.Span).FirstAncestorOrSelf<ConstructorDeclarationSyntax>()?.Body is { } body
            && body.Statements.FirstOrDefault(IsRegistration) is { } call && call.Span.End <= context.Span.Start)
        {
            var moved = body.WithStatements(body.Statements.Remove(call).Add(call));
            context.RegisterCodeFix(
                CodeAction.Create(
                    "Call RegisterComponents() last",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(body, moved))),
                    nameof(RegisterLastFix)),
                context.Diagnostics);
        }
    }

    private static bool IsRegistration(StatementSyntax statement) =>
        statement is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: var called } }
        && called is IdentifierNameSyntax { Identifier.ValueText: "RegisterComponents" }
            or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax, Name.Identifier.ValueText: "RegisterComponents" };
}
