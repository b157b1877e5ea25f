namespace PruneGen.Generator.Tests;

/// <summary>Whatever is computed with sizes and numbers is C# in the generated code too.</summary>
public class RepeatedNumbersTests
{
    private static readonly long[] Batch = [2, 8];

    [Theory]
    [InlineData("var values = new float[Elements(h.shape)]; for (var i = 0; i < values.Length; i++) { values[i] = Unit(unchecked((ulong)i * 0x9E3779B97F4A7C15UL)); } h = h * tensor(values).view(h.shape);")]
    [InlineData("h = h * Noise(h);")]
    [InlineData("h = h * Scaled((byte)h.shape[0]);")]
    [InlineData("h = h * (byte)h.shape[0];")]
    [InlineData("h = h * (short)(h.shape[0] + 1);")]
    [InlineData("var few = (short)h.shape[0]; h = h * few;")]
    [InlineData("var few = (byte)rows; h = h * few;")]
    [InlineData("byte few = (byte)(rows + 1); byte more = few; h = h * more;")]
    [InlineData("h = h * (int)(Mode)rows;")]
    [InlineData("var mode = (Mode)(int)h.shape[0]; h = mode == Mode.Two ? h * 2 : h;")]
    [InlineData("var mode = (Mode)rows; h = mode switch { Mode.Two => h * 2, _ => h };")]
    [InlineData("var mode = (Mode)1; h = h * (int)mode;")]
    [InlineData("h = h * (uint)rows;")]
    [InlineData("h = h * (double)(ulong)h.shape[0];")]
    [InlineData("h = h * (float)h.shape[0];")]
    [InlineData("h = h * (float)(decimal)h.shape[0];")]
    [InlineData("var n = h.shape[0]; h = h * (double)(n >> 1);")]
    [InlineData("var n = (int)h.shape[0]; h = h * ((n << 1) | 1);")]
    [InlineData("var n = (int)h.shape[0]; h = h * (n & 3) * (n ^ 1);")]
    [InlineData("h = h * checked(h.shape[0] * 3);")]
    [InlineData("h = h * checked((int)(h.shape[0] * unchecked(3 + h.shape[0])));")]
    [InlineData("h = h * unchecked((int)h.shape[0]);")]
    [InlineData("h = h.view(checked(h.shape[0] * 1), -1);")]
    [InlineData("long count = 1; foreach (var d in h.shape) { count = checked(count * d); } h = h * (count > 0 ? 1 : 2);")]
    [InlineData("long count = 1; foreach (var d in h.shape) { count *= d; } h = h.view(count / h.shape[1], h.shape[1]);")]
    [InlineData("h = h.shape[0] is 2 ? h * 2 : h;")]
    [InlineData("h = h.shape[0] is > 1 and < 5 ? h * 2 : h;")]
    [InlineData("if (h.shape[0] is var n && n > 1) { h = h * n; }")]
    [InlineData("if (h.shape[0] is long n and > 1) { h = h * n; }")]
    [InlineData("if (h.shape is { Length: 2 }) { h = h * 2; }")]
    [InlineData("if (h.shape is [var n, _]) { h = h * n; }")]
    [InlineData("h = h.shape[0] switch { 1 => h, > 1 => h * 2, _ => h * 3 };")]
    [InlineData("h = h * (h.shape[0] switch { 1 => 1.0, > 1 => 2.0, _ => 3.0 });")]
    [InlineData("System.Collections.Generic.List<long> sizes = new(); sizes.Add(h.shape[0]); sizes.Add(-1); h = h.view(sizes.ToArray());")]
    [InlineData("System.Collections.Generic.List<long> sizes = new() { h.shape[0], -1 }; h = h.view(sizes.ToArray());")]
    [InlineData("long[] sizes = new[] { h.shape[0], -1 }; h = h.view(sizes);")]
    [InlineData("h = h.view(h.shape.Take(1).Append(-1).ToArray());")]
    [InlineData("h = h.view(h.shape.Skip(1).Prepend(-1).ToArray());")]
    [InlineData("var n = h.shape.Aggregate(1L, (p, q) => p * q); h = h.view(n / h.shape[1], h.shape[1]);")]
    [InlineData("var s = h.shape.Take(1).ToArray(); h = h.view([.. s, -1]);")]
    [InlineData("System.Span<long> s = stackalloc long[] { h.shape[0], -1 }; h = h.view(s.ToArray());")]
    [InlineData("var sizes = new long[2]; sizes[0] = h.shape[0]; sizes[1] = -1; h = h.view(sizes);")]
    [InlineData("int none = default; h = h * (none + 1);")]
    [InlineData("var none = default(long); h = h * (none + h.shape[0]);")]
    [InlineData("long none = default; if (training) { none = h.shape[0]; } h = h * (none + 1);")]
    [InlineData("long? none = default; h = h * (none ?? h.shape[0]);")]
    [InlineData("System.Console.Write($\"{h.shape[0]} x {h.shape[1]:N0}\");")]
    [InlineData("var text = $\"{h.shape[0],4}\"; h = h * text.Length;")]
    [InlineData("System.Console.Write(string.Join(\",\", h.shape));")]
    [InlineData("System.Console.Write(\"rows \" + h.shape[0] + \" of \" + rows);")]
    [InlineData("h = Times(h, null); h = Times(h, 3); h = Times(h, rows);")]
    [InlineData("h = Over(h, rows) * Over(h, 2) * Over(h, null);")]
    [InlineData("h = Plain(h, rows) * Plain(h, 2);")]
    [InlineData("h = Named(h, \"two\") * Named(h, null) * Named(h);")]
    [InlineData("h = h * System.Convert.ToInt32(h.shape[0]) * System.Convert.ToDouble(rows);")]
    [InlineData("h = h * System.Math.Max((byte)2, (byte)rows);")]
    [InlineData("var half = rows / 2f; h = h * (half > 0.5f ? half : (float)rows);")]
    [InlineData("var half = (double)rows / 3; var up = (long)System.Math.Ceiling(half); h = h.repeat(up, 1);")]
    [InlineData("h = h * (sizeof(int) + nameof(rows).Length);")]
    [InlineData("char letter = (char)(rows + 64); h = h * (letter == 'B' ? 2 : 1);")]
    [InlineData("nint native = (nint)rows; h = h * (long)native;")]
    [InlineData("h = h * (rows > 1 ? (byte)2 : (byte)3);")]
    [InlineData("var table = new byte[] { 1, 2, (byte)rows }; h = h * table[1];")]
    [InlineData("var table = new[] { 1.5f, rows }; h = h * table[1];")]
    [InlineData("var table = new System.Collections.Generic.Dictionary<long, double> { [h.shape[0]] = 2.0 }; h = h * table[h.shape[0]];")]
    [InlineData("object boxed = rows; h = h * (int)boxed;")]
    [InlineData("h = Few(h, table); h = Few(h, new long[] { 1, 2 }); h = Few(h, new System.Collections.Generic.List<long> { 1 });")]
    [InlineData("h = FewInside(h, table);")]
    [InlineData("h = Few(h, new Hidden());")]
    [InlineData("h = OfSizes(h, h.shape);")]
    [InlineData("h = h.view(Join(h.shape, 1L)).squeeze(-1);")]
    [InlineData("var sizes = Join<long>(h.shape, rows / 2); h = h.view(sizes).squeeze(-1);")]
    [InlineData("h = h.view(Over<long>(System.MemoryExtensions.AsSpan(h.shape, 0, h.shape.Length - 1), -1, 1)).squeeze(-1);")]
    [InlineData("h = h * Join(table, rows).Length;")]
    [InlineData("var n = Join(h.shape, h.shape[0] * 2)[2]; h = h * n;")]
    [InlineData("object boxed = h.shape[0]; h = h * (long)boxed;")]
    [InlineData("(byte low, short high) = ((byte)rows, (short)h.shape[0]); h = h * low * high;")]
    public void Sizes_and_numbers(string statements) => Loaded.From(Net(statements)).Prunes(Batch);

    /// <summary>What is computed from a width changes with it, or the width stays.</summary>
    [Theory]
    [InlineData("var count = 1L; for (var i = 0; i < h.shape.Length; i++) { count = checked(count * h.shape[i]); } h = h / count;")]
    [InlineData("var count = 1; foreach (var d in h.shape) { count *= (int)d; } h = h / count;")]
    [InlineData("var count = h.shape.Aggregate(1L, (p, q) => p * q); h = h / count;")]
    [InlineData("var count = h.shape.Aggregate((p, q) => p * q); h = h / count;")]
    [InlineData("h = h / h.shape.Sum(); h = h / h.shape.Max();")]
    [InlineData("if (h.shape is [_, 16]) { h = h * 2; }")]
    public void Numbers_that_a_width_decides(string statements)
    {
        var groups = Loaded.From(Net(statements)).Plan(Batch).Groups;
        Assert.Contains(groups, group => group.Name == "b");
        Assert.True(groups.All(group => group.Name != "a" || !group.Exact), "The width is pruned, and nothing is said of it.");
    }

    private static string Net(string statements) => $$"""
        using System.Linq;
        #pragma warning disable CS8321, CS0414
        /// <summary>M.</summary>
        public enum Mode
        {
            /// <summary>0.</summary>
            None,
            /// <summary>1.</summary>
            One,
            /// <summary>2.</summary>
            Two,
        }

        /// <summary>A collection that shows its count to those alone who ask for it as a collection.</summary>
        internal sealed class Hidden : System.Collections.Generic.IReadOnlyCollection<long>
        {
            int System.Collections.Generic.IReadOnlyCollection<long>.Count => 3;
            /// <inheritdoc/>
            public System.Collections.Generic.IEnumerator<long> GetEnumerator() => Enumerable.Range(0, 3).Select(i => (long)i).GetEnumerator();
            System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
        }

        /// <summary>It.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly int rows = 2;
            private readonly Linear a = Linear(8, 16), b = Linear(16, 12), last = Linear(12, 4);
            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var h = a.call(x);
                {{statements}}
                return last.call(b.call(h));
            }
            internal static T[] Join<T>(T[] few, T more)
            {
                var all = new T[few.Length + 1];
                few.CopyTo(all, 0);
                all[few.Length] = more;
                return all;
            }

            internal static T[] Over<T>(System.ReadOnlySpan<T> few, T more, T last)
            {
                var all = new T[few.Length + 2];
                few.CopyTo(all);
                System.MemoryExtensions.AsSpan(all, few.Length)[0] = more;
                all[^1] = last;
                return all;
            }

            private readonly long[] table = { 3, 4 };
            private static Tensor Few(Tensor t, System.Collections.Generic.IReadOnlyCollection<long> counts) => counts.Count == 1 ? t * 2 : t * counts.Count;
            private static Tensor FewInside(Tensor t, System.Collections.Generic.IList<long> counts)
            {
                if (counts.Count == 1)
                {
                    counts = new long[] { counts[0], counts[0] };
                }

                return Few(t * counts.IndexOf(4), (System.Collections.Generic.IReadOnlyCollection<long>)counts);
            }

            private static Tensor OfSizes(Tensor t, System.Collections.Generic.IList<long> sizes) => t * sizes.Count;
            private static double Scaled(byte by) => by * 0.5;
            private static Tensor Times(Tensor t, int? by) { int n = by ?? 1; return t * n; }
            private static Tensor Over(Tensor t, long? by) => t.view(t.shape[0] / (by ?? 1) * (by ?? 1), -1);
            private static Tensor Plain(Tensor t, int by) { int? given = by; var n = given ?? 4; return t * n; }
            private static Tensor Named(Tensor t, string? by = null) { var name = by ?? "one"; return t * (name ?? "none").Length; }
            private static Tensor Noise(Tensor t)
            {
                var values = new float[Elements(t.shape)];
                for (var i = 0; i < values.Length; i++) values[i] = Unit(unchecked((ulong)i * 0x9E3779B97F4A7C15UL));
                return tensor(values).view(t.shape);
            }
            private static long Elements(long[] shape) { long count = 1; foreach (var d in shape) count = checked(count * d); return count; }
            private static float Unit(ulong v) => (float)((v >> 11) * (1.0 / (1UL << 53)));
        }
        """;
}
