using System.CommandLine;
using PruneGen.Benchmarks.Retraining;
using Spectre.Console;
using static TorchSharp.torch;

var models = new Option<string[]>("--models")
{
    DefaultValueFactory = _ => Models.Names, AllowMultipleArgumentsPerToken = true, Description = "Networks to train.",
};
models.AcceptOnlyFromAmong(Models.Names);
var threads = new Option<int[]>("--threads")
{
    DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true, Description = "Threads of each side; each number is a row of its own.",
};
var rounds = new Option<int>("--rounds")
{
    DefaultValueFactory = _ => 151,
    Description = "Rounds of each side, each with a new model; they take turns: many short ones, since what else the machine does lasts seconds. "
        + "ResNet-18, of which a batch takes seconds itself, has a fifth of them.",
};
var images = new Option<int>("--images")
{
    DefaultValueFactory = _ => 256, Description = "Images in a round; LeNet-300-100 takes ten times as many, ResNet-18 a batch.",
};
var batchSize = new Option<int>("--batch-size") { DefaultValueFactory = _ => 128, Description = "Images in a batch." };
var command = new RootCommand("Retraining throughput on the CPU, against a plain TorchSharp loop and eager PyTorch, and the cost of masks held at zero.")
{
    models, threads, rounds, images, batchSize,
};
command.SetAction(arguments => new Benchmark(arguments.GetValue(rounds), arguments.GetValue(images), arguments.GetValue(batchSize))
    .Run(arguments.GetValue(models)!, arguments.GetValue(threads)!));
SteadyHeap.KeepFreedMemory();
return command.Parse(args).Invoke();

/// <summary>Runs the sides by turns, and prints what it measured.</summary>
internal sealed class Benchmark(int rounds, int images, int batchSize)
{
    private const int StepsOfAnUpdate = 100;

    public void Run(string[] models, int[] threads)
    {
        var table = new Table().Border(TableBorder.Ascii)
            .AddColumns("network", "threads", "ours", "plain", "eager", "ours / plain", "ours / eager", "masked / ours", "gradual / ours");
        string? eagerVersion = null;
        foreach (var (model, count) in models.SelectMany(model => threads.Select(count => (model, count))))
        {
            set_num_threads(count);
            var (size, turns) = model switch
            {
                "LeNet-300-100" => (10 * images, rounds),
                "ResNet-18" => (batchSize, Math.Max(1, rounds / 5)),
                _ => (images, rounds),
            };
            var data = Data.Of(model, size, batchSize);
            var ours = new Ours(model, data);
            var masked = new Ours(model, data, masked: true);
            var gradual = new Ours(model, data, updates: Math.Max(1, size / batchSize / StepsOfAnUpdate));
            var plain = new PlainLoop(model, data);
            using var eager = EagerPyTorch.Start(model, count, size, batchSize);
            eagerVersion ??= eager?.Version;
            var seconds = TakeTurns(eager is null ? [ours, masked, gradual, plain] : [ours, masked, gradual, plain, eager], turns);
            table.AddRow(
                model, $"{count}",
                Speed(size, seconds[ours]), Speed(size, seconds[plain]), eager is null ? "" : Speed(size, seconds[eager]),
                Ratio(seconds[plain], seconds[ours]), eager is null ? "" : Ratio(seconds[eager], seconds[ours]),
                Ratio(seconds[ours], seconds[masked]), Ratio(seconds[ours], seconds[gradual]));
        }

        // Written to a file it would be squeezed into 80 columns.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 180);
        AnsiConsole.Write(table);
        Console.WriteLine(
            $"Images/s in medians of {rounds} rounds (ResNet-18: a fifth of them), taken in turns after one to warm up; ratios with their quartiles. "
                + $"Batches of {batchSize}.");
        Console.WriteLine($"ours, plain: TorchSharp with libtorch {__version__}; eager: PyTorch {eagerVersion ?? "absent"}.");
        Console.WriteLine(
            $"masked: half of the weights held at zero; gradual: more of them every {StepsOfAnUpdate} steps, once at least, which takes rounds of as many.");
    }

    /// <summary>Each round starts with another side, so that whatever else the machine does meets all of them.</summary>
    /// <returns>The seconds of each round of each side.</returns>
    private static Dictionary<ISide, double[]> TakeTurns(ISide[] sides, int rounds)
    {
        var seconds = sides.ToDictionary(side => side, _ => new double[rounds]);
        Array.ForEach(sides, side => side.Round());
        for (var i = 0; i < rounds; i++)
        {
            for (var turn = 0; turn < sides.Length; turn++)
            {
                var side = sides[(i + turn) % sides.Length];
                seconds[side][i] = side.Round();
            }
        }

        return seconds;
    }

    private static string Speed(int images, double[] seconds) => FormattableString.Invariant($"{images / Quantile(seconds, 0.5):f0}");

    /// <summary>How many times as fast B is, round by round.</summary>
    private static string Ratio(double[] a, double[] b)
    {
        var ratios = a.Zip(b, (first, second) => first / second).ToArray();
        return FormattableString.Invariant($"{Quantile(ratios, 0.5):f3} ({Quantile(ratios, 0.25):f3} to {Quantile(ratios, 0.75):f3})");
    }

    private static double Quantile(double[] values, double share)
    {
        var sorted = values.Order().ToArray();
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
