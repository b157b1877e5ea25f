namespace PruneGen;

/// <summary>
/// In how many rounds of pruning and retraining the ratio is reached, and how far each goes. For one of your own derive from this, and give it as
/// <see cref="PruneOptions.Schedule"/>, or its type as <c>[Prunable(ScheduleType = typeof(Mine))]</c>.
/// </summary>
public abstract class PruneSchedule
{
    /// <summary>All at once.</summary>
    public static PruneSchedule OneShot { get; } = Iterative(1);

    /// <summary>What messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>How often the model is pruned and retrained, at least once.</summary>
    public abstract int Rounds { get; }

    /// <summary>The share of the ratio that is reached.</summary>
    /// <param name="progress">The share of the rounds that are done with the next one, in (0, 1].</param>
    /// <returns>From 0 to 1; 1 at the end.</returns>
    public abstract double At(double progress);

    /// <summary>In equal steps, each retrained for all epochs (Han et al., "Learning both Weights and Connections", 2015).</summary>
    /// <param name="rounds">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static PruneSchedule Iterative(int rounds) => rounds >= 1
        ? new Linear(rounds)
        : throw new ArgumentOutOfRangeException(nameof(rounds), rounds, $"The rounds are {rounds}; give 1 or more.");

    /// <inheritdoc/>
    public sealed override string ToString() => Name;

    /// <summary>The shares that the rounds reach, in order.</summary>
    /// <exception cref="InvalidOperationException">One is below that before it or outside of 0 to 1, or the last is not 1.</exception>
    internal double[] Shares()
    {
        var shares = Enumerable.Range(1, Math.Max(Rounds, 0)).Select(round => At((double)round / Rounds)).ToArray();
        return shares is [.., 1] && shares.All(share => share is >= 0 and <= 1) && shares.Zip(shares.Skip(1)).All(pair => pair.First <= pair.Second)
            ? shares
            : throw new InvalidOperationException(
                $"The schedule {Name} reaches [{string.Join(", ", shares.Select(share => FormattableString.Invariant($"{share:g4}")))}] of the ratio; give at "
                    + "least one round, shares from 0 to 1 that do not fall, and 1 at the end.");
    }

    private sealed class Linear(int rounds) : PruneSchedule
    {
        public override string Name => rounds == 1 ? nameof(OneShot) : $"{nameof(Iterative)}({rounds})";

        public override int Rounds => rounds;

        public override double At(double progress) => progress;
    }
}
