using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Expressions that the generated code repeats as they stand, with every name in full: configuration, conditions, lists.
/// What is about tensors inside them goes the way of all tensors.
/// </summary>
internal sealed partial class ForwardParser
{
    /// <summary>How many lambdas of the generated code stand around what is read.</summary>
    private int lambdas;

    /// <summary>An expression that is repeated, by its type.</summary>
    private ParsedValue Repeated(IOperation operation)
    {
        var mark = context.Mark();
        var count = nodes.Count;
        if (operation.Type is { SpecialType: not SpecialType.System_Void } type && Repeat(operation) is { } code)
        {
            return Typed(OfItsType(operation.Syntax, code, type), type, isSize: false);
        }

        // Whatever neither is a tensor nor changes one may be as it likes: messages, flags, statistics.
        var matters = MayCarryTensors(operation.Type) || operation.DescendantsAndSelf().Any(ChangesSomething);
        if (!matters && !context.IsBroken)
        {
            context.Rollback(mark);
            nodes.RemoveRange(count, nodes.Count - count);
            return IsNumberLike(operation.Type) ? new ArgumentValue(new UnknownArgument()) : ParsedValue.Other;
        }

        return context.HasErrorsSince(mark) ? ParsedValue.Broken : Unsupported(operation);
    }

    /// <summary>Elements without the type that they take from what they are assigned to, with it.</summary>
    private string OfItsType(SyntaxNode written, string code, ITypeSymbol type) => written switch
    {
        CollectionExpressionSyntax => $"({types.Translate(type)}){code}",
        InitializerExpressionSyntax => $"new {types.Translate(type)} {code}",
        _ => code,
    };

    private static bool ChangesSomething(IOperation operation) => operation switch
    {
        IAssignmentOperation or IIncrementOrDecrementOperation or IAnonymousFunctionOperation => true,
        IInvocationOperation call => call.TargetMethod.Name.EndsWith("_", StringComparison.Ordinal),
        IInvalidOperation => true,
        _ => false,
    };

    private string? Repeat(IOperation operation) => Repeat(operation.Syntax);

    /// <summary>The text of an expression or pattern with every name in full; null where it cannot stand in generated code.</summary>
    private string? Repeat(SyntaxNode syntax)
    {
        var edits = new Dictionary<TextSpan, string>();
        return Collect(syntax, edits, isRoot: true) ? SourceText.Rewrite(syntax, edits) : null;
    }

    private bool Collect(SyntaxNode node, Dictionary<TextSpan, string> edits, bool isRoot)
    {
        if (!isRoot && node is ExpressionSyntax expression && context.Operation(expression) is { } operation && GoesItsOwnWay(expression, operation))
        {
            var value = Evaluate(operation);

            // All sizes of a tensor are a list of their own kind: they can be indexed and gone through, and no more.
            if (value is ShapeValue && expression.Parent is BinaryExpressionSyntax or ConditionalExpressionSyntax or CastExpressionSyntax or IsPatternExpressionSyntax)
            {
                return false;
            }

            return Edit(node, edits, value is BrokenValue ? null : Enclosed(CodeOf(value, operation.Type), expression));
        }

        switch (node)
        {
            case AwaitExpressionSyntax or QueryExpressionSyntax or StackAllocArrayCreationExpressionSyntax or AnonymousObjectCreationExpressionSyntax or RefExpressionSyntax:
                return false;

            case IdentifierNameSyntax { Identifier.Text: "var" or "_" } or PredefinedTypeSyntax or LiteralExpressionSyntax:
                return true;

            case NameColonSyntax:
                return true;

            case TypeSyntax type when context.Symbol(type) is ITypeSymbol named:
                return Edit(node, edits, types.Translate(named));

            case TupleTypeSyntax or ArrayTypeSyntax or NullableTypeSyntax when context.TypeOf((TypeSyntax)node) is { } constructed:
                return Edit(node, edits, types.Translate(constructed));

            case SimpleNameSyntax name:
                return Name(name, edits);

            case MemberAccessExpressionSyntax access:
                return Access(access, edits);

            case MemberBindingExpressionSyntax binding:
                // What stands before the question mark stands before the dot, where a branch has asked already.
                var asked = conditionalInstances.Count > 0 && conditionalInstances.Peek().Access == binding.Ancestors().OfType<ConditionalAccessExpressionSyntax>().FirstOrDefault(access => access.WhenNotNull.Span.Contains(binding.Span));
                return !asked || Edit(binding, edits, CodeOf(conditionalInstances.Peek().Value, null) is { } before && binding.Name is IdentifierNameSyntax part ? $"{before}.{part.Identifier.Text}" : null);

            case InvocationExpressionSyntax call:
                return Invocation(call, edits);

            case AnonymousFunctionExpressionSyntax lambda:
                return Lambda(lambda, edits);

            case ArrayCreationExpressionSyntax { Type: var array } made when context.TypeOf(array) is IArrayTypeSymbol { ElementType: not IArrayTypeSymbol and var element }:
                return Edit(array.ElementType, edits, types.Translate(element))
                    && array.RankSpecifiers.SelectMany(rank => rank.Sizes).All(size => Collect(size, edits, isRoot: false))
                    && (made.Initializer is null || Collect(made.Initializer, edits, isRoot: false));

            case OmittedArraySizeExpressionSyntax:
                return true;

            case BaseObjectCreationExpressionSyntax creation:
                return Creation(creation, edits);

            case SingleVariableDesignationSyntax designation:
                return context.Declared(designation) is ILocalSymbol local && Edit(node, edits, Code.Value(NewElement(local, null)));

            case AssignmentExpressionSyntax { Left: IdentifierNameSyntax } or PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression or (int)SyntaxKind.PostDecrementExpression } or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression }:
                return Change(node, edits);

            case InitializerExpressionSyntax { RawKind: (int)SyntaxKind.ObjectInitializerExpression } members:
                return members.Expressions.All(member => member is AssignmentExpressionSyntax { Right: var right } && Collect(right, edits, isRoot: false));

            case RecursivePatternSyntax or PropertyPatternClauseSyntax:
                return node.ChildNodes().All(child => Collect(child, edits, isRoot: false));

            case SubpatternSyntax { Pattern: var pattern }:
                return Collect(pattern, edits, isRoot: false);
        }

        return node.ChildNodes().All(child => Collect(child, edits, isRoot: false));
    }

    private static bool Edit(SyntaxNode node, Dictionary<TextSpan, string> edits, string? code)
    {
        if (code is null)
        {
            return false;
        }

        edits[node.Span] = code;
        return true;
    }

    /// <summary>Brackets around what replaces an operand.</summary>
    private static string? Enclosed(string? code, ExpressionSyntax replaced) =>
        code is not null && replaced.Parent is BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or MemberAccessExpressionSyntax or CastExpressionSyntax or ConditionalAccessExpressionSyntax or ElementAccessExpressionSyntax or IsPatternExpressionSyntax && !Code.IsSimple(code) ? $"({code})" : code;

    /// <summary>Whether an expression inside another is read like one that stands alone: it is about tensors, layers, sizes or locals.</summary>
    private bool GoesItsOwnWay(ExpressionSyntax expression, IOperation operation)
    {
        if (expression is TypeSyntax && context.Symbol(expression) is ITypeSymbol or INamespaceSymbol or IMethodSymbol)
        {
            return false;
        }

        if (expression is AnonymousFunctionExpressionSyntax or InitializerExpressionSyntax or DeclarationExpressionSyntax or ThrowExpressionSyntax or AssignmentExpressionSyntax or PostfixUnaryExpressionSyntax or RangeExpressionSyntax
            || expression is PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression })
        {
            return false;
        }

        if (operation.ConstantValue.HasValue || operation.Type is null)
        {
            return false;
        }

        return types.CarriesTensors(operation.Type) || torch.IsModule(operation.Type)
            || (operation is IPropertyReferenceOperation { Property: var property } && (IsTraining(property) || IsWidth(property, property.Type)))
            || (operation is IMemberReferenceOperation { Instance: IInstanceReferenceOperation, Member: var own } && (bindings.ContainsKey(own.OriginalDefinition) || (frames.Peek().This is LayerValue && IsNumberLike(operation.Type))))
            || (IsNumberLike(operation.Type) && operation.DescendantsAndSelf().Any(inner => inner is ILocalReferenceOperation or IParameterReferenceOperation || torch.IsTensor(inner.Type)))
            || operation is ILocalReferenceOperation or IParameterReferenceOperation
            || (operation is IConditionalAccessInstanceOperation { Type.IsReferenceType: true } && conditionalInstances.Count > 0);
    }

    private bool Name(SimpleNameSyntax name, Dictionary<TextSpan, string> edits)
    {
        switch (context.Symbol(name))
        {
            case ILocalSymbol or IParameterSymbol when name.Parent is NameColonSyntax:
                return true;
            case ISymbol symbol and (ILocalSymbol or IParameterSymbol or IRangeVariableSymbol):
                if (bindings.TryGetValue(symbol, out var value))
                {
                    return Edit(name, edits, CodeOf(value, TypeOf(symbol)));
                }

                // Declared inside the expression itself, a lambda's parameter for one.
                return ownNames.Contains(symbol);
            case ISymbol member and (IFieldSymbol or IPropertySymbol or IMethodSymbol or IEventSymbol):
                // A method that is handed on by its name alone takes tensors, where the generated code has their axes.
                if (!IsReachable(member) || (member is IMethodSymbol { } method && name.Parent is not InvocationExpressionSyntax and not MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax } && HandlesTensors(method)))
                {
                    return false;
                }

                var arguments = "";
                if (name is GenericNameSyntax { TypeArgumentList.Arguments: var given })
                {
                    var translated = given.Select(type => context.TypeOf(type) is { } t ? types.Translate(t) : null).ToList();
                    if (translated.Contains(null))
                    {
                        return false;
                    }

                    arguments = $"<{string.Join(", ", translated)}>";
                }

                if (!member.IsStatic && frames.Peek().This is not ModelValue)
                {
                    return false;
                }

                return Edit(name, edits, CodeOf(member) + arguments);
            default:
                return false;
        }
    }

    private readonly HashSet<ISymbol> ownNames = new(SymbolEqualityComparer.Default);

    private bool Access(MemberAccessExpressionSyntax access, Dictionary<TextSpan, string> edits)
    {
        var symbol = context.Symbol(access);
        if (symbol is ITypeSymbol type)
        {
            return Edit(access, edits, types.Translate(type));
        }

        if (symbol is null or INamespaceSymbol || !IsReachable(symbol))
        {
            return false;
        }

        if (symbol.IsStatic && symbol is not IMethodSymbol { ReducedFrom: not null })
        {
            return Name(access.Name, edits) && Edit(access, edits, edits[access.Name.Span]);
        }

        if (symbol is IFieldSymbol or IPropertySymbol && types.IsRecord(symbol.ContainingType) && context.Operation(access) is { } part)
        {
            return Edit(access, edits, CodeOf(Evaluate(part), part.Type));
        }

        // The content of a tensor is not there when models are linked.
        if (torch.IsTensor(symbol.ContainingType))
        {
            return false;
        }

        return Collect(access.Expression, edits, isRoot: false) && access.Name switch
        {
            GenericNameSyntax { TypeArgumentList.Arguments: var arguments } => arguments.All(argument => Collect(argument, edits, isRoot: false)),
            _ => true,
        };
    }

    private bool Invocation(InvocationExpressionSyntax call, Dictionary<TextSpan, string> edits)
    {
        if (context.Symbol(call) is not IMethodSymbol method)
        {
            // nameof
            return context.Operation(call)?.ConstantValue.HasValue == true && Edit(call, edits, Literals.Value(context.Operation(call)!.ConstantValue.Value, null));
        }

        var definition = method.ReducedFrom ?? method;
        if (!IsReachable(method) || method.MethodKind is MethodKind.LocalFunction or MethodKind.DelegateInvoke || (HandlesTensors(method) && !TypeTranslator.IsOfSystem(definition)) || torch.IsTensor(method.ContainingType))
        {
            return false;
        }

        if (torch.IsTorch(method) && !torch.IsModule(method.ContainingType))
        {
            return false;
        }

        if (method.ReducedFrom is null)
        {
            return Collect(call.Expression, edits, isRoot: false) && call.ArgumentList.Arguments.All(argument => Collect(argument, edits, isRoot: false));
        }

        // An extension method is called by its own name, whatever usings the generated file lacks.
        if (call.Expression is not MemberAccessExpressionSyntax access || types.Translate(definition.ContainingType) is not { } container)
        {
            return false;
        }

        var parts = new List<string>();
        foreach (var part in call.ArgumentList.Arguments.Select(argument => (SyntaxNode)argument).Prepend(access.Expression))
        {
            var inner = new Dictionary<TextSpan, string>();
            if (!Collect(part, inner, isRoot: false))
            {
                return false;
            }

            parts.Add(SourceText.Rewrite(part, inner));
        }

        if (definition.Name is "Concat" or "Append" or "Prepend" && IsOfNumbers(definition, method) && parts.Any(HoldsSizes))
        {
            // Sizes and plain numbers in one list are all sizes.
            parts = parts.Select((part, i) => HoldsSizes(part) ? part
                : definition.Name != "Concat" && i > 0 ? $"({TypeTranslator.AxisSize})({part})"
                : $"global::System.Linq.Enumerable.Select({part}, size => ({TypeTranslator.AxisSize})size)").ToList();
        }

        var arguments = "";
        if (access.Name is GenericNameSyntax { TypeArgumentList.Arguments: var given })
        {
            var translated = given.Select(type => context.TypeOf(type) is { } t ? types.Translate(t) : null).ToList();
            if (translated.Contains(null))
            {
                return false;
            }

            arguments = $"<{string.Join(", ", translated)}>";
        }

        return Edit(call, edits, $"{container}.{Identifiers.Escape(definition.Name)}{arguments}({string.Join(", ", parts)})");
    }

    private bool HandlesTensors(IMethodSymbol method) =>
        types.CarriesTensors(method.ReturnType) || types.CarriesTensors(method.ReceiverType) || method.Parameters.Any(parameter => types.CarriesTensors(parameter.Type));

    /// <summary>Whether a sequence is one of sizes, and not of plain numbers, however many.</summary>
    private static bool HoldsSizes(string sequence) => sequence.Contains("link.Sizes(") || sequence.Contains(".Shape") || sequence.Contains(TypeTranslator.AxisSize);

    private static bool IsOfNumbers(IMethodSymbol definition, IMethodSymbol method) =>
        definition.ContainingType.Name == "Enumerable" && method.TypeArguments is [{ SpecialType: SpecialType.System_Int64 }];

    private bool Creation(BaseObjectCreationExpressionSyntax creation, Dictionary<TextSpan, string> edits)
    {
        if (context.Operation(creation) is not IObjectCreationOperation { Type: { } type, Constructor: { } constructor } || types.Translate(type) is not { } name
            || !IsReachable(constructor)
            || (constructor.Parameters.Any(parameter => types.CarriesTensors(parameter.Type)) && !TypeTranslator.IsOfSystem(type)))
        {
            return false;
        }

        if (creation is ObjectCreationExpressionSyntax { Type: var written })
        {
            edits[written.Span] = name;
        }
        else
        {
            edits[creation.NewKeyword.Span] = "new " + name;
        }

        return (creation.ArgumentList?.Arguments.All(argument => Collect(argument, edits, isRoot: false)) ?? true)
            && (creation.Initializer is null || Collect(creation.Initializer, edits, isRoot: false));
    }

    /// <summary>A lambda: of plain values as it stands, of tensors with its steps written into one expression, or one after the other.</summary>
    private bool Lambda(AnonymousFunctionExpressionSyntax lambda, Dictionary<TextSpan, string> edits)
    {
        if (context.Symbol(lambda) is not IMethodSymbol method || lambda.AsyncKeyword.RawKind != 0 || lambda.ExpressionBody is not { } body || context.Operation(body) is not { } operation)
        {
            return false;
        }

        var (outer, outerBindings) = (target, bindings);
        bindings = new Dictionary<ISymbol, ParsedValue>(bindings, SymbolEqualityComparer.Default);
        var parameters = method.Parameters.Select(parameter =>
        {
            var number = NewValue(parameter.Name == "_" ? "ignored" : parameter.Name).Number;
            bindings[parameter] = Typed(Code.Value(number), parameter.Type);
            return Code.Value(number);
        }).ToList();
        lambdas++;
        var code = InOneExpression(operation, method.ReturnsVoid ? null : method.ReturnType, orBlock: true);
        lambdas--;
        (target, bindings) = (outer, outerBindings);
        return Edit(lambda, edits, code is null ? null : $"({string.Join(", ", parameters)}) => {code}");
    }

    /// <summary>What an expression stands for, with its steps written into it; null where they do not go into one.</summary>
    private string? InOneExpression(IOperation operation, ITypeSymbol? type, bool orBlock = false)
    {
        var outer = nodes;
        nodes = [];
        var value = Evaluate(operation);
        var code = value is BrokenValue || CodeOf(value, type) is not { } read ? null : InstructionCode.Inline(nodes, read) ?? (orBlock ? InstructionCode.Block(nodes, read) : null);
        nodes = outer;
        return code;
    }

    /// <summary>A local that is counted up or given a new value inside an expression is a variable of the generated code.</summary>
    private bool Change(SyntaxNode node, Dictionary<TextSpan, string> edits)
    {
        var operand = node switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left,
            PostfixUnaryExpressionSyntax step => step.Operand,
            PrefixUnaryExpressionSyntax step => step.Operand,
            _ => null,
        };
        if (operand is null || context.Symbol(operand) is not (ILocalSymbol or IParameterSymbol) || context.Symbol(operand) is not { } symbol)
        {
            return false;
        }

        if (!carried.ContainsKey(symbol))
        {
            MakeVariable(symbol);
        }

        if (!carried.TryGetValue(symbol, out var variable))
        {
            return false;
        }

        edits[operand.Span] = Code.Value(variable.Number);
        return node is not AssignmentExpressionSyntax { Right: var right } || Collect(right, edits, isRoot: false);
    }
}
