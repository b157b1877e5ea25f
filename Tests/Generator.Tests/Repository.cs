using System.Runtime.CompilerServices;

namespace PruneGen.Generator.Tests;

/// <summary>Files of this repository.</summary>
internal static class Repository
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static string PathOf(string file) => Path.Combine(Root, file);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
