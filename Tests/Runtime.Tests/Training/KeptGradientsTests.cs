using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Where a model is as it was before, so are the gradients that its user has gathered in it.</summary>
public sealed class KeptGradientsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("Score")]
    [InlineData("FindRatios")]
    [InlineData("LearnedMasks")]
    [InlineData("AnalyzeSensitivity")]
    [InlineData("Evaluate")]
    [InlineData("PruneAndRetrain fails")]
    [InlineData("Train fails")]
    [InlineData("Compact fails")]
    [InlineData("Quantize fails")]
    public void Gradients_are_what_they_were(string verb)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        nn.functional.cross_entropy(model.call(linspace(-1, 1, 60).reshape(10, 6)), arange(10) % 3).backward();
        var before = Gradients(model);
        var options = new PruneOptions { Ratio = 0.5, MeasureLatency = false, Criterion = Criterion.Taylor, Retrain = new RetrainOptions { Epochs = 1 } };
        var calls = 0;
        Tensor[] Failing(Tensor[] inputs) => model.first.weight!.size(0) < 16 && ++calls > 2 ? throw new NotSupportedException() : Forward(inputs);
        var half = new PruneBudget { Parameters = 0.5 };
        switch (verb)
        {
            case "Score":
                model.Score(options, data).Dispose();
                break;
            case "FindRatios":
                model.FindRatios(half, data, data, options with { Allocator = Allocator.Greedy }, new SearchSettings { RecoveryEpochs = 1 });
                break;
            case "LearnedMasks":
                model.FindRatios(half, data, data, options with { Allocator = Allocator.LearnedMasks });
                break;
            case "AnalyzeSensitivity":
                model.AnalyzeSensitivity(data, data, points: 2, options);
                break;
            case "Evaluate":
                Retrainer.Evaluate(model, Forward, data);
                break;
            case "PruneAndRetrain fails":
                Assert.Throws<NotSupportedException>(() => Pruning.PruneAndRetrain(model, Failing, data, data, options, PruneProgress.Quiet));
                break;
            case "Train fails":
                Assert.Throws<RetrainException>(() => Retrainer.Train(model, Forward, data, data, options.Retrain with { LearningRate = 1e30 }));
                break;
            case "Compact fails":
                Assert.ThrowsAny<Exception>(() => Pruning.Compact(
                    model, inputs => model.first.weight!.size(0) < 16 ? throw new NotSupportedException() : Forward(inputs), options, data));
                break;
            default:
                using (no_grad())
                {
                    model.second.weight![0, 0] = float.NaN;
                }

                Assert.ThrowsAny<InvalidOperationException>(() => Pruning.Quantize(model, Forward, data, new QuantizeOptions { Weights = 8 }));
                break;
        }

        Assert.Equal(before, Gradients(model));
    }

    private static Dictionary<string, byte[]> Gradients(nn.Module model) =>
        model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!.bytes.ToArray());
}
