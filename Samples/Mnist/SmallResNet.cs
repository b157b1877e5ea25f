using PruneGen;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.Mnist;

/// <summary>Two convolutions with BatchNorm, and the way around them.</summary>
[Prunable]
internal sealed partial class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d? around;

    public ResidualBlock(int inputs, int outputs, int stride)
        : base(nameof(ResidualBlock))
    {
        conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(outputs);
        conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(outputs);
        around = inputs == outputs && stride == 1 ? null : Conv2d(inputs, outputs, 1, stride: stride, bias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = bn2.call(conv2.call(relu(bn1.call(conv1.call(x)))));
        if (around is not null)
        {
            x = around.call(x);
        }

        return relu(y + x).MoveToOuterDisposeScope();
    }
}

/// <summary>A residual network of three stages for 28×28 grey images, as those for CIFAR are (He et al., 2016), behind a stem that halves the image.</summary>
[Prunable]
internal sealed partial class SmallResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d stem = Conv2d(1, 16, 3, stride: 2, padding: 1, bias: false);
    private readonly BatchNorm2d norm = BatchNorm2d(16);
    private readonly ResidualBlock first = new(16, 16, 1);
    private readonly ResidualBlock second = new(16, 32, 2);
    private readonly ResidualBlock third = new(32, 64, 2);
    private readonly Linear head = Linear(64, 10);

    public SmallResNet()
        : base(nameof(SmallResNet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = relu(norm.call(stem.call(x)));
        x = third.call(second.call(first.call(x)));
        return head.call(adaptive_avg_pool2d(x, 1).flatten(1)).MoveToOuterDisposeScope();
    }
}
