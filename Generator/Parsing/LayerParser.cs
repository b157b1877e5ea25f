using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Tells what layer a field or property holds: from its declared type, and from where it is created, be that at the
/// declaration or in a constructor. What cannot be told is left to the live model.
/// </summary>
internal sealed class LayerParser
{
    private readonly ParseContext context;
    private readonly TorchSymbols torch;
    private readonly AxesReader axes;
    private readonly Dictionary<ISymbol, LayerNode> layers = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<INamedTypeSymbol, Creations> creations = new(SymbolEqualityComparer.Default);
    private List<InvocationExpressionSyntax>? calls;

    public LayerParser(ParseContext context, TorchSymbols torch)
    {
        this.context = context;
        this.torch = torch;
        axes = new AxesReader(context);
    }

    /// <summary>Reads <c>[Axes]</c>, each report once.</summary>
    public AxesReader Axes => axes;

    /// <summary>The layer that a member of the model holds.</summary>
    /// <param name="member">A field or property.</param>
    /// <param name="path">Its path in the model.</param>
    public LayerNode Describe(ISymbol member, string path)
    {
        if (layers.TryGetValue(member, out var known))
        {
            return known;
        }

        var type = (member as IFieldSymbol)?.Type ?? ((IPropertySymbol)member).Type;
        if (AxesReader.Find(member) is { } attribute && !IsList(type))
        {
            layers.Add(member, known = Described(path, type, AxesOf(member, attribute)));
            return known;
        }

        var values = CreationsOf(member.ContainingType).Of(member);
        var node = values.Count == 1 ? AsCreated(Create(values[0], path), member) : null;

        // Created in several places, or out of sight: the class alone may still be known.
        node ??= OfType(values.Count > 1 ? Common(values) ?? type : type, path);
        layers.Add(member, node);
        return node;
    }

    /// <summary>What <c>[Axes]</c> on a member says; null where it is wrong or says what is known, which has been reported.</summary>
    public AxesWords? AxesOf(ISymbol member, AttributeData attribute)
    {
        var type = (member as IFieldSymbol)?.Type ?? ((IPropertySymbol)member).Type;
        var name = type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
        if (torch.IsBuiltInLayer(type) && LayerTable.Knows(type.Name))
        {
            axes.ReportMisfit(
                member,
                attribute,
                use: null,
                $"what a {name} does is known",
                "take the attribute off, or declare the member as Module<Tensor, Tensor> where it holds something else");
            return null;
        }

        if (IsModel(type))
        {
            axes.ReportMisfit(
                member, attribute, use: null, $"what a {name} does is read from its source", "take [Axes] off the member, or [Prunable] off the class");
            return null;
        }

        return axes.Read(member, attribute, use: null);
    }

    /// <summary>The name that a member is registered under by <c>RegisterComponents</c>.</summary>
    public static string RegisteredName(ISymbol member)
    {
        var field = member is IPropertySymbol property ? BackingField(property) : (IFieldSymbol)member;
        var named = (field ?? member).GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.Name == "ComponentNameAttribute")
            ?.NamedArguments.FirstOrDefault(argument => argument.Key == "Name").Value.Value as string;
        return named ?? field?.MetadataName ?? member.Name;
    }

    /// <summary>The name that a member is registered under: by a call of <c>register_module</c>, or by its field.</summary>
    public string PathOf(ISymbol member) => CreationsOf(member.ContainingType).NameOf(member) ?? RegisteredName(member);

    /// <summary>Everything that the declaration and the constructors assign to a member.</summary>
    public IReadOnlyList<IOperation> AssignedTo(ISymbol member) => CreationsOf(member.ContainingType).Of(member);

    /// <summary>The field behind an auto-property; null for any other property, also for one that computes with such a field.</summary>
    public static IFieldSymbol? BackingField(IPropertySymbol property) => Computes(property) ? null
        : property.ContainingType.GetMembers()
            .OfType<IFieldSymbol>()
            .FirstOrDefault(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static bool Computes(IPropertySymbol property) => property.GetMethod?.DeclaringSyntaxReferences.Any(
        declared => declared.GetSyntax() is ArrowExpressionClauseSyntax
            or AccessorDeclarationSyntax { Body: not null } or AccessorDeclarationSyntax { ExpressionBody: not null }) == true;

    private Creations CreationsOf(INamedTypeSymbol type)
    {
        type = type.OriginalDefinition;
        if (!creations.TryGetValue(type, out var found))
        {
            creations.Add(type, found = Creations.Read(type, context));
        }

        return found;
    }

    private ITypeSymbol? Common(IReadOnlyList<IOperation> values)
    {
        var types = values.Select(value => Unwrap(value).Type).Distinct(SymbolEqualityComparer.Default).ToList();
        return types.Count == 1 ? types[0] as ITypeSymbol : null;
    }

    /// <summary>The layer that an expression creates; null where it does not create one in sight.</summary>
    private LayerNode? Create(IOperation value, string path)
    {
        var creation = Unwrap(value);
        switch (creation)
        {
            case ILocalReferenceOperation { Local.DeclaringSyntaxReferences: [var local] }
                when local.ReadBy(context) is VariableDeclaratorSyntax { Initializer.Value: { } initializer }:
                // A variable stands before its uses, unless the code is broken; then following it might never end.
                return initializer.Span.End <= creation.Syntax.SpanStart && context.Operation(initializer) is { } inner
                    ? AsCreated(Create(inner, path), ((ILocalReferenceOperation)creation).Local)
                    : null;

            case IInvocationOperation call when call.Type is INamedTypeSymbol type && torch.IsTorch(call.TargetMethod) && torch.IsBuiltInLayer(type):
                return type.Name == "Sequential"
                    ? Sequence(call, path) ?? LayerNode.Deferred(path, type.Name)
                    : LayerFactories.Describe(type.Name, path, call);

            default:
                return creation.Type is { } other && torch.DerivesFromModule(other) ? OfType(other, path) : null;
        }
    }

    /// <summary>What the class of a layer alone tells.</summary>
    private LayerNode OfType(ITypeSymbol type, string path)
    {
        if (torch.IsBuiltInLayer(type))
        {
            return type.Name == "Sequential" || !LayerTable.Knows(type.Name) && type.IsAbstract
                ? LayerNode.Deferred(path, type.Name)
                : LayerFactories.Describe(type.Name, path, null);
        }

        var name = type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
        if (torch.IsTorch(type) || type is ITypeParameterSymbol or IDynamicTypeSymbol or { SpecialType: SpecialType.System_Object }
            || type.IsAbstract || IsPlainSequence(type))
        {
            return LayerNode.Deferred(path, name);
        }

        return IsModel(type) ? new LayerNode(path, LayerKind.Model, name, false, [], [], [])
            : AxesReader.Find(type) is { } attribute ? Described(path, type, axes.Read(type, attribute, use: null))
            : new LayerNode(path, LayerKind.Layer, name, false, [], [], []);
    }

    /// <summary>A layer that <c>[Axes]</c> describes; where its words cannot be read, that is reported and nothing more.</summary>
    private static LayerNode Described(string path, ITypeSymbol type, AxesWords? words)
    {
        var name = type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
        return words is null ? LayerNode.Deferred(path, name) : new LayerNode(path, LayerKind.Layer, name, true, [], [], []) { Axes = words };
    }

    public static bool IsModel(ITypeSymbol type) =>
        AnnotationParser.FindModel(type) is not null || type.AllInterfaces.Any(face => face.ToDisplayString() == "PruneGen.IPrunable");

    private bool IsList(ITypeSymbol type) => torch.IsTorch(type) && type.Name is "ModuleList" or "ModuleDict";

    /// <summary>Whether a class of the user's own is a <c>Sequential</c> that its constructor fills: the live one tells its children.</summary>
    private bool IsPlainSequence(ITypeSymbol type)
    {
        for (var at = type; at is not null && !at.GetMembers().Any(member => member.Name is "forward" or "call"); at = at.BaseType)
        {
            if (at.BaseType is { Name: "Sequential" } sequence && torch.IsBuiltInLayer(sequence))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the class and its bases in this assembly call, wherever they do.</summary>
    private IEnumerable<InvocationExpressionSyntax> Calls()
    {
        var home = context.Type.ContainingAssembly;
        for (var type = context.Type; type is not null && SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, home); type = type.BaseType)
        {
            foreach (var call in type.DeclaringSyntaxReferences.SelectMany(part => part.ReadBy(context).DescendantNodes()).OfType<InvocationExpressionSyntax>())
            {
                yield return call;
            }
        }
    }

    /// <summary>A layer as it was created; a <c>Sequential</c> that layers are put into later, the live model alone tells.</summary>
    private LayerNode? AsCreated(LayerNode? node, ISymbol holder)
    {
        if (node?.Kind != LayerKind.Sequence)
        {
            return node;
        }

        calls ??= [.. Calls()];
        return calls.Exists(Fills) ? LayerNode.Deferred(node.Path, node.Type) : node;

        // A helper of the user's that it is handed to may do so, too.
        bool Fills(InvocationExpressionSyntax call) =>
            (call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "append" or "add_module" or "register_module",
                Expression: var of } && IsIt(of))
            || (call.ArgumentList.Arguments.Any(argument => IsIt(argument.Expression))
                && context.Symbol(call.Expression) is IMethodSymbol method
                && !torch.IsTorch(method)
                && method.Parameters.Any(parameter => parameter.Type.Name == "Sequential" && torch.IsModule(parameter.Type)));

        bool IsIt(ExpressionSyntax expression) => expression switch
        {
            IdentifierNameSyntax name => name.Identifier.ValueText == holder.Name,
            MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax or BaseExpressionSyntax, Name.Identifier.ValueText: var own } =>
                own == holder.Name,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "append",
                Expression: var chained } } => IsIt(chained),
            _ => false,
        };
    }

    /// <summary>The children of a <c>Sequential</c> given as arguments, by position or by name.</summary>
    private LayerNode? Sequence(IInvocationOperation call, string path)
    {
        if (call.Arguments is not [{ ArgumentKind: ArgumentKind.ParamArray, Value: IArrayCreationOperation { Initializer: { } list } }])
        {
            return null;
        }

        var children = new List<LayerNode>();
        foreach (var element in list.ElementValues)
        {
            var (name, module) = (children.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), Unwrap(element));
            if (module is ITupleOperation { Elements: [var first, var second] })
            {
                if (Unwrap(first).ConstantValue is not { HasValue: true, Value: string given })
                {
                    return null;
                }

                (name, module) = (given, second);
            }

            var childPath = $"{path}.{name}";
            var child = Create(module, childPath) ?? (module.Type is { } type ? OfType(type, childPath) : null);
            if (child is null)
            {
                return null;
            }

            children.Add(child);
        }

        return new LayerNode(path, LayerKind.Sequence, "Sequential", true, [], [], children.ToEquatable());
    }

    /// <summary>The expression without conversions, and without what passes a module on unchanged.</summary>
    private IOperation Unwrap(IOperation value)
    {
        while (true)
        {
            switch (value)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    value = conversion.Operand;
                    break;
                case IInvocationOperation { TargetMethod.Name: "to" or "cuda" or "cpu" } moved
                    when torch.IsTorch(moved.TargetMethod)
                        && (moved.Instance ?? moved.Arguments.FirstOrDefault()?.Value) is { } module
                        && torch.IsModule(module.Type):
                    value = module;
                    break;
                default:
                    return value;
            }
        }
    }

    /// <summary>What the declaration and the constructors of one class assign to its members.</summary>
    private sealed class Creations
    {
        private readonly Dictionary<ISymbol, List<IOperation>> values = new(SymbolEqualityComparer.Default);
        private readonly Dictionary<ISymbol, string> names = new(SymbolEqualityComparer.Default);

        public IReadOnlyList<IOperation> Of(ISymbol member) => values.TryGetValue(member.OriginalDefinition, out var found) ? found : [];

        public string? NameOf(ISymbol member) => names.TryGetValue(member.OriginalDefinition, out var name) ? name : null;

        public static Creations Read(INamedTypeSymbol type, ParseContext context)
        {
            var found = new Creations();
            foreach (var member in type.GetMembers().Where(member => member is IFieldSymbol or IPropertySymbol))
            {
                foreach (var reference in member.DeclaringSyntaxReferences)
                {
                    var initializer = reference.ReadBy(context) switch
                    {
                        VariableDeclaratorSyntax field => field.Initializer,
                        PropertyDeclarationSyntax property => property.Initializer,
                        _ => null,
                    };
                    if (initializer is not null && context.Operation(initializer) is ISymbolInitializerOperation { Value: { } value })
                    {
                        found.Add(member, value);
                    }
                }
            }

            foreach (var constructor in type.InstanceConstructors.SelectMany(constructor => constructor.DeclaringSyntaxReferences))
            {
                if (constructor.ReadBy(context) is ConstructorDeclarationSyntax syntax && context.Operation(syntax) is { } body)
                {
                    found.ReadBody(body);
                }
            }

            return found;
        }

        private void ReadBody(IOperation body)
        {
            foreach (var operation in body.Descendants())
            {
                switch (operation)
                {
                    case ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Instance: IInstanceReferenceOperation } target } assignment:
                        Add(target.Member, assignment.Value);
                        break;
                    case IInvocationOperation { TargetMethod.Name: "register_module" or "add_module",
                        Arguments: [{ Value.ConstantValue: { HasValue: true, Value: string name } }, { } module] }:
                        var registered = module.Value is IConversionOperation conversion ? conversion.Operand : module.Value;
                        if (registered is IMemberReferenceOperation { Instance: IInstanceReferenceOperation } member)
                        {
                            names[member.Member.OriginalDefinition] = name;
                        }

                        break;
                }
            }
        }

        private void Add(ISymbol member, IOperation value)
        {
            member = member.OriginalDefinition;
            if (!values.TryGetValue(member, out var list))
            {
                values.Add(member, list = []);
            }

            list.Add(value);
        }
    }
}
