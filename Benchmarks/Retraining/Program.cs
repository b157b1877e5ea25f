using System.CommandLine;
using PruneGen.Benchmarks.Retraining;
using Spectre.Console;
using static TorchSharp.torch;

var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 11, Description = "Rounds of each side; they take turns." };
var images = new Option<int>("--images") { DefaultValueFactory = _ => 12800, Description = "Images in a round." };
var batchSize = new Option<int>("--batch-size") { DefaultValueFactory = _ => 128, Description = "Images in a batch." };
var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "Threads of each side." };
var command = new RootCommand("Retraining throughput of LeNet-5, against eager PyTorch on the same machine, and the cost of masks held at zero.") { rounds, images, batchSize, threads };
command.SetAction(arguments => Benchmark.Run(new Settings(
    arguments.GetValue(rounds), arguments.GetValue(images), arguments.GetValue(batchSize), arguments.GetValue(threads))));
return command.Parse(args).Invoke();

/// <summary>What the command line says.</summary>
internal sealed record Settings(int Rounds, int Images, int BatchSize, int Threads);

internal static class Benchmark
{
    /// <summary>The dense network, and the one that half of every group leaves.</summary>
    private static readonly Widths[] Sizes = [new(20, 50, 500), new(10, 25, 250)];

    public static void Run(Settings settings)
    {
        set_num_threads(settings.Threads);
        var table = new Table().Border(TableBorder.Ascii).AddColumns("LeNet-5", "measured", "A", "B", "A / B", "quartiles of A / B");
        foreach (var widths in Sizes)
        {
            var ours = new Ours(settings, widths);
            using (var eager = new EagerPyTorch(settings, widths))
            {
                var turns = TakeTurns(settings.Rounds, () => ours.Round(), eager.Round);
                AddRow(table, settings, widths, $"images/s: A PruneGen, B eager PyTorch {eager.Version}", turns);
            }

            AddRow(table, settings, widths, "images/s: A half of the weights held at zero, B none", TakeTurns(settings.Rounds, () => ours.Round(masked: true), () => ours.Round()));
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"Batches of {settings.BatchSize}, {settings.Threads} threads, medians of {settings.Rounds} rounds of {settings.Images} images, taken in turns after one round to warm up.");
    }

    /// <summary>Runs two sides by turns, so that whatever else the machine does meets both.</summary>
    /// <returns>The seconds of each round of each side.</returns>
    private static List<(double A, double B)> TakeTurns(int rounds, Func<double> a, Func<double> b)
    {
        a();
        b();
        return Enumerable.Range(0, rounds).Select(i => i % 2 == 0 ? (A: a(), B: b()) : Swap(b(), a())).ToList();

        static (double A, double B) Swap(double second, double first) => (first, second);
    }

    private static void AddRow(Table table, Settings settings, Widths widths, string measured, List<(double A, double B)> turns)
    {
        var a = settings.Images / Quantile(turns.Select(turn => turn.A), 0.5);
        var b = settings.Images / Quantile(turns.Select(turn => turn.B), 0.5);
        var ratios = turns.Select(turn => turn.B / turn.A).ToList();
        table.AddRow(widths.ToString(), measured, FormattableString.Invariant($"{a:f0}"), FormattableString.Invariant($"{b:f0}"), FormattableString.Invariant($"{a / b:f3}"),
            FormattableString.Invariant($"{Quantile(ratios, 0.25):f3} to {Quantile(ratios, 0.75):f3}"));
    }

    private static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
