using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// What a model keeps to itself and still has to tell: where another one runs a method of it, that method is read in place,
/// and generated code cannot name the private members that it goes by.
/// </summary>
internal sealed class PrivateValues(ParseContext context, TorchSymbols torch)
{
    private readonly TypeTranslator types = new(context, torch);

    /// <summary>The names of the members that a class's methods read, where others may run these.</summary>
    /// <param name="type">The class.</param>
    /// <param name="forward">What it is linked by, which nobody needs to read in place.</param>
    public IEnumerable<string> Of(INamedTypeSymbol type, IMethodSymbol forward)
    {
        var methods = type.GetMembers()
            .OfType<IMethodSymbol>()
            .Where(method => method is { IsStatic: false, DeclaringSyntaxReferences.IsEmpty: false }
                && (method.MethodKind == MethodKind.Ordinary
                    || method is { MethodKind: MethodKind.PropertyGet, AssociatedSymbol: IPropertySymbol asked } && LayerParser.BackingField(asked) is null))
            .ToList();
        if (!methods.Any(
            method =>
                method.DeclaredAccessibility is not (Accessibility.Private or Accessibility.Protected)
                    && !SymbolEqualityComparer.Default.Equals(method, forward)))
        {
            return [];
        }

        var read = new HashSet<string>(
            methods.SelectMany(method => method.DeclaringSyntaxReferences)
                .SelectMany(reference => reference.GetSyntax(context.Cancellation).DescendantNodes())
                .OfType<IdentifierNameSyntax>()
                .Select(name => name.Identifier.ValueText),
            StringComparer.Ordinal);
        return type.GetMembers().Where(member => read.Contains(member.Name) && IsKnown(member, torch, types)).Select(member => member.Name);
    }

    /// <summary>Whether a member is private, and a value that is no tensor and no layer.</summary>
    public static bool IsKnown(ISymbol member, TorchSymbols torch, TypeTranslator types) =>
        member is { IsImplicitlyDeclared: false, DeclaredAccessibility: Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal }
        && (member is IFieldSymbol { IsConst: false, AssociatedSymbol: null } or IPropertySymbol { IsIndexer: false, GetMethod: not null })
        && ((member as IFieldSymbol)?.Type ?? ((IPropertySymbol)member).Type) is { TypeKind: not TypeKind.Delegate, IsRefLikeType: false } type
        && !types.MayCarryTensors(type) && !types.CarriesTensors(type) && !torch.IsModule(type) && types.Translate(type) is not null;
}
