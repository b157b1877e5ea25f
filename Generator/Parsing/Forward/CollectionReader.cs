using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Arrays, lists and tuples: how they are made, and what is taken out of them.</summary>
internal sealed class CollectionReader(Reading reading) : Reader(reading)
{
    /// <summary>An array or a list with its elements.</summary>
    public ParsedValue List(IEnumerable<IOperation> elements, IOperation operation, ITypeSymbol? type = null)
    {
        type ??= operation.Type;
        var items = elements.Select(element => Evaluate(element)).ToImmutableArray();
        if (items.Any(item => item is BrokenValue))
        {
            return ParsedValue.Broken;
        }

        if (NumberTypes.IsNumberLike(type))
        {
            items = items.Select(Writer.AsSize).ToImmutableArray();
        }

        if (NumberTypes.IsNumberLike(type) && items.All(item => item is ArgumentValue { Argument.IsKnown: true }))
        {
            return new ArgumentValue(new ListArgument(items.Select(item => ((ArgumentValue)item).Argument).ToEquatable()));
        }

        return Types.CarriesTensors(type) || items.Any(item => item is LayerValue or TensorValue or FunctionValue)
            ? new ItemsValue(items, type)
            : Repeats.Repeated(operation);
    }

    /// <summary>The first part of a body that looks into a collection with tensors of the project's own, and what is said of it; null for none.</summary>
    public (IOperation At, Problem What)? OfOwn(IOperation body) => body.Descendants()
        .Select(part => LookedInto(part)?.Type is { } type && Types.OwnCollection(type, byInterface: true) is { Name: var of }
            ? (part, new Problem(
                $"'{SourceText.Quote(part.Syntax)}', which looks into a '{type.Name}', {(of[0] == 'I' ? "an" : "a")} {of} of the project's own",
                "use one of .NET's, or a method of the class"))
            : ((IOperation, Problem)?)null)
        .FirstOrDefault(found => found is not null);

    /// <summary>What .NET is asked for the elements of, or puts them into.</summary>
    private IOperation? LookedInto(IOperation part) => part switch
    {
        IInvocationOperation { Instance: { } of, TargetMethod: var method } when TypeTranslator.IsOfSystem(method) => of,
        IPropertyReferenceOperation { Instance: { } of, Property: var property }
            when TypeTranslator.IsOfSystem(property) && Types.CarriesTensors(property.Type) => of,
        IForEachLoopOperation { Collection: var all } => Conversions.Unconverted(all),
        IConversionOperation { Operand: var of, Type: { } to } when TypeTranslator.IsOfSystem(to) && Types.CarriesTensors(to) => of,
        { Syntax: SpreadElementSyntax { Expression: var several } } => Context.Operation(several),
        _ => null,
    };

    public ParsedValue Collection(CollectionExpressionSyntax collection, IOperation operation)
    {
        var type = Context.ConvertedType(collection) ?? operation.Type;
        if (collection.Elements.All(element => element is ExpressionElementSyntax))
        {
            return List(
                collection.Elements.Select(element => Context.Operation(((ExpressionElementSyntax)element).Expression)).OfType<IOperation>(), operation, type);
        }

        // One that spreads others is written as it stands.
        if (type is null || Types.Translate(type) is not { } declared || Repeats.Repeat(collection) is not { } code)
        {
            return Unsupported(operation);
        }

        var areSizes = NumberTypes.AreLong(type)
            && (Conditions.ReadsShape(code) || code.Any(SizeLists.AreSizes)
                || Parts(collection).Any(part => Context.Operation(part) is { } list && SizeLists.AreSizes(list)));
        return new CodeValue(new Cast(areSizes ? Types.TranslateSizes(type)! : declared, code), type) { IsOfSizes = areSizes };
    }

    private static IEnumerable<ExpressionSyntax> Parts(CollectionExpressionSyntax collection) =>
        collection.Elements.Select(element => element is SpreadElementSyntax spread ? spread.Expression : ((ExpressionElementSyntax)element).Expression);

    /// <summary>The creation of an object: of a list with its elements, or of anything that can be repeated.</summary>
    public ParsedValue Creation(IObjectCreationOperation creation)
    {
        if (creation is { Arguments.IsEmpty: true, Type: INamedTypeSymbol { Name: "List" } type } && Types.CarriesTensors(type)
            && (creation.Initializer is null || creation.Initializer.Initializers.All(item => item is IInvocationOperation { Arguments.Length: 1 })))
        {
            return List(creation.Initializer?.Initializers.Select(item => ((IInvocationOperation)item).Arguments[0].Value) ?? [], creation);
        }

        if (creation.Type is INamedTypeSymbol { IsTupleType: true, TupleElements.Length: var length } && creation.Arguments.Length == length)
        {
            return Tuple([.. creation.Arguments.OrderBy(given => given.Parameter!.Ordinal).Select(given => given.Value)], creation.Type);
        }

        if (creation is { Arguments: [{ Value: var inside }], Type.OriginalDefinition.SpecialType: SpecialType.System_Nullable_T })
        {
            return Evaluate(inside);
        }

        if (creation.Type is not INamedTypeSymbol made || made.DeclaringSyntaxReferences.IsEmpty || Torch.IsModule(made))
        {
            return Repeats.Repeated(creation);
        }

        return Types.IsRecord(made) ? Records.NewRecord(creation, made)
            : Repeats.Repeated(creation) is CodeValue code ? code with { Made = Records.MadeOf(creation, made) }
            : Records.NewRecord(creation, made);
    }

    /// <summary>A tuple, as it is written or created by its constructor.</summary>
    public ParsedValue Tuple(IReadOnlyList<IOperation> elements, ITypeSymbol? type)
    {
        var items = elements.Select(Evaluate).ToImmutableArray();
        return items.Any(item => item is BrokenValue) ? ParsedValue.Broken
            : items.All(
                item =>
                    item is ArgumentValue { Argument: NumberArgument or FlagArgument or SizeArgument or ArithmeticArgument or MemberArgument or CodeArgument })
                        && elements.All(element => NumberTypes.IsNumberLike(element.Type))
                ? new ArgumentValue(new ListArgument(items.Select(item => ((ArgumentValue)item).Argument).ToEquatable()))
                : new TupleValue(items, type as INamedTypeSymbol);
    }

    /// <summary>One of several results of a call.</summary>
    public ParsedValue ItemOf(ResultsValue results, int index, ITypeSymbol type)
    {
        if (ValueWriter.SizeOf(results, index, type) is { } size)
        {
            return new ArgumentValue(size);
        }

        var code = Writer.ItemCode(results, index, type);
        if (!Torch.IsTensor(type))
        {
            return Writer.Typed(code, type);
        }

        var item = Bindings.NewValue(Target.Length > 0 ? Target : "x");
        Nodes.Add(new Item(item.Number, results.Number, index, code, Quoted, 0));
        return item;
    }

    public ParsedValue Element(IArrayElementReferenceOperation element)
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
        index = Conversions.Unconverted(index);
        var fromEnd = index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat };
        var place = index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat, Operand: var operand } ? Evaluate(operand)
            : index is IRangeOperation ? ParsedValue.Other
            : Evaluate(index);
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
                return new ArgumentValue(dim.Argument.IsKnown ? new SizeArgument(shape.Tensor, dim.Argument) : new UnknownArgument());
            case ItemsValue { Items: var items } when At(items.Length) is { } i && i >= 0 && i < items.Length:
                return items[(int)i];
            case ArgumentValue { Argument: ListArgument { Items: var items } } when At(items.Count) is { } i && i >= 0 && i < items.Count:
                return new ArgumentValue(items[(int)i]);
            case ResultsValue results when !fromEnd && number is not null && results.Type is IArrayTypeSymbol:
                return ItemOf(results, (int)number.Value, elementType);
        }

        if (Writer.CodeOf(list, null) is not { } code || IndexCode(index, place) is not { } at)
        {
            return Repeats.Repeated(operation);
        }

        // A part of a list is a list.
        var isPart = operation.Type is IArrayTypeSymbol
            && operation.Type.Equals((operation as IArrayElementReferenceOperation)?.ArrayReference.Type, SymbolEqualityComparer.Default);
        if (list is ShapeValue)
        {
            return isPart ? new CodeValue(new Element(code, at), operation.Type!) : new ArgumentValue(new CodeArgument(new Element(code, at), OfSizes: true));
        }

        return Writer.Typed(new Element(code, at), isPart ? operation.Type! : elementType, isSize: SizeLists.AreSizes(list));
    }

    private Expression? IndexCode(IOperation index, ParsedValue value) => value switch
    {
        ArgumentValue { Argument: { IsKnown: true } argument } =>
            index is IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat } ? new Unary("^", Int(argument)) : Int(argument),
        _ when index is IRangeOperation or IUnaryOperation => Repeats.Repeat(index),
        CodeValue { Code: var code } => code,
        _ => null,
    };

    private static Expression Int(Argument argument) => argument.IsSize ? new Cast("int", argument.Plain) : argument;

    /// <summary>An element of a sequence or a list by its position, a part of a tensor, an entry of a dictionary.</summary>
    public ParsedValue Indexer(IPropertyReferenceOperation reference)
    {
        if (reference.Instance is null)
        {
            return Unsupported(reference);
        }

        if (Torch.IsTensor(reference.Instance.Type))
        {
            return Indices.IndexTensor(reference);
        }

        var list = Evaluate(reference.Instance);
        if (list is LayerValue hidden && reference.Instance.Syntax is BaseExpressionSyntax && Types.Translate(reference.Property.ContainingType) is { } known)
        {
            list = hidden with { Reference = hidden.Reference with { As = known, NeedsCast = true } };
        }

        switch (list)
        {
            case BrokenValue:
                return list;
            case LayerValue or RecordValue or ModelValue or CodeValue when !Torch.IsTorch(reference.Property) && !TypeTranslator.IsOfSystem(reference.Property):
                return OwnIndexer(reference, list);
            case LayerValue when reference.Arguments is not [_]:
                return Unsupported(reference);
            case LayerValue { Layer: var layer } sequence:
                var index = reference.Arguments[0].Value;
                if (layer.Path.Length > 0)
                {
                    Reached.Add(layer.Path);
                }

                if (index.ConstantValue is { HasValue: true, Value: int place } && layer.Path.Length > 0 && Torch.IsModule(reference.Type))
                {
                    var child = place >= 0 && place < layer.Children.Count ? layer.Children[place] : LayerNode.Deferred($"{layer.Path}.{place}", "layer");
                    return new LayerValue(
                        child,
                        new LayerReference(
                            new Element(ValueWriter.Receiver(sequence.Reference), new NumberArgument(place)), !Torch.DerivesFromModule(reference.Type), false));
                }

                var at = Evaluate(index);
                return at is BrokenValue ? at
                    : Torch.IsTensor(reference.Type) ? LayerOfList(sequence, at, reference)
                    : at is ContentValue
                        && Torch.IsModule(reference.Type)
                        ? Writer.Typed(
                            Expression.Link("AnyOf", ValueWriter.Receiver(sequence.Reference), new TextArgument(SourceText.Quote(index.Syntax))),
                            reference.Type!)
                    : IndexCode(Conversions.Unconverted(index), at) is { } code ? Writer.Typed(
                        new Element(ValueWriter.Receiver(sequence.Reference), code), reference.Type!)
                    : Unsupported(reference);
        }

        return reference.Arguments is [{ Value: var only }] ? Element(list, only, reference, reference.Type!) : Repeats.Repeated(reference);
    }

    /// <summary>An indexer of the user's own.</summary>
    private ParsedValue OwnIndexer(IPropertyReferenceOperation reference, ParsedValue owner)
    {
        if (Overrides.Getter(reference.Property, owner, reference.Instance) is not { } getter)
        {
            return !Types.MayCarryTensors(reference.Type) && owner is CodeValue && !Types.IsRecord(reference.Instance!.Type) ? Repeats.Repeated(reference)
                : Unsupported(reference);
        }

        Reading.IsElsewhere(reference);
        return Methods.ReadInPlace(getter, owner, [.. reference.Arguments.Select(at => (at.Parameter!.Ordinal, Evaluate(at.Value)))]);
    }

    /// <summary>A parameter in a ParameterList or ParameterDict.</summary>
    private ParsedValue LayerOfList(LayerValue list, ParsedValue key, IOperation operation)
    {
        var name = key is CodeValue { Type.SpecialType: SpecialType.System_String, Code: var text } ? text
            : key is ArgumentValue { Argument: NumberArgument number } ? new TextArgument(Emission.Literals.Integer(number.Value))
            : key is ArgumentValue { Argument: { IsKnown: true } place } ? Int(place)
                .Method("ToString", new Named("global::System.Globalization.CultureInfo.InvariantCulture"))
            : null;
        return name is null ? Unsupported(operation) : Writer.Typed(Expression.Link("Parameter", ValueWriter.LayerCode(list.Reference), name), operation.Type!);
    }

    /// <summary>Puts something else in the place of an element.</summary>
    public ParsedValue Replace(IOperation to, ParsedValue value, IOperation operation)
    {
        if (to is IPropertyReferenceOperation { Instance: { } tensor } part && Torch.IsTensor(tensor.Type))
        {
            return Indices.ReplacePart(part, value);
        }

        var (list, index) = to switch
        {
            IArrayElementReferenceOperation { Indices: [var at], ArrayReference: var array } => (array, at),
            IPropertyReferenceOperation { Instance: { } instance, Arguments: [{ Value: var at }] } => (instance, at),
            _ => (null, null),
        };
        if (list is null || index is null)
        {
            return Unsupported(to);
        }

        if (!Types.MayCarryTensors(to.Type) && !Live.Own(list))
        {
            return value;
        }

        if (Types.MayCarryTensors(to.Type) && Frames.Peek().This is null or ModelValue or LayerValue && Live.KeptIn(list) is { } kept)
        {
            Effects.Elsewhere.Add(kept);
        }

        var whole = Evaluate(list);
        if (whole is ItemsValue || LiesInside(list, whole))
        {
            return Unsupported(operation, Inside);
        }

        if (Writer.CodeOf(whole, list.Type) is not { } code
            || IndexCode(Conversions.Unconverted(index), Evaluate(index)) is not { } place
            || Writer.CodeOf(value, to.Type, asSize: SizeLists.AreSizes(whole)) is not { } item)
        {
            if (Types.MayCarryTensors(to.Type))
            {
                return Unsupported(operation);
            }

            // What is in it from here on is not known when models are linked, by whichever name, whether a branch or a loop is left or not.
            if (list is ILocalReferenceOperation { Local: var local } && whole is not BrokenValue)
            {
                Bindings.Unknown.Add(local);
                Bindings.Unknown.UnionWith(Scope.Bindings.Where(binding => whole is CodeValue && binding.Value == whole).Select(binding => binding.Key));
                return value;
            }

            return Effects.IsQuiet(operation) ? value : Unsupported(operation);
        }

        Nodes.Add(new Do(new Assignment(new Element(code, place), item), Quoted, 0));
        return value;
    }

    /// <summary>What is said of a list that is changed where it lies.</summary>
    public static readonly Problem Inside = new(
        "a list or array that is changed where it lies, in a record, tuple or object", "change it in a local of its own");

    /// <summary>Whether a list or array is part of something that generated code makes anew where it names it: what is changed of it would be lost.</summary>
    public static bool LiesInside(IOperation list, ParsedValue value) =>
        value is ItemsValue or ArgumentValue { Argument: ListArgument }
            && Conversions.Unconverted(list) is IMemberReferenceOperation { Instance: { } and not IInstanceReferenceOperation };
}
