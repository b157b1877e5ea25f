using System.Runtime.CompilerServices;

namespace PruneGen.Generator.Tests;

/// <summary>Models longer than a screen, each a file beside the test that compiles it.</summary>
internal static class Input
{
    /// <summary>The text of <c>NAME.input.cs</c> in the test's own folder.</summary>
    public static string Read(string name, [CallerFilePath] string test = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(test)!, $"{name}.input.cs"));
}
