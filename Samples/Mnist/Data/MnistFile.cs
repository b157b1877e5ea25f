using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PruneGen.Samples.Mnist;

/// <summary>One of the four original files of MNIST, and everything that tells the original from a damaged copy.</summary>
/// <param name="Name">The file's name, as published.</param>
/// <param name="Dimensions">What its IDX header says: the number of items, and for images their height and width.</param>
/// <param name="Sha256">The SHA-256 of its bytes, in lower-case hexadecimal.</param>
public sealed record MnistFile(string Name, int[] Dimensions, string Sha256)
{
    /// <summary>60,000 images, 28×28 bytes each.</summary>
    public static MnistFile TrainImages { get; } = new("train-images-idx3-ubyte", [60_000, 28, 28],
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");

    /// <summary>The digits, 0 to 9, that <see cref="TrainImages"/> show.</summary>
    public static MnistFile TrainLabels { get; } = new("train-labels-idx1-ubyte", [60_000],
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5");

    /// <summary>10,000 images, 28×28 bytes each.</summary>
    public static MnistFile TestImages { get; } = new("t10k-images-idx3-ubyte", [10_000, 28, 28],
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");

    /// <summary>The digits, 0 to 9, that <see cref="TestImages"/> show.</summary>
    public static MnistFile TestLabels { get; } = new("t10k-labels-idx1-ubyte", [10_000],
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

    /// <summary>All four.</summary>
    public static IReadOnlyList<MnistFile> All { get; } = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>How many bytes the header takes: the magic number and one number for each dimension.</summary>
    public int HeaderLength => 4 + 4 * Dimensions.Length;

    /// <summary>How many bytes the file has.</summary>
    public long Length => HeaderLength + Dimensions.Aggregate(1L, (product, size) => product * size);

    /// <summary>The number that the file starts with: 8 for unsigned bytes, then the number of dimensions.</summary>
    public int Magic => 0x0800 | Dimensions.Length;

    /// <summary>Checks the content of a file that claims to be this one.</summary>
    /// <param name="content">All its bytes.</param>
    /// <param name="where">Its path or address, for the message.</param>
    /// <param name="remedy">What the user can do about it, for the message.</param>
    /// <returns>The items alone, without the header.</returns>
    /// <exception cref="MnistDataException">Size, magic number, dimensions or hash differ from the original's.</exception>
    public ReadOnlyMemory<byte> Check(ReadOnlyMemory<byte> content, string where, string remedy)
    {
        if (content.Length != Length)
        {
            throw Damaged("size", $"{Length} bytes", $"{content.Length} bytes");
        }

        int magic = BinaryPrimitives.ReadInt32BigEndian(content.Span);
        if (magic != Magic)
        {
            throw Damaged("magic number", $"0x{Magic:x8}", $"0x{magic:x8}");
        }

        for (int i = 0; i < Dimensions.Length; i++)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(content.Span[(4 + 4 * i)..]);
            if (size != Dimensions[i])
            {
                throw Damaged($"dimension {i}", $"{Dimensions[i]}", $"{size}");
            }
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        if (hash != Sha256)
        {
            throw Damaged("SHA-256", Sha256, hash);
        }

        return content[HeaderLength..];

        MnistDataException Damaged(string what, string expected, string found) =>
            new($"{where} is not the original {Name}: its {what} should be {expected} and is {found}. {remedy}");
    }
}
