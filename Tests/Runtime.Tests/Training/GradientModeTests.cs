using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What makes or trains parameters does so whatever gradient mode it is called in, and leaves that mode as it was.</summary>
public sealed class GradientModeTests : IDisposable
{
    private static readonly PruneBudget Half = new() { Parameters = 0.5 };

    private static readonly PruneOptions Options = new()
    {
        Ratio = 0.5,
        MeasureLatency = false,
        Retrain = new RetrainOptions { Device = CPU, Epochs = 1 },
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.prune");

    public static TheoryData<string, bool> Verbs
    {
        get
        {
            var all = new TheoryData<string, bool>();
            foreach (var verb in (string[])
            [
                "PruneAndRetrain", "Train", "PruneComparison", "LearnedMasks", "RecoveryEpochs", "Compact", "CompactMask", "CompactZeros", "Quantize",
                "ShareWeights", "AnalyzeSensitivity", "Evaluate", "Score", "PermuteChannels", "Compaction.Apply", "CompactInputs", "Load",
            ])
            {
                all.Add(verb, false);
                all.Add(verb, true);
            }

            return all;
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        File.Delete(file);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_verb_does_its_work_without_gradients_or_in_inference_mode_and_leaves_a_model_that_can_be_trained(string verb, bool isInference)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        Pruning.Save(model, file);
        using (isInference ? (IDisposable)inference_mode() : no_grad())
        {
            model = Run(verb, model, data);
            Assert.Equal(isInference, is_inference_mode_enabled());
            Assert.False(is_grad_enabled());
        }

        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, Options.Retrain);
        Assert.True(double.IsFinite(result.Final!.Loss));
    }

    [Fact]
    public void Another_model_can_be_pruned_by_a_callback()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var (other, _) = SearchTests.Blobs.Trained();
        var callback = new PruningOther(() => other.PruneAndRetrain(data, data, Options, PruneProgress.Quiet));
        Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, Options.Retrain with { Callbacks = [callback] });
        Assert.Equal(8, other.first.weight!.size(0));
    }

    [Fact]
    public void Data_that_was_made_in_inference_mode_is_trained_on()
    {
        var (model, _) = SearchTests.Blobs.Trained();
        TrainingData data;
        using (inference_mode())
        {
            data = TrainingData.FromTensors(randn(20, 6), arange(20) % 3, batchSize: 10, shuffle: false);
            Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, Options.Retrain);
        }

        Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, Options.Retrain);
    }

    [Theory]
    [InlineData("PruneAndRetrain")]
    [InlineData("Train")]
    [InlineData("Compact")]
    public void A_model_that_was_made_in_inference_mode_is_refused_by_the_name_of_a_parameter(string verb)
    {
        var (_, data) = SearchTests.Blobs.Trained();
        using var inference = inference_mode();
        var model = new SearchTests.Blobs();
        var error = Assert.Throws<InvalidOperationException>(() => Run(verb, model, data));
        Assert.Contains("first.weight", error.Message);
        Assert.Contains("inference_mode", error.Message);
    }

    private SearchTests.Blobs Run(string verb, SearchTests.Blobs model, TrainingData data)
    {
        switch (verb)
        {
            case "PruneAndRetrain":
                model.PruneAndRetrain(data, data, Options, PruneProgress.Quiet);
                break;
            case "Train":
                Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, Options.Retrain);
                break;
            case "PruneComparison":
                new PruneComparison<SearchTests.Blobs>(() => new SearchTests.Blobs(), made => inputs => [made.call(inputs[0])], data, data, data)
                {
                    Epochs = 1,
                }.Run([new PruneRecipe("L1", new PruneOptions()), new PruneRecipe("drawn", new PruneOptions()) { FromScratch = true }], [0.5], [1]);
                break;
            case "LearnedMasks":
                model.FindRatios(Half, data, data, Options with { Allocator = Allocator.LearnedMasks });
                break;
            case "RecoveryEpochs":
                model.FindRatios(Half, data, data, Options with { Allocator = Allocator.Uniform }, new SearchSettings { RecoveryEpochs = 1 });
                break;
            case "AnalyzeSensitivity":
                model.AnalyzeSensitivity(data, data, points: 2);
                break;
            case "Compact":
                model.Compact(Options, data).Dispose();
                break;
            case "CompactMask":
                using (var mask = model.Mask(Options, data))
                {
                    model.Compact(mask).Dispose();
                }

                break;
            case "CompactZeros":
                using (no_grad())
                {
                    model.first.weight![3] = 0f;
                    model.first.bias![3] = 0f;
                    model.norm.weight![3] = 0f;
                    model.norm.bias![3] = 0f;
                }

                model.CompactZeros(data).Dispose();
                break;
            case "CompactInputs":
                using (no_grad())
                {
                    model.first.weight![.., 2] = 0f;
                }

                model.CompactInputs(data);
                using (inference_mode(false))
                {
                    return SearchTests.Blobs.Trained().Model;
                }

            case "Quantize":
                Pruning.Quantize(model, inputs => [model.call(inputs[0])], data, new QuantizeOptions { Weights = 8, Activations = 8 });
                break;
            case "ShareWeights":
                Pruning.ShareWeights(model, new ShareOptions { Bits = 3 });
                break;
            case "PermuteChannels":
                model.PermuteChannels(Options with { Granularity = Granularity.NOfM }, data);
                break;
            case "Evaluate":
                Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], data);
                break;
            case "Score":
                model.Score(Options with { Criterion = Criterion.Taylor }, data).Dispose();
                break;
            case "Compaction.Apply":
                using (var importance = model.Score(Options, data))
                {
                    using var selection = Selection.Of(importance);
                    Compaction.Apply(selection).Dispose();
                }

                break;
            case "Load":
                return Pruning.Load(file, () => new SearchTests.Blobs());
            default:
                throw new ArgumentException(verb);
        }

        return model;
    }

    private sealed class PruningOther(Action prune) : TrainingCallback
    {
        public override void OnStep(TrainingContext context)
        {
            if (context.Step == 1)
            {
                prune();
            }
        }
    }
}
