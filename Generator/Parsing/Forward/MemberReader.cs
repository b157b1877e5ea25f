using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Fields and properties: layers, parameters, configuration.</summary>
internal sealed class MemberReader(Reading reading) : Reader(reading)
{
    public ParsedValue Member(IMemberReferenceOperation reference, ISymbol member)
    {
        var type = reference.Type;
        if (Evaluating.Operation == reference)
        {
            Restore(Evaluating.Start, findingsToo: false);
        }

        if (reference.Instance is IInstanceReferenceOperation && Scope.ValueOf(member.OriginalDefinition) is { } left)
        {
            Reading.IsElsewhere(reference);
            return left is TensorValue { Number: var held } && Bindings.Found.Contains(held)
                ? Writer.NewTensor(CarriedOver(member, new ValueName(held)), reference)
                : left;
        }

        var owner = reference.Instance is null ? null : Evaluate(reference.Instance);
        switch (owner)
        {
            case BrokenValue:
                return owner;
            case OtherValue or ContentsValue:
                return owner is ContentsValue || NumberTypes.IsNumberLike(type) ? Repeats.Untold(reference) : owner;
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
            case RecordValue or CodeValue when Types.IsRecord(reference.Instance!.Type):
                return Records.PartOf(owner, member, type!, reference);
            case CreatedValue created:
                return Created.Part(created, reference, member);
            case ResultsValue results when ElementIndex(member) is >= 0 and var index:
                return Collections.ItemOf(results, index, type!);
            case CodeValue { Code: var code } when TypeTranslator.IsTupleObject(reference.Instance!.Type) && ElementIndex(member) >= 0:
                return Writer.Typed((code.IsPath ? code : Bindings.NewLocal("pair", code, isSize: false)).Member(member.Name), type!);
        }

        if (owner is LayerValue && (Torch.IsTensor(type) || !Types.MayCarryTensors(type)) && IsLeftBy(member))
        {
            return Unsupported(
                reference, new Problem($"'{SourceText.Quote(reference.Syntax)}', which the layer itself changes", "let its forward give it, too"));
        }

        if (owner is RecordValue helper)
        {
            // A field of a helper object that no constructor parameter went to, or that may change, has a value that is not known.
            return IsSetOnce(member) && helper.Parts.Any(part => part.Name == member.Name) ? helper[member.Name] : Unsupported(reference);
        }

        if (owner is CodeValue plain && !member.IsStatic && Objects.IsPlain(plain.Type)
            && (reference.Instance is IInstanceReferenceOperation || !IsReachable(member)))
        {
            return Objects.Part(plain, reference, member);
        }

        UsesObsolete |= member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "ObsoleteAttribute");
        if (Torch.IsModule(type) && owner is ModelValue or LayerValue)
        {
            return IsReachable(member) ? Layer(member, type!, owner, IsForced(reference.Syntax))
                : owner is LayerValue { Reference: var keeper }
                    ? Writer.Typed(
                        new Cast(
                            Types.Translate(type!) ?? TypeTranslator.Module,
                            ChildOf(keeper, member, isOptional: type!.NullableAnnotation != NullableAnnotation.NotAnnotated)),
                        type)
                : Unsupported(reference, Private(member));
        }

        if (owner is ModelValue or LayerValue && Dynamics.HoldsLayer(member, type))
        {
            return IsReachable(member) ? Layer(member, type!, owner)
                : owner is LayerValue { Reference: var holding } ? Writer.Typed(ChildOf(holding, member, isOptional: true), Torch.Module)
                : Unsupported(reference, Private(member));
        }

        if (owner is null && member.IsStatic && Torch.IsModule(type))
        {
            Registration.CheckElsewhere(member, reference.Syntax);
        }

        // A delegate is the lambda or method that the constructor put there, if that is all that ever is.
        var put = type is { TypeKind: TypeKind.Delegate } && owner is null or ModelValue && LayerTypes.AssignedTo(member) is [var only] ? only : null;
        if (put is not null && Conversions.Unconverted(put).ConstantValue is { HasValue: true, Value: null })
        {
            return new ArgumentValue(new NullArgument());
        }

        if (put is not null && Conversions.Unconverted(put) is IDelegateCreationOperation { Target: var written })
        {
            switch (written)
            {
                case IAnonymousFunctionOperation lambda:
                    return new FunctionValue(lambda.Symbol, new ModelValue());
                case IMethodReferenceOperation { Instance: null or IInstanceReferenceOperation } method:
                    return Overrides.MethodValue(method, new ModelValue());
            }
        }

        if (Types.CarriesTensors(type) && owner is ModelValue or LayerValue)
        {
            return Torch.IsTensor(type) ? Parameter(reference, member, owner) : HeldTensors(reference, member, owner);
        }

        if (owner is null && member.IsStatic && Torch.IsTensor(type) && IsReachable(member))
        {
            var path = new TextArgument($"{member.ContainingType.Name}.{member.Name}");
            return KeptTensor(reference, member, Expression.Link("Unregistered", path, CodeOf(member)));
        }

        if (owner is null && member.IsStatic && Types.CarriesTensors(type))
        {
            return HeldTensors(reference, member, owner);
        }

        if (IsHiddenNumber(reference) && Types.Translate(type!) is { } number)
        {
            var declaring = member.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
            return new ArgumentValue(
                new MemberArgument(
                    new Cast(
                        number,
                        new NotNull(
                            new Named("global::PruneGen.LiveObjects").Method(
                                "Hidden", new ModelItself(), new Named($"typeof({declaring})"), new TextArgument(member.MetadataName))))));
        }

        // Of what a base class states, generated code of a class that derives from it writes nothing.
        if (owner is LayerValue or ModelValue
            && (owner is LayerValue || SymbolEqualityComparer.Default.Equals(member.OriginalDefinition.ContainingType, Context.Type.OriginalDefinition))
            && Reading.Counting.Contains(member) && Counted(owner, member, type!) is { } counted)
        {
            return new ArgumentValue(new CodeArgument(counted, OfSizes: true));
        }

        if (owner is null or ModelValue && NumberTypes.IsNumberLike(type) && IsReachable(member))
        {
            return new ArgumentValue(new MemberArgument(CodeOf(member)));
        }

        if (!IsReachable(member)
            && (owner ?? (member.IsStatic ? Frames.Peek().This : null)) is LayerValue { Reference: var teller }
            && LayerParser.IsModel(member.ContainingType)
            && PrivateValues.IsKnown(member.OriginalDefinition, Torch, Types) && Types.Translate(type!) is { } told)
        {
            var value = Expression.Link("PrivateValue", ValueWriter.LayerCode(teller), new TextArgument(member.Name));
            return Writer.Typed(new Cast(told, new NotNull(value)), type!);
        }

        if (owner is LayerValue { Reference: var holder } && NumberTypes.IsNumberLike(type))
        {
            // The width that a layer was made with follows what is pruned.
            var value = ValueWriter.Receiver(holder).Member(Identifiers.Escape(member.Name));
            return !IsReachable(member) ? new ArgumentValue(new UnknownArgument(Private(member)))
                : Uses.IsWidth(
                    member,
                    type) ? new ArgumentValue(
                        new CodeArgument(Expression.Link("Width", ValueWriter.LayerCode(holder), new TextArgument(member.Name), value), OfSizes: true))
                : new ArgumentValue(new MemberArgument(value));
        }

        return owner is LayerValue { Reference: var self } && reference.Instance is IInstanceReferenceOperation
            && IsReachable(member) && !Types.MayCarryTensors(type) && Types.Translate(type!) is not null
            ? Writer.Typed(ValueWriter.Receiver(self).Member(Identifiers.Escape(member.Name)), type!)
            : Repeats.Repeated(reference);
    }

    /// <summary>A number that follows what is pruned, of this model or another; null where another keeps it to itself and does not tell it.</summary>
    private Call? Counted(ParsedValue owner, ISymbol member, ITypeSymbol type)
    {
        var name = new TextArgument(member.Name);
        if (owner is not LayerValue { Reference: var holder })
        {
            return Expression.Link("Number", new ModelItself(), name, CodeOf(member));
        }

        var layer = ValueWriter.LayerCode(holder);
        return IsReachable(member) ? Expression.Link("Number", layer, name, ValueWriter.Receiver(holder).Member(Identifiers.Escape(member.Name)))
            : PrivateValues.IsKnown(member.OriginalDefinition, Torch, Types)
                ? Expression.Link("Number", layer, name, new Cast(Types.Translate(type)!, new NotNull(Expression.Link("PrivateValue", layer, name))))
            : null;
    }

    /// <summary>Whether it is a number, or several, that a base class of the model, or a class whose method it runs, keeps to itself.</summary>
    public bool IsHiddenNumber(IMemberReferenceOperation reference) =>
        reference.Instance is null or IInstanceReferenceOperation
            && Frames.Peek().This is null or ModelValue
            && NumberTypes.IsNumberLike(reference.Type)
            && !IsReachable(reference.Member)
            && IsReachable(reference.Member.ContainingType);

    /// <summary>Whether nothing but the constructor gives a member its value.</summary>
    public bool IsSetOnce(ISymbol member) => member switch
    {
        IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } => true,
        _ => member.DeclaredAccessibility == Accessibility.Private && !member.ContainingType.GetMembers().OfType<IMethodSymbol>()
            .Where(method => method.MethodKind != MethodKind.Constructor)
            .Any(
                method =>
                    Methods.BodyOf(method) is { } body
                        && body.Descendants().Any(inner => SymbolEqualityComparer.Default.Equals(RecordReader.Written(inner), member))),
    };

    /// <summary>Which element of a tuple a field is; -1 for any other field.</summary>
    public static int ElementIndex(ISymbol member)
    {
        if (member is IPropertySymbol { Name: ['I', 't', 'e', 'm', >= '1' and <= '7' and var digit] } && TypeTranslator.IsTupleObject(member.ContainingType))
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
            if (element.Name == field.Name
                || field.Name == $"Item{i + 1}"
                || SymbolEqualityComparer.Default.Equals(element.CorrespondingTupleField, field.CorrespondingTupleField))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A parameter or buffer of the model, or of a layer, used like any tensor.</summary>
    private ParsedValue Parameter(IMemberReferenceOperation reference, ISymbol member, ParsedValue owner)
    {
        if (owner is LayerValue layer && Torch.IsTorch(member.ContainingType))
        {
            return Writer.NewTensor(Expression.Link("Parameter", ValueWriter.LayerCode(layer.Reference), new TextArgument(member.Name)), reference);
        }

        if (member is IPropertySymbol property && LayerParser.BackingField(property) is null)
        {
            Reading.IsElsewhere(reference);
            return Overrides.Getter(property, owner, reference.Instance) is { } getter ? Records.GetterOf(getter, owner) : Unsupported(reference);
        }

        var name = new TextArgument(LayerParser.RegisteredName(member));
        if (owner is LayerValue { Reference: var keeper })
        {
            // What another class keeps to itself is told by its name alone, which says nothing of a tensor that is not registered.
            if (!IsReachable(member) && Registration.Unregistered(member.OriginalDefinition) is not null)
            {
                return Unsupported(
                    reference,
                    new Problem($"'{member.Name}', which is not registered and private to {member.ContainingType.Name}", "register it, or make it internal"));
            }

            var code = IsReachable(member)
                ? Expression.Link("Parameter", ValueWriter.LayerCode(keeper), name, ValueWriter.Receiver(keeper).Member(Identifiers.Escape(member.Name)))
                : Expression.Link("Parameter", ValueWriter.LayerCode(keeper), name);
            return Writer.NewTensor(code, reference);
        }

        return IsReachable(member)
            ? KeptTensor(reference, member, Expression.Link("Parameter", new ModelItself(), name, CodeOf(member)))
            : Unsupported(reference);
    }

    /// <summary>The tensor in a field, and whether the source tells that it is not registered, or was left there by forward the last time.</summary>
    private TensorValue KeptTensor(IMemberReferenceOperation reference, ISymbol member, Expression code) =>
        Writer.NewTensor(
            Live.WillChange(member.OriginalDefinition) ? CarriedOver(member, code) : code, reference, Registration.Unregistered(member.OriginalDefinition));

    private static Call CarriedOver(ISymbol member, Expression held) => Expression.Link("CarriedOver", new TextArgument(member.Name), held);

    /// <summary>A list, tuple, dictionary or object with tensors in it, which was there before forward was called and stays as it is.</summary>
    private ParsedValue HeldTensors(IMemberReferenceOperation reference, ISymbol member, ParsedValue? owner)
    {
        var type = reference.Type!;
        var parts = Types.PartsOf(type);
        if (parts is null || Types.Translate(type) is not { } name)
        {
            return !TypeTranslator.IsOfSystem(type) ? Unsupported(reference) : Unsupported(
                reference,
                type.TypeKind == TypeKind.Delegate ? new Problem(
                    $"'{SourceText.Quote(reference.Syntax)}', a delegate of which the source does not show what it is",
                    "hold a module, or an object with a method, or choose by a setting where it is called")
                : new Problem(
                    $"'{SourceText.Quote(reference.Syntax)}', which holds tensors in a {type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}",
                    "keep them in an array, a list, a dictionary, a tuple or an object of your own"));
        }

        if (!IsReachable(member))
        {
            return Unsupported(reference, Private(member));
        }

        if (parts.Append(member.OriginalDefinition).Any(
            part => Live.WillChange(part) || Effects.Elsewhere.Contains(part) || Kept.Handed.Contains(part)))
        {
            return Unsupported(reference, LiveReader.Changed(reference));
        }

        var code = owner is LayerValue { Reference: var keeper } ? ValueWriter.Receiver(keeper).Member(Identifiers.Escape(member.Name)) : CodeOf(member);
        var path = new TextArgument(member.IsStatic ? $"{member.ContainingType.Name}.{member.Name}" : member.Name);
        var held = new Call(
            new Generic(Named.Linker.Member("Held"), new[] { name }.ToEquatable()), new Expression[] { path, code }.ToEquatable());
        var value = Writer.Typed(Bindings.NewLocal(member.Name, held, isSize: false), type);

        // What forward puts into it, where it lacks that, is there when it is read again.
        if (owner is ModelValue && ReferenceEquals(Nodes, Reading.Outermost))
        {
            Scope.Bind(member.OriginalDefinition, value);
        }

        return value;
    }

    public static Problem Private(ISymbol member) => new($"'{member.Name}', which is private to {member.ContainingType.Name}", "make it internal");

    /// <summary>A layer that another model keeps to itself, by its name.</summary>
    private Call ChildOf(LayerReference keeper, ISymbol member, bool isOptional)
    {
        var name = new TextArgument(LayerTypes.PathOf(member));
        return isOptional
            ? Expression.Link("Child", ValueWriter.LayerCode(keeper), name, new FlagArgument(true))
            : Expression.Link("Child", ValueWriter.LayerCode(keeper), name);
    }

    /// <summary>Whether generated code may name a member: a base class may have hidden it.</summary>
    public bool IsReachable(ISymbol member) => Context.Compilation.IsSymbolAccessibleWithin(member, Context.Type);

    /// <summary>Whether the source says of an expression that it is not null, which no operation tells: <c>opt!</c>.</summary>
    private static bool IsForced(SyntaxNode expression) => expression.Parent switch
    {
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } => true,
        ParenthesizedExpressionSyntax outer => IsForced(outer),
        _ => false,
    };

    /// <summary>The layer that a member holds.</summary>
    /// <param name="member">The member, which generated code may name.</param>
    /// <param name="type">What it is declared as.</param>
    /// <param name="owner">What it is a member of.</param>
    /// <param name="isForced">Whether the source says that it is not null.</param>
    public LayerValue Layer(ISymbol member, ITypeSymbol type, ParsedValue? owner, bool isForced = false)
    {
        var parent = owner as LayerValue;
        var name = Identifiers.Escape(member.Name);
        var path = LayerTypes.PathOf(member);
        var code = parent is null ? (Expression)new ModelMember(name) : ValueWriter.Receiver(parent.Reference).Member(name);
        var node = parent is { Layer: { Path.Length: 0 } }
            ? LayerNode.Deferred("", type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat))
            : LayerTypes.Describe(member, parent is null ? path : $"{parent.Layer.Path}.{path}");
        if (!DynamicReader.IsUntyped(type))
        {
            return new LayerValue(
                node, new LayerReference(code, !Torch.DerivesFromModule(type), isForced || type.NullableAnnotation == NullableAnnotation.Annotated));
        }

        return Dynamics.ClassOf(member) is { } known
            ? new LayerValue(node, new LayerReference(new Cast(Types.Translate(known)!, code), NeedsCast: false, MayBeNull: false)) { Class = known }
            : new LayerValue(node, DynamicReader.Reference(code));
    }

    public ParsedValue Property(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (property.IsIndexer)
        {
            return Collections.Indexer(reference);
        }

        if (Torch.IsTensor(property.ContainingType) || Torch.IsTensor(reference.Instance?.Type))
        {
            // Its element type or device says nothing, wherever it comes from.
            if (!Torch.IsTensor(property.Type) && property.Name is not ("shape" or "ndim" or "Dimensions" or "NumberOfElements"))
            {
                return Context.IsBroken || !Repeats.Follow(reference.Instance!) ? ParsedValue.Broken : ParsedValue.Other;
            }

            return Evaluate(reference.Instance!) switch
            {
                TensorValue tensor when property.Name == "shape" => new ShapeValue(tensor.Number),
                TensorValue tensor when property.Name is "ndim" or "Dimensions" => new ArgumentValue(new RankArgument(tensor.Number)),
                TensorValue tensor when Torch.IsTensor(property.Type) => Transposed(tensor, reference),
                TensorValue tensor when property.Name == "NumberOfElements" => OperationReader.Elements(tensor),
                TensorValue when NumberTypes.IsNumberLike(property.Type) => new ArgumentValue(new UnknownArgument()),
                BrokenValue broken => broken,
                _ => ParsedValue.Other,
            };
        }

        if (IsTraining(property))
        {
            return new ArgumentValue(new CodeArgument(Named.Linker.Member("Training")));
        }

        // A helper's optional number may have been given one that cannot be null.
        if (property is { Name: "Value" or "HasValue", ContainingType.OriginalDefinition.SpecialType: SpecialType.System_Nullable_T }
            && reference.Instance is { } optional
            && Evaluate(optional) is var held and (BrokenValue or ArgumentValue { Argument.IsKnown: true } or TupleValue or CodeValue)
            && (held is not CodeValue || OperatorReader.IsCertain(held) || Types.IsRecord(NumberTypes.Underlying(optional.Type))))
        {
            return property.Name == "HasValue" ? Operators.NullTest(held, optional.Type, isNull: false) : Present(held, optional.Type!);
        }

        if (property.Name is "Length" or "Count"
            && reference.Instance is { } counted
            && Evaluate(counted) is var list and (ShapeValue or ItemsValue or ResultsValue or ArgumentValue or BrokenValue))
        {
            return list switch
            {
                ShapeValue shape => new ArgumentValue(new RankArgument(shape.Tensor)),
                ItemsValue items => new ArgumentValue(new NumberArgument(items.Items.Length)),
                ArgumentValue { Argument: ListArgument several } => new ArgumentValue(new NumberArgument(several.Items.Count)),
                ResultsValue results => new ArgumentValue(new CodeArgument(new ValueName(results.Number).Member("Length"))),
                BrokenValue => list,
                _ => Repeats.Repeated(reference),
            };
        }

        // A property that only names something else is that; so is one that goes by what forward changes.
        if (LayerParser.BackingField(property) is null
            && (GoesByState(reference) || Torch.IsModule(property.Type) || Types.CarriesTensors(property.Type) || property.Type is IDynamicTypeSymbol)
            && (property.IsStatic || reference.Instance is IInstanceReferenceOperation)
                && Overrides.Getter(property, Frames.Peek().This, reference.Instance) is { } getter)
        {
            Reading.IsElsewhere(reference);
            return Inlined(getter);
        }

        return OfWidths(reference) ?? Member(reference, property);
    }

    /// <summary>A property of the user's that tells a width follows what is pruned, as the width itself does: its getter is read. Null for any other.</summary>
    private ParsedValue? OfWidths(IPropertyReferenceOperation reference)
    {
        if (reference.Property is not { GetMethod: { } asked } property || LayerParser.BackingField(property) is not null)
        {
            return null;
        }

        var isOwn = reference.Instance is null or IInstanceReferenceOperation;
        var mark = Mark();
        var owner = isOwn ? Frames.Peek().This : Torch.IsModule(reference.Instance!.Type) ? Evaluate(reference.Instance) : null;
        if (isOwn || owner is LayerValue or ModelValue)
        {
            var getter = Overrides.Getter(property, owner, reference.Instance);
            if (Uses.TellsWidth(getter ?? asked))
            {
                Reading.IsElsewhere(reference);
                return getter is null ? Unsupported(reference) : isOwn ? Inlined(getter) : Records.GetterOf(getter, owner!);
            }
        }

        Restore(mark, findingsToo: true);
        return null;
    }

    /// <summary>Whether the forward of a member's class gives it a value, by itself or by another method.</summary>
    private bool IsLeftBy(ISymbol member) => ForwardMethod.Entry(member.ContainingType, Context, Torch) is { } forward
        && Bindings.Assigns(forward).Contains(member.OriginalDefinition, SymbolEqualityComparer.Default);

    /// <summary>Whether the forward of a member's class reads it.</summary>
    public bool IsReadBy(ISymbol member) => ForwardMethod.Entry(member.ContainingType, Context, Torch) is { } forward
        && Bindings.Reads(forward).Contains(member.OriginalDefinition, SymbolEqualityComparer.Default);

    /// <summary>Gives a property of the user's another value, as its setter says; null where it only keeps what it is given, or may not be read.</summary>
    public ParsedValue? Set(IPropertyReferenceOperation to, ParsedValue value)
    {
        if (to.Property.SetMethod?.OriginalDefinition is not { } setter
            || !(to.Instance is IInstanceReferenceOperation || Types.IsRecord(to.Instance?.Type))
            || Methods.BodyOf(setter) is null)
        {
            return null;
        }

        if (OverrideResolver.IsVirtual(setter) || Frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, setter)))
        {
            return Unsupported(to);
        }

        var owner = to.Instance is IInstanceReferenceOperation ? Frames.Peek().This : Evaluate(to.Instance!);
        var given = to.Arguments.Select(at => (at.Parameter!.Ordinal, Evaluate(at.Value))).Append((setter.Parameters.Length - 1, value)).ToList();
        return owner is BrokenValue || Methods.ReadInPlace(setter, owner, given) is BrokenValue ? ParsedValue.Broken : value;
    }

    /// <summary>Whether a property tells whether a module is trained: a model is used both ways, whichever it is linked in.</summary>
    public bool IsTraining(IPropertySymbol property) =>
        property.Name == "training" && Torch.IsModule(property.ContainingType) && Torch.IsTorch(property.ContainingType);

    /// <summary>The number in an optional one.</summary>
    private static ParsedValue Present(ParsedValue optional, ITypeSymbol type) => optional switch
    {
        ArgumentValue { Argument: NullArgument } => optional,
        _ when OperatorReader.IsCertain(optional) => optional,
        ArgumentValue { Argument: var argument } =>
            new ArgumentValue(new CodeArgument(new NotNull(new Cast(type.ToDisplayString(NullableFlowState.None), argument)).Member("Value"))),
        _ => optional,
    };

    /// <summary>Whether a method or property changes the model each time that it is asked, or is computed from what forward has changed.</summary>
    public bool GoesByState(IOperation asked) => asked switch
    {
        IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation, Property.GetMethod: { } getter } => GoesByState(getter),
        IInvocationOperation { Instance: null or IInstanceReferenceOperation, TargetMethod: var method } => GoesByState(method),
        _ => false,
    };

    private bool GoesByState(IMethodSymbol method) => (!method.IsStatic && (Bindings.Assigns(method).Count > 0 || Live.IsLive(method)))
        || Bindings.Reads(method).Any(member => Scope.ValueOf(member) is not null || Effects.Elsewhere.Contains(member) || Live.WillChange(member));

    private ParsedValue Inlined(IMethodSymbol getter) => getter.DeclaringSyntaxReferences[0].ReadBy(Context) switch
    {
        ArrowExpressionClauseSyntax arrow when Context.Operation(arrow.Expression) is { } value =>
            NewerSyntax.In(value) is var (newer, what) ? Unsupported(newer, what) : Evaluate(value),
        _ => Methods.Run(getter, Frames.Peek().This),
    };

    private ParsedValue Transposed(TensorValue tensor, IPropertyReferenceOperation reference) => reference.Property.Name switch
    {
        "mT" =>
            Operations.Apply(
                "transpose",
                [tensor.Number],
                [new NamedArgument("dim0", new NumberArgument(-2)), new NamedArgument("dim1", new NumberArgument(-1))],
                reference),
        "T" => Operations.Apply("T", [tensor.Number], [], reference),
        "real" or "imag" => Operations.Apply(reference.Property.Name, [tensor.Number], [], reference),
        "grad" => ParsedValue.Other,
        _ => Unsupported(reference, RuleIds.UnsupportedOperation, reference.Property.Name),
    };

    /// <summary>How generated code writes a member of the model, or a static member of any class.</summary>
    public Expression CodeOf(ISymbol member) => member.IsStatic
        ? new Named(Types.Translate(member.ContainingType) ?? member.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)).Member(
            Identifiers.Escape(member.Name))
        : new ModelMember(Identifiers.Escape(member.Name));
}
