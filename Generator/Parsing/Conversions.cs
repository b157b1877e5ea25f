using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>Conversions that the source does not write.</summary>
internal static class Conversions
{
    /// <summary>The expression that the compiler converts.</summary>
    public static IOperation Unconverted(IOperation operation)
    {
        while (operation is IConversionOperation { OperatorMethod: null, IsImplicit: true } conversion)
        {
            operation = conversion.Operand;
        }

        return operation;
    }
}
