using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>LeNet-5 as Caffe defines it: 20-50-800-500.</summary>
[Prunable]
internal sealed partial class LeNet : TestModel
{
    public readonly Conv2d conv1 = nn.Conv2d(1, 20, 5);
    public readonly Conv2d conv2 = nn.Conv2d(20, 50, 5);
    public readonly Linear fc1 = nn.Linear(800, 500);
    public readonly Linear fc2;

    public LeNet(int seed = 1, int classes = 10)
        : base(nameof(LeNet))
    {
        fc2 = nn.Linear(500, classes);
        Initialise(seed);
    }

    public override long[] InputShape { get; } = [2, 1, 28, 28];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.max_pool2d(nn.functional.relu(conv1.call(input)), 2);
        x = nn.functional.max_pool2d(nn.functional.relu(conv2.call(x)), 2);
        x = nn.functional.relu(fc1.call(x.flatten(1)));
        return fc2.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>Convolution, BatchNorm and a depthwise convolution with two filters a channel; the activation of zero is not zero.</summary>
[Prunable]
internal sealed partial class DepthwiseNet : TestModel
{
    public readonly Conv2d stem;
    public readonly BatchNorm2d stemNorm;
    public readonly Conv2d depthwise;
    public readonly BatchNorm2d depthwiseNorm;
    public readonly Conv2d pointwise;
    public readonly Linear head = nn.Linear(12, 5);

    public DepthwiseNet(int seed = 1, int width = 8, int multiplier = 2)
        : base(nameof(DepthwiseNet))
    {
        stem = nn.Conv2d(3, width, 3, padding: 1, bias: false);
        stemNorm = nn.BatchNorm2d(width);
        depthwise = nn.Conv2d(width, width * multiplier, 3, padding: 1, groups: width);
        depthwiseNorm = nn.BatchNorm2d(width * multiplier);
        pointwise = nn.Conv2d(width * multiplier, 12, 1);
        Initialise(seed);
    }

    public override long[] InputShape { get; } = [2, 3, 8, 8];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stemNorm.call(stem.call(input)).sigmoid();
        x = depthwiseNorm.call(depthwise.call(x)).sigmoid();
        x = pointwise.call(x).relu();
        return head.call(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Convolutions of one position, the second without a bias, which a BatchNorm has instead.</summary>
[Prunable]
internal sealed partial class PointwiseNet : TestModel
{
    public readonly Conv2d first = nn.Conv2d(3, 4, 1);
    public readonly Conv2d second = nn.Conv2d(4, 6, 1, bias: false);
    public readonly BatchNorm2d norm = nn.BatchNorm2d(6);
    public readonly Linear head = nn.Linear(6, 5);

    public PointwiseNet(int seed = 1)
        : base(nameof(PointwiseNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 3, 4, 4];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = norm.call(second.call(first.call(input).relu())).relu();
        return head.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }
}

/// <summary>A depthwise convolution that sees zeros around the image, and a mean over all positions.</summary>
[Prunable]
internal sealed partial class Bordered : TestModel
{
    public readonly Conv2d first = nn.Conv2d(3, 4, 1);
    public readonly Conv2d depthwise = nn.Conv2d(4, 4, 3, padding: 1, groups: 4);
    public readonly Linear head = nn.Linear(4, 5);

    public Bordered()
        : base(nameof(Bordered)) => Initialise(1);

    public override long[] InputShape { get; } = [2, 3, 4, 4];

    public override Tensor forward(Tensor input) => head.call(depthwise.call(first.call(input).relu()).mean([2, 3]));
}

/// <summary>Two residual blocks, the second with a projection.</summary>
[Prunable]
internal sealed partial class ResidualNet : TestModel
{
    public readonly Conv2d stem = nn.Conv2d(3, 8, 3, padding: 1);
    public readonly Conv2d conv1 = nn.Conv2d(8, 6, 3, padding: 1);
    public readonly BatchNorm2d norm1 = nn.BatchNorm2d(6);
    public readonly Conv2d conv2 = nn.Conv2d(6, 8, 3, padding: 1);
    public readonly Conv2d down = nn.Conv2d(8, 12, 3, stride: 2, padding: 1);
    public readonly Conv2d projection = nn.Conv2d(8, 12, 1, stride: 2, bias: false);
    public readonly Linear head = nn.Linear(12, 5);

    public ResidualNet(int seed = 1)
        : base(nameof(ResidualNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 3, 8, 8];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stem.call(input);
        x = (x + conv2.call(norm1.call(conv1.call(x)).relu())).relu();
        x = (down.call(x) + projection.call(x)).relu();
        return head.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }
}

/// <summary>A dense block: every layer reads all earlier results, joined.</summary>
[Prunable]
internal sealed partial class ConcatNet : TestModel
{
    public readonly Conv2d first = nn.Conv2d(3, 6, 3, padding: 1);
    public readonly Conv2d second = nn.Conv2d(6, 4, 3, padding: 1);
    public readonly BatchNorm2d norm = nn.BatchNorm2d(10);
    public readonly Conv2d third = nn.Conv2d(10, 5, 3, padding: 1);
    public readonly Linear head = nn.Linear(15 * 4 * 4, 5);

    public ConcatNet(int seed = 1)
        : base(nameof(ConcatNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 3, 4, 4];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var a = first.call(input).relu();
        var both = cat([a, second.call(a)], 1);
        var all = cat([both, third.call(norm.call(both).sigmoid())], 1);
        return head.call(all.view(all.shape[0], -1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Grouped convolutions, of four groups and then of two.</summary>
[Prunable]
internal sealed partial class GroupedNet : TestModel
{
    public readonly Conv2d stem = nn.Conv2d(3, 8, 3);
    public readonly Conv2d four = nn.Conv2d(8, 16, 3, groups: 4);
    public readonly BatchNorm2d norm = nn.BatchNorm2d(16);
    public readonly Conv2d two = nn.Conv2d(16, 6, 1, groups: 2);
    public readonly Flatten flatten = nn.Flatten();
    public readonly Linear head = nn.Linear(6 * 4 * 4, 5);

    public GroupedNet(int seed = 1)
        : base(nameof(GroupedNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 3, 8, 8];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stem.call(input).relu();
        x = norm.call(four.call(x)).tanh();
        return head.call(flatten.call(two.call(x).relu())).MoveToOuterDisposeScope();
    }
}

/// <summary>Linear layers in a Sequential, with BatchNorm, dropout and a slope a neuron.</summary>
[Prunable]
internal sealed partial class SequentialNet : TestModel
{
    public readonly Sequential body = nn.Sequential(nn.Linear(6, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Dropout(0.3), nn.Linear(10, 8), nn.PReLU(8));
    public readonly Linear head = nn.Linear(8, 5);

    public SequentialNet(int seed = 1)
        : base(nameof(SequentialNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [3, 6];

    public override Tensor forward(Tensor input) => head.call(body.call(input));
}

/// <summary>One and three spatial dimensions.</summary>
[Prunable]
internal sealed partial class SignalNet : TestModel
{
    public readonly Conv3d volume = nn.Conv3d(2, 5, 3, padding: 1);
    public readonly BatchNorm3d volumeNorm = nn.BatchNorm3d(5);
    public readonly AdaptiveAvgPool3d pool = nn.AdaptiveAvgPool3d([1, 1, 6]);
    public readonly Conv1d signal = nn.Conv1d(5, 7, 3);
    public readonly BatchNorm1d signalNorm = nn.BatchNorm1d(7);
    public readonly AvgPool1d shorten = nn.AvgPool1d(2);
    public readonly Linear head = nn.Linear(14, 5);

    public SignalNet(int seed = 1)
        : base(nameof(SignalNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 2, 3, 4, 6];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = pool.call(volumeNorm.call(volume.call(input)).relu()).squeeze(2).squeeze(2);
        x = shorten.call(signalNorm.call(signal.call(x)).relu());
        return head.call(x.flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Transposed convolutions (plain and grouped), normalisation of each channel by itself, padding.</summary>
[Prunable]
internal sealed partial class TransposedNet : TestModel
{
    public readonly Conv2d stem = nn.Conv2d(3, 8, 3, padding: 1);
    public readonly InstanceNorm2d stemNorm = nn.InstanceNorm2d(8, affine: true);
    public readonly ConvTranspose2d up = nn.ConvTranspose2d(8, 6, 2, stride: 2);
    public readonly GroupNorm upNorm = nn.GroupNorm(6, 6);
    public readonly ZeroPad2d pad = nn.ZeroPad2d(1);
    public readonly ConvTranspose2d grouped = nn.ConvTranspose2d(6, 8, 3, groups: 2);
    public readonly Linear head = nn.Linear(8, 5);

    public TransposedNet(int seed = 1)
        : base(nameof(TransposedNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 3, 4, 4];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = upNorm.call(up.call(stemNorm.call(stem.call(input)).relu()));
        x = grouped.call(pad.call(x).relu()).relu();
        return head.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }
}

/// <summary>Looks words up, and turns channels into space and back.</summary>
[Prunable]
internal sealed partial class ShuffleNet : TestModel
{
    public readonly Embedding words = nn.Embedding(11, 6);
    public readonly Linear widen = nn.Linear(6, 10);
    public readonly Conv2d conv = nn.Conv2d(3, 12, 3, padding: 1);
    public readonly PixelShuffle shuffle = nn.PixelShuffle(2);
    public readonly Upsample upsample = nn.Upsample([4, 4]);
    public readonly PixelUnshuffle unshuffle = nn.PixelUnshuffle(2);
    public readonly Linear head = nn.Linear(22, 5);

    public ShuffleNet(int seed = 1)
        : base(nameof(ShuffleNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 3, 4, 4];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var index = (input.flatten(1).narrow(1, 0, 1).squeeze(1).abs() * 3).to_type(ScalarType.Int64).clamp(0, 10);
        var a = widen.call(words.call(index)).relu();
        var b = unshuffle.call(upsample.call(shuffle.call(conv.call(input)).relu())).mean([2, 3]);
        return head.call(cat([a, b], 1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Normalises over what is pruned, so that removing a neuron differs from zeroing it.</summary>
[Prunable]
internal sealed partial class LayerNormNet : TestModel
{
    public readonly Linear hidden = nn.Linear(6, 10);
    public readonly LayerNorm norm = nn.LayerNorm(10);
    public readonly Linear output = nn.Linear(10, 3);

    public LayerNormNet(int seed = 1)
        : base(nameof(LayerNormNet)) => Initialise(seed);

    public override long[] InputShape { get; } = [2, 6];

    public override Tensor forward(Tensor input) => output.call(norm.call(hidden.call(input)).relu());
}

/// <summary>Two neurons between two inputs and one output: small enough for scores to be worked out by hand.</summary>
[Prunable]
internal sealed partial class TwoNeurons : TestModel
{
    public readonly Linear hidden = nn.Linear(2, 2);
    public readonly Linear output = nn.Linear(2, 1);

    public TwoNeurons()
        : base(nameof(TwoNeurons))
    {
        Initialise(1);
        using var noGradients = no_grad();
        hidden.weight!.copy_(tensor(new float[] { 1, -2, 3, 4 }, [2, 2]));
        hidden.bias!.copy_(tensor(new float[] { 0.5f, -0.25f }));
        output.weight!.copy_(tensor(new float[] { 2, -1 }, [1, 2]));
        output.bias!.copy_(tensor(new float[] { 10 }));
    }

    /// <summary>Calls the hidden layer as <c>forward</c>, which skips hooks.</summary>
    public bool SkipHooks { get; init; }

    public override long[] InputShape { get; } = [1, 2];

    public override Tensor forward(Tensor input)
    {
        var x = SkipHooks ? hidden.forward(input) : hidden.call(input);
        return output.call(x.relu());
    }
}

/// <summary>
/// A residual branch that normalises first, so that the stem's output goes two ways. Its <c>Link</c> leaves out the scales, which are as many as there are
/// channels: tests prune the model all the same, and say what should come of it.
/// </summary>
internal sealed class NormFirstNet : TestModel, IPrunable
{
    public readonly Conv2d stem = nn.Conv2d(3, 6, 3, padding: 1);
    public readonly BatchNorm2d norm = nn.BatchNorm2d(6);
    public readonly Conv2d branch = nn.Conv2d(6, 6, 3, padding: 1);
    public readonly Linear head = nn.Linear(6, 5);

    public NormFirstNet(int seed = 1)
        : base(nameof(NormFirstNet)) => Initialise(seed);

    /// <summary>What each of the three ends of the group is multiplied by.</summary>
    public double[] Scale { get; } = [1, 1, 1, 1, 1, 1];

    public override long[] InputShape { get; } = [2, 3, 4, 4];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var scale = tensor(Scale, [1, 6, 1, 1]).to_type(input.dtype);
        var x = stem.call(input);
        var y = branch.call((norm.call(x) * scale).relu());
        return head.call(((x * scale) + (y * scale)).relu().mean([2, 3])).MoveToOuterDisposeScope();
    }

    object?[] IPrunable.Link(Linker link, LinkInputs inputs)
    {
        var x = link.Layer(stem, inputs[0]);
        var y = link.Layer(branch, link.Op("relu", link.Layer(norm, x)));
        return [link.Layer(head, link.Op("mean", link.Op("relu", link.Op("add", [x, y])), ("dimensions", new long[] { 2, 3 })))];
    }
}
