namespace PruneGen.Generator.Tests;

/// <summary>Lambdas that queries call for each tensor, and queries that methods give back.</summary>
public class LambdaTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>The steps of a query that a method gives back belong to the method: they were said to be left out, and would have been done anew by each reader.</summary>
    [Theory]
    [InlineData("List<Tensor> Run(Tensor[] all) { return all.Select(t => b.call(t)).ToList(); }")]
    [InlineData("List<Tensor> Run(IReadOnlyList<Tensor> all) => all.Select(t => b.call(t)).ToList();")]
    [InlineData("Tensor[] Run(IReadOnlyList<Tensor> all) { return (from t in all select b.call(t)).ToArray(); }")]
    [InlineData("Tensor[] Run(IEnumerable<Tensor> all) => all.Select((t, i) => b.call(t) * (i + 1)).ToArray();")]
    [InlineData("Tensor[] Run(List<Tensor> all) { return all.Zip(all, (t, u) => b.call(t + u)).ToArray(); }")]
    [InlineData("static List<Tensor> Run(IReadOnlyList<Tensor> all, Conv2d b) => all.Select(t => b.call(t)).ToList();")]
    public void A_method_gives_back_what_a_query_computes(string method)
    {
        var given = method.Contains("Conv2d b", StringComparison.Ordinal) ? ", b" : "";
        var made = method.Contains("List<Tensor> all", StringComparison.Ordinal) ? "new List<Tensor> { h, relu(h) }" : "new[] { h, relu(h) }";
        var net = Loaded.From(Source($"var all = Run({made}{given}); return Head(all[0] + all[1]);", "private " + method)).Prunes(Image);
        Assert.Equal(["a", "b"], net.Plan(Image).Groups.Select(group => group.Name));
        Assert.Equal(2, net.Plan(Image).Trace.Steps.Count(step => step.Name == "b"));
    }

    [Theory]
    [InlineData("var (first, all) = Run(h); return Head(first + all[0] + all[1]);",
        "private (Tensor, List<Tensor>) Run(Tensor h) { return (b.call(h), new[] { h, -h }.Select(t => b.call(t)).ToList()); }")]
    [InlineData("var all = Run(h).ToList(); return Head(all[0] + all[1]);",
        "private IEnumerable<Tensor> Run(Tensor h) { return new[] { h, -h }.Select(t => b.call(t)); }")]
    [InlineData("return Head(Run(h).First());", "private IEnumerable<Tensor> Run(Tensor h) { return new[] { h, -h }.Select(t => b.call(t)); }")]
    public void What_it_gives_back_may_be_a_part_or_be_computed_later(string statements, string method) =>
        Loaded.From(Source(statements, method)).Prunes(Image);

    [Theory]
    [InlineData("var all = parts.Select(t => { return b.call(t); }).ToArray(); return Head(all[0] + all[1]);")]
    [InlineData("var all = parts.Select(t => { var z = b.call(t); z += t; return relu(z * 2); }).ToList(); return Head(all[0] + all[1]);")]
    [InlineData("var all = parts.Select((t, i) => { var z = b.call(t); z.relu_(); return z * i; }).ToList(); return Head(all[0] + all[1]);")]
    [InlineData("var all = parts.Select(delegate (Tensor t) { using var z = b.call(t); return relu(z); }).ToList(); return Head(all[0] + all[1]);")]
    [InlineData("var all = Array.ConvertAll(parts, t => { var (n, c) = (t.shape[0], t.shape[1]); return b.call(t).view(n, c, -1); }); return Flat(all[0] + all[1]);")]
    [InlineData("var all = layers.Select(l => { var z = l.call(h); return relu(z); }).ToList(); return Head(all[0] + all[1]);")]
    [InlineData("return Head(layers.Aggregate(h, (z, l) => { z = l.call(z); return relu(z); }));")]
    [InlineData("var all = Enumerable.Range(0, 3).Select(i => { var y = h * i; return b.call(y); }).ToArray(); return Head(all[0] + all[2]);")]
    [InlineData("var sizes = h.shape.Select((s, i) => { return i > 1 ? s / 2 : s; }).ToArray(); return Head(avg_pool2d(b.call(h), 2).reshape(sizes));")]
    public void A_lambda_may_have_statements(string statements) => Loaded.From(Source(statements)).Prunes(Image);

    /// <summary>What is changed from call to call, or decides, is not written into one expression.</summary>
    [Theory]
    [InlineData("var n = 0; return Head(parts.Select(t => { n++; return b.call(t) * n; }).First());", "parts.Select(t => { n++; return b.call(t) * n; })")]
    [InlineData("var last = h; parts.Select(t => { last = b.call(t); return last; }).ToList(); return Head(last);",
        "parts.Select(t => { last = b.call(t); return last; })")]
    [InlineData("return Head(parts.Select(t => { Counted++; return b.call(t); }).First());", "parts.Select(t => { Counted++; return b.call(t); })")]
    [InlineData("return Head(parts.Select(t => { if (t.shape[2] > 4) { t = relu(t); } return b.call(t); }).First());",
        "parts.Select(t => { if (t.shape[2] > 4) { t = relu(t); } return b.call(t); })")]
    public void PG0006_a_lambda_that_changes_what_is_around_it_or_branches(string statements, string at) =>
        Compiled.From(Source(statements)).Reported("PG0006", at);

    private static string Source(string statements, string members = "") => $$"""
        using System;
        using System.Collections.Generic;
        using System.Linq;
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), b = Conv2d(16, 16, 3, padding: 1);
            private readonly ModuleList<Conv2d> layers = new(Conv2d(16, 16, 3, padding: 1), Conv2d(16, 16, 3, padding: 1));
            private readonly Linear fc = Linear(16, 10);
            public int Counted { get; private set; }
            public Net() : base("net") => RegisterComponents();
            private Tensor Head(Tensor h) => fc.call(h.mean(new long[] { 2, 3 }));
            private Tensor Flat(Tensor h) => fc.call(h.mean(new long[] { 2 }));
            {{members}}
            public override Tensor forward(Tensor x)
            {
                var h = a.call(x);
                var parts = new[] { h, relu(h) };
                {{statements}}
            }
        }
        """;
}
