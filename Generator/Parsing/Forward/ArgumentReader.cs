using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>The arguments of TorchSharp's operations.</summary>
internal sealed class ArgumentReader(Reading reading) : Reader(reading)
{
    /// <summary>Operations that make a tensor of the source's own numbers.</summary>
    public static readonly HashSet<string> FromValues = ["tensor", "as_tensor", "from_array", "scalar_tensor", "new_tensor", "frombuffer"];

    public static long? RankOf(ITypeSymbol? values) => values switch
    {
        IArrayTypeSymbol { ElementType: not IArrayTypeSymbol } array => array.Rank,
        { IsValueType: true, IsRefLikeType: false } => 0,
        INamedTypeSymbol { Name: "List" or "IList" or "Memory" } => 1,
        _ => null,
    };

    /// <summary>From where and how far <c>arange</c> counts, which decides how much there is where all of it is told in whole numbers.</summary>
    public IEnumerable<NamedArgument> Counts(IInvocationOperation call)
    {
        var (counts, others) = (new List<NamedArgument>(), new List<NamedArgument?>());
        foreach (var argument in call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue))
        {
            if (argument.Parameter!.Type.Name != "Scalar")
            {
                others.Add(Number(argument));
            }
            else if (NumberTypes.IsNumber(AsWritten(argument.Value).Type) && Conditions.Attempt(AsWritten(argument.Value)) is { } value
                && ToSizes(value) is { } size)
            {
                counts.Add(new NamedArgument(argument.Parameter.Name, size, AddSites(argument)));
            }
            else
            {
                return call.Arguments.Select(Number).OfType<NamedArgument>();
            }
        }

        return counts.Concat(others.OfType<NamedArgument>());
    }

    /// <summary>An argument that decides about no dimension; null where it is left out, or is a device.</summary>
    public NamedArgument? Number(IArgumentOperation argument)
    {
        if (argument.ArgumentKind == ArgumentKind.DefaultValue)
        {
            return null;
        }

        if (argument.Parameter!.Type.Name is "Device" or "DeviceType" or "Generator")
        {
            Repeats.Follow(argument.Value);
            return null;
        }

        return new NamedArgument(argument.Parameter.Name, Known(argument.Value, Conditions.Attempt(argument.Value))) { Decides = false };
    }

    /// <summary>A value that only changes values, as it can be written; the element type of a tensor is told by the tensor.</summary>
    public Argument Known(IOperation operation, ParsedValue? value) =>
        value is ArgumentValue { Argument: NullArgument nothing } ? nothing
        : AsWritten(
            operation) is IPropertyReferenceOperation { Property.Name: "dtype", Instance: ILocalReferenceOperation or IParameterReferenceOperation } type
            && Conditions.Attempt(type.Instance) is TensorValue tensor ? new CodeArgument(tensor.Name)
        : EnumerationOf(operation) ?? Writer.NumberCode(value) ?? CodeArgument.Untold;

    private static IOperation AsWritten(IOperation operation) => operation is IConversionOperation { Operand: var operand } ? AsWritten(operand) : operation;

    /// <summary>Takes the tensors that an argument brings; false where it brings none.</summary>
    public bool Take(ParsedValue value, List<int> tensors, ref Expression? several)
    {
        switch (value)
        {
            case TensorValue tensor:
                tensors.Add(tensor.Number);
                return true;
            case ScalarValue scalar:
                tensors.Add(Writer.NewTensor(scalar.Code).Number);
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
            case CodeValue { Type: var type, Code: var code } when Types.CarriesTensors(type):
                several = type is IArrayTypeSymbol ? code
                    : type.Name is "List" or "Span" or "ReadOnlySpan" ? code.Method("ToArray")
                    : new Named("global::System.Linq.Enumerable").Method("ToArray", code);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds one argument of an operation; false where it cannot be told, which has been reported.</summary>
    public bool Argument(string operation, IArgumentOperation argument, List<int> tensors, List<NamedArgument> arguments, ref Expression? several)
    {
        var value = Evaluate(argument.Value);
        if (value is BrokenValue)
        {
            return false;
        }

        if (OpTable.TakesFraction(operation, argument.Parameter!.Name) && !Torch.IsTensor(argument.Parameter.Type))
        {
            var fraction = FractionOf(argument.Value)
                ?? (OpTable.TakesArguments(operation) ? (value as CodeValue)?.Code : Writer.NumberCode(value)) ?? CodeArgument.Untold;
            arguments.Add(new NamedArgument(argument.Parameter.Name, fraction as Argument ?? new CodeArgument(fraction), AddSites(argument)));
            return true;
        }

        var decides = OpTable.TakesArguments(operation) && !IsIrrelevant(argument.Parameter!.Type);
        if (Torch.IsTensor(argument.Parameter!.Type) && value is ArgumentValue { Argument: NullArgument })
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
            if (value is ContentValue { Number: >= 0 and var content } && !OpTable.TakesArguments(operation))
            {
                tensors.Add(content);
            }
            else if (argument.Parameter.Type.Name is not ("Device" or "DeviceType" or "Generator"))
            {
                arguments.Add(new NamedArgument(name, Known(argument.Value, value)) { Decides = false });
            }

            return true;
        }

        if (ReductionOf(argument.Value) is { } reduction)
        {
            arguments.Add(new NamedArgument(name, reduction, AddSites(argument)));
            return true;
        }

        // Which dimension is meant must be known; how many there are of it need not.
        var isUntold = value is ContentValue && (tensors.Count > 0 || several is not null) && IsDimension(name);
        if (isUntold || ToSizes(value) is not { } told)
        {
            if (argument.Parameter.Type is { TypeKind: TypeKind.Enum, Name: not "Reduction" })
            {
                // How edges are filled and values are scaled changes no dimension.
                arguments.Add(new NamedArgument(name, CodeArgument.Untold) { Decides = false });
                return true;
            }

            if (value is ArgumentValue { Argument: UnknownArgument { Problem: { What: not null } problem } })
            {
                Unsupported(argument.Value, problem);
                return false;
            }

            if (argument.Value.DescendantsAndSelf()
                .OfType<IMemberReferenceOperation>()
                .FirstOrDefault(member => !Members.IsReachable(member.Member)) is { } hidden)
            {
                Unsupported(hidden, MemberReader.Private(hidden.Member));
                return false;
            }

            Context.Report(RuleIds.NotConstant, argument.Value.Syntax, name, operation);
            return false;
        }

        arguments.Add(new NamedArgument(name, told, AddSites(argument)));
        return true;
    }

    /// <summary>A constant of an enumeration, by its name; null where it is none.</summary>
    private static CodeArgument? EnumerationOf(IOperation value) =>
        AsWritten(value) is { ConstantValue: { HasValue: true, Value: { } constant }, Type: { TypeKind: TypeKind.Enum } type }
            ? new CodeArgument(new Literal(Emission.Literals.Value(constant, type)))
            : null;

    /// <summary>Whether a loss is one number of everything or one of each, by its name; null where it is nothing of the kind.</summary>
    private static TextArgument? ReductionOf(IOperation value) =>
        AsWritten(value) is { ConstantValue: { HasValue: true, Value: { } constant }, Type: { TypeKind: TypeKind.Enum, Name: "Reduction" } type }
        && type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => constant.Equals(field.ConstantValue)) is { } named
            ? new TextArgument(named.Name)
            : null;

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
        ArgumentValue { Argument: { IsKnown: true } told } => told,
        ContentValue content => content.Size,
        ShapeValue shape => new CodeArgument(new ShapeOf(shape.Tensor)),
        CodeValue { Code: var code, Type: var type }
            when NumberTypes.IsNumberLike(type) || type is INamedTypeSymbol { IsTupleType: true } || type.SpecialType == SpecialType.System_String =>
                code as Argument ?? new CodeArgument(code),
        CodeValue { Code: var code, Type: IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int32 } } => new CodeArgument(code),
        _ => null,
    };

    /// <summary>One place for the argument, and one for each element of a list.</summary>
    private EquatableArray<int> AddSites(IArgumentOperation argument)
    {
        var elements = argument.Value is IArrayCreationOperation { Initializer: { } list } ? list.ElementValues.ToList() : [];
        return elements.Prepend(argument.ArgumentKind == ArgumentKind.ParamArray ? elements.FirstOrDefault() ?? argument : argument.Value)
            .Select(operation => Context.Sites.Add(operation.Syntax))
            .ToEquatable();
    }

    private static bool IsDimension(string parameter) =>
        parameter is "dim" or "dims" or "dim0" or "dim1" or "dimension" or "dimensions" or "start_dim" or "end_dim" or "axis";

    /// <summary>Element types, devices, probabilities and scalars decide nothing about dimensions.</summary>
    private static bool IsIrrelevant(ITypeSymbol type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsIrrelevant(nullable.TypeArguments[0]),
        IArrayTypeSymbol { ElementType: var element } => IsIrrelevant(element),
        INamedTypeSymbol { Name: "ReadOnlySpan", TypeArguments: [var element] } => IsIrrelevant(element),
        _ =>
            type.SpecialType is SpecialType.System_Double or SpecialType.System_Single
                || type.Name is "ScalarType" or "Device" or "DeviceType" or "Scalar" or "Generator",
    };
}
