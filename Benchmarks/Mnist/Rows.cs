namespace PruneGen.Benchmarks.Mnist;

/// <summary>The published figures.</summary>
internal static class Rows
{
    private static readonly PruneOptions Dense300 = LeNet300100.DefaultPruneOptions;
    private static readonly PruneOptions Dense5 = LeNet5.DefaultPruneOptions;

    public static readonly Row[] All =
    [
        new Row<LeNet300100>("han-300", "Han et al. 2015, 12 times", 266_200 / 12, 0.0159) { Options = Dense300 with { Ratio = 0.919 } },
        new Row<LeNet300100>("snip95-300", "SNIP, 95 %", 13_310, 0.016) { Options = Dense300 with { Ratio = 0.952 } },
        new Row<LeNet300100>("snip98-300", "SNIP, 98 %", 5_324, 0.024) { Options = Dense300 with { Ratio = 0.982 } },
        new Row<LeNet300100>("dns-300", "Dynamic Network Surgery, 56 times", 266_200 / 56, 0.0199) { Options = Dense300 with { Ratio = 0.9837 } },
        new Row<LeNet300100>("svd-300", "Sparse VD, 68 times", 266_200 / 68, 0.0192) { Options = Dense300 with { Ratio = 0.9869 } },
        new Row<LeNet5>("han-lenet5", "Han et al. 2015, 12 times", 430_500 / 12, 0.0077) { Options = Narrow5(12, 30, 200, 0.918) },
        new Row<LeNet5>("dns-lenet5", "Dynamic Network Surgery, 108 times", 430_500 / 108, 0.0091) { Options = Narrow5(10, 20, 100, 1 - (1 / 110.0)) },
        new Row<LeNet5>("snip98-lenet5", "SNIP, 98 %", 8_610, 0.008) { Options = Narrow5(12, 25, 150, 0.981) },
        new Row<LeNet5>("snip99-lenet5", "SNIP, 99 %", 4_305, 0.011) { Options = Narrow5(10, 20, 100, 0.9905) },
        new Row<LeNet5>("svd-lenet5", "Sparse VD, 280 times", 430_500 / 280, 0.0075) { Options = Narrow5(10, 20, 80, 1 - (1 / 285.0)) },
        new Row<LeNet5>("l0-lenet5", "L0, 9-18-65-25", 6_150, 0.01) { Options = Widths5(9, 18, 65, 25) },
        new Row<LeNet5>("bc-lenet5", "Bayesian compression, 5-10-76-16", 2_751, 0.01) { Options = Widths5(5, 10, 76, 16) },
    ];

    /// <summary>Channels and neurons go first, those that the loss needs least; while the narrow model is retrained, single weights go.</summary>
    private static PruneOptions Narrow5(int conv1, int conv2, int fc1, double ratio) => Structured5(conv1, conv2, fc1, new WeightPruning(new PruneOptions
    {
        Granularity = Granularity.Unstructured, Ratio = ratio, Criterion = Criterion.L1, Scope = Scope.Global, Schedule = PruneSchedule.Gradual(60, 0.8),
    }));

    /// <summary>Channels and neurons go first; while the narrow model is retrained, fc1 stops reading inputs.</summary>
    private static PruneOptions Widths5(int conv1, int conv2, int inputs, int fc1) => Structured5(conv1, conv2, fc1, new WeightPruning(new PruneOptions
    {
        Granularity = Granularity.Column,
        Ratio = 0,
        Criterion = Criterion.TaylorWeight,
        Schedule = PruneSchedule.Gradual(30, 0.6),
        Layers = { ["fc1"] = new() { Keep = inputs } },
    }));

    private static PruneOptions Structured5(int conv1, int conv2, int fc1, TrainingCallback callback) => LeNet5.DefaultPruneOptions with
    {
        Layers = new Dictionary<string, LayerPruneOptions>
        {
            ["conv1"] = new() { Keep = conv1 }, ["conv2"] = new() { Keep = conv2 }, ["fc1"] = new() { Keep = fc1 },
        },
        Retrain = LeNet5.DefaultPruneOptions.Retrain with { Callbacks = [callback] },
    };
}
