using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Ifs, and the expressions that choose; what switches share with them.</summary>
internal sealed class ChoiceReader(Reading reading) : Reader(reading)
{
    public Stack<(ParsedValue Value, SyntaxNode Access)> ConditionalInstances { get; } = new();

    /// <param name="choice">The if.</param>
    /// <param name="rest">What stands in the place of its else, where it has none.</param>
    public Flow If(IConditionalOperation choice, IReadOnlyList<IOperation>? rest)
    {
        var site = Context.Sites.Add(choice.Condition.Syntax);
        var condition = Conditions.Condition(choice.Condition);
        Flow Then() => Statements.Statement(choice.WhenTrue);
        Flow Otherwise() => rest is not null ? Statements.Block(rest) : choice.WhenFalse is null ? Flow.Continues : Statements.Statement(choice.WhenFalse);
        switch (condition)
        {
            case null:
                return Flow.Stops;

            // A helper may be asked with a constant.
            case FlagArgument { Value: true }:
                Reading.NeverRuns(choice.WhenFalse);
                var flow = Then();
                if (flow == Flow.Continues && rest is not null)
                {
                    return Statements.Block(rest);
                }

                rest?.ToList().ForEach(Reading.NeverRuns);
                return flow;
            case FlagArgument:
                Reading.NeverRuns(choice.WhenTrue);
                return Otherwise();
        }

        // Once the condition is false, the rest of the block is all that is left.
        var hasElse = rest is not null || choice.WhenFalse is not null;
        var arms = new List<ChoiceArm> { new(condition, [], Then) };
        if (hasElse)
        {
            arms.Add(new ChoiceArm(null, [], Otherwise));
        }

        return Branch(
            null,
            arms,
            hasElse,
            rest is null ? [choice.WhenTrue, .. choice.WhenFalse is null ? Array.Empty<IOperation>() : [choice.WhenFalse]] : [choice.WhenTrue, .. rest],
            site);
    }

    /// <summary>Reads branches of which one is taken.</summary>
    /// <param name="on">What a switch goes by; null for ifs.</param>
    /// <param name="arms">The branches.</param>
    /// <param name="exhaustive">Whether one is always taken.</param>
    /// <param name="inside">Everything that the branches run.</param>
    public Flow Branch(Expression? on, IReadOnlyList<ChoiceArm> arms, bool exhaustive, IEnumerable<IOperation> inside, int site)
    {
        Bindings.Carry(inside);
        var (frame, quoted, aim) = (Frames.Peek(), Quoted, Target);
        var atEnd = frame.AtEnd;
        var parts = new List<Arm>();
        var flows = new List<Flow>();
        var found = Bindings.Found;
        var left = new HashSet<int>(exhaustive ? [] : found);
        foreach (var (condition, labels, read) in arms)
        {
            (frame.AtEnd, Target, Bindings.Found) = (atEnd, aim, [.. found]);
            var (flow, body) = Apart(read);
            parts.Add(new Arm(condition, labels, body));
            flows.Add(flow);
            if (flow != Flow.Returns || !frame.IsRoot)
            {
                left.UnionWith(Bindings.Found);
            }
        }

        (frame.AtEnd, Quoted, Target, Bindings.Found) = (atEnd, quoted, aim, left);
        var choice = new Choice(on, parts.ToEquatable(), exhaustive, parts.SelectMany(part => AssignedBy(part.Body)).Distinct().ToEquatable(), quoted, site);
        Nodes.Add(choice);
        var end = flows.Contains(Flow.Stops) ? Flow.Stops
            : !exhaustive || flows.Contains(Flow.Continues) ? Flow.Continues
            : flows.Contains(Flow.Returns) ? Flow.Returns
            : Flow.Leaves;
        if (end == Flow.Continues || (end == Flow.Returns && !frame.IsRoot))
        {
            Join(choice);
        }

        return end;
    }

    /// <summary>Joins what the branches of a choice leave, where linking cannot tell which of them is taken.</summary>
    private void Join(Choice choice)
    {
        if (Steps.Within([choice]).SelectMany(Steps.Expressions).FirstOrDefault(Conditions.IsOpen) is not { } open)
        {
            return;
        }

        // What they put into a list that was there before is in the list.
        var inside = Steps.Within([choice]).ToList();
        var made = inside.OfType<Instruction>().Select(step => step.Result).ToList();
        var changed = inside.OfType<Do>().SelectMany(step => step.Code.Values());
        Join(open, choice.Variables.Concat(changed).Except(made).Where(Bindings.Carriers.Contains));
    }

    public void Join(Expression open, IEnumerable<int> values)
    {
        var names = values.Select(value => (Expression)new ValueName(value)).ToList();
        if (names.Count > 0)
        {
            Nodes.Add(new Do(Expression.Link("Join", [new TextArgument(Conditions.TextOf(open)), .. names]), "", 0));
        }
    }

    /// <summary>Reads something into a block of its own; what it binds ends with it.</summary>
    public (Flow Flow, EquatableArray<Node> Body) Apart(Func<Flow> read)
    {
        var (outerNodes, mark, frame) = (Nodes, Scope.Mark, Frames.Peek());
        Nodes = [];
        frame.Depth++;
        var flow = read();
        frame.Depth--;
        var body = Nodes.ToEquatable();
        Nodes = outerNodes;
        Scope.Restore(mark);
        return (flow, body);
    }

    public static IEnumerable<int> AssignedBy(IEnumerable<Node> body) => body.SelectMany(node => node switch
    {
        Assign assign => [assign.Variable],
        Choice choice => choice.Variables,
        Loop loop => loop.Variables,
        _ => Enumerable.Empty<int>(),
    });

    /// <summary>A choice between values: each way gives its own to a variable.</summary>
    public ParsedValue Choose(
        Expression? on, IReadOnlyList<(Expression? Condition, CaseLabel? Label, IOperation? Value)> branches, ITypeSymbol type, IOperation operation)
    {
        return Choose(
            on,
            give => [.. branches.Select(arm => new ChoiceArm(arm.Condition, arm.Label is null ? [] : new[] { arm.Label }.ToEquatable(), () => arm.Value switch
            {
                null => Flow.Continues,
                IThrowOperation or IConversionOperation { Operand: IThrowOperation } => Methods.Throw(),
                var way => give(Evaluate(way), way),
            }))],
            branches.Select(arm => arm.Value).OfType<IOperation>(),
            type,
            operation);
    }

    /// <summary>What a call gives that runs one of several methods, by what the live object is.</summary>
    /// <param name="ways">What is asked of the object, nothing at the end, and what reads the method.</param>
    /// <param name="call">The call.</param>
    public ParsedValue OneOf(IReadOnlyList<(Expression? Asked, Func<ParsedValue> Read)> ways, IInvocationOperation call) => Choose(
        null, give => [.. ways.Select(way => new ChoiceArm(way.Asked, [], () => give(way.Read(), call)))], [call], call.Type!, call);

    public ParsedValue Choose(
        Expression? on, Func<Func<ParsedValue, IOperation, Flow>, ChoiceArm[]> armsOf, IEnumerable<IOperation> inside, ITypeSymbol type, IOperation operation)
    {
        if (Types.Translate(type) is not { } declared)
        {
            return Unsupported(operation);
        }

        var variable = Bindings.NewVariable(Target.Length > 0 ? Target : "chosen", type, isSize: false, declared);
        var (arms, site) = (armsOf(Give), Context.Sites.Add(operation.Syntax));
        var chained = on is null && (arms.Length > 2 || arms is [_, { Condition: not null }]);
        return (chained ? Chain(arms, inside, site) : Branch(on, arms, exhaustive: true, inside, site)) == Flow.Stops
            ? ParsedValue.Broken
            : Writer.Typed(new ValueName(variable), type);

        Flow Give(ParsedValue value, IOperation way)
        {
            value = value is LateValue late && type is INamedTypeSymbol { IsTupleType: true } tuple
                ? new ResultsValue(late.Number, tuple, AreObjects: true)
                : value;
            if (value is BrokenValue)
            {
                return Flow.Stops;
            }

            if (!Bindings.AssignVariable(
                variable, value is ArgumentValue { Argument: NullArgument } ? new CodeValue(new Unassigned(IsReference: true), type) : value, type))
            {
                Unsupported(way);
                return Flow.Stops;
            }

            return Flow.Continues;
        }
    }

    /// <summary>The type of what a choice gives. Where one of the ways is dynamic, that is what all of them become.</summary>
    public static ITypeSymbol? Becomes(IOperation choice) =>
        choice is { Type: IDynamicTypeSymbol, Parent: IConversionOperation { Type: { } becomes } } ? becomes : choice.Type;

    public ParsedValue Ternary(IConditionalOperation choice)
    {
        if (GuardReader.Throws(choice.WhenTrue) != GuardReader.Throws(choice.WhenFalse!))
        {
            return Guards.Guarded(choice);
        }

        if (Conditions.Condition(choice.Condition) is not { } condition)
        {
            return ParsedValue.Broken;
        }

        if (condition is FlagArgument known)
        {
            Reading.NeverRuns(known.Value ? choice.WhenFalse : choice.WhenTrue);
            return Evaluate(known.Value ? choice.WhenTrue : choice.WhenFalse!);
        }

        if (Becomes(choice) is { } type && Types.CarriesTensors(type))
        {
            // A lambda is one expression, and so is what it chooses.
            if (Lambdas.Depth > 0
                && Lambdas.InOneExpression(choice.WhenTrue, type, InstructionCode.Inline) is { } chosen
                && Lambdas.InOneExpression(choice.WhenFalse!, type, InstructionCode.Inline) is { } otherwise)
            {
                return Writer.Typed(new Conditional(condition, chosen, otherwise), type);
            }

            return Choose(null, [(condition, null, choice.WhenTrue), (null, null, choice.WhenFalse)], type, choice);
        }

        var (yes, no) = (AsLayer(Evaluate(choice.WhenTrue)), AsLayer(Evaluate(choice.WhenFalse!)));
        if (NumberTypes.IsNumber(choice.Type))
        {
            (yes, no) = (Writer.AsSize(yes), Writer.AsSize(no));
        }

        switch (yes, no)
        {
            case (IndexValue { Slice: { Kind: "All" or "Range" } a }, IndexValue { Slice: { Kind: "All" or "Range" } b }) when a.Step == b.Step:
                return new IndexValue(IndexReader.Range(EitherEnd(condition, a.Start, b.Start), EitherEnd(condition, a.Stop, b.Stop), a.Step));
            case (BrokenValue, _) or (_, BrokenValue):
                return ParsedValue.Broken;
            case (LayerValue a, LayerValue b):
                return Either(condition, a, b, choice.Type);
            case (ArgumentValue { Argument: { IsKnown: true } a }, ArgumentValue { Argument: { IsKnown: true } b })
                when a is not (NullArgument or ListArgument) && b is not (NullArgument or ListArgument) && choice.Type?.TypeKind != TypeKind.Enum
                    && (!NumberTypes.IsOptional(choice.Type) || OperatorReader.IsCertain(yes) && OperatorReader.IsCertain(no)):
                var ofSizes = a.IsSize || b.IsSize;
                return new ArgumentValue(new CodeArgument(new Conditional(condition, a, b), ofSizes));
            case var _ when SizeLists.AreSizes(choice) && choice.Type is { } list:
                return SizeLists.AsSizes(yes, list) is { } some && SizeLists.AsSizes(no, list) is { } others
                    ? new CodeValue(new Conditional(condition, some, others), list) { IsOfSizes = true }
                    : ParsedValue.Other;
            default:
                return Writer.CodeOf(yes, choice.Type) is { } first && Writer.CodeOf(no, choice.Type) is { } second && choice.Type is { } of
                    ? Writer.Typed(new Conditional(condition, AsOptional(first, of), AsOptional(second, of)), of)
                    : ParsedValue.Other;
        }
    }

    /// <summary>One side of a choice as what may be left out, which a number and a null are only together with the type that the source gives them.</summary>
    private Expression AsOptional(Expression side, ITypeSymbol type) =>
        NumberTypes.IsOptional(type) && Types.Translate(type) is { } optional ? new Cast(optional, side) : side;

    /// <summary>A layer that forward creates as one of the generated code, since which of two is called is told when models are linked.</summary>
    private ParsedValue AsLayer(ParsedValue value) => value is PassingValue { Creation: var creation } ? Created.Creation(creation) ?? value : value;

    /// <summary>The end of one of two ranges.</summary>
    private static Argument? EitherEnd(Expression condition, Argument? a, Argument? b) => a == b ? a
        : new CodeArgument(
            new Conditional(condition, new Cast(TypeTranslator.AxisSize + "?", a ?? new NullArgument()), b ?? new NullArgument()), OfSizes: true);

    private LayerValue Either(Expression condition, LayerValue a, LayerValue b, ITypeSymbol? type)
    {
        // Of a class of the user's own it may be asked for more than to be called.
        var common = type is not null && Torch.DerivesFromModule(type) && !Torch.IsTorch(type) ? Types.Translate(type) : null;
        Reached.Add(a.Layer.Path);
        Reached.Add(b.Layer.Path);
        return new LayerValue(
            LayerNode.Deferred("", $"{a.Layer.Type} or {b.Layer.Type}"),
            new LayerReference(
                new Conditional(condition, new Cast(common ?? TypeTranslator.Module, ValueWriter.Receiver(a.Reference)), ValueWriter.Receiver(b.Reference)),
                NeedsCast: false,
                MayBeNull: false));
    }

    public ParsedValue Coalesce(ICoalesceOperation operation)
    {
        var value = Evaluate(operation.Value);
        if (value is BrokenValue || operation.WhenNull is IThrowOperation or IConversionOperation { Operand: IThrowOperation })
        {
            return value;
        }

        switch (value)
        {
            case ArgumentValue { Argument: NullArgument }:
                return Evaluate(operation.WhenNull);
            case var _ when OperatorReader.IsCertain(value):
                // A helper's optional number has been given one.
                Reading.NeverRuns(operation.WhenNull);
                return value;
            case ArgumentValue { Argument: { IsKnown: true } given }
                when operation.Value.Type is { } asked && operation.Type is { } number && Writer.CodeOf(Evaluate(operation.WhenNull), number) is { } instead:
                // A helper's optional number may have been given one that cannot be null.
                return Writer.Typed(new Binary("??", new Cast(asked.ToDisplayString(NullableFlowState.None), given), instead), number);
            case TensorValue tensor when operation.Type is { } type:
                return Choose(
                    null, [(new IsNull(new ValueName(tensor.Number), Not: false), null, operation.WhenNull), (null, null, operation.Value)], type, operation);
            case LayerValue a when Evaluate(operation.WhenNull) is LayerValue b:
                return Either(new IsNull(a.Reference.Code, Not: true), a, b, operation.Type);
            default:
                return Repeats.Repeated(operation);
        }
    }

    /// <summary><c>x ??= y</c>.</summary>
    public ParsedValue CoalesceAssignment(ICoalesceAssignmentOperation operation)
    {
        var value = Evaluate(operation.Target);
        if (value is BrokenValue)
        {
            return value;
        }

        if (OperatorReader.IsCertain(value))
        {
            Reading.NeverRuns(operation.Value);
            return value;
        }

        if (value is not TensorValue || operation.Target.Type is not { } type)
        {
            return value is ArgumentValue { Argument: NullArgument } ? Expressions.Assign(operation.Target, Evaluate(operation.Value), operation)
                : value is OtherValue ? value
                : Repeats.Repeated(operation);
        }

        var chosen = Choose(
            null, [(new IsNull(Writer.CodeOf(value, type)!, Not: false), null, operation.Value), (null, null, operation.Target)], type, operation);
        return Expressions.Assign(operation.Target, chosen, operation);
    }

    /// <summary><c>x?.y</c>.</summary>
    public ParsedValue ConditionalAccess(IConditionalAccessOperation access)
    {
        var value = Evaluate(access.Operation);
        if (value is BrokenValue)
        {
            return value;
        }

        if (access.WhenNotNull is IInvocationOperation done
            && (done is { TargetMethod.Name: "Dispose" or "Invoke", Type.SpecialType: SpecialType.System_Void }
                || access.Parent is IExpressionStatementOperation && Effects.IsSilent(done)))
        {
            Effects.NoteChanges(done);
            return done.Arguments.All(argument => Repeats.Follow(argument)) ? ParsedValue.Other : ParsedValue.Broken;
        }

        if (value is ArgumentValue { Argument: NullArgument } nothing)
        {
            Reading.NeverRuns(access.WhenNotNull);
            return nothing;
        }

        if (OperatorReader.IsCertain(value))
        {
            ConditionalInstances.Push((value, access.Syntax));
            var part = Evaluate(access.WhenNotNull);
            ConditionalInstances.Pop();
            return part;
        }

        if (!Types.CarriesTensors(access.Type) || Writer.CodeOf(value, access.Operation.Type) is not { } code)
        {
            return Types.CarriesTensors(access.Type) ? Unsupported(access) : Repeats.Repeated(access);
        }

        // A tuple that may be null is one by its value; objects of tensors are null or there.
        var isOptionalTuple = value is CodeValue && NumberTypes.IsOptional(access.Operation.Type);
        var inner = isOptionalTuple && NumberTypes.Underlying(access.Operation.Type) is INamedTypeSymbol { IsTupleType: true } tuple
            ? new CodeValue(code.Member("Value"), tuple) : value;
        ConditionalInstances.Push((inner, access.Syntax));
        var chosen = Choose(null, [(new IsNull(code, Not: true), null, access.WhenNotNull)], access.Type!, access);
        ConditionalInstances.Pop();
        return chosen;
    }

    /// <summary>Reads branches one of which is taken, each behind the question of the one before.</summary>
    public Flow Chain(IEnumerable<ChoiceArm> branches, IEnumerable<IOperation> inside, int site)
    {
        var (first, rest) = (branches.First(), branches.Skip(1).ToList());
        return first.Condition is null ? first.Read()
            : rest.Count == 0 ? Branch(null, [first], exhaustive: false, inside, site)
            : Branch(null, [first, new ChoiceArm(null, [], () => Chain(rest, inside, site))], exhaustive: true, inside, site);
    }
}
