using Xunit;

namespace PruneGen.Samples.Mnist.Tests;

public class MnistFileTests
{
    [Fact]
    public void AnUndamagedFileGivesItsItemsWithoutTheHeader()
    {
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Samples.Images.Check(Samples.ImageBytes, "here", "").ToArray());
        Assert.Equal([7, 0, 9], Samples.Labels.Check(Samples.LabelBytes, "here", "").ToArray());
    }

    [Fact]
    public void TheFourFilesHaveThePublishedSizes()
    {
        Assert.Equal([47_040_016, 60_008, 7_840_016, 10_008], MnistFile.All.Select(file => file.Length));
        Assert.All(MnistFile.All, file => Assert.Equal(64, file.Sha256.Length));
    }

    [Fact]
    public void ATruncatedFileIsNamedWithBothSizes() =>
        Refused(Samples.ImageBytes[..^1], "size should be 28 bytes and is 27 bytes");

    [Fact]
    public void AnEmptyFileIsNamedWithBothSizes() =>
        Refused([], "size should be 28 bytes and is 0 bytes");

    [Fact]
    public void AnotherMagicNumberIsNamedWithTheRightOne() =>
        Refused(Changed(at: 3, to: 1), "magic number should be 0x00000803 and is 0x00000801");

    [Fact]
    public void OtherDimensionsAreNamed() =>
        Refused(Changed(at: 11, to: 9), "dimension 1 should be 2 and is 9");

    [Fact]
    public void OneChangedPixelShowsInTheHash() =>
        Refused(Changed(at: 20, to: 99), $"SHA-256 should be {Samples.Images.Sha256} and is {Samples.Hash(Changed(at: 20, to: 99))}");

    private static void Refused(byte[] content, string reason)
    {
        var error = Assert.Throws<MnistDataException>(() => Samples.Images.Check(content, "the/place", "Do this."));
        Assert.Equal($"the/place is not the original images: its {reason}. Do this.", error.Message);
    }

    private static byte[] Changed(int at, byte to)
    {
        byte[] content = Samples.ImageBytes;
        content[at] = to;
        return content;
    }
}
