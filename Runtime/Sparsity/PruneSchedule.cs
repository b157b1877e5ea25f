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

    /// <summary>
    /// Whether the ratio is reached while the model is trained, update by update, instead of in rounds of pruning and retraining: what is pruned is held at
    /// zero, and what can leave the model does at the end. <see cref="Rounds"/> is then how often more is pruned.
    /// </summary>
    public virtual bool IsGradual => false;

    /// <summary>How much of the training it takes to come to the ratio, where <see cref="IsGradual"/>; the rest recovers from it. In (0, 1].</summary>
    public virtual double Until => 1;

    /// <summary>
    /// Whether what stays goes back to the values that it had at the beginning before each retraining; then only weights can be pruned, not channels.
    /// </summary>
    public virtual bool Rewinds => false;

    /// <summary>
    /// Whether the layers are pruned one after the other, from the input on: each is scored behind what was pruned before it, in <see cref="Rounds"/> steps
    /// with retraining behind each.
    /// </summary>
    public virtual bool IsByLayer => false;

    /// <summary>
    /// By how much the error on the test data, or the loss where the targets are no classes, may be above that at the beginning once a step of
    /// <see cref="IsByLayer"/> is retrained; 0.01 is one in a hundred. A step beyond it is undone, and the next layer's turn comes. Null for no limit.
    /// </summary>
    public virtual double? ErrorBudget => null;

    /// <summary>
    /// Whether what stays gets other first values, drawn anew, before the last retraining: the control that tells whether the values mattered, or only which
    /// weights stayed.
    /// </summary>
    public virtual bool Redraws => false;

    /// <summary>The schedule of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or there are no rounds.</exception>
    public static PruneSchedule Of(SparsitySchedule name, int rounds) => name switch
    {
        SparsitySchedule.Linear => Iterative(rounds),
        SparsitySchedule.Cubic => Cubic(rounds),
        SparsitySchedule.Exponential => Exponential(rounds),
        SparsitySchedule.Cosine => Cosine(rounds),
        SparsitySchedule.Gradual => Gradual(rounds),
        SparsitySchedule.LotteryTicket => LotteryTicket(rounds),
        SparsitySchedule.ShallowToDeep => ShallowToDeep(rounds),
        SparsitySchedule.LearningRateRewinding => LearningRateRewinding(rounds),
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no schedule {name}; give one of {string.Join(", ", Enum.GetNames<SparsitySchedule>())}, or one of your own."),
    };

    /// <summary>In equal steps, each retrained for all epochs (Han et al., "Learning both Weights and Connections", 2015).</summary>
    /// <param name="rounds">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static PruneSchedule Iterative(int rounds) => new Curve(rounds == 1 ? nameof(OneShot) : nameof(Iterative), rounds, progress => progress);

    /// <summary>Much at first and ever less, 1 − (1 − t)³ (Zhu and Gupta, "To prune, or not to prune", 2017), in rounds.</summary>
    /// <inheritdoc cref="Iterative"/>
    public static PruneSchedule Cubic(int rounds) => new Curve(nameof(Cubic), rounds, CubicAt);

    /// <summary>
    /// The same share of what is left in each round: 20 %, scaled so that the last comes to the ratio. With a ratio of 1 − 0.8ⁿ it is 20 % exactly
    /// (Frankle and Carbin, 2019).
    /// </summary>
    /// <inheritdoc cref="Iterative"/>
    public static PruneSchedule Exponential(int rounds) => new Curve(nameof(Exponential), rounds, progress => ExponentialAt(progress, rounds));

    /// <summary>Slowly at first and at the end, (1 − cos πt) / 2, in rounds.</summary>
    /// <inheritdoc cref="Iterative"/>
    public static PruneSchedule Cosine(int rounds) => new Curve(nameof(Cosine), rounds, progress => (1 - Math.Cos(Math.PI * progress)) / 2);

    /// <summary>
    /// While the model is trained, along the cubic curve (Zhu and Gupta, 2017): scored anew and pruned further so many times, by three quarters of the
    /// training unless told otherwise. Where the training data does not tell how many batches it has, only at the end of each epoch.
    /// </summary>
    /// <param name="updates">How often more is pruned, at least once.</param>
    /// <param name="until">How much of the training it takes, in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public static PruneSchedule Gradual(int updates = 20, double until = 0.75) => until is > 0 and <= 1
        ? new Curve(nameof(Gradual), updates, CubicAt) { During = true, Ends = until }
        : throw new ArgumentOutOfRangeException(nameof(until), until, FormattableString.Invariant(
            $"The ratio is reached by {until} of the training; give a number above 0, up to 1."));

    /// <summary>
    /// Lottery tickets (Frankle and Carbin, "The Lottery Ticket Hypothesis", 2019): the model, which is to be untrained, is trained, loses 20 % of the
    /// weights that are left (see <see cref="Exponential"/>), gets the values back that it began with, and so on, so many times. The first round
    /// trains it dense.
    /// </summary>
    /// <param name="rounds">How often weights are removed.</param>
    /// <param name="redraw">Whether the last training begins with values that are drawn anew: the paper's control, on the same weights that stay.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static PruneSchedule LotteryTicket(int rounds, bool redraw = false) =>
        AfterDense(redraw ? nameof(LotteryTicket) + "Redrawn" : nameof(LotteryTicket), rounds, back: true, redraw);

    /// <summary>
    /// Learning rate rewinding (Renda, Frankle and Carbin, "Comparing Rewinding and Fine-tuning in Neural Network Pruning", 2020): the model, which is to be
    /// untrained, is trained, loses 20 % of the weights that are left (see <see cref="Exponential"/>), and is trained again with all of the learning rates
    /// that it was trained with, so many times. Values stay as they are, so channels can be pruned too. The first round trains it dense.
    /// </summary>
    /// <param name="rounds">How often weights are removed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static PruneSchedule LearningRateRewinding(int rounds) => AfterDense(nameof(LearningRateRewinding), rounds, back: false, redraw: false);

    /// <summary>A dense round first, and then the same share of what is left in each.</summary>
    private static PruneSchedule AfterDense(string name, int rounds, bool back, bool redraw) =>
        new Curve(name, rounds + 1, progress => ExponentialAt(((progress * (rounds + 1)) - 1) / rounds, rounds)) { Back = back, Anew = redraw };

    /// <summary>
    /// One layer after the other, from the input on, in so many equal steps each: scored behind what was pruned before it, pruned, and retrained for all
    /// epochs (Luo et al., "ThiNet: A Filter Level Pruning Method for Deep Neural Network Compression", 2017, who go this way with retraining in between).
    /// </summary>
    /// <param name="steps">In how many steps each layer comes to its ratio, at least one.</param>
    /// <param name="errorBudget">See <see cref="ErrorBudget"/>: 0 or more, or null for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public static PruneSchedule ShallowToDeep(int steps = 1, double? errorBudget = null) => errorBudget is null or (>= 0 and < double.PositiveInfinity)
        ? new Curve(nameof(ShallowToDeep), steps, progress => progress) { Layers = true, Budget = errorBudget }
        : throw new ArgumentOutOfRangeException(nameof(errorBudget), errorBudget, FormattableString.Invariant(
            $"The error may rise by {errorBudget}; give 0 or more, such as 0.01 for one in a hundred, or null for no limit."));

    private static double CubicAt(double progress) => 1 - Math.Pow(1 - progress, 3);

    private static double ExponentialAt(double progress, int rounds) => (1 - Math.Pow(0.8, progress * rounds)) / (1 - Math.Pow(0.8, rounds));

    /// <inheritdoc/>
    public sealed override string ToString() => Name;

    /// <summary>The shares that the rounds reach, in order.</summary>
    /// <exception cref="InvalidOperationException">
    /// One is below that before it or outside of 0 to 1, or the last is not 1; or <see cref="Until"/> or <see cref="ErrorBudget"/> is outside its range.
    /// </exception>
    internal double[] Shares()
    {
        if (IsGradual && Until is not (> 0 and <= 1))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The schedule {Name} comes to the ratio by {Until} of the training; have {nameof(Until)} give a number above 0, up to 1."));
        }

        if (ErrorBudget is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The schedule {Name} lets the error rise by {ErrorBudget}; have {nameof(ErrorBudget)} give 0 or more, or null for no limit."));
        }

        var shares = Enumerable.Range(1, Math.Max(Rounds, 0)).Select(round => At((double)round / Rounds)).ToArray();
        return shares is [.., 1] && shares.All(share => share is >= 0 and <= 1) && shares.Zip(shares.Skip(1)).All(pair => pair.First <= pair.Second)
            ? shares
            : throw new InvalidOperationException(
                $"The schedule {Name} reaches [{string.Join(", ", shares.Select(share => FormattableString.Invariant($"{share:g4}")))}] of the ratio; give at "
                    + "least one round, shares from 0 to 1 that do not fall, and 1 at the end.");
    }

    private sealed class Curve(string name, int rounds, Func<double, double> at) : PruneSchedule
    {
        public override string Name => rounds == 1 ? name : $"{name}({rounds})";

        public override int Rounds { get; } = rounds >= 1
            ? rounds
            : throw new ArgumentOutOfRangeException(nameof(rounds), rounds, $"The rounds are {rounds}; give 1 or more.");

        public override bool IsGradual => During;

        public override double Until => Ends;

        public override bool Rewinds => Back;

        public override bool IsByLayer => Layers;

        public override double? ErrorBudget => Budget;

        public override bool Redraws => Anew;

        public bool During { get; init; }

        public double Ends { get; init; } = 1;

        public bool Back { get; init; }

        public bool Layers { get; init; }

        public double? Budget { get; init; }

        public bool Anew { get; init; }

        public override double At(double progress) => progress == 1 ? 1 : Math.Clamp(at(progress), 0, 1);
    }
}
