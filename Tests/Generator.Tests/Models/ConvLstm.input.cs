/// <summary>One step.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Cell : Module<Tensor, Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Conv2d conv = Conv2d(2 + 6, 4 * 6, 3, padding: 1);

    /// <summary>Creates it.</summary>
    public Cell() : base("cell") => RegisterComponents();

    /// <inheritdoc/>
    public override (Tensor, Tensor) forward(Tensor x, Tensor h, Tensor c)
    {
        var parts = conv.call(cat(new[] { x, h }, 1)).chunk(4, 1);
        var (i, f, o, g) = (torch.sigmoid(parts[0]), torch.sigmoid(parts[1]), torch.sigmoid(parts[2]), tanh(parts[3]));
        c = f * c + i * g;
        return (o * tanh(c), c);
    }

    /// <summary>The state before the first step.</summary>
    public (Tensor, Tensor) Begin(Tensor x)
    {
        var width = conv.weight!.shape[0] / 4;
        return (torch.zeros(x.shape[0], width, x.shape[3], x.shape[4]), torch.zeros(x.shape[0], width, x.shape[3], x.shape[4]));
    }
}

/// <summary>Under test.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Net : Module<Tensor, Tensor>
{
    private readonly Cell cell = new();
    private readonly Conv2d head = Conv2d(6, 2, 1);

    /// <summary>Creates it.</summary>
    public Net() : base("net") => RegisterComponents();

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        var (h, c) = cell.Begin(x);
        for (var t = 0; t < x.shape[1]; t++)
        {
            (h, c) = cell.call(x[.., t], h, c);
        }

        return head.call(h);
    }
}
