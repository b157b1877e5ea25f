using System.Globalization;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>What one call of a model's <c>Link</c> takes: for each parameter of <c>forward</c> the axes of a tensor, or any other value as it is.</summary>
public readonly struct LinkInputs
{
    private readonly object?[] values;

    /// <summary>Collects the inputs of one call.</summary>
    /// <param name="values">One value a parameter of <c>forward</c>.</param>
    public LinkInputs(params object?[] values) => this.values = values;

    /// <summary>What <c>forward</c> calls its first tensors, and numbers where nothing tells.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">How many.</param>
    internal static string[] NamesOf(IPrunable model, int count)
    {
        var names = model.InputNames;
        return [.. Enumerable.Range(0, count).Select(i => i < names.Count ? names[i] : string.Create(CultureInfo.InvariantCulture, $"input{i + 1}"))];
    }

    /// <summary>How many there are.</summary>
    public int Count => values.Length;

    /// <summary>The tensor at a position.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it is not a tensor.</exception>
    public AxisTensor this[int index] => Get<AxisTensor>(index);

    /// <summary>The tensors among them, in order.</summary>
    internal IReadOnlyList<AxisTensor> Tensors => [.. values.OfType<AxisTensor>()];

    /// <summary>The same with another value at a position.</summary>
    internal LinkInputs With(int index, object? value) => new([.. values.Select((held, i) => i == index ? value : held)]);

    /// <summary>The positions of whole numbers.</summary>
    internal IEnumerable<int> Numbers => values.Select((value, i) => value is int or long ? i : -1).Where(i => i >= 0);

    /// <summary>The tensors, where there is nothing else.</summary>
    public static implicit operator LinkInputs(AxisTensor?[] tensors) => new(tensors);

    /// <summary>The value at a position.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it is of another type.</exception>
    public T Get<T>(int index) => index < values.Length && HandedValue.TryRead<T>(values[index], out var value)
        ? value
        : throw new InvalidOperationException(
            $"Input {index} of a linked model is {(index < values.Length ? NameOf(values[index]?.GetType()) : "missing")}, but its forward takes a "
                + $"{NameOf(typeof(T))}.");

    /// <summary>What a type is called where it is not what was asked for.</summary>
    internal static string NameOf(Type? type) => type is null ? "null"
        : type == typeof(AxisTensor) ? "tensor"
        : type == typeof(AxisSize) ? "number"
        : type == typeof(object) ? "plain object (by which nobody can tell what number it is: declare it as int or long)"
        : Nullable.GetUnderlyingType(type)?.Name ?? type.Name;

    /// <summary>The value at a position, or null where null was given.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public T? Optional<T>(int index) => index >= values.Length || values[index] is null ? default : Get<T>(index);

    /// <summary>A whole number at a position, which may be the size of a tensor.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it is something else.</exception>
    public AxisSize Size(int index) => index < values.Length ? values[index] switch
    {
        AxisSize size => size,
        long number => number,
        int number => number,
        _ => Get<AxisSize>(index),
    }
    : Get<AxisSize>(index);
}
