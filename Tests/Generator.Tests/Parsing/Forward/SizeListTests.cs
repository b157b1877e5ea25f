namespace PruneGen.Generator.Tests;

/// <summary>The sizes of a tensor in lists, spans and sequences: they stay sizes where .NET's library only hands them on, and become numbers elsewhere.</summary>
public class SizeListTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    [Theory]
    [InlineData("IEnumerable<long> s = x.shape.Take(2); long[] to = [.. s, -1]; x = x.reshape(to);")]
    [InlineData("var s = x.shape.Take(2).ToList(); long[] to = [.. s, -1]; x = x.reshape(to);")]
    [InlineData("var s = x.shape.Take(2); s = s.Append(-1); x = x.reshape(s.ToArray());")]
    [InlineData("var s = x.shape.Where((_, i) => i < 2).ToArray(); x = x.reshape([.. s, -1]);")]
    [InlineData("var s = x.shape.Select((v, i) => i == 2 ? 64L : v).Take(3).ToList(); x = x.reshape([.. s]);")]
    [InlineData("var s = x.shape.Zip(x.shape, (p, q) => p).Take(2).ToArray(); x = x.reshape([.. s, -1]);")]
    [InlineData("List<long> to = [.. x.shape[..2], 64]; x = x.reshape(to.ToArray());")]
    [InlineData("List<long> s = [.. x.shape.Take(2)]; s.Add(64); x = x.reshape([.. s]);")]
    [InlineData("List<long> s = new(x.shape.Take(2)); s.Add(-1); x = x.reshape(s.ToArray());")]
    [InlineData("var s = new List<long>(x.shape); s.RemoveRange(2, 2); s.Add(-1); x = x.reshape(s.ToArray());")]
    [InlineData("List<long> s = new List<long>(x.shape.Take(2)) { -1 }; x = x.reshape(s.ToArray());")]
    [InlineData("var s = x.shape.ToList(); while (s.Count > 2) s.RemoveAt(s.Count - 1); s.Add(-1); x = x.reshape(s.ToArray());")]
    [InlineData("x = x.reshape(WithoutLast(x.shape.ToList()));")]
    [InlineData("var s = x.shape.AsSpan()[..2]; x = x.reshape([.. s, -1]);")]
    [InlineData("var s = x.shape.AsSpan().Slice(0, 2); x = x.reshape([.. s, -1]);")]
    [InlineData("ReadOnlySpan<long> s = x.shape.AsSpan(0, 2); x = x.reshape([.. s, 64]);")]
    [InlineData("var s = x.shape.AsMemory(0, 2); x = x.reshape([.. s.Span, -1]);")]
    [InlineData("var s = (long[])x.shape.Clone(); s[2] = 64; s[3] = 1; x = x.reshape(s).squeeze(3);")]
    [InlineData("var s = x.shape.ToArray(); Array.Resize(ref s, 3); s[2] = -1; x = x.reshape(s);")]
    [InlineData("long[] s = x.shape; if (x.shape[0] > 1) s = [s[0], s[1], s[2] * s[3]]; x = x.reshape(s[0], s[1], -1);")]
    [InlineData("var s = x.dim() > 3 ? x.shape.Take(2).ToArray() : x.shape; x = x.reshape([.. s, -1]);")]
    [InlineData("var s = x.shape.ToArray(); var d = s.Aggregate(1L, (p, q) => p * q); x = x.reshape(s[0], s[1], d / (s[0] * s[1]));")]
    [InlineData("var s = new Queue<long>(x.shape); var n = s.Dequeue(); x = x.reshape(n, s.Dequeue(), -1);")]
    public void A_list_that_is_made_of_sizes_leaves_the_channels_to_be_pruned(string statements) => Assert.Equal(["conv1", "fc1"], Groups(statements));

    /// <summary>A lambda is asked with sizes, and gives one: what it computes of them as numbers holds those alone.</summary>
    [Theory]
    [InlineData("var s = x.shape.Skip(2).Select(v => Math.Max(1, v / 2)).ToArray(); x = functional.adaptive_avg_pool2d(x, s);")]
    [InlineData("var s = x.shape.Skip(2).Select(v => Math.Clamp(v, 2, 4)).ToArray(); x = functional.adaptive_avg_pool2d(x, (s[0], s[1]));")]
    [InlineData("var s = x.shape.Skip(2).Select(v => (long)Math.Ceiling(v / 2.0)).ToArray(); x = functional.adaptive_avg_pool2d(x, s);")]
    [InlineData("var s = x.shape.Skip(2).Select(v => v > 6 ? 4L : (v)).ToArray(); x = functional.adaptive_avg_pool2d(x, s);")]
    [InlineData("var s = x.shape.Skip(2).Select(v => (int)v / 2).ToArray(); x = functional.adaptive_avg_pool2d(x, (s[0], s[1]));")]
    [InlineData("var s = x.shape.Select((v, i) => i < 2 ? v : Math.Max(1, v / 2)).ToArray(); x = functional.interpolate(x, size: s[2..]);")]
    [InlineData("var s = x.shape.Skip(2).Select(Halved).ToArray(); x = functional.adaptive_avg_pool2d(x, s);")]
    [InlineData("static long Less(long v) => Math.Max(1, v / 2); x = functional.adaptive_avg_pool2d(x, x.shape.Skip(2).Select(Less).ToArray());")]
    [InlineData("Func<long, long> half = v => Math.Max(1, v / 2); x = functional.adaptive_avg_pool2d(x, x.shape.Skip(2).Select(half).ToArray());")]
    [InlineData("var s = x.shape.Skip(2).ToList().ConvertAll(v => Math.Max(1, v / 2)); x = functional.adaptive_avg_pool2d(x, (s[0], s[1]));")]
    [InlineData("var s = Array.ConvertAll(x.shape[2..], v => Math.Min(4, v)); x = functional.adaptive_avg_pool2d(x, s);")]
    [InlineData("x = x / x.shape.Skip(2).Aggregate((p, q) => Math.Min(p, q));")]
    [InlineData("x = x / x.shape.Skip(2).Aggregate(1L, (p, q) => Math.Max(p, q));")]
    [InlineData("if (x.shape.Skip(2).All(v => Math.Max(v, 2) > 1)) x = x * 2;")]
    [InlineData("x = x * x.shape.Skip(2).Count(v => Math.Abs(v - 8) < 2);")]
    [InlineData("var s = (from v in x.shape.Skip(2) where v > 2 select Math.Max(1, v / 2)).ToArray(); x = functional.adaptive_avg_pool2d(x, s);")]
    public void A_lambda_computes_with_sizes(string statements) => Assert.Contains("conv1", Groups(Resized(statements)));

    [Theory]
    [InlineData("var d = new[] { x.shape[2], x.shape[3] }; if (d is [8, 8]) x = x * 2; if (d is [8]) x = x * 3; if (d is not [4, .., > 4]) x = x * 4;")]
    [InlineData("var d = x.shape[2..]; if (d is [8, 8]) x = x * 2;")]
    [InlineData("int[] d = [(int)x.shape[2], (int)x.shape[3]]; if (d is [8, 8]) x = x * 2;")]
    [InlineData("var d = x.shape.Skip(2).ToList(); if (d is [8, .., 8]) x = x * 2; if (d is { Count: 2 }) x = x * 3;")]
    [InlineData("if (x.shape.Skip(2).ToArray() is [8, 8]) x = x * 2;")]
    [InlineData("long[] d = [x.shape[2], x.shape[3]]; x = d switch { [4, 4] => x, [var h, 8] => x / h, _ => x * 2 };")]
    [InlineData("long[] d = x.shape[2..]; switch (d) { case [4, 4]: x = x * 2; break; case [8, 8]: x = x * 3; break; default: x = x * 4; break; }")]
    [InlineData("long[] d = x.shape[2..]; x = x * (d switch { [4, _] => 2, [_, var w] => w, _ => 3 });")]
    [InlineData("var d = x.shape.AsSpan(2); while (d.Length > 1) d = d[1..]; if (d is [8]) x = x * 2;")]
    [InlineData("var d = x.shape.AsSpan(2); if (d is [8, 8]) x = x * 2; if (d.Length == 2) x = x * 3; if (d[0] == 8) x = x * 4;")]
    public void A_pattern_asks_a_list_for_each_of_its_sizes(string statements) => Assert.Contains("conv1", Groups(statements));

    [Theory]
    [InlineData("if (!x.shape[2..].SequenceEqual(new[] { 8L, 8L })) throw new ArgumentException(\"shape\");")]
    [InlineData("if (!x.shape.Skip(2).SequenceEqual(expected)) throw new ArgumentException(\"shape\");")]
    [InlineData("System.Diagnostics.Debug.Assert(x.shape[2..].SequenceEqual(new long[] { 8, 8 }));")]
    [InlineData("if (x.shape.Skip(2).Except(new long[] { 8 }).Any()) throw new ArgumentException(\"shape\");")]
    [InlineData("x = x * Product(x.shape.AsSpan(2));")]
    [InlineData("x = functional.adaptive_avg_pool2d(x, Halves((int)x.shape[2], (int)x.shape[3]));")]
    [InlineData("var d = new[] { x.shape[2], x.shape[3] }; x = x / d.Sum() / d.Average() / d.Sum(v => v / 2);")]
    [InlineData("int[] d = [(int)x.shape[2], (int)x.shape[3]]; x = x / d.Max() / d.Select(v => v / 2).First(); foreach (var v in d) x = x * v;")]
    [InlineData("x = x / new[] { x.shape[2], x.shape[3] }.Max() / new[] { x.shape[2], x.shape[3] }.Min();")]
    [InlineData("var (h, w) = (x.shape[2], x.shape[3]); x = x / new[] { h, w }.OrderByDescending(v => v).First();")]
    public void A_list_of_heights_and_widths_as_numbers_leaves_the_channels_alone(string statements) =>
        Assert.Contains("conv1", Groups(Resized(statements)));

    /// <summary>What looks at numbers needs them, so the channels stay.</summary>
    [Theory]
    [InlineData("var s = x.shape.Chunk(2).First(); x = x.reshape([.. s, -1]);")]
    [InlineData("var s = x.shape.Cast<long>().Take(2).ToArray(); x = x.reshape([.. s, -1]);")]
    [InlineData("var (n, c) = (x.shape.First(), x.shape.Skip(1).Take(1).Max()); x = x.reshape(n, c, 64);")]
    [InlineData("x = x.reshape(Folded(x.shape).ToArray());")]
    [InlineData("var s = x.shape.OrderByDescending(v => v).ToArray(); x = x.reshape(-1, s[0], 64);")]
    [InlineData("var t = string.Join(\"x\", x.shape); if (t == \"2x16x8x8\") x = x * 3;")]
    [InlineData("x = x * (x.shape.SequenceEqual(new long[] { 2, 16, 8, 8 }) ? 2 : 3);")]
    [InlineData("var s = x.shape.Distinct().ToArray(); x = x.reshape(s[0], s[1], -1);")]
    public void A_list_whose_numbers_are_looked_at_holds_them(string statements) => Assert.Equal(["fc1"], Groups(statements));

    [Fact]
    public void How_many_different_sizes_there_are_may_change_with_a_width() => Assert.Contains(
        Of("x = x * new HashSet<long>(x.shape).Count; x = x.flatten(2);").Plan(Image).Groups, group => group is { Name: "conv1", Exact: false });

    private static IEnumerable<string> Groups(string statements) => Of(statements).Prunes(Image).Plan(Image).Groups.Select(group => group.Name);

    private static string Resized(string statements) => statements + " x = functional.adaptive_avg_pool2d(x, (8, 8));";

    private static Loaded Of(string statements) => Loaded.From("using System;\nusing System.Collections.Generic;\nusing System.Linq;\n" + Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));",
        """
            private readonly long[] expected = [8, 8];
            private static long Halved(long v) => Math.Max(1, v / 2);
            private static long Product(ReadOnlySpan<long> s) { long p = 1; foreach (var v in s) p *= v; return p; }
            private static long[] Halves(params int[] s) { var r = new long[s.Length]; for (var i = 0; i < s.Length; i++) r[i] = (s[i] + 1) / 2; return r; }
            private static IEnumerable<long> Folded(long[] s) { yield return s[0]; yield return s[1]; yield return -1; }
            private static long[] WithoutLast(List<long> s) { s.RemoveAt(3); s[2] = -1; return s.ToArray(); }
        """));
}
