namespace PruneGen.Generator.Tests;

/// <summary>What else than its default an optional parameter of forward is tried with is what the source compares values of its type with.</summary>
public class OtherValuesTests
{
    [Theory]
    [InlineData("byte kind = 0", "kind > 1 && x.shape[0] < 1000", "(1, unchecked((byte)1)), (1, unchecked((byte)2)), (1, unchecked((byte)1000)), (1, unchecked((byte)1001)), (1, unchecked((byte)999))")]
    [InlineData("int kind = 1", "kind == 2", "(1, unchecked((int)2)), (1, unchecked((int)3)) }")]
    [InlineData("float? kind = null", "kind > 0", "(1, unchecked((float)0)), (1, unchecked((float)1))")]
    [InlineData("string kind = \"relu\"", "kind == \"relu\" || kind is \"tanh\"", "(1, \"tanh\"), (1, \"(another)\")")]
    [InlineData("bool? kind = null", "kind == true", "(1, true), (1, false)")]
    [InlineData("System.DayOfWeek? kind = null", "kind == System.DayOfWeek.Friday", "(1, global::System.DayOfWeek.Sunday), (1, global::System.DayOfWeek.Monday)")]
    [InlineData("long[]? kind = null", "kind is not null", "(1, new long[] { (long)1, (long)1 })")]
    [InlineData("char kind = 'a'", "kind == 'b'", "(1, 'b'), (1, 'c')")]
    public void Each_is_one_that_decides(string parameter, string condition, string values)
    {
        var type = parameter.Split(' ')[0];
        var compiled = Compiled.From($$"""
            [Prunable(Structured)]
            internal partial class Net : Module<Tensor, {{type}}, Tensor>
            {
                private readonly Linear first = Linear(6, 8);
                private readonly Linear last = Linear(8, 2);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x, {{parameter}})
                {
                    var y = first.call(x);
                    if ({{condition}})
                    {
                        y = y.relu();
                    }

                    return last.call(y);
                }
            }
            """);
        Assert.Contains(values, compiled.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(compiled.Output.GetDiagnostics(), report => report.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error);
    }

    [Theory]
    [InlineData("float kind = 1f", "float")]
    [InlineData("bool kind = false", "bool")]
    [InlineData("Tensor? kind = null", "Tensor?")]
    public void One_that_nothing_is_compared_with_or_that_is_followed_both_ways_anyway_has_none(string parameter, string type) => Assert.DoesNotContain(
        "OtherInputs",
        Compiled.From($$"""
            [Prunable(Structured)]
            internal partial class Net : Module<Tensor, {{type}}, Tensor>
            {
                private readonly Linear first = Linear(6, 8);
                private readonly Linear last = Linear(8, 2);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x, {{parameter}}) => last.call(first.call(x).relu());
            }
            """).Text,
        StringComparison.Ordinal);
}
