using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls of layers and models.</summary>
internal sealed class LayerCallReader(Reading reading) : Reader(reading)
{
    /// <summary>A maximum over windows that tells the places too.</summary>
    public const string WithPlaces = "forward_with_indices";

    public ParsedValue CallLayer(IInvocationOperation call)
    {
        if (Conversions.Unconverted(call.Instance!) is IObjectCreationOperation created)
        {
            return Unsupported(created);
        }

        return CallLayer(call, Evaluate(Conversions.Unconverted(call.Instance!)));
    }

    /// <summary>Calls a layer that has been read.</summary>
    public ParsedValue CallLayer(IInvocationOperation call, ParsedValue receiver)
    {
        if (receiver is PassingValue { Operation: "" })
        {
            Reading.IsElsewhere(call);
            return call.Arguments is [{ Value: var same }] ? Evaluate(same) : Unsupported(call);
        }

        if (receiver is PassingValue passing)
        {
            return call.Arguments is [{ Value: var only }] && Evaluate(only) is TensorValue passed
                ? Operations.Apply(passing.Operation, [passed.Number], passing.Arguments, call)
                : Unsupported(call);
        }

        if (receiver is CreatedValue created)
        {
            return Created.Call(created, call);
        }

        if (receiver is not LayerValue layer)
        {
            return receiver is BrokenValue ? receiver : Unsupported(call);
        }

        if (NeedsItsClass(layer, call.Instance!.Type!, call.Syntax))
        {
            return ParsedValue.Broken;
        }

        var (inputs, mark) = (new List<ParsedValue>(), Mark());
        foreach (var argument in call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            var value = Evaluate(argument.Value);
            if (value is BrokenValue)
            {
                return value;
            }

            // What else a layer of torch.nn, or a described one, is called with changes nothing in the dimensions of tensors.
            if ((Torch.IsTorch(call.Instance!.Type) || layer.Layer.Axes is not null)
                && layer.Layer.Kind == LayerKind.Layer
                && !Types.CarriesTensors(argument.Value.Type)
                && argument.Parameter is { } parameter
                && !Types.CarriesTensors(parameter.Type))
            {
                if (parameter.Name == "output_size" && value is not (OtherValue or ArgumentValue { Argument: NullArgument }))
                {
                    return Unsupported(argument.Value);
                }

                inputs.Add(new ArgumentValue(Arguments.Known(argument.Value, value)));
                continue;
            }

            value = IsAboutTensors(argument.Parameter?.Type) ? new ArgumentValue(new NullArgument()) : value;
            if (Writer.ToArgument(value, argument.Parameter?.Type ?? argument.Value.Type) is null)
            {
                // What cannot be handed over when models are linked may well be followed where it is called.
                if (Types.MayCarryTensors(argument.Value.Type) || Methods.BodyOf(call.TargetMethod.OriginalDefinition) is null)
                {
                    return Unsupported(argument.Value);
                }

                Restore(mark, findingsToo: true);
                Reading.IsElsewhere(call);
                return Calls.CallHelper(call, call.TargetMethod.OriginalDefinition);
            }

            inputs.Add(value);
        }

        if (layer.Layer.Kind == LayerKind.Layer && LayerTable.Knows(layer.Layer.Type))
        {
            // Nobody needs to be told what is left to its default, behind all else.
            var told = call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue)
                .Select(argument => argument.Parameter!.Ordinal + 1).DefaultIfEmpty(0).Max();
            inputs.RemoveRange(told, inputs.Count - told);
        }

        return CallLayer(layer, inputs, call.TargetMethod, call);
    }

    /// <summary>Whether a type tells where tensors are, of what type they are, or what draws their numbers.</summary>
    public static bool IsAboutTensors(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsAboutTensors(nullable.TypeArguments[0]),
        _ => type is { Name: "Device" or "DeviceType" or "ScalarType" or "Generator" or "layout" or "Layout", ContainingNamespace.Name: "TorchSharp" },
    };

    /// <summary>Whether a layer cannot be called, since nothing is known of its class, which is reported.</summary>
    /// <param name="target">The layer.</param>
    /// <param name="type">What it is declared as.</param>
    /// <param name="call">Where it is called.</param>
    public bool NeedsItsClass(LayerValue target, ITypeSymbol type, SyntaxNode call)
    {
        if (target.Layer.Kind != LayerKind.Layer || target.Layer.Axes is not null || LayerTable.Knows(target.Layer.Type))
        {
            return false;
        }

        var name = new Emission.ExpressionPrinter(value => Values[value], member => member).Print(target.Reference.Code);
        var remedy = !type.DeclaringSyntaxReferences.IsEmpty ? "annotate its class with [Prunable], or describe it with [Axes]"
            : type.ContainingAssembly.Name == "TorchSharp" ? "describe it with [Axes]"
            : "its source is not here, so use the same model in source with [Prunable], which takes its weights by their names, or describe it with [Axes]";
        Context.Report(
            RuleIds.UnsupportedLayer,
            call,
            $"'{name}'",
            target.Layer.Type,
            remedy);
        return true;
    }

    public ParsedValue CallLayer(LayerValue layer, IReadOnlyList<ParsedValue> inputs, IMethodSymbol method, IOperation call)
    {
        var arguments = inputs.Select((input, i) => Writer.ToArgument(input, i < method.Parameters.Length ? method.Parameters[i].Type : null)).ToList();
        if (arguments.Contains(null) || method.ReturnType is not { } type)
        {
            return Unsupported(call);
        }

        if (layer.Layer.Axes is { } axes && Described.ResultMisfit(type, AxesNotation.Parse(axes.Notation)) is (string problem, string remedy))
        {
            Context.Report(RuleIds.BadDescription, call.Syntax, layer.Layer.Path, problem, remedy);
            return ParsedValue.Broken;
        }

        var isOfTorch = layer.Layer.Kind is LayerKind.Layer
            ? Torch.IsTorch(method.ContainingType)
            : (call as IInvocationOperation)?.Instance?.Type is { } called && Torch.IsBuiltInLayer(called);
        var kind = Torch.IsTensor(type) ? ResultKind.Tensor : IsTensors(type) && isOfTorch ? ResultKind.Tensors : ResultKind.Objects;
        if (kind == ResultKind.Objects && Types.Translate(type) is null && !(type is INamedTypeSymbol { IsTupleType: true }))
        {
            return Unsupported(call);
        }

        var result = Step(layer, layer.Reference, call, method.Name, [.. arguments.Select(argument => argument!)], kind);
        Bindings.Definite.Add(result.Number);
        return kind == ResultKind.Tensor ? result
            : type is INamedTypeSymbol { IsTupleType: true } || kind == ResultKind.Tensors ? new ResultsValue(result.Number, type, kind == ResultKind.Objects)
            : Writer.Typed(new Cast(Types.Translate(type)!, new NotNull(new Element(result.Name, new NumberArgument(0)))), type);
    }

    /// <summary>Notes the call of a layer as a step.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="live">How generated code reaches it.</param>
    /// <param name="call">The call.</param>
    /// <param name="method">Which of its methods is called.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="kind">What it gives.</param>
    /// <returns>Its result.</returns>
    public TensorValue Step(LayerValue layer, LayerReference live, IOperation call, string method, IReadOnlyList<Argument> arguments, ResultKind kind)
    {
        if (layer.Layer.Path.Length > 0)
        {
            Reached.Add(layer.Layer.Path);
        }

        var result = Bindings.NewValue(Target.Length > 0 ? Target : "x");
        Nodes.Add(new LayerCall(
            result.Number,
            arguments.OfType<TensorArgument>().Select(argument => argument.Value).ToEquatable(),
            Quoted,
            Context.Sites.Add(call.Syntax),
            layer.Layer,
            live,
            method == "call",
            arguments.ToEquatable(),
            kind)
        {
            WithIndices = method == WithPlaces,
        });
        if (Conditions.IsOpen(layer.Reference.Code))
        {
            Choices.Join(layer.Reference.Code, [result.Number]);
        }

        return result;
    }

    /// <summary>Whether a type is a tuple or an array of tensors and of nothing else.</summary>
    public bool IsTensors(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => Torch.IsTensor(array.ElementType),
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.All(element => Torch.IsTensor(element.Type)),
        INamedTypeSymbol { TypeArguments: var elements } => TypeTranslator.IsTupleObject(type) && elements.All(Torch.IsTensor),
        _ => false,
    };
}
