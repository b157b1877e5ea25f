using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Batches have what the model takes, and targets where somebody looks at them; else they are refused before anything is changed.</summary>
public sealed class BatchInputsTests : IDisposable
{
    private static readonly PruneOptions Options = new()
    {
        Ratio = 0.5,
        MeasureLatency = false,
        Retrain = new RetrainOptions { Device = CPU, Epochs = 1 },
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Criterion> Unlabelled =>
    [
        Criterion.MeanActivation, Criterion.Apoz, Criterion.Contribution, Criterion.Wanda, Criterion.OptimalBrainSurgeon, Criterion.SparseGpt,
        Criterion.L1, Criterion.CosineSimilarity,
    ];

    public static TheoryData<Criterion> Labelled =>
    [
        Criterion.Taylor, Criterion.TaylorWeight, Criterion.Fisher, Criterion.Gradient, Criterion.Snip, Criterion.Hessian, Criterion.Grasp,
        Criterion.ActivationDerivative,
    ];

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(2, "PruneAndRetrain")]
    [InlineData(2, "FindRatios")]
    [InlineData(2, "AnalyzeSensitivity")]
    [InlineData(2, "PruneComparison")]
    [InlineData(2, "Compact")]
    [InlineData(2, "Quantize")]
    public void Training_data_of_other_inputs_than_the_model_takes_is_refused_before_anything_is_changed(int inputs, string verb)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var (x, y) = (ones(20, 6), arange(20) % 3);
        var wrong = TrainingData.FromTensors([.. Enumerable.Repeat(x, inputs)], y);
        var before = TinyNet.Bits(model);
        var finished = new List<PruneOutcome>();
        var error = Assert.Throws<ArgumentException>(() => _ = verb switch
        {
            "PruneAndRetrain" => (object)model.PruneAndRetrain(wrong, data, Options, PruneProgress.Quiet),
            "FindRatios" => model.FindRatios(new PruneBudget { Parameters = 0.5 }, wrong, data, Options with { Allocator = Allocator.Uniform }),
            "AnalyzeSensitivity" => model.AnalyzeSensitivity(wrong, data, points: 2),
            "Compact" => model.Compact(Options, wrong, [1, 6]),
            "Quantize" => Pruning.Quantize(model, inputs => [model.call(inputs[0])], wrong),
            _ => new PruneComparison<SearchTests.Blobs>(() => new SearchTests.Blobs(), made => inputs => [made.call(inputs[0])], wrong, data, data)
            {
                Finished = finished.Add,
            }.Run([new PruneRecipe("L1", new PruneOptions())], [0.5], [1]),
        });
        Assert.Contains("Blobs takes 1 input", error.Message);
        Assert.Contains($"{inputs}", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(finished);
    }

    [Theory]
    [MemberData(nameof(Unlabelled))]
    public void Criteria_that_look_at_no_labels_score_data_without_targets(Criterion criterion)
    {
        double[] Scores(bool hasTargets)
        {
            var (model, _) = SearchTests.Blobs.Trained();
            using var random = new Generator(3);
            var x = randn([30, 6], generator: random);
            var y = hasTargets ? [arange(30) % 3] : Array.Empty<Tensor>();
            var isSingle = ImportanceCriterion.Of(criterion) is not IChannelCriterion;
            using var importance = model.Score(
                Options with { Criterion = criterion, Granularity = isSingle ? Granularity.Unstructured : Granularity.Structured },
                TrainingData.FromBatches(() => [new Batch([x.narrow(0, 0, 20)], [.. y.Select(one => one.narrow(0, 0, 20))])]));
            return isSingle ? importance.Weights["first.weight"].to_type(ScalarType.Float64).flatten().data<double>().ToArray() : importance.Groups["first"];
        }

        Assert.Equal(Scores(hasTargets: true), Scores(hasTargets: false));
    }

    [Theory]
    [MemberData(nameof(Labelled))]
    public void Criteria_that_look_at_labels_refuse_data_without_targets(Criterion criterion)
    {
        var (model, _) = SearchTests.Blobs.Trained();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => model.Score(Options with { Criterion = criterion }, WithoutTargets()));
        Assert.Contains("no targets", error.Message);
        Assert.Contains("MeanActivation", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void Ranges_are_calibrated_on_data_without_targets()
    {
        var (model, _) = SearchTests.Blobs.Trained();
        Assert.NotEmpty(Pruning.Quantize(model, inputs => [model.call(inputs[0])], WithoutTargets(), new QuantizeOptions { Weights = 8, Activations = 8 }).Activations);
    }

    [Fact]
    public void Training_and_evaluation_refuse_data_without_targets()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var before = TinyNet.Bits(model);
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        Action[] verbs =
        [
            () => Retrainer.Train(model, Forward, WithoutTargets(), null, Options.Retrain),
            () => Retrainer.Evaluate(model, Forward, WithoutTargets(), Options.Retrain),
            () => model.PruneAndRetrain(WithoutTargets(), data, Options, PruneProgress.Quiet),
            () => model.PruneAndRetrain(data, WithoutTargets(), Options, PruneProgress.Quiet),
        ];
        Assert.All(verbs, verb => Assert.Contains("no targets", Assert.Throws<InvalidOperationException>(verb).Message));
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_loss_of_all_results_may_do_without_targets()
    {
        var (model, _) = SearchTests.Blobs.Trained();
        var options = Options.Retrain with { LossOfAll = (results, _) => results[0].square().mean() };
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], WithoutTargets(), WithoutTargets(), options);
        Assert.Null(result.Final!.Error);
        Assert.Equal(20, result.Final.Samples);
    }

    [Fact]
    public void The_target_of_a_batch_without_any_is_refused_in_words()
    {
        var batch = new Batch([ones(3, 2)]);
        Assert.Equal(3, batch.Size);
        Assert.Contains("no targets", Assert.Throws<InvalidOperationException>(() => batch.Target).Message);
    }

    private static TrainingData WithoutTargets()
    {
        var x = linspace(-2, 2, 120).reshape(20, 6);
        return TrainingData.FromBatches(() => [new Batch([x])]);
    }
}
