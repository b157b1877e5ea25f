using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>A × D with a threshold and a share as joint limits: A = [1, 2, 0, 3] and D = [0.5, 0.1, 9, 0.2], so A × D = [0.5, 0.2, 0, 0.6].</summary>
public sealed partial class ActivationDerivativeTests
{
    private static readonly ImportanceCriterion Raw = new ActivationDerivativeCriterion { Normalized = false };

    [Fact]
    public void The_scores_are_products_of_means_and_shares_of_the_largest_where_they_are_normalised()
    {
        using var scope = NewDisposeScope();
        AssertClose([0.5, 0.2, 0, 0.6], Scores(Raw));
        AssertClose([0.5 / 0.6, 0.2 / 0.6, 0, 1], Scores(Criterion.ActivationDerivative));
    }

    [Theory]
    [InlineData(null, 0.5, ThresholdRule.Alone, "0 3")]
    [InlineData(0.3, null, ThresholdRule.Alone, "0 3")]
    [InlineData(0.3, 0.75, ThresholdRule.Alone, "0 3")]
    [InlineData(0.1, 0.5, ThresholdRule.Both, "0 3")]
    [InlineData(0.3, 0.25, ThresholdRule.Both, "0 3")]
    [InlineData(0.3, 0.75, ThresholdRule.Both, "3")]
    [InlineData(0.55, 0.5, ThresholdRule.Either, "0 3")]
    [InlineData(0.1, 0.75, ThresholdRule.Either, "0 1 3")]
    public void A_threshold_and_a_share_limit_what_stays_each_alone_or_both_or_either(double? threshold, double? ratio, ThresholdRule rule, string stays)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(stays, Kept(new Neurons(), new PruneOptions { Criterion = Raw, Threshold = threshold, Ratio = ratio, ThresholdRule = rule }));
    }

    [Theory]
    [InlineData(ThresholdRule.Both, "3")]
    [InlineData(ThresholdRule.Either, "0 1 3")]
    public void A_number_to_keep_is_joined_with_a_threshold_as_a_ratio_is(ThresholdRule rule, string stays)
    {
        using var scope = NewDisposeScope();
        var options = new PruneOptions { Criterion = Raw, Threshold = rule == ThresholdRule.Both ? 0.1 : 0.55, ThresholdRule = rule };
        Assert.Equal(stays, Kept(new Neurons(), options with { Keep = rule == ThresholdRule.Both ? 1 : 3 }));
    }

    [Fact]
    public void Of_all_together_the_share_is_global_and_the_threshold_that_of_each()
    {
        using var scope = NewDisposeScope();
        var options = new PruneOptions { Criterion = Raw, Threshold = 0.3, Ratio = 0.25, ThresholdRule = ThresholdRule.Both, Scope = Scope.Global };
        Assert.Equal("0 3", Kept(new Neurons(), options));
    }

    [Fact]
    public void The_attribute_says_both_limits()
    {
        using var scope = NewDisposeScope();
        var options = ((IPrunable)new Annotated()).PruneDefaults;
        Assert.Equal((0.5, 0.75, ThresholdRule.Both), (options.Threshold, options.Ratio, options.ThresholdRule));
        Assert.Equal("3", Kept(new Annotated(), options));
    }

    [Theory]
    [InlineData(ThresholdRule.Alone)]
    [InlineData(ThresholdRule.Both)]
    [InlineData(ThresholdRule.Either)]
    public void A_threshold_above_all_scores_is_refused_and_the_model_is_as_it_was(ThresholdRule rule)
    {
        using var scope = NewDisposeScope();
        var model = new Neurons();
        var before = TinyNet.Bits(model);
        var options = WithLoss(new PruneOptions { Criterion = Raw, Threshold = 0.7, Ratio = 0.5, ThresholdRule = rule });
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.Compact(model, model.Forward, options, Samples()));
        Assert.Contains("The threshold 0.7 would remove all channels of hidden, whose highest importance is 0.6", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_rule_that_there_is_not_is_refused() => Assert.Contains(
        "ThresholdRule of the model is 7; give one of Alone, Both, Either",
        Assert.Throws<ArgumentOutOfRangeException>(() => new PruneOptions { ThresholdRule = (ThresholdRule)7 }.Validate()).Message);

    [Fact]
    public void The_product_first_leaves_nothing_of_a_neuron_that_is_active_where_the_loss_does_not_answer()
    {
        using var scope = NewDisposeScope();

        // Samples (a = 1, d = 0) and (a = 0, d = 1) of the first neuron, (1, 1) and (1, 1) of the second.
        var model = new Neurons();
        var options = new PruneOptions
        {
            Retrain = new()
            {
                Device = CPU, LossOfAll = (results, targets) => (results[0] * targets[0]).sum() / results[0].size(0),
            },
        };
        using (no_grad())
        {
            model.output.weight!.copy_(tensor(new float[] { 1, 0, 0, 1 }).unsqueeze(0));
            model.hidden.bias!.copy_(tensor(new float[] { 0, 0, 0, 1 }));
            model.hidden.weight!.copy_(diag(tensor(new float[] { 1, 1, 1, 0 })));
        }

        var data = TrainingData.FromTensors(tensor(new float[] { 1, 0, 0, 0, 0, 0, 0, 0 }, [2, 4]), tensor(new float[] { 0, 1 }, [2, 1]), batchSize: 2, shuffle: false);
        AssertClose([0.25, 0, 0, 0.5], Of(model, options with { Criterion = Raw }, data));
        AssertClose([0, 0, 0, 0.5], Of(model, options with { Criterion = new ActivationDerivativeCriterion { Normalized = false, ProductFirst = true } }, data));
    }

    private static TrainingData Samples() => TrainingData.FromTensors(tensor(new float[] { 1, 2, 0, 3 }, [1, 4]).repeat(3, 1), zeros(3, 1), batchSize: 3);

    private static double[] Scores(ImportanceCriterion criterion) => Of(new Neurons(), new PruneOptions { Criterion = criterion }, Samples());

    private static double[] Of(Neurons model, PruneOptions options, TrainingData data)
    {
        using var importance = Importance.Of(model.Plan(WithLoss(options)), model.Forward, data);
        return importance.Groups["hidden"];
    }

    private static string Kept(TestModel model, PruneOptions options)
    {
        using var importance = Importance.Of(model.Plan(WithLoss(options)), model.Forward, Samples());
        using var selection = Selection.Of(importance);
        return string.Join(" ", selection.Kept["hidden"]);
    }

    private static PruneOptions WithLoss(PruneOptions options) => options.Retrain.LossOfAll is not null ? options : options with
    {
        Retrain = options.Retrain with { Loss = (result, _) => result.mean() },
    };

    private static void AssertClose(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));

    /// <summary>Four neurons that pass on what they get, and an output that is their sum by the derivatives.</summary>
    [Prunable]
    private sealed partial class Neurons : TestModel
    {
        public readonly Linear hidden = nn.Linear(4, 4);
        public readonly Linear output = nn.Linear(4, 1);

        public Neurons()
            : base(nameof(Neurons))
        {
            Initialise(1);
            using var noGradients = no_grad();
            hidden.weight!.copy_(eye(4));
            hidden.bias!.zero_();
            output.weight!.copy_(tensor(new[] { 0.5f, 0.1f, 9, 0.2f }).unsqueeze(0));
        }

        public override long[] InputShape => [1, 4];

        public override Tensor forward(Tensor input) => output.call(hidden.call(input).relu());
    }

    [Prunable(Criterion = Criterion.ActivationDerivative, Threshold = 0.5, Ratio = 0.75, ThresholdRule = ThresholdRule.Both)]
    private sealed partial class Annotated : TestModel
    {
        public readonly Linear hidden = nn.Linear(4, 4);
        public readonly Linear output = nn.Linear(4, 1);

        public Annotated()
            : base(nameof(Annotated))
        {
            Initialise(1);
            using var noGradients = no_grad();
            hidden.weight!.copy_(eye(4));
            hidden.bias!.zero_();
            output.weight!.copy_(tensor(new[] { 0.5f, 0.1f, 9, 0.2f }).unsqueeze(0));
        }

        public override long[] InputShape => [1, 4];

        public override Tensor forward(Tensor input) => output.call(hidden.call(input).relu());
    }
}
