using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The attention layers that come with TorchSharp, as the operations that they are made of. Time comes first in all of them.</summary>
internal static class AttentionWriters
{
    public static void DefineLayers(LayerList list)
    {
        list.AddSeveral<MultiheadAttention>(Multihead);
        list.Add<TransformerEncoderLayer>((s, layer) => Encode(s, layer, [""]));
        list.Add<TransformerEncoder>((s, layer) => Encode(s, layer, Layers(layer)));
        list.Add<TransformerDecoderLayer>((s, layer) => Decode(s, layer, [""]));
        list.Add<TransformerDecoder>((s, layer) => Decode(s, layer, Layers(layer)));
    }

    private static string[] Layers(nn.Module layer) =>
        [.. Enumerable.Range(0, layer.named_parameters().Count()).Select(i => FormattableString.Invariant($"layers.{i}.")).TakeWhile(prefix =>
            layer.named_parameters().Any(entry => entry.name.StartsWith(prefix, StringComparison.Ordinal)))];

    private static OnnxValue[] Multihead(OnnxStep step, MultiheadAttention layer)
    {
        step.Ignore("need_weights");
        var heads = MeasuredAttention.HeadsOf(layer) ?? throw Unmeasured(step);
        var (query, key, value) = (step.Tensor(0), step.Tensor(1), step.Tensor(2));
        return Attend(step, "", heads, query, key, value, step.Optional(4), step.Optional(3)) is var (result, weights)
            ? [result, step.Reduce("ReduceMean", weights, [1], keep: false)] : [];
    }

    private static OnnxValue Encode(OnnxStep step, nn.Module layer, string[] prefixes)
    {
        var (heads, gelu) = MeasuredAttention.EncoderOf(layer, prefixes) ?? throw Unmeasured(step);
        var (mask, padding) = (step.Optional(1), step.Optional(2));
        return prefixes.Aggregate(step.Input, (x, prefix) =>
        {
            x = Norm(step, prefix + "norm1", step.Join("Add", x, Attend(step, prefix + "self_attn.", heads, x, x, x, mask, padding).Result));
            return Norm(step, prefix + "norm2", step.Join("Add", x, FeedForward(step, prefix, x, gelu)));
        });
    }

    private static OnnxValue Decode(OnnxStep step, nn.Module layer, string[] prefixes)
    {
        var (heads, gelu) = MeasuredAttention.DecoderOf(layer, prefixes) ?? throw Unmeasured(step);
        var (memory, mask, memoryMask, padding, memoryPadding) = (step.Tensor(1), step.Optional(2), step.Optional(3), step.Optional(4), step.Optional(5));
        return prefixes.Aggregate(step.Input, (x, prefix) =>
        {
            x = Norm(step, prefix + "norm1", step.Join("Add", x, Attend(step, prefix + "self_attn.", heads, x, x, x, mask, padding).Result));
            var read = Attend(step, prefix + "multihead_attn.", heads, x, memory, memory, memoryMask, memoryPadding).Result;
            x = Norm(step, prefix + "norm2", step.Join("Add", x, read));
            return Norm(step, prefix + "norm3", step.Join("Add", x, FeedForward(step, prefix, x, gelu)));
        });
    }

    private static OnnxExportException Unmeasured(OnnxStep step) => step.Refusal(
        "TorchSharp does not tell how it is set up, and no number of heads gives what it gives: it has a learned key, or another function than relu and gelu");

    private static OnnxValue Norm(OnnxStep step, string name, OnnxValue x) =>
        NormWriters.Normalised(step, x, 1, step.Parameter(name + ".weight"), step.Parameter(name + ".bias"), 1e-5);

    private static OnnxValue FeedForward(OnnxStep step, string prefix, OnnxValue x, bool gelu)
    {
        var hidden = Linear(step, x, prefix + "linear1");
        return Linear(step, gelu ? ActivationWriters.Gelu(step, hidden, GELU.Approximate.none) : step.Map("Relu", hidden), prefix + "linear2");
    }

    private static OnnxValue Linear(OnnxStep step, OnnxValue x, string name)
    {
        var product = step.MatMul(x, step.Parameter(name + ".weight", channels: 1, step.Turn)!);
        return step.Parameter(name + ".bias") is { } bias ? step.Join("Add", product, bias) : product;
    }

    private static (OnnxValue Result, OnnxValue Weights) Attend(
        OnnxStep step, string prefix, long heads, OnnxValue query, OnnxValue key, OnnxValue value, OnnxValue? mask, OnnxValue? padding)
    {
        if (query.Rank != 3 || key.Rank != 3)
        {
            throw step.Refusal("it is called without a batch, and with one it is written");
        }

        var (q, k, v) = (Project(step, prefix, 0, query), Project(step, prefix, 1, key), Project(step, prefix, 2, value));
        var width = q.Dims[2].Value;
        OnnxValue Heads(OnnxValue x) =>
            step.Transpose(step.Reshape(x, x.Dims[0], x.Dims[1], step.Graph.Size(heads), step.Graph.Size(width / heads)), 1, 2, 0, 3);
        var masks = new List<OnnxValue>();
        if (mask is not null)
        {
            // One for all, or one for each head of each sample.
            var wide = mask.Rank == 3 ? step.Reshape(mask, q.Dims[1], step.Graph.Size(heads), mask.Dims[1], mask.Dims[2]) : mask;
            masks.Add(Seen(step, wide));
        }

        if (padding is not null)
        {
            masks.Add(Seen(step, step.Unsqueeze(padding, 1, 2)));
        }

        var (result, weights) = ProductWriters.Attend(step, Heads(q), Heads(k), Heads(v), masks, 1 / Math.Sqrt(width / (double)heads));
        var joined = step.Reshape(step.Transpose(result, 2, 0, 1, 3), q.Dims);
        return (Linear(step, joined, prefix + "out_proj"), weights);
    }

    /// <summary>A mask of yes and no says here what is hidden.</summary>
    private static OnnxValue Seen(OnnxStep step, OnnxValue mask) => mask.Type == ScalarType.Bool ? step.Map("Not", mask) : mask;

    /// <summary>Queries, keys or values: a third of one matrix, or a matrix of their own.</summary>
    private static OnnxValue Project(OnnxStep step, string prefix, int part, OnnxValue x)
    {
        OnnxValue Third(OnnxValue all) => step.Graph.Constant(all.Constant!.chunk(3)[part]);
        var own = $"{prefix}{"qkv"[part]}_proj_weight";
        var weight = step.Step.Module!.has_parameter(prefix + "in_proj_weight")
            ? step.Parameter(prefix + "in_proj_weight", channels: 1, all => step.Turn(Third(all)))!
            : step.Parameter(own, channels: 1, step.Turn)!;
        var product = step.MatMul(x, weight);
        return step.Step.Module.has_parameter(prefix + "in_proj_bias")
            ? step.Join("Add", product, step.Parameter(prefix + "in_proj_bias", 0, Third)!)
            : product;
    }
}
