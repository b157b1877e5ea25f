using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Emission;

/// <summary>Constants as C#, the same in every culture, and exact.</summary>
internal static class Literals
{
    private static readonly SymbolDisplayFormat FullName = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <summary>A floating-point number that reads back as itself.</summary>
    public static string Double(double value) => value switch
    {
        double.NaN => "double.NaN",
        double.PositiveInfinity => "double.PositiveInfinity",
        double.NegativeInfinity => "double.NegativeInfinity",
        _ => value.ToString("R", CultureInfo.InvariantCulture) is var text && text.All(letter => char.IsDigit(letter) || letter == '-') ? text + ".0" : text,
    };

    /// <summary>A whole number.</summary>
    public static string Integer(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A quoted string.</summary>
    public static string Text(string value) => SymbolDisplay.FormatLiteral(value, quote: true);

    /// <summary>An attribute's argument.</summary>
    public static string Constant(TypedConstant constant) => Value(constant.Value, constant.Type);

    /// <summary>A constant of any type that C# allows one of.</summary>
    public static string Value(object? value, ITypeSymbol? type)
    {
        var underlying = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
        if (value is not null && underlying is INamedTypeSymbol { TypeKind: TypeKind.Enum } enumeration)
        {
            var name = enumeration.ToDisplayString(FullName);
            var member = enumeration.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field.HasConstantValue && Equals(field.ConstantValue, value));
            return member is not null ? $"{name}.{Identifiers.Escape(member.Name)}" : $"({name})({Convert.ToString(value, CultureInfo.InvariantCulture)})";
        }

        return value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            string text => Text(text),
            char letter => SymbolDisplay.FormatLiteral(letter, quote: true),
            double number => Double(number),
            float number =>
                float.IsNaN(number) ? "float.NaN"
                    : float.IsPositiveInfinity(number) ? "float.PositiveInfinity"
                    : float.IsNegativeInfinity(number) ? "float.NegativeInfinity"
                    : number.ToString("R", CultureInfo.InvariantCulture) + "F",
            decimal number => number.ToString(CultureInfo.InvariantCulture) + "M",
            uint number => number.ToString(CultureInfo.InvariantCulture) + "U",
            long number => number.ToString(CultureInfo.InvariantCulture) + "L",
            ulong number => number.ToString(CultureInfo.InvariantCulture) + "UL",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };
    }
}
