using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Values, other than its default, that an optional parameter of <c>forward</c> may have: which way forward goes with them is followed too, so that layers
/// that no default reaches do not stay behind.
/// </summary>
internal static class OtherValues
{
    /// <summary>How many are followed.</summary>
    private const int Most = 12;

    /// <summary>What values of the parameter's type are compared with in the source of its class, and what is none of them.</summary>
    public static EquatableArray<string> Of(IParameterSymbol parameter, ParseContext context)
    {
        var type = NumberTypes.Underlying(parameter.Type);
        if (!parameter.HasExplicitDefaultValue || type is null)
        {
            return [];
        }

        var isOptional = !SymbolEqualityComparer.Default.Equals(type, parameter.Type);
        IEnumerable<string> values = type switch
        {
            { SpecialType: SpecialType.System_Boolean } when isOptional => ["true", "false"],
            { TypeKind: TypeKind.Enum } when isOptional => type.GetMembers().OfType<IFieldSymbol>().Where(member => member.HasConstantValue)
                .Select(member => Literals.Value(member.ConstantValue, type)),
            { SpecialType: SpecialType.System_String } => Compared(parameter, context).OfType<string>().Append("(another)").Select(Literals.Text),
            { SpecialType: SpecialType.System_Char } => Compared(parameter, context).OfType<char>().SelectMany(one => new[] { one, (char)(one + 1) })
                .Select(one => Literals.Value(one, type)),
            IArrayTypeSymbol { ElementType: var element } when IsNumber(element) =>
                [$"new {NameOf(element)}[] {{ ({NameOf(element)})1, ({NameOf(element)})1 }}"],
            _ when IsNumber(type) => Numbers(parameter, context, isOptional)
                .Select(number => $"unchecked(({NameOf(type)}){number})"),
            _ => [],
        };
        var otherwise = parameter.ExplicitDefaultValue is { } given ? Literals.Value(given, type) : "null";
        return values.Where(value => value != otherwise).Distinct().Take(Most).ToEquatable();
    }

    private static bool IsNumber(ITypeSymbol type) => type.SpecialType is >= SpecialType.System_SByte and <= SpecialType.System_Double;

    private static string NameOf(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>The numbers that are compared with, and those beside them; any for one that may be left out.</summary>
    private static IEnumerable<long> Numbers(IParameterSymbol parameter, ParseContext context, bool isOptional)
    {
        var compared = Compared(parameter, context).Select(value => value is int number ? number : value as long?).OfType<long>();
        return compared.SelectMany(number => new[] { number, number + 1, number - 1 }).Where(number => number >= 0).Concat(isOptional ? [1L] : [])
            .Where(number => parameter.ExplicitDefaultValue is not { } otherwise || number != Convert.ToDouble(otherwise, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<object?> Compared(IParameterSymbol parameter, ParseContext context) => parameter.ContainingType.DeclaringSyntaxReferences
        .SelectMany(part => part.ReadBy(context).DescendantNodes()).OfType<LiteralExpressionSyntax>()
        .Where(literal => literal.Parent is ConstantPatternSyntax or RelationalPatternSyntax or CaseSwitchLabelSyntax
            || (literal.Parent is BinaryExpressionSyntax comparison && comparison.Kind() is SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression
                or SyntaxKind.LessThanExpression or SyntaxKind.LessThanOrEqualExpression or SyntaxKind.GreaterThanExpression
                or SyntaxKind.GreaterThanOrEqualExpression))
        .Select(literal => literal.Token.Value);
}
