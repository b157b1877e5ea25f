using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Finds the <c>forward</c> that a model runs.</summary>
internal static class ForwardMethod
{
    /// <summary>The method, where it is one that can be read; else null, which has been reported.</summary>
    /// <param name="found">The one that is taken, if any.</param>
    public static IMethodSymbol? Find(IMethodSymbol? found, ParseContext context, TorchSymbols torch, int at)
    {
        if (found is null || found.IsAbstract || found.DeclaringSyntaxReferences.IsEmpty)
        {
            context.Report(RuleIds.NoForward, at, context.Type.Name);
            return null;
        }

        if (found.Parameters.Any(parameter => parameter.Type.TypeKind == TypeKind.Error) || found.ReturnType.TypeKind == TypeKind.Error)
        {
            context.Break(at);
            return null;
        }

        var types = new TypeTranslator(context, torch);
        bool IsTaken(IParameterSymbol parameter) =>
            parameter.RefKind == RefKind.None && types.Translate(parameter.Type) is not null && !IsPacked(parameter.Type);
        foreach (var parameter in found.Parameters.Where(parameter => !IsTaken(parameter)))
        {
            context.Report(
                RuleIds.UnsupportedSignature,
                SiteOfType(parameter, context),
                $"The input '{parameter.Name}' of {context.Type.Name}.forward is "
                    + $"{(parameter.RefKind == RefKind.None ? "a" : $"handed over by {parameter.RefKind.ToString().ToLowerInvariant()}, as a")} "
                    + $"{parameter.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}");
            return null;
        }

        if (found.IsOverride && !IsCalledAlike(found, context, torch))
        {
            // The compiler reports that it overrides nothing.
            context.Break(at);
            return null;
        }

        if (!types.CarriesTensors(found.ReturnType) || types.Translate(found.ReturnType) is null || IsPacked(found.ReturnType))
        {
            context.Report(
                RuleIds.UnsupportedSignature,
                SiteOfType(found, context),
                $"The result of {context.Type.Name}.forward is a {found.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}");
            return null;
        }

        return found;

        // Nobody gives a model such sequences to be measured by.
        bool IsPacked(ITypeSymbol type) => torch.IsPacked(type)
            || (type is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.Any(element => torch.IsPacked(element.Type)));
    }

    /// <summary>The type of an input or of the result, as it is written: what has to be another one.</summary>
    private static int SiteOfType(ISymbol symbol, ParseContext context) => symbol.DeclaringSyntaxReferences.FirstOrDefault()?.ReadBy(context) switch
    {
        ParameterSyntax { Type: { } written } => context.Sites.Add(written),
        MethodDeclarationSyntax method => context.Sites.Add(method.ReturnType),
        _ => context.Sites.Add(symbol.Locations.FirstOrDefault()),
    };

    /// <summary>The method that a model is linked by; null where it has none of its own.</summary>
    public static IMethodSymbol? Entry(INamedTypeSymbol type, ParseContext context, TorchSymbols torch) => Candidates(type, context, torch).FirstOrDefault();

    /// <summary>What a model is linked by where its forward turns out to throw, whatever it is given: another of its own; null for none.</summary>
    public static IMethodSymbol? Instead(IMethodSymbol forward, ParseContext context, TorchSymbols torch) =>
        Candidates(context.Type, context, torch).SkipWhile(method => !SymbolEqualityComparer.Default.Equals(method, forward)).Skip(1)
            .FirstOrDefault(method => method.Name == "forward" && !method.IsAbstract && !OnlyThrows(method, context));

    /// <summary>What the method takes.</summary>
    public static EquatableArray<InputSpec> Inputs(IMethodSymbol forward, ParseContext context, TorchSymbols torch)
    {
        var types = new TypeTranslator(context, torch);
        return forward.Parameters.Select(parameter => new InputSpec(
            parameter.Name,
            torch.IsTensor(parameter.Type) ? IsOptional(parameter, context) ? InputKind.OptionalTensor : InputKind.Tensor
                : parameter.Type.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64 ? InputKind.Size
                : parameter.HasExplicitDefaultValue
                    && parameter.Type is { SpecialType: SpecialType.System_Boolean } or { TypeKind: TypeKind.Enum }
                    ? InputKind.Setting
                : InputKind.Value,
            types.Translate(parameter.Type) ?? "object",
            Default(parameter, context, torch),
            OtherValues.Of(parameter, context))).ToEquatable();
    }

    /// <summary>How each tensor is taken out of what the method returns.</summary>
    public static EquatableArray<string> Results(IMethodSymbol forward, ParseContext context, TorchSymbols torch) =>
        Results(forward, context, torch, withOptional: false);

    private static EquatableArray<string> Results(IMethodSymbol forward, ParseContext context, TorchSymbols torch, bool withOptional) =>
        forward.ReturnType switch
        {
            var type when torch.IsTensor(type) => new[] { "" }.ToEquatable(),
            INamedTypeSymbol { IsTupleType: true } tuple =>
                tuple.TupleElements.Select((element, i) => (element, i))
                    .Where(pair => torch.IsTensor(pair.element.Type)
                        && (withOptional || pair.element.Type.NullableAnnotation != NullableAnnotation.Annotated))
                    .Select(pair => $".Item{pair.i + 1}")
                    .ToEquatable(),
            INamedTypeSymbol record when new TypeTranslator(context, torch).IsRecord(record) => TypeTranslator.Members(record)
                .Where(
                    member =>
                        torch.IsTensor((member as IPropertySymbol)?.Type ?? (member as IFieldSymbol)?.Type)
                            && context.Compilation.IsSymbolAccessibleWithin(member, context.Type))
                .Where(member => ((member as IPropertySymbol)?.Type ?? (member as IFieldSymbol)?.Type)!.NullableAnnotation != NullableAnnotation.Annotated)
                .Select(member => "." + Identifiers.Escape(member.Name)).ToEquatable(),
            IArrayTypeSymbol { ElementType: var element } when torch.IsTensor(element) => new[] { "[]" }.ToEquatable(),
            INamedTypeSymbol { TypeArguments: [var element] } list when torch.IsTensor(element) && TypeTranslator.IsOfSystem(list) =>
                new[] { "[]" }.ToEquatable(),
            _ => [],
        };

    /// <summary>What the tensors that the method returns are called: the names of a tuple's elements or a record's members, where it has them.</summary>
    public static EquatableArray<string> ResultNames(IMethodSymbol forward, ParseContext context, TorchSymbols torch)
    {
        var results = Results(forward, context, torch, withOptional: true);
        var elements = forward.ReturnType is INamedTypeSymbol { IsTupleType: true } tuple
            ? tuple.TupleElements.ToDictionary(element => "." + (element.CorrespondingTupleField ?? element).Name, element => element.Name)
            : [];
        return results.Contains("[]") ? [] : results.Select((result, i) =>
            result.Length == 0 ? "output"
            : elements.TryGetValue(result, out var name) && "." + name == result ? $"output{i + 1}"
            : (name ?? result.TrimStart('.', '@'))).ToEquatable();
    }

    private static string Default(IParameterSymbol parameter, ParseContext context, TorchSymbols torch) =>
        parameter.HasExplicitDefaultValue ? parameter.ExplicitDefaultValue is null
            ? parameter.Type.IsValueType ? "default" : "null"
            : Literals.Value(parameter.ExplicitDefaultValue, parameter.Type)
        : torch.IsTensor(parameter.Type) && IsOptional(parameter, context) ? "null"
        : "";

    /// <summary>Whether null may be given: by its type, its default, or because the method asks.</summary>
    private static bool IsOptional(IParameterSymbol parameter, ParseContext context) =>
        parameter.NullableAnnotation == NullableAnnotation.Annotated
        || (parameter.HasExplicitDefaultValue && parameter.ExplicitDefaultValue is null)
        || (parameter.NullableAnnotation == NullableAnnotation.None
            && parameter.ContainingSymbol.DeclaringSyntaxReferences.Any(
                reference => reference.ReadBy(context).DescendantNodes().Any(node => AsksForNull(node, parameter.Name))));

    private static bool AsksForNull(SyntaxNode node, string name) => node switch
    {
        BinaryExpressionSyntax { Left: IdentifierNameSyntax left, Right: LiteralExpressionSyntax { Token.Text: "null" } } => left.Identifier.ValueText == name,
        IsPatternExpressionSyntax { Expression: IdentifierNameSyntax tested } => tested.Identifier.ValueText == name,
        BinaryExpressionSyntax { RawKind: (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.CoalesceExpression,
            Left: IdentifierNameSyntax left } => left.Identifier.ValueText == name,
        ConditionalAccessExpressionSyntax { Expression: IdentifierNameSyntax tested } => tested.Identifier.ValueText == name,
        _ => false,
    };

    /// <summary>Whether the method is the one that a module's <c>call</c> runs; a module without inputs of its own has no <c>call</c>.</summary>
    public static bool IsCalled(IMethodSymbol forward, TorchSymbols torch)
    {
        var root = forward;
        while (root.OverriddenMethod is { } overridden)
        {
            root = overridden;
        }

        return torch.IsTorch(root);
    }

    /// <summary>Whether the <c>call</c> of the Module‹…› that a model derives from takes and gives what its forward does.</summary>
    private static bool IsCalledAlike(IMethodSymbol forward, ParseContext context, TorchSymbols torch)
    {
        var module = forward.ContainingType.BaseType;
        while (module is not null && !torch.IsTorch(module))
        {
            module = module.BaseType;
        }

        return module is null || module.TypeArguments.IsEmpty
            || (module.TypeArguments.Length == forward.Parameters.Length + 1
                && module.TypeArguments.Zip(
                    forward.Parameters.Select(parameter => parameter.Type).Append(forward.ReturnType),
                    (called, own) => context.Compilation.ClassifyConversion(called, own).IsIdentity
                        || (torch.IsTensor(called) && torch.IsTensor(own))).All(same => same));
    }

    /// <summary>The override of the module's own forward first, then any method of that name; the most derived first.</summary>
    private static IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type, ParseContext context, TorchSymbols torch)
    {
        var methods = new List<IMethodSymbol>();
        for (var t = type; t is not null && !torch.IsTorch(t); t = t.BaseType)
        {
            // Some models make the forward that their base asks for throw, and are called by a method of another name.
            methods.AddRange(
                new[] { "forward", "Forward", "call" }.SelectMany(name => t.GetMembers(name))
                    .OfType<IMethodSymbol>()
                    .Where(method => !method.IsStatic && method.Parameters.Length > 0));
        }

        return methods.Any(method => method.Name == "forward")
            ? methods.OrderBy(method => OnlyThrows(method, context)).ThenBy(method => method.Name != "forward").ThenByDescending(method => method.IsOverride)
            : [];
    }

    /// <summary>What a base class asks for and the model does not mean to be called.</summary>
    private static bool OnlyThrows(IMethodSymbol method, ParseContext context) =>
        method.DeclaringSyntaxReferences.Select(reference => reference.ReadBy(context)).OfType<MethodDeclarationSyntax>()
        .Any(declared => declared.ExpressionBody is { Expression: ThrowExpressionSyntax } || declared.Body is { Statements: [ThrowStatementSyntax] });
}
