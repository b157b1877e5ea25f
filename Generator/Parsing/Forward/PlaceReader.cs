using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Places: what an assignment changes, and what is handed by reference. Which place it is, C# tells once, before what goes there is computed; and
/// what is changed by one of its names must not be read by another meanwhile.
/// </summary>
internal sealed class PlaceReader(Reading reading) : Reader(reading)
{
    private readonly Dictionary<SyntaxNode, ParsedValue> told = [];

    /// <summary>The variable or member that is read or changed, or whose element or part is.</summary>
    public static ISymbol? Of(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation { Local: var local } => local,
        IParameterReferenceOperation { Parameter: var parameter } => parameter,
        IMemberReferenceOperation { Instance: null or IInstanceReferenceOperation, Member: var member } => member,
        IMemberReferenceOperation { Instance: var owner } => Of(owner),
        IArrayElementReferenceOperation { ArrayReference: var array } => Of(array),
        _ => null,
    };

    /// <summary>What a part of a place, an index or an object, was told to be before; null where it may be asked for at any time.</summary>
    public ParsedValue? ValueAt(IOperation operation) =>
        told.Count > 0 && operation is not IConversionOperation { IsImplicit: true } ? ValueAt(operation.Syntax) : null;

    /// <inheritdoc cref="ValueAt(IOperation)"/>
    public ParsedValue? ValueAt(SyntaxNode syntax) => told.TryGetValue(syntax, out var value) ? value : null;

    /// <summary>Reads an assignment, with the parts of its place told before.</summary>
    /// <param name="place">The place.</param>
    /// <param name="later">What is computed after C# has told which place it is.</param>
    /// <param name="read">Reads it.</param>
    public ParsedValue Told(IOperation place, IReadOnlyList<IOperation> later, Func<ParsedValue> read)
    {
        var parts = Parts(place, isWhole: true).Where(part => !told.ContainsKey(part.Syntax) && MayDiffer(part, later)).ToList();
        foreach (var part in parts)
        {
            if (Evaluate(part) is not BrokenValue and var value)
            {
                told[part.Syntax] = AsItIs(value, part);
                continue;
            }

            parts.ForEach(known => told.Remove(known.Syntax));
            return ParsedValue.Broken;
        }

        if (parts.Count > 0)
        {
            // What is read anew of it begins behind that.
            Evaluating = (Evaluating.Operation, Mark());
        }

        var result = read();
        parts.ForEach(part => told.Remove(part.Syntax));
        return result;
    }

    /// <summary>A part of a place as it is now: a number is kept, and an object goes by a name of its own.</summary>
    private ParsedValue AsItIs(ParsedValue value, IOperation part)
    {
        var now = Expressions.AsOfNow(value, part);
        if (now is not CodeValue { Code: var code } held || !ReferenceEquals(now, value) || code is Literal)
        {
            return now;
        }

        var name = Bindings.NewLocal(Of(part)?.Name ?? "part", code, isSize: SizeLists.AreSizes(held), changes: Bindings.Changes(code));
        if (Types.CarriesTensors(held.Type))
        {
            Bindings.Carriers.Add(name.Number);
        }

        return held with { Code = name };
    }

    /// <summary>The objects and indices that tell which place it is.</summary>
    private static IEnumerable<IOperation> Parts(IOperation? place, bool isWhole) => place switch
    {
        null or IInstanceReferenceOperation or IDeclarationExpressionOperation or IDiscardOperation => [],
        ITupleOperation tuple when isWhole => tuple.Elements.SelectMany(element => Parts(element, isWhole: true)),
        IConversionOperation { Operand: var operand } => Parts(operand, isWhole),
        IArrayElementReferenceOperation element => Parts(element.ArrayReference, isWhole: false).Concat(element.Indices.SelectMany(Numbers)),
        IPropertyReferenceOperation { Property.IsIndexer: true } element =>
            Parts(element.Instance, isWhole: false).Concat(element.Arguments.SelectMany(argument => Numbers(argument.Value))),
        IMemberReferenceOperation { Instance: var owner } => Parts(owner, isWhole: false),
        ILocalReferenceOperation or IParameterReferenceOperation when isWhole => [],
        _ => [place],
    };

    /// <summary>The numbers and tensors that an index is made of.</summary>
    private static IEnumerable<IOperation> Numbers(IOperation? index) => index switch
    {
        null => [],
        IConversionOperation { Operand: var operand } => Numbers(operand),
        IRangeOperation range => Numbers(range.LeftOperand).Concat(Numbers(range.RightOperand)),
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Hat, Operand: var operand } => Numbers(operand),
        ITupleOperation tuple => tuple.Elements.SelectMany(Numbers),
        IArrayCreationOperation { Initializer.ElementValues: var elements } => elements.SelectMany(Numbers),
        _ => [index],
    };

    /// <summary>Whether a part of a place is, or does, another thing where it is asked for after what is computed next, or once more.</summary>
    private bool MayDiffer(IOperation part, IReadOnlyList<IOperation> later)
    {
        if (part.ConstantValue.HasValue)
        {
            return false;
        }

        var inside = part.DescendantsAndSelf().ToList();
        if (inside.Exists(inner => inner is IAssignmentOperation or IIncrementOrDecrementOperation
            || inner is IInvocationOperation call && !Torch.IsTorch(call.TargetMethod)))
        {
            return true;
        }

        var changed = LocalUse.AssignedIn(later, Reading).Assigned;
        if (inside.Exists(inner => inner is not ILocalReferenceOperation and not IParameterReferenceOperation and not IMemberReferenceOperation
            ? false
            : Of(inner) is { } read && changed.Contains(read.OriginalDefinition, SymbolEqualityComparer.Default)))
        {
            return true;
        }

        // What an object holds, or how many a list has, any call may change.
        return inside.Exists(inner => inner is IArrayElementReferenceOperation
                || inner is IMemberReferenceOperation { Instance: not (null or IInstanceReferenceOperation), Member: var member } && !Torch.IsTorch(member))
            && later.SelectMany(next => next.DescendantsAndSelf()).Any(next => next is IAssignmentOperation or IIncrementOrDecrementOperation
                || next is IInvocationOperation call && !Torch.IsTorch(call.TargetMethod));
    }

    /// <summary>What must not be handed by reference, because what the method leaves there is only put there at its end; null where all is well.</summary>
    /// <param name="call">The call.</param>
    /// <param name="method">The method that runs.</param>
    public (IArgumentOperation Argument, Problem Problem)? Shared(IInvocationOperation call, IMethodSymbol method)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter is not { RefKind: not RefKind.None and var kind } || Of(argument.Value) is not { } place)
            {
                continue;
            }

            var text = SourceText.Quote(argument.Value.Syntax);
            var isRead = kind is not (RefKind.Ref or RefKind.Out);
            if (!isRead && Parts(argument.Value, isWhole: true).Any(part => MayDiffer(part, [call])))
            {
                return (
                    argument,
                    new($"'{text}', handed by reference, which is another place once the call is done", "hand on a local, and put it there afterwards"));
            }

            if (isRead ? Assigns(method, place)
                : Reads(method, place, [])
                    || call.Arguments.Any(
                        other => other != argument && SymbolEqualityComparer.Default.Equals(Of(other.Value), place) && IsSame(argument, other)))
            {
                return (
                    argument,
                    new($"'{text}', handed by reference, which {method.Name} reads or changes by another name, too", "return its new value instead"));
            }
        }

        return null;
    }

    /// <summary>Whether another argument names the place that is handed by reference, or what holds it.</summary>
    private bool IsSame(IArgumentOperation argument, IArgumentOperation other)
    {
        if (argument.Value is IArrayElementReferenceOperation { Indices: [var one] }
            && other.Value is IArrayElementReferenceOperation { Indices: [var another] }
            && one.ConstantValue is { HasValue: true, Value: var first } && another.ConstantValue is { HasValue: true, Value: var second })
        {
            return Equals(first, second) && other.Parameter?.RefKind != RefKind.None;
        }

        return other.Parameter?.RefKind != RefKind.None
            || argument.Value is IArrayElementReferenceOperation or IMemberReferenceOperation { Instance: not (null or IInstanceReferenceOperation) }
                && other.Value is ILocalReferenceOperation or IParameterReferenceOperation
                && !Torch.IsTensor(other.Value.Type) && other.Value.Type is { IsReferenceType: true };
    }

    private bool Assigns(IMethodSymbol method, ISymbol place) => Bindings.Assigns(method).Contains(place.OriginalDefinition, SymbolEqualityComparer.Default)
        || Methods.BodyOf(method) is { } body && LocalUse.AssignedIn([body], Reading).Assigned.Contains(place, SymbolEqualityComparer.Default);

    /// <summary>Whether a method names a place by itself, or a local function or lambda does that it may call.</summary>
    private bool Reads(IMethodSymbol method, ISymbol place, HashSet<ISymbol> seen)
    {
        if (!seen.Add(method) || Methods.BodyOf(method) is not { } body)
        {
            return false;
        }

        return place is IFieldSymbol or IPropertySymbol && Bindings.Reads(method).Contains(place.OriginalDefinition, SymbolEqualityComparer.Default)
            || body.Descendants().Any(inner => inner switch
            {
                ILocalReferenceOperation or IParameterReferenceOperation => SymbolEqualityComparer.Default.Equals(Of(inner), place),
                IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } called } => Reads(called.OriginalDefinition, place, seen),
                IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } named } => Reads(named.OriginalDefinition, place, seen),
                IInvocationOperation { TargetMethod.MethodKind: MethodKind.DelegateInvoke } => IsCaptured(place),
                _ => false,
            });
    }

    /// <summary>Whether a lambda or local function names a variable from around it.</summary>
    private bool IsCaptured(ISymbol place) => place is ILocalSymbol or IParameterSymbol
        && place.ContainingSymbol is IMethodSymbol home
        && Methods.BodyOf(home) is { } body
        && body.Descendants().Any(inner => inner is IAnonymousFunctionOperation or ILocalFunctionOperation
            && inner.Descendants().Any(read => read is ILocalReferenceOperation or IParameterReferenceOperation
                && SymbolEqualityComparer.Default.Equals(Of(read), place)));
}
