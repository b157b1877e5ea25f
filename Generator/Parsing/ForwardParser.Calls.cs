using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls: which way each goes, and the user's own helpers, which are read in place.</summary>
internal sealed partial class ForwardParser
{
    private ParsedValue Call(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke)
        {
            return CallDelegate(call);
        }

        if (Description(method) is { } axes)
        {
            var tensors = call.Arguments.Where(argument => argument.Parameter is { } parameter && torch.IsTensor(parameter.Type)).OrderBy(argument => argument.Parameter!.Ordinal);
            return CallDescribed(method, axes, tensors.Select(argument => Evaluate(argument.Value)).ToList(), call);
        }

        var isForward = method.Name is "call" or "forward" || (method.Name == WithPlaces && torch.IsTorch(method));
        if (isForward && call.Instance is not null && torch.IsModule(call.Instance.Type) && !IsOwn(call))
        {
            return IsAnotherEntry(call) ? CallHelper(call, method.OriginalDefinition) : CallLayer(call);
        }

        if (torch.IsTorch(method))
        {
            return method.ContainingType.Name == "DisposeScope" || PassOn.Contains(method.Name) ? PassedOn(call) : CallTorch(call);
        }

        // Anything else that .NET's library does to lists and sequences is repeated.
        if (TypeTranslator.IsOfSystem(method) && !IsSilent(method))
        {
            if (IsOpaque(call))
            {
                return FollowParts(call) ? ParsedValue.Other : ParsedValue.Broken;
            }

            return IsCollectionCall(call) && call.Type?.SpecialType == SpecialType.System_Void
                ? Effect(call) == Flow.Stops ? ParsedValue.Broken : ParsedValue.Other
                : Repeated(call);
        }

        if (Helper(call) is { } helper)
        {
            return CallHelper(call, helper);
        }

        return IsSilent(method) ? ThrowIf(call)
            : MayCarryTensors(call.Type) || (method.ReturnsVoid && TakesTensors(call)) ? Unsupported(call)
            : Repeated(call);
    }

    /// <summary>Whether something is taken out of a module's parameters, which are asked for their element type or device.</summary>
    private bool IsOpaque(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => scope.ValueOf(local.Local) is OtherValue,
        IInvocationOperation { Instance: { } module, TargetMethod.Name: "parameters" or "named_parameters" or "buffers" or "named_buffers" } => torch.IsModule(module.Type),
        IInvocationOperation call when TypeTranslator.IsOfSystem(call.TargetMethod) && (call.Instance ?? call.Arguments.FirstOrDefault()?.Value) is { } first => IsOpaque(Unconverted(first)),
        _ => false,
    };

    /// <summary>Whether a model is called by an overload of the user's own, and not by the method that its Link was made from.</summary>
    private bool IsAnotherEntry(IInvocationOperation call) =>
        call.TargetMethod is { IsAbstract: false, IsOverride: false } method && !torch.IsTorch(method) && BodyOf(method.OriginalDefinition) is not null
        && call.Instance!.Type is INamedTypeSymbol type && !SymbolEqualityComparer.Default.Equals(ForwardMethod.Entry(type, torch)?.OriginalDefinition, method.OriginalDefinition);

    private static bool IsOwn(IInvocationOperation call) => call.Instance is IInstanceReferenceOperation;

    /// <summary>Whether a call changes a local list.</summary>
    private static bool IsCollectionCall(IInvocationOperation call) =>
        TypeTranslator.IsOfSystem(call.TargetMethod) && call.TargetMethod.MethodKind != MethodKind.DelegateInvoke && call.TargetMethod.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System" && !IsSilent(call.TargetMethod)
        && (call.Instance is not null || call.TargetMethod.ContainingType.Name == "Array");

    /// <summary>
    /// A method whose body can be read in place: of the model or its bases, local, static anywhere in the project, or of another
    /// object, whose class then tells which method runs.
    /// </summary>
    private IMethodSymbol? Helper(IInvocationOperation call)
    {
        var method = (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition;
        if (call.IsVirtual && IsOwn(call) && frames.Peek().This is ModelValue)
        {
            method = MostDerived(method, context.Type);
        }
        else if (call.IsVirtual)
        {
            return method;
        }

        return !method.IsAbstract && !method.IsExtern && BodyOf(method) is not null ? method : null;
    }

    /// <summary>The body of a local function.</summary>
    internal IOperation? BodyOfLocal(IMethodSymbol method) => BodyOf(method);

    /// <summary>The members of the model that one of its methods gives a new value.</summary>
    internal IReadOnlyCollection<ISymbol> Assigns(IMethodSymbol method)
    {
        if (!assigns.TryGetValue(method.OriginalDefinition, out var members))
        {
            assigns[method.OriginalDefinition] = members = LocalUse.MembersAssignedBy(method, BodyOf);
        }

        return members;
    }

    /// <summary>Whether a local is bound to a size, as a helper's parameter may be.</summary>
    internal bool IsBoundToSize(ISymbol symbol) => scope.ValueOf(symbol) is ShapeValue or ArgumentValue { Argument: { IsSize: true } or ListArgument { HasSizes: true } };

    private ParsedValue CallHelper(IInvocationOperation call, IMethodSymbol helper)
    {
        var self = frames.Peek().This;
        if (!helper.IsStatic && helper.MethodKind != MethodKind.LocalFunction && !IsOwn(call))
        {
            self = call.Instance is not null && (MayCarryTensors(call.Type) || TakesTensors(call)) ? Evaluate(call.Instance) : null;
            self = self is CodeValue { Made: { } made } ? made : self;
            if (self is not (LayerValue or RecordValue) && !(self is CodeValue && types.IsRecord(call.Instance!.Type)))
            {
                return self is BrokenValue ? self
                    : !MayCarryTensors(call.Type) && !TakesTensors(call) ? Repeated(call)
                    : Unsupported(call, RuleIds.UnsupportedExpression, call.IsVirtual && Runs(call.TargetMethod, self, call.Instance!) is null ? Replaceable(call.TargetMethod) : Words.Of(call));
            }
        }

        if (call.IsVirtual && self is not ModelValue)
        {
            if (Runs(call.TargetMethod, self, call.Instance!) is not { } runs)
            {
                return MayCarryTensors(call.Type) || TakesTensors(call) ? Unsupported(call, RuleIds.UnsupportedExpression, Replaceable(call.TargetMethod)) : Repeated(call);
            }

            helper = runs;
        }

        if (frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, helper)))
        {
            return Unsupported(call, RuleIds.UnsupportedExpression, $"the recursive call of {helper.Name}");
        }

        var given = call.Arguments.Where(argument => argument.Parameter!.RefKind != RefKind.Out).ToList();
        var taken = call.Arguments.Where(argument => argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref).ToList();
        var mark = Mark();
        if (taken.Count == 0 && !MayCarryTensors(call.Type) && !IsIndex(call.Type) && !TakesTensors(call) && !call.TargetMethod.ReturnsVoid && !uses.Matters(helper) && Repeat(call) is { } code && !ReadsShape(code))
        {
            return Typed(code, call.Type!);
        }

        Restore(mark, findingsToo: true);

        var result = ReadInPlace(helper, self, given.Select(argument => (argument.Parameter!.Ordinal, Evaluate(argument.Value))).ToList());
        foreach (var argument in result is BrokenValue ? [] : taken)
        {
            if (argument.Value is IDiscardOperation)
            {
                scope.Release(helper.Parameters[argument.Parameter!.Ordinal]);
                continue;
            }

            var value = Left(helper.Parameters[argument.Parameter!.Ordinal], argument);
            if (value is BrokenValue || AssignNew(argument.Value is IDeclarationExpressionOperation { Expression: var declared } ? declared : argument.Value, value, argument) is BrokenValue)
            {
                return ParsedValue.Broken;
            }
        }

        return result;
    }

    /// <summary>Makes the variable that takes what a method leaves in an out parameter, whichever of its returns it goes by.</summary>
    private void OpenOut(IParameterSymbol parameter)
    {
        var isSize = IsNumber(parameter.Type);
        if (VariableType(parameter.Type, isSize) is { } declared)
        {
            var number = NewVariable(parameter.Name, parameter.Type, isSize, declared);
            changing.Add(number);
            scope.Hold(parameter, new Variable(number, []), Typed(new ValueName(number), parameter.Type, isSize));
        }
    }

    /// <summary>What a method that was read in place left in an out parameter.</summary>
    private ParsedValue Left(IParameterSymbol parameter, IOperation operation)
    {
        if (scope.ValueOf(parameter) is not { } value)
        {
            return Unsupported(operation);
        }

        scope.Release(parameter);
        return Changed(value) ? Keep(parameter, value) : value;
    }

    /// <summary>Reads a method as if it stood where it is called.</summary>
    private ParsedValue ReadInPlace(IMethodSymbol helper, ParsedValue? self, IReadOnlyList<(int Index, ParsedValue Value)> given)
    {
        var (outerStatement, outerTarget, outerResult) = (statement, target, resultTarget);
        var leavesEarly = BodyOf(helper) is { } body && ReturnsInside(body);
        foreach (var parameter in helper.Parameters)
        {
            scope.Forget(parameter);
            if (parameter.RefKind == RefKind.Out && leavesEarly)
            {
                OpenOut(parameter);
            }
        }

        foreach (var (index, value) in given)
        {
            if (value is BrokenValue)
            {
                return value;
            }

            var parameter = helper.Parameters[index];
            scope.Bind(parameter, Changed(value) ? Keep(parameter, value) : value);
        }

        // What a helper returns goes where its caller puts it.
        resultTarget = outerTarget;
        var result = Run(helper, self);
        (statement, target, resultTarget) = (outerStatement, outerTarget, outerResult);
        return result;
    }

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
            if (call.TargetMethod.ReturnsVoid && !call.Arguments.Any(argument => types.CarriesTensors(argument.Value.Type)))
            {
                return FollowParts(call) ? ParsedValue.Other : ParsedValue.Broken;
            }

            return MayCarryTensors(call.Type) || TakesTensors(call) || called is null || CodeOf(called, null) is not { } code ? Unsupported(call)
                : call.Arguments.Select(argument => CodeOf(Evaluate(argument.Value), argument.Value.Type)).ToList() is var codes && !codes.Contains(null) && call.Type is { } type
                    ? Typed(new Call(code, codes.OfType<Expression>().ToEquatable()), type)
                    : ParsedValue.Other;
        }

        var given = call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal).Select((argument, i) => (i, Evaluate(argument.Value))).ToList();
        if (given.Any(value => value.Item2 is BrokenValue))
        {
            return ParsedValue.Broken;
        }

        return CallFunction(function, given, call);
    }

    private ParsedValue CallFunction(FunctionValue function, IReadOnlyList<(int Index, ParsedValue Value)> given, IOperation call)
    {
        var method = function.Method;
        if (method.Name is "call" or "forward" && function.This is LayerValue layer)
        {
            return CallLayer(layer, [.. given.Select(value => value.Value)], method, call);
        }

        if (torch.IsTorch(method))
        {
            return given.All(value => value.Value is TensorValue) && Axes.OpTable.Knows(method.Name) && torch.IsTensor(method.ReturnType)
                ? Apply(method.Name, given.Select(value => ((TensorValue)value.Value).Number), [], call)
                : Unsupported(call, RuleIds.UnsupportedOperation, method.Name);
        }

        if (Description(method) is { } axes)
        {
            return CallDescribed(method, axes, given.Where(value => torch.IsTensor(method.Parameters[value.Index].Type)).Select(value => value.Value).ToList(), call);
        }

        method = method.OriginalDefinition;
        return BodyOf(method) is not null && !frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, method))
            ? ReadInPlace(method, function.This, given)
            : Unsupported(call);
    }

    private bool TakesTensors(IInvocationOperation call) => call.Arguments.Any(argument => MayCarryTensors(argument.Value.Type));

    /// <summary>Assertions, guards and messages.</summary>
    private static bool IsSilent(IMethodSymbol method) =>
        method.ContainingType.Name is "Debug" or "Trace" or "Console" or "GC" or "Stopwatch"
        || method.Name.StartsWith("ThrowIf", StringComparison.Ordinal)
        || method.Name == "Dispose";
}
