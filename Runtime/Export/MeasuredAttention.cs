using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How a native attention layer is set up, which TorchSharp does not tell. It is measured: for each number of heads that divides the width, and each
/// function between the linear layers, what the layer would give is computed and compared with what it gives.
/// </summary>
internal static class MeasuredAttention
{
    private const int Times = 5;
    private const int Batch = 2;

    /// <summary>What rounding may make of the difference, relative to the largest number.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>The number of heads; null where none gives what the layer gives.</summary>
    public static long? HeadsOf(MultiheadAttention layer)
    {
        var width = layer.get_parameter("out_proj.weight")!.size(0);
        long Inputs(string own) => layer.has_parameter(own) ? layer.get_parameter(own)!.size(1) : width;
        return Measure(
            layer,
            [width, Inputs("k_proj_weight"), Inputs("v_proj_weight")],
            width,
            [false],
            x => layer.forward(x[0], x[1], x[2], null!, false, null!).Item1,
            (x, heads, _) => Attend(layer, "", x[0], x[1], x[2], heads))?.Heads;
    }

    /// <summary>The number of heads of an encoder's layers, and whether they have gelu; null where none gives what it gives.</summary>
    public static (long Heads, bool Gelu)? EncoderOf(nn.Module layer, string[] prefixes)
    {
        var width = layer.get_parameter(prefixes[0] + "linear2.weight")!.size(0);
        return Measure(
            layer,
            [width],
            width,
            [false, true],
            x => layer is TransformerEncoder encoder ? encoder.forward(x[0], null!, null!) : ((TransformerEncoderLayer)layer).forward(x[0]),
            (x, heads, gelu) => prefixes.Aggregate(x[0], (all, prefix) =>
            {
                all = Norm(layer, prefix + "norm1", all + Attend(layer, prefix + "self_attn.", all, all, all, heads));
                return Norm(layer, prefix + "norm2", all + FeedForward(layer, prefix, all, gelu));
            }));
    }

    /// <summary>The same of a decoder.</summary>
    public static (long Heads, bool Gelu)? DecoderOf(nn.Module layer, string[] prefixes)
    {
        var width = layer.get_parameter(prefixes[0] + "linear2.weight")!.size(0);
        return Measure(
            layer,
            [width, width],
            width,
            [false, true],
            x => layer is TransformerDecoder decoder
                ? decoder.forward(x[0], x[1], null!, null!, null!, null!)
                : ((TransformerDecoderLayer)layer).forward(x[0], x[1], null!, null!, null!, null!),
            (x, heads, gelu) => prefixes.Aggregate(x[0], (all, prefix) =>
            {
                all = Norm(layer, prefix + "norm1", all + Attend(layer, prefix + "self_attn.", all, all, all, heads));
                all = Norm(layer, prefix + "norm2", all + Attend(layer, prefix + "multihead_attn.", all, x[1], x[1], heads));
                return Norm(layer, prefix + "norm3", all + FeedForward(layer, prefix, all, gelu));
            }));
    }

    private static (long Heads, bool Gelu)? Measure(
        nn.Module layer, long[] widths, long width, bool[] functions, Func<Tensor[], Tensor> actual, Func<Tensor[], long, bool, Tensor> computed)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var random = new RandomState();
        var like = layer.parameters().First();
        var training = layer.training;
        layer.eval();
        try
        {
            manual_seed(1);
            var inputs = Array.ConvertAll(widths, features => randn(Times, Batch, features, dtype: like.dtype, device: like.device));
            var expected = actual(inputs);
            var (difference, best) = Enumerable.Range(1, (int)width).Where(heads => width % heads == 0)
                .SelectMany(heads => functions.Select(gelu => (Difference: Largest(computed(inputs, heads, gelu) - expected), (heads, gelu)))).Min();
            return difference <= Tolerance * Math.Max(1, Largest(expected)) ? best : null;
        }
        finally
        {
            layer.train(training);
        }
    }

    private static double Largest(Tensor tensor) => tensor.abs().max().to_type(ScalarType.Float64).item<double>();

    private static Tensor Attend(nn.Module layer, string prefix, Tensor query, Tensor key, Tensor value, long heads)
    {
        Tensor Heads(Tensor x, int part)
        {
            var all = layer.get_parameter(prefix + "in_proj_weight");
            var weight = all is null ? layer.get_parameter($"{prefix}{"qkv"[part]}_proj_weight")! : all.chunk(3)[part];
            var bias = layer.get_parameter(prefix + "in_proj_bias")?.chunk(3)[part];
            return nn.functional.linear(x, weight, bias!).reshape(x.size(0), x.size(1), heads, -1).permute(1, 2, 0, 3);
        }

        var found = nn.functional.scaled_dot_product_attention(Heads(query, 0), Heads(key, 1), Heads(value, 2)).permute(2, 0, 1, 3);
        return Linear(layer, prefix + "out_proj", found.reshape(query.size(0), query.size(1), -1));
    }

    private static Tensor FeedForward(nn.Module layer, string prefix, Tensor x, bool gelu)
    {
        var hidden = Linear(layer, prefix + "linear1", x);
        return Linear(layer, prefix + "linear2", gelu ? nn.functional.gelu(hidden) : hidden.relu());
    }

    private static Tensor Linear(nn.Module layer, string name, Tensor x) =>
        nn.functional.linear(x, layer.get_parameter(name + ".weight")!, layer.get_parameter(name + ".bias")!);

    private static Tensor Norm(nn.Module layer, string name, Tensor x) => nn.functional.layer_norm(
        x, [x.size(-1)], layer.get_parameter(name + ".weight")!, layer.get_parameter(name + ".bias")!);
}
