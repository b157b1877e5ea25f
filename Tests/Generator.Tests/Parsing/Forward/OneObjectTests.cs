using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>A list, an array, an object is one, by whichever name or method it is changed, and what was read of it before stays what it was.</summary>
public class OneObjectTests
{
    private static readonly long[] Batch = [4, 8];

    /// <summary>The trace is compared with forward: a value of another moment, or a change that is lost, shows there.</summary>
    [Theory]
    [InlineData("var l = new List<int> { 1 }; var c = l.Count; l.Add(2); x = a.call(x) * c;")]
    [InlineData("var l = new List<Tensor>(); var first = l.Count == 0; l.Add(a.call(x)); if (first) l.Add(b.call(x)); x = l.Aggregate((p, q) => p + q);")]
    [InlineData("var w = new[] { 2, 5 }; var t = w[0]; w[0] = w[1]; w[1] = t; x = a.call(x) * w[0] + w[1];")]
    [InlineData("var s = new Box { N = 1 }; var old = s.N; s.N = 5; x = a.call(x) * old;")]
    [InlineData("var d = new Dictionary<string, int> { [\"k\"] = 2 }; var old = d[\"k\"]; d[\"k\"] = 7; x = a.call(x) * old;")]
    [InlineData("var ls = new[] { a, b }; var first = ls[0]; ls[0] = b; x = first.call(x);")]
    [InlineData("var l = new List<int> { 3 }; x = Grown(a.call(x), l, l.Count);")]
    [InlineData("var ls = new[] { a, b }; x = Replaced(ls[0], ls, x);")]
    [InlineData("var l = new List<int>(); Func<int> c = () => l.Count; var before = c(); l.Add(1); x = a.call(x) * (before + 2);")]
    [InlineData("var s = new Stack<Tensor>(); s.Push(a.call(x)); s.Push(b.call(x)); var depth = s.Count; x = s.Pop() * depth + s.Pop() * s.Count;")]
    [InlineData("var p = new[] { a.call(x) }; var q = p; q[0] = q[0] * 2; x = p[0];")]
    [InlineData("var p = new List<Tensor> { a.call(x) }; var q = p; q.Add(p[0] * 2); x = p[^1];")]
    [InlineData("var p = new[] { 1 }; var q = p; q[0] = 3; x = a.call(x) * p[0];")]
    [InlineData("var ls = new[] { a, c }; var same = ls; same[1] = d; foreach (var l in ls) x = l.call(x);")]
    [InlineData("var p = new Tensor[] { a.call(x), x }; var q = p; for (var i = 0; i < 2; i++) { q = p; q[0] = relu(q[0]) + 1; } x = p[0];")]
    [InlineData("var p = new List<Tensor> { a.call(x) }; IList<Tensor> q = p; q.Add(p[0] * 2); x = p[^1];")]
    [InlineData("var p = new List<Tensor> { a.call(x) }; var q = Same(p); q.Add(p[0] * 2); x = p[^1];")]
    [InlineData("var keep = new List<Tensor> { a.call(x) }; adds.call(x, keep); x = keep[^1];")]
    [InlineData("var keep = new[] { a.call(x) }; puts.call(x, keep); x = keep[0];")]
    [InlineData("var keep = new Kept { H = a.call(x) }; sets.call(x, keep); x = keep.H;")]
    [InlineData("var keep = new Kept { H = a.call(x) }; for (var i = 0; i < 2; i++) { moves.call(x, keep); } x = keep.H;")]
    [InlineData("var s = new Held(new List<Tensor> { a.call(x) }); s.L.Add(s.L[0] * 2); x = s.L[^1];")]
    [InlineData("var s = new Held(new List<Tensor>()); s.L.Add(a.call(x)); x = torch.cat(s.L, 1);")]
    [InlineData("var s = (L: new List<Tensor> { a.call(x) }, N: 1); s.L.Add(s.L[0] * 2); x = s.L[^1];")]
    [InlineData("var s = (L: new[] { a.call(x) }, N: 1); s.L[0] = s.L[0] * 2; x = s.L[0];")]
    public void What_is_done_to_it_by_one_name_is_seen_by_all(string statements) => Assert.NotEmpty(Loaded.From(Source(statements)).Prunes(Batch).Plan(Batch).Groups);

    private static string Source(string statements) => $$"""
        #pragma warning disable CS1591, CS8618, IDE0044
        using System;
        using System.Collections.Generic;
        using System.Linq;
        public sealed class Box { public int N; }
        public sealed class Kept { public Tensor H { get; set; } public void Add(Tensor y) { H = H + y; } }
        public sealed record Held(List<Tensor> L);
        [Prunable(Structured)] public partial class Adds : Module<Tensor, List<Tensor>, Tensor>
        {
            private readonly Linear l = Linear(8, 16); public Adds() : base("adds") { RegisterComponents(); }
            public override Tensor forward(Tensor x, List<Tensor> keep) { var y = functional.relu(l.call(x)); keep.Add(y); return y; }
        }
        [Prunable(Structured)] public partial class Puts : Module<Tensor, Tensor[], Tensor>
        {
            private readonly Linear l = Linear(8, 16); public Puts() : base("puts") { RegisterComponents(); }
            public override Tensor forward(Tensor x, Tensor[] keep) { var y = functional.relu(l.call(x)); keep[0] = y; return y; }
        }
        [Prunable(Structured)] public partial class Sets : Module<Tensor, Kept, Tensor>
        {
            private readonly Linear l = Linear(8, 16); public Sets() : base("sets") { RegisterComponents(); }
            public override Tensor forward(Tensor x, Kept keep) { var y = functional.relu(l.call(x)); keep.H = y; return y; }
        }
        [Prunable(Structured)] public partial class Moves : Module<Tensor, Kept, Tensor>
        {
            private readonly Linear l = Linear(8, 16); public Moves() : base("moves") { RegisterComponents(); }
            public override Tensor forward(Tensor x, Kept keep) { var y = functional.relu(l.call(x)); keep.Add(y); return y; }
        }
        [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(8, 16), b = Linear(8, 16), c = Linear(16, 16), d = Linear(16, 16), o = Linear(16, 3);
            private readonly Adds adds = new(); private readonly Puts puts = new(); private readonly Sets sets = new(); private readonly Moves moves = new();
            public Net() : base("net") { RegisterComponents(); }
            private static Tensor Grown(Tensor t, List<int> l, int n) { l.Add(5); return t * n; }
            private static Tensor Replaced(Linear l, Linear[] all, Tensor t) { all[0] = all[1]; return l.call(t); }
            private static List<Tensor> Same(List<Tensor> t) => t;
            public override Tensor forward(Tensor x) { {{statements}} return o.call(x); }
        }
        """;
}
