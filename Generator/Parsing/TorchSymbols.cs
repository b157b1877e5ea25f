using Microsoft.CodeAnalysis;
using PruneGen.Generator.Diagnostics;

namespace PruneGen.Generator.Parsing;

/// <summary>TorchSharp's types in one compilation.</summary>
internal sealed class TorchSymbols
{
    private const string ModuleName = "TorchSharp.torch+nn+Module";

    private readonly INamedTypeSymbol module;
    private readonly INamedTypeSymbol tensor;
    private readonly INamedTypeSymbol? packed;

    private TorchSymbols(INamedTypeSymbol module, INamedTypeSymbol tensor, INamedTypeSymbol? packed)
    {
        this.module = module;
        this.tensor = tensor;
        this.packed = packed;
    }

    /// <summary>The class of all tensors.</summary>
    public INamedTypeSymbol Tensor => tensor;

    /// <summary>The class of all modules.</summary>
    public INamedTypeSymbol Module => module;

    /// <summary>Finds TorchSharp, or says why it cannot be used.</summary>
    public static (TorchSymbols? Symbols, string Problem) Find(Compilation compilation)
    {
        if (compilation.GetTypeByMetadataName(ModuleName) is not { } module
            || compilation.GetTypeByMetadataName("TorchSharp.torch+Tensor") is not { } tensor)
        {
            return (null, "[Prunable] needs the package TorchSharp, which this project does not refer to");
        }

        var version = module.ContainingAssembly.Identity.Version;
        return version >= BuildFacts.TorchSharp
            ? (new TorchSymbols(module, tensor, compilation.GetTypeByMetadataName("TorchSharp.torch+nn+utils+rnn+PackedSequence")), "")
            : (null, $"[Prunable] needs TorchSharp {BuildFacts.TorchSharp} or later, but this project refers to {version}");
    }

    /// <summary>Whether the type is a tensor (a parameter too), or sequences that are packed into one.</summary>
    public bool IsTensor(ITypeSymbol? type) => Derives(type, tensor) || IsPacked(type);

    /// <summary>Whether the type is that of packed sequences.</summary>
    public bool IsPacked(ITypeSymbol? type) => packed is not null && SymbolEqualityComparer.Default.Equals(type, packed);

    /// <summary>Whether the type is a module, by its class, an interface of modules or the constraint of a type parameter.</summary>
    public bool IsModule(ITypeSymbol? type) =>
        Derives(type, module)
        || (type is INamedTypeSymbol { Name: "IModule", TypeKind: TypeKind.Interface } && IsTorch(type))
        || (type is ITypeParameterSymbol parameter && parameter.ConstraintTypes.Any(IsModule));

    /// <summary>Whether the type is a class that derives from torch.nn.Module.</summary>
    public bool DerivesFromModule(ITypeSymbol? type) => Derives(type, module);

    /// <summary>Whether the symbol is TorchSharp's own.</summary>
    public bool IsTorch(ISymbol? symbol) => SymbolEqualityComparer.Default.Equals(symbol?.ContainingAssembly, module.ContainingAssembly);

    /// <summary>Whether the type is a layer class that comes with TorchSharp.</summary>
    public bool IsBuiltInLayer(ITypeSymbol type) =>
        Derives(type, module) && IsTorch(type) && type.ContainingType is null && type.ContainingNamespace.Name == "Modules";

    private static bool Derives(ITypeSymbol? type, INamedTypeSymbol from)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(t, from))
            {
                return true;
            }
        }

        return false;
    }
}
