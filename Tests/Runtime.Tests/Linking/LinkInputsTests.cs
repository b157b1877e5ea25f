using PruneGen.Axes;

namespace PruneGen.Runtime.Tests;

/// <summary>What a linked model is handed that its forward does not take is told of in the words of forward.</summary>
public class LinkInputsTests
{
    [Fact]
    public void What_is_missing_or_of_another_kind_is_told_by_what_forward_takes()
    {
        LinkInputs none = Array.Empty<AxisTensor?>(), absent = new AxisTensor?[] { null };
        Assert.Equal("Input 0 of a linked model is missing, but its forward takes a tensor.", Assert.Throws<InvalidOperationException>(() => none[0]).Message);
        Assert.Equal("Input 0 of a linked model is null, but its forward takes a number.", Assert.Throws<InvalidOperationException>(() => absent.Size(0)).Message);
    }
}
