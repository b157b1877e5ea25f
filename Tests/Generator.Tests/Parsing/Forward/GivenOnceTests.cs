namespace PruneGen.Generator.Tests;

/// <summary>What a method that is read in place is given, and what a local holds, is computed once, however often it is named.</summary>
public class GivenOnceTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>The trace is compared with forward: what is computed twice, or changed on a copy, shows there.</summary>
    [Theory]
    [InlineData("x = Put(x, new List<float> { 1, 2 });", "static Tensor Put(Tensor x, List<float> w) { w.Add(3); w[0] = 5; return x * w[0] + w[2] + w.Count; }")]
    [InlineData("x = Put(x, new[] { 1f, 2, 3 });", "static Tensor Put(Tensor x, float[] w) { w[0] = 5; w[1] += w[0]; return x * w[0] + w[1]; }")]
    [InlineData("x = Put(x, new[] { 1L, 2, 3 });", "static Tensor Put(Tensor x, long[] w) { w[0] = 5; w[1] += w[0]; return x * w[0] + w[1]; }")]
    [InlineData("x = Put(x, (long[])[1, 2]);", "static Tensor Put(Tensor x, long[] w) { w[0] = 2; w[1] = w[0] * 2; return x * w[1]; }")]
    [InlineData("x = Put(x, new int[] { 3, 1, 2 });", "static Tensor Put(Tensor x, int[] w) { Array.Sort(w); return x * w[0] + w[2]; }")]
    [InlineData("x = Put(x, new[] { 1f, 2f }.AsSpan());", "static Tensor Put(Tensor x, Span<float> w) { w[0] = 5; return x * w[0] + w[1]; }")]
    [InlineData("x = Put(x, new List<Tensor> { x, x * 2 });", "static Tensor Put(Tensor x, List<Tensor> w) { w.Add(x * 3); w.RemoveAt(0); return w[0] + w[1] + w.Count; }")]
    [InlineData("x = Put(new List<Tensor> { x, x * 2 });", "static Tensor Put(List<Tensor> w) { w.Add(w[0] * 3); w[0] = w[1]; return w[0] + w[1] * w.Count + w[2]; }")]
    [InlineData("x = Put(new[] { x, x * 2 });", "static Tensor Put(Tensor[] w) { w[0] = w[1] * 3; return w[0] + w[1]; }")]
    [InlineData("x = Put(x, new System.Text.StringBuilder(\"ab\"));", "static Tensor Put(Tensor x, System.Text.StringBuilder w) { w.Append(\"c\"); return x * w.Length; }")]
    [InlineData("x = Put(x, new Random(3));", "static Tensor Put(Tensor x, Random w) => x * w.Next(5) + w.Next(7);")]
    [InlineData("var q = new Queue<float>([2, 3, 4]); x = Put(x, q.Dequeue()); x = x * q.Count;", "static Tensor Put(Tensor x, float w) => x * w + w;")]
    [InlineData("var q = new Stack<int>([2, 3, 4]); x = Put(x, q.Pop(), q.Pop()); x = x * q.Count;", "static Tensor Put(Tensor x, int w, int v) => x * v + w * 10 + v;")]
    [InlineData("var q = new Queue<float>([2, 3, 4]); Func<float, Tensor> f = w => x * w + w; x = f(q.Dequeue());", "static int unused;")]
    [InlineData("var q = new Random(3); var w = q.Next(5); x = x * w + w;", "static int unused;")]
    [InlineData("var c = new Counter(); x = x * c.Next() + c.Next(); x = Put(x, c.Next());", "static Tensor Put(Tensor x, int n) => x * n + n;")]
    public void An_argument_is_computed_once(string statements, string method) => Assert.Contains(
        "conv1",
        Loaded.From("#pragma warning disable CS0169\nusing System;\nusing System.Collections.Generic;\nusing System.Linq;\n"
            + Models.WithForward($"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));", $"private {method}")
            + "\ninternal sealed class Counter { public int N; public int Next() => ++N; }").Prunes(Image).Plan(Image).Groups.Select(group => group.Name));
}
