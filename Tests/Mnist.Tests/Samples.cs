using System.Security.Cryptography;

namespace PruneGen.Samples.Mnist.Tests;

/// <summary>Small files of MNIST's format, and a source that serves them from memory.</summary>
internal static class Samples
{
    /// <summary>Two images, 2×3, with the pixels 0, 1, … 11; header: 00000803 00000002 00000002 00000003.</summary>
    public static byte[] ImageBytes => [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    /// <summary>Three labels: 7, 0, 9; header: 00000801 00000003.</summary>
    public static byte[] LabelBytes => [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9];

    public static MnistFile Images { get; } = new("images", [2, 2, 3], Hash(ImageBytes));

    public static MnistFile Labels { get; } = new("labels", [3], Hash(LabelBytes));

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>Serves files from memory, or fails as it is told to; counts how often it was asked.</summary>
internal sealed class MemorySource(string name, params (string Name, byte[] Content)[] files) : IMnistSource
{
    public string Name => name;

    public int Asked { get; private set; }

    public string? Failure { get; init; }

    public async Task FetchAsync(IReadOnlyList<MnistFile> wanted, string folder, CancellationToken cancellation)
    {
        Asked++;
        foreach (MnistFile file in wanted)
        {
            byte[] content = files.FirstOrDefault(known => known.Name == file.Name).Content
                ?? throw new MnistDataException(Failure ?? $"no {file.Name} here");
            await File.WriteAllBytesAsync(Path.Combine(folder, file.Name), content, cancellation);
        }
    }
}
