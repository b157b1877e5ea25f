using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

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

    /// <summary>The text of a node as C#, without its comments and on one line, with other text in the place of some parts.</summary>
    public static string Rewrite(SyntaxNode node, IReadOnlyDictionary<TextSpan, string> edits)
    {
        var text = new StringBuilder();
        var (previous, gap, done) = ("", false, -1);
        foreach (var token in node.DescendantTokens())
        {
            if (token.SpanStart < done)
            {
                gap = HasSpace(token.TrailingTrivia);
                continue;
            }

            var part = token.Text;
            var trailing = token.TrailingTrivia;
            foreach (var edit in edits.Where(edit => edit.Key.Start == token.SpanStart).OrderByDescending(edit => edit.Key.Length).Take(1))
            {
                (part, done) = (edit.Value, edit.Key.End);
                trailing = node.FindToken(edit.Key.End - 1).TrailingTrivia;
            }

            gap |= HasSpace(token.LeadingTrivia);
            if (gap && text.Length > 0 && !"([.!".Contains(previous) && !")];,.".Contains(token.Text))
            {
                text.Append(' ');
            }

            text.Append(part);
            (previous, gap) = (part.Length > 0 ? part.Substring(part.Length - 1) : "", HasSpace(trailing));
        }

        return text.ToString();
    }

    private static bool HasSpace(SyntaxTriviaList trivia)
    {
        foreach (var piece in trivia)
        {
            if (piece.RawKind is (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.WhitespaceTrivia or (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.EndOfLineTrivia)
            {
                return true;
            }
        }

        return false;
    }
}
