/// <summary>A part that is run by more than its forward.</summary>
[Prunable(Structured, Ratio = 0.5)]
public partial class Part : Module<Tensor, Tensor>
{
    private readonly Conv2d first = Conv2d(3, 8, 3, padding: 1);
    private readonly ModuleList<Conv2d> more = new(Conv2d(8, 8, 1), Conv2d(8, 8, 1));
    private readonly Parameter scale = Parameter(ones(8, 1, 1));
    private readonly Module<Tensor, Tensor>? last;

    /// <summary>Creates it.</summary>
    public Part(long outputs = 8) : base("part")
    {
        last = outputs == 8 ? null : Conv2d(8, outputs, 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => Run(x, false);

    /// <summary>Runs it.</summary>
    public Tensor Run(Tensor x, bool twice)
    {
        x = first.call(x);
        foreach (var layer in more)
        {
            x = relu(layer.call(x));
        }

        if (last is not null)
        {
            x = last.call(x);
        }

        return twice ? x * scale * scale : x * scale;
    }
}

/// <summary>Under test.</summary>
[Prunable(Structured, Ratio = 0.5)]
public partial class Net : Module<Tensor, Tensor>
{
    private readonly Part part = new();
    private readonly Conv2d head = Conv2d(8, 4, 1);

    /// <summary>Creates it.</summary>
    public Net() : base("net") => RegisterComponents();

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => head.call(part.Run(x, true));
}
