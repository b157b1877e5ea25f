using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Recurrent layers and their single steps, and the transformer layers that come with TorchSharp.</summary>
internal static class RecurrentCases
{
    private static readonly long[] Sequence = [2, 5, 6];

    public static Dictionary<string, Func<OperationNet>> All { get; } = new()
    {
        ["LSTM, two layers, both directions, batch first"] = () => new OperationNet(
            Sequence,
            new() { ["fc"] = nn.Linear(6, 7), ["rnn"] = nn.LSTM(7, 5, numLayers: 2, batchFirst: true, bidirectional: true), ["head"] = nn.Linear(10, 4) },
            (m, x) => m["head"].call(m.Layer<LSTM>("rnn").call(m["fc"].call(x).relu()).Item1[.., -1]),
            (m, link, x) =>
            {
                var y = link.Layers(m.Layer<LSTM>("rnn"), link.Op("relu", link.Layer(m["fc"], x)));
                return link.Layer(m["head"], link.Index(y[0], AxisSlice.All, AxisSlice.At(-1)));
            }),

        ["GRU that hands its state to another, time first"] = () => new OperationNet(
            Sequence,
            new() { ["encoder"] = nn.GRU(6, 5), ["decoder"] = nn.GRU(6, 5, bias: false), ["head"] = nn.Linear(5, 4) },
            (m, x) => m["head"].call(m.Layer<GRU>("decoder").call(x, m.Layer<GRU>("encoder").call(x).Item2).Item1),
            (m, link, x) => link.Layer(m["head"], link.Layers(m.Layer<GRU>("decoder"), x, link.Layers(m.Layer<GRU>("encoder"), x)[1])[0])),

        ["RNN with relu, last state of both directions"] = () => new OperationNet(
            Sequence,
            new() { ["rnn"] = nn.RNN(6, 5, nonLinearity: nn.NonLinearities.ReLU, bidirectional: true), ["head"] = nn.Linear(10, 4) },
            (m, x) =>
            {
                var h = m.Layer<RNN>("rnn").call(x).Item2;
                return m["head"].call(cat([h[0], h[1]], 1));
            },
            (m, link, x) =>
            {
                var h = link.Layers(m.Layer<RNN>("rnn"), x)[1];
                return link.Layer(m["head"], link.Op("cat", [link.Index(h, AxisSlice.At(0)), link.Index(h, AxisSlice.At(1))], ("dim", 1L)));
            }),

        ["single steps in a loop"] = () => new OperationNet(
            Sequence,
            new() { ["lstm"] = nn.LSTMCell(6, 5), ["gru"] = nn.GRUCell(5, 7), ["rnn"] = nn.RNNCell(7, 6, nn.NonLinearities.ReLU), ["head"] = nn.Linear(6, 4) },
            (m, x) =>
            {
                // In TorchSharp an LSTMCell needs its state.
                using var recurrent = m.Layer<LSTMCell>("lstm").weight_hh!;
                (Tensor, Tensor)? state = (zeros(x.shape[0], recurrent.shape[1]), zeros(x.shape[0], recurrent.shape[1]));
                Tensor? second = null;
                Tensor? third = null;
                for (var t = 0; t < 5; t++)
                {
                    state = m.Layer<LSTMCell>("lstm").call(x[.., t], state);
                    second = m.Layer<GRUCell>("gru").call(state.Value.Item1, second!);
                    third = m.Layer<RNNCell>("rnn").call(second, third!);
                }

                return m["head"].call(third!);
            },
            (m, link, x) =>
            {
                AxisTensor? h = null, c = null, second = null, third = null;
                for (var t = 0; t < 5; t++)
                {
                    var next = link.Layers(m.Layer<LSTMCell>("lstm"), link.Index(x, AxisSlice.All, AxisSlice.At(t)), h, c);
                    (h, c) = (next[0], next[1]);
                    second = link.Layer(m.Layer<GRUCell>("gru"), h, second);
                    third = link.Layer(m.Layer<RNNCell>("rnn"), second, third);
                }

                return link.Layer(m["head"], third!);
            }),

        ["an encoder of TorchSharp's own, between layers that may shrink"] = () => new OperationNet(
            Sequence,
            new() { ["fc"] = nn.Linear(6, 8), ["encoder"] = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, 0), 2), ["hidden"] = nn.Linear(8, 9), ["head"] = nn.Linear(9, 4) },
            (m, x) => m["head"].call(m["hidden"].call(m.Layer<TransformerEncoder>("encoder").call(m["fc"].call(x))).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["hidden"], link.Layer(m.Layer<TransformerEncoder>("encoder"), link.Layer(m["fc"], x)))))),

        ["multi-head attention of TorchSharp's own"] = () => new OperationNet(
            Sequence,
            new() { ["fc"] = nn.Linear(6, 8), ["attention"] = nn.MultiheadAttention(8, 2), ["hidden"] = nn.Linear(8, 9), ["head"] = nn.Linear(9, 4) },
            (m, x) =>
            {
                x = m["fc"].call(x);
                return m["head"].call(m["hidden"].call(x + m.Layer<MultiheadAttention>("attention").call(x, x, x).Item1).relu());
            },
            (m, link, x) =>
            {
                x = link.Layer(m["fc"], x);
                return link.Layer(m["head"], link.Op("relu", link.Layer(m["hidden"], link.Op("add", [x, link.Layers(m.Layer<MultiheadAttention>("attention"), x, x, x)[0]]))));
            }),
    };
}
