using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Parsing;

/// <summary>Types of the source as the generated code needs them: with the axes of tensors in the place of tensors.</summary>
internal sealed class TypeTranslator
{
    public const string AxisTensor = "global::PruneGen.Axes.AxisTensor";
    public const string AxisSize = "global::PruneGen.Axes.AxisSize";
    public const string Record = "global::PruneGen.LinkRecord";
    public const string Module = "global::TorchSharp.torch.nn.Module";

    private static readonly SymbolDisplayFormat FullName = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    private readonly ParseContext context;
    private readonly TorchSymbols torch;
    private readonly Dictionary<ITypeSymbol, bool> records = new(SymbolEqualityComparer.Default);

    public TypeTranslator(ParseContext context, TorchSymbols torch)
    {
        this.context = context;
        this.torch = torch;
    }

    /// <summary>The name of a list or sequence of numbers in the generated code where it holds sizes; null where it has none.</summary>
    public string? TranslateSizes(ITypeSymbol type) =>
        type is IArrayTypeSymbol ? AxisSize + "[]" : Translate(type)?.Replace("<long>", $"<{AxisSize}>");

    /// <summary>The type's name in the generated code; null where it has none.</summary>
    public string? Translate(ITypeSymbol type)
    {
        switch (type)
        {
            case IErrorTypeSymbol or IDynamicTypeSymbol or IPointerTypeSymbol or IFunctionPointerTypeSymbol:
                return null;
            case ITypeParameterSymbol parameter:
                return parameter.DeclaringMethod is null ? parameter.Name : null;
            case IArrayTypeSymbol array:
                return Translate(array.ElementType) is { } element ? element + "[" + new string(',', array.Rank - 1) + "]" : null;
        }

        if (torch.IsTensor(type))
        {
            return AxisTensor;
        }

        if (!CarriesTensors(type))
        {
            return type is INamedTypeSymbol { IsAnonymousType: false, IsFileLocal: false } && context.Compilation.IsSymbolAccessibleWithin(type, context.Type)
                ? type.ToDisplayString(FullName)
                : null;
        }

        if (IsRecord(type))
        {
            return Record;
        }

        // What stands for a structure is an object, which may be null as it is.
        if (NumberTypes.Underlying(type) is { } inner && !ReferenceEquals(inner, type) && IsRecord(inner))
        {
            return Record + "?";
        }

        if (type is not INamedTypeSymbol { TypeArguments.IsEmpty: false } generic)
        {
            return null;
        }

        // From the eighth on, the elements of a tuple are not its type arguments.
        var arguments = (generic.IsTupleType ? generic.TupleElements.Select(element => element.Type) : generic.TypeArguments).Select(Translate).ToList();
        if (arguments.Contains(null))
        {
            return null;
        }

        if (generic.IsTupleType)
        {
            var elements = generic.TupleElements.Zip(arguments, (element, type) =>
                element.IsExplicitlyNamedTupleElement ? $"{type} {Emission.Identifiers.Escape(element.Name)}" : type);
            return $"({string.Join(", ", elements)})";
        }

        // A generic class of the user's may ask its parameter for what only a tensor has.
        return generic.ContainingType is null && IsOfSystem(generic)
            ? $"global::{generic.ContainingNamespace.ToDisplayString()}.{generic.Name}<{string.Join(", ", arguments)}>"
            : null;
    }

    /// <summary>The type by whose constructor a tuple is created, which has no names for elements; its elements can be translated.</summary>
    public string Created(INamedTypeSymbol tuple) => $"global::System.ValueTuple<{string.Join(", ", tuple.TypeArguments.Select(Translate))}>";

    /// <summary>Whether values of the type may hold tensors.</summary>
    public bool CarriesTensors(ITypeSymbol? type) => type switch
    {
        null => false,
        IArrayTypeSymbol array => CarriesTensors(array.ElementType),
        _ when torch.IsTensor(type) => true,
        _ when torch.IsModule(type) => false,
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.Any(element => CarriesTensors(element.Type)),
        INamedTypeSymbol { IsGenericType: true } generic => generic.TypeArguments.Any(CarriesTensors),
        _ => IsRecord(type),
    };

    /// <summary>Whether a method is given what carries tensors, or gives it.</summary>
    public bool HandlesTensors(IMethodSymbol method) =>
        CarriesTensors(method.ReturnType) || CarriesTensors(method.ReceiverType) || method.Parameters.Any(parameter => CarriesTensors(parameter.Type));

    /// <summary>Whether values of the type may hold tensors or modules, as far as can be told: anything may be in an object.</summary>
    public bool MayCarryTensors(ITypeSymbol? type) => type switch
    {
        null => false,
        IArrayTypeSymbol array => MayCarryTensors(array.ElementType),
        INamedTypeSymbol { IsGenericType: true } generic => generic.TypeArguments.Any(MayCarryTensors) || torch.IsModule(type),
        ITypeParameterSymbol or IDynamicTypeSymbol or { SpecialType: SpecialType.System_Object } => true,
        _ => torch.IsTensor(type) || torch.IsModule(type),
    };

    /// <summary>Whether a type is <c>System.Tuple</c>, which the language knows nothing of.</summary>
    public static bool IsTupleObject(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "Tuple", IsGenericType: true, IsTupleType: false } && IsOfSystem(type);

    /// <summary>Whether the type is one of the user's own that hands tensors around: a record of inputs, of results.</summary>
    public bool IsRecord(ITypeSymbol? type)
    {
        if (type is not INamedTypeSymbol { IsGenericType: false, TypeKind: TypeKind.Class or TypeKind.Struct } named
            || named.DeclaringSyntaxReferences.IsEmpty
            || torch.IsModule(named)
            || torch.IsTensor(named))
        {
            return false;
        }

        if (!records.TryGetValue(named, out var known))
        {
            // A type that holds itself is asked once.
            records[named] = false;
            records[named] = known = OwnCollection(named) is null && Members(named).Any(member => CarriesTensors(TypeOf(member)));
        }

        return known;
    }

    /// <summary>The collection of .NET's, of tensors, that a class or interface of the user's derives from; null where there is none.</summary>
    /// <param name="type">The class or interface.</param>
    /// <param name="byInterface">Whether what a class only implements counts, too.</param>
    public INamedTypeSymbol? OwnCollection(ITypeSymbol type, bool byInterface = false)
    {
        var bases = type.TypeKind == TypeKind.Interface ? type.AllInterfaces
            : byInterface ? Forward(type.BaseType).Concat(type.AllInterfaces) : Forward(type.BaseType);
        return type.DeclaringSyntaxReferences.IsEmpty || type.IsTupleType || torch.IsModule(type) ? null
            : bases.FirstOrDefault(one => IsOfSystem(one) && CarriesTensors(one) && one.AllInterfaces.Append(one).Any(each => each.Name == "IEnumerable"));

        static IEnumerable<INamedTypeSymbol> Forward(INamedTypeSymbol? of) => of is null ? [] : Forward(of.BaseType).Prepend(of);
    }

    /// <summary>
    /// The members of the records that a type is made of, its own and those of its elements, of which live objects can be read as what stands for them;
    /// null where the type holds something else, such as a delegate or a sequence that is computed each time.
    /// </summary>
    public IReadOnlyCollection<ISymbol>? PartsOf(ITypeSymbol type)
    {
        var parts = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        return All(type) ? parts : null;

        bool All(ITypeSymbol one) => !CarriesTensors(one) || torch.IsTensor(one) || one switch
        {
            IArrayTypeSymbol { Rank: 1, ElementType: var element } => All(element),
            INamedTypeSymbol { IsTupleType: true, TupleElements: { Length: <= 7 } elements } => elements.All(element => All(element.Type)),
            INamedTypeSymbol { Name: "List" or "IList" or "IReadOnlyList" or "ICollection" or "IReadOnlyCollection" or "Dictionary" or "IDictionary"
                or "IReadOnlyDictionary" or "Nullable", TypeArguments: var arguments } known when IsOfSystem(known) => arguments.All(All),
            INamedTypeSymbol record when IsRecord(record) => AllMembers(record),
            _ => false,
        };

        bool AllMembers(INamedTypeSymbol record)
        {
            // What is computed is read where it is asked for.
            var members = Members(record).Where(member => member is not IPropertySymbol property || LayerParser.BackingField(property) is not null).ToList();
            return !record.AllInterfaces.Any(one => one.Name == "IEnumerable" && CarriesTensors(one))
                && members.Select(member => member.Name).Distinct(StringComparer.Ordinal).Count() == members.Count
                && members.All(member => !parts.Add(member.OriginalDefinition) || All(TypeOf(member)));
        }
    }

    /// <summary>What a record holds: its fields and properties, the inherited ones too.</summary>
    public static IEnumerable<ISymbol> Members(INamedTypeSymbol record)
    {
        for (INamedTypeSymbol? type = record; type is not null
            and not { SpecialType: SpecialType.System_Object or SpecialType.System_ValueType }; type = type.BaseType)
        {
            foreach (var member in type.GetMembers()
                .Where(
                    member =>
                        !member.IsStatic
                            && !member.IsImplicitlyDeclared
                            && member is IFieldSymbol { AssociatedSymbol: null } or IPropertySymbol { IsIndexer: false }))
            {
                yield return member;
            }
        }
    }

    private static ITypeSymbol TypeOf(ISymbol member) => member is IFieldSymbol field ? field.Type : ((IPropertySymbol)member).Type;

    /// <summary>Whether a symbol belongs to the library of .NET.</summary>
    public static bool IsOfSystem(ISymbol symbol)
    {
        var space = symbol.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
        {
            space = space.ContainingNamespace;
        }

        return space is { Name: "System" } && symbol.DeclaringSyntaxReferences.IsEmpty;
    }
}
