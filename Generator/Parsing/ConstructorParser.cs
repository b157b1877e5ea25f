using Microsoft.CodeAnalysis;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Reads the constructors that <c>LoadPruned</c> repeats: each creates the dense model before its weights are read.</summary>
internal static class ConstructorParser
{
    private static readonly SymbolDisplayFormat TypeName = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    public static EquatableArray<ConstructorSpec> Read(INamedTypeSymbol type) => type.InstanceConstructors
        .Where(constructor => constructor.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal)
        .Where(constructor => constructor.Parameters.All(parameter => parameter.RefKind is RefKind.None or RefKind.In && parameter.Type.TypeKind != TypeKind.Error))
        .Select(constructor => new ConstructorSpec(
            constructor.DeclaredAccessibility == Accessibility.Public ? "public" : "internal",
            constructor.Parameters.Select(Declaration).ToEquatable(),
            constructor.Parameters.Select(parameter => (parameter.RefKind == RefKind.In ? "in " : "") + Identifiers.Escape(parameter.Name)).ToEquatable(),
            PathName(constructor)))
        .ToEquatable();

    private static string PathName(IMethodSymbol constructor)
    {
        var name = "path";
        while (constructor.Parameters.Any(parameter => parameter.Name == name))
        {
            name = "prune" + char.ToUpperInvariant(name[0]) + name.Substring(1);
        }

        return name;
    }

    private static string Declaration(IParameterSymbol parameter)
    {
        var modifier = parameter.IsParams ? "params " : parameter.RefKind == RefKind.In ? "in " : "";
        return $"{modifier}{parameter.Type.ToDisplayString(TypeName)} {Identifiers.Escape(parameter.Name)}{Default(parameter)}";
    }

    private static string Default(IParameterSymbol parameter)
    {
        if (!parameter.HasExplicitDefaultValue)
        {
            return "";
        }

        if (parameter.ExplicitDefaultValue is { } value)
        {
            return " = " + Literals.Value(value, parameter.Type);
        }

        // A null that the declared type does not allow is still the user's default.
        var nullable = parameter.Type.IsValueType || parameter.NullableAnnotation == NullableAnnotation.Annotated;
        return nullable ? " = default" : " = default!";
    }
}
