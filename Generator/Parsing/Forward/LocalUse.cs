using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>What a method does with its locals, looked up before it is followed.</summary>
internal sealed class LocalUse
{
    private readonly IOperation body;
    private readonly Reading reading;
    private HashSet<ISymbol>? sizes;
    private HashSet<ISymbol>? contents;
    private HashSet<ISymbol>? changed;
    private HashSet<ISymbol>? filled;
    private HashSet<ISymbol>? changedClasses;

    public LocalUse(IOperation body, Reading reading)
    {
        this.body = body;
        this.reading = reading;
    }

    /// <summary>Whether a number is, anywhere, computed from the size of a tensor.</summary>
    public bool IsSize(ISymbol symbol) => (sizes ??= Computed(IsSizeItself)).Contains(symbol) || IsContent(symbol);

    /// <summary>Whether a number is, anywhere, computed from the content of a tensor.</summary>
    public bool IsContent(ISymbol symbol) => (contents ??= Computed(part => IsContentItself(part) || GivesContent(part, []))).Contains(symbol);

    /// <summary>Whether a number from the content of a tensor is put into a list, anywhere, by way of a method of the user's too.</summary>
    public bool TakesContent(ISymbol list) => (filled ??= Computed(part => IsContentItself(part) || GivesContent(part, []))).Contains(list);

    /// <summary>Whether a method of the user's gives a number, or an answer, out of the content of a tensor, be it by a parameter.</summary>
    private bool GivesContent(IOperation operation, HashSet<ISymbol> read) => operation is IInvocationOperation call
        && (NumberTypes.IsNumberLike(call.Type) || NumberTypes.IsFraction(call.Type)
            || call.TargetMethod.Parameters.Any(given => given.RefKind != RefKind.None))
        && (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition is var method
        && read.Add(method)
        && reading.Methods.BodyOf(method) is { } inner
        && inner.Descendants().Any(part => IsContentItself(part) || GivesContent(part, read));

    private bool IsSizeItself(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => reading.Bindings.IsBoundToSize(local.Local),
        IParameterReferenceOperation parameter => reading.Bindings.IsBoundToSize(parameter.Parameter),
        IPropertyReferenceOperation { Property.Name: "shape" } or IDynamicMemberReferenceOperation { MemberName: "shape" or "size" } => true,
        IInvocationOperation { TargetMethod.Name: "size" } => true,
        _ => false,
    };

    private bool IsContentItself(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => reading.Scope.ValueOf(local.Local) is ContentValue or ContentsValue,
        IParameterReferenceOperation parameter => reading.Scope.ValueOf(parameter.Parameter) is ContentValue or ContentsValue,
        IInvocationOperation { TargetMethod.Name: "item" or "ToInt64" or "ToInt32" or "data", Instance: { } read } => reading.Torch.IsTensor(read.Type),
        IInvocationOperation { TargetMethod: { Name: "ToInt64" or "ToInt32" } method } => reading.Torch.IsTorch(method),
        IConversionOperation { OperatorMethod: { } method, Operand: { } read } => reading.Torch.IsTorch(method) && reading.Torch.IsTensor(read.Type),
        _ => false,
    };

    /// <summary>Whether elements of a list or array are replaced, added or removed anywhere.</summary>
    public bool IsChanged(ISymbol symbol) => (changed ??= FindChanged()).Contains(symbol);

    /// <summary>Whether an object of a class is changed anywhere, by whichever of its names.</summary>
    public bool ChangesAny(ITypeSymbol type) => type.IsReferenceType && (changedClasses ??= FindChangedClasses()).Contains(type);

    private HashSet<ISymbol> FindChangedClasses()
    {
        var found = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        found.UnionWith(body.DescendantsAndSelf().Select(operation => operation switch
        {
            IMemberReferenceOperation { Instance: { Type: var type } and not IInstanceReferenceOperation } part when IsWritten(part) => type,
            IInvocationOperation { Instance: { Type: var type } and not IInstanceReferenceOperation } call
                when reading.Bindings.ChangesObject(call.TargetMethod) => type,
            IArgumentOperation { Parameter: { } parameter, Value.Type: var type } when reading.Bindings.IsChangedInside(parameter) => type,
            _ => null,
        }).OfType<ISymbol>());
        return found;
    }

    /// <summary>
    /// Every local, parameter and member of the model that some operations give a new value, through local functions and the model's methods too,
    /// and every one whose tensor they change in place, for whoever holds it.
    /// </summary>
    public static (IReadOnlyList<ISymbol> Assigned, IReadOnlyList<ISymbol> InPlace) AssignedIn(IEnumerable<IOperation> regions, Reading reading)
    {
        var (found, inPlace) = (new List<ISymbol>(), new List<ISymbol>());
        var read = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var region in regions)
        {
            Collect(region);
        }

        return (Distinct(found), Distinct(inPlace));

        static List<ISymbol> Distinct(IEnumerable<ISymbol> symbols) => symbols.Distinct(SymbolEqualityComparer.Default).OfType<ISymbol>().ToList();

        void Collect(IOperation region)
        {
            foreach (var operation in region.DescendantsAndSelf())
            {
                switch (operation)
                {
                    case IDeconstructionAssignmentOperation deconstruction:
                        found.AddRange(Targets(deconstruction.Target));
                        break;
                    case IAssignmentOperation { Target: IPropertyReferenceOperation { Property: { IsIndexer: true, ContainingType.Name: "Tensor" },
                        Instance: { } written } }:
                        inPlace.AddRange(Targets(written));
                        break;
                    case IAssignmentOperation assignment:
                        found.AddRange(Targets(assignment.Target));
                        break;
                    case IIncrementOrDecrementOperation step:
                        found.AddRange(Targets(step.Target));
                        break;
                    case IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } argument:
                        found.AddRange(Targets(argument.Value));
                        break;
                    case IArgumentOperation { Parameter: { } parameter, Value: var given } when reading.Bindings.IsTensorChangedInside(parameter):
                        inPlace.AddRange(Targets(given));
                        break;
                    case IPropertyReferenceOperation { Property: var property, Instance: IInstanceReferenceOperation }:
                        found.AddRange(Accessors(property).SelectMany(reading.Bindings.Assigns));
                        break;
                    case IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } local } when read.Add(local.OriginalDefinition):
                        if (reading.Methods.BodyOf(local) is { } inner)
                        {
                            Collect(inner);
                        }

                        break;
                    case IInvocationOperation { TargetMethod: var method, Instance: IInstanceReferenceOperation } when read.Add(method.OriginalDefinition):
                        found.AddRange(reading.Bindings.Assigns(method));
                        break;
                    default:
                        inPlace.AddRange(ChangedInPlace(operation));
                        break;
                }
            }
        }
    }

    /// <summary>Every member of its own object that a method gives a new value, or a tensor in it, by itself or by other methods.</summary>
    public static IReadOnlyCollection<ISymbol> MembersAssignedBy(IMethodSymbol method, Reading reading) => Members(method, reading, part => part switch
    {
        IDeconstructionAssignmentOperation deconstruction => Targets(deconstruction.Target),
        IAssignmentOperation assignment => Targets(assignment.Target),
        IIncrementOrDecrementOperation step => Targets(step.Target),
        IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } argument => Targets(argument.Value),
        IArgumentOperation { Parameter: { } parameter, Value: var given } when reading.Bindings.IsTensorChangedInside(parameter) => Targets(given),
        _ => ChangedInPlace(part),
    });

    /// <summary>Whether a method replaces, adds or removes elements of lists and arrays in its own object, by itself or by other methods.</summary>
    public static bool ChangesElements(IMethodSymbol method, Reading reading) => Members(method, reading, part => Whole(part switch
    {
        IAssignmentOperation { Target: var target } => target,
        IIncrementOrDecrementOperation { Target: var target } => target,
        IArgumentOperation { Parameter: { } parameter, Value: var given } argument
            when reading.Bindings.IsChangedInside(Taker(argument, reading) ?? parameter) => given,
        IInvocationOperation { TargetMethod: var mutator, Instance: { } list } when LiveReader.IsMutator(mutator) => list,
        _ => null,
    }) is { } whole ? Targets(whole) : []).Count > 0;

    /// <summary>The members of its class, and static ones of any, that a method reads or gives a value.</summary>
    public static IReadOnlyCollection<ISymbol> MembersReadBy(IMethodSymbol method, Reading reading) => Members(method, reading, operation =>
        operation switch
        {
            IMemberReferenceOperation { Instance: null or IInstanceReferenceOperation, Member: var member } => [member.OriginalDefinition],
            IParameterReferenceOperation { Parameter: var parameter } => [parameter.OriginalDefinition],
            _ => [],
        });

    /// <summary>Whether a parameter is one of a class's constructor that the object keeps, where a method names it.</summary>
    public static bool IsKept(IParameterSymbol parameter, ISymbol where) =>
        parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
            && !SymbolEqualityComparer.Default.Equals(constructor.OriginalDefinition, where.OriginalDefinition);

    /// <summary>
    /// The fields and properties that a method names in some way, and the methods and properties of its class that it goes by.
    /// </summary>
    private static HashSet<ISymbol> Members(IMethodSymbol method, Reading reading, Func<IOperation, IEnumerable<ISymbol>> named)
    {
        var found = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var read = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        Collect(method);
        return found;

        void Collect(IMethodSymbol next)
        {
            if (!read.Add(next.OriginalDefinition) || reading.Methods.BodyOf(next) is not { } body)
            {
                return;
            }

            foreach (var operation in body.DescendantsAndSelf())
            {
                found.UnionWith(named(operation).Where(
                    symbol => symbol is IFieldSymbol or IPropertySymbol || symbol is IParameterSymbol parameter && IsKept(parameter, next)));
                switch (operation)
                {
                    case IInvocationOperation { TargetMethod: var called, Instance: IInstanceReferenceOperation or null }:
                        Collect(called);
                        break;
                    case IPropertyReferenceOperation { Property: var property, Instance: IInstanceReferenceOperation or null }:
                        Accessors(property).ToList().ForEach(Collect);
                        break;
                }
            }
        }
    }

    private static IEnumerable<IMethodSymbol> Accessors(IPropertySymbol property) => new[] { property.GetMethod, property.SetMethod }.OfType<IMethodSymbol>();

    /// <summary>A variable that a sequence is computed from each time it is asked, and that has another value by then; null for none.</summary>
    public static ISymbol? AsksLater(IVariableDeclaratorOperation sequence)
    {
        if (sequence.Symbol.Type.OriginalDefinition.SpecialType != SpecialType.System_Collections_Generic_IEnumerable_T)
        {
            return null;
        }

        var captured = sequence.Descendants().OfType<IAnonymousFunctionOperation>().SelectMany(lambda => lambda.Body.Descendants().SelectMany(Targets)
            .Where(symbol => symbol is ILocalSymbol or IParameterSymbol
                && !symbol.DeclaringSyntaxReferences.Any(declared => lambda.Syntax.Span.Contains(declared.Span)))).ToList();
        IOperation body = sequence;
        while (body.Parent is { } parent)
        {
            body = parent;
        }

        return captured.Count == 0 ? null : captured.Find(variable => body.Descendants().Any(operation =>
            operation.Syntax.SpanStart > sequence.Syntax.Span.End
            && (operation switch
            {
                IAssignmentOperation assignment => Targets(assignment.Target),
                IIncrementOrDecrementOperation step => Targets(step.Target),
                _ => [],
            }).Contains(variable, SymbolEqualityComparer.Default)
            && body.Descendants().Any(read => read is ILocalReferenceOperation { Local: var local } && read.Syntax.SpanStart > operation.Syntax.Span.End
                && SymbolEqualityComparer.Default.Equals(local, sequence.Symbol))));
    }

    /// <summary>Whether a method changes a tensor that it is given in place, by itself or by another that it gives it to.</summary>
    public static bool ChangesInPlace(IOperation body, IParameterSymbol parameter, Bindings bindings) => body.Descendants().Any(operation =>
        (operation switch
        {
            IAssignmentOperation { Target: IPropertyReferenceOperation { Property: { IsIndexer: true, ContainingType.Name: "Tensor" },
                Instance: { } written } } =>
                Targets(written),
            IArgumentOperation { Parameter: { } next, Value: var given } when bindings.IsTensorChangedInside(next) => Targets(given),
            _ => ChangedInPlace(operation),
        }).Contains(parameter, SymbolEqualityComparer.Default));

    /// <summary>What an operation whose name ends in an underscore is called on.</summary>
    private static IEnumerable<ISymbol> ChangedInPlace(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod.Name: var name, Instance: { } changed } when name.EndsWith("_", StringComparison.Ordinal) => Targets(changed),
        IDynamicMemberReferenceOperation { MemberName: var name, Instance: { } changed } when name.EndsWith("_", StringComparison.Ordinal) => Targets(changed),
        IInvocationOperation { TargetMethod: var method, Instance: IMemberReferenceOperation changed } when LiveReader.IsMutator(method) => Targets(changed),
        _ => [],
    };

    private static IEnumerable<ISymbol> Targets(IOperation target) => target switch
    {
        IMemberReferenceOperation { Instance: IInstanceReferenceOperation,
            Member: IFieldSymbol or IPropertySymbol { IsIndexer: false } } own => [own.Member.OriginalDefinition],
        ILocalReferenceOperation local => [local.Local],
        IParameterReferenceOperation parameter => [parameter.Parameter],
        ITupleOperation tuple => tuple.Elements.SelectMany(Targets),
        IConversionOperation conversion => Targets(conversion.Operand),
        _ => [],
    };

    /// <summary>The locals and parameters that are, anywhere, computed from something.</summary>
    private HashSet<ISymbol> Computed(Func<IOperation, bool> isItself)
    {
        var found = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var assignments = Assignments();

        // What is computed from what is so is so, too; again until nothing is added.
        while (assignments.Any(assignment => !found.Contains(assignment.To) && assignment.Value.DescendantsAndSelf().Any(IsOne) && found.Add(assignment.To)))
        {
        }

        return found;

        bool IsOne(IOperation operation) => isItself(operation) || operation switch
        {
            ILocalReferenceOperation local => found.Contains(local.Local),
            IParameterReferenceOperation parameter => found.Contains(parameter.Parameter),
            _ => false,
        };
    }

    /// <summary>What each local, parameter and member is given somewhere, and what is put into it.</summary>
    private List<(ISymbol To, IOperation Value)> Assignments()
    {
        var assignments = new List<(ISymbol To, IOperation Value)>();
        foreach (var operation in body.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator when declarator.GetVariableInitializer() is { } initializer:
                    assignments.Add((declarator.Symbol, initializer.Value));
                    break;
                case IDeconstructionAssignmentOperation { Target: var target, Value: var parts }:
                    var names = target is IDeclarationExpressionOperation { Expression: var declared } ? declared : target;
                    assignments.AddRange(Targets(names).Select(to => (to, parts)));
                    break;
                case IAssignmentOperation assignment:
                    assignments.AddRange(Targets(assignment.Target).Select(to => (to, assignment.Value)));
                    break;
                case IInvocationOperation { TargetMethod.Name: "Add" or "AddRange" or "Insert" or "InsertRange", Instance: { } list } put:
                    assignments.AddRange(Targets(list).SelectMany(to => put.Arguments.Select(argument => (to, argument.Value))));
                    break;
                case IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref, Value: var handed, Parent: IInvocationOperation call }:
                    assignments.AddRange(Targets(handed).Select(to => (to, (IOperation)call)));
                    break;
                case IForEachLoopOperation loop:
                    assignments.AddRange(loop.Locals.Select(each => ((ISymbol)each, loop.Collection)));
                    break;
            }
        }

        return assignments;
    }

    /// <summary>Whether an element or a part stands where it is given a value, or may be.</summary>
    public static bool IsWritten(IOperation part)
    {
        while (part.Parent is ITupleOperation or IConversionOperation)
        {
            part = part.Parent;
        }

        return part.Parent switch
        {
            IAssignmentOperation assignment => assignment.Target == part,
            IIncrementOrDecrementOperation => true,
            IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } => true,
            _ => false,
        };
    }

    /// <summary>What a list or array is, or is an element or part of.</summary>
    private static IOperation? Whole(IOperation? list) => list switch
    {
        IConversionOperation conversion => Whole(conversion.Operand),
        IArrayElementReferenceOperation { ArrayReference: var array } => Whole(array),
        IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } of } => Whole(of),
        IFieldReferenceOperation { Instance: { Type.IsTupleType: true } of } => Whole(of),
        IMemberReferenceOperation { Type: { IsReferenceType: true, SpecialType: not SpecialType.System_String },
            Instance: ILocalReferenceOperation or IParameterReferenceOperation or IMemberReferenceOperation or IConversionOperation } part =>
            Whole(part.Instance),
        _ => list,
    };

    private HashSet<ISymbol> FindChanged()
    {
        var found = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var operation in body.DescendantsAndSelf())
        {
            var changed = operation switch
            {
                IArgumentOperation { Parameter: { } parameter, Value: var given } argument
                    when reading.Bindings.IsChangedInside(Taker(argument, reading) ?? parameter) => given,
                IArrayElementReferenceOperation { ArrayReference: var list } element when IsWritten(element) => list,
                IMemberReferenceOperation { Instance: { } list } part when IsWritten(part) => list,
                IInvocationOperation { Instance: { } owner and not IInstanceReferenceOperation, TargetMethod: var method }
                    when !reading.Torch.IsModule(owner.Type) && reading.Bindings.ChangesObject(method) => owner,
                IInvocationOperation { Instance: { } list,
                    TargetMethod.Name: "Add"
                        or "AddRange"
                        or "Insert"
                        or "InsertRange"
                        or "Remove"
                        or "RemoveAt"
                        or "RemoveRange"
                        or "Clear"
                        or "Reverse"
                        or "Push"
                        or "Pop"
                        or "Enqueue"
                        or "Dequeue"
                        or "AddFirst"
                        or "AddLast"
                        or "RemoveLast"
                        or "RemoveFirst"
                        or "TryAdd"
                        or "Sort"
                        or "TryPop" } => list,
                IInvocationOperation { Instance: null,
                    TargetMethod: { Name: "Reverse" or "Sort" or "Fill" or "Clear",
                        ContainingType.Name: "Array" } } call => call.Arguments.FirstOrDefault()?.Value,
                IInvocationOperation { Instance: null, TargetMethod: { Name: "Copy", ContainingType.Name: "Array" } } call =>
                    call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "destinationArray")?.Value,
                IInvocationOperation { TargetMethod.Name: "CopyTo" } call => call.Arguments.FirstOrDefault()?.Value,
                IInvocationOperation { TargetMethod.Name: "AsSpan" or "AsMemory", Instance: null } call => call.Arguments.FirstOrDefault()?.Value,
                _ => null,
            };
            found.UnionWith(Whole(changed) is { } whole ? whole is IInvocationOperation ? Named(whole) : Targets(whole) : []);
        }

        // What is changed by one of its names is changed by all.
        var names = Assignments().SelectMany(assignment => Named(assignment.Value).Select(other => (assignment.To, Other: other))).ToList();
        while (names.Any(pair => found.Contains(pair.Other) && found.Add(pair.To) || found.Contains(pair.To) && found.Add(pair.Other)))
        {
        }

        return found;
    }

    /// <summary>
    /// The parameter that takes what the <c>call</c> of a model or a delegate is given: that of the model's forward, or of the method that a local stands for;
    /// null where another method is called, or it cannot be read.
    /// </summary>
    public static IParameterSymbol? Taker(IArgumentOperation argument, Reading reading)
    {
        var method = argument.Parent switch
        {
            IInvocationOperation { TargetMethod.Name: "call", Instance.Type: INamedTypeSymbol model } when LayerParser.IsModel(model) =>
                ForwardMethod.Entry(model, reading.Context, reading.Torch),
            IInvocationOperation { TargetMethod.MethodKind: MethodKind.DelegateInvoke, Instance: ILocalReferenceOperation { Local: var held } } =>
                MethodsIn(held, argument).FirstOrDefault()?.Method.OriginalDefinition,
            _ => null,
        };
        return method is not null && ((IInvocationOperation)argument.Parent!).Arguments.IndexOf(argument) is >= 0 and var place
            && place < method.Parameters.Length ? method.Parameters[place] : null;
    }

    /// <summary>The methods by name that a local with a delegate is given, anywhere in the method that an operation is part of.</summary>
    public static IEnumerable<IMethodReferenceOperation> MethodsIn(ILocalSymbol local, IOperation within)
    {
        while (within.Parent is { } around)
        {
            within = around;
        }

        return within.Descendants().Select(part => part switch
        {
            IVariableDeclaratorOperation { Symbol: var declared } one when SymbolEqualityComparer.Default.Equals(declared, local) =>
                one.GetVariableInitializer()?.Value,
            IAssignmentOperation { Target: ILocalReferenceOperation { Local: var assigned }, Value: var value }
                when SymbolEqualityComparer.Default.Equals(assigned, local) => value,
            _ => null,
        }).OfType<IOperation>().SelectMany(value => value.DescendantsAndSelf()).OfType<IDelegateCreationOperation>()
            .Select(made => made.Target).OfType<IMethodReferenceOperation>();
    }

    /// <summary>The lists, arrays and objects that a value may be: what it names, what it chooses from, what a method of the user's may hand back.</summary>
    private IEnumerable<ISymbol> Named(IOperation value) => value switch
    {
        _ when reading.Torch.IsTensor(value.Type) || reading.Torch.IsModule(value.Type) => Targets(value),
        IObjectCreationOperation { Arguments: var given, Initializer: var initializer } => given.Select(argument => argument.Value)
            .Concat(initializer?.Initializers.SelectMany(Put) ?? []).SelectMany(Named),
        IArrayCreationOperation { Initializer.ElementValues: var elements } => elements.SelectMany(Named),
        ITupleOperation { Elements: var elements } => elements.SelectMany(Named),
        { Type: { SpecialType: SpecialType.System_String } } => [],
        { Type: not { IsReferenceType: true } } when !reading.Types.CarriesTensors(value.Type) => [],
        IConditionalOperation { WhenTrue: var one, WhenFalse: { } other } => Named(one).Concat(Named(other)),
        ICoalesceOperation { Value: var one, WhenNull: var other } => Named(one).Concat(Named(other)),
        ISwitchExpressionOperation { Arms: var arms } => arms.SelectMany(arm => Named(arm.Value)),
        IConversionOperation { OperatorMethod: null, Operand: var operand } => Named(operand),
        IInvocationOperation { TargetMethod: var method, Arguments: var given, Instance: var of } when !TypeTranslator.IsOfSystem(method) =>
            given.Select(argument => argument.Value).Concat(of is null or IInstanceReferenceOperation ? [] : [of]).SelectMany(Named),
        _ => Whole(value) is { } whole ? Targets(whole) : [],
    };

    /// <summary>What an initializer puts into a new object.</summary>
    private static IEnumerable<IOperation> Put(IOperation element) => element switch
    {
        ISimpleAssignmentOperation { Value: var value } => [value],
        IInvocationOperation { Arguments: var given } => given.Select(argument => argument.Value),
        _ => [],
    };
}
