using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Finds layers and parameters that a model never registers. TorchSharp's <c>RegisterComponents</c> looks at instance
/// fields that hold a module or a tensor, and only the first call does anything.
/// </summary>
internal sealed class RegistrationParser
{
    private const string PassesOverStatics = "RegisterComponents() passes over static members";
    private const string TooLate = "RegisterComponents() has run before, and does nothing a second time";
    private const string CallLast = "call it once, after the last assignment";

    private readonly ParseContext context;
    private readonly TorchSymbols torch;
    private readonly LayerParser layers;

    public RegistrationParser(ParseContext context, TorchSymbols torch, LayerParser layers)
    {
        this.context = context;
        this.torch = torch;
        this.layers = layers;
    }

    /// <summary>Reports what the class and its bases in source leave out.</summary>
    public void Check()
    {
        var types = new List<INamedTypeSymbol>();
        for (INamedTypeSymbol? type = context.Type; type is not null && !torch.IsTorch(type); type = type.BaseType)
        {
            types.Add(type.OriginalDefinition);
        }

        foreach (var type in types)
        {
            CheckMembers(type);
        }

        // Subclasses have constructors of their own.
        if (!context.Type.IsAbstract
            && types.SelectMany(type => type.GetMembers().OfType<IFieldSymbol>()).Any(field => !field.IsStatic && IsRegistered(field.Type)))
        {
            foreach (var constructor in context.Type.InstanceConstructors.Where(
                constructor => constructor.DeclaredAccessibility is not (Accessibility.Private or Accessibility.Protected)))
            {
                if (!Registers(constructor))
                {
                    context.Report(RuleIds.NeverRegisters, context.Sites.Add(constructor.Locations.FirstOrDefault()), context.Type.Name);
                }
            }
        }

        foreach (var constructor in context.Type.InstanceConstructors)
        {
            CheckOrder(constructor);
        }
    }

    /// <summary>Reports a layer that a static member of another class holds, where forward reads it.</summary>
    public void CheckElsewhere(ISymbol member, SyntaxNode at)
    {
        var isOwn = false;
        for (INamedTypeSymbol? type = context.Type; type is not null; type = type.BaseType)
        {
            isOwn |= SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, member.ContainingType.OriginalDefinition);
        }

        if (!isOwn && layers.AssignedTo(member).Any(CreatesLayer))
        {
            context.Report(RuleIds.NotRegistered, at, PassesOverStatics, member.Name, "make it an instance field");
        }
    }

    private bool IsParameter(ITypeSymbol type) => type.Name == "Parameter" && torch.IsTensor(type);

    private bool IsRegistered(ITypeSymbol type) => torch.IsModule(type) || IsParameter(type);

    /// <summary>Layers and parameters in static fields, and in collections that are no modules.</summary>
    private void CheckMembers(INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers().Where(member => member is IFieldSymbol { AssociatedSymbol: null } or IPropertySymbol { IsIndexer: false }))
        {
            var memberType = (member as IFieldSymbol)?.Type ?? ((IPropertySymbol)member).Type;
            var inside = IsRegistered(memberType) ? null : Element(memberType);
            if ((member.IsStatic ? IsRegistered(memberType) || inside is not null : inside is not null) && IsFilledHere(member, type) && IsUsed(member, type))
            {
                var (why, remedy) = member.IsStatic
                    ? (PassesOverStatics, "make it an instance field")
                    : (
                        $"RegisterComponents() does not look into a {memberType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}",
                        Container(memberType, inside!));
                context.Report(RuleIds.NotRegistered, context.Sites.Add(member.Locations.FirstOrDefault()), why, member.Name, remedy);
            }
        }
    }

    private string Container(ITypeSymbol type, ITypeSymbol element)
    {
        var (isTuple, isTable) = (type.IsTupleType, type is INamedTypeSymbol { TypeArguments.Length: 2 });
        return isTuple ? "give each of them a field of its own"
            : $"make it a {(IsParameter(element) ? "Parameter" : "Module")}{(isTable ? "Dict" : "List")}"
                + $"{(IsParameter(element) ? "" : $"<{element.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}>")}";
    }

    /// <summary>The kind of layer or parameter that an array or a generic type holds; null for one that holds none.</summary>
    private ITypeSymbol? Element(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Delegate } => null,
        IArrayTypeSymbol array => IsRegistered(array.ElementType) ? array.ElementType : Element(array.ElementType),
        INamedTypeSymbol named =>
            named.TypeArguments.Select(argument => IsRegistered(argument) ? argument : Element(argument)).FirstOrDefault(element => element is not null),
        _ => null,
    };

    /// <summary>
    /// Whether what a member holds is created for it alone: not registered by hand, nor handed on to something that is.
    /// </summary>
    private bool IsFilledHere(ISymbol member, INamedTypeSymbol type)
    {
        var created = layers.AssignedTo(member).Any(CreatesLayer);
        foreach (var operation in Bodies(type).SelectMany(body => body.DescendantsAndSelf()))
        {
            switch (operation)
            {
                // Which layers these are is not told.
                case IInvocationOperation { TargetMethod.Name: "register_module" or "add_module" or "register_parameter" or "register_buffer" }:
                    return false;

                case IMemberReferenceOperation reference when SymbolEqualityComparer.Default.Equals(reference.Member.OriginalDefinition, member):
                    switch (Outer(reference))
                    {
                        case ISimpleAssignmentOperation assignment when assignment.Target == reference:
                            break;
                        case IInvocationOperation { TargetMethod.Name: "Add" or "Insert" or "AddRange" or "Append" or "Push" or "Enqueue" or "TryAdd" } add
                            when add.Instance == reference:
                            created |= add.Arguments.Any(argument => CreatesLayer(argument.Value));
                            break;
                        case IArrayElementReferenceOperation { Parent: ISimpleAssignmentOperation assignment } element when assignment.Target == element:
                            created |= CreatesLayer(assignment.Value);
                            break;
                        case IPropertyReferenceOperation { Property.IsIndexer: true, Parent: ISimpleAssignmentOperation assignment } element
                            when assignment.Target == element:
                            created |= CreatesLayer(assignment.Value);
                            break;
                        case IPropertyReferenceOperation { Property.Name: "Count" or "Length" }:
                            break;
                        default:
                            return false;
                    }

                    break;
            }
        }

        return created;
    }

    private static IOperation? Outer(IOperation operation) => operation.Parent is IConversionOperation conversion ? Outer(conversion) : operation.Parent;

    /// <summary>Whether an expression creates a layer that has something to register.</summary>
    private bool CreatesLayer(IOperation value) => value.DescendantsAndSelf().Any(operation => operation switch
    {
        IObjectCreationOperation { Type: { } type } => IsRegistered(type) && !torch.IsTorch(type) || IsParameter(type),
        IInvocationOperation { Type: INamedTypeSymbol type } call when torch.IsTorch(call.TargetMethod) => IsParameter(type)
            || torch.IsBuiltInLayer(type)
                && (type.Name == "Sequential"
                    ? call.Arguments is not [{ Value: IArrayCreationOperation { Initializer: not null } }]
                    : LayerFactories.Describe(type.Name, "", call).Parameters.Count > 0),
        ILocalReferenceOperation { Local.DeclaringSyntaxReferences: [var local] } reference =>
            local.ReadBy(context) is VariableDeclaratorSyntax { Initializer.Value: { } initializer }
            && initializer.Span.End <= reference.Syntax.SpanStart && context.Operation(initializer) is { } inner && CreatesLayer(inner),
        _ => false,
    });

    private bool IsUsed(ISymbol member, INamedTypeSymbol type) => type.DeclaringSyntaxReferences
        .SelectMany(reference => ((TypeDeclarationSyntax)reference.ReadBy(context)).Members.OfType<MethodDeclarationSyntax>())
        .SelectMany(method => method.DescendantNodes().OfType<IdentifierNameSyntax>())
        .Any(name => name.Identifier.ValueText == member.Name && SymbolEqualityComparer.Default.Equals(context.Symbol(name)?.OriginalDefinition, member));

    /// <summary>The constructors of a class, as far as they have bodies in source.</summary>
    private IEnumerable<IOperation> Bodies(INamedTypeSymbol type) =>
        type.InstanceConstructors.Concat(type.StaticConstructors).Select(Body).OfType<IOperation>();

    private IOperation? Body(IMethodSymbol method) => method.DeclaringSyntaxReferences.FirstOrDefault()?.ReadBy(context) switch
    {
        BaseMethodDeclarationSyntax syntax => context.Operation(syntax),
        _ => null,
    };

    /// <summary>Whether anything is registered on a constructor's way; true where it goes out of sight.</summary>
    private bool Registers(IMethodSymbol constructor)
    {
        var body = Body(constructor.OriginalDefinition);
        var next = Next(constructor.OriginalDefinition, body);
        return (body is not null && RegistersIn(body, []))
            || next is null
            || (!torch.IsTorch(next) && (next.Locations.All(location => !location.IsInSource) || Registers(next)));
    }

    private bool RegistersIn(IOperation body, HashSet<ISymbol> seen) => body.Descendants().OfType<IInvocationOperation>().Any(call =>
        IsRegistration(call)
        || (call.Instance is IInstanceReferenceOperation
            && call.TargetMethod.OriginalDefinition is { MethodKind: MethodKind.Ordinary } method
            && !torch.IsTorch(method)
            && seen.Add(method)
            && Body(method) is { } inner
            && RegistersIn(inner, seen)));

    private bool IsRegistration(IInvocationOperation call) =>
        torch.IsTorch(call.TargetMethod.OriginalDefinition.ContainingType)
            && call.TargetMethod.Name is "RegisterComponents" or "register_module" or "add_module" or "register_parameter";

    /// <summary>The constructor that runs before this one's body.</summary>
    private IMethodSymbol? Next(IMethodSymbol constructor, IOperation? body) =>
        constructor.DeclaringSyntaxReferences.FirstOrDefault()?.ReadBy(
            context) is TypeDeclarationSyntax { BaseList.Types: [PrimaryConstructorBaseTypeSyntax primary, ..] } ? context.Symbol(primary) as IMethodSymbol
        : (body as IConstructorBodyOperation)?.Initializer?.DescendantsAndSelf()
            .OfType<IInvocationOperation>()
            .FirstOrDefault(call => call.TargetMethod.MethodKind == MethodKind.Constructor)?.TargetMethod
        ?? constructor.ContainingType.BaseType?.InstanceConstructors.FirstOrDefault(
            other => other.Parameters.All(parameter => parameter.IsOptional || parameter.IsParams));

    /// <summary>Reports layers and parameters that a constructor assigns too late.</summary>
    private void CheckOrder(IMethodSymbol constructor)
    {
        foreach (var (member, assignment) in Late(constructor).Where(late => IsRegistered(late.Assignment.Target.Type!)))
        {
            context.Report(RuleIds.NotRegistered, assignment.Syntax, TooLate, member.Name, CallLast);
        }
    }

    /// <summary>What a constructor assigns after <c>RegisterComponents</c> has run, be that in the constructor before it.</summary>
    private IEnumerable<(ISymbol Member, ISimpleAssignmentOperation Assignment)> Late(IMethodSymbol constructor)
    {
        if (Body(constructor) is not IConstructorBodyOperation { BlockBody: { } block } body
            || block.Descendants()
                .OfType<IInvocationOperation>()
                .Any(call => call.TargetMethod.Name is "register_module" or "add_module" or "register_parameter" or "register_buffer"))
        {
            yield break;
        }

        var hasRun = Next(constructor, body) is { } next && HasRun(next);
        foreach (var statement in block.Operations.OfType<IExpressionStatementOperation>())
        {
            if (hasRun
                && statement.Operation is ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Instance: IInstanceReferenceOperation,
                    Member: { } member } } assignment
                && assignment.Value.ConstantValue is not { HasValue: true, Value: null })
            {
                yield return (member, assignment);
            }

            hasRun |= statement.Operation is IInvocationOperation { TargetMethod.Name: "RegisterComponents" };
        }
    }

    /// <summary>Why a tensor that a member holds is surely no parameter or buffer, where it surely has more than one index.</summary>
    public UnregisteredTensor? Unregistered(ISymbol member)
    {
        var late = member.IsStatic
            ? []
            : member.ContainingType.InstanceConstructors.SelectMany(Late).Where(late => SymbolEqualityComparer.Default.Equals(late.Member, member)).ToList();
        var isWide = member.IsStatic ? layers.AssignedTo(member).Any(IsWide) : late.Any(assigned => IsWide(assigned.Assignment.Value));
        return !isWide ? null
            : member.IsStatic ? new UnregisteredTensor(member.Name, PassesOverStatics, "make it an instance field")
            : new UnregisteredTensor(member.Name, TooLate, CallLast);
    }

    /// <summary>Whether a tensor is created with several indices, as far as the source shows how it is.</summary>
    private bool IsWide(IOperation value) =>
        value.DescendantsAndSelf().OfType<IInvocationOperation>().Where(call => torch.IsTorch(call.TargetMethod) && torch.IsTensor(call.Type))
        .SelectMany(call => call.Arguments)
            .Any(
                argument =>
                    argument.Parameter?.Type is { } type
                        && argument.ArgumentKind != ArgumentKind.DefaultValue
                        && (IsSizes(type) ? Numbers(argument.Value).Any(size => size is null or > 1) : Elements(argument.Value)?.Count > 1));

    private static bool IsSizes(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => IsSizes(array.ElementType),
        INamedTypeSymbol { Name: "ReadOnlySpan", TypeArguments: [var element] } => IsSizes(element),
        _ => type.SpecialType is SpecialType.System_Int64 or SpecialType.System_Int32,
    };

    /// <summary>The numbers of an argument, null for each that is computed.</summary>
    private static IEnumerable<long?> Numbers(IOperation value) => Elements(value) is { } elements ? elements.SelectMany(Numbers)
        : new[] { value.ConstantValue is { HasValue: true, Value: int or long } constant
            ? Convert.ToInt64(constant.Value, System.Globalization.CultureInfo.InvariantCulture)
            : (long?)null };

    private static IReadOnlyList<IOperation>? Elements(IOperation value) => value switch
    {
        IConversionOperation { Operand: var operand } => Elements(operand),
        IArrayCreationOperation { Initializer: { } list } => list.ElementValues,
        _ => null,
    };

    /// <summary>Whether a constructor has called <c>RegisterComponents</c> when it ends, whatever way it goes.</summary>
    private bool HasRun(IMethodSymbol constructor) =>
        constructor.Locations.Any(location => location.IsInSource)
            && !torch.IsTorch(constructor)
            && Body(constructor.OriginalDefinition) is IConstructorBodyOperation body
        && ((body.BlockBody
            ?? body.ExpressionBody)?.Operations.Any(
                statement => statement is IExpressionStatementOperation { Operation: IInvocationOperation { TargetMethod.Name: "RegisterComponents" } }) == true
            || (Next(constructor, body) is { } next && HasRun(next)));
}
