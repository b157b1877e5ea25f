using Microsoft.CodeAnalysis;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.Generator.Parsing;

/// <summary>Finds the <c>forward</c> that a model runs.</summary>
internal static class ForwardMethod
{
    public static IMethodSymbol? Find(ParseContext context, TorchSymbols torch, int at)
    {
        var found = Candidates(context.Type, torch).FirstOrDefault();
        if (found is null || found.IsAbstract || found.DeclaringSyntaxReferences.IsEmpty)
        {
            context.Report(RuleIds.NoForward, at, context.Type.Name);
            return null;
        }

        foreach (var parameter in found.Parameters.Where(parameter => !torch.IsTensor(parameter.Type) || parameter.RefKind != RefKind.None))
        {
            if (parameter.Type.TypeKind == TypeKind.Error)
            {
                context.IsBroken = true;
                return null;
            }

            context.Report(RuleIds.UnsupportedSignature, context.Sites.Add(parameter.Locations.FirstOrDefault()), $"The input '{parameter.Name}' of {context.Type.Name}.forward is a {parameter.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}");
            return null;
        }

        if (found.IsOverride && torch.IsTensor(found.ReturnType) && !IsCalledAlike(found, torch))
        {
            // The compiler reports that it overrides nothing.
            context.IsBroken = true;
            return null;
        }

        if (!torch.IsTensor(found.ReturnType))
        {
            if (found.ReturnType.TypeKind != TypeKind.Error)
            {
                context.Report(RuleIds.UnsupportedSignature, context.Sites.Add(found.Locations.FirstOrDefault()), $"The result of {context.Type.Name}.forward is a {found.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}");
            }

            return null;
        }

        return found;
    }

    /// <summary>Whether the <c>call</c> of the Module‹…› that a model derives from takes and gives what its forward does.</summary>
    private static bool IsCalledAlike(IMethodSymbol forward, TorchSymbols torch)
    {
        var module = forward.ContainingType.BaseType;
        while (module is not null && !torch.IsTorch(module))
        {
            module = module.BaseType;
        }

        return module is null || module.TypeArguments.IsEmpty || (module.TypeArguments.All(torch.IsTensor) && module.TypeArguments.Length == forward.Parameters.Length + 1);
    }

    /// <summary>The override of the module's own forward first, then any method of that name; the most derived first.</summary>
    private static IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type, TorchSymbols torch)
    {
        var methods = new List<IMethodSymbol>();
        for (var t = type; t is not null && !torch.IsTorch(t); t = t.BaseType)
        {
            methods.AddRange(t.GetMembers("forward").OfType<IMethodSymbol>().Where(method => !method.IsStatic && method.Parameters.Length > 0));
        }

        return methods.OrderByDescending(method => method.IsOverride);
    }
}
