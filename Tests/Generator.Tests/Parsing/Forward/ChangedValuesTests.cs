using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>Numbers, sizes and objects that forward changes: what is linked is what forward computes, and not what they were before.</summary>
public class ChangedValuesTests
{
    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";

    private const string Types = """
        internal sealed class Box { public float V { get; set; } public void Set(float v) => V = v; }
        internal struct Pair { public float V { get; set; } }
        internal sealed class Held { public float V { get; set; } public Tensor? T { get; set; } }
        internal record struct Kept(float V, int K);
        internal sealed class Counter { public float Total { get; set; } public void Add(float v) { Total += v; } }
        internal static class Shared { public static float Total { get; set; } }
        """;

    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>The trace is compared with forward: a change that it leaves out shows there.</summary>
    [Theory]
    [InlineData("var k = new[] { 1f, 2f }; k[0]++; x = x * k[0];")]
    [InlineData("var k = new[] { 1f, 2f }; var old = k[0]++; x = x * old + k[0];")]
    [InlineData("var k = new[] { 1f, 2f }; (k[0], k[1]) = (k[1], k[0] * 3); x = x * k[0] + k[1];")]
    [InlineData("var t = new[] { x, x * 2 }; (t[0], t[1]) = (t[1], t[0]); x = t[0] - t[1] * 3;")]
    [InlineData("var k = new Box { V = 2 }; var j = new Box { V = 3 }; (k.V, j.V) = (j.V, k.V); x = x * k.V + j.V;")]
    [InlineData("var k = new[] { 1f, 2f }; Array.Clear(k); x = x * (k[0] + 1);")]
    [InlineData("var k = new float[2][]; k[0] = new[] { 1f }; k[0][0] = 4; x = x * k[0][0];")]
    [InlineData("var k = new List<float> { 1, 2 }; k.Sort((a, b) => b.CompareTo(a)); x = x * k[0];")]
    [InlineData("var k = new Box { V = 1 }; k.V = 5; x = x * k.V;")]
    [InlineData("var k = new Box { V = 1 }; k.V++; x = x * k.V;")]
    [InlineData("var k = new Box { V = 1 }; k.Set(5); x = x * k.V;")]
    [InlineData("var k = new Box { V = 1 }; var j = k; j.V = 5; x = x * k.V;")]
    [InlineData("var k = new Pair { V = 1 }; var j = k; j.V = 5; x = x * k.V;")]
    [InlineData("var k = new Pair { V = 1 }; var j = k; k.V = 5; x = x * j.V;")]
    [InlineData("var b = new Counter(); b.Add(2); b.Add(3); x = x * b.Total;")]
    [InlineData("var s = x.shape; (s[2], s[3]) = (s[3], s[2]); x = x.view(s);")]
    [InlineData("var s = x.shape; s[2] *= s[3]; s = s[..3]; x = x.view(s).view(-1, s[1], 8, 8);")]
    [InlineData("var s = x.shape; s[0]--; x = x[..(int)s[0]];")]
    [InlineData("var s = x.shape; Array.Reverse(s); x = x.permute(3, 2, 1, 0).reshape(s).permute(3, 2, 1, 0);")]
    [InlineData("var s = x.shape; Shorten(s); x = x.flatten(2)[.., .., ..(int)s[2]].mean(new long[] { 2 }, true).unsqueeze(3).expand(-1, -1, 8, 8);")]
    [InlineData("var k = new Held { V = 2, T = x }; var j = k; j.V = 7; x = x * k.V + k.T!;")]
    [InlineData("var t = new List<Held> { new() { V = 2, T = x } }; foreach (var one in t) { one.V = 9; } x = x * t[0].V;")]
    [InlineData("var t = new List<Held> { new() { V = 2, T = x } }; var one = t[0]; one.V = 9; x = x * t[0].V;")]
    [InlineData("var k = new Kept(2, 3); var j = k with { V = 9 }; x = x * k.V + j.V * j.K;")]
    [InlineData("IEnumerable<float> Two() { yield return 2; yield return 3; } x = x * Two().Sum();")]
    [InlineData("var s = new System.Text.StringBuilder(\"a\"); s.Append(\"bc\").Append(\"d\"); x = x * s.Length;")]
    [InlineData("var b = new System.Collections.BitArray(4); b.Set(1, true); if (b[1]) { x = x * 2; }")]
    [InlineData("var k = new[] { 3, 1, 2 }; k.AsSpan().Reverse(); x = x * k[0];")]
    [InlineData("var k = new List<List<float>> { new() }; k[0].Add(3); x = x * k[0][0];")]
    [InlineData("var t = new List<List<Tensor>> { new() }; t[0].Add(x * 2); x = t[0][0];")]
    [InlineData("var k = (A: new List<int>(), B: 2); k.A.Add(5); x = x * k.A.Count * k.B;")]
    [InlineData("var k = 3; Math.DivRem(17, 5, out k); x = x * k;")]
    [InlineData("var k = 3; var q = Math.DivRem(17, 5, out k); x = x * k + q;")]
    [InlineData("x = x * (Math.DivRem(x.shape[0], 3L, out var rest) + rest);")]
    [InlineData("var whole = Math.DivRem(x.shape[0], 3L, out var rest); x = x * whole * rest;")]
    [InlineData("int.TryParse(\"4\", out var k); x = x * k;")]
    [InlineData("var n = 3; var k = System.Threading.Interlocked.Increment(ref n); x = x * k + n;")]
    [InlineData("var each = new[] { 2, 3 }.AsEnumerable().GetEnumerator(); each.MoveNext(); each.MoveNext(); x = x * each.Current;")]
    public void What_is_changed_counts_from_there_on(string statements) =>
        Assert.Contains("conv1", Of(statements).Prunes(Image).Plan(Image).Groups.Select(group => group.Name));

    /// <summary>A width that is written over by a number is stated there: the channels stay.</summary>
    [Theory]
    [InlineData("var s = x.shape; s[1] = 16; x = x.view(s);")]
    [InlineData("var s = x.shape; s.AsSpan()[1] = 16; x = x.view(s);")]
    [InlineData("var s = x.shape; Widen(ref s[1]); x = x.view(s);")]
    [InlineData("State(x.shape, out var s); x = x.view(s);")]
    [InlineData("var s = new long[4]; x.shape.CopyTo(s, 0); x = x.view(s);")]
    [InlineData("var s = new long[4]; Array.Copy(x.shape, s, 4); x = x.view(s);")]
    [InlineData("var s = new long[x.dim() + 1]; Array.Copy(x.shape, s, x.dim()); s[4] = 1; x = x.reshape(s).squeeze(4);")]
    [InlineData("var s = new List<long> { x.shape[0] }; s.AddRange(x.shape[1..]); x = x.view(s.ToArray());")]
    [InlineData("var y = new float[x.shape[1]]; Array.Fill(y, 2f); x = x * tensor(y).view(1, -1, 1, 1);")]
    public void A_size_that_becomes_a_plain_number_stays(string statements) =>
        Assert.Equal(["fc1"], Of(statements).Prunes(Image).Plan(Image).Groups.Select(group => group.Name));

    /// <summary>One thing by two names, and what an object that forward did not make holds: that is not followed, and said.</summary>
    [Theory]
    [InlineData("var s = x.shape; ref var n = ref s[1]; n = 16; x = x.view(s);", "another name for something")]
    [InlineData("var t = new[] { x, x * 2 }; foreach (ref var one in t.AsSpan()) { one = one * 2; } x = t[0] - t[1];", "a foreach that changes what it goes through")]
    [InlineData("count.Total = 3; x = x * count.Total;", "which forward changes itself")]
    [InlineData("count.Add(3); x = x * count.Total;", "which forward changes itself")]
    [InlineData("Shared.Total = 3; x = x * Shared.Total;", "which forward changes itself")]
    [InlineData("var k = new List<int> { 3, 2 }; k.ForEach(v => x = x * v);", "call of ForEach")]
    [InlineData("var k = 1; var s = new[] { 1, 2 }.Select(i => i * k); k = 10; x = x * s.Sum();", "which is computed from 'k' when it is asked")]
    public void What_is_changed_elsewhere_is_refused_where_it_is_read(string statements, string because)
    {
        var report = Assert.Single(Compile(statements).Reports, report => report.Severity == DiagnosticSeverity.Error);
        Assert.Contains(because, report.GetMessage(), StringComparison.Ordinal);
    }

    /// <summary>What generated code cannot write into an array is not what was there before.</summary>
    [Theory]
    [InlineData("v[1] = fc2.bias!.mean().item<float>();")]
    [InlineData("for (var i = 0; i < 4; i++) { v[i] = fc2.bias!.mean().item<float>() * i; }")]
    [InlineData("var w = v; w[0] = fc2.bias!.mean().item<float>();")]
    [InlineData("if (x.shape[2] == 8) { v[0] = fc2.bias!.mean().item<float>(); }")]
    [InlineData("if (fc2.bias!.mean().item<float>() > -9) { v[0] = fc2.bias!.mean().item<float>(); } else { v[1] = 2; }")]
    public void Numbers_that_cannot_be_written_are_not_known(string statements) =>
        Of($"var v = new float[4]; {statements} x = x * (tensor(v).sum() + 1) + v[0];").Prunes(Image);

    [Theory]
    [InlineData("count.Add(x.shape[0]); x = x * 2;")]
    [InlineData("count.Total = 3; x = x * 2;")]
    [InlineData("Shared.Total++; x = x * 2;")]
    public void What_is_only_counted_says_nothing(string statements) => Of(statements).Prunes(Image);

    [Theory]
    [InlineData("x = x switch { { ndim: 4 } => x * 3, _ => x };")]
    public void A_pattern_that_asks_a_tensor_is_refused(string statements) =>
        Assert.Contains(Compile(statements).Reports, report => report.Severity == DiagnosticSeverity.Error);

    private static Loaded Of(string statements) => Loaded.From(Source(statements));

    private static Compiled Compile(string statements) => Compiled.From(Source(statements));

    private static string Source(string statements) => "using System;\nusing System.Collections.Generic;\nusing System.Linq;\n" + Models.WithForward($"x = conv1.call(x);\n{statements}\n{Head}", """
            private readonly Counter count = new();
            private static void Shorten(long[] s) { s[2] = 3; }
            private static void Widen(ref long n) { n = 16; }
            private static void State(long[] given, out long[] s) { s = given; s[1] = 16; }
        """) + "\n" + Types;
}
