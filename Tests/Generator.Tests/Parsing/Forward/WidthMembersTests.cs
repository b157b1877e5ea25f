using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>Members of the user's that tell how wide a layer is: what is computed with them changes with what is pruned.</summary>
public class WidthMembersTests
{
    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";

    private const string Members = """
            private long Width => conv1.out_channels;
            private long W() => conv1.out_channels;
            private IEnumerable<long> Several => new[] { conv1.out_channels };
            private long[] All => new[] { (long)conv1.out_channels };
            private (long a, long b) Both => (conv1.out_channels, 3);
            private float Half { get { var w = conv1.weight!; return w.size(0) / 2f; } }
            private float Scale => 1f / MathF.Sqrt(Width);
            private bool IsWide => Width > 10;
            private bool Wide() => conv1.out_channels > 10;
            private readonly float[] table = { 1, 2, 3, 4 };
            private readonly Dictionary<long, float> known = new() { [16] = 2f };
            private readonly Dictionary<string, float> named = new() { ["w16"] = 2f };
        """;

    private const string Block = """
        [Prunable(Structured)]
        internal sealed partial class Block : Module<Tensor, Tensor>
        {
            private readonly Conv2d c = Conv2d(3, 16, 3, padding: 1);
            public long Width => c.out_channels;
            public float Scale() => 1f / c.out_channels;
            public bool IsWide => c.out_channels > 10;
            public Block() : base("b") => RegisterComponents();
            public override Tensor forward(Tensor x) => c.call(x);
        }
        """;

    private static readonly long[] Image = [2, 3, 8, 8];

    [Theory]
    [InlineData("x = x * Width;")]
    [InlineData("x = x * W();")]
    [InlineData("x = x * Several.First();")]
    [InlineData("x = x * All[0];")]
    [InlineData("x = x * Both.a;")]
    [InlineData("x = x * Half;")]
    [InlineData("x = x * Scale;")]
    [InlineData("var s = x.shape[..3]; x = x * s[1];")]
    [InlineData("x = block.call(image) * block.Width;", "block.c")]
    [InlineData("x = block.call(image) * block.Scale();", "block.c")]
    public void What_is_computed_with_a_width_is_not_exact(string statements, string group = "conv1") =>
        Assert.False(Of(statements).Plan(Image).Groups.Single(one => one.Name == group).Exact);

    /// <summary>What a width decides, or is looked up by, holds it: with another one there may be nothing to find.</summary>
    [Theory]
    [InlineData("if (IsWide) { x = x * 2; }")]
    [InlineData("if (Wide()) { x = x * 2; }")]
    [InlineData("x = x * (Width > 10 ? 2f : 3f);")]
    [InlineData("for (var i = 0; i < Width; i++) { x = x + i; }")]
    [InlineData("x = x * table[x.shape[1] - 13];")]
    [InlineData("x = x * table.ElementAt((int)x.shape[1] - 13);")]
    [InlineData("x = x * known[x.shape[1]];")]
    [InlineData("x = x * named[$\"w{x.shape[1]}\"];")]
    [InlineData("x = block.call(image); if (block.IsWide) { x = x * 2; }")]
    public void What_a_width_decides_holds_it(string statements) =>
        Assert.Equal(["fc1"], Of(statements).Prunes(Image).Plan(Image).Groups.Select(group => group.Name));

    [Theory]
    [InlineData("x = x.view(x.shape[0], Width, 8, 8);")]
    [InlineData("if (x.shape[1] != Width) throw new Exception();")]
    [InlineData("Console.WriteLine($\"{Width} {conv1.weight!.shape[0]}\");")]
    public void A_width_by_another_name_follows_what_is_pruned(string statements) =>
        Assert.Contains(Of(statements).Prunes(Image).Plan(Image).Groups, group => group is { Name: "conv1", Exact: true });

    /// <summary>A mask leaves the statistics of a channel as they are, so what is summed up over all of them is not the same without it.</summary>
    [Theory]
    [InlineData("x = bn.call(x); x = x / bn.running_var!.sum();", false)]
    [InlineData("x = bn.call(x); x = x + bn.running_mean!.dot(bn.running_var!);", false)]
    [InlineData("x = bn.call(x); x = x - bn.running_mean!.view(1, -1, 1, 1);", true)]
    [InlineData("x = bn.call(x); x = x + bn.weight!.sum();", true)]
    public void Statistics_are_no_zeros(string statements, bool isExact) =>
        Assert.Equal(isExact, Of(statements).Plan(Image).Groups.Single(group => group.Name == "conv1").Exact);

    [Theory]
    [InlineData("x = x * parameters().Sum(p => p.numel());")]
    [InlineData("x = x * (float)parameters().Sum(p => p.sum().item<float>());")]
    public void A_number_of_all_parameters_is_refused(string statements) => Assert.Contains(
        Compiled.From(Source(statements)).Reports,
        report => report.Severity == DiagnosticSeverity.Error && report.GetMessage().Contains("which changes with what is pruned", StringComparison.Ordinal));

    private static Loaded Of(string statements) => Loaded.From(Source(statements));

    private static string Source(string statements) => "using System;\nusing System.Collections.Generic;\nusing System.Linq;\n" + (statements.Contains("block", StringComparison.Ordinal)
        ? Models.WithForward($"var image = x;\n{statements}\n{Head}", Members + "\n    private readonly Block block = new();") + "\n" + Block
        : Models.WithForward($"x = conv1.call(x);\n{statements}\n{Head}", Members));
}
