using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Parsing;

/// <summary>Types of numbers.</summary>
internal static class NumberTypes
{
    /// <summary>Whether values of the type are whole numbers that may be a size.</summary>
    public static bool IsNumber(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } => false,
        _ => type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64,
    };

    /// <summary>Whether a value of the type may be left out, though it is no object.</summary>
    public static bool IsOptional(ITypeSymbol? type) => type?.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    /// <summary>The type of what is there, where a value may be left out.</summary>
    public static ITypeSymbol? Underlying(ITypeSymbol? type) => IsOptional(type) ? ((INamedTypeSymbol)type!).TypeArguments[0] : type;

    /// <summary>Whether what a pattern asks for is what there is, if anything is there.</summary>
    public static bool IsSame(ITypeSymbol? asked, ITypeSymbol? given) =>
        asked is null || SymbolEqualityComparer.Default.Equals(Underlying(asked), Underlying(given));

    /// <summary>Whether they are whole numbers, flags, lists of sizes, or any of these left out.</summary>
    public static bool IsNumberLike(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsNumberLike(nullable.TypeArguments[0]),
        IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int64 or SpecialType.System_Int32 } => true,
        INamedTypeSymbol { Name: "ReadOnlySpan" or "Span", TypeArguments: [{ SpecialType: SpecialType.System_Int64 }] } => true,
        _ =>
            type?.SpecialType is SpecialType.System_Int32
                or SpecialType.System_Int64
                or SpecialType.System_Boolean
                or SpecialType.System_Int16
                or SpecialType.System_Byte,
    };

    /// <summary>Whether they are lists or sequences of what may be sizes.</summary>
    public static bool AreLong(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Int64 } => true,
        INamedTypeSymbol { Name: "Span" or "ReadOnlySpan" or "Memory" or "ReadOnlyMemory", TypeArguments: [{ SpecialType: SpecialType.System_Int64 }] } => true,
        INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_Int64 }] } named =>
            named.AllInterfaces.Prepend(named).Any(each => each.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T),
        _ => false,
    };

    /// <summary>Whether they may have a fraction.</summary>
    public static bool IsFraction(ITypeSymbol? type) =>
        type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal;
}
