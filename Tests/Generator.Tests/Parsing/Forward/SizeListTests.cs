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

    private static Loaded Of(string statements) => Loaded.From("using System;\nusing System.Collections.Generic;\nusing System.Linq;\n" + Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));",
        """
            private static IEnumerable<long> Folded(long[] s) { yield return s[0]; yield return s[1]; yield return -1; }
            private static long[] WithoutLast(List<long> s) { s.RemoveAt(3); s[2] = -1; return s.ToArray(); }
        """));
}
