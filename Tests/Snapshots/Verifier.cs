using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace PruneGen.Snapshots;

/// <summary>
/// Compares what a test made with the files that were approved before. A small stand-in for the package
/// Verify.SourceGenerators: the same calls, the same files.
/// </summary>
public static class Verifier
{
    /// <summary>Compares a text with <c>TestClass.TestMethod.verified.<paramref name="extension"/></c> beside the calling source file.</summary>
    /// <exception cref="SnapshotException">It differs, or there is no such file yet. What was received lies beside it.</exception>
    public static Task Verify(string text, string extension = "txt", [CallerFilePath] string sourceFile = "") =>
        Verify([new Snapshot("", extension, text)], sourceFile);

    /// <summary>
    /// Compares every generated file with <c>TestClass.TestMethod#file.verified.cs</c>, and the generators' diagnostics,
    /// if there are any, with <c>TestClass.TestMethod.verified.txt</c>.
    /// </summary>
    /// <exception cref="SnapshotException">One differs, is new, or is approved and was not generated.</exception>
    public static Task Verify(GeneratorDriver driver, [CallerFilePath] string sourceFile = "") =>
        Verify(driver.GetRunResult(), sourceFile);

    /// <inheritdoc cref="Verify(GeneratorDriver, string)"/>
    public static Task Verify(GeneratorDriverRunResult result, [CallerFilePath] string sourceFile = "") =>
        Verify(GeneratorSnapshots.Of(result), sourceFile);

    private static Task Verify(IReadOnlyList<Snapshot> snapshots, string sourceFile)
    {
        MethodInfo test = UseSnapshotsAttribute.RunningTest;
        if (test.GetParameters().Length > 0)
        {
            throw new InvalidOperationException($"{test.Name} has parameters, and the names of snapshots have no place for their values. Make it one [Fact] for each snapshot.");
        }

        SnapshotFiles.Compare(Path.GetDirectoryName(sourceFile)!, $"{NameOf(test.ReflectedType!)}.{test.Name}", snapshots);
        return Task.CompletedTask;
    }

    private static string NameOf(Type type) =>
        type.DeclaringType is { } outer ? $"{NameOf(outer)}.{type.Name}" : type.Name;
}
