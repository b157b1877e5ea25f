using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Loops: the generated code repeats them over the live collections.</summary>
internal sealed partial class ForwardParser
{
    private Flow ForEach(IForEachLoopOperation loop)
    {
        var site = context.Sites.Add(loop.Collection.Syntax);
        var collection = Evaluate(Unconverted(loop.Collection));
        if (collection is BrokenValue)
        {
            return Flow.Stops;
        }

        if (collection is ItemsValue { Items: var functions } && functions.All(item => item is FunctionValue) && loop.Locals is [var each] && !loop.Body.Descendants().Any(inner => inner is IBranchOperation or IReturnOperation))
        {
            // Functions are read where they are called, so there is a round for each.
            foreach (var function in functions)
            {
                bindings[each] = function;
                if (Statement(loop.Body) == Flow.Stops)
                {
                    return Flow.Stops;
                }
            }

            return Flow.Continues;
        }

        if (CodeOf(collection, Unconverted(loop.Collection).Type) is not { } code)
        {
            Unsupported(loop.Collection);
            return Flow.Stops;
        }

        if (collection is LayerValue { Layer.Path: { Length: > 0 } path })
        {
            reached.Add(path);
        }

        var elements = new List<int>();
        var head = "";
        return Repeating(loop, site, [loop.Body], elements, () =>
        {
            if (Element(loop, elements) is not { } element)
            {
                return null;
            }

            head = $"foreach ({element} in {code})";
            return head;
        });
    }

    /// <summary>The variable of a foreach, bound to what each round brings.</summary>
    private string? Element(IForEachLoopOperation loop, List<int> elements)
    {
        switch (loop.Syntax)
        {
            case ForEachStatementSyntax simple when loop.Locals.FirstOrDefault() is { } local:
                var number = NewElement(local, elements);
                var type = simple.Type.IsVar ? "var" : types.Translate(local.Type);
                return type is null ? null : $"{type} {Code.Value(number)}";

            case ForEachVariableStatementSyntax { Variable: DeclarationExpressionSyntax { Designation: var designation } }:
                return Designation(designation, elements) is { } names ? $"var {names}" : null;

            case ForEachVariableStatementSyntax { Variable: TupleExpressionSyntax tuple }:
                var parts = tuple.Arguments.Select(argument => argument.Expression switch
                {
                    DeclarationExpressionSyntax { Designation: var inner } => Designation(inner, elements) is { } name ? "var " + name : null,
                    IdentifierNameSyntax { Identifier.Text: "_" } => "_",
                    _ => null,
                }).ToList();
                return parts.Contains(null) ? null : $"({string.Join(", ", parts)})";

            default:
                return null;
        }
    }

    private string? Designation(VariableDesignationSyntax designation, List<int> elements)
    {
        switch (designation)
        {
            case DiscardDesignationSyntax:
                return "_";
            case SingleVariableDesignationSyntax single when context.Declared(single) is ILocalSymbol local:
                return Code.Value(NewElement(local, elements));
            case ParenthesizedVariableDesignationSyntax several:
                var parts = several.Variables.Select(variable => Designation(variable, elements)).ToList();
                return parts.Contains(null) ? null : $"({string.Join(", ", parts)})";
            default:
                return null;
        }
    }

    private int NewElement(ILocalSymbol local, List<int>? tensors)
    {
        var number = NewValue(local.Name).Number;
        carried.Remove(local);
        bindings[local] = Typed(Code.Value(number), local.Type);
        if (torch.IsTensor(local.Type))
        {
            tensors?.Add(number);
        }

        return number;
    }

    private Flow For(IForLoopOperation loop)
    {
        var site = context.Sites.Add(loop.Syntax is ForStatementSyntax { Condition: { } condition } ? condition : loop.Syntax);
        var before = "";
        foreach (var start in loop.Before)
        {
            if (loop.Before is [IVariableDeclarationGroupOperation { Declarations: [{ Declarators: [var only] }] }] && only.GetVariableInitializer()?.Value is { } value)
            {
                // The loop's own counter is declared in its head.
                if (Counter(only.Symbol, value) is not { } counter)
                {
                    Unsupported(value);
                    return Flow.Stops;
                }

                before = counter;
            }
            else if (Statement(start) == Flow.Stops)
            {
                return Flow.Stops;
            }
        }

        return Repeating(loop, site, [loop.Body, .. loop.AtLoopBottom], [], () =>
        {
            var test = loop.Condition is null ? "" : Condition(loop.Condition, repeats: true);
            var steps = new List<string>();
            foreach (var step in loop.AtLoopBottom)
            {
                var code = step is IExpressionStatementOperation { Operation: var expression } ? Repeat(expression) : null;
                if (code is null)
                {
                    Unsupported(step);
                    return null;
                }

                steps.Add(code);
            }

            return test is null ? null : $"for ({before}; {test}; {string.Join(", ", steps)})";
        });
    }

    private string? Counter(ILocalSymbol local, IOperation initializer)
    {
        if (CodeOf(Evaluate(initializer), local.Type) is not { } start || types.Translate(local.Type) is not { } type)
        {
            return null;
        }

        var number = NewValue(local.Name).Number;
        changing.Add(number);
        carried[local] = new Variable(number, []);
        bindings[local] = Typed(Code.Value(number), local.Type);
        return $"{type} {Code.Value(number)} = {start}";
    }

    private Flow While(IWhileLoopOperation loop)
    {
        var site = context.Sites.Add(loop.Condition?.Syntax ?? loop.Syntax);
        if (loop.Condition is null)
        {
            return UnsupportedStatement(loop);
        }

        return loop.ConditionIsTop
            ? Repeating(loop, site, [loop.Body, loop.Condition], [], () => Condition(loop.Condition, repeats: true) is { } test ? $"while ({test})" : null)
            : Repeating(loop, site, [loop.Body, loop.Condition], [], () => "do", () => Condition(loop.Condition, repeats: true) is { } test ? $"while ({test});" : null);
    }

    /// <summary>Reads a loop.</summary>
    /// <param name="inside">Everything that runs in each round.</param>
    /// <param name="elements">The tensors that the head declares.</param>
    /// <param name="head">Reads the head; null where it cannot be followed.</param>
    /// <param name="tail">Reads what follows the body.</param>
    private Flow Repeating(ILoopOperation loop, int site, IReadOnlyList<IOperation> inside, List<int> elements, Func<string?> head, Func<string?>? tail = null)
    {
        Carry(inside);
        var (frame, quoted) = (frames.Peek(), statement);
        var atEnd = frame.AtEnd;
        var (opening, closing, hoisted) = ("", "", false);
        List<Node> before = [];
        var (flow, body) = Apart(() =>
        {
            frame.AtEnd = false;
            if (head() is not { } read)
            {
                return context.HasErrors || context.IsBroken ? Flow.Stops : UnsupportedStatement(loop);
            }

            opening = read;

            // A parameter is the same in every round. What else a condition calls would have to be called in each.
            before = nodes.Where(node => node is Let { Code: var code } && code.StartsWith("link.Parameter(", StringComparison.Ordinal)).ToList();
            nodes.RemoveAll(before.Contains);
            hoisted = nodes.Count > 0;
            var inner = hoisted ? UnsupportedStatement(loop) : Statement(loop.Body);
            if (inner == Flow.Stops || tail is null)
            {
                return inner;
            }

            var count = nodes.Count;
            closing = tail();
            return closing is null || nodes.Count > count ? UnsupportedStatement(loop) : inner;
        });
        (frame.AtEnd, statement) = (atEnd, quoted);
        nodes.AddRange(before);
        nodes.Add(new Loop(opening, closing ?? "", body, AssignedBy(body).Distinct().ToEquatable(), elements.ToEquatable(), quoted, site));
        return flow == Flow.Stops ? Flow.Stops : Flow.Continues;
    }

    private static IOperation Unconverted(IOperation operation)
    {
        while (operation is IConversionOperation { OperatorMethod: null, IsImplicit: true } conversion)
        {
            operation = conversion.Operand;
        }

        return operation;
    }
}
