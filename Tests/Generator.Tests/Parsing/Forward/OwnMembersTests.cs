using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>Operators, conversions, indexers and properties that a class of the project defines: their bodies count, and not what their names suggest.</summary>
public class OwnMembersTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    private const string Pair = """
        internal readonly record struct Pair(Tensor A, Tensor B)
        {
            public static Pair operator +(Pair l, Pair r) => new(l.A + r.A, l.B + r.B);
            public static Pair operator *(Pair l, double k) => new(l.A * k, l.B * k);
            public static Pair operator -(Pair l) => new(-l.B, l.A);
            public static bool operator >(Pair l, Pair r) => l.A.shape[2] > r.A.shape[2];
            public static bool operator <(Pair l, Pair r) => r > l;
            public static implicit operator Tensor(Pair l) => l.A - l.B * 3;
            public static implicit operator Pair((Tensor A, Tensor B) parts) => new(parts.B, parts.A);
            public Tensor this[int i] => i == 0 ? A : B;
            public Tensor this[string name, double times = 2] { get { if (name == "a") { return A * times; } return B; } }
        }
        """;

    private const string Bag = """
        internal sealed class Bag
        {
            private Tensor? first, second, kept;
            public Tensor this[int i] { get => i == 0 ? first! : second!; set { if (i == 0) { first = value; } else { second = value * 2; } } }
            public Tensor Kept { get => kept!; set => kept = value * 2; }
        }
        """;

    private const string Blocks = """
        [Prunable(Structured)] internal sealed partial class Blocks : Module<Tensor, Tensor>
        {
            private readonly Conv2d b0 = Conv2d(16, 16, 1), b1 = Conv2d(16, 16, 1);
            public Blocks() : base("blocks") { RegisterComponents(); }
            public Module<Tensor, Tensor> this[int i] => i == 0 ? b1 : b0;
            public IEnumerator<Conv2d> GetEnumerator() { yield return b1; yield return b0; }
            public override Tensor forward(Tensor x) => b0.call(x);
        }
        """;

    [Theory]
    [InlineData("x = new Pair(x, x * 2) + new Pair(side.call(x), x);")]
    [InlineData("var p = new Pair(x, x * 2); p += new Pair(side.call(x), x); x = p;")]
    [InlineData("x = new Pair(x, side.call(x)) * 0.5;")]
    [InlineData("x = -new Pair(x, side.call(x));")]
    [InlineData("x = relu(new Pair(x, side.call(x)));")]
    [InlineData("Pair p = (x, side.call(x)); x = p;")]
    [InlineData("var (p, q) = (new Pair(x, x), new Pair(max_pool2d(x, 2), x)); if (p > q) { p = new Pair(x, side.call(x)); } x = p;")]
    [InlineData("var p = new Pair(x, side.call(x)); x = p[0] - p[1] * 3;")]
    [InlineData("var p = new Pair(x, side.call(x)); x = p[\"a\"] - p[\"b\"] * 3 + p[\"a\", 5];")]
    [InlineData("var bag = new Bag(); bag[0] = x; bag[1] = side.call(x); x = bag[0] - bag[1];")]
    [InlineData("var bag = new Bag(); bag.Kept = side.call(x); x = bag.Kept;")]
    [InlineData("Scale = 3; x = x * Scale;")]
    [InlineData("for (var i = 1; i < 3; i++) { Scale = i; x = x * Scale; }")]
    [InlineData("Scale = 3; x = x * Twice;")]
    [InlineData("Last = x; x = Last - side.call(x);")]
    [InlineData("count = 0; x = x * Next + Next;")]
    [InlineData("count = 0; for (var i = 0; i < 2; i++) { x = x * Next + Next; }")]
    [InlineData("x = blocks[0].call(x) - blocks[1].call(x) * 3;")]
    [InlineData("foreach (var block in blocks) { x = x * 0.5 + block.call(x); }")]
    [InlineData("x = reversed[0].call(x) - reversed[1].call(x) * 3;")]
    public void Their_bodies_are_read(string statements) => Assert.Contains("conv1", Of(statements).Prunes(Image).Plan(Image).Groups.Select(group => group.Name));

    [Theory]
    [InlineData("var list = new Tensors(); list.Add(x); x = list[0];", "a List of the project's own")]
    [InlineData("var named = new Named(); named[\"x\"] = x; x = named[\"x\"];", "a Dictionary of the project's own")]
    [InlineData("using (var twice = new Twice(x)) { }", "whose Dispose computes with tensors")]
    [InlineData("using var twice = new Twice(x);", "whose Dispose computes with tensors")]
    public void What_cannot_be_followed_is_refused(string statements, string because)
    {
        var report = Compiled.From(Source(statements)).Reports.First(report => report.Severity == DiagnosticSeverity.Error);
        Assert.Contains(because, report.GetMessage(), StringComparison.Ordinal);
    }

    private static Loaded Of(string statements) => Loaded.From(Source(statements));

    private static string Source(string statements) => "#pragma warning disable CS0169\nusing System;\nusing System.Collections.Generic;\n"
        + Models.WithForward($"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));", """
            private readonly Conv2d side = Conv2d(16, 16, 1);
            private readonly Blocks blocks = new();
            private readonly Reversed reversed = new(Conv2d(16, 16, 1), Conv2d(16, 16, 1));
            private int count;
            private float scale = 1;
            private Tensor? last;
            private float Scale { get => scale; set { scale = value * 2; } }
            private Tensor Last { get => last!; set => last = value * 2; }
            private float Twice => Scale * 2;
            private int Next => ++count;
        """) + $$"""

        {{Pair}}
        {{Bag}}
        {{Blocks}}
        internal sealed class Reversed : ModuleList<Conv2d> { public Reversed(params Conv2d[] layers) : base(layers) { } public new Conv2d this[int i] => base[1 - i]; }
        internal sealed class Tensors : List<Tensor> { public new void Add(Tensor x) => base.Add(x * 2); }
        internal sealed class Named : Dictionary<string, Tensor> { }
        internal sealed class Twice : IDisposable { private readonly Tensor x; public Twice(Tensor x) { this.x = x; } public void Dispose() { x.mul_(2); } }
        """;
}
