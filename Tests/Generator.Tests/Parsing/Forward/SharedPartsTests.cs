using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>
/// Lists and arrays that lie in objects, tuples and other lists are one, by whichever name or method their elements are changed; structures are copied.
/// </summary>
public class SharedPartsTests
{
    private static readonly long[] Rows = [4, 8];

    private const string Classes = """
        internal class Pair(Tensor a, Tensor b) { public List<Tensor> All { get; } = [a, b]; public void Up() { All[0] = All[0] * 2; } }
        internal class Plain { public List<Tensor> All { get; } public Plain(Tensor a, Tensor b) { All = new() { a, b }; } public void Up() { All[0] = All[0] * 2; } }
        internal class Open { public List<Tensor> All { get; set; } = new(); public Tensor[] Rows = new Tensor[2]; public void Up() { All[0] = All[0] * 2; } public void Put(Tensor x) => All.Add(x); }
        internal record Listed(List<Tensor> All) { public void Up() { All[0] = All[0] * 2; } public void Grow() { All.Add(All[0] * 2); } }
        internal record Arrayed(Tensor[] All) { public void Up() { All[0] = All[0] * 2; } public void Into(Tensor[] other) { other[0] = All[0] * 2; } }
        internal record Mapped(Dictionary<string, Tensor> All) { public void Up() { All["k"] = All["k"] * 2; } }
        internal class Outer { public Open Inner = new(); }
        internal class Holder { public Open Inner; public Holder(Open inner) { Inner = inner; } }
        internal struct Struct { public List<Tensor> All; public Struct(List<Tensor> all) { All = all; } }
        internal class Giving(List<Tensor> all) { public List<Tensor> All => all; public List<Tensor> Get() => all; }
        internal class Part { public Tensor A; public Tensor B { get; set; } public int N = 1; public Part(Tensor a, Tensor b) { A = a; B = b; } public void Up() { A = A * 2; N++; } public Part Me() => this; }
        internal class Around { public Part Part; public Around? Next { get; set; } public Around(Part part) { Part = part; } }
        internal class Count { public int N = 1; public double S { get; set; } = 0.5; public bool On; public int[] Ks = { 1, 2 }; public void Up() { N++; S *= 2; On = !On; } }
        internal class Boxed { public Count Count; public Boxed(Count count) { Count = count; } public Count Get() => Count; }
        internal record Counted(Tensor X, Count Count);
        internal record struct Copied(Tensor A, Tensor[] Shared);

        """;

    [Theory]
    [InlineData("var p = new Pair(y, y * 3); p.Up(); x = p.All[0];")]
    [InlineData("var p = new Plain(y, y * 3); p.Up(); x = p.All[0];")]
    [InlineData("var p = new Open { All = new() { y, y * 3 } }; p.Up(); x = p.All[0];")]
    [InlineData("var p = new Listed(new() { y, y * 3 }); p.Up(); x = p.All[0];")]
    [InlineData("var p = new Listed(new() { y, y * 3 }); p.Grow(); x = p.All[^1];")]
    [InlineData("var p = new Arrayed(new[] { y, y * 3 }); p.Up(); x = p.All[0];")]
    [InlineData("var p = new Mapped(new() { [\"k\"] = y }); p.Up(); x = p.All[\"k\"];")]
    [InlineData("var p = new Arrayed(new[] { y, y * 3 }); p.Into(p.All); x = p.All[0];")]
    [InlineData("var p = new Arrayed(new[] { y, y * 3 }); var q = p.All; q[0] = q[0] * 2; x = p.All[0];")]
    [InlineData("var q = new[] { y, y * 3 }; var p = new Arrayed(q); q[0] = q[0] * 2; x = p.All[0];")]
    [InlineData("var lists = new[] { new[] { y, x }, new[] { y * 2, x } }; var q = lists[0]; q[0] = y * 3; x = lists[0][0];")]
    [InlineData("var map = new Dictionary<string, List<Tensor>> { [\"k\"] = new() { y } }; var q = map[\"k\"]; q.Add(y * 3); x = map[\"k\"][^1];")]
    [InlineData("var p = new Open(); p.Rows[0] = y; p.Rows[1] = y * 2; x = p.Rows[0] + p.Rows[1];")]
    [InlineData("var p = new Open(); p.All.Add(y); p.All.Add(y * 2); x = p.All[0] + p.All[1];")]
    [InlineData("var p = new Open(); foreach (var k in new[] { 1, 2 }) { p.Put(y * k); } x = p.All[0] - p.All[1] * 3;")]
    [InlineData("var p = new Open(); Fill(p.All, y); x = p.All[0];")]
    [InlineData("var p = new Open(); FillIn(p, y); x = p.All[0];")]
    [InlineData("var l = new List<Tensor>(); var p = new Listed(l); l.Add(y); x = p.All[0];")]
    [InlineData("var l = new List<Tensor>(); var p = new Listed(l); var q = p; q.All.Add(y); x = l[0];")]
    [InlineData("var t = (new List<Tensor> { y }, 3); t.Item1.Add(y * 2); x = t.Item1[1];")]
    [InlineData("var t = (l: new List<Tensor> { y }, n: 3); var q = t.l; q[0] = q[0] * 2; x = t.l[0];")]
    [InlineData("var t = (new List<Tensor> { y }, 3); var (q, n) = t; q[0] = q[0] * 2; x = t.Item1[0] * n;")]
    [InlineData("var l = new List<Tensor> { y }; (List<Tensor>, int) t = (l, 2); t.Item1[0] = y * 2; x = l[0];")]
    [InlineData("var l = new List<Tensor> { y }; var m = new List<List<Tensor>> { l }; foreach (var one in m) { one[0] = one[0] * 2; } x = l[0];")]
    [InlineData("var l = new List<Tensor> { y }; var d = new Dictionary<int, List<Tensor>> { [1] = l }; d[1].Add(y * 2); x = l[^1];")]
    [InlineData("var l = new List<Tensor> { y }; var d = new List<List<Tensor>>(); d.Add(l); d[0][0] = y * 2; x = l[0];")]
    [InlineData("var l = new List<Tensor> { y }; var d = new[] { l, new List<Tensor>() }; d[1].Add(l[0] * 2); d[0] = d[1]; d[0][0] = d[0][0] * 3; x = l[0] + d[1][0];")]
    [InlineData("var l = new List<Tensor> { y }; var p = new Open { All = l }; p.All[0] = y * 2; p.Rows[0] = p.All[0] * 2; x = l[0] + p.Rows[0];")]
    [InlineData("var o = new Outer(); o.Inner.All.Add(y); var q = o.Inner; q.All[0] = q.All[0] * 2; x = o.Inner.All[0];")]
    [InlineData("var i = new Open(); var o = new Holder(i); i.All.Add(y); o.Inner.All[0] = i.All[0] * 2; x = i.All[0];")]
    [InlineData("var l = new List<Tensor> { y }; var p = new Struct(l); p.All[0] = y * 2; x = l[0];")]
    [InlineData("var l = new List<Tensor> { y }; Same(l).Add(y * 2); x = l[^1];")]
    [InlineData("var p = new Listed(new() { y }); Same(p.All).Add(y * 2); x = p.All[^1];")]
    [InlineData("var p = new Giving(new() { y }); p.Get().Add(y * 2); x = p.Get()[^1];")]
    [InlineData("var p = new Giving(new() { y }); var q = p.Get(); q[0] = y * 2; x = p.Get()[0];")]
    public void What_is_changed_by_one_name_is_changed_by_all(string statements) => IsFollowed(statements);

    [Theory]
    [InlineData("var p = new Copied(y, new[] { x }); var q = p; q.A = q.A * 2; q.Shared[0] = p.A * 3; x = p.A + q.A + p.Shared[0];")]
    [InlineData("var p = new Copied(y, new[] { x }); Copied q = new Copied(x, new[] { x }); q = p; q.A = q.A * 2; q.Shared[0] = p.A * 3; x = p.A + q.A + p.Shared[0];")]
    [InlineData("var p = new Copied(y, new[] { x }); var l = new List<Copied> { p }; p.A = p.A * 5; var q = l[0]; q.A = q.A * 2; q.Shared[0] = q.A * 3; x = p.A + l[0].A + p.Shared[0];")]
    [InlineData("var p = new Copied(y, new[] { x }); for (var i = 0; i < 2; i++) { var q = p; q.A = q.A * 2; q.Shared[0] = q.A * 3; p.A = q.A + p.A; } x = p.A + p.Shared[0];")]
    [InlineData("var p = new Copied(y, new[] { x }); var q = p with { A = p.A * 3 }; p.A = p.A * 2; x = p.A + q.A;")]
    [InlineData("var p = Made(y); var q = Made(y * 2); q.Shared[0] = p.A; p.A = q.Shared[0] + q.A; x = p.A + q.A + p.Shared[0];")]
    public void A_structure_is_copied_and_what_it_holds_is_not(string statements) => IsFollowed(statements);

    private static readonly (string Made, string Named)[] Places =
    [
        ("var p = new Part(y, y * 0.5);", "p"),
        ("var all = new List<Part> { new(y, y * 0.5), new(y, y) };", "all[0]"),
        ("var all = new[] { new Part(y, y), new Part(y, y * 0.5) };", "all[1]"),
        ("var map = new Dictionary<string, Part> { [\"k\"] = new(y, y * 0.5) };", "map[\"k\"]"),
        ("var h = new Around(new Part(y, y * 0.5));", "h.Part"),
        ("var h = new Around(new Part(y, y)) { Next = new Around(new Part(y, y * 0.5)) };", "h.Next!.Part"),
        ("var t = (1, part: new Part(y, y * 0.5));", "t.part"),
        ("var one = new Part(y, y * 0.5); var all = new[] { one, one };", "all[1]"),
        ("Part? p = null; p ??= new Part(y, y * 0.5);", "p"),
    ];

    private static readonly string[] Changes =
    [
        "{P}.A = {P}.A * 2;",
        "{P}.A += 1; {P}.N += 3;",
        "{P}.Up(); {P}.Up();",
        "{P}.Me().Up();",
        "Set({P}, y * 4);",
        "All(new[] { {P} });",
        "(Same({P})).A = y * 5;",
        "var q = {P}; q.A = q.A * 2; q.N = 7;",
        "var q = {P}; q = new Part(y, y); q.A = y * 9; {P}.B = q.A;",
        "for (var i = 0; i < 2; i++) { {P}.A = {P}.A + {P}.B * i; {P}.N++; }",
        "foreach (var q in new List<Part> { {P}, new(y, y) }) { q.Up(); }",
        "void F() { {P}.B = {P}.A * 2; } F(); F();",
    ];

    public static TheoryData<string> Objects() => Crossed(Places, Changes, "x = {P}.A + {P}.B * 3 * {P}.N;");

    /// <summary>An object that forward makes is one, wherever it lies and whatever changes it.</summary>
    [Theory]
    [MemberData(nameof(Objects))]
    public void An_object_is_one_wherever_it_lies(string statements) => IsFollowed(statements);

    private static readonly (string Made, string Named)[] Counts =
    [
        ("var c = new Count();", "c"),
        ("var all = new List<Count> { new(), new() };", "all[0]"),
        ("var all = new[] { new Count(), new Count() };", "all[1]"),
        ("var map = new Dictionary<string, Count> { [\"k\"] = new() };", "map[\"k\"]"),
        ("var b = new Boxed(new Count());", "b.Count"),
        ("var t = (y, count: new Count());", "t.count"),
        ("var h = new Counted(y, new Count());", "h.Count"),
    ];

    private static readonly string[] Counting =
    [
        "{P}.N = 4;",
        "{P}.N += 3; {P}.On = true;",
        "{P}.Up(); {P}.Up(); {P}.Up();",
        "SetCount({P}, 5);",
        "var q = {P}; q.N = 6; q.S = 2;",
        "for (var i = 0; i < 3; i++) { {P}.N++; }",
        "foreach (var q in new List<Count> { {P}, new() }) { q.Up(); }",
        "{P}.Ks[0] = 7; {P}.N = {P}.N++ + ++{P}.N;",
        "while ({P}.N < 4) { {P}.Up(); }",
    ];

    public static TheoryData<string> Counters() =>
        Crossed(Counts, Counting, "x = y * {P}.N + {P}.S * {P}.Ks[0]; if ({P}.On) { x = second.call(x); }");

    /// <summary>So is one that only counts, and what goes by it.</summary>
    [Theory]
    [MemberData(nameof(Counters))]
    public void An_object_that_counts_is_one_wherever_it_lies(string statements) => IsFollowed(statements);

    /// <summary>Where a call gives back what is counted in, nobody can tell which object it is.</summary>
    [Theory]
    [InlineData("var b = new Boxed(new Count()); for (var i = 0; i < 3; i++) { b.Get().N++; } x = y * b.Get().N;", "b.Get().N")]
    [InlineData("var all = new List<Count> { new() }; all.First().N++; x = y * all.First().N;", "all.First().N")]
    public void What_a_call_gives_back_is_not_counted_in(string statements, string at) => Compiled.From(Source(statements)).Reported("PG0006", at);

    /// <summary>Each change of an object in each place, and how it is read behind that; {P} stands for the object.</summary>
    private static TheoryData<string> Crossed((string Made, string Named)[] places, string[] changes, string read)
    {
        var all = new TheoryData<string>();
        foreach (var (made, named) in places)
        {
            foreach (var change in changes)
            {
                all.Add($"{made} {$"{change} {read}".Replace("{P}", named, StringComparison.Ordinal)}");
            }
        }

        return all;
    }

    private static void IsFollowed(string statements)
    {
        var net = Loaded.From(Source(statements));
        var plan = net.Plan(Rows);
        Assert.Empty(plan.Trace.Gaps);
        Assert.InRange(PruneGen.Tracing.TraceInterpreter.Difference(plan, net.Forward, [randn(Rows)]), 0, 1e-5);
    }

    private static string Source(string statements) => $$"""
            #pragma warning disable PG0025
            using System.Collections.Generic;
            using System.Linq;
            {{Classes}}
            [Prunable] internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 8), second = Linear(8, 8), last = Linear(8, 3);
                public Net() : base("net") => RegisterComponents();
                private static List<Tensor> Same(List<Tensor> all) => all;
                private static Part Same(Part part) => part;
                private static void SetCount(Count count, int n) { count.N = n; count.On = true; }
                private static void Set(Part part, Tensor x) { part.A = x; part.N += 2; }
                private static void All(IEnumerable<Part> parts) { foreach (var part in parts) { part.A = part.A * 3; } }
                private static void Fill(List<Tensor> all, Tensor x) => all.Add(x);
                private static void FillIn(Open open, Tensor x) => open.All.Add(x);
                private static Copied Made(Tensor x) { var made = new Copied(x, new[] { x }); made.A = made.A * 2; return made; }
                public override Tensor forward(Tensor x) { var y = first.call(x); {{statements}} return last.call(x); }
            }
            """;
}
