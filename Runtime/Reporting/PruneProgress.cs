using Spectre.Console;

namespace PruneGen;

/// <summary>The parts of a pruning run, in their order.</summary>
public enum PrunePhase
{
    /// <summary>Importance is computed.</summary>
    Score,

    /// <summary>What stays is chosen.</summary>
    Select,

    /// <summary>What goes is removed, or set to zero.</summary>
    Compact,

    /// <summary>The model is fine-tuned.</summary>
    Retrain,

    /// <summary>Accuracy and latency are measured.</summary>
    Measure,
}

/// <summary>
/// Is told how far a pruning run has come. Derive from it to show that in a way of your own; every method does nothing
/// unless overridden, and is called on the thread that prunes.
/// </summary>
public abstract class PruneProgress
{
    /// <summary>Shows nothing.</summary>
    public static PruneProgress Quiet { get; } = new QuietProgress();

    /// <summary>
    /// Bars where standard error is a terminal; else one plain line an epoch, so that a log stays readable. Both go to
    /// standard error, so that the output of a program stays its own.
    /// </summary>
    public static PruneProgress ForConsole()
    {
        if (Console.IsErrorRedirected)
        {
            return Lines(Console.Error);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Profile.Capabilities is { Interactive: true, Ansi: true } ? Bars(console) : Lines(Console.Error);
    }

    /// <summary>Writes one plain line an epoch.</summary>
    /// <param name="writer">Where to.</param>
    public static PruneProgress Lines(TextWriter writer) => new LineProgress(writer);

    /// <summary>Draws a bar a phase.</summary>
    /// <param name="console">A console that can move its cursor.</param>
    public static PruneProgress Bars(IAnsiConsole console) => new BarProgress(console);

    /// <summary>Runs the work whose progress is shown; a display sets itself up around it.</summary>
    /// <param name="work">The whole run. Call it once, on this thread.</param>
    public virtual T Run<T>(Func<T> work) => work();

    /// <summary>A phase starts.</summary>
    public virtual void Started(PrunePhase phase)
    {
    }

    /// <summary>A phase has come so far.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="share">The share of it that is done, in [0, 1].</param>
    public virtual void Advanced(PrunePhase phase, double share)
    {
    }

    /// <summary>An epoch of retraining is done.</summary>
    /// <param name="epoch">What it came to.</param>
    /// <param name="epochs">Number of epochs in all.</param>
    public virtual void EpochEnded(EpochResult epoch, int epochs)
    {
    }

    /// <summary>A phase is done.</summary>
    public virtual void Finished(PrunePhase phase)
    {
    }

    /// <summary>One line on an epoch: <c>epoch 2/3  loss 0.0312  test error 0.94 %  (8123 samples/s)</c>.</summary>
    internal static string Describe(EpochResult epoch, int epochs)
    {
        var test = epoch.Test is null ? ""
            : epoch.Test.Error is double error ? FormattableString.Invariant($"  test error {100 * error:f2} %")
            : FormattableString.Invariant($"  test loss {epoch.Test.Loss:g4}");
        return FormattableString.Invariant($"epoch {epoch.Epoch}/{epochs}  loss {epoch.TrainLoss:f4}{test}  ({epoch.SamplesPerSecond:f0} samples/s)");
    }

    private sealed class QuietProgress : PruneProgress
    {
    }

    private sealed class LineProgress(TextWriter writer) : PruneProgress
    {
        public override void EpochEnded(EpochResult epoch, int epochs) => writer.WriteLine(Describe(epoch, epochs));
    }

    private sealed class BarProgress(IAnsiConsole console) : PruneProgress
    {
        private readonly Dictionary<PrunePhase, ProgressTask> bars = [];
        private ProgressContext? context;

        public override T Run<T>(Func<T> work) => console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(started =>
            {
                context = started;
                return work();
            });

        public override void Started(PrunePhase phase) => Bar(phase);

        public override void Advanced(PrunePhase phase, double share) => Bar(phase).Value = share;

        public override void EpochEnded(EpochResult epoch, int epochs) =>
            Bar(PrunePhase.Retrain).Description = Markup.Escape($"Retrain  {Describe(epoch, epochs)}");

        public override void Finished(PrunePhase phase)
        {
            var bar = Bar(phase);
            bar.Value = bar.MaxValue;
            bar.StopTask();
        }

        private ProgressTask Bar(PrunePhase phase)
        {
            if (context is null)
            {
                throw new InvalidOperationException("The bars are drawn while Run(…) runs; do the work inside it.");
            }

            if (!bars.TryGetValue(phase, out var bar))
            {
                bars.Add(phase, bar = context.AddTask(phase.ToString(), maxValue: 1));
            }

            return bar;
        }
    }
}
