using System.Globalization;

namespace PruneGen.Generator.Tests;

/// <summary>Lists, tuples, dictionaries and objects with tensors in them that a model or a class keeps: tables, anchors, rotations.</summary>
public class HeldTensorsTests
{
    private static readonly long[] Batch = [2, 6];

    [Theory]
    [InlineData("private readonly Tensor[] kept = { torch.ones(12), torch.ones(12) };", "h * kept[0] + kept[1]")]
    [InlineData("private readonly Tensor[][] kept = { new[] { torch.ones(12) }, new[] { torch.ones(12), torch.ones(1) } };", "h * kept[0][0] + kept[1][1]")]
    [InlineData("private readonly List<Tensor> kept = new() { torch.ones(12), torch.ones(12) };", "h * torch.stack(kept, 0).mean(new long[] { 0 })")]
    [InlineData("private readonly IReadOnlyList<Tensor> kept = new[] { torch.ones(12) };", "h * kept[0]")]
    [InlineData("private readonly List<Tensor?> kept = new() { null, torch.ones(12) };", "(kept[0] is null ? h : h * 2) * kept[1]!")]
    [InlineData("private readonly Dictionary<string, Tensor> kept = new() { [\"a\"] = torch.ones(12) };", "kept.TryGetValue(\"a\", out var one) ? h * one * kept.Count : h")]
    [InlineData("private readonly (Tensor A, int N) kept = (torch.ones(12), 3);", "h * kept.A + kept.N")]
    [InlineData("private readonly List<(Tensor A, int N)> kept = new() { (torch.ones(12), 2), (torch.ones(12), 3) };", "Through(h, kept)", "private static Tensor Through(Tensor h, List<(Tensor A, int N)> all) { foreach (var (a, n) in all) { h = h * a + n; } return h; }")]
    [InlineData("public Tensor[] Kept { get; set; } = { torch.ones(12) }; private Tensor[] Both => new[] { Kept[0], torch.ones(12) };", "h * Both[0] + Both[1]")]
    [InlineData("private static readonly Tensor[] Kept = { torch.ones(12) };", "h * Kept[0]")]
    [InlineData("private readonly Table kept = new(12);", "h * kept.Rows", "", "public sealed class Table { public Tensor Rows { get; } public Table(int n) => Rows = torch.ones(n); }")]
    [InlineData("private readonly Table kept = new(12);", "kept.Turn(h)", "", "public sealed class Table { private readonly Tensor rows; private readonly short parts = 4; private readonly byte times = 2; public Table(int n) => rows = torch.ones(n); public Tensor Turn(Tensor h) => (h * rows * times).view(h.shape[0], parts, -1).flatten(1); }")]
    [InlineData("private readonly Table kept = new More();", "kept.Turn(h)", "", "public abstract class Table { protected readonly Tensor rows = torch.ones(12); public abstract Tensor Turn(Tensor h); } public sealed class More : Table { private readonly double k = 2; public override Tensor Turn(Tensor h) => h + rows * k; }")]
    [InlineData("private readonly List<Anchor> kept = new() { new(torch.ones(12), 4), new(torch.ones(12), 2) };", "Through(h)", "private Tensor Through(Tensor h) { foreach (var one in kept) { h = h * one.Boxes / one.Stride; } return h; }", "public record Anchor(Tensor Boxes, int Stride);")]
    [InlineData("private readonly Anchor kept = new(torch.ones(12), 4);", "Through(h)", "private Tensor Through(Tensor h) { var other = kept with { Stride = 2 }; return h * other.Boxes * other.Stride; }", "public record Anchor(Tensor Boxes, int Stride);")]
    [InlineData("private readonly Pair kept = new() { A = torch.ones(12), K = 2 };", "h * kept.A + kept.K", "", "public struct Pair { public Tensor A; public int K; }")]
    [InlineData("private readonly Table? kept = null;", "kept is null ? h : h * kept.Rows", "", "public sealed class Table { public Tensor Rows = torch.ones(12); }")]
    public void What_holds_tensors_is_read_as_it_is(string kept, string call, string members = "", string classes = "")
    {
        var net = Loaded.From(Source(kept + members, call, classes));
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        net.Prunes(Batch);
    }

    /// <summary>What forward computes once, and keeps, is what it computes.</summary>
    [Theory]
    [InlineData("private readonly Dictionary<long, Tensor> kept = new();", "if (!kept.ContainsKey(12)) { kept[12] = torch.arange(12).to(torch.float32); }", "h + kept[12]")]
    [InlineData("private readonly Dictionary<long, Tensor> kept = new();", "if (!kept.TryGetValue(12, out var one)) { one = torch.arange(12).to(torch.float32); kept[12] = one; }", "h + one")]
    [InlineData("private readonly Table kept = new();", "", "h + kept.Of(12)", "public sealed class Table { private readonly Dictionary<long, Tensor> all = new(); public Tensor Of(long n) { if (!all.TryGetValue(n, out var one)) { one = torch.arange(n).to(torch.float32); all[n] = one; } return one; } }")]
    [InlineData("private readonly Table kept = new();", "", "h + kept.Of(12)", "public sealed class Table { private Tensor? all; public Tensor Of(long n) { if (all is null || all.shape[0] < n) { all = torch.arange(n).to(torch.float32); } return all; } }")]
    public void What_is_filled_once(string kept, string statements, string call, string classes = "")
    {
        var net = Loaded.From(Source(kept, call, "", classes, statements: statements));
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        net.Prunes(Batch);
    }

    [Fact]
    public void What_a_layer_holds_or_is_handed()
    {
        const string Classes = """
            public sealed class Table { public readonly Tensor Rows = torch.ones(12); public int Parts = 4; public double K = 2; }
            [Prunable] public partial class Child : Module<Tensor, Table, Tensor[], Tensor>
            {
                private readonly Linear inner = Linear(12, 12);
                internal readonly Tensor[] kept = { torch.ones(12) };
                public Child() : base("child") => RegisterComponents();
                public override Tensor forward(Tensor t, Table table, Tensor[] more)
                {
                    t = inner.call(t) * table.Rows * table.K + more[0] * more.Length;
                    return t.view(t.shape[0], table.Parts, -1).flatten(1);
                }
            }
            """;
        var net = Loaded.From(Source(
            "private readonly Child child = new(); private readonly Table table = new(); private readonly Tensor[] more = { torch.ones(12) };",
            "child.call(h, table, more) * child.kept[0]",
            "",
            Classes));
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        net.Prunes(Batch);
    }

    /// <summary>What an object holds, too, does not follow what is cut: it keeps its width, and so does what meets it.</summary>
    [Theory]
    [InlineData("h * kept[0].sum()")]
    [InlineData("h + functional.linear(x, kept[0])")]
    public void A_weight_that_a_list_holds_too_stays(string call)
    {
        var plan = Loaded.From(Source("private readonly List<Tensor> kept = new();", call, "", "", "kept.Add(first.weight!);")).Plan(Batch);
        Assert.Equal("kept[0] holds it, too, so it keeps its width: use the module's own in forward", Assert.Single(plan.Unpruned, unpruned => unpruned.Layer == "first").Because);
    }

    [Theory]
    [InlineData("private readonly Tensor[] kept = { torch.ones(12) };", "h = h * kept[0]; kept[0] = kept[0] * 2;", "kept")]
    [InlineData("private readonly List<Tensor> kept = new() { torch.ones(12) };", "foreach (var one in kept) { h = h * one; } kept.Add(h.detach());", "kept")]
    [InlineData("private readonly Cache kept = new();", "h = h + kept.Last!; kept.Last = h.mean();", "kept", "public sealed class Cache { public Tensor? Last = torch.ones(1); }")]
    [InlineData("private readonly Tensor[] kept = { torch.ones(12) };", "h = h * kept[0]; var other = kept; other[0] = other[0] * 2;", "kept")]
    [InlineData("private readonly List<Tensor> kept = new() { torch.ones(12) }; private static void Up(List<Tensor> all, Tensor t) => all.Add(t);", "h = h * kept[^1]; Up(kept, h.mean());", "kept")]
    [InlineData("private readonly Cache kept = new();", "h = h * kept.Inner.Last; kept.Inner.Last = kept.Inner.Last * 2;", "kept", "public sealed class Cache { public Inner Inner = new(); } public sealed class Inner { public Tensor Last = torch.ones(12); }")]
    [InlineData("private readonly Tensor[] kept = { torch.ones(12) }; private readonly Child child = new();", "h = child.call(h, kept);", "kept", "[Prunable] public partial class Child : Module<Tensor, Tensor[], Tensor> { private readonly Linear up = Linear(12, 16), down = Linear(16, 12); public Child() : base(\"child\") => RegisterComponents(); public override Tensor forward(Tensor t, Tensor[] all) { t = down.call(up.call(t)) * all[0]; all[0] = all[0] * 2; return t; } }")]
    [InlineData("private readonly Cache kept = new();", "h = kept.Add(h);", "kept", "public sealed class Cache { private Tensor? last; public Tensor Add(Tensor t) { last = last is null ? t : last + t; return last; } }")]
    public void What_forward_changes_is_refused(string kept, string statements, string at, string classes = "")
    {
        var message = Compiled.From(Source(kept, "h", "", classes, statements: statements)).Reported("PG0006", at).GetMessage(CultureInfo.InvariantCulture);
        Assert.Equal($"PruneGen cannot follow tensors through '{at}', which forward changes itself (keep it in a local variable), so nothing of 'Net' is pruned", message);
    }

    [Fact]
    public void What_computes_its_tensors_each_time_is_refused() => Assert.Equal(
        "PruneGen cannot follow tensors through 'kept', which holds tensors in a Lazy<Tensor> (keep them in an array, a list, a dictionary, a tuple or an object of your own), so nothing of 'Net' is pruned",
        Compiled.From(Source("private readonly Lazy<Tensor> kept = new(() => torch.ones(12));", "h * kept.Value")).Reported("PG0006", "kept").GetMessage(CultureInfo.InvariantCulture));

    private static string Source(string kept, string call, string members = "", string classes = "", string constructor = "", string statements = "") => $$"""
        #pragma warning disable CS1591, PG0025
        using System;
        using System.Collections.Generic;

        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(6, 12), middle = Linear(12, 16), last = Linear(16, 4);
            {{kept}}
            {{members}}
            public Net() : base("net") { {{constructor}} RegisterComponents(); }
            public override Tensor forward(Tensor x)
            {
                var h = first.call(x);
                {{statements}}
                return last.call(middle.call({{call}}).relu());
            }
        }

        {{classes}}
        """;
}
