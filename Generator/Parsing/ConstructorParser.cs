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
        .Where(constructor => constructor.Parameters.All(CanBePassedOn) && !IsRefused(constructor))
        .Select(constructor => new ConstructorSpec(
            constructor.DeclaredAccessibility == Accessibility.Public ? "public" : "internal",
            constructor.Parameters.Select(Declaration).ToEquatable(),
            constructor.Parameters.Select(parameter => Identifiers.Escape(parameter.Name)).ToEquatable(),
            PathName(constructor)))
        .ToEquatable();

    /// <summary>A lambda cannot hold references, spans or pointers, and half-typed code leaves parameters without a name.</summary>
    private static bool CanBePassedOn(IParameterSymbol parameter) =>
        parameter.Name.Length > 0
            && parameter.RefKind == RefKind.None
            && !parameter.Type.IsRefLikeType
            && parameter.Type.TypeKind is not (TypeKind.Error or TypeKind.Pointer or TypeKind.FunctionPointer);

    /// <summary>Whether generated code may not call it: obsolete as an error, or leaving required members unset.</summary>
    private static bool IsRefused(IMethodSymbol constructor)
    {
        var attributes = constructor.GetAttributes();
        var leavesUnset = !attributes.Any(attribute => attribute.AttributeClass?.Name == "SetsRequiredMembersAttribute")
            && Bases(constructor.ContainingType)
                .SelectMany(type => type.GetMembers())
                .Any(member => member is IFieldSymbol { IsRequired: true } or IPropertySymbol { IsRequired: true });
        return leavesUnset || attributes.Any(attribute => attribute.AttributeClass?.Name == "ObsoleteAttribute");
    }

    private static IEnumerable<INamedTypeSymbol> Bases(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            yield return type;
        }
    }

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
        return $"{(parameter.IsParams ? "params " : "")}{parameter.Type.ToDisplayString(TypeName)} {Identifiers.Escape(parameter.Name)}{Default(parameter)}";
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
