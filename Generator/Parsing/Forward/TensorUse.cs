using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>What of a piece of source must not be left out: calls of layers, and uses of parameters and buffers.</summary>
internal sealed class TensorUse
{
    private readonly TorchSymbols torch;
    private readonly Func<IMethodSymbol, IOperation?> bodyOf;
    private readonly CountingFields counting;
    private readonly Dictionary<IMethodSymbol, bool> methods = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<IMethodSymbol, bool> widths = new(SymbolEqualityComparer.Default);

    /// <param name="torch">TorchSharp's types.</param>
    /// <param name="bodyOf">The body of a method; null where it cannot be read.</param>
    /// <param name="counting">The numbers that follow what is pruned.</param>
    public TensorUse(TorchSymbols torch, Func<IMethodSymbol, IOperation?> bodyOf, CountingFields counting)
    {
        this.torch = torch;
        this.bodyOf = bodyOf;
        this.counting = counting;
    }

    /// <summary>Whether a layer is called in it, or a parameter is used, by way of other methods of the user's too.</summary>
    public bool Matters(IOperation operation) => operation.DescendantsAndSelf().Any(inner => IsOne(inner) || inner switch
    {
        IInvocationOperation call => Matters(call.TargetMethod),
        IMethodReferenceOperation reference => Matters(reference.Method),
        IPropertyReferenceOperation { Property.GetMethod: { } getter } => Matters(getter),
        _ => false,
    });

    /// <summary>Whether a method of the user's does so.</summary>
    public bool Matters(IMethodSymbol method) => Asked(methods, method, Matters);

    /// <summary>
    /// Whether a method of the user's, or the getter of a property, asks a layer for a width, a parameter for its shape, or a field for a number that follows
    /// a width: what it gives changes with what is pruned.
    /// </summary>
    public bool TellsWidth(IMethodSymbol method) => Asked(widths, method, TellsWidth);

    /// <inheritdoc cref="TellsWidth(IMethodSymbol)"/>
    public bool TellsWidth(IOperation operation) => operation.DescendantsAndSelf().Any(inner => IsParameter(inner) || inner switch
    {
        IInvocationOperation call => TellsWidth(call.TargetMethod),
        IPropertyReferenceOperation { Property: var property } =>
            IsWidth(property, property.Type) || property.GetMethod is { } getter && TellsWidth(getter) || counting.Contains(property),
        IFieldReferenceOperation { Field: var field } => counting.Contains(field),
        _ => false,
    });

    /// <summary>Whether a property of a layer may tell a width: a size, like any that is read from a tensor.</summary>
    public bool IsWidth(ISymbol member, ITypeSymbol? type) =>
        type?.SpecialType == SpecialType.System_Int64 && torch.IsTorch(member.ContainingType) && torch.IsModule(member.ContainingType);

    private bool Asked(Dictionary<IMethodSymbol, bool> answers, IMethodSymbol method, Func<IOperation, bool> ask)
    {
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        if (!answers.TryGetValue(method, out var known))
        {
            // A method that calls itself is asked once.
            answers[method] = false;
            answers[method] = known = !method.DeclaringSyntaxReferences.IsEmpty && bodyOf(method) is { } body && ask(body);
        }

        return known;
    }

    /// <summary>Whether an operation itself calls a layer or uses a parameter.</summary>
    public bool IsOne(IOperation operation) => IsLayerCall(operation) || IsParameter(operation);

    /// <summary>Whether it calls a layer, or a model, or what is declared as dynamic and called as one.</summary>
    public bool IsLayerCall(IOperation operation) =>
        operation is IDynamicInvocationOperation { Operation: IDynamicMemberReferenceOperation { MemberName: "call" or "forward" } }
        || operation is IInvocationOperation { TargetMethod.Name: "call" or "forward", Instance: { } layer and not IInstanceReferenceOperation }
            && torch.IsModule(layer.Type);

    /// <summary>Whether it reads a tensor that a module holds.</summary>
    public bool IsParameter(IOperation operation) =>
        (operation is IInvocationOperation { TargetMethod.Name: "get_parameter" or "get_buffer", Instance: { } holder } && torch.IsModule(holder.Type))
            || operation is IMemberReferenceOperation { Member: IFieldSymbol or IPropertySymbol { IsIndexer: false }, Instance: { } owner }
                && torch.IsTensor(operation.Type)
                && torch.IsModule(owner.Type)
                && !IsGivenAValue(operation);

    /// <summary>Whether it stands where something is assigned to, by itself or in a tuple.</summary>
    private static bool IsGivenAValue(IOperation operation)
    {
        while (operation.Parent is ITupleOperation tuple)
        {
            operation = tuple;
        }

        return operation.Parent is IAssignmentOperation assignment && assignment.Target == operation;
    }
}
