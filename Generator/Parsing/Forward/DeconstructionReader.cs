using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Values that are taken apart, and what their parts are assigned to.</summary>
internal sealed class DeconstructionReader(Reading reading) : Reader(reading)
{
    public ParsedValue Deconstruct(IDeconstructionAssignmentOperation deconstruction)
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

        var value = Evaluate(Conversions.Unconverted(deconstruction.Value));
        if (value is not BrokenValue && Context.Deconstruction(deconstruction.Syntax) is { } method && Methods.BodyOf(method) is not null)
        {
            value = Deconstructed(method, value, deconstruction);
        }

        return value is BrokenValue ? value : Scatter(tuple, value, deconstruction);
    }

    /// <summary>What the user's own Deconstruct makes of a value.</summary>
    private ParsedValue Deconstructed(IMethodSymbol method, ParsedValue value, IOperation operation)
    {
        if (Methods.ReadInPlace(method, method.IsStatic ? null : value, method.IsStatic ? [(0, value)] : []) is BrokenValue)
        {
            return ParsedValue.Broken;
        }

        var parts = method.Parameters.Skip(method.IsStatic ? 1 : 0).Select(parameter => Methods.Left(parameter, operation)).ToImmutableArray();
        return parts.Any(part => part is BrokenValue) ? ParsedValue.Broken : new TupleValue(parts, null);
    }

    /// <summary>Gives each target its element.</summary>
    public ParsedValue Scatter(ITupleOperation targets, ParsedValue value, IOperation operation)
    {
        if (value is CodeValue { Code: var code, Type: var pair } held && (pair.IsTupleType || TypeTranslator.IsTupleObject(pair)))
        {
            value = held with { Code = code is ValueName && !Bindings.Changes(code) ? code : Bindings.NewLocal("pair", code, isSize: false) };
        }

        // All of them are read before the first is written: (a, b) = (b, a).
        if (value is TupleValue tuple)
        {
            value = new TupleValue(
                tuple.Items.Select((item, i) => Bindings.Changed(item) ? Bindings.Keep(SymbolOf(targets.Elements[i]) ?? Frames.Peek().Method, item) : item)
                    .ToImmutableArray(),
                tuple.Type);
        }

        if (targets.Elements.Any(target => target is IArrayElementReferenceOperation or IMemberReferenceOperation))
        {
            value = ReadNow(value);
        }

        for (var i = 0; i < targets.Elements.Length; i++)
        {
            var to = targets.Elements[i];
            if (to is IDiscardOperation)
            {
                continue;
            }

            Target = SymbolOf(to)?.Name ?? Target;
            var element = value switch
            {
                TupleValue { Items: var items } when i < items.Length => items[i],
                ArgumentValue { Argument: ListArgument { Items: var items } } when i < items.Count => new ArgumentValue(items[i]),
                ResultsValue results => Collections.ItemOf(results, i, to.Type!),
                RecordValue or CodeValue when Types.IsRecord(RecordType(value)) && PositionOf(RecordType(value)!, i) is { } member =>
                    Records.PartOf(value, member, to.Type!, operation),
                CodeValue { Code: var name, Type: INamedTypeSymbol { TypeArguments: var elements } type }
                    when TypeTranslator.IsTupleObject(type) && i < elements.Length => Writer.Typed(name.Member($"Item{i + 1}"), elements[i]),
                CodeValue { Code: var name, Type: INamedTypeSymbol { IsTupleType: true } type } when i < type.TupleElements.Length =>
                    Writer.Typed(name.Member($"Item{i + 1}"), type.TupleElements[i].Type),
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

    /// <summary>A value of which nothing changes when elements of lists, or parts of objects, are written.</summary>
    private ParsedValue ReadNow(ParsedValue value)
    {
        return value switch
        {
            TupleValue tuple => new TupleValue(tuple.Items.Select(ReadNow).ToImmutableArray(), tuple.Type),
            ArgumentValue { Argument: ListArgument { IsKnown: true } list } => new ArgumentValue(new ListArgument(list.Items.Select(Now).ToEquatable())),
            ArgumentValue { Argument: { IsKnown: true } and not NullArgument and var one } => new ArgumentValue(Now(one)),
            CodeValue code => code with { Code = Bindings.NewLocal("now", code.Code, isSize: SizeLists.AreSizes(code)) },
            _ => value,
        };

        Argument Now(Argument one) => one is NumberArgument or FlagArgument ? one : new CodeArgument(Bindings.NewLocal("now", one, one.IsSize), one.IsSize);
    }

    private static INamedTypeSymbol? RecordType(ParsedValue value) => value switch
    {
        RecordValue record => record.Type,
        CodeValue code => code.Type as INamedTypeSymbol,
        _ => null,
    };

    /// <summary>The property that a positional record's deconstruction gives at a place.</summary>
    private static ISymbol? PositionOf(INamedTypeSymbol record, int place) =>
        record.GetMembers("Deconstruct")
            .OfType<IMethodSymbol>()
            .FirstOrDefault(method => method.IsImplicitlyDeclared && place < method.Parameters.Length) is { } deconstruct
            ? record.GetMembers(deconstruct.Parameters[place].Name).FirstOrDefault()
            : null;

    /// <summary>Assigns to a target that may be declared right here.</summary>
    public ParsedValue AssignNew(IOperation to, ParsedValue value, IOperation operation)
    {
        if (to is ILocalReferenceOperation { IsDeclaration: true } local)
        {
            return Bindings.Begin(local.Local, value) ? value : ParsedValue.Broken;
        }

        return Expressions.Assign(to, value, operation);
    }

    private static ISymbol? SymbolOf(IOperation target) => target switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IDeclarationExpressionOperation { Expression: var inner } => SymbolOf(inner),
        _ => null,
    };
}
