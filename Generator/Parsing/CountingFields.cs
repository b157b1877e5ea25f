using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Fields of the model that a view cuts a width by: the number of heads in <c>view(batch, length, heads, width)</c>, of channels in
/// <c>view(batch, channels, 4, 4)</c>. Such a number follows what is pruned, and is written when the model is compacted.
/// </summary>
internal sealed class CountingFields(ParseContext context)
{
    private readonly Dictionary<ISymbol, HashSet<ISymbol>> found = new(SymbolEqualityComparer.Default);

    /// <summary>Whether a member, of this model or another, is such a number.</summary>
    public bool Contains(ISymbol member) =>
        IsWritable(member) && LayerParser.IsModel(member.ContainingType) && Of(member.ContainingType.OriginalDefinition).Contains(member.OriginalDefinition);

    /// <summary>What generated code must know of one to read and write it.</summary>
    /// <param name="name">Its name.</param>
    public NumberField Field(string name) =>
        Of(context.Type.OriginalDefinition).First(member => member.Name == name) is var member && member is IFieldSymbol field
        ? new NumberField(name, field.Type.ToDisplayString(), IsField: true)
        : new NumberField(name, ((IPropertySymbol)member).Type.ToDisplayString(), IsField: false);

    private HashSet<ISymbol> Of(INamedTypeSymbol type)
    {
        if (!found.TryGetValue(type, out var members))
        {
            found[type] = members = Find(type);
        }

        return members;
    }

    private HashSet<ISymbol> Find(INamedTypeSymbol type)
    {
        var (counting, others) = (new HashSet<ISymbol>(SymbolEqualityComparer.Default), new HashSet<ISymbol>(SymbolEqualityComparer.Default));
        foreach (var call in type.DeclaringSyntaxReferences.SelectMany(part => part.ReadBy(context).DescendantNodes())
            .OfType<InvocationExpressionSyntax>())
        {
            if (call.Expression is not (MemberAccessExpressionSyntax { Name.Identifier.ValueText: "view" or "reshape" or "unflatten" }
                or IdentifierNameSyntax { Identifier.ValueText: "reshape" or "unflatten" }))
            {
                continue;
            }

            // Where a size behind it follows the tensor, that is what shrinks. Of several fields it is the number of heads, and not how wide each is.
            var sizes = Sizes(call).ToList();
            var first = sizes.FindIndex(size => Member(size, type) is not null);
            var isCounted = first >= 0
                && !sizes.Skip(1).Any(size => context.Operation(size) is { ConstantValue: { HasValue: true, Value: -1 or -1L } })
                && sizes.Skip(first + 1)
                    .All(
                        size => Member(size, type) is not null
                            || context.Operation(size) is { ConstantValue: { HasValue: true, Value: int and > 0 or long and > 0 } });
            foreach (var (size, i) in sizes.Select((size, i) => (size, i)))
            {
                (isCounted && i == first ? counting : others)
                    .UnionWith(size.DescendantNodesAndSelf().OfType<ExpressionSyntax>().Select(part => Member(part, type)).OfType<ISymbol>());
            }
        }

        counting.ExceptWith(others);
        return counting;
    }

    private static IEnumerable<ExpressionSyntax> Sizes(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments.SelectMany(argument => argument.Expression switch
    {
        ArrayCreationExpressionSyntax { Initializer.Expressions: var sizes } => sizes,
        ImplicitArrayCreationExpressionSyntax { Initializer.Expressions: var sizes } => sizes,
        CollectionExpressionSyntax sizes => sizes.Elements.OfType<ExpressionElementSyntax>().Select(size => size.Expression),
        var size => (IEnumerable<ExpressionSyntax>)[size],
    });

    /// <summary>The field that an expression names, where generated code can give it another value; null for anything else.</summary>
    private ISymbol? Member(ExpressionSyntax expression, INamedTypeSymbol type) =>
        expression is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax }
            && context.Symbol(expression) is { } member
            && SymbolEqualityComparer.Default.Equals(member.ContainingType, type)
            && IsWritable(member)
            ? member
            : null;

    /// <summary>Whether generated code can give it another value: a field, read-only or not, or a property with a setter.</summary>
    private static bool IsWritable(ISymbol member) => member is { IsStatic: false } && member switch
    {
        IFieldSymbol { IsConst: false, RefKind: RefKind.None, Type: var type } => NumberTypes.IsNumber(type),
        IPropertySymbol { IsIndexer: false, SetMethod: { IsInitOnly: false }, Type: var type } => NumberTypes.IsNumber(type),
        _ => false,
    };
}
