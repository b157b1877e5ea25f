using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace PruneGen.Benchmarks.Mnist;

/// <summary>Runs rows with seeds, keeps what they came to in a file, and prints it.</summary>
/// <param name="images">The data, with black as zero or without.</param>
/// <param name="folder">Where the dense models and the file are.</param>
/// <param name="tests">Whether the test images are looked at, and the file is written; false while choosing.</param>
/// <param name="cancellation">Looked at before each batch.</param>
internal sealed class Benchmark(Func<bool, Images> images, string folder, bool tests, CancellationToken cancellation)
{
    // A file has no width of its own, and the console's default would break every cell.
    private const int TableWidth = 220;

    private string File => Path.Combine(folder, "rows.json");

    /// <summary>A row with another number of epochs, where one is given.</summary>
    public static Row With(Row row, int? epochs) => epochs is int given
        ? row with { Options = row.Options with { Retrain = row.Options.Retrain with { Epochs = given } } }
        : row;

    /// <summary>Makes the runs that the file does not have, and prints the table.</summary>
    public void Run(IReadOnlyList<Row> rows, IReadOnlyList<int> seeds)
    {
        var outcomes = tests && System.IO.File.Exists(File)
            ? JsonSerializer.Deserialize(System.IO.File.ReadAllText(File), OutcomeJson.Default.ListOutcome)!
            : [];
        foreach (var (row, seed) in rows.SelectMany(_ => seeds, (row, seed) => (row, seed)))
        {
            var settings = SettingsOf(row);
            if (outcomes.Exists(known => known.Row == row.Name && known.Seed == seed && known.Settings == settings))
            {
                continue;
            }

            var outcome = row.Run(images(row.BlackIsZero), seed, folder, tests, cancellation) with { Settings = settings };
            Console.WriteLine(FormattableString.Invariant(
                $"{outcome.Row}, seed {seed}: validation {outcome.DenseValidation:p2} -> {outcome.Validation:p2}, test {outcome.DenseTest:p2} -> ")
                + FormattableString.Invariant($"{outcome.Test:p2}, {outcome.Weights} weights, {outcome.Widths}, ")
                + FormattableString.Invariant($"{outcome.Bytes?.After} bytes, {outcome.Seconds:f0} s")
                + string.Concat(outcome.Steps.Select(step => FormattableString.Invariant($"; {step.Name} {step.Validation:p2}"))));
            outcomes.RemoveAll(known => known.Row == row.Name && known.Seed == seed);
            outcomes.Add(outcome);
            Write(outcomes);
        }

        Print(rows, seeds, outcomes);
    }

    /// <summary>All that decides what a run comes to.</summary>
    private static string SettingsOf(Row row)
    {
        string[] pruning = [Text(row.Options), .. row.Options.Retrain.Callbacks.OfType<WeightPruning>().Select(callback => Text(callback.Options))];
        return $"batches of {row.BatchSize}, {row.DenseEpochs} dense epochs, shifts {row.DenseShift} and {row.Shift}, black is zero: {row.BlackIsZero}; "
            + string.Join("; ", pruning);

        static string Text(PruneOptions options) =>
            FormattableString.Invariant($"{options.Schedule} until {options.Schedule.Until}, {JsonSerializer.Serialize(options)}");
    }

    // Complete or not at all: an interrupted write leaves the old file.
    private void Write(List<Outcome> outcomes)
    {
        if (tests)
        {
            System.IO.File.WriteAllText(File + ".new", JsonSerializer.Serialize(outcomes, OutcomeJson.Default.ListOutcome));
            System.IO.File.Move(File + ".new", File, overwrite: true);
        }
    }

    private void Print(IReadOnlyList<Row> rows, IReadOnlyList<int> seeds, IReadOnlyList<Outcome> outcomes)
    {
        var table = new Table().Border(TableBorder.Ascii)
            .AddColumns("row", "published", tests ? "test error" : "validation error", "each seed", "dense")
            .AddColumns("weights", "non-zero", "file", "in use", "MACs", "training", "min");
        foreach (var row in rows)
        {
            var runs = outcomes.Where(run => run.Row == row.Name && seeds.Contains(run.Seed)).OrderBy(run => run.Seed).ToList();
            double[] errors = [.. runs.Select(run => tests ? run.Test : run.Validation)];
            var mean = errors.Average();
            var deviation = errors.Length < 2 ? 0 : Math.Sqrt(errors.Sum(error => Math.Pow(error - mean, 2)) / (errors.Length - 1));
            var weights = runs.Max(run => run.Weights);
            var nonZero = runs.Max(run => run.NonZeroParameters.After);
            table.AddRow(
                row.Name,
                row.Error is not double published ? row.Published
                    : row.FewerBytes is double fewer ? Text($"{row.Published}: {fewer}x fewer bytes at {100 * published:0.00}")
                    : Text($"{row.Published}: {row.Weights} at {100 * published:0.00}"),
                Text($"{100 * mean:0.00} ± {100 * deviation:0.00} {(mean > row.Error ? "(above)" : "")}"),
                string.Join(" ", errors.Select(error => Text($"{100 * error:0.00}"))),
                Text($"{100 * runs.Average(run => tests ? run.DenseTest : run.DenseValidation):0.00}"),
                Text($"{weights} ({(double)runs[0].DenseWeights / weights:0.0}x) {(weights <= row.Weights || row.FewerBytes is not null ? "" : "(above)")}"),
                Text($"{nonZero} ({(double)runs[0].NonZeroParameters.Before / nonZero:0.0}x)"),
                FileOf(row, runs),
                string.Join(" ", runs.Select(run => run.Widths).Distinct()),
                Text($"{runs.Max(run => run.Macs.After)}"),
                Text($"{runs.Max(run => run.Epochs)} epochs{(row.Shift > 0 ? FormattableString.Invariant($", shifts of {row.Shift}") : "")}")
                    + (row.Options.Retrain.Distill == Distill.None ? "" : ", taught"),
                Text($"{runs.Average(run => run.Seconds) / 60:0.0}"));
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = TableWidth;
        }

        AnsiConsole.Write(table);
        Console.WriteLine("Errors in per cent. Weights leave biases out, non-zero parameters count them. In use: inputs of each layer with a weight that is "
            + "not zero (of convolutions: filters). Shifts: by how many pixels images are moved at random while training. Taught: by the dense model.");

        // The largest of the files.
        static string FileOf(Row row, List<Outcome> runs)
        {
            if (runs.Where(run => run.Bytes is not null).MaxBy(run => run.Bytes!.After) is not { Bytes: { } bytes, Parts: var parts })
            {
                return "";
            }

            var fewer = (double)bytes.Before / bytes.After;
            return Text($"{bytes.After} ({fewer:0.0}x) {(fewer < row.FewerBytes ? "(above)" : "")}")
                + (parts is null ? "" : Text($" header {parts.Header}, positions {parts.Positions}, codes {parts.Codes}, tables {parts.Tables}, ")
                    + Text($"values {parts.Values}, rest {parts.Held + parts.Framing}"));
        }

        static string Text(FormattableString text) => Markup.Escape(text.ToString(CultureInfo.InvariantCulture));
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(List<Outcome>))]
internal sealed partial class OutcomeJson : JsonSerializerContext;
