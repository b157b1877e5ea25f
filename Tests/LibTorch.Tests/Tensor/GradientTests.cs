using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Gradients of a weighted sum of each function's result against central differences.</summary>
public class GradientTests
{
    // No kink, pole or tie of the functions below lies within a step of these.
    private static readonly double[] Point = [0.3, -0.7, 1.1, 0.45, -1.3, 0.9];

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new()
    {
        ["add"] = x => x + x * 2 + 1,
        ["number - x"] = x => 2 - x,
        ["number / x"] = x => 2 / x,
        ["x / x"] = x => x / (x + 3),
        ["remainder"] = x => x % 0.4,
        ["pow"] = x => x.abs().pow(2.5),
        ["pow_tensor"] = x => (x.abs() + 1).pow(x),
        ["square"] = x => x.square(),
        ["exp"] = x => x.exp(),
        ["log"] = x => x.abs().log(),
        ["sqrt"] = x => x.abs().sqrt(),
        ["rsqrt"] = x => x.abs().rsqrt(),
        ["reciprocal"] = x => x.reciprocal(),
        ["sin"] = x => x.sin(),
        ["cos"] = x => x.cos(),
        ["tanh"] = x => x.tanh(),
        ["atan2"] = x => x.atan2(x + 2),
        ["sigmoid"] = x => x.sigmoid(),
        ["relu"] = x => x.relu(),
        ["gelu"] = x => x.gelu(),
        ["silu"] = x => x.silu(),
        ["elu"] = x => x.elu(),
        ["leaky_relu"] = x => x.leaky_relu(0.1),
        ["softplus"] = x => x.softplus(),
        ["hardswish"] = x => x.hardswish(),
        ["erf"] = x => x.erf(),
        ["clamp"] = x => x.clamp(-1, 1),
        ["maximum"] = x => x.maximum(x * -0.5),
        ["lerp"] = x => x.lerp(x * x, x),
        ["addcmul"] = x => x.addcmul(x, x, 2),
        ["sum"] = x => x.reshape(2, 3).sum(1),
        ["mean"] = x => x.reshape(2, 3).mean([0]),
        ["prod"] = x => x.reshape(2, 3).prod(1),
        ["var"] = x => x.reshape(2, 3).var(1),
        ["std"] = x => x.std(),
        ["norm"] = x => x.norm(3f),
        ["max"] = x => x.reshape(2, 3).max(1).values,
        ["amin"] = x => x.reshape(2, 3).amin(0),
        ["logsumexp"] = x => x.reshape(2, 3).logsumexp(0),
        ["softmax"] = x => x.reshape(2, 3).softmax(1),
        ["log_softmax"] = x => x.reshape(2, 3).log_softmax(1),
        ["cumsum"] = x => x.cumsum(0),
        ["cumprod"] = x => x.cumprod(0),
        ["median"] = x => x[..5].median(),
        ["quantile"] = x => x.quantile(tensor(0.3)),
        ["sort"] = x => x.sort().Values,
        ["topk"] = x => x.topk(3).values,
        ["kthvalue"] = x => x.kthvalue(2, 0).values,
        ["matmul"] = x => x.reshape(2, 3).matmul(x.reshape(3, 2)),
        ["bmm"] = x => x.reshape(2, 1, 3).bmm(x.reshape(2, 3, 1)),
        ["addmm"] = x => zeros(2, 2, dtype: float64).addmm(x.reshape(2, 3), x.reshape(3, 2), 1, 0.5f),
        ["dot"] = x => x.dot(x.flip(0)),
        ["outer"] = x => x.outer(x),
        ["einsum"] = x => einsum("ij,kj->ik", x.reshape(2, 3), x.reshape(2, 3)),
        ["inverse"] = x => (x.diag() + 0.1).inverse(),
        ["det"] = x => (x.diag() + 0.1).det(),
        ["view and transpose"] = x => x.view(2, 3).t().reshape(2, 3).permute(1, 0),
        ["expand"] = x => x.unsqueeze(0).expand(3, 6),
        ["repeat"] = x => x.repeat(2),
        ["repeat_interleave"] = x => x.repeat_interleave(2),
        ["roll and flip"] = x => x.roll(2).flip(0),
        ["tril"] = x => x.outer(x).tril(),
        ["diagonal"] = x => x.outer(x).diagonal(),
        ["unfold"] = x => x.unfold(0, 3, 1),
        ["cat"] = x => cat([x, x * 2]),
        ["stack"] = x => stack([x, x * x], 1),
        ["chunk"] = x => x.chunk(2)[1] * x.chunk(2)[0],
        ["split"] = x => x.split([2, 4])[1],
        ["narrow"] = x => x.narrow(0, 1, 3),
        ["index_select"] = x => x.index_select(0, Indices(0, 0, 5)),
        ["gather"] = x => x.gather(0, Indices(3, 3, 1)),
        ["scatter"] = x => zeros(6, dtype: float64).scatter(0, Indices(5, 4, 3, 2, 1, 0), x),
        ["index_add"] = x => x.index_add(0, Indices(1, 1), x[..2], 3),
        ["masked_fill"] = x => x.masked_fill(x > 0, 1),
        ["masked_select"] = x => x.masked_select(x > 0),
        ["where"] = x => where(x > 0, x * x, x * 3),
    };

    public static IEnumerable<object[]> Names => Functions.Keys.Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_is_the_slope(string name)
    {
        var function = Functions[name];

        // A different weight for each element, so that no two errors cancel.
        static Tensor Weigh(Tensor result) =>
            (result.flatten() * (tensor(Enumerable.Range(1, (int)result.numel()).Select(i => 1.0 / i).ToArray()))).sum();

        using var x = tensor(Point, requires_grad: true);
        Weigh(function(x)).backward();
        var gradient = x.grad!.Values();

        const double Step = 1e-5;
        for (var i = 0; i < Point.Length; i++)
        {
            double At(double shift)
            {
                var moved = (double[])Point.Clone();
                moved[i] += shift;
                using var shifted = tensor(moved);
                return Weigh(function(shifted)).item<double>();
            }
            var slope = (At(Step) - At(-Step)) / (2 * Step);
            Assert.True(Math.Abs(gradient[i] - slope) <= 1e-6 * Math.Max(1, Math.Abs(slope)),
                $"{name}: gradient {i} is {gradient[i]}, the slope {slope}");
        }
    }

    [Fact]
    public void In_place_on_a_leaf_that_needs_a_gradient_throws()
    {
        using var x = tensor(Point, requires_grad: true);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.mul_(2));
        using (no_grad())
            x.mul_(2);
        Close(Point.Select(v => 2 * v).ToArray(), x.detach());
    }
}
