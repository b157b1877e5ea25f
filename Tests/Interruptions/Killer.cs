using System.Diagnostics;

namespace PruneGen.Interruptions;

/// <summary>What came of it.</summary>
/// <param name="Kills">How often a process was killed.</param>
/// <param name="WhileSaving">How many of these kills came when the run was over, and its model was being saved.</param>
/// <param name="Runs">How many runs came to their end.</param>
/// <param name="Equal">How many of these ended with the very bytes of one that was never killed.</param>
/// <param name="Lost">How often less was kept behind a kill than before it.</param>
/// <param name="HalfWritten">How often a file that is saved again and again was not whole.</param>
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
    /// <param name="kinds">What is killed, each kind as often as the others.</param>
    /// <param name="kills">How often.</param>
    /// <param name="seed">The seed of the instants.</param>
    /// <param name="say">Is told how it goes.</param>
    public static Outcome Run(IReadOnlyList<Work> kinds, int kills, int seed, Action<string> say)
    {
        var random = new Random(seed);
        var root = Directory.CreateTempSubdirectory("prunegen-kills-").FullName;
        try
        {
            var outcome = new Outcome(0, 0, 0, 0, 0, 0);
            var expected = kinds.ToDictionary(kind => kind, kind => Uninterrupted(Path.Combine(root, kind.Name), kind));
            var killed = kinds.ToDictionary(kind => kind, _ => 0);
            var most = (kills + kinds.Count - 1) / kinds.Count;
            for (var run = 0; outcome.Kills < kills; run++)
            {
                // A run may be over before its instant comes: those that were killed least are next.
                var kind = kinds.MinBy(one => killed[one])!;
                var folder = Directory.CreateDirectory(Path.Combine(root, $"run{run}")).FullName;
                var before = outcome.Kills;
                outcome = KilledUntilItEnds(folder, kind, expected[kind], Math.Min(kills, before + most - killed[kind]), random, outcome);
                killed[kind] += outcome.Kills - before;
                say($"{kind}, killed {killed[kind]} times: {outcome}");
                Directory.Delete(folder, recursive: true);
            }

            return outcome;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>How long a whole run takes, how long of that it saves, and what it ends with.</summary>
    private static Whole Uninterrupted(string folder, Work kind)
    {
        Directory.CreateDirectory(folder);
        var started = Stopwatch.GetTimestamp();
        using var process = Start(folder, kind);
        process.StandardOutput.ReadLine();
        var saving = Stopwatch.GetTimestamp();
        process.WaitForExit();
        return process.ExitCode == 0
            ? new Whole(Stopwatch.GetElapsedTime(started), Stopwatch.GetElapsedTime(saving), kind.ResultIn(folder))
            : throw new InvalidOperationException($"The run of {kind} that nobody killed ended with the exit code {process.ExitCode}.");
    }

    private static Outcome KilledUntilItEnds(string folder, Work kind, Whole expected, int kills, Random random, Outcome outcome)
    {
        var reached = 0L;
        while (true)
        {
            using var process = Start(folder, kind);
            var saving = process.StandardOutput.ReadLineAsync();
            var wait = outcome.Kills < kills ? random.NextDouble() * expected.Time.TotalMilliseconds : int.MaxValue;
            if (outcome.Kills < kills && kind.Saves && random.Next(3) == 0)
            {
                // Saving takes little of the time: some kills wait for it.
                saving.Wait();
                wait = random.NextDouble() * expected.Saving.TotalMilliseconds;
            }

            if (process.WaitForExit((int)wait))
            {
                if (process.ExitCode != 0)
                {
                    throw new InvalidOperationException($"A run of {kind} that was killed before ended with the exit code {process.ExitCode}.");
                }

                var isEqual = kind.ResultIn(folder).AsSpan().SequenceEqual(expected.Result);
                return outcome with { Runs = outcome.Runs + 1, Equal = outcome.Equal + (isEqual ? 1 : 0) };
            }

            process.Kill();
            process.WaitForExit();
            var now = kind.ReachedIn(folder);
            outcome = outcome with
            {
                Kills = outcome.Kills + 1,
                WhileSaving = outcome.WhileSaving + (saving.Result is null ? 0 : 1),
                Lost = outcome.Lost + (now < reached ? 1 : 0),
                HalfWritten = outcome.HalfWritten + (kind.IsHalfWritten(folder) ? 1 : 0),
            };
            reached = now;
        }
    }

    private static Process Start(string folder, Work kind) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(Killer).Assembly.Location, "run", folder, kind.Name]) { RedirectStandardOutput = true })!;

    /// <summary>What a run is that nobody killed.</summary>
    private sealed record Whole(TimeSpan Time, TimeSpan Saving, byte[] Result);
}
