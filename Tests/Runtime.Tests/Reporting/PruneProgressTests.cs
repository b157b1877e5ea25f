using Spectre.Console;

namespace PruneGen.Runtime.Tests;

public class PruneProgressTests
{
    private static readonly EpochResult Epoch = new(2, 5e-4, 0.05, new Evaluation(0.035, 0.0087, 10000), 10, 0.5, 60000);

    [Fact]
    public void Lines_are_one_an_epoch()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        Report(PruneProgress.Lines(writer));
        Assert.Equal("epoch 2/3  loss 0.0500  test error 0.87 %  (6000 samples/s)\n", writer.ToString());
    }

    [Fact]
    public void Without_a_terminal_nothing_goes_to_standard_output_and_no_control_codes_to_standard_error()
    {
        var (output, error) = (Console.Out, Console.Error);
        using var writtenOutput = new StringWriter();
        using var writtenError = new StringWriter();
        try
        {
            Console.SetOut(writtenOutput);
            Console.SetError(writtenError);
            Report(PruneProgress.ForConsole());
            Report(PruneProgress.Quiet);
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }

        Assert.Equal("", writtenOutput.ToString());
        Assert.Single(writtenError.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain('\u001b', writtenError.ToString());
    }

    [Fact]
    public void Bars_show_every_phase_and_work_runs_on_the_callers_thread()
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 120;
        var progress = PruneProgress.Bars(console);
        var thread = progress.Run(() =>
        {
            Report(progress);
            return Environment.CurrentManagedThreadId;
        });
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Contains("Score", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("epoch 2/3", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_comes_through_the_bars()
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(writer) });
        Assert.Throws<TimeoutException>(() => PruneProgress.Bars(console).Run<int>(() => throw new TimeoutException()));
    }

    private static void Report(PruneProgress progress)
    {
        foreach (var phase in Enum.GetValues<PrunePhase>())
        {
            progress.Started(phase);
            progress.Advanced(phase, 0.5);
            if (phase == PrunePhase.Retrain)
            {
                progress.EpochEnded(Epoch, 3);
            }

            progress.Finished(phase);
        }
    }
}
