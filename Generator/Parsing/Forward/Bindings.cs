using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What the names of the source are bound to, and the variables of the generated code.</summary>
internal sealed class Bindings(Reading reading) : Reader(reading)
{
    private readonly Dictionary<ISymbol, bool> changedInside = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, bool> tensorsChangedInside = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, IReadOnlyCollection<ISymbol>> assigns = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, bool> elements = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, IReadOnlyCollection<ISymbol>> reads = new(SymbolEqualityComparer.Default);

    /// <summary>The variables and lists of the generated code that hold tensors.</summary>
    public HashSet<int> Carriers { get; } = [];

    /// <summary>The tensors that cannot be null.</summary>
    public HashSet<int> Definite { get; } = [];

    /// <summary>The values that may change after they were read.</summary>
    public HashSet<int> Changing { get; } = [];

    /// <summary>The variables that may hold, at this place, what forward found in a member that it gives another value later.</summary>
    public HashSet<int> Found { get; set; } = [];

    /// <summary>How the locals of the generated code that are no sizes, and do not change, are computed.</summary>
    public Dictionary<int, Expression> Computed { get; } = [];

    /// <summary>The values that are an <c>AxisSize</c>.</summary>
    public HashSet<int> Sizes { get; } = [];

    /// <summary>The values that are a span, which no lambda may use.</summary>
    public HashSet<int> Spans { get; } = [];

    /// <summary>The lists, arrays and objects whose elements or parts are changed somewhere.</summary>
    private readonly HashSet<int> mutable = [];
    private readonly Dictionary<int, Expression> otherNames = [];

    /// <summary>The variables that are, somewhere, given a number that is read from the content of a tensor.</summary>
    private readonly HashSet<int> contents = [];

    public LocalUse Locals { get; set; } = null!;

    /// <summary>Local arrays into which forward has put what generated code cannot write.</summary>
    public HashSet<ISymbol> Unknown { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether an expression is, or may be, a number that only the content of a tensor tells.</summary>
    public bool IsContent(Expression code) =>
        code.Any(part => part is Call call && call.IsOfLinker("Content") || part is ValueName { Number: var variable } && contents.Contains(variable));

    /// <summary>The members of the model that one of its methods gives a new value.</summary>
    public IReadOnlyCollection<ISymbol> Assigns(IMethodSymbol method)
    {
        if (!assigns.TryGetValue(method.OriginalDefinition, out var members))
        {
            assigns[method.OriginalDefinition] = members = LocalUse.MembersAssignedBy(method, Reading);
        }

        return members;
    }

    /// <summary>Whether a method changes the object that it is called on, or what is in lists and arrays of it.</summary>
    public bool ChangesObject(IMethodSymbol method)
    {
        if (Assigns(method).Count > 0)
        {
            return true;
        }

        if (!elements.TryGetValue(method.OriginalDefinition, out var known))
        {
            elements[method.OriginalDefinition] = known = LocalUse.ChangesElements(method, Reading);
        }

        return known;
    }

    /// <summary>The members of its class, and static ones of any, that one of the project's methods reads.</summary>
    public IReadOnlyCollection<ISymbol> Reads(IMethodSymbol method)
    {
        if (!reads.TryGetValue(method.OriginalDefinition, out var members))
        {
            reads[method.OriginalDefinition] = members = LocalUse.MembersReadBy(method, Reading);
        }

        return members;
    }

    /// <summary>Whether a method of the user's replaces, adds or removes elements of a list or array that it is given.</summary>
    public bool IsChangedInside(IParameterSymbol parameter)
    {
        parameter = parameter.OriginalDefinition;
        if (!changedInside.TryGetValue(parameter, out var known))
        {
            // A method that calls itself is asked once.
            changedInside[parameter] = false;
            changedInside[parameter] = known = parameter.ContainingSymbol is IMethodSymbol method
                && parameter.Type is not { IsValueType: true } or { Name: "Span" or "Memory" }
                && !Torch.IsTensor(parameter.Type)
                && Methods.BodyOf(method) is { } body && new LocalUse(body, Reading).IsChanged(parameter);
        }

        return known;
    }

    /// <summary>Whether a method of the user's changes a tensor that it is given in place.</summary>
    public bool IsTensorChangedInside(IParameterSymbol parameter)
    {
        parameter = parameter.OriginalDefinition;
        if (!tensorsChangedInside.TryGetValue(parameter, out var known))
        {
            // A method that calls itself is asked once.
            tensorsChangedInside[parameter] = false;
            tensorsChangedInside[parameter] = known = parameter.ContainingSymbol is IMethodSymbol { DeclaringSyntaxReferences.IsEmpty: false } method
                && Torch.IsTensor(parameter.Type)
                && Methods.BodyOf(method) is { } body && LocalUse.ChangesInPlace(body, parameter, this);
        }

        return known;
    }

    /// <summary>Whether a local is bound to a size, as a helper's parameter may be.</summary>
    public bool IsBoundToSize(ISymbol symbol) =>
        Scope.ValueOf(symbol) is ContentValue or ContentsValue or ArgumentValue { Argument.IsSize: true }
            || Scope.ValueOf(symbol) is { } value && SizeLists.AreSizes(value);

    public bool Changed(ParsedValue item) => item switch
    {
        TensorValue tensor => Changing.Contains(tensor.Number),
        ArgumentValue { Argument: { IsKnown: true } argument } => Changes(argument),
        CodeValue { Code: var code } => Changes(code),
        LayerValue { Reference.Code: var code } => Changes(code),
        _ => false,
    };

    public bool IsOptional(int tensor) => !Definite.Contains(tensor);

    /// <summary>A local that a loop or a pattern of the generated code declares.</summary>
    /// <param name="local">The local of the source.</param>
    /// <param name="tensors">Takes it where it is a tensor.</param>
    /// <param name="isSize">Whether it is a size.</param>
    /// <param name="type">What it is, where the source declares it as dynamic.</param>
    public int NewElement(ILocalSymbol local, List<int>? tensors, bool isSize = false, ITypeSymbol? type = null)
    {
        type ??= local.Type;
        var number = NewValue(local.Name).Number;
        if (isSize)
        {
            Sizes.Add(number);
        }

        Scope.Release(local);
        Scope.Bind(local, Writer.Typed(new ValueName(number), type, isSize));
        if (Torch.IsTensor(type))
        {
            tensors?.Add(number);
        }

        return number;
    }

    public bool Bind(ISymbol symbol, ParsedValue value)
    {
        if (value is BrokenValue)
        {
            Scope.Bind(symbol, value);
            return false;
        }

        if (Scope.VariableOf(symbol) is { } variable)
        {
            if (!ReferenceEquals(variable.Home, Nodes))
            {
                if (ValueWriter.TypeOf(symbol) is IDynamicTypeSymbol && value is not (TensorValue or ArgumentValue { Argument: NullArgument }))
                {
                    // The variable of the generated code is a tensor.
                    var declared = symbol.DeclaringSyntaxReferences[0].ReadBy(Context);
                    Context.Report(RuleIds.UnsupportedExpression, declared, $"'{symbol.Name}', which holds a tensor or something else", Context.Type.Name, "");
                    return false;
                }

                if (AssignVariable(variable.Number, value, ValueWriter.TypeOf(symbol)))
                {
                    return true;
                }

                if (value is ContentValue or ContentsValue
                    && (NumberTypes.IsNumberLike(ValueWriter.TypeOf(symbol)) || NumberTypes.IsFraction(ValueWriter.TypeOf(symbol)))
                    && symbol is ILocalSymbol or IParameterSymbol)
                {
                    // Behind the branch, and in the next round, it would be what it was before.
                    Context.Report(
                        RuleIds.UnsupportedExpression,
                        symbol.DeclaringSyntaxReferences[0].ReadBy(Context),
                        $"'{symbol.Name}', which a branch or a loop gives what only the values of tensors tell (ask for it where it is computed)",
                        Context.Type.Name,
                        "");
                    return false;
                }

                // What cannot be written down says nothing from here on.
                Scope.Release(symbol);
            }
            else
            {
                // Back where it was declared, each new value is one of its own again.
                Scope.Release(symbol);
            }
        }

        Scope.Bind(symbol, Keep(symbol, value));
        return true;
    }

    /// <summary>Gives a local or parameter that begins its life here its first value.</summary>
    public bool Begin(ISymbol symbol, ParsedValue value)
    {
        Scope.Release(symbol);
        return Bind(symbol, value);
    }

    /// <summary>
    /// What a method that is read in place is given: what the caller changes later stays what it is now, and an object that the method changes is one, however
    /// often the method names it.
    /// </summary>
    public ParsedValue Given(IParameterSymbol parameter, ParsedValue value) =>
        Changed(value) || IsChangedInside(parameter) || value is CodeValue { Code: var code } && IsComputedOnce(code)
            || value is ArgumentValue { Argument: CodeArgument { Code: var number } } && IsComputedOnce(number)
            ? Keep(parameter, value) : value;

    /// <summary>Whether an expression may be another thing each time that it is computed: it makes an object, or calls a method of one.</summary>
    private static bool IsComputedOnce(Expression code) => code.Any(part => part is New
        || part is Call { Function: MemberOf { Of: not Named } }
        || part is Verbatim { Texts: var texts } && texts.Any(text => text.Contains('(')));

    /// <summary>Whether elements of a list or array are replaced, added or removed, whatever names it.</summary>
    private bool IsChanged(ISymbol symbol) => Locals.IsChanged(symbol) || symbol is IParameterSymbol given && IsChangedInside(given);

    /// <summary>A value that stays what it is now, whatever is assigned to the variables that it was read from.</summary>
    public ParsedValue Keep(ISymbol symbol, ParsedValue value)
    {
        // What only forward puts numbers out of tensors into is not known when models are linked.
        if (symbol is ILocalSymbol { Type: INamedTypeSymbol { Name: "List", TypeArguments: [var kept] } }
            && (NumberTypes.IsNumber(kept) || NumberTypes.IsFraction(kept)) && Locals.TakesContent(symbol))
        {
            return new ContentsValue();
        }

        switch (value)
        {
            case ScalarValue scalar:
                return Writer.NewTensor(scalar.Code);

            case TensorValue { Number: var from } when Changing.Contains(from):
                var copy = NewValue(symbol.Name);
                Nodes.Add(new Copy(copy.Number, from, Quoted, 0));
                return copy;

            case ShapeValue shape when IsChanged(symbol):
                return new CodeValue(NewLocal(symbol.Name, new ShapeOf(shape.Tensor), isSize: true, changes: true), ValueWriter.TypeOf(symbol));

            // An array whose elements are replaced is one, with the numbers that it has now.
            case ArgumentValue { Argument: ListArgument { IsKnown: true } list }
                when ValueWriter.TypeOf(symbol) is IArrayTypeSymbol { ElementType: var element } array
                    && IsChanged(symbol)
                    && Types.Translate(element) is { } number:
                var numbers = new NewArray(number, list.Items.Select(item => item.Plain).ToEquatable());
                return new CodeValue(NewLocal(symbol.Name, numbers, isSize: false, changes: true), array);

            // A list or tuple of sizes stays one: it may be taken apart later.
            case ArgumentValue { Argument: ListArgument { IsKnown: true } list } when Changes(list):
                return new ArgumentValue(
                    new ListArgument(list.Items.Select(item => ((ArgumentValue)Keep(symbol, new ArgumentValue(item))).Argument).ToEquatable()));

            case ArgumentValue { Argument: { IsKnown: true } argument } when Changes(argument):
                return new ArgumentValue(new CodeArgument(NewLocal(symbol.Name, argument, argument.IsSize), argument.IsSize));

            case ArgumentValue { Argument: CodeArgument { Code: var code } number } when IsComputedOnce(code):
                return new ArgumentValue(new CodeArgument(NewLocal(symbol.Name, code, number.IsSize), number.IsSize));

            case CodeValue { Type: { IsValueType: true } of } held when Types.IsRecord(of) && Writer.CodeOf(held, of) is { } copied && copied != held.Code:
                return Local(symbol.Name, held with { Code = copied }, IsChanged(symbol));

            case CodeValue { Code: var code } held when code is not ModelMember && (code is not ValueName || Changes(code) || IsCopied(held.Type)):
                return Local(symbol.Name, held, IsChanged(symbol));

            // What linking answers both ways is asked once.
            case ArgumentValue { Argument: CodeArgument { OfSizes: false, Code: not ValueName and var code } } when Conditions.IsOpen(code):
                return new ArgumentValue(new CodeArgument(NewLocal(symbol.Name, code, isSize: false)));

            case LayerValue { Reference.Code: var code } layer when layer.Layer.Kind == LayerKind.Deferred && (Changes(code) || !code.IsPath):
                return layer with { Reference = layer.Reference with { Code = NewLocal(symbol.Name, code, isSize: false) } };

            case TupleValue tuple:
                return new TupleValue(tuple.Items.Select(item => Keep(symbol, item)).ToImmutableArray(), tuple.Type);

            case RecordValue { Type: var of }
                when (IsChanged(symbol) || Locals.ChangesAny(of)) && Writer.CodeOf(value, ValueWriter.TypeOf(symbol)) is { } made:
                return new CodeValue(NewLocal(symbol.Name, made, isSize: false), ValueWriter.TypeOf(symbol));

            case RecordValue record:
                return record with { Parts = record.Parts.Select(part => (part.Name, Keep(symbol, part.Value))).ToImmutableArray() };

            case ItemsValue { Items: var held, Type: var itself }
                when (IsChanged(symbol) || held.Any(item => item is RecordValue { Type: var of } && Locals.ChangesAny(of)))
                    && (ValueWriter.TypeOf(symbol).IsTupleType && itself is not null ? itself : ValueWriter.TypeOf(symbol)) is var type
                    && Writer.CodeOf(value, type) is { } list:
                return Keep(symbol, new CodeValue(list, type));

            case ItemsValue items:
                return new ItemsValue(items.Items.Select(item => Keep(symbol, item)).ToImmutableArray(), items.Type);

            default:
                return value;
        }
    }

    /// <summary>What a method gives back: the steps that were written into it are done where it stands, once, whoever reads it.</summary>
    public ParsedValue Returned(string method, ParsedValue value) => value switch
    {
        CodeValue held when held.Code.Any(part => part is Sited) => Local(method, held, changes: false),
        TupleValue tuple => new TupleValue(tuple.Items.Select(item => Returned(method, item)).ToImmutableArray(), tuple.Type),
        ItemsValue items => new ItemsValue(items.Items.Select(item => Returned(method, item)).ToImmutableArray(), items.Type),
        RecordValue record => record with { Parts = record.Parts.Select(part => (part.Name, Returned(method, part.Value))).ToImmutableArray() },
        _ => value,
    };

    /// <summary>A value in a new local of the generated code.</summary>
    private CodeValue Local(string name, CodeValue held, bool changes)
    {
        var type = !ValueWriter.NeedsType(held.Code) ? "" : (held.IsOfSizes ? Types.TranslateSizes(held.Type) : Types.Translate(held.Type)) ?? "";
        var local = NewLocal(name, held.Code, SizeLists.AreSizes(held), type, changes);
        if (Types.CarriesTensors(held.Type))
        {
            Carriers.Add(local.Number);
        }

        if (held.Type.IsRefLikeType)
        {
            Spans.Add(local.Number);
        }

        return held with { Code = local };
    }

    /// <summary>Whether another name for a value is a copy of it, which does not change along: of a structure with parts.</summary>
    private static bool IsCopied(ITypeSymbol type) =>
        type is { TypeKind: TypeKind.Struct, IsReadOnly: false, SpecialType: SpecialType.None }
            && type.GetMembers().Any(part => part is IFieldSymbol { IsStatic: false });

    /// <summary>Whether an expression may come to something else later: another value of a variable, or of an element or part of what is changed.</summary>
    public bool Changes(Expression code) => code.Values().Any(value => Changing.Contains(value) || code is not ValueName && mutable.Contains(value));

    /// <summary>A new local of the generated code; the result is its name.</summary>
    public ValueName NewLocal(string name, Expression code, bool isSize, string type = "", bool changes = false)
    {
        var local = NewValue(name).Number;
        if (Conditions.IsOpen(code))
        {
            Conditions.OpenFlags.Add(local, Conditions.TextOf(code));
        }

        if (isSize)
        {
            Sizes.Add(local);
        }

        if (changes)
        {
            mutable.Add(local);
        }
        else if (!isSize && !Changes(code) && !code.HasEffect)
        {
            Computed.Add(local, code);
        }

        if (code.IsNameOfObject)
        {
            otherNames.Add(local, code);
        }

        Nodes.Add(new Let(local, code, type, IsTensor: false, code.HasEffect, Quoted, 0));
        return new ValueName(local);
    }

    /// <summary>What a local of the generated code is another name of; null for a value of its own.</summary>
    public Expression? OtherNameOf(int local) => otherNames.TryGetValue(local, out var place) ? place : null;

    /// <summary>A new tensor, called after the variable that it goes to.</summary>
    public TensorValue NewValue(string name)
    {
        Values.Add(name);
        return new TensorValue(Values.Count - 1);
    }

    /// <summary>Makes variables of every local from outside that something inside gives a new value.</summary>
    /// <param name="inside">What may be run or not, or more than once.</param>
    /// <param name="beyond">Whether they are variables until that is told otherwise, and not only up to where it ends.</param>
    /// <returns>What has become a variable, or is not known from here on.</returns>
    public List<ISymbol> Carry(IEnumerable<IOperation> inside, bool beyond = false)
    {
        var (regions, carried) = (inside.ToList(), new List<ISymbol>());
        var (assigned, inPlace) = LocalUse.AssignedIn(regions, Reading);
        foreach (var symbol in assigned.Concat(inPlace.Except(assigned, SymbolEqualityComparer.Default).OfType<ISymbol>()))
        {
            var (now, isShared) = (Scope.ValueOf(symbol), !assigned.Contains(symbol, SymbolEqualityComparer.Default));
            if (Scope.VariableOf(symbol) is not null
                || !(beyond && isShared && symbol is IParameterSymbol && now is TensorValue) && regions.Any(region => IsDeclaredIn(symbol, region)))
            {
                continue;
            }

            MakeVariable(symbol, beyond);
            carried.Add(symbol);
            if (isShared && now is TensorValue { Number: var tensor } && Scope.VariableOf(symbol) is { } variable)
            {
                // Whoever holds the tensor sees what is done to it.
                var others = NamesOf(tensor).Where(name => !assigned.Contains(name, SymbolEqualityComparer.Default)).ToList();
                others.ForEach(name => Scope.Hold(name, variable, new TensorValue(variable.Number)));
                carried.AddRange(others);
            }
        }

        return carried;
    }

    /// <summary>The names of the source that stand for a tensor now.</summary>
    public IEnumerable<ISymbol> NamesOf(int tensor) =>
        Scope.Bindings.Where(binding => binding.Value is TensorValue held && held.Number == tensor).Select(binding => binding.Key);

    /// <summary>Behind a method that returns from its middle, what it changes is what it left there, whichever way it returned.</summary>
    public void EndOfMethod(ISymbol symbol)
    {
        if (Scope.VariableOf(symbol) is null)
        {
            Scope.Bind(symbol, null);
        }

        Scope.Release(symbol);
    }

    private bool IsDeclaredIn(ISymbol symbol, IOperation region) =>
        symbol.DeclaringSyntaxReferences.Any(reference => reference.SyntaxTree == region.Syntax.SyntaxTree && region.Syntax.Span.Contains(reference.Span));

    public void MakeVariable(ISymbol symbol, bool beyond = false)
    {
        var type = ValueWriter.TypeOf(symbol);
        if (symbol is IFieldSymbol or IPropertySymbol
            && (Frames.Peek().This is not ModelValue
                || !(Torch.IsTensor(type) || type is { IsValueType: true } or { SpecialType: SpecialType.System_String })))
        {
            // It is read from the live model where forward has not certainly left something in it; numbers it may hold are not known.
            Scope.Bind(symbol, null);
            if (Frames.Peek().This is ModelValue && !Types.MayCarryTensors(type) && (type is IArrayTypeSymbol || TypeTranslator.IsOfSystem(type)))
            {
                Reading.Effects.Elsewhere.Add(symbol);
            }

            return;
        }

        var now = Scope.ValueOf(symbol);
        if (type is IDynamicTypeSymbol && now is TensorValue)
        {
            type = Torch.Tensor;
        }

        var assigned = now is not null and not ArgumentValue { Argument: NullArgument };
        var isSize = (NumberTypes.IsNumber(type) || NumberTypes.AreLong(type)) && Locals.IsSize(symbol);
        if (now is OtherValue or BrokenValue)
        {
            return;
        }

        if (symbol is ILocalSymbol or IParameterSymbol && !isSize && !Types.MayCarryTensors(type) && Locals.IsContent(symbol))
        {
            // No variable of the generated code holds what only the values of tensors tell, so none of it is known behind the branch or in the next round.
            Scope.Bind(
                symbol, NumberTypes.IsNumberLike(type) || NumberTypes.IsFraction(type) ? new ContentValue(-1, symbol.Name, []) : new ContentsValue());
            return;
        }

        var code = assigned ? VariableCode(now!, type, isSize)
            : now is null && symbol is IFieldSymbol or IPropertySymbol ? LiveCode(symbol, type)
            : Unset(type);
        if (code is null || VariableType(type, isSize) is not { } declared)
        {
            // No variable can hold it, so it is not known what it is behind the branch or in the next round.
            if (Types.MayCarryTensors(type))
            {
                Scope.Bind(symbol, null);
            }
            else if (symbol is IFieldSymbol or IPropertySymbol)
            {
                Reading.Effects.Elsewhere.Add(symbol);
            }

            return;
        }

        var number = NewValue(symbol.Name).Number;
        Changing.Add(number);
        if (now is null && Reading.Kept.Changed.Contains(symbol))
        {
            Found.Add(number);
        }

        if (type.IsRefLikeType)
        {
            Spans.Add(number);
        }

        if (Types.CarriesTensors(type))
        {
            Carriers.Add(number);
        }

        Nodes.Add(now is TensorValue tensor
            ? new Copy(number, tensor.Number, "", 0) { IsDeclaration = true }
            : new Let(number, code, declared, Torch.IsTensor(type), HasEffect: false, "", 0) { IsDeclaration = true });
        if (isSize)
        {
            Sizes.Add(number);
        }

        if (Locals.IsContent(symbol))
        {
            contents.Add(number);
        }

        Scope.Hold(symbol, new Variable(number, beyond ? [] : Nodes), Writer.Typed(new ValueName(number), type, isSize));
    }

    /// <summary>What a member of the model holds before forward gives it a value; null where that cannot be told.</summary>
    private Expression? LiveCode(ISymbol member, ITypeSymbol type) =>
        Frames.Peek().This is not ModelValue || !Members.IsReachable(member) ? null
        : Torch.IsTensor(type) ? Expression.Link("Parameter", new ModelItself(), new TextArgument(LayerParser.RegisteredName(member)), Members.CodeOf(member))
        : Types.MayCarryTensors(type) ? null : Members.CodeOf(member);

    public string? VariableType(ITypeSymbol type, bool isSize) =>
        !isSize ? Types.Translate(type) : NumberTypes.AreLong(type) ? Types.TranslateSizes(type) : TypeTranslator.AxisSize;

    private Expression? VariableCode(ParsedValue value, ITypeSymbol type, bool isSize) =>
        isSize && NumberTypes.AreLong(type) ? SizeLists.AsSizes(value, type) : Writer.CodeOf(value, type, isSize);

    /// <summary>A variable that branches give their value to.</summary>
    public int NewVariable(string name, ITypeSymbol type, bool isSize, string declared)
    {
        var number = NewValue(name).Number;
        if (isSize)
        {
            Sizes.Add(number);
        }

        if (Types.CarriesTensors(type))
        {
            Carriers.Add(number);
        }

        Nodes.Add(new Let(number, Unset(type), declared, Torch.IsTensor(type), HasEffect: false, Quoted, 0));
        return number;
    }

    private Unassigned Unset(ITypeSymbol type) => new(IsReference: Torch.IsTensor(type) || !type.IsValueType);

    public bool AssignVariable(int variable, ParsedValue value, ITypeSymbol type)
    {
        if (VariableCode(value, type, Sizes.Contains(variable)) is not { } code)
        {
            return false;
        }

        Found.Remove(variable);
        if (IsContent(code))
        {
            contents.Add(variable);
        }

        if (code is ValueName { Number: var same } && same == variable)
        {
            return true;
        }

        Nodes.Add(new Assign(variable, code, value is TensorValue tensor ? tensor.Number : -1, Quoted, 0));
        return true;
    }
}
