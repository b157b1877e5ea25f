using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Fields and properties: layers, parameters, configuration.</summary>
internal sealed partial class ForwardParser
{
    private ParsedValue Member(IMemberReferenceOperation reference, ISymbol member)
    {
        var type = reference.Type;
        if (evaluating.Operation == reference)
        {
            Restore(evaluating.Start, findingsToo: false);
        }

        if (reference.Instance is IInstanceReferenceOperation && scope.ValueOf(member.OriginalDefinition) is { } left)
        {
            return left;
        }

        var owner = reference.Instance is null ? null : Evaluate(reference.Instance);
        switch (owner)
        {
            case BrokenValue or OtherValue:
                return owner;
            case RangeValue range when member.Name is "Start" or "End":
                return member.Name == "Start" ? range.Start : range.End;
            case EndValue end when member.Name is "Value" or "IsFromEnd":
                return new ArgumentValue(member.Name == "Value" ? end.At : new FlagArgument(end.FromEnd));
            case ArgumentValue { Argument: NullArgument }:
                return Unsupported(reference, RuleIds.UnsupportedExpression, $"'{SourceText.Quote(reference.Syntax)}', as what stands before the dot is null");
            case ArgumentValue { Argument: ListArgument list } when ElementIndex(member) is >= 0 and var index && index < list.Items.Count:
                return new ArgumentValue(list.Items[index]);
            case TupleValue tuple when ElementIndex(member) is >= 0 and var index && index < tuple.Items.Length:
                return tuple.Items[index];
            case RecordValue or CodeValue when types.IsRecord(reference.Instance!.Type):
                return PartOf(owner, member, type!, reference);
            case ResultsValue results when ElementIndex(member) is >= 0 and var index:
                return ItemOf(results, index, type!);
            case CodeValue { Code: var code } when IsTupleObject(reference.Instance!.Type) && ElementIndex(member) >= 0:
                return Typed((code.IsPath ? code : NewLocal("pair", code, isSize: false)).Member(member.Name), type!);
        }

        if (owner is RecordValue helper)
        {
            // A field of a helper object that no constructor parameter went to, or that may change, has a value that is not known.
            return IsSetOnce(member) && helper.Parts.Any(part => part.Name == member.Name) ? helper[member.Name] : Unsupported(reference);
        }

        usesObsolete |= member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "ObsoleteAttribute");
        if (torch.IsModule(type) && owner is ModelValue or LayerValue)
        {
            return IsReachable(member) ? Layer(member, type!, owner)
                : owner is LayerValue { Reference: var keeper } && types.Translate(type!) is { } child ? Typed(new Cast(child, ChildOf(keeper, member, isOptional: type!.NullableAnnotation != NullableAnnotation.NotAnnotated)), type)
                : Unsupported(reference, RuleIds.UnsupportedExpression, Private(member));
        }

        if (owner is null && member.IsStatic && torch.IsModule(type))
        {
            registration.CheckElsewhere(member, reference.Syntax);
        }

        // A delegate is the lambda or method that the constructor put there, if that is all that ever is.
        if (type is { TypeKind: TypeKind.Delegate } && owner is null or ModelValue && layers.AssignedTo(member) is [var only] && Unconverted(only) is IDelegateCreationOperation { Target: var written })
        {
            switch (written)
            {
                case IAnonymousFunctionOperation lambda:
                    return new FunctionValue(lambda.Symbol, new ModelValue());
                case IMethodReferenceOperation { Instance: null or IInstanceReferenceOperation } method:
                    return MethodValue(method, new ModelValue());
            }
        }

        if (types.CarriesTensors(type) && owner is ModelValue or LayerValue)
        {
            return torch.IsTensor(type) ? Parameter(reference, member, owner) : Unsupported(reference);
        }

        if (owner is null && member.IsStatic && torch.IsTensor(type) && IsReachable(member))
        {
            return Held(reference, member, Expression.Link("Unregistered", new TextArgument($"{member.ContainingType.Name}.{member.Name}"), CodeOf(member)));
        }

        if (owner is null or ModelValue && IsNumberLike(type) && IsReachable(member))
        {
            return new ArgumentValue(new MemberArgument(CodeOf(member)));
        }

        if (owner is LayerValue { Reference: var holder } && IsNumberLike(type))
        {
            // The width that a layer was made with follows what is pruned.
            var value = Receiver(holder).Member(Identifiers.Escape(member.Name));
            return !IsReachable(member) ? new ArgumentValue(new UnknownArgument(Private(member)))
                : IsWidth(member, type) ? new ArgumentValue(new CodeArgument(Expression.Link("Width", LayerCode(holder), new TextArgument(member.Name), value), OfSizes: true))
                : new ArgumentValue(new MemberArgument(value));
        }

        return Repeated(reference);
    }

    /// <summary>Whether a property of a layer may tell a width: a size, like any that is read from a tensor.</summary>
    private bool IsWidth(ISymbol member, ITypeSymbol? type) => type?.SpecialType == SpecialType.System_Int64 && torch.IsTorch(member.ContainingType) && torch.IsModule(member.ContainingType);

    /// <summary>Whether nothing but the constructor gives a member its value.</summary>
    private bool IsSetOnce(ISymbol member) => member switch
    {
        IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } => true,
        _ => member.DeclaredAccessibility == Accessibility.Private && !member.ContainingType.GetMembers().OfType<IMethodSymbol>()
            .Where(method => method.MethodKind != MethodKind.Constructor)
            .Any(method => BodyOf(method) is { } body && body.Descendants().Any(inner => SymbolEqualityComparer.Default.Equals(Written(inner), member))),
    };

    /// <summary>Which element of a tuple a field is; -1 for any other field.</summary>
    private static int ElementIndex(ISymbol member)
    {
        if (member is IPropertySymbol { Name: ['I', 't', 'e', 'm', >= '1' and <= '7' and var digit] } && IsTupleObject(member.ContainingType))
        {
            return digit - '1';
        }

        if (member is not IFieldSymbol { ContainingType: { IsTupleType: true } tuple } field)
        {
            return -1;
        }

        for (var i = 0; i < tuple.TupleElements.Length; i++)
        {
            var element = tuple.TupleElements[i];
            if (element.Name == field.Name || field.Name == $"Item{i + 1}" || SymbolEqualityComparer.Default.Equals(element.CorrespondingTupleField, field.CorrespondingTupleField))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A parameter or buffer of the model, or of a layer, used like any tensor.</summary>
    private ParsedValue Parameter(IMemberReferenceOperation reference, ISymbol member, ParsedValue owner)
    {
        if (owner is LayerValue layer && torch.IsTorch(member.ContainingType))
        {
            return Typed(Expression.Link("Parameter", LayerCode(layer.Reference), new TextArgument(member.Name)), reference.Type!);
        }

        if (member is IPropertySymbol property && LayerParser.BackingField(property) is null)
        {
            return Getter(property, owner, reference.Instance) is { } getter ? GetterOf(getter, owner) : Unsupported(reference);
        }

        var name = new TextArgument(LayerParser.RegisteredName(member));
        if (owner is LayerValue { Reference: var keeper })
        {
            // What another class keeps to itself is told by its name alone, which says nothing of a tensor that is not registered.
            if (!IsReachable(member) && registration.Loose(member.OriginalDefinition) is not null)
            {
                return Unsupported(reference, RuleIds.UnsupportedExpression, $"'{member.Name}', which is not registered and private to {member.ContainingType.Name} (register it, or make it internal)");
            }

            var code = IsReachable(member)
                ? Expression.Link("Parameter", LayerCode(keeper), name, Receiver(keeper).Member(Identifiers.Escape(member.Name)))
                : Expression.Link("Parameter", LayerCode(keeper), name);
            return Typed(code, reference.Type!);
        }

        return IsReachable(member) ? Held(reference, member, Expression.Link("Parameter", new ModelItself(), name, CodeOf(member))) : Unsupported(reference);
    }

    /// <summary>The tensor in a field, and whether the source tells that it is not registered.</summary>
    private TensorValue Held(IMemberReferenceOperation reference, ISymbol member, Expression code)
    {
        var tensor = NewValue(target.Length > 0 ? target : "x");
        nodes.Add(new Let(tensor.Number, code, "", IsTensor: true, code.HasEffect, statement, context.Sites.Add(reference.Syntax)) { Loose = registration.Loose(member.OriginalDefinition) });
        return tensor;
    }

    private static string Private(ISymbol member) => $"'{member.Name}', which is private to {member.ContainingType.Name} (make it internal)";

    private static Expression LayerCode(LayerReference reference) => reference.NeedsCast ? new Cast(TypeTranslator.Module, Receiver(reference)) : Receiver(reference);

    /// <summary>A layer that another model keeps to itself, by its name.</summary>
    private Call ChildOf(LayerReference keeper, ISymbol member, bool isOptional)
    {
        var name = new TextArgument(layers.PathOf(member));
        return isOptional ? Expression.Link("Child", LayerCode(keeper), name, new FlagArgument(true)) : Expression.Link("Child", LayerCode(keeper), name);
    }

    /// <summary>Whether generated code may name a member: a base class may have hidden it.</summary>
    private bool IsReachable(ISymbol member) => context.Compilation.IsSymbolAccessibleWithin(member, context.Type);

    private ParsedValue Layer(ISymbol member, ITypeSymbol type, ParsedValue? owner)
    {
        var parent = owner as LayerValue;
        var name = Identifiers.Escape(member.Name);
        var path = layers.PathOf(member);
        return new LayerValue(
            parent is { Layer: { Path.Length: 0 } } ? LayerNode.Deferred("", type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)) : layers.Describe(member, parent is null ? path : $"{parent.Layer.Path}.{path}"),
            new LayerReference(
                parent is null ? new ModelMember(name) : Receiver(parent.Reference).Member(name),
                !torch.DerivesFromModule(type),
                type.NullableAnnotation == NullableAnnotation.Annotated));
    }

    private static Expression Receiver(LayerReference reference) =>
        reference.As.Length > 0 ? new Cast(reference.As, reference.Code) : reference.MayBeNull ? new NotNull(reference.Code) : reference.Code;

    private ParsedValue Property(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (property.IsIndexer)
        {
            return Indexer(reference);
        }

        if (torch.IsTensor(property.ContainingType) || torch.IsTensor(reference.Instance?.Type))
        {
            // Its element type or device says nothing, wherever it comes from.
            if (!torch.IsTensor(property.Type) && property.Name is not ("shape" or "ndim" or "Dimensions" or "NumberOfElements"))
            {
                return context.IsBroken || !Follow(reference.Instance!) ? ParsedValue.Broken : ParsedValue.Other;
            }

            return Evaluate(reference.Instance!) switch
            {
                TensorValue tensor when property.Name == "shape" => new ShapeValue(tensor.Number),
                TensorValue tensor when property.Name is "ndim" or "Dimensions" => new ArgumentValue(new RankArgument(tensor.Number)),
                TensorValue tensor when torch.IsTensor(property.Type) => Transposed(tensor, reference),
                TensorValue tensor when property.Name == "NumberOfElements" => Elements(tensor),
                TensorValue when IsNumberLike(property.Type) => new ArgumentValue(new UnknownArgument()),
                BrokenValue broken => broken,
                _ => ParsedValue.Other,
            };
        }

        if (IsTraining(property))
        {
            return new ArgumentValue(new CodeArgument(Named.Linker.Member("Training")));
        }

        // A helper's optional number may have been given one that cannot be null.
        if (property is { Name: "Value" or "HasValue", ContainingType.OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } && reference.Instance is { } optional && Evaluate(optional) is var held and (BrokenValue or ArgumentValue { Argument.IsTold: true }))
        {
            return property.Name == "HasValue" ? NullTest(held, optional.Type, isNull: false) : Present(held, optional.Type!);
        }

        if (property.Name is "Length" or "Count" && reference.Instance is { } counted && Evaluate(counted) is var list and (ShapeValue or ItemsValue or ResultsValue or ArgumentValue or BrokenValue))
        {
            return list switch
            {
                ShapeValue shape => new ArgumentValue(new RankArgument(shape.Tensor)),
                ItemsValue items => new ArgumentValue(new NumberArgument(items.Items.Length)),
                ArgumentValue { Argument: ListArgument several } => new ArgumentValue(new NumberArgument(several.Items.Count)),
                ResultsValue results => new ArgumentValue(new CodeArgument(new ValueName(results.Number).Member("Length"))),
                BrokenValue => list,
                _ => Repeated(reference),
            };
        }

        // A property that only names something else is that.
        return LayerParser.BackingField(property) is null && (torch.IsModule(property.Type) || types.CarriesTensors(property.Type))
            && (property.IsStatic || reference.Instance is IInstanceReferenceOperation) && Getter(property, frames.Peek().This, reference.Instance) is { } getter
            ? Inlined(getter)
            : Member(reference, property);
    }

    /// <summary>Whether a property tells whether a module is trained: a model is used both ways, whichever it is linked in.</summary>
    private bool IsTraining(IPropertySymbol property) => property.Name == "training" && torch.IsModule(property.ContainingType) && torch.IsTorch(property.ContainingType);

    /// <summary>The number in an optional one.</summary>
    private static ParsedValue Present(ParsedValue optional, ITypeSymbol type) => optional switch
    {
        ArgumentValue { Argument: NullArgument or NumberArgument or FlagArgument or { IsSize: true } } => optional,
        ArgumentValue { Argument: var argument } => new ArgumentValue(new CodeArgument(new Cast(type.ToDisplayString(NullableFlowState.None), argument).Member("Value"))),
        _ => optional,
    };

    private ParsedValue Inlined(IMethodSymbol getter) => getter.DeclaringSyntaxReferences[0].GetSyntax(context.Cancellation) switch
    {
        ArrowExpressionClauseSyntax arrow when context.Operation(arrow.Expression) is { } value => Evaluate(value),
        _ => Run(getter, frames.Peek().This),
    };

    private ParsedValue Transposed(TensorValue tensor, IPropertyReferenceOperation reference) => reference.Property.Name switch
    {
        "mT" => Apply("transpose", [tensor.Number], [new NamedArgument("dim0", new NumberArgument(-2)), new NamedArgument("dim1", new NumberArgument(-1))], reference),
        "T" => Apply("t", [tensor.Number], [], reference),
        "grad" => ParsedValue.Other,
        _ => Unsupported(reference, RuleIds.UnsupportedOperation, reference.Property.Name),
    };

    /// <summary>How generated code writes a member of the model, or a static member of any class.</summary>
    private Expression CodeOf(ISymbol member) => member.IsStatic
        ? new Named(types.Translate(member.ContainingType) ?? member.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)).Member(Identifiers.Escape(member.Name))
        : new ModelMember(Identifiers.Escape(member.Name));
}
