using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls: of layers, of TorchSharp's operations, and of the user's own helpers, which are read in place.</summary>
internal sealed partial class ForwardParser
{
    /// <summary>Calls that hand a tensor on: they decide how long it lives, not what it is.</summary>
    private static readonly HashSet<string> PassOn = ["MoveToOuterDisposeScope", "DetachFromDisposeScope", "MoveToOtherDisposeScope", "MoveToOuter", "MoveToOther", "Detach", "Attach", "DisposeEverythingBut"];

    private ParsedValue Call(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.Name is "call" or "forward" && call.Instance is not null && torch.IsModule(call.Instance.Type) && !IsOwn(call))
        {
            return CallLayer(call);
        }

        if (torch.IsTorch(method))
        {
            return method.ContainingType.Name == "DisposeScope" || PassOn.Contains(method.Name) ? PassedOn(call) : CallTorch(call);
        }

        if (Helper(call) is { } helper)
        {
            return CallHelper(call, helper);
        }

        return IsSilent(method) || !(MayCarryTensors(call.Type) || (method.ReturnsVoid && TakesTensors(call)))
            ? ParsedValue.Other
            : Unsupported(call);
    }

    private static bool IsOwn(IInvocationOperation call) => call.Instance is IInstanceReferenceOperation;

    private ParsedValue CallLayer(IInvocationOperation call)
    {
        var receiver = Evaluate(call.Instance!);
        if (receiver is not LayerValue { Layer: var layer } target)
        {
            return receiver is BrokenValue ? receiver : Unsupported(call);
        }

        if (Tensors(call) is not { } inputs)
        {
            return ParsedValue.Broken;
        }

        if (!torch.IsTensor(call.Type))
        {
            return Unsupported(call);
        }

        if (layer.Kind == LayerKind.Layer && !LayerTable.Knows(layer.Type))
        {
            context.Report(RuleIds.UnsupportedLayer, call.Syntax, $"'{target.Reference.Code}'", layer.Type, torch.IsTorch(call.Instance!.Type) ? $"nothing of '{context.Type.Name}' is pruned" : "annotate its class with [Prunable]");
            return ParsedValue.Broken;
        }

        var result = NewValue(this.target);
        body.Add(new LayerCall(result.Number, inputs.ToEquatable(), statement, context.Sites.Add(call.Syntax), layer, target.Reference, call.TargetMethod.Name == "call"));
        return result;
    }

    /// <summary>The tensors that a layer is called with; null where an argument is none.</summary>
    private List<int>? Tensors(IInvocationOperation call)
    {
        var tensors = new List<int>();
        foreach (var argument in call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            switch (Evaluate(argument.Value))
            {
                case TensorValue tensor:
                    tensors.Add(tensor.Number);
                    break;
                case BrokenValue:
                    return null;
                case ArgumentValue { Argument: NullArgument }:
                    break;
                default:
                    Unsupported(argument.Value);
                    return null;
            }
        }

        return tensors;
    }

    private ParsedValue PassedOn(IInvocationOperation call)
    {
        var operands = call.Arguments.Select(argument => argument.Value).ToList();
        if (call.Instance is not null)
        {
            operands.Insert(0, call.Instance);
        }

        var tensors = operands.Where(operand => MayCarryTensors(operand.Type)).Select(Evaluate).ToList();
        return tensors.Any(tensor => tensor is BrokenValue) ? ParsedValue.Broken
            : call.Type is { } type && torch.IsTensor(type) && tensors.OfType<TensorValue>().FirstOrDefault() is { } passed ? passed
            : MayCarryTensors(call.Type) ? Unsupported(call)
            : ParsedValue.Other;
    }

    private ParsedValue CallTorch(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        var onTensor = call.Instance is not null && torch.IsTensor(call.Instance.Type);
        if (onTensor && name == "size")
        {
            return Size(call);
        }

        if (!torch.IsTensor(call.Type))
        {
            // no_grad, NewDisposeScope, Dispose, item, dim: they make no tensor that has to be followed.
            return MayCarryTensors(call.Type) ? Unsupported(call, RuleIds.UnsupportedOperation, name) : IsNumberLike(call.Type) ? new ArgumentValue(new UnknownArgument()) : ParsedValue.Other;
        }

        if (!OpTable.Knows(name))
        {
            return Unsupported(call, RuleIds.UnsupportedOperation, name);
        }

        var (tensors, arguments) = (new List<int>(), new List<NamedArgument>());
        if (call.Instance is not null && !Take(Evaluate(call.Instance), tensors))
        {
            return ParsedValue.Broken;
        }

        foreach (var argument in call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue).OrderBy(argument => argument.Parameter?.Ordinal))
        {
            if (!Argument(name, argument, tensors, arguments))
            {
                return ParsedValue.Broken;
            }
        }

        if (tensors.Count == 0)
        {
            return Unsupported(call, RuleIds.UnsupportedOperation, name);
        }

        var result = Apply(name, tensors, arguments, call);
        if (name.EndsWith("_", StringComparison.Ordinal))
        {
            Replace(tensors[0], result);
        }

        return result;
    }

    /// <summary>An operation whose name ends in an underscore changes its tensor in place; whoever holds the tensor sees it.</summary>
    private void Replace(int number, ParsedValue now)
    {
        foreach (var symbol in bindings.Where(binding => binding.Value is TensorValue tensor && tensor.Number == number).Select(binding => binding.Key).ToList())
        {
            bindings[symbol] = now;
        }
    }

    private ParsedValue Size(IInvocationOperation call)
    {
        if (Evaluate(call.Instance!) is not TensorValue tensor)
        {
            return ParsedValue.Broken;
        }

        return call.Arguments is [var dim]
            ? Evaluate(dim.Value) is ArgumentValue { Argument: var which } ? new ArgumentValue(new SizeArgument(tensor.Number, which)) : new ArgumentValue(new UnknownArgument())
            : new ShapeValue(tensor.Number);
    }

    private static bool Take(ParsedValue value, List<int> tensors)
    {
        switch (value)
        {
            case TensorValue tensor:
                tensors.Add(tensor.Number);
                return true;
            case TensorsValue several:
                tensors.AddRange(several.Numbers);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds one argument of an operation; false where it cannot be told, which has been reported.</summary>
    private bool Argument(string operation, IArgumentOperation argument, List<int> tensors, List<NamedArgument> arguments)
    {
        var value = Evaluate(argument.Value);
        if (value is BrokenValue)
        {
            return false;
        }

        var decides = OpTable.TakesArguments(operation) && !IsIrrelevant(argument.Parameter!.Type);
        if (Take(value, tensors) || value is ArgumentValue { Argument: NullArgument } || !decides)
        {
            return true;
        }

        if (value is not ArgumentValue { Argument: { IsTold: true } told })
        {
            context.Report(RuleIds.NotConstant, argument.Value.Syntax, argument.Parameter!.Name, operation);
            return false;
        }

        var name = argument.Parameter!.Name;
        arguments.Add(new NamedArgument(name, told, AddSites(argument)));
        return true;
    }

    /// <summary>One place for the argument, and one for each element of a list.</summary>
    private EquatableArray<int> AddSites(IArgumentOperation argument)
    {
        var elements = argument.Value is IArrayCreationOperation { Initializer: { } list } ? list.ElementValues.ToList() : [];
        return elements.Prepend(argument.ArgumentKind == ArgumentKind.ParamArray ? elements.FirstOrDefault() ?? argument : argument.Value)
            .Select(operation => context.Sites.Add(operation.Syntax))
            .ToEquatable();
    }

    /// <summary>Element types, devices, probabilities and scalars decide nothing about dimensions.</summary>
    private static bool IsIrrelevant(ITypeSymbol type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsIrrelevant(nullable.TypeArguments[0]),
        _ => type.SpecialType is SpecialType.System_Double or SpecialType.System_Single || type.Name is "ScalarType" or "Device" or "DeviceType" or "Scalar" or "Generator",
    };

    private TensorValue Apply(string name, IEnumerable<int> tensors, IEnumerable<NamedArgument> arguments, IOperation operation)
    {
        var result = NewValue(target);
        body.Add(new OpCall(result.Number, tensors.ToEquatable(), statement, context.Sites.Add(operation.Syntax), name, arguments.ToEquatable()));
        return result;
    }

    /// <summary>A method whose body can be read in place: of the model or its bases, local, or static anywhere in the project.</summary>
    private IMethodSymbol? Helper(IInvocationOperation call)
    {
        var method = (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition;
        if (call.IsVirtual && IsOwn(call))
        {
            method = MostDerived(method);
        }

        return !method.IsAbstract && !method.IsExtern && BodyOf(method) is not null ? method : null;
    }

    /// <summary>The override that the model itself runs.</summary>
    private IMethodSymbol MostDerived(IMethodSymbol method)
    {
        for (var type = context.Type; type is not null; type = type.BaseType)
        {
            foreach (var candidate in type.GetMembers(method.Name).OfType<IMethodSymbol>())
            {
                for (var overridden = candidate; overridden is not null; overridden = overridden.OverriddenMethod)
                {
                    if (SymbolEqualityComparer.Default.Equals(overridden.OriginalDefinition, method))
                    {
                        return candidate.OriginalDefinition;
                    }
                }
            }
        }

        return method;
    }

    private ParsedValue CallHelper(IInvocationOperation call, IMethodSymbol helper)
    {
        if (!helper.IsStatic && helper.MethodKind != MethodKind.LocalFunction && !IsOwn(call))
        {
            return MayCarryTensors(call.Type) || TakesTensors(call) ? Unsupported(call) : ParsedValue.Other;
        }

        if (callers.Any(caller => SymbolEqualityComparer.Default.Equals(caller, helper)))
        {
            return Unsupported(call, RuleIds.UnsupportedExpression, $"the recursive call of {helper.Name}");
        }

        if (call.Arguments.Any(argument => argument.Parameter?.RefKind is not (RefKind.None or RefKind.In)))
        {
            return Unsupported(call);
        }

        var (outerStatement, outerTarget, outerResult) = (statement, target, resultTarget);
        var given = call.Arguments.Select(argument => (Index: argument.Parameter!.Ordinal, Value: Evaluate(argument.Value))).ToList();
        foreach (var (index, value) in given)
        {
            if (value is BrokenValue)
            {
                return value;
            }

            bindings[helper.Parameters[index]] = value;
        }

        // What a helper returns goes where its caller puts it.
        resultTarget = outerTarget;
        var result = Run(helper);
        (statement, target, resultTarget) = (outerStatement, outerTarget, outerResult);
        return result;
    }

    private bool TakesTensors(IInvocationOperation call) => call.Arguments.Any(argument => MayCarryTensors(argument.Value.Type));

    /// <summary>Assertions, guards and messages.</summary>
    private static bool IsSilent(IMethodSymbol method) =>
        method.ContainingType.Name is "Debug" or "Trace" or "Console"
        || method.Name.StartsWith("ThrowIf", StringComparison.Ordinal)
        || method.Name == "Dispose";
}
