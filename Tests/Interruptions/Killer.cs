using System.Diagnostics;

namespace PruneGen.Interruptions;

/// <summary>What came of it.</summary>
/// <param name="Kills">How often a process was killed.</param>
/// <param name="WhileSaving">How many of these kills came when the run was over, and its model was being saved.</param>
/// <param name="Runs">How many runs came to their end.</param>
/// <param name="Equal">How many of these ended with the very bytes of one that was never killed.</param>
/// <param name="Lost">How often less was kept behind a kill than before it.</param>
/// <param name="HalfWritten">How often a saved model was not whole.</param>
public sealed record Outcome(int Kills, int WhileSaving, int Runs, int Equal, int Lost, int HalfWritten)
{
    /// <summary>Whether all is as it should be.</summary>
    public bool IsGood => Runs > 0 && Equal == Runs && Lost == 0 && HalfWritten == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Kills} kills ({WhileSaving} while saving), {Runs} runs ended, {Equal} of them equal to the uninterrupted one; "
            + $"{Lost} lost, {HalfWritten} half-written.";
}

/// <summary>Kills runs at random instants, and has them go on.</summary>
public static class Killer
{
    /// <summary>Kills so many times, and lets each run come to its end in between.</summary>
    /// <param name="kills">How often.</param>
    /// <param name="seed">The seed of the instants.</param>
    /// <param name="say">Is told how it goes.</param>
    public static Outcome Run(int kills, int seed, Action<string> say)
    {
        var random = new Random(seed);
        var root = Directory.CreateTempSubdirectory("prunegen-kills-").FullName;
        try
        {
            var outcome = new Outcome(0, 0, 0, 0, 0, 0);
            var kinds = Enum.GetValues<Kind>();
            var expected = kinds.ToDictionary(kind => kind, kind => Uninterrupted(Path.Combine(root, kind.ToString()), kind));
            for (var run = 0; outcome.Kills < kills; run++)
            {
                var kind = kinds[run % kinds.Length];
                var folder = Directory.CreateDirectory(Path.Combine(root, $"run{run}")).FullName;
                outcome = KilledUntilItEnds(folder, kind, expected[kind], kills, random, outcome);
                say($"{outcome}");
                Directory.Delete(folder, recursive: true);
            }

            return outcome;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>How long a whole run takes, how long of that it saves, and the weights that it ends with.</summary>
    private static Whole Uninterrupted(string folder, Kind kind)
    {
        Directory.CreateDirectory(folder);
        var started = Stopwatch.GetTimestamp();
        using var process = Start(folder, kind);
        process.StandardOutput.ReadLine();
        var saving = Stopwatch.GetTimestamp();
        process.WaitForExit();
        return process.ExitCode == 0
            ? new Whole(Stopwatch.GetElapsedTime(started), Stopwatch.GetElapsedTime(saving), WeightsOf(folder))
            : throw new InvalidOperationException($"The run that nobody killed ended with the exit code {process.ExitCode}.");
    }

    private static Outcome KilledUntilItEnds(string folder, Kind kind, Whole expected, int kills, Random random, Outcome outcome)
    {
        var reached = 0L;
        while (true)
        {
            using var process = Start(folder, kind);
            var saving = process.StandardOutput.ReadLineAsync();
            var wait = outcome.Kills < kills ? random.NextDouble() * expected.Time.TotalMilliseconds : int.MaxValue;
            if (outcome.Kills < kills && random.Next(3) == 0)
            {
                // Saving takes little of the time: some kills wait for it.
                saving.Wait();
                wait = random.NextDouble() * expected.Saving.TotalMilliseconds;
            }

            if (process.WaitForExit((int)wait))
            {
                if (process.ExitCode != 0)
                {
                    throw new InvalidOperationException($"A run that was killed before ended with the exit code {process.ExitCode}.");
                }

                var isEqual = WeightsOf(folder).AsSpan().SequenceEqual(expected.Weights);
                return outcome with { Runs = outcome.Runs + 1, Equal = outcome.Equal + (isEqual ? 1 : 0) };
            }

            process.Kill();
            process.WaitForExit();
            var now = Newest(folder);
            outcome = outcome with
            {
                Kills = outcome.Kills + 1,
                WhileSaving = outcome.WhileSaving + (saving.Result is null ? 0 : 1),
                Lost = outcome.Lost + (now < reached ? 1 : 0),
                HalfWritten = outcome.HalfWritten + (File.Exists(Work.ModelIn(folder)) && !IsWhole(Work.ModelIn(folder)) ? 1 : 0),
            };
            reached = now;
        }
    }

    /// <summary>The number of the newest file that was kept; 0 where there is none.</summary>
    private static long Newest(string folder) => !Directory.Exists(Work.CheckpointIn(folder)) ? 0
        : Directory.GetFiles(Work.CheckpointIn(folder), "0*.checkpoint").Select(file => long.Parse(Path.GetFileNameWithoutExtension(file)))
            .DefaultIfEmpty().Max();

    private static bool IsWhole(string path)
    {
        try
        {
            PruneFile.ReadHeader(path);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The weights of a saved model, byte by byte; the report in the file tells times, which differ.</summary>
    private static byte[] WeightsOf(string folder)
    {
        using var model = SmallNet.LoadPruned(Work.ModelIn(folder));
        return [.. model.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.bytes.ToArray())];
    }

    private static Process Start(string folder, Kind kind) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(Killer).Assembly.Location, "run", folder, kind.ToString()]) { RedirectStandardOutput = true })!;

    /// <summary>What a run is that nobody killed.</summary>
    private sealed record Whole(TimeSpan Time, TimeSpan Saving, byte[] Weights);
}
