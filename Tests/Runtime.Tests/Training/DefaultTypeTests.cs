using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What type new tensors have by default is the user's matter: nothing here goes by it.</summary>
public sealed class DefaultTypeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(Allocator.Reinforcement)]
    [InlineData(Allocator.LearnedMasks)]
    [InlineData(Allocator.Genetic)]
    public void A_search_finds_the_same_whatever_type_is_the_default(Allocator allocator) => Same((model, data) => model.FindRatios(
        new PruneBudget { Parameters = 0.5 }, data, data, new PruneOptions { Allocator = allocator }, new SearchSettings { Evaluations = 8 }).ToJson());

    [Theory]
    [MemberData(nameof(Criteria))]
    public void A_criterion_scores_the_same_whatever_type_is_the_default(Criterion criterion) => Same((model, data) =>
    {
        var isSingle = ImportanceCriterion.Of(criterion) is not IChannelCriterion;
        using var importance = model.Score(
            new PruneOptions { Ratio = 0.5, Criterion = criterion, Granularity = isSingle ? Granularity.Unstructured : Granularity.Structured }, data);
        return string.Join(' ', isSingle ? [importance.Weights["first.weight"].sum().ToDouble()] : importance.Groups["first"]);
    });

    [Fact]
    public void Training_comes_to_the_same_whatever_type_is_the_default()
    {
        var callbacks = new Func<TrainingCallback>[]
        {
            () => new RigL(0.5), () => new GroupLasso(1e-3), () => new HardConcreteGates(1e-3), () => new MovementPruning(0.5),
            () => new BatchNormSparsity(1e-3), () => new QuantizationAware(new QuantizeOptions { Weights = 8, Activations = 8 }),
        };
        foreach (var callback in callbacks)
        {
            Same((model, data) =>
            {
                var options = new RetrainOptions { Epochs = 2, Device = CPU, Callbacks = [callback()], MaxGradientNorm = 1 };
                Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, options);
                return string.Join(' ', TinyNet.Bits(model).Select(entry => Convert.ToHexString(entry.Value)));
            });
        }
    }

    [Fact]
    public void Pruning_with_codes_comes_to_the_same_whatever_type_is_the_default() => Same((model, data) =>
    {
        var options = new PruneOptions
        {
            Ratio = 0.5,
            MeasureLatency = false,
            Share = new ShareOptions { Bits = 3 },
            Quantize = new QuantizeOptions { Weights = 0, Activations = 8 },
            Retrain = new RetrainOptions { Epochs = 1, Distill = Distill.SoftTargets },
        };
        model.PruneAndRetrain(data, data, options, PruneProgress.Quiet);
        return string.Join(' ', TinyNet.Bits(model).Select(entry => Convert.ToHexString(entry.Value)));
    });

    /// <summary>All but those that want maps, or a BatchNorm behind each layer.</summary>
    public static TheoryData<Criterion> Criteria => [.. Enum.GetValues<Criterion>().Where(one => one is not (Criterion.HRank or Criterion.BatchNormScale))];

    private static void Same(Func<SearchTests.Blobs, TrainingData, string> work)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var expected = work(model, data);
        (model, data) = SearchTests.Blobs.Trained();
        set_default_dtype(ScalarType.Float64);
        try
        {
            Assert.Equal(expected, work(model, data));
        }
        finally
        {
            set_default_dtype(ScalarType.Float32);
        }
    }
}
