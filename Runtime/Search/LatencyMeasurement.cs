using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Measures what a <see cref="LatencyTable"/> holds. The model is as it was afterwards.</summary>
internal sealed class LatencyMeasurement
{
    private const int Turns = 12;
    private const double TurnSeconds = 0.004;
    private static readonly double[] Levels = [0.125, 0.25, 0.5, 0.75, 1];
    private static readonly double[] WholeShares = [1, 0.8, 0.6, 0.4, 0.25, 0.125];

    private readonly PruningPlan plan;
    private readonly Func<Tensor[], Tensor[]> forward;
    private readonly Tensor[] samples;
    private readonly int batchSize;
    private readonly CancellationToken cancellationToken;
    private readonly Device device;

    /// <param name="plan">The linked model.</param>
    /// <param name="forward">Calls it.</param>
    /// <param name="samples">One tensor for each input, repeated to fill a batch.</param>
    /// <param name="batchSize">Samples in a pass.</param>
    /// <param name="cancellationToken">Looked at before each pass.</param>
    public LatencyMeasurement(PruningPlan plan, Func<Tensor[], Tensor[]> forward, Tensor[] samples, int batchSize, CancellationToken cancellationToken)
    {
        (this.forward, this.samples, this.batchSize, this.cancellationToken) = (forward, samples, batchSize, cancellationToken);
        this.plan = ForBatch(plan, batchSize, samples);
        device = plan.Model.parameters().FirstOrDefault()?.device ?? CPU;
    }

    /// <summary>A model as it is linked with so many samples in a batch; what it was linked with before is still remembered.</summary>
    public static PruningPlan ForBatch(PruningPlan plan, int batchSize, IReadOnlyList<Tensor>? samples = null)
    {
        var state = PruneState.Of(plan.Model);
        var remembered = state.InputShapes;
        try
        {
            var shapes = samples?.Select(sample => sample.shape) ?? plan.InputShapes;
            return PruningPlan.LinkModel(plan.Model, plan.Options, [.. shapes.Select(shape => (long[])[batchSize, .. shape.Skip(1)])]);
        }
        finally
        {
            state.InputShapes = remembered;
        }
    }

    /// <summary>Measures everything.</summary>
    public LatencyTable Measure()
    {
        using var random = new RandomState();
        using var modes = new TrainingModes(plan.Model);
        using var noGradients = no_grad();
        plan.Model.eval();
        var model = new LatencyModel(plan);
        var known = new Dictionary<string, LayerLatency>(StringComparer.Ordinal);
        var layers = new List<LayerLatency>();
        foreach (var layer in model.Layers.DistinctBy(layer => layer.Name))
        {
            if (!known.TryGetValue(layer.Signature, out var times))
            {
                known.Add(layer.Signature, times = Measure(layer));
            }

            layers.Add(times with { Name = layer.Name });
        }

        var wholes = Wholes();
        var features = wholes.ConvertAll(whole => new[] { 1, model.Elements.At(whole.Widths), model.LayersAt(layers, whole.Widths) });
        var fitted = NonNegative(features, wholes.ConvertAll(whole => whole.Milliseconds));
        return new LatencyTable
        {
            Model = plan.Model.GetType().Name,
            Machine = LatencyTable.ThisMachine,
            Device = device.ToString(),
            Threads = get_num_threads(),
            BatchSize = batchSize,
            Layers = layers,
            Fixed = fitted[0],
            PerElement = fitted[1],
            PerLayer = fitted[2],
            Checks =
            [
                .. wholes.Zip(features, (whole, own) => new LatencyCheck(whole.Share, whole.Milliseconds, own.Zip(fitted, (x, factor) => x * factor).Sum())),
            ],
        };
    }

    /// <summary>Numbers of at least 0 by which features come to what was measured, with the least squares of relative errors.</summary>
    internal static double[] NonNegative(IReadOnlyList<double[]> features, IReadOnlyList<double> measured)
    {
        var (count, best, least) = (features[0].Length, Array.Empty<double>(), double.PositiveInfinity);
        for (var subset = 1; subset < 1 << count; subset++)
        {
            int[] active = [.. Enumerable.Range(0, count).Where(i => (subset & (1 << i)) != 0)];
            using var scope = NewDisposeScope();

            // Columns of one scale, each row as a share of what was measured.
            double[] scales = [.. active.Select(i => Math.Max(1e-300, features.Select((row, r) => Math.Abs(row[i] / measured[r])).Max()))];
            var rows = features.SelectMany((row, r) => active.Select((i, a) => row[i] / measured[r] / scales[a])).ToArray();
            var matrix = tensor(rows).reshape(features.Count, active.Length);
            var solved = linalg.lstsq(matrix, ones([features.Count, 1], ScalarType.Float64)).Solution.flatten();
            var error = (matrix.matmul(solved) - 1).square().sum().item<double>();
            var values = ChannelSums.Values(solved);
            if (values.All(value => value >= 0) && error < least - 1e-12)
            {
                (best, least) = (new double[count], error);
                for (var a = 0; a < active.Length; a++)
                {
                    best[active[a]] = values[a] / scales[a];
                }
            }
        }

        return best;
    }

    private LayerLatency Measure(TimedLayer layer)
    {
        var widths = plan.WidthsOf();
        var (inputs, outputs) = (Grid(layer.Inputs, widths), layer.IsGrouped ? [layer.Outputs.At(widths)] : Grid(layer.Outputs, widths));
        var points = inputs.SelectMany(_ => outputs, (input, output) => layer.With(input, output, device)).ToList();
        try
        {
            // By turns, so that whatever else the machine does meets all of them; the first turn only warms up.
            var times = points.ConvertAll(_ => new List<double>());
            for (var turn = 0; turn <= Turns; turn++)
            {
                foreach (var (point, own) in points.Zip(times))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    LatencyMeter.Time(point.Call, device, TurnSeconds, turn == 0 ? null : own);
                }
            }

            times.ForEach(own => own.Sort());
            double[][] Rows(double share) => [.. times.Select(own => LatencyMeter.Quantile(own, share)).Chunk(outputs.Length)];
            return new LayerLatency(layer.Name, inputs, outputs, Rows(0.5), Rows(0.9));
        }
        finally
        {
            points.ForEach(point => Array.ForEach(point.Tensors, tensor => tensor.Dispose()));
        }
    }

    private static long[] Grid(WidthForm form, long[] widths) => form.At(widths) is var full && !form.Groups.Any()
        ? [full]
        : [.. Levels.Select(level => Math.Max(1, (long)Math.Round(level * full))).Distinct()];

    /// <summary>The whole model with every group narrowed alike.</summary>
    private List<(double Share, long[] Widths, double Milliseconds)> Wholes()
    {
        var space = WidthSpace.Unscored(plan);
        var choices = WholeShares.Select(share => (Share: share, Kept: (long[])[.. space.Groups.Select(group => group.AtMost(group.Count * share))]))
            .DistinctBy(choice => SearchFile.Key(choice.Kept)).ToList();
        var times = choices.ConvertAll(_ => new List<double>());
        var inputs = Array.ConvertAll(samples, sample => sample.index_select(0, arange(batchSize, device: sample.device).remainder(sample.size(0))).to(device));
        using var before = new ModelState(plan.Model, plan.Widths);
        var putBack = PruneState.Of(plan.Model).Remember();
        try
        {
            for (var turn = 0; turn <= Turns; turn++)
            {
                foreach (var (choice, own) in choices.Zip(times))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var scope = NewDisposeScope();
                    using var selection = new PruneSelection(plan, space.Groups.Select((group, i) => (group, i)).ToDictionary(
                        pair => pair.group.Name,
                        pair => Enumerable.Range(0, (int)pair.group.WidthAt(choice.Kept[pair.i])).Select(index => (long)index).ToArray()));
                    using var compacted = Compaction.Apply(selection);
                    LatencyMeter.Time(() => forward(inputs), device, 5 * TurnSeconds, turn == 0 ? null : own);
                    before.Restore();
                }
            }
        }
        finally
        {
            before.Restore();
            putBack();
            Array.ForEach(inputs, input => input.Dispose());
        }

        return [.. choices.Zip(times, (choice, own) => (choice.Share, space.WidthsOf(choice.Kept), LatencyMeter.Quantile([.. own.Order()], 0.5)))];
    }
}
