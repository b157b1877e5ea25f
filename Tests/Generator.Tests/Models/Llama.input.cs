#pragma warning disable PG0033 // How wide a head is is what the angles are made for.
/// <summary>Normalises by the root mean square.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class RmsNorm : Module<Tensor, Tensor>
{
    private readonly Parameter weight;

    /// <summary>Creates it.</summary>
    public RmsNorm(long width) : base("norm")
    {
        weight = Parameter(ones(width));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => x * torch.rsqrt(x.pow(2).mean(new long[] { -1 }, keepdim: true) + 1e-5) * weight;
}

/// <summary>Attention and a gated perceptron.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Block : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly Linear query = Linear(32, 32, false), key = Linear(32, 16, false), value = Linear(32, 16, false), output = Linear(32, 32, false);
    private readonly Linear gate = Linear(32, 48, false), up = Linear(32, 48, false), down = Linear(48, 32, false);
    private readonly RmsNorm first = new(32), second = new(32);
    private readonly int heads = 4, shared = 2, width = 8;

    /// <summary>Creates it.</summary>
    public Block() : base("block") => RegisterComponents();

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, Tensor cos, Tensor sin)
    {
        var h = first.call(x);
        var q = Turn(query.call(h).view(x.shape[0], x.shape[1], heads, width).transpose(1, 2), cos, sin);
        var k = Turn(key.call(h).view(x.shape[0], x.shape[1], shared, width).transpose(1, 2), cos, sin);
        var v = value.call(h).view(x.shape[0], x.shape[1], shared, -1).transpose(1, 2);
        k = k.repeat_interleave(heads / shared, 1);
        v = v.repeat_interleave(heads / shared, 1);
        var scores = matmul(q, k.transpose(2, 3)) / System.Math.Sqrt(width);
        scores = scores.masked_fill(torch.ones(x.shape[1], x.shape[1], dtype: ScalarType.Bool).triu(1), double.NegativeInfinity);
        var mixed = matmul(softmax(scores, -1).type_as(x), v).transpose(1, 2).contiguous().view(x.shape[0], x.shape[1], -1);
        x = x + output.call(mixed);
        h = second.call(x);
        return x + down.call(silu(gate.call(h)) * up.call(h));
    }

    private static Tensor Turn(Tensor x, Tensor cos, Tensor sin)
    {
        var half = x.shape[^1] / 2;
        return x * cos + torch.cat(new[] { -x[TensorIndex.Ellipsis, TensorIndex.Slice(half)], x[TensorIndex.Ellipsis, TensorIndex.Slice(0, half)] }, -1) * sin;
    }
}

/// <summary>Under test.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Net : Module<Tensor, Tensor>
{
    private readonly Embedding tokens = Embedding(40, 32);
    private readonly ModuleList<Block> blocks = new(new Block(), new Block());
    private readonly RmsNorm norm = new(32);
    private readonly Linear head = Linear(32, 40, false);

    /// <summary>Creates it.</summary>
    public Net() : base("net") => RegisterComponents();

    /// <inheritdoc/>
    public override Tensor forward(Tensor ids)
    {
        var x = tokens.call(ids);
        var rates = 1.0 / torch.pow(10000.0, torch.arange(0, 8, 2, dtype: ScalarType.Float32) / 8);
        var angles = torch.outer(torch.arange(ids.shape[1], dtype: ScalarType.Float32), rates);
        angles = torch.cat(new[] { angles, angles }, -1);
        foreach (var block in blocks)
        {
            x = block.call(x, angles.cos(), angles.sin());
        }

        return head.call(norm.call(x));
    }
}
