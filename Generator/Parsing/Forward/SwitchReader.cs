using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Switches and switch expressions: by numbers, by sizes, by what class a layer is of.</summary>
internal sealed class SwitchReader(Reading reading) : Reader(reading)
{
    public Flow Switch(ISwitchOperation choice)
    {
        var site = Context.Sites.Add(choice.Value.Syntax);
        var on = Evaluate(choice.Value);
        if (on is BrokenValue)
        {
            return Flow.Stops;
        }

        var clauses = choice.Cases.SelectMany(section => section.Clauses).ToList();
        if (clauses.Select(Patterns.IntoRecord).FirstOrDefault(part => part is not null) is { } inside)
        {
            Unsupported(inside, PatternReader.NotInto(inside));
            return Flow.Stops;
        }

        var shape = clauses.Any(PatternReader.AsksForSizes) && Patterns.HasSizes(on) ? on : null;
        var asked = shape is null ? [] : Asked(shape, clauses.OfType<IPatternCaseClauseOperation>().Select(clause => clause.Pattern));
        if (asked is null
            || shape is not null
                && (choice.Cases.Length < clauses.Count || clauses.Any(clause => clause is IPatternCaseClauseOperation { Guard: not null })))
        {
            Unsupported(choice.Value);
            return Flow.Stops;
        }

        if (shape is null && (OfKnown(on, choice) ?? OfTypes(on, choice, site)) is { } flow)
        {
            return flow;
        }

        var head = shape is null ? Writer.TypedNull(on, choice.Value.Type) : null;
        var arms = new List<ChoiceArm>();
        var isLast = false;
        foreach (var section in head is null
            ? choice.Cases.OrderBy(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation))
            : choice.Cases.AsEnumerable())
        {
            // What goes by the content of a tensor goes any way.
            if (head is null)
            {
                isLast = section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation);
                if (Unbroken(choice, section, mayDeclare: shape is not null) is not { } body)
                {
                    Unsupported(choice.Value);
                    return Flow.Stops;
                }

                var question = isLast ? null : shape is null ? Asked(choice.Value, section.Clauses[0].Syntax) : asked[arms.Count];
                arms.Add(new ChoiceArm(question, [], () => Statements.Block(body)));
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

            arms.Add(new ChoiceArm(null, labels.ToEquatable(), () => Statements.Block(section.Body)));
        }

        if (head is null)
        {
            return Choices.Chain(arms, choice.Cases.SelectMany(section => section.Body), site);
        }

        var exhaustive = choice.Cases.Any(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation));
        var end = Choices.Branch(head, arms, exhaustive, choice.Cases.SelectMany(section => section.Body), site);

        // A break leaves the switch and no more.
        return end == Flow.Leaves ? Flow.Continues : end;
    }

    /// <summary>A switch that goes by what a helper was given, or was not; null for any other.</summary>
    private Flow? OfKnown(ParsedValue on, ISwitchOperation choice)
    {
        var sections = choice.Cases.OrderBy(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation)).ToList();
        var patterns = sections.Select(section => section.Clauses is [IPatternCaseClauseOperation { Guard: null } only] ? only.Pattern : null).ToList();
        if (sections.Zip(patterns, (section, pattern) => pattern is null && section.Clauses is not [IDefaultCaseClauseOperation]).Contains(true)
            || Patterns.FirstOf(patterns, on) is not { } taken
            || Unbroken(choice, sections[taken], mayDeclare: true) is not { } body)
        {
            return null;
        }

        sections.Where((_, i) => i != taken).ToList().ForEach(Reading.NeverRuns);
        return Statements.Block(body);
    }

    /// <summary>A switch that goes by what class a layer is of, which the live one tells; null for any other.</summary>
    private Flow? OfTypes(ParsedValue on, ISwitchOperation choice, int site)
    {
        var arms = new List<ChoiceArm>();
        foreach (var section in choice.Cases.OrderBy(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation)))
        {
            var isLast = section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation);
            var (pattern, guard) = section.Clauses is [IPatternCaseClauseOperation only] ? (only.Pattern, only.Guard) : (null, null);
            if ((pattern is null && !isLast) || !IsOfLayer(on, choice.Value, pattern) || Unbroken(choice, section, mayDeclare: true) is not { } body)
            {
                return null;
            }

            var question = isLast ? null : Question(on, choice.Value, pattern!, guard);
            if (question is null && !isLast)
            {
                return Flow.Stops;
            }

            arms.Add(new ChoiceArm(question, [], () => Statements.Block(body)));
        }

        return arms is [{ Condition: null }] or [] ? null : Choices.Chain(arms, choice.Cases.SelectMany(section => section.Body), site);
    }

    /// <summary>Whether a pattern asks what class a layer is of, or asks nothing.</summary>
    private bool IsOfLayer(ParsedValue value, IOperation asked, IPatternOperation? pattern) => pattern is null or IDiscardPatternOperation
        || (value is LayerValue || value is CodeValue && DynamicReader.IsUntyped(asked.Type))
            && (pattern switch
            {
                IDeclarationPatternOperation { MatchesNull: false } declaration => declaration.MatchedType,
                ITypePatternOperation plain => plain.MatchedType,
                _ => null,
            }) is { } type
            && Torch.IsModule(type);

    /// <summary>What a pattern asks of a layer, with what must hold too; null where that cannot be told, which has been reported.</summary>
    private Expression? Question(ParsedValue value, IOperation asked, IPatternOperation pattern, IOperation? guard)
    {
        if (Patterns.OfType(value, asked.Type, pattern, isNot: false) is not ArgumentValue { Argument: var told })
        {
            Unsupported(pattern);
            return null;
        }

        return guard is null ? told
            : Conditions.Condition(guard) is not { } condition ? null
            : condition is FlagArgument { Value: true } ? told
            : condition is FlagArgument ? condition
            : new Binary("&&", told, condition);
    }

    private static Call Asked(IOperation value, SyntaxNode label) =>
        Expression.Link("Either", new TextArgument($"{SourceText.Quote(value.Syntax)} is {SourceText.Quote(label)}"));

    /// <summary>What each pattern asks of the sizes of a tensor, null for what is left; null where one of them is not understood.</summary>
    private List<Expression?>? Asked(ParsedValue sizes, IEnumerable<IPatternOperation> patterns)
    {
        var questions = patterns.Select(pattern => Patterns.OfSizes(pattern, sizes)).ToList();
        return questions.Contains(null) ? null
            : questions.Select(code => code is FlagArgument { Value: true } ? null : (Expression?)Expression.Link("Holds", new Lambda(code!))).ToList();
    }

    /// <summary>What a section of a switch does, without the break at its end; null where there are others.</summary>
    private static IReadOnlyList<IOperation>? Unbroken(ISwitchOperation choice, ISwitchCaseOperation section, bool mayDeclare)
    {
        var body = section.Body.SelectMany(statement => statement is IBlockOperation block ? block.Operations : Enumerable.Repeat(statement, 1)).ToList();
        body = body.LastOrDefault() is IBranchOperation { BranchKind: BranchKind.Break } ? body.Take(body.Count - 1).ToList() : body;
        return (!mayDeclare && section.Clauses.SelectMany(clause => clause.Syntax.DescendantNodes()).OfType<SingleVariableDesignationSyntax>().Any())
            || body.SelectMany(statement => statement.DescendantsAndSelf())
                .OfType<IBranchOperation>()
                .Any(branch => SymbolEqualityComparer.Default.Equals(branch.Target, choice.ExitLabel))
            ? null
            : body;
    }

    public ParsedValue SwitchExpression(ISwitchExpressionOperation choice)
    {
        var type = ChoiceReader.Becomes(choice);
        if (type is null)
        {
            return Repeats.Repeated(choice);
        }

        var on = Evaluate(choice.Value);
        if (on is BrokenValue)
        {
            return on;
        }

        if (choice.Arms.Select(arm => Patterns.IntoRecord(arm.Pattern)).FirstOrDefault(part => part is not null) is { } inside)
        {
            return Unsupported(inside, PatternReader.NotInto(inside));
        }

        var ofSizes = choice.Arms.Any(arm => PatternReader.AsksForSizes(arm.Pattern)) && Patterns.HasSizes(on);

        // What a helper was given, or not, tells which arm is taken.
        if (choice.Arms.All(arm => arm.Guard is null) && Patterns.FirstOf([.. choice.Arms.Select(arm => arm.Pattern)], on) is { } taken)
        {
            choice.Arms.Where((_, i) => i != taken).ToList().ForEach(Reading.NeverRuns);
            return Evaluate(choice.Arms[taken].Value);
        }

        if (!ofSizes && !Types.CarriesTensors(type) && !Torch.IsModule(type))
        {
            return Repeats.Repeated(choice);
        }

        if (ofSizes)
        {
            return choice.Arms.Any(arm => arm.Guard is not null) || Asked(on, choice.Arms.Select(arm => arm.Pattern)) is not { } asked
                ? Unsupported(choice.Value)
                : Choices.Choose(null, choice.Arms.Zip(asked, (arm, question) => (question, (CaseLabel?)null, (IOperation?)arm.Value)).ToList(), type, choice);
        }

        if (choice.Arms.All(arm => IsOfLayer(on, choice.Value, arm.Pattern)) && choice.Arms.Any(arm => arm.Pattern is not IDiscardPatternOperation))
        {
            return OfTypes(on, choice, type);
        }

        if (Writer.TypedNull(on, choice.Value.Type) is not { } head)
        {
            return choice.Arms.Any(arm => arm.Pattern.Syntax.DescendantNodesAndSelf().OfType<SingleVariableDesignationSyntax>().Any())
                ? Unsupported(choice.Value)
                : Choices.Choose(
                    null,
                    choice.Arms.Select(
                        (arm, i) =>
                            (
                                (Expression?)(i == choice.Arms.Length - 1 ? null : Asked(choice.Value, arm.Pattern.Syntax)),
                                (CaseLabel?)null,
                                (IOperation?)arm.Value)).ToList(),
                    type,
                    choice);
        }

        var branches = new List<(Expression?, CaseLabel?, IOperation?)>();
        foreach (var arm in choice.Arms)
        {
            var label = arm.Pattern is IDiscardPatternOperation && arm.Guard is null ? new CaseLabel(null) : CaseLabel(arm.Syntax);
            if (label is null)
            {
                return Unsupported(arm.Pattern);
            }

            branches.Add((null, label, arm.Value));
        }

        return Choices.Choose(head, branches, type, choice);
    }

    /// <summary>A switch expression that goes by what class a layer is of, which the live one tells.</summary>
    private ParsedValue OfTypes(ParsedValue on, ISwitchExpressionOperation choice, ITypeSymbol type)
    {
        var ways = new List<(Expression? Question, IOperation Value)>();
        foreach (var arm in choice.Arms)
        {
            var isLast = arm is { Pattern: IDiscardPatternOperation, Guard: null };
            var question = isLast ? null
                : arm.Pattern is IDiscardPatternOperation ? Conditions.Condition(arm.Guard!)
                : Question(on, choice.Value, arm.Pattern, arm.Guard);
            if (question is null && !isLast)
            {
                return ParsedValue.Broken;
            }

            ways.Add((question, arm.Value));
        }

        return Choices.Choose(
            null,
            give => [
                .. ways.Select(way => new ChoiceArm(way.Question, [], () => Conversions.Unconverted(way.Value) is IThrowOperation
                    ? Methods.Throw()
                    : give(Evaluate(way.Value), way.Value))),
                .. ways[ways.Count - 1].Question is null ? Array.Empty<ChoiceArm>() : [new ChoiceArm(null, [], Methods.Throw)]],
            ways.Select(way => way.Value),
            type,
            choice);
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

        // In a case, nothing but var says that anything will do.
        if ((pattern is DiscardPatternSyntax ? new Named("var _") : Repeats.Repeat(pattern)) is not { } code)
        {
            return null;
        }

        if (guard is null)
        {
            return new CaseLabel(code);
        }

        return Context.Operation(guard) is { } condition && Conditions.Condition(condition) is { } when ? new CaseLabel(code, when) : null;
    }
}
