/// <summary>A weight and a bias.</summary>
public class Projection : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;

    /// <summary>Creates it.</summary>
    public Projection(long inputs, long outputs) : base("projection")
    {
        weight = torch.nn.Parameter(torch.randn(outputs, inputs));
        bias = torch.nn.Parameter(torch.randn(outputs));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => torch.matmul(x, weight.t()) + bias;
}

/// <summary>A factor a channel and a buffer, which it says itself.</summary>
[Axes("... C -> ... C", Parameters = "gamma: C, steps: 1")]
public class Scale : Module<Tensor, Tensor>
{
    private readonly Parameter gamma;
    private readonly Tensor steps;

    /// <summary>Creates it.</summary>
    public Scale(long width) : base("scale")
    {
        gamma = torch.nn.Parameter(torch.randn(width));
        steps = torch.ones(1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => x * gamma / steps;
}

/// <summary>Known layers inside.</summary>
public class Wrapped : Module<Tensor, Tensor>
{
    private readonly Conv2d inner;
    private readonly BatchNorm2d norm;

    /// <summary>Creates it.</summary>
    public Wrapped(long inputs, long outputs, long groups) : base("wrapped")
    {
        inner = Conv2d(inputs, outputs, 3, padding: 1, groups: groups);
        norm = BatchNorm2d(outputs);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => norm.call(inner.call(x));
}

/// <summary>Two results.</summary>
public class Twins : Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Parameter left, right;

    /// <summary>Creates it.</summary>
    public Twins(long inputs, long outputs) : base("twins")
    {
        left = torch.nn.Parameter(torch.randn(outputs, inputs));
        right = torch.nn.Parameter(torch.randn(inputs, outputs));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override (Tensor, Tensor) forward(Tensor x, Tensor y) => (torch.matmul(x, left.t()), torch.matmul(y, right));
}

/// <summary>Functions.</summary>
public static class Native
{
    /// <summary>Element by element, and says so.</summary>
    [Axes("... C -> ... C")]
    public static Tensor Swish(this Tensor x, int threads = 1)
    {
        try { return threads > 0 ? x * torch.sigmoid(2 * x) : x; }
        finally { System.GC.KeepAlive(x); }
    }

    /// <summary>Removes what the channels have in common.</summary>
    public static Tensor Whiten(Tensor x) => x - x.mean(new long[] { 1 }, keepdim: true);

    /// <summary>Two at a time.</summary>
    public static (Tensor, Tensor) Both(Tensor x, Tensor? y) => y is null ? (x, x) : (x + y, x - y);
}
