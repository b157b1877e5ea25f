using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What the linked forward of one model hands to that of another. The sizes among it are not numbers yet, and literals are of the types that they have by
/// themselves; who takes it reads it as what forward declares: <c>int?</c>, <c>long[]</c>, a tuple, a list, an enumeration.
/// </summary>
internal static class HandedValue
{
    /// <summary>Reads a value as a type; false where it is nothing of the kind. A size that becomes a number stays what it is.</summary>
    public static bool TryRead<T>(object? value, [MaybeNullWhen(false)] out T read)
    {
        if (value is not null && As(typeof(T), value) is T found)
        {
            read = found;
            return true;
        }

        read = default;
        return false;
    }

    /// <summary>Whether a value is made of sizes, of which nobody can tell whether they are an <c>int</c> or a <c>long</c>.</summary>
    private static bool IsOfSizes(object? value) => value is AxisSize or IEnumerable<AxisSize> || value is object?[] all && all.Any(IsOfSizes);

    private static object? As(Type type, object value)
    {
        var wanted = Nullable.GetUnderlyingType(type) ?? type;
        if (wanted.IsInstanceOfType(value))
        {
            return (wanted == typeof(object) || wanted == typeof(object[])) && IsOfSizes(value) ? null : value;
        }

        if (value is AxisSize size)
        {
            return IsNumber(wanted) || wanted == typeof(Scalar) ? As(wanted, size.Known) : null;
        }

        if (wanted == typeof(Scalar))
        {
            return value switch
            {
                bool flag => flag.ToScalar(),
                int or long or short or byte or sbyte => Convert.ToInt64(value, CultureInfo.InvariantCulture).ToScalar(),
                float or double => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToScalar(),
                _ => null,
            };
        }

        if (wanted.IsEnum)
        {
            return IsNumber(value.GetType()) ? Enum.ToObject(wanted, value) : null;
        }

        if (IsNumber(wanted))
        {
            return Number(wanted, value);
        }

        if (wanted == typeof(Size))
        {
            return Several(typeof(long), value) is long[] sizes ? (object)new Size(sizes) : null;
        }

        if (typeof(ITuple).IsAssignableFrom(wanted) && wanted.IsValueType)
        {
            return Tuple(wanted, value);
        }

        if ((wanted.IsArray ? wanted.GetElementType() : wanted.IsGenericType ? wanted.GetGenericArguments()[0] : null) is not { } element
            || Several(element, value) is not { } all)
        {
            return null;
        }

        return wanted.IsInstanceOfType(all) ? all : wanted == typeof(List<>).MakeGenericType(element) ? Activator.CreateInstance(wanted, all) : null;
    }

    /// <summary>The same number in another type; null where it has no such number.</summary>
    private static object? Number(Type wanted, object value)
    {
        if (!IsNumber(value.GetType()) || value is double or float or decimal && wanted != typeof(double) && wanted != typeof(float))
        {
            return null;
        }

        try
        {
            return Convert.ChangeType(value, wanted, CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            // Whoever asked says which value it is.
            return null;
        }
    }

    private static Array? Several(Type element, object value)
    {
        if (value is not IEnumerable items)
        {
            return null;
        }

        var read = items.Cast<object?>().Select(item => item is null ? null : As(element, item)).ToList();
        if (read.Contains(null))
        {
            return null;
        }

        var all = Array.CreateInstance(element, read.Count);
        for (var i = 0; i < read.Count; i++)
        {
            all.SetValue(read[i], i);
        }

        return all;
    }

    private static object? Tuple(Type wanted, object value)
    {
        var given = value is ITuple tuple ? Enumerable.Range(0, tuple.Length).Select(i => tuple[i]).ToList() : (value as IEnumerable)?.Cast<object?>().ToList();
        var types = wanted.GetGenericArguments();
        if (given is null || given.Count != types.Length || types.Length > 7)
        {
            return null;
        }

        var read = given.Select((item, i) => item is null ? null : As(types[i], item)).ToArray();
        return read.Zip(given).Any(pair => pair is { First: null, Second: not null }) ? null : Activator.CreateInstance(wanted, read);
    }

    private static bool IsNumber(Type type) => !type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal;
}
