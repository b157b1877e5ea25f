using Xunit;

namespace PruneGen.Samples.Mnist.Tests;

public sealed class MnistCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> log = [];
    private readonly MnistFile[] wanted = [Samples.Images, Samples.Labels];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task FilesThatAreThereAreNotFetched()
    {
        File.WriteAllBytes(folder["images"], Samples.ImageBytes);
        File.WriteAllBytes(folder["labels"], Samples.LabelBytes);
        var source = new MemorySource("source");

        await Cache(source).EnsureAsync(wanted);

        Assert.Equal(0, source.Asked);
        Assert.Empty(log);
    }

    [Fact]
    public async Task OnlyWhatIsMissingIsFetched()
    {
        File.WriteAllBytes(folder["images"], Samples.ImageBytes);
        var source = new MemorySource("source", ("labels", Samples.LabelBytes));

        MnistCache cache = Cache(source);
        await cache.EnsureAsync(wanted);

        Assert.Equal([7, 0, 9], cache.Read(Samples.Labels).ToArray());
        Assert.Equal(["images", "labels"], folder.Entries);
    }

    [Fact]
    public async Task AFolderThatDoesNotExistIsMade()
    {
        var cache = new MnistCache(folder["a/b"], [Good("source")], log.Add);

        await cache.EnsureAsync(wanted);

        Assert.Equal([7, 0, 9], cache.Read(Samples.Labels).ToArray());
    }

    [Fact]
    public async Task TheFirstSourceThatHasTheFilesIsTaken()
    {
        MemorySource down = new("down") { Failure = "no route to host" }, up = Good("up"), spare = Good("spare");

        await Cache(down, up, spare).EnsureAsync(wanted);

        Assert.Equal((1, 1, 0), (down.Asked, up.Asked, spare.Asked));
        Assert.Contains(log, line => line.Contains("fetching 2 files from down"));
        Assert.Contains(log, line => line.Contains("no route to host"));
        Assert.Contains(log, line => line.Contains("fetching 2 files from up"));
    }

    [Fact]
    public async Task ADamagedDownloadIsNotKeptAndTheNextSourceIsTried()
    {
        var damaged = new MemorySource("damaged", ("images", Samples.ImageBytes), ("labels", Samples.LabelBytes[..^1]));

        MnistCache cache = Cache(damaged, Good("good"));
        await cache.EnsureAsync(wanted);

        Assert.Equal([7, 0, 9], cache.Read(Samples.Labels).ToArray());
        Assert.Contains(log, line => line.Contains("labels is not the original labels: its size should be 11 bytes and is 10 bytes"));
    }

    [Fact]
    public async Task WhenNothingHasTheFilesTheErrorNamesEverySourceAndWhatToDo()
    {
        MnistCache cache = Cache(new MemorySource("first") { Failure = "timed out" }, new MemorySource("second") { Failure = "404" });

        var error = await Assert.ThrowsAsync<MnistDataException>(() => cache.EnsureAsync(wanted));

        Assert.Contains(folder.Path, error.Message);
        Assert.Contains("first: timed out", error.Message);
        Assert.Contains("second: 404", error.Message);
        Assert.Contains("Put images, labels (unpacked) into that folder", error.Message);
        Assert.Contains("--data", error.Message);
        Assert.Contains(MnistCache.FolderVariable, error.Message);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public async Task ACancelledFetchLeavesNothingBehind()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache(Good("source")).EnsureAsync(wanted, cancelled.Token));

        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void ADamagedFileInTheFolderIsNamedWithTheRemedy()
    {
        byte[] content = Samples.LabelBytes;
        content[^1] ^= 1;
        File.WriteAllBytes(folder["labels"], content);

        var error = Assert.Throws<MnistDataException>(() => Cache().Read(Samples.Labels));

        Assert.StartsWith($"{folder["labels"]} is not the original labels: its SHA-256 should be", error.Message);
        Assert.EndsWith("Delete it and start again: it is then fetched anew.", error.Message);
        Assert.Equal(content, File.ReadAllBytes(folder["labels"]));
    }

    private MnistCache Cache(params IMnistSource[] sources) => new(folder.Path, sources, log.Add);

    private static MemorySource Good(string name) => new(name, ("images", Samples.ImageBytes), ("labels", Samples.LabelBytes));
}
