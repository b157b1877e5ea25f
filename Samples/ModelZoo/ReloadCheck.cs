using System.CommandLine;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Shows that saved models need nothing of the process that saved them.</summary>
public static class ReloadCheck
{
    private const int Samples = 2;

    /// <summary>What the program is called with to check a folder that <see cref="Save"/> filled.</summary>
    public static string[] Arguments(string folder, ZooSize size, int seed) => ["reload", folder, size.ToString(), $"{seed}", $"{get_num_threads()}"];

    /// <summary>Saves models and has a new process load them and compare their results.</summary>
    /// <returns>0 when they are the same to the last bit.</returns>
    public static int InNewProcess(IReadOnlyList<(ZooModel Entry, ZooInstance Instance)> models, ZooSize size, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("prunegen-zoo-");
        try
        {
            foreach (var (entry, instance) in models)
            {
                Save(entry, instance, folder.FullName, seed);
            }

            return ThisProgram.InNewProcess(Arguments(folder.FullName, size, seed));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Saves a model, and its results for inputs that the seed gives.</summary>
    public static void Save(ZooModel entry, ZooInstance instance, string folder, int seed)
    {
        using var scope = NewDisposeScope();
        instance.Save(Path.Combine(folder, entry.Name + ".prune"));
        foreach (var (i, result) in Results(instance, seed).Index())
        {
            result.save(ResultFile(folder, entry.Name, i));
        }
    }

    /// <summary>What the new process runs: <c>reload FOLDER SIZE SEED THREADS</c>.</summary>
    public static Command Command()
    {
        var folder = new Argument<string>("folder");
        var size = new Argument<ZooSize>("size");
        var seed = new Argument<int>("seed");
        var threads = new Argument<int>("threads");
        var command = new Command("reload", "Loads pruned models and compares their results with saved ones.") { folder, size, seed, threads };
        command.Hidden = true;
        command.SetAction((arguments, _) => ThisProgram.Guarded(() =>
        {
            set_num_threads(arguments.GetValue(threads));
            var files = Directory.GetFiles(arguments.GetValue(folder)!, "*.prune").Order(StringComparer.Ordinal);
            var differences = files.Select(file => Difference(file, arguments.GetValue(size), arguments.GetValue(seed))).ToList();
            return Task.FromResult(differences.All(difference => difference == 0) ? 0 : 1);
        }));
        return command;
    }

    private static double Difference(string file, ZooSize size, int seed)
    {
        using var scope = NewDisposeScope();
        var name = Path.GetFileNameWithoutExtension(file);
        using var instance = Zoo.Named(name).Load(file, size);
        var results = Results(instance, seed);
        var expected = results.Select((_, i) => Tensor.load(ResultFile(Path.GetDirectoryName(file)!, name, i))).ToArray();
        var difference = PruneCheck.MaxDifference(results, expected);
        Console.WriteLine($"{name} reloaded in a new process: max abs difference of the results: {difference:R}");
        return difference;
    }

    private static Tensor[] Results(ZooInstance instance, int seed)
    {
        manual_seed(seed);
        return instance.Evaluate(instance.Inputs(Samples));
    }

    private static string ResultFile(string folder, string name, int i) => Path.Combine(folder, $"{name}.{i}.dat");
}
