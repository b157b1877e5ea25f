using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Objects of the user's own that hand tensors around.</summary>
internal sealed class RecordReader(Reading reading) : Reader(reading)
{
    /// <summary>The creation of a record: what its constructor and its initializer put where.</summary>
    public ParsedValue NewRecord(IObjectCreationOperation creation, INamedTypeSymbol type)
    {
        var given = new Dictionary<ISymbol, ParsedValue>(SymbolEqualityComparer.Default);
        foreach (var argument in creation.Arguments)
        {
            var value = Evaluate(argument.Value);
            if (value is BrokenValue)
            {
                return value;
            }

            given[argument.Parameter!.OriginalDefinition] = value;
        }

        var parts = new List<(string, ParsedValue)>();
        if (creation.Constructor is { } constructor && !constructor.Parameters.IsEmpty)
        {
            if (PartsOf(constructor.OriginalDefinition) is not { } places)
            {
                return Unsupported(creation);
            }

            parts.AddRange(places.Where(place => given.ContainsKey(place.Parameter)).Select(place => (place.Member, given[place.Parameter])));
        }

        return Initialized(parts, creation.Initializer, type, creation);
    }

    /// <summary>What an object of a class without tensors was created with; null where its constructor cannot be read.</summary>
    public RecordValue? MadeOf(IObjectCreationOperation creation, INamedTypeSymbol type)
    {
        var mark = Mark();
        var made = NewRecord(creation, type) as RecordValue;
        if (made is null)
        {
            Restore(mark, findingsToo: true);
        }

        return made;
    }

    private ParsedValue Initialized(
        List<(string, ParsedValue)> parts, IObjectOrCollectionInitializerOperation? initializer, INamedTypeSymbol type, IOperation operation)
    {
        foreach (var assignment in initializer?.Initializers ?? ImmutableArray<IOperation>.Empty)
        {
            if (assignment is not ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member: var member }, Value: var assigned })
            {
                return Unsupported(operation);
            }

            var value = Evaluate(assigned);
            if (value is BrokenValue)
            {
                return value;
            }

            parts.Add((member.Name, value));
        }

        return new RecordValue(parts.ToImmutableArray(), type);
    }

    /// <summary>Which member each parameter of a constructor goes to; null where that cannot be told.</summary>
    private List<(string Member, IParameterSymbol Parameter)>? PartsOf(IMethodSymbol constructor)
    {
        var syntax = constructor.DeclaringSyntaxReferences.FirstOrDefault()?.ReadBy(Context);
        if (syntax is RecordDeclarationSyntax)
        {
            return constructor.Parameters.Select(parameter => (parameter.Name, parameter)).ToList();
        }

        if (syntax is not ConstructorDeclarationSyntax || Context.Operation(syntax) is not { } body)
        {
            return null;
        }

        // What is given a value twice, or changed on the way, is not what was handed in.
        var written = body.Descendants()
            .Select(Written)
            .OfType<ISymbol>()
            .GroupBy(symbol => symbol, SymbolEqualityComparer.Default)
            .ToDictionary(same => same.Key!, same => same.Count(), SymbolEqualityComparer.Default);
        var parts = new List<(string, IParameterSymbol)>();
        foreach (var assignment in body.Descendants().OfType<ISimpleAssignmentOperation>())
        {
            if (assignment is { Target: IMemberReferenceOperation { Member: var member, Instance: IInstanceReferenceOperation } })
            {
                var value = Conversions.Unconverted(assignment.Value);
                if (value is IParameterReferenceOperation { Parameter: var parameter } && written[member] == 1 && !written.ContainsKey(parameter))
                {
                    parts.Add((member.Name, parameter.OriginalDefinition));
                }
                else if (Types.CarriesTensors(value.Type))
                {
                    return null;
                }
            }
        }

        return parts;
    }

    /// <summary>The member of the object itself, or the parameter, that an operation gives another value; null for none.</summary>
    public static ISymbol? Written(IOperation operation)
    {
        var target = operation switch
        {
            IAssignmentOperation assignment => assignment.Target,
            IIncrementOrDecrementOperation step => step.Target,
            IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } handed => handed.Value,
            _ => null,
        };
        return target switch
        {
            IMemberReferenceOperation { Member: var member, Instance: IInstanceReferenceOperation } => member,
            IParameterReferenceOperation { Parameter: var parameter } => parameter,
            _ => null,
        };
    }

    /// <summary><c>record with { … }</c>.</summary>
    public ParsedValue With(IWithOperation with)
    {
        var value = Evaluate(with.Operand);
        if (value is BrokenValue || with.Type is not INamedTypeSymbol type)
        {
            return ParsedValue.Broken;
        }

        if (value is RecordValue record)
        {
            return Initialized(record.Parts.ToList(), with.Initializer, type, with);
        }

        return Initialized([], with.Initializer, type, with) is RecordValue changes
            && Writer.CodeOf(value, type) is { } code
            && Writer.PartsCode(changes) is { } parts
            ? new CodeValue(code.Method("With", parts), type)
            : Unsupported(with);
    }

    /// <summary>A member of a record.</summary>
    public ParsedValue PartOf(ParsedValue owner, ISymbol member, ITypeSymbol type, IOperation operation)
    {
        // What it computes is computed here.
        if (member is IPropertySymbol { GetMethod.DeclaringSyntaxReferences.IsEmpty: false } property
            && LayerParser.BackingField(property) is null
            && !IsPositional(property))
        {
            return Overrides.Getter(property, owner, (operation as IPropertyReferenceOperation)?.Instance) is { } getter
                ? GetterOf(getter, owner)
                : Unsupported(operation);
        }

        if (owner is RecordValue record)
        {
            return record[member.Name];
        }

        if (Writer.CodeOf(owner, null) is not { } code)
        {
            return Unsupported(operation);
        }

        var name = new TextArgument(member.Name);
        return NumberTypes.IsNumber(type) ? new ArgumentValue(new CodeArgument(code.Method("Size", name), OfSizes: true))
            : Types.Translate(type) is { } translated ? Writer.Typed(
                new Call(new Generic(code.Member("Get"), new[] { translated }.ToEquatable()), new Expression[] { name }.ToEquatable()), type)
            : Unsupported(operation);
    }

    private bool IsPositional(IPropertySymbol property) => property.DeclaringSyntaxReferences.Any(reference => reference.ReadBy(Context) is ParameterSyntax);

    public ParsedValue GetterOf(IMethodSymbol getter, ParsedValue self)
    {
        if (getter.DeclaringSyntaxReferences[0].ReadBy(Context) is ArrowExpressionClauseSyntax arrow && Context.Operation(arrow.Expression) is { } value)
        {
            Frames.Push(new Frame(getter, self, isRoot: false));
            var result = Evaluate(value);
            Frames.Pop();
            return result;
        }

        return Methods.Run(getter, self);
    }

    /// <summary>Gives a member of a record another value.</summary>
    public ParsedValue SetPart(IMemberReferenceOperation to, ParsedValue value)
    {
        var owner = Evaluate(to.Instance!);
        if (owner is BrokenValue)
        {
            return owner;
        }

        if (owner is RecordValue || Writer.CodeOf(owner, null) is not { } code || Writer.ToArgument(value, to.Type) is not { } part)
        {
            return Unsupported(to);
        }

        Nodes.Add(new Do(code.Method("Set", new TextArgument(to.Member.Name), part), Quoted, 0));
        return value;
    }
}
