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
        if (type.BaseType is { SpecialType: SpecialType.None } of && TypeTranslator.IsOfSystem(of))
        {
            return Unsupported(creation, new Problem($"an object of '{type.Name}', a {of.Name} of the project's own", $"use a {of.Name}"));
        }

        var given = new Dictionary<ISymbol, ParsedValue>(SymbolEqualityComparer.Default);
        foreach (var argument in creation.Arguments)
        {
            var value = argument.Parameter!.RefKind is RefKind.Ref or RefKind.Out ? Unsupported(argument) : Evaluate(argument.Value);
            if (value is BrokenValue)
            {
                return value;
            }

            given[argument.Parameter!.OriginalDefinition] = value;
        }

        if (creation.Constructor?.OriginalDefinition is { } primary && PrimaryOf(primary) is { } declaration)
        {
            var handed = Handed(primary, declaration, given);
            handed?.AddRange(Declared(type).ToList());
            for (var one = type; one is not null; one = one.BaseType)
            {
                one.InstanceConstructors.SelectMany(ended => ended.OriginalDefinition.Parameters).ToList().ForEach(Scope.Forget);
            }

            return handed is null ? Context.HasErrors || Context.IsBroken ? ParsedValue.Broken : Unsupported(creation)
                : Initialized(handed, creation.Initializer, type, creation);
        }

        var parts = Declared(type).ToList();
        if (creation.Constructor is { } constructor && !constructor.Parameters.IsEmpty)
        {
            var (places, mark) = (PartsOf(constructor.OriginalDefinition), Mark());
            if (places is null || WrittenBy(constructor.OriginalDefinition).Any(member => !places.Any(place => place.Member == member)))
            {
                if (Constructed(creation, type, given) is { } constructed)
                {
                    return Initialized(constructed, creation.Initializer, type, creation);
                }

                if (places is null)
                {
                    return Context.HasErrors || Context.IsBroken ? ParsedValue.Broken : Unsupported(creation);
                }

                Restore(mark, findingsToo: true);
            }

            parts.AddRange(places.Where(place => given.ContainsKey(place.Parameter)).Select(place => (place.Member, given[place.Parameter])));
        }

        return Initialized(parts, creation.Initializer, type, creation);
    }

    /// <summary>The declaration whose parameters are those of a primary constructor; null for any other.</summary>
    private TypeDeclarationSyntax? PrimaryOf(IMethodSymbol constructor) => constructor.DeclaringSyntaxReferences.Select(part => part.ReadBy(Context))
        .OfType<TypeDeclarationSyntax>().FirstOrDefault(declaration => declaration.ParameterList is not null);

    /// <summary>
    /// What a primary constructor is handed and the object keeps, and what it hands to that of its base: the initializers of members, which may name the
    /// parameters, come behind it. Null where that cannot be told.
    /// </summary>
    private List<(string, ParsedValue)>? Handed(IMethodSymbol constructor, TypeDeclarationSyntax declaration, Dictionary<ISymbol, ParsedValue> given)
    {
        var parts = new List<(string, ParsedValue)>();
        foreach (var parameter in constructor.Parameters)
        {
            Scope.Forget(parameter);
            if ((given.TryGetValue(parameter, out var handedOver) ? handedOver : DefaultOf(parameter)) is { } value)
            {
                Scope.Bind(parameter, value);
                if (declaration is not RecordDeclarationSyntax)
                {
                    parts.Add((KeptAs(parameter), value));
                }
                else if (constructor.ContainingType.GetMembers(parameter.Name).OfType<IPropertySymbol>().Any(IsPositional))
                {
                    parts.Add((parameter.Name, value));
                }
            }
        }

        if (declaration.BaseList?.Types.FirstOrDefault() is not PrimaryConstructorBaseTypeSyntax { ArgumentList.Arguments: { Count: > 0 } arguments } of)
        {
            return parts;
        }

        if (Context.Symbol(of) is not IMethodSymbol { OriginalDefinition: var above })
        {
            return null;
        }

        var handed = new Dictionary<ISymbol, ParsedValue>(SymbolEqualityComparer.Default);
        foreach (var (argument, i) in arguments.Select((argument, i) => (argument, i)))
        {
            var value = Context.Operation(argument.Expression) is { } operation ? Evaluate(operation) : ParsedValue.Broken;
            if (value is BrokenValue)
            {
                return null;
            }

            var name = argument.NameColon?.Name.Identifier.ValueText;
            handed[above.Parameters.First(taken => name is null ? taken.Ordinal == i : taken.Name == name)] = value;
        }

        var inherited = PrimaryOf(above) is { } next ? Handed(above, next, handed)
            : PartsOf(above) is { } places && WrittenBy(above).All(member => places.Any(place => place.Member == member))
                ? places.Where(place => handed.ContainsKey(place.Parameter)).Select(place => (place.Member, handed[place.Parameter])).ToList()
            : null;
        return inherited is null ? null : [.. inherited, .. parts];
    }

    /// <summary>What a parameter is where nothing is handed over; null where that cannot be written.</summary>
    private static ParsedValue? DefaultOf(IParameterSymbol parameter) => !parameter.HasExplicitDefaultValue ? null : parameter.ExplicitDefaultValue switch
    {
        null when !parameter.Type.IsValueType => new ArgumentValue(new NullArgument()),
        int number => new ArgumentValue(new NumberArgument(number)),
        long number => new ArgumentValue(new NumberArgument(number)),
        bool flag => new ArgumentValue(new FlagArgument(flag)),
        _ => null,
    };

    /// <summary>What the compiler calls the field in which an object keeps a parameter of its primary constructor.</summary>
    private static string KeptAs(IParameterSymbol parameter) => $"<{parameter.Name}>P";

    /// <summary>A parameter of its class's primary constructor, which a method of a record names.</summary>
    public ParsedValue Captured(ParsedValue owner, IParameterSymbol parameter, IOperation operation) =>
        parameter.ContainingType.GetMembers().OfType<IMethodSymbol>().SelectMany(method => Methods.BodyOf(method)?.Descendants() ?? [])
            .Any(part => SymbolEqualityComparer.Default.Equals(Written(part), parameter))
            ? Unsupported(operation, LiveReader.Changed(operation))
            : Named(owner, KeptAs(parameter), parameter.Type, operation);

    /// <summary>What a constructor that computes leaves in the members of a record, which is read like any method; null where that cannot be told.</summary>
    private List<(string, ParsedValue)>? Constructed(IObjectCreationOperation creation, INamedTypeSymbol type, Dictionary<ISymbol, ParsedValue> given)
    {
        var constructor = creation.Constructor!.OriginalDefinition;
        if (Methods.BodyOf(constructor) is not IConstructorBodyOperation { Initializer: null or { IsImplicit: true } }
            || type.BaseType is not { SpecialType: SpecialType.System_Object or SpecialType.System_ValueType })
        {
            return null;
        }

        var members = TypeTranslator.Members(type.OriginalDefinition).ToList();
        if (members.Any(member => Scope.ValueOf(member) is not null || InitialOf(member) is not null))
        {
            return null;
        }

        var result = Methods.ReadInPlace(
            constructor,
            new RecordValue(ImmutableArray<(string, ParsedValue)>.Empty, type),
            given.Select(value => (((IParameterSymbol)value.Key).Ordinal, value.Value)).ToList());
        var parts = members.Select(member => (member.Name, Value: Scope.ValueOf(member))).ToList();
        members.ForEach(Scope.Forget);

        // What a branch may have left there, or nothing, is not certain.
        var written = new HashSet<string>(WrittenBy(constructor));
        return result is BrokenValue || parts.Any(part => part.Value is null && written.Contains(part.Name)) ? null
            : parts.Where(part => part.Value is not null).Select(part => (part.Name, part.Value!)).ToList();
    }

    /// <summary>A member of a new record that was given no value where it was created: what its declaration says, or nothing at all.</summary>
    private ParsedValue Untouched(ISymbol member, ITypeSymbol type, IOperation operation)
    {
        member = member.OriginalDefinition;
        if (IsWritten(member) || InitialOf(member) is not null)
        {
            return NumberTypes.IsNumberLike(type) ? new ArgumentValue(new UnknownArgument()) : Unsupported(operation);
        }

        return !type.IsValueType || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T ? new ArgumentValue(new NullArgument())
            : NumberTypes.IsNumber(type) ? new ArgumentValue(new NumberArgument(0))
            : type.SpecialType == SpecialType.System_Boolean ? new ArgumentValue(new FlagArgument(false))
            : NumberTypes.IsNumberLike(type) ? new ArgumentValue(new UnknownArgument())
            : Unsupported(operation);
    }

    /// <summary>
    /// The members of a record to which its declaration gives a constant, or what it makes anew for each object, and no constructor anything else.
    /// </summary>
    private IEnumerable<(string, ParsedValue)> Declared(INamedTypeSymbol type)
    {
        foreach (var member in TypeTranslator.Members(type.OriginalDefinition).Where(member => !IsWritten(member)))
        {
            if (InitialOf(member)?.Parent is { } clause && Context.Operation(clause) is ISymbolInitializerOperation { Value: var initial }
                && (initial.ConstantValue.HasValue || initial.DescendantsAndSelf().All(IsOfItself)))
            {
                var mark = Mark();
                if (Evaluate(initial) is not BrokenValue and var value)
                {
                    yield return (member.Name, value);
                }
                else
                {
                    Restore(mark, findingsToo: true);
                }
            }
        }
    }

    /// <summary>Whether a part of an initializer hangs on nothing but what it says.</summary>
    private bool IsOfItself(IOperation part) => part switch
    {
        IInstanceReferenceOperation { ReferenceKind: not InstanceReferenceKind.ImplicitReceiver } => false,
        ILocalReferenceOperation or IAnonymousFunctionOperation => false,
        IParameterReferenceOperation { Parameter: var parameter } => Scope.ValueOf(parameter) is not null,
        IMemberReferenceOperation { Instance: not (null or IInstanceReferenceOperation), Member: var member } =>
            Torch.IsTorch(member) || TypeTranslator.IsOfSystem(member),
        IMemberReferenceOperation { ConstantValue.HasValue: false } => false,
        IInvocationOperation { TargetMethod: var called } => Torch.IsTorch(called)
            || part.Parent is IObjectOrCollectionInitializerOperation && TypeTranslator.IsOfSystem(called),
        _ => true,
    };

    /// <summary>The expression that a declaration gives a member; null for none.</summary>
    private ExpressionSyntax? InitialOf(ISymbol member) => member.DeclaringSyntaxReferences.Select(declaration => declaration.ReadBy(Context) switch
    {
        VariableDeclaratorSyntax { Initializer.Value: var value } => value,
        PropertyDeclarationSyntax { Initializer.Value: var value } => value,
        _ => null,
    }).FirstOrDefault(value => value is not null);

    /// <summary>Whether a constructor of its class gives a member a value.</summary>
    private bool IsWritten(ISymbol member) => member.ContainingType.InstanceConstructors.Any(constructor => WrittenBy(constructor).Contains(member.Name));

    /// <summary>The members that the body of a constructor gives a value.</summary>
    private IEnumerable<string> WrittenBy(IMethodSymbol constructor) => Methods.BodyOf(constructor) is { } body
        ? body.Descendants().Select(Written).Where(symbol => symbol is IFieldSymbol or IPropertySymbol).Select(member => member!.Name)
        : [];

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

        var made = new RecordValue(parts.ToImmutableArray(), type);

        // What may be changed is one object, wherever it is put and whatever names it.
        return type.IsReferenceType && Types.IsRecord(type) && ChangedMembers.Has(type, Context) && Writer.CodeOf(made, type) is { } code
            ? new CodeValue(Bindings.NewLocal(Target.Length > 0 ? Target : type.Name, code, isSize: false), type)
            : made;
    }

    /// <summary>Which member each parameter of a constructor goes to; null where that cannot be told.</summary>
    private List<(string Member, IParameterSymbol Parameter)>? PartsOf(IMethodSymbol constructor)
    {
        var syntax = constructor.DeclaringSyntaxReferences.FirstOrDefault()?.ReadBy(Context);
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
        if (!Types.IsRecord(with.Type))
        {
            return Repeats.Repeated(with);
        }

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

        return owner is RecordValue record && !record.Parts.Any(part => part.Name == member.Name) ? Untouched(member, type, operation)
            : Named(owner, member.Name, type, operation);
    }

    private ParsedValue Named(ParsedValue owner, string part, ITypeSymbol type, IOperation operation)
    {
        if (owner is RecordValue record)
        {
            return record.Parts.Any(one => one.Name == part) ? record[part] : Unsupported(operation);
        }

        if (Writer.CodeOf(owner, null) is not { } code)
        {
            return Unsupported(operation);
        }

        var name = new TextArgument(part);
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
        // Its constructor gives it its first ones.
        if (to.Instance is IInstanceReferenceOperation && Frames.Peek() is { Method.MethodKind: MethodKind.Constructor, This: RecordValue })
        {
            return Bindings.Bind(to.Member.OriginalDefinition, value) ? value : ParsedValue.Broken;
        }

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
