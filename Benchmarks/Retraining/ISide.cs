namespace PruneGen.Benchmarks.Retraining;

/// <summary>One of those that take turns. It sleeps between its rounds.</summary>
internal interface ISide
{
    /// <summary>Trains one epoch.</summary>
    /// <returns>The seconds that it took, set-up left out.</returns>
    double Round();
}
