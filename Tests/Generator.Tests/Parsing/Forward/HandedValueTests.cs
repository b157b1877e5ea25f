namespace PruneGen.Generator.Tests;

/// <summary>
/// What one model's forward hands to another's, beside tensors, is read there as it is declared: what it is made of, sizes and literals, are of other types
/// while models are linked.
/// </summary>
public class HandedValueTests
{
    private static readonly long[] Image = [2, 3, 8, 6];

    public static TheoryData<string, string, string> Values => new()
    {
        { "int", "rows", "n" },
        { "long", "h.shape[2]", "n" },
        { "int?", "rows", "(n ?? 3)" },
        { "int?", "(int)h.shape[3]", "(n ?? 3)" },
        { "int?", "null", "(n ?? 3)" },
        { "long?", "columns", "(n ?? 3)" },
        { "long?", "3", "(n ?? 2)" },
        { "double", "h.shape[2]", "n" },
        { "double?", "h.shape[2]", "(n ?? 2)" },
        { "float?", "rows", "(n ?? 2)" },
        { "byte", "4", "n" },
        { "short?", "(short)4", "(n ?? 3)" },
        { "bool?", "h.shape[2] > 3", "(n == true ? 2 : 3)" },
        { "System.DayOfWeek?", "System.DayOfWeek.Monday", "(n == System.DayOfWeek.Monday ? 2 : 3)" },
        { "long[]", "h.shape", "n[2]" },
        { "long[]", "new[] { h.shape[2], 3 }", "n[0]" },
        { "int[]", "new[] { 1, 2 }", "n[1]" },
        { "(long, long)", "(h.shape[2], h.shape[3])", "n.Item2" },
        { "(long, long)", "(1, 2)", "n.Item2" },
        { "(int, int)?", "((int)h.shape[2], 3)", "(n?.Item1 ?? 2)" },
        { "System.Collections.Generic.List<long>", "System.Linq.Enumerable.ToList(h.shape)", "n[2]" },
        { "torch.Size", "h.shape", "n[2]" },
        { "object", "3", "(n is int whole ? whole : 2)" },
        { "Scalar", "2", "n" },
        { "Scalar", "0.5", "n" },
        { "Scalar", "h.shape[2]", "n" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void As_an_argument(string type, string value, string read) => Loaded.From(Source(
        $"Module<Tensor, {type}, Tensor>", $"public override Tensor forward(Tensor t, {type} n) => conv.call(t) * {read};", $"return Head(child.call(h, {value}));"))
        .Prunes(Image);

    [Theory]
    [MemberData(nameof(Values))]
    public void As_a_result(string type, string value, string read) => Loaded.From(Source(
        $"Module<Tensor, (Tensor T, {type} N)>",
        $"public override (Tensor T, {type} N) forward(Tensor h) {{ {Sizes} return (conv.call(h), {value}); }}",
        $"var (t, n) = child.call(h); return Head(t * {read});")).Prunes(Image);

    [Theory]
    [MemberData(nameof(Values))]
    public void As_a_member_of_an_object(string type, string value, string read) => Loaded.From(Source(
        "Module<Given, Tensor>", $"public override Tensor forward(Given given) {{ var n = given.N; return conv.call(given.T) * {read}; }}",
        $"return Head(child.call(new Given(h, {value})));") + $$"""

        public sealed class Given
        {
            public Given(Tensor t, {{type}} n) { T = t; N = n; }
            public Tensor T { get; set; }
            public {{type}} N { get; set; }
        }
        """).Prunes(Image);

    /// <summary>Whether it is an int or a long, nobody can tell any more: forward would go another way.</summary>
    [Theory]
    [InlineData("Module<Tensor, object, Tensor>", "public override Tensor forward(Tensor t, object n) => conv.call(t) * (n is long whole ? whole : 2);",
        "return Head(child.call(h, h.shape[2]));")]
    [InlineData("Module<Tensor, (Tensor, object)>", "public override (Tensor, object) forward(Tensor t) => (conv.call(t), t.shape[2]);",
        "var (t, n) = child.call(h); return Head(t * (n is long whole ? whole : 2));")]
    public void A_size_that_is_handed_on_as_an_object_is_refused(string kind, string forward, string statements)
    {
        var error = Assert.Throws<System.Reflection.TargetInvocationException>(() => Loaded.From(Source(kind, forward, statements)).Plan(Image)).InnerException!;
        Assert.Contains("by which nobody can tell what number it is: declare it as int or long", error.Message);
    }

    private const string Sizes = "var rows = (int)h.shape[2]; var columns = h.shape[3]; if (flag) { rows += 2; columns *= 2; }";

    private static string Source(string kind, string forward, string statements) => $$"""
        #pragma warning disable CS1591, CS0219
        [Prunable] public partial class Child : {{kind}}
        {
            private readonly Conv2d conv = Conv2d(16, 16, 1);
            private readonly bool flag = true;
            public Child() : base("child") => RegisterComponents();
            public bool Flag => flag;
            {{forward}}
        }

        [Prunable] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d first = Conv2d(3, 16, 3, padding: 1);
            private readonly Child child = new();
            private readonly Linear fc = Linear(16, 10);
            private readonly bool flag = true;
            public Net() : base("net") => RegisterComponents();
            private Tensor Head(Tensor h) => fc.call(h.mean(new long[] { 2, 3 }));
            public override Tensor forward(Tensor x) { var h = first.call(x); {{Sizes}} {{statements}} }
        }
        """;
}
