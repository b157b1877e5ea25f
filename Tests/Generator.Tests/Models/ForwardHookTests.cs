using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>A forward hook of the user's own may change what a layer takes and gives: nothing that it may change is pruned, and the reason says so.</summary>
public class ForwardHookTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    [Theory]
    [InlineData("conv1.register_forward_hook((_, _, y) => cat([y[.., 8..], y[.., ..8]], 1));", "conv1")]
    [InlineData("conv2.register_forward_pre_hook((_, x) => cat([x[.., 8..], x[.., ..8]], 1));", "conv1", "conv2")]
    [InlineData("norm.register_forward_hook((_, _, y) => y.flip(1));", "conv1")]
    [InlineData("conv2.register_forward_pre_hook((_, x) => { using var still = no_grad(); conv2.weight!.copy_(v / v.norm()); return x; });", "conv1", "conv2")]
    [InlineData("last.register_forward_hook((_, _, y) => y.flip(1));", "inner.conv", "last.1")]
    [InlineData("inner.register_forward_hook((_, _, y) => y.flip(1));", "conv2", "inner.conv")]
    public void What_a_hook_may_change_is_held(string hook, params string[] held)
    {
        var net = Loaded.From(Source(hook));
        var unpruned = net.Plan(Image).Unpruned.Where(layer => layer.Because.Contains("hook", StringComparison.Ordinal)).Select(layer => layer.Layer);
        Assert.Equal(held, unpruned.Order());
        net.Prunes(Image);
    }

    [Theory]
    [InlineData("last.register_forward_hook((_, _, y) => y.flip(1));")]
    [InlineData("inner.register_forward_pre_hook((_, x) => x.flip(1));")]
    [InlineData("norm.register_forward_hook((_, _, y) => y + 1);")]
    public void What_a_hook_does_is_a_gap_of_the_trace(string hook) =>
        Assert.NotEmpty(Loaded.From(Source(hook)).Plan(Image).Trace.Gaps);

    [Fact]
    public void A_hook_that_is_taken_off_again_holds_nothing() =>
        Assert.DoesNotContain(
            Loaded.From(Source("conv1.register_forward_hook((_, _, y) => y.flip(1)).remove();")).Plan(Image).Unpruned,
            layer => layer.Because.Contains("hook", StringComparison.Ordinal));

    private static string Source(string hook) => $$"""
        #pragma warning disable CS1591
        [Prunable(Structured)] public partial class Inner : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv = Conv2d(16, 16, 1);
            public Inner() : base("inner") => RegisterComponents();
            public override Tensor forward(Tensor x) => conv.call(x);
        }

        [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1 = Conv2d(3, 16, 3), conv2 = Conv2d(16, 16, 3);
            private readonly BatchNorm2d norm = BatchNorm2d(16);
            private readonly Inner inner = new();
            private readonly Sequential last = Sequential(Conv2d(16, 16, 1), Conv2d(16, 16, 1));
            private readonly Linear fc = Linear(16, 10);
            private readonly Tensor v = randn(16, 16, 3, 3);
            public Net() : base("net") { {{hook}} RegisterComponents(); }
            public override Tensor forward(Tensor x) => fc.call(last.call(inner.call(conv2.call(norm.call(conv1.call(x))))).mean([2, 3]));
        }
        """;
}
