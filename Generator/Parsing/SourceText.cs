using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Source text as the generated code's comments quote it.</summary>
internal static class SourceText
{
    private const int LongestQuote = 100;

    /// <summary>The text of a node on one line, without its comments, in one spacing whatever its own.</summary>
    public static string Quote(SyntaxNode node)
    {
        var text = new StringBuilder();
        var (previous, gap) = ("", false);
        foreach (var token in node.DescendantTokens())
        {
            gap |= HasSpace(token.LeadingTrivia);
            if (gap && text.Length > 0 && !"([.!".Contains(previous) && !")];,.".Contains(token.Text))
            {
                text.Append(' ');
            }

            foreach (var letter in token.Text)
            {
                // A line separator inside a string would end the comment that quotes it.
                text.Append(char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter);
            }

            if (text.Length > LongestQuote)
            {
                return text.ToString(0, LongestQuote) + " …";
            }

            (previous, gap) = (token.Text, HasSpace(token.TrailingTrivia));
        }

        return text.ToString();
    }

    /// <summary>The text of a node on one line, without its comments, with other expressions in the place of some parts.</summary>
    public static Verbatim Rewrite(SyntaxNode node, IReadOnlyDictionary<TextSpan, Hole> edits)
    {
        var (texts, holes, text) = (new List<string>(), new List<Hole>(), new StringBuilder());
        var (previous, gap, done) = ('\0', false, -1);
        foreach (var token in node.DescendantTokens())
        {
            if (token.SpanStart < done)
            {
                gap = HasSpace(token.TrailingTrivia);
                continue;
            }

            gap |= HasSpace(token.LeadingTrivia);
            if (gap && previous != '\0' && !"([.!".Contains(previous) && !")];,.".Contains(token.Text))
            {
                text.Append(' ');
            }

            var trailing = token.TrailingTrivia;
            if (edits.Where(edit => edit.Key.Start == token.SpanStart)
                .OrderByDescending(edit => edit.Key.Length)
                .Select(edit => (TextSpan?)edit.Key)
                .FirstOrDefault() is { } span)
            {
                texts.Add(text.ToString());
                text.Clear();
                holes.Add(edits[span]);
                (done, previous) = (span.End, 'x');
                trailing = node.FindToken(span.End - 1).TrailingTrivia;
            }
            else
            {
                text.Append(token.Text);
                previous = token.Text.Length > 0 ? token.Text[token.Text.Length - 1] : '\0';
            }

            gap = HasSpace(trailing);
        }

        texts.Add(text.ToString());
        return new Verbatim(texts.ToEquatable(), holes.ToEquatable(), BindingOf(node), ChangesSomething(node), NeedsType(node));
    }

    private static bool ChangesSomething(SyntaxNode node) => node.DescendantNodesAndSelf().Any(inner => inner switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } } =>
            name is "Pop" or "Dequeue" or "MoveNext",
        PostfixUnaryExpressionSyntax step => step.OperatorToken.RawKind is (int)SyntaxKind.PlusPlusToken or (int)SyntaxKind.MinusMinusToken,
        PrefixUnaryExpressionSyntax step => step.OperatorToken.RawKind is (int)SyntaxKind.PlusPlusToken or (int)SyntaxKind.MinusMinusToken,
        ArgumentSyntax argument => argument.RefKindKeyword.RawKind is (int)SyntaxKind.OutKeyword or (int)SyntaxKind.RefKeyword,
        _ => false,
    });

    /// <summary>Whether an expression takes its type from what it is assigned to.</summary>
    private static bool NeedsType(SyntaxNode node) =>
        node is CollectionExpressionSyntax or ImplicitObjectCreationExpressionSyntax or InitializerExpressionSyntax
        || node.RawKind is (int)SyntaxKind.NullLiteralExpression or (int)SyntaxKind.DefaultLiteralExpression;

    private static Binding BindingOf(SyntaxNode node) => node switch
    {
        ArgumentSyntax { NameColon: null, Expression: var given } => BindingOf(given),
        AssignmentExpressionSyntax or AnonymousFunctionExpressionSyntax or ThrowExpressionSyntax => Binding.Lowest,
        ConditionalExpressionSyntax => Binding.Conditional,
        BinaryExpressionSyntax binary => (SyntaxKind)binary.RawKind switch
        {
            SyntaxKind.CoalesceExpression => Binding.Coalesce,
            SyntaxKind.LogicalOrExpression => Binding.Or,
            SyntaxKind.LogicalAndExpression => Binding.And,
            SyntaxKind.BitwiseOrExpression => Binding.BitwiseOr,
            SyntaxKind.ExclusiveOrExpression => Binding.ExclusiveOr,
            SyntaxKind.BitwiseAndExpression => Binding.BitwiseAnd,
            SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression => Binding.Equality,
            SyntaxKind.LeftShiftExpression or SyntaxKind.RightShiftExpression or SyntaxKind.UnsignedRightShiftExpression => Binding.Shift,
            SyntaxKind.AddExpression or SyntaxKind.SubtractExpression => Binding.Sum,
            SyntaxKind.MultiplyExpression or SyntaxKind.DivideExpression or SyntaxKind.ModuloExpression => Binding.Product,
            _ => Binding.Relational,
        },
        IsPatternExpressionSyntax => Binding.Relational,
        SwitchExpressionSyntax => Binding.Switch,
        RangeExpressionSyntax => Binding.Range,
        PrefixUnaryExpressionSyntax or CastExpressionSyntax or AwaitExpressionSyntax or ConditionalAccessExpressionSyntax => Binding.Prefix,
        _ => Binding.Primary,
    };

    private static bool HasSpace(SyntaxTriviaList trivia)
    {
        foreach (var piece in trivia)
        {
            if (piece.RawKind is (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.WhitespaceTrivia
                or (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.EndOfLineTrivia)
            {
                return true;
            }
        }

        return false;
    }
}
