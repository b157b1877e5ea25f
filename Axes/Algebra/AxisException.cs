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
    /// <param name="rule">The rule.</param>
    /// <param name="message">What is not followed.</param>
    /// <param name="inner">What it comes from.</param>
    /// <param name="remedy">What to do about it, where that can be told; it ends the message.</param>
    public AxisException(AxisRule rule, string message, Exception? inner = null, string remedy = "")
        : base(remedy.Length == 0 ? message : $"{message}; {remedy}", inner)
    {
        Rule = rule;
        HasRemedy = remedy.Length > 0;
    }

    /// <summary>Whether the message ends with what to do about it.</summary>
    public bool HasRemedy { get; }

    /// <summary>The rule that was broken.</summary>
    public AxisRule Rule { get; }
}
