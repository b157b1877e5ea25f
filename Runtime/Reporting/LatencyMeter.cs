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
public sealed record Latency(int BatchSize, double Milliseconds, int Runs, int Threads, string Device)
{
    /// <summary>A quarter of the passes took no longer, in milliseconds.</summary>
    public double LowerQuartile { get; init; } = Milliseconds;

    /// <summary>A quarter of the passes took no less, in milliseconds.</summary>
    public double UpperQuartile { get; init; } = Milliseconds;
}

/// <summary>Measures the time of forward passes, in evaluation mode and without gradients.</summary>
public static class LatencyMeter
{
    // Enough runs for a steady median, and enough time for a clock frequency to settle; slow models stop at the minimum.
    private const int WarmUps = 5;
    private const int MinRuns = 20;
    private const int MaxRuns = 1000;
    private const double EnoughSeconds = 0.5;

    // Short turns: whatever else the machine does comes and goes more slowly, and so meets both sides.
    private const int MinTurns = 5;
    private const int MaxTurns = 25;
    private const double TurnSeconds = 0.02;

    /// <summary>Measures a model where it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="samples">One tensor an input of <c>forward</c>, each with one sample or more; repeated to fill a batch.</param>
    /// <param name="batchSizes">The batch sizes to measure at.</param>
    /// <param name="cancellationToken">Looked at before each pass.</param>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyList<Latency> Measure(
        nn.Module model, Func<Tensor[], Tensor[]> forward, Tensor[] samples, IReadOnlyList<int> batchSizes, CancellationToken cancellationToken = default) =>
        InEvaluation(model, samples, device => batchSizes.Select(batchSize =>
        {
            using var pass = new Pass(forward, samples, batchSize, device, cancellationToken);
            Enumerable.Range(0, WarmUps).ToList().ForEach(_ => pass.Take());
            var times = new List<double>();
            for (var started = Stopwatch.GetTimestamp(); times.Count < MinRuns
                || (times.Count < MaxRuns && Stopwatch.GetElapsedTime(started).TotalSeconds < EnoughSeconds);)
            {
                times.Add(pass.Take());
            }

            return pass.Result(times);
        }).ToList());

    /// <summary>
    /// Measures two states of a model by turns. Minutes apart, a machine that is busy with something else at one of them would
    /// make one look several times as fast as the other.
    /// </summary>
    /// <param name="model">The model, in its second state.</param>
    /// <param name="forward">Calls it.</param>
    /// <param name="samples">One tensor an input.</param>
    /// <param name="batchSizes">The batch sizes to measure at.</param>
    /// <param name="exchange">Exchanges the two states; in the end the model is in its second one again.</param>
    /// <param name="cancellationToken">Looked at before each pass.</param>
    internal static IReadOnlyList<LatencyChange> MeasureByTurns(
        nn.Module model,
        Func<Tensor[], Tensor[]> forward,
        Tensor[] samples,
        IReadOnlyList<int> batchSizes,
        Action exchange,
        CancellationToken cancellationToken) =>
        InEvaluation(model, samples, device => batchSizes.Select(batchSize =>
        {
            using var pass = new Pass(forward, samples, batchSize, device, cancellationToken);
            var (before, after) = (new List<double>(), new List<double>());
            var started = Stopwatch.GetTimestamp();
            for (var turn = 0; turn < MinTurns || (turn < MaxTurns && Stopwatch.GetElapsedTime(started).TotalSeconds < 2 * EnoughSeconds); turn++)
            {
                pass.TakeTurn(after);
                exchange();
                try
                {
                    pass.TakeTurn(before);
                }
                finally
                {
                    exchange();
                }
            }

            return new LatencyChange(pass.Result(before), pass.Result(after));
        }).ToList());

    /// <summary>Calls something for a while; the first call only brings weights and code into the caches.</summary>
    /// <param name="call">What is timed.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="times">Is given the milliseconds of each further call; null for nothing.</param>
    internal static void Time(Action call, Device device, double seconds, List<double>? times)
    {
        using (NewDisposeScope())
        {
            call();
        }

        Synchronize(device);
        var began = Stopwatch.GetTimestamp();
        do
        {
            using var scope = NewDisposeScope();
            var started = Stopwatch.GetTimestamp();
            call();
            Synchronize(device);
            times?.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds);
    }

    private static T InEvaluation<T>(nn.Module model, Tensor[] samples, Func<Device, T> measure)
    {
        if (samples.Length == 0 || samples.Any(sample => sample.dim() == 0 || sample.size(0) == 0))
        {
            throw new ArgumentException("There is no sample to measure with; give one or more for each input of the model.", nameof(samples));
        }

        using var modes = new TrainingModes(model);
        using var noGradients = no_grad();
        model.eval();
        return measure(model.parameters().FirstOrDefault()?.device ?? samples[0].device);
    }

    /// <summary>One forward pass, to be taken again and again.</summary>
    private sealed class Pass : IDisposable
    {
        private readonly Func<Tensor[], Tensor[]> forward;
        private readonly Tensor[] inputs;
        private readonly int batchSize;
        private readonly Device device;
        private readonly CancellationToken cancellationToken;

        public Pass(Func<Tensor[], Tensor[]> forward, Tensor[] samples, int batchSize, Device device, CancellationToken cancellationToken)
        {
            (this.forward, this.batchSize, this.device, this.cancellationToken) = (forward, batchSize, device, cancellationToken);
            using var scope = NewDisposeScope();
            inputs = Array.ConvertAll(
                samples,
                sample => sample.index_select(0, arange(batchSize, device: sample.device).remainder(sample.size(0))).to(device).DetachFromDisposeScope());
        }

        /// <summary>Takes it once.</summary>
        /// <returns>The milliseconds that it took.</returns>
        public double Take()
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Synchronize(device);
            var started = Stopwatch.GetTimestamp();
            forward(inputs);
            Synchronize(device);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        /// <summary>Takes it for a short time; the first pass only brings weights and code into the caches.</summary>
        public void TakeTurn(List<double> times)
        {
            Take();
            var started = Stopwatch.GetTimestamp();
            do
            {
                times.Add(Take());
            }
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < TurnSeconds);
        }

        public Latency Result(List<double> times)
        {
            times.Sort();
            return new Latency(
                batchSize,
                Quantile(times, 0.5),
                times.Count,
                get_num_threads(),
                device.ToString()) { LowerQuartile = Quantile(times, 0.25), UpperQuartile = Quantile(times, 0.75) };
        }

        public void Dispose() => Array.ForEach(inputs, input => input.Dispose());
    }

    /// <summary>A GPU answers before it has computed; only after this does a clock tell the truth.</summary>
    private static void Synchronize(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize(device);
        }
    }

    /// <summary>What a share of sorted numbers do not exceed, between two of them in a straight line.</summary>
    internal static double Quantile(List<double> sorted, double share)
    {
        var at = share * (sorted.Count - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]));
    }
}
