using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>libtorch's convolutions go wrong on some machines; nothing is pruned or trained by wrong numbers.</summary>
public sealed class ConvolutionCheckTests
{
    [Fact]
    public void Right_convolutions_pass()
    {
        // On the machines in question test.sh has set what makes them right.
        var deviation = ConvolutionCheck.Deviation((input, weight) => nn.functional.conv2d(input, weight));
        Assert.InRange(deviation, 0, 1e-5);
        ConvolutionCheck.Require("Net", deviation);
    }

    [Fact]
    public void Weights_zeroed_by_padding_are_found()
    {
        // What oneDNN does to them: of the channels behind the first sixteen two places of the window are lost.
        var deviation = ConvolutionCheck.Deviation((input, weight) =>
        {
            weight[.., 16.., 0, 1..3] = 0;
            return nn.functional.conv2d(input, weight);
        });
        var error = Assert.Throws<InvalidOperationException>(() => ConvolutionCheck.Require("Net", deviation));
        Assert.Contains("ONEDNN_MAX_CPU_ISA to SSE41", error.Message);
        Assert.EndsWith("Net is as it was before.", error.Message);
    }

    [Fact]
    public void Results_that_are_no_numbers_are_found() => Assert.Contains(
        "one of 20 channels gives NaN",
        Assert.Throws<InvalidOperationException>(() =>
            ConvolutionCheck.Require("Net", ConvolutionCheck.Deviation((input, weight) => nn.functional.conv2d(input, weight) * double.NaN))).Message);

    [Fact]
    public void Half_precision_passes() =>
        ConvolutionCheck.Require("Net", ConvolutionCheck.Deviation((input, weight) =>
            nn.functional.conv2d(input.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16))));

    [Fact]
    public void The_users_random_numbers_stay_theirs()
    {
        manual_seed(3);
        using var before = rand(4);
        manual_seed(3);
        ConvolutionCheck.Deviation((input, weight) => nn.functional.conv2d(input, weight));
        using var after = rand(4);
        Assert.True(before.equal(after).all().item<bool>());
    }
}
