namespace PruneGen.Generator.Tests;

/// <summary>A parameter that forward uses as the weight of an einsum or tensordot makes channels, as one of a matrix product does.</summary>
public class EinsumWeightTests
{
    private static readonly long[] Batch = [2, 8];

    [Theory]
    [InlineData("Parameter(torch.rand(8, 12))", "fc.call(torch.einsum(\"bi,io->bo\", x, w))")]
    [InlineData("Parameter(torch.rand(12, 8))", "fc.call(torch.einsum(\"bi,oi->bo\", x, w))")]
    [InlineData("Parameter(torch.rand(12, 8))", "fc.call(torch.nn.functional.relu(torch.einsum(\"bi,oi->bo\", x, w) + bias))")]
    [InlineData("Parameter(torch.rand(12, 8))", "fc.call(torch.tensordot(x, w, new long[] { 1 }, new long[] { 1 }))")]
    [InlineData("Parameter(torch.rand(12, 8))", "torch.einsum(\"bi,oi->bo\", torch.einsum(\"bi,oi->bo\", x, w).tanh(), last)")]
    public void The_outputs_of_the_weight_are_pruned(string weight, string forward) => Assert.Equal(
        ["w"],
        Loaded.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Parameter w = {{weight}}, bias = Parameter(torch.rand(12)), last = Parameter(torch.rand(4, 12));
                private readonly Linear fc = Linear(12, 4);
                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => {{forward}};
            }
            """).Prunes(Batch).Plan(Batch).Groups.Select(group => group.Name));
}
