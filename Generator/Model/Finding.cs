namespace PruneGen.Generator.Model;

/// <summary>Something to tell the model's author: the id of a rule, the place, and the words that fill its message.</summary>
/// <param name="Rule">The rule's id.</param>
/// <param name="Site">The place, as a number that the parser's map of sites resolves.</param>
/// <param name="Arguments">What fills the message.</param>
/// <param name="Fix">What a code fix needs; empty for none.</param>
internal sealed record Finding(string Rule, int Site, EquatableArray<string> Arguments, EquatableArray<NamedText> Fix)
{
    public Finding(string rule, int site, params string[] arguments)
        : this(rule, site, arguments.ToEquatable(), [])
    {
    }
}
