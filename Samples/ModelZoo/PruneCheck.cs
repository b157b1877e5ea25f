using Spectre.Console;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Prunes a model with random weights and shows that nothing else changed.</summary>
internal static class PruneCheck
{
    private const int Samples = 2;

    /// <summary>Masks and compacts a model, compares the two, and has the compacted one loaded by a new process.</summary>
    /// <returns>0 when the reloaded model answers just as the saved one.</returns>
    public static int Run(ZooModel entry, ZooSize size, double ratio, int seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        using var instance = entry.Create(size);
        AsIfTrained.Make(instance, seed);
        var plan = instance.Plan(new PruneOptions { Ratio = ratio, Retrain = new() { Seed = seed } });
        using var importance = Importance.Of(plan);
        using var selection = Selection.Of(importance);

        var inputs = instance.Inputs(Samples);
        using var mask = PruneMask.Of(selection);
        mask.Apply();
        var masked = instance.Evaluate(inputs);
        using var result = Compaction.Apply(mask);
        var compacted = instance.Evaluate(inputs);

        AnsiConsole.Write(Counts(result));
        Console.WriteLine($"Masked against compacted: max abs difference of the results of {Samples} samples: {MaxDifference(masked, compacted):g3}");
        foreach (var group in plan.Groups.Where(group => !group.Exact).GroupBy(group => group.InexactBecause))
        {
            Console.WriteLine($"  They may differ in {group.Count()} groups: {group.Key}.");
        }

        return ReloadCheck.InNewProcess([(entry, instance)], size, seed);
    }

    /// <summary>The largest absolute difference of two lists of results.</summary>
    public static double MaxDifference(Tensor[] first, Tensor[] second) =>
        first.Zip(second).Max(pair => (pair.First - pair.Second).abs().max().to_type(ScalarType.Float64).item<double>());

    private static Table Counts(CompactResult result)
    {
        var (before, after) = (result.Before, result.After);
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "before", "after", "");
        foreach (var column in table.Columns.Skip(1))
        {
            column.RightAligned();
        }

        AddRow("channels in groups", result.Groups.Sum(group => group.Before), result.Groups.Sum(group => group.After));
        AddRow("parameters", before.Parameters, after.Parameters);
        AddRow("multiply-accumulates", before.Macs ?? 0, after.Macs ?? 0);
        AddRow("bytes", before.Bytes, after.Bytes);
        return table;

        void AddRow(string what, long was, long now) => table.AddRow(what, $"{was:N0}", $"{now:N0}", $"{(double)now / was:P1}");
    }
}
