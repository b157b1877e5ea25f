namespace PruneGen.Axes;

/// <summary>Which rule of the analysis an <see cref="AxisException"/> reports; the generator maps each to a diagnostic.</summary>
public enum AxisRule
{
    /// <summary>An operation, a layer or an argument that the analysis does not know.</summary>
    Unsupported,

    /// <summary>Two axes that an operation ties cannot be the same.</summary>
    Mismatch,

    /// <summary>A constant in the source states a width that pruning changes.</summary>
    BakedWidth,

    /// <summary>The rank or a size is needed and depends on an input that has not been seen.</summary>
    UnknownShape,
}

/// <summary>What the analysis of axes cannot follow, in words for the model's author.</summary>
public sealed class AxisException : Exception
{
    /// <summary>Creates the report of one broken rule.</summary>
    public AxisException(AxisRule rule, string message, Exception? inner = null)
        : base(message, inner)
    {
        Rule = rule;
    }

    /// <summary>The rule that was broken.</summary>
    public AxisRule Rule { get; }
}
