using Microsoft.CodeAnalysis;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What the names of the source stand for at the moment, with a way back to how it was.</summary>
internal sealed class Scope
{
    private readonly Dictionary<ISymbol, ParsedValue> bindings = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, Variable> variables = new(SymbolEqualityComparer.Default);
    private readonly Stack<(ISymbol Symbol, ParsedValue? Value, Variable? Variable)> changes = new();

    /// <summary>A point to go back to by <see cref="Restore"/>.</summary>
    public int Mark => changes.Count;

    /// <summary>Everything that has a value.</summary>
    public IEnumerable<KeyValuePair<ISymbol, ParsedValue>> Bindings => bindings;

    /// <summary>Makes everything what it was at a point.</summary>
    public void Restore(int mark)
    {
        while (changes.Count > mark)
        {
            var (symbol, value, variable) = changes.Pop();
            Set(bindings, symbol, value);
            Set(variables, symbol, variable);
        }
    }

    /// <summary>What a local, parameter or member stands for; null where nothing is known of it.</summary>
    public ParsedValue? ValueOf(ISymbol symbol) => bindings.TryGetValue(symbol, out var value) ? value : null;

    /// <summary>The variable of the generated code that holds it; null where it is no variable.</summary>
    public Variable? VariableOf(ISymbol symbol) => variables.TryGetValue(symbol, out var variable) ? variable : null;

    /// <summary>Lets it stand for a value from here on; null for nothing that is known.</summary>
    public void Bind(ISymbol symbol, ParsedValue? value) => Change(symbol, value, VariableOf(symbol));

    /// <summary>Lets a variable of the generated code hold it from here on.</summary>
    public void Hold(ISymbol symbol, Variable variable, ParsedValue value) => Change(symbol, value, variable);

    /// <summary>Lets each new value of it be one of its own again.</summary>
    public void Release(ISymbol symbol) => Change(symbol, ValueOf(symbol), null);

    /// <summary>Forgets all about it.</summary>
    public void Forget(ISymbol symbol) => Change(symbol, null, null);

    private void Change(ISymbol symbol, ParsedValue? value, Variable? variable)
    {
        var (oldValue, oldVariable) = (ValueOf(symbol), VariableOf(symbol));
        if (ReferenceEquals(oldValue, value) && ReferenceEquals(oldVariable, variable))
        {
            return;
        }

        changes.Push((symbol, oldValue, oldVariable));
        Set(bindings, symbol, value);
        Set(variables, symbol, variable);
    }

    private static void Set<T>(Dictionary<ISymbol, T> to, ISymbol symbol, T? value)
        where T : class
    {
        if (value is null)
        {
            to.Remove(symbol);
        }
        else
        {
            to[symbol] = value;
        }
    }
}

/// <summary>A variable of the generated code that branches and loops give new values.</summary>
/// <param name="Number">The value that the generated code reads and writes.</param>
/// <param name="Home">The block that declares it.</param>
internal sealed record Variable(int Number, List<Node> Home);
