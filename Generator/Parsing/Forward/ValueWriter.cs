using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Writes what has been read as expressions of the generated code.</summary>
internal sealed class ValueWriter(Reading reading) : Reader(reading)
{
    public Expression ItemCode(ResultsValue results, int index, ITypeSymbol type)
    {
        var element = new Element(new ValueName(results.Number), new NumberArgument(index));
        return SizeOf(results, index, type) is { } size ? Number(size.Plain, type)
            : !results.AreObjects ? element
            : Types.Translate(type) is { } plain && (type.SpecialType == SpecialType.System_Object || !Types.MayCarryTensors(type)) ? new Call(
                new Generic(new Named("global::PruneGen.Linker").Member("ValueOf"), new[] { plain }.ToEquatable()),
                new Expression[] { new ValueName(results.Number), new NumberArgument(index) }.ToEquatable())
            : new Cast(Types.Translate(type) ?? "object", new NotNull(element));
    }

    /// <summary>A whole number among the results of a model, which may be the size of a tensor; null for anything else.</summary>
    public static CodeArgument? SizeOf(ResultsValue results, int index, ITypeSymbol type) => results.AreObjects && NumberTypes.IsNumber(type)
        ? new CodeArgument(new Named("global::PruneGen.Linker").Method("SizeOf", new ValueName(results.Number), new NumberArgument(index)), OfSizes: true)
        : null;

    private Expression? ItemsCode(ItemsValue items, ITypeSymbol? type)
    {
        // A generic helper knows its list by a type parameter.
        type = type is null or IArrayTypeSymbol { ElementType: ITypeParameterSymbol } or INamedTypeSymbol { TypeArguments: [ITypeParameterSymbol] }
            ? items.Type
            : type;
        var element = type switch
        {
            IArrayTypeSymbol array => array.ElementType,
            INamedTypeSymbol { TypeArguments: [var only] } => only,
            _ => null,
        };
        if (element is null || Types.Translate(element) is not { } elementName)
        {
            return null;
        }

        var codes = items.Items.Select(item => CodeOf(item, element)).ToList();
        return codes.Contains(null) ? null
            : type is INamedTypeSymbol { Name: "List" } ? new New(
                $"global::System.Collections.Generic.List<{elementName}>", [], codes.OfType<Expression>().ToEquatable())
            : new NewArray(elementName, codes.OfType<Expression>().ToEquatable());
    }

    private static Expression ListCode(ListArgument list, ITypeSymbol? type) => NumberTypes.Underlying(type) is INamedTypeSymbol { IsTupleType: true } tuple
        ? new TupleOf(list.Items.Select((item, i) => item.IsSize ? Number(item.Plain, ElementType(tuple, i)) : item.Plain).ToEquatable())
        : list.HasSizes ? list
        : new NewArray(
            type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int32 } ? "int" : "long",
            list.Items.Select(item => (Expression)item).ToEquatable());

    /// <summary>A number that is read from the content of a tensor as a size; anything else as it is.</summary>
    public ParsedValue AsSize(ParsedValue value) => value is ContentValue content ? new ArgumentValue(content.Size) : value;

    public Argument? ToArgument(ParsedValue value, ITypeSymbol? type) => value switch
    {
        ContentValue content => NumberTypes.IsNumber(type) ? content.Size : null,
        TensorValue tensor => new TensorArgument(tensor.Number),
        ArgumentValue { Argument: { IsKnown: true } and not ListArgument } argument => argument.Argument,

        // What takes anything needs to be told of what type a null is.
        TupleValue tuple => Tuple(tuple.Items.Select((item, i) => TypedNull(item, ElementType(tuple.Type ?? type as INamedTypeSymbol, i)))) is { } code
            ? new CodeArgument(code)
            : null,
        _ => CodeOf(value, type) is { } code ? new CodeArgument(code) : null,
    };

    public IEnumerable<Argument> Elements(Expression code, INamedTypeSymbol tuple)
    {
        var name = code is ValueName ? code : Bindings.NewLocal("results", code, isSize: false);
        return tuple.TupleElements.Select((element, i) => (Argument)new CodeArgument(name.Member($"Item{i + 1}")));
    }

    public static Expression LayerCode(LayerReference reference) =>
        reference.NeedsCast ? new Cast(TypeTranslator.Module, Receiver(reference)) : Receiver(reference);

    public static Expression Receiver(LayerReference reference) =>
        reference.As.Length > 0 ? new Cast(reference.As, reference.Code) : reference.MayBeNull ? new NotNull(reference.Code) : reference.Code;

    /// <summary>A number, or several, that only changes values: as a factor where it is computed from a width; null where it cannot be written.</summary>
    public Argument? NumberCode(ParsedValue? value) => value switch
    {
        ScalarValue scalar => scalar.Number,
        ArgumentValue { Argument: NullArgument or { IsKnown: false } } => null,

        // Whether a functional layer trains is the mode of the model, and no way of its own.
        ArgumentValue { Argument: CodeArgument { Code: MemberOf { Of: Named of, Name: "Training" } } } => new CodeArgument(of.Member("InTraining")),
        ContentValue { Sizes.Count: > 0 } content => FactorIfKnown(content.Size),
        ArgumentValue { Argument: { IsSize: true } and not ListArgument and var content } when Bindings.IsContent(content) => FactorIfKnown(content),
        ArgumentValue { Argument: ListArgument list } =>
            new CodeArgument(new NewArray("long", list.Items.Select(item => item.IsSize ? new Factor(item) : (Expression)item).ToEquatable())),
        ArgumentValue { Argument: var argument } => Factor(argument.Plain) is { } factor ? new CodeArgument(factor) : argument,
        CodeValue { Code: var code, Type: var type } when !Types.MayCarryTensors(type) =>
            Factor(code) is { } factor ? new CodeArgument(factor) : code as Argument ?? new CodeArgument(code),
        _ => null,
    };

    /// <summary>A number that is only computed with and that, as far as the source tells, only the content of a tensor may tell.</summary>
    private static CodeArgument FactorIfKnown(Argument size) => new(new MemberOf(size, "FactorIfKnown"));

    /// <summary>
    /// A number that is only computed with, where it is computed from a width; else null. Elsewhere a width that becomes a
    /// plain number must stay as it is; here it may change, and the values with it.
    /// </summary>
    /// <remarks>What a local holds was computed where it may have been for more than that.</remarks>
    private Expression? Factor(Expression code) => IsOfWidths(code) ? AsFactor(code) : null;

    /// <summary>Whether an expression is computed from widths, by way of locals too.</summary>
    private bool IsOfWidths(Expression code) =>
        code.Any(
            part =>
                part is Known or ShapeOf || part is ValueName { Number: var local } && Bindings.Computed.TryGetValue(local, out var from) && IsOfWidths(from));

    private Expression AsFactor(Expression code) => code.Replace(part => part switch
    {
        Known known => new Factor(known.Size),

        // All sizes of a list as numbers are as many factors.
        Call { Function: MemberOf { Name: "Select" }, Arguments: [var sizes, Lambda { Result: MemberOf { Name: "Known" } number } each] } all =>
            all with { Arguments = new[] { sizes, each with { Result = number with { Name = "Factor" } } }.ToEquatable() },

        // What decides between numbers stays, whatever is computed with them.
        Conditional choice => choice with { Yes = AsFactor(choice.Yes), No = AsFactor(choice.No) },
        Verbatim { Binding: Binding.Switch or Binding.Conditional } or Lambda => part,

        // So does what an element is found by: with another width there may be none.
        Element element => element with { Of = AsFactor(element.Of) },
        Call { Function: MemberOf { Of: not Named { Name: "link" or "global::System.Math" or "global::System.MathF" } } } call
            when call.Arguments.Any(argument => IsOfWidths(argument) && !argument.Any(inner => inner is ShapeOf)) => part,
        ShapeOf shape => shape with { AsFactors = true },
        ValueName { Number: var local } when Bindings.Computed.TryGetValue(local, out var from) && IsOfWidths(from) => AsFactor(from),
        _ => null,
    });

    private New? RecordCode(RecordValue record) => PartsCode(record) is { } parts ? new New(TypeTranslator.Record, parts.ToEquatable(), []) : null;

    public Expression[]? PartsCode(RecordValue record)
    {
        var parts = record.Parts.GroupBy(part => part.Name).Select(part => part.Last())
            .Select(part => (part.Name, Code: ToArgument(part.Value, null)))
            .ToList();
        return parts.Any(part => part.Code is null) ? null : parts.Select(part => (Expression)new TupleOf(new TextArgument(part.Name), part.Code!)).ToArray();
    }

    /// <summary>Whether an expression takes its type from what it is assigned to.</summary>
    public static bool NeedsType(Expression code) => code is Verbatim { NeedsType: true } or NullArgument or Unassigned;

    /// <summary>What an expression of the generated code stands for, by its type in the source.</summary>
    public ParsedValue Typed(Expression code, ITypeSymbol type, bool isSize = false)
    {
        if (Torch.IsTensor(type))
        {
            return code is ValueName { Number: var number } ? new TensorValue(number) : NewTensor(code);
        }

        if (Torch.IsModule(type))
        {
            return new LayerValue(
                LayerNode.Deferred("", type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)),
                new LayerReference(code, !Torch.DerivesFromModule(type), MayBeNull: false));
        }

        return NumberTypes.IsNumber(type) || type.SpecialType == SpecialType.System_Boolean
            ? new ArgumentValue(new CodeArgument(code, isSize))
            : new CodeValue(code, type);
    }

    /// <summary>A tensor that an expression of the generated code gives, out of a list for one.</summary>
    /// <param name="code">The expression.</param>
    /// <param name="operation">What reads it in the source; null where nothing there does.</param>
    /// <param name="unregistered">What the source tells of it, where it is not registered.</param>
    public TensorValue NewTensor(Expression code, IOperation? operation = null, UnregisteredTensor? unregistered = null)
    {
        var tensor = Bindings.NewValue(Target.Length > 0 ? Target : "x");
        var site = operation is null ? 0 : Context.Sites.Add(operation.Syntax);
        Nodes.Add(new Let(tensor.Number, code, "", IsTensor: true, code.HasEffect, Quoted, site) { Unregistered = unregistered });
        return tensor;
    }

    /// <summary>
    /// The parameters of a ParameterList, or those of a ParameterDict with their keys, for what goes through all of them; null for anything else.
    /// </summary>
    public Expression? ParametersOf(LayerValue list, ITypeSymbol? type) => type is { Name: "ParameterList" or "ParameterDict" } && Torch.IsTorch(type)
        ? Expression.Link(type.Name == "ParameterList" ? "Parameters" : "NamedParameters", LayerCode(list.Reference))
        : null;

    /// <summary>A value as C#, fit for a place of the given type; null where it cannot be written.</summary>
    public Expression? CodeOf(ParsedValue value, ITypeSymbol? type, bool asSize = false)
    {
        switch (value)
        {
            case TensorValue tensor:
                return new ValueName(tensor.Number);
            case ScalarValue scalar:
                return scalar.Code;
            case ModelValue:
                return new ModelItself();
            case LayerValue layers when ParametersOf(layers, type) is { } parameters:
                return parameters;
            case LayerValue { Reference: { As.Length: > 0 } named }:
                return Receiver(named);
            case LayerValue { Reference.Code: var code }:
                return code;
            case PassingValue { Creation: var creation }:
                return Created.Creation(creation) is LayerValue { Reference.Code: var made } ? made : null;
            case ShapeValue shape:
                return new ShapeOf(shape.Tensor);
            case CodeValue { Code: { IsPath: true } code, Type: { IsValueType: true } of } when type is not null && Types.IsRecord(of):
                // What stands for a structure is an object: where it goes somewhere, it is copied.
                return code.Method("With");
            case CodeValue { Code: var code }:
                return code;
            case ArgumentValue { Argument: NullArgument nothing }:
                return nothing;
            case ArgumentValue { Argument: ListArgument list }:
                return list.IsKnown ? ListCode(list, type) : null;
            case ContentValue content:
                return asSize ? content.Size : null;
            case ArgumentValue { Argument: { IsSize: true } content } when !asSize && Bindings.IsContent(content):
                // As a number it is told when forward runs, and not before.
                return null;
            case ArgumentValue { Argument: var argument }:
                return !argument.IsKnown ? null : asSize || !argument.IsSize ? Constant(argument, type) : Number(argument.Plain, type);
            case TupleValue tuple:
                return Tuple(tuple.Items.Select((item, i) => TypedNull(item, ElementType(tuple.Type, i)) ?? CodeOf(item, ElementType(tuple.Type, i))));
            case ResultsValue { Type: INamedTypeSymbol { IsTupleType: true } tuple } results:
                return Tuple(tuple.TupleElements.Select((element, i) => ItemCode(results, i, element.Type)));
            case ResultsValue { Type: INamedTypeSymbol { TypeArguments: var elements } pair } results when TypeTranslator.IsTupleObject(pair):
                return new Named("global::System.Tuple").Method("Create", elements.Select((element, i) => ItemCode(results, i, element)).ToArray());
            case ResultsValue results:
                return new ValueName(results.Number);
            case RecordValue record:
                return RecordCode(record);
            case ItemsValue items:
                return ItemsCode(items, type);
            default:
                return null;
        }
    }

    /// <summary>
    /// What a member of an interface, or of something optional, is asked of, as that: what a helper was given may be of another type, which has no such
    /// member by itself, as an array has no <c>Count</c>.
    /// </summary>
    public Expression? AsReceiver(ExpressionSyntax expression, IOperation operation, Expression? code) =>
        code is not null && IsAskedWhetherThere(expression, operation) && Types.Translate(operation.Type!) is { } optional ? new Cast(optional, code)
        : code is not null && !Conditions.ReadsShape(code)
            && operation is IParameterReferenceOperation { Parameter: { Type.TypeKind: TypeKind.Interface } parameter }
            && Scope.VariableOf(parameter) is null
            && !(parameter.Type is INamedTypeSymbol { TypeArguments: var of } && of.Any(argument => argument is ITypeParameterSymbol))
            && expression.Parent is MemberAccessExpressionSyntax access && access.Expression == expression
            && Context.Symbol(access) is { IsStatic: false, ContainingType.TypeKind: TypeKind.Interface }
            && Types.Translate(parameter.Type) is { } name
            ? new Cast(name, code)
            : code;

    /// <summary>Whether what a helper was given for certain is asked what only something optional is asked.</summary>
    private bool IsAskedWhetherThere(ExpressionSyntax expression, IOperation operation) => NumberTypes.IsOptional(operation.Type)
        && operation is IParameterReferenceOperation { Parameter: var parameter } && Scope.ValueOf(parameter) is { } value && OperatorReader.IsCertain(value)
        && expression.Parent is MemberAccessExpressionSyntax or IsPatternExpressionSyntax or SwitchExpressionSyntax or ConditionalAccessExpressionSyntax
            or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression };

    /// <summary>An argument of a helper that takes sizes where it takes numbers: a size stays one; null where it cannot be written.</summary>
    public Expression? SizeCode(ParsedValue value, IOperation argument) => value switch
    {
        ArgumentValue { Argument: { IsSize: true } and not ListArgument and var size } => size,
        ArgumentValue { Argument: { IsKnown: true } and not (ListArgument or NullArgument) and var number } => number,
        ShapeValue => CodeOf(value, argument.Type),
        CodeValue { Code: var code } when SizeLists.AreSizes(value) => code,
        _ => null,
    };

    /// <summary>A value as C# where nothing else tells of what type a null, or a number that may be null, is.</summary>
    public Expression? TypedNull(ParsedValue item, ITypeSymbol? type) => item is not ArgumentValue { Argument: NullArgument nothing }
            ? NumberTypes.IsOptional(type) && item is ArgumentValue { Argument: NumberArgument or FlagArgument } && Types.Translate(type!) is { } optional
                && CodeOf(item, type) is { } given ? new Cast(optional, given) : CodeOf(item, type)
        : type is not null && Types.Translate(type) is { } name ? new Cast(name.EndsWith("?", StringComparison.Ordinal) ? name : name + "?", nothing)
        : null;

    private static TupleOf? Tuple(IEnumerable<Expression?> items) =>
        items.ToList() is var all && all.Contains(null) ? null : new TupleOf(all.OfType<Expression>().ToEquatable());

    private Expression Constant(Argument argument, ITypeSymbol? type) => (argument, type) switch
    {
        (NumberArgument number, { SpecialType: SpecialType.System_Int64 }) => new Literal(Literals.Integer(number.Value) + "L"),
        (NumberArgument, { TypeKind: TypeKind.Enum }) when Types.Translate(type) is { } name => new Cast(name, argument),
        _ => argument,
    };

    private static Expression Number(Expression code, ITypeSymbol? type) =>
        NumberTypes.Underlying(type)?.SpecialType == SpecialType.System_Int32 ? new Cast("int", code) : code;

    private static ITypeSymbol? ElementType(INamedTypeSymbol? tuple, int index) =>
        tuple is { IsTupleType: true } && index < tuple.TupleElements.Length ? tuple.TupleElements[index].Type : null;

    public static ITypeSymbol TypeOf(ISymbol symbol) => symbol switch
    {
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        _ => throw new InvalidOperationException($"{symbol.Kind} has no type."),
    };
}
