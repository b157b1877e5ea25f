using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>GoogLeNet with batch normalisation and without the auxiliary classifiers: blocks of four branches side by side.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class GoogLeNet : Module<Tensor, Tensor>
{
    private readonly ConvNorm conv1;
    private readonly ConvNorm conv2;
    private readonly ConvNorm conv3;
    private readonly Inception inception3a;
    private readonly Inception inception3b;
    private readonly Inception inception4a;
    private readonly Inception inception4b;
    private readonly Inception inception4c;
    private readonly Inception inception4d;
    private readonly Inception inception4e;
    private readonly Inception inception5a;
    private readonly Inception inception5b;
    private readonly Dropout dropout;
    private readonly Linear fc;

    /// <summary>Creates the model.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="divisor">By how much every layer is narrower than in the paper.</param>
    public GoogLeNet(int classes = 1000, int divisor = 1)
        : base(nameof(GoogLeNet))
    {
        conv1 = new ConvNorm(3, 64 / divisor, 7, stride: 2, padding: 3);
        conv2 = new ConvNorm(64 / divisor, 64 / divisor, 1);
        conv3 = new ConvNorm(64 / divisor, 192 / divisor, 3, padding: 1);
        inception3a = new Inception(192, 64, 96, 128, 16, 32, 32, divisor);
        inception3b = new Inception(256, 128, 128, 192, 32, 96, 64, divisor);
        inception4a = new Inception(480, 192, 96, 208, 16, 48, 64, divisor);
        inception4b = new Inception(512, 160, 112, 224, 24, 64, 64, divisor);
        inception4c = new Inception(512, 128, 128, 256, 24, 64, 64, divisor);
        inception4d = new Inception(512, 112, 144, 288, 32, 64, 64, divisor);
        inception4e = new Inception(528, 256, 160, 320, 32, 128, 128, divisor);
        inception5a = new Inception(832, 256, 160, 320, 32, 128, 128, divisor);
        inception5b = new Inception(832, 384, 192, 384, 48, 128, 128, divisor);
        dropout = Dropout(0.2);
        fc = Linear(1024 / divisor, classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = max_pool2d(conv1.call(x), 3, 2, ceil_mode: true);
        x = conv3.call(conv2.call(x));
        x = max_pool2d(x, 3, 2, ceil_mode: true);
        x = inception3b.call(inception3a.call(x));
        x = max_pool2d(x, 3, 2, ceil_mode: true);
        x = inception4a.call(x);
        x = inception4b.call(x);
        x = inception4c.call(x);
        x = inception4d.call(x);
        x = inception4e.call(x);
        x = max_pool2d(x, 2, 2, ceil_mode: true);
        x = inception5b.call(inception5a.call(x));
        x = adaptive_avg_pool2d(x, (1, 1));
        x = x.reshape(x.size(0), -1);
        x = dropout.call(x);
        return fc.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>Four ways through a block: 1×1, two of 3×3, and pooled; what they make is put side by side.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Inception : Module<Tensor, Tensor>
{
    private readonly ConvNorm branch1;
    private readonly Sequential branch2;
    private readonly Sequential branch3;
    private readonly Sequential branch4;

    /// <summary>Creates a block from the widths of the paper.</summary>
    public Inception(int inputs, int one, int threeReduce, int three, int fiveReduce, int five, int pool, int divisor)
        : base(nameof(Inception))
    {
        inputs /= divisor;
        branch1 = new ConvNorm(inputs, one / divisor, 1);
        branch2 = Sequential(
            new ConvNorm(inputs, threeReduce / divisor, 1),
            new ConvNorm(threeReduce / divisor, three / divisor, 3, padding: 1));

        // The paper's 5×5 is a 3×3 here, as in the model that the published weights are of.
        branch3 = Sequential(
            new ConvNorm(inputs, fiveReduce / divisor, 1),
            new ConvNorm(fiveReduce / divisor, five / divisor, 3, padding: 1));
        branch4 = Sequential(
            MaxPool2d(3, stride: 1, padding: 1, ceil_mode: true),
            new ConvNorm(inputs, pool / divisor, 1));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor[] branches = [branch1.call(x), branch2.call(x), branch3.call(x), branch4.call(x)];
        return cat(branches, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>A convolution without bias, its normalisation and a ReLU.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ConvNorm : Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d bn;

    /// <summary>Creates a layer.</summary>
    public ConvNorm(int inputs, int outputs, int kernel, int stride = 1, int padding = 0)
        : base(nameof(ConvNorm))
    {
        conv = Conv2d(inputs, outputs, kernel, stride: stride, padding: padding, bias: false);
        bn = BatchNorm2d(outputs, eps: 0.001);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => relu(bn.call(conv.call(x)));
}
