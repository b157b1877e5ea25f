using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What an indexer asks of a tensor.</summary>
internal sealed class IndexReader(Reading reading) : Reader(reading)
{
    public ParsedValue IndexTensor(IPropertyReferenceOperation reference) => IndexTensor(reference.Instance!, reference.Arguments, reference);

    public ParsedValue IndexTensor(IOperation indexed, IReadOnlyList<IArgumentOperation> arguments, IOperation reference)
    {
        var x = Evaluate(indexed);
        if (x is not TensorValue tensor)
        {
            return x is BrokenValue ? x : Unsupported(indexed);
        }

        return PlacesOf(arguments) is { } places
            ? Operations.Apply("index", [tensor.Number], [new NamedArgument("indices", places)], reference)
            : ParsedValue.Broken;
    }

    /// <summary><c>index_put_</c>, which takes the places as tensors or as indices.</summary>
    public ParsedValue Put(IInvocationOperation call)
    {
        var (value, indices) = (
            call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "value"),
            call.Arguments.Where(argument => argument.Parameter?.Name == "indices").ToList());
        var adds = call.Arguments.Any(
            argument => argument.Parameter?.Name == "accumulate" && argument.Value.ConstantValue is not { HasValue: true, Value: false });
        return value is null ? Unsupported(call) : Put(call.Instance!, indices, Evaluate(value.Value), call, adds);
    }

    /// <summary>What is put into a part of a tensor must have the part's dimensions.</summary>
    public ParsedValue ReplacePart(IPropertyReferenceOperation to, ParsedValue value) =>
        Put(to.Instance!, to.Arguments, value, to) is BrokenValue broken ? broken : value;

    private ParsedValue Put(IOperation into, IReadOnlyList<IArgumentOperation> indices, ParsedValue value, IOperation operation, bool adds = false)
    {
        if (value is BrokenValue)
        {
            return value;
        }

        if (Evaluate(into) is not TensorValue { Number: var whole })
        {
            return Context.HasErrors || Context.IsBroken ? ParsedValue.Broken : Unsupported(into);
        }

        if (PlacesOf(indices) is not { } places)
        {
            return ParsedValue.Broken;
        }

        var number = value is ScalarValue { IsZero: true } ? [new NamedArgument("value", new NumberArgument(0))] : Operators.Operand("value", value);
        var put = number.Prepend(new NamedArgument("indices", places));
        put = adds ? put.Append(new NamedArgument("accumulate", CodeArgument.Untold) { Decides = false }) : put;
        var result = Operations.Apply("index_put_", OperatorReader.TensorOf(value) is { } given ? [whole, given] : [whole], put, operation);
        Operations.InPlace(whole, result);
        return result;
    }

    /// <summary>The places that indices mean. Where it cannot be told, what is there keeps its widths; null where an index cannot be followed.</summary>
    private Argument? PlacesOf(IReadOnlyList<IArgumentOperation> indices) =>
        Slices(indices) is { } slices ? slices : Context.HasErrors || Context.IsBroken ? null : CodeArgument.Untold;

    private SlicesArgument? Slices(IReadOnlyList<IArgumentOperation> arguments)
    {
        var indices = arguments is [{ ArgumentKind: ArgumentKind.ParamArray, Value: IArrayCreationOperation { Initializer: { } list } }]
            ? list.ElementValues.ToList()
            : arguments.Select(argument => argument.Value).ToList();
        if (indices is [var only] && Conversions.Unconverted(only) is IArrayCreationOperation { Initializer: { } written })
        {
            indices = written.ElementValues.ToList();
        }

        var slices = indices.Select(Slice).ToList();
        return slices.Contains(null) ? null : new SlicesArgument(slices.Select(slice => slice!).ToEquatable());
    }

    public SliceSpec? Slice(IOperation index)
    {
        while (index is IConversionOperation conversion)
        {
            index = conversion.Operand;
        }

        switch (index)
        {
            case IRangeOperation range:
                return End(range.LeftOperand, out var start) && End(range.RightOperand, out var stop)
                    ? start is null && stop is null ? Plain("All") : Range(start, stop)
                    : null;
            case IMemberReferenceOperation { Member: { Name: var name, ContainingType.Name: "TensorIndex" } }:
                return name switch
                {
                    "Colon" => Plain("All"),
                    "Ellipsis" => Plain("Ellipsis"),
                    "Null" or "None" => Plain("NewAxis"),
                    _ => null,
                };
            case IInvocationOperation { TargetMethod: { Name: var name, ContainingType.Name: "TensorIndex" } } call:
                var given = call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal).Select(argument => argument.Value).ToList();
                return name switch
                {
                    "Slice" =>
                        End(given.FirstOrDefault(), out var first)
                            && End(given.ElementAtOrDefault(1), out var last)
                            && End(given.ElementAtOrDefault(2), out var step)
                        ? first is null && last is null && step is null ? Plain("All") : Range(first, last, step)
                        : null,
                    "Single" or "Tensor" or "Bool" when given.Count == 1 => Slice(given[0]),
                    _ => null,
                };
        }

        // (null, 5) is a range as TorchSharp writes one.
        if (index is ITupleOperation { Elements: [var from, var to] })
        {
            return End(from, out var left) && End(to, out var right) ? left is null && right is null ? Plain("All") : Range(left, right) : null;
        }

        if (index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat })
        {
            return End(index, out var fromEnd) ? new SliceSpec("At", fromEnd, null, new NumberArgument(1), -1) : null;
        }

        return Writer.AsSize(Evaluate(index)) switch
        {
            IndexValue held => held.Slice,
            TensorValue tensor => new SliceSpec("By", null, null, new NumberArgument(1), tensor.Number),
            ArgumentValue { Argument: NullArgument } => Plain("NewAxis"),
            ArgumentValue { Argument: { IsKnown: true } and not (ListArgument or FlagArgument) and var at } =>
                new SliceSpec("At", at, null, new NumberArgument(1), -1),
            _ => null,
        };
    }

    public bool IsIndex(ITypeSymbol? type) => type is { Name: "TensorIndex" } && Torch.IsTorch(type);

    public ParsedValue RangeOf(IRangeOperation range)
    {
        return EndOf(range.LeftOperand, fromEnd: false) is { } start && EndOf(range.RightOperand, fromEnd: true) is { } end
            ? new RangeValue(start, end)
            : Repeats.Repeated(range);

        EndValue? EndOf(IOperation? operand, bool fromEnd)
        {
            operand = operand is null ? null : Conversions.Unconverted(operand);
            while (operand is IConversionOperation conversion)
            {
                operand = conversion.Operand;
            }

            return operand switch
            {
                null => new EndValue(new NumberArgument(0), fromEnd),
                IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat, Operand: var counted } =>
                    Writer.AsSize(Evaluate(counted)) is ArgumentValue { Argument: { IsKnown: true } at } ? new EndValue(at, FromEnd: true) : null,
                _ => Writer.AsSize(Evaluate(operand)) is ArgumentValue { Argument: { IsKnown: true } at } ? new EndValue(at, FromEnd: false) : null,
            };
        }
    }

    private static SliceSpec Plain(string kind) => new(kind, null, null, new NumberArgument(1), -1);

    public static SliceSpec Range(Argument? start, Argument? stop, Argument? step = null) => new("Range", start, stop, step ?? new NumberArgument(1), -1);

    /// <summary>An end of a range; from the back it is a negative number. False where it cannot be told.</summary>
    private bool End(IOperation? operand, out Argument? end)
    {
        end = null;
        while (operand is IConversionOperation conversion)
        {
            operand = conversion.Operand;
        }

        if (operand is null)
        {
            return true;
        }

        var fromEnd = operand is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat };
        if (Writer.AsSize(
            Evaluate(fromEnd ? ((IUnaryOperation)operand).Operand : operand)) is not ArgumentValue { Argument: { IsKnown: true }
                and not ListArgument
                and var value })
        {
            return false;
        }

        end = value is NullArgument ? null
            : !fromEnd ? value
            : value is NumberArgument { Value: 0 } ? null
            : Constants.Combine('-', new NumberArgument(0), value);
        return true;
    }
}
