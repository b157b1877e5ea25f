using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Patterns over the sizes of a tensor, each of which is asked for by itself while the others may shrink, and over what a layer is, which the live
/// one tells.
/// </summary>
internal sealed class PatternReader(Reading reading) : Reader(reading)
{
    /// <summary>
    /// Whether sizes match: <c>x.shape is [_, 64, ..]</c>, or a tuple that is known item by item does. Null where it is not they that are asked, or not in a
    /// way that is understood.
    /// </summary>
    public ParsedValue? Test(IIsPatternOperation test)
    {
        var isOfSizes = AsksForSizes(test.Pattern);
        if (!isOfSizes && !(test.Value is ILocalReferenceOperation or IParameterReferenceOperation && !Torch.IsTensor(test.Value.Type)))
        {
            return null;
        }

        var mark = Mark();
        var value = Conditions.Attempt(test.Value);
        var code = value is null ? null
            : isOfSizes && HasSizes(value) ? OfSizes(test.Pattern, value)
            : IsTold(value) || NumberTypes.IsOptional(test.Value.Type) && OperatorReader.IsCertain(value) ? OfItem(test.Pattern, value)
            : null;
        if (code is not null)
        {
            return new ArgumentValue(code as Argument ?? new CodeArgument(code));
        }

        Restore(mark, findingsToo: true);
        return null;
    }

    /// <summary>Whether what forward was read with tells a value, or each item of it.</summary>
    private static bool IsTold(ParsedValue value) => IsNothing(value) || value is CodeValue { Code: TextArgument } || ItemsOf(value) is not null;

    private static bool IsNothing(ParsedValue value) => value is ArgumentValue { Argument: NullArgument };

    /// <summary>
    /// Which of some patterns is the first to match, where that is known when forward is read; null where it is not. None at all matches anything.
    /// </summary>
    public int? FirstOf(IReadOnlyList<IPatternOperation?> patterns, ParsedValue on)
    {
        if (!IsTold(on))
        {
            return null;
        }

        for (var i = 0; i < patterns.Count; i++)
        {
            var matches = patterns[i] is { } pattern ? OfItem(pattern, on) : new FlagArgument(true);
            if (matches is not FlagArgument { Value: false })
            {
                return matches is FlagArgument ? i : null;
            }
        }

        return null;
    }

    /// <summary>The items of a tuple that are known one by one; null for anything else.</summary>
    private static IReadOnlyList<ParsedValue>? ItemsOf(ParsedValue value) => value switch
    {
        ArgumentValue { Argument: ListArgument { Items: var items } } => [.. items.Select(item => new ArgumentValue(item))],
        TupleValue tuple => tuple.Items,
        _ => null,
    };

    /// <summary>The condition under which a tuple, an item of it, or nothing matches; null where it is not understood.</summary>
    private Expression? OfItem(IPatternOperation pattern, ParsedValue value)
    {
        switch (pattern)
        {
            case IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } }:
                return new FlagArgument(IsNothing(value));
            case not (INegatedPatternOperation or IBinaryPatternOperation or IDiscardPatternOperation or IDeclarationPatternOperation { MatchesNull: true })
                when IsNothing(value):
                return new FlagArgument(false);
            case IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: string asked } } when value is CodeValue { Code: TextArgument text }:
                return new FlagArgument(text.Value == asked);
            case IRecursivePatternOperation { DeclaredSymbol: null, PropertySubpatterns.IsEmpty: true, DeconstructionSubpatterns: { IsEmpty: false } parts }:
                return ItemsOf(value) is { } items && items.Count == parts.Length
                    ? parts.Zip(items, OfItem).Aggregate((Expression?)new FlagArgument(true), (all, part) => Both("&&", all, part))
                    : null;
            case IRecursivePatternOperation { DeclaredSymbol: null, DeconstructionSubpatterns.IsEmpty: true, PropertySubpatterns: { IsEmpty: false } members }:
                return ItemsOf(value) is { } named && members.Select(member => PlaceOf(member, named.Count)).ToList() is var places && !places.Contains(-1)
                    ? members.Zip(places, (member, place) => OfItem(member.Pattern, named[place]))
                        .Aggregate((Expression?)new FlagArgument(true), (all, part) => Both("&&", all, part))
                    : null;
            case IRecursivePatternOperation { PropertySubpatterns.IsEmpty: true, DeconstructionSubpatterns.IsEmpty: true, DeclaredSymbol: var name,
                MatchedType: var type } when NumberTypes.IsSame(type, pattern.InputType):
                if (name is not null)
                {
                    Scope.Bind(name, value);
                }

                return new FlagArgument(true);
            default:
                return value is ArgumentValue { Argument: { IsKnown: true } and not (ListArgument or NullArgument) and var number }
                    ? OfSize(pattern, number)
                    : Combined(pattern, inner => OfItem(inner, value), value);
        }
    }

    private static int PlaceOf(IPropertySubpatternOperation member, int count) =>
        member.Member is IFieldReferenceOperation { Field: var field } && MemberReader.ElementIndex(field) is var place && place < count ? place : -1;

    /// <summary>Whether a pattern asks for what is in a list of numbers, or how many they are.</summary>
    public static bool AsksForSizes(IOperation pattern) => pattern.DescendantsAndSelf().Any(
        part => part is IListPatternOperation { InputType: var list }
            && (NumberTypes.AreLong(list) || list is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Int32 }));

    /// <summary>Whether a value is a list of sizes that is asked for each by itself.</summary>
    public bool HasSizes(ParsedValue value) => value is ShapeValue or ArgumentValue { Argument: ListArgument { IsKnown: true, HasSizes: true } }
        || value is CodeValue && SizeLists.AreSizes(value);

    /// <summary>How many sizes a list has, and each by its place, which is counted from the end where it is negative; null for anything else.</summary>
    private (Argument Count, Func<int, Argument> At)? PlacesOf(ParsedValue value)
    {
        switch (value)
        {
            case ShapeValue shape:
                return (new RankArgument(shape.Tensor), place => new SizeArgument(shape.Tensor, new NumberArgument(place)));
            case ArgumentValue { Argument: ListArgument { IsKnown: true, HasSizes: true, Items: var items } }:
                return (new NumberArgument(items.Count), place => items[place < 0 ? items.Count + place : place]);
            case CodeValue { Code: var code, Type: var type } when SizeLists.AreSizes(value):
                var list = code as ValueName ?? Bindings.NewLocal("sizes", code, isSize: true);
                return (
                    new CodeArgument(list.Member(type is IArrayTypeSymbol or { IsRefLikeType: true } ? "Length" : "Count")),
                    place => new CodeArgument(
                        new Element(list, place < 0 ? new Unary("^", new NumberArgument(-place)) : new NumberArgument(place)), OfSizes: true));
            default:
                return null;
        }
    }

    /// <summary>Whether a pattern asks what a size is; how many there are is no width.</summary>
    public static bool AsksForWidth(IOperation pattern) => AsksForSizes(pattern) && pattern.DescendantsAndSelf().OfType<IListPatternOperation>()
        .SelectMany(list => list.Patterns)
        .Any(part => part is not (IDiscardPatternOperation or ISlicePatternOperation or IDeclarationPatternOperation));

    /// <summary>The condition under which all sizes of a list match a pattern; null where it is not understood.</summary>
    public Expression? OfSizes(IPatternOperation pattern, ParsedValue sizes)
    {
        if (PlacesOf(sizes) is not var (count, at))
        {
            return null;
        }

        switch (pattern)
        {
            case IListPatternOperation { DeclaredSymbol: null, Patterns: var parts }:
                var cut = parts.IndexOf(parts.FirstOrDefault(part => part is ISlicePatternOperation)!);
                if (cut >= 0 && parts[cut] is ISlicePatternOperation { Pattern: not (null or IDiscardPatternOperation) })
                {
                    return null;
                }

                var least = cut < 0 ? parts.Length : parts.Length - 1;
                if (count is NumberArgument { Value: var known } && (cut < 0 ? known != least : known < least))
                {
                    return new FlagArgument(false);
                }

                return parts.Select((part, i) => i == cut ? new FlagArgument(true) : OfSize(part, at(cut >= 0 && i > cut ? i - parts.Length : i)))
                    .Aggregate(
                        count is NumberArgument ? new FlagArgument(true) : (Expression?)new Binary(cut < 0 ? "==" : ">=", count, new NumberArgument(least)),
                        (all, part) => Both("&&", all, part));
            case IRecursivePatternOperation { DeclaredSymbol: null, DeconstructionSubpatterns.IsEmpty: true, PropertySubpatterns: var members }
                when members.All(member => member.Member is IPropertyReferenceOperation { Property.Name: "Length" or "LongLength" or "Count" }):
                return members.Select(member => OfSize(member.Pattern, count))
                    .Aggregate((Expression?)new FlagArgument(true), (all, part) => Both("&&", all, part));
            default:
                return Combined(pattern, inner => OfSizes(inner, sizes), sizes);
        }
    }

    /// <summary>The condition under which one size matches.</summary>
    private Expression? OfSize(IPatternOperation pattern, Argument size) => pattern switch
    {
        IConstantPatternOperation { Value: var value }
            when Evaluate(value) is ArgumentValue { Argument: { IsKnown: true } and not NullArgument and var number } =>
            new Binary("==", size, number),
        IRelationalPatternOperation { Value: var value, OperatorKind: var kind } when Evaluate(value) is ArgumentValue { Argument: { IsKnown: true } number } =>
            new Binary(
                kind switch
                {
                    BinaryOperatorKind.LessThan => "<",
                    BinaryOperatorKind.LessThanOrEqual => "<=",
                    BinaryOperatorKind.GreaterThan => ">",
                    _ => ">=",
                },
                size,
                number),
        _ => Combined(pattern, inner => OfSize(inner, size), new ArgumentValue(size)),
    };

    /// <summary>What is the same for all sizes together and for one of them.</summary>
    private Expression? Combined(IPatternOperation pattern, Func<IPatternOperation, Expression?> read, ParsedValue value)
    {
        switch (pattern)
        {
            case IDiscardPatternOperation or IDeclarationPatternOperation { MatchesNull: true, DeclaredSymbol: null }:
                return new FlagArgument(true);
            case IDeclarationPatternOperation { DeclaredSymbol: { } name, MatchesNull: var all, MatchedType: var type }
                when all || value is not ArgumentValue { Argument: NullArgument } && NumberTypes.IsSame(type, pattern.InputType):
                Scope.Bind(name, value);
                return new FlagArgument(true);
            case INegatedPatternOperation { Pattern: var inner }:
                return read(inner) switch
                {
                    null => null,
                    FlagArgument known => new FlagArgument(!known.Value),
                    Binary { Operator: "==" } equal => equal with { Operator = "!=" },
                    var code => new Unary("!", code),
                };
            case IBinaryPatternOperation { LeftPattern: var left, RightPattern: var right, OperatorKind: var kind }:
                return Both(kind == BinaryOperatorKind.And ? "&&" : "||", read(left), read(right));
            default:
                return null;
        }
    }

    /// <summary>Whether a tensor or a layer is of a type, or is not. Null where that is not what is asked.</summary>
    /// <param name="value">The tensor or layer.</param>
    /// <param name="asked">What it is declared as.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="isNot">Whether the pattern stands behind a not.</param>
    public ParsedValue? OfType(ParsedValue? value, ITypeSymbol? asked, IPatternOperation pattern, bool isNot)
    {
        var (type, declared) = pattern switch
        {
            IDeclarationPatternOperation declaration => (declaration.MatchedType, declaration.DeclaredSymbol),
            ITypePatternOperation plain => (plain.MatchedType, null),
            _ => (null, null),
        };
        if (type is null)
        {
            return null;
        }

        // What is declared as an object may be a layer.
        value = value is CodeValue { Code: var held, Type: var unknown } && DynamicReader.IsUntyped(unknown) && Torch.IsModule(type)
            ? DynamicReader.Layer(held)
            : value;
        switch (value)
        {
            case ArgumentValue { Argument: NullArgument }:
                return new ArgumentValue(new FlagArgument(isNot));

            // What a helper's optional number was given.
            case { } given when OperatorReader.IsCertain(given) && NumberTypes.IsSame(type, asked):
                return declared is null || Bindings.Begin(declared, given) ? new ArgumentValue(new FlagArgument(!isNot)) : ParsedValue.Broken;

            case TensorValue when !Torch.IsTensor(type) && type.SpecialType != SpecialType.System_Object:
                return new ArgumentValue(new FlagArgument(isNot));

            case TensorValue tensor:
                return declared is null || Bindings.Begin(declared, tensor) ? Operators.NullTest(tensor, type, isNull: isNot) : ParsedValue.Broken;

            // What the live layer is decides; where it is one, it goes by the new name as well.
            case LayerValue { Reference: var reference } layer when Types.Translate(type) is { } name:
                var isNamed = (Torch.IsModule(type) || type.TypeKind == TypeKind.Interface) && !SymbolEqualityComparer.Default.Equals(type, asked);
                var known = isNamed ? name : reference.As;
                var mayBeNull = isNot && asked?.NullableAnnotation == NullableAnnotation.Annotated;
                var found = reference with { As = known, MayBeNull = mayBeNull, NeedsCast = reference.NeedsCast || type.TypeKind == TypeKind.Interface };
                return declared is null || Bindings.Begin(declared, layer with { Reference = found })
                    ? new ArgumentValue(new CodeArgument(new IsNull(new Cast(name, reference.Code, OrNull: true), Not: !isNot)))
                    : ParsedValue.Broken;

            default:
                return null;
        }
    }

    /// <summary>Whether a tensor or a layer is there, <c>x is { } y</c>, or is not. Null where that is not what is asked.</summary>
    public ParsedValue? IsThere(IIsPatternOperation test, IRecursivePatternOperation pattern, bool isNot)
    {
        var value = Conditions.Attempt(test.Value);
        if (value is ArgumentValue { Argument: NullArgument })
        {
            return new ArgumentValue(new FlagArgument(isNot));
        }

        if (value is not null && OperatorReader.IsCertain(value) && NumberTypes.IsSame(pattern.MatchedType, test.Value.Type))
        {
            return pattern.DeclaredSymbol is null || Bindings.Begin(pattern.DeclaredSymbol, value)
                ? new ArgumentValue(new FlagArgument(!isNot))
                : ParsedValue.Broken;
        }

        var asked = pattern.MatchedType is not { } type || SymbolEqualityComparer.Default.Equals(type, test.Value.Type);
        return value is LayerValue && asked || value is TensorValue && (asked || Torch.IsTensor(pattern.MatchedType))
            ? pattern.DeclaredSymbol is null || Bindings.Begin(pattern.DeclaredSymbol, value)
                ? Operators.NullTest(value, test.Value.Type, isNull: isNot)
                : ParsedValue.Broken
            : null;
    }

    private static Expression? Both(string and, Expression? left, Expression? right) => (left, right) switch
    {
        (null, _) or (_, null) => null,
        (FlagArgument known, _) => known.Value == (and == "&&") ? right : left,
        (_, FlagArgument known) => known.Value == (and == "&&") ? left : right,
        _ => new Binary(and, left, right),
    };

    /// <summary>A pattern that asks for what is in something, of nothing: it does not match. Null where that is not what is asked.</summary>
    public ParsedValue? OfNothing(IIsPatternOperation test)
    {
        var (pattern, isNot) = test.Pattern is INegatedPatternOperation { Pattern: var negated } ? (negated, true) : (test.Pattern, false);
        return pattern is IRecursivePatternOperation && Conditions.Attempt(test.Value) is ArgumentValue { Argument: NullArgument }
            ? new ArgumentValue(new FlagArgument(isNot))
            : null;
    }

    /// <summary>The pattern in another that asks for the parts of an object that holds tensors, of which generated code has another; null for none.</summary>
    public IRecursivePatternOperation? IntoRecord(IOperation pattern) => pattern.DescendantsAndSelf().OfType<IRecursivePatternOperation>().FirstOrDefault(
        part => !(part.PropertySubpatterns.IsEmpty && part.DeconstructionSubpatterns.IsEmpty)
            && (Types.IsRecord(part.MatchedType) || Types.IsRecord(part.InputType)));

    /// <summary>What is said of such a pattern.</summary>
    public static Problem NotInto(IRecursivePatternOperation pattern) => new(
        $"a pattern over the members of '{pattern.MatchedType.Name}', which holds tensors",
        "ask with 'is { } s' and compare the members of s");

    /// <summary>Whether a part of a pattern asks a tensor, of which the generated code has the axes alone.</summary>
    public bool AsksTensor(SubpatternSyntax member) =>
        member.ExpressionColon?.Expression is { } read && Context.Symbol(read) is { } part && Torch.IsTensor(part.ContainingType);

    /// <summary>Whether a part of a pattern asks for a width: which one is to be held then, only a comparison says.</summary>
    public bool ReadsWidth(SubpatternSyntax member) => member.ExpressionColon?.Expression is { } read
        && read.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().Any(
            name => Context.Symbol(name) is IPropertySymbol property
                && (Uses.IsWidth(property, property.Type) || property.Name == "shape" && Torch.IsTensor(property.ContainingType)));
}
