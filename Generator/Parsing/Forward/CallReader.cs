using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls: which way each goes.</summary>
internal sealed class CallReader(Reading reading) : Reader(reading)
{
    public ParsedValue Call(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke)
        {
            return CallDelegate(call);
        }

        if (Described.Description(method) is { } axes)
        {
            var tensors = call.Arguments.Where(argument => argument.Parameter is { } parameter && Torch.IsTensor(parameter.Type))
                .OrderBy(argument => argument.Parameter!.Ordinal);
            return Described.CallDescribed(method, axes, tensors.Select(argument => Evaluate(argument.Value)).ToList(), call);
        }

        var isForward = method.Name is "call" or "forward" || (method.Name == LayerCallReader.WithPlaces && Torch.IsTorch(method));
        if (isForward && call.Instance is not null && Torch.IsModule(call.Instance.Type) && !IsOwn(call))
        {
            if (!IsAnotherEntry(call))
            {
                return LayerCalls.CallLayer(call);
            }

            Reading.IsElsewhere(call);
            return CallHelper(call, method.OriginalDefinition);
        }

        // A class may hide the call that every module has, and hand on to it.
        if (isForward && IsOwn(call) && Torch.IsTorch(method) && Frames.Peek().This is LayerValue self)
        {
            return LayerCalls.CallLayer(call, self);
        }

        if (Torch.IsTorch(method) && method.Name is "manual_seed" or "set_rng_state")
        {
            return Unsupported(
                call, new Problem($"'{SourceText.Quote(call.Syntax)}', behind which random numbers are the same each time", "call it outside of forward"));
        }

        if (Torch.IsTorch(method))
        {
            return method.ContainingType.Name == "DisposeScope" || OperationReader.PassOn.Contains(method.Name)
                ? Operations.PassedOn(call)
                : Operations.CallTorch(call);
        }

        // Anything else that .NET's library does to lists and sequences is repeated.
        if (TypeTranslator.IsOfSystem(method) && !IsSilent(method))
        {
            if (IsOpaque(call))
            {
                return TellsOfTensors(call)
                        ? Unsupported(
                            call,
                            new Problem($"'{SourceText.Quote(call.Syntax)}', which changes with what is pruned", "compute it once, in the constructor"))
                    : Repeats.FollowParts(call) ? ParsedValue.Other
                    : ParsedValue.Broken;
            }

            return IsCollectionCall(call) && call.Type?.SpecialType == SpecialType.System_Void
                ? Statements.Effect(call) == Flow.Stops ? ParsedValue.Broken : ParsedValue.Other
                : TakesPlaces(call) ? Expressions.AsOfNow(Repeats.Repeated(call), call)
                : Repeats.Repeated(call);
        }

        if (IsUnused(call) && Effects.IsSilent(call))
        {
            Effects.NoteChanges(call);
            return Repeats.FollowParts(call) ? ParsedValue.Other : ParsedValue.Broken;
        }

        if (Helper(call) is { } helper)
        {
            return CallHelper(call, helper);
        }

        return IsSilent(method) ? Guards.ThrowIf(call)
            : Types.MayCarryTensors(call.Type) || (method.ReturnsVoid && TakesTensors(call)) ? Unsupported(call)
            : Repeats.Repeated(call);
    }

    /// <summary>Whether what a call gives goes nowhere.</summary>
    private static bool IsUnused(IOperation call) => call.Parent is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation };

    /// <summary>Whether something is taken out of a module's parameters, which are asked for their element type or device.</summary>
    private bool IsOpaque(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => Scope.ValueOf(local.Local) is OtherValue,
        IInvocationOperation { Instance: { } module,
            TargetMethod.Name: "parameters" or "named_parameters" or "buffers" or "named_buffers" } => Torch.IsModule(module.Type),
        IInvocationOperation call
            when TypeTranslator.IsOfSystem(call.TargetMethod) && (call.Instance ?? call.Arguments.FirstOrDefault()?.Value) is { } first =>
                IsOpaque(Conversions.Unconverted(first)),
        _ => false,
    };

    /// <summary>Whether a number is computed from the sizes or the content of parameters, and not only from how many there are.</summary>
    private bool TellsOfTensors(IInvocationOperation call) => (NumberTypes.IsNumberLike(call.Type) || NumberTypes.IsFraction(call.Type))
        && call.Descendants().Any(inner => inner switch
        {
            IInvocationOperation { Instance: { } asked } => Torch.IsTensor(asked.Type),
            IPropertyReferenceOperation { Instance: { } asked, Type: var told } => Torch.IsTensor(asked.Type) && NumberTypes.IsNumberLike(told)
                && told!.SpecialType != SpecialType.System_Boolean,
            _ => false,
        });

    /// <summary>Whether a model is called by an overload of the user's own, and not by the method that its Link was made from.</summary>
    private bool IsAnotherEntry(IInvocationOperation call) =>
        call.TargetMethod is { IsAbstract: false, IsOverride: false } method && !Torch.IsTorch(method) && Methods.BodyOf(method.OriginalDefinition) is not null
        && call.Instance!.Type is INamedTypeSymbol type
            && !SymbolEqualityComparer.Default.Equals(ForwardMethod.Entry(type, Context, Torch)?.OriginalDefinition, method.OriginalDefinition);

    private static bool IsOwn(IInvocationOperation call) => call.Instance is IInstanceReferenceOperation;

    /// <summary>Whether a call changes a local list.</summary>
    public static bool IsCollectionCall(IInvocationOperation call) =>
        TypeTranslator.IsOfSystem(call.TargetMethod)
            && call.TargetMethod.MethodKind != MethodKind.DelegateInvoke
            && call.TargetMethod.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System"
            && !IsSilent(call.TargetMethod)
        && (call.Instance is not null || call.TargetMethod.ContainingType.Name == "Array");

    /// <summary>Whether a call of .NET's library may change a local, or the object in it: a builder of texts, a span, what is handed by reference.</summary>
    public static bool ChangesLocal(IInvocationOperation call) => TypeTranslator.IsOfSystem(call.TargetMethod)
        && call.TargetMethod.MethodKind != MethodKind.DelegateInvoke
        && !IsSilent(call.TargetMethod)
        && (TakesPlaces(call)
            || (call.TargetMethod.ContainingNamespace?.ToDisplayString() is "System" or "System.Text" or "System.Linq" or "System.Collections"
                    or "System.Collections.Generic" or "System.Collections.Immutable"
                && (call.Instance is not null || call.TargetMethod.IsExtensionMethod)
                && IsLocal(call)));

    private static bool TakesPlaces(IInvocationOperation call) =>
        call.Arguments.Any(argument => argument is { Parameter.RefKind: RefKind.Ref or RefKind.Out,
            Value: ILocalReferenceOperation or IParameterReferenceOperation or IDeclarationExpressionOperation });

    /// <summary>Whether an expression is a local, a part of one, or what a method gives that is called on one.</summary>
    private static bool IsLocal(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation or IParameterReferenceOperation => operation.Type is { SpecialType: not SpecialType.System_String },
        IMemberReferenceOperation { Instance: var of } => IsLocal(of),
        IArrayElementReferenceOperation { ArrayReference: var of } => IsLocal(of),
        IConversionOperation { Operand: var of } => IsLocal(of),
        IInvocationOperation call => IsLocal(call.Instance ?? (call.TargetMethod.IsExtensionMethod ? call.Arguments.FirstOrDefault()?.Value : null)),
        _ => false,
    };

    /// <summary>
    /// A method whose body can be read in place: of the model or its bases, local, static anywhere in the project, or of another
    /// object, whose class then tells which method runs.
    /// </summary>
    private IMethodSymbol? Helper(IInvocationOperation call)
    {
        var method = (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition;
        if (call.IsVirtual && IsOwn(call) && Frames.Peek().This is ModelValue)
        {
            method = OverrideResolver.MostDerived(method, Context.Type);
        }
        else if (call.IsVirtual)
        {
            return method;
        }

        return !method.IsAbstract && !method.IsExtern && Methods.BodyOf(method) is not null ? method : null;
    }

    public ParsedValue CallHelper(IInvocationOperation call, IMethodSymbol helper)
    {
        var self = Frames.Peek().This;
        if (!helper.IsStatic && helper.MethodKind != MethodKind.LocalFunction && !IsOwn(call))
        {
            var isRead = Types.MayCarryTensors(call.Type) || Types.CarriesTensors(call.Type) || TakesTensors(call)
                || (Torch.IsModule(call.Instance?.Type) && Uses.TellsWidth(helper))
                || (Types.IsRecord(call.Instance?.Type) && Effects.ChangesItsObject(call));
            self = call.Instance is not null && isRead ? Evaluate(call.Instance) : null;
            self = self is CodeValue { Made: { } made } ? made : self;
            if (self is CodeValue live && isRead && Objects.IsPlain(call.Instance!.Type))
            {
                if (Objects.GoesByCalls(call.TargetMethod, call) || Outside.IsOfOwnCollection(call.TargetMethod))
                {
                    return Outside.Handed(call, self) ?? Unsupported(
                        call,
                        new Problem(
                            $"a call of {call.TargetMethod.Name}, which goes by what changes from call to call",
                            "hand what changes to forward, and give it back"));
                }

                self = Objects.Of(live, call);
            }

            if (self is not (LayerValue or RecordValue or ModelValue)
                && !(self is CodeValue && (Types.IsRecord(call.Instance!.Type) || Objects.IsPlain(call.Instance.Type))))
            {
                return self is BrokenValue ? self
                    : call.Type?.SpecialType == SpecialType.System_Void && Effects.ChangesItsObject(call)
                        ? Statements.Effect(call) == Flow.Stops ? ParsedValue.Broken : ParsedValue.Other
                    : !Types.MayCarryTensors(call.Type) && !TakesTensors(call) ? Repeats.Repeated(call)
                    : Outside.Handed(call, self) ?? Unsupported(
                        call,
                        call.IsVirtual && Runs(call, self) is null
                            ? OverrideResolver.Replaceable(call.TargetMethod)
                            : new Problem(Words.Of(call)));
            }
        }

        if (call.IsVirtual && !(self is ModelValue && IsOwn(call)))
        {
            if (Runs(call, self) is not { } runs)
            {
                return Types.CarriesTensors(call.Type) && self is LayerValue of && AsTheLayerIs(call, of) is { } chosen ? chosen
                    : Types.CarriesTensors(call.Type) && self is CodeValue one && Objects.CallOneOf(call, one) is { } read ? read
                    : Types.MayCarryTensors(call.Type) || TakesTensors(call)
                        ? Outside.Handed(call, self) ?? Unsupported(call, OverrideResolver.Replaceable(call.TargetMethod))
                    : Repeats.Repeated(call);
            }

            helper = runs;
        }

        if (Frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, helper)))
        {
            return Unsupported(call, RuleIds.UnsupportedExpression, $"the recursive call of {helper.Name}");
        }

        if (IsAwaited(helper))
        {
            return Unsupported(call, Awaited);
        }

        if (Places.Shared(call, helper) is var (shared, problem))
        {
            return Unsupported(shared, problem);
        }

        var given = call.Arguments.Where(argument => argument.Parameter!.RefKind != RefKind.Out).ToList();
        var taken = call.Arguments.Where(argument => argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref).ToList();
        var mark = Mark();
        if (taken.Count == 0
            && !Types.MayCarryTensors(call.Type)
            && !Indices.IsIndex(call.Type)
            && !TakesTensors(call)
            && !call.TargetMethod.ReturnsVoid
            && !Uses.Matters(helper)
            && !Uses.TellsWidth(helper)
            && !Members.GoesByState(call)
            && Repeats.Repeat(call) is { } code
            && !Conditions.ReadsShape(code))
        {
            return Writer.Typed(code, call.Type!);
        }

        Restore(mark, findingsToo: true);
        if (OfSizes(call, helper) is { } sizes)
        {
            return new CodeValue(sizes, call.Type!) { IsOfSizes = true };
        }

        var result = Methods.ReadInPlace(helper, self, given.Select(argument => (argument.Parameter!.Ordinal, Evaluate(argument.Value))).ToList());
        foreach (var argument in result is BrokenValue ? [] : taken)
        {
            if (argument.Value is IDiscardOperation)
            {
                Scope.Release(helper.Parameters[argument.Parameter!.Ordinal]);
                continue;
            }

            var value = Methods.Left(helper.Parameters[argument.Parameter!.Ordinal], argument);
            if (value is BrokenValue
                || Deconstructions.AssignNew(
                    argument.Value is IDeclarationExpressionOperation { Expression: var declared } ? declared : argument.Value, value, argument) is BrokenValue)
            {
                return ParsedValue.Broken;
            }
        }

        return result;
    }

    /// <summary>A generic helper that puts numbers together, whatever they are, is called with sizes as with numbers; null for any other call.</summary>
    private Call? OfSizes(IInvocationOperation call, IMethodSymbol helper)
    {
        var method = call.TargetMethod;
        var mark = Mark();
        if (helper is { IsStatic: true, TypeParameters: [var only] }
            && only is { HasUnmanagedTypeConstraint: false, HasValueTypeConstraint: false, ConstraintTypes.IsEmpty: true }
            && method.TypeArguments is [{ SpecialType: SpecialType.System_Int64 }]
            && helper.OriginalDefinition.ReturnType is IArrayTypeSymbol { ElementType: ITypeParameterSymbol of } && of.Name == only.Name
            && Members.IsReachable(method)
            && Types.Translate(method.ContainingType) is { } container
            && call.Arguments.All(argument => argument.Parameter!.RefKind == RefKind.None)
            && call.Arguments.OrderBy(argument => argument.Parameter!.Ordinal)
                .Select(argument => Writer.SizeCode(Evaluate(argument.Value), argument.Value)).ToList() is var given && !given.Contains(null))
        {
            return new Call(
                new Generic(new MemberOf(new Named(container), Emission.Identifiers.Escape(method.Name)), new[] { TypeTranslator.AxisSize }.ToEquatable()),
                given.OfType<Expression>().ToEquatable());
        }

        Restore(mark, findingsToo: true);
        return null;
    }

    /// <summary>A virtual method of a layer, which classes of this project replace: the live layer decides which body counts.</summary>
    private ParsedValue? AsTheLayerIs(IInvocationOperation call, LayerValue self)
    {
        var declared = call.Instance!.Type as INamedTypeSymbol ?? call.TargetMethod.ContainingType;
        var ways = Overrides.Ways(call.TargetMethod, declared);
        if (ways.Count == 0
            || call.Arguments.Any(argument => argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref)
            || ways.Any(way => Frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, way.Method))))
        {
            return null;
        }

        // What is declared by a type parameter is converted by way of a module.
        self = call.Instance.Type is ITypeParameterSymbol
            ? self with { Reference = self.Reference with { Code = new Cast(TypeTranslator.Module, self.Reference.Code) } }
            : self;
        var given = call.Arguments.Select(argument => (argument.Parameter!.Ordinal, Evaluate(argument.Value))).ToList();
        return ways.Count == 1 ? Read(ways[0]) : Choices.OneOf(
            [.. ways.Select((way, i) => (i < ways.Count - 1 ? Asked(way.Class) : null, (Func<ParsedValue>)(() => Read(way))))], call);

        Expression Asked(INamedTypeSymbol type) => new IsNull(new Cast(NameOf(type), self.Reference.Code, OrNull: true), Not: true);

        ParsedValue Read((INamedTypeSymbol Class, IMethodSymbol Method) way)
        {
            if (!Overrides.RequireWhereOpen(way.Method, self, declared))
            {
                return Unsupported(call, OverrideResolver.Replaceable(call.TargetMethod));
            }

            return Methods.ReadInPlace(way.Method, self with { Reference = self.Reference with { As = NameOf(way.Class) } }, given);
        }

        static string NameOf(INamedTypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
    }

    private IMethodSymbol? Runs(IInvocationOperation call, ParsedValue? self) => Overrides.Runs(call.TargetMethod, self, call.Instance!);

    /// <summary>A delegate whose lambda or method the source shows.</summary>
    private ParsedValue CallDelegate(IInvocationOperation call)
    {
        var called = call.Instance is null ? null : Evaluate(call.Instance);
        if (called is BrokenValue)
        {
            return called;
        }

        if (called is not FunctionValue function)
        {
            // An action that is handed no tensor does nothing to one.
            if (call.TargetMethod.ReturnsVoid && !call.Arguments.Any(argument => Types.CarriesTensors(argument.Value.Type)))
            {
                return Repeats.FollowParts(call) ? ParsedValue.Other : ParsedValue.Broken;
            }

            return Types.MayCarryTensors(call.Type) || TakesTensors(call) || called is null || Writer.CodeOf(called, null) is not { } code ? Unsupported(call)
                : call.Arguments.Select(argument => Writer.CodeOf(Evaluate(argument.Value), argument.Value.Type)).ToList() is var codes
                    && !codes.Contains(null)
                    && call.Type is { } type
                    ? Writer.Typed(new Call(code, codes.OfType<Expression>().ToEquatable()), type)
                    : ParsedValue.Other;
        }

        if (call.Arguments.FirstOrDefault(argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out) is { } handed)
        {
            return Unsupported(
                handed,
                new Problem($"'{SourceText.Quote(handed.Syntax)}', handed to a delegate by reference", "return the new value instead, or call a method"));
        }

        var given = call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal).Select((argument, i) => (i, Evaluate(argument.Value))).ToList();
        if (given.Any(value => value.Item2 is BrokenValue))
        {
            return ParsedValue.Broken;
        }

        return CallFunction(function, given, call);
    }

    /// <summary>Calls a method or lambda that was handed on as a value.</summary>
    public ParsedValue CallFunction(FunctionValue function, IReadOnlyList<(int Index, ParsedValue Value)> given, IOperation call)
    {
        var method = function.Method;
        if (method.Name is "call" or "forward" && function.This is LayerValue layer)
        {
            return LayerCalls.CallLayer(layer, [.. given.Select(value => value.Value)], method, call);
        }

        if (Torch.IsTorch(method))
        {
            return given.All(value => value.Value is TensorValue) && Axes.OpTable.Knows(method.Name) && Torch.IsTensor(method.ReturnType)
                ? Operations.Apply(method.Name, given.Select(value => ((TensorValue)value.Value).Number), [], call)
                : Unsupported(call, RuleIds.UnsupportedOperation, method.Name);
        }

        if (Described.Description(method) is { } axes)
        {
            return Described.CallDescribed(
                method, axes, given.Where(value => Torch.IsTensor(method.Parameters[value.Index].Type)).Select(value => value.Value).ToList(), call);
        }

        method = method.OriginalDefinition;
        if (IsAwaited(method))
        {
            return Unsupported(call, Awaited);
        }

        if (Methods.BodyOf(method) is null || Frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, method)))
        {
            return Unsupported(call);
        }

        return Captures.Within(function, () => Methods.ReadInPlace(method, function.This, given)) ?? Unsupported(
            call,
            new Problem(
                $"the call of '{SourceText.Quote(call.Syntax)}', a lambda of a method that has returned",
                "let the method return the lambda and nothing else"));
    }

    private static readonly Problem Awaited = new("a call that is awaited for what it gives", "call it without async");

    /// <summary>Whether a method gives what it computes as a task: where that is asked for its result, the generated code has the result.</summary>
    private static bool IsAwaited(IMethodSymbol method) => method is { IsAsync: true, ReturnType: INamedTypeSymbol { TypeArguments: [_] } };

    /// <summary>An operator or conversion that a class of the project's own defines for what holds tensors: null where it is none of these.</summary>
    public ParsedValue? CallOperator(IMethodSymbol? method, IReadOnlyList<ParsedValue> operands, IOperation operation) =>
        method is null || Torch.IsTorch(method) || !Types.HandlesTensors(method) ? null
            : operands.Any(operand => operand is BrokenValue) ? ParsedValue.Broken
            : CallFunction(new FunctionValue(method, null), [.. operands.Select((operand, i) => (i, operand))], operation);

    /// <summary>Whether an operator or a conversion is one of the user's own, so that what it computes is for its body to say.</summary>
    public static bool IsOwnOperator(IMethodSymbol? method, TorchSymbols torch) =>
        method is { IsImplicitlyDeclared: false } && !torch.IsTorch(method) && !TypeTranslator.IsOfSystem(method);

    private bool TakesTensors(IInvocationOperation call) => call.Arguments.Any(argument => Types.MayCarryTensors(argument.Value.Type));

    /// <summary>Assertions, guards and messages.</summary>
    private static bool IsSilent(IMethodSymbol method) =>
        method.ContainingType.Name is "Debug" or "Trace" or "Console" or "GC" or "Stopwatch"
        || method.Name.StartsWith("ThrowIf", StringComparison.Ordinal)
        || method.Name == "Dispose";
}
