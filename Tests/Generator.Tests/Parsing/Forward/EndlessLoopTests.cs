namespace PruneGen.Generator.Tests;

/// <summary>Loops that only their body leaves: nothing stands behind them, and linking must not go round for ever.</summary>
public class EndlessLoopTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>Nothing was generated of these, and nothing was said: the end of the method was taken for one that the compiler complains of.</summary>
    [Theory]
    [InlineData("while (true) { var y = relu(a.call(x)); return Head(y); }")]
    [InlineData("while (!false) { x = relu(a.call(x)); return Head(x); }")]
    [InlineData("for (; 1 == 1;) { x = relu(a.call(x)); return Head(x); }")]
    [InlineData("do { x = relu(a.call(x)); return Head(x); } while (true);")]
    [InlineData("for (int i = 0; ; i++) { if (i == 2) { return Head(x); } x = i == 0 ? relu(a.call(x)) : relu(b.call(x)); }")]
    [InlineData("switch (Depth) { case 2: return Head(b.call(relu(a.call(x)))); }")]
    [InlineData("switch (x.dim() == 4) { case true: return Head(a.call(x)); case false: return Head(relu(a.call(x))); }")]
    [InlineData("if (x.dim() == 4) { while (true) { x = a.call(x); return Head(x); } } return Head(b.call(x));")]
    [InlineData("return Head(Thrice(a.call(x)).Item1);")]
    [InlineData("Tensor Local(Tensor t) { while (true) { return relu(t); } } return Head(Local(a.call(x)));")]
    [InlineData("if (x.dim() == 3) { while (true) { throw new InvalidOperationException(); } } return Head(a.call(x));")]
    public void What_ends_in_one_is_read(string statements) => Prunes(statements);

    /// <summary>Whether these are left only the values of tensors tell, or the sizes of inputs; linking took the way that stays for ever.</summary>
    [Theory]
    [InlineData("x = a.call(x); while (true) { x = relu(b.call(x)); if (x.sum().item<float>() >= 0) break; } return Head(x);")]
    [InlineData("x = a.call(x); while (true) { x = relu(b.call(x)); if (x.sum().item<float>() >= 0) return Head(x); }")]
    [InlineData("x = a.call(x); for (int i = 0; ; i++) { x = relu(b.call(x)); if (x.sum().item<float>() >= 0) return Head(x); }")]
    [InlineData("x = a.call(x); while (true) { x = relu(b.call(x)); if (x.sum().item<float>() < 0) continue; return Head(x); }")]
    [InlineData("x = a.call(x); while (true) { if (x.shape[0] > 0) break; x = b.call(x); } return Head(x);")]
    [InlineData("x = a.call(x); while (true) { x = relu(b.call(x)); if (x.shape[2] > 4 && x.sum().item<float>() >= 0) return Head(x); }")]
    [InlineData("Func<Tensor, Tensor> f = t => { while (true) { t = relu(t); if (t.dim() == 4) return t; } }; return Head(f(a.call(x)));")]
    [InlineData("x = a.call(x); while (true) { while (true) { x = relu(b.call(x)); if (x.sum().item<float>() >= 0) break; } if (x.mean().item<float>() >= 0) return Head(x); }")]
    [InlineData("x = a.call(x); var i = 0; while (true) { x = relu(list[i].call(x)); if (++i == list.Count || x.sum().item<float>() > 100) return Head(x); }")]
    public void One_that_values_or_sizes_leave_is_linked(string statements) => Prunes(statements);

    [Fact]
    public void Rounds_that_may_come_to_layers_which_no_way_reaches_are_refused()
    {
        var net = Net("x = a.call(x); var i = 0; while (true) { x = relu(deep[i].call(x)); if (++i == deep.Count || x.sum().item<float>() > 100) return Head(x); }");
        var message = Assert.ThrowsAny<Exception>(() => net.Plan(Image)).InnerException!.Message;
        Assert.Contains("while (true) more than 32 times", message);
        Assert.Contains("state in the head of the loop", message);
    }

    private static void Prunes(string statements) => Net(statements).Prunes(Image).Returns(Image);

    private static Loaded Net(string statements) => Loaded.From($$"""
        using System;
        using System.Linq;
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private const int Depth = 2;
            private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), b = Conv2d(16, 16, 3, padding: 1);
            private readonly ModuleList<Conv2d> list = new(Conv2d(16, 16, 1), Conv2d(16, 16, 1));
            private readonly ModuleList<Conv2d> deep = new(Enumerable.Range(0, 40).Select(_ => Conv2d(16, 16, 1)).ToArray());
            private readonly Linear fc = Linear(16, 10);
            public Net() : base("net") => RegisterComponents();
            private Tensor Head(Tensor h) => fc.call(h.mean(new long[] { 2, 3 }));
            private (Tensor, int) Thrice(Tensor t) { int i = 0; for (; ; ) { t = relu(b.call(t)); if (i++ > 1) return (t, i); } }
            public override Tensor forward(Tensor x) { {{statements}} }
        }
        """);
}
