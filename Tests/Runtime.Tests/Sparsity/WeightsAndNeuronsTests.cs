using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Weights and neurons in one pass, by a threshold each.</summary>
public sealed class WeightsAndNeuronsTests
{
    private static readonly PruneOptions Options = new()
    {
        Criterion = Criterion.MeanActivation, Threshold = 1, WeightThreshold = 3.5, MeasureLatency = false, Retrain = new RetrainOptions { Epochs = 0 },
        Layers = { ["output"] = new LayerPruneOptions { WeightThreshold = 0.5 } },
    };

    [Fact]
    public void Neurons_leave_the_model_and_weights_of_the_rest_are_held_at_zero()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();

        // At (1, 1) the neurons are relu(1 − 2 + 0.5) = 0 and relu(3 + 4 − 0.25) = 6.75; of the second, 3 is below 3.5, 4 is not, and −1 is not below 0.5.
        var report = Prune(model, Options);
        Assert.Equal([0, 4], Pruned.Values(model.hidden.weight!));
        Assert.Equal([-1], Pruned.Values(model.output.weight!));
        Assert.Equal([0, 1], Pruned.Values(WeightMasks.Of(model.hidden, "weight")!));

        // 9 parameters; then 2 + 1 + 1 + 1, of which one is zero.
        Assert.Equal((9, 5), (report.Parameters.Before, report.Parameters.After));
        Assert.Equal((9, 4), (report.NonZeroParameters.Before, report.NonZeroParameters.After));
        Assert.Equal("Structured, weights below 3.5", report.Granularity);

        // relu(4 · 1 − 0.25) · −1 + 10
        Assert.Equal([6.25], Pruned.Values(Pruned.Evaluate(model, ones(1, 2))));
    }

    [Fact]
    public void What_is_below_the_threshold_stays_at_zero_while_the_rest_is_trained()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        Prune(model, Options with { Retrain = new RetrainOptions { Epochs = 3, LearningRate = 0.1, Device = CPU } });
        var weights = Pruned.Values(model.hidden.weight!);
        Assert.Equal(0, weights[0]);
        Assert.NotEqual(4, weights[1]);
    }

    [Fact]
    public void No_layer_loses_all_its_weights_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Prune(model, Options with { WeightThreshold = 5 }));
        Assert.Contains("WeightThreshold 5 would set all weights of hidden.weight to zero that stay; the largest magnitude of it is 4", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void Beside_single_weights_there_is_one_threshold_only()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new PruneOptions { Granularity = Granularity.Unstructured, WeightThreshold = 1 }.Validate());
        Assert.Contains("WeightThreshold of the model is 1; it goes beside whole channels; with Unstructured give Threshold", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PruneOptions { WeightThreshold = -1 }.Validate());
    }

    private static PruneReport Prune(TwoNeurons model, PruneOptions options)
    {
        var data = TrainingData.FromTensors(ones(4, 2), zeros(4, 1), batchSize: 4);
        return Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet);
    }
}
