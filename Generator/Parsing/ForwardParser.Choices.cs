using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Ifs, switches, and the expressions that choose.</summary>
internal sealed partial class ForwardParser
{
    private const string Always = "true";
    private const string Never = "false";

    /// <param name="choice">The if.</param>
    /// <param name="rest">What stands in the place of its else, where it has none.</param>
    private Flow If(IConditionalOperation choice, IReadOnlyList<IOperation>? rest)
    {
        var site = context.Sites.Add(choice.Condition.Syntax);
        var condition = Condition(choice.Condition);
        Flow Then() => Statement(choice.WhenTrue);
        Flow Otherwise() => rest is not null ? Block(rest) : choice.WhenFalse is null ? Flow.Continues : Statement(choice.WhenFalse);
        switch (condition)
        {
            case null:
                return Flow.Stops;

            // A helper may be asked with a constant.
            case Always:
                var flow = Then();
                return flow == Flow.Continues && rest is not null ? Block(rest) : flow;
            case Never:
                return Otherwise();
        }

        // Once the condition is false, the rest of the block is all that is left.
        var hasElse = rest is not null || choice.WhenFalse is not null;
        var arms = new List<(string, Func<Flow>)> { ($"if ({condition})", Then) };
        if (hasElse)
        {
            arms.Add(("else", Otherwise));
        }

        return Branch("", arms, hasElse, rest is null ? [choice.WhenTrue, .. choice.WhenFalse is null ? Array.Empty<IOperation>() : [choice.WhenFalse]] : [choice.WhenTrue, .. rest], site);
    }

    /// <summary>Reads ways of which one is taken.</summary>
    /// <param name="head">The head of a switch; empty for ifs.</param>
    /// <param name="arms">The ways.</param>
    /// <param name="exhaustive">Whether one is always taken.</param>
    /// <param name="inside">Everything that the ways run.</param>
    private Flow Branch(string head, IReadOnlyList<(string Head, Func<Flow> Read)> arms, bool exhaustive, IEnumerable<IOperation> inside, int site)
    {
        Carry(inside);
        var (frame, quoted, aim) = (frames.Peek(), statement, target);
        var atEnd = frame.AtEnd;
        var parts = new List<Arm>();
        var flows = new List<Flow>();
        foreach (var (armHead, read) in arms)
        {
            (frame.AtEnd, target) = (atEnd, aim);
            var (flow, body) = Apart(read);
            parts.Add(new Arm(armHead, body));
            flows.Add(flow);
        }

        (frame.AtEnd, statement, target) = (atEnd, quoted, aim);
        nodes.Add(new Choice(head, parts.ToEquatable(), exhaustive, parts.SelectMany(part => AssignedBy(part.Body)).Distinct().ToEquatable(), quoted, site));
        return flows.Contains(Flow.Stops) ? Flow.Stops
            : !exhaustive || flows.Contains(Flow.Continues) ? Flow.Continues
            : flows.Contains(Flow.Returns) ? Flow.Returns
            : Flow.Leaves;
    }

    /// <summary>Reads something into a block of its own; what it binds ends with it.</summary>
    private (Flow Flow, EquatableArray<Node> Body) Apart(Func<Flow> read)
    {
        var (outerNodes, outerBindings, frame) = (nodes, bindings, frames.Peek());
        nodes = [];
        bindings = new Dictionary<ISymbol, ParsedValue>(bindings, SymbolEqualityComparer.Default);
        frame.Depth++;
        var flow = read();
        frame.Depth--;
        var body = nodes.ToEquatable();
        (nodes, bindings) = (outerNodes, outerBindings);
        return (flow, body);
    }

    private static IEnumerable<int> AssignedBy(IEnumerable<Node> body) => body.SelectMany(node => node switch
    {
        Assign assign => [assign.Variable],
        Choice choice => choice.Variables,
        Loop loop => loop.Variables,
        _ => Enumerable.Empty<int>(),
    });

    /// <summary>A choice between values: each way gives its own to a variable.</summary>
    private ParsedValue Choose(string head, IReadOnlyList<(string Head, IOperation? Value)> ways, ITypeSymbol type, IOperation operation)
    {
        if (types.Translate(type) is not { } declared)
        {
            return Unsupported(operation);
        }

        var variable = NewVariable(target.Length > 0 ? target : "chosen", type, isSize: false, declared);
        var read = ways.Select(way => (way.Head, Read: (Func<Flow>)(() => Give(way.Value)))).ToList();
        return Branch(head, read, exhaustive: true, ways.Select(way => way.Value).OfType<IOperation>(), context.Sites.Add(operation.Syntax)) == Flow.Stops
            ? ParsedValue.Broken
            : Typed(Code.Value(variable), type);

        Flow Give(IOperation? way)
        {
            if (way is null or IThrowOperation or IConversionOperation { Operand: IThrowOperation })
            {
                return way is null ? Flow.Continues : Throw();
            }

            var value = Evaluate(way);
            if (value is BrokenValue)
            {
                return Flow.Stops;
            }

            if (!AssignVariable(variable, value is ArgumentValue { Argument: NullArgument } ? new CodeValue("null!", type) : value, type))
            {
                Unsupported(way);
                return Flow.Stops;
            }

            return Flow.Continues;
        }
    }

    private ParsedValue Ternary(IConditionalOperation choice)
    {
        if (Condition(choice.Condition) is not { } condition)
        {
            return ParsedValue.Broken;
        }

        if (condition is Always or Never)
        {
            return Evaluate(condition == Always ? choice.WhenTrue : choice.WhenFalse!);
        }

        if (types.CarriesTensors(choice.Type))
        {
            // A lambda is one expression, and so is what it chooses.
            if (lambdas > 0 && InOneExpression(choice.WhenTrue, choice.Type) is { } chosen && InOneExpression(choice.WhenFalse!, choice.Type) is { } otherwise)
            {
                return Typed($"({condition} ? {chosen} : {otherwise})", choice.Type!);
            }

            return Choose("", [($"if ({condition})", choice.WhenTrue), ("else", choice.WhenFalse)], choice.Type!, choice);
        }

        var (yes, no) = (Evaluate(choice.WhenTrue), Evaluate(choice.WhenFalse!));
        switch (yes, no)
        {
            case (IndexValue { Slice: { Kind: "All" or "Range" } a }, IndexValue { Slice: { Kind: "All" or "Range" } b }) when a.Step == b.Step:
                return new IndexValue(Range(EitherEnd(condition, a.Start, b.Start), EitherEnd(condition, a.Stop, b.Stop), a.Step));
            case (BrokenValue, _) or (_, BrokenValue):
                return ParsedValue.Broken;
            case (LayerValue a, LayerValue b):
                return Either(condition, a, b);
            case (ArgumentValue { Argument: { IsTold: true } a }, ArgumentValue { Argument: { IsTold: true } b }) when a is not (NullArgument or ListArgument) && b is not (NullArgument or ListArgument):
                var ofSizes = a.IsSize || b.IsSize;
                return new ArgumentValue(new CodeArgument($"({condition} ? {Code.Of(a, outer: false)} : {Code.Of(b, outer: false)})", ofSizes));
            default:
                return CodeOf(yes, choice.Type) is { } first && CodeOf(no, choice.Type) is { } second && choice.Type is { } type
                    ? Typed($"({condition} ? {first} : {second})", type)
                    : ParsedValue.Other;
        }
    }

    /// <summary>The end of one of two ranges.</summary>
    private static Argument? EitherEnd(string condition, Argument? a, Argument? b) => a == b ? a
        : new CodeArgument($"({condition} ? ({TypeTranslator.AxisSize}?){(a is null ? "null" : Code.Of(a, outer: false))} : {(b is null ? "null" : Code.Of(b, outer: false))})", OfSizes: true);

    private LayerValue Either(string condition, LayerValue a, LayerValue b)
    {
        reached.Add(a.Layer.Path);
        reached.Add(b.Layer.Path);
        return new LayerValue(
            LayerNode.Deferred("", $"{a.Layer.Type} or {b.Layer.Type}"),
            new LayerReference($"({condition} ? ({TypeTranslator.Module}){Receiver(a.Reference)} : {Receiver(b.Reference)})", NeedsCast: false, MayBeNull: false));
    }

    private ParsedValue Coalesce(ICoalesceOperation operation)
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
            case ArgumentValue { Argument: NumberArgument or FlagArgument or ListArgument or { IsSize: true } }:
                return value;
            case ArgumentValue { Argument: { IsTold: true } given } when operation.Value.Type is { } asked && operation.Type is { } number && CodeOf(Evaluate(operation.WhenNull), number) is { } instead:
                // A helper's optional number may have been given one that cannot be null.
                return Typed($"(({asked.ToDisplayString(NullableFlowState.None)})({Code.Of(given)}) ?? {instead})", number);
            case TensorValue tensor when operation.Type is { } type:
                return Choose("", [($"if ({Code.Value(tensor.Number)} is null)", operation.WhenNull), ("else", operation.Value)], type, operation);
            case LayerValue a when Evaluate(operation.WhenNull) is LayerValue b:
                return Either($"{a.Reference.Code} is not null", a, b);
            default:
                return Repeated(operation);
        }
    }

    /// <summary><c>x ??= y</c>.</summary>
    private ParsedValue CoalesceAssignment(ICoalesceAssignmentOperation operation)
    {
        var value = Evaluate(operation.Target);
        if (value is BrokenValue)
        {
            return value;
        }

        if (value is not TensorValue || operation.Target.Type is not { } type)
        {
            return value is ArgumentValue { Argument: NullArgument } ? Assign(operation.Target, Evaluate(operation.Value), operation) : value is OtherValue ? value : Repeated(operation);
        }

        var chosen = Choose("", [($"if ({CodeOf(value, type)} is null)", operation.Value), ("else", operation.Target)], type, operation);
        return Assign(operation.Target, chosen, operation);
    }

    /// <summary><c>x?.y</c>.</summary>
    private ParsedValue ConditionalAccess(IConditionalAccessOperation access)
    {
        var value = Evaluate(access.Operation);
        if (value is BrokenValue || access.WhenNotNull is IInvocationOperation { TargetMethod.Name: "Dispose" or "Invoke", Type.SpecialType: SpecialType.System_Void })
        {
            return value is BrokenValue ? value : ParsedValue.Other;
        }

        if (value is ArgumentValue { Argument: NullArgument } nothing)
        {
            return nothing;
        }

        if (!types.CarriesTensors(access.Type) || CodeOf(value, access.Operation.Type) is not { } code)
        {
            return types.CarriesTensors(access.Type) ? Unsupported(access) : Repeated(access);
        }

        conditionalInstances.Push((value, access.Syntax));
        var chosen = Choose("", [($"if ({code} is not null)", access.WhenNotNull)], access.Type!, access);
        conditionalInstances.Pop();
        return chosen;
    }

    private readonly Stack<(ParsedValue Value, SyntaxNode Access)> conditionalInstances = new();

    private Flow Switch(ISwitchOperation choice)
    {
        var site = context.Sites.Add(choice.Value.Syntax);
        if (SwitchHead(choice.Value) is not { } head)
        {
            return Flow.Stops;
        }

        var arms = new List<(string, Func<Flow>)>();
        foreach (var section in choice.Cases)
        {
            var labels = new List<string>();
            foreach (var clause in section.Clauses)
            {
                if (CaseLabel(clause.Syntax) is not { } label)
                {
                    Unsupported(clause);
                    return Flow.Stops;
                }

                labels.Add(label);
            }

            arms.Add((string.Join(" ", labels), () => Block(section.Body)));
        }

        var exhaustive = choice.Cases.Any(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation));
        var flow = Branch(head, arms, exhaustive, choice.Cases.SelectMany(section => section.Body), site);

        // A break leaves the switch and no more.
        return flow == Flow.Leaves ? Flow.Continues : flow;
    }

    private ParsedValue SwitchExpression(ISwitchExpressionOperation choice)
    {
        if (choice.Type is not { } type || !(types.CarriesTensors(type) || torch.IsModule(type)))
        {
            return Repeated(choice);
        }

        if (SwitchHead(choice.Value) is not { } head)
        {
            return ParsedValue.Broken;
        }

        var ways = new List<(string, IOperation?)>();
        foreach (var arm in choice.Arms)
        {
            var label = arm.Pattern is IDiscardPatternOperation && arm.Guard is null ? "default:" : CaseLabel(arm.Syntax);
            if (label is null)
            {
                return Unsupported(arm.Pattern);
            }

            ways.Add((label, arm.Value));
        }

        return Choose(head, ways, type, choice);
    }

    private string? SwitchHead(IOperation value)
    {
        var on = Evaluate(value);
        if (on is BrokenValue)
        {
            return null;
        }

        if (CodeOf(on, value.Type) is { } code)
        {
            return $"switch ({code})";
        }

        Unsupported(value);
        return null;
    }

    /// <summary>A case with its pattern and guard; the variables that the pattern declares are bound.</summary>
    private string? CaseLabel(SyntaxNode clause)
    {
        var (pattern, guard) = clause switch
        {
            CasePatternSwitchLabelSyntax label => (label.Pattern, label.WhenClause?.Condition),
            SwitchExpressionArmSyntax arm => (arm.Pattern, arm.WhenClause?.Condition),
            CaseSwitchLabelSyntax label => ((SyntaxNode)label.Value, (ExpressionSyntax?)null),
            _ => ((SyntaxNode?)null, null),
        };
        if (pattern is null)
        {
            return clause is DefaultSwitchLabelSyntax ? "default:" : null;
        }

        if (Repeat(pattern) is not { } code)
        {
            return null;
        }

        if (guard is null)
        {
            return $"case {code}:";
        }

        return context.Operation(guard) is { } condition && Condition(condition) is { } when ? $"case {code} when {when}:" : null;
    }

    /// <summary>
    /// A condition as C#. What cannot be repeated, because it reads the values of tensors for one, is left open: the
    /// linker then follows both ways.
    /// </summary>
    /// <param name="condition">The condition.</param>
    /// <param name="repeats">Whether it is that of a loop.</param>
    private string? Condition(IOperation condition, bool repeats = false)
    {
        var code = Test(condition, repeats);
        if (code is null || !ReadsShape(code) || DeclaresVariables(condition))
        {
            return code;
        }

        return $"link.{(repeats ? "Again" : "Holds")}(() => {code})";
    }

    private static bool DeclaresVariables(IOperation condition) =>
        condition.Syntax.DescendantNodes().Any(node => node is SingleVariableDesignationSyntax);

    private bool ReadsShape(string code) =>
        code.Contains(".Size(") || code.Contains(".Rank") || code.Contains(".Known") || code.Contains(".Shape") || Code.Values(code).Any(sizes.Contains);

    private string? Test(IOperation condition, bool repeats)
    {
        switch (condition)
        {
            case { ConstantValue: { HasValue: true, Value: bool known } }:
                return known ? Always : Never;
            case IParenthesizedOperation { Operand: var inner }:
                return Test(inner, repeats);
            case IConversionOperation { OperatorMethod: null, Operand: var inner }:
                return Test(inner, repeats);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null, Operand: var inner }:
                return Test(inner, repeats) switch
                {
                    null => null,
                    Always => Never,
                    Never => Always,
                    var code => $"!{(Code.IsSimple(code) ? code : $"({code})")}",
                };
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, OperatorMethod: null } both:
                return Both(both, repeats);
        }

        if (Attempt(condition) is { } value && value is ArgumentValue { Argument: { IsTold: true } told })
        {
            return Code.Of(told);
        }

        return context.IsBroken ? null : $"link.{(repeats ? "Again" : "Either")}({Literals.Text(SourceText.Quote(condition.Syntax))})";
    }

    private string? Both(IBinaryOperation both, bool repeats)
    {
        var and = both.OperatorKind == BinaryOperatorKind.ConditionalAnd;
        var left = Test(both.LeftOperand, repeats);
        if (left is null || left == (and ? Never : Always))
        {
            return left;
        }

        var right = Test(both.RightOperand, repeats);
        if (right is null || left == (and ? Always : Never))
        {
            return right;
        }

        if (right == (and ? Always : Never))
        {
            return left;
        }

        string Bracketed(string code, IOperation of) => of is IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr } inner && inner.OperatorKind != both.OperatorKind ? $"({code})" : code;
        return $"{Bracketed(left, both.LeftOperand)} {(and ? "&&" : "||")} {Bracketed(right, both.RightOperand)}";
    }

    /// <summary>Evaluates something that may turn out not to be understood, without leaving anything behind then.</summary>
    private ParsedValue? Attempt(IOperation operation)
    {
        var (mark, count) = (context.Mark(), nodes.Count);
        var value = Evaluate(operation);
        if (value is not BrokenValue || context.IsBroken)
        {
            return value;
        }

        context.Rollback(mark);
        nodes.RemoveRange(count, nodes.Count - count);
        return null;
    }
}
