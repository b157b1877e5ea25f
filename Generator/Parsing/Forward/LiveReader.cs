using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// What is another at each run, whatever the input: clocks, random numbers, objects that count how often they are asked. It is not asked when a model is
/// linked, since that would change the object, and what it said then would be taken for what it says later.
/// </summary>
internal sealed class LiveReader(Reading reading) : Reader(reading)
{
    /// <summary>Of each project the methods that may run in the place of another.</summary>
    private static readonly ConditionalWeakTable<Compilation, Overriding> InPlaceOf = new();

    /// <summary>Whether an expression gives another value, or changes what outlives forward, each time that it is computed.</summary>
    public bool IsLive(IOperation operation) => operation switch
    {
        IInvocationOperation { Type.SpecialType: not SpecialType.System_Void, TargetMethod.MethodKind: MethodKind.DelegateInvoke } call =>
            IsPlain(call.Type) && KeptIn(call.Instance) is { } member && !IsPure(member),
        IInvocationOperation { Type.SpecialType: not SpecialType.System_Void, Instance: { } store } call
            when IsPlain(call.Type) && !call.Arguments.Any(given => Types.CarriesTensors(given.Value.Type)) && Outside.IsStore(store) => true,
        IPropertyReferenceOperation { Property.IsIndexer: false, Instance: { } store } when IsPlain(operation.Type) && Outside.IsStore(store) => true,
        IInvocationOperation { Type.SpecialType: not SpecialType.System_Void } call when !Torch.IsTorch(call.TargetMethod) =>
            TypeTranslator.IsOfSystem(call.TargetMethod)
                ? IsLiveOfSystem(call.TargetMethod, call.Instance) || GivenBack(call).Any(place => KeptIn(place) is not null)
                : call.Instance is not IInstanceReferenceOperation && IsPlain(call.Type) && IsKept(call.Instance)
                    && (IsLive(call.TargetMethod, call) || ReadBy(call.TargetMethod).Any(WillChange)),
        IPropertyReferenceOperation { Property: { IsIndexer: false } property } asked
            when !Torch.IsTorch(property) && LayerParser.BackingField(property) is null =>
            TypeTranslator.IsOfSystem(property) ? IsLiveOfSystem(property, asked.Instance)
                : property.GetMethod is { } getter && asked.Instance is not IInstanceReferenceOperation && IsPlain(asked.Type) && IsKept(asked.Instance)
                    && (IsLive(getter) || ReadBy(getter).Any(WillChange)),
        IMemberReferenceOperation { Member: IFieldSymbol { IsConst: false } or IPropertySymbol { IsIndexer: false } } => IsBeforeItChanges(operation),
        IConversionOperation { OperatorMethod: { } converts, Operand: var operand } => IsLiveOperator(converts, operand),
        IUnaryOperation { OperatorMethod: { } computes, Operand: var operand } => IsLiveOperator(computes, operand),
        IBinaryOperation { OperatorMethod: { } computes, LeftOperand: var one, RightOperand: var other }
            when CallReader.IsOwnOperator(computes, Torch) => IsLiveOperator(computes, one, other),
        IIsPatternOperation { Value: var asked } => IsObjectThatChanges(asked),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals, LeftOperand: var one, RightOperand: var other } =>
            IsObjectThatChanges(one) || IsObjectThatChanges(other),
        IObjectCreationOperation { Type.Name: "Random", Arguments: [], Constructor: { } made } => TypeTranslator.IsOfSystem(made),
        _ => false,
    };

    /// <summary>
    /// Whether something is asked for before forward gives it another value: what it finds there is what it left the last time. An object as a whole
    /// is handed on as it is; what is in it, and whether there is one, is not told.
    /// </summary>
    private bool IsBeforeItChanges(IOperation? read) => read switch
    {
        IMemberReferenceOperation { Type: { IsValueType: true } or { SpecialType: SpecialType.System_String } or IArrayTypeSymbol } part =>
            IsPlain(part.Type) && (WillChange(part) || (part.Instance is IMemberReferenceOperation whole && WillChange(whole))),
        IMemberReferenceOperation part => IsPlain(part.Type) && TypeTranslator.IsOfSystem(part.Type!) && WillChange(part),
        _ => false,
    };

    private bool WillChange(IMemberReferenceOperation read) => WillChange(read.Member.OriginalDefinition) && !Torch.IsModule(read.Type)
        && (read.Instance is IInstanceReferenceOperation
            ? (Frames.Peek().This is ModelValue || Objects.Self is not null) && IsFound(read.Member.OriginalDefinition)
            : read.Instance is null || KeptIn(read.Instance) is not null);

    /// <summary>Whether a member of the model holds what forward found in it, or may.</summary>
    private bool IsFound(ISymbol member) =>
        Scope.ValueOf(member) is null || (Scope.VariableOf(member) is { Number: var variable } && Bindings.Found.Contains(variable));

    private bool IsObjectThatChanges(IOperation asked) => Conversions.Unconverted(asked) is IMemberReferenceOperation { Type.IsReferenceType: true } whole
        && IsPlain(whole.Type) && WillChange(whole);

    /// <summary>Whether forward, somewhere, gives a member of an object that was there before another value, and has not come to that.</summary>
    public bool WillChange(ISymbol member) => Kept.Changed.Contains(member) && !Effects.Elsewhere.Contains(member);

    /// <summary>Whether an expression is computed from what forward has changed, in an object that was there before.</summary>
    public bool IsChanged(IOperation operation) => Effects.Elsewhere.Count > 0 && operation switch
    {
        ILocalReferenceOperation or IParameterReferenceOperation => KeptIn(operation) is { } kept && Effects.Elsewhere.Contains(kept),
        IMemberReferenceOperation { Member: var member } when Effects.Elsewhere.Contains(member.OriginalDefinition) => true,
        IPropertyReferenceOperation { Property.GetMethod: { } getter, Instance: not (null or IInstanceReferenceOperation) } => Reads(getter),
        IInvocationOperation { TargetMethod: { ReturnsVoid: false } method, Instance: { } asked and not IInstanceReferenceOperation,
            Parent: not IExpressionStatementOperation } => !(Types.CarriesTensors(operation.Type) && Objects.IsPlain(asked.Type)) && Reads(method),
        _ => false,
    };

    private bool Reads(IMethodSymbol method) =>
        !Torch.IsTorch(method) && !TypeTranslator.IsOfSystem(method) && ReadBy(method).Any(Effects.Elsewhere.Contains);

    /// <summary>The members that a method reads, or what may run in its place.</summary>
    private IEnumerable<ISymbol> ReadBy(IMethodSymbol method) => Alike(method.OriginalDefinition).OfType<IMethodSymbol>()
        .SelectMany(one => one.AssociatedSymbol is { } property ? Bindings.Reads(one).Append(property) : Bindings.Reads(one));

    /// <summary>A member, and those of the project's classes that may be meant by it.</summary>
    public IEnumerable<ISymbol> Alike(ISymbol member) => member switch
    {
        IMethodSymbol method when method.IsAbstract || method.IsVirtual => Implementations(method).Append(method),
        IPropertySymbol property when property.IsAbstract || property.IsVirtual =>
            Implementations((property.GetMethod ?? property.SetMethod)!).Select(one => one.AssociatedSymbol!).Append(property),
        _ => [member],
    };

    /// <summary>What such an expression is: a number, or anything else, that no source tells.</summary>
    public ParsedValue Told(IOperation operation)
    {
        if (operation is IInvocationOperation call)
        {
            foreach (var place in GivenBack(call).Append(IsMutator(call.TargetMethod) ? call.Instance : null))
            {
                if (KeptIn(place) is { } member)
                {
                    Effects.Elsewhere.Add(member);
                }
            }

            foreach (var place in GivenBack(call))
            {
                if ((place switch
                {
                    ILocalReferenceOperation { Local: var local } => local,
                    IParameterReferenceOperation { Parameter: var parameter } => parameter,
                    _ => (ISymbol?)null,
                }) is { } symbol && !Bindings.Bind(symbol, Unknown(place)))
                {
                    return ParsedValue.Broken;
                }
            }
        }

        return Repeats.FollowParts(operation) ? Unknown(operation) : ParsedValue.Broken;
    }

    /// <summary>
    /// Before something is put into an array, or another thing that is kept: an array of the model is from here on one of generated code's own, as it was when
    /// the model was linked. False where that cannot be, or what is in it then hangs on what was; it is not known then.
    /// </summary>
    public bool Own(IOperation place)
    {
        if (KeptIn(place) is not { } member)
        {
            return true;
        }

        if (Conversions.Unconverted(place) is IMemberReferenceOperation { Instance: IInstanceReferenceOperation, Type: IArrayTypeSymbol type } array
            && Frames.Count == 1 && Frames.Peek().This is ModelValue && ReferenceEquals(Nodes, Reading.Outermost)
            && Members.IsReachable(array.Member) && !Kept.Growing.Contains(member) && Types.Translate(type) is { } name)
        {
            var copy = Bindings.NewLocal(array.Member.Name, new Cast(name, Members.CodeOf(array.Member).Method("Clone")), isSize: false, changes: true);
            Scope.Bind(array.Member.OriginalDefinition, new CodeValue(copy, type));
            return true;
        }

        Effects.Elsewhere.Add(member);
        return false;
    }

    /// <summary>What is said of something that is not what it was when the model was linked.</summary>
    public static Problem Changed(IOperation read) => new($"'{SourceText.Quote(read.Syntax)}', which forward changes itself", "keep it in a local variable");

    /// <summary>A value of the expression's type of which nothing is known.</summary>
    private static ParsedValue Unknown(IOperation operation) =>
        operation.Type?.SpecialType == SpecialType.System_Boolean ? new ArgumentValue(new UnknownArgument())
        : NumberTypes.IsNumberLike(operation.Type) || NumberTypes.IsFraction(operation.Type) ? new ContentValue(-1, SourceText.Quote(operation.Syntax), [])
        : new ContentsValue();

    /// <summary>The places that a call of .NET's gives another value.</summary>
    private static IEnumerable<IOperation> GivenBack(IInvocationOperation call) =>
        call.Arguments.Where(given => given.Parameter is { RefKind: RefKind.Out or RefKind.Ref }).Select(given => given.Value);

    /// <summary>Whether one of .NET's methods changes the collection, builder or clock that it is called on.</summary>
    public static bool IsMutator(IMethodSymbol method) => TypeTranslator.IsOfSystem(method) && !method.IsStatic
        && method.ContainingType is { SpecialType: not SpecialType.System_String, IsReadOnly: false, ContainingNamespace.Name: not "Immutable" }
        && ChangingClasses.IsMutator(method.Name);

    /// <summary>The member that holds an object which was there before forward was called and is there behind it; null for one that forward has made.</summary>
    public ISymbol? KeptIn(IOperation? place) => place switch
    {
        IConversionOperation { Operand: var of } => KeptIn(of),
        IMemberReferenceOperation { Instance: null, Member: IFieldSymbol or IPropertySymbol } of => of.Member.OriginalDefinition,
        IMemberReferenceOperation { Instance: IInstanceReferenceOperation, Member: IFieldSymbol or IPropertySymbol { IsIndexer: false } } own =>
            Frames.Peek().This is not RecordValue && Scope.ValueOf(own.Member.OriginalDefinition) is null ? own.Member.OriginalDefinition : null,
        IMemberReferenceOperation { Instance: var of } => KeptIn(of),
        IArrayElementReferenceOperation { ArrayReference: var of } => KeptIn(of),
        ILocalReferenceOperation { Local: { Type: { IsReferenceType: true, SpecialType: not SpecialType.System_String } } local } =>
            KeptIn(Scope.ValueOf(local)) ?? KeptIn(DrawnFrom(local)),
        IParameterReferenceOperation { Parameter: { Type: { IsReferenceType: true, SpecialType: not SpecialType.System_String } } parameter } =>
            KeptIn(Scope.ValueOf(parameter)) ?? KeptIn(DrawnFrom(parameter)),
        IConditionalAccessInstanceOperation => KeptIn(Asked(place)),
        _ => null,
    };

    /// <summary>What stands before the question mark.</summary>
    private static IOperation? Asked(IOperation instance)
    {
        var (inner, around) = (instance, instance.Parent);
        while (around is not (null or IConditionalAccessOperation) || (around is IConditionalAccessOperation { Operation: var of } && of == inner))
        {
            (inner, around) = (around, around.Parent);
        }

        return (around as IConditionalAccessOperation)?.Operation;
    }

    /// <summary>The collection of which a local or parameter is an element: of a foreach, or of a query's lambda. Null for any other.</summary>
    private IOperation? DrawnFrom(ISymbol symbol)
    {
        var collection = symbol.DeclaringSyntaxReferences is not [var declared] ? null : declared.ReadBy(Context) switch
        {
            ForEachStatementSyntax loop => Context.Operation(loop.Expression),
            ParameterSyntax { Parent: LambdaExpressionSyntax or ParameterListSyntax { Parent: LambdaExpressionSyntax } } parameter =>
                parameter.Ancestors().OfType<InvocationExpressionSyntax>().FirstOrDefault() is { } query ? Context.Operation(query) : null,
            _ => null,
        };
        while (collection is IInvocationOperation { TargetMethod: var handsOn } call && TypeTranslator.IsOfSystem(handsOn))
        {
            collection = handsOn.IsExtensionMethod ? Conversions.Unconverted(call.Arguments[0].Value) : call.Instance;
        }

        return collection;
    }

    /// <summary>The member that a local is another name of.</summary>
    private ISymbol? KeptIn(ParsedValue? value) => value is CodeValue { Code: { IsNameOfObject: true } code } ? KeptIn(code) : null;

    private ISymbol? KeptIn(Expression code) => code switch
    {
        ModelMember { Name: var name } => Bases(Context.Type).SelectMany(type => type.GetMembers(name.TrimStart('@'))).FirstOrDefault()?.OriginalDefinition,
        ValueName { Number: var local } => Bindings.OtherNameOf(local) is { } place ? KeptIn(place) : null,
        MemberOf { Of: Named { Name: var type }, Name: var name } => Static(type, name),
        Verbatim { Holes: [{ Code: Named { Name: var type } }], Texts: ["", var name] } => Static(type, name),
        _ => code.Parts.Select(KeptIn).FirstOrDefault(member => member is not null),
    };

    /// <summary>A static member, by its name in full.</summary>
    private ISymbol? Static(string type, string name) =>
        SyntaxFactory.ParseTypeName(type) is NameSyntax full
            && DocumentationCommentId.GetFirstSymbolForDeclarationId($"T:{IdOf(full)}", Context.Compilation) is INamedTypeSymbol owner
            ? owner.GetMembers(name.TrimStart('.', '@')).FirstOrDefault(member => member is IFieldSymbol or IPropertySymbol)?.OriginalDefinition
            : null;

    private static string IdOf(NameSyntax name) => name switch
    {
        QualifiedNameSyntax { Left: var left, Right: var right } => $"{IdOf(left)}.{IdOf(right)}",
        AliasQualifiedNameSyntax { Name: var of } => IdOf(of),
        GenericNameSyntax { Identifier.ValueText: var generic, Arity: var arity } => $"{generic}`{arity}",
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        _ => "",
    };

    /// <summary>A class and all that it derives from.</summary>
    public static IEnumerable<INamedTypeSymbol> Bases(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? one = type; one is not null; one = one.BaseType)
        {
            yield return one;
        }
    }

    private bool IsKept(IOperation? instance) => instance is null || (!Torch.IsModule(instance.Type) && KeptIn(instance) is not null);

    private bool IsPlain(ITypeSymbol? type) => !Types.MayCarryTensors(type) && !Torch.IsModule(type);

    /// <summary>Whether one of .NET's members asks a clock or draws a random number, or changes a collection that is kept.</summary>
    private bool IsLiveOfSystem(ISymbol member, IOperation? instance) => (member.ContainingType.Name, member.Name) switch
    {
        ("Random", "Shared") => false,
        ("Random", _) => instance is null or IPropertyReferenceOperation || KeptIn(instance) is not null,
        ("DateTime" or "DateTimeOffset", "Now" or "UtcNow" or "Today") => true,
        ("Environment", "TickCount" or "TickCount64") => true,
        ("Stopwatch", "Elapsed" or "ElapsedMilliseconds" or "ElapsedTicks" or "GetTimestamp" or "GetElapsedTime") => true,
        ("Guid", "NewGuid") => true,
        ("RandomNumberGenerator", _) => true,
        (_, "Current") => instance is not null && KeptIn(instance) is not null,
        _ => member is IMethodSymbol method && IsMutator(method) && KeptIn(instance) is not null,
    };

    /// <summary>
    /// Whether one of the project's methods changes an object that is kept, the one that it is called on or is given, or asks for what is live.
    /// </summary>
    public bool IsLive(IMethodSymbol method, IInvocationOperation? call = null) =>
        Kept.Changes(method, keepsThis: true, KeptBy(call)) is { Changes.Count: > 0 } or { Asks: true };

    /// <summary>Whether an operator of the user's own changes an operand that is kept.</summary>
    private bool IsLiveOperator(IMethodSymbol method, params IOperation[] operands) => CallReader.IsOwnOperator(method, Torch)
        && operands.Any(operand => KeptIn(operand) is not null)
        && Kept.Changes(method, keepsThis: false, Enumerable.Range(0, method.Parameters.Length).ToEquatable()) is { Changes.Count: > 0 } or { Asks: true };

    /// <summary>Which parameters of what is called get an object that is kept.</summary>
    public EquatableArray<int> KeptBy(IInvocationOperation? call) => call is null ? [] : call.Arguments
        .Where(given => given.Parameter is not null && KeptIn(given.Value) is not null)
        .Select(given => given.Parameter!.Ordinal).OrderBy(place => place).ToEquatable();

    /// <summary>Whether a delegate is a lambda of the field's own that changes nothing.</summary>
    private bool IsPure(ISymbol member) => member is IFieldSymbol { IsReadOnly: true, DeclaringSyntaxReferences: [var declared] }
        && declared.ReadBy(Context) is VariableDeclaratorSyntax { Initializer.Value: var value }
        && Context.Symbol(value) is IMethodSymbol method && !IsLive(method);

    /// <summary>What may run where a method is called.</summary>
    public IEnumerable<IOperation> Bodies(IMethodSymbol method) =>
        Alike(method).OfType<IMethodSymbol>().Select(one => Methods.BodyOf(one)).OfType<IOperation>();

    /// <summary>What may run in the place of a method: every class of the project is looked at, once for all models.</summary>
    private IReadOnlyList<IMethodSymbol> Implementations(IMethodSymbol method) =>
        InPlaceOf.GetOrCreateValue(Context.Compilation).GetOrAdd(method, asked => TypesIn(Context.Compilation.Assembly.GlobalNamespace)
            .Select(type => asked.ContainingType.TypeKind == TypeKind.Interface
                ? type.FindImplementationForInterfaceMember(asked) as IMethodSymbol
                : type.GetMembers(asked.Name).OfType<IMethodSymbol>().FirstOrDefault(
                    other => SymbolEqualityComparer.Default.Equals(other.OverriddenMethod?.OriginalDefinition, asked)))
            .OfType<IMethodSymbol>().Where(one => !one.IsAbstract).ToList());

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol space) => space.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(
        member => member is INamedTypeSymbol type ? TypesIn(type).Prepend(type) : TypesIn(member));

    /// <summary>Whether a part of a method asks for what is another each time.</summary>
    public bool Asks(IOperation part) => part switch
    {
        IInvocationOperation { TargetMethod: var called } when TypeTranslator.IsOfSystem(called) =>
            called.ContainingType.Name == "Random" || IsLiveOfSystem(called, null),
        IPropertyReferenceOperation { Property: var asked, Instance: null } when TypeTranslator.IsOfSystem(asked) => IsLiveOfSystem(asked, null),
        _ => false,
    };

    /// <summary>What the first name of a place stands for.</summary>
    public static IOperation? Root(IOperation? place) => place switch
    {
        IMemberReferenceOperation { Instance: { } of } => Root(of),
        IArrayElementReferenceOperation { ArrayReference: var of } => Root(of),
        IConversionOperation { Operand: var of } => Root(of),
        IConditionalAccessInstanceOperation => Root(Asked(place)),
        _ => place,
    };

    private sealed class Overriding() : ConcurrentDictionary<IMethodSymbol, IReadOnlyList<IMethodSymbol>>(SymbolEqualityComparer.Default);
}
