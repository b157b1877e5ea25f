namespace PruneGen.Generator.Tests;

/// <summary>Locals that a branch or a loop gives what only the values of tensors tell, and calls that the compiler leaves out.</summary>
public class ContentLocalsTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>What the branch or the round left in the local was forgotten, so that the layers behind it were never linked.</summary>
    [Theory]
    [InlineData("bool on = false; if (x.dim() == 4) { on = x.abs().sum().item<float>() >= 0; } if (on) x = b.call(x); return Head(x);")]
    [InlineData("bool on = false; for (int i = 0; i < 3; i++) { if (on) x = b.call(x); on = x.abs().sum().item<float>() >= 0; } return Head(x);")]
    [InlineData("float g = 0; for (int i = 0; i < 3; i++) { if (g > 0) x = b.call(x); g = x.abs().sum().item<float>(); } return Head(x);")]
    [InlineData("double g = 0; if (x.dim() == 4) { g = x.abs().sum().item<float>(); } if (g > 0) x = b.call(x); return Head(x);")]
    [InlineData("bool done = false; while (!done) { x = relu(b.call(x)); done = x.abs().sum().item<float>() >= 0; } return Head(x);")]
    [InlineData("bool done = false; do { x = relu(b.call(x)); done = x.abs().sum().item<float>() >= 0; } while (!done); return Head(x);")]
    [InlineData("bool done = false; for (int i = 0; i < 5 && !done; i++) { x = relu(b.call(x)); done = x.abs().sum().item<float>() >= 0; } return Head(x);")]
    [InlineData("bool done = false, late = false; while (!done && !late) { x = relu(b.call(x)); done = x.abs().sum().item<float>() >= 0; late = x.mean().item<float>() > 2; } return Head(x);")]
    [InlineData("float? g = null; if (x.dim() == 4) { g = x.abs().sum().item<float>(); } return Head(g is null ? x : b.call(x));")]
    [InlineData("bool on = false; if (x.dim() == 4) { on = IsHot(x); } if (on) x = b.call(x); return Head(x);")]
    [InlineData("var g = 0f; for (int i = 0; i < 2; i++) { if (g > 0) x = b.call(x); g = Heat(x); } return Head(x);")]
    [InlineData("bool Hot(Tensor t) => IsHot(t); var on = false; while (!on) { x = b.call(x); on = Hot(x); } return Head(x);")]
    [InlineData("var on = false; void See(Tensor t) { on = t.abs().sum().item<float>() >= 0; } for (int i = 0; i < 2; i++) { if (on) x = b.call(x); See(x); } return Head(x);")]
    [InlineData("System.Func<Tensor, bool> hot = t => IsHot(t); var on = false; if (x.dim() == 4) { on = hot(x); } if (on) x = b.call(x); return Head(x);")]
    [InlineData("var on = false; if (x.dim() == 4) { See(x, out on); } if (on) x = b.call(x); return Head(x);")]
    [InlineData("var on = false; for (int i = 0; i < 2; i++) { if (on) x = b.call(x); See(x, out on); } return Head(x);")]
    [InlineData("var on = false; Tensor y; for (int i = 0; i < 2; i++) { if (on) x = b.call(x); (on, y) = (IsHot(x), x); } return Head(x);")]
    public void They_are_asked_both_ways(string statements) => Prunes(statements);

    /// <summary>A loop on the opposite of such a condition was never gone into, or for ever.</summary>
    [Theory]
    [InlineData("var n = 0; while (!(n++ > 0 && x.abs().sum().item<float>() >= 0)) { x = relu(b.call(x)); } return Head(x);")]
    [InlineData("while (!(x.sum().item<float>() >= 0 || x.shape[0] > 0)) { x = relu(b.call(x)); } return Head(x);")]
    [InlineData("var done = false; while (!done) { x = relu(b.call(x)); if (x.abs().sum().item<float>() >= 0) { done = true; } } return Head(x);")]
    public void The_opposite_of_one_is_a_condition_of_loops(string statements) => Prunes(statements);

    [Theory]
    [InlineData("Conditional(x); return Head(x);")]
    [InlineData("Undone(b.call(x)); return Head(x);")]
    public void A_call_that_the_compiler_leaves_out_is_no_step(string statements)
    {
        Prunes(statements);
        Assert.DoesNotContain("link.Layer(b", Compiled.From(Source(statements)).Text);
    }

    [Theory]
    [InlineData("#define NEVER\n")]
    [InlineData("#undef NEVER\n#define NEVER\n")]
    public void One_of_which_the_symbol_is_defined_is_a_step(string head) => Assert.Contains(
        "link.Layer(b", Compiled.From(Compiled.Parse(head + Compiled.Usings + Source("Conditional(x); return Head(x);"))).Text);

    private static void Prunes(string statements) => Loaded.From(Source(statements)).Prunes(Image).Returns(Image);

    private static string Source(string statements) => $$"""
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), b = Conv2d(16, 16, 3, padding: 1);
            private readonly Linear fc = Linear(16, 10);
            public Net() : base("net") => RegisterComponents();
            private static void See(Tensor t, out bool hot) => hot = t.abs().sum().item<float>() >= 0;
            private static float Heat(Tensor t) => t.abs().sum().item<float>();
            private static bool IsHot(Tensor t) => Heat(t) >= 0;
            private Tensor Head(Tensor h) => fc.call(h.mean(new long[] { 2, 3 }));
            [System.Diagnostics.Conditional("NEVER")] private void Conditional(Tensor t) => t.add_(b.call(t));
            partial void Undone(Tensor t);
            public override Tensor forward(Tensor x) { x = a.call(x); {{statements}} }
        }
        """;
}
