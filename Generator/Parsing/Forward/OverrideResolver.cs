using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Which of several overrides runs.</summary>
internal sealed class OverrideResolver(Reading reading) : Reader(reading)
{
    private IReadOnlyList<INamedTypeSymbol>? classes;

    /// <summary>Every class of the project.</summary>
    private IReadOnlyList<INamedTypeSymbol> Classes => classes ??= PruneAnalyzer.ClassesIn(Context.Compilation.Assembly.GlobalNamespace).ToList();

    /// <summary>The override that objects of a class run.</summary>
    public static IMethodSymbol MostDerived(IMethodSymbol method, ITypeSymbol of)
    {
        for (var type = of; type is not null; type = type.BaseType)
        {
            foreach (var candidate in type.GetMembers(method.Name).OfType<IMethodSymbol>())
            {
                if (IsOverrideOf(candidate, method))
                {
                    return candidate.OriginalDefinition;
                }
            }
        }

        return method;
    }

    private static bool IsOverrideOf(IMethodSymbol candidate, IMethodSymbol method)
    {
        for (var overridden = candidate; overridden is not null; overridden = overridden.OverriddenMethod)
        {
            if (SymbolEqualityComparer.Default.Equals(overridden.OriginalDefinition, method))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsVirtual(IMethodSymbol method) => method.IsVirtual || method.IsAbstract || method.IsOverride;

    /// <summary>The method with a body that runs where a virtual one is called; null where the source does not tell.</summary>
    /// <param name="called">The method as the call names it.</param>
    /// <param name="self">The object that it is called on.</param>
    /// <param name="instance">How the source writes that object; null where it does not.</param>
    public IMethodSymbol? Runs(IMethodSymbol called, ParsedValue? self, IOperation? instance)
    {
        var method = called.OriginalDefinition;
        var exact = self is ModelValue
            ? Context.Type
            : (self as RecordValue)?.Type ?? (instance is null ? null : CreatedType(Conversions.Unconverted(instance)));
        if (self is CodeValue { IsExact: true, Type: INamedTypeSymbol one } && instance is IInstanceReferenceOperation)
        {
            method = Implementation(called, one);
            if (IsOpenToOthers(method, one) && Methods.BodyOf(method) is not null && !Require(method, self))
            {
                return null;
            }
        }
        else if (exact is not null)
        {
            method = Implementation(called, exact);
        }
        else if (instance?.Type is INamedTypeSymbol declared && !IsReplaceable(method, declared))
        {
            method = MostDerived(method, declared);
            if (IsOpenToOthers(method, declared) && Methods.BodyOf(method) is not null && !Require(method, self))
            {
                return null;
            }
        }
        else if (OnlyImplementation(method, instance?.Type) is { } only)
        {
            method = only;
        }
        else
        {
            return null;
        }

        return !method.IsAbstract && Methods.BodyOf(method) is not null ? method : null;
    }

    /// <summary>
    /// The methods one of which runs where a virtual method of a layer is called, with the class whose objects run it: what is derived comes first.
    /// </summary>
    /// <param name="called">The method as the call names it.</param>
    /// <param name="declared">The class that the layer is declared as.</param>
    /// <returns>None where one of them cannot be read, or has no name here.</returns>
    public IReadOnlyList<(INamedTypeSymbol Class, IMethodSymbol Method)> Ways(IMethodSymbol called, ITypeSymbol? declared)
    {
        if (declared is not INamedTypeSymbol { IsGenericType: false, TypeKind: TypeKind.Class or TypeKind.Interface } type)
        {
            return [];
        }

        var ways = Classes.Where(one => !one.IsAbstract && one.TypeKind != TypeKind.Interface && IsA(one, type))
            .Select(one => Implementation(called, one)).Distinct<IMethodSymbol>(SymbolEqualityComparer.Default)
            .Select(method => (Class: method.ContainingType, Method: method))
            .OrderByDescending(way => Depth(way.Class)).ToList();
        return ways.TrueForAll(way => CanRun(way.Class, way.Method) && Torch.DerivesFromModule(way.Class)) ? ways : [];
    }

    /// <summary>
    /// The methods one of which runs where an object's method is called, with each class of the project that the object may be of; what is derived first.
    /// </summary>
    /// <param name="called">The method as the call names it.</param>
    /// <param name="declared">The class or interface that the object is declared as.</param>
    /// <returns>None where one of them cannot be read, or has no name here.</returns>
    public IReadOnlyList<(INamedTypeSymbol Class, IMethodSymbol Method)> WaysOfEach(IMethodSymbol called, ITypeSymbol declared)
    {
        var ways = Classes.Where(one => !one.IsAbstract && !one.IsStatic && IsA(one, declared))
            .Select(one => (Class: one, Method: Implementation(called, one))).OrderByDescending(way => Depth(way.Class)).ToList();
        return ways.TrueForAll(way => CanRun(way.Class, way.Method) && (Objects.IsPlain(way.Class) || Torch.DerivesFromModule(way.Class))) ? ways : [];
    }

    private static bool IsA(INamedTypeSymbol one, ITypeSymbol declared) => SymbolEqualityComparer.Default.Equals(one, declared)
        || (declared.TypeKind == TypeKind.Interface ? one.AllInterfaces.Contains(declared, SymbolEqualityComparer.Default)
            : declared is INamedTypeSymbol from && DerivesFrom(one, from));

    /// <summary>Whether a method can be read, and its class be named here.</summary>
    private bool CanRun(INamedTypeSymbol type, IMethodSymbol method) => !method.IsAbstract && Methods.BodyOf(method) is not null
        && type is { IsGenericType: false, IsFileLocal: false } && Context.Compilation.IsSymbolAccessibleWithin(type, Context.Type);

    /// <summary>What objects of a class run where a method is called, which may be that of an interface.</summary>
    private static IMethodSymbol Implementation(IMethodSymbol called, INamedTypeSymbol of) => MostDerived(
        called.ContainingType.TypeKind == TypeKind.Interface
            ? (of.FindImplementationForInterfaceMember(called) as IMethodSymbol)?.OriginalDefinition ?? called.OriginalDefinition
            : called.OriginalDefinition,
        of);

    private static int Depth(INamedTypeSymbol type) => type.BaseType is { } parent ? 1 + Depth(parent) : 0;

    /// <summary>
    /// Sees that a layer or object that runs one of several methods does run it, where a class that this project does not see might replace it.
    /// </summary>
    /// <returns>False where that cannot be seen.</returns>
    public bool RequireWhereOpen(IMethodSymbol method, ParsedValue self, ITypeSymbol declared) =>
        !IsOpenToOthers(method, (INamedTypeSymbol)declared) || Require(method, self);

    /// <summary>
    /// Has the linker see that the live object runs the method, which a class that this project does not see might replace. False where there
    /// is no live object, or its class has no name here.
    /// </summary>
    private bool Require(IMethodSymbol method, ParsedValue? self)
    {
        var live = self switch
        {
            LayerValue { Reference: var layer } => layer.Code,
            CodeValue { IsExact: true, Code: Cast { Of: var uncast } } => uncast,
            CodeValue { Code: var code, Type: var held } when !Types.CarriesTensors(held) => code,
            _ => null,
        };
        var declaring = self is CodeValue { IsExact: true, Type: INamedTypeSymbol of } ? of : method.ContainingType;
        if (live is null || !Context.Compilation.IsSymbolAccessibleWithin(declaring, Context.Type))
        {
            return false;
        }

        var type = (declaring.IsGenericType ? declaring.ConstructUnboundGenericType() : declaring).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

        var check = new Do(
            new Named("global::PruneGen.LiveObjects").Method(
                "Require", Named.Linker, live, new Named($"typeof({type})"), new TextArgument(method.MetadataName)),
            Quoted,
            0);
        if (!Nodes.Contains(check))
        {
            Nodes.Add(check);
        }

        return true;
    }

    /// <summary>Remembers that a method was read which a class below might replace.</summary>
    public void NoteRead(IMethodSymbol method)
    {
        if (IsVirtual(method) && method.GetDocumentationCommentId() is { } id)
        {
            Context.Read.Add(id);
        }
    }

    /// <summary>Why a call is not followed.</summary>
    public static Problem Replaceable(IMethodSymbol called) => called.ContainingType.TypeKind == TypeKind.Interface
        ? new(
            $"a call of {called.Name}, which each class with the interface {called.ContainingType.Name} has of its own",
            $"call it on the class that it is, or describe {called.Name} with [Axes]")
        : new(
            $"a call of {called.Name}, which a class derived from {called.ContainingType.Name} may replace",
            $"seal the method or the class, or describe {called.Name} with [Axes]");

    /// <summary>The class of what a member holds, where it is created in sight and stays; null where that is not told.</summary>
    private INamedTypeSymbol? CreatedType(IOperation instance)
    {
        var value = instance is IMemberReferenceOperation { Member: IFieldSymbol or IPropertySymbol, Instance: IInstanceReferenceOperation } reference
            && Members.IsSetOnce(reference.Member)
            && LayerTypes.AssignedTo(reference.Member) is [var only]
            ? Conversions.Unconverted(only)
            : instance;
        return value is IObjectCreationOperation { Type: INamedTypeSymbol type } ? type : null;
    }

    /// <summary>Whether an object that is declared as of a class may run another method, which a class of this project has.</summary>
    private bool IsReplaceable(IMethodSymbol method, INamedTypeSymbol declared) =>
        declared.TypeKind == TypeKind.Interface
        || (!method.IsSealed && !declared.IsSealed && !declared.IsValueType
            && Classes.Any(
                type => DerivesFrom(type, declared) && type.GetMembers(method.Name).OfType<IMethodSymbol>().Any(candidate => IsOverrideOf(candidate, method))));

    /// <summary>What runs where all classes that an object may be of have one method; null where they do not, or other projects may add some.</summary>
    private IMethodSymbol? OnlyImplementation(IMethodSymbol method, ITypeSymbol? declared)
    {
        if (declared is not INamedTypeSymbol { IsGenericType: false } type || IsOpenToOthers(method, type))
        {
            return null;
        }

        var found = Classes.Where(one => !one.IsAbstract).Select(one => type.TypeKind != TypeKind.Interface
            ? SymbolEqualityComparer.Default.Equals(one, type) || DerivesFrom(one, type) ? MostDerived(method, one) : null
            : one.FindImplementationForInterfaceMember(method) is IMethodSymbol implementation ? MostDerived(implementation.OriginalDefinition, one) : null);
        return found.OfType<IMethodSymbol>().Distinct<IMethodSymbol>(SymbolEqualityComparer.Default).ToList() is [var only] ? only : null;
    }

    private static bool DerivesFrom(INamedTypeSymbol type, INamedTypeSymbol from)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, from.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether another project may derive from the class and replace the method; nobody refers to a program.</summary>
    private bool IsOpenToOthers(IMethodSymbol method, INamedTypeSymbol type)
    {
        var isOpen = Context.Compilation.Options.OutputKind is OutputKind.DynamicallyLinkedLibrary or OutputKind.NetModule
            && !method.IsSealed && !type.IsSealed && !type.IsValueType && IsOpen(method)
            && (type.TypeKind == TypeKind.Interface || type.InstanceConstructors.Any(IsOpen));
        for (var at = type; isOpen && at is not null; at = at.ContainingType)
        {
            isOpen = IsOpen(at);
        }

        return isOpen;

        static bool IsOpen(ISymbol symbol) =>
            symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;
    }

    /// <summary>The getter that runs, where its body can be read.</summary>
    public IMethodSymbol? Getter(IPropertySymbol property, ParsedValue? owner, IOperation? instance)
    {
        if (property.GetMethod is not { } getter)
        {
            return null;
        }

        var runs = IsVirtual(getter) && instance is not { Syntax: BaseExpressionSyntax } ? Runs(getter, owner, instance) : getter.OriginalDefinition;
        if (runs is not { IsAbstract: false, DeclaringSyntaxReferences.IsEmpty: false }
            || Frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, runs)))
        {
            return null;
        }

        NoteRead(runs);
        return runs;
    }

    /// <summary>A method as a value: the one that runs when it is called.</summary>
    public ParsedValue MethodValue(IMethodReferenceOperation reference, ParsedValue? self)
    {
        if (!reference.IsVirtual || Torch.IsTorch(reference.Method) || self is LayerValue && reference.Method.Name is "call" or "forward")
        {
            return Captures.Made(reference.Method, self);
        }

        return Runs(reference.Method, self, reference.Instance) is { } runs
            ? new FunctionValue(runs, self)
            : Unsupported(reference, Replaceable(reference.Method));
    }
}
