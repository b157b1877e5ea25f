using PruneGen.Generator.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Sequences of different lengths: packed for a recurrent layer and padded again, they keep the widths of what they hold.</summary>
public class PackedSequenceTests
{
    [Theory]
    [InlineData("LSTM", "lstm", true)]
    [InlineData("LSTM", "lstm", false)]
    [InlineData("GRU", "gru", true)]
    [InlineData("RNN", "rnn", true)]
    public void A_recurrent_layer_runs_through_packed_sequences(string type, string name, bool batchFirst)
    {
        var plan = Loaded.From(Net(
            $"private readonly {type} {name} = {type}(8, 12, batchFirst: {(batchFirst ? "true" : "false")});",
            $$"""
            using var packed = torch.nn.utils.rnn.pack_padded_sequence(embed.call(ids), lengths, batch_first: true, enforce_sorted: false);
            var last = {{name}}.call(packed).Item2;
            return head.call(relu(hidden.call(last[0])));
            """)).Prunes(Ids, Lengths).Plan(Ids.shape, Lengths.shape);
        Assert.Equal(["embed", name, "hidden"], plan.Groups.Select(group => group.Name).Order(StringComparer.Ordinal).OrderBy(group => group == "hidden"));
    }

    [Theory]
    [InlineData("torch.nn.utils.rnn.pad_packed_sequence(output, batch_first: true).Item1.sum(1)")]
    [InlineData("torch.nn.utils.rnn.pad_packed_sequence(output).Item1.sum(0L)")]
    [InlineData("torch.nn.utils.rnn.pad_packed_sequence(output, batch_first: true, total_length: 7).Item1.sum(1)")]
    public void What_comes_out_is_padded_again(string padded)
    {
        var plan = Loaded.From(Net(
            "private readonly LSTM lstm = LSTM(8, 12, batchFirst: true);",
            $$"""
            var packed = torch.nn.utils.rnn.pack_padded_sequence(embed.call(ids), lengths, batch_first: true, enforce_sorted: false);
            var (output, _, _) = lstm.call(packed);
            return head.call(relu(hidden.call({{padded}})));
            """)).Prunes(Ids, Lengths).Plan(Ids.shape, Lengths.shape);
        Assert.Equal(3, plan.Groups.Count);
    }

    [Fact]
    public void Sequences_are_packed_one_by_one() => Assert.Equal(3, Loaded.From(Net(
        "private readonly LSTM lstm = LSTM(8, 12);",
        """
        var rows = embed.call(ids);
        var packed = torch.nn.utils.rnn.pack_sequence(new[] { rows[0], rows[1][..3] }, enforce_sorted: false);
        var (_, h, _) = lstm.call(packed);
        return head.call(relu(hidden.call(h[0])));
        """)).Prunes(Ids, Lengths).Plan(Ids.shape, Lengths.shape).Groups.Count);

    [Fact]
    public void A_model_that_is_handed_packed_sequences_is_refused() => Compiled.Refused("""
        /// <summary>Under test.</summary>
        [Prunable(Structured)]
        public sealed partial class Net : Module<torch.nn.utils.rnn.PackedSequence, Tensor>
        {
            private readonly LSTM lstm = LSTM(8, 12);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(torch.nn.utils.rnn.PackedSequence x) => lstm.call(x).Item2;
        }
        """).Reported(RuleIds.UnsupportedSignature, "torch.nn.utils.rnn.PackedSequence");

    private static Tensor Ids => tensor(new long[] { 1, 4, 2, 3, 5, 6, 9, 7, 0, 0 }, new long[] { 2, 5 });

    private static Tensor Lengths => tensor(new long[] { 5, 3 });

    private static string Net(string members, string statements) => $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor, Tensor>
        {
            private readonly Embedding embed = Embedding(20, 8);
            {{members}}
            private readonly Linear hidden = Linear(12, 10), head = Linear(10, 3);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor ids, Tensor lengths)
            {
                {{statements}}
            }
        }
        """;
}
