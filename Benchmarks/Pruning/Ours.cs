using System.Diagnostics;
using System.Globalization;
using PruneGen.Samples.ModelZoo;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Pruning;

/// <summary>One model made small once.</summary>
/// <param name="Seconds">From the live model to the compacted one.</param>
/// <param name="Parameters">What it has afterwards.</param>
/// <param name="PeakExtraBytes">How far the process grew on the way; null where the system does not tell.</param>
/// <param name="AllowedBytes">The compacted model and the largest parameter of the dense one.</param>
internal sealed record Turn(double Seconds, long Parameters, long? PeakExtraBytes, long AllowedBytes);

/// <summary>PruneGen's side: links, scores by the L2 norm of each group, selects half of each, compacts.</summary>
internal static class Ours
{
    private static readonly PruneOptions Options = new() { Ratio = 0.5, Criterion = Criterion.L2, Scope = Scope.Local };

    public static Turn Round(string name)
    {
        using var instance = Zoo.Named(name).Create(ZooSize.Full);
        instance.Module.eval();
        var largest = instance.Module.parameters().Max(parameter => parameter.numel() * parameter.element_size());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var before = ResetPeak();

        var started = Stopwatch.GetTimestamp();
        using (var importance = Importance.Of(instance.Plan(Options)))
        using (var selection = Selection.Of(importance))
        {
            using var result = Compaction.Apply(selection);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var peak = Status("VmHWM") - before;
        var parameters = instance.Module.parameters().ToList();
        var compacted = parameters.Sum(parameter => parameter.numel() * parameter.element_size());
        return new Turn(seconds, parameters.Sum(parameter => parameter.numel()), peak, compacted + largest);
    }

    /// <summary>Makes the kernel forget the highest resident size so far; returns the present one, where there is such a kernel.</summary>
    private static long? ResetPeak()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS");
    }

    private static long? Status(string entry) => !OperatingSystem.IsLinux()
        ? null
        : File.ReadLines("/proc/self/status").Where(line => line.StartsWith(entry + ":", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024).Single();
}
