using Microsoft.CodeAnalysis;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>One method that is being read.</summary>
internal sealed class Frame
{
    public Frame(IMethodSymbol method, ParsedValue? self, bool isRoot)
    {
        (Method, This, IsRoot) = (method, self, isRoot);
    }

    public IMethodSymbol Method { get; }

    /// <summary>The object that it belongs to.</summary>
    public ParsedValue? This { get; }

    public bool IsRoot { get; }

    /// <summary>What it returns.</summary>
    public ParsedValue Result { get; set; } = ParsedValue.Other;

    /// <summary>The variable that takes the result where several places return one, or -1.</summary>
    public int Variable { get; set; } = -1;

    /// <summary>Where a return from the middle of it goes on; null while there was none.</summary>
    public string? Label { get; set; }

    /// <summary>Whether any return was read.</summary>
    public bool Returned { get; set; }

    /// <summary>Whether the statement being read is the last that runs.</summary>
    public bool AtEnd { get; set; } = true;

    /// <summary>How many branches and loops the statement being read stands in.</summary>
    public int Depth { get; set; }
}

/// <summary>Whether a statement lets the next one run.</summary>
internal enum Flow
{
    Continues,

    /// <summary>It returns.</summary>
    Returns,

    /// <summary>It leaves in another way: break, continue, throw.</summary>
    Leaves,

    /// <summary>Reported; what follows would only confuse.</summary>
    Stops,
}

/// <summary>A way that is taken where its condition holds.</summary>
/// <param name="Condition">The condition of an if; null for the last else, and in a switch.</param>
/// <param name="Labels">The labels of a switch's section.</param>
/// <param name="Read">Reads what it does.</param>
internal sealed record ChoiceArm(Expression? Condition, EquatableArray<CaseLabel> Labels, Func<Flow> Read);

/// <summary>A point of a block to go back to.</summary>
internal readonly record struct Checkpoint(int Findings, int Steps, int Scope, int Passed);
