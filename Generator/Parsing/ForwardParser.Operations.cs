using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>TorchSharp's operations on tensors.</summary>
internal sealed partial class ForwardParser
{
    /// <summary>Calls that hand a tensor on: they decide how long it lives, not what it is.</summary>
    private static readonly HashSet<string> PassOn = ["MoveToOuterDisposeScope", "DetachFromDisposeScope", "MoveToOtherDisposeScope", "MoveToOuter", "MoveToOther", "Detach", "Attach", "DisposeEverythingBut"];

    /// <summary>Operations that make a tensor of the source's own numbers.</summary>
    private static readonly HashSet<string> FromValues = ["tensor", "as_tensor", "from_array", "scalar_tensor", "new_tensor", "frombuffer"];

    /// <summary>Layers without parameters that forward itself may create, and the operation that each is.</summary>
    private static readonly Dictionary<string, string> PassingLayers = new()
    {
        ["Identity"] = "",
        ["Dropout"] = "dropout",
        ["Dropout1d"] = "dropout",
        ["Dropout2d"] = "dropout",
        ["ReLU"] = "relu",
        ["ReLU6"] = "relu6",
        ["GELU"] = "gelu",
        ["SiLU"] = "silu",
        ["Tanh"] = "tanh",
        ["Sigmoid"] = "sigmoid",
        ["LeakyReLU"] = "leaky_relu",
        ["Hardswish"] = "hardswish",
        ["ELU"] = "elu",
        ["Softmax"] = "softmax",
        ["LogSoftmax"] = "log_softmax",
        ["Softmin"] = "softmin",
        ["Flatten"] = "flatten",
    };

    private static long? RankOf(ITypeSymbol? values) => values switch
    {
        IArrayTypeSymbol { ElementType: not IArrayTypeSymbol } array => array.Rank,
        { IsValueType: true, IsRefLikeType: false } => 0,
        INamedTypeSymbol { Name: "List" or "IList" or "Memory" } => 1,
        _ => null,
    };

    private ParsedValue PassedOn(IInvocationOperation call)
    {
        var operands = call.Arguments.Select(argument => argument.Value).ToList();
        if (call.Instance is not null)
        {
            operands.Insert(0, call.Instance);
        }

        var tensors = operands.Where(operand => MayCarryTensors(operand.Type)).Select(Evaluate).ToList();
        return tensors.Any(tensor => tensor is BrokenValue) || !operands.Where(operand => !MayCarryTensors(operand.Type)).All(Follow) ? ParsedValue.Broken
            : call.Type is { } type && types.CarriesTensors(type) && tensors.FirstOrDefault(tensor => tensor is TensorValue or TupleValue or ItemsValue or CodeValue or ResultsValue) is { } passed ? passed
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

        if (onTensor && name == "dim")
        {
            return Evaluate(call.Instance!) switch
            {
                TensorValue tensor => new ArgumentValue(new RankArgument(tensor.Number)),
                var other => other,
            };
        }

        if (onTensor && name == "numel")
        {
            return Evaluate(call.Instance!) switch
            {
                TensorValue counted => Elements(counted),
                BrokenValue broken => broken,
                _ => new ArgumentValue(new UnknownArgument()),
            };
        }

        if (onTensor && name == "index")
        {
            return IndexTensor(call.Instance!, call.Arguments, call);
        }

        if (name is "get_buffer" or "get_parameter" && call.Instance is not null && call.Arguments.FirstOrDefault()?.Value.ConstantValue is { HasValue: true, Value: string member })
        {
            return Evaluate(call.Instance) switch
            {
                ModelValue => Typed(Expression.Link("Parameter", new ModelItself(), new TextArgument(member)), call.Type!),
                LayerValue layer => Typed(Expression.Link("Parameter", LayerCode(layer.Reference), new TextArgument(member)), call.Type!),
                var other => other,
            };
        }

        if (torch.IsModule(call.TargetMethod.ContainingType) && call.TargetMethod.Name is "parameters" or "named_parameters" or "buffers" or "named_buffers" or "state_dict")
        {
            return ParsedValue.Other;
        }

        if (torch.IsModule(call.Type) && PassingLayers.TryGetValue(name, out var passes))
        {
            return Passing(passes, call);
        }

        // A list that only this method sees is its elements.
        if (name == "ModuleList" && torch.IsModule(call.Type) && call.Arguments is [{ Value: var elements }])
        {
            return Evaluate(elements);
        }

        if (!types.CarriesTensors(call.Type))
        {
            // A module's own children, by name or in order.
            if (torch.IsModule(call.Type) || (call.Type is not null && MayCarryTensors(call.Type)))
            {
                return torch.IsModule(call.TargetMethod.ContainingType) && Repeat(call) is { } code ? Typed(code, call.Type!) : Unsupported(call, RuleIds.UnsupportedOperation, name);
            }

            // A number out of a tensor; or no_grad, NewDisposeScope, Dispose, which make no tensor.
            return onTensor && name == "item" ? Content(call.Instance!, call) : FollowParts(call) ? Untold(call.Type) : ParsedValue.Broken;
        }

        // In place or not, it does the same to dimensions. (fft has a name of its own in C#.)
        var inPlace = name.EndsWith("_", StringComparison.Ordinal) && name != "fft_";
        name = inPlace && !OpTable.Knows(name) ? name.TrimEnd('_') : name;
        if (!OpTable.Knows(name))
        {
            return Unsupported(call, RuleIds.UnsupportedOperation, name);
        }

        if (FromValues.Contains(name))
        {
            var made = new List<NamedArgument>();
            if (call.Arguments.FirstOrDefault()?.Value is { } given)
            {
                // The shape may be told beside the numbers.
                var isShaped = call.Arguments.Any(argument => argument.Parameter?.Name is "dimensions" or "rows" or "dim0");
                if (!isShaped && RankOf(Unconverted(given).Type) is { } rank)
                {
                    made.Add(new NamedArgument("rank", new NumberArgument(rank)));
                }

                if (Attempt(given) is { } values && NumberCode(values) is { } told)
                {
                    made.Add(new NamedArgument("data", told) { Decides = false });
                }
                else if (!Follow(given))
                {
                    return ParsedValue.Broken;
                }
            }

            return Apply(name, [], made, call);
        }

        if (name == "arange")
        {
            return Apply(name, [], Counts(call), call);
        }

        var (tensors, arguments, several) = (new List<int>(), new List<NamedArgument>(), (Expression?)null);
        if (call.Instance is not null && torch.IsTensor(call.Instance.Type) && Evaluate(call.Instance) is var receiver && !Take(receiver, tensors, ref several))
        {
            return receiver is BrokenValue ? receiver : Unsupported(call.Instance);
        }

        foreach (var argument in call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            if (argument.ArgumentKind == ArgumentKind.DefaultValue)
            {
                if (torch.IsTensor(argument.Parameter?.Type))
                {
                    tensors.Add(-1);
                }

                continue;
            }

            if (!Argument(name, argument, tensors, arguments, ref several))
            {
                return ParsedValue.Broken;
            }
        }

        while (tensors.Count > 0 && tensors[tensors.Count - 1] < 0)
        {
            tensors.RemoveAt(tensors.Count - 1);
        }

        if (several is not null && tensors.Count > 0)
        {
            return Unsupported(call);
        }

        if (!torch.IsTensor(call.Type))
        {
            var results = NewValue(target.Length > 0 ? target : "parts");
            nodes.Add(new OpCall(results.Number, tensors.ToEquatable(), statement, context.Sites.Add(call.Syntax), name, arguments.ToEquatable(), several, ResultKind.Tensors));
            return new ResultsValue(results.Number, call.Type!, AreObjects: false);
        }

        var result = Apply(name, tensors, arguments, call, several);
        if (inPlace && tensors.Count > 0)
        {
            InPlace(tensors[0], result);
        }

        return result;
    }

    /// <summary>An operation whose name ends in an underscore changes its tensor in place; whoever holds the tensor sees it.</summary>
    private void InPlace(int number, ParsedValue now)
    {
        foreach (var symbol in scope.Bindings.Where(binding => binding.Value is TensorValue tensor && tensor.Number == number).Select(binding => binding.Key).ToList())
        {
            Bind(symbol, now);
        }
    }

    /// <summary>A layer without parameters that is created where it is called.</summary>
    private ParsedValue Passing(string operation, IInvocationOperation creation)
    {
        var (tensors, arguments, several) = (new List<int>(), new List<NamedArgument>(), (Expression?)null);
        var told = creation.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue);
        if (!told.All(argument => Argument(operation, argument, tensors, arguments, ref several)))
        {
            return ParsedValue.Broken;
        }

        // The layer leaves the batch alone, and the operation does not.
        if (operation == "flatten" && !arguments.Any(argument => argument.Name == "start_dim"))
        {
            arguments.Add(new NamedArgument("start_dim", new NumberArgument(1)));
        }

        return new PassingValue(operation, arguments.ToEquatable());
    }

    /// <summary>The number in a tensor that holds only one.</summary>
    private ParsedValue Content(IOperation tensor, IOperation operation) => Evaluate(tensor) switch
    {
        TensorValue only => new ContentValue(Apply("item", [only.Number], [], operation).Number),
        BrokenValue broken => broken,
        _ => ParsedValue.Other,
    };

    private ParsedValue Size(IInvocationOperation call)
    {
        if (Evaluate(call.Instance!) is var sized && sized is not TensorValue)
        {
            return sized is BrokenValue ? sized : new ArgumentValue(new UnknownArgument());
        }

        var tensor = (TensorValue)sized;
        return call.Arguments is [var dim]
            ? Evaluate(dim.Value) is ArgumentValue { Argument: { IsTold: true } which } ? new ArgumentValue(new SizeArgument(tensor.Number, which)) : new ArgumentValue(new UnknownArgument())
            : new ShapeValue(tensor.Number);
    }

    /// <summary>From where and how far <c>arange</c> counts; nothing where that is not told in whole numbers.</summary>
    private List<NamedArgument> Counts(IInvocationOperation call)
    {
        var told = new List<NamedArgument>();
        foreach (var argument in call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue && argument.Parameter?.Type.Name == "Scalar"))
        {
            var number = AsWritten(argument.Value);
            if (!IsNumber(number.Type) || Attempt(number) is not { } value || ToSizes(value) is not { } size)
            {
                return [];
            }

            told.Add(new NamedArgument(argument.Parameter!.Name, size, AddSites(argument)));
        }

        return told;
    }

    private static IOperation AsWritten(IOperation operation) => operation is IConversionOperation { Operand: var operand } ? AsWritten(operand) : operation;

    private static ArgumentValue Elements(TensorValue tensor) => new(new CodeArgument(new ValueName(tensor.Number).Member("Count"), OfSizes: true));

    /// <summary>A number, or several, that only changes values: as a factor where it is computed from a width; null where it cannot be written.</summary>
    private Argument? NumberCode(ParsedValue? value) => value switch
    {
        ScalarValue scalar => scalar.Number,
        ArgumentValue { Argument: NullArgument or { IsTold: false } } => null,

        // Whether a functional layer trains is the mode of the model, and no way of its own.
        ArgumentValue { Argument: CodeArgument { Code: MemberOf { Of: Named, Name: "Training" } } } => new TextArgument("training"),
        ArgumentValue { Argument: ListArgument list } => new CodeArgument(new NewArray("long", list.Items.Select(item => item.IsSize ? new Factor(item) : (Expression)item).ToEquatable())),
        ArgumentValue { Argument: var argument } => Factor(argument.Plain) is { } factor ? new CodeArgument(factor) : argument,
        CodeValue { Code: var code, Type: var type } when !MayCarryTensors(type) => Factor(code) is { } factor ? new CodeArgument(factor) : code as Argument ?? new CodeArgument(code),
        _ => null,
    };

    /// <summary>
    /// A number that is only computed with, where it is computed from a width; else null. Elsewhere a width that becomes a
    /// plain number must stay as it is; here it may change, and the values with it.
    /// </summary>
    /// <remarks>What a local holds was computed where it may have been for more than that.</remarks>
    private Expression? Factor(Expression code) => IsOfWidths(code) ? AsFactor(code) : null;

    /// <summary>Whether an expression is computed from widths, by way of locals too.</summary>
    private bool IsOfWidths(Expression code) => code.Any(part => part is Known or ShapeOf || part is ValueName { Number: var local } && computed.TryGetValue(local, out var from) && IsOfWidths(from));

    private Expression AsFactor(Expression code) => code.Replace(part => part switch
    {
        Known known => new Factor(known.Size),
        ShapeOf shape => shape with { AsFactors = true },
        ValueName { Number: var local } when computed.TryGetValue(local, out var from) && IsOfWidths(from) => AsFactor(from),
        _ => null,
    });

    /// <summary>Takes the tensors that an argument brings; false where it brings none.</summary>
    private bool Take(ParsedValue value, List<int> tensors, ref Expression? several)
    {
        switch (value)
        {
            case TensorValue tensor:
                tensors.Add(tensor.Number);
                return true;
            case ScalarValue scalar:
                tensors.Add(NewTensor(scalar.Code).Number);
                return true;
            case ItemsValue { Items: var items } when items.All(item => item is TensorValue):
                tensors.AddRange(items.Select(item => ((TensorValue)item).Number));
                return true;
            case TupleValue { Items: var items } when items.All(item => item is TensorValue):
                tensors.AddRange(items.Select(item => ((TensorValue)item).Number));
                return true;
            case ResultsValue { AreObjects: false } results:
                several = new ValueName(results.Number);
                return true;
            case CodeValue { Type: var type, Code: var code } when types.CarriesTensors(type):
                several = type is IArrayTypeSymbol ? code
                    : type.Name == "List" ? code.Method("ToArray")
                    : new Named("global::System.Linq.Enumerable").Method("ToArray", code);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds one argument of an operation; false where it cannot be told, which has been reported.</summary>
    private bool Argument(string operation, IArgumentOperation argument, List<int> tensors, List<NamedArgument> arguments, ref Expression? several)
    {
        var value = Evaluate(argument.Value);
        if (value is BrokenValue)
        {
            return false;
        }

        if (OpTable.TakesFraction(operation, argument.Parameter!.Name) && !torch.IsTensor(argument.Parameter.Type))
        {
            if ((FractionOf(argument.Value) ?? (OpTable.TakesArguments(operation) ? (value as CodeValue)?.Code : NumberCode(value))) is { } fraction)
            {
                arguments.Add(new NamedArgument(argument.Parameter.Name, fraction as Argument ?? new CodeArgument(fraction), AddSites(argument)));
            }

            return true;
        }

        var decides = OpTable.TakesArguments(operation) && !IsIrrelevant(argument.Parameter!.Type);
        if (torch.IsTensor(argument.Parameter!.Type) && value is ArgumentValue { Argument: NullArgument })
        {
            tensors.Add(-1);
            return true;
        }

        if (Take(value, tensors, ref several) || value is ArgumentValue { Argument: NullArgument })
        {
            return true;
        }

        var name = argument.Parameter!.Name;
        if (!decides)
        {
            if (value is ContentValue { Number: var content } && !OpTable.TakesArguments(operation))
            {
                tensors.Add(content);
            }
            else if (argument.Parameter.Type.Name is not ("Device" or "DeviceType" or "Generator") && (EnumerationOf(argument.Value) ?? NumberCode(value)) is { } number)
            {
                arguments.Add(new NamedArgument(name, number) { Decides = false });
            }

            return true;
        }

        if (ToSizes(value) is not { } told)
        {
            if (value is ArgumentValue { Argument: UnknownArgument { What: { Length: > 0 } what } })
            {
                Unsupported(argument.Value, RuleIds.UnsupportedExpression, what);
                return false;
            }

            if (argument.Value.DescendantsAndSelf().OfType<IMemberReferenceOperation>().FirstOrDefault(member => !IsReachable(member.Member)) is { } hidden)
            {
                Unsupported(hidden, RuleIds.UnsupportedExpression, Private(hidden.Member));
                return false;
            }

            context.Report(RuleIds.NotConstant, argument.Value.Syntax, name, operation);
            return false;
        }

        arguments.Add(new NamedArgument(name, told, AddSites(argument)));
        return true;
    }

    /// <summary>A constant of an enumeration, by its name; null where it is none.</summary>
    private static CodeArgument? EnumerationOf(IOperation value) =>
        AsWritten(value) is { ConstantValue: { HasValue: true, Value: { } constant }, Type: { TypeKind: TypeKind.Enum } type } ? new CodeArgument(new Literal(Emission.Literals.Value(constant, type))) : null;

    /// <summary>A constant as a fraction, whatever it is converted to; null where it is none.</summary>
    private static FractionArgument? FractionOf(IOperation value)
    {
        while (value is IConversionOperation { ConstantValue.HasValue: false } conversion)
        {
            value = conversion.Operand;
        }

        return value.ConstantValue is { HasValue: true, Value: int or long or float or double } constant
            ? new FractionArgument(Convert.ToDouble(constant.Value, System.Globalization.CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>An argument that decides about dimensions, as it can be written; null where it cannot.</summary>
    private Argument? ToSizes(ParsedValue value) => value switch
    {
        ArgumentValue { Argument: { IsTold: true } told } => told,
        ShapeValue shape => new CodeArgument(new ShapeOf(shape.Tensor)),
        CodeValue { Code: var code, Type: var type } when IsNumberLike(type) || type is INamedTypeSymbol { IsTupleType: true } || type.SpecialType == SpecialType.System_String => code as Argument ?? new CodeArgument(code),
        CodeValue { Code: var code, Type: IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int32 } } => new CodeArgument(code),
        _ => null,
    };

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
        IArrayTypeSymbol { ElementType: var element } => IsIrrelevant(element),
        INamedTypeSymbol { Name: "ReadOnlySpan", TypeArguments: [var element] } => IsIrrelevant(element),
        _ => type.SpecialType is SpecialType.System_Double or SpecialType.System_Single || type.Name is "ScalarType" or "Device" or "DeviceType" or "Scalar" or "Generator",
    };

    private TensorValue Apply(string name, IEnumerable<int> tensors, IEnumerable<NamedArgument> arguments, IOperation operation, Expression? several = null)
    {
        var result = NewValue(target.Length > 0 ? target : "x");
        definite.Add(result.Number);
        nodes.Add(new OpCall(result.Number, tensors.ToEquatable(), statement, context.Sites.Add(operation.Syntax), name, arguments.ToEquatable(), several));
        return result;
    }
}
