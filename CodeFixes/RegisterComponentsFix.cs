using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>PG0028: calls <c>RegisterComponents()</c> at the end of a constructor.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RegisterComponentsFix))]
[Shared]
public sealed class RegisterComponentsFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.NeverRegisters);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        // A primary constructor has no body to call it from.
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is { } root
            && root.FindToken(context.Span.Start).Parent is ConstructorDeclarationSyntax constructor)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    "Call RegisterComponents()",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(constructor, WithCall(constructor)))),
                    nameof(RegisterComponentsFix)),
                context.Diagnostics);
        }
    }

    private static ConstructorDeclarationSyntax WithCall(ConstructorDeclarationSyntax constructor)
    {
        var call = SyntaxFactory.ParseStatement("RegisterComponents();").WithAdditionalAnnotations(Formatter.Annotation);
        if (constructor.Body is { } block)
        {
            return constructor.WithBody(block.AddStatements(call));
        }

        var body = SyntaxFactory.Block(SyntaxFactory.ExpressionStatement(constructor.ExpressionBody!.Expression), call);
        return constructor.WithExpressionBody(null)
            .WithSemicolonToken(default)
            .WithBody(body)
            .WithTriviaFrom(constructor)
            .WithAdditionalAnnotations(Formatter.Annotation);
    }
}
