namespace PruneGen.Generator.Tests;

/// <summary>What an operator or a conversion of the user's own makes of numbers and objects is for its body to say: nothing else is computed in its place.</summary>
public class OwnOperatorTests
{
    private static readonly long[] Batch = [2, 6];

    [Theory]
    [InlineData("double d = held; return y * d;")]
    [InlineData("return y * (double)held;")]
    [InlineData("return functional.leaky_relu(y, held);")]
    [InlineData("double? d = maybe; return y * (d ?? 1);")]
    [InlineData("return y * (double)half * (double)big;")]
    [InlineData("Scaled s = 4; return y * (double)s;")]
    [InlineData("Scaled s = y.shape[0]; return y * (double)s;")]
    [InlineData("Scaled s = 4; s = s + 2; return y * (double)s;")]
    [InlineData("Scaled s = 4; s += 2; return y * (double)s;")]
    [InlineData("Scaled s = 4; s = -s; return y * (double)s;")]
    [InlineData("if (held == null) { y = y.relu(); } return y;")]
    [InlineData("if (flag) { y = y.relu(); } return y;")]
    [InlineData("return y.view(-1, parts, 2).flatten(1);", true)]
    [InlineData("var carried = new Carried(y); carried++; return carried.Value;")]
    public void It_computes_what_its_body_says(string statements, bool keepsItsWidth = false)
    {
        var net = Loaded.From(Source(statements));
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        if (!keepsItsWidth)
        {
            net.Prunes(Batch);
        }
    }

    /// <summary>Generated code cannot call one by its name, and there is no expression for it that changes nothing.</summary>
    [Theory]
    [InlineData("Scaled s = 4; s++; return y * (double)s;")]
    public void A_step_of_ones_own_is_refused(string statements) => Compiled.From(Source(statements)).Reported("PG0006", "s++");

    private static string Source(string statements) => $$"""
        #nullable enable
        #pragma warning disable CS0414, CS1591, CS0660, CS0661
        public class Held
        {
            public double K = 0.5;
            public static implicit operator double(Held held) => held.K + 1;
            public static bool operator ==(Held? one, Held? other) => true;
            public static bool operator !=(Held? one, Held? other) => false;
        }

        public class Flag
        {
            public static implicit operator bool(Flag flag) => true;
        }

        public readonly struct Scaled
        {
            private readonly double value;
            public Scaled(double value) => this.value = value;
            public static implicit operator Scaled(long number) => new(2 * number);
            public static implicit operator double(Scaled scaled) => scaled.value + 1;
            public static implicit operator long(Scaled scaled) => (long)scaled.value;
            public static Scaled operator +(Scaled one, Scaled other) => new(10 * one.value + other.value);
            public static Scaled operator -(Scaled one) => new(7 * one.value);
            public static Scaled operator ++(Scaled one) => new(one.value + 5);
        }

        public sealed class Carried
        {
            public Carried(Tensor value) => Value = value;
            public Tensor Value { get; }
            public static Carried operator ++(Carried one) => new(one.Value * 3);
        }

        [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(6, 8), last = Linear(8, 2);
            private readonly Held held = new();
            private readonly Flag flag = new();
            private readonly Scaled? maybe = new Scaled(3);
            private readonly Scaled parts = new Scaled(4);
            private readonly System.Half half = (System.Half)1.5;
            private readonly System.Numerics.BigInteger big = 3;
            public Net() : base("net") => RegisterComponents();
            private Tensor Between(Tensor y) { {{statements}} }
            public override Tensor forward(Tensor x) => last.call(Between(first.call(x)));
        }
        """;
}
