using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Statements that run one after the other.</summary>
internal sealed class StatementReader(Reading reading) : Reader(reading)
{
    public Flow Block(IReadOnlyList<IOperation> statements)
    {
        var frame = Frames.Peek();
        var atEnd = frame.AtEnd;
        for (var i = 0; i < statements.Count; i++)
        {
            Context.Cancellation.ThrowIfCancellationRequested();
            frame.AtEnd = atEnd && i == statements.Count - 1;

            // A guard that returns from a helper reads best as an if with the rest as its else.
            if (frame.Variable >= 0
                && statements[i] is IConditionalOperation { WhenFalse: null } guard
                && MethodReader.EndsInReturn(guard.WhenTrue)
                && i < statements.Count - 1)
            {
                frame.AtEnd = atEnd;
                return Choices.If(guard, statements.Skip(i + 1).ToList());
            }

            var flow = Statement(statements[i]);
            if (flow != Flow.Continues)
            {
                foreach (var unreached in statements.Skip(i + 1))
                {
                    Reading.NeverRuns(unreached);
                }

                return flow;
            }
        }

        return Flow.Continues;
    }

    public Flow Statement(IOperation operation)
    {
        if (operation is not (IBlockOperation or IUsingOperation or ITryOperation))
        {
            Quote(operation.Syntax);
        }

        switch (operation)
        {
            case IBlockOperation block:
                return Block(block.Operations);

            case IReturnOperation { Kind: OperationKind.Return } result:
                return Methods.ReturnFrom(result);

            case IVariableDeclarationGroupOperation group:
                return Declare(group);

            case IUsingDeclarationOperation { DeclarationGroup: var group }:
                return ChangesWhenDisposed(group) ? UnsupportedResource(group) : Declare(group);

            case IUsingOperation use:
                return Using(use);

            case IExpressionStatementOperation { Operation: var expression }:
                return ExpressionStatement(expression);

            case ITryOperation tried when tried.Catches.All(Rethrows):
                return Try(tried);

            case ILockOperation { LockedValue: var locked, Body: var inside }:
                return Repeats.Follow(locked) ? Statement(inside) : Flow.Stops;

            case IThrowOperation:
                return Methods.Throw();

            case IEmptyOperation or ILocalFunctionOperation:
                return Flow.Continues;

            case IConditionalOperation choice:
                return GuardReader.Throws(choice.WhenTrue) && choice.WhenFalse is null
                    ? Guards.Guarded(choice.Condition, throws: true)
                    : Choices.If(choice, null);

            case ISwitchOperation choice:
                return OrLeaves(choice, Switches.Switch(choice));

            case IForEachLoopOperation loop:
                return Loops.ForEach(loop);

            case IForLoopOperation loop:
                return OrLeaves(loop, Loops.For(loop));

            case IWhileLoopOperation loop:
                return OrLeaves(loop, Loops.While(loop));

            case IBranchOperation { BranchKind: BranchKind.Break or BranchKind.Continue } branch:
                Nodes.Add(new Exit(branch.BranchKind == BranchKind.Break ? ExitKind.Break : ExitKind.Continue, "", "", 0));
                return Flow.Leaves;

            case IInvalidOperation:
                Context.Break(operation.Syntax);
                return Flow.Stops;

            default:
                return UnsupportedStatement(operation);
        }
    }

    /// <summary>A loop that ends only where its body returns has nothing behind it, nor has a switch of which each way that can be taken does.</summary>
    private Flow OrLeaves(IOperation statement, Flow flow) => flow == Flow.Continues && !Context.IsPassed(statement.Syntax) ? Flow.Leaves : flow;

    public Flow UnsupportedStatement(IOperation operation)
    {
        if (Reading.Effects.IsQuiet(operation) && !Context.IsBroken)
        {
            return Flow.Continues;
        }

        Context.Report(RuleIds.UnsupportedStatement, KeywordOf(operation.Syntax), Words.Of(operation), Context.Type.Name);
        return Flow.Stops;
    }

    private void Quote(SyntaxNode syntax)
    {
        var quote = SourceText.Quote(
            syntax is ForEachStatementSyntax
                or ForEachVariableStatementSyntax
                or ForStatementSyntax
                or WhileStatementSyntax
                or DoStatementSyntax
                or IfStatementSyntax
                or SwitchStatementSyntax ? HeadOf(syntax) : syntax);
        Quoted = Frames.Count > 1 ? $"{Frames.Peek().Method.Name}: {quote}".Replace("<anonymous method>: ", "").TrimStart(':', ' ') : quote;
    }

    /// <summary>The part of a statement that says what it goes by; the statements inside are quoted on their own.</summary>
    private static SyntaxNode HeadOf(SyntaxNode statement) => statement switch
    {
        IfStatementSyntax choice => choice.Condition,
        SwitchStatementSyntax choice => choice.Expression,
        WhileStatementSyntax loop => loop.Condition,
        DoStatementSyntax loop => loop.Condition,
        ForEachStatementSyntax loop => loop.Expression,
        ForEachVariableStatementSyntax loop => loop.Expression,
        ForStatementSyntax { Condition: { } condition } => condition,
        _ => statement,
    };

    private Flow ExpressionStatement(IOperation expression)
    {
        Target = TargetOf(expression);
        if (expression is IThrowOperation)
        {
            return Methods.Throw();
        }

        if (expression is IInvocationOperation omitted && OmittedCalls.Is(omitted))
        {
            Reading.NeverRuns(omitted);
            return Flow.Continues;
        }

        // What outlives forward is not changed by linking: what it is behind this is not known.
        if (expression is IInvocationOperation { Instance: { } collection } put && LiveReader.IsMutator(put.TargetMethod)
            && !Types.MayCarryTensors(collection.Type) && Live.KeptIn(collection) is { } kept)
        {
            Effects.Elsewhere.Add(kept);
            return Repeats.FollowParts(put) ? Flow.Continues : Flow.Stops;
        }

        // A list that something is added to; a tensor that is changed in place is a call like any other.
        if (expression is IInvocationOperation call && (CallReader.IsCollectionCall(call) || CallReader.ChangesLocal(call)))
        {
            return Effect(call);
        }

        return After(Evaluate(expression));
    }

    /// <summary>A statement that is repeated for what it changes.</summary>
    public Flow Effect(IOperation operation)
    {
        if (operation is IInvocationOperation { Instance: ILocalReferenceOperation { Local: var list } } put && Scope.ValueOf(list) is ContentsValue)
        {
            // A width among the numbers would have to be held.
            return Repeats.SizesIn(put).Count > 0 ? After(Unsupported(put))
                : Repeats.FollowParts(put) ? Flow.Continues : Flow.Stops;
        }

        if (operation is IInvocationOperation { Instance: { } changed }
            && Conditions.Attempt(changed) is { } part && CollectionReader.LiesInside(changed, part))
        {
            return After(Unsupported(operation, CollectionReader.Inside));
        }

        if (operation is IInvocationOperation { TargetMethod.ContainingType.Name: "Array" or "Span" or "MemoryExtensions" } filled
            && filled.Descendants().OfType<IMemberReferenceOperation>().Any(array => array.Type is IArrayTypeSymbol && !Live.Own(array)))
        {
            return Repeats.FollowParts(operation) ? Flow.Continues : Flow.Stops;
        }

        if (Repeats.Repeat(operation) is not { } code)
        {
            return Context.HasErrors || Context.IsBroken ? Flow.Stops : After(Unsupported(operation));
        }

        Nodes.Add(new Do(code, Quoted, Context.Sites.Add(operation.Syntax)));
        return Flow.Continues;
    }

    private Flow Declare(IVariableDeclarationGroupOperation group)
    {
        foreach (var declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
        {
            if (declarator.Symbol.RefKind != RefKind.None)
            {
                // What is written by one name is read by another.
                return After(Unsupported(declarator, new Problem($"'{declarator.Symbol.Name}', another name for something", "use that itself")));
            }

            if (declarator.GetVariableInitializer()?.Value is { } value)
            {
                if (LocalUse.AsksLater(declarator) is { } variable)
                {
                    return After(Unsupported(
                        value,
                        new Problem(
                            $"'{declarator.Symbol.Name}', which is computed from '{variable.Name}' when it is asked, after that has changed",
                            "end it with ToList()")));
                }

                Target = declarator.Symbol.Name;
                if (!Bindings.Begin(declarator.Symbol, Evaluate(value)))
                {
                    return Flow.Stops;
                }
            }
            else
            {
                Scope.Forget(declarator.Symbol);
            }
        }

        return Flow.Continues;
    }

    /// <summary>Whether the Dispose of an object does more than to let go of things: what it does to tensors or layers would be left out.</summary>
    private bool ChangesWhenDisposed(IOperation resources) => (resources is IVariableDeclarationGroupOperation group
            ? group.Declarations.SelectMany(declaration => declaration.Declarators).Select(declarator => (ITypeSymbol?)declarator.Symbol.Type)
            : [Conversions.Unconverted(resources).Type])
        .Any(type => type?.GetMembers("Dispose").OfType<IMethodSymbol>().FirstOrDefault(method => method.Parameters.IsEmpty) is { } dispose
            && Methods.BodyOf(dispose) is { } body
            && body.Descendants().Any(inner => inner is IInvocationOperation { TargetMethod.Name: not "Dispose" } call
                && (Types.HandlesTensors(call.TargetMethod) || Uses.Matters(call))));

    /// <summary>A scope of tensors to dispose of, or of a setting such as no_grad, changes no dimension.</summary>
    private Flow Using(IUsingOperation use)
    {
        if (ChangesWhenDisposed(use.Resources))
        {
            return UnsupportedResource(use.Resources);
        }

        var flow = use.Resources switch
        {
            IVariableDeclarationGroupOperation group => Declare(group),
            var expression => After(Evaluate(expression)),
        };
        return flow == Flow.Continues ? Statement(use.Body) : flow;
    }

    private Flow UnsupportedResource(IOperation resources) =>
        After(Unsupported(resources, new Problem("an object whose Dispose computes with tensors", "call what it does by itself")));

    private static string TargetOf(IOperation expression) => expression switch
    {
        IAssignmentOperation { Target: ILocalReferenceOperation local } => local.Local.Name,
        IAssignmentOperation { Target: IParameterReferenceOperation parameter } => parameter.Parameter.Name,
        IInvocationOperation { Instance: ILocalReferenceOperation local } => local.Local.Name,
        IInvocationOperation { Instance: IParameterReferenceOperation parameter } => parameter.Parameter.Name,
        _ => "unused",
    };

    /// <summary>A try whose catches throw again: what stands in it runs, and then what stands in its finally.</summary>
    private Flow Try(ITryOperation tried)
    {
        if (tried.Finally is { } behind && !Uses.Matters(behind) && ChangesBehind(behind, tried.Body))
        {
            return After(Unsupported(
                behind,
                new Problem(
                    "a finally behind a return, break or continue, which changes what forward goes by",
                    "do what it does before each of them, without try")));
        }

        var flow = Block(tried.Body.Operations);
        if (tried.Finally is not { } last || flow == Flow.Stops)
        {
            return flow;
        }

        if (flow != Flow.Continues)
        {
            // What is returned has been computed, and nothing behind it reads what is changed here.
            return Uses.Matters(last) ? UnsupportedStatement(last) : flow;
        }

        var (frame, mark) = (Frames.Peek(), Mark());
        var atEnd = frame.AtEnd;
        frame.AtEnd = false;
        var end = Block(last.Operations);
        frame.AtEnd = atEnd;
        if (end != Flow.Stops || Context.IsBroken || !Reading.Effects.IsQuiet(last))
        {
            return end;
        }

        Restore(mark, findingsToo: true);
        return Flow.Continues;
    }

    /// <summary>Whether a finally, which is passed by where its try is left on the way, changes what is read behind it.</summary>
    private bool ChangesBehind(IBlockOperation last, IOperation body)
    {
        var leaves = Leaving(body).ToList();
        var (assigned, inPlace) = LocalUse.AssignedIn([last], Reading);
        if (leaves.Count == 0 || inPlace.Count > 0)
        {
            return leaves.Count > 0;
        }

        // Behind a return nothing reads what is the method's own, and behind that of forward nothing at all.
        var (frame, returns) = (Frames.Peek(), leaves.All(leave => leave is IReturnOperation));
        return !(returns && frame.IsRoot)
            && (assigned.Any(symbol => !IsInside(symbol) && !(returns && IsOwn(symbol)))
                || last.Descendants().Any(inner => inner switch
                {
                    IAssignmentOperation { Target: var to } => !IsNamed(to),
                    IIncrementOrDecrementOperation { Target: var to } => !IsNamed(to),
                    IInvocationOperation call => CallReader.IsCollectionCall(call) || Effects.ChangesItsObject(call),
                    _ => false,
                }));

        bool IsInside(ISymbol symbol) => symbol.DeclaringSyntaxReferences.Any(
            declared => declared.SyntaxTree == last.Syntax.SyntaxTree && last.Syntax.Span.Contains(declared.Span));

        bool IsOwn(ISymbol symbol) => symbol is ILocalSymbol or IParameterSymbol { RefKind: RefKind.None }
            && SymbolEqualityComparer.Default.Equals(symbol.ContainingSymbol.OriginalDefinition, frame.Method.OriginalDefinition);

        static bool IsNamed(IOperation to) => to is ILocalReferenceOperation or IParameterReferenceOperation or IDiscardOperation
            or IMemberReferenceOperation { Instance: IInstanceReferenceOperation };
    }

    /// <summary>The returns, breaks and continues that lead out of a block.</summary>
    private static IEnumerable<IOperation> Leaving(IOperation block) => Within(block).Where(inner => inner is IReturnOperation
        || inner is IBranchOperation { Target: var target } && !Within(block).Any(around => around switch
        {
            ILoopOperation loop =>
                SymbolEqualityComparer.Default.Equals(loop.ExitLabel, target) || SymbolEqualityComparer.Default.Equals(loop.ContinueLabel, target),
            ISwitchOperation choice => SymbolEqualityComparer.Default.Equals(choice.ExitLabel, target),
            _ => false,
        }));

    private static IEnumerable<IOperation> Within(IOperation block) => block.ChildOperations.SelectMany(
        inner => inner is IAnonymousFunctionOperation or ILocalFunctionOperation ? [] : Within(inner).Prepend(inner));

    /// <summary>Whether a catch lets no statement behind the try run.</summary>
    private static bool Rethrows(ICatchClauseOperation clause) => GuardReader.AlwaysThrows(clause.Handler);

    /// <summary>A statement that holds others is pointed at by its first word, not by all of its text.</summary>
    private static SyntaxNodeOrToken KeywordOf(SyntaxNode syntax) =>
        syntax is SwitchStatementSyntax || (syntax is StatementSyntax && syntax.ChildNodes().Any(node => node is StatementSyntax))
            ? syntax.GetFirstToken()
            : syntax;
}
