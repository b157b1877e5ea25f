/// <summary>Two convolutions and a shortcut.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class BasicBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Sequential? downsample;

    /// <summary>Creates it.</summary>
    public BasicBlock(long inputs, long outputs, long stride) : base("block")
    {
        conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(outputs);
        conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(outputs);
        if (stride != 1 || inputs != outputs)
        {
            downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        var identity = x;
        var y = relu(bn1.call(conv1.call(x)));
        y = bn2.call(conv2.call(y));
        if (downsample is not null)
        {
            identity = downsample.call(x);
        }

        return relu(y + identity);
    }
}

/// <summary>A residual network.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1);
    private readonly ModuleList<BasicBlock> blocks = new();
    private readonly Linear head;

    /// <summary>Creates it.</summary>
    public Net(int depth = 2) : base("net")
    {
        for (var i = 0; i < depth; i++)
        {
            blocks.Add(new BasicBlock(i == 0 ? 8 : 16, 16, i == 0 ? 2 : 1));
        }

        head = Linear(16, 10);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        x = relu(stem.call(x));
        foreach (var block in blocks)
        {
            x = block.call(x);
        }

        return head.call(x.mean(new long[] { 2, 3 }));
    }
}
