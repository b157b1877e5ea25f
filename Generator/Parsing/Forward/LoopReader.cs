using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Loops.</summary>
internal sealed class LoopReader(Reading reading) : Reader(reading)
{
    public Flow ForEach(IForEachLoopOperation loop)
    {
        if (loop.Locals.Any(local => local.RefKind == RefKind.Ref))
        {
            return After(Unsupported(loop.Collection, new Problem("a foreach that changes what it goes through", "use a for")));
        }

        var site = Context.Sites.Add(loop.Collection.Syntax);
        var collection = Evaluate(Conversions.Unconverted(loop.Collection));
        if (collection is BrokenValue)
        {
            return Flow.Stops;
        }

        if (collection is ItemsValue { Items: var functions }
            && functions.All(item => item is FunctionValue)
            && loop.Locals is [var each]
            && !loop.Body.Descendants().Any(inner => inner is IBranchOperation or IReturnOperation))
        {
            // Functions are read where they are called, so there is a round for each.
            foreach (var function in functions)
            {
                Scope.Bind(each, function);
                if (Statements.Statement(loop.Body) == Flow.Stops)
                {
                    return Flow.Stops;
                }
            }

            return Flow.Continues;
        }

        var type = Conversions.Unconverted(loop.Collection).Type;
        var known = collection is LayerValue layers ? Writer.ParametersOf(layers, type) ?? ValueWriter.Receiver(layers.Reference) : null;
        if ((known ?? Writer.CodeOf(collection, type)) is not { } code)
        {
            Unsupported(loop.Collection);
            return Flow.Stops;
        }

        if (collection is LayerValue { Layer.Path: { Length: > 0 } path })
        {
            Reached.Add(path);
        }

        var elements = new List<int>();
        return Repeating(
            loop,
            site,
            [loop.Body],
            elements,
            () => Element(loop, elements, collection) is { } element ? new ForEachHead(element, code) : null);
    }

    /// <summary>The variable of a foreach, bound to what each round brings.</summary>
    private ElementName? Element(IForEachLoopOperation loop, List<int> elements, ParsedValue collection)
    {
        switch (loop.Syntax)
        {
            // What is called dynamic, or an object, is what the collection is of.
            case ForEachStatementSyntax untyped when loop.Locals.FirstOrDefault() is { } late && DynamicReader.IsUntyped(late.Type):
                return ElementType(untyped, collection) is { } of ? new ElementName("var", Bindings.NewElement(late, elements, type: of), []) : null;

            case ForEachStatementSyntax simple when loop.Locals.FirstOrDefault() is { } local:
                var isSize = SizeLists.AreSizes(collection) && NumberTypes.IsNumber(local.Type);
                var number = Bindings.NewElement(local, elements, isSize);
                var type = simple.Type.IsVar ? "var" : Bindings.VariableType(local.Type, Bindings.Sizes.Contains(number));
                return type is null ? null : new ElementName(type, number, []);

            case ForEachVariableStatementSyntax { Variable: DeclarationExpressionSyntax { Designation: var designation } }:
                return Designation(designation, elements) is { } names ? names with { Type = "var" } : null;

            case ForEachVariableStatementSyntax { Variable: TupleExpressionSyntax tuple }:
                return Parts(tuple.Arguments.Select(argument => argument.Expression switch
                {
                    DeclarationExpressionSyntax { Designation: var inner } => Designation(inner, elements) is { } name ? name with { Type = "var" } : null,
                    IdentifierNameSyntax { Identifier.Text: "_" } => new ElementName("", -1, []),
                    _ => null,
                }));

            default:
                return null;
        }
    }

    /// <summary>What each element of a collection is declared as; null where that is dynamic, too.</summary>
    private ITypeSymbol? ElementType(ForEachStatementSyntax loop, ParsedValue collection)
    {
        var type = (collection as LayerValue)?.Class ?? (collection as CodeValue)?.Type;
        var known = type?.AllInterfaces.Where(face => face.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T).ToList();
        var element = known is [{ TypeArguments: [var only] }] ? only : Context.ElementType(loop);
        return element is IDynamicTypeSymbol ? null : element;
    }

    private ElementName? Designation(VariableDesignationSyntax designation, List<int> elements) => designation switch
    {
        DiscardDesignationSyntax => new ElementName("", -1, []),
        SingleVariableDesignationSyntax single when Context.Declared(single) is ILocalSymbol local =>
            new ElementName("", Bindings.NewElement(local, elements), []),
        ParenthesizedVariableDesignationSyntax several => Parts(several.Variables.Select(variable => Designation(variable, elements))),
        _ => null,
    };

    private static ElementName? Parts(IEnumerable<ElementName?> parts) =>
        parts.ToList() is var all && all.Contains(null) ? null : new ElementName("", -1, all.OfType<ElementName>().ToEquatable());

    public Flow For(IForLoopOperation loop)
    {
        var site = Context.Sites.Add(loop.Syntax is ForStatementSyntax { Condition: { } condition } ? condition : loop.Syntax);
        var counter = new ForHead("", -1, null, null, []);
        foreach (var start in loop.Before)
        {
            if (loop.Before is [IVariableDeclarationGroupOperation { Declarations: [{ Declarators: [var only] }] }]
                && only.GetVariableInitializer()?.Value is { } value)
            {
                // The loop's own counter is declared in its head.
                if (Counter(only.Symbol, value) is not { } declared)
                {
                    Unsupported(value);
                    return Flow.Stops;
                }

                counter = declared;
            }
            else if (Statements.Statement(start) == Flow.Stops)
            {
                return Flow.Stops;
            }
        }

        return Repeating(loop, site, [loop.Body, .. loop.AtLoopBottom], [], () =>
        {
            var test = IsEndless(loop.Condition) ? null : Conditions.Condition(loop.Condition!, repeats: true);
            var steps = new List<Expression>();
            foreach (var step in loop.AtLoopBottom)
            {
                var code = step is IExpressionStatementOperation { Operation: var expression } ? Repeats.Repeat(expression) : null;
                if (code is null)
                {
                    Unsupported(step);
                    return null;
                }

                steps.Add(code);
            }

            if (IsEndless(loop.Condition))
            {
                steps.Add(Round(loop.Condition));
            }

            return test is null && !IsEndless(loop.Condition) ? null : counter with { Test = test, Steps = steps.ToEquatable() };
        });
    }

    /// <summary>Whether only the body of a loop leaves it.</summary>
    private static bool IsEndless(IOperation? condition) => condition is null or { ConstantValue: { HasValue: true, Value: true } };

    /// <summary>What stands at the end of each round of such a loop, for linking not to go on for ever.</summary>
    private static Expression Round(IOperation? condition) =>
        Expression.Link("Round", new TextArgument(condition is null ? "for (;;)" : $"while ({SourceText.Quote(condition.Syntax)})"));

    private ForHead? Counter(ILocalSymbol local, IOperation initializer)
    {
        if (Writer.CodeOf(Evaluate(initializer), local.Type) is not { } start || Types.Translate(local.Type) is not { } type)
        {
            return null;
        }

        var number = Bindings.NewValue(local.Name).Number;
        Bindings.Changing.Add(number);
        Scope.Hold(local, new Variable(number, []), Writer.Typed(new ValueName(number), local.Type));
        return new ForHead(type, number, start, null, []);
    }

    public Flow While(IWhileLoopOperation loop)
    {
        var site = Context.Sites.Add(loop.Condition?.Syntax ?? loop.Syntax);
        if (loop.Condition is null)
        {
            return Statements.UnsupportedStatement(loop);
        }

        if (IsEndless(loop.Condition))
        {
            return Repeating(loop, site, [loop.Body], [], () => new ForHead("", -1, null, null, new[] { Round(loop.Condition) }.ToEquatable()));
        }

        return loop.ConditionIsTop
            ? Repeating(
                loop,
                site,
                [loop.Body, loop.Condition],
                [],
                () => Conditions.Condition(loop.Condition, repeats: true) is { } test ? new WhileHead(test, AtTop: true) : null)
            : Repeating(
                loop,
                site,
                [loop.Body, loop.Condition],
                [],
                null,
                () => Conditions.Condition(loop.Condition, repeats: true) is { } test ? new WhileHead(test, AtTop: false) : null);
    }

    /// <summary>Reads a loop.</summary>
    /// <param name="inside">Everything that runs in each round.</param>
    /// <param name="elements">The tensors that the head declares.</param>
    /// <param name="head">Reads the head, where it stands before the body; it gives null where it cannot be followed.</param>
    /// <param name="tail">Reads it where it stands behind the body.</param>
    private Flow Repeating(
        ILoopOperation loop, int site, IReadOnlyList<IOperation> inside, List<int> elements, Func<LoopHead?>? head, Func<LoopHead?>? tail = null)
    {
        Bindings.Carry(inside);
        var (frame, quoted) = (Frames.Peek(), Quoted);
        var atEnd = frame.AtEnd;
        LoopHead? read = null;
        List<Node> before = [];
        var found = Bindings.Found.ToList();
        var (flow, body) = Choices.Apart(() =>
        {
            frame.AtEnd = false;
            read = head?.Invoke();
            if (head is not null && read is null)
            {
                return Context.HasErrors || Context.IsBroken ? Flow.Stops : Statements.UnsupportedStatement(loop);
            }

            // A parameter is the same in every round. What else a condition calls is called in each.
            before = Nodes.Where(node => node is Let { Code: Call code } && code.IsOfLinker("Parameter")).ToList();
            Nodes.RemoveAll(before.Contains);
            if (Nodes.Count > 0)
            {
                read = AskedInside(read!, site);
            }

            var inner = Statements.Statement(loop.Body);
            if (inner == Flow.Stops || tail is null)
            {
                return inner;
            }

            var count = Nodes.Count;
            read = tail();
            return read is null
                || read.Parts.SelectMany(part => part.Values()).Intersect(Nodes.Skip(count).OfType<Instruction>().Select(step => step.Result)).Any()
                ? Statements.UnsupportedStatement(loop)
                : inner;
        });
        (frame.AtEnd, Quoted) = (atEnd, quoted);
        Bindings.Found.UnionWith(found);
        if (read is null)
        {
            return Flow.Stops;
        }

        // A flag that its body sets where values of tensors say so may say for ever that it goes on.
        if (loop is IWhileLoopOperation { Condition: { } flag } && read is WhileHead { Test: var going } waiting && !going.Any(ConditionReader.IsAgain)
            && Steps.Within(body).SelectMany(Steps.Expressions).Any(Conditions.IsOpen))
        {
            read = waiting with { Test = new Binary("&&", going, Round(flag)) };
        }

        Nodes.AddRange(before);
        Nodes.Add(new Loop(read, body, ChoiceReader.AssignedBy(body).Distinct().ToEquatable(), elements.ToEquatable(), quoted, site));

        // Where it may be left from the middle, ways meet behind it.
        var steps = Steps.Within(body).ToList();
        if (steps.Any(step => step is Exit) && steps.SelectMany(Steps.Expressions).FirstOrDefault(Conditions.IsOpen) is { } open)
        {
            Choices.Join(
                open,
                ChoiceReader.AssignedBy(body).Except(steps.OfType<Instruction>().Select(step => step.Result)).Where(Bindings.Carriers.Contains));
        }

        return flow == Flow.Stops ? Flow.Stops : Flow.Continues;
    }

    /// <summary>A loop that asks inside of its body whether to go on, behind the steps that the question takes.</summary>
    private LoopHead AskedInside(LoopHead head, int site)
    {
        var test = head is ForHead count ? count.Test : ((WhileHead)head).Test;
        if (test is null)
        {
            return head;
        }

        Nodes.Add(
            new Choice(
                null,
                new[] { new Arm(new Unary("!", test), [], new Node[] { new Exit(ExitKind.Break, "", "", 0) }.ToEquatable()) }.ToEquatable(),
                Exhaustive: false,
                [],
                Quoted,
                site));
        return head is ForHead counter ? counter with { Test = null } : new WhileHead(new FlagArgument(true), AtTop: true);
    }
}
