using System.Text.Json;
using static TorchSharp.torch;

namespace PruneGen.Interruptions;

/// <summary>Searches for ratios with a search file, and writes down what was found.</summary>
/// <param name="Allocator">What searches.</param>
public sealed record SearchWork(Allocator Allocator) : Work(Allocator.ToString())
{
    /// <inheritdoc/>
    public override void Run(string folder)
    {
        var data = SmallNet.Data();
        using var model = SmallNet.New();
        RatioAllocator allocator = Allocator == Allocator.LearnedMasks ? new LearnedMaskSearch { Epochs = 16 } : Allocator;
        var options = new PruneOptions { Allocator = allocator, Retrain = new RetrainOptions { Device = CPU } };
        var settings = new SearchSettings { Evaluations = 60, Seed = 3, BatchNormBatches = 8, File = FileIn(folder) };
        var result = model.FindRatios(new PruneBudget { Macs = 0.4 }, data, data, options, settings);
        File.WriteAllText(ResultFileIn(folder), result.ToJson());
    }

    /// <inheritdoc/>
    public override byte[] ResultIn(string folder) => File.ReadAllBytes(ResultFileIn(folder));

    /// <summary>How many choices were evaluated, and for how many epochs masks were learnt.</summary>
    public override long ReachedIn(string folder)
    {
        if (!File.Exists(FileIn(folder)) || IsHalfWritten(folder))
        {
            return 0;
        }

        using var file = JsonDocument.Parse(File.ReadAllText(FileIn(folder)));
        var epochs = 0L;
        foreach (var state in file.RootElement.GetProperty("states").EnumerateObject())
        {
            using var masks = JsonDocument.Parse(state.Value.GetString()!);
            epochs += masks.RootElement.GetProperty("epoch").GetInt64();
        }

        return file.RootElement.GetProperty("evaluations").EnumerateObject().Count() + epochs;
    }

    /// <inheritdoc/>
    public override bool IsHalfWritten(string folder)
    {
        try
        {
            using var file = File.Exists(FileIn(folder)) ? JsonDocument.Parse(File.ReadAllText(FileIn(folder))) : null;
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private static string FileIn(string folder) => Path.Combine(folder, "search.json");

    private static string ResultFileIn(string folder) => Path.Combine(folder, "found.json");
}
