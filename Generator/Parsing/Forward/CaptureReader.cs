using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// The variables from around them that lambdas and local functions name. While the call that they belong to is being read they are what they are at
/// the moment; behind it, a lambda keeps its own.
/// </summary>
internal sealed class CaptureReader(Reading reading) : Reader(reading)
{
    /// <summary>A lambda or a method as a value, which belongs to the calls that are being read now.</summary>
    public FunctionValue Made(IMethodSymbol method, ParsedValue? self) =>
        new(method, self) { Homes = Captured(method).Select(symbol => (symbol, HomeOf(symbol))).ToImmutableArray() };

    /// <summary>What a method returns, with what it has captured of the method's own variables.</summary>
    public ParsedValue Beyond(ParsedValue result, IMethodSymbol left)
    {
        if (result is not FunctionValue { Method: var method } function)
        {
            return result;
        }

        var own = function.Homes.Select(home => home.Symbol).Where(symbol => IsOf(symbol, left) && !Has(function, symbol)).ToList();
        if (own.Count == 0 || Methods.BodyOf(method) is not { } body)
        {
            return result;
        }

        var changed = LocalUse.AssignedIn([body], Reading).Assigned;
        if (own.Find(symbol => changed.Contains(symbol, SymbolEqualityComparer.Default)) is { } counted)
        {
            return Unsupported(
                body,
                new Problem($"a lambda that changes '{counted.Name}', a variable of its own, from call to call", "hand it in, and return what it becomes"));
        }

        return function with { Kept = function.Kept.AddRange(own.Select(symbol => (symbol, Now(symbol)))) };
    }

    private ParsedValue Now(ISymbol symbol) =>
        Scope.ValueOf(symbol) is not { } value ? ParsedValue.Other : Bindings.Changed(value) ? Bindings.Keep(symbol, value) : value;

    /// <summary>Calls a lambda with the variables that it has captured as they are for it; null where it is not known which they are.</summary>
    public ParsedValue? Within(FunctionValue function, Func<ParsedValue> call)
    {
        if (!function.Homes.All(home => Has(function, home.Symbol) || ReferenceEquals(HomeOf(home.Symbol), home.Home)))
        {
            return null;
        }

        var outer = function.Kept.Select(kept => (kept.Symbol, Value: Scope.ValueOf(kept.Symbol), Variable: Scope.VariableOf(kept.Symbol))).ToList();
        foreach (var (symbol, value) in function.Kept)
        {
            Scope.Forget(symbol);
            Scope.Bind(symbol, value);
        }

        var result = call();
        foreach (var (symbol, value, variable) in outer)
        {
            Scope.Forget(symbol);
            if (variable is not null && value is not null)
            {
                Scope.Hold(symbol, variable, value);
            }
            else
            {
                Scope.Bind(symbol, value);
            }
        }

        return result;
    }

    private static bool Has(FunctionValue function, ISymbol symbol) => function.Kept.Any(kept => SymbolEqualityComparer.Default.Equals(kept.Symbol, symbol));

    private static bool IsOf(ISymbol symbol, IMethodSymbol method) =>
        SymbolEqualityComparer.Default.Equals(symbol.ContainingSymbol.OriginalDefinition, method.OriginalDefinition);

    /// <summary>The call whose variable it is; null where none is being read.</summary>
    private Frame? HomeOf(ISymbol symbol) => Frames.FirstOrDefault(frame => IsOf(symbol, frame.Method));

    /// <summary>The variables from around it that a lambda or local function names, by itself or by a local function.</summary>
    private IReadOnlyList<ISymbol> Captured(IMethodSymbol method)
    {
        if (method.MethodKind is not (MethodKind.AnonymousFunction or MethodKind.LocalFunction))
        {
            return [];
        }

        var (found, seen) = (new HashSet<ISymbol>(SymbolEqualityComparer.Default), new HashSet<ISymbol>(SymbolEqualityComparer.Default));
        Collect(method);
        return [.. found];

        void Collect(IMethodSymbol next)
        {
            if (!seen.Add(next) || Methods.BodyOf(next) is not { } body)
            {
                return;
            }

            foreach (var operation in body.Descendants())
            {
                switch (operation)
                {
                    case ILocalReferenceOperation or IParameterReferenceOperation
                        when PlaceReader.Of(operation) is { } symbol
                            && !symbol.DeclaringSyntaxReferences.Any(
                                declared => declared.SyntaxTree == body.Syntax.SyntaxTree && body.Syntax.Span.Contains(declared.Span)):
                        found.Add(symbol);
                        break;
                    case IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } called }:
                        Collect(called.OriginalDefinition);
                        break;
                    case IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } named }:
                        Collect(named.OriginalDefinition);
                        break;
                }
            }
        }
    }
}
