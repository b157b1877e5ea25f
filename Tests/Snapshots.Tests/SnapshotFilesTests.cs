using Xunit;

namespace PruneGen.Snapshots.Tests;

public sealed class SnapshotFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void AnEqualTextPassesAndLeavesNoReceivedFile()
    {
        Write("T.M.verified.txt", "one\ntwo");
        Write("T.M.received.txt", "of an earlier run");

        Compare(new Snapshot("", "txt", "one\ntwo"));

        Assert.Equal(["T.M.verified.txt"], Files);
    }

    [Fact]
    public void LineEndingsAndAByteOrderMarkMakeNoDifference()
    {
        Write("T.M.verified.txt", "\ufeffone\r\ntwo\r\n");
        Compare(new Snapshot("", "txt", "one\ntwo\n"));

        Write("T.M.verified.txt", "one\ntwo\n");
        Compare(new Snapshot("", "txt", "one\r\ntwo\r\n"));
    }

    [Fact]
    public void TheNewLineThatEditorsAddMakesNoDifference()
    {
        Write("T.M.verified.txt", "one\n");
        Compare(new Snapshot("", "txt", "one"));
    }

    [Fact]
    public void ANewLineMoreInTheTextIsADifference()
    {
        Write("T.M.verified.txt", "one");
        Refused("differs from", new Snapshot("", "txt", "one\n"));
    }

    [Fact]
    public void ADifferenceFailsShowsItAndLeavesTheReceivedFile()
    {
        Write("T.M#a.verified.cs", "one\ntwo\nthree");

        string message = Refused("T.M#a.verified.cs (-) differs from T.M#a.received.cs (+)", new Snapshot("a", "cs", "one\nTWO\nthree"));

        Assert.Contains("    2 - two\n", message);
        Assert.Contains("    2 + TWO\n", message);
        Assert.Equal("one\nTWO\nthree", File.ReadAllText(Path.Combine(folder, "T.M#a.received.cs")));
        Assert.Equal("one\ntwo\nthree", File.ReadAllText(Path.Combine(folder, "T.M#a.verified.cs")));
    }

    [Fact]
    public void ANewTextFailsAndSaysHowToApproveIt()
    {
        string message = Refused("T.M.verified.txt does not exist", new Snapshot("", "txt", "new"));

        Assert.Contains("T.M.received.txt beside it is right, rename it", message);
        Assert.Equal(["T.M.received.txt"], Files);
    }

    [Fact]
    public void AnApprovedFileThatWasNotMadeFails()
    {
        Write("T.M#a.verified.cs", "a");
        Write("T.M#b.verified.cs", "b");
        Write("T.M.verified.txt", "diagnostics");

        string message = Refused("T.M#b.verified.cs is approved, and the test did not make it", new Snapshot("a", "cs", "a"));

        Assert.Contains("T.M.verified.txt is approved", message);
    }

    [Fact]
    public void FilesOfOtherTestsAreLeftAlone()
    {
        Write("T.M.verified.txt", "text");
        Write("T.More.verified.txt", "of another test");
        Write("T.More#a.verified.cs", "of another test");

        Compare(new Snapshot("", "txt", "text"));
    }

    [Fact]
    public void AllDifferencesOfATestAreTold()
    {
        Write("T.M#a.verified.cs", "a");

        string message = Refused("T.M#a.verified.cs (-)", new Snapshot("a", "cs", "changed"), new Snapshot("b", "cs", "new"));

        Assert.Contains("T.M#b.verified.cs does not exist", message);
    }

    private string[] Files => [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    private void Compare(params Snapshot[] snapshots) => SnapshotFiles.Compare(folder, "T.M", snapshots);

    private string Refused(string because, params Snapshot[] snapshots)
    {
        string message = Assert.Throws<SnapshotException>(() => Compare(snapshots)).Message;
        Assert.Contains(because, message);
        return message;
    }
}
