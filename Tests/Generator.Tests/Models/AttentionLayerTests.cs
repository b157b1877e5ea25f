namespace PruneGen.Generator.Tests;

/// <summary>The attention layers that come with TorchSharp: what they cost, what of them is pruned, and why the rest is not.</summary>
public class AttentionLayerTests
{
    private const long Length = 10, Batch = 4, Width = 16, Hidden = 64;

    /// <summary>Queries, keys, values and the result are made by a matrix each; each query meets each key, and each value.</summary>
    private const long SelfAttention = (4 * Length * Width * Width) + (2 * Length * Length * Width);

    private const long FeedForward = 2 * Length * Width * Hidden;

    [Fact]
    public void A_multihead_attention_is_counted_by_its_widths_and_the_length_of_its_sequences()
    {
        var plan = Plan("MultiheadAttention layer = MultiheadAttention(16, 2)", OfItself);
        Assert.Equal(Ends + SelfAttention, plan.Macs());
        Assert.Empty(plan.UncountedMacs);
        Assert.Contains(("layer", "layer keeps the width that it was made with"), plan.Unpruned);
        Assert.Contains(("first", "layer keeps the width that it was made with"), plan.Unpruned);
    }

    [Fact]
    public void Keys_and_values_of_other_widths_and_lengths_are_counted_as_they_are()
    {
        var plan = Plan(
            "MultiheadAttention layer = MultiheadAttention(16, 2, kdim: 6, vdim: 6)",
            "var y = first.call(x); return last.call(layer.call(y, x[..3], x[..3]).Item1);");
        const long Keys = 3;
        Assert.Equal(Ends + (2 * Length * Width * Width) + (2 * Keys * Width * 6) + (2 * Length * Keys * Width), plan.Macs());
    }

    [Fact]
    public void A_learned_key_is_met_by_each_query() => Assert.Equal(
        Ends + SelfAttention + (2 * Length * Width),
        Plan("MultiheadAttention layer = MultiheadAttention(16, 2, add_bias_kv: true)", OfItself).Macs());

    [Theory]
    [InlineData("TransformerEncoderLayer layer = TransformerEncoderLayer(16, 2, 64, 0.1)", "layer.call(x, null!, null!)", 1, 0)]
    [InlineData("TransformerEncoder layer = TransformerEncoder(TransformerEncoderLayer(16, 2, 64, 0.1), 3)", "layer.call(x, null!, null!)", 3, 0)]
    [InlineData("TransformerDecoderLayer layer = TransformerDecoderLayer(16, 2, 64, 0.1)", "layer.call(x, x[..3], null!)", 1, 1)]
    [InlineData("TransformerDecoder layer = TransformerDecoder(TransformerDecoderLayer(16, 2, 64, 0.1), 2)", "layer.call(x, x[..3], null!)", 2, 2)]
    public void Encoders_and_decoders_are_counted_layer_by_layer(string layer, string call, long layers, long decoders)
    {
        var plan = Plan(layer, $"x = first.call(x); return last.call({call});");
        const long Memory = 3;
        var across = (2 * Length * Width * Width) + (2 * Memory * Width * Width) + (2 * Length * Memory * Width);
        Assert.Equal(Ends + (layers * (SelfAttention + FeedForward)) + (decoders * across), plan.Macs());

        // The closed form follows the width between the two layers of each feed-forward network.
        Assert.Equal(layers, plan.Groups.Count);
        Assert.Equal(plan.Macs() - (layers * FeedForward / 2), plan.Macs(group => group.Width / 2));
        Assert.Contains((layers == 1 ? "layer" : "layer.layers.0", "layer keeps the width that it was made with"), plan.Unpruned);
    }

    [Fact]
    public void A_sequence_of_unknown_length_is_not_counted_and_is_named()
    {
        var plan = Plan("MultiheadAttention layer = MultiheadAttention(16, 2)", OfItself, []);
        Assert.Equal(["layer"], plan.UncountedMacs);
        Assert.Null(plan.Macs());
    }

    [Fact]
    public void What_is_counted_beside_an_attention_is_that_of_a_whole_sequence_too()
    {
        // Time comes first in TorchSharp's attention, and so the batch is not what comes first.
        Assert.Equal((Batch * Width * 6) + (Batch * 3 * Width), Plan("Linear layer = Linear(16, 16)", "return last.call(first.call(x));").Macs());
        Assert.Equal(Ends + SelfAttention, Plan("MultiheadAttention layer = MultiheadAttention(16, 2)", OfItself).Macs());
    }

    private const string OfItself = "x = first.call(x); return last.call(layer.call(x, x, x).Item1);";

    private const long Ends = (Length * 6 * Width) + (Length * Width * 3);

    private static PruningPlan Plan(string layer, string statements, params long[] shape) => Loaded.From($$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(6, 16), last = Linear(16, 3);
            private readonly {{layer}};

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{statements}}
            }
        }
        """).Plan(shape);

    private static PruningPlan Plan(string layer, string statements) => Plan(layer, statements, [Length, Batch, 6]);
}
