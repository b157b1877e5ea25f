namespace PruneGen.Generator.Tests;

/// <summary>What goes through all parameters of a ParameterList or ParameterDict meets each of them, and their widths with it.</summary>
public class ParameterCollectionTests
{
    private static readonly long[] Rows = [2, 6];

    [Theory]
    [InlineData("foreach (var p in list) { x = x.matmul(p); }")]
    [InlineData("x = list.Aggregate(x, (h, p) => h.matmul(p));")]
    [InlineData("x = list.Select(p => x.matmul(p)).Aggregate((u, v) => u + v);")]
    [InlineData("x = x.matmul(list.First()).matmul(list.Last()) * list.Count;")]
    [InlineData("var all = list.ToArray(); x = x.matmul(all[0]).matmul(all[1]);")]
    [InlineData("x = Through(list, x);")]
    [InlineData("foreach (var (key, p) in dictionary) { if (key != \"other\") x = x.matmul(p); }")]
    [InlineData("foreach (var pair in dictionary) { x = x.matmul(pair.Item2); }")]
    public void Each_parameter_is_met(string statements) => Assert.Contains(
        "fc1",
        Loaded.From($$"""
            #pragma warning disable CS1591
            using System.Linq;

            [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(6, 16), fc2 = Linear(16, 4);
                private readonly ParameterList list = new(Parameter(randn(16, 16)), Parameter(randn(16, 16)));
                private readonly ParameterDict dictionary = new();
                public Net() : base("net") { dictionary.Add("one", Parameter(randn(16, 16))); dictionary.Add("two", Parameter(randn(16, 16))); RegisterComponents(); }
                private static Tensor Through(ParameterList given, Tensor t) { foreach (var p in given) { t = t.matmul(p); } return t; }
                public override Tensor forward(Tensor x)
                {
                    x = fc1.call(x);
                    {{statements}}
                    return fc2.call(x);
                }
            }
            """).Prunes(Rows).Plan(Rows).Groups.Select(group => group.Name));
}
