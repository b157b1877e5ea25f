using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Attention as people write it by hand.</summary>
internal static class AttentionCases
{
    private static readonly long[] Sequence = [2, 5, 6];

    public static Dictionary<string, Func<OperationNet>> All { get; } = new()
    {
        ["separate projections, heads by a number"] = () => new OperationNet(
            Sequence,
            new() { ["q"] = nn.Linear(6, 12), ["k"] = nn.Linear(6, 12), ["v"] = nn.Linear(6, 12), ["o"] = nn.Linear(12, 4) },
            (m, x) =>
            {
                Tensor Heads(string name)
                {
                    var y = m[name].call(x);
                    return y.view(x.shape[0], x.shape[1], 3, -1).transpose(1, 2);
                }

                var y = nn.functional.softmax(Heads("q").matmul(Heads("k").transpose(-2, -1)) / Math.Sqrt(4), -1).matmul(Heads("v"));
                return m["o"].call(y.transpose(1, 2).contiguous().view(x.shape[0], x.shape[1], -1));
            },
            (m, link, x) =>
            {
                AxisTensor Heads(string name) => link.Transpose(link.View(link.Layer(m[name], x), x.Size(0), x.Size(1), 3, -1), 1, 2);
                var (q, k, v) = (Heads("q"), Heads("k"), Heads("v"));
                var y = link.MatMul(link.Softmax(link.Op("div", link.MatMul(q, link.Transpose(k, -2, -1)))), v);
                return link.Layer(m["o"], link.View(link.Op("contiguous", link.Transpose(y, 1, 2)), x.Size(0), x.Size(1), -1));
            }),

        ["fused projection, chunked; head width by a number, so that heads are pruned"] = () => new OperationNet(
            Sequence,
            new() { ["qkv"] = nn.Linear(6, 36), ["o"] = nn.Linear(12, 4) },
            (m, x) =>
            {
                var parts = m["qkv"].call(x).chunk(3, -1).Select(part => part.view(x.shape[0], x.shape[1], -1, 4).transpose(1, 2)).ToArray();
                var y = nn.functional.softmax(parts[0].matmul(parts[1].transpose(-2, -1)) * 0.5, -1).matmul(parts[2]);
                return m["o"].call(y.transpose(1, 2).flatten(2));
            },
            (m, link, x) =>
            {
                var parts = link.Ops("chunk", link.Layer(m["qkv"], x), ("chunks", 3L), ("dim", -1L)).Select(part => link.Transpose(link.View(part, x.Size(0), x.Size(1), -1, 4), 1, 2)).ToArray();
                var y = link.MatMul(link.Softmax(link.Op("mul", link.MatMul(parts[0], link.Transpose(parts[1], -2, -1)))), parts[2]);
                return link.Layer(m["o"], link.Op("flatten", link.Transpose(y, 1, 2), ("start_dim", 2L)));
            }),

        ["fused projection, viewed, permuted and taken apart by number"] = () => new OperationNet(
            Sequence,
            new() { ["qkv"] = nn.Linear(6, 36), ["o"] = nn.Linear(12, 4) },
            (m, x) =>
            {
                var y = m["qkv"].call(x);
                var parts = y.view(x.shape[0], x.shape[1], 3, 3, y.shape[2] / 9).permute(2, 0, 3, 1, 4);
                var (q, k, v) = (parts[0], parts[1], parts[2]);
                var z = nn.functional.softmax(q.matmul(k.transpose(-2, -1)), -1).matmul(v);
                return m["o"].call(z.permute(0, 2, 1, 3).reshape(x.shape[0], x.shape[1], -1));
            },
            (m, link, x) =>
            {
                var y = link.Layer(m["qkv"], x);
                var parts = link.Permute(link.View(y, x.Size(0), x.Size(1), 3, 3, y.Size(2) / 9), 2, 0, 3, 1, 4);
                AxisTensor Part(long i) => link.Index(parts, AxisSlice.At(i));
                var z = link.MatMul(link.Softmax(link.MatMul(Part(0), link.Transpose(Part(1), -2, -1))), Part(2));
                return link.Layer(m["o"], link.Op("reshape", link.Permute(z, 0, 2, 1, 3), ("shape", link.Sizes(x.Size(0), x.Size(1), -1))));
            }),

        ["grouped queries: keys and values repeated"] = () => new OperationNet(
            Sequence,
            new() { ["q"] = nn.Linear(6, 24), ["k"] = nn.Linear(6, 12), ["v"] = nn.Linear(6, 12), ["o"] = nn.Linear(24, 4) },
            (m, x) =>
            {
                Tensor Heads(string name) => m[name].call(x).view(x.shape[0], x.shape[1], -1, 4).transpose(1, 2);
                var (k, v) = (Heads("k").repeat_interleave(2, 1), Heads("v").repeat_interleave(2, 1));
                var y = nn.functional.softmax(Heads("q").matmul(k.transpose(-2, -1)) / 2, -1).matmul(v);
                return m["o"].call(y.transpose(1, 2).flatten(2));
            },
            (m, link, x) =>
            {
                AxisTensor Heads(string name) => link.Transpose(link.View(link.Layer(m[name], x), x.Size(0), x.Size(1), -1, 4), 1, 2);
                AxisTensor Twice(AxisTensor y) => link.Op("repeat_interleave", y, ("repeats", 2L), ("dim", 1L));
                var (k, v) = (Twice(Heads("k")), Twice(Heads("v")));
                var y = link.MatMul(link.Softmax(link.Op("div", link.MatMul(Heads("q"), link.Transpose(k, -2, -1)))), v);
                return link.Layer(m["o"], link.Op("flatten", link.Transpose(y, 1, 2), ("start_dim", 2L)));
            }),

        ["grouped queries: keys and values expanded, head width live"] = () => new OperationNet(
            Sequence,
            new() { ["q"] = nn.Linear(6, 24), ["k"] = nn.Linear(6, 12), ["v"] = nn.Linear(6, 12), ["o"] = nn.Linear(24, 4) },
            (m, x) =>
            {
                Tensor Heads(string name, long count) => m[name].call(x).view(x.shape[0], x.shape[1], count, -1).transpose(1, 2);
                Tensor Twice(Tensor y) => y.unsqueeze(2).expand(-1, -1, 2, -1, -1).reshape(y.shape[0], 6, y.shape[2], y.shape[3]);
                var (k, v) = (Twice(Heads("k", 3)), Twice(Heads("v", 3)));
                var y = nn.functional.softmax(Heads("q", 6).matmul(k.transpose(-2, -1)) / 2, -1).matmul(v);
                return m["o"].call(y.transpose(1, 2).flatten(2));
            },
            (m, link, x) =>
            {
                AxisTensor Heads(string name, long count) => link.Transpose(link.View(link.Layer(m[name], x), x.Size(0), x.Size(1), count, -1), 1, 2);
                AxisTensor Twice(AxisTensor y) => link.Op("reshape", link.Op("expand", link.Op("unsqueeze", y, ("dim", 2L)), ("sizes", new long[] { -1, -1, 2, -1, -1 })), ("shape", link.Sizes(y.Size(0), 6, y.Size(2), y.Size(3))));
                var (k, v) = (Twice(Heads("k", 3)), Twice(Heads("v", 3)));
                var y = link.MatMul(link.Softmax(link.Op("div", link.MatMul(Heads("q", 6), link.Transpose(k, -2, -1)))), v);
                return link.Layer(m["o"], link.Op("flatten", link.Transpose(y, 1, 2), ("start_dim", 2L)));
            }),

        ["fused projection, ranges; widths of the residual stream"] = () => new OperationNet(
            Sequence,
            new() { ["in"] = nn.Linear(6, 12), ["qkv"] = nn.Linear(12, 36), ["o"] = nn.Linear(12, 12), ["head"] = nn.Linear(12, 4) },
            (m, x) =>
            {
                x = m["in"].call(x);
                var (b, t, c) = (x.shape[0], x.shape[1], x.shape[2]);
                var y = m["qkv"].call(x);
                Tensor Heads(Tensor z) => z.view(b, t, 3, c / 3).transpose(1, 2);
                var q = Heads(y[.., .., ..(int)c]);
                var k = Heads(y[.., .., (int)c..(int)(2 * c)]);
                var v = Heads(y[.., .., (int)(2 * c)..]);
                var z = nn.functional.softmax(q.matmul(k.transpose(-2, -1)), -1).matmul(v).transpose(1, 2).reshape(b, t, c);
                return m["head"].call(x + m["o"].call(z));
            },
            (m, link, x) =>
            {
                x = link.Layer(m["in"], x);
                var (b, t, c) = (x.Size(0), x.Size(1), x.Size(2));
                var y = link.Layer(m["qkv"], x);
                AxisTensor Heads(AxisTensor z) => link.Transpose(link.View(z, b, t, 3, c / 3), 1, 2);
                var q = Heads(link.Index(y, AxisSlice.All, AxisSlice.All, AxisSlice.Range(null, c)));
                var k = Heads(link.Index(y, AxisSlice.All, AxisSlice.All, AxisSlice.Range(c, 2 * c)));
                var v = Heads(link.Index(y, AxisSlice.All, AxisSlice.All, AxisSlice.Range(2 * c, null)));
                var z = link.Op("reshape", link.Transpose(link.MatMul(link.Softmax(link.MatMul(q, link.Transpose(k, -2, -1))), v), 1, 2), ("shape", link.Sizes(b, t, c)));
                return link.Layer(m["head"], link.Op("add", [x, link.Layer(m["o"], z)]));
            }),

        ["rotary embedding: halves turned, tables of angles"] = () => new OperationNet(
            Sequence,
            new() { ["q"] = nn.Linear(6, 12), ["k"] = nn.Linear(6, 12), ["v"] = nn.Linear(6, 12), ["o"] = nn.Linear(12, 4), ["cos"] = randn(5, 4), ["sin"] = randn(5, 4) },
            (m, x) =>
            {
                Tensor Heads(string name) => m[name].call(x).view(x.shape[0], x.shape[1], 3, -1).transpose(1, 2);
                Tensor Turn(Tensor y)
                {
                    var half = (int)(y.shape[3] / 2);
                    var turned = cat([-y[.., .., .., half..], y[.., .., .., ..half]], -1);
                    return (y * m.Tensor("cos")) + (turned * m.Tensor("sin"));
                }

                var z = nn.functional.softmax(Turn(Heads("q")).matmul(Turn(Heads("k")).transpose(-2, -1)), -1).matmul(Heads("v"));
                return m["o"].call(z.transpose(1, 2).flatten(2));
            },
            (m, link, x) =>
            {
                AxisTensor Heads(string name) => link.Transpose(link.View(link.Layer(m[name], x), x.Size(0), x.Size(1), 3, -1), 1, 2);
                AxisTensor Turn(AxisTensor y)
                {
                    var half = y.Size(3) / 2;
                    var second = link.Op("neg", link.Index(y, AxisSlice.All, AxisSlice.All, AxisSlice.All, AxisSlice.Range(half, null)));
                    var turned = link.Op("cat", [second, link.Index(y, AxisSlice.All, AxisSlice.All, AxisSlice.All, AxisSlice.Range(null, half))], ("dim", -1L));
                    return link.Op("add", [link.Op("mul", [y, link.Parameter(m, "cos")]), link.Op("mul", [turned, link.Parameter(m, "sin")])]);
                }

                var z = link.MatMul(link.Softmax(link.MatMul(Turn(Heads("q")), link.Transpose(Turn(Heads("k")), -2, -1))), Heads("v"));
                return link.Layer(m["o"], link.Op("flatten", link.Transpose(z, 1, 2), ("start_dim", 2L)));
            }),

        ["einsum of heads"] = () => new OperationNet(
            Sequence,
            new() { ["q"] = nn.Linear(6, 12), ["k"] = nn.Linear(6, 12), ["v"] = nn.Linear(6, 12), ["o"] = nn.Linear(12, 4) },
            (m, x) =>
            {
                Tensor Heads(string name) => m[name].call(x).view(x.shape[0], x.shape[1], 3, -1);
                var scores = nn.functional.softmax(einsum("bqhd,bkhd->bhqk", Heads("q"), Heads("k")), -1);
                return m["o"].call(einsum("bhqk,bkhd->bqhd", scores, Heads("v")).flatten(2));
            },
            (m, link, x) =>
            {
                AxisTensor Heads(string name) => link.View(link.Layer(m[name], x), x.Size(0), x.Size(1), 3, -1);
                var scores = link.Softmax(link.Op("einsum", [Heads("q"), Heads("k")], ("equation", "bqhd,bkhd->bhqk")));
                return link.Layer(m["o"], link.Op("flatten", link.Op("einsum", [scores, Heads("v")], ("equation", "bhqk,bkhd->bqhd")), ("start_dim", 2L)));
            }),
    };
}
