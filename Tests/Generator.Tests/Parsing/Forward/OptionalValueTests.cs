namespace PruneGen.Generator.Tests;

/// <summary>Numbers and tuples that may be left out, and enums: chosen by a size, handed to a helper, asked by a pattern.</summary>
public class OptionalValueTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>A tuple or structure with tensors that a method gives or does not; the generated code took it for one that is there.</summary>
    [Theory]
    [InlineData("(Tensor A, Tensor B)?", "(h, relu(h))", "var n = Maybe(h); return Head(b.call(n?.B ?? h));")]
    [InlineData("(Tensor A, Tensor B)?", "(h, relu(h))", "var n = Maybe(h); return Head(b.call(n?.A.relu() ?? h));")]
    [InlineData("(Tensor A, Tensor B)?", "(h, relu(h))", "var n = Maybe(h); if (n is null) { return Head(h); } return Head(b.call(n.Value.B));")]
    [InlineData("(Tensor A, Tensor B)?", "(h, relu(h))", "var n = Maybe(h); var (p, q) = n ?? (h, h); return Head(b.call(p) + q);")]
    [InlineData("(Tensor A, (Tensor C, int D)? B)?", "(h, (relu(h), 2))", "var n = Maybe(h); return Head(b.call(n?.B?.C ?? h));")]
    [InlineData("Scaled?", "new Scaled(h, 2)", "var n = Maybe(h); return Head(b.call(n?.A ?? h));")]
    [InlineData("Scaled?", "new Scaled(h, 2)", "var n = Maybe(h); return Head(b.call(n.HasValue ? n.Value.A * n.Value.By : h));")]
    [InlineData("Scaled?", "new Scaled(h, 2)", "var n = Maybe(h); if (n is { } some) { return Head(b.call(some.A * some.By)); } return Head(h);")]
    public void A_structure_of_tensors_may_be_null(string type, string made, string statements) => Loaded.From($$"""
        #nullable enable
        internal readonly record struct Scaled(Tensor A, int By);
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), b = Conv2d(16, 16, 3, padding: 1);
            private readonly Linear fc = Linear(16, 10);
            public Net() : base("net") => RegisterComponents();
            private Tensor Head(Tensor h) => fc.call(h.mean(new long[] { 2, 3 }));
            private {{type}} Maybe(Tensor h) { if (h.dim() == 3) { return null; } return {{made}}; }
            public override Tensor forward(Tensor x) { var h = a.call(x); {{statements}} }
        }
        """).Prunes([2, 3, 8, 8]);

    /// <summary>What may be null is no result that models are compared or trained by; the generated code had a warning of its own.</summary>
    [Fact]
    public void A_result_of_a_tuple_that_may_be_null_is_left_out() => Loaded.From("""
        #nullable enable
        [Prunable] internal partial class Net : Module<Tensor, (Tensor, Tensor?)>
        {
            private readonly Linear up = Linear(4, 8), down = Linear(8, 2);
            public Net() : base("net") => RegisterComponents();
            public override (Tensor, Tensor?) forward(Tensor x) => (down.call(relu(up.call(x))), null);
        }
        """).Prunes([2, 4]);

    [Theory]
    [InlineData("int? k = x.shape[2] > 4 ? (int)x.shape[2] : null; if (k is int v) x = x / v;")]
    [InlineData("long? k = x.shape[2] > 4 ? x.shape[2] : null; if (k.HasValue) x = x / k.Value;")]
    [InlineData("double? k = x.shape[2] > 4 ? x.shape[2] : null; if (k is { } v) x = x / v;")]
    [InlineData("var h = x.shape[2]; int? k = training ? (int)h : null; if (k is int v) x = x / v;")]
    [InlineData("int? k = null; if (x.shape[2] > 4) k = (int)x.shape[2]; if (k != null) x = x / k.Value;")]
    [InlineData("var k = x.shape[2] > 4 ? (long?)null : x.shape[2]; x = x * (k ?? 3);")]
    [InlineData("int? k = x.shape[2] switch { > 4 => (int)x.shape[2], _ => null }; x = x / (k ?? 1);")]
    [InlineData("bool? k = x.shape[2] > 4 ? true : null; if (k == true) x = x * 2;")]
    [InlineData("if (HeightOf(x) is { } v) x = x / v;")]
    public void A_number_that_a_size_decides_whether_it_is_there_is_used(string statements) => Prunes(statements);

    [Theory]
    [InlineData("size is { } s ? functional.interpolate(t, size: [s.h, s.w]) : t")]
    [InlineData("size is not { } s ? t : functional.interpolate(t, size: [s.h, s.w])")]
    [InlineData("size is (long h, long w) ? functional.interpolate(t, size: [h, w]) : t")]
    [InlineData("size is var (h, w) ? functional.interpolate(t, size: [h, w]) : t")]
    [InlineData("size.HasValue ? functional.interpolate(t, size: [size.Value.h, size.Value.w]) : t")]
    [InlineData("size == null ? t : functional.interpolate(t, size: [size.Value.h, size.Value.w])")]
    [InlineData("size switch { null => t, var (h, w) => functional.interpolate(t, size: [h, w]) }")]
    [InlineData("functional.interpolate(t, size: [size?.h ?? t.shape[2], size?.w ?? t.shape[3]])")]
    [InlineData("size is { h: > 4, w: > 4 } ? t * 2 : t")]
    [InlineData("size is (> 4, _) && size is { } s && s.w > 4 ? t * 2 : t")]
    public void A_tuple_that_a_helper_may_be_given_is_taken_apart(string body)
    {
        foreach (var size in new[] { "", ", (4, 4)", ", (x.shape[2] * 2, x.shape[3] * 2)", ", (x.shape[2], 4)" })
        {
            Prunes($"x = Up(x{size});", $"private static Tensor Up(Tensor t, (long h, long w)? size = null) => {body};");
        }
    }

    [Fact]
    public void A_switch_by_what_a_helper_was_given_goes_one_way() => Prunes(
        "x = Up(Up(x, (4, 4)));",
        """
            private static Tensor Up(Tensor t, (long h, long w)? size = null)
            {
                switch (size)
                {
                    case null: return t * 2;
                    case var (h, w): return functional.interpolate(t, size: [h, w]);
                }
            }
        """);

    [Theory]
    [InlineData("x = Half(Half(x), 4);", "private static Tensor Half(Tensor t, long? size = null) => size is { } s ? t / s : t;")]
    [InlineData("x = Half(Half(x), (int)x.shape[2]);", "private static Tensor Half(Tensor t, int? size = null) => size is int s ? t / s : t;")]
    [InlineData("x = Half(Half(x), x.shape[2]);", "private static Tensor Half(Tensor t, long? size = null) => size is > 4 ? t / size.Value : t;")]
    [InlineData("x = Half(Half(x), x.shape[2]);", "private static Tensor Half(Tensor t, long? size = null) => size is not null and > 4 ? t / size.Value : t;")]
    [InlineData("x = Half(Half(x), 0.5);", "private static Tensor Half(Tensor t, double? by = null) => by is not null and > 0.2 ? t * by.Value : t * (by ?? 2);")]
    [InlineData("x = Half(Half(Half(x), 3, 2), null, 0.5);",
        "private static Tensor Half(Tensor t, int? n = null, double? s = null) { n ??= (int)t.shape[2]; s ??= 1.0 / n; return t * s.Value; }")]
    public void A_number_that_a_helper_may_be_given_is_asked_by_a_pattern(string statements, string helper) => Prunes(statements, helper);

    [Theory]
    [InlineData("var k = x.shape[2] < 16 ? K.Small : K.Big; x = k switch { K.Small => x, _ => max_pool2d(x, 2) };")]
    [InlineData("var k = x.shape[2] < 16 ? K.Small : K.Big; switch (k) { case K.Small: x = x * 2; break; default: x = x * 3; break; }")]
    [InlineData("K? k = x.shape[2] < 16 ? K.Big : null; if (k is K.Big) x = x * 2; if (k == K.Small) x = x * 3;")]
    [InlineData("var k = x.shape[2] switch { < 16 => K.Small, _ => K.Big }; x = k switch { K.Small => x, _ => max_pool2d(x, 2) };")]
    [InlineData("x = x * (int)(x.shape[2] < 16 ? K.Big : K.Small);")]
    public void An_enum_that_a_size_chooses_is_one(string statements) => Prunes(statements, "internal enum K { Small, Big }");

    [Theory]
    [InlineData("mode is \"a\" or null ? t * 2 : mode switch { \"b\" => t * 3, _ => t }")]
    [InlineData("mode == null ? t : mode is not null ? t * 3 : t")]
    public void A_text_that_a_helper_may_be_given_is_asked_by_a_pattern(string body) =>
        Prunes("x = In(In(In(x), \"a\"), \"b\");", $"private static Tensor In(Tensor t, string? mode = null) => {body};");

    [Theory]
    [InlineData("return (act ?? (v => v * 2))(t);")]
    [InlineData("act ??= v => v * 2; return act(t);")]
    [InlineData("return act?.Invoke(t) ?? t;")]
    [InlineData("return act is { } f ? f(t) : t;")]
    public void A_lambda_that_a_helper_may_be_given_is_run(string body) =>
        Prunes("x = Act(Act(x), v => v + 1);", $"private static Tensor Act(Tensor t, Func<Tensor, Tensor>? act = null) {{ {body} }}");

    [Fact]
    public void A_lambda_that_no_constructor_gives_is_none() =>
        Prunes("x = (act ?? (t => t * 2))(x);", "private readonly Func<Tensor, Tensor>? act = null;");

    [Theory]
    [InlineData("if (Half(x) is { } s) x = functional.adaptive_avg_pool2d(x, (s.h, s.w));")]
    [InlineData("if (Half(x) is var (h, w)) x = functional.adaptive_avg_pool2d(x, (h, w));")]
    public void A_tuple_that_a_helper_may_give_is_taken_apart(string statements) => Prunes(
        statements, "private static (long h, long w)? Half(Tensor t) => t.shape[2] > 4 ? (t.shape[2] / 2, t.shape[3] / 2) : null;");

    /// <summary>The source says that it is there; generated code says nothing else, which the compiler would warn of.</summary>
    [Fact]
    public void The_value_of_an_optional_field_is_read_without_a_warning()
    {
        var compiled = Compiled.From(Source("x = x.view(x.shape[0], heads!.Value, 4, 8, 8).flatten(1, 2);", "private readonly int? heads = 4;"));
        Assert.DoesNotContain(compiled.Output.GetDiagnostics(), report => report.Severity >= Microsoft.CodeAnalysis.DiagnosticSeverity.Warning);
    }

    private static void Prunes(string statements, string members = "") =>
        Assert.Contains("conv1", Loaded.From(Source(statements, members)).Prunes(Image).Plan(Image).Groups.Select(group => group.Name));

    private static string Source(string statements, string members) => "using System;\n" + Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(functional.adaptive_avg_pool2d(x, (8, 8)), 1)));",
        $$"""
            private static int? HeightOf(Tensor t) { if (t.shape[2] > 4) return (int)t.shape[2]; return null; }
        {{members}}
        """);
}
