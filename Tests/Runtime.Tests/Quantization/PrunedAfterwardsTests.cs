using static TorchSharp.torch;
using Net = PruneGen.Runtime.Tests.WeightSharingTests.Net;

namespace PruneGen.Runtime.Tests;

/// <summary>What weights are stored as is not lost in silence where more is removed: it is refused, or all of it goes.</summary>
public sealed class PrunedAfterwardsTests
{
    [Theory]
    [InlineData(true, "8 bits, per channel")]
    [InlineData(false, "shared, ")]
    public void A_coded_model_is_compacted_once_its_codes_are_released(bool isQuantized, string description)
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        _ = isQuantized ? Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions()) : Pruning.ShareWeights(model, new ShareOptions());
        var (bits, codes) = (TinyNet.Bits(model), Pruning.Codes(model));
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.Compact(model, Forward(model), new PruneOptions(), Data()));
        Assert.Contains($"hidden.weight of Net is stored as a code ({description}", error.Message, StringComparison.Ordinal);
        Assert.Contains("prune before weights are shared or quantized, or call ReleaseCodes() first", error.Message, StringComparison.Ordinal);
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal(16, model.hidden.out_features);
        Assert.Equal(codes.Weights.Keys.Order(), Pruning.Codes(model).Weights.Keys.Order());
        Assert.Equal(codes.Activations, Pruning.Codes(model).Activations);

        Pruning.ReleaseCodes(model);
        Pruning.Compact(model, Forward(model), new PruneOptions(), Data()).Dispose();
        Assert.Equal(8, model.hidden.out_features);
    }

    [Fact]
    public void Nothing_that_goes_loses_no_code()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions());
        Pruning.Compact(model, Forward(model), new PruneOptions { Ratio = 0 }, Data()).Dispose();
        Assert.Equal(2, Pruning.Codes(model).Weights.Count);
    }

    /// <summary>A plain training makes other numbers of weights than their codes tell, which then have none to lose.</summary>
    [Fact]
    public void Weights_that_a_training_moved_since_they_were_quantized_are_compacted()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions());
        Retrainer.Train(model, Forward(model), Data(), options: new RetrainOptions { Epochs = 1 });
        Assert.Empty(Pruning.Codes(model).Weights);
        Pruning.Compact(model, Forward(model), new PruneOptions(), Data()).Dispose();
        Assert.Equal(8, model.hidden.out_features);
        Assert.Empty(Pruning.Codes(model).Weights);
    }

    /// <summary>Channels that leave while the codes of all of them are trained are refused before the training, not behind it.</summary>
    [Fact]
    public void Channels_that_would_leave_a_quantized_training_are_refused_at_once()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var (bits, begun) = (TinyNet.Bits(model), false);
        PruneOptions Options() => new()
        {
            Ratio = 0.5,
            Schedule = PruneSchedule.Gradual(2),
            Retrain = new RetrainOptions { Epochs = 1, Callbacks = [new QuantizationAware(new QuantizeOptions()), new Told(() => begun = true)] },
        };
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.PruneAndRetrain(model, Forward(model), Data(), Data(), Options()));
        Assert.Contains("takes channels of hidden away while the model is trained, and QuantizationAware quantizes them meanwhile", error.Message, StringComparison.Ordinal);
        Assert.False(begun);
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal(16, model.hidden.out_features);
    }

    private sealed class Told(Action tell) : TrainingCallback
    {
        public override void OnBegin(TrainingContext context) => tell();
    }

    private static Func<Tensor[], Tensor[]> Forward(Net model) => inputs => [model.call(inputs[0])];

    private static TrainingData Data() => TrainingData.FromTensors(rand(16, 4), arange(16).remainder(3));
}
