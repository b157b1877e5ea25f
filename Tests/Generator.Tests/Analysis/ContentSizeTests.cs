using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>A size, an index or a count that only the numbers in a tensor tell holds what it touches, and everything else goes on being pruned.</summary>
public class ContentSizeTests
{
    /// <summary>A number that changes values only, and that the content of a tensor may tell, or a width: the width may shrink, and the trace has a gap.</summary>
    [Theory]
    [InlineData("x.sum().item<float>() > 0 ? lengths.sum().item<long>() : lengths.shape[0]", true, true)]
    [InlineData("byLength ? lengths.sum().item<long>() : h.shape[2]", true, true)]
    [InlineData("byLength ? h.shape[2] : lengths.sum().item<long>()", false, false)]
    public void A_divisor_that_content_may_tell_changes_values_only(string divisor, bool isExact, bool isOpen)
    {
        var plan = Loaded.From($$"""
            [Prunable] internal partial class Net : Module<Tensor, Tensor, Tensor>
            {
                private readonly Linear up = Linear(8, 12), last = Linear(12, 3);
                {{(divisor.StartsWith("by", StringComparison.Ordinal) ? "private readonly bool byLength = true;" : "")}}
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x, Tensor lengths)
                {
                    var h = relu(up.call(x));
                    var by = {{divisor}};
                    return last.call(h / (by + 1));
                }
            }
            """).Plan([2, 5, 8], [2]);
        Assert.Equal(isExact, plan.Groups.Single(group => group.Name == "up").Exact);
        Assert.Equal(isOpen ? ["the argument other of div"] : [], plan.Trace.Gaps);
    }

    /// <summary>Each number is read in one way and used in one; first and last of the layers have nothing to do with it.</summary>
    [Theory]
    [InlineData("var n = lengths[0].item<long>(); h = h.narrow(1, 0, n);")]
    [InlineData("var few = new System.Collections.Generic.List<long> { 1 }; few.Add(lengths[0].item<long>()); h = h * tensor(few.ToArray()).sum();")]
    [InlineData("var few = new System.Collections.Generic.List<int>(); for (var i = 0; i < Number(lengths[0]); i++) { few.Add(Number(lengths[i])); } few.Add(3); h = h * tensor(few.ToArray(), dtype: h.dtype).sum();")]
    [InlineData("h = h * Gain(lengths.sum().ToSingle());")]
    [InlineData("h = h / Gain(System.Math.Max(lengths.sum().ToSingle(), 1));")]
    [InlineData("h = scaled.call(h, System.Math.Max(lengths.max().ToSingle(), 1));")]
    [InlineData("h = scaled.call(h, lengths.max().item<long>());")]
    [InlineData("h = h.narrow(1, 0, lengths[0].item<long>());")]
    [InlineData("h = h.narrow(1, 0, lengths[0].ToInt64());")]
    [InlineData("h = h.narrow(1, 0, (long)lengths[0]);")]
    [InlineData("h = h.narrow(1, 0, lengths[0].ToInt32() - 1);")]
    [InlineData("h = h.narrow(1, 0, System.Math.Min(lengths[0].item<long>(), h.shape[1]));")]
    [InlineData("h = h.narrow(1, 0, lengths.max().item<long>());")]
    [InlineData("var n = (int)lengths[0].item<long>(); h = h[.., ..n];")]
    [InlineData("var n = lengths[0].item<long>(); h = h[.., 1..(int)n];")]
    [InlineData("var n = lengths[0].item<long>(); h = h[.., TensorIndex.Slice(0, n)];")]
    [InlineData("var n = lengths[0].item<long>(); h = h[.., TensorIndex.Slice(null, n, 2)];")]
    [InlineData("var n = lengths[0].item<long>(); h = h.slice(1, 0, n, 1);")]
    [InlineData("var n = lengths[0].item<long>(); h = h[.., TensorIndex.Single(n)];")]
    [InlineData("var n = lengths[0].item<long>(); h = h[.., n];")]
    [InlineData("var n = lengths[0].item<long>(); h = h.select(1, n);")]
    [InlineData("var n = lengths[0].item<long>(); h = h.repeat(1, n, 1);")]
    [InlineData("var n = lengths[0].item<long>(); h = h.repeat_interleave(n, 1);")]
    [InlineData("var n = lengths[0].item<long>(); for (var i = 0; i < n; i++) { h = relu(mid.call(h)); }")]
    [InlineData("var n = lengths[0].item<long>(); for (var i = 0L; i < n; i++) { h = h + mid.call(h[.., i]).unsqueeze(1); }")]
    [InlineData("var n = lengths[0].item<long>(); var list = new System.Collections.Generic.List<Tensor>(); for (var i = 0L; i < n; i++) { list.Add(h[.., i]); } h = stack(list, 1);")]
    [InlineData("var n = lengths[0].item<long>(); h = h + zeros(1, 1, 1).expand(1, n / n, 1);")]
    [InlineData("var n = lengths[0].item<long>(); h = h.narrow(1, 0, 4).view(h.shape[0], n - n + 4, h.shape[2]);")]
    [InlineData("var n = lengths.shape[0] > 0 ? lengths[0].item<long>() : 1; h = h.narrow(1, 0, n);")]
    [InlineData("long n = 1; if (lengths.shape[0] > 0) { n = lengths[0].item<long>(); } h = h.narrow(1, 0, n);")]
    [InlineData("var n = lengths.count_nonzero().item<long>(); h = h.narrow(1, 0, n);")]
    [InlineData("var n = lengths.nonzero().numel(); h = h.narrow(1, 0, n);")]
    [InlineData("var n = lengths.nonzero().shape[0]; h = h.narrow(1, 0, n);")]
    [InlineData("var n = lengths.nonzero().size(0); h = h[.., ..(int)n];")]
    [InlineData("h = h.narrow(1, 0, Count(lengths));")]
    [InlineData("var all = lengths.data<long>().ToArray(); h = h.narrow(1, 0, all[0]);")]
    [InlineData("var parts = new System.Collections.Generic.List<Tensor>(); for (var i = 0; i < lengths.shape[0]; i++) { parts.Add(h[i, ..(int)lengths[i].item<long>()].mean(new long[] { 0 })); } h = stack(parts);")]
    [InlineData("h = h * (mask(lengths[0].item<long>())).sum();")]
    [InlineData("var n = lengths[0].item<long>(); h = h + arange(n).sum();")]
    [InlineData("var n = lengths[0].item<long>(); h = h + ones(n, 1).sum();")]
    [InlineData("var n = lengths[0].item<long>(); h = cat(new[] { h, zeros(h.shape[0], n, h.shape[2]) }, 1);")]
    [InlineData("var n = lengths[0].item<long>(); h = pad(h, new long[] { 0, 0, 0, n });")]
    [InlineData("var n = lengths[0].item<long>(); h = h.split(new long[] { n, h.shape[1] - n }, 1)[0];")]
    [InlineData("var n = lengths[0].item<long>(); h = h.roll(n, 1);")]
    [InlineData("var n = lengths[0].item<long>(); h[.., n] = h[.., n] * 2;")]
    [InlineData("var n = lengths[0].item<long>(); h[.., ..(int)n] = h[.., ..(int)n] * 2;")]
    [InlineData("var n = lengths[0].item<long>(); h = h * scale[n];")]
    [InlineData("var n = lengths[0].item<long>(); h = h * scale[n, ..];")]
    [InlineData("var n = lengths[0].item<long>(); h = h * scale.select(0, n);")]
    [InlineData("var n = (int)lengths[0].item<long>(); h = many[n].call(h);")]
    [InlineData("var n = lengths[0].item<long>(); if (n > 2) { h = mid.call(h); }")]
    [InlineData("var n = lengths[0].item<long>(); h = n switch { 1 => h, 2 => mid.call(h), _ => h * 2 };")]
    [InlineData("var n = lengths[0].item<long>(); var k = System.Math.Max(1, n / 2); h = h.topk((int)k, 1).values;")]
    [InlineData("var n = lengths[0].item<long>(); h = h.unfold(1, n, 1).mean(new long[] { -1 });")]
    [InlineData("var n = lengths[0].item<long>(); h = h.tile(new long[] { 1, n, 1 });")]
    [InlineData("var n = lengths[0].item<long>(); h = h.index_select(1, arange(n));")]
    [InlineData("var (n, k) = (lengths[0].item<long>(), lengths[1].item<long>()); h = h.narrow(1, 0, n + k - k);")]
    [InlineData("var n = lengths[0].cpu().item<long>(); var from = h.shape[1] - n; h = h.narrow(1, from, n);")]
    [InlineData("var n = lengths[0].item<long>(); h = h.reshape(-1, h.shape[1], h.shape[2]); h = h[^1, (int)n].unsqueeze(0);")]
    [InlineData("if (lengths[0].item<long>() > 100) { throw new System.ArgumentException($\"{lengths[0].item<long>()} is too long\"); }")]
    public void What_a_number_from_a_tensor_touches_is_held_and_the_rest_is_pruned(string statements)
    {
        var net = Loaded.From(Net(statements));
        net.Prunes(randn(2, 6, 8), tensor(new long[] { 2, 3 }));
        Assert.Contains(net.Plan([2, 6, 8], [2]).Groups, group => group.Name == "a");
    }

    /// <summary>A list of numbers out of tensors decides about no dimension, and no width is among them.</summary>
    [Theory]
    [InlineData("few.Add(lengths[0].item<long>()); few.Add(h.shape[2]); h = h * tensor(few.ToArray()).sum();", "PG0006", "few.Add(h.shape[2])")]
    [InlineData("few.Add(lengths[0].item<long>()); h = h.view(few.ToArray());", "PG0010", "few.ToArray()")]
    public void A_list_of_numbers_from_tensors_that_decides_is_refused(string statements, string rule, string at) =>
        Compiled.From(Net($"var few = new System.Collections.Generic.List<long>(); {statements}")).Reported(rule, at);

    /// <summary>A number that picks of a width, or cuts it, holds it.</summary>
    [Theory]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.narrow(2, 0, n).sum();", "lengths[0].item<long>()")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h[.., .., n].sum();", "lengths[0].item<long>()")]
    [InlineData("var n = (int)lengths[0].item<long>(); return last.call(b.call(h)) * h[.., .., ..n].sum();", "lengths[0].item<long>()")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.select(2, n).sum();", "lengths[0].item<long>()")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.repeat(1, 1, n).sum();", "lengths[0].item<long>()")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.unfold(2, n, 1).sum();", "unfold slides")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.view(h.shape[0], n * 0 + 1, 6, -1).sum();", "n * 0 + 1")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.view(h.shape[0], h.shape[1], n * 0 + 16).sum();", "n * 0 + 16")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.split(new long[] { n, 16 - n }, 2)[0].sum();", "lengths[0].item<long>()")]
    [InlineData("var n = lengths[0].item<long>(); return last.call(b.call(h)) * h.narrow(1, 0, System.Math.Min(n, h.shape[2] / 8)).sum();", "System.Math.Min(n, h.shape[2] / 8)")]
    [InlineData("var n = lengths[0].item<long>(); return n + 12 > h.shape[2] ? last.call(b.call(h)) : last.call(b.call(h)) * 2;", "a condition")]
    [InlineData("var n = lengths[0].item<long>(); if (System.Math.Min(n, 1) + 12 > h.shape[2]) { h = h * 2; } return last.call(b.call(h));", "a condition")]
    public void A_width_that_is_cut_by_it_stays(string statements, string because)
    {
        var net = Loaded.From(Net(statements));
        var plan = net.Plan([2, 6, 8], [2]);
        Assert.Equal(["b"], plan.Groups.Select(group => group.Name));
        Assert.Contains(plan.Unpruned, held => held.Layer == "a" && held.Because.Contains(because, StringComparison.Ordinal));
        net.Prunes(randn(2, 6, 8), tensor(new long[] { 2, 3 }));
    }

    private static string Net(string statements) => $$"""
        using System.Linq;
        #nullable enable
        /// <summary>It.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor, Tensor>
        {
            private readonly Linear a = Linear(8, 16), b = Linear(16, 12), last = Linear(12, 4);
            {{(statements.Contains("mid.", StringComparison.Ordinal) ? "private readonly Linear mid = Linear(16, 16);" : "")}}
            {{(statements.Contains("many", StringComparison.Ordinal) ? "private readonly ModuleList<Linear> many = ModuleList(Linear(16, 16), Linear(16, 16), Linear(16, 16));" : "")}}
            {{(statements.Contains("* scale", StringComparison.Ordinal) ? "private readonly Parameter scale = Parameter(torch.ones(4, 16));" : "")}}
            {{(statements.Contains("scaled", StringComparison.Ordinal) ? "private readonly Scaled scaled = new();" : "")}}
            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
            /// <inheritdoc/>
            public override Tensor forward(Tensor x, Tensor lengths)
            {
                var h = a.call(x);
                {{statements}}
                {{(statements.Contains("return", StringComparison.Ordinal) ? "" : "return last.call(b.call(h));")}}
            }
            private static long Count(Tensor t) { var most = 0L; for (var i = 0; i < t.shape[0]; i++) { most = System.Math.Max(most, t[i].item<long>()); } return most; }
            private static Tensor mask(long n) => torch.ones(n, n).triu(1);
            private static Tensor Gain(Tensor by) => by + 1;
            private static int Number(Tensor one) => (int)one.item<long>();
        }

        [Prunable] internal sealed partial class Scaled : Module<Tensor, Tensor, Tensor>
        {
            public Scaled() : base("scaled") => RegisterComponents();
            public override Tensor forward(Tensor x, Tensor by) => x * by;
        }
        """;
}
