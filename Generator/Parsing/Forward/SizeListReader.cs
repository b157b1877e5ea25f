using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Lists, spans and sequences of sizes. Methods of .NET's library that only hand them on are called with sizes, as forward calls them with numbers; all others
/// get numbers, and the widths stay.
/// </summary>
internal sealed class SizeListReader(Reading reading) : Reader(reading)
{
    /// <summary>The methods of .NET's library that do to sizes what they do to numbers.</summary>
    private static readonly HashSet<string> HandingOn =
    [
        "Add", "AddRange", "Aggregate", "All", "Any", "Append", "AsEnumerable", "AsMemory", "AsReadOnly", "AsSpan", "Clear", "Clone", "Concat",
        "ConvertAll", "Count", "DefaultIfEmpty", "Dequeue", "ElementAt", "ElementAtOrDefault", "Enqueue", "First", "FirstOrDefault", "GetRange",
        "Insert", "InsertRange", "Last", "LastOrDefault", "Peek", "Pop", "Prepend", "Push", "RemoveAt", "RemoveRange", "Resize", "Reverse",
        "Select", "SequenceEqual", "Single", "Skip", "SkipLast", "SkipWhile", "Slice", "Take", "TakeLast", "TakeWhile", "ToArray", "ToDictionary",
        "ToList", "Where", "Zip",
    ];

    /// <summary>Whether a list goes to a method or constructor that needs plain numbers: one that is not known to do the same to sizes.</summary>
    public bool AreForNumbers(ExpressionSyntax list)
    {
        var taker = list.Parent switch
        {
            ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.None, Parent.Parent: var call } => call,
            MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } access when access.Expression == list => call,
            _ => null,
        };
        return taker is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax
            && Context.Symbol(taker) is IMethodSymbol method
            && !Torch.IsTorch(method)
            && (!TakesSizes(method) || MeetsNumbers(taker, method, list) || IsForMethod(taker));
    }

    /// <summary>Whether a list is put into another that holds plain numbers, or compared with one.</summary>
    private bool MeetsNumbers(SyntaxNode call, IMethodSymbol method, ExpressionSyntax list) =>
        call is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: var holder }, ArgumentList.Arguments: var given }
            && (method.Name == nameof(Enumerable.SequenceEqual) ? given.Select(argument => argument.Expression).Prepend(holder)
                : method is { MethodKind: MethodKind.Ordinary, IsStatic: false } ? [holder]
                : []).Any(other => other != list && Context.Operation(other) is { } numbers && !AreSizes(numbers));

    /// <summary>Whether each of the sizes goes to a method that is handed over by its name, which takes numbers.</summary>
    private bool IsForMethod(SyntaxNode call) => call is InvocationExpressionSyntax { ArgumentList.Arguments: var given }
        && given.Any(argument => argument.Expression is NameSyntax or MemberAccessExpressionSyntax
            && (Context.Symbol(argument.Expression) is IMethodSymbol || Context.TypeOf(argument.Expression)?.TypeKind == TypeKind.Delegate));

    /// <summary>Which parameters of a lambda are sizes, and whether it must give one: it is asked about each size of a list.</summary>
    public (IReadOnlyList<bool> Takes, bool Gives) AskedOf(AnonymousFunctionExpressionSyntax lambda)
    {
        if (lambda.Parent is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax written }
            || Context.Operation(written) is not IInvocationOperation { TargetMethod: var method } call
            || !TakesSizes(method)
            || call.Arguments.FirstOrDefault(argument => argument.Syntax.Span.Contains(lambda.Span))
                is not { Parameter.OriginalDefinition.Type: INamedTypeSymbol { DelegateInvokeMethod: { } asked } } taken)
        {
            return (((IMethodSymbol)Context.Symbol(lambda)!).Parameters.Select(_ => false).ToList(), false);
        }

        var definition = method.OriginalDefinition;
        var sizes = new HashSet<ISymbol>(
            call.Arguments.Where(argument => argument != taken).Select(argument => (argument.Value, argument.Parameter!.OriginalDefinition.Type))
                .Append((Value: call.Instance!, Type: definition.ContainingType))
                .Where(list => list.Value is { Syntax: ExpressionSyntax sizes } && AreSizes(list.Value) && !AreForNumbers(sizes))
                .SelectMany(list => TypeParametersIn(list.Type)),
            SymbolEqualityComparer.Default);
        if (definition is { Name: nameof(Enumerable.Aggregate), TypeParameters: [_, var total, ..] } && sizes.Count > 0
            && method.TypeArguments[1].SpecialType == SpecialType.System_Int64)
        {
            sizes.Add(total);
        }

        return (
            asked.Parameters.Select(parameter => sizes.Contains(parameter.Type)).ToList(),
            sizes.Contains(asked.ReturnType) || sizes.Count > 0 && HandsOn(call) && GivesNumberOf(taken.Value)
                && taken.Value.Descendants().OfType<IAnonymousFunctionOperation>().First().Symbol.ReturnType.SpecialType == SpecialType.System_Int64);
    }

    /// <summary>A number as a size, which it is from here on.</summary>
    public ParsedValue AsSize(ParsedValue value) => value is BrokenValue or ArgumentValue { Argument.IsSize: true } or ContentValue
        ? Writer.CodeOf(value, null, asSize: true) is { } size ? new CodeValue(size, Context.Compilation.GetSpecialType(SpecialType.System_Int64)) : value
        : Writer.CodeOf(value, null) is { } number
            ? new CodeValue(new Cast(TypeTranslator.AxisSize, number), Context.Compilation.GetSpecialType(SpecialType.System_Int64))
            : value;

    /// <summary>Whether a method does to sizes what it does to numbers: it puts them together or hands them on, and looks at none.</summary>
    public static bool TakesSizes(IMethodSymbol method) => TypeTranslator.IsOfSystem(method)
        && (method.MethodKind == MethodKind.Constructor ? method.ContainingType.Name is "List" or "Queue" or "Stack" : HandingOn.Contains(method.Name));

    /// <summary>A list as one of sizes; null where it cannot be written.</summary>
    public Expression? AsSizes(ParsedValue list, ITypeSymbol type) => list switch
    {
        ArgumentValue { Argument: ListArgument { IsKnown: true } told } => told,
        _ when AreSizes(list) => Writer.CodeOf(list, type),
        CodeValue { Code: var numbers } when type is IArrayTypeSymbol => AllSizes(numbers).Method("ToArray"),
        _ => null,
    };

    /// <summary>Sizes as plain numbers, which stay what they are.</summary>
    public Call AllNumbers(Expression sizes)
    {
        var number = Bindings.NewValue("size").Number;
        var enumerable = new Named("global::System.Linq.Enumerable");
        return enumerable.Method(
            "ToArray", enumerable.Method("Select", sizes, new Lambda(new[] { number }.ToEquatable(), [], new ValueName(number).Member("Known"))));
    }

    /// <summary>Whether what generated code has is a list of sizes for certain, and not of numbers that are computed from some.</summary>
    public bool AreSizes(ParsedValue list) => list switch
    {
        ShapeValue or ArgumentValue { Argument: ListArgument { HasSizes: true } } => true,
        CodeValue { IsOfSizes: true } => true,
        CodeValue { Type: var type, Code: var code } => NumberTypes.AreLong(type) && AreSizes(code),
        _ => false,
    };

    /// <summary>
    /// Whether an operation gives a list or a sequence of sizes: those of a tensor, or some of them, as generic methods and types of .NET's library hand on
    /// what they are given.
    /// </summary>
    public bool AreSizes(IOperation operation)
    {
        operation = Conversions.Unconverted(operation);
        return NumberTypes.AreLong(operation.Type) && operation switch
        {
            IPropertyReferenceOperation { Property.Name: "shape", Instance.Type: { } of } when Torch.IsTensor(of) => true,
            ILocalReferenceOperation { Local: var local } => Scope.ValueOf(local) is { } value && AreSizes(value),
            IParameterReferenceOperation { Parameter: var parameter } => Scope.ValueOf(parameter) is { } value && AreSizes(value),
            IArrayElementReferenceOperation { ArrayReference: var whole } => AreSizes(whole),
            IArrayCreationOperation { Initializer: not null } => Conditions.Attempt(operation) is { } made && AreSizes(made),
            IPropertyReferenceOperation { Instance: { } whole, Property: var property } => TypeTranslator.IsOfSystem(property) && AreSizes(whole),
            IImplicitIndexerReferenceOperation { Instance: var whole } => AreSizes(whole),
            IInvocationOperation call => HandsOn(call),
            IObjectCreationOperation { Arguments: [{ Value: var items }], Constructor: { } constructor } => TakesSizes(constructor) && AreSizes(items),
            IConditionalOperation { WhenTrue: var one, WhenFalse: { } other } => AreSizes(one) || AreSizes(other),
            IConversionOperation { Operand: IInvocationOperation { TargetMethod.Name: nameof(Array.Clone), Instance: { } whole } } => AreSizes(whole),
            IConversionOperation { Operand: var list } => AreSizes(list),
            _ => false,
        };
    }

    /// <summary>Whether what a method of .NET's library gives is one of the sizes that it is given, or some of them.</summary>
    public bool HandsOn(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var made = TypeParametersIn(method.OriginalDefinition.ReturnType).ToList();
        if (!TakesSizes(method) || made.Count == 0)
        {
            return false;
        }

        if (call.Instance is { } whole)
        {
            return AreSizes(whole)
                && (made.Any(one => one.TypeParameterKind == TypeParameterKind.Type) || call.Arguments.Any(argument => GivesNumberOf(argument.Value)));
        }

        // A lambda gives sizes where it gives one of those that it is given.
        return call.Arguments.Any(argument => AreSizes(argument.Value))
            && call.Arguments.Any(
                argument => TypeParametersIn(argument.Parameter!.OriginalDefinition.Type).Any(one => made.Contains(one, SymbolEqualityComparer.Default))
                    && (AreSizes(argument.Value) || GivesNumberOf(argument.Value)));
    }

    private static bool GivesNumberOf(IOperation given) =>
        given.DescendantsAndSelf().OfType<IAnonymousFunctionOperation>().FirstOrDefault() is { Body: var body, Symbol.Parameters: var parameters }
            && body.Descendants().OfType<IReturnOperation>().SelectMany(result => result.DescendantsAndSelf()).Any(
                part => part is IParameterReferenceOperation { Type.SpecialType: SpecialType.System_Int64, Parameter: var used }
                    && parameters.Contains(used, SymbolEqualityComparer.Default));

    private static IEnumerable<ITypeParameterSymbol> TypeParametersIn(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol parameter => [parameter],
        IArrayTypeSymbol { ElementType: var element } => TypeParametersIn(element),
        INamedTypeSymbol { TypeArguments: var arguments } => arguments.SelectMany(TypeParametersIn),
        _ => [],
    };

    /// <summary>The same of an expression of the generated code.</summary>
    public bool AreSizes(Expression code) => code switch
    {
        ShapeOf { AsFactors: false } or ListArgument { HasSizes: true } or Cast { Type: TypeTranslator.AxisSize + "[]" } => true,
        ValueName { Number: var local } => Bindings.Sizes.Contains(local),
        Element { Of: var whole } => AreSizes(whole),
        Verbatim { Holes: [{ Code: var only }], Texts: ["", ""] } => AreSizes(only),
        Call { Function: MemberOf { Name: "ToArray" or "Reverse" or "Skip" or "Take" or "SkipLast" or "TakeLast" or "Concat" or "Append" or "Prepend" },
            Arguments: [var first, ..] } => AreSizes(first),
        _ => false,
    };

    /// <summary>The numbers of a sequence as sizes.</summary>
    public Call AllSizes(Expression numbers)
    {
        var number = Bindings.NewValue("size").Number;
        return new Named("global::System.Linq.Enumerable").Method(
            "Select", numbers, new Lambda(new[] { number }.ToEquatable(), [], new Cast(TypeTranslator.AxisSize, new ValueName(number))));
    }
}
