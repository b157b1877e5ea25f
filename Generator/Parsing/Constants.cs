using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Constants in the source.</summary>
internal static class Constants
{
    /// <summary>A number, a flag, several numbers, or nothing told.</summary>
    public static Argument Read(IOperation value)
    {
        if (value.ConstantValue.HasValue)
        {
            return Of(value.ConstantValue.Value);
        }

        return value switch
        {
            IConversionOperation { OperatorMethod: null } conversion => Read(conversion.Operand),
            IDefaultValueOperation => new NullArgument(),
            ITupleOperation tuple => new ListArgument(tuple.Elements.Select(Read).ToEquatable()),
            IArrayCreationOperation { Initializer: { } list } => new ListArgument(list.ElementValues.Select(Read).ToEquatable()),
            _ => new UnknownArgument(),
        };
    }

    /// <summary>A constant's value.</summary>
    public static Argument Of(object? value) => value switch
    {
        null => new NullArgument(),
        bool flag => new FlagArgument(flag),
        long or int or short or byte or sbyte or ushort or uint =>
            new NumberArgument(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
        _ => new UnknownArgument(),
    };

    /// <summary>A sum, difference, product, quotient or remainder; a number where both sides are, and nothing told where it has no value.</summary>
    public static Argument Combine(char sign, Argument left, Argument right)
    {
        if (left is not NumberArgument { Value: var a } || right is not NumberArgument { Value: var b })
        {
            return right is NumberArgument { Value: 0 } && (sign is '/' or '%') ? new UnknownArgument() : new ArithmeticArgument(sign, left, right);
        }

        try
        {
            return sign switch
            {
                '+' => new NumberArgument(checked(a + b)),
                '-' => new NumberArgument(checked(a - b)),
                '*' => new NumberArgument(checked(a * b)),
                '%' => b == 0 ? new UnknownArgument() : new NumberArgument(a % b),
                _ => b == 0 ? new UnknownArgument() : new NumberArgument(checked(a / b)),
            };
        }
        catch (OverflowException)
        {
            return new UnknownArgument();
        }
    }
}
