namespace PruneGen;

/// <summary>Checks what methods of sparse training are given.</summary>
internal static class SparseTrainingArguments
{
    /// <summary>The strength of a penalty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public static double Strength(double value, string method) =>
        In(value, value >= 0 && double.IsFinite(value), method, "strength", "give a number of at least 0, such as 1e-4");

    /// <summary>The learning rate of parameters of its own, which optimizers take as a float32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or too large.</exception>
    public static void LearningRate(double value, string method) =>
        In(value, value is > 0 and <= float.MaxValue, method, nameof(LearningRate), "give a number above 0, such as 1e-2");

    /// <summary>Sees that no weights are put back behind a callback that has finished them.</summary>
    /// <exception cref="InvalidOperationException">They would be.</exception>
    public static void RequireNoBestWeightsBehind(TrainingCallback method, TrainingContext context)
    {
        if (context.Options.Callbacks.SkipWhile(callback => callback != method).OfType<BestWeights>().Any())
        {
            throw new InvalidOperationException(
                $"{nameof(BestWeights)} would put back weights from before {method.GetType().Name} has finished them; set {nameof(RetrainOptions.KeepBest)} "
                    + "instead.");
        }
    }

    /// <summary>Any number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in its range.</exception>
    public static T In<T>(T value, bool holds, string method, string name, string remedy)
        where T : notnull =>
        holds ? value : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{method}: {name} is {value}; {remedy}."));
}
