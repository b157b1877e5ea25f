using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Emission;

/// <summary>Names that may stand in C#.</summary>
internal static class Identifiers
{
    private static readonly Regex BackingField = new("<([^>]*)>k__BackingField", RegexOptions.CultureInvariant);

    /// <summary>A name with <c>@</c> before it where it is a reserved word.</summary>
    public static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None ? "@" + name : name;

    /// <summary>The name of a type or namespace; there, words such as <c>record</c> and <c>partial</c> need the <c>@</c> too.</summary>
    public static string EscapeType(string name) => SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "@" + name : Escape(name);

    /// <summary>A path or axis with properties called as in the source, and not after the fields behind them.</summary>
    public static string Readable(string text) => text.IndexOf('<') < 0 ? text : BackingField.Replace(text, "$1");

    /// <summary>An identifier made of a layer's path: <c>features.0</c> gives <c>features_0</c>.</summary>
    public static string FromPath(string path)
    {
        var text = new StringBuilder();
        foreach (var letter in Readable(path))
        {
            text.Append(SyntaxFacts.IsIdentifierPartCharacter(letter) ? letter : '_');
        }

        return text.Length > 0 && SyntaxFacts.IsIdentifierStartCharacter(text[0]) ? text.ToString() : "_" + text;
    }
}
