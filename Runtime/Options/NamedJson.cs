using System.Text.Json;
using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>
/// Writes what may be a name or an object of the user's by its name. An object of the user's cannot be made again from that: it is read as null,
/// so that the default holds until it is given anew.
/// </summary>
internal abstract class NamedJson<T>(Func<string?, T?> named) : JsonConverter<T>
    where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => named(reader.GetString());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <summary>What a name of an enumeration stands for; null where it is none.</summary>
    protected static T? Of<TName>(string? text, Func<TName, T> named)
        where TName : struct, Enum =>
        Enum.TryParse<TName>(text, out var name) && Enum.IsDefined(name) ? named(name) : null;
}

/// <inheritdoc/>
internal sealed class CriterionJson() : NamedJson<ImportanceCriterion>(text => Of<Criterion>(text, ImportanceCriterion.Of));

/// <inheritdoc/>
internal sealed class GranularityJson() : NamedJson<PruneGranularity>(PruneGranularity.Parse);

/// <inheritdoc/>
internal sealed class ScopeJson() : NamedJson<RankingScope>(text => Of<Scope>(text, RankingScope.Of));
