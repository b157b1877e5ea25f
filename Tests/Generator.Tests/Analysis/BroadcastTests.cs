namespace PruneGen.Generator.Tests;

/// <summary>What is repeated along a dimension: it may meet any width, and holds no zeros where channels are switched off.</summary>
public class BroadcastTests
{
    private static readonly long[][] Row = [[4, 8]];

    /// <summary>A sum over channels is that of the masked model only where zeros are added.</summary>
    [Theory]
    [InlineData("x + shift", false)]
    [InlineData("shift + x", false)]
    [InlineData("x + one.call(x)", false)]
    [InlineData("maximum(x, shift)", false)]
    [InlineData("x * shift", true)]
    [InlineData("x * one.call(x)", true)]
    [InlineData("x + other.call(given)", true)]
    [InlineData("x + bias", true)]
    public void A_sum_over_channels_behind_it(string use, bool isExact)
    {
        var net = Loaded.From(Net($"x = {use}; x = x.sum(1, keepdim: true) * second.call(given); return last.call(x);"));
        Assert.Equal(isExact, net.Plan(Row).Groups[0].Exact);
        if (isExact)
        {
            net.Prunes(Row);
        }
    }

    /// <summary>A product over two dimensions keeps the zeros of both only where each has them.</summary>
    [Theory]
    [InlineData("x.unsqueeze(2) * other.call(given).unsqueeze(1)", true)]
    [InlineData("x.unsqueeze(2) * other.call(given).sigmoid().unsqueeze(1)", false)]
    public void An_outer_product(string product, bool isExact)
    {
        var net = Loaded.From(Net($"return last.call(second.call(({product}).sum(2)));"));
        Assert.Equal(isExact, net.Plan(Row).Groups.Single(group => group.Producers.Contains("other")).Exact);
        if (isExact)
        {
            net.Prunes(Row);
        }
    }

    [Theory]
    [InlineData("x * one.call(x).sigmoid()")]
    [InlineData("one.call(x) + x")]
    public void The_only_output_of_a_layer_is_a_gate_for_every_channel(string use)
    {
        var net = Loaded.From(Net($"x = {use}; return last.call(relu(second.call(x)));"));
        Assert.Contains("first: first.weight[0] first.bias[0] one.weight[1] second.weight[1]", net.Groups(Row));
        net.Prunes(Row).Returns(Row);
    }

    private static string Net(string forward) => $$"""
        /// <summary>Under test.</summary>
        [Prunable]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 12), other = Linear(8, 12), second = Linear({{(forward.Contains("given)", StringComparison.Ordinal) && !forward.Contains("second.call((", StringComparison.Ordinal) ? 8 : 12)}}, 12);
            private readonly Linear one = Linear(12, 1), last = Linear(12, 3);
            private readonly Parameter shift = torch.nn.Parameter(torch.ones(1)), bias = torch.nn.Parameter(torch.ones(12));

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var given = x;
                x = first.call(x);
                {{forward}}
            }
        }
        """;
}
