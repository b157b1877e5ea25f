/// <summary>What goes in.</summary>
public sealed record Input(Tensor Hidden, Tensor? Mask = null, int Times = 1);

/// <summary>What comes out.</summary>
public sealed class Output
{
    /// <summary>Creates it.</summary>
    public Output(Tensor hidden, System.Collections.Generic.List<Tensor>? all = null) { Hidden = hidden; All = all; }

    /// <summary>The last.</summary>
    public Tensor Hidden { get; }

    /// <summary>Each.</summary>
    public System.Collections.Generic.List<Tensor>? All { get; set; }
}

/// <summary>A block over records.</summary>
[Prunable]
public sealed partial class Block : Module<Input, Output>
{
    private readonly Linear fc = Linear(12, 12);

    /// <summary>Creates it.</summary>
    public Block() : base("block") => RegisterComponents();

    /// <inheritdoc/>
    public override Output forward(Input input)
    {
        var x = input.Hidden;
        var all = new System.Collections.Generic.List<Tensor> { x };
        for (var i = 0; i < input.Times; i++)
        {
            x = relu(fc.call(x));
            if (input.Mask is not null)
            {
                x = x * input.Mask;
            }

            all.Add(x);
        }

        return new Output(x, all);
    }
}

/// <summary>Under test.</summary>
[Prunable]
public sealed partial class Net : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(8, 12), last = Linear(12, 3);
    private readonly Block block = new();

    /// <summary>Creates it.</summary>
    public Net() : base("net") => RegisterComponents();

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        var output = block.call(new Input(first.call(x), Times: 2));
        var again = block.call(new Input(output.Hidden) with { Mask = output.All![0] });
        return last.call(again.Hidden);
    }
}
