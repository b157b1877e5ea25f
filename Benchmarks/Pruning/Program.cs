using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PruneGen;
using PruneGen.Benchmarks.Pruning;
using PruneGen.Samples;
using Spectre.Console;
using static TorchSharp.torch;

string[] all = ["lenet", "vgg16", "resnet18", "resnet50", "mobilenet-v2", "densenet121"];
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 7, Description = "Rounds of each side; they take turns." };
var threads = new Option<int>(
    "--threads") { DefaultValueFactory = _ =>
        1, Description = "Threads of each side. One is the figure that counts: with more, PyTorch spins as soon as anything else runs." };
var memory = new Option<string?>("--memory") { Description = "Prunes this one model in this process and prints by how many bytes the process grew at most." };
var criteria = new Option<Criterion[]>("--criteria")
{
    AllowMultipleArgumentsPerToken = true,
    Description = "Times how long these criteria take to score, instead: each on every model, passes over samples included.",
};
var samples = new Option<int>("--samples") { DefaultValueFactory = _ => 4, Description = "Samples to score with." };
var names = new Argument<string[]>("models") { DefaultValueFactory = _ => all, Description = "Models of the zoo that torch_pruning_side.py knows as well." };
var command = new RootCommand(
    "Time for graph, score, selection and compaction of whole models, against Torch-Pruning on the same machine.") 
{
    rounds, threads, memory, criteria, samples, names,
};
command.SetAction(arguments =>
{
    set_num_threads(arguments.GetValue(threads));
    if (arguments.GetValue(memory) is { } model)
    {
        Console.WriteLine(Ours.PeakExtraBytes(model));
    }
    else if (arguments.GetValue(criteria) is { Length: > 0 } scored)
    {
        Score(arguments.GetValue(names)!, scored, arguments.GetValue(samples), arguments.GetValue(rounds), arguments.GetValue(threads));
    }
    else
    {
        Run(arguments.GetValue(names)!, arguments.GetValue(rounds), arguments.GetValue(threads));
    }
});
return command.Parse(args).Invoke();

static void Run(string[] models, int rounds, int threads)
{
    using var theirs = new TorchPruning(threads);
    var table = new Table().Border(TableBorder.Ascii)
        .AddColumns(
            "model", "PruneGen", "Torch-Pruning", "times faster", "parameters left", "Torch-Pruning leaves", "peak extra memory", "compacted + largest");
    foreach (var model in models)
    {
        // One round each to warm up: compilers, allocators, page tables.
        Ours.Round(model);
        theirs.Round(model);
        var turns = Enumerable.Range(0, rounds).Select(_ => (Ours: Ours.Round(model), Theirs: theirs.Round(model))).ToList();
        var (ours, other) = (Median(turns.Select(turn => turn.Ours.Seconds)), Median(turns.Select(turn => turn.Theirs.Seconds)));
        table.AddRow(
            model, Milliseconds(ours), Milliseconds(other), Text($"{other / ours:f1}"),
            Text($"{turns[0].Ours.Parameters:N0}"), Text($"{turns[0].Theirs.Parameters:N0}"),
            OperatingSystem.IsLinux() ? Megabytes(PeakExtraBytes(model, threads)) : "not measured", Megabytes(turns[0].Ours.AllowedBytes));
    }

    // Written to a file it would be squeezed into 80 columns.
    AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 150);
    AnsiConsole.Write(table);
    Console.WriteLine(
        $"Medians of {rounds} rounds, taken in turns after one to warm up; {threads} thread{(threads == 1 ? "" : "s")}; half of every group by its L2 "
            + $"norm, the last layer kept; PruneGen on libtorch {__version__}, {theirs.Version}.");
}

static void Score(string[] models, Criterion[] criteria, int samples, int rounds, int threads)
{
    using var theirs = new TorchPruning(threads);
    var table = new Table().Border(TableBorder.Ascii).AddColumns(["criterion", .. models]);
    var refusals = new List<string>();
    foreach (var criterion in criteria)
    {
        table.AddRow([$"{criterion}", .. models.Select(Times)]);
        string Times(string model)
        {
            try
            {
                Ours.Score(model, criterion, samples);
            }
            catch (InvalidOperationException refusal)
            {
                refusals.Add($"{model}: {refusal.Message}");
                return "refused";
            }

            theirs.Score(model, criterion, samples);
            var turns = Enumerable.Range(0, rounds)
                .Select(_ => (Ours: Ours.Score(model, criterion, samples), Theirs: theirs.Score(model, criterion, samples))).ToList();
            var (ours, other) = (Median(turns.Select(turn => turn.Ours)), Median(turns.Select(turn => turn.Theirs)));
            return Milliseconds(ours) + (double.IsNaN(other) ? "" : Text($" ({other / ours:f1}x)"));
        }
    }

    AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 150);
    AnsiConsole.Write(table);
    Console.WriteLine(
        $"To score a linked model, passes over {samples} samples included; in brackets how many times as long Torch-Pruning takes, where it has the criterion. "
            + $"Medians of {rounds} rounds, taken in turns after one to warm up; {threads} thread{(threads == 1 ? "" : "s")}; "
            + $"PruneGen on libtorch {__version__}, {theirs.Version}.");
    refusals.ForEach(Console.WriteLine);
}

static long PeakExtraBytes(string model, int threads)
{
    var start = ThisProgram.StartInfo("--memory", model, "--threads", threads.ToString(CultureInfo.InvariantCulture));
    start.RedirectStandardOutput = true;
    using var process = Process.Start(start)!;
    var answer = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0
        ? long.Parse(answer, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"The process that measures the memory of {model} ended with {process.ExitCode}.");
}

static double Median(IEnumerable<double> values)
{
    var sorted = values.Order().ToList();
    return sorted[sorted.Count / 2];
}

static string Milliseconds(double seconds) => Text($"{1000 * seconds:f2} ms");
static string Megabytes(long bytes) => Text($"{bytes / 1e6:f1} MB");
static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
