using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Writes the elements of a tensor as text, in the styles of Julia, NumPy and C#.</summary>
/// <param name="type">The element type.</param>
/// <param name="number">The .NET format of floating-point numbers.</param>
/// <param name="width">How many characters on a line (Julia's style only).</param>
/// <param name="culture">The culture that numbers are written in.</param>
/// <param name="newLine">What ends a line.</param>
internal sealed class TensorFormat(ScalarType type, string number, int width, CultureInfo culture, string newLine)
{
    private const string Omission = "...";

    // ---- Julia: the last two dimensions as a table, one after the other for the dimensions before them -----

    internal string Julia(Tensor tensor)
    {
        var text = new StringBuilder(tensor.ToMetadataString());
        switch (tensor.Dimensions)
        {
            case 0:
                text.Append(", value = ").Append(Value(tensor));
                break;
            case 1:
                text.Append(newLine);
                AppendTable(text, [Row(tensor)], tensor.size(0));
                break;
            case 2:
                text.Append(newLine);
                AppendTable(text, tensor);
                break;
            default:
                AppendTables(text, tensor, "");
                break;
        }
        return text.ToString();
    }

    private void AppendTables(StringBuilder text, Tensor tensor, string position)
    {
        if (tensor.Dimensions == 2)
        {
            text.Append(newLine).Append('[').Append(position).Append("..,..] =").Append(newLine);
            AppendTable(text, tensor);
            return;
        }
        for (var i = 0L; i < tensor.size(0); i++)
        {
            using var part = tensor[i];
            AppendTables(text, part, $"{position}{i},");
        }
    }

    private void AppendTable(StringBuilder text, Tensor tensor)
    {
        var rows = new List<List<string>>();
        for (var i = 0L; i < tensor.size(0); i++)
        {
            using var row = tensor[i];
            rows.Add(Row(row));
        }
        AppendTable(text, rows, tensor.size(1));
    }

    // Columns are aligned on the right; those that do not fit in every row are left out.
    private void AppendTable(StringBuilder text, List<List<string>> rows, long columns)
    {
        var fitting = rows.Count == 0 ? 0 : rows.Min(row => row.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < fitting; j++)
                text.Append(' ').Append(rows[i][j].PadLeft(rows.Max(row => row[j].Length)));
            if (fitting < columns)
                text.Append(' ').Append(Omission);
            text.Append(newLine);
        }
    }

    // As many values as fit on a line beside the mark of an omission.
    private List<string> Row(Tensor tensor)
    {
        var row = new List<string>();
        var room = width;
        for (var i = 0L; i < tensor.size(0); i++)
        {
            using var element = tensor[i];
            var value = Value(element);
            if (room - value.Length - (Omission.Length + 1) < 0)
                break;
            row.Add(value);
            room -= value.Length + 1;
        }
        return row;
    }

    // ---- NumPy: nested brackets ----------------------------------------------------------------------

    internal string Numpy(Tensor tensor) => Numpy(tensor, tensor.Dimensions, indent: true);

    private string Numpy(Tensor tensor, long dimensions, bool indent)
    {
        var text = new StringBuilder(indent ? Indent(dimensions, tensor) : "");
        if (tensor.Dimensions == 0)
            return text.Append(Value(tensor)).ToString();

        text.Append('[');
        if (tensor.Dimensions == 1)
        {
            AppendElements(text, tensor, suffix: "");
        }
        else
        {
            var separator = string.Concat(Enumerable.Repeat(newLine, (int)tensor.Dimensions - 1));
            AppendParts(text, tensor, maxRows, separator, $"{Indent(dimensions, tensor)} {Omission}{separator}",
                (part, first) => Numpy(part, dimensions, indent: !first));
        }
        return text.Append(']').ToString();
    }

    // ---- C#: an array initialiser --------------------------------------------------------------------

    internal string CSharp(Tensor tensor)
    {
        var text = new StringBuilder(tensor.ToMetadataString()).Append(", value = ");
        var dimensions = tensor.Dimensions;
        if (dimensions == 0)
            return text.Append(Value(tensor)).ToString();
        if (Keyword is not { } keyword)
            return tensor.ToMetadataString();

        if (dimensions > 1)
            text.Append(newLine);
        text.Append(keyword).Append(" [").Append(',', (int)dimensions - 1).Append("] {");
        if (dimensions == 1)
            AppendElements(text, tensor, Suffix);
        else
            text.Append(newLine).Append(' ').Append(CSharpParts(tensor, dimensions)).Append(newLine);
        return text.Append('}').ToString();
    }

    private string CSharpPart(Tensor tensor, long dimensions, bool indent)
    {
        var text = new StringBuilder(indent ? Indent(dimensions, tensor) : "").Append('{');
        if (tensor.Dimensions == 1)
            AppendElements(text, tensor, Suffix);
        else
            text.Append(CSharpParts(tensor, dimensions));
        return text.Append('}').ToString();
    }

    private string CSharpParts(Tensor tensor, long dimensions)
    {
        var text = new StringBuilder();
        AppendParts(text, tensor, maxRows, "," + newLine, $"{Indent(dimensions, tensor)} {Omission}{newLine}",
            (part, first) => CSharpPart(part, dimensions, indent: !first));
        return text.ToString();
    }

    private string? Keyword => type switch
    {
        ScalarType.Bool => "bool",
        ScalarType.Byte => "byte",
        ScalarType.Int8 => "sbyte",
        ScalarType.Int16 => "short",
        ScalarType.Int32 => "int",
        ScalarType.Int64 => "long",
        ScalarType.Float32 => "float",
        ScalarType.Float64 => "double",
        ScalarType.ComplexFloat32 => "complex32",
        ScalarType.ComplexFloat64 => "complex64",
        _ => null,
    };

    private string Suffix => type switch
    {
        ScalarType.Int64 => "L",
        ScalarType.Float32 => "f",
        _ => "",
    };

    // ---- common --------------------------------------------------------------------------------------

    private static string Indent(long dimensions, Tensor tensor) => new(' ', (int)(dimensions - tensor.Dimensions));

    // The numbers of a tensor of one dimension, those in the middle left out where there are many.
    private void AppendElements(StringBuilder text, Tensor tensor, string suffix) =>
        AppendParts(text, tensor, maxColumns, ", ", Omission + " ", (element, _) => Value(element) + suffix);

    private static void AppendParts(
        StringBuilder text, Tensor tensor, int most, string separator, string omission, Func<Tensor, bool, string> write)
    {
        var count = tensor.size(0);
        var (leading, trailing) = count <= most ? (count, 0) : (most - most / 2, most / 2);
        for (var i = 0L; i < count; i++)
        {
            if (i == leading)
            {
                text.Append(omission);
                i = count - trailing;
            }
            using var part = tensor[i];
            text.Append(write(part, i == 0));
            if (i < count - 1)
                text.Append(separator);
        }
    }

    private string Value(Tensor element)
    {
        var value = element.ToScalar();
        return type switch
        {
            ScalarType.Bool => value.ToBoolean().ToString(culture),
            ScalarType.Float16 or ScalarType.Float32 => value.ToSingle().ToString(number, culture),
            ScalarType.Float64 => value.ToDouble().ToString(number, culture),
            ScalarType.ComplexFloat32 => Complex(value.ToComplexFloat32().Real, value.ToComplexFloat32().Imaginary),
            ScalarType.ComplexFloat64 => Complex(value.ToComplexFloat64().Real, value.ToComplexFloat64().Imaginary),
            ScalarType.BFloat16 => "",
            _ => value.ToInt64().ToString(CultureInfo.CurrentCulture),
        };
    }

    // A part that is zero is left out, but for one of them.
    private string Complex<T>(T real, T imaginary) where T : struct, IFormattable, IEquatable<T>
    {
        if (imaginary.Equals(default))
            return real.ToString(number, culture);
        var tail = imaginary.ToString(number, culture) + "i";
        return real.Equals(default) ? tail : real.ToString(number, culture) + "+" + tail;
    }
}
