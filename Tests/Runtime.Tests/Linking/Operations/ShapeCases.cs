using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Pieces, ranges, repetitions, rearrangements and bare parameters.</summary>
internal static class ShapeCases
{
    private static readonly long[] Image = [2, 3, 6, 6];
    private static readonly long[] Sequence = [2, 5, 6];

    public static Dictionary<string, Func<OperationNet>> All { get; } = new()
    {
        ["channel shuffle by view and transpose"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 12, 3, padding: 1), ["head"] = nn.Conv2d(12, 4, 1, groups: 1) },
            (m, x) =>
            {
                x = m["stem"].call(x).relu();
                var (b, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
                return m["head"].call(x.view(b, 3, c / 3, h, w).transpose(1, 2).contiguous().view(b, c, h, w));
            },
            (m, link, x) =>
            {
                x = link.Op("relu", link.Layer(m["stem"], x));
                var (b, c, h, w) = (x.Size(0), x.Size(1), x.Size(2), x.Size(3));
                return link.Layer(m["head"], link.View(link.Op("contiguous", link.Transpose(link.View(x, b, 3, c / 3, h, w), 1, 2)), b, c, h, w));
            }),

        ["channel shuffle between grouped convolutions"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 8, 3, padding: 1), ["a"] = nn.Conv2d(8, 12, 1, groups: 2), ["b"] = nn.Conv2d(12, 8, 1, groups: 2), ["head"] = nn.Conv2d(8, 4, 1) },
            (m, x) =>
            {
                x = m["a"].call(m["stem"].call(x).relu());
                var (b, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
                return m["head"].call(m["b"].call(x.view(b, 2, c / 2, h, w).transpose(1, 2).reshape(b, -1, h, w)));
            },
            (m, link, x) =>
            {
                x = link.Layer(m["a"], link.Op("relu", link.Layer(m["stem"], x)));
                var (b, c, h, w) = (x.Size(0), x.Size(1), x.Size(2), x.Size(3));
                return link.Layer(m["head"], link.Layer(m["b"], link.View(link.Transpose(link.View(x, b, 2, c / 2, h, w), 1, 2), b, -1, h, w)));
            }),

        ["halves of the channels, one of them convolved (C2f)"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 8, 1), ["a"] = nn.Conv2d(4, 4, 3, padding: 1), ["b"] = nn.Conv2d(4, 4, 3, padding: 1), ["head"] = nn.Conv2d(16, 4, 1) },
            (m, x) =>
            {
                var parts = m["stem"].call(x).chunk(2, 1).ToList();
                parts.Add(m["a"].call(parts[^1]).relu());
                parts.Add(parts[1] + m["b"].call(parts[^1]));
                return m["head"].call(cat(parts, 1));
            },
            (m, link, x) =>
            {
                var parts = link.Ops("chunk", link.Layer(m["stem"], x), ("chunks", 2L), ("dim", 1L)).ToList();
                parts.Add(link.Op("relu", link.Layer(m["a"], parts[^1])));
                parts.Add(link.Op("add", [parts[1], link.Layer(m["b"], parts[^1])]));
                return link.Layer(m["head"], link.Op("cat", parts.ToArray(), ("dim", 1L)));
            }),

        ["ranges at half of the channels (ShuffleNet)"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 8, 1), ["branch"] = nn.Conv2d(4, 5, 3, padding: 1), ["head"] = nn.Conv2d(9, 4, 1) },
            (m, x) =>
            {
                x = m["stem"].call(x).sigmoid();
                var half = (int)(x.shape[1] / 2);
                return m["head"].call(cat([x[.., ..half], m["branch"].call(x[.., half..])], 1));
            },
            (m, link, x) =>
            {
                x = link.Op("sigmoid", link.Layer(m["stem"], x));
                var half = x.Size(1) / 2;
                var (first, second) = (link.Index(x, AxisSlice.All, AxisSlice.Range(null, half)), link.Index(x, AxisSlice.All, AxisSlice.Range(half, null)));
                return link.Layer(m["head"], link.Op("cat", [first, link.Layer(m["branch"], second)], ("dim", 1L)));
            }),

        ["a range that ends at a number: what lies before it stays"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 9, 1), ["a"] = nn.Conv2d(4, 4, 1), ["b"] = nn.Conv2d(5, 4, 1) },
            (m, x) =>
            {
                x = m["stem"].call(x).relu();
                return m["a"].call(x[.., ..4]) + m["b"].call(x.narrow(1, 4, x.shape[1] - 4));
            },
            (m, link, x) =>
            {
                x = link.Op("relu", link.Layer(m["stem"], x));
                var a = link.Layer(m["a"], link.Index(x, AxisSlice.All, AxisSlice.Range(null, 4)));
                return link.Op("add", [a, link.Layer(m["b"], link.Index(x, AxisSlice.All, AxisSlice.Range(4, null)))]);
            }),

        ["a split at the seams of a concatenation"] = () => Images(
            new() { ["a"] = nn.Conv2d(3, 4, 1), ["b"] = nn.Conv2d(3, 5, 1), ["mix"] = nn.BatchNorm2d(9), ["ha"] = nn.Conv2d(4, 4, 1), ["hb"] = nn.Conv2d(5, 4, 1) },
            (m, x) =>
            {
                var (a, b) = (m["a"].call(x), m["b"].call(x));
                var parts = m["mix"].call(cat([a, b], 1)).split([a.shape[1], b.shape[1]], 1);
                return m["ha"].call(parts[0]) * m["hb"].call(parts[1]);
            },
            (m, link, x) =>
            {
                var (a, b) = (link.Layer(m["a"], x), link.Layer(m["b"], x));
                var parts = link.Ops("split", link.Layer(m["mix"], link.Op("cat", [a, b], ("dim", 1L))), ("sizes", link.Sizes(a.Size(1), b.Size(1))), ("dim", 1L));
                return link.Op("mul", [link.Layer(m["ha"], parts[0]), link.Layer(m["hb"], parts[1])]);
            }),

        ["a gated linear unit"] = () => Sequences(
            new() { ["wide"] = nn.Linear(6, 16), ["head"] = nn.Linear(8, 4) },
            (m, x) => m["head"].call(nn.functional.glu(m["wide"].call(x), -1)),
            (m, link, x) => link.Layer(m["head"], link.Op("glu", link.Layer(m["wide"], x), ("dim", -1L)))),

        ["repetition: whole and index by index"] = () => Sequences(
            new() { ["fc"] = nn.Linear(6, 5), ["a"] = nn.Linear(10, 4), ["b"] = nn.Linear(10, 4) },
            (m, x) =>
            {
                x = m["fc"].call(x);
                return m["a"].call(x.repeat(1, 1, 2)) + m["b"].call(x.repeat_interleave(2, -1));
            },
            (m, link, x) =>
            {
                x = link.Layer(m["fc"], x);
                var a = link.Layer(m["a"], link.Op("repeat", x, ("sizes", new long[] { 1, 1, 2 })));
                return link.Op("add", [a, link.Layer(m["b"], link.Op("repeat_interleave", x, ("repeats", 2L), ("dim", -1L)))]);
            }),

        ["layer scale, in two shapes"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 7, 1), ["body"] = nn.Conv2d(7, 7, 3, padding: 1), ["head"] = nn.Conv2d(7, 4, 1), ["gamma"] = new Parameter(randn(7, 1, 1)), ["scale"] = new Parameter(randn(7)) },
            (m, x) =>
            {
                x = m["stem"].call(x) * m.Tensor("scale").view(1, -1, 1, 1);
                return m["head"].call(x + (m["body"].call(x).relu() * m.Tensor("gamma")));
            },
            (m, link, x) =>
            {
                x = link.Op("mul", [link.Layer(m["stem"], x), link.View(link.Parameter(m, "scale"), 1, -1, 1, 1)]);
                return link.Layer(m["head"], link.Op("add", [x, link.Op("mul", [link.Op("relu", link.Layer(m["body"], x)), link.Parameter(m, "gamma")])]));
            }),

        ["patches, a class token and positions"] = () => new OperationNet(
            Image,
            new() { ["embed"] = nn.Conv2d(3, 8, 3, stride: 3), ["mix"] = nn.Linear(8, 8), ["head"] = nn.Linear(8, 4), ["token"] = new Parameter(randn(1, 1, 8)), ["positions"] = new Parameter(randn(1, 5, 8)) },
            (m, x) =>
            {
                x = m["embed"].call(x).flatten(2).transpose(1, 2);
                x = cat([m.Tensor("token").expand(x.shape[0], -1, -1), x], 1) + m.Tensor("positions");
                return m["head"].call((x + m["mix"].call(x).relu())[.., 0]);
            },
            (m, link, x) =>
            {
                x = link.Transpose(link.Op("flatten", link.Layer(m["embed"], x), ("start_dim", 2L)), 1, 2);
                var token = link.Op("expand", link.Parameter(m, "token"), ("sizes", link.Sizes(x.Size(0), -1, -1)));
                x = link.Op("add", [link.Op("cat", [token, x], ("dim", 1L)), link.Parameter(m, "positions")]);
                return link.Layer(m["head"], link.Index(link.Op("add", [x, link.Op("relu", link.Layer(m["mix"], x))]), AxisSlice.All, AxisSlice.At(0)));
            }),

        ["weights of the model's own, and of another layer"] = () => new OperationNet(
            Sequence,
            new() { ["fc"] = nn.Linear(6, 8), ["w"] = new Parameter(randn(7, 8)), ["b"] = new Parameter(randn(7)), ["v"] = new Parameter(randn(7, 5)), ["head"] = nn.Linear(5, 4) },
            (m, x) =>
            {
                x = nn.functional.linear(x, m.Layer<Linear>("fc").weight!, m.Layer<Linear>("fc").bias);
                x = nn.functional.linear(x.relu(), m.Tensor("w"), m.Tensor("b"));
                return m["head"].call(x.relu().matmul(m.Tensor("v")));
            },
            (m, link, x) =>
            {
                AxisTensor Of(string name) => link.Graph.ParameterOf(LayerAdapters.Describe(m["fc"], "fc"), name);
                x = link.Op("linear", [x, Of("weight"), Of("bias")]);
                x = link.Op("linear", [link.Op("relu", x), link.Parameter(m, "w"), link.Parameter(m, "b")]);
                return link.Layer(m["head"], link.MatMul(link.Op("relu", x), link.Parameter(m, "v")));
            }),

        ["a convolution with a weight of the model's own"] = () => Images(
            new() { ["w"] = new Parameter(randn(6, 3, 3, 3)), ["b"] = new Parameter(randn(6)), ["norm"] = nn.BatchNorm2d(6), ["head"] = nn.Conv2d(6, 4, 1) },
            (m, x) => m["head"].call(m["norm"].call(nn.functional.conv2d(x, m.Tensor("w"), m.Tensor("b"), padding: [1, 1])).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["norm"], link.Op("conv2d", [x, link.Parameter(m, "w"), link.Parameter(m, "b")], ("padding", new long[] { 1, 1 })))))),

        ["sums and norms over channels, where zeros add nothing"] = () => Images(
            new() { ["stem"] = nn.Conv2d(3, 8, 1), ["gate"] = nn.Conv2d(1, 4, 1), ["head"] = nn.Conv2d(8, 4, 1) },
            (m, x) =>
            {
                x = m["stem"].call(x).relu();
                return m["head"].call(nn.functional.normalize(x, dim: 1)) + m["gate"].call(x.sum(1, keepdim: true));
            },
            (m, link, x) =>
            {
                x = link.Op("relu", link.Layer(m["stem"], x));
                var gate = link.Layer(m["gate"], link.Op("sum", x, ("dim", 1L), ("keepdim", true)));
                return link.Op("add", [link.Layer(m["head"], link.Op("normalize", x, ("dim", 1L))), gate]);
            }),

        ["a state made in the shape of another tensor, written into"] = () => Sequences(
            new() { ["fc"] = nn.Linear(6, 8), ["head"] = nn.Linear(8, 4) },
            (m, x) =>
            {
                x = m["fc"].call(x);
                var state = zeros(x.shape[0], 2, x.shape[2]);
                return m["head"].call(cat([state, x, zeros_like(x)], 1));
            },
            (m, link, x) =>
            {
                x = link.Layer(m["fc"], x);
                var state = link.Op("zeros", [], ("size", link.Sizes(x.Size(0), 2, x.Size(2))));
                return link.Layer(m["head"], link.Op("cat", [state, x, link.Op("zeros_like", x)], ("dim", 1L)));
            }),

        ["a product with a sum"] = () => Sequences(
            new() { ["a"] = nn.Linear(6, 8), ["b"] = nn.Linear(6, 8), ["v"] = nn.Linear(6, 3), ["head"] = nn.Linear(3, 4) },
            (m, x) =>
            {
                var scores = ones(1) + m["a"].call(x).bmm(m["b"].call(x).transpose(1, 2));
                return m["head"].call(scores.softmax(-1).bmm(m["v"].call(x)));
            },
            (m, link, x) =>
            {
                var ones = link.Op("ones", [], ("size", new long[] { 1 }));
                var scores = link.Op("add", [ones, link.Op("bmm", [link.Layer(m["a"], x), link.Transpose(link.Layer(m["b"], x), 1, 2)])]);
                return link.Layer(m["head"], link.Op("bmm", [link.Softmax(scores), link.Layer(m["v"], x)]));
            }),
    };

    private static OperationNet Images(Dictionary<string, object> modules, Func<OperationNet, Tensor, Tensor> compute, Func<OperationNet, Linker, AxisTensor, AxisTensor> link) => new(
        Image,
        modules,
        (m, x) => compute(m, x).mean([2, 3]),
        (m, linker, x) => linker.Op("mean", link(m, linker, x), ("dimensions", new long[] { 2, 3 })));

    private static OperationNet Sequences(Dictionary<string, object> modules, Func<OperationNet, Tensor, Tensor> compute, Func<OperationNet, Linker, AxisTensor, AxisTensor> link) =>
        new(Sequence, modules, compute, link);
}
