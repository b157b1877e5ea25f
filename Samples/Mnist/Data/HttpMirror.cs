using System.IO.Compression;

namespace PruneGen.Samples.Mnist;

/// <summary>A public copy of the original files, each compressed with gzip under <paramref name="address"/>.</summary>
public sealed class HttpMirror(string address, HttpMessageHandler? handler = null) : IMnistSource
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    public string Name => address;

    /// <inheritdoc />
    public async Task FetchAsync(IReadOnlyList<MnistFile> files, string folder, CancellationToken cancellation)
    {
        using var client = new HttpClient(handler ?? new SocketsHttpHandler { ConnectTimeout = ConnectTimeout }, disposeHandler: handler is null);
        foreach (MnistFile file in files)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            try
            {
                await DownloadAsync(client, $"{address}/{file.Name}.gz", Path.Combine(folder, file.Name), silence);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new MnistDataException($"no answer for {SilenceTimeout.TotalSeconds} s");
            }
            catch (Exception e) when (e is HttpRequestException or InvalidDataException)
            {
                throw new MnistDataException($"{file.Name}.gz: {e.Message}", e);
            }
        }
    }

    // The time allowed is for silence, not for the whole file: a slow line is no error.
    private static async Task DownloadAsync(HttpClient client, string uri, string path, CancellationTokenSource silence)
    {
        silence.CancelAfter(SilenceTimeout);
        using HttpResponseMessage response = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        response.EnsureSuccessStatusCode();
        await using Stream compressed = await response.Content.ReadAsStreamAsync(silence.Token);
        await using var content = new GZipStream(compressed, CompressionMode.Decompress);
        await using FileStream target = File.Create(path);
        byte[] buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, silence.Token) is var read and > 0)
        {
            silence.CancelAfter(SilenceTimeout);
            await target.WriteAsync(buffer.AsMemory(0, read), silence.Token);
        }
    }
}
