using System.Text.Json;
using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>
/// Writes what may be a name or an object of the user's by its name. An object of the user's cannot be made again from that: it is read as null,
/// so that the default holds until it is given anew.
/// </summary>
internal abstract class NamedJson<T, TName>(Func<TName, T> named) : JsonConverter<T>
    where T : class
    where TName : struct, Enum
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Enum.TryParse<TName>(reader.GetString(), out var name) && Enum.IsDefined(name) ? named(name) : null;

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <inheritdoc/>
internal sealed class CriterionJson() : NamedJson<ImportanceCriterion, Criterion>(ImportanceCriterion.Of);

/// <inheritdoc/>
internal sealed class GranularityJson() : NamedJson<PruneGranularity, Granularity>(PruneGranularity.Of);

/// <inheritdoc/>
internal sealed class ScopeJson() : NamedJson<RankingScope, Scope>(RankingScope.Of);
