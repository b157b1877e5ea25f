namespace PruneGen;

/// <summary>A model, or one step of its <c>forward</c>, that is not exported. The message names the step, why, and what to do about it.</summary>
public sealed class OnnxExportException : Exception
{
    /// <summary>Says why.</summary>
    public OnnxExportException(string message)
        : base(message)
    {
    }

    /// <summary>Says why, with what it comes of.</summary>
    public OnnxExportException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>Says why, for whoever adds the step that it is about.</summary>
    internal OnnxExportException(string message, string? step, Exception? inner = null)
        : base(message, inner) => Step = step;

    /// <summary>The step of <c>forward</c>: an operation, or the path of a layer; null where it is about the whole model.</summary>
    public string? Step { get; }
}
