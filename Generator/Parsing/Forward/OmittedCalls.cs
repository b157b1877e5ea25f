using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Calls that the compiler leaves out with all that they are given: of a [Conditional] method of the project, of a partial one without a body. Those of
/// Debug and Trace count in whichever configuration: what is pruned in one is loaded in the other.
/// </summary>
internal static class OmittedCalls
{
    public static bool Is(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.IsPartialDefinition && method.PartialImplementationPart is null)
        {
            return true;
        }

        while (method.OverriddenMethod is { } overridden)
        {
            method = overridden;
        }

        var symbols = method.GetAttributes()
            .Where(attribute => attribute.AttributeClass is { Name: "ConditionalAttribute", ContainingNamespace.Name: "Diagnostics" })
            .Select(attribute => attribute.ConstructorArguments is [{ Value: string symbol }] ? symbol : "").ToList();
        return symbols.Count > 0 && !method.DeclaringSyntaxReferences.IsEmpty && !symbols.Any(symbol => IsDefined(symbol, call.Syntax.SyntaxTree));
    }

    /// <summary>Whether a symbol is defined by the project, or at the head of the file, which has the last word.</summary>
    private static bool IsDefined(string symbol, SyntaxTree tree)
    {
        var isDefined = tree.Options.PreprocessorSymbolNames.Contains(symbol);
        for (var directive = ((CompilationUnitSyntax)tree.GetRoot()).GetFirstDirective(); directive is not null; directive = directive.GetNextDirective())
        {
            isDefined = directive switch
            {
                DefineDirectiveTriviaSyntax { IsActive: true, Name.ValueText: var name } when name == symbol => true,
                UndefDirectiveTriviaSyntax { IsActive: true, Name.ValueText: var name } when name == symbol => false,
                _ => isDefined,
            };
        }

        return isDefined;
    }
}
