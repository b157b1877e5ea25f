using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>Fields that <c>forward</c> itself gives a value: until it ends they are what it left there, whichever way it went.</summary>
public class ForwardFieldsTests
{
    [Theory]
    [InlineData("if (x.shape[2] > 4) { width = x.shape[1]; x = relu(x); } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("if (x.shape[2] > 4) { width = x.shape[1]; x = relu(x); } else { width = x.shape[1] / 1; } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("for (var i = 0; i < 2; i++) { if (i > 0) { x = x.view(x.shape[0], width, x.shape[2], x.shape[3]); } width = x.shape[1]; x = relu(x); }")]
    [InlineData("for (var i = 0; i < 2; i++) { width = x.shape[1]; x = relu(x); } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("Set(x); x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("width = 16; Set(x); x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("width = x.shape[1]; x = Get(x);")]
    [InlineData("width = x.shape[1]; if (x.shape[0] > 1) { x = Get(x); }")]
    [InlineData("width += x.shape[1]; x = relu(x);")]
    [InlineData("count++; if (count > 0) { x = relu(x); }")]
    [InlineData("count = count + 1; if (count > 0) { x = relu(x); } title = \"a\"; if (title == \"b\") { x = relu(x); }")]
    [InlineData("seen = true; if (seen) { x = relu(x); }")]
    [InlineData("flag = x.shape[1] > 4; if (flag) { x = relu(x); }")]
    [InlineData("last = x.shape; x = x.view(last);")]
    [InlineData("(width, count) = (x.shape[1], 3); x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("width = 1; if (x.shape[2] > 4) { width = x.shape[1]; x = relu(x); } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("kept = x; if (x.shape[2] > 4) { kept = conv2.call(x); } x = x * kept;")]
    [InlineData("kept = null; if (x.shape[2] > 4) { kept = conv2.call(x); } x = x * kept!;")]
    [InlineData("kept = x; Fill(x); x = x * kept!;")]
    [InlineData("kept = x; if (x.shape[2] > 4) { Fill(x); } x = x * kept!;")]
    [InlineData("kept = x; for (var i = 0; i < 2; i++) { x = conv2.call(relu(x)); if (i > 0) { x = x * kept!; } kept = x; } x = kept!;")]
    [InlineData("if (kept is null) { kept = torch.ones(1); } x = x * 2;")]
    [InlineData("kept ??= torch.ones(1); x = x * kept;")]
    public void A_field_is_what_forward_left_there(string statements) => Loaded.From(Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));",
        """
        internal long width = 16;
        internal int count = 0;
        internal string title = "";
        internal bool seen = false, flag = false;
        internal long[] last = [];
        internal Tensor? kept;

        private void Fill(Tensor t)
        {
            if (t.shape[2] > 4)
            {
                kept = conv2.call(t);
            }
        }

        private void Set(Tensor t)
        {
            if (t.shape[2] > 2)
            {
                width = t.shape[1];
            }
        }

        private Tensor Get(Tensor t) => t.view(t.shape[0], width, t.shape[2], t.shape[3]);
        """)).Prunes([2, 3, 8, 8]);

    /// <summary>Of any type, in branches and loops, read by itself or by methods and properties.</summary>
    [Theory]
    [InlineData("factor = 4; factor *= x.dim() + 1; factor -= 2; x = x * factor;")]
    [InlineData("title = \"a\"; title += \"bc\"; x = x * title.Length;")]
    [InlineData("if (x.shape[2] == 8) { factor = 4; } else { factor = 6; } x = x * factor;")]
    [InlineData("if (x.shape[2] == 8) { factor = 4; } else { factor = 6; } x = x * Quad;")]
    [InlineData("if (x.shape[2] == 8) { title = \"abc\"; } else { title = \"b\"; } x = x * title.Length;")]
    [InlineData("if (x.shape[2] == 8) { mode = Mode.B; } else { mode = Mode.A; } x = x * ByMode();")]
    [InlineData("if (x.shape[2] == 8) { seen = true; } x = x * Seen();")]
    [InlineData("if (x.shape[2] == 8) { maybe = 5; } else { maybe = null; } x = x * (maybe ?? 3);")]
    [InlineData("maybe = null; if (x.shape[2] == 9) { maybe = 5; } x = x * (maybe ?? 3);")]
    [InlineData("if (x.shape[2] == 8) { pair = (5, 6); } x = x * (pair.A + 1);")]
    [InlineData("for (var i = 0; i < 2; i++) { factor = i + 2; } x = x * factor;")]
    [InlineData("foreach (var k in new[] { 2, 3 }) { count = k; x = x * Twice(); }")]
    [InlineData("count = 5; x = x * (Deep() + count);")]
    [InlineData("count = 5; if (Deep() > 8) { x = x * 2; }")]
    [InlineData("count = 0; x = x * Next() + Next();")]
    [InlineData("count = 0; for (var i = 0; i < 3; i++) { Up(); x = x * count; }")]
    [InlineData("count = 0; var k = new[] { Next(), Next() }; x = x * k[0] + k[1];")]
    [InlineData("factor = 5; x = x * new[] { 1, 2 }.Select(i => i * Two).Sum();")]
    public void A_number_of_forward_is_what_it_left_there(string statements) => Loaded.From(Numbers(statements)).Prunes([2, 3, 8, 8]);

    [Theory]
    [InlineData("if (x.shape[2] == 8) { list = new[] { 5 }; } x = x * list[0];", "'list'")]
    [InlineData("Shared.N = 4; x = x * Shared.Twice;", "'N'")]
    [InlineData("Shared.N = 4; x = x * Shared.Times(2);", "'N'")]
    public void What_no_variable_holds_is_refused_where_it_is_read(string statements, string named) => Assert.Contains(
        $"{named}, which forward changes itself",
        Compiled.From(Numbers(statements)).Reports.First(report => report.Severity == DiagnosticSeverity.Error).GetMessage(),
        StringComparison.Ordinal);

    /// <summary>What a layer leaves in its fields, and what it goes by, is not told by the live one, which has not run yet.</summary>
    [Theory]
    [InlineData("x = block.call(x) * block.Calls;", "'block.Calls', which the layer itself changes")]
    [InlineData("x = block.call(x); x = x + block.Last!;", "'block.Last', which the layer itself changes")]
    [InlineData("x = block.call(x); x = block.Kept();", "'Last', which the layer itself changes")]
    [InlineData("block.Factor = 4; x = block.call(x);", "'block.Factor', which the layer goes by")]
    public void Fields_of_a_layer_that_forward_changes_are_refused(string statements, string because) => Assert.Contains(
        because,
        Compiled.From(Blocks(statements)).Reports.First(report => report.Severity == DiagnosticSeverity.Error).GetMessage(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("x = block.call(x) * block.Factor;")]
    [InlineData("block.Unread = 3; x = block.call(x);")]
    [InlineData("var one = x.shape[2] == 8 ? block : other; x = one.Twice(x) * one.Factor;")]
    public void Other_fields_of_a_layer_are_what_they_are(string statements) => Loaded.From(Blocks(statements)).Prunes([2, 3, 8, 8]);

    private static string Blocks(string statements) => Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));", "private readonly Block block = new(), other = new();") + """

        [Prunable(Structured)] internal sealed partial class Block : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv = Conv2d(16, 16, 1);
            public int Calls { get; private set; }
            public float Factor { get; set; } = 2;
            public int Unread { get; set; }
            public Tensor? Last { get; private set; }
            public Block() : base("block") { RegisterComponents(); }
            public override Tensor forward(Tensor x) { Calls = 3; Last = conv.call(x) * Factor; return Last; }
            public Tensor Kept() => Last!;
            public Tensor Twice(Tensor x) => x * Factor;
        }
        """;

    private static string Numbers(string statements) => "#pragma warning disable CS0169, CS0649, CS0414\nusing System.Linq;\n" + Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));",
        """
        private int count;
        private float factor;
        private string title = "a";
        private bool seen;
        private Mode mode;
        private int? maybe;
        private (int A, int B) pair;
        private int[] list = { 1 };

        private float Two => factor * 2;
        private float Quad => Two * 2;
        private int Twice() => count * 2;
        private int Deep() => Twice() + 1;
        private int Next() => ++count;
        private void Up() { count++; }
        private int Seen() => seen ? 2 : 3;
        private float ByMode() => mode switch { Mode.A => 2, _ => 5 };
        """) + """

        internal enum Mode { A, B }
        internal static class Shared { public static int N; public static int Twice => N * 2; public static int Times(int k) => N * k; }
        """;
}
