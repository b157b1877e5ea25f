using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Reads how a class is declared, and whether generated members can be added to it.</summary>
internal static class TypeParser
{
    public static TypeSpec Read(ParseContext context, int at)
    {
        var type = context.Type;
        var containers = new List<string>();
        CheckPartial(context, type);
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            CheckPartial(context, outer);
            containers.Insert(0, $"{Keyword(outer)} {Identifiers.EscapeType(outer.Name)}{TypeParameters(outer)}");
        }

        if (type.IsFileLocal)
        {
            context.Report(RuleIds.FileLocal, at, type.Name);
        }

        CheckLanguage(context, at);
        CheckNames(context);
        return new TypeSpec(
            type.ContainingNamespace.IsGlobalNamespace ? "" : string.Join(".", NamespaceParts(type.ContainingNamespace).Select(Identifiers.EscapeType)),
            containers.ToEquatable(),
            Identifiers.EscapeType(type.Name),
            TypeParameters(type),
            string.Join(".", NamespaceParts(type.ContainingNamespace).Concat(TypeParts(type))),
            Path.GetFileName(type.Locations.FirstOrDefault()?.SourceTree?.FilePath ?? ""),
            Language(type) >= LanguageVersion.CSharp10,
            HidesBase(type),
            UsesObsolete: false);
    }

    private static void CheckPartial(ParseContext context, INamedTypeSymbol type)
    {
        var declarations = type.DeclaringSyntaxReferences.Select(reference => reference.ReadBy(context)).OfType<TypeDeclarationSyntax>().ToList();
        if (declarations.Count > 0 && !declarations.Any(declaration => declaration.Modifiers.Any(SyntaxKind.PartialKeyword)))
        {
            context.Report(
                RuleIds.NotPartial,
                context.Sites.Add(declarations[0].Identifier.GetLocation()),
                type.Name,
                SymbolEqualityComparer.Default.Equals(type, context.Type) ? "it" : $"the class '{context.Type.Name}' inside");
        }
    }

    private static LanguageVersion Language(INamedTypeSymbol type) =>
        (type.Locations.FirstOrDefault()?.SourceTree?.Options as CSharpParseOptions)?.LanguageVersion ?? LanguageVersion.CSharp9;

    private static void CheckLanguage(ParseContext context, int at)
    {
        if (Language(context.Type) < LanguageVersion.CSharp9)
        {
            context.Report(RuleIds.OldLanguage, at, context.Type.Name, Language(context.Type).ToDisplayString());
        }
    }

    /// <summary>A member of the user's may not have the name of a generated one, unless both are methods of different parameters.</summary>
    private static void CheckNames(ParseContext context)
    {
        var asksForCodes = context.Type.GetMembers().Append(context.Type).Any(symbol =>
            AnnotationParser.Find(symbol, "ShareWeightsAttribute") is not null || AnnotationParser.Find(symbol, "QuantizeAttribute") is not null);
        foreach (var name in GeneratedNames.All.Concat(asksForCodes ? GeneratedNames.OfCoding : []))
        {
            var taken = context.Type.GetMembers(name)
                .Where(member => IsUsers(member) && (member is not IMethodSymbol method || GeneratedNames.Clashes(method)))
                .Concat(context.Type.TypeParameters.Where(parameter => parameter.Name == name))
                .Concat(context.Type.Name == name ? [context.Type] : Enumerable.Empty<ISymbol>());
            foreach (var member in taken)
            {
                context.Report(RuleIds.MemberConflict, context.Sites.Add(member.Locations.FirstOrDefault()), context.Type.Name, name);
            }
        }
    }

    /// <summary>The analyzer runs when the generated members are there already.</summary>
    private static bool IsUsers(ISymbol member) => member.DeclaringSyntaxReferences.Any(reference => !GeneratedFile.IsOurs(reference.SyntaxTree.FilePath));

    private static bool HidesBase(INamedTypeSymbol type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (AnnotationParser.FindModel(parent) is not null
                || GeneratedNames.All.Any(name => !parent.GetMembers(name).IsEmpty))
            {
                return true;
            }
        }

        return false;
    }

    private static string Keyword(INamedTypeSymbol type) => (type.TypeKind, type.IsRecord) switch
    {
        (TypeKind.Struct, true) => "record struct",
        (TypeKind.Struct, false) => "struct",
        (TypeKind.Interface, _) => "interface",
        (_, true) => "record",
        _ => "class",
    };

    private static string TypeParameters(INamedTypeSymbol type) =>
        type.TypeParameters.IsEmpty ? "" : $"<{string.Join(", ", type.TypeParameters.Select(parameter => Identifiers.EscapeType(parameter.Name)))}>";

    private static IEnumerable<string> NamespaceParts(INamespaceSymbol space) =>
        space.IsGlobalNamespace ? [] : NamespaceParts(space.ContainingNamespace).Append(space.Name);

    private static IEnumerable<string> TypeParts(INamedTypeSymbol type) =>
        (type.ContainingType is null ? [] : TypeParts(type.ContainingType))
        .Append(type.TypeParameters.IsEmpty ? type.Name : $"{type.Name}{{{string.Join(",", type.TypeParameters.Select(parameter => parameter.Name))}}}");
}
