using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class AttentionTests
{
    private const double Nothing = double.NegativeInfinity;

    /// <summary>softmax(q·kᵀ / √E + mask)·v of matrices, with the weights.</summary>
    private static (Tensor result, Tensor weights) Attend(Tensor q, Tensor k, Tensor v, Tensor? mask = null)
    {
        var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(q.size((int)q.ndim - 1));
        if (mask is not null) scores = scores + mask;
        var exponentials = (scores - scores.amax([-1], keepdim: true)).exp();
        var weights = exponentials / exponentials.sum(-1, keepdim: true);
        return (weights.matmul(v), weights);
    }

    /// <summary>What lies above the diagonal is −∞, the rest 0.</summary>
    private static Tensor Causal(long size)
    {
        var mask = zeros(size, size, dtype: float64);
        for (var row = 0L; row < size; row++)
            for (var column = row + 1; column < size; column++) mask[row, column] = Nothing;
        return mask;
    }

    [Fact]
    public void Scaled_dot_product_follows_the_formula()
    {
        var (q, k, v) = (Near.Random(1, 2, 3, 4, 8), Near.Random(2, 2, 3, 5, 8), Near.Random(3, 2, 3, 5, 6));
        var mask = Near.Random(4, 4, 5);
        Near.Equal(Attend(q, k, v).result, functional.scaled_dot_product_attention(q, k, v));
        Near.Equal(Attend(q, k, v, mask).result, functional.scaled_dot_product_attention(q, k, v, mask));
        var taking = mask > -0.5;
        taking[TensorIndex.Ellipsis, 0] = true; // every query takes something
        Near.Equal(
            Attend(q, k, v, where(taking, 0.0, Nothing)).result,
            functional.scaled_dot_product_attention(q, k, v, taking));
        Near.Equal(Attend(q, k.narrow(2, 0, 4), v.narrow(2, 0, 4), Causal(4)).result, functional.scaled_dot_product_attention(q, k.narrow(2, 0, 4), v.narrow(2, 0, 4), is_casual: true));
        Gradients.AssertMatchDifferences(x => Near.Form(functional.scaled_dot_product_attention(x, k, v)), q, tolerance: 1e-5);
    }

    [Fact]
    public void Scaled_dot_product_drops_and_refuses()
    {
        manual_seed(1);
        var (q, k, v) = (randn(1, 4, 8), randn(1, 5, 8), randn(1, 5, 8));
        Assert.NotEqual(Near.Values(functional.scaled_dot_product_attention(q, k, v, p: 0.5)), Near.Values(functional.scaled_dot_product_attention(q, k, v)));
        Assert.Throws<ArgumentException>(() => functional.scaled_dot_product_attention(q, k, v, p: -0.1));
        Assert.Throws<ArgumentException>(() => functional.scaled_dot_product_attention(q, k, v, zeros(4, 5), is_casual: true));
    }

    private static Tensor Parameter(Module module, string name) => module.get_parameter(name)!;

    /// <summary>Multi-head attention head by head, in double precision; sequences are (time, batch, features).</summary>
    private static (Tensor result, Tensor weights) Reference(Module module, string prefix, long heads, Tensor query, Tensor key, Tensor value, Tensor? mask = null, Tensor? padding = null)
    {
        var embedding = query.size(2);
        var (weight, bias) = (Parameter(module, prefix + "in_proj_weight"), Parameter(module, prefix + "in_proj_bias"));
        Tensor Project(Tensor x, long part) => x.matmul(weight.narrow(0, part * embedding, embedding).t()) + bias.narrow(0, part * embedding, embedding);
        var (q, k, v) = (Project(query, 0), Project(key, 1), Project(value, 2));

        var size = embedding / heads;
        var batches = new List<Tensor>();
        var batchWeights = new List<Tensor>();
        for (var n = 0; n < query.size(1); n++)
        {
            var results = new List<Tensor>();
            var weights = new List<Tensor>();
            var blocked = padding is null ? null : where(padding[n], Nothing, 0.0);
            for (var h = 0L; h < heads; h++)
            {
                Tensor Head(Tensor x) => x.select(1, n).narrow(1, h * size, size);
                var total = mask is null ? blocked : blocked is null ? mask : mask + blocked;
                var (result, used) = Attend(Head(q), Head(k), Head(v), total);
                results.Add(result);
                weights.Add(used);
            }
            batches.Add(cat(results, 1));
            batchWeights.Add(stack(weights).mean([0]));
        }
        var output = stack(batches, 1).matmul(Parameter(module, prefix + "out_proj.weight").t()) + Parameter(module, prefix + "out_proj.bias");
        return (output, stack(batchWeights));
    }

    private static MultiheadAttention NewAttention(long embedding = 6, long heads = 2)
    {
        manual_seed(7);
        var attention = MultiheadAttention(embedding, heads);
        attention.to(float64);
        foreach (var (name, parameter) in attention.named_parameters())
            if (name.EndsWith("bias")) init.uniform_(parameter, -1, 1);
        return attention;
    }

    [Fact]
    public void MultiheadAttention_attends_head_by_head()
    {
        using var attention = NewAttention();
        var (x, memory) = (Near.Random(1, 4, 3, 6), Near.Random(2, 5, 3, 6));

        var (expected, weights) = Reference(attention, "", 2, x, x, x);
        var self = attention.call(x, x, x);
        Near.Equal(expected, self.Item1);
        Near.Equal(weights, self.Item2);

        var other = Near.Random(3, 5, 3, 6);
        (expected, weights) = Reference(attention, "", 2, x, memory, other);
        var cross = attention.call(x, memory, other);
        Near.Equal(expected, cross.Item1);
        Near.Equal(weights, cross.Item2);
    }

    [Fact]
    public void MultiheadAttention_masks()
    {
        using var attention = NewAttention();
        var x = Near.Random(1, 4, 3, 6);
        var padding = tensor(new[,] { { false, false, false, true }, { false, false, false, false }, { false, true, true, true } });
        var (expected, weights) = Reference(attention, "", 2, x, x, x, Causal(4), padding);
        var actual = attention.call(x, x, x, padding, true, Causal(4));
        Near.Equal(expected, actual.Item1);
        Near.Equal(weights, actual.Item2);

        var without = attention.call(x, x, x, need_weights: false);
        Near.Equal(Reference(attention, "", 2, x, x, x).result, without.Item1);
        Assert.True(without.Item2.IsInvalid);
    }

    [Fact]
    public void MultiheadAttention_takes_other_widths_and_adds_keys()
    {
        manual_seed(8);
        using var wide = MultiheadAttention(6, 3, kdim: 5, vdim: 5);
        Assert.Equal(["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"], wide.named_parameters().Select(named => named.name).OrderBy(name => Array.IndexOf(["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"], name)));
        Assert.Equal([4, 2, 6], wide.call(randn(4, 2, 6), randn(5, 2, 5), randn(5, 2, 5)).Item1.shape);

        using var extended = MultiheadAttention(6, 2, add_bias_kv: true, add_zero_attn: true);
        var result = extended.call(randn(4, 2, 6), randn(5, 2, 6), randn(5, 2, 6));
        Assert.Equal([2, 4, 7], result.Item2.shape); // five keys, one that is learned, one of zeros
        Near.Equal(ones(2, 4), result.Item2.sum(-1), 1e-6);
    }

    [Fact]
    public void MultiheadAttention_begins_as_PyTorch_does()
    {
        manual_seed(9);
        using var attention = MultiheadAttention(64, 4);
        Assert.Equal(["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"], attention.named_parameters().Select(named => named.name));
        Near.Equal(zeros(192), Parameter(attention, "in_proj_bias"));
        Near.Equal(zeros(64), Parameter(attention, "out_proj.bias"));
        var bound = Math.Sqrt(6.0 / (192 + 64));
        Assert.InRange(Near.Values(Parameter(attention, "in_proj_weight")).Max(), 0.98 * bound, bound);
        Assert.InRange(Near.Values(Parameter(attention, "out_proj.weight")).Max(), 0.98 / 8, 1.0 / 8);
        Assert.Throws<ExternalException>(() => MultiheadAttention(10, 3));
        Assert.Throws<ExternalException>(() => attention.call(ones(2, 1, 32), ones(2, 1, 32), ones(2, 1, 32)));
    }

    private static Tensor Norm(Module module, string name, Tensor x)
    {
        var centred = x - x.mean([-1], keepdim: true);
        return centred / (centred.pow(2).mean([-1], keepdim: true) + 1e-5).sqrt() * Parameter(module, name + ".weight") + Parameter(module, name + ".bias");
    }

    private static Tensor FeedForward(Module module, string prefix, Tensor x, Func<Tensor, Tensor> activation)
    {
        var hidden = activation(x.matmul(Parameter(module, prefix + "linear1.weight").t()) + Parameter(module, prefix + "linear1.bias"));
        return hidden.matmul(Parameter(module, prefix + "linear2.weight").t()) + Parameter(module, prefix + "linear2.bias");
    }

    private static Tensor EncoderReference(Module module, string prefix, Tensor x, Func<Tensor, Tensor> activation, Tensor? mask = null, Tensor? padding = null)
    {
        x = Norm(module, prefix + "norm1", x + Reference(module, prefix + "self_attn.", 2, x, x, x, mask, padding).result);
        return Norm(module, prefix + "norm2", x + FeedForward(module, prefix, x, activation));
    }

    [Theory, InlineData(Activations.ReLU), InlineData(Activations.GELU)]
    public void TransformerEncoderLayer_is_attention_and_a_feed_forward_network(Activations activation)
    {
        manual_seed(10);
        using var layer = TransformerEncoderLayer(6, 2, 10, dropout: 0.3, activation);
        layer.to(float64);
        layer.eval();
        Func<Tensor, Tensor> function = activation == Activations.ReLU ? a => a.relu() : functional.gelu;
        var x = Near.Random(1, 4, 3, 6);
        var padding = tensor(new[,] { { false, false, false, true }, { false, false, false, false }, { false, true, true, true } });
        Near.Equal(EncoderReference(layer, "", x, function), layer.call(x));
        Near.Equal(EncoderReference(layer, "", x, function, Causal(4)), layer.call(x, Causal(4)));
        Near.Equal(EncoderReference(layer, "", x, function, Causal(4), padding), layer.call(x, Causal(4), padding));

        layer.train();
        Assert.NotEqual(Near.Values(layer.call(x)), Near.Values(layer.call(x)));
        Assert.Equal(
            ["self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias", "linear1.weight", "linear1.bias",
             "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"],
            layer.named_parameters().Select(named => named.name));
    }

    [Fact]
    public void TransformerEncoder_is_made_of_copies()
    {
        manual_seed(11);
        using var layer = TransformerEncoderLayer(6, 2, 10, dropout: 0);
        using var encoder = TransformerEncoder(layer, 3);
        encoder.to(float64);
        var x = Near.Random(1, 4, 3, 6);
        Assert.Equal(36, encoder.parameters().Count());
        Near.Equal(Parameter(layer, "linear1.weight"), Parameter(encoder, "layers.2.linear1.weight"));

        var expected = x;
        for (var i = 0; i < 3; i++) expected = EncoderReference(encoder, $"layers.{i}.", expected, a => a.relu(), Causal(4));
        Near.Equal(expected, encoder.call(x, Causal(4)));
        Assert.NotEqual(Near.Values(expected), Near.Values(encoder.call(x)));

        // The copies are trained each by itself.
        encoder.call(x).sum().backward();
        Assert.All(encoder.parameters(), parameter => Assert.NotNull(parameter.grad));
        Assert.All(layer.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void TransformerDecoder_attends_to_the_memory_too()
    {
        manual_seed(12);
        using var layer = TransformerDecoderLayer(6, 2, 10, dropout: 0);
        using var decoder = TransformerDecoder(layer, 2);
        layer.to(float64);
        decoder.to(float64);
        var (x, memory) = (Near.Random(1, 4, 3, 6), Near.Random(2, 5, 3, 6));

        Tensor Reference1(Module module, string prefix, Tensor tgt)
        {
            var y = Norm(module, prefix + "norm1", tgt + Reference(module, prefix + "self_attn.", 2, tgt, tgt, tgt, Causal(4)).result);
            y = Norm(module, prefix + "norm2", y + Reference(module, prefix + "multihead_attn.", 2, y, memory, memory).result);
            return Norm(module, prefix + "norm3", y + FeedForward(module, prefix, y, a => a.relu()));
        }
        Near.Equal(Reference1(layer, "", x), layer.call(x, memory, Causal(4)));
        Near.Equal(Reference1(decoder, "layers.1.", Reference1(decoder, "layers.0.", x)), decoder.call(x, memory, Causal(4)));
        Assert.Equal([4, 3, 6], decoder.call(x, memory).shape);
        Assert.Equal(36, decoder.parameters().Count());
    }
}
