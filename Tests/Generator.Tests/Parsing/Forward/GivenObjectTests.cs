using System.Globalization;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>
/// Objects of the user's own that forward is given and that keep what they are called with, such as caches of keys and values: nobody can tell from one call
/// what the next one finds in them.
/// </summary>
public class GivenObjectTests
{
    private static readonly long[] Words = [2, 3, 8];

    private const string Caches = """
        using System.Collections.Generic;
        using System.Linq;
        internal interface ICache { (Tensor, Tensor) Update(Tensor k, Tensor v, int layer); Tensor Mix(Tensor k); void Store(Tensor k); int Length(int layer); int Rows { get; } }
        internal interface IMap : IDictionary<int, (Tensor, Tensor)>, ICache;
        internal class Cache : Dictionary<int, (Tensor, Tensor)>, IMap
        {
            public (Tensor, Tensor) Update(Tensor k, Tensor v, int layer)
            {
                this[layer] = ContainsKey(layer) ? (cat([this[layer].Item1, k], 1), cat([this[layer].Item2, v], 1)) : (k, v);
                return this[layer];
            }
            public Tensor Mix(Tensor k) => ContainsKey(0) ? k * 0.5 + this[0].Item1 * 0.5 : k;
            public void Store(Tensor k) => this[0] = (k, k);
            public int Length(int layer) => ContainsKey(layer) ? (int)this[layer].Item1.shape[1] : 0;
            public int Rows => Count;
        }
        internal interface IMemory { Tensor Mix(Tensor k); }
        internal class Memory : IMemory { private Tensor? held; public Tensor Mix(Tensor k) { held = held is null ? k : held * 0.5 + k * 0.5; return held; } }
        internal class Fields { public Tensor? K; public Tensor Mix(Tensor k) { K = K is null ? k : K * 0.5 + k * 0.5; return K; } }
        internal class Listed { private readonly List<Tensor> all = []; public Tensor Mix(Tensor k) { if (all.Count == 0) { all.Add(k); } else { all[0] = all[0] * 0.5 + k * 0.5; } return all[0]; } }

        """;

    /// <summary>What goes into it keeps its width, what comes out has none, and the layers around are pruned.</summary>
    [Theory]
    [InlineData("ICache", "(k, v) = past.Update(k, v, 0);", "k v", "Update")]
    [InlineData("IMap", "(k, v) = past.Update(k, v, 0);", "k v", "Update")]
    [InlineData("Cache", "(k, v) = past.Update(k, v, 0);", "k v", "Update")]
    [InlineData("Cache", "var pair = past.Update(k, v, 0); k = pair.Item1; v = pair.Item2;", "k v", "Update")]
    [InlineData("Cache", "var (one, two) = past.Update(k, v, 0); k = one; v = two;", "k v", "Update")]
    [InlineData("Cache", "(k, v) = Grown(past, k, v);", "k v", "Update")]
    [InlineData("Cache", "k = past.Mix(k);", "k", "Mix")]
    [InlineData("IMap", "past.Store(k);", "q", "Store")]
    [InlineData("ICache", "(k, v) = past.Update(k, v, (int)h.shape[2]);", "first k v", "Update")]
    [InlineData("IMemory", "k = past.Mix(k);", "k", "Mix")]
    public void What_goes_into_it_keeps_its_width(string type, string statements, string held, string method)
    {
        var made = type is "IMemory" ? "new Memory()" : "new Cache()";
        foreach (var body in new[] { "var past = input.Past!; …", "var past = input.Past; if (past is not null) { … }", "if (input.Past is { } past) { … }" })
        {
            var plan = Of(type, made, body.Replace("…", statements, StringComparison.Ordinal)).Plan(Words);
            var because = $"it goes into {method}, a method of an object that forward is given, which may do anything (describe it with [Axes])";
            var names = held.Split(' ').Select(name => name == "first" ? name : $"block.{name}").ToHashSet();
            Assert.Superset(names, plan.Unpruned.Where(layer => layer.Because == because).Select(layer => layer.Layer).ToHashSet());
            Assert.Contains("last1", plan.Groups.Select(group => group.Name));
            Assert.NotEmpty(plan.Trace.Gaps);
        }
    }

    /// <summary>Where there is none, nothing is held.</summary>
    [Theory]
    [InlineData("ICache", "if (input.Past is not null) { (k, v) = input.Past.Update(k, v, 0); }")]
    [InlineData("IMap", "(k, v) = input.Past is null ? (k, v) : input.Past.Update(k, v, 0);")]
    [InlineData("Cache", "var pair = input.Past?.Update(k, v, 0) ?? (k, v); (k, v) = pair;")]
    public void Without_one_all_is_pruned(string type, string statements)
    {
        var plan = Of(type, "null", statements).Prunes(Words).Plan(Words);
        Assert.Equal(["first", "block.q", "block.v", "block.o", "last1"], plan.Groups.Select(group => group.Name));
        Assert.Empty(plan.Trace.Gaps);
    }

    /// <summary>A description frees what the object is handed.</summary>
    [Fact]
    public void What_is_described_is_followed()
    {
        var described = Caches.Replace("Tensor Mix(Tensor k); void", "[Axes(\"... -> ...\")] Tensor Mix(Tensor k); void", StringComparison.Ordinal);
        var plan = Loaded.From(Source("ICache", "new Cache()", "k = input.Past!.Mix(k);", described)).Prunes(Words).Plan(Words);
        Assert.Equal(["first", "block.q", "block.v", "block.o", "last1"], plan.Groups.Select(group => group.Name));
    }

    /// <summary>What such an object says of what it keeps is another thing at each call: a condition on it leads both ways.</summary>
    [Theory]
    [InlineData("ICache", "past.Length(0) > 3")]
    [InlineData("IMap", "past.Length(0) > 3")]
    [InlineData("Cache", "past.Length(0) > 3")]
    [InlineData("ICache", "past.Rows > 3")]
    [InlineData("Cache", "past.Rows > 3")]
    public void What_it_says_leads_both_ways(string type, string asked)
    {
        var plan = Of(type, "new Cache()", $"var past = input.Past!; if ({asked}) {{ h = side.call(h); }} k = k + h;").Plan(Words);
        Assert.Equal(2, plan.Traces.Count);
        Assert.DoesNotContain(plan.Unpruned, layer => layer.Because.Contains("never reaches", StringComparison.Ordinal));
    }

    /// <summary>A collection of the project's own is not looked into: generated code has no such class with axes in the place of tensors.</summary>
    [Theory]
    [InlineData("Cache", "k = k + input.Past![0].Item1;", "input.Past![0]", "a Dictionary")]
    [InlineData("IMap", "k = k + input.Past![0].Item1;", "input.Past![0]", "an IDictionary")]
    [InlineData("Cache", "input.Past![0] = (k, v);", "input.Past![0]", "a Dictionary")]
    [InlineData("Cache", "input.Past!.Add(0, (k, v));", "input.Past!.Add(0, (k, v))", "a Dictionary")]
    [InlineData("Cache", "input.Past!.Clear();", "input.Past!.Clear()", "a Dictionary")]
    [InlineData("Cache", "if (input.Past!.TryGetValue(0, out var one)) { k = one.Item1; }", "input.Past!.TryGetValue(0, out var one)", "a Dictionary")]
    [InlineData("Cache", "foreach (var one in input.Past!) { k = k + one.Value.Item1; }", "foreach (var one in input.Past!) { k = k + one.Value.Item1; }", "a Dictionary")]
    [InlineData("Cache", "k = input.Past!.Select(one => one.Value.Item1).First();", "input.Past", "a Dictionary")]
    public void A_collection_of_the_projects_own_is_refused_where_it_is_looked_into(string type, string statements, string at, string name)
    {
        var report = Compiled.From(Source(type, "new Cache()", statements)).Reported("PG0006", at);
        Assert.Contains($"which looks into a '{type}', {name} of the project's own", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foreach (var one in pair) { x = x + one; }", "foreach (var one in pair) { x = x + one; }")]
    [InlineData("x = pair.First();", "pair")]
    [InlineData("x = stack(pair.ToArray()).sum(0L);", "pair")]
    [InlineData("Tensor[] all = [.. pair]; x = all[0];", ".. pair")]
    [InlineData("IEnumerable<Tensor> all = pair; x = all.Last();", "pair")]
    [InlineData("x = pair.A + pair.B;", null)]
    public void So_is_a_class_that_can_be_gone_through(string statements, string? at)
    {
        var source = "using System.Collections.Generic;\nusing System.Linq;\n" + $$"""
            internal class Pair : IEnumerable<Tensor>
            {
                public Tensor A, B;
                public Pair(Tensor a, Tensor b) { A = a; B = b; }
                public IEnumerator<Tensor> GetEnumerator() => new List<Tensor> { A, B }.GetEnumerator();
                System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
            }
            [Prunable] internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 8), second = Linear(8, 8), last = Linear(8, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) { var pair = new Pair(first.call(x), second.call(x)); {{statements}} return last.call(x); }
            }
            """;
        if (at is null)
        {
            Loaded.From(source).Prunes([2, 8]);
            return;
        }

        var report = Compiled.From("#pragma warning disable PG0025\n" + source).Reported("PG0006", at);
        Assert.Contains("which looks into a 'Pair', an IEnumerable of the project's own", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    /// <summary>An object of the model that a layer changes is not what it was: the trace says so, and pruning begins with an error.</summary>
    [Theory]
    [InlineData("Fields", "new()", "k = input.Past!.Mix(k);")]
    [InlineData("Listed", "new()", "k = input.Past!.Mix(k);")]
    [InlineData("Dictionary<int, Tensor>", "new()", "var past = input.Past!; k = past.ContainsKey(0) ? past[0] * 0.5 + k * 0.5 : k; past[0] = k;")]
    [InlineData("List<Tensor>", "new()", "var past = input.Past!; past.Add(k); k = past[^1];")]
    [InlineData("Tensor[]", "[zeros(1)]", "var past = input.Past!; past[0] = k;")]
    public void What_a_layer_leaves_in_an_object_of_the_model_is_carried_over(string type, string made, string statements)
    {
        var plan = Of(type, made, statements).Plan(Words);
        Assert.Equal(["past"], plan.Trace.CarriedOver);
    }

    [Theory]
    [InlineData("Fields", "new()", "k = k * 2;")]
    [InlineData("Fields", "new() { K = ones(8) }", "k = k + input.Past!.K!;")]
    [InlineData("List<Tensor>", "[ones(8)]", "k = k + input.Past![0];")]
    public void What_a_layer_only_reads_is_not(string type, string made, string statements) =>
        Assert.Empty(Of(type, made, statements).Prunes(Words).Plan(Words).Trace.CarriedOver);

    /// <summary>What an interface calls one thing and a class another is the same member, whichever way forward changes it, and whichever way it asks.</summary>
    [Theory]
    [InlineData("plan.Advance(1); if (plan.Length > 1) { x = mid.call(x); }")]
    [InlineData("if (plan.Length > 1) { x = mid.call(x); } plan.Advance(1);")]
    [InlineData("if (plan.IsDeep()) { x = mid.call(x); } plan.Advance(1);")]
    [InlineData("plan.Advance(1); if (plan.IsDeep()) { x = mid.call(x); }")]
    [InlineData("var other = plan; other.Advance(1); if (other.Length > 1) { x = mid.call(x); }")]
    [InlineData("var other = (Plan)plan; other.Scale = 3; if (plan.Scale > 1) { x = mid.call(x); }")]
    [InlineData("plan.Scale = 3; var other = (Plan)plan; if (other.Scale > 1) { x = mid.call(x); }")]
    [InlineData("if (plan.Scale > 1) { x = mid.call(x); } plan.Scale = 3;")]
    [InlineData("var other = (Plan)plan; if (other.Scale > 1) { x = mid.call(x); } plan.Scale = 3;")]
    public void What_an_interface_changes_is_what_the_class_has(string statements)
    {
        foreach (var type in new[] { "IPlan", "Plan" })
        {
            var net = Loaded.From(Plans + $$"""
                [Prunable] internal partial class Net : Module<Tensor, Tensor>
                {
                    private readonly Linear first = Linear(8, 8), mid = Linear(8, 8), last = Linear(8, 3);
                    internal readonly {{type}} plan = new Plan();
                    public Net() : base("net") => RegisterComponents();
                    public override Tensor forward(Tensor x) { x = first.call(x).relu(); {{statements}} return last.call(x); }
                    public int Length => plan.Length;
                }
                """);
            var plan = net.Plan([2, 8]);
            Assert.Equal(2, plan.Traces.Count);
            Assert.Equal(["first"], plan.Groups.Select(group => group.Name));
            Assert.Equal(0, net.Model.GetType().GetProperty("Length")!.GetValue(net.Model));
        }
    }

    /// <summary>What outlasts forward would be linked as it is now, and be another thing at the next call.</summary>
    [Theory]
    [InlineData("block.call(x, plan)", "block.call(x, plan)", "Length")]
    [InlineData("other.call(block.call(x, plan), plan)", "block.call(x, plan)", "Length")]
    [InlineData("boxed.call(new Input(x, plan))", "boxed.call(new Input(x, plan))", "Length")]
    [InlineData("boxed.call(new Input(x, null) { Plan = plan })", "boxed.call(new Input(x, null) { Plan = plan })", "Length")]
    public void What_a_layer_changes_and_goes_by_is_no_object_of_the_model(string call, string at, string member) => Assert.Contains(
        $"which changes '{member}' of what outlasts forward, by which a layer goes (hand it a new object each time)",
        Compiled.From(Layers(call)).Reported("PG0006", at).GetMessage(CultureInfo.InvariantCulture),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("block.call(x, new Plan())", 1)]
    [InlineData("block.call(x, new Plan { Length = 3 })", 2)]
    [InlineData("boxed.call(new Input(x, new Plan()))", 1)]
    [InlineData("boxed.call(new Input(x, new Plan { Length = 3 }))", 2)]
    [InlineData("other.call(x, plan)", 1)]
    public void An_object_that_forward_makes_is_followed(string call, int layers)
    {
        var plan = Loaded.From(Layers(call)).Prunes([2, 8]).Plan([2, 8]);
        Assert.Single(plan.Traces);
        Assert.Equal(layers, plan.Trace.Steps.Count(step => step.Name.Contains("one", StringComparison.Ordinal) || step.Name.Contains("two", StringComparison.Ordinal)));
    }

    private const string Plans = """
        internal interface IPlan { int Length { get; } void Advance(int by); bool IsDeep(); double Scale { get; set; } }
        internal class Plan : IPlan { public int Length { get; set; } public void Advance(int by) => Length += by; public bool IsDeep() => Length > 2; public double Scale { get; set; } = 1; }

        """;

    private static string Layers(string call) => "#pragma warning disable PG0025\n" + Plans + $$"""
        internal record Input(Tensor X, Plan? Plan) { public Plan? Plan { get; set; } = Plan; }
        [Prunable] internal partial class Block : Module<Tensor, Plan, Tensor>
        {
            private readonly Linear one = Linear(8, 8), two = Linear(8, 8);
            public Block() : base("block") => RegisterComponents();
            public override Tensor forward(Tensor x, Plan plan) { plan.Advance(1); x = one.call(x).relu(); if (plan.Length > 2) { x = two.call(x); } return x; }
        }
        [Prunable] internal partial class Boxed : Module<Input, Tensor>
        {
            private readonly Linear one = Linear(8, 8), two = Linear(8, 8);
            public Boxed() : base("boxed") => RegisterComponents();
            public override Tensor forward(Input input) { var plan = input.Plan!; plan.Advance(1); var x = one.call(input.X).relu(); if (plan.Length > 2) { x = two.call(x); } return x; }
        }
        [Prunable] internal partial class Other : Module<Tensor, Plan, Tensor>
        {
            private readonly Linear one = Linear(8, 8), two = Linear(8, 8);
            public Other() : base("other") => RegisterComponents();
            public override Tensor forward(Tensor x, Plan plan) { x = one.call(x).relu(); if (plan.Length > 2) { x = two.call(x); } return x; }
        }
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 8), last = Linear(8, 3);
            private readonly Block block = new();
            private readonly Boxed boxed = new();
            private readonly Other other = new();
            internal readonly Plan plan = new();
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x) { x = first.call(x).relu(); return last.call({{call}}); }
        }
        """;

    private static Loaded Of(string type, string made, string statements) => Loaded.From(Source(type, made, statements));

    private static string Source(string type, string made, string statements, string caches = Caches) => $$"""
        {{caches}}
        internal record Input(Tensor X, {{type}}? Past);
        [Prunable] internal partial class Block : Module<Input, Tensor>
        {
            private readonly Linear q = Linear(8, 8), k = Linear(8, 8), v = Linear(8, 8), o = Linear(8, 8), side = Linear(8, 8);
            public Block() : base("block") => RegisterComponents();
            public override Tensor forward(Input input)
            {
                var h = input.X;
                var q = this.q.call(h);
                var k = this.k.call(h);
                var v = this.v.call(h);
                {{statements}}
                return o.call(matmul(softmax(matmul(q, k.transpose(1, 2)), -1), v));
            }
            private static (Tensor, Tensor) Grown({{type}} past, Tensor k, Tensor v) { {{(type == "Cache" ? "return past.Update(k, v, 0);" : "return (k, v);")}} }
        }
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 8), last1 = Linear(8, 8), last2 = Linear(8, 3);
            private readonly Block block = new();
            internal readonly {{type}}? past = {{made}};
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x) => last2.call(last1.call(block.call(new Input(first.call(x).relu(), past))).relu());
        }
        """;
}
