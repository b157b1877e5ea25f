using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>
/// Writes a method as text: PruneGen's own by its name and those of its settings that are not the defaults, <c>Wanda(withinRows=false)</c>; one of the user's
/// by its name. What cannot be made again from its text is read as something that keeps the text and cannot be used, so that reports and files that tell of it
/// can be read, and nobody takes another method for it.
/// </summary>
/// <param name="named">The method of a name; null where it is none of PruneGen's.</param>
/// <param name="unread">What stands for a method that cannot be made from its text.</param>
/// <param name="adjustable">PruneGen's methods that have settings.</param>
internal abstract class NamedJson<T>(Func<string, T?> named, Func<string, T> unread, params Adjustable<T>[] adjustable) : JsonConverter<T>
    where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException(
            $"There is a {reader.TokenType} where the name of a method should be; give a text, such as \"L2\".");
        return Of(text) ?? unread(text);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(TextOf(value));

    /// <summary>What a name of an enumeration stands for; null where it is none.</summary>
    protected static T? Of<TName>(string text, Func<TName, T> named)
        where TName : struct, Enum =>
        Enum.TryParse<TName>(text, out var name) && Enum.IsDefined(name) && name.ToString() == text ? named(name) : null;

    private T? Of(string text) => adjustable.Select(one => one.Read(text)).FirstOrDefault(made => made is not null) ?? named(text);

    private string TextOf(T value)
    {
        if (adjustable.Select(one => one.TextOf(value)).FirstOrDefault(text => text is not null) is { } settings)
        {
            return settings;
        }

        // A class of the user's may be called as a method of PruneGen's is, which it must not be read as.
        var name = value.ToString()!;
        return Of(name) is { } other && other.GetType() != value.GetType() ? $"{name} of the class {value.GetType()}" : name;
    }
}

/// <summary>A method of PruneGen's that has settings, as text.</summary>
/// <param name="name">Its name with the settings that it has by default.</param>
/// <param name="make">Makes it from the settings that are given.</param>
/// <param name="settings">The settings of one: numbers, and whether something holds; null where it is another method.</param>
internal sealed class Adjustable<T>(string name, Func<GivenSettings, T> make, Func<T, (string Key, object Value)[]?> settings)
    where T : class
{
    /// <summary>Its name, with the settings that are not the defaults; null where it is another method.</summary>
    public string? TextOf(T value)
    {
        if (settings(value) is not { } all)
        {
            return null;
        }

        var changed = all.Except(settings(make(new GivenSettings("")))!)
            .Select(one => FormattableString.Invariant($"{one.Key}={(one.Value is bool holds ? holds ? "true" : "false" : one.Value)}")).ToList();
        return changed.Count == 0 ? name : $"{name}({string.Join(", ", changed)})";
    }

    /// <summary>The method that a text tells of; null where it is another, or says something that this one does not know.</summary>
    public T? Read(string text)
    {
        if (text == name)
        {
            return make(new GivenSettings(""));
        }

        // What the method was not made from is missing in its own text.
        return text.StartsWith(name + "(", StringComparison.Ordinal) && text.EndsWith(')')
            && make(new GivenSettings(text[(name.Length + 1)..^1])) is var made && TextOf(made) == text ? made : null;
    }
}

/// <summary>The settings that a text gives: <c>greedy=true, damping=0.1</c>.</summary>
internal sealed class GivenSettings(string text)
{
    private readonly Dictionary<string, string> values = text.Split(", ").Select(one => one.Split('=', 2)).DistinctBy(one => one[0])
        .ToDictionary(one => one[0], one => one[^1], StringComparer.Ordinal);

    public double Number(string key, double otherwise) =>
        values.TryGetValue(key, out var value) && double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    public int Whole(string key, int otherwise) =>
        values.TryGetValue(key, out var value) && int.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    public bool Holds(string key, bool otherwise) => values.TryGetValue(key, out var value) && bool.TryParse(value, out var holds) ? holds : otherwise;
}

/// <summary>Reads an enumeration by its names, whatever their case, and says which there are.</summary>
internal sealed class EnumJson<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : $"a {reader.TokenType}";
        var name = Enum.GetNames<T>().FirstOrDefault(one => one.Equals(text, StringComparison.OrdinalIgnoreCase));
        return name is not null ? Enum.Parse<T>(name) : throw new JsonException(
            $"There is no {typeof(T).Name} '{text}'; give one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
