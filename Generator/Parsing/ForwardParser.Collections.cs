using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Arrays, lists and tuples: told element by element where they are written so, else repeated by the generated code.</summary>
internal sealed partial class ForwardParser
{
    /// <summary>An array or a list with its elements.</summary>
    private ParsedValue List(IEnumerable<IOperation> elements, IOperation operation, ITypeSymbol? type = null)
    {
        type ??= operation.Type;
        var items = elements.Select(element => Evaluate(element)).ToImmutableArray();
        if (items.Any(item => item is BrokenValue))
        {
            return ParsedValue.Broken;
        }

        if (IsNumberLike(type) && items.All(item => item is ArgumentValue { Argument.IsTold: true }))
        {
            return new ArgumentValue(new ListArgument(items.Select(item => ((ArgumentValue)item).Argument).ToEquatable()));
        }

        return types.CarriesTensors(type) || items.Any(item => item is LayerValue or TensorValue or FunctionValue) ? new ItemsValue(items, type) : Repeated(operation);
    }

    private ParsedValue Collection(CollectionExpressionSyntax collection, IOperation operation)
    {
        var type = context.ConvertedType(collection) ?? operation.Type;
        if (collection.Elements.All(element => element is ExpressionElementSyntax))
        {
            return List(collection.Elements.Select(element => context.Operation(((ExpressionElementSyntax)element).Expression)).OfType<IOperation>(), operation, type);
        }

        // One that spreads others is written as it stands.
        if (type is null || types.Translate(type) is not { } declared || Repeat(collection) is not { } code)
        {
            return Unsupported(operation);
        }

        var ofSizes = ReadsShape(code) && type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int64 };
        return new CodeValue(new Cast(ofSizes ? TypeTranslator.AxisSize + "[]" : declared, code), type);
    }

    /// <summary>The creation of an object: of a list with its elements, or of anything that can be repeated.</summary>
    private ParsedValue Creation(IObjectCreationOperation creation)
    {
        if (creation is { Arguments.IsEmpty: true, Type: INamedTypeSymbol { Name: "List" } type } && types.CarriesTensors(type)
            && (creation.Initializer is null || creation.Initializer.Initializers.All(item => item is IInvocationOperation { Arguments.Length: 1 })))
        {
            return List(creation.Initializer?.Initializers.Select(item => ((IInvocationOperation)item).Arguments[0].Value) ?? [], creation);
        }

        if (creation is { Arguments: [{ Value: var inside }], Type.OriginalDefinition.SpecialType: SpecialType.System_Nullable_T })
        {
            return Evaluate(inside);
        }

        if (creation.Type is not INamedTypeSymbol made || made.DeclaringSyntaxReferences.IsEmpty || torch.IsModule(made))
        {
            return Repeated(creation);
        }

        return types.IsRecord(made) ? NewRecord(creation, made) : Repeated(creation) is CodeValue code ? code with { Made = MadeOf(creation, made) } : NewRecord(creation, made);
    }

    private ParsedValue Tuple(ITupleOperation tuple)
    {
        var items = tuple.Elements.Select(Evaluate).ToImmutableArray();
        return items.Any(item => item is BrokenValue) ? ParsedValue.Broken
            : items.All(item => item is ArgumentValue { Argument: NumberArgument or FlagArgument or SizeArgument or ArithmeticArgument or MemberArgument or CodeArgument }) && tuple.Elements.All(element => IsNumberLike(element.Type))
                ? new ArgumentValue(new ListArgument(items.Select(item => ((ArgumentValue)item).Argument).ToEquatable()))
                : new TupleValue(items, tuple.Type as INamedTypeSymbol);
    }

    private ParsedValue Deconstruct(IDeconstructionAssignmentOperation deconstruction)
    {
        var tuple = deconstruction.Target switch
        {
            ITupleOperation targets => targets,
            IDeclarationExpressionOperation { Expression: ITupleOperation declared } => declared,
            _ => null,
        };
        if (tuple is null)
        {
            return Unsupported(deconstruction);
        }

        var value = Evaluate(Unconverted(deconstruction.Value));
        if (value is not BrokenValue && context.Deconstruction(deconstruction.Syntax) is { } method && BodyOf(method) is not null)
        {
            value = Deconstructed(method, value, deconstruction);
        }

        return value is BrokenValue ? value : Scatter(tuple, value, deconstruction);
    }

    /// <summary>What the user's own Deconstruct makes of a value.</summary>
    private ParsedValue Deconstructed(IMethodSymbol method, ParsedValue value, IOperation operation)
    {
        if (ReadInPlace(method, method.IsStatic ? null : value, method.IsStatic ? [(0, value)] : []) is BrokenValue)
        {
            return ParsedValue.Broken;
        }

        var parts = method.Parameters.Skip(method.IsStatic ? 1 : 0).Select(parameter => Left(parameter, operation)).ToImmutableArray();
        return parts.Any(part => part is BrokenValue) ? ParsedValue.Broken : new TupleValue(parts, null);
    }

    /// <summary>Gives each target its element.</summary>
    private ParsedValue Scatter(ITupleOperation targets, ParsedValue value, IOperation operation)
    {
        if (value is CodeValue { Code: var code, Type: var pair } held && (pair.IsTupleType || IsTupleObject(pair)))
        {
            value = held with { Code = code is ValueName && !Changes(code) ? code : NewLocal("pair", code, isSize: false) };
        }

        // All of them are read before the first is written: (a, b) = (b, a).
        if (value is TupleValue tuple)
        {
            value = new TupleValue(tuple.Items.Select((item, i) => Changed(item) ? Keep(SymbolOf(targets.Elements[i]) ?? frames.Peek().Method, item) : item).ToImmutableArray(), tuple.Type);
        }

        for (var i = 0; i < targets.Elements.Length; i++)
        {
            var to = targets.Elements[i];
            if (to is IDiscardOperation)
            {
                continue;
            }

            target = SymbolOf(to)?.Name ?? target;
            var element = value switch
            {
                TupleValue { Items: var items } when i < items.Length => items[i],
                ArgumentValue { Argument: ListArgument { Items: var items } } when i < items.Count => new ArgumentValue(items[i]),
                ResultsValue results => ItemOf(results, i, to.Type!),
                RecordValue or CodeValue when types.IsRecord(RecordType(value)) && PositionOf(RecordType(value)!, i) is { } member => PartOf(value, member, to.Type!, operation),
                CodeValue { Code: var name, Type: INamedTypeSymbol { TypeArguments: var elements } type } when IsTupleObject(type) && i < elements.Length => Typed(name.Member($"Item{i + 1}"), elements[i]),
                CodeValue { Code: var name, Type: INamedTypeSymbol { IsTupleType: true } type } when i < type.TupleElements.Length => Typed(name.Member($"Item{i + 1}"), type.TupleElements[i].Type),
                _ => ParsedValue.Broken,
            };
            if (element is BrokenValue)
            {
                return Unsupported(operation);
            }

            if (to is ITupleOperation inner ? Scatter(inner, element, operation) is BrokenValue : AssignNew(to, element, operation) is BrokenValue)
            {
                return ParsedValue.Broken;
            }
        }

        return value;
    }

    private static INamedTypeSymbol? RecordType(ParsedValue value) => value switch
    {
        RecordValue record => record.Type,
        CodeValue code => code.Type as INamedTypeSymbol,
        _ => null,
    };

    /// <summary>The property that a positional record's deconstruction gives at a place.</summary>
    private static ISymbol? PositionOf(INamedTypeSymbol record, int place) =>
        record.GetMembers("Deconstruct").OfType<IMethodSymbol>().FirstOrDefault(method => method.IsImplicitlyDeclared && place < method.Parameters.Length) is { } deconstruct
            ? record.GetMembers(deconstruct.Parameters[place].Name).FirstOrDefault()
            : null;

    private bool Changed(ParsedValue item) => item switch
    {
        TensorValue tensor => changing.Contains(tensor.Number),
        ArgumentValue { Argument: { IsTold: true } argument } => Changes(argument),
        CodeValue { Code: var code } => Changes(code),
        _ => false,
    };

    /// <summary>Assigns to a target that may be declared right here.</summary>
    private ParsedValue AssignNew(IOperation to, ParsedValue value, IOperation operation)
    {
        if (to is ILocalReferenceOperation { IsDeclaration: true } local)
        {
            return Begin(local.Local, value) ? value : ParsedValue.Broken;
        }

        return Assign(to, value, operation);
    }

    private static ISymbol? SymbolOf(IOperation target) => target switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IDeclarationExpressionOperation { Expression: var inner } => SymbolOf(inner),
        _ => null,
    };

    /// <summary>One of several results of a call.</summary>
    private ParsedValue ItemOf(ResultsValue results, int index, ITypeSymbol type)
    {
        var code = ItemCode(results, index, type);
        if (!torch.IsTensor(type))
        {
            return Typed(code, type);
        }

        var item = NewValue(target.Length > 0 ? target : "x");
        nodes.Add(new Item(item.Number, results.Number, index, code, statement, 0));
        return item;
    }

    private Expression ItemCode(ResultsValue results, int index, ITypeSymbol type)
    {
        var element = new Element(new ValueName(results.Number), new NumberArgument(index));
        return results.AreObjects ? new Cast(types.Translate(type) ?? "object", new NotNull(element)) : element;
    }

    private ParsedValue Element(IArrayElementReferenceOperation element)
    {
        if (element.Indices is not [var index])
        {
            return Unsupported(element);
        }

        var list = Evaluate(element.ArrayReference);
        return list is BrokenValue ? list : Element(list, index, element, (element.ArrayReference.Type as IArrayTypeSymbol)?.ElementType ?? element.Type!);
    }

    /// <summary>An element of a list, or a part of it.</summary>
    private ParsedValue Element(ParsedValue list, IOperation index, IOperation operation, ITypeSymbol elementType)
    {
        index = Unconverted(index);
        var fromEnd = index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat };
        var place = index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat, Operand: var operand } ? Evaluate(operand) : index is IRangeOperation ? ParsedValue.Other : Evaluate(index);
        if (place is BrokenValue)
        {
            return place;
        }

        var number = (place as ArgumentValue)?.Argument is NumberArgument { Value: var n } ? (long?)n : null;
        long? At(int count) => number is null ? null : fromEnd ? count - number : number;

        // A generic helper knows its list by a type parameter; the list itself is one of something.
        var known = list switch
        {
            ResultsValue results => results.Type,
            ItemsValue items => items.Type,
            CodeValue held => held.Type,
            _ => null,
        };
        elementType = elementType is ITypeParameterSymbol && known is IArrayTypeSymbol { ElementType: var told } ? told : elementType;
        switch (list)
        {
            case ShapeValue shape when fromEnd && number is not null:
                return new ArgumentValue(new SizeArgument(shape.Tensor, new NumberArgument(-number.Value)));
            case ShapeValue shape when !fromEnd && place is ArgumentValue dim:
                return new ArgumentValue(dim.Argument.IsTold ? new SizeArgument(shape.Tensor, dim.Argument) : new UnknownArgument());
            case ItemsValue { Items: var items } when At(items.Length) is { } i && i >= 0 && i < items.Length:
                return items[(int)i];
            case ArgumentValue { Argument: ListArgument { Items: var items } } when At(items.Count) is { } i && i >= 0 && i < items.Count:
                return new ArgumentValue(items[(int)i]);
            case ResultsValue results when !fromEnd && number is not null && results.Type is IArrayTypeSymbol:
                return ItemOf(results, (int)number.Value, elementType);
        }

        if (CodeOf(list, null) is not { } code || IndexCode(index, place) is not { } at)
        {
            return Repeated(operation);
        }

        // A part of a list is a list.
        var isPart = operation.Type is IArrayTypeSymbol && operation.Type.Equals((operation as IArrayElementReferenceOperation)?.ArrayReference.Type, SymbolEqualityComparer.Default);
        if (list is ShapeValue)
        {
            return isPart ? new CodeValue(new Element(code, at), operation.Type!) : new ArgumentValue(new CodeArgument(new Element(code, at), OfSizes: true));
        }

        return Typed(new Element(code, at), isPart ? operation.Type! : elementType, isSize: list is CodeValue numbers && IsSizeList(numbers));
    }

    /// <summary>Whether a list is one of sizes.</summary>
    private bool IsSizes(ParsedValue list) => list is ShapeValue or ArgumentValue { Argument: ListArgument { HasSizes: true } } || list is CodeValue code && IsSizeList(code);

    private bool IsSizeList(CodeValue list) => list.Type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int64 } && (ReadsShape(list.Code) || list.Code is Cast { Type: TypeTranslator.AxisSize + "[]" });

    private Expression? IndexCode(IOperation index, ParsedValue value) => value switch
    {
        ArgumentValue { Argument: { IsTold: true } argument } => index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat } ? new Unary("^", Int(argument)) : Int(argument),
        _ when index is IRangeOperation or IUnaryOperation => Repeat(index),
        CodeValue { Code: var code } => code,
        _ => null,
    };

    private static Expression Int(Argument argument) => argument.IsSize ? new Cast("int", argument.Plain) : argument;

    /// <summary>An element of a sequence or a list by its position, a part of a tensor, an entry of a dictionary.</summary>
    private ParsedValue Indexer(IPropertyReferenceOperation reference)
    {
        if (reference.Instance is null)
        {
            return Unsupported(reference);
        }

        if (torch.IsTensor(reference.Instance.Type))
        {
            return IndexTensor(reference);
        }

        var list = Evaluate(reference.Instance);
        switch (list)
        {
            case BrokenValue:
                return list;
            case LayerValue when reference.Arguments is not [_]:
                return Unsupported(reference);
            case LayerValue { Layer: var layer } sequence:
                var index = reference.Arguments[0].Value;
                if (layer.Path.Length > 0)
                {
                    reached.Add(layer.Path);
                }

                if (index.ConstantValue is { HasValue: true, Value: int place } && layer.Path.Length > 0 && torch.IsModule(reference.Type))
                {
                    var child = place >= 0 && place < layer.Children.Count ? layer.Children[place] : LayerNode.Deferred($"{layer.Path}.{place}", "layer");
                    return new LayerValue(child, new LayerReference(new Element(Receiver(sequence.Reference), new NumberArgument(place)), !torch.DerivesFromModule(reference.Type), false));
                }

                var at = Evaluate(index);
                return at is BrokenValue ? at
                    : torch.IsTensor(reference.Type) ? Held(sequence, at, reference)
                    : IndexCode(Unconverted(index), at) is { } code ? Typed(new Element(Receiver(sequence.Reference), code), reference.Type!)
                    : Unsupported(reference);
        }

        return reference.Arguments is [{ Value: var only }] ? Element(list, only, reference, reference.Type!) : Repeated(reference);
    }

    /// <summary>A parameter in a ParameterList or ParameterDict.</summary>
    private ParsedValue Held(LayerValue list, ParsedValue key, IOperation operation)
    {
        var name = key is CodeValue { Type.SpecialType: SpecialType.System_String, Code: var text } ? text
            : key is ArgumentValue { Argument: NumberArgument number } ? new TextArgument(Emission.Literals.Integer(number.Value))
            : key is ArgumentValue { Argument: { IsTold: true } place } ? Int(place).Method("ToString", new Named("global::System.Globalization.CultureInfo.InvariantCulture"))
            : null;
        return name is null ? Unsupported(operation) : Typed(Expression.Link("Parameter", LayerCode(list.Reference), name), operation.Type!);
    }

    /// <summary>Puts something else in the place of an element.</summary>
    private ParsedValue Replace(IOperation to, ParsedValue value, IOperation operation)
    {
        var (list, index) = to switch
        {
            IArrayElementReferenceOperation { Indices: [var at], ArrayReference: var array } => (array, at),
            IPropertyReferenceOperation { Instance: { } instance, Arguments: [{ Value: var at }] } => (instance, at),
            _ => (null, null),
        };
        if (list is null || index is null || torch.IsTensor(list.Type))
        {
            return list is not null && torch.IsTensor(list.Type) ? ReplacePart((IPropertyReferenceOperation)to, value) : Unsupported(to);
        }

        if (CodeOf(Evaluate(list), list.Type) is not { } code || IndexCode(Unconverted(index), Evaluate(index)) is not { } place || CodeOf(value, to.Type) is not { } item)
        {
            return MayCarryTensors(to.Type) ? Unsupported(operation) : value;
        }

        nodes.Add(new Do(new Assignment(new Element(code, place), item), statement, 0));
        return value;
    }

    private Expression? ItemsCode(ItemsValue items, ITypeSymbol? type)
    {
        type ??= items.Type;
        var element = type switch
        {
            IArrayTypeSymbol array => array.ElementType,
            INamedTypeSymbol { TypeArguments: [var only] } => only,
            _ => null,
        };
        if (element is null || types.Translate(element) is not { } elementName)
        {
            return null;
        }

        var codes = items.Items.Select(item => CodeOf(item, element)).ToList();
        return codes.Contains(null) ? null
            : type is INamedTypeSymbol { Name: "List" } ? new New($"global::System.Collections.Generic.List<{elementName}>", [], codes.OfType<Expression>().ToEquatable())
            : new NewArray(elementName, codes.OfType<Expression>().ToEquatable());
    }

    private static Expression ListCode(ListArgument list, ITypeSymbol? type) => type is INamedTypeSymbol { IsTupleType: true } tuple
        ? new TupleOf(list.Items.Select((item, i) => item.IsSize ? Number(item.Plain, ElementType(tuple, i)) : item.Plain).ToEquatable())
        : list.HasSizes ? list
        : new NewArray(type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int32 } ? "int" : "long", list.Items.Select(item => (Expression)item).ToEquatable());
}
