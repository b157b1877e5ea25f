using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How long one forward pass takes.</summary>
/// <param name="BatchSize">Samples in the pass.</param>
/// <param name="Milliseconds">Median time of the pass.</param>
/// <param name="Runs">Number of passes that the median is taken over.</param>
/// <param name="Threads">Threads that libtorch uses within an operation.</param>
/// <param name="Device">Where the model was: <c>cpu</c>, <c>cuda:0</c>.</param>
public sealed record Latency(int BatchSize, double Milliseconds, int Runs, int Threads, string Device);

/// <summary>Measures the time of forward passes, in evaluation mode and without gradients.</summary>
public static class LatencyMeter
{
    // Enough runs for a steady median, and enough time for a clock frequency to settle; slow models stop at the minimum.
    private const int WarmUps = 5;
    private const int MinRuns = 20;
    private const int MaxRuns = 1000;
    private const double EnoughSeconds = 0.5;

    /// <summary>Measures a model where it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it: <c>inputs => model.call(inputs[0])</c>.</param>
    /// <param name="samples">One tensor an input of <c>forward</c>, each with one sample or more; repeated to fill a batch.</param>
    /// <param name="batchSizes">The batch sizes to measure at.</param>
    /// <param name="cancellationToken">Looked at before each pass.</param>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyList<Latency> Measure(
        nn.Module model, Func<Tensor[], Tensor> forward, Tensor[] samples, IReadOnlyList<int> batchSizes, CancellationToken cancellationToken = default) =>
        MeasureAny(model, inputs => forward(inputs), samples, batchSizes, cancellationToken);

    /// <summary>Measures a model of any number of results.</summary>
    internal static IReadOnlyList<Latency> MeasureAny(
        nn.Module model, Action<Tensor[]> forward, Tensor[] samples, IReadOnlyList<int> batchSizes, CancellationToken cancellationToken)
    {
        if (samples.Length == 0 || samples.Any(sample => sample.dim() == 0 || sample.size(0) == 0))
        {
            throw new ArgumentException("There is no sample to measure with; give one or more for each input of the model.", nameof(samples));
        }

        using var modes = new TrainingModes(model);
        using var noGradients = no_grad();
        model.eval();
        return batchSizes.Select(batchSize => Measure(forward, samples, batchSize, model.parameters().FirstOrDefault()?.device ?? samples[0].device, cancellationToken)).ToList();
    }

    private static Latency Measure(Action<Tensor[]> forward, Tensor[] samples, int batchSize, Device device, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var inputs = Array.ConvertAll(samples, sample => sample.index_select(0, arange(batchSize, device: sample.device).remainder(sample.size(0))).to(device));
        for (var i = 0; i < WarmUps; i++)
        {
            Pass();
        }

        var times = new List<double>();
        for (var started = Stopwatch.GetTimestamp(); times.Count < MinRuns || (times.Count < MaxRuns && Stopwatch.GetElapsedTime(started).TotalSeconds < EnoughSeconds);)
        {
            times.Add(Pass());
        }

        return new Latency(batchSize, Median(times), times.Count, get_num_threads(), device.ToString());

        double Pass()
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            Synchronize(device);
            var started = Stopwatch.GetTimestamp();
            forward(inputs);
            Synchronize(device);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    /// <summary>A GPU answers before it has computed; only after this does a clock tell the truth.</summary>
    private static void Synchronize(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize(device);
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
    }
}
