using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.CodeFixes;

/// <summary>
/// PG0009 and PG0033: where a number states a width that pruning changes, lets the size be inferred (-1) or reads it from the tensor.
/// The analysis has tried what it proposes: the diagnostic's properties say which size becomes what.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReadWidthFix))]
[Shared]
public sealed class ReadWidthFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(RuleIds.BakedWidth, RuleIds.StatedWidth);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || root.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax constant
            || !diagnostic.Properties.TryGetValue(RuleIds.FixedSize, out var own)
            || Sizes(constant, Index(own)) is not { } sizes
            || constant.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } view)
        {
            return;
        }

        var changes = new Dictionary<ExpressionSyntax, ExpressionSyntax>();
        foreach (var change in diagnostic.Properties.Where(property => property.Key is not (RuleIds.FixedSize or RuleIds.KeptLayer)))
        {
            // A size is read from the tensor once more, which only a plain name allows.
            if (Expression(change.Value!, Tensor(view)) is not { } size || Index(change.Key) >= sizes.Count)
            {
                return;
            }

            changes.Add(sizes[Index(change.Key)], size);
        }

        var text = string.Join(", ", sizes.Select(size => changes.TryGetValue(size, out var instead) ? instead.ToString() : size.ToString()));
        context.RegisterCodeFix(
            CodeAction.Create(
                $"Follow the tensor: ({text})",
                _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNodes(changes.Keys, (old, _) => changes[old].WithTriviaFrom(old)))),
                nameof(ReadWidthFix)),
            diagnostic);
    }

    /// <summary>The sizes that a constant stands among: elements of an array, or arguments in a row.</summary>
    private static IReadOnlyList<ExpressionSyntax>? Sizes(ExpressionSyntax constant, int index)
    {
        switch (constant.Parent)
        {
            case InitializerExpressionSyntax array:
                return array.Expressions;
            case ArgumentSyntax { Parent: ArgumentListSyntax { Arguments: var arguments } } argument:
                var first = arguments.IndexOf(argument) - index;
                return first < 0 ? null : arguments.Skip(first).Select(each => each.Expression).ToList();
            default:
                return null;
        }
    }

    /// <summary>The name of the tensor that is viewed: the receiver of a method, or the first argument of a function.</summary>
    private static string? Tensor(InvocationExpressionSyntax view)
    {
        var tensor = view.Expression is MemberAccessExpressionSyntax access && !IsTorch(access.Expression)
            ? access.Expression
            : view.ArgumentList.Arguments[0].Expression;
        return (tensor as IdentifierNameSyntax)?.Identifier.Text;
    }

    private static bool IsTorch(ExpressionSyntax expression) =>
        expression is IdentifierNameSyntax { Identifier.ValueText: "torch" } or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "torch" };

    private static ExpressionSyntax? Expression(string size, string? tensor) =>
        size == "-1" ? SyntaxFactory.ParseExpression(size)
        : tensor is null ? null
        : SyntaxFactory.ParseExpression($"{tensor}.{size}");

    private static int Index(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);
}
