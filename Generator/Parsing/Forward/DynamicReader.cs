using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// What is declared as dynamic. Where its class is in sight, the compiler binds what is called or read there as if it were declared as that
/// class; where it is not, the live layer is called, once the linker has seen that only one method can be meant.
/// </summary>
internal sealed class DynamicReader(Reading reading) : Reader(reading)
{
    private const string Given = "PruneGen.Given";

    private readonly Dictionary<SyntaxNode, ParsedValue> given = [];
    private readonly Dictionary<SyntaxNode, ITypeSymbol> types = [];
    private readonly Dictionary<(SyntaxNode Place, string Types), (IOperation? Bound, IReadOnlyList<SyntaxNode> Holes)> bound = [];

    /// <summary>What was read already of an expression that another was bound in the place of; null for any other.</summary>
    public ParsedValue? ValueAt(IOperation operation) => given.Count > 0 && operation is IArrayElementReferenceOperation ? ValueAt(operation.Syntax) : null;

    /// <inheritdoc cref="ValueAt(IOperation)"/>
    public ParsedValue? ValueAt(SyntaxNode syntax) => given.TryGetValue(syntax, out var value) ? value : null;

    /// <summary>A call, a member or an element of what is declared as dynamic.</summary>
    public ParsedValue Read(IOperation operation) => operation switch
    {
        IDynamicInvocationOperation { Operation: IDynamicMemberReferenceOperation callee } call => Call(call, callee),
        IDynamicInvocationOperation call => Invoke(call),
        IDynamicMemberReferenceOperation reference => Member(reference),
        IDynamicIndexerAccessOperation access => Bound(access, access.Operation, access.Arguments),
        _ => null,
    } ?? (operation.DescendantsAndSelf().LastOrDefault(IsLate) is { } late ? Refused(late) : Repeats.Repeated(operation));

    /// <summary>Whether a module that is declared as of a class is of no other: nobody can derive from it.</summary>
    public bool IsExact(ITypeSymbol? type) => type is INamedTypeSymbol named && Torch.IsModule(type)
        && (type.IsSealed || Torch.IsBuiltInLayer(type) && !type.IsAbstract && !named.InstanceConstructors.Any(
            made => made.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal));

    /// <summary>Whether an expression creates a module, so that it is of the expression's type and no other.</summary>
    private bool IsCreation(IOperation value) => value is IObjectCreationOperation
        || value is IInvocationOperation { TargetMethod: var factory, Type: { IsAbstract: false } made } && Torch.IsTorch(factory) && Torch.IsBuiltInLayer(made)
        || IsExact(value.Type);

    /// <summary>Whether a member that is declared as dynamic, or as an object, is given a layer.</summary>
    public bool HoldsLayer(ISymbol member, ITypeSymbol? type) => IsUntyped(type)
        && LayerTypes.AssignedTo(member).Any(value => Torch.IsModule(Uncast(value).Type));

    /// <summary>Whether a type tells nothing of what is of it.</summary>
    public static bool IsUntyped(ITypeSymbol? type) => type is IDynamicTypeSymbol or { SpecialType: SpecialType.System_Object };

    /// <summary>What class the layer is that a member holds and no other, where it is created in sight and stays; null where that is not told.</summary>
    public ITypeSymbol? ClassOf(ISymbol member)
    {
        var created = LayerTypes.AssignedTo(member).Select(Uncast).Select(value => IsCreation(value) ? value.Type : null)
            .Distinct(SymbolEqualityComparer.Default).ToList();
        return created is [ITypeSymbol only] && Members.IsSetOnce(member) && Types.Translate(only) is not null ? only : null;
    }

    /// <summary>How generated code reaches what is declared as dynamic or as an object, without its being dynamic there.</summary>
    public static LayerReference Reference(Expression code) => new(new Cast("object?", code), NeedsCast: true, MayBeNull: true);

    /// <summary>What is declared as dynamic or as an object, taken for a layer.</summary>
    public static LayerValue Layer(Expression code) => new(LayerNode.Deferred("", "dynamic"), Reference(code));

    /// <summary>The result of a layer as what it is converted to; null for what stays what it is.</summary>
    public ParsedValue? Converted(ParsedValue value, IConversionOperation conversion) => (value, conversion.Type) switch
    {
        (_, IDynamicTypeSymbol or { SpecialType: SpecialType.System_Object }) => value is LateValue ? value : null,
        (LateValue late, INamedTypeSymbol { IsTupleType: true } tuple) when Types.Translate(tuple) is not null =>
            new ResultsValue(late.Number, tuple, AreObjects: true),
        (LateValue, _) => Refused(conversion),

        // It was taken for a tensor, and is none.
        (TensorValue, { } type) when conversion.Operand.Type is IDynamicTypeSymbol && !Torch.IsTensor(type)
            && !NumberTypes.IsNumber(type) && !NumberTypes.IsFraction(type) && type.SpecialType != SpecialType.System_Boolean => Refused(conversion),
        _ => null,
    };

    private static IOperation Uncast(IOperation value) =>
        value is IConversionOperation { OperatorMethod: null, Operand: var operand } ? Uncast(operand) : value;

    /// <summary>Whether something that is declared as dynamic is called as a layer is, or with a tensor.</summary>
    private bool IsLate(IOperation operation) => operation is IDynamicInvocationOperation call
        && (Uses.IsLayerCall(call) || call.Arguments.Any(argument => argument.Type is not IDynamicTypeSymbol && Types.MayCarryTensors(argument.Type)));

    private ParsedValue Refused(IOperation operation) => Unsupported(
        operation,
        new Problem("a call of what is declared as dynamic, which only the running program knows", "declare it as the layer or class that it is"));

    private ParsedValue? Call(IDynamicInvocationOperation call, IDynamicMemberReferenceOperation callee)
    {
        if (callee.Instance is not { } instance || !IsUntyped(instance.Type))
        {
            return Bound(call, callee.Instance, call.Arguments);
        }

        var receiver = Evaluate(instance);
        if (receiver is BrokenValue)
        {
            return receiver;
        }

        var isCall = callee.MemberName is "call" or "forward";
        if (isCall && receiver is CodeValue { Type: var type, Code: var code } && IsUntyped(type))
        {
            receiver = Conversions.Unconverted(instance) is IMemberReferenceOperation { Instance: IInstanceReferenceOperation, Member: var member }
                && Frames.Peek().This is ModelValue && Members.IsReachable(member)
                ? Members.Layer(member, type, Frames.Peek().This)
                : Layer(code);
        }

        return isCall && receiver is LayerValue { Class: null } layer ? CallLate(layer, call, callee.MemberName)
            : Bound(call, instance, call.Arguments, receiver);
    }

    /// <summary>A call of what is no member: a delegate.</summary>
    private ParsedValue? Invoke(IDynamicInvocationOperation call)
    {
        if (Evaluate(call.Operation) is not FunctionValue function)
        {
            return null;
        }

        if (HasNames(call) || call.Arguments.Length != function.Method.Parameters.Length)
        {
            return Refused(call);
        }

        var values = call.Arguments.Select((argument, i) => (i, Evaluate(argument))).ToList();
        return values.Any(value => value.Item2 is BrokenValue) ? ParsedValue.Broken : Calls.CallFunction(function, values, call);
    }

    private ParsedValue? Member(IDynamicMemberReferenceOperation reference)
    {
        if (reference.Instance is not { } instance || Evaluate(instance) is not { } owner || owner is BrokenValue)
        {
            return reference.Instance is null ? null : ParsedValue.Broken;
        }

        if (owner is not LateValue late)
        {
            return Bound(reference, instance, [], owner);
        }

        if (ItemOf(reference) is not (>= 0 and var index))
        {
            return Refused(reference);
        }

        var item = Bindings.NewValue(Target.Length > 0 ? Target : "x");
        var code = new Named("global::PruneGen.LiveObjects").Method("Tensor", new ValueName(late.Number), new NumberArgument(index));
        Nodes.Add(new Item(item.Number, late.Number, index, code, Quoted, 0));
        return item;
    }

    /// <summary>Which element of a tuple a member is; -1 for any other.</summary>
    private static int ItemOf(IOperation operation) =>
        operation is IDynamicMemberReferenceOperation { MemberName: ['I', 't', 'e', 'm', >= '1' and <= '7' and var digit] } ? digit - '1' : -1;

    /// <summary>Calls the live layer, of whatever class it is.</summary>
    private ParsedValue CallLate(LayerValue layer, IDynamicInvocationOperation call, string method)
    {
        if (HasNames(call))
        {
            return Refused(call);
        }

        if (LayerCalls.NeedsItsClass(layer, layer.Class ?? Torch.Module, call.Syntax))
        {
            return ParsedValue.Broken;
        }

        var arguments = new List<Argument>();
        foreach (var given in call.Arguments)
        {
            var value = Evaluate(given);
            if (value is BrokenValue)
            {
                return value;
            }

            if (Writer.ToArgument(value, given.Type is IDynamicTypeSymbol ? TypeOf(given, value) : given.Type) is not { } argument)
            {
                return Refused(given);
            }

            arguments.Add(argument);
        }

        var isTensor = IsTensorAlone(call);
        var live = new Named("global::PruneGen.LiveObjects").Method(
            "Callable",
            Named.Linker,
            ValueWriter.Receiver(layer.Reference),
            new TextArgument(method),
            new Literal(call.Arguments.Length.ToString(CultureInfo.InvariantCulture)));
        var reference = new LayerReference(live, NeedsCast: false, MayBeNull: false);
        var result = LayerCalls.Step(layer, reference, call, method, arguments, isTensor ? ResultKind.Tensor : ResultKind.Objects);
        if (!isTensor)
        {
            return new LateValue(result.Number);
        }

        Bindings.Definite.Add(result.Number);
        return result;
    }

    /// <summary>
    /// Whether what a call gives is one tensor, and no tuple that the source takes apart. Where it is taken for the wrong of both, linking says so.
    /// </summary>
    private static bool IsTensorAlone(IOperation call)
    {
        switch (call.Parent)
        {
            case IParenthesizedOperation parenthesized:
                return IsTensorAlone(parenthesized);
            case ISwitchExpressionArmOperation { Parent: { } choice }:
                return IsTensorAlone(choice);
            case IConditionalOperation { Type: not null } choice:
                return IsTensorAlone(choice);
            case IConversionOperation { Type: IDynamicTypeSymbol or { SpecialType: SpecialType.System_Object } } same:
                return IsTensorAlone(same);
            case IConversionOperation { Type: { } type }:
                return !type.IsTupleType;
            case IDynamicMemberReferenceOperation part:
                return ItemOf(part) < 0;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } }:
                return !IsTakenApart(local, call);
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } }:
                return !IsTakenApart(local, call);
            default:
                return true;
        }
    }

    private static bool IsTakenApart(ILocalSymbol local, IOperation within)
    {
        while (within.Parent is { } parent)
        {
            within = parent;
        }

        return within.Descendants().OfType<ILocalReferenceOperation>()
            .Any(use => SymbolEqualityComparer.Default.Equals(use.Local, local) && use.Parent switch
            {
                IDynamicMemberReferenceOperation part => ItemOf(part) >= 0,
                IConversionOperation { Type.IsTupleType: true } => true,
                _ => false,
            });
    }

    private static bool HasNames(IDynamicInvocationOperation call) =>
        Enumerable.Range(0, call.Arguments.Length)
            .Any(i => call.GetArgumentName(i) is not null || call.GetArgumentRefKind(i) is not (null or RefKind.None));

    /// <summary>
    /// An expression as the compiler binds it where everything in it that is dynamic is declared as what it is. Null where that is not told of what
    /// the expression belongs to.
    /// </summary>
    /// <param name="operation">The expression.</param>
    /// <param name="instance">What it belongs to; null for nothing, or for what is not written.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="receiver">What the instance stands for, where it was read.</param>
    private ParsedValue? Bound(IOperation operation, IOperation? instance, IReadOnlyList<IOperation> arguments, ParsedValue? receiver = null)
    {
        var parts = new List<(SyntaxNode Syntax, ITypeSymbol Type, ParsedValue Value)>();
        if (instance is { IsImplicit: false } && (IsReadApart(instance) || IsUntyped(instance.Type)))
        {
            receiver ??= Evaluate(instance);
            if (receiver is BrokenValue or LateValue)
            {
                return receiver is BrokenValue ? receiver : Refused(operation);
            }

            if (TypeOf(instance, receiver) is not { } type)
            {
                return receiver is LayerValue or TensorValue ? Refused(operation) : null;
            }

            parts.Add((instance.Syntax, type, receiver));
        }

        var isGuess = false;
        foreach (var argument in arguments.Where(argument => !argument.ConstantValue.HasValue && IsReadApart(argument)))
        {
            var value = Evaluate(argument);
            if (value is BrokenValue)
            {
                return value;
            }

            var type = TypeOf(argument, value);
            isGuess |= type is null;
            if ((type ?? (value is LayerValue ? Torch.Module : null)) is not { } told)
            {
                return Refused(argument);
            }

            parts.Add((argument.Syntax, told, value));
        }

        if (BoundAs(operation, parts) is not { } known || isGuess && HasOthers(known))
        {
            return Refused(operation);
        }

        if (known.Type is { } result)
        {
            types[operation.Syntax] = result;
        }

        return Evaluate(known);
    }

    /// <summary>Whether a part of an expression is read by itself, before the whole is bound: what is dynamic in it, and calls of layers.</summary>
    private bool IsReadApart(IOperation part) => part.Type is IDynamicTypeSymbol || Uses.Matters(part)
        || part.Descendants().Any(inner => inner is IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation);

    /// <summary>The type of a value: what is declared as dynamic has that of what it holds.</summary>
    private ITypeSymbol? TypeOf(IOperation operation, ParsedValue value)
    {
        var type = operation.Type is { } told && !IsUntyped(told) ? told : types.TryGetValue(operation.Syntax, out var result) ? result : value switch
        {
            TensorValue or ScalarValue => Torch.Tensor,
            LayerValue layer => layer.Class,
            ModelValue => Context.Type,
            ShapeValue or ArgumentValue { Argument: ListArgument } => Context.Compilation.CreateArrayTypeSymbol(Special(SpecialType.System_Int64)),
            ArgumentValue { Argument: FlagArgument } => Special(SpecialType.System_Boolean),
            ArgumentValue { Argument: { IsSize: true } } => Special(SpecialType.System_Int64),
            ResultsValue results => results.Type,
            TupleValue tuple => tuple.Type,
            RecordValue record => record.Type,
            ItemsValue items => items.Type,
            CodeValue held => held.Type,
            _ => null,
        };
        return type is null or IDynamicTypeSymbol or { SpecialType: SpecialType.System_Object } ? null : type;

        INamedTypeSymbol Special(SpecialType special) => Context.Compilation.GetSpecialType(special);
    }

    /// <summary>Binds an expression with what has been read in the place of some of its parts; null where the compiler cannot.</summary>
    private IOperation? BoundAs(IOperation operation, IReadOnlyList<(SyntaxNode Syntax, ITypeSymbol Type, ParsedValue Value)> parts)
    {
        var names = parts.Select(part => part.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)).ToList();
        var key = (operation.Syntax, string.Join(";", names));
        if (!bound.TryGetValue(key, out var known))
        {
            bound[key] = known = Bind(operation.Syntax, parts.Select(part => part.Syntax).ToList(), names);
        }

        for (var i = 0; i < known.Holes.Count; i++)
        {
            given[known.Holes[i]] = parts[i].Value;
        }

        return known.Bound;
    }

    private (IOperation? Bound, IReadOnlyList<SyntaxNode> Holes) Bind(SyntaxNode place, IReadOnlyList<SyntaxNode> parts, IReadOnlyList<string> types)
    {
        if (place is not ExpressionSyntax || parts.Distinct().Count() < parts.Count)
        {
            return (null, []);
        }

        // An element of an array has the array's type, and is nothing that the compiler could compute.
        var filled = place.ReplaceNodes(parts, (part, _) => SyntaxFactory.ParseExpression($"default({types[IndexOf(part)]}[])[0]")
            .WithAdditionalAnnotations(new SyntaxAnnotation(Given, IndexOf(part).ToString(CultureInfo.InvariantCulture))));
        var whole = new SyntaxAnnotation(Given);
        var statement = SyntaxFactory.ExpressionStatement((ExpressionSyntax)filled.WithoutTrivia().WithAdditionalAnnotations(whole));
        if (!Context.BindAt(place, statement))
        {
            return (null, []);
        }

        var operation = Context.Operation(statement.GetAnnotatedNodes(whole).Single());
        var holes = statement.GetAnnotatedNodes(Given).Where(node => node.GetAnnotations(Given).Any(mark => mark.Data is not null))
            .OrderBy(node => int.Parse(node.GetAnnotations(Given).First(mark => mark.Data is not null).Data!, CultureInfo.InvariantCulture)).ToList();
        return operation is null || holes.Count < parts.Count || operation.DescendantsAndSelf().Any(
            inner => inner is IInvalidOperation or IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation)
            ? (null, [])
            : (operation, holes);

        int IndexOf(SyntaxNode part) => parts.ToList().IndexOf(part);
    }

    /// <summary>Whether a class has several methods of the name, of which another may run.</summary>
    private static bool HasOthers(IOperation operation)
    {
        if (operation is not IInvocationOperation { TargetMethod: var method })
        {
            return true;
        }

        var count = 0;
        for (var type = method.ContainingType; type is not null; type = type.BaseType)
        {
            count += type.GetMembers(method.Name).OfType<IMethodSymbol>().Count(other => !other.IsOverride);
        }

        return count != 1 && method.MethodKind != MethodKind.LocalFunction;
    }
}
