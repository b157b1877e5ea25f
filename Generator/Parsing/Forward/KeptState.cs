using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// What methods change and read in objects that outlast them. Each model is linked by itself, with what the live objects say then, and would take that for
/// what they say later: what forward changes is not asked of them, and models that are made of one another may not speak by what they keep.
/// </summary>
internal sealed class KeptState(Reading reading) : Reader(reading)
{
    private readonly Dictionary<Run, Touched> known = [];
    private IReadOnlyList<INamedTypeSymbol>? layers;

    /// <summary>The members of objects that were there before, and outlast it, to which forward gives another value.</summary>
    public HashSet<ISymbol> Changed { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Those of them whose next value hangs on the one they have.</summary>
    public HashSet<ISymbol> Growing { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The members of objects that forward hands to a layer, to which that gives another value.</summary>
    public HashSet<ISymbol> Handed { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Looks for what a forward changes, by what it hands to layers, too, before it is read.</summary>
    public void LookInto(IMethodSymbol forward)
    {
        if (IsConcerned)
        {
            var own = Of(Context.Type, forward);
            Changed.UnionWith(own.Changes.Keys);
            Growing.UnionWith(own.Growing);
            Handed.UnionWith(own.Handed.Keys);
        }
    }

    /// <summary>Whether methods of the model's class, or of its layers', may change what outlasts a call.</summary>
    private bool IsConcerned
    {
        get
        {
            var changing = ChangingClasses.In(Context.Compilation);
            return changing.Count > 0 && Layers.Append(Context.Type).SelectMany(Sources).Any(type => changing.Contains(type.Name));
        }
    }

    /// <summary>The classes of the project that the model's layers are of, and the layers of these.</summary>
    private IReadOnlyList<INamedTypeSymbol> Layers => layers ??= FindLayers();

    /// <summary>Whether what forward and the layers' forwards go by is what it was when they were linked; what is not is reported.</summary>
    public bool IsSettled(IMethodSymbol forward)
    {
        if (!IsConcerned || Layers.Count == 0)
        {
            return true;
        }

        var own = Of(Context.Type, forward);
        if (own.Handed.FirstOrDefault(handed => own.Reads.ContainsKey(handed.Key)) is { Key: { } kept, Value: var call })
        {
            return Refuse(call, $"which changes '{kept.Name}', which forward goes by", "let the layer's forward give it, too");
        }

        if (own.Handed.FirstOrDefault(handed => own.ReadByLayers.Contains(handed.Key)) is { Key: { } gone, Value: var changer })
        {
            return Refuse(changer, $"which changes '{gone.Name}' of what outlasts forward, by which a layer goes", "hand it a new object each time");
        }

        foreach (var layer in Layers)
        {
            var other = Of(layer, ForwardMethod.Entry(layer, Context, Torch));
            if (Common(own.Changes, other.Reads) is (_, { } change))
            {
                return Refuse(change, $"which changes what {layer.Name} goes by", "hand it to the layer's forward");
            }

            if (Common(own.Reads, other.Changes) is (_, { } read))
            {
                return Refuse(read, $"which {layer.Name} itself changes", "let its forward give it, too");
            }

            foreach (var next in Layers.Where(next => !SymbolEqualityComparer.Default.Equals(next, layer)))
            {
                if (Common(other.Changes, Of(next, ForwardMethod.Entry(next, Context, Torch)).Reads) is (var shared, _))
                {
                    var what = new Problem($"{layer.Name}, which changes '{shared.Name}', which {next.Name} goes by", "hand it from one forward to the other");
                    Context.Report(
                        Diagnostics.RuleIds.UnsupportedExpression,
                        Context.Sites.Add(Context.Type.Locations.FirstOrDefault()),
                        what.ToString(),
                        Context.Type.Name,
                        Diagnostics.Rules.CanBeDescribed);
                    return false;
                }
            }
        }

        return true;

        bool Refuse(IOperation at, string what, string remedy)
        {
            Unsupported(at, new Problem($"'{SourceText.Quote(at.Syntax)}', {what}", remedy));
            return false;
        }
    }

    /// <summary>A member that both touch, and not each in the object that it is itself, and where the first does.</summary>
    private static (ISymbol Member, IOperation At)? Common(Marks some, Marks others) => some
        .Where(place => others.TryGetValue(place.Key, out var other) && !(place.Value.IsOwn && other.IsOwn))
        .Select(place => ((ISymbol, IOperation)?)(place.Key, place.Value.At)).FirstOrDefault();

    /// <summary>What a method does to its object, to those that it is given and to static members, by whatever it calls.</summary>
    /// <param name="method">The method.</param>
    /// <param name="keepsThis">Whether its object outlasts the call.</param>
    /// <param name="kept">The parameters that get an object which does.</param>
    public Touched Changes(IMethodSymbol method, bool keepsThis, EquatableArray<int> kept) =>
        Found(new Run(method.OriginalDefinition, Context.Type, IsOwn: false, keepsThis, IsHeard: true, kept));

    private Touched Of(INamedTypeSymbol type, IMethodSymbol? forward) =>
        forward is null ? new Touched() : Found(new Run(forward.OriginalDefinition, type, IsOwn: true, KeepsThis: true, IsHeard: true, []));

    private Touched Found(Run run)
    {
        if (!known.TryGetValue(run, out var found))
        {
            known.Add(run, found = new Touched());
            Follow(run, site: null, found, []);
        }

        return found;
    }

    private IReadOnlyList<INamedTypeSymbol> FindLayers()
    {
        var found = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);
        var next = new Queue<INamedTypeSymbol>([Context.Type]);
        while (next.Count > 0)
        {
            var owner = next.Dequeue();
            foreach (var layer in Sources(owner).SelectMany(Held).SelectMany(Parts)
                .Where(type => !type.DeclaringSyntaxReferences.IsEmpty && Torch.DerivesFromModule(type)))
            {
                if (!SymbolEqualityComparer.Default.Equals(layer.OriginalDefinition, Context.Type.OriginalDefinition) && found.Add(layer.OriginalDefinition))
                {
                    next.Enqueue(layer.OriginalDefinition);
                }
            }
        }

        return [.. found];

        IEnumerable<ITypeSymbol?> Held(INamedTypeSymbol owner) => owner.GetMembers().Select(member => (member as IFieldSymbol)?.Type)
            .Concat(owner.DeclaringSyntaxReferences.Where(part => !part.SyntaxTree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal))
                .SelectMany(part => part.ReadBy(Context).DescendantNodes()).OfType<ObjectCreationExpressionSyntax>()
                .Select(creation => Context.Symbol(creation.Type) as ITypeSymbol));
    }

    /// <summary>The classes that a type is made of: its own, those of its elements and type arguments.</summary>
    private static IEnumerable<INamedTypeSymbol> Parts(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol { ElementType: var element } => Parts(element),
        INamedTypeSymbol named => named.TypeArguments.SelectMany(Parts).Prepend(named),
        _ => [],
    };

    /// <summary>A class and those of the project that it derives from.</summary>
    private static IEnumerable<INamedTypeSymbol> Sources(INamedTypeSymbol type) =>
        LiveReader.Bases(type).Select(one => one.OriginalDefinition).TakeWhile(one => !one.DeclaringSyntaxReferences.IsEmpty);

    /// <summary>Goes through a method and what it calls.</summary>
    /// <param name="run">The method, and what of its objects outlasts it.</param>
    /// <param name="site">Where the class called what this is part of; null in its own methods.</param>
    /// <param name="touched">Takes what is found.</param>
    /// <param name="seen">What has been gone through.</param>
    private void Follow(Run run, IOperation? site, Touched touched, HashSet<(Run, IOperation?)> seen)
    {
        if (!seen.Add((run, site)))
        {
            return;
        }

        foreach (var body in Live.Bodies(run.Method))
        {
            var within = new Body(run, body, this);
            foreach (var part in body.DescendantsAndSelf())
            {
                var isChangedItself = part is IInvocationOperation or IArgumentOperation { Parameter.RefKind: RefKind.None };
                foreach (var target in Targets(part).SelectMany(target => within.Reached(target, isChangedItself))
                    .Where(target => !Torch.IsTensor(target.Type) || !IsForTraining(part)
                        && (within.IsOfInputs(part) || target is IMemberReferenceOperation { Member: var grown } && Grows(part, grown))))
                {
                    Note(touched.Changes, target);
                    if (target is IMemberReferenceOperation { Member: var changed } && Grows(part, changed))
                    {
                        touched.Growing.Add(changed.OriginalDefinition);
                    }

                    foreach (var field in BehindReference(target).Where(field => within.IsKept(target) && !touched.Changes.ContainsKey(field)))
                    {
                        touched.Changes.Add(field, (site ?? part, false));
                        touched.Growing.Add(field);
                    }
                }

                if (run.IsHeard
                    && part is IMemberReferenceOperation { Member: IFieldSymbol { IsConst: false } or IPropertySymbol } or IParameterReferenceOperation
                    && !LocalUse.IsWritten(part) && !IsOnlyAddedTo(part) && !Torch.IsModule(part.Type))
                {
                    Note(touched.Reads, part);
                }

                touched.Asks |= run.IsHeard && Live.Asks(part);
                switch (part)
                {
                    case IInvocationOperation call when IsOfLayer(call):
                        var (handed, given) = (new Touched(), Given(call, within));
                        if (ForwardMethod.Entry((INamedTypeSymbol)call.Instance!.Type!, Context, Torch) is { } entry
                            && given.Concat(Wrapped(call, within)).ToEquatable() is { Count: > 0 } kept)
                        {
                            var next = new Run(entry.OriginalDefinition, entry.ContainingType, IsOwn: false, KeepsThis: false, IsHeard: true, kept);
                            Follow(next, part, handed, seen);
                        }

                        touched.ReadByLayers.UnionWith(handed.Reads.Keys);
                        foreach (var changed in handed.Changes.Keys.Where(changed =>
                            !touched.Handed.ContainsKey(changed) && (given.Count > 0 || !Types.IsRecord(changed.ContainingType))))
                        {
                            touched.Handed.Add(changed, site ?? part);
                        }

                        break;
                    case IInvocationOperation { TargetMethod.MethodKind: MethodKind.DelegateInvoke, Instance: var held } when within.IsKept(held):
                        foreach (var handler in Handlers(run.Of))
                        {
                            Follow(new Run(handler, run.Of, run.IsOwn, KeepsThis: true, run.IsHeard, []), site ?? part, touched, seen);
                        }

                        break;
                    case IInvocationOperation {
                        TargetMethod.MethodKind: MethodKind.DelegateInvoke, Instance: ILocalReferenceOperation { Local: var local } } call:
                        foreach (var named in LocalUse.MethodsIn(local, part))
                        {
                            Enter(named.Method.OriginalDefinition, named.Instance, Given(call, within), isHeard: true);
                        }

                        break;
                    case IInvocationOperation { TargetMethod: var called } call:
                        Enter((called.ReducedFrom ?? called).OriginalDefinition, call.Instance, Given(call, within), !IsAside(call));
                        if (TypeTranslator.IsOfSystem(called))
                        {
                            call.Arguments.ToList().ForEach(given => EnterUnnamed(given.Value, !IsAside(call)));
                        }

                        break;
                    case IForEachLoopOperation { Collection: var all }:
                        EnterUnnamed(all, isHeard: true);
                        break;
                    case IInterpolationOperation { Expression: var told }:
                        EnterUnnamed(told, isHeard: true);
                        break;
                    case IConversionOperation { Type.SpecialType: SpecialType.System_Object, Operand: var boxed, Parent: IBinaryOperation }:
                        EnterUnnamed(boxed, isHeard: true);
                        break;
                    case IPropertyReferenceOperation { Property: var property, Instance: var on }:
                        Enter(LocalUse.IsWritten(part) ? property.SetMethod : property.GetMethod, on, [], isHeard: true);
                        break;
                    case IUsingOperation or IUsingDeclarationOperation:
                        var resources = part is IUsingOperation block ? block.Resources : ((IUsingDeclarationOperation)part).DeclarationGroup;
                        Disposers(resources).ForEach(disposer => Enter(disposer, resources, [], isHeard: false));
                        break;
                    case { } when OperatorOf(part) is { } computing:
                        Enter(computing, null, part.ChildOperations.Select((operand, i) => (operand, i))
                            .Where(pair => within.IsKept(pair.operand)).Select(pair => pair.i).ToEquatable(), isHeard: true);
                        break;
                }

                // Where .NET gets an object, it goes through it, compares it or asks for its text.
                void EnterUnnamed(IOperation value, bool isHeard) =>
                    Unnamed(Conversions.Unconverted(value).Type).ForEach(method => Enter(method, Conversions.Unconverted(value), [], isHeard));

                void Enter(IMethodSymbol? method, IOperation? on, EquatableArray<int> given, bool isHeard)
                {
                    if (method is not null && !Torch.IsTorch(method) && !TypeTranslator.IsOfSystem(method))
                    {
                        var isOwn = run.IsOwn && on is IInstanceReferenceOperation;
                        var isHere = isOwn || on is null && Sources(run.Of).Contains(method.ContainingType?.OriginalDefinition, SymbolEqualityComparer.Default);
                        Follow(
                            new Run(method.OriginalDefinition, run.Of, isOwn, on is not null && within.IsKept(on), run.IsHeard && isHeard, given),
                            site ?? (isHere ? null : part),
                            touched,
                            seen);
                    }
                }

                void Note(Marks to, IOperation place)
                {
                    ISymbol? member = place switch
                    {
                        IMemberReferenceOperation { Member: var one } => one.OriginalDefinition,
                        IParameterReferenceOperation { Parameter: var held } when LocalUse.IsKept(held, run.Method) => held.OriginalDefinition,
                        _ => null,
                    };
                    if (member is not null && !Torch.IsTorch(member) && !TypeTranslator.IsOfSystem(member) && within.IsKept(place))
                    {
                        // A place in another's object says more than one in its own.
                        var isOwn = run.IsOwn && (place is IParameterReferenceOperation or IMemberReferenceOperation { Instance: IInstanceReferenceOperation });
                        foreach (var one in Live.Alike(member).Where(one => !to.TryGetValue(one, out var known) || (known.IsOwn && !isOwn)))
                        {
                            to[one] = (site ?? part, isOwn);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The fields that a property may hand out to be changed.</summary>
    private IEnumerable<ISymbol> BehindReference(IOperation target) =>
        target is not IPropertyReferenceOperation { Property: { ReturnsByRef: true, GetMethod: { } getter } } ? []
            : Live.Bodies(getter.OriginalDefinition).SelectMany(body => body.Descendants()).OfType<IFieldReferenceOperation>()
                .Select(read => read.Field.OriginalDefinition).Distinct<ISymbol>(SymbolEqualityComparer.Default);

    /// <summary>The operator or conversion, of the user's own or another's, that a part of a method runs.</summary>
    private static IMethodSymbol? OperatorOf(IOperation part) => part switch
    {
        IBinaryOperation binary => binary.OperatorMethod,
        IUnaryOperation unary => unary.OperatorMethod,
        ICompoundAssignmentOperation compound => compound.OperatorMethod,
        IIncrementOrDecrementOperation step => step.OperatorMethod,
        IConversionOperation conversion => conversion.OperatorMethod,
        _ => null,
    };

    /// <summary>The methods of classes of the project's own that .NET calls, without anybody naming them, where it gets an object or several.</summary>
    private static List<IMethodSymbol> Unnamed(ITypeSymbol? type) => Parts(type).SelectMany(Sources).SelectMany(one => one.GetMembers())
        .OfType<IMethodSymbol>().Where(one => ChangingClasses.IsCalledUnnamed(one.Name.Split('.').Last())).ToList();

    /// <summary>What runs where resources are left.</summary>
    private static List<IMethodSymbol> Disposers(IOperation resources) => resources.DescendantsAndSelf().Select(part => part.Type).OfType<INamedTypeSymbol>()
        .Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default).SelectMany(type => type.GetMembers("Dispose")).OfType<IMethodSymbol>().ToList();

    /// <summary>The lambdas and methods that a class's constructors and fields put into delegates and events: what runs where one is called.</summary>
    private IEnumerable<IMethodSymbol> Handlers(INamedTypeSymbol type) => Sources(type)
        .SelectMany(one => one.DeclaringSyntaxReferences).SelectMany(part => part.ReadBy(Context).DescendantNodes())
        .Where(node => node is ConstructorDeclarationSyntax or EqualsValueClauseSyntax { Parent.Parent.Parent: BaseFieldDeclarationSyntax })
        .SelectMany(node => node.DescendantNodes())
        .Where(node => node is AnonymousFunctionExpressionSyntax or NameSyntax { Parent: AssignmentExpressionSyntax or EqualsValueClauseSyntax })
        .Select(node => Context.Symbol(node)).OfType<IMethodSymbol>();

    /// <summary>Whether a call runs the forward of another model.</summary>
    private bool IsOfLayer(IInvocationOperation call) => call.Instance is { Type: INamedTypeSymbol type } and not IInstanceReferenceOperation
        && Torch.IsModule(type) && call.TargetMethod.Name is "call" or "forward";

    /// <summary>Whether nothing that forward computes hangs on what a call reads: it gives nothing back, and neither has tensors nor gets any.</summary>
    private bool IsAside(IInvocationOperation call) => call.TargetMethod.ReturnsVoid && call.Instance is not IInstanceReferenceOperation
        && (call.Instance is null || !(Torch.IsModule(call.Instance.Type) || Types.MayCarryTensors(call.Instance.Type)))
        && call.Arguments.All(given => given.Parameter is { RefKind: RefKind.None } && !Effects.HandsTensors(given.Value) && !Torch.IsModule(given.Value.Type));

    /// <summary>Which parameters of what is called get an object that is kept.</summary>
    private static EquatableArray<int> Given(IInvocationOperation call, Body within) => call.Arguments
        .Where(given => given.Parameter is not null && within.IsKept(given.Value))
        .Select(given => given.Parameter!.Ordinal).OrderBy(place => place).ToEquatable();

    /// <summary>Which parameters of what is called get a new object with one in it that is kept.</summary>
    private static IEnumerable<int> Wrapped(IInvocationOperation call, Body within) => call.Arguments
        .Where(given => Conversions.Unconverted(given.Value) is IObjectCreationOperation creation
            && creation.Arguments.Select(argument => argument.Value)
                .Concat(creation.Initializer?.Initializers.OfType<ISimpleAssignmentOperation>().Select(put => put.Value) ?? [])
                .Any(within.IsKept))
        .Select(given => given.Parameter!.Ordinal);

    /// <summary>What a part of a method gives another value.</summary>
    private IEnumerable<IOperation> Targets(IOperation part) => part switch
    {
        ICoalesceAssignmentOperation => [],
        IArgumentOperation { Parameter: { RefKind: RefKind.None } parameter, Value: var target } argument
            when target.Type is IArrayTypeSymbol || (target.Type is { } type && TypeTranslator.IsOfSystem(type)) =>
            Bindings.IsChangedInside(LocalUse.Taker(argument, Reading) ?? parameter) ? [target] : [],
        ISimpleAssignmentOperation { Target: var target } when IsPartOfNew(part)
            || Named(target).All(named => named is IMemberReferenceOperation member && IsFilledOnce(part, member)) => [],
        IAssignmentOperation { Target: var target } => [target],
        IIncrementOrDecrementOperation { Target: var target } => [target],
        IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref, Value: var target } => [target],
        IInvocationOperation { TargetMethod: var mutator, Instance: { } target } when LiveReader.IsMutator(mutator) => [target],
        IInvocationOperation { TargetMethod: { Name: "CopyTo" } copying, Arguments: [{ Value: var target }, ..] }
            when TypeTranslator.IsOfSystem(copying) => [target],
        IInvocationOperation { Instance: null,
            TargetMethod: { ContainingType.Name: "Array" or "Buffer" or "MemoryExtensions" or "CollectionsMarshal" } changer } call
            when ChangingClasses.IsOfArrays(changer.Name) =>
            call.Arguments.Select(given => Conversions.Unconverted(given.Value)).Where(given => given.Type is IArrayTypeSymbol or { Name: "List" }),
        _ => [],
    };

    /// <summary>Whether what a member gets is computed from what is in it; a list that is sorted once stays so.</summary>
    private static bool Grows(IOperation part, ISymbol member) => part switch
    {
        IInvocationOperation { TargetMethod.Name: "Sort" or "Fill" or "Clear" } => false,
        IInvocationOperation { TargetMethod.Name: "AsSpan", Parent: IArgumentOperation { Parent: IInvocationOperation {
            TargetMethod.Name: "Fill" or "Clear" or "Sort" } } } => false,
        IInvocationOperation { TargetMethod.Name: "AsSpan", Parent: IInvocationOperation { TargetMethod.Name: "Fill" or "Clear" or "Sort" } } => false,
        ISimpleAssignmentOperation or IDeconstructionAssignmentOperation => ((IAssignmentOperation)part).Value.DescendantsAndSelf().Any(
            read => read is IMemberReferenceOperation { Member: var other }
                && SymbolEqualityComparer.Default.Equals(other.OriginalDefinition, member.OriginalDefinition)),
        _ => true,
    };

    /// <summary>Whether something is done only while the model is trained, as running statistics are kept: it is evaluated with what is there then.</summary>
    private bool IsForTraining(IOperation part)
    {
        for (var (inner, around) = (part, part.Parent); around is not null; (inner, around) = (around, around.Parent))
        {
            if (around is IConditionalOperation { Condition: var asked, WhenTrue: var then, WhenFalse: var otherwise }
                && (inner == then ? Says(asked, isTrained: true) : inner == otherwise && Says(asked, isTrained: false)))
            {
                return true;
            }
        }

        return false;

        // Whether it holds, or does not, only while the model is trained.
        bool Says(IOperation asked, bool isTrained) => asked switch
        {
            IPropertyReferenceOperation { Property: var flag } => isTrained && Members.IsTraining(flag),
            IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var not } => Says(not, !isTrained),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd, LeftOperand: var one, RightOperand: var other } when isTrained =>
                Says(one, isTrained) || Says(other, isTrained),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr, LeftOperand: var one, RightOperand: var other } when !isTrained =>
                Says(one, isTrained) || Says(other, isTrained),
            _ => false,
        };
    }

    /// <summary>Whether a collection is named only to be changed.</summary>
    private static bool IsOnlyAddedTo(IOperation part) => part.Parent switch
    {
        IInvocationOperation { Parent: IExpressionStatementOperation, TargetMethod: var mutator } call =>
            call.Instance == part && LiveReader.IsMutator(mutator),
        IPropertyReferenceOperation { Property.IsIndexer: true, Parent: ISimpleAssignmentOperation { Parent: IExpressionStatementOperation } put } element =>
            element.Instance == part && put.Target == element,
        IArrayElementReferenceOperation { Parent: ISimpleAssignmentOperation { Parent: IExpressionStatementOperation } put } element =>
            element.ArrayReference == part && put.Target == element,
        _ => false,
    };

    /// <summary>Whether an assignment makes a new object what it is.</summary>
    private static bool IsPartOfNew(IOperation assignment) => assignment.Parent is IObjectOrCollectionInitializerOperation;

    /// <summary>Whether a member is only given what it lacks: what is computed once and kept is the same each time.</summary>
    private static bool IsFilledOnce(IOperation assignment, IMemberReferenceOperation target)
    {
        for (var (inner, around) = (assignment, assignment.Parent); around is not null; (inner, around) = (around, around.Parent))
        {
            if (around is IConditionalOperation { Condition: var asked, WhenTrue: var filling } && filling == inner && Lacks(asked))
            {
                return true;
            }
        }

        return false;

        bool Lacks(IOperation asked) => asked switch
        {
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, LeftOperand: var left, RightOperand.ConstantValue.HasValue: true } => IsTarget(left),
            IIsPatternOperation { Value: var value, Pattern: IConstantPatternOperation } => IsTarget(value),
            IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: IPropertyReferenceOperation { Property.Name: "HasValue", Instance: var value } } =>
                IsTarget(value),
            IUnaryOperation { OperatorKind: UnaryOperatorKind.Not,
                Operand: IInvocationOperation { TargetMethod.Name: "ContainsKey" or "TryGetValue", Instance: var all } } => IsTarget(all),
            _ => false,
        };

        bool IsTarget(IOperation? asked) => (asked is null ? null : Conversions.Unconverted(asked)) is IMemberReferenceOperation
        {
            Type.SpecialType: not SpecialType.System_Boolean,
            Member: var tested,
        } && SymbolEqualityComparer.Default.Equals(tested.OriginalDefinition, target.Member.OriginalDefinition);
    }

    /// <summary>The members that a target names, through tuples, elements, conversions and parts of .NET's objects.</summary>
    private static IEnumerable<IOperation> Named(IOperation target) => target switch
    {
        ITupleOperation tuple => tuple.Elements.SelectMany(Named),
        IConversionOperation { Operand: var of } => Named(of),
        IArrayElementReferenceOperation { ArrayReference: var of } => Named(of),
        IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } of } => Named(of),
        IMemberReferenceOperation { Member: var part, Instance: { } of } when of.Type is { IsTupleType: true } || TypeTranslator.IsOfSystem(part) => Named(of),
        _ => [target],
    };

    /// <summary>What a method, and what it calls, does to objects that were there before it ran, and outlast it; each with the first place of it.</summary>
    public sealed class Touched
    {
        public Marks Changes { get; } = [];

        public Marks Reads { get; } = [];

        /// <summary>The members whose next value is computed from the one that they have.</summary>
        public HashSet<ISymbol> Growing { get; } = new(SymbolEqualityComparer.Default);

        /// <summary>Whether anything asks a clock, or draws a random number.</summary>
        public bool Asks { get; set; }

        /// <summary>What the forward of a layer changes in an object that it is handed.</summary>
        public Dictionary<ISymbol, IOperation> Handed { get; } = new(SymbolEqualityComparer.Default);

        /// <summary>What the forwards of layers read in objects that they are handed.</summary>
        public HashSet<ISymbol> ReadByLayers { get; } = new(SymbolEqualityComparer.Default);
    }

    /// <summary>Where a member is touched first, and whether that is in the object itself whose forward it is.</summary>
    public sealed class Marks() : Dictionary<ISymbol, (IOperation At, bool IsOwn)>(SymbolEqualityComparer.Default);

    /// <summary>A method as it is called.</summary>
    /// <param name="Method">The method.</param>
    /// <param name="Of">The class whose forward is looked at.</param>
    /// <param name="IsOwn">Whether its object is the one whose forward is looked at.</param>
    /// <param name="KeepsThis">Whether its object outlasts the call.</param>
    /// <param name="IsHeard">Whether what it reads goes anywhere: what only writes a log does not matter to what forward computes.</param>
    /// <param name="Kept">The parameters that get an object which does.</param>
    private sealed record Run(IMethodSymbol Method, INamedTypeSymbol Of, bool IsOwn, bool KeepsThis, bool IsHeard, EquatableArray<int> Kept);

    /// <summary>What in a method's body names an object that outlasts it.</summary>
    private sealed class Body(Run run, IOperation body, KeptState state)
    {
        private readonly Dictionary<ILocalSymbol, bool> locals = new(SymbolEqualityComparer.Default);

        public bool IsKept(IOperation? place) => place switch
        {
            IConversionOperation { Operand: var of } => IsKept(of),
            IMemberReferenceOperation { Instance: null, Member: IFieldSymbol { IsConst: false } or IPropertySymbol } => true,
            IMemberReferenceOperation { Instance: { } of, Member: IFieldSymbol or IPropertySymbol } => IsKept(of),
            IArrayElementReferenceOperation { ArrayReference: var of } => IsKept(of),
            IConditionalAccessOperation { Operation: var of } => IsKept(of),
            IConditionalAccessInstanceOperation => IsKept(LiveReader.Root(place)),
            IInstanceReferenceOperation => run.KeepsThis,
            IParameterReferenceOperation { Parameter: var held } when LocalUse.IsKept(held, run.Method) => run.KeepsThis || Holds(held.Type),
            IParameterReferenceOperation { Parameter: var given } => Holds(given.Type)
                && (!SymbolEqualityComparer.Default.Equals(given.ContainingSymbol.OriginalDefinition, run.Method) || run.Kept.Contains(given.Ordinal)),
            ILocalReferenceOperation { Local: var local } => Holds(local.Type) && IsKept(local),
            ICoalesceOperation { Value: var one, WhenNull: var other } => IsKept(one) || IsKept(other),
            IConditionalOperation { WhenTrue: var one, WhenFalse: var other } => IsKept(one) || IsKept(other),
            IInvocationOperation { TargetMethod: var method, Type: var type } call when Holds(type) =>
                TypeTranslator.IsOfSystem(method) ? IsKept(call.Instance ?? call.Arguments.FirstOrDefault()?.Value)
                    : call.Instance is IInstanceReferenceOperation or null && run.KeepsThis && state.HandsOut(method),
            _ => false,
        };

        /// <summary>
        /// The places that change where something is given a value, or what is in it: the members whose objects a local, a method or a property names.
        /// </summary>
        /// <param name="target">What is given a value.</param>
        /// <param name="isChangedItself">Whether the object changes that it names, and not which one it names.</param>
        public IEnumerable<IOperation> Reached(IOperation target, bool isChangedItself) => target switch
        {
            ITupleOperation tuple => tuple.Elements.SelectMany(element => Reached(element, isChangedItself)),
            IConversionOperation { Operand: var of } => Reached(of, isChangedItself),
            _ => Named(target).SelectMany(named => isChangedItself || named != target ? Behind(named, []) : [named]),
        };

        private IEnumerable<IOperation> Behind(IOperation place, HashSet<ISymbol> seen) => place switch
        {
            ILocalReferenceOperation { Local: var local } when IsObject(local.Type) =>
                seen.Add(local) ? ValuesOf(local).SelectMany(Named).SelectMany(value => Behind(value, seen)) : [],
            IParameterReferenceOperation { Parameter: { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.LambdaMethod } } drawn }
                when IsObject(drawn.Type) => seen.Add(drawn) ? HandedTo(drawn).SelectMany(Named).SelectMany(value => Behind(value, seen)).Append(place) : [],
            IConversionOperation { Operand: var of } => Behind(of, seen),
            IConditionalOperation { WhenTrue: var one, WhenFalse: { } other } => new[] { one, other }.SelectMany(Named).SelectMany(of => Behind(of, seen)),
            ICoalesceOperation { Value: var one, WhenNull: var other } => new[] { one, other }.SelectMany(Named).SelectMany(of => Behind(of, seen)),
            IInvocationOperation { TargetMethod: var method, Type: var type } call when IsObject(type) => TypeTranslator.IsOfSystem(method)
                ? (call.Instance ?? call.Arguments.FirstOrDefault()?.Value) is { } of ? Named(of).SelectMany(value => Behind(value, seen)) : []
                : Given(method, type!),
            IObjectCreationOperation { Type.IsValueType: true, Arguments: var given } =>
                given.SelectMany(of => Named(of.Value)).SelectMany(of => Behind(of, seen)),
            ITupleOperation { Elements: var elements } => elements.SelectMany(Named).SelectMany(of => Behind(of, seen)),
            IPropertyReferenceOperation { Property: { IsIndexer: false, GetMethod: { } getter } property, Type: var type }
                when IsObject(type) && !TypeTranslator.IsOfSystem(property) && LayerParser.BackingField(property) is null => Given(getter, type!).Append(place),
            _ => [place],
        };

        /// <summary>The members of a type that a method names, one of which it may give back.</summary>
        private IEnumerable<IOperation> Given(IMethodSymbol method, ITypeSymbol type) => state.Live.Bodies(method.OriginalDefinition)
            .SelectMany(inside => inside.Descendants()).OfType<IMemberReferenceOperation>()
            .Where(member => member.Member is IFieldSymbol or IPropertySymbol && SymbolEqualityComparer.Default.Equals(member.Type, type));

        /// <summary>Whether values of a type are objects, which may have several names. What is written into tensors, the trace tells.</summary>
        private bool IsObject(ITypeSymbol? type) =>
            (Holds(type) || type is INamedTypeSymbol { IsValueType: true, TypeArguments.IsEmpty: false }) && !state.Torch.IsTensor(type);

        /// <summary>
        /// Whether an assignment's value is computed from a tensor that the method is given. One that is not, but from numbers, or grows with the longest input
        /// so far, is what it would be computed as anew.
        /// </summary>
        public bool IsOfInputs(IOperation part) => part is not IAssignmentOperation { Value: var value } || Follows(value, []);

        private bool Follows(IOperation value, HashSet<ISymbol> seen) => value switch
        {
            IPropertyReferenceOperation { Property.Name: "shape" or "dtype" or "device" or "ndim" } => false,
            IInvocationOperation { TargetMethod.Name: "size" or "dim" or "numel" } => false,
            IParameterReferenceOperation { Type: var given } when state.Torch.IsTensor(given) => true,
            ILocalReferenceOperation { Local: var local } when state.Torch.IsTensor(local.Type) =>
                seen.Add(local) && (ValuesOf(local) is not { Count: > 0 } given || given.Exists(one => Follows(one, seen))),
            _ => value.ChildOperations.Any(inner => Follows(inner, seen)),
        };

        /// <summary>Whether a value may be an object that others hold, too.</summary>
        private bool Holds(ITypeSymbol? type) =>
            type is { IsReferenceType: true, SpecialType: not SpecialType.System_String } or ITypeParameterSymbol && !state.Torch.IsTensor(type);

        private bool IsKept(ILocalSymbol local)
        {
            if (!locals.TryGetValue(local, out var isKept))
            {
                // One that is computed from itself is what the rest of it is.
                locals[local] = false;
                locals[local] = isKept = ValuesOf(local).Exists(IsKept);
            }

            return isKept;
        }

        /// <summary>What a local is given, wherever it is: what it is, or is taken out of.</summary>
        private List<IOperation> ValuesOf(ILocalSymbol local) => body.Descendants().Select(part => part switch
        {
            IVariableDeclaratorOperation { Symbol: var declared } one when Is(declared, local) => one.GetVariableInitializer()?.Value,
            IAssignmentOperation { Target: ILocalReferenceOperation or ITupleOperation or IDeclarationExpressionOperation, Value: var value } assignment
                when assignment.Target.DescendantsAndSelf().Any(one => one is ILocalReferenceOperation { Local: var named } && Is(named, local)) => value,
            IArgumentOperation { Parameter.RefKind: RefKind.Out, Parent: IInvocationOperation { Instance: { } all }, Value: var given }
                when given.DescendantsAndSelf().Any(one => one is ILocalReferenceOperation { Local: var named } && Is(named, local)) => all,
            IForEachLoopOperation { Collection: var all, Locals: var drawn } when drawn.Any(one => Is(one, local)) => all,
            IIsPatternOperation { Value: var value, Pattern: var pattern }
                when pattern.DescendantsAndSelf().Any(one => one is IDeclarationPatternOperation { DeclaredSymbol: { } named } && Is(named, local)) => value,
            _ => null,
        }).OfType<IOperation>().ToList();

        /// <summary>What the parameter of a lambda may be given: what delegates of the method are called with, and what .NET goes through.</summary>
        private IEnumerable<IOperation> HandedTo(IParameterSymbol drawn) => body.Descendants().OfType<IInvocationOperation>().SelectMany(call =>
            call.TargetMethod.MethodKind == MethodKind.DelegateInvoke
                ? call.Arguments.Where(given => given.Parameter?.Ordinal == drawn.Ordinal).Select(given => given.Value)
            : TypeTranslator.IsOfSystem(call.TargetMethod)
                && call.Descendants().Any(inner => inner is IAnonymousFunctionOperation { Symbol: var lambda } && Is(lambda, drawn.ContainingSymbol))
                ? [call.Instance ?? call.Arguments[0].Value]
            : []);

        private static bool Is(ISymbol one, ISymbol other) => SymbolEqualityComparer.Default.Equals(one, other);
    }

    /// <summary>Whether a method gives back an object that its own object, or a static member, holds.</summary>
    private bool HandsOut(IMethodSymbol method) => Methods.BodyOf(method.OriginalDefinition) is { } body && body.Descendants().Any(part =>
        part is IReturnOperation { ReturnedValue: { } given }
        && LiveReader.Root(given) is IInstanceReferenceOperation or IMemberReferenceOperation { Instance: null });
}
