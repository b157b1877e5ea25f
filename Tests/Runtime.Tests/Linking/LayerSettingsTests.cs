using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// Every layer of the table, held against its factory in TorchSharp: the generator reads a setting by the factory's parameter, the
/// linker from the live layer, and the rule by the same name from both.
/// </summary>
public sealed partial class LayerSettingsTests
{
    /// <summary>Parameters that the shapes of weights tell.</summary>
    private static readonly HashSet<string> InShapes =
    [
        "in_channels", "out_channels", "bias", "input_size", "output_size", "has_bias", "num_embeddings", "embedding_dims", "num_features", "affine",
        "track_running_stats", "elementwise_affine", "num_channels", "num_parameters", "hidden_size", "num_layers", "bidirectional", "embedded_dim",
        "kdim", "vdim", "d_model", "dim_feedforward", "add_bias_kv",
    ];

    /// <summary>Parameters that decide about numbers, never about dimensions.</summary>
    private static readonly HashSet<string> OnlyNumbers =
    [
        "inplace", "count_include_pad", "divisor_override", "padding_mode", "reduction", "mode", "align_corners", "recompute_scale_factor",
        "approximate", "scale_grad_by_freq", "sparse", "include_last_offset", "padding_index", "padding_idx", "non_linearity", "num_heads", "nhead",
        "add_zero_attn", "activation", "log_input", "full", "zero_infinity", "blank", "ignore_index", "p", "swap", "log_target", "size",
    ];

    /// <summary>Settings that a layer has and its rule has no need of: the sizes of a fold's result are told.</summary>
    private static readonly HashSet<(string Type, string Setting)> NotNeeded =
    [
        ("Fold", "dilation"), ("Fold", "padding"), ("Fold", "stride"),
    ];

    public static TheoryData<string> Types => [.. LayerTable.Layers.Select(layer => layer.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_setting_goes_by_one_name_in_the_factory_in_the_live_layer_and_in_the_rule(string type)
    {
        using var scope = NewDisposeScope();
        var factories = Factories(type);
        var names = factories.SelectMany(factory => factory.GetParameters()).Select(parameter => SnakeCase(parameter.Name!)).ToHashSet();
        var layer = LayerAdapters.Describe(Create(type), "layer");
        var told = layer.Settings.Where(setting => setting.Value is not (null or false)).Select(setting => setting.Key)
            .Where(name => !NotNeeded.Contains((type, name))).ToList();
        var read = ReadBy(layer);
        Assert.Empty(told.Except(read));
        Assert.Empty(told.Except(names));

        var deciding = factories.SelectMany(factory => factory.GetParameters()).Where(parameter => Decides(parameter.ParameterType))
            .Select(parameter => SnakeCase(parameter.Name!)).Distinct();
        Assert.Empty(deciding.Except(layer.Settings.Keys).Except(InShapes).Except(OnlyNumbers));
    }

    private static List<MethodInfo> Factories(string type) =>
        [.. typeof(nn).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(method => method.Name == type && method.ReturnType.Name == type)];

    /// <summary>A layer of widths of 4, windows of 4 and whatever else of 4.</summary>
    private static nn.Module Create(string type)
    {
        static bool IsOther(ParameterInfo parameter) => !parameter.HasDefaultValue && parameter.ParameterType != typeof(long);
        var factory = Factories(type).OrderBy(method => method.GetParameters().Count(IsOther)).First();
        return (nn.Module)factory.Invoke(null, [.. factory.GetParameters().Select(Value)])!;
    }

    private static object? Value(ParameterInfo parameter) => parameter switch
    {
        { Name: "ceil_mode" } => true,
        { Name: "elementwise_affine" } => false,
        { HasDefaultValue: true } => parameter.DefaultValue,
        _ when parameter.ParameterType == typeof(long) => 4L,
        _ when parameter.ParameterType == typeof(double) => 0.5,
        _ when parameter.ParameterType == typeof(long[]) => new[] { 4L, 4 },
        _ when typeof(nn.Module).IsAssignableFrom(parameter.ParameterType) => Create(parameter.ParameterType.Name),
        _ when parameter.ParameterType.IsArray => Array.CreateInstance(parameter.ParameterType.GetElementType()!, 0),
        _ => throw new NotSupportedException($"Nothing is known to give for {parameter.ParameterType} {parameter.Name}."),
    };

    private static HashSet<string> ReadBy(LayerSpec layer)
    {
        var read = new HashSet<string>(StringComparer.Ordinal);
        for (var rank = 1; rank <= 5; rank++)
        {
            for (var count = 1; count <= 3; count++)
            {
                var graph = new AxisGraph(isLive: true);
                AxisTensor Input(int i) => new([.. Enumerable.Range(0, rank).Select(dim => graph.NewFixed($"{i}.{dim}", 4, "it stays"))]);
                var inputs = Enumerable.Range(0, count).Select(Input).ToList();
                try
                {
                    LayerTable.Apply(graph, new LayerSpec(layer.Name, layer.Type, new Recorded(layer.Settings, read), layer.Parameters, layer.Module), inputs);
                }
                catch (AxisException)
                {
                    // A layer takes tensors of its own rank and number alone.
                }
            }
        }

        return read;
    }

    private static bool Decides(Type type)
    {
        var own = Nullable.GetUnderlyingType(type) ?? (type.IsArray ? type.GetElementType()! : type);
        return own == typeof(long) || own == typeof(int) || own == typeof(bool) || (own.IsEnum && own != typeof(ScalarType))
            || own.Name.StartsWith("ValueTuple", StringComparison.Ordinal);
    }

    private static string SnakeCase(string name) => Capital().Replace(name, letter => "_" + letter.Value.ToLowerInvariant());

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Capital();

    /// <summary>Settings that remember by which names they are asked for.</summary>
    private sealed class Recorded(IReadOnlyDictionary<string, object?> settings, HashSet<string> read) : IReadOnlyDictionary<string, object?>
    {
        public object? this[string key] => settings[key];

        public IEnumerable<string> Keys => settings.Keys;

        public IEnumerable<object?> Values => settings.Values;

        public int Count => settings.Count;

        public bool ContainsKey(string key) => settings.ContainsKey(key);

        public bool TryGetValue(string key, out object? value)
        {
            read.Add(key);
            return settings.TryGetValue(key, out value);
        }

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => settings.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
