namespace PruneGen.Generator.Tests;

/// <summary>Objects that hand tensors around, whose class takes them by a primary constructor.</summary>
public class PrimaryConstructorTests
{
    private static readonly long[] Rows = [4, 8];

    [Theory]
    [InlineData("class Pair(Tensor a, Tensor b) { public Tensor A = a, B = b; }", "p.A - p.B")]
    [InlineData("class Pair(Tensor a, Tensor b) { public Tensor A { get; } = a; public Tensor B => b; }", "p.A - p.B")]
    [InlineData("class Pair(Tensor a, Tensor b) { public Tensor A { get; } = a.relu(); private readonly Tensor[] all = [a, b]; public Tensor Rest => all[0] - all[1]; }", "p.A - p.Rest")]
    [InlineData("class Pair(Tensor a, Tensor b) { public List<Tensor> All { get; } = new() { a, b }; }", "p.All[0] - p.All[1]")]
    [InlineData("class Pair(Tensor a, Tensor b, int n = 3, bool on = true) { public Tensor Sum() => on ? a - b * n : a; }", "p.Sum()")]
    [InlineData("class Pair(Tensor a, Tensor b) { public long Width { get; } = a.shape[0]; public Tensor Sum() => a - b; }", "p.Sum() * p.Width")]
    [InlineData("struct Pair(Tensor a, Tensor b) { public Tensor A { get; } = a; public Tensor B { get; } = b; }", "p.A - p.B")]
    [InlineData("record Pair(Tensor A, Tensor B) { public Tensor C { get; } = A - B; }", "p.C + p.B")]
    [InlineData("record Pair(Tensor A, Tensor B) { public Tensor A { get; init; } = A.relu(); }", "p.A - p.B")]
    [InlineData("class Base(Tensor a, int k = 2) { public Tensor A { get; } = a * k; } internal class Pair(Tensor a, Tensor b) : Base(k: 3, a: a - b) { public Tensor B { get; } = b; }", "p.A - p.B")]
    [InlineData("class Base(Tensor a, int k = 2) { public Tensor A { get; } = a * k; } internal class Pair(Tensor a, Tensor b) : Base(a) { public Tensor B { get; } = b; }", "p.A - p.B")]
    [InlineData("class Base { public Tensor A { get; } public Base(Tensor a) { A = a; } } internal class Pair(Tensor a, Tensor b) : Base(a) { public Tensor B { get; } = b; }", "p.A - p.B")]
    [InlineData("record Base(Tensor A); internal record Pair(Tensor C, Tensor B) : Base(C.relu());", "p.A - p.B + p.C")]
    public void What_it_hands_to_members_is_followed(string declaration, string result) =>
        Assert.Equal(["first"], Net(declaration, $"var p = new Pair(first.call(x), second.call(x)); x = {result};").Prunes(Rows).Plan(Rows).Groups.Select(group => group.Name));

    /// <summary>A record has no member of its own for a parameter that is called like one of its base: there is what the base was handed.</summary>
    [Fact]
    public void A_parameter_with_the_name_of_a_members_of_the_base_is_none()
    {
        var net = Net("record Base(Tensor A); internal record Pair(Tensor A, Tensor B) : Base(A.relu());", "var p = new Pair(first.call(x), second.call(x)); x = p.A - p.B;").Prunes(Rows);
        Assert.Contains(net.Plan(Rows).Trace.Steps, step => step.Name == "relu");
    }

    /// <summary>A layer that it is handed is the model's own.</summary>
    [Theory]
    [InlineData("new Helper(inner).Run(first.call(x))")]
    [InlineData("new Generic<int>(inner).Run(first.call(x))")]
    [InlineData("new Wide(first.call(x), inner).Run()")]
    public void A_layer_that_it_is_handed_is_the_models_own(string run) => Assert.Equal(
        ["first", "inner"],
        Net("class Helper(Linear layer) { public Tensor Run(Tensor x) => layer.call(x); } internal class Generic<T>(Linear layer) { public Tensor Run(Tensor x) => layer.call(x); } internal class Wide(Tensor x, Linear layer) { public Tensor Run() => layer.call(x); }", $"x = {run};")
            .Prunes(Rows).Plan(Rows).Groups.Select(group => group.Name));

    /// <summary>Where a member begins with what cannot be told, it is not what was handed in.</summary>
    [Theory]
    [InlineData("record Pair(Tensor A, Tensor B) { public Tensor A { get; } = Models.Up(A); }", "p.A - p.B", "p.A")]
    [InlineData("class Pair(Tensor a, Tensor b) { public void Up() => b = b * 2; public Tensor Sum() => a - b; }", "p.Sum()", "b")]
    public void What_cannot_be_told_is_refused(string declaration, string result, string at) => Compiled
        .From("#pragma warning disable PG0025\n" + Source(declaration + " internal static class Models { public static Tensor Up(Tensor x) => x * 3; }", $"var p = new Pair(first.call(x), second.call(x)); x = {result};"))
        .Reported("PG0006", at);

    private static Loaded Net(string declaration, string statements) => Loaded.From(Source(declaration, statements));

    private static string Source(string declaration, string statements) => $$"""
        using System.Collections.Generic;
        internal {{declaration}}
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 8), second = Linear(8, 8), inner = Linear(8, 8), last = Linear(8, 3);
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x) { {{statements}} return last.call(x); }
        }
        """;
}
