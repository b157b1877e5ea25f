using System.Globalization;

namespace PruneGen.Generator.Tests;

/// <summary>What only the running program knows is not read, and said to be so.</summary>
public class DynamicCallTests
{
    [Theory]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = way.call(x);", "way.call(x)")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = relu(way.forward(x));", "way.forward(x)")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "double size = way.call(x).abs().max().item<float>(); x = x / size;", "way.call(x)")]
    [InlineData("", "dynamic way = second; x = way.call(x);", "way.call(x)")]
    [InlineData("private dynamic Way => second;", "x = Other(Way, x);", "Other(Way, x)")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = x[.., ..(int)way.call(x).shape[1]];", "way.call(x)")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "if (way.call(x).abs().max().item<float>() > 1) { x = -x; }", "way.call(x)")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = x / Size(x); double Size(Tensor y) => way.call(y).abs().max().item<float>();", "way.call(y)")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "System.Console.WriteLine(way.call(x).ToString());", "way.call(x)")]
    public void A_call_with_a_tensor_of_what_is_declared_as_dynamic(string member, string statements, string at)
    {
        var compiled = Compiled.From($$"""
            [Prunable]
            internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 12), second = Linear(12, 12), last = Linear(12, 3);
                {{member}}
                public Net() : base("net") => RegisterComponents();
                private static Tensor Other(dynamic way, Tensor x) => way.call(x);

                public override Tensor forward(Tensor x)
                {
                    x = first.call(x);
                    {{statements}}
                    return last.call(relu(second.call(x)));
                }
            }
            """);
        var report = Assert.Single(compiled.Reports, one => one.Id == "PG0006");
        Assert.Equal(at, report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan));
        Assert.Equal(
            "PruneGen cannot follow tensors through a call of what is declared as dynamic, which only the running program knows (declare it as the layer or class that it is), so nothing of 'Net' is pruned",
            report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void What_several_overrides_are_refused_for_is_said_once()
    {
        var compiled = Compiled.From("""
            internal class Block : Module<Tensor, Tensor>
            {
                protected readonly dynamic way = Linear(12, 12);
                public Block() : base("block") => RegisterComponents();
                public override Tensor forward(Tensor x) => Encode(x);
                public virtual Tensor Encode(Tensor x) => way.call(x);
            }

            internal sealed class Other : Block
            {
                public override Tensor Encode(Tensor x) => relu((Tensor)way.call(x));
            }

            [Prunable]
            internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 12), last = Linear(12, 3);
                private readonly Block block;
                public Net(Block block) : base("net") { this.block = block; RegisterComponents(); }
                public override Tensor forward(Tensor x) => last.call(block.Encode(first.call(x)));
            }
            """);
        var reports = compiled.Reports.Where(one => one.Id == "PG0006").ToList();
        Assert.Equal(reports.Count, reports.Select(report => report.ToString()).Distinct().Count());
        Assert.NotEmpty(reports);
    }
}
