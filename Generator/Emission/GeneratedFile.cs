namespace PruneGen.Generator.Emission;

/// <summary>A generated file.</summary>
/// <param name="Name">The full name of the class that it belongs to.</param>
/// <param name="Text">Its text.</param>
internal sealed record GeneratedFile(string Name, string Text)
{
    private const int LongestName = 120;

    /// <summary>
    /// A name that no other file has. A hash tells apart classes whose names differ only in case, and stands for the rest
    /// of a name that is too long for a path.
    /// </summary>
    /// <param name="collisions">The names that are the same but for case.</param>
    public string HintName(IEnumerable<string> collisions)
    {
        var name = Name.Length > LongestName ? Name.Substring(0, LongestName) : Name;
        return name.Length < Name.Length || collisions.Contains(Name, StringComparer.Ordinal) ? $"{name}-{Hash(Name):x8}.g.cs" : $"{name}.g.cs";
    }

    /// <summary>Whether a file of this path is one that the generator has written: the compiler puts them in a folder of its name.</summary>
    public static bool IsOurs(string path) => Path.GetFileName(Path.GetDirectoryName(path)) == typeof(PruneGenerator).FullName;

    /// <summary>FNV-1a: the same on every machine.</summary>
    private static uint Hash(string text) => text.Aggregate(2166136261u, (hash, letter) => unchecked((hash ^ letter) * 16777619u));
}
