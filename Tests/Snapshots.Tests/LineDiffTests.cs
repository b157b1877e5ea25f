using Xunit;

namespace PruneGen.Snapshots.Tests;

public class LineDiffTests
{
    [Fact]
    public void AnInsertedLineHasItsNewNumber() =>
        Assert.Equal("    1   a\n    2 + b\n    3   c\n", LineDiff.Show("a\nc", "a\nb\nc"));

    [Fact]
    public void ARemovedLineHasItsOldNumber() =>
        Assert.Equal("    1   a\n    2 - b\n    2   c\n", LineDiff.Show("a\nb\nc", "a\nc"));

    [Fact]
    public void LinesFarFromAChangeAreLeftOut()
    {
        string old = string.Join('\n', Enumerable.Range(1, 20));

        string shown = LineDiff.Show(old, old.Replace("10", "ten"));

        Assert.Equal("    ...\n    7   7\n    8   8\n    9   9\n   10 - 10\n   10 + ten\n   11   11\n   12   12\n   13   13\n", shown);
    }
}
