using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls of layers, and what forward itself takes and gives.</summary>
internal sealed partial class ForwardParser
{
    /// <summary>A maximum over windows that tells the places too. These have the dimensions of what it finds.</summary>
    private const string WithPlaces = "forward_with_indices";

    private ParsedValue CallLayer(IInvocationOperation call)
    {
        if (Unconverted(call.Instance!) is IObjectCreationOperation created)
        {
            return Unsupported(created);
        }

        var receiver = Evaluate(Unconverted(call.Instance!));
        if (receiver is PassingValue { Operation: "" })
        {
            return call.Arguments is [{ Value: var same }] ? Evaluate(same) : Unsupported(call);
        }

        if (receiver is PassingValue passing)
        {
            return call.Arguments is [{ Value: var only }] && Evaluate(only) is TensorValue passed ? Apply(passing.Operation, [passed.Number], passing.Arguments, call) : Unsupported(call);
        }

        if (receiver is not LayerValue layer)
        {
            return receiver is BrokenValue ? receiver : Unsupported(call);
        }

        if (NeedsItsClass(layer, call))
        {
            return ParsedValue.Broken;
        }

        var inputs = new List<ParsedValue>();
        foreach (var argument in call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal))
        {
            var value = Evaluate(argument.Value);
            if (value is BrokenValue)
            {
                return value;
            }

            // A layer of torch.nn, or a described one, is called with tensors; what else there is changes nothing in their dimensions.
            if ((torch.IsTorch(call.Instance!.Type) || layer.Layer.Axes is not null) && layer.Layer.Kind == LayerKind.Layer && !types.CarriesTensors(argument.Value.Type) && argument.Parameter is { } parameter && !types.CarriesTensors(parameter.Type))
            {
                if (parameter.Name == "output_size" && value is not (OtherValue or ArgumentValue { Argument: NullArgument }))
                {
                    return Unsupported(argument.Value);
                }

                continue;
            }

            if (ToArgument(value, argument.Parameter?.Type ?? argument.Value.Type) is null)
            {
                return Unsupported(argument.Value);
            }

            inputs.Add(value);
        }

        return CallLayer(layer, inputs, call.TargetMethod, call);
    }

    private bool NeedsItsClass(LayerValue target, IInvocationOperation call)
    {
        if (target.Layer.Kind != LayerKind.Layer || target.Layer.Axes is not null || LayerTable.Knows(target.Layer.Type))
        {
            return false;
        }

        var name = new Emission.ExpressionPrinter(value => values[value], member => member).Print(target.Reference.Code);
        var hasSource = call.Instance!.Type is { DeclaringSyntaxReferences.IsEmpty: false };
        context.Report(RuleIds.UnsupportedLayer, call.Syntax, $"'{name}'", target.Layer.Type, hasSource ? "annotate its class with [Prunable], or describe it with [Axes]" : "describe it with [Axes]");
        return true;
    }

    private ParsedValue CallLayer(LayerValue layer, IReadOnlyList<ParsedValue> inputs, IMethodSymbol method, IOperation call)
    {
        var arguments = inputs.Select((input, i) => ToArgument(input, i < method.Parameters.Length ? method.Parameters[i].Type : null)).ToList();
        var found = method.Name == WithPlaces ? (INamedTypeSymbol)method.ReturnType : null;
        if (arguments.Contains(null) || (found is null ? method.ReturnType : found.TupleElements[0].Type) is not { } type)
        {
            return Unsupported(call);
        }

        if (layer.Layer.Axes is { } axes && ResultMisfit(type, AxesNotation.Parse(axes.Notation)) is (string problem, string remedy))
        {
            context.Report(RuleIds.BadDescription, call.Syntax, layer.Layer.Path, problem, remedy);
            return ParsedValue.Broken;
        }

        var isOfTorch = layer.Layer.Kind is LayerKind.Layer ? torch.IsTorch(method.ContainingType) : (call as IInvocationOperation)?.Instance?.Type is { } called && torch.IsBuiltInLayer(called);
        var kind = torch.IsTensor(type) ? ResultKind.Tensor : IsTensors(type) && isOfTorch ? ResultKind.Tensors : ResultKind.Objects;
        if (kind == ResultKind.Objects && types.Translate(type) is null && !(type is INamedTypeSymbol { IsTupleType: true }))
        {
            return Unsupported(call);
        }

        if (layer.Layer.Path.Length > 0)
        {
            reached.Add(layer.Layer.Path);
        }

        var result = NewValue(target.Length > 0 ? target : "x");
        definite.Add(result.Number);
        nodes.Add(new LayerCall(
            result.Number,
            arguments.OfType<TensorArgument>().Select(argument => argument.Value).ToEquatable(),
            statement,
            context.Sites.Add(call.Syntax),
            layer.Layer,
            layer.Reference,
            method.Name == "call",
            arguments.Select(argument => argument!).ToEquatable(),
            kind));
        if (IsOpen(layer.Reference.Code))
        {
            Join(layer.Reference.Code, [result.Number]);
        }

        return found is not null ? new TupleValue(System.Collections.Immutable.ImmutableArray.Create<ParsedValue>(result, result), found)
            : kind == ResultKind.Tensor ? result
            : type is INamedTypeSymbol { IsTupleType: true } || kind == ResultKind.Tensors ? new ResultsValue(result.Number, type, kind == ResultKind.Objects)
            : Typed(new Cast(types.Translate(type)!, new NotNull(new Element(result.Name, new NumberArgument(0)))), type);
    }

    /// <summary>Whether a type is <c>System.Tuple</c>, which the language knows nothing of.</summary>
    private static bool IsTupleObject(ITypeSymbol? type) => type is INamedTypeSymbol { Name: "Tuple", IsGenericType: true, IsTupleType: false } && TypeTranslator.IsOfSystem(type);

    /// <summary>Whether a type is a tuple or an array of tensors and of nothing else.</summary>
    private bool IsTensors(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => torch.IsTensor(array.ElementType),
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.All(element => torch.IsTensor(element.Type)),
        INamedTypeSymbol { TypeArguments: var elements } => IsTupleObject(type) && elements.All(torch.IsTensor),
        _ => false,
    };

    private Argument? ToArgument(ParsedValue value, ITypeSymbol? type) => value switch
    {
        TensorValue tensor => new TensorArgument(tensor.Number),
        ArgumentValue { Argument: { IsTold: true } and not ListArgument } argument => argument.Argument,
        _ => CodeOf(value, type) is { } code ? new CodeArgument(code) : null,
    };

    /// <summary>What a return gives: a tuple element by element, anything else as it is.</summary>
    private EquatableArray<Argument>? Results(ParsedValue value, ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { IsTupleType: true } tuple)
        {
            var parts = value switch
            {
                TupleValue { Items: var items } => items.Select((item, i) => ToArgument(item, tuple.TupleElements[i].Type)),
                ResultsValue results => tuple.TupleElements.Select((element, i) => ToArgument(ItemOf(results, i, element.Type), element.Type)),
                ArgumentValue { Argument: ListArgument list } => list.Items,
                _ when CodeOf(value, type) is { } code => Elements(code, tuple),
                _ => [null],
            };
            var several = parts.ToList();
            return several.Contains(null) ? null : several.Select(part => part!).ToEquatable();
        }

        return ToArgument(value, type) is { } only ? new[] { only }.ToEquatable() : null;
    }

    private IEnumerable<Argument> Elements(Expression code, INamedTypeSymbol tuple)
    {
        var name = code is ValueName ? code : NewLocal("results", code, isSize: false);
        return tuple.TupleElements.Select((element, i) => (Argument)new CodeArgument(name.Member($"Item{i + 1}")));
    }

    /// <summary>The tensors that cannot be null.</summary>
    private readonly HashSet<int> definite = [];

    private bool IsOptional(int tensor) => !definite.Contains(tensor);
}
