using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>What C# computes first, once, or under another name is so in what is linked, or is refused where it stands.</summary>
public class EvaluationOrderTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    private static string Source(string statements, string members, string types = "") =>
        "#pragma warning disable CS0169, CS0219, CS0649, CS8618\nusing System;\nusing System.Collections.Generic;\nusing System.Linq;\n"
        + Models.WithForward($"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));", members) + "\n" + types;

    private static void Follows(string statements, string members = "", string types = "") =>
        Assert.Contains("conv1", Loaded.From(Source(statements, members, types)).Prunes(Image).Plan(Image).Groups.Select(group => group.Name));

    private static void Refuses(string statements, string at, string says, string members = "", string types = "") => Assert.Contains(
        says,
        Compiled.From(Source(statements, members, types)).Reported("PG0006", at).GetMessage(System.Globalization.CultureInfo.InvariantCulture),
        StringComparison.Ordinal);

    /// <summary>The trace is compared with forward: another order gives other values.</summary>
    [Theory]
    [InlineData("var h = new[] { x, relu(x) }; int i = 0; h[i++] = h[i] * 2; x = h[0] + h[1] * 5;")]
    [InlineData("var n = new int[3]; int i = 1; n[i] = ++i; x = x * n[1] + n[2];")]
    [InlineData("var h = new Tensor[3]; var n = 0; var y = x; Tensor Next() { n++; y = relu(y) * n; return y; } while (n < 3) h[n] = Next(); x = h[0] + h[1] * 2 + h[2] * 3;")]
    [InlineData("var n = new[] { 1, 2, 3 }; int i = 0; n[i++] += 10; x = x * n[0] + n[1] * 2 + i;")]
    [InlineData("var n = new[] { 1.5, 2, 3 }; int i = 0; n[i++] *= 10; x = x * n[0] + n[1] * 2 + i;")]
    [InlineData("var n = new[] { 1, 2, 3 }; int i = 0; n[i++]++; x = x * n[0] + n[1] * 2 + i;")]
    [InlineData("int i = 0; x[.., .., i] = x[.., .., ++i] * 2;")]
    [InlineData("int i = 0; x[.., .., i++] += 3; x = x * i;")]
    [InlineData("var n = new List<int> { 1, 2, 3 }; var q = new Queue<int>([1, 2]); n[q.Dequeue()] += 4; x = x * n[1] + n[2] + q.Count;")]
    [InlineData("var n = new[] { 1, 2, 3 }; int i = 0; (n[i++], n[i]) = (n[1], n[0]); x = x * n[0] + n[1] * 3 + i;")]
    [InlineData("var n = 2; int Next() { n *= 3; return n; } for (var i = 0; i < 2; i++) { x = x * (n + Next()); }")]
    public void The_place_of_an_assignment_is_told_first_and_once(string statements) => Follows(statements);

    [Fact]
    public void The_object_of_an_assignment_is_told_once() => Follows(
        "var s = new S { H = x }; int calls = 0; S Get() { calls++; return s; } Get().H += x * 2; x = s.H * calls;", "", "internal sealed class S { public Tensor H = null!; }");

    [Theory]
    [InlineData("static void Go(ref Tensor h, int k) { h = h * k; }", "Go(ref x, 3);")]
    [InlineData("static void Go(ref Tensor h, ref Tensor g) { (h, g) = (g, h * 2); }", "var y = relu(x); Go(ref x, ref y); x = x * 3 + y;")]
    [InlineData("static void Go(ref int n) { n += 3; }", "var n = 1; Go(ref n); x = x * n;")]
    [InlineData("static void Go(out Tensor h, Tensor k) { h = k * 3; }", "Go(out x, x);")]
    [InlineData("static void Go(ref Tensor h, ref Tensor g) { (h, g) = (g, h * 2); }", "var h = new[] { x, relu(x) }; Go(ref h[0], ref h[1]); x = h[0] + h[1];")]
    [InlineData("private Tensor? last; private static void Go(ref Tensor? h) { h = h! * 3; }", "last = x; Go(ref last); x = last!; last = null;")]
    [InlineData("static Tensor Go(in Tensor h) => h * 3;", "x = Go(in x);")]
    public void What_is_handed_by_reference_under_one_name_is_followed(string member, string statements) => Follows(statements, member);

    [Theory]
    [InlineData("static void Go(ref Tensor h, int k) { h = h * k; }", "var h = new[] { x, x }; int i = 0; Go(ref h[i++], i); x = h[0];", "ref h[i++]")]
    [InlineData("static void Go(ref Tensor p, ref Tensor q) { p = p * 2; q = q + 1; p = p + q; }", "var y = x; Go(ref y, ref y); x = y;", "ref y")]
    [InlineData("static void Go(ref Tensor p, Tensor[] q) { p = p * 2; q[0] = q[0] + 1; }", "var y = new[] { x }; Go(ref y[0], y); x = y[0];", "ref y[0]")]
    [InlineData("", "var y = x; void Add(ref Tensor s) { s = s + relu(y); s = s + y; } Add(ref y); x = y;", "ref y")]
    [InlineData("", "var y = x; void More() { y = y * 2; } void Add(ref Tensor s) { s = s + 1; More(); } Add(ref y); x = y;", "ref y")]
    [InlineData("static void Go(ref Tensor p, Action f) { p = p * 2; f(); }", "var y = x; Go(ref y, () => y = y + 1); x = y;", "ref y")]
    [InlineData("private Tensor? last; private void Go(ref Tensor? t) { t = t! * 2; last = last! + 1; t = t * 3; }", "last = x; Go(ref last); x = last!; last = null;", "ref last")]
    [InlineData("private Tensor? last; private void Go(out Tensor t, Tensor v) { t = v * 2; last = last! + 1; t = t * 3; }", "last = x; Go(out last, x); x = last!; last = null;", "out last")]
    [InlineData("", "var y = x; Tensor F(in Tensor t) { y = y * 2; return t + 1; } x = F(in y) + y;", "in y")]
    [InlineData("", "var n = 1; void Go(ref int k) { k += 2; n *= 3; k += n; } Go(ref n); x = x * n;", "ref n")]
    [InlineData("private delegate Tensor Step(Tensor t, ref int n);", "Step s = (Tensor t, ref int n) => { n++; return t * n; }; int c = 0; x = s(x, ref c) + c;", "ref c")]
    public void What_goes_by_two_names_meanwhile_is_not_handed_by_reference(string member, string statements, string at) =>
        Refuses(statements, at, "by reference", member);

    [Theory]
    [InlineData("while (true) { try { break; } finally { x = x * 3; } }", "{ x = x * 3; }")]
    [InlineData("int n = 0; for (int i = 0; i < 3; i++) { try { if (i == 1) continue; x = relu(x); } finally { n++; } } x = x * n;", "{ n++; }")]
    [InlineData("var k = 2.0; Tensor Go(Tensor t) { try { return t * k; } finally { k = 7; } } x = Go(x) * k;", "{ k = 7; }")]
    [InlineData("static Tensor Go(Tensor t) { try { return t; } finally { t.mul_(3); } } x = Go(x);", "{ t.mul_(3); }")]
    [InlineData("var n = new List<int>(); Tensor Go(Tensor t) { try { return t * 2; } finally { n.Add(1); } } x = Go(x) * n.Count;", "{ n.Add(1); }")]
    public void A_finally_that_is_passed_by_changes_nothing(string statements, string at) => Refuses(statements, at, "a finally behind a return");

    [Theory]
    [InlineData("static Tensor Go(Tensor t) { var k = 2; try { return t * k; } finally { k = 0; } } x = Go(x);")]
    [InlineData("static Tensor Go(Tensor t) { try { return t * 2; } finally { GC.Collect(); } } x = Go(x);")]
    [InlineData("var n = 0; for (int i = 0; i < 3; i++) { try { for (int k = 0; k < 3; k++) { if (k == 1) break; x = x * 2; } } finally { n++; } } x = x * n;")]
    public void A_finally_that_forward_does_not_go_by_is_passed_by(string statements) => Follows(statements);

    [Theory]
    [InlineData("private static Func<Tensor, Tensor> Mul(double k) => t => t * k;", "var f = Mul(2); var g = Mul(3); x = f(x) + g(x) * 10;")]
    [InlineData("", "Func<double, Func<Tensor, Tensor>> mul = k => t => t * k; x = mul(2)(mul(3)(x)) + mul(5)(x);")]
    [InlineData("private static Func<Tensor, Tensor> Of(Func<Tensor, Tensor>? f, int k) => f is null ? t => t * k : t => f(t) * k;", "x = Of(Of(null, 2), 3)(x);")]
    [InlineData("private static Func<Tensor, Tensor> Of(Tensor s) { Tensor Add(Tensor t) => t + s; return Add; }", "var f = Of(x); var g = Of(relu(x)); x = f(x) * 2 + g(x);")]
    [InlineData("", "var k = 2; Func<Tensor, Tensor> f = t => t * k; k = 5; x = f(x);")]
    [InlineData("", "var n = 0; Func<Tensor, Tensor> f = t => { n++; return t * n; }; x = f(f(x)) + n;")]
    public void A_lambda_has_its_own_variables(string member, string statements) => Follows(statements, member);

    [Theory]
    [InlineData("private static Func<Tensor, Tensor> Counter() { var n = 0; return t => { n++; return t * n; }; }", "var f = Counter(); x = f(f(x));", "t => { n++; return t * n; }", "a lambda that changes 'n'")]
    [InlineData("private static (Func<Tensor, Tensor> F, int K) Of(int k) => (t => t * k, k);", "var f = Of(2); x = f.F(x) * f.K;", "f.F(x)", "a lambda of a method that has returned")]
    public void A_lambda_that_shares_what_it_has_captured_is_refused(string member, string statements, string at, string says) =>
        Refuses(statements, at, says, member);

    [Theory]
    [InlineData("byte b = 250; unchecked { b += 10; } x = x * b;", "b += 10")]
    [InlineData("int n = int.MaxValue; unchecked { n += 2; } x = x * (n < 0 ? 2 : 3);", "n += 2")]
    [InlineData("byte b = 255; unchecked { b++; } x = x * b;", "b++")]
    public void A_number_that_does_not_fit_its_type_is_refused(string statements, string at) => Refuses(statements, at, "may not fit its type");

    private const string Record = "internal sealed record S(Tensor H, int N); internal struct State { public Tensor H; public double W; }";

    [Theory]
    [InlineData("var s = new S(x, 2); if (s is { N: 2 }) x = s.H * 2;", "{ N: 2 }")]
    [InlineData("var s = new S(x, 2); x = s switch { (var h, 1) => h, (var h, > 1) => h * 3, _ => s.H };", "(var h, 1)")]
    [InlineData("var s = new S(x, 2); switch (s) { case { N: 2 }: x = x * 2; break; default: x = x * 3; break; }", "{ N: 2 }")]
    public void A_pattern_over_the_members_of_a_record_of_tensors_is_refused(string statements, string at) =>
        Refuses(statements, at, "a pattern over the members of 'S'", types: Record);

    [Theory]
    [InlineData("var a = new[] { new State { H = x, W = 2 } }; a[0].W *= 3; x = a[0].H * a[0].W;", "a[0].W")]
    [InlineData("var a = new State[1]; a[0].H = x; x = a[0].H;", "a[0].H")]
    public void A_part_of_a_structure_in_an_array_is_not_set(string statements, string at) =>
        Refuses(statements, at, "a part of a structure in an array", types: Record);

    [Theory]
    [InlineData("private static Tensor Of(Tensor t, S? s) { if (s is { N: var n }) t = t * n; return t; }", "x = Of(x, null);")]
    [InlineData("private static Tensor Of(Tensor t, Tensor? m = null, bool n = false) => (m, n) switch { (null, true) => t.tanh(), _ => relu(t) * 2 };", "x = Of(x) + Of(x, null, true);")]
    [InlineData("private static Tensor Of(Tensor t, int? m = null) => m switch { null => t * 2, > 3 => t * 3, _ => relu(t) };", "x = Of(x) + Of(x, 4) + Of(x, 2);")]
    [InlineData("", "Tensor[] l = [x, x * 2]; x = torch.cat([.. l], 0)[..2];")]
    [InlineData("", "x = torch.stack([.. Enumerable.Range(1, 2).Select(k => x * k)], 0)[1];")]
    public void Nothing_and_spread_lists_are_written_with_their_types(string member, string statements) => Follows(statements, member, Record);
}
