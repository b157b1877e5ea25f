using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
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
var names = new Argument<string[]>("models") { DefaultValueFactory = _ => all, Description = "Models of the zoo that torch_pruning_side.py knows as well." };
var command = new RootCommand(
    "Time for graph, score, selection and compaction of whole models, against Torch-Pruning on the same machine.") { rounds, threads, memory, names };
command.SetAction(arguments =>
{
    set_num_threads(arguments.GetValue(threads));
    if (arguments.GetValue(memory) is { } model)
    {
        Console.WriteLine(Ours.PeakExtraBytes(model));
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
