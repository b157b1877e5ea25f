namespace PruneGen.Samples.Mnist.Tests;

/// <summary>A folder of its own for each test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("prunegen-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string[] Entries => [.. Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)).Order()];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
