using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Expressions: what each stands for, and the instructions that it leaves.</summary>
internal sealed partial class ForwardParser
{
    private const int DeepestExpression = 500;
    private int depth;

    private ParsedValue Evaluate(IOperation operation)
    {
        if (depth == DeepestExpression)
        {
            return Unsupported(operation, RuleIds.UnsupportedExpression, $"more than {DeepestExpression} calls inside each other");
        }

        depth++;
        var value = EvaluateAny(operation);
        depth--;
        return value;
    }

    private ParsedValue EvaluateAny(IOperation operation)
    {
        if (operation.ConstantValue.HasValue)
        {
            return Constants.Of(operation.ConstantValue.Value) is var constant && constant.IsTold ? new ArgumentValue(constant) : ParsedValue.Other;
        }

        switch (operation)
        {
            case IConversionOperation conversion:
                return Conversion(conversion);
            case IParenthesizedOperation inner:
                return Evaluate(inner.Operand);
            case IInstanceReferenceOperation:
                return new ModelValue();
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
            case IIncrementOrDecrementOperation step when Evaluate(step.Target) is ArgumentValue { Argument: var count }:
                return Assign(step.Target, new ArgumentValue(Constants.Combine(step.Kind == OperationKind.Increment ? '+' : '-', count, new NumberArgument(1))), step);
            case IBinaryOperation binary:
                return Binary(binary.OperatorKind, binary.LeftOperand, binary.RightOperand, binary);
            case IUnaryOperation unary:
                return Unary(unary);
            case IArrayElementReferenceOperation element:
                return Element(element);
            case IArrayCreationOperation { Initializer: { } list }:
                return List(list.ElementValues, operation);
            case ITupleOperation tuple:
                return List(tuple.Elements, operation);
            case IDefaultValueOperation:
                return new ArgumentValue(new NullArgument());
            case IDiscardOperation:
                return ParsedValue.Other;
            case ICoalesceOperation { WhenNull: IThrowOperation or IConversionOperation { Operand: IThrowOperation } } guarded:
                return Evaluate(guarded.Value);
            case IInvalidOperation:
                context.IsBroken = true;
                return ParsedValue.Broken;
        }

        // The operation of a collection expression has a type of its own only in later compilers than the one built against.
        if (operation.Syntax is CollectionExpressionSyntax collection && collection.Elements.All(element => element is ExpressionElementSyntax))
        {
            return List(collection.Elements.Select(element => context.Operation(((ExpressionElementSyntax)element).Expression)).OfType<IOperation>(), operation);
        }

        // Whatever neither is a tensor nor changes one may be as it likes: messages, flags, statistics.
        return MayCarryTensors(operation.Type) || operation.DescendantsAndSelf().Any(ChangesSomething) ? Unsupported(operation)
            : IsNumberLike(operation.Type) ? new ArgumentValue(new UnknownArgument())
            : ParsedValue.Other;
    }

    private static bool ChangesSomething(IOperation operation) => operation switch
    {
        IAssignmentOperation or IIncrementOrDecrementOperation or IAnonymousFunctionOperation => true,
        IInvocationOperation call => call.TargetMethod.Name.EndsWith("_", StringComparison.Ordinal),
        IInvalidOperation => true,
        _ => false,
    };

    private ParsedValue Conversion(IConversionOperation conversion)
    {
        var value = Evaluate(conversion.Operand);
        return value switch
        {
            // A number that becomes a tensor or a scalar has no dimensions.
            ArgumentValue when conversion.OperatorMethod is not null && torch.IsTorch(conversion.OperatorMethod) => ParsedValue.Other,
            ArgumentValue when conversion.Type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal => ParsedValue.Other,
            _ => value,
        };
    }

    private ParsedValue Lookup(ISymbol symbol, IOperation operation)
    {
        if (bindings.TryGetValue(symbol, out var value))
        {
            return value;
        }

        // Not assigned yet, which the compiler reports; or a constructor's parameter, which is gone by now.
        return MayCarryTensors(operation.Type) ? Unsupported(operation) : new ArgumentValue(new UnknownArgument());
    }

    private ParsedValue Member(IMemberReferenceOperation reference, ISymbol member)
    {
        var type = reference.Type;
        var owner = reference.Instance is null ? null : Evaluate(reference.Instance);
        if (owner is BrokenValue)
        {
            return owner;
        }

        if (torch.IsModule(type) && owner is ModelValue or LayerValue)
        {
            return IsReachable(member)
                ? Layer(member, type!, owner)
                : Unsupported(reference, RuleIds.UnsupportedExpression, $"'{member.Name}', which is private to {member.ContainingType.Name}");
        }

        if (MayCarryTensors(type))
        {
            return Unsupported(reference);
        }

        return owner is null or ModelValue && IsNumberLike(type) && IsReachable(member)
            ? new ArgumentValue(new MemberArgument(CodeOf(member)))
            : ParsedValue.Other;
    }

    /// <summary>Whether generated code may name a member: a base class may have hidden it.</summary>
    private bool IsReachable(ISymbol member) => context.Compilation.IsSymbolAccessibleWithin(member, context.Type);

    private ParsedValue Layer(ISymbol member, ITypeSymbol type, ParsedValue? owner)
    {
        usesObsolete |= member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "ObsoleteAttribute");
        var parent = owner as LayerValue;
        var name = Identifiers.Escape(member.Name);
        var path = layers.PathOf(member);
        return new LayerValue(
            layers.Describe(member, parent is null ? path : $"{parent.Layer.Path}.{path}"),
            new LayerReference(
                parent is null ? name : $"{Receiver(parent.Reference)}.{name}",
                !torch.DerivesFromModule(type),
                type.NullableAnnotation == NullableAnnotation.Annotated));
    }

    private static string Receiver(LayerReference reference) => reference.MayBeNull ? reference.Code + "!" : reference.Code;

    private ParsedValue Property(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (property.IsIndexer)
        {
            return Indexer(reference);
        }

        if (torch.IsTensor(property.ContainingType) || torch.IsTensor(reference.Instance?.Type))
        {
            return Evaluate(reference.Instance!) switch
            {
                TensorValue tensor when property.Name == "shape" => new ShapeValue(tensor.Number),
                TensorValue when torch.IsTensor(property.Type) => Unsupported(reference, RuleIds.UnsupportedOperation, property.Name),
                TensorValue when IsNumberLike(property.Type) => new ArgumentValue(new UnknownArgument()),
                BrokenValue broken => broken,
                _ => ParsedValue.Other,
            };
        }

        // A property that only names a field is that field.
        return LayerParser.BackingField(property) is null && torch.IsModule(property.Type) && reference.Instance is IInstanceReferenceOperation && Getter(property) is { } getter
            ? Evaluate(getter)
            : Member(reference, property);
    }

    private IOperation? Getter(IPropertySymbol property) => property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(context.Cancellation) switch
    {
        PropertyDeclarationSyntax { ExpressionBody.Expression: var expression } => context.Operation(expression),
        _ => null,
    };

    /// <summary>A child of a sequence by its position.</summary>
    private ParsedValue Indexer(IPropertyReferenceOperation reference)
    {
        if (reference.Instance is not null && torch.IsModule(reference.Instance.Type)
            && reference.Arguments is [{ Value.ConstantValue: { HasValue: true, Value: int index } }])
        {
            var owner = Evaluate(reference.Instance);
            if (owner is LayerValue { Layer: var layer } list)
            {
                var child = index >= 0 && index < layer.Children.Count
                    ? layer.Children[index]
                    : LayerNode.Deferred($"{layer.Path}.{index}", "layer");
                return new LayerValue(child, new LayerReference($"{Receiver(list.Reference)}[{index}]", !torch.DerivesFromModule(reference.Type), false));
            }
        }

        return Unsupported(reference);
    }

    private ParsedValue Element(IArrayElementReferenceOperation element)
    {
        if (element.Indices is not [var index])
        {
            return Unsupported(element);
        }

        switch (Evaluate(element.ArrayReference))
        {
            case ShapeValue shape when index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat } fromEnd && Evaluate(fromEnd.Operand) is ArgumentValue { Argument: NumberArgument number }:
                return new ArgumentValue(new SizeArgument(shape.Tensor, new NumberArgument(-number.Value)));
            case ShapeValue shape when Evaluate(index) is ArgumentValue dim:
                return new ArgumentValue(new SizeArgument(shape.Tensor, dim.Argument));
            case TensorsValue tensors when Evaluate(index) is ArgumentValue { Argument: NumberArgument { Value: var i } } && i >= 0 && i < tensors.Numbers.Length:
                return new TensorValue(tensors.Numbers[(int)i]);
            case BrokenValue broken:
                return broken;
            default:
                return MayCarryTensors(element.Type) ? Unsupported(element) : new ArgumentValue(new UnknownArgument());
        }
    }

    private ParsedValue List(IEnumerable<IOperation> elements, IOperation operation)
    {
        var items = elements.Select(Evaluate).ToList();
        if (items.Any(item => item is BrokenValue))
        {
            return ParsedValue.Broken;
        }

        if (items.Count > 0 && items.All(item => item is TensorValue))
        {
            return new TensorsValue(items.Select(item => ((TensorValue)item).Number).ToImmutableArray());
        }

        return items.All(item => item is ArgumentValue)
            ? new ArgumentValue(new ListArgument(items.Select(item => ((ArgumentValue)item).Argument).ToEquatable()))
            : items.Any(item => item is TensorValue or LayerValue) ? Unsupported(operation) : ParsedValue.Other;
    }

    private ParsedValue Assign(IOperation to, ParsedValue value, IOperation operation)
    {
        switch (to)
        {
            case ILocalReferenceOperation local:
                bindings[local.Local] = value;
                return value;
            case IParameterReferenceOperation parameter:
                bindings[parameter.Parameter] = value;
                return value;
            case IDiscardOperation:
                return value;
            case IMemberReferenceOperation when value is OtherValue or ArgumentValue && !MayCarryTensors(to.Type):
                return value;
            default:
                return value is BrokenValue ? value : Unsupported(to);
        }
    }

    private ParsedValue Binary(BinaryOperatorKind kind, IOperation leftOperand, IOperation rightOperand, IOperation operation)
    {
        var (left, right) = (Evaluate(leftOperand), Evaluate(rightOperand));
        if (left is BrokenValue || right is BrokenValue)
        {
            return ParsedValue.Broken;
        }

        if (left is TensorValue || right is TensorValue)
        {
            return Operators.TryGetValue(kind, out var name)
                ? Apply(name, new[] { left, right }.OfType<TensorValue>().Select(tensor => tensor.Number), [], operation)
                : Unsupported(operation);
        }

        if (left is ArgumentValue a && right is ArgumentValue b && IsNumberLike(operation.Type))
        {
            return new ArgumentValue(Arithmetic.TryGetValue(kind, out var sign) && a.Argument.IsTold && b.Argument.IsTold
                ? Constants.Combine(sign, a.Argument, b.Argument)
                : new UnknownArgument());
        }

        return MayCarryTensors(operation.Type) ? Unsupported(operation) : ParsedValue.Other;
    }

    private ParsedValue Unary(IUnaryOperation unary) => Evaluate(unary.Operand) switch
    {
        TensorValue tensor => unary.OperatorKind switch
        {
            UnaryOperatorKind.Minus => Apply("neg", [tensor.Number], [], unary),
            UnaryOperatorKind.Plus => tensor,
            UnaryOperatorKind.BitwiseNegation or UnaryOperatorKind.Not => Apply("logical_not", [tensor.Number], [], unary),
            _ => Unsupported(unary),
        },
        ArgumentValue { Argument: var value } when unary.OperatorKind == UnaryOperatorKind.Minus && value.IsTold => new ArgumentValue(Constants.Combine('-', new NumberArgument(0), value)),
        ArgumentValue => new ArgumentValue(new UnknownArgument()),
        var other => other,
    };

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

    private static readonly Dictionary<BinaryOperatorKind, char> Arithmetic = new()
    {
        [BinaryOperatorKind.Add] = '+',
        [BinaryOperatorKind.Subtract] = '-',
        [BinaryOperatorKind.Multiply] = '*',
        [BinaryOperatorKind.Divide] = '/',
    };

    /// <summary>How generated code writes a member of the model, or a static member of any class.</summary>
    private string CodeOf(ISymbol member) => member.IsStatic
        ? $"{member.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}.{Identifiers.Escape(member.Name)}"
        : Identifiers.Escape(member.Name);

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
        IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int64 } => true,
        _ => type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Boolean or SpecialType.System_Int16 or SpecialType.System_Byte,
    };

    private ParsedValue Unsupported(IOperation operation) => Unsupported(operation, RuleIds.UnsupportedExpression, Words.Of(operation));

    private ParsedValue Unsupported(IOperation operation, string rule, string what)
    {
        context.Report(rule, operation.Syntax, what, context.Type.Name);
        return ParsedValue.Broken;
    }
}
