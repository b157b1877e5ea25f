namespace PruneGen.Generator.Tests;

/// <summary>What a call changes in objects that were there before is not what the live model says when it is linked: it is refused where it is read.</summary>
public class ChangedByCallTests
{
    [Theory]
    [InlineData("Up(); return y * scales.K;", "private void Up() { scales.K += 1; }", "scales.K")]
    [InlineData("Up(); return y * scales.K;", "private void Up() { if (scales != null) { scales.K += 1; } }", "scales.K")]
    [InlineData("Up(); return y * scales.K;", "private void Up() => Deep(); private void Deep() => scales.Up();", "scales.K")]
    [InlineData("Up(); return y * scales.K;", "private void Up() => maybe?.Up();", "scales.K")]
    [InlineData("maybe?.Up(); return y * maybe!.K;", "", "maybe!.K")]
    [InlineData("Util.Raise(scales); return y * scales.K;", "", "scales.K")]
    [InlineData("Util.Count(); return y * Util.Counted;", "", "Util.Counted")]
    [InlineData("Up(); return y * factors[0];", "private readonly double[] factors = { 1, 2 }; private void Up() { factors[0] += 1; }", "factors")]
    [InlineData("Up(); return y * factors.Count;", "private readonly System.Collections.Generic.List<int> factors = [1]; private void Up() => factors.Add(2);", "factors")]
    [InlineData("Up(); return y * scales.Property;", "private void Up() => scales.Property++;", "scales.Property")]
    [InlineData("child.Tick(); return child.call(y);", "", "child.Tick()")]
    [InlineData("fed.Feed(y * 2); return fed.call(y);", "", "fed.Feed(y * 2)")]
    public void It_is_refused_where_it_is_read(string statements, string members, string at) =>
        Compiled.From(Source(statements, members)).Reported("PG0006", at);

    [Theory]
    [InlineData("Up(); return y * scales.Fixed;")]
    [InlineData("Util.Count(); return y * scales.K;")]
    [InlineData("var own = new Scales(); own.Up(); return y * own.K * scales.Fixed;")]
    [InlineData("child.Count(); return child.call(y);")]
    public void What_is_not_changed_is_followed(string statements) =>
        Loaded.From(Source(statements, "private void Up() { scales.K += 1; }")).Prunes([2, 6]);

    private static string Source(string statements, string members) => $$"""
        #nullable enable
        #pragma warning disable CS0414, CS1591
        public class Scales
        {
            public double K = 1;
            public double Property { get; set; } = 1;
            public double Fixed { get; } = 2;
            public void Up() => K += 1;
        }

        public static class Util
        {
            public static double Counted = 1;
            public static void Raise(Scales given) => given.K += 1;
            public static void Count() => Counted += 1;
        }

        [Prunable(Structured)] public partial class Child : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private double factor = 1;
            private int calls;
            public Child() : base("child") => RegisterComponents();
            public void Tick() => factor += 1;
            public void Count() => calls++;
            public override Tensor forward(Tensor x) => fc.call(x) * factor;
        }

        [Prunable(Structured)] public partial class Fed : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private Tensor? food;
            public Fed() : base("fed") => RegisterComponents();
            public void Feed(Tensor given) => food = given;
            public override Tensor forward(Tensor x) => fc.call(x) + food!;
        }

        [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(6, 8), last = Linear(8, 2);
            private readonly Child child = new();
            private readonly Fed fed = new();
            private readonly Scales scales = new();
            private readonly Scales? maybe = new();
            {{members}}
            public Net() : base("net") => RegisterComponents();
            private Tensor Between(Tensor y) { {{statements}} }
            public override Tensor forward(Tensor x) => last.call(Between(first.call(x)));
        }
        """;
}
