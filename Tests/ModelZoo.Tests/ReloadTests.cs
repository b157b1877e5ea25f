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

    [Fact]
    public void A_table_that_also_scores_is_one_parameter_after_loading()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var instance = Pruned.Small("gpt", Seed);
        using var selection = Pruned.AtRandom(instance, Seed);
        Compaction.Apply(selection).Dispose();
        var file = Path.Combine(folder.FullName, "gpt.prune");
        instance.Save(file);

        using var again = Zoo.Named("gpt").Load(file, ZooSize.Small);
        var (table, head) = (again.Module.get_parameter("tokens.weight")!, again.Module.get_parameter("head.weight")!);
        Assert.True(table.shape[1] < 32, "Nothing was removed.");
        Assert.Equal(table.shape, head.shape);
        table.fill_(3);
        Assert.Equal(3, head.min().item<float>());
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
