using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What is not a number is never a result: it is said where it comes from, and the model stays as it is.</summary>
public sealed class NotANumberTests : IDisposable
{
    private static readonly PruneBudget Half = new() { Parameters = 0.5 };
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Verbs => ["Evaluate", "FindRatios", "AnalyzeSensitivity", "PruneComparison", "PruneAndRetrain"];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Data_that_is_no_number_is_named_and_the_model_stays_as_it_is(string verb)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var before = TinyNet.Bits(model);
        var x = ones(80, 6);
        x[50, 3] = float.NaN;
        var bad = TrainingData.FromTensors(x, zeros(80, ScalarType.Int64), batchSize: 40, shuffle: false);
        var error = Assert.ThrowsAny<InvalidOperationException>(() => Run(verb, model, data, bad));
        Assert.Contains("input 1 of batch 2", error.Message);
        Assert.Contains("NaN", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Theory]
    [InlineData("Evaluate")]
    [InlineData("FindRatios")]
    [InlineData("AnalyzeSensitivity")]
    [InlineData("PruneAndRetrain")]
    public void A_weight_that_is_no_number_is_named_and_the_model_stays_as_it_is(string verb)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        using (no_grad())
        {
            model.second.bias![2] = float.NaN;
        }

        var before = TinyNet.Bits(model);
        var error = Assert.ThrowsAny<InvalidOperationException>(() => Run(verb, model, data, data));
        Assert.Contains("second", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void Outputs_that_are_no_numbers_of_finite_data_and_weights_are_named()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var error = Assert.Throws<InvalidOperationException>(
            () => Retrainer.Evaluate(model, inputs => [model.call(inputs[0]) / zeros(1) * 0], data, new RetrainOptions { Device = CPU }));
        Assert.Contains("result 1", error.Message);
        Assert.Contains("Blobs", error.Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_of_finite_outputs_is_said_to_be_so()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var options = new RetrainOptions { Device = CPU, Loss = (output, _) => (output.sum() * 0).log().sub(float.NegativeInfinity).mul(0) };
        var error = Assert.Throws<InvalidOperationException>(() => Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], data, options));
        Assert.Contains("RetrainOptions.Loss", error.Message);
    }

    [Fact]
    public void An_answer_that_is_no_number_is_a_wrong_one()
    {
        var output = tensor(new[] { float.NaN, 1, 1, 2, 0, 1 }, [2, 3]);
        var (wrong, all) = LossFunctions.Wrong(output, zeros(2, ScalarType.Int64))!.Value;
        Assert.Equal((1, 2), (wrong.item<long>(), all.item<long>()));
    }

    [Fact]
    public void A_candidate_that_answers_no_number_is_worse_than_any_other()
    {
        foreach (var error in new double?[] { 0, 1, null })
        {
            foreach (var loss in new[] { double.NaN, double.PositiveInfinity })
            {
                Assert.True(SearchContext.Badness(new Evaluation(loss, error, 4)) >= SearchContext.Badness(new Evaluation(1e30, error is null ? null : 1, 4)));
                Assert.False(new Evaluation(double.NaN, error, 4).IsBetterThan(new Evaluation(2, error is null ? null : 1, 4)));
                Assert.True(new Evaluation(2, error is null ? null : 1, 4).IsBetterThan(new Evaluation(double.NaN, error, 4)));
            }
        }
    }

    [Theory]
    [InlineData(Allocator.Genetic)]
    [InlineData(Allocator.RandomSearch)]
    [InlineData(Allocator.Sensitivity)]
    [InlineData(Allocator.DynamicProgramming)]
    public void A_search_finds_a_choice_of_numbers_among_such_as_answer_none(Allocator allocator)
    {
        var (model, data) = SearchTests.Blobs.Trained();

        // Too narrow a first layer answers nothing.
        Tensor[] Forward(Tensor[] inputs) => [model.first.weight!.size(0) < 4 ? model.call(inputs[0]) * float.NaN : model.call(inputs[0])];
        var seen = new List<SearchProgress>();
        var settings = new SearchSettings { Evaluations = 24, Progress = seen.Add };
        var found = Pruning.FindRatios(model, Forward, new PruneBudget { Parameters = 0.3 }, data, data, new PruneOptions { Allocator = allocator }, settings);
        Assert.True(double.IsFinite(found.Found.Loss));
        Assert.All(seen.Where(one => double.IsNaN(one.Last.Loss)), one => Assert.Equal(1, one.Last.Error));
    }

    [Fact]
    public void Where_only_choices_that_answer_no_number_fit_the_search_says_so()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        Tensor[] Forward(Tensor[] inputs) => [model.first.weight!.size(0) < 16 ? model.call(inputs[0]) * float.NaN : model.call(inputs[0])];
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.FindRatios(
            model, Forward, Half, data, data, new PruneOptions { Allocator = Allocator.Uniform }));
        Assert.Contains("NaN", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_width_at_which_a_model_answers_no_number_is_shown_as_such()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        Tensor[] Forward(Tensor[] inputs) => [model.first.weight!.size(0) < 4 ? model.call(inputs[0]) * float.NaN : model.call(inputs[0])];
        var text = Pruning.AnalyzeSensitivity(model, Forward, data, data, points: 4).ToString();
        Assert.Contains("NaN", text);
    }

    private static object Run(string verb, SearchTests.Blobs model, TrainingData data, TrainingData bad) => verb switch
    {
        "Evaluate" => Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], bad),
        "FindRatios" => model.FindRatios(Half, data, bad, new PruneOptions { Allocator = Allocator.Greedy }),
        "AnalyzeSensitivity" => model.AnalyzeSensitivity(data, bad, points: 2),
        "PruneAndRetrain" => model.PruneAndRetrain(data, bad, new PruneOptions { Ratio = 0.5, MeasureLatency = false }, PruneProgress.Quiet),
        _ => new PruneComparison<SearchTests.Blobs>(() => new SearchTests.Blobs(), made => inputs => [made.call(inputs[0])], data, data, bad)
            .Run([new PruneRecipe("L1", new PruneOptions())], [0.5], [1]),
    };
}
