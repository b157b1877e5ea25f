using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Calls of what no source shows, and that has no part of the model: what goes in keeps its widths, and of what comes out no more is known than that nothing
/// of it is pruned.
/// </summary>
internal sealed class OutsideReader(Reading reading) : Reader(reading)
{
    private readonly Dictionary<ISymbol, bool> stores = new(SymbolEqualityComparer.Default);

    /// <summary>A function of TorchScript: tensors and numbers go in, and a tensor comes out.</summary>
    public ParsedValue Script(IInvocationOperation call) =>
        call.Arguments is [{ Value.ConstantValue: { HasValue: true, Value: string function } }, { Value: IArrayCreationOperation { Initializer: { } given } }]
            ? Inputs(given.ElementValues.Select(Conversions.Unconverted)) is { } inputs
                ? Writer.NewTensor(Expression.Link("Script", [new TextArgument(function), .. inputs]), call)
                : ParsedValue.Broken
            : Unsupported(call);

    /// <summary>
    /// A method of an object that forward is given, such as a cache of keys and values, where only the object knows what it does, or goes by what it was
    /// called with before; null where it is no such object.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="self">The object.</param>
    public ParsedValue? Handed(IInvocationOperation call, ParsedValue? self)
    {
        var type = call.Type!;
        if (self is not CodeValue { Code: var code }
            || Types.CarriesTensors(call.Instance!.Type)
            || !IsGiven(code)
            || !(call.TargetMethod.ReturnsVoid || Torch.IsTensor(type) || Parts(type) > 0)
            || call.Arguments.Any(argument => argument.Parameter!.RefKind != RefKind.None))
        {
            return null;
        }

        var several = call.Arguments.SelectMany(argument => argument.Value is IArrayCreationOperation { Initializer.ElementValues: var elements }
            ? (IEnumerable<IOperation>)elements
            : new[] { argument.Value });
        if (Inputs(several.Select(Conversions.Unconverted)) is not { } inputs)
        {
            return ParsedValue.Broken;
        }

        Expression Call(int results) => Expression.Link("Handed", [new TextArgument(call.TargetMethod.Name), new NumberArgument(results), .. inputs]);
        if (call.TargetMethod.ReturnsVoid)
        {
            Nodes.Add(new Do(Call(0), Quoted, Context.Sites.Add(call.Syntax)));
            return ParsedValue.Other;
        }

        return Torch.IsTensor(type) ? Writer.NewTensor(new Element(Call(1), new NumberArgument(0)), call)
            : new ResultsValue(Bindings.NewLocal(Target.Length > 0 ? Target : "parts", Call(Parts(type)), isSize: false).Number, type, AreObjects: false);
    }

    /// <summary>How many tensors a tuple has; 0 where it has anything else.</summary>
    private int Parts(ITypeSymbol type) =>
        type is INamedTypeSymbol { IsTupleType: true, TupleElements: var elements } && LayerCalls.IsTensors(type) ? elements.Length : 0;

    /// <summary>
    /// Whether forward is given an object that keeps tensors which it is called with, such as a cache: what it says of them is known at each call alone.
    /// </summary>
    public bool IsStore(IOperation instance) => KeepsTensors(instance.Type)
        && Conditions.Attempt(instance) is CodeValue { Code: var code } && IsGiven(code);

    /// <summary>Whether objects of a class or interface of the user's keep tensors in a way that goes by what they were called with before.</summary>
    private bool KeepsTensors(ITypeSymbol? of)
    {
        if (of is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Interface } type || type.DeclaringSyntaxReferences.IsEmpty
            || Torch.IsModule(type) || Types.CarriesTensors(type))
        {
            return false;
        }

        if (!stores.TryGetValue(type, out var known))
        {
            stores[type] = known = LiveReader.Bases(type).Concat(type.AllInterfaces).Where(one => !one.DeclaringSyntaxReferences.IsEmpty)
                .SelectMany(one => one.GetMembers()).OfType<IMethodSymbol>()
                .Any(method => Types.HandlesTensors(method) && (Objects.GoesByCalls(method) || IsOfOwnCollection(method)));
        }

        return known;
    }

    /// <summary>Whether a method is of a collection class of the project's own, or may be.</summary>
    public bool IsOfOwnCollection(IMethodSymbol method) => Live.Alike(method).Any(one => Types.OwnCollection(one.ContainingType) is not null);

    /// <summary>Whether an object is one that forward is given: an input of it, or a member of one.</summary>
    private bool IsGiven(Expression code) => code switch
    {
        ValueName { Number: var value } => value < Frames.Last().Method.Parameters.Length
            || (Bindings.Computed.TryGetValue(value, out var from) && IsGiven(from))
            || Scope.Bindings.Any(name => name.Value is CodeValue { Code: ValueName { Number: var named } } && named == value && IsNameOfGiven(name.Key)),
        MemberOf { Of: var of } => IsGiven(of),
        Generic { Of: var of } => IsGiven(of),
        Call { Function: var of } => IsGiven(of),
        NotNull { Of: var of } => IsGiven(of),
        Cast { Of: var of } => IsGiven(of),
        _ => false,
    };

    /// <summary>Whether a local gets its object by a pattern that one is tried by which forward is given.</summary>
    private bool IsNameOfGiven(ISymbol symbol) => symbol is ILocalSymbol { DeclaringSyntaxReferences: [var declared] }
        && declared.ReadBy(Context).FirstAncestorOrSelf<IsPatternExpressionSyntax>() is { Expression: var tried }
        && Context.Operation(tried) is { } asked
        && Conditions.Attempt(asked) is CodeValue { Code: var code } && IsGiven(code);

    /// <summary>The tensors and the sizes among what is handed over; null where something else may carry any, which has been reported.</summary>
    private List<Expression>? Inputs(IEnumerable<IOperation> given)
    {
        var inputs = new List<Expression>();
        foreach (var argument in given)
        {
            switch (Torch.IsTensor(argument.Type) ? Evaluate(argument) : null)
            {
                case TensorValue tensor:
                    inputs.Add(tensor.Name);
                    break;
                case BrokenValue:
                    return null;
                case null when !Types.MayCarryTensors(argument.Type) && !Types.CarriesTensors(argument.Type):
                    inputs.AddRange(Repeats.SizesIn(argument));
                    if (!Repeats.Follow(argument))
                    {
                        return null;
                    }

                    break;
                default:
                    Unsupported(argument);
                    return null;
            }
        }

        return inputs;
    }
}
