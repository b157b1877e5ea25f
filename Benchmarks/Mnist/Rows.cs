namespace PruneGen.Benchmarks.Mnist;

/// <summary>The published figures, and the options of the one call that is to surpass each; they were chosen by the error on the validation images.</summary>
internal static class Rows
{
    // Weights of the dense networks, biases left out.
    private const long LeNet300Weights = 266_200;
    private const long LeNet5Weights = 430_500;

    public static readonly Row[] All =
    [
        Sparse300("han-300", "Han et al. 2015, 12x", LeNet300Weights / 12, 0.0159, ratio: 0.9182, epochs: 10),
        Sparse300("snip95-300", "SNIP, 95 %", LeNet300Weights / 20, 0.016, ratio: 0.9515, epochs: 10),
        Sparse300("snip98-300", "SNIP, 98 %", LeNet300Weights / 50, 0.024, ratio: 0.982, epochs: 12),
        Sparse300("dns-300", "Dynamic Network Surgery, 56x", LeNet300Weights / 56, 0.0199, ratio: 0.9837, epochs: 20),
        Sparse300("svd-300", "Sparse VD, 68x", LeNet300Weights / 68, 0.0192, ratio: 0.9854, epochs: 60, until: 0.2, rate: 2e-3),
        Narrow300("vib-300", "VIBNet, 97-71-33", (97 * 71) + (71 * 33) + (33 * 10), 0.016, 97, 71, 33, epochs: 300),
        Sparse5("han-lenet5", "Han et al. 2015, 12x", LeNet5Weights / 12, 0.0077, (10, 20, 100), ratio: 0.9172, epochs: 8),
        Taught5("dns-lenet5", "Dynamic Network Surgery, 108x", LeNet5Weights / 108, 0.0091, (10, 20, 100), ratio: 0.9908, epochs: 16),
        Taught5("snip98-lenet5", "SNIP, 98 %", LeNet5Weights / 50, 0.008, (10, 20, 100), ratio: 0.9801, epochs: 12),
        Sparse5("snip99-lenet5", "SNIP, 99 %", LeNet5Weights / 100, 0.011, (8, 16, 80), ratio: 0.9903, epochs: 8),
        Taught5("svd-lenet5", "Sparse VD, 280x", LeNet5Weights / 280, 0.0075, (8, 16, 80), ratio: 1 - (1 / 281.0), epochs: 30),
        Narrow5("l0-lenet5", "L0, 9-18-65-25", (9 * 25) + (18 * 9 * 25) + (65 * 25) + (25 * 10), 0.01, 9, 18, 65, 25, epochs: 20, shift: 1),
        Deep300("deep-300", ratio: 0.95, epochs: 12, bits: 5),
        Deep5("deep-lenet5", ratio: 0.95, epochs: 6, bits: 5),
        Quantized5("ptq8-lenet5", new() { Training = QuantizedTraining.None }),
        Quantized5("ptq4-lenet5", At(4, QuantizedTraining.None)),
        Quantized5("ptq4-tensor-lenet5", At(4, QuantizedTraining.None) with { PerChannel = false }),
        Quantized5("ptq4-minmax-lenet5", At(4, QuantizedTraining.None) with { WeightRange = RangeRule.MinMax }),
        Quantized5("ptq4-minmax-tensor-lenet5", At(4, QuantizedTraining.None) with { WeightRange = RangeRule.MinMax, PerChannel = false }),
        Quantized5("qat4-lenet5", At(4, QuantizedTraining.StraightThrough)),
        Quantized5("lsq4-lenet5", At(4, QuantizedTraining.LearnedSteps)),
        Quantized5("ptq2-lenet5", At(2, QuantizedTraining.None)),
        Quantized5("ptq2-tensor-lenet5", At(2, QuantizedTraining.None) with { PerChannel = false }),
        Quantized5("ada2-lenet5", At(2, QuantizedTraining.None) with { Rounding = Rounding.Adaptive, BiasCorrection = true }),
        Quantized5("qat2-lenet5", At(2, QuantizedTraining.StraightThrough)),
        Quantized5("ternary-lenet5", new() { Grid = WeightGrid.Ternary, Epochs = 5 }),
        Quantized5("binary-lenet5", new() { Grid = WeightGrid.Binary, Epochs = 5 }),
        Narrow5("bc-lenet5", "Bayesian compression, 5-10-76-16", (5 * 25) + (10 * 5 * 25) + (76 * 16) + (16 * 10), 0.01, 5, 10, 76, 16, epochs: 40, until: 0.3),
    ];

    /// <summary>As the attributes say: single weights go while the model is trained, the smallest of all first.</summary>
    private static Row Sparse300(
        string name, string published, long weights, double error, double ratio, int epochs, double until = 0.5, double rate = 4e-3) =>
        new Row<LeNet300100>(name, published, weights, error)
        {
            BlackIsZero = true,
            DenseEpochs = 30,
            DenseShift = 1,
            Shift = 1,
            Options = LeNet300100.DefaultPruneOptions with
            {
                Ratio = ratio,
                Schedule = PruneSchedule.Gradual(updates: 60, until),
                Retrain = LeNet300100.DefaultPruneOptions.Retrain with { Epochs = epochs, LearningRate = rate },
            },
        };

    /// <summary>Deep Compression: single weights go, those that stay share a few values, which are trained; the file counts.</summary>
    private static Row Deep300(string name, double ratio, int epochs, int bits)
    {
        var sparse = Sparse300(name, "Deep Compression", LeNet300Weights / 40, 0.0158, ratio, epochs);
        return sparse with { FewerBytes = 40, Options = sparse.Options with { Share = new ShareOptions { Bits = bits, Epochs = 4 } } };
    }

    /// <summary>The same of LeNet-5, behind the removal of channels and neurons.</summary>
    private static Row Deep5(string name, double ratio, int epochs, int bits)
    {
        var sparse = Sparse5(name, "Deep Compression", LeNet5Weights / 39, 0.0074, (10, 20, 100), ratio, epochs);
        return sparse with { FewerBytes = 39, Options = sparse.Options with { Share = new ShareOptions { Bits = bits, Epochs = 4 } } };
    }

    /// <summary>LeNet-5 quantized, with nothing pruned, to compare ways with each other.</summary>
    private static Row Quantized5(string name, QuantizeOptions options) => new Row<LeNet5>(name, "-", LeNet5Weights, Error: null)
    {
        DenseEpochs = 6,
        BatchSize = 64,
        Options = LeNet5.DefaultPruneOptions with
        {
            Ratio = 0,
            Quantize = options,
            Retrain = LeNet5.DefaultPruneOptions.Retrain with { Epochs = 0 },
        },
    };

    private static QuantizeOptions At(int bits, QuantizedTraining training) => new() { Weights = bits, Activations = 4, Training = training };

    /// <summary>Neurons go first, those that the loss needs least; while the narrow model is retrained, it stops reading inputs.</summary>
    private static Row Narrow300(string name, string published, long weights, double error, int inputs, int fc1, int fc2, int epochs) =>
        new Row<LeNet300100>(name, published, weights, error)
        {
            BlackIsZero = true,
            DenseEpochs = 30,
            DenseShift = 1,
            Shift = 1,
            Options = LeNet300100.DefaultPruneOptions with
            {
                Granularity = Granularity.Structured,
                Criterion = Criterion.Taylor,
                Schedule = PruneSchedule.OneShot,
                Layers = Keeping(("fc1", fc1), ("fc2", fc2)),
                Retrain = LeNet300100.DefaultPruneOptions.Retrain with { Epochs = epochs, Callbacks = [ReadingFewer(inputs, until: 0.1)] },
            },
        };

    /// <summary>As <see cref="Sparse5"/>, taught by the dense model; the weights go early, at half the rate, so that more is learnt without them.</summary>
    private static Row Taught5(
        string name, string published, long weights, double error, (int Conv1, int Conv2, int Fc1) widths, double ratio, int epochs) =>
        Sparse5(name, published, weights, error, widths, ratio, epochs, until: 0.4, rate: 2e-3, Distill.SoftTargets);

    /// <summary>Channels and neurons go first, those that the loss needs least; while the narrow model is retrained, single weights go.</summary>
    private static Row Sparse5(
        string name,
        string published,
        long weights,
        double error,
        (int Conv1, int Conv2, int Fc1) widths,
        double ratio,
        int epochs,
        double until = 0.8,
        double rate = 4e-3,
        Distill distill = Distill.None) =>
        new Row<LeNet5>(name, published, weights, error)
        {
            DenseEpochs = 6,
            BatchSize = 64,
            Shift = 1,
            Options = Narrowed(widths, epochs, rate, distill, new WeightPruning(new PruneOptions
            {
                Granularity = Granularity.Unstructured,
                Ratio = ratio,
                Criterion = Criterion.L1,
                Scope = Scope.Global,
                Schedule = PruneSchedule.Gradual(updates: 60, until),
            })),
        };

    /// <summary>Channels and neurons go first, those that the loss needs least; while the narrow model is retrained, fc1 stops reading inputs.</summary>
    private static Row Narrow5(
        string name, string published, long weights, double error, int conv1, int conv2, int inputs, int fc1, int epochs, int shift = 0, double until = 0.6) =>
        new Row<LeNet5>(name, published, weights, error)
        {
            DenseEpochs = 6,
            BatchSize = 64,
            Shift = shift,
            Options = Narrowed((conv1, conv2, fc1), epochs, rate: 4e-3, Distill.SoftTargets, ReadingFewer(inputs, until)),
        };

    private static PruneOptions Narrowed(
        (int Conv1, int Conv2, int Fc1) widths, int epochs, double rate, Distill distill, TrainingCallback callback) =>
        LeNet5.DefaultPruneOptions with
        {
            Layers = Keeping(("conv1", widths.Conv1), ("conv2", widths.Conv2), ("fc1", widths.Fc1)),
            Retrain = LeNet5.DefaultPruneOptions.Retrain with { Epochs = epochs, LearningRate = rate, Distill = distill, Callbacks = [callback] },
        };

    /// <summary>Leaves inputs of fc1 unread, those that the loss needs least, until so many are left.</summary>
    private static WeightPruning ReadingFewer(int inputs, double until) => new(new PruneOptions
    {
        Granularity = Granularity.Column,
        Ratio = 0,
        Criterion = new WandaCriterion { WithinRows = false },
        Schedule = PruneSchedule.Gradual(updates: 30, until),
        Layers = { ["fc1"] = new() { Keep = inputs } },
    });

    private static Dictionary<string, LayerPruneOptions> Keeping(params ReadOnlySpan<(string Layer, int Keep)> widths)
    {
        var layers = new Dictionary<string, LayerPruneOptions>();
        foreach (var (layer, keep) in widths)
        {
            layers.Add(layer, new LayerPruneOptions { Keep = keep });
        }

        return layers;
    }
}
