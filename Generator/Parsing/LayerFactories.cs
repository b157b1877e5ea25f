using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What the factories of <c>torch.nn</c> say about the layers that they create: settings, and shapes of parameters.</summary>
internal static class LayerFactories
{
    /// <summary>Describes a layer of a class that comes with TorchSharp.</summary>
    /// <param name="type">The class.</param>
    /// <param name="path">The layer's path in the model.</param>
    /// <param name="call">The factory's call, or null where the layer is created out of sight.</param>
    public static LayerNode Describe(string type, string path, IInvocationOperation? call)
    {
        var settings = call is null ? [] : Settings(call);
        var parameters = type switch
        {
            "Conv1d" or "Conv2d" or "Conv3d" => Convolution(settings, spatial: type[4] - '0'),
            "ConvTranspose1d" or "ConvTranspose2d" or "ConvTranspose3d" => Convolution(settings, spatial: type[13] - '0', transposed: true),
            "Linear" => Linear(settings),
            "Embedding" or "EmbeddingBag" => [Shape("weight", Number(settings, "num_embeddings"), Number(settings, "embedding_dims"))],
            "BatchNorm1d" or "BatchNorm2d" or "BatchNorm3d" or "InstanceNorm1d" or "InstanceNorm2d" or "InstanceNorm3d" => Norm(settings),
            "LayerNorm" => LayerNorm(settings),
            "GroupNorm" => Affine(settings, "affine", Number(settings, "num_channels")),
            "PReLU" => [Shape("weight", Number(settings, "num_parameters"))],
            "LSTM" => Recurrent(settings, gates: 4),
            "GRU" => Recurrent(settings, gates: 3),
            "RNN" => Recurrent(settings, gates: 1),
            "LSTMCell" => Step(settings, "", Number(settings, "input_size"), gates: 4),
            "GRUCell" => Step(settings, "", Number(settings, "input_size"), gates: 3),
            "RNNCell" => Step(settings, "", Number(settings, "input_size"), gates: 1),
            "MultiheadAttention" => Attention(settings, "", Number(settings, "embedded_dim")),
            "TransformerEncoderLayer" => Transformer(settings, decoder: false),
            "TransformerDecoderLayer" => Transformer(settings, decoder: true),
            _ => [],
        };
        var complete = call is not null && LayerTable.Knows(type) && settings.Values.All(value => value.IsTold);
        return new LayerNode(
            path,
            LayerKind.Layer,
            type,
            complete,
            settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new NamedArgument(s.Key, s.Value)).ToEquatable(),
            parameters.ToEquatable(),
            []);
    }

    private static IEnumerable<ParameterShape> Convolution(Dictionary<string, Argument> settings, int spatial, bool transposed = false)
    {
        // The overloads that take tuples leave these null for what the others spell out.
        foreach (var (name, value) in new[] { ("stride", 1L), ("padding", 0L), ("dilation", 1L), ("output_padding", 0L) })
        {
            if (settings.TryGetValue(name, out var given) && given is NullArgument)
            {
                settings[name] = new NumberArgument(value);
            }
        }

        var (inputs, outputs, groups) = (Number(settings, "in_channels"), Number(settings, "out_channels"), Number(settings, "groups"));
        var kernel = settings.TryGetValue("kernel_size", out var size)
            ? Enumerable.Range(0, spatial)
                .Select(
                    i => size is ListArgument list ? i < list.Items.Count ? (list.Items[i] as NumberArgument)?.Value : null : (size as NumberArgument)?.Value)
            : Enumerable.Repeat((long?)null, spatial);
        yield return transposed
            ? Shape("weight", [inputs, groups > 0 ? outputs / groups : null, .. kernel])
            : Shape("weight", [outputs, groups > 0 ? inputs / groups : null, .. kernel]);
        if (!IsFalse(settings, "bias"))
        {
            yield return Shape("bias", outputs);
        }
    }

    private static IEnumerable<ParameterShape> Linear(Dictionary<string, Argument> settings)
    {
        // Or from parameters that exist already; then their names are weight and bias.
        var (inputs, outputs) = (Number(settings, "input_size"), Number(settings, "output_size"));
        yield return Shape("weight", outputs, inputs);
        if (!IsFalse(settings, "has_bias") && !(settings.TryGetValue("bias", out var bias) && bias is NullArgument))
        {
            yield return Shape("bias", outputs);
        }
    }

    private static IEnumerable<ParameterShape> Norm(Dictionary<string, Argument> settings)
    {
        var features = Number(settings, "num_features");
        var names = (IsFalse(settings, "affine") ? [] : new[] { "weight", "bias" })
            .Concat(IsFalse(settings, "track_running_stats") ? [] : ["running_mean", "running_var"]);
        return names.Select(name => Shape(name, features));
    }

    private static IEnumerable<ParameterShape> LayerNorm(Dictionary<string, Argument> settings)
    {
        var sizes = settings.TryGetValue("normalized_shape", out var shape)
            ? shape is ListArgument list ? list.Items.Select(item => (item as NumberArgument)?.Value).ToArray() : [(shape as NumberArgument)?.Value]
            : null;
        return sizes is null ? [] : Affine(settings, "elementwise_affine", sizes);
    }

    private static IEnumerable<ParameterShape> Affine(Dictionary<string, Argument> settings, string flag, params long?[] sizes) =>
        IsFalse(settings, flag) ? [] : IsFalse(settings, "bias") ? [Shape("weight", sizes)] : [Shape("weight", sizes), Shape("bias", sizes)];

    /// <summary>One weight and bias a layer and direction; none where the number of layers is not told.</summary>
    private static IEnumerable<ParameterShape> Recurrent(Dictionary<string, Argument> settings, int gates)
    {
        var hidden = Number(settings, "hidden_size");
        var both = settings.TryGetValue("bidirectional", out var value) ? (value as FlagArgument)?.Value : null;
        for (var layer = 0; both is not null && layer < Number(settings, "num_layers"); layer++)
        {
            var inputs = layer == 0 ? Number(settings, "input_size") : hidden * (both.Value ? 2 : 1);
            foreach (var shape in new[] { "", "_reverse" }.Take(both.Value ? 2 : 1)
                .SelectMany(direction => Step(settings, $"_l{layer}{direction}", inputs, gates)))
            {
                yield return shape;
            }
        }
    }

    private static IEnumerable<ParameterShape> Step(Dictionary<string, Argument> settings, string suffix, long? inputs, int gates)
    {
        var hidden = Number(settings, "hidden_size");
        var weights = new[] { Shape("weight_ih" + suffix, gates * hidden, inputs), Shape("weight_hh" + suffix, gates * hidden, hidden) };
        return IsFalse(settings, "bias") ? weights : [.. weights, Shape("bias_ih" + suffix, gates * hidden), Shape("bias_hh" + suffix, gates * hidden)];
    }

    private static IEnumerable<ParameterShape> Attention(Dictionary<string, Argument> settings, string prefix, long? width)
    {
        ParameterShape[] inward = new[] { "kdim", "vdim" }.All(name => !settings.TryGetValue(name, out var given) || given is NullArgument)
            ? [Shape(prefix + "in_proj_weight", 3 * width, width)]
            : [
                Shape(prefix + "q_proj_weight", width, width),
                Shape(prefix + "k_proj_weight", width, Number(settings, "kdim") ?? width),
                Shape(prefix + "v_proj_weight", width, Number(settings, "vdim") ?? width)];
        return IsFalse(settings, "bias")
            ? [.. inward, Shape(prefix + "out_proj.weight", width, width)]
            : [.. inward, Shape(prefix + "in_proj_bias", 3 * width), Shape(prefix + "out_proj.weight", width, width), Shape(prefix + "out_proj.bias", width)];
    }

    private static IEnumerable<ParameterShape> Transformer(Dictionary<string, Argument> settings, bool decoder)
    {
        var (width, hidden) = (Number(settings, "d_model"), Number(settings, "dim_feedforward"));
        return Attention(settings, "self_attn.", width)
            .Concat(decoder ? Attention(settings, "multihead_attn.", width) : [])
            .Concat(
                [Shape("linear1.weight", hidden, width), Shape("linear1.bias", hidden), Shape("linear2.weight", width, hidden), Shape("linear2.bias", width)])
            .Concat(
                new[] { "norm1", "norm2", "norm3" }.Take(decoder ? 3 : 2)
                    .SelectMany(norm => new[] { Shape(norm + ".weight", width), Shape(norm + ".bias", width) }));
    }

    private static Dictionary<string, Argument> Settings(IInvocationOperation call)
    {
        var settings = new Dictionary<string, Argument>(StringComparer.Ordinal);
        foreach (var argument in call.Arguments.Where(argument => argument.Parameter is not null && MayDecide(argument.Parameter.Type)))
        {
            settings[SnakeCase(argument.Parameter!.Name)] = Constants.Read(argument.Value);
        }

        return settings;
    }

    /// <summary>Probabilities, devices and element types decide nothing about dimensions.</summary>
    private static bool MayDecide(ITypeSymbol type) =>
        type is not INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? type.SpecialType is not (SpecialType.System_Double or SpecialType.System_Single)
                && type.Name is not ("Device" or "PaddingModes" or "NonLinearities" or "Activations" or "UpsampleMode" or "Reduction")
            : MayDecide(nullable.TypeArguments[0]) && nullable.TypeArguments[0].Name != "ScalarType";

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            text.Append(char.IsUpper(letter) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    private static long? Number(Dictionary<string, Argument> settings, string name) =>
        settings.TryGetValue(name, out var value) ? (value as NumberArgument)?.Value : null;

    private static bool IsFalse(Dictionary<string, Argument> settings, string name) =>
        settings.TryGetValue(name, out var value) && value is FlagArgument { Value: false };

    private static ParameterShape Shape(string name, params long?[] sizes) =>
        new(name, sizes.Select(size => size ?? LayerSpec.Unknown).ToEquatable());
}
