using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls of TorchSharp's operations.</summary>
internal sealed class OperationReader(Reading reading) : Reader(reading)
{
    /// <summary>Calls that hand a tensor on: they decide how long it lives, not what it is.</summary>
    public static readonly HashSet<string> PassOn = [
        "MoveToOuterDisposeScope",
        "DetachFromDisposeScope",
        "MoveToOtherDisposeScope",
        "MoveToOuter",
        "MoveToOther",
        "Detach",
        "Attach",
        "DisposeEverythingBut"];

    /// <summary>Calls that change a layer, or what it holds: behind them it is another than the one that was linked.</summary>
    private static readonly HashSet<string> Changing = [
        "append", "insert", "extend", "add_module", "Add", "AddRange", "Insert", "Remove", "RemoveAt", "Clear", "register_module", "register_parameter",
        "register_buffer", "register_forward_hook", "register_forward_pre_hook", "reset_parameters", "reset_running_stats", "apply", "load", "load_py",
        "load_state_dict", "load_safetensors"];

    /// <summary>Layers without parameters that forward itself may create, and the operation that each is.</summary>
    private static readonly Dictionary<string, string> PassingLayers = new()
    {
        ["Identity"] = "",
        ["Dropout"] = "dropout",
        ["Dropout1d"] = "dropout1d",
        ["Dropout2d"] = "dropout2d",
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

    public ParsedValue PassedOn(IInvocationOperation call)
    {
        var operands = call.Arguments.Select(argument => argument.Value).ToList();
        if (call.Instance is not null)
        {
            operands.Insert(0, call.Instance);
        }

        var tensors = operands.Where(operand => Types.MayCarryTensors(operand.Type)).Select(Evaluate).ToList();
        return tensors.Any(tensor => tensor is BrokenValue)
            || !operands.Where(operand => !Types.MayCarryTensors(operand.Type)).All(Repeats.Follow)
            ? ParsedValue.Broken
            : call.Type is { } type
                && Types.CarriesTensors(type)
                && tensors.FirstOrDefault(tensor => tensor is TensorValue or TupleValue or ItemsValue or CodeValue or ResultsValue) is { } passed
                ? passed
            : Types.MayCarryTensors(call.Type) ? Unsupported(call)
            : ParsedValue.Other;
    }

    /// <summary>Whether <c>train(…)</c> lets a layer do in evaluation what it does there anyway.</summary>
    private bool KeepsMode(IInvocationOperation call) => call.Arguments is [{ Value: var mode }]
        && (mode.ConstantValue is { HasValue: true, Value: false } || (mode is IPropertyReferenceOperation { Property: var flag } && Members.IsTraining(flag)));

    public ParsedValue CallTorch(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        if (Created.OnModule(call) is { } module)
        {
            return module;
        }

        if (call.Instance is not null && Torch.IsModule(call.Instance.Type) && (Changing.Contains(name) || (name == "train" && !KeepsMode(call))))
        {
            return Unsupported(call, new Problem($"'{SourceText.Quote(call.Syntax)}', behind which a layer is another", "do that outside of forward"));
        }

        var onTensor = call.Instance is not null && Torch.IsTensor(call.Instance.Type);
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
            return Indices.IndexTensor(call.Instance!, call.Arguments, call);
        }

        if (onTensor && name == "index_put_")
        {
            return Indices.Put(call);
        }

        if (name == "invoke" && call.TargetMethod.ContainingType.Name == "CompilationUnit" && Torch.IsTensor(call.Type))
        {
            return Outside.Script(call);
        }

        if (name is "get_buffer" or "get_parameter"
            && call.Instance is not null
            && call.Arguments.FirstOrDefault()?.Value.ConstantValue is { HasValue: true, Value: string member })
        {
            return Evaluate(call.Instance) switch
            {
                ModelValue => Writer.NewTensor(Expression.Link("Parameter", new ModelItself(), new TextArgument(member)), call),
                LayerValue layer => Writer.NewTensor(Expression.Link("Parameter", ValueWriter.LayerCode(layer.Reference), new TextArgument(member)), call),
                var other => other,
            };
        }

        if (Torch.IsModule(call.TargetMethod.ContainingType)
            && call.TargetMethod.Name is "parameters" or "named_parameters" or "buffers" or "named_buffers" or "state_dict")
        {
            return ParsedValue.Other;
        }

        if (Torch.IsModule(call.Type) && PassingLayers.TryGetValue(name, out var passes))
        {
            return Passing(passes, call);
        }

        if (Created.Creation(call) is { } created)
        {
            return created;
        }

        // A list that only this method sees is its elements.
        if (name == "ModuleList" && Torch.IsModule(call.Type) && call.Arguments is [{ Value: var elements }])
        {
            return Evaluate(elements);
        }

        if (!Types.CarriesTensors(call.Type))
        {
            // A module's own children, by name or in order.
            if (Torch.IsModule(call.Type) || (call.Type is not null && Types.MayCarryTensors(call.Type)))
            {
                return Torch.IsModule(call.TargetMethod.ContainingType) && Repeats.Repeat(call) is { } code
                    ? Writer.Typed(code, call.Type!)
                    : Unsupported(call, RuleIds.UnsupportedOperation, name);
            }

            // A number out of a tensor; or no_grad, NewDisposeScope, Dispose, which make no tensor.
            return onTensor && name == "item" ? Content(call.Instance!, call)
                : (onTensor ? call.Instance : call.Arguments.FirstOrDefault()?.Value) is { } read
                    && Torch.IsTensor(read.Type)
                    && name.StartsWith("To", StringComparison.Ordinal)
                    && (NumberTypes.IsNumber(call.Type) || NumberTypes.IsFraction(call.Type))
                    ? Content(read, call)
                : onTensor
                    && name == "data"
                    && call.Type is { IsReferenceType: true }
                    ? Repeats.Follow(call.Instance!) ? new ContentsValue() : ParsedValue.Broken
                : Repeats.Untold(call);
        }

        // In place or not, it does the same to dimensions. (fft has a name of its own in C#.)
        var inPlace = name.EndsWith("_", StringComparison.Ordinal) && name != "fft_";
        name = inPlace && !OpTable.Knows(name) ? name.TrimEnd('_') : name;
        if (!OpTable.Knows(name))
        {
            return Unsupported(call, RuleIds.UnsupportedOperation, name);
        }

        if (ArgumentReader.FromValues.Contains(name))
        {
            var made = new List<NamedArgument>();
            if (call.Arguments.FirstOrDefault()?.Value is { } given)
            {
                // The shape may be told beside the numbers.
                var isShaped = call.Arguments.Any(argument => argument.Parameter?.Name is "dimensions" or "rows" or "dim0");
                if (!isShaped && ArgumentReader.RankOf(Conversions.Unconverted(given).Type) is { } rank)
                {
                    made.Add(new NamedArgument("rank", new NumberArgument(rank)));
                }

                if (Conditions.Attempt(given) is { } values && Writer.NumberCode(values) is { } told)
                {
                    made.Add(new NamedArgument("data", told) { Decides = false });
                }
                else if (Repeats.Follow(given))
                {
                    made.Add(new NamedArgument("data", CodeArgument.Untold) { Decides = false });
                }
                else
                {
                    return ParsedValue.Broken;
                }
            }

            return Apply(name, [], made.Concat(call.Arguments.Skip(1).Select(Arguments.Number).OfType<NamedArgument>()), call);
        }

        if (name == "arange")
        {
            return Apply(name, [], Arguments.Counts(call), call);
        }

        var (tensors, arguments, several) = (new List<int>(), new List<NamedArgument>(), (Expression?)null);
        if (call.Instance is not null
            && Torch.IsTensor(call.Instance.Type)
            && Evaluate(call.Instance) is var receiver
            && !Arguments.Take(receiver, tensors, ref several))
        {
            return receiver is BrokenValue ? receiver : Unsupported(call.Instance);
        }

        foreach (var argument in call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            if (argument.ArgumentKind == ArgumentKind.DefaultValue)
            {
                if (Torch.IsTensor(argument.Parameter?.Type))
                {
                    tensors.Add(-1);
                }

                continue;
            }

            if (!Arguments.Argument(name, argument, tensors, arguments, ref several))
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

        // A tensor that is asked where it takes another's place comes second.
        if (name == "where" && onTensor && tensors.Count > 1)
        {
            (tensors[0], tensors[1]) = (tensors[1], tensors[0]);
        }

        if (!Torch.IsTensor(call.Type))
        {
            var results = Bindings.NewValue(Target.Length > 0 ? Target : "parts");
            Nodes.Add(
                new OpCall(
                    results.Number, tensors.ToEquatable(), Quoted, Context.Sites.Add(call.Syntax), name, arguments.ToEquatable(), several, ResultKind.Tensors));
            return new ResultsValue(results.Number, call.Type!, AreObjects: false);
        }

        if (inPlace && tensors.Count > 0)
        {
            Created.Give(tensors);
        }

        var result = Apply(name, tensors, arguments, call, several);
        if (inPlace && tensors.Count > 0)
        {
            InPlace(tensors[0], result);
        }

        return result;
    }

    /// <summary>An operation whose name ends in an underscore changes its tensor in place; whoever holds the tensor sees it.</summary>
    public void InPlace(int number, ParsedValue now)
    {
        foreach (var names in Bindings.NamesOf(number).ToList().GroupBy(Scope.VariableOf))
        {
            // Those that share a variable share its new value.
            var isShared = names.Key is { } variable && !ReferenceEquals(variable.Home, Nodes);
            foreach (var symbol in isShared ? names.Take(1) : names)
            {
                Bindings.Bind(symbol, now);
            }
        }
    }

    /// <summary>A layer without parameters that is created where it is called.</summary>
    private ParsedValue Passing(string operation, IInvocationOperation creation)
    {
        var (tensors, arguments, several) = (new List<int>(), new List<NamedArgument>(), (Expression?)null);
        var told = creation.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue);
        if (!told.All(argument => Arguments.Argument(operation, argument, tensors, arguments, ref several)))
        {
            return ParsedValue.Broken;
        }

        // The layer leaves the batch alone, and the operation does not.
        if (operation == "flatten" && !arguments.Any(argument => argument.Name == "start_dim"))
        {
            arguments.Add(new NamedArgument("start_dim", new NumberArgument(1)));
        }

        return new PassingValue(operation, arguments.ToEquatable(), creation);
    }

    /// <summary>The number in a tensor that holds only one.</summary>
    public ParsedValue Content(IOperation tensor, IOperation operation) => Content(Evaluate(tensor), operation);

    /// <inheritdoc cref="Content(IOperation, IOperation)"/>
    public ParsedValue Content(ParsedValue tensor, IOperation operation) => tensor switch
    {
        TensorValue only => new ContentValue(Apply("item", [only.Number], [], operation).Number, SourceText.Quote(operation.Syntax), []),
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
            ? Evaluate(dim.Value) is ArgumentValue { Argument: { IsKnown: true } which }
                ? new ArgumentValue(new SizeArgument(tensor.Number, which))
                : new ArgumentValue(new UnknownArgument())
            : new ShapeValue(tensor.Number);
    }

    public static ArgumentValue Elements(TensorValue tensor) => new(new CodeArgument(new ValueName(tensor.Number).Member("Count"), OfSizes: true));

    public TensorValue Apply(string name, IEnumerable<int> tensors, IEnumerable<NamedArgument> arguments, IOperation operation, Expression? several = null)
    {
        var result = Bindings.NewValue(Target.Length > 0 ? Target : "x");
        Bindings.Definite.Add(result.Number);
        Nodes.Add(new OpCall(result.Number, tensors.ToEquatable(), Quoted, Context.Sites.Add(operation.Syntax), name, arguments.ToEquatable(), several));
        return result;
    }
}
