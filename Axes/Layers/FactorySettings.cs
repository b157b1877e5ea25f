namespace PruneGen.Axes;

/// <summary>What a call of a factory of <c>torch.nn</c> says, by the names of its parameters.</summary>
/// <param name="told">A number, a flag, an array of numbers, null where null is given, or <see cref="Untold"/>.</param>
public sealed class FactorySettings(IReadOnlyDictionary<string, object?> told)
{
    /// <summary>Stands for what the source does not tell.</summary>
    public static object Untold { get; } = new();

    /// <summary>A whole number; null where it is not told.</summary>
    public long? Number(string name) => told.TryGetValue(name, out var value) ? value as long? : null;

    /// <summary>One number for each of so many dimensions, where one may stand for all; null for what is not told.</summary>
    public long?[] Numbers(string name, int count)
    {
        var value = told.TryGetValue(name, out var given) ? given : null;
        return [.. Enumerable.Range(0, count).Select(i => value is long?[] all ? all.ElementAtOrDefault(i) : value as long?)];
    }

    /// <summary>As many numbers as are given, or none where it is not told how many.</summary>
    public long?[]? Numbers(string name) =>
        !told.TryGetValue(name, out var value) || value is null ? null : value as long?[] ?? [value as long?];

    /// <summary>A flag; null where it is not told.</summary>
    public bool? Flag(string name) => told.TryGetValue(name, out var value) ? value as bool? : null;

    /// <summary>Whether a flag is told to be off.</summary>
    public bool IsOff(string name) => Flag(name) == false;

    /// <summary>Whether null is given.</summary>
    public bool IsNull(string name) => told.TryGetValue(name, out var value) && value is null;

    /// <summary>Whether something, or something that is not told, is given.</summary>
    public bool Gives(string name) => told.TryGetValue(name, out var value) && value is not null;
}
