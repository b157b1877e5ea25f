using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Expressions: what each stands for, and the steps that it leaves.</summary>
internal sealed partial class ForwardParser
{
    private const int DeepestExpression = 500;
    private int depth;

    /// <summary>What is being evaluated, and how everything was before.</summary>
    private (IOperation? Operation, Checkpoint Start) evaluating;

    private ParsedValue Evaluate(IOperation operation)
    {
        if (depth == DeepestExpression)
        {
            return Unsupported(operation, RuleIds.UnsupportedExpression, $"more than {DeepestExpression} calls inside each other");
        }

        depth++;
        var outer = evaluating;
        evaluating = (operation, Mark());
        var value = EvaluateAny(operation);
        evaluating = outer;
        depth--;
        return value;
    }

    private ParsedValue EvaluateAny(IOperation operation)
    {
        if (operation.ConstantValue.HasValue)
        {
            return Constant(operation);
        }

        switch (operation)
        {
            case IRangeOperation range:
                return RangeOf(range);
            case IInvocationOperation or IMemberReferenceOperation when IsIndex(operation.Type) && IsIndex((operation as IInvocationOperation)?.TargetMethod.ContainingType ?? (operation as IMemberReferenceOperation)?.Member.ContainingType):
                return Slice(operation) is { } slice ? new IndexValue(slice) : context.HasErrors || context.IsBroken ? ParsedValue.Broken : Unsupported(operation);
            case IConversionOperation conversion:
                return Conversion(conversion);
            case IParenthesizedOperation inner:
                return Evaluate(inner.Operand);
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                return frames.Peek().This ?? Unsupported(operation);
            case IConditionalAccessInstanceOperation when conditionalInstances.Count > 0:
                return conditionalInstances.Peek().Value;
            case ILocalReferenceOperation local:
                return Lookup(local.Local, local);
            case IParameterReferenceOperation parameter:
                return Lookup(parameter.Parameter, parameter);
            case IFieldReferenceOperation field:
                return Member(field, field.Field);
            case IPropertyReferenceOperation property:
                return Property(property);
            case IInvocationOperation call:
                return Call(call);
            case ISimpleAssignmentOperation assignment:
                return Assign(assignment.Target, Evaluate(assignment.Value), assignment);
            case ICompoundAssignmentOperation compound:
                return Assign(compound.Target, Binary(compound.OperatorKind, compound.Target, compound.Value, compound), compound);
            case ICoalesceAssignmentOperation coalesce:
                return CoalesceAssignment(coalesce);
            case IDeconstructionAssignmentOperation deconstruction:
                return Deconstruct(deconstruction);
            case IIncrementOrDecrementOperation step when step.Target is ILocalReferenceOperation or IParameterReferenceOperation or IMemberReferenceOperation { Instance: IInstanceReferenceOperation }:
                return Step(step);
            case IBinaryOperation binary:
                return Binary(binary.OperatorKind, binary.LeftOperand, binary.RightOperand, binary);
            case IUnaryOperation unary:
                return Unary(unary);
            case IConditionalOperation choice:
                return Ternary(choice);
            case ICoalesceOperation coalesce:
                return Coalesce(coalesce);
            case IConditionalAccessOperation access:
                return ConditionalAccess(access);
            case ISwitchExpressionOperation choice:
                return SwitchExpression(choice);
            case IArrayElementReferenceOperation element:
                return Element(element);
            case IArrayCreationOperation { Initializer: { } list }:
                return List(list.ElementValues, operation);
            case IObjectCreationOperation creation:
                return Creation(creation);
            case IIsPatternOperation { Pattern: IDeclarationPatternOperation or ITypePatternOperation } test when IsOfType(test) is { } known:
                return known;
            case IIsPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } test:
                return NullTest(Evaluate(test.Value), test.Value.Type, isNull: true);
            case IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } } test:
                return NullTest(Evaluate(test.Value), test.Value.Type, isNull: false);
            case ITupleOperation tuple:
                return Tuple(tuple);
            case IAnonymousFunctionOperation lambda:
                return new FunctionValue(lambda.Symbol, frames.Peek().This);
            case IDelegateCreationOperation creation:
                return Evaluate(creation.Target);
            case IMethodReferenceOperation method:
                return MethodValue(method, method.Instance is null ? null : Evaluate(method.Instance));
            case IDefaultValueOperation:
                return operation.Type is { IsValueType: true, OriginalDefinition.SpecialType: not SpecialType.System_Nullable_T } type && !torch.IsTensor(type) ? Repeated(operation) : new ArgumentValue(new NullArgument());
            case IDiscardOperation or ITypeOfOperation or INameOfOperation:
                return operation is IDiscardOperation ? ParsedValue.Other : Repeated(operation);
            case IWithOperation with:
                return With(with);
            case IThrowOperation:
                Throw();
                return new ArgumentValue(new NullArgument());
            case IInvalidOperation:
                context.IsBroken = true;
                return ParsedValue.Broken;
        }

        // The operation of a collection expression has a type of its own only in later compilers than the one built against.
        if (operation.Syntax is CollectionExpressionSyntax collection)
        {
            return Collection(collection, operation);
        }

        return Repeated(operation);
    }

    /// <summary>Whether a tensor is of a type: what a helper that takes anything asks. Null where that is not what is asked.</summary>
    private ParsedValue? IsOfType(IIsPatternOperation test)
    {
        var (type, declared) = test.Pattern switch
        {
            IDeclarationPatternOperation pattern => (pattern.MatchedType, pattern.DeclaredSymbol),
            ITypePatternOperation pattern => (pattern.MatchedType, null),
            _ => (null, null),
        };
        var value = type is null ? null : Attempt(test.Value);
        if (value is ArgumentValue { Argument: NullArgument })
        {
            return new ArgumentValue(new FlagArgument(false));
        }

        if (type is null || value is not TensorValue tensor)
        {
            return null;
        }

        if (!torch.IsTensor(type) && type.SpecialType != SpecialType.System_Object)
        {
            return new ArgumentValue(new FlagArgument(false));
        }

        return declared is null || Begin(declared, tensor) ? NullTest(tensor, type, isNull: false) : ParsedValue.Broken;
    }

    private static ParsedValue Constant(IOperation operation)
    {
        var constant = Constants.Of(operation.ConstantValue.Value);
        return constant.IsTold ? new ArgumentValue(constant)
            : operation.Type is { } type ? new CodeValue(ConstantCode(operation.ConstantValue.Value, type), type)
            : ParsedValue.Other;
    }

    private static Expression ConstantCode(object? constant, ITypeSymbol type) => constant switch
    {
        string text => new TextArgument(text),
        double fraction when type.SpecialType == SpecialType.System_Double && !double.IsNaN(fraction) && !double.IsInfinity(fraction) => new FractionArgument(fraction),
        _ => new Literal(Emission.Literals.Value(constant, type)),
    };

    private ParsedValue Conversion(IConversionOperation conversion)
    {
        var value = Evaluate(conversion.Operand);
        switch (value)
        {
            // A number that becomes a tensor or a scalar has no dimensions.
            case ArgumentValue or CodeValue when conversion.OperatorMethod is not null && torch.IsTorch(conversion.OperatorMethod):
                return conversion.Operand.Type is { } from && types.CarriesTensors(from) ? value
                    : torch.IsTensor(conversion.Type) && conversion.Operand.Type is IArrayTypeSymbol numbers ? Apply("tensor", [], [new NamedArgument("rank", new NumberArgument(numbers.Rank))], conversion)
                    : torch.IsTensor(conversion.Type) && value is not ArgumentValue { Argument: NullArgument } ? new ScalarValue(NumberCode(value), IsZero(conversion.Operand))
                    : torch.IsTensor(conversion.Type) ? value
                    : value;

            case ArgumentValue { Argument: { IsTold: true } argument } when IsFraction(conversion.Type) && argument is not NullArgument:
                return new CodeValue(new Cast(conversion.Type!.ToDisplayString(), argument.Plain), conversion.Type);

            case ArgumentValue when IsFraction(conversion.Type):
                return ParsedValue.Other;

            // What is no size keeps its casts: an index must be an int.
            case ArgumentValue { Argument: { IsTold: true, IsSize: false } number } when conversion is { IsImplicit: false, OperatorMethod: null } && IsNumber(conversion.Type) && number is not (NumberArgument or NullArgument or ListArgument) && !SymbolEqualityComparer.Default.Equals(conversion.Type, conversion.Operand.Type):
                return new ArgumentValue(new CodeArgument(new Cast(conversion.Type!.ToDisplayString(), number)));

            // A fraction that becomes a number is computed by the generated code.
            case CodeValue { Code: var code } when IsNumber(conversion.Type) && conversion.OperatorMethod is null:
                return new ArgumentValue(new CodeArgument(new Cast(conversion.Type!.ToDisplayString(), code)));

            case CodeValue { Code: var code, Made: null } held when conversion is { IsImplicit: false, OperatorMethod: null, Type: { } to } && !SymbolEqualityComparer.Default.Equals(held.Type, to):
                return types.Translate(to) is { } type ? Typed(new Cast(type, code), to) : Repeated(conversion);

            // A layer as what it is known to be.
            case LayerValue { Reference: var reference } layer when conversion is { IsImplicit: false, Type: { } to } && torch.IsModule(to):
                var cast = SymbolEqualityComparer.Default.Equals(to, conversion.Operand.Type) ? reference.As : types.Translate(to) ?? "";
                if (conversion.IsTryCast && cast.Length > 0)
                {
                    reference = reference with { Code = new Cast(cast, reference.Code, OrNull: true), MayBeNull = true };
                    cast = "";
                }

                return layer with { Reference = reference with { As = cast, NeedsCast = reference.NeedsCast || (layer.Layer.Kind == LayerKind.Deferred && !torch.DerivesFromModule(to) && !torch.DerivesFromModule(conversion.Operand.Type)) } };

            case OtherValue when IsNumber(conversion.Type):
                return new ArgumentValue(new UnknownArgument());

            default:
                return value;
        }
    }

    private static bool IsZero(IOperation operation) => operation.ConstantValue is { HasValue: true, Value: IConvertible and not (string or bool or char) and var number } && Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) == 0;

    private static bool IsFraction(ITypeSymbol? type) => type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal;

    private ParsedValue Lookup(ISymbol symbol, IOperation operation)
    {
        if (scope.ValueOf(symbol) is { } value)
        {
            return value;
        }

        if (symbol is ILocalSymbol { IsConst: true } or ILocalSymbol { HasConstantValue: true })
        {
            return Constant(operation);
        }

        // Not assigned yet, which the compiler reports; or a constructor's parameter, which is gone by now.
        return MayCarryTensors(operation.Type) ? Unsupported(operation) : new ArgumentValue(new UnknownArgument());
    }

    private ParsedValue Assign(IOperation to, ParsedValue value, IOperation operation)
    {
        if (value is BrokenValue)
        {
            return value;
        }

        switch (to)
        {
            case ILocalReferenceOperation local:
                return Bind(local.Local, value) ? Lookup(local.Local, local) : ParsedValue.Broken;
            case IParameterReferenceOperation parameter:
                return Bind(parameter.Parameter, value) ? Lookup(parameter.Parameter, parameter) : ParsedValue.Broken;
            case IDiscardOperation:
                return value;
            case IDeclarationExpressionOperation { Expression: var declared }:
                return Assign(declared, value, operation);
            case ITupleOperation tuple:
                return Scatter(tuple, value, operation);
            case IArrayElementReferenceOperation or IPropertyReferenceOperation { Property.IsIndexer: true }:
                return Replace(to, value, operation);
            case IMemberReferenceOperation { Instance: { } record } part when types.IsRecord(record.Type):
                return SetPart(part, value);
            case IMemberReferenceOperation { Instance: IInstanceReferenceOperation } own when torch.IsTensor(to.Type) || (!MayCarryTensors(to.Type) && frames.Peek().This is ModelValue):
                // Until forward is left, it is what forward left there.
                return Bind(own.Member.OriginalDefinition, value) ? value : ParsedValue.Broken;
            case IMemberReferenceOperation when !MayCarryTensors(to.Type):
                return value;
            default:
                return Unsupported(to);
        }
    }

    /// <summary>Counts a local up or down.</summary>
    private ParsedValue Step(IIncrementOrDecrementOperation step)
    {
        var now = Evaluate(step.Target);
        if (now is not ArgumentValue { Argument: { IsTold: true } count })
        {
            return now;
        }

        var next = Assign(step.Target, new ArgumentValue(Constants.Combine(step.Kind == OperationKind.Increment ? '+' : '-', count, new NumberArgument(1))), step);
        return step.IsPostfix && !Changes(count) ? now : next;
    }

    private ParsedValue Binary(BinaryOperatorKind kind, IOperation leftOperand, IOperation rightOperand, IOperation operation)
    {
        if (operation is IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, OperatorMethod: null })
        {
            return Condition(operation) is { } condition ? new ArgumentValue(condition as Argument ?? new CodeArgument(condition)) : ParsedValue.Broken;
        }

        var (left, right) = (Evaluate(leftOperand), Evaluate(rightOperand));
        if (left is BrokenValue || right is BrokenValue)
        {
            return ParsedValue.Broken;
        }

        // Whether an optional tensor or layer is there.
        if (kind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals && (IsNull(left) || IsNull(right)))
        {
            return NullTest(IsNull(left) ? right : left, IsNull(left) ? rightOperand.Type : leftOperand.Type, kind == BinaryOperatorKind.Equals);
        }

        if (left is TensorValue || right is TensorValue)
        {
            // A tensor that is not followed must not be taken for a number.
            if ((left is OtherValue && torch.IsTensor(leftOperand.Type)) || (right is OtherValue && torch.IsTensor(rightOperand.Type)))
            {
                return Unsupported(left is OtherValue ? leftOperand : rightOperand);
            }

            return Operators.TryGetValue(kind, out var name) ? Elementwise(name, left, right, operation) : Unsupported(operation);
        }

        // Numbers read from tensors are computed with like the tensors that they come from.
        if ((left is ContentValue || right is ContentValue) && Arithmetic.ContainsKey(kind) && operation.Type?.SpecialType is not (null or SpecialType.System_Boolean or SpecialType.System_String))
        {
            return new ContentValue(Elementwise(Operators[kind], left, right, operation).Number);
        }

        if (left is ArgumentValue a && right is ArgumentValue b)
        {
            if (IsNumberLike(operation.Type) && operation.Type?.SpecialType != SpecialType.System_Boolean)
            {
                return new ArgumentValue(Arithmetic.TryGetValue(kind, out var sign) && a.Argument.IsTold && b.Argument.IsTold
                    ? Constants.Combine(sign, a.Argument, b.Argument)
                    : a.Argument.IsTold && b.Argument.IsTold && RepeatAnew(operation) is { } code ? new CodeArgument(code) : new UnknownArgument());
            }

            if (Comparisons.TryGetValue(kind, out var comparison))
            {
                return Compare(kind, comparison, a.Argument, b.Argument);
            }
        }

        return MayCarryTensors(operation.Type) ? Unsupported(operation) : Repeated(operation);
    }

    /// <summary>An operator between tensors, or between a tensor and a number.</summary>
    private TensorValue Elementwise(string name, ParsedValue left, ParsedValue right, IOperation operation)
    {
        var tensors = new[] { left, right }.Select(TensorOf).OfType<int>();
        if (TensorOf(left) is not null)
        {
            return Apply(name, tensors, Operand("other", right), operation);
        }

        // A number over a tensor is so many times one over it.
        if (name == "div")
        {
            var inverse = Apply("reciprocal", tensors, [], operation);
            return left is ArgumentValue { Argument: NumberArgument { Value: 1 } } or CodeValue { Code: FractionArgument { Value: 1 } } ? inverse : Apply("mul", [inverse.Number], Operand("other", left), operation);
        }

        return name == "remainder" ? Apply(name, tensors.Prepend(NewTensor(new ScalarValue(NumberCode(left)).Code).Number), [], operation) : Apply(name, tensors, Operand("input", left), operation);
    }

    private static int? TensorOf(ParsedValue value) => value switch
    {
        TensorValue tensor => tensor.Number,
        ContentValue content => content.Number,
        _ => null,
    };

    /// <summary>A number in the place of one of an operation's tensors; nothing where it cannot be written.</summary>
    private NamedArgument[] Operand(string name, ParsedValue value) =>
        TensorOf(value) is null && NumberCode(value) is { } number ? [new NamedArgument(name, number) { Decides = false }] : [];

    private static bool IsNull(ParsedValue value) => value is ArgumentValue { Argument: NullArgument };

    private ParsedValue NullTest(ParsedValue value, ITypeSymbol? type, bool isNull) => value switch
    {
        BrokenValue => value,
        ArgumentValue { Argument: NullArgument } => new ArgumentValue(new FlagArgument(isNull)),
        ArgumentValue { Argument: NumberArgument or FlagArgument or SizeArgument or RankArgument or ArithmeticArgument } => new ArgumentValue(new FlagArgument(!isNull)),
        TensorValue tensor when !IsOptional(tensor.Number) => new ArgumentValue(new FlagArgument(!isNull)),

        // A helper's optional number may have been given one that cannot be null.
        ArgumentValue { Argument: { IsTold: true } argument } => new ArgumentValue(new CodeArgument(new IsNull(new Cast("object?", argument), !isNull))),
        TupleValue or ItemsValue or ResultsValue or FunctionValue or ModelValue or RecordValue => new ArgumentValue(new FlagArgument(!isNull)),
        _ => CodeOf(value, type) is { } code ? new ArgumentValue(new CodeArgument(new IsNull(code, !isNull))) : ParsedValue.Other,
    };

    private static ArgumentValue Compare(BinaryOperatorKind kind, string comparison, Argument a, Argument b)
    {
        if (!a.IsTold || !b.IsTold)
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

    private ParsedValue Unary(IUnaryOperation unary)
    {
        if (unary.OperatorKind is UnaryOperatorKind.Not && unary.OperatorMethod is null && unary.Type?.SpecialType == SpecialType.System_Boolean)
        {
            return Condition(unary) is { } condition ? new ArgumentValue(condition as Argument ?? new CodeArgument(condition)) : ParsedValue.Broken;
        }

        if (unary.OperatorKind == UnaryOperatorKind.Hat)
        {
            return Repeated(unary);
        }

        return Evaluate(unary.Operand) switch
        {
            TensorValue tensor => unary.OperatorKind switch
            {
                UnaryOperatorKind.Minus => Apply("neg", [tensor.Number], [], unary),
                UnaryOperatorKind.Plus => tensor,
                UnaryOperatorKind.BitwiseNegation or UnaryOperatorKind.Not => Apply("logical_not", [tensor.Number], [], unary),
                _ => Unsupported(unary),
            },
            ArgumentValue { Argument: var value } when unary.OperatorKind == UnaryOperatorKind.Minus && value.IsTold => new ArgumentValue(Constants.Combine('-', new NumberArgument(0), value)),
            ArgumentValue { Argument: { IsTold: false } } unknown => unknown,
            BrokenValue broken => broken,
            OtherValue other => other,
            _ => Repeated(unary),
        };
    }

    private static readonly Dictionary<BinaryOperatorKind, string> Operators = new()
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
        [BinaryOperatorKind.And] = "logical_and",
        [BinaryOperatorKind.Or] = "logical_or",
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

    private bool MayCarryTensors(ITypeSymbol? type) => type switch
    {
        null => false,
        IArrayTypeSymbol array => MayCarryTensors(array.ElementType),
        INamedTypeSymbol { IsGenericType: true } generic => generic.TypeArguments.Any(MayCarryTensors) || torch.IsModule(type),
        ITypeParameterSymbol or { SpecialType: SpecialType.System_Object } => true,
        _ => torch.IsTensor(type) || torch.IsModule(type),
    };

    private static bool IsNumberLike(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsNumberLike(nullable.TypeArguments[0]),
        IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int64 or SpecialType.System_Int32 } => true,
        INamedTypeSymbol { Name: "ReadOnlySpan" or "Span", TypeArguments: [{ SpecialType: SpecialType.System_Int64 }] } => true,
        _ => type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Boolean or SpecialType.System_Int16 or SpecialType.System_Byte,
    };
}
