using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

public sealed class ReloadTests : IDisposable
{
    private const int Seed = 4;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunegen-zoo-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Every_pruned_model_answers_the_same_in_a_new_process()
    {
        using var scope = NewDisposeScope();
        foreach (var entry in Zoo.Models)
        {
            using var instance = Pruned.Small(entry.Name, Seed);
            using var selection = Pruned.AtRandom(instance, Seed);
            Compaction.Apply(selection).Dispose();
            ReloadCheck.Save(entry, instance, folder.FullName, Seed);
        }

        var (exitCode, lines) = Run(ReloadCheck.Arguments(folder.FullName, ZooSize.Small, Seed));

        Assert.Equal(Zoo.Models.Select(model => $"{model.Name} reloaded in a new process: max abs difference of the results: 0").Order(StringComparer.Ordinal), lines);
        Assert.Equal(0, exitCode);
    }

    private static (int ExitCode, string[] Lines) Run(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Zoo).Assembly.Location, .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
