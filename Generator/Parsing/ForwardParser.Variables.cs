using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Locals: bound to a value where the code runs straight on, variables of the generated code where a branch or a loop
/// gives them a new value.
/// </summary>
internal sealed partial class ForwardParser
{
    private readonly Dictionary<ISymbol, IReadOnlyCollection<ISymbol>> assigns = new(SymbolEqualityComparer.Default);

    /// <summary>The values that may change after they were read.</summary>
    private readonly HashSet<int> changing = [];

    /// <summary>How the locals of the generated code that are no sizes, and do not change, are computed.</summary>
    private readonly Dictionary<int, Expression> computed = [];

    /// <summary>The values that are an <c>AxisSize</c>.</summary>
    private readonly HashSet<int> sizes = [];

    private LocalUse locals = null!;

    private bool Bind(ISymbol symbol, ParsedValue value)
    {
        if (value is BrokenValue)
        {
            scope.Bind(symbol, value);
            return false;
        }

        if (scope.VariableOf(symbol) is { } variable)
        {
            if (!ReferenceEquals(variable.Home, nodes))
            {
                if (AssignVariable(variable.Number, value, TypeOf(symbol)))
                {
                    return true;
                }

                // What cannot be written down says nothing from here on.
                scope.Release(symbol);
            }
            else
            {
                // Back where it was declared, each new value is one of its own again.
                scope.Release(symbol);
            }
        }

        scope.Bind(symbol, Keep(symbol, value));
        return true;
    }

    /// <summary>Gives a local or parameter that begins its life here its first value.</summary>
    private bool Begin(ISymbol symbol, ParsedValue value)
    {
        scope.Release(symbol);
        return Bind(symbol, value);
    }

    /// <summary>A value that stays what it is now, whatever is assigned to the variables that it was read from.</summary>
    private ParsedValue Keep(ISymbol symbol, ParsedValue value)
    {
        switch (value)
        {
            case ScalarValue scalar:
                return NewTensor(scalar.Code);

            case TensorValue { Number: var from } when changing.Contains(from):
                var copy = NewValue(symbol.Name);
                nodes.Add(new Copy(copy.Number, from, statement, 0));
                return copy;

            // A list or tuple of sizes stays one: it may be taken apart later.
            case ArgumentValue { Argument: ListArgument { IsTold: true } list } when Changes(list):
                return new ArgumentValue(new ListArgument(list.Items.Select(item => ((ArgumentValue)Keep(symbol, new ArgumentValue(item))).Argument).ToEquatable()));

            case ArgumentValue { Argument: { IsTold: true } argument } when Changes(argument):
                return new ArgumentValue(new CodeArgument(NewLocal(symbol.Name, argument, argument.IsSize), argument.IsSize));

            case CodeValue { Code: var code } held when code is not ModelMember && (code is not ValueName || Changes(code)):
                var local = NewLocal(symbol.Name, code, isSize: false, type: NeedsType(code) ? types.Translate(held.Type) ?? "" : "");
                if (types.CarriesTensors(held.Type))
                {
                    carriers.Add(local.Number);
                }

                return held with { Code = local };

            // What linking answers both ways is asked once.
            case ArgumentValue { Argument: CodeArgument { OfSizes: false, Code: not ValueName and var code } } when IsOpen(code):
                return new ArgumentValue(new CodeArgument(NewLocal(symbol.Name, code, isSize: false)));

            case LayerValue { Reference.Code: var code } layer when layer.Layer.Kind == LayerKind.Deferred && (Changes(code) || !code.IsPath):
                return layer with { Reference = layer.Reference with { Code = NewLocal(symbol.Name, code, isSize: false) } };

            case TupleValue tuple:
                return new TupleValue(tuple.Items.Select(item => Keep(symbol, item)).ToImmutableArray(), tuple.Type);

            case RecordValue when locals.IsChanged(symbol) && CodeOf(value, TypeOf(symbol)) is { } made:
                return new CodeValue(NewLocal(symbol.Name, made, isSize: false), TypeOf(symbol));

            case RecordValue record:
                return record with { Parts = record.Parts.Select(part => (part.Name, Keep(symbol, part.Value))).ToImmutableArray() };

            case ItemsValue when locals.IsChanged(symbol) && CodeOf(value, TypeOf(symbol)) is { } list:
                return Keep(symbol, new CodeValue(list, TypeOf(symbol)));

            case ItemsValue items:
                return new ItemsValue(items.Items.Select(item => Keep(symbol, item)).ToImmutableArray(), items.Type);

            default:
                return value;
        }
    }

    /// <summary>Whether an expression takes its type from what it is assigned to.</summary>
    private static bool NeedsType(Expression code) => code is Verbatim { NeedsType: true } or NullArgument or Unassigned;

    private bool Changes(Expression code) => code.Values().Any(changing.Contains);

    /// <summary>A new local of the generated code; the result is its name.</summary>
    private ValueName NewLocal(string name, Expression code, bool isSize, string type = "")
    {
        var local = NewValue(name).Number;
        if (IsOpen(code))
        {
            openFlags.Add(local, TextOf(code));
        }

        if (isSize)
        {
            sizes.Add(local);
        }

        if (!isSize && !Changes(code))
        {
            computed.Add(local, code);
        }

        nodes.Add(new Let(local, code, type, IsTensor: false, code.HasEffect, statement, 0));
        return new ValueName(local);
    }

    /// <summary>A new tensor, called after the variable that it goes to.</summary>
    private TensorValue NewValue(string name)
    {
        values.Add(name);
        return new TensorValue(values.Count - 1);
    }

    /// <summary>Makes variables of every local from outside that something inside gives a new value.</summary>
    private void Carry(IEnumerable<IOperation> inside)
    {
        var regions = inside.ToList();
        foreach (var symbol in LocalUse.AssignedIn(regions, this))
        {
            if (scope.VariableOf(symbol) is not null || regions.Any(region => IsDeclaredIn(symbol, region)))
            {
                continue;
            }

            MakeVariable(symbol);
        }
    }

    private bool IsDeclaredIn(ISymbol symbol, IOperation region) =>
        symbol.DeclaringSyntaxReferences.Any(reference => reference.SyntaxTree == region.Syntax.SyntaxTree && region.Syntax.Span.Contains(reference.Span));

    private void MakeVariable(ISymbol symbol)
    {
        var type = TypeOf(symbol);
        if (symbol is IFieldSymbol or IPropertySymbol && (frames.Peek().This is not ModelValue || !(torch.IsTensor(type) || (IsNumberLike(type) && type is not IArrayTypeSymbol))))
        {
            // It is read from the live model where forward has not certainly left something in it.
            scope.Bind(symbol, null);
            return;
        }

        var now = scope.ValueOf(symbol);
        var assigned = now is not null and not ArgumentValue { Argument: NullArgument };
        var isSize = IsNumber(type) && locals.IsSize(symbol);
        if (now is OtherValue or BrokenValue or FunctionValue)
        {
            return;
        }

        var code = assigned ? CodeOf(now!, type, isSize)
            : symbol is IFieldSymbol or IPropertySymbol ? LiveCode(symbol, type)
            : Unset(type);
        if (code is null || VariableType(type, isSize) is not { } declared)
        {
            return;
        }

        var number = NewValue(symbol.Name).Number;
        changing.Add(number);
        if (types.CarriesTensors(type))
        {
            carriers.Add(number);
        }

        nodes.Add(now is TensorValue tensor
            ? new Copy(number, tensor.Number, "", 0) { IsDeclaration = true }
            : new Let(number, code, declared, torch.IsTensor(type), HasEffect: false, "", 0) { IsDeclaration = true });
        if (isSize)
        {
            sizes.Add(number);
        }

        scope.Hold(symbol, new Variable(number, nodes), Typed(new ValueName(number), type, isSize));
    }

    /// <summary>What a member of the model holds before forward gives it a value; null where that cannot be told.</summary>
    private Expression? LiveCode(ISymbol member, ITypeSymbol type) =>
        frames.Peek().This is not ModelValue || !IsReachable(member) ? null
        : torch.IsTensor(type) ? Expression.Link("Parameter", new ModelItself(), new TextArgument(LayerParser.RegisteredName(member)), CodeOf(member))
        : IsNumberLike(type) ? CodeOf(member) : null;

    private string? VariableType(ITypeSymbol type, bool isSize) => isSize ? TypeTranslator.AxisSize : types.Translate(type);

    /// <summary>A variable that branches give their value to.</summary>
    private int NewVariable(string name, ITypeSymbol type, bool isSize, string declared)
    {
        var number = NewValue(name).Number;
        if (isSize)
        {
            sizes.Add(number);
        }

        if (types.CarriesTensors(type))
        {
            carriers.Add(number);
        }

        nodes.Add(new Let(number, Unset(type), declared, torch.IsTensor(type), HasEffect: false, statement, 0));
        return number;
    }

    private Unassigned Unset(ITypeSymbol type) => new(IsReference: torch.IsTensor(type) || !type.IsValueType);

    /// <summary>Makes the variable that takes what a method returns.</summary>
    private bool OpenResult(Frame frame, ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_Void)
        {
            return true;
        }

        var isSize = IsNumber(type);
        if (VariableType(type, isSize) is not { } declared)
        {
            return false;
        }

        frame.Variable = NewVariable(target.Length > 0 ? target : "result", type, isSize, declared);
        frame.Result = Typed(new ValueName(frame.Variable), type, isSize);
        return true;
    }

    private bool AssignVariable(int variable, ParsedValue value, ITypeSymbol type)
    {
        if (CodeOf(value, type, sizes.Contains(variable)) is not { } code)
        {
            return false;
        }

        nodes.Add(new Assign(variable, code, value is TensorValue tensor ? tensor.Number : -1, statement, 0));
        return true;
    }

    /// <summary>What an expression of the generated code stands for, by its type in the source.</summary>
    private ParsedValue Typed(Expression code, ITypeSymbol type, bool isSize = false)
    {
        if (torch.IsTensor(type))
        {
            return code is ValueName { Number: var number } ? new TensorValue(number) : NewTensor(code);
        }

        if (torch.IsModule(type))
        {
            return new LayerValue(LayerNode.Deferred("", type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)), new LayerReference(code, !torch.DerivesFromModule(type), MayBeNull: false));
        }

        return IsNumber(type) || type.SpecialType == SpecialType.System_Boolean
            ? new ArgumentValue(new CodeArgument(code, isSize))
            : new CodeValue(code, type);
    }

    /// <summary>A tensor that an expression of the generated code gives, out of a list for one.</summary>
    private TensorValue NewTensor(Expression code)
    {
        var tensor = NewValue(target.Length > 0 ? target : "x");
        nodes.Add(new Let(tensor.Number, code, "", IsTensor: true, code.HasEffect, statement, 0));
        return tensor;
    }

    /// <summary>A value as C#, fit for a place of the given type; null where it cannot be written.</summary>
    private Expression? CodeOf(ParsedValue value, ITypeSymbol? type, bool asSize = false)
    {
        switch (value)
        {
            case TensorValue tensor:
                return new ValueName(tensor.Number);
            case ScalarValue scalar:
                return scalar.Code;
            case ModelValue:
                return new ModelItself();
            case LayerValue { Reference.Code: var code }:
                return code;
            case ShapeValue shape:
                return new ShapeOf(shape.Tensor);
            case CodeValue { Code: var code }:
                return code;
            case ArgumentValue { Argument: NullArgument nothing }:
                return nothing;
            case ArgumentValue { Argument: ListArgument list }:
                return list.IsTold ? ListCode(list, type) : null;
            case ArgumentValue { Argument: var argument }:
                return !argument.IsTold ? null : asSize || !argument.IsSize ? Constant(argument, type) : Number(argument.Plain, type);
            case TupleValue tuple:
                return Tuple(tuple.Items.Select((item, i) => CodeOf(item, ElementType(tuple.Type, i))));
            case ResultsValue { Type: INamedTypeSymbol { IsTupleType: true } tuple } results:
                return Tuple(tuple.TupleElements.Select((element, i) => ItemCode(results, i, element.Type)));
            case ResultsValue { Type: INamedTypeSymbol { TypeArguments: var elements } pair } results when IsTupleObject(pair):
                return new Named("global::System.Tuple").Method("Create", elements.Select((element, i) => ItemCode(results, i, element)).ToArray());
            case ResultsValue results:
                return new ValueName(results.Number);
            case RecordValue record:
                return RecordCode(record);
            case ItemsValue items:
                return ItemsCode(items, type);
            default:
                return null;
        }
    }

    private static TupleOf? Tuple(IEnumerable<Expression?> items) => items.ToList() is var all && all.Contains(null) ? null : new TupleOf(all.OfType<Expression>().ToEquatable());

    private Expression Constant(Argument argument, ITypeSymbol? type) => (argument, type) switch
    {
        (NumberArgument number, { SpecialType: SpecialType.System_Int64 }) => new Literal(Literals.Integer(number.Value) + "L"),
        (NumberArgument, { TypeKind: TypeKind.Enum }) when types.Translate(type) is { } name => new Cast(name, argument),
        _ => argument,
    };

    private static Expression Number(Expression code, ITypeSymbol? type) => type?.SpecialType == SpecialType.System_Int32 ? new Cast("int", code) : code;

    private static ITypeSymbol? ElementType(INamedTypeSymbol? tuple, int index) => tuple is { IsTupleType: true } && index < tuple.TupleElements.Length ? tuple.TupleElements[index].Type : null;

    private static ITypeSymbol TypeOf(ISymbol symbol) => symbol switch
    {
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        _ => throw new InvalidOperationException($"{symbol.Kind} has no type."),
    };

    private static bool IsNumber(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } => false,
        _ => type?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64,
    };
}
