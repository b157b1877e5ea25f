namespace PruneGen.Axes;

/// <summary>The reasons for a fixed axis that hold only as long as a model is not part of another: there, its ports are joined.</summary>
public static class FixedReasons
{
    /// <summary>The dimension comes with an input.</summary>
    public const string Input = "it belongs to the model's input";

    /// <summary>The dimension goes out with a result.</summary>
    public const string Result = "it reaches the model's result";

    /// <summary>Whether a model that calls this one may join the axis to its own.</summary>
    /// <param name="because">Why the axis is fixed.</param>
    public static bool IsPort(string because) => because is Input or Result;
}
