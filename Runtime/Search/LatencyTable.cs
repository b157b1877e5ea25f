using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How long one layer takes by itself, at some numbers of inputs and outputs.</summary>
/// <param name="Name">Its path in the model.</param>
/// <param name="Inputs">The numbers of input channels or features, ascending.</param>
/// <param name="Outputs">The numbers of outputs, ascending.</param>
/// <param name="Milliseconds">The median time, a row for each number of inputs and a column for each number of outputs.</param>
/// <param name="P90">The time that nine of ten calls did not exceed, likewise.</param>
public sealed record LayerLatency(string Name, long[] Inputs, long[] Outputs, double[][] Milliseconds, double[][] P90)
{
    /// <summary>The median at numbers in between, linear in each; beyond the table it is what stands at its edge. Never less where a number is
    /// larger.</summary>
    public double At(double inputs, double outputs)
    {
        var ((i, inside), (j, across)) = (Place(Inputs, inputs), Place(Outputs, outputs));
        double Value(int row, int column) => Most(Math.Min(row, Inputs.Length - 1), Math.Min(column, Outputs.Length - 1));
        double Row(int row) => (Value(row, j) * (1 - across)) + (Value(row, j + 1) * across);
        return (Row(i) * (1 - inside)) + (Row(i + 1) * inside);
    }

    /// <summary>Whether there is a time for each pair of widths.</summary>
    internal bool IsWhole => this is { Name: not null, Inputs.Length: > 0, Outputs.Length: > 0, P90: not null } && Milliseconds?.Length == Inputs.Length
        && Milliseconds.All(row => row?.Length == Outputs.Length);

    private static (int Index, double Part) Place(long[] grid, double value)
    {
        var above = Array.FindIndex(grid, number => number > value);
        return above switch
        {
            < 0 => (grid.Length - 1, 0),
            0 => (0, 0),
            _ => (above - 1, (value - grid[above - 1]) / (grid[above] - grid[above - 1])),
        };
    }

    /// <summary>What was measured there or at anything smaller: noise must not make a wider layer faster.</summary>
    private double Most(int row, int column)
    {
        var most = 0.0;
        for (var i = 0; i <= row; i++)
        {
            for (var j = 0; j <= column; j++)
            {
                most = Math.Max(most, Milliseconds[i][j]);
            }
        }

        return most;
    }
}

/// <summary>A whole model beside what the table says of it.</summary>
/// <param name="Share">The share of every group that it kept.</param>
/// <param name="Milliseconds">The measured median of a pass.</param>
/// <param name="Predicted">What the table says.</param>
public sealed record LatencyCheck(double Share, double Milliseconds, double Predicted);

/// <summary>
/// How long a model takes as a function of its widths, measured on one machine: each Linear and convolution by itself at some widths, and the whole model, all
/// groups narrowed alike, at a few. A pass takes <see cref="Fixed"/>, <see cref="PerElement"/> for each number that a step of <c>forward</c> makes, and <see
/// cref="PerLayer"/> times what its layers take by themselves.
/// </summary>
public sealed record LatencyTable
{
    /// <summary>Name of the model's class.</summary>
    public required string Model { get; init; }

    /// <summary>What it was measured on.</summary>
    public required string Machine { get; init; }

    /// <summary>Where the model was: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Threads that libtorch used within an operation.</summary>
    public required int Threads { get; init; }

    /// <summary>Samples in a pass.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The layers, in the order of <c>forward</c>.</summary>
    public required IReadOnlyList<LayerLatency> Layers { get; init; }

    /// <summary>Milliseconds that every pass takes, at least 0.</summary>
    public required double Fixed { get; init; }

    /// <summary>Milliseconds for each element of what steps of <c>forward</c> make, at least 0.</summary>
    public required double PerElement { get; init; }

    /// <summary>What a layer takes in the model for each millisecond by itself, at least 0.</summary>
    public required double PerLayer { get; init; }

    /// <summary>The whole models that these three were fitted to.</summary>
    public required IReadOnlyList<LatencyCheck> Checks { get; init; }

    /// <summary>This machine, as tables name it.</summary>
    public static string ThisMachine { get; } = $"{Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSArchitecture}";

    /// <summary>Reads a table that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static LatencyTable FromJson(string json)
    {
        var read = JsonSerializer.Deserialize(json, SearchJson.Default.LatencyTable) ?? throw new JsonException("The text is null where a table should be.");
        return read is { Model: not null, Machine: not null, Layers: not null, Checks: not null } && read.Layers.All(layer => layer?.IsWhole == true)
            ? read : throw new JsonException("Something in the table is null, or a layer has other numbers of times than of widths.");
    }

    /// <summary>The table as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SearchJson.Default.LatencyTable);

    /// <summary>Why what it says may not hold here; null where it was measured on a machine like this, with as many threads.</summary>
    public string? Warning() => Machine == ThisMachine && Threads == get_num_threads() ? null
        : $"The latencies of {Model} were measured on {Machine} with {Threads} threads, and are used on {ThisMachine} with {get_num_threads()}: budgets of "
            + "time hold there, not here. Delete the file to have them measured anew.";

    /// <summary>What is to be said of the latencies that a model's budget goes by; null for nothing.</summary>
    internal static string? WarningOf(PruningPlan plan) =>
        plan.Options.Budget is { LimitsLatency: true } ? PruneState.Of(plan.Model).Latency?.Warning() : null;

    /// <summary>
    /// Sees to it that what a budget needs to know about a model's latency is known: from an earlier call, from the file that the budget names, or
    /// measured now.
    /// </summary>
    /// <param name="plan">The linked model, with its options.</param>
    /// <param name="forward">Calls it.</param>
    /// <param name="samples">Makes one tensor for each input; null where there is nothing to call it with.</param>
    /// <param name="cancellationToken">Looked at before each pass.</param>
    internal static void Prepare(PruningPlan plan, Func<Tensor[], Tensor[]> forward, Func<Tensor[]?> samples, CancellationToken cancellationToken = default)
    {
        var state = PruneState.Of(plan.Model);
        if (plan.Options.Budget is not { LimitsLatency: true } budget || state.Latency?.BatchSize == budget.LatencyBatchSize)
        {
            return;
        }

        if (budget.LatencyFile is { } file && File.Exists(file))
        {
            var read = Read(file);
            if (read.Model != plan.Model.GetType().Name || read.BatchSize != budget.LatencyBatchSize)
            {
                throw new InvalidOperationException(
                    $"{file} holds the latencies of {read.Model} in batches of {read.BatchSize}, and those of {plan.Model.GetType().Name} in batches of "
                        + $"{budget.LatencyBatchSize} are asked for; give another file, or delete it.");
            }

            if (read.Warning() is { } warning)
            {
                System.Diagnostics.Trace.TraceWarning(warning);
            }

            state.Latency = read;
            return;
        }

        if (samples() is not { Length: > 0 } inputs)
        {
            throw new InvalidOperationException(
                $"The budget limits the latency of {plan.Model.GetType().Name}, and there is nothing to call it with to measure that; give data, or the shape "
                    + "of each input.");
        }

        try
        {
            state.Latency = new LatencyMeasurement(plan, forward, inputs, budget.LatencyBatchSize, cancellationToken).Measure();
        }
        finally
        {
            Array.ForEach(inputs, input => input.Dispose());
        }

        if (budget.LatencyFile is { } target)
        {
            AtomicFile.WriteText(target, state.Latency.ToJson());
        }
    }

    private static LatencyTable Read(string file)
    {
        try
        {
            return FromJson(File.ReadAllText(file));
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException($"{file} holds no latencies: {error.Message} Give another file, or delete it to have them measured.", error);
        }
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        var named = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return named?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.OSDescription;
    }
}
