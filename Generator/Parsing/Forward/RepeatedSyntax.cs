using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Expressions that the generated code repeats as they stand, with every name in full: configuration, conditions, lists. What is
/// about tensors inside them goes the way of all tensors.
/// </summary>
internal sealed class RepeatedSyntax(Reading reading) : Reader(reading)
{
    private readonly HashSet<ISymbol> ownNames = new(SymbolEqualityComparer.Default);

    /// <summary>An expression that is repeated, by its type.</summary>
    public ParsedValue Repeated(IOperation operation)
    {
        var mark = Evaluating.Operation == operation ? Evaluating.Start : Mark();
        if (operation.Type is { SpecialType: not SpecialType.System_Void } type && RepeatAnew(operation) is { } code)
        {
            var isSize = NumberTypes.IsNumber(type) && operation is IInvocationOperation call && SizeLists.HandsOn(call);
            var value = Writer.Typed(OfItsType(operation.Syntax, code, type), type, isSize);
            return value is CodeValue list && SizeLists.AreSizes(operation) ? list with { IsOfSizes = true } : value;
        }

        // Whatever neither is a tensor nor changes one may be as it likes: messages, flags, statistics.
        var matters = Types.MayCarryTensors(operation.Type) || operation.DescendantsAndSelf().Any(ChangesSomething);
        if (!matters && !Context.IsBroken)
        {
            Restore(mark, findingsToo: true);
            return Untold(operation);
        }

        return Context.HasErrorsSince(mark.Findings) ? ParsedValue.Broken : Unsupported(operation);
    }

    /// <summary>A value that says nothing about dimensions and cannot be written.</summary>
    private static ParsedValue Untold(ITypeSymbol? type) => NumberTypes.IsNumberLike(type) ? new ArgumentValue(new UnknownArgument()) : ParsedValue.Other;

    /// <summary>Something that cannot be written: it says nothing about dimensions, or only the content of tensors tells it.</summary>
    public ParsedValue Untold(IOperation operation)
    {
        var mark = Mark();
        if (operation.Type?.SpecialType is not (SpecialType.System_Boolean or SpecialType.System_Void) && Gather(operation) is (var sizes, true))
        {
            return NumberTypes.IsNumber(operation.Type) ? new ContentValue(-1, SourceText.Quote(operation.Syntax), sizes.ToEquatable()) : new ContentsValue();
        }

        Restore(mark, findingsToo: true);
        return Follow(operation) ? Untold(operation.Type) : ParsedValue.Broken;
    }

    /// <summary>The sizes that an expression reads which cannot be written.</summary>
    public IReadOnlyList<Expression> SizesIn(IOperation operation)
    {
        var (mark, known) = (Mark(), Values.Count);
        var sizes = Gather(operation)?.Sizes.Where(size => size.Values().All(value => value < known)).Distinct().ToList() ?? [];
        Restore(mark, findingsToo: true);
        return sizes;
    }

    /// <summary>What an expression is computed from: sizes, and whether numbers out of tensors, too; null where a layer in it is not understood.</summary>
    private (List<Expression> Sizes, bool IsContent)? Gather(IOperation operation)
    {
        var (sizes, isContent) = (new List<Expression>(), false);
        return All(operation) ? (sizes, isContent) : null;

        bool All(IOperation part)
        {
            if (part != operation && Live.IsLive(part))
            {
                isContent = true;
                return FollowParts(part);
            }

            if (part == operation || !StandsForItself(part) || Types.CarriesTensors(part.Type) || part.ConstantValue.HasValue)
            {
                return part != operation && (Types.CarriesTensors(part.Type) || part is IAnonymousFunctionOperation)
                    ? Follow(part)
                    : part.ChildOperations.All(All);
            }

            switch (Conditions.Attempt(part))
            {
                case null:
                    return Follow(part);
                case ContentValue content:
                    isContent = true;
                    sizes.AddRange(content.Sizes);
                    break;
                case ContentsValue:
                    isContent = true;
                    break;
                case ShapeValue shape:
                    sizes.Add(new ValueName(shape.Tensor));
                    break;
                case ArgumentValue { Argument: { IsKnown: true } told } when Conditions.ReadsShape(told):
                    isContent |= Bindings.IsContent(told);
                    sizes.AddRange(told is ListArgument list ? list.Items : [told]);
                    break;
                case CodeValue { Code: var code, Type: var type } when Conditions.ReadsShape(code) && NumberTypes.IsFraction(type):
                    sizes.Add(new Cast("long", code));
                    break;
            }

            return true;
        }
    }

    /// <summary>Whether a part of an expression is asked for its value; what .NET's library makes of others is asked for these.</summary>
    private static bool StandsForItself(IOperation part) => part switch
    {
        IInvocationOperation call => !TypeTranslator.IsOfSystem(call.TargetMethod),
        IMemberReferenceOperation reference => !TypeTranslator.IsOfSystem(reference.Member),
        ILocalReferenceOperation
            or IParameterReferenceOperation
            or IArrayElementReferenceOperation
            or IConversionOperation { OperatorMethod: not null } => true,
        _ => false,
    };

    /// <summary>
    /// Reads what happens to tensors on the way to something that is not looked at: a number taken out of them, a message.
    /// False where a layer is called there, or a parameter read, in a way that is not understood, which has been reported.
    /// </summary>
    public bool Follow(IOperation operation)
    {
        if (operation is IAnonymousFunctionOperation or INameOfOperation or IDelegateCreationOperation || operation.ConstantValue.HasValue)
        {
            return !Uses.Matters(operation) || Unsupported(operation) is not BrokenValue;
        }

        // What is left there is not known; what stands before a question mark is followed where it stands.
        if (operation is IDeclarationExpressionOperation or IConditionalAccessInstanceOperation)
        {
            return true;
        }

        if (operation is IPropertySubpatternOperation { Syntax: SubpatternSyntax member } && Patterns.ReadsWidth(member))
        {
            Unsupported(operation, new Problem("a pattern that asks for a width", "compare the width with =="));
            return false;
        }

        if (!Types.CarriesTensors(operation.Type) && operation is not IDynamicInvocationOperation && !Uses.IsLayerCall(operation)
            && !(operation is IInvocationOperation call && Uses.Matters(call.TargetMethod)))
        {
            return operation.ChildOperations.All(Follow);
        }

        var mark = Mark();
        if (Evaluate(operation) is not BrokenValue)
        {
            return true;
        }

        if (Context.IsBroken || Uses.Matters(operation))
        {
            return false;
        }

        Restore(mark, findingsToo: true);
        return true;
    }

    /// <summary>Reads what happens to tensors in what a call is given.</summary>
    public bool FollowParts(IOperation call) => call.ChildOperations.All(Follow);

    /// <summary>Elements without the type that they take from what they are assigned to, with it.</summary>
    private Expression OfItsType(SyntaxNode written, Expression code, ITypeSymbol type) => (written, Types.Translate(type)) switch
    {
        (CollectionExpressionSyntax, { } name) => new Cast(name, code),
        (SwitchExpressionSyntax or BinaryExpressionSyntax or PrefixUnaryExpressionSyntax, { } name) when NumberTypes.IsOptional(type) => new Cast(name, code),
        (InitializerExpressionSyntax, { } name) when code is Verbatim elements =>
            elements with { Texts = elements.Texts.Skip(1).Prepend($"new {name} {elements.Texts[0]}").ToEquatable(), NeedsType = false },
        _ => code,
    };

    private static bool ChangesSomething(IOperation operation) => operation switch
    {
        IAssignmentOperation or IIncrementOrDecrementOperation or IAnonymousFunctionOperation => true,
        IInvocationOperation call => call.TargetMethod.Name.EndsWith("_", StringComparison.Ordinal),
        IInvalidOperation => true,
        _ => false,
    };

    public Expression? Repeat(IOperation operation) => Repeat(operation.Syntax);

    /// <summary>The same of what is being evaluated, whose parts have been read already.</summary>
    public Expression? RepeatAnew(IOperation operation)
    {
        if (Evaluating.Operation == operation)
        {
            Restore(Evaluating.Start, findingsToo: false);
        }

        return Repeat(operation);
    }

    /// <summary>The text of an expression or pattern with every name in full; null where it cannot stand in generated code.</summary>
    public Expression? Repeat(SyntaxNode syntax)
    {
        var edits = new Dictionary<TextSpan, Hole>();
        return Collect(syntax, edits, isRoot: true) ? SourceText.Rewrite(syntax, edits) : null;
    }

    private bool Collect(SyntaxNode node, Dictionary<TextSpan, Hole> edits, bool isRoot)
    {
        if (isRoot || node is not ExpressionSyntax list || !SizeLists.AreForNumbers(list)
            || Context.Operation(list) is not { } numbers || !SizeLists.AreSizes(numbers))
        {
            return CollectPart(node, edits, isRoot);
        }

        var inner = new Dictionary<TextSpan, Hole>();
        return CollectPart(node, inner, isRoot) && Edit(node, edits, SizeLists.AllNumbers(SourceText.Rewrite(node, inner)));
    }

    private bool CollectPart(SyntaxNode node, Dictionary<TextSpan, Hole> edits, bool isRoot)
    {
        if ((Dynamics.ValueAt(node) ?? Places.ValueAt(node)) is { } given)
        {
            return Edit(node, edits, Writer.CodeOf(given, null));
        }

        if (!isRoot && node is ExpressionSyntax expression && Context.Operation(expression) is { } operation && GoesItsOwnWay(expression, operation))
        {
            var value = Evaluate(operation);

            // All sizes of a tensor are a list of their own kind: they can be indexed and gone through, and no more.
            if (value is ShapeValue
                && expression.Parent is BinaryExpressionSyntax or ConditionalExpressionSyntax or CastExpressionSyntax or IsPatternExpressionSyntax)
            {
                return false;
            }

            // What a pattern is asked of has a type, which a null by itself has none of.
            if (value is ArgumentValue { Argument: NullArgument } && expression.Parent is IsPatternExpressionSyntax or SwitchExpressionSyntax)
            {
                return Edit(node, edits, Writer.TypedNull(value, operation.Type));
            }

            // A delegate whose lambda or method the source shows is that; a list of sizes as int is one of numbers.
            if (value is FunctionValue function)
            {
                return Edit(node, edits, Lambdas.OfFunction(function, operation));
            }

            if (value is ArgumentValue { Argument: ListArgument { HasSizes: true } sizes } && operation.Type is IArrayTypeSymbol { ElementType.SpecialType:
                SpecialType.System_Int32 } && expression.Parent is MemberAccessExpressionSyntax or ArgumentSyntax)
            {
                return Edit(node, edits, new NewArray("int", sizes.Items.Select(size => (Expression)new Cast("int", size.Plain)).ToEquatable()));
            }

            return Edit(node, edits, value is BrokenValue ? null : Writer.AsReceiver(expression, operation, Writer.CodeOf(value, operation.Type)));
        }

        // A method that takes tensors and is handed on by its name is called by a lambda, which takes their axes; a local function has no name elsewhere.
        if (node is IdentifierNameSyntax or MemberAccessExpressionSyntax
            && node.Parent is ArgumentSyntax
            && Context.Symbol(node) is IMethodSymbol handed
            && (Types.HandlesTensors(handed) || handed.MethodKind == MethodKind.LocalFunction))
        {
            return Context.Operation(node) is { } named && Lambdas.OfMethod(named) is { } group && Edit(node, edits, group);
        }

        switch (node)
        {
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } when !isRoot && Context.Operation(node) is ICoalesceOperation either:
                return Edit(node, edits, Writer.CodeOf(Evaluate(either), either.Type));

            case QueryExpressionSyntax when Context.Operation(node) is ITranslatedQueryOperation query:
                return Edit(node, edits, Writer.CodeOf(Queries.Read(query), query.Type));

            case AwaitExpressionSyntax or StackAllocArrayCreationExpressionSyntax or AnonymousObjectCreationExpressionSyntax or RefExpressionSyntax:
                return false;

            case IdentifierNameSyntax { Identifier.Text: "var" or "_" } or PredefinedTypeSyntax or LiteralExpressionSyntax:
                return true;

            case NameColonSyntax:
                return true;

            // A constant behind an is stands where a type may.
            case QualifiedNameSyntax { Right: var constant } when Context.Symbol(node) is IFieldSymbol:
                return Name(constant, edits) && Edit(node, edits, edits[constant.Span].Code);

            case TypeSyntax type when Context.Symbol(type) is ITypeSymbol named:
                return EditType(node, edits, named);

            case TupleTypeSyntax or ArrayTypeSyntax or NullableTypeSyntax when Context.TypeOf((TypeSyntax)node) is { } constructed:
                return EditType(node, edits, constructed);

            case SimpleNameSyntax name:
                return Name(name, edits);

            case MemberAccessExpressionSyntax access:
                return Access(access, edits);

            case MemberBindingExpressionSyntax binding:
                // What stands before the question mark stands before the dot, where a branch has asked already.
                var asked = Choices.ConditionalInstances.Count > 0
                    && Choices.ConditionalInstances.Peek().Access == binding.Ancestors()
                        .OfType<ConditionalAccessExpressionSyntax>()
                        .FirstOrDefault(access => access.WhenNotNull.Span.Contains(binding.Span));
                return !asked
                    || Edit(
                        binding,
                        edits,
                        Writer.CodeOf(Choices.ConditionalInstances.Peek().Value, null) is { } before && binding.Name is IdentifierNameSyntax part
                            ? before.Member(part.Identifier.Text)
                            : null);

            case InvocationExpressionSyntax call:
                return Invocation(call, edits);

            case AnonymousFunctionExpressionSyntax lambda:
                return Edit(lambda, edits, Lambdas.Of(lambda));

            case ArrayCreationExpressionSyntax { Type: var array } made
                when Context.TypeOf(array.ElementType) is { } element:
                return EditType(array.ElementType, edits, element)
                    && array.RankSpecifiers.SelectMany(rank => rank.Sizes).All(size => Collect(size, edits, isRoot: false))
                    && (made.Initializer is null || Collect(made.Initializer, edits, isRoot: false));

            case OmittedArraySizeExpressionSyntax:
                return true;

            case BaseObjectCreationExpressionSyntax creation:
                return Creation(creation, edits);

            case SingleVariableDesignationSyntax designation:
                return Context.Declared(designation) is ILocalSymbol local && Edit(node, edits, new ValueName(Bindings.NewElement(local, null)));

            case ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword or (int)SyntaxKind.OutKeyword, Expression: var place }
                when place is not DeclarationExpressionSyntax && Context.Symbol(place) is not (null or IDiscardSymbol):
                return Change(node, edits);

            case AssignmentExpressionSyntax { Left: IdentifierNameSyntax }
                or PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression or (int)SyntaxKind.PostDecrementExpression }
                or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression }:
                return Change(node, edits);

            case InitializerExpressionSyntax { RawKind: (int)SyntaxKind.ObjectInitializerExpression or (int)SyntaxKind.WithInitializerExpression } members:
                return members.Expressions.All(member => member is AssignmentExpressionSyntax { Left: var left, Right: var right }
                    && (left is not ImplicitElementAccessSyntax element || element.ArgumentList.Arguments.All(key => Collect(key, edits, isRoot: false)))
                    && Collect(right, edits, isRoot: false));

            case PatternSyntax when Context.Operation(node) is IPatternOperation pattern && Patterns.IntoRecord(pattern) is { } inside:
                Unsupported(inside, PatternReader.NotInto(inside));
                return false;

            case RecursivePatternSyntax or PropertyPatternClauseSyntax:
                return node.ChildNodes().All(child => Collect(child, edits, isRoot: false));

            case SubpatternSyntax { Pattern: var pattern } member:
                return (Context.Symbol(member.NameColon?.Name ?? node) is not IFieldSymbol { CorrespondingTupleField: { } cell }
                        || Edit(member.NameColon!.Name, edits, new Named(cell.Name)))
                    && !Patterns.ReadsWidth(member) && !Patterns.AsksTensor(member) && Collect(pattern, edits, isRoot: false);
        }

        return node.ChildNodes().All(child => Collect(child, edits, isRoot: false));
    }

    private static bool Edit(SyntaxNode node, Dictionary<TextSpan, Hole> edits, Expression? code)
    {
        if (code is null)
        {
            return false;
        }

        edits[
            node.Span] = new Hole(
                code,
                node.Parent is BinaryExpressionSyntax
                    or PrefixUnaryExpressionSyntax
                    or PostfixUnaryExpressionSyntax
                    or MemberAccessExpressionSyntax
                    or CastExpressionSyntax
                    or ConditionalAccessExpressionSyntax
                    or ElementAccessExpressionSyntax
                    or IsPatternExpressionSyntax
                    or SwitchExpressionSyntax
                    or ConditionalExpressionSyntax
                    or InvocationExpressionSyntax);
        return true;
    }

    private bool EditType(SyntaxNode node, Dictionary<TextSpan, Hole> edits, ITypeSymbol type) =>
        Edit(node, edits, Types.Translate(type) is { } name ? new Named(name) : null);

    /// <summary>Whether an expression inside another is read like one that stands alone: it is about tensors, layers, sizes or locals.</summary>
    private bool GoesItsOwnWay(ExpressionSyntax expression, IOperation operation)
    {
        if (expression is TypeSyntax && Context.Symbol(expression) is ITypeSymbol or INamespaceSymbol or IMethodSymbol)
        {
            return false;
        }

        if (expression is AnonymousFunctionExpressionSyntax
            or InitializerExpressionSyntax
            or DeclarationExpressionSyntax
            or ThrowExpressionSyntax
            or AssignmentExpressionSyntax
            or PostfixUnaryExpressionSyntax
            or RangeExpressionSyntax
            || expression is PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression })
        {
            return false;
        }

        if (operation.ConstantValue.HasValue || operation.Type is null)
        {
            return false;
        }

        return Types.CarriesTensors(operation.Type) || Torch.IsModule(operation.Type)
            || (operation is IPropertyReferenceOperation { Property: var property }
                && (Members.IsTraining(property) || Uses.IsWidth(property, property.Type)))
            || Members.GoesByState(operation)
            || Live.IsLive(operation)
            || Live.IsChanged(operation)
            || ((operation as IPropertyReferenceOperation)?.Property.GetMethod is { } getter && Uses.TellsWidth(getter))
            || (operation is IInvocationOperation { TargetMethod: var called } && Uses.TellsWidth(called))
            || (operation is IBinaryOperation { OperatorMethod: { } comparison } && Types.HandlesTensors(comparison))
            || (operation is IMemberReferenceOperation { Instance: IInstanceReferenceOperation, Member: var own }
                && (Scope.ValueOf(own.OriginalDefinition) is not null
                    || (Frames.Peek().This is ModelValue && Reading.Counting.Contains(own))
                    || Objects.Self is not null
                    || Frames.Peek().This is LayerValue))
            || (operation is IMemberReferenceOperation { Instance: { } holder and not IInstanceReferenceOperation, Member: var counted }
                && Torch.IsModule(holder.Type) && Reading.Counting.Contains(counted))
            || (operation is IMemberReferenceOperation { Member: IFieldSymbol or IPropertySymbol } number && Members.IsHiddenNumber(number))
            || (operation is IMemberReferenceOperation { Instance: null, Member: IFieldSymbol or IPropertySymbol } hidden
                && Frames.Peek().This is LayerValue
                && !Members.IsReachable(hidden.Member))
            || (NumberTypes.IsNumberLike(operation.Type)
                && operation.DescendantsAndSelf().Any(inner => inner is ILocalReferenceOperation or IParameterReferenceOperation || Torch.IsTensor(inner.Type)))
            || operation is ILocalReferenceOperation or IParameterReferenceOperation
            || (operation is IInvocationOperation { TargetMethod: var helper } && !TypeTranslator.IsOfSystem(helper) && Types.HandlesTensors(helper))
            || Context.Symbol(expression) is IRangeVariableSymbol
            || (operation is IConditionalAccessInstanceOperation { Type.IsReferenceType: true } && Choices.ConditionalInstances.Count > 0);
    }

    private bool Name(SimpleNameSyntax name, Dictionary<TextSpan, Hole> edits)
    {
        switch (Context.Symbol(name))
        {
            case ILocalSymbol or IParameterSymbol when name.Parent is NameColonSyntax:
                return true;
            case ISymbol symbol and (ILocalSymbol or IParameterSymbol or IRangeVariableSymbol):
                if (Scope.ValueOf(symbol) is { } value)
                {
                    return Edit(name, edits, Writer.CodeOf(value, ValueWriter.TypeOf(symbol)));
                }

                // Declared inside the expression itself, a lambda's parameter for one.
                return ownNames.Contains(symbol);
            case ISymbol member and (IFieldSymbol or IPropertySymbol or IMethodSymbol or IEventSymbol):
                // A method that is handed on by its name alone takes tensors, where the generated code has their axes.
                if (!Members.IsReachable(member)
                    || (member is IMethodSymbol { } method
                        && name.Parent is not InvocationExpressionSyntax and not MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax }
                        && Types.HandlesTensors(method)))
                {
                    return false;
                }

                if (TypeArguments(name) is not { } arguments)
                {
                    return false;
                }

                if (!member.IsStatic && Frames.Peek().This is not ModelValue)
                {
                    return Objects.Self is { } self && Edit(name, edits, WithArguments(ObjectReader.CodeOf(self, member), arguments));
                }

                return Edit(name, edits, WithArguments(Members.CodeOf(member), arguments));
            default:
                return false;
        }
    }

    private bool Access(MemberAccessExpressionSyntax access, Dictionary<TextSpan, Hole> edits)
    {
        var symbol = Context.Symbol(access);
        if (symbol is ITypeSymbol type)
        {
            return EditType(access, edits, type);
        }

        if (symbol is null or INamespaceSymbol || !Members.IsReachable(symbol))
        {
            return false;
        }

        if (symbol.IsStatic && symbol is not IMethodSymbol { ReducedFrom: not null })
        {
            return Name(access.Name, edits) && Edit(access, edits, edits[access.Name.Span].Code);
        }

        if (symbol is IFieldSymbol or IPropertySymbol && Types.IsRecord(symbol.ContainingType) && Context.Operation(access) is { } part)
        {
            return Edit(access, edits, Writer.CodeOf(Evaluate(part), part.Type));
        }

        // The content of a tensor is not there when models are linked.
        if (Torch.IsTensor(symbol.ContainingType))
        {
            return false;
        }

        if (symbol is IFieldSymbol { CorrespondingTupleField: { } item } && !Edit(access.Name, edits, new Named(item.Name)))
        {
            return false;
        }

        return Collect(access.Expression, edits, isRoot: false) && access.Name switch
        {
            GenericNameSyntax { TypeArgumentList.Arguments: var arguments } => arguments.All(argument => Collect(argument, edits, isRoot: false)),
            _ => true,
        };
    }

    private bool Invocation(InvocationExpressionSyntax call, Dictionary<TextSpan, Hole> edits)
    {
        if (Context.Symbol(call) is not IMethodSymbol method)
        {
            // nameof
            return Context.Operation(call)?.ConstantValue.HasValue == true
                && Edit(call, edits, new Literal(Literals.Value(Context.Operation(call)!.ConstantValue.Value, null)));
        }

        var definition = method.ReducedFrom ?? method;
        if (!Members.IsReachable(method)
            || method.MethodKind is MethodKind.LocalFunction or MethodKind.DelegateInvoke
            || (Types.HandlesTensors(method) && !TypeTranslator.IsOfSystem(definition))
            || Torch.IsTensor(method.ContainingType))
        {
            return false;
        }

        if (Torch.IsTorch(method) && !Torch.IsModule(method.ContainingType))
        {
            return false;
        }

        // Of numbers that a list or span is asked about, and not an array, there is none with that method.
        if (method is { IsStatic: false, ReducedFrom: null, ContainingType.IsGenericType: true } && !SizeListReader.TakesSizes(method)
            && call.Expression is MemberAccessExpressionSyntax { Expression: var sizes }
            && Context.Operation(sizes) is { } source && SizeLists.AreSizes(source))
        {
            return false;
        }

        // A copy is a list of its own, of the same sizes or numbers.
        if (method is { Name: nameof(Array.Clone), ContainingType.SpecialType: SpecialType.System_Array }
            && call.Expression is MemberAccessExpressionSyntax { Expression: var array }
            && Context.Operation(array) is { } copied && SizeLists.AreSizes(copied))
        {
            return Writer.CodeOf(Evaluate(copied), copied.Type) is { } copy
                && Edit(call, edits, new Named("global::System.Linq.Enumerable").Method("ToArray", copy));
        }

        // What is a span on the stack is an array of the generated code.
        if (method is { Name: "ToArray", ContainingType.Name: "Span" or "ReadOnlySpan" }
            && call.Expression is MemberAccessExpressionSyntax { Expression: var span }
            && Context.Operation(span) is { } of && Conditions.Attempt(of) is ShapeValue or ArgumentValue or CodeValue { Type: IArrayTypeSymbol }
            && Writer.CodeOf(Evaluate(of), of.Type) is { } items)
        {
            return Edit(call, edits, new Named("global::System.Linq.Enumerable").Method("ToArray", items));
        }

        if (method.ReducedFrom is null)
        {
            return Collect(call.Expression, edits, isRoot: false) && call.ArgumentList.Arguments.All(argument => Collect(argument, edits, isRoot: false));
        }

        // An extension method is called by its own name, whatever usings the generated file lacks.
        if (call.Expression is not MemberAccessExpressionSyntax access || Types.Translate(definition.ContainingType) is not { } container)
        {
            return false;
        }

        var (parts, ofSizes) = (new List<Expression>(), new List<bool>());
        foreach (var part in call.ArgumentList.Arguments.Select(argument => (SyntaxNode)argument).Prepend(access.Expression))
        {
            var inner = new Dictionary<TextSpan, Hole>();
            if (!Collect(part, inner, isRoot: false))
            {
                return false;
            }

            parts.Add(SourceText.Rewrite(part, inner));
            ofSizes.Add(Context.Operation((part as ArgumentSyntax)?.Expression ?? part) is { } list && SizeLists.AreSizes(list));
        }

        if (definition.Name is "Concat" or "Append" or "Prepend" && IsOfNumbers(definition, method) && ofSizes.Contains(true))
        {
            // Sizes and plain numbers in one list are all sizes.
            parts = parts.Select((part, i) => ofSizes[i] ? part
                : definition.Name != "Concat" && i > 0 ? new Cast(TypeTranslator.AxisSize, part)
                : SizeLists.AllSizes(part)).ToList();
        }

        if (definition.Name == "Aggregate" && method.TypeArguments is [_, { SpecialType: SpecialType.System_Int64 }] && ofSizes[0])
        {
            // What is put together of sizes is one from its start.
            parts[1] = new Cast(TypeTranslator.AxisSize, parts[1]);
        }

        return TypeArguments(access.Name) is { } arguments
            && Edit(
                call, edits, new Call(WithArguments(new MemberOf(new Named(container), Identifiers.Escape(definition.Name)), arguments), parts.ToEquatable()));
    }

    /// <summary>The type arguments of a name; null where one of them has no name in the generated code.</summary>
    private EquatableArray<string>? TypeArguments(SimpleNameSyntax name)
    {
        if (name is not GenericNameSyntax { TypeArgumentList.Arguments: var given })
        {
            return [];
        }

        var translated = given.Select(type => Context.TypeOf(type) is { } t ? Types.Translate(t) : null).ToList();
        return translated.Contains(null) ? null : translated.OfType<string>().ToEquatable();
    }

    private static Expression WithArguments(Expression method, EquatableArray<string> arguments) =>
        arguments.Count > 0 ? new Generic(method, arguments) : method;

    private static bool IsOfNumbers(IMethodSymbol definition, IMethodSymbol method) =>
        definition.ContainingType.Name == "Enumerable" && method.TypeArguments is [{ SpecialType: SpecialType.System_Int64 }];

    private bool Creation(BaseObjectCreationExpressionSyntax creation, Dictionary<TextSpan, Hole> edits)
    {
        if (Context.Operation(creation) is not IObjectCreationOperation { Type: { } type, Constructor: { } constructor }
            || (SizeLists.AreSizes(Context.Operation(creation)!) ? Types.TranslateSizes(type) : Types.Translate(type)) is not { } name
            || !Members.IsReachable(constructor)
            || (constructor.Parameters.Any(parameter => Types.CarriesTensors(parameter.Type)) && !TypeTranslator.IsOfSystem(type)))
        {
            return false;
        }

        name = type is INamedTypeSymbol { IsTupleType: true } tuple ? Types.Created(tuple) : name;
        if (creation is ObjectCreationExpressionSyntax { Type: var written })
        {
            edits[written.Span] = new Hole(new Named(name), IsOperand: false);
        }
        else
        {
            edits[creation.NewKeyword.Span] = new Hole(new Named("new " + name), IsOperand: false);
        }

        return (creation.ArgumentList?.Arguments.All(argument => Collect(argument, edits, isRoot: false)) ?? true)
            && (creation.Initializer is null || Collect(creation.Initializer, edits, isRoot: false));
    }

    /// <summary>A local that is counted up or given a new value inside an expression is a variable of the generated code.</summary>
    private bool Change(SyntaxNode node, Dictionary<TextSpan, Hole> edits)
    {
        var operand = node switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left,
            PostfixUnaryExpressionSyntax step => step.Operand,
            PrefixUnaryExpressionSyntax step => step.Operand,
            ArgumentSyntax byReference => byReference.Expression,
            _ => null,
        };
        if (operand is null || Context.Symbol(operand) is not (ILocalSymbol or IParameterSymbol) || Context.Symbol(operand) is not { } symbol)
        {
            return false;
        }

        if (Scope.VariableOf(symbol) is null)
        {
            Bindings.MakeVariable(symbol);
        }

        if (Scope.VariableOf(symbol) is not { } variable)
        {
            return false;
        }

        Edit(operand, edits, new ValueName(variable.Number));
        return node is not AssignmentExpressionSyntax { Right: var right } || Collect(right, edits, isRoot: false);
    }
}
