using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>What touches nothing that forward computes: logs, counts, clocks.</summary>
internal sealed class EffectReader(Reading reading) : Reader(reading)
{
    /// <summary>Members of objects that forward has not made, and gives another value: what is in them is not what it was when the model was linked.</summary>
    public HashSet<ISymbol> Elsewhere { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether a piece of source may be passed by: it leads nowhere else, and changes no tensor and nothing that forward may go by.</summary>
    public bool IsQuiet(IOperation operation) => !Uses.Matters(operation) && operation.DescendantsAndSelf().All(inner => inner switch
    {
        IReturnOperation
            or IAnonymousFunctionOperation
            or ILocalFunctionOperation
            or ILabeledOperation
            or IInvalidOperation => false,
        IBranchOperation { Target: var target } => operation.DescendantsAndSelf().Any(around => around switch
        {
            ILoopOperation loop =>
                SymbolEqualityComparer.Default.Equals(loop.ExitLabel, target) || SymbolEqualityComparer.Default.Equals(loop.ContinueLabel, target),
            ISwitchOperation choice => SymbolEqualityComparer.Default.Equals(choice.ExitLabel, target),
            _ => false,
        }),
        IAssignmentOperation { Target: var target } => !Decides(target, operation),
        IIncrementOrDecrementOperation { Target: var target } => !Decides(target, operation),
        IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref, Value: var target } => !Decides(target, operation),
        IInvocationOperation call => IsQuietCall(call),
        IDynamicMemberReferenceOperation { Instance: var of, MemberName: var name, Parent: IDynamicInvocationOperation } =>
            !DynamicReader.IsUntyped(of?.Type) && !name.EndsWith("_", StringComparison.Ordinal),
        _ => true,
    });

    /// <summary>
    /// Whether a call, of which nothing is used but that it was made, can change nothing that forward computes: it is handed no
    /// tensor, and no width that it may throw for.
    /// </summary>
    public bool IsSilent(IInvocationOperation call)
    {
        var method = (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition;
        return !Torch.IsTorch(method) && method.MethodKind is not (MethodKind.DelegateInvoke or MethodKind.LocalFunction) && !GuardReader.IsGuard(call)
            && (call.Instance is null or IInstanceReferenceOperation || !Torch.IsModule(call.Instance.Type))
            && !Uses.Matters(call) && IsQuietCall(call)
            && call.Arguments.All(IsOnlyRead)
            && !(HandsWidths(call) && MayThrow(method, []));
    }

    /// <summary>What a call that is passed by changes in objects that were there before is not known from here on.</summary>
    public void NoteChanges(IInvocationOperation call)
    {
        var isKept = call.Instance is null or IInstanceReferenceOperation || Live.KeptIn(call.Instance) is not null;
        Elsewhere.UnionWith(Bindings.Assigns(call.TargetMethod));
        Elsewhere.UnionWith(Kept.Changes(call.TargetMethod, isKept, Live.KeptBy(call)).Changes.Keys);
    }

    /// <summary>Whether a method gets a value that is no tensor, and leaves it as it is.</summary>
    private bool IsOnlyRead(IArgumentOperation argument) =>
        argument.Parameter is { RefKind: RefKind.None } parameter && !Bindings.IsChangedInside(parameter)
        && !HandsTensors(argument.Value) && !argument.Value.DescendantsAndSelf().Any(Changes);

    /// <summary>Whether a value is a tensor, or an object that may hold one. What is handed on as an object is what it is without that.</summary>
    public bool HandsTensors(IOperation value)
    {
        while (value is IConversionOperation { OperatorMethod: null, IsTryCast: false } conversion)
        {
            value = conversion.Operand;
        }

        return value is IArrayCreationOperation { Initializer: { } list } ? list.ElementValues.Any(HandsTensors)
            : value.ConstantValue is not { HasValue: true }
                && value is not IInstanceReferenceOperation
                && (Types.MayCarryTensors(value.Type) || Types.CarriesTensors(value.Type));
    }

    /// <summary>Whether a call is handed a number that is computed from a width.</summary>
    private bool HandsWidths(IInvocationOperation call)
    {
        var mark = Mark();
        var found = call.Arguments.SelectMany(argument => argument.Value.DescendantsAndSelf())
            .Where(part => NumberTypes.IsNumber(part.Type))
            .Where(
                part =>
                    part is ILocalReferenceOperation
                        or IParameterReferenceOperation
                        or IArrayElementReferenceOperation
                        or IInvocationOperation
                        or IPropertyReferenceOperation)
            .Any(part => Conditions.Attempt(part) is ArgumentValue { Argument: { IsKnown: true } told } && Conditions.ReadsShape(told));
        Restore(mark, findingsToo: true);
        return found;
    }

    /// <summary>Whether a method of the user's throws somewhere, by itself or by another.</summary>
    private bool MayThrow(IMethodSymbol method, HashSet<ISymbol> seen) =>
        seen.Add(method) && Methods.BodyOf(method) is { } body && body.Descendants().Any(inner =>
        inner is IThrowOperation || GuardReader.IsGuard(inner)
        || inner is IInvocationOperation call && MayThrow((call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition, seen));

    private bool IsQuietCall(IInvocationOperation call) =>
        !(call.TargetMethod.Name.EndsWith("_", StringComparison.Ordinal) && Torch.IsTensor(call.Instance?.Type))
        && (call.Instance is null or IInstanceReferenceOperation
            || call.TargetMethod.Name == "Dispose"
            || !(Types.MayCarryTensors(call.Instance.Type) || Types.CarriesTensors(call.Instance.Type)))
        && !(call.Instance is IInstanceReferenceOperation or null && Bindings.Assigns(call.TargetMethod).Count > 0)
        && !ChangesItsObject(call);

    /// <summary>Whether an object is one that forward has made, as far as can be told.</summary>
    public bool IsMade(IOperation place) => !Torch.IsModule(place.Type)
        && (Types.IsRecord(place.Type) || LiveReader.Root(place) is ILocalReferenceOperation or IParameterReferenceOperation)
        && Live.KeptIn(place) is null;

    /// <summary>Whether a call gives an object back, which may be one that forward has made.</summary>
    private bool IsGivenBack(IOperation place) => LiveReader.Root(place) is IInvocationOperation { Instance: var from, Arguments: var given }
        && (from is not null and not IInstanceReferenceOperation || !given.IsEmpty)
        && Live.KeptIn(from ?? given[0].Value) is null;

    /// <summary>Whether a call gives an object that forward has made another state.</summary>
    public bool ChangesItsObject(IInvocationOperation call) => call.Instance is { } changed and not IInstanceReferenceOperation
        && IsMade(changed)
        && (Bindings.ChangesObject(call.TargetMethod)
            || (!TypeTranslator.IsOfSystem(call.TargetMethod) && call.Instance.Type?.BaseType is { SpecialType: SpecialType.None } of
                && TypeTranslator.IsOfSystem(of)));

    private static bool Changes(IOperation operation) =>
        operation is IAssignmentOperation or IIncrementOrDecrementOperation or IAnonymousFunctionOperation or IMethodReferenceOperation;

    /// <summary>Whether something that is given a new value may be what forward goes by afterwards.</summary>
    private bool Decides(IOperation target, IOperation within) => target switch
    {
        IDiscardOperation => false,
        IDeclarationExpressionOperation { Expression: var declared } => Decides(declared, within),
        ILocalReferenceOperation { Local: var local } =>
            !local.DeclaringSyntaxReferences.All(reference => reference.SyntaxTree == within.Syntax.SyntaxTree && within.Syntax.Span.Contains(reference.Span))
                && Matters(local.Type),
        IParameterReferenceOperation { Parameter.Type: var type } => Matters(type),

        // What objects count that were there before is read where it is asked for.
        IMemberReferenceOperation { Instance: var of }
            when of is not (IInstanceReferenceOperation or ILocalReferenceOperation or IParameterReferenceOperation)
                && (of is null || !(IsMade(of) || IsGivenBack(of))) =>
            Types.MayCarryTensors(target.Type) || Types.CarriesTensors(target.Type),
        _ => Matters(target.Type),
    };

    private bool Matters(ITypeSymbol? type) =>
        Types.MayCarryTensors(type) || NumberTypes.IsNumberLike(type) || NumberTypes.IsFraction(type) || Torch.IsModule(type);
}
