using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Queries, <c>from x in xs where … select …</c>: written as the calls that they stand for.</summary>
internal sealed class QueryReader(Reading reading) : Reader(reading)
{
    private static readonly Named Enumerable = new("global::System.Linq.Enumerable");

    /// <summary>What a query has come to after some of its clauses.</summary>
    /// <param name="Source">The sequence.</param>
    /// <param name="Variables">What an element of it holds: one variable, or a tuple of several.</param>
    private sealed record Sequence(Expression Source, IReadOnlyList<(ISymbol Symbol, ITypeSymbol Type)> Variables);

    public ParsedValue Read(ITranslatedQueryOperation operation)
    {
        var query = (QueryExpressionSyntax)operation.Syntax;
        var mark = Scope.Mark;
        var code = From(query.FromClause) is { } first ? Body(first, query.Body) : null;
        Scope.Restore(mark);
        return code is not null && operation.Type is { } type ? Writer.Typed(code, type)
            : Context.IsBroken || Context.HasErrors ? ParsedValue.Broken
            : Reading.Unsupported(operation);
    }

    private Sequence? From(FromClauseSyntax from) =>
        Context.Operation(from.Expression) is { } source && Numbers(from.Expression, source) is { } code && Variable(from, ElementOf(source)) is { } variable
            ? new Sequence(code, [variable])
            : null;

    private Expression? Body(Sequence sequence, QueryBodySyntax body)
    {
        Sequence? now = sequence;
        foreach (var clause in body.Clauses)
        {
            now = now is null ? null : clause switch
            {
                WhereClauseSyntax where => Lambda(now, where.Condition) is { } test ? now with { Source = Enumerable.Method("Where", now.Source, test) } : null,
                OrderByClauseSyntax order => Ordered(now, order),
                LetClauseSyntax let => Let(now, let),
                FromClauseSyntax from => Join(now, from, from.Expression, null, null, "SelectMany", null),
                JoinClauseSyntax { Into: null } join => Join(now, join, join.InExpression, join.LeftExpression, join.RightExpression, "Join", null),
                JoinClauseSyntax join => Join(now, join, join.InExpression, join.LeftExpression, join.RightExpression, "GroupJoin", join.Into),
                _ => null,
            };
        }

        if (now is null)
        {
            return null;
        }

        var (code, element) = body.SelectOrGroup switch
        {
            SelectClauseSyntax { Expression: var chosen } =>
                (Lambda(now, chosen) is { } select ? Enumerable.Method("Select", now.Source, select) : null, Context.TypeOf(chosen)),
            GroupClauseSyntax group =>
                (
                    Lambda(now, group.ByExpression) is { } key && Lambda(now, group.GroupExpression) is { } one
                        ? Enumerable.Method("GroupBy", now.Source, key, one)
                        : null,
                    GroupType(group)),
            _ => (null, null),
        };
        return code is null || body.Continuation is not { } more ? code
            : element is not null && Context.Declared(more) is { } into ? Body(new Sequence(code, [(into, element)]), more.Body) : null;
    }

    private Sequence? Ordered(Sequence sequence, OrderByClauseSyntax order)
    {
        var (code, verb) = ((Expression?)sequence.Source, "OrderBy");
        foreach (var ordering in order.Orderings)
        {
            var name = verb + (ordering.IsKind(SyntaxKind.DescendingOrdering) ? "Descending" : "");
            code = code is not null && Lambda(sequence, ordering.Expression) is { } key ? Enumerable.Method(name, code, key) : null;
            verb = "ThenBy";
        }

        return code is null ? null : sequence with { Source = code };
    }

    private Sequence? Let(Sequence sequence, LetClauseSyntax let)
    {
        if (Context.Declared(let) is not { } symbol
            || Context.TypeOf(let.Expression) is not { } type
            || Lambda(sequence, let.Expression, alone: false) is not { } with)
        {
            return null;
        }

        return new Sequence(Enumerable.Method("Select", sequence.Source, with), [.. sequence.Variables, (symbol, type)]);
    }

    /// <summary>Another sequence beside the first: each of its elements, those with the same key, or all of these together.</summary>
    private Sequence? Join(
        Sequence sequence, SyntaxNode clause, ExpressionSyntax other, ExpressionSyntax? left, ExpressionSyntax? right, string verb, JoinIntoClauseSyntax? into)
    {
        if (Context.Operation(other) is not { } source || Variable(clause, ElementOf(source)) is not { } variable)
        {
            return null;
        }

        var taken = into is null ? variable : Context.Declared(into) is { } several && source.Type is { } all ? (several, all) : variable;
        var (first, second) = (Bindings.NewValue("one").Number, Bindings.NewValue(taken.Item1.Name).Number);
        var pair = new Lambda(new[] { first, second }.ToEquatable(), [], new TupleOf(Parts(sequence, first).Append(new ValueName(second)).ToEquatable()));
        if (left is null || right is null)
        {
            return Lambda(sequence, other) is { } inner
                ? new Sequence(Enumerable.Method(verb, sequence.Source, inner, pair), [.. sequence.Variables, taken])
                : null;
        }

        return Numbers(other, source) is { } joined && Lambda(sequence, left) is { } from && Lambda(new Sequence(joined, [variable]), right) is { } to
            ? new Sequence(Enumerable.Method(verb, sequence.Source, joined, from, to, pair), [.. sequence.Variables, taken])
            : null;
    }

    /// <summary>A lambda of one element of a sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="body">What it gives.</param>
    /// <param name="alone">Whether it gives that alone, or beside what an element holds.</param>
    private Lambda? Lambda(Sequence sequence, ExpressionSyntax body, bool alone = true)
    {
        var (mark, outer) = (Scope.Mark, Nodes);
        Nodes = [];
        var element = Bindings.NewValue(sequence.Variables is [var only] ? only.Symbol.Name : "all").Number;
        foreach (var ((symbol, type), part) in sequence.Variables.Zip(Parts(sequence, element), (variable, part) => (variable, part)))
        {
            Scope.Bind(symbol, Writer.Typed(part, type));
        }

        Lambdas.Depth++;
        var parameters = new[] { element };
        var result = Code(body) is not { } code ? null : alone ? code : new TupleOf(Parts(sequence, element).Append(code).ToEquatable());
        var made = result is null ? null
            : InstructionCode.Inline(Nodes, result) is { } inline ? new Lambda(parameters.ToEquatable(), [], inline)
            : InstructionCode.Block(parameters, Nodes, result);
        Lambdas.Depth--;
        Nodes = outer;
        Scope.Restore(mark);
        return made;
    }

    private static IEnumerable<Expression> Parts(Sequence sequence, int element) => sequence.Variables.Count == 1
        ? [new ValueName(element)]
        : sequence.Variables.Select((_, i) => (Expression)new ValueName(element).Member($"Item{i + 1}"));

    private Expression? Code(ExpressionSyntax body)
    {
        // What only names a variable again the compiler leaves out.
        var value = Context.Symbol(body) is IRangeVariableSymbol variable ? Scope.ValueOf(variable)
            : Context.Operation(body) is { } operation ? Evaluate(operation)
            : null;
        return value is null or BrokenValue ? null : Writer.CodeOf(value, Context.TypeOf(body));
    }

    /// <summary>A sequence that a query goes through: sizes as plain numbers, which it computes with.</summary>
    private Expression? Numbers(ExpressionSyntax sequence, IOperation source) =>
        Code(sequence) is not { } code ? null : SizeLists.AreSizes(source) ? SizeLists.AllNumbers(code) : code;

    private (ISymbol, ITypeSymbol)? Variable(SyntaxNode clause, ITypeSymbol? type) =>
        type is not null && Context.Declared(clause) is { } symbol ? (symbol, type) : null;

    /// <summary>What a sequence is one of.</summary>
    private static ITypeSymbol? ElementOf(IOperation sequence) => sequence.Type switch
    {
        IArrayTypeSymbol array => array.ElementType,
        INamedTypeSymbol { Name: "IEnumerable", TypeArguments: [var element] } => element,
        var type => type?.AllInterfaces.FirstOrDefault(every => every is { Name: "IEnumerable", TypeArguments.Length: 1 })?.TypeArguments[0],
    };

    private ITypeSymbol? GroupType(GroupClauseSyntax group) => Context.TypeOf(group.ByExpression) is { } key && Context.TypeOf(group.GroupExpression) is { } one
        ? Context.Compilation.GetTypeByMetadataName("System.Linq.IGrouping`2")?.Construct(key, one) : null;
}
