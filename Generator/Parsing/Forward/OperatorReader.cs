using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Operators between tensors, sizes and numbers.</summary>
internal sealed class OperatorReader(Reading reading) : Reader(reading)
{
    private static readonly Dictionary<BinaryOperatorKind, string> OperationNames = new()
    {
        [BinaryOperatorKind.Add] = "add",
        [BinaryOperatorKind.Subtract] = "sub",
        [BinaryOperatorKind.Multiply] = "mul",
        [BinaryOperatorKind.Divide] = "div",
        [BinaryOperatorKind.Remainder] = "remainder",
        [BinaryOperatorKind.Equals] = "eq",
        [BinaryOperatorKind.NotEquals] = "ne",
        [BinaryOperatorKind.LessThan] = "lt",
        [BinaryOperatorKind.LessThanOrEqual] = "le",
        [BinaryOperatorKind.GreaterThan] = "gt",
        [BinaryOperatorKind.GreaterThanOrEqual] = "ge",
        [BinaryOperatorKind.And] = "bitwise_and",
        [BinaryOperatorKind.Or] = "bitwise_or",
        [BinaryOperatorKind.ExclusiveOr] = "bitwise_xor",
    };

    private static readonly Dictionary<BinaryOperatorKind, string> Comparisons = new()
    {
        [BinaryOperatorKind.Equals] = "==",
        [BinaryOperatorKind.NotEquals] = "!=",
        [BinaryOperatorKind.LessThan] = "<",
        [BinaryOperatorKind.LessThanOrEqual] = "<=",
        [BinaryOperatorKind.GreaterThan] = ">",
        [BinaryOperatorKind.GreaterThanOrEqual] = ">=",
    };

    private static readonly Dictionary<BinaryOperatorKind, char> Arithmetic = new()
    {
        [BinaryOperatorKind.Add] = '+',
        [BinaryOperatorKind.Subtract] = '-',
        [BinaryOperatorKind.Multiply] = '*',
        [BinaryOperatorKind.Divide] = '/',
        [BinaryOperatorKind.Remainder] = '%',
    };

    public ParsedValue Binary(BinaryOperatorKind kind, IOperation leftOperand, IOperation rightOperand, IOperation operation)
    {
        if (operation is IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, OperatorMethod: null })
        {
            return Conditions.Condition(operation) is { } condition
                ? new ArgumentValue(condition as Argument ?? new CodeArgument(condition))
                : ParsedValue.Broken;
        }

        var (left, right) = (Evaluate(leftOperand), Evaluate(rightOperand));
        if (left is BrokenValue || right is BrokenValue)
        {
            return ParsedValue.Broken;
        }

        var own = (operation as IBinaryOperation)?.OperatorMethod ?? (operation as ICompoundAssignmentOperation)?.OperatorMethod;

        // Whether an optional tensor or layer is there.
        if (!CallReader.IsOwnOperator(own, Torch)
            && kind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals && (IsNull(left) || IsNull(right)))
        {
            return NullTest(IsNull(left) ? right : left, IsNull(left) ? rightOperand.Type : leftOperand.Type, kind == BinaryOperatorKind.Equals);
        }

        if (Calls.CallOperator(own, [left, right], operation) is { } called)
        {
            return called;
        }

        if (CallReader.IsOwnOperator(own, Torch))
        {
            return Repeats.Repeated(operation);
        }

        if (left is TensorValue || right is TensorValue)
        {
            // A tensor that is not followed must not be taken for a number.
            if (MayBeTensor(left, leftOperand) || MayBeTensor(right, rightOperand))
            {
                return Unsupported(MayBeTensor(left, leftOperand) ? leftOperand : rightOperand);
            }

            return OperationNames.TryGetValue(kind, out var name) ? Elementwise(name, left, right, operation) : Unsupported(operation);

            bool MayBeTensor(ParsedValue value, IOperation operand) => value switch
            {
                OtherValue => operand.Type is IDynamicTypeSymbol || Torch.IsTensor(operand.Type),
                CodeValue { Type: var type } => type is IDynamicTypeSymbol,
                LateValue => true,
                _ => false,
            };
        }

        // Numbers read from tensors are computed with like the tensors that they come from.
        if ((left is ContentValue || right is ContentValue)
            && Arithmetic.ContainsKey(kind)
            && operation.Type?.SpecialType is not (null or SpecialType.System_Boolean or SpecialType.System_String)
            && (left is ContentValue { Number: >= 0 } || right is ContentValue { Number: >= 0 })
                && left is not ContentValue { Number: < 0 }
                && right is not ContentValue { Number: < 0 })
        {
            var whole = NumberTypes.IsNumber(operation.Type);
            var name = whole && kind == BinaryOperatorKind.Remainder ? "fmod" : OperationNames[kind];
            var number = Elementwise(name, left, right, operation);
            return new ContentValue(
                whole && kind == BinaryOperatorKind.Divide ? Operations.Apply("trunc", [number.Number], [], operation).Number : number.Number,
                SourceText.Quote(operation.Syntax),
                new[] { left, right }.SelectMany(Sizes).ToEquatable());
        }

        // A comparison of such a number with a width holds the width, whichever way it goes.
        if (Comparisons.TryGetValue(kind, out var asked)
            && new[] { left, right }.Any(side => side is ContentValue)
            && new[] { left, right }.SelectMany(Sizes).Any()
            && Writer.AsSize(left) is ArgumentValue { Argument: var one } && Writer.AsSize(right) is ArgumentValue { Argument: var other })
        {
            return Compare(kind, asked, one, other);
        }

        // What is counted up by a number that is not followed is none that is.
        if (operation is ICompoundAssignmentOperation && !Types.MayCarryTensors(operation.Type)
            && new[] { left, right }.Any(side => side is ContentValue or ContentsValue))
        {
            return NumberTypes.IsNumberLike(operation.Type) || NumberTypes.IsFraction(operation.Type)
                ? new ContentValue(-1, SourceText.Quote(operation.Syntax), new[] { left, right }.SelectMany(Sizes).ToEquatable())
                : new ContentsValue();
        }

        if (left is ArgumentValue a && right is ArgumentValue b)
        {
            if (NumberTypes.IsNumberLike(operation.Type) && operation.Type?.SpecialType != SpecialType.System_Boolean)
            {
                if (Arithmetic.TryGetValue(kind, out var sign) && a.Argument.IsKnown && b.Argument.IsKnown)
                {
                    var isChecked = operation is IBinaryOperation { IsChecked: true } or ICompoundAssignmentOperation { IsChecked: true };
                    return Fits(Constants.Combine(sign, a.Argument, b.Argument), isChecked, operation) is { } number
                        ? new ArgumentValue(number)
                        : ParsedValue.Broken;
                }

                return new ArgumentValue(
                    a.Argument.IsKnown && b.Argument.IsKnown && Repeats.RepeatAnew(operation) is { } code ? new CodeArgument(code) : new UnknownArgument());
            }

            if (Comparisons.TryGetValue(kind, out var comparison))
            {
                return Compare(kind, comparison, a.Argument, b.Argument);
            }
        }

        // A field is not assigned by linking: what it becomes is computed.
        if (operation is ICompoundAssignmentOperation { Target: IMemberReferenceOperation, Type: { } type } && Arithmetic.TryGetValue(kind, out var computing)
            && !Types.MayCarryTensors(type) && Types.Translate(type) is { } named
            && Writer.CodeOf(left, leftOperand.Type) is { } now && Writer.CodeOf(right, rightOperand.Type) is { } by)
        {
            return Writer.Typed(new Cast(named, new Binary(computing.ToString(), now, by)), type);
        }

        return Types.MayCarryTensors(operation.Type) && operation.Type is not IDynamicTypeSymbol ? Unsupported(operation) : Repeats.Repeated(operation);
    }

    /// <summary>A computed number; null where forward goes on with what is left of one that does not fit its type, which has been reported.</summary>
    public Argument? Fits(Argument number, bool isChecked, IOperation operation)
    {
        if (number is ArithmeticArgument { IsSize: false } && !isChecked && Context.Compilation.Options.CheckOverflow
            && operation is IIncrementOrDecrementOperation
                or IBinaryOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Multiply }
                or ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Multiply })
        {
            var wrapped = new Cast(operation.Type!.ToDisplayString(), number.Plain);
            return new CodeArgument(new Call(new Named("unchecked"), new Expression[] { wrapped }.ToEquatable()));
        }

        var fits = number is not NumberArgument { Value: var value } || operation.Type?.SpecialType switch
        {
            SpecialType.System_Int32 => value is >= int.MinValue and <= int.MaxValue,
            SpecialType.System_Int16 => value is >= short.MinValue and <= short.MaxValue,
            SpecialType.System_SByte => value is >= sbyte.MinValue and <= sbyte.MaxValue,
            SpecialType.System_Byte => value is >= byte.MinValue and <= byte.MaxValue,
            SpecialType.System_UInt16 => value is >= ushort.MinValue and <= ushort.MaxValue,
            SpecialType.System_UInt32 => value is >= uint.MinValue and <= uint.MaxValue,
            _ => true,
        };
        if (fits)
        {
            return number;
        }

        var text = SourceText.Quote(operation.Syntax);
        Unsupported(operation, new Problem($"'{text}', which may not fit its type", "compute it once, in the constructor, or use a long"));
        return null;
    }

    /// <summary>An operator between tensors, or between a tensor and a number.</summary>
    private TensorValue Elementwise(string name, ParsedValue left, ParsedValue right, IOperation operation)
    {
        var tensors = new[] { left, right }.Select(TensorOf).OfType<int>();
        if (TensorOf(left) is not null)
        {
            return Operations.Apply(name, tensors, Operand("other", right), operation);
        }

        // A number over a tensor is so many times one over it.
        if (name == "div")
        {
            var inverse = Operations.Apply("reciprocal", tensors, [], operation);
            return left is ArgumentValue { Argument: NumberArgument { Value: 1 } } or CodeValue { Code: FractionArgument { Value: 1 } }
                ? inverse
                : Operations.Apply("mul", [inverse.Number], Operand("other", left), operation);
        }

        return name == "remainder"
            ? Operations.Apply(name, tensors.Prepend(Writer.NewTensor(new ScalarValue(Writer.NumberCode(left)).Code).Number), [], operation)
            : Operations.Apply(name, tensors, Operand("input", left), operation);
    }

    /// <summary>The sizes that a number is, or is computed from.</summary>
    private IEnumerable<Expression> Sizes(ParsedValue value) => value switch
    {
        ContentValue content => content.Sizes,
        ArgumentValue { Argument: { IsKnown: true } told } when Conditions.ReadsShape(told) => [told],
        CodeValue { Code: var code } when Conditions.ReadsShape(code) => [new Cast("long", code)],
        _ => [],
    };

    public static int? TensorOf(ParsedValue value) => value switch
    {
        TensorValue tensor => tensor.Number,
        ContentValue { Number: >= 0 and var number } => number,
        _ => null,
    };

    /// <summary>A number in the place of one of an operation's tensors.</summary>
    public NamedArgument[] Operand(string name, ParsedValue value) =>
        TensorOf(value) is null ? [new NamedArgument(name, Writer.NumberCode(value) ?? CodeArgument.Untold) { Decides = false }] : [];

    private static bool IsNull(ParsedValue value) => value is ArgumentValue { Argument: NullArgument };

    /// <summary>Whether a value is there for certain: what the source declares as optional may have been given one that cannot be null.</summary>
    public static bool IsCertain(ParsedValue value) => value switch
    {
        ArgumentValue { Argument: NumberArgument or FlagArgument or ListArgument or RankArgument or { IsSize: true } } => true,
        TupleValue or ShapeValue or FunctionValue or CodeValue { Code: TextArgument } => true,
        CodeValue { Type: { IsValueType: true } type } => !NumberTypes.IsOptional(type),
        _ => false,
    };

    public ParsedValue NullTest(ParsedValue value, ITypeSymbol? type, bool isNull) => value switch
    {
        BrokenValue => value,
        ArgumentValue { Argument: NullArgument } => new ArgumentValue(new FlagArgument(isNull)),
        _ when IsCertain(value) || value is ArgumentValue { Argument: ArithmeticArgument } => new ArgumentValue(new FlagArgument(!isNull)),
        TensorValue tensor when !Bindings.IsOptional(tensor.Number) => new ArgumentValue(new FlagArgument(!isNull)),

        // A helper's optional number may have been given one that cannot be null.
        ArgumentValue { Argument: { IsKnown: true } argument } => new ArgumentValue(new CodeArgument(new IsNull(new Cast("object?", argument), !isNull))),
        TupleValue or ItemsValue or ResultsValue or FunctionValue or ModelValue or RecordValue => new ArgumentValue(new FlagArgument(!isNull)),
        _ => Writer.CodeOf(value, type) is { } code ? new ArgumentValue(new CodeArgument(new IsNull(code, !isNull))) : ParsedValue.Other,
    };

    private static ArgumentValue Compare(BinaryOperatorKind kind, string comparison, Argument a, Argument b)
    {
        if (!a.IsKnown || !b.IsKnown)
        {
            return new ArgumentValue(new UnknownArgument());
        }

        if (a is NumberArgument { Value: var x } && b is NumberArgument { Value: var y })
        {
            return new ArgumentValue(new FlagArgument(kind switch
            {
                BinaryOperatorKind.Equals => x == y,
                BinaryOperatorKind.NotEquals => x != y,
                BinaryOperatorKind.LessThan => x < y,
                BinaryOperatorKind.LessThanOrEqual => x <= y,
                BinaryOperatorKind.GreaterThan => x > y,
                _ => x >= y,
            }));
        }

        if (a is FlagArgument { Value: var p } && b is FlagArgument { Value: var q })
        {
            return new ArgumentValue(new FlagArgument(kind == BinaryOperatorKind.Equals == (p == q)));
        }

        return new ArgumentValue(new CodeArgument(new Binary(comparison, a, b)));
    }

    public ParsedValue Unary(IUnaryOperation unary)
    {
        if (unary.OperatorKind is UnaryOperatorKind.Not && unary.OperatorMethod is null && unary.Type?.SpecialType == SpecialType.System_Boolean)
        {
            return Conditions.Condition(unary) is { } condition ? new ArgumentValue(condition as Argument ?? new CodeArgument(condition)) : ParsedValue.Broken;
        }

        if (unary.OperatorKind == UnaryOperatorKind.Hat)
        {
            return Repeats.Repeated(unary);
        }

        var operand = Evaluate(unary.Operand);
        return Calls.CallOperator(unary.OperatorMethod, [operand], unary) ?? operand switch
        {
            TensorValue tensor => unary.OperatorKind switch
            {
                UnaryOperatorKind.Minus => Operations.Apply("neg", [tensor.Number], [], unary),
                UnaryOperatorKind.Plus => tensor,
                UnaryOperatorKind.BitwiseNegation or UnaryOperatorKind.Not => Operations.Apply("bitwise_not", [tensor.Number], [], unary),
                _ => Unsupported(unary),
            },
            ArgumentValue { Argument: var value }
                when unary.OperatorKind == UnaryOperatorKind.Minus && value.IsKnown && !CallReader.IsOwnOperator(unary.OperatorMethod, Torch) =>
                new ArgumentValue(Constants.Combine('-', new NumberArgument(0), value)),
            ArgumentValue { Argument: { IsKnown: false } } unknown => unknown,
            BrokenValue broken => broken,
            OtherValue other => other,
            _ => Repeats.Repeated(unary),
        };
    }
}
