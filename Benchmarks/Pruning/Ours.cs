using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PruneGen.Samples.ModelZoo;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Pruning;

/// <summary>One model made small once.</summary>
/// <param name="Seconds">From the live model to the compacted one.</param>
/// <param name="Parameters">What it has afterwards.</param>
/// <param name="AllowedBytes">The compacted model and the largest parameter of the dense one.</param>
internal sealed record Turn(double Seconds, long Parameters, long AllowedBytes);

/// <summary>PruneGen's side: links, scores by the L2 norm of each group, selects half of each, compacts.</summary>
internal static class Ours
{
    private static readonly PruneOptions Options = new() { Ratio = 0.5, Criterion = Criterion.L2, Scope = Scope.Local };

    public static Turn Round(string name)
    {
        using var instance = Create(name, ZooSize.Full);
        var largest = instance.Module.parameters().Max(parameter => parameter.numel() * parameter.element_size());
        Collect();

        var started = Stopwatch.GetTimestamp();
        Prune(instance);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var parameters = instance.Module.parameters().ToList();
        var compacted = parameters.Concat(instance.Module.buffers()).Sum(tensor => tensor.numel() * tensor.element_size());
        return new Turn(seconds, parameters.Sum(parameter => parameter.numel()), compacted + largest);
    }

    /// <summary>The seconds that scoring a new model over so many samples takes: passes over the samples included, linking not.</summary>
    public static double Score(string name, Criterion criterion, int samples)
    {
        using var scope = NewDisposeScope();
        using var instance = Create(name, ZooSize.Full);
        var images = instance.Inputs(samples);
        using var labels = instance.Evaluate(images)[0].argmax(1);
        var plan = instance.Plan(Options with { Granularity = GranularityOf(criterion), Criterion = criterion });
        var data = TrainingData.FromTensors(images[0], labels, samples);
        Collect();

        var started = Stopwatch.GetTimestamp();
        using var importance = Importance.Of(plan, tensors => instance.Forward(tensors), data);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Whole channels, where the criterion scores them.</summary>
    private static PruneGranularity GranularityOf(Criterion criterion) =>
        ImportanceCriterion.Of(criterion) is IChannelCriterion ? Granularity.Structured : Granularity.Unstructured;

    /// <summary>How far a fresh process grows at most while it prunes a model: the highest resident size on the way less the one before.</summary>
    /// <exception cref="PlatformNotSupportedException">The system does not tell; Linux with glibc does.</exception>
    public static long PeakExtraBytes(string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Peak memory is read from /proc, which only Linux has.");
        }

        // A first round brings in code and the managed heap, as it does before time is taken. The tensors that it leaves
        // behind are given back to the system, so that those of the second find nothing that is free to be used again.
        Round(name);
        using var instance = Create(name, ZooSize.Full);
        Collect();
        _ = GiveBackFreeMemory(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Status("VmRSS");
        Prune(instance);
        return Status("VmHWM") - before;
    }

    private static ZooInstance Create(string name, ZooSize size)
    {
        var instance = Zoo.Named(name).Create(size);
        instance.Module.eval();

        // Neither side is timed while it makes an input.
        _ = instance.InputShapes;
        return instance;
    }

    private static void Prune(ZooInstance instance)
    {
        using var importance = Importance.Of(instance.Plan(Options));
        using var selection = Selection.Of(importance);
        using var result = Compaction.Apply(selection);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static long Status(string entry) =>
        File.ReadLines("/proc/self/status").Where(line => line.StartsWith(entry + ":", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024).Single();

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int GiveBackFreeMemory(nint keep);
}
