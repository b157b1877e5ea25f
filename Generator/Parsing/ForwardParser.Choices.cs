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
            case FlagArgument { Value: true }:
                var flow = Then();
                return flow == Flow.Continues && rest is not null ? Block(rest) : flow;
            case FlagArgument:
                return Otherwise();
        }

        // Once the condition is false, the rest of the block is all that is left.
        var hasElse = rest is not null || choice.WhenFalse is not null;
        var arms = new List<Way> { new(condition, [], Then) };
        if (hasElse)
        {
            arms.Add(new Way(null, [], Otherwise));
        }

        return Branch(null, arms, hasElse, rest is null ? [choice.WhenTrue, .. choice.WhenFalse is null ? Array.Empty<IOperation>() : [choice.WhenFalse]] : [choice.WhenTrue, .. rest], site);
    }

    /// <summary>Reads ways of which one is taken.</summary>
    /// <param name="on">What a switch goes by; null for ifs.</param>
    /// <param name="arms">The ways.</param>
    /// <param name="exhaustive">Whether one is always taken.</param>
    /// <param name="inside">Everything that the ways run.</param>
    private Flow Branch(Expression? on, IReadOnlyList<Way> arms, bool exhaustive, IEnumerable<IOperation> inside, int site)
    {
        Carry(inside);
        var (frame, quoted, aim) = (frames.Peek(), statement, target);
        var atEnd = frame.AtEnd;
        var parts = new List<Arm>();
        var flows = new List<Flow>();
        foreach (var (condition, labels, read) in arms)
        {
            (frame.AtEnd, target) = (atEnd, aim);
            var (flow, body) = Apart(read);
            parts.Add(new Arm(condition, labels, body));
            flows.Add(flow);
        }

        (frame.AtEnd, statement, target) = (atEnd, quoted, aim);
        var choice = new Choice(on, parts.ToEquatable(), exhaustive, parts.SelectMany(part => AssignedBy(part.Body)).Distinct().ToEquatable(), quoted, site);
        nodes.Add(choice);
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

    /// <summary>Joins what the ways of a choice leave, where linking cannot tell which of them is taken.</summary>
    private void Join(Choice choice)
    {
        if (Steps.Within([choice]).SelectMany(Steps.Expressions).FirstOrDefault(IsOpen) is not { } open)
        {
            return;
        }

        // What they put into a list that was there before is in the list.
        var inside = Steps.Within([choice]).ToList();
        var made = inside.OfType<Instruction>().Select(step => step.Result).ToList();
        var changed = inside.OfType<Do>().SelectMany(step => step.Code.Values());
        Join(open, choice.Variables.Concat(changed).Except(made).Where(carriers.Contains));
    }

    private void Join(Expression open, IEnumerable<int> values)
    {
        var names = values.Select(value => (Expression)new ValueName(value)).ToList();
        if (names.Count > 0)
        {
            nodes.Add(new Do(Expression.Link("Join", [new TextArgument(TextOf(open)), .. names]), "", 0));
        }
    }

    /// <summary>Whether an expression asks what linking may have to answer both ways.</summary>
    private bool IsOpen(Expression code) => code.Any(part => part is Call call && (call.IsOfLinker("Either") || call.IsOfLinker("Holds")) || part is ValueName { Number: var local } && openFlags.ContainsKey(local));

    /// <summary>What an open expression asks, as the source writes it.</summary>
    private string TextOf(Expression open) => open.All().Select(part => part switch
    {
        Call { Arguments: [TextArgument { Value: var text }] } call when call.IsOfLinker("Either") => text,
        ValueName { Number: var local } when openFlags.TryGetValue(local, out var text) => text,
        _ => null,
    }).FirstOrDefault(text => text is not null) ?? statement;

    /// <summary>Locals that hold the answer to what linking may have to answer both ways, with the question.</summary>
    private readonly Dictionary<int, string> openFlags = [];

    /// <summary>The variables and lists of the generated code that hold tensors.</summary>
    private readonly HashSet<int> carriers = [];

    /// <summary>A way that is taken where its condition holds.</summary>
    /// <param name="Condition">The condition of an if; null for the last else, and in a switch.</param>
    /// <param name="Labels">The labels of a switch's section.</param>
    /// <param name="Read">Reads what it does.</param>
    private sealed record Way(Expression? Condition, EquatableArray<CaseLabel> Labels, Func<Flow> Read);

    /// <summary>Reads something into a block of its own; what it binds ends with it.</summary>
    private (Flow Flow, EquatableArray<Node> Body) Apart(Func<Flow> read)
    {
        var (outerNodes, mark, frame) = (nodes, scope.Mark, frames.Peek());
        nodes = [];
        frame.Depth++;
        var flow = read();
        frame.Depth--;
        var body = nodes.ToEquatable();
        nodes = outerNodes;
        scope.Restore(mark);
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
    private ParsedValue Choose(Expression? on, IReadOnlyList<(Expression? Condition, CaseLabel? Label, IOperation? Value)> ways, ITypeSymbol type, IOperation operation)
    {
        if (types.Translate(type) is not { } declared)
        {
            return Unsupported(operation);
        }

        var variable = NewVariable(target.Length > 0 ? target : "chosen", type, isSize: false, declared);
        var read = ways.Select(way => new Way(way.Condition, way.Label is null ? [] : new[] { way.Label }.ToEquatable(), () => Give(way.Value))).ToList();
        var (values, site) = (ways.Select(way => way.Value).OfType<IOperation>(), context.Sites.Add(operation.Syntax));
        return (on is null && ways.Count > 2 ? Chain(read, values, site) : Branch(on, read, exhaustive: true, values, site)) == Flow.Stops
            ? ParsedValue.Broken
            : Typed(new ValueName(variable), type);

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

            if (!AssignVariable(variable, value is ArgumentValue { Argument: NullArgument } ? new CodeValue(new Unassigned(IsReference: true), type) : value, type))
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

        if (condition is FlagArgument known)
        {
            return Evaluate(known.Value ? choice.WhenTrue : choice.WhenFalse!);
        }

        if (types.CarriesTensors(choice.Type))
        {
            // A lambda is one expression, and so is what it chooses.
            if (lambdas > 0 && InOneExpression(choice.WhenTrue, choice.Type, InstructionCode.Inline) is { } chosen && InOneExpression(choice.WhenFalse!, choice.Type, InstructionCode.Inline) is { } otherwise)
            {
                return Typed(new Conditional(condition, chosen, otherwise), choice.Type!);
            }

            return Choose(null, [(condition, null, choice.WhenTrue), (null, null, choice.WhenFalse)], choice.Type!, choice);
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
                return new ArgumentValue(new CodeArgument(new Conditional(condition, a, b), ofSizes));
            default:
                return CodeOf(yes, choice.Type) is { } first && CodeOf(no, choice.Type) is { } second && choice.Type is { } type
                    ? Typed(new Conditional(condition, first, second), type)
                    : ParsedValue.Other;
        }
    }

    /// <summary>The end of one of two ranges.</summary>
    private static Argument? EitherEnd(Expression condition, Argument? a, Argument? b) => a == b ? a
        : new CodeArgument(new Conditional(condition, new Cast(TypeTranslator.AxisSize + "?", a ?? new NullArgument()), b ?? new NullArgument()), OfSizes: true);

    private LayerValue Either(Expression condition, LayerValue a, LayerValue b)
    {
        reached.Add(a.Layer.Path);
        reached.Add(b.Layer.Path);
        return new LayerValue(
            LayerNode.Deferred("", $"{a.Layer.Type} or {b.Layer.Type}"),
            new LayerReference(new Conditional(condition, new Cast(TypeTranslator.Module, Receiver(a.Reference)), Receiver(b.Reference)), NeedsCast: false, MayBeNull: false));
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
                return Typed(new Binary("??", new Cast(asked.ToDisplayString(NullableFlowState.None), given), instead), number);
            case TensorValue tensor when operation.Type is { } type:
                return Choose(null, [(new IsNull(new ValueName(tensor.Number), Not: false), null, operation.WhenNull), (null, null, operation.Value)], type, operation);
            case LayerValue a when Evaluate(operation.WhenNull) is LayerValue b:
                return Either(new IsNull(a.Reference.Code, Not: true), a, b);
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

        var chosen = Choose(null, [(new IsNull(CodeOf(value, type)!, Not: false), null, operation.Value), (null, null, operation.Target)], type, operation);
        return Assign(operation.Target, chosen, operation);
    }

    /// <summary><c>x?.y</c>.</summary>
    private ParsedValue ConditionalAccess(IConditionalAccessOperation access)
    {
        var value = Evaluate(access.Operation);
        if (value is BrokenValue)
        {
            return value;
        }

        if (access.WhenNotNull is IInvocationOperation { TargetMethod.Name: "Dispose" or "Invoke", Type.SpecialType: SpecialType.System_Void } done)
        {
            return done.Arguments.All(argument => Follow(argument)) ? ParsedValue.Other : ParsedValue.Broken;
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
        var chosen = Choose(null, [(new IsNull(code, Not: true), null, access.WhenNotNull)], access.Type!, access);
        conditionalInstances.Pop();
        return chosen;
    }

    private readonly Stack<(ParsedValue Value, SyntaxNode Access)> conditionalInstances = new();

    private Flow Switch(ISwitchOperation choice)
    {
        var site = context.Sites.Add(choice.Value.Syntax);
        var on = Evaluate(choice.Value);
        if (on is BrokenValue)
        {
            return Flow.Stops;
        }

        var head = CodeOf(on, choice.Value.Type);
        var arms = new List<Way>();
        var isLast = false;
        foreach (var section in head is null ? choice.Cases.OrderBy(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation)) : choice.Cases.AsEnumerable())
        {
            // What goes by the content of a tensor goes any way.
            if (head is null)
            {
                isLast = section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation);
                if (Unbroken(choice, section) is not { } body)
                {
                    Unsupported(choice.Value);
                    return Flow.Stops;
                }

                arms.Add(new Way(isLast ? null : Asked(choice.Value, section.Clauses[0].Syntax), [], () => Block(body)));
                continue;
            }

            var labels = new List<CaseLabel>();
            foreach (var clause in section.Clauses)
            {
                if (CaseLabel(clause.Syntax) is not { } label)
                {
                    Unsupported(clause);
                    return Flow.Stops;
                }

                labels.Add(label);
            }

            arms.Add(new Way(null, labels.ToEquatable(), () => Block(section.Body)));
        }

        if (head is null)
        {
            return Chain(arms, choice.Cases.SelectMany(section => section.Body), site);
        }

        var exhaustive = choice.Cases.Any(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation));
        var flow = Branch(head, arms, exhaustive, choice.Cases.SelectMany(section => section.Body), site);

        // A break leaves the switch and no more.
        return flow == Flow.Leaves ? Flow.Continues : flow;
    }

    /// <summary>Reads ways one of which is taken, each behind the question of the one before.</summary>
    private Flow Chain(IEnumerable<Way> ways, IEnumerable<IOperation> inside, int site)
    {
        var (first, rest) = (ways.First(), ways.Skip(1).ToList());
        return first.Condition is null ? first.Read()
            : rest.Count == 0 ? Branch(null, [first], exhaustive: false, inside, site)
            : Branch(null, [first, new Way(null, [], () => Chain(rest, inside, site))], exhaustive: true, inside, site);
    }

    private static Call Asked(IOperation value, SyntaxNode label) => Expression.Link("Either", new TextArgument($"{SourceText.Quote(value.Syntax)} is {SourceText.Quote(label)}"));

    /// <summary>What a section of a switch does, without the break at its end; null where there are others.</summary>
    private static IReadOnlyList<IOperation>? Unbroken(ISwitchOperation choice, ISwitchCaseOperation section)
    {
        var body = section.Body.SelectMany(statement => statement is IBlockOperation block ? block.Operations : Enumerable.Repeat(statement, 1)).ToList();
        body = body.LastOrDefault() is IBranchOperation { BranchKind: BranchKind.Break } ? body.Take(body.Count - 1).ToList() : body;
        return section.Clauses.SelectMany(clause => clause.Syntax.DescendantNodes()).OfType<SingleVariableDesignationSyntax>().Any()
            || body.SelectMany(statement => statement.DescendantsAndSelf()).OfType<IBranchOperation>().Any(branch => SymbolEqualityComparer.Default.Equals(branch.Target, choice.ExitLabel))
            ? null
            : body;
    }

    private ParsedValue SwitchExpression(ISwitchExpressionOperation choice)
    {
        if (choice.Type is not { } type || !(types.CarriesTensors(type) || torch.IsModule(type)))
        {
            return Repeated(choice);
        }

        var on = Evaluate(choice.Value);
        if (on is BrokenValue)
        {
            return on;
        }

        if (CodeOf(on, choice.Value.Type) is not { } head)
        {
            return choice.Arms.Any(arm => arm.Pattern.Syntax.DescendantNodesAndSelf().OfType<SingleVariableDesignationSyntax>().Any())
                ? Unsupported(choice.Value)
                : Choose(null, choice.Arms.Select((arm, i) => ((Expression?)(i == choice.Arms.Length - 1 ? null : Asked(choice.Value, arm.Pattern.Syntax)), (CaseLabel?)null, (IOperation?)arm.Value)).ToList(), type, choice);
        }

        var ways = new List<(Expression?, CaseLabel?, IOperation?)>();
        foreach (var arm in choice.Arms)
        {
            var label = arm.Pattern is IDiscardPatternOperation && arm.Guard is null ? new CaseLabel(null) : CaseLabel(arm.Syntax);
            if (label is null)
            {
                return Unsupported(arm.Pattern);
            }

            ways.Add((null, label, arm.Value));
        }

        return Choose(head, ways, type, choice);
    }

    /// <summary>A case with its pattern and guard; the variables that the pattern declares are bound.</summary>
    private CaseLabel? CaseLabel(SyntaxNode clause)
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
            return clause is DefaultSwitchLabelSyntax ? new CaseLabel(null) : null;
        }

        if (Repeat(pattern) is not { } code)
        {
            return null;
        }

        if (guard is null)
        {
            return new CaseLabel(code);
        }

        return context.Operation(guard) is { } condition && Condition(condition) is { } when ? new CaseLabel(code, when) : null;
    }

    /// <summary>
    /// A condition as C#. What cannot be repeated, because it reads the values of tensors for one, is left open: the
    /// linker then follows both ways.
    /// </summary>
    /// <param name="condition">The condition.</param>
    /// <param name="repeats">Whether it is that of a loop.</param>
    private Expression? Condition(IOperation condition, bool repeats = false)
    {
        var code = Test(condition, repeats);
        if (code is null || !ReadsShape(code) || DeclaresVariables(condition))
        {
            return code;
        }

        return Expression.Link(repeats ? "Again" : "Holds", new Lambda(code));
    }

    private static bool DeclaresVariables(IOperation condition) =>
        condition.Syntax.DescendantNodes().Any(node => node is SingleVariableDesignationSyntax);

    /// <summary>Whether an expression reads the shape of a tensor, which may not be known.</summary>
    private bool ReadsShape(Expression code) => code.Any(part => part switch
    {
        Known or ShapeOf or RankArgument or Argument { IsSize: true } => true,
        ValueName value => sizes.Contains(value.Number),
        _ => false,
    });

    private Expression? Test(IOperation condition, bool repeats)
    {
        switch (condition)
        {
            case { ConstantValue: { HasValue: true, Value: bool known } }:
                return new FlagArgument(known);
            case IParenthesizedOperation { Operand: var inner }:
                return Test(inner, repeats);
            case IConversionOperation { OperatorMethod: null, Operand: var inner }:
                return Test(inner, repeats);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null, Operand: var inner }:
                return Test(inner, repeats) switch
                {
                    null => null,
                    FlagArgument flag => new FlagArgument(!flag.Value),
                    var code => new Unary("!", code),
                };
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, OperatorMethod: null } both:
                return Both(both, repeats);
        }

        switch (Attempt(condition))
        {
            case ArgumentValue { Argument: { IsTold: true } told }:
                return told;
            case null when !Follow(condition):
                return null;
        }

        return context.IsBroken ? null : Expression.Link(repeats ? "Again" : "Either", new TextArgument(SourceText.Quote(condition.Syntax)));
    }

    private Expression? Both(IBinaryOperation both, bool repeats)
    {
        // What decides by itself, whatever the other side says.
        var decides = both.OperatorKind == BinaryOperatorKind.ConditionalOr;
        var left = Test(both.LeftOperand, repeats);
        if (left is null || left is FlagArgument { Value: var first } && first == decides)
        {
            return left;
        }

        var right = Test(both.RightOperand, repeats);
        return right is null || right is FlagArgument { Value: var last } && last == decides ? right
            : right is FlagArgument ? left
            : left is FlagArgument ? right
            : new Binary(decides ? "||" : "&&", left, right);
    }

    /// <summary>Evaluates something that may turn out not to be understood, without leaving anything behind then.</summary>
    private ParsedValue? Attempt(IOperation operation)
    {
        var mark = Mark();
        var value = Evaluate(operation);
        if (value is not BrokenValue || context.IsBroken)
        {
            return value;
        }

        Restore(mark, findingsToo: true);
        return null;
    }

    private Checkpoint Mark() => new(context.Mark(), nodes.Count, scope.Mark);

    /// <summary>Makes everything as it was at a point of the same block.</summary>
    /// <param name="mark">The point.</param>
    /// <param name="findingsToo">Whether what was reported since is forgotten, too.</param>
    private void Restore(Checkpoint mark, bool findingsToo)
    {
        if (findingsToo)
        {
            context.Rollback(mark.Findings);
        }

        nodes.RemoveRange(mark.Steps, nodes.Count - mark.Steps);
        scope.Restore(mark.Scope);
    }

    /// <summary>A point of a block to go back to.</summary>
    private readonly record struct Checkpoint(int Findings, int Steps, int Scope);
}
