using System.Text.Json;
using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>What a <c>.prune</c> file says about the model in it, before its weights.</summary>
public sealed record PruneFileHeader
{
    /// <summary>The model's class, with its namespace.</summary>
    public required string Model { get; init; }

    /// <summary>The width of each group, by name.</summary>
    public required IReadOnlyDictionary<string, long> Widths { get; init; }

    /// <summary>The width that each group had before anything of the model was removed, by name; null in files of before.</summary>
    public IReadOnlyDictionary<string, long>? DenseWidths { get; init; }

    /// <summary>The type and the shape of every parameter and buffer, by path.</summary>
    public required IReadOnlyDictionary<string, SavedTensor> Tensors { get; init; }

    /// <summary>In how many groups each layer works that works in groups, by path; null in files of before.</summary>
    public IReadOnlyDictionary<string, long>? LayerGroups { get; init; }

    /// <summary>The shape of each input that the model was linked with; null where none was known.</summary>
    public IReadOnlyList<long[]>? InputShapes { get; init; }

    /// <summary>Which features of the dense model's inputs it takes; null where all are.</summary>
    public IReadOnlyList<InputFeatures>? Inputs { get; init; }

    /// <summary>What the model was pruned by. See <see cref="PruneOptions.ToJson"/> for what is kept of them.</summary>
    [JsonConverter(typeof(WholeOptionsJson))]
    public required PruneOptions Options { get; init; }

    /// <summary>
    /// In files of version 1, the weights that are held at zero, by path of their parameter: one bit a weight, row-major, the lowest first, set where it is
    /// held. Since then that stands with the weights.
    /// </summary>
    [JsonPropertyName("held")]
    public IReadOnlyDictionary<string, byte[]>? Masks { get; init; }

    /// <summary>The points where activations are quantized, by the path of the layer that takes them in; null where there are none.</summary>
    public IReadOnlyDictionary<string, ActivationPoint>? Activations { get; init; }

    /// <summary>What the pruning run came to, where the saver gave it.</summary>
    public PruneReport? Report { get; init; }

    /// <summary>What the pruning runs before that came to, the oldest first; null where there was none.</summary>
    public IReadOnlyList<PruneReport>? EarlierReports { get; init; }
}

/// <summary>A parameter or buffer in a <c>.prune</c> file.</summary>
/// <param name="Type">Its element type, as TorchSharp calls it: <c>Float32</c>.</param>
/// <param name="Shape">Its shape.</param>
public sealed record SavedTensor(string Type, IReadOnlyList<long> Shape)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type} [{string.Join(", ", Shape)}]";
}

/// <summary>How the header is written as JSON; generated, so that it works where reflection is trimmed away.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PruneFileHeader))]
internal sealed partial class PruneFileJson : JsonSerializerContext
{
}
