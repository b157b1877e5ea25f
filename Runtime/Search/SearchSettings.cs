namespace PruneGen;

/// <summary>How a search for ratios goes about it.</summary>
public sealed record SearchSettings
{
    /// <summary>
    /// How many different candidates are evaluated at most, at least 1. What an allocator measures first is fitted to it: the curves of
    /// <see cref="Allocator.Sensitivity"/>, of <see cref="Allocator.DynamicProgramming"/> and, where bits are chosen, of <see cref="Allocator.Greedy"/> need
    /// one for each group (with bits, for each layer, too) and two more. <c>AnalyzeSensitivity</c> measures as many widths as it is asked for instead, and a
    /// budget of errors goes on until it is used up. 100 by default.
    /// </summary>
    public int Evaluations { get; init; } = 100;

    /// <summary>Epochs that each candidate is trained before it is evaluated, at least 0, as the options' <c>Retrain</c> says otherwise. 0 by
    /// default.</summary>
    public int RecoveryEpochs { get; init; }

    /// <summary>
    /// Training batches by which the running statistics of normalisation are estimated anew before a candidate is evaluated (Li et al., "EagleEye", 2020), at
    /// least 0. 30 by default.
    /// </summary>
    public int BatchNormBatches { get; init; } = 30;

    /// <summary>Seed of everything that the search draws. 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// A JSON file that is written after each evaluation, whole or not at all. What it has already is not evaluated again, so that a search that was killed
    /// goes on and comes to the same result. Null, the default, for none.
    /// </summary>
    public string? File { get; init; }

    /// <summary>Is told of each candidate. Null, the default, for nobody.</summary>
    public Action<SearchProgress>? Progress { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public void Validate()
    {
        Require(Evaluations >= 1, nameof(Evaluations), Evaluations, "give 1 or more");
        Require(RecoveryEpochs >= 0, nameof(RecoveryEpochs), RecoveryEpochs, "give 0 or more");
        Require(BatchNormBatches >= 0, nameof(BatchNormBatches), BatchNormBatches, "give 0 or more, such as 30");

        Require(File != "", nameof(File), "an empty text", "give a path, or null for none");

        static void Require(bool holds, string name, object value, string remedy)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, $"{name} of the search is {value}; {remedy}.");
            }
        }
    }
}

/// <summary>How far a search is.</summary>
/// <param name="Evaluated">How many different candidates it has evaluated, with those that the file had.</param>
/// <param name="Evaluations">How many it evaluates at most.</param>
/// <param name="Last">What the last one came to.</param>
/// <param name="IsNew">Whether that was evaluated now, rather than read from the file.</param>
public sealed record SearchProgress(int Evaluated, int Evaluations, Evaluation Last, bool IsNew);
