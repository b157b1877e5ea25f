using System.Text;

namespace PruneGen.Snapshots;

/// <summary>One text of a test.</summary>
/// <param name="Name">Tells the texts of one test apart; empty for its only or main one.</param>
/// <param name="Extension">The file's extension, without the dot.</param>
/// <param name="Text">The text.</param>
internal sealed record Snapshot(string Name, string Extension, string Text)
{
    public string File(string test, string state) => $"{test}{(Name.Length > 0 ? "#" : "")}{Name}.{state}.{Extension}";
}

/// <summary>The approved files of one test, and what is received in their place.</summary>
internal static class SnapshotFiles
{
    /// <summary>Compares all the texts of a test with its approved files.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="test">What their names start with: class and method.</param>
    /// <param name="snapshots">The texts. Line endings make no difference, nor does one more at the approved file's end: editors add it.</param>
    /// <exception cref="SnapshotException">One differs, is new, or is approved and was not made.</exception>
    public static void Compare(string folder, string test, IReadOnlyList<Snapshot> snapshots)
    {
        var failures = new List<string>();
        foreach (Snapshot snapshot in snapshots)
        {
            string verified = Path.Combine(folder, snapshot.File(test, "verified"));
            string received = Path.Combine(folder, snapshot.File(test, "received"));
            string text = snapshot.Text.ReplaceLineEndings("\n");
            string? approved = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : null;
            if (approved == text || approved == text + "\n")
            {
                File.Delete(received);
                continue;
            }

            File.WriteAllText(received, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            failures.Add(approved is null
                ? $"{verified} does not exist.\nIf {Path.GetFileName(received)} beside it is right, rename it so."
                : $"{verified} (-) differs from {Path.GetFileName(received)} (+):\n{LineDiff.Show(approved, text)}");
        }

        HashSet<string> made = [.. snapshots.Select(snapshot => snapshot.File(test, "verified"))];
        foreach (string name in Approved(folder, test).Where(name => !made.Contains(name)).Order(StringComparer.Ordinal))
        {
            failures.Add($"{Path.Combine(folder, name)} is approved, and the test did not make it.\nIf that is right, delete it.");
        }

        if (failures.Count > 0)
        {
            throw new SnapshotException(string.Join("\n\n", failures));
        }
    }

    private static IEnumerable<string> Approved(string folder, string test) =>
        Directory.EnumerateFiles(folder, $"{test}*.verified.*").Select(path => Path.GetFileName(path))
            .Where(name => name[test.Length] is '#' || name.StartsWith($"{test}.verified.", StringComparison.Ordinal));
}
