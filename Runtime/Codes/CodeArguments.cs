namespace PruneGen;

/// <summary>Checks of what weights are coded by.</summary>
internal static class CodeArguments
{
    /// <exception cref="ArgumentOutOfRangeException">It does not hold; the message names the setting, whose it is, and what is allowed.</exception>
    public static void In(object? value, bool holds, string attribute, string name, string owner, string remedy)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(
                name, value, FormattableString.Invariant($"[{attribute}]: {name} of {owner} is {value}; {remedy}."));
        }
    }

    /// <summary>How codes are trained.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static void Training(int? epochs, double? rate, string attribute, string owner)
    {
        In(epochs, epochs is null or >= 0, attribute, "Epochs", owner, "give 0 or more");
        In(rate, rate is null or (> 0 and < double.PositiveInfinity), attribute, "LearningRate", owner, "give a number above 0, such as 1e-4");
    }
}
