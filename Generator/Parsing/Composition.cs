using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Generator.Parsing;

/// <summary>Which models of a compilation are made of which.</summary>
internal static class Composition
{
    /// <summary>Whether another model of the compilation names a class: in a field, in a list, where it creates one.</summary>
    /// <remarks>It goes through every file, and is for the few findings whose truth hangs on it.</remarks>
    public static bool IsPart(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellation) =>
        TorchSymbols.Find(compilation).Symbols is { } torch
        && compilation.SyntaxTrees.Where(tree => !tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal))
            .Any(tree => tree.GetRoot(cancellation).DescendantNodes()
            .OfType<SimpleNameSyntax>()
            .Where(name => name.Identifier.ValueText == type.Name)
            .SelectMany(name => name.Ancestors().TakeWhile(node => node is not BaseListSyntax).OfType<ClassDeclarationSyntax>().Take(1))
            .Distinct()
            .Any(
                owner =>
                    compilation.GetSemanticModel(tree).GetDeclaredSymbol(owner, cancellation) is INamedTypeSymbol other
                        && !SymbolEqualityComparer.Default.Equals(other, type)
                        && torch.DerivesFromModule(other)));
}
