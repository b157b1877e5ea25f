using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Methods: forward itself, and the helpers that are read as if they stood where they are called.</summary>
internal sealed class MethodReader(Reading reading) : Reader(reading)
{
    private readonly HashSet<string> labels = new(StringComparer.Ordinal);

    /// <summary>Makes the variable that takes what a method leaves in an out parameter, whichever of its returns it goes by.</summary>
    private void OpenOut(IParameterSymbol parameter)
    {
        var isSize = NumberTypes.IsNumber(parameter.Type);
        if (Bindings.VariableType(parameter.Type, isSize) is { } declared)
        {
            var number = Bindings.NewVariable(parameter.Name, parameter.Type, isSize, declared);
            Bindings.Changing.Add(number);
            Scope.Hold(parameter, new Variable(number, []), Writer.Typed(new ValueName(number), parameter.Type, isSize));
        }
    }

    /// <summary>What a method that was read in place left in an out parameter.</summary>
    public ParsedValue Left(IParameterSymbol parameter, IOperation operation)
    {
        if (Scope.ValueOf(parameter) is not { } value)
        {
            return Unsupported(operation);
        }

        Scope.Release(parameter);
        return Bindings.Changed(value) ? Bindings.Keep(parameter, value) : value;
    }

    /// <summary>Reads a method as if it stood where it is called.</summary>
    public ParsedValue ReadInPlace(IMethodSymbol helper, ParsedValue? self, IReadOnlyList<(int Index, ParsedValue Value)> given)
    {
        var (outerStatement, outerTarget, outerResult) = (Quoted, Target, ResultTarget);
        var body = BodyOf(helper);
        var leavesEarly = body is not null && ReturnsInside(body);
        foreach (var parameter in helper.Parameters)
        {
            Scope.Forget(parameter);
            if (parameter.RefKind == RefKind.Out && leavesEarly)
            {
                OpenOut(parameter);
            }
        }

        foreach (var (index, value) in given)
        {
            if (value is BrokenValue)
            {
                return value;
            }

            var parameter = helper.Parameters[index];
            if (Bindings.IsTensorChangedInside(parameter) && body is not null && value is TensorValue { Number: var tensor })
            {
                var isReplaced = LocalUse.AssignedIn([body], Reading).Assigned.Contains(parameter, SymbolEqualityComparer.Default);
                if (isReplaced && leavesEarly && helper.ReturnsVoid)
                {
                    return Unsupported(
                        body,
                        new Problem($"'{parameter.Name}', which {helper.Name} replaces, and changes in place, and may return before that"));
                }

                // What it does to the tensor, whoever holds it sees.
                if (!isReplaced && Bindings.NamesOf(tensor).Select(Scope.VariableOf).FirstOrDefault(held => held is not null) is { } variable)
                {
                    Scope.Hold(parameter, variable, value);
                    continue;
                }
            }

            Scope.Bind(parameter, Bindings.Given(parameter, value));
        }

        // What a helper returns goes where its caller puts it.
        ResultTarget = outerTarget;
        var result = Captures.Beyond(Run(helper, self), helper);
        (Quoted, Target, ResultTarget) = (outerStatement, outerTarget, outerResult);
        return result;
    }

    /// <summary>What a return gives: a tuple element by element, anything else as it is.</summary>
    private EquatableArray<Argument>? Results(ParsedValue value, ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { IsTupleType: true } tuple)
        {
            var parts = value switch
            {
                TupleValue { Items: var items } => items.Select((item, i) => Writer.ToArgument(item, tuple.TupleElements[i].Type)),
                ResultsValue results =>
                    tuple.TupleElements.Select((element, i) => Writer.ToArgument(Collections.ItemOf(results, i, element.Type), element.Type)),
                ArgumentValue { Argument: ListArgument list } => list.Items,
                _ when Writer.CodeOf(value, type) is { } code => Writer.Elements(code, tuple),
                _ => [null],
            };
            var several = parts.ToList();
            return several.Contains(null) ? null : several.Select(part => part!).ToEquatable();
        }

        return Writer.ToArgument(value, type) is { } only ? new[] { only }.ToEquatable() : null;
    }

    public Flow ReturnFrom(IReturnOperation result)
    {
        var frame = Frames.Peek();
        frame.Returned = true;
        if (result.ReturnedValue is IThrowOperation or IConversionOperation { Operand: IThrowOperation })
        {
            frame.Returned = false;
            return Throw();
        }

        Target = ResultTarget;
        var value = result.ReturnedValue is null ? ParsedValue.Other : Evaluate(result.ReturnedValue);
        if (value is BrokenValue)
        {
            return Flow.Stops;
        }

        if (value is OtherValue && Nodes.LastOrDefault() is Exit { Kind: ExitKind.Throw })
        {
            // What it hands on to throws, whatever that is given.
            frame.Returned = false;
            return Flow.Leaves;
        }

        if (frame.IsRoot)
        {
            if (Results(value, frame.Method.ReturnType) is not { } results)
            {
                Unsupported(result.ReturnedValue ?? result);
                return Flow.Stops;
            }

            Nodes.Add(new Return(results, Quoted, Context.Sites.Add(result.Syntax)));
            return Flow.Returns;
        }

        if (frame.Variable < 0)
        {
            frame.Result = frame.Depth > 0 ? ParsedValue.Other : Bindings.Returned(frame.Method.Name, value);
        }
        else if (!Bindings.AssignVariable(frame.Variable, value, frame.Method.ReturnType))
        {
            Unsupported(result.ReturnedValue ?? result);
            return Flow.Stops;
        }

        if (frame.Depth > 0 && !frame.AtEnd)
        {
            frame.Label ??= NewLabel(frame.Method.Name);
            Nodes.Add(new Exit(ExitKind.Jump, frame.Label, "", 0));
        }

        return Flow.Returns;
    }

    private string NewLabel(string method)
    {
        var name = $"end_{(method.All(char.IsLetterOrDigit) ? method : "call")}";
        var label = name;
        for (var i = 2; !labels.Add(label); i++)
        {
            label = $"{name}{i}";
        }

        return label;
    }

    public Flow Throw()
    {
        // A way that ends here is none that forward goes: the linker leaves it and goes on with the others.
        Nodes.Add(new Exit(ExitKind.Throw, "", Quoted, 0));
        return Flow.Leaves;
    }

    public static bool EndsInReturn(IOperation branch) => branch switch
    {
        IBlockOperation { Operations: { IsEmpty: false } inside } => EndsInReturn(inside[inside.Length - 1]),
        IReturnOperation => true,
        _ => false,
    };

    /// <summary>Whether a method returns from inside a branch or a loop.</summary>
    private static bool ReturnsInside(IOperation body) => body.ChildOperations.Any(child => child switch
    {
        IAnonymousFunctionOperation or ILocalFunctionOperation => false,
        IConditionalOperation or ILoopOperation or ISwitchOperation => Returns(child),
        _ => ReturnsInside(child),
    });

    private static bool Returns(IOperation operation) => operation switch
    {
        IAnonymousFunctionOperation or ILocalFunctionOperation => false,
        IReturnOperation { Kind: OperationKind.Return } => true,
        _ => operation.ChildOperations.Any(Returns),
    };

    /// <summary>Makes the variable that takes what a method returns.</summary>
    private bool OpenResult(Frame frame, ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_Void)
        {
            return true;
        }

        var isSize = NumberTypes.IsNumber(type);
        if (Bindings.VariableType(type, isSize) is not { } declared)
        {
            return false;
        }

        frame.Variable = Bindings.NewVariable(Target.Length > 0 ? Target : "result", type, isSize, declared);
        frame.Result = Writer.Typed(new ValueName(frame.Variable), type, isSize);
        return true;
    }

    /// <summary>Reads a method's body; its parameters are bound already.</summary>
    public ParsedValue Run(IMethodSymbol method, ParsedValue? self, bool isRoot = false)
    {
        if (BodyOf(method) is not { } body)
        {
            return ParsedValue.Broken;
        }

        if (NewerSyntax.In(body) is var (newer, what))
        {
            return Unsupported(newer, what);
        }

        if (Collections.OfOwn(body) is var (looking, into))
        {
            return Unsupported(looking, into);
        }

        IEnumerable<IOperation> statements = body switch
        {
            IMethodBodyOperation { BlockBody: { } block } => block.Operations,
            IMethodBodyOperation { ExpressionBody: { } expression } => expression.Operations,
            IConstructorBodyOperation { BlockBody: { } block } => block.Operations,
            IConstructorBodyOperation { ExpressionBody: { } expression } => expression.Operations,
            ILocalFunctionOperation { Body: { } block } => block.Operations,
            IAnonymousFunctionOperation { Body: var block } => block.Operations,
            IBlockOperation block => block.Operations,
            _ => new[] { body },
        };
        Overrides.NoteRead(method);
        var frame = new Frame(method, self, isRoot);
        if (!isRoot && ReturnsInside(body) && !OpenResult(frame, method.ReturnType))
        {
            // Of a type that generated code cannot name.
            return Unsupported(
                body.Descendants().OfType<IReturnOperation>().Select(result => result.ReturnedValue).FirstOrDefault(value => value is not null) ?? body);
        }

        var (start, passed) = (Nodes.Count, Reading.Passed.Count);
        Frames.Push(frame);
        var outerLocals = Bindings.Locals;
        Bindings.Locals = new LocalUse(body, Reading);

        // Whether what it changes is changed depends on where it returns.
        var changed = !isRoot && ReturnsInside(body) ? Bindings.Carry([body], beyond: true) : [];
        var flow = Statements.Block(statements.ToList());
        Bindings.Locals = outerLocals;
        changed.ForEach(Bindings.EndOfMethod);
        Frames.Pop();
        if (frame.Label is not null)
        {
            Nodes.Add(new Label(frame.Label));
            if (frame.Variable >= 0
                && Bindings.Carriers.Contains(frame.Variable)
                && Steps.Within(Nodes.Skip(start)).SelectMany(Steps.Expressions).FirstOrDefault(Conditions.IsOpen) is { } open)
            {
                Choices.Join(open, [frame.Variable]);
            }
        }

        if (flow == Flow.Continues && !method.ReturnsVoid && !IsLambdaForEffect(method))
        {
            Context.Break(body.Syntax);
        }

        if (flow != Flow.Stops
            && !Context.IsBroken
            && Reading.Net.LeftOut(body, Nodes.Skip(start), Reading.Passed.Skip(passed).ToList(), Reading).FirstOrDefault() is { } missed)
        {
            Context.Report(RuleIds.LeftOut, missed.Syntax, SourceText.Quote(missed.Syntax), Context.Type.Name);
            return ParsedValue.Broken;
        }

        return flow switch
        {
            Flow.Stops => ParsedValue.Broken,
            Flow.Leaves => isRoot && !frame.Returned ? ParsedValue.Broken : frame.Result,
            _ => frame.Result,
        };
    }

    private static bool IsLambdaForEffect(IMethodSymbol method) => method.MethodKind == MethodKind.AnonymousFunction;

    public IOperation? BodyOf(IMethodSymbol method) => (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences
        .Select(reference => Context.Operation(reference.ReadBy(Context)))
        .FirstOrDefault(
            operation =>
                operation is IConstructorBodyOperation
                    or IMethodBodyOperation { BlockBody: not null }
                    or IMethodBodyOperation { ExpressionBody: not null }
                    or ILocalFunctionOperation { Body: not null }
                    or IAnonymousFunctionOperation
                    or IBlockOperation);
}
