using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PruneGen;

/// <summary>
/// Reads a record so that what its JSON leaves out has its default: the JSON of a new one is filled in. Generated code sets every <c>init</c> property, those
/// that are left out to zero or null.
/// </summary>
/// <param name="plain">How the record itself is read and written.</param>
internal abstract class WholeJson<T>(Func<JsonTypeInfo<T>> plain) : JsonConverter<T>
    where T : class, new()
{
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var given = JsonDocument.ParseValue(ref reader);
        return Read(given.RootElement);
    }

    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value, plain());

    /// <summary>Reads one from its JSON.</summary>
    public virtual T Read(JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"There is {given.ValueKind} where an object of {typeof(T).Name} should be.");
        }

        var whole = new ArrayBufferWriter<byte>();
        using (var defaults = JsonSerializer.SerializeToDocument(new T(), plain()))
        using (var writer = new Utf8JsonWriter(whole))
        {
            writer.WriteStartObject();
            foreach (var value in defaults.RootElement.EnumerateObject())
            {
                if (!given.TryGetProperty(value.Name, out var own))
                {
                    value.WriteTo(writer);
                }
                else if (own.ValueKind == JsonValueKind.Null)
                {
                    throw new JsonException($"{value.Name} is null; leave it out for its default.");
                }
            }

            foreach (var value in given.EnumerateObject())
            {
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonSerializer.Deserialize(whole.WrittenSpan, plain())!;
    }
}

/// <inheritdoc/>
internal sealed class WholeRetrainJson() : WholeJson<RetrainOptions>(() => PruneOptionsJson.Default.RetrainOptions);

/// <inheritdoc/>
internal sealed class WholeBudgetJson() : WholeJson<PruneBudget>(() => PruneOptionsJson.Default.PruneBudget);

/// <summary>Reads options whole, and remembers the keys that they do not have.</summary>
internal sealed class WholeOptionsJson() : WholeJson<PruneOptions>(() => PruneOptionsJson.Default.PruneOptions)
{
    public override PruneOptions Read(JsonElement given)
    {
        var read = base.Read(given);
        return read.Layers.FirstOrDefault(layer => layer.Value is null) is { Key: { } empty }
            ? throw new JsonException($"The layer {empty} is null; leave it out, or give an object.")
            : read with { UnknownKeys = [.. UnknownKeys(given, PruneOptionsJson.Default.PruneOptions, "")] };
    }

    private static IEnumerable<string> UnknownKeys(JsonElement given, JsonTypeInfo info, string path)
    {
        foreach (var value in given.EnumerateObject())
        {
            var property = info.Properties.FirstOrDefault(one => one.Name == value.Name && one.Get is not null);
            if (property is null)
            {
                yield return path + value.Name;
                continue;
            }

            var of = property.PropertyType == typeof(IDictionary<string, LayerPruneOptions>) ? typeof(LayerPruneOptions) : property.PropertyType;
            var objects = of != property.PropertyType ? value.Value.EnumerateObject().Select(layer => (layer.Value, Path: $"{path}{value.Name}.{layer.Name}."))
                : value.Value.ValueKind == JsonValueKind.Object ? [(value.Value, Path: $"{path}{value.Name}.")] : [];
            foreach (var unknown in objects.SelectMany(one => UnknownKeys(one.Value, PruneOptionsJson.Default.GetTypeInfo(of)!, one.Path)))
            {
                yield return unknown;
            }
        }
    }
}
