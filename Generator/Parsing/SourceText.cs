using System.Text;
using Microsoft.CodeAnalysis;

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
