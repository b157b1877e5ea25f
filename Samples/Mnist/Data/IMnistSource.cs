namespace PruneGen.Samples.Mnist;

/// <summary>A place that the files of MNIST can be had from.</summary>
public interface IMnistSource
{
    /// <summary>What the log and the error messages call it.</summary>
    string Name { get; }

    /// <summary>Writes the files, unpacked and under their own names, into an existing folder. Checking them is the caller's part.</summary>
    /// <exception cref="MnistDataException">The source cannot be reached or does not have the files; the message says why.</exception>
    Task FetchAsync(IReadOnlyList<MnistFile> files, string folder, CancellationToken cancellation);
}
