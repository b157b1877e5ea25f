/// <summary>Two convolutions.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class DoubleConv : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;

    /// <summary>Creates it.</summary>
    public DoubleConv(long inputs, long outputs) : base("double")
    {
        conv1 = Conv2d(inputs, outputs, 3, padding: 1);
        conv2 = Conv2d(outputs, outputs, 3, padding: 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => relu(conv2.call(relu(conv1.call(x))));
}

/// <summary>A small U-Net.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<DoubleConv> down = new();
    private readonly ModuleList<DoubleConv> up = new();
    private readonly ModuleList<ConvTranspose2d> grow = new();
    private readonly DoubleConv bottom = new(16, 32);
    private readonly Conv2d head = Conv2d(8, 2, 1);

    /// <summary>Creates it.</summary>
    public Net() : base("unet")
    {
        foreach (var (inputs, outputs) in new (long, long)[] { (3, 8), (8, 16) })
        {
            down.Add(new DoubleConv(inputs, outputs));
        }

        foreach (var width in new long[] { 16, 8 })
        {
            grow.Add(ConvTranspose2d(2 * width, width, 2, stride: 2));
            up.Add(new DoubleConv(2 * width, width));
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        var skips = new System.Collections.Generic.List<Tensor>();
        foreach (var block in down)
        {
            x = block.call(x);
            skips.Add(x);
            x = max_pool2d(x, 2);
        }

        x = bottom.call(x);
        for (var i = 0; i < up.Count; i++)
        {
            x = grow[i].call(x);
            var skip = skips[^1];
            skips.RemoveAt(skips.Count - 1);
            if (x.shape[2] != skip.shape[2])
            {
                x = interpolate(x, new long[] { skip.shape[2], skip.shape[3] });
            }

            x = up[i].call(torch.cat(new[] { skip, x }, 1));
        }

        return head.call(x);
    }
}
