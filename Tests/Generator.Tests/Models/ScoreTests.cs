using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Scores of models whose <c>Link</c> was generated: a channel that does nothing must be the least important.</summary>
public class ScoreTests
{
    private const string Helpers = """
            private static Tensor Swish(Tensor t) => t * t.sigmoid();
            private Tensor Act(Tensor t) => act.call(t);
            private readonly System.Func<Tensor, Tensor> chosen = t => t.relu();
        """;

    /// <summary>Channel 0 of layer <c>a</c> is far below zero for every sample.</summary>
    [Theory]
    [InlineData("relu(a.call(x))")]
    [InlineData("a.call(x).relu()")]
    [InlineData("a.call(x).relu_()")]
    [InlineData("functional.relu(a.call(x), inplace: true)")]
    [InlineData("act.call(a.call(x))")]
    [InlineData("Act(a.call(x))")]
    [InlineData("chosen(a.call(x))")]
    [InlineData("Sequential(a, act).call(x)", "private readonly Sequential both;", "both = Sequential(a, act);", "both.call(x)")]
    [InlineData("leaky_relu(a.call(x), 1e-7)")]
    [InlineData("gelu(a.call(x))")]
    [InlineData("a.call(x).sigmoid()")]
    [InlineData("elu(a.call(x), alpha: 1e-3)")]
    [InlineData("a.call(x).clamp(0, 6)")]
    [InlineData("Swish(a.call(x))")]
    [InlineData("torch.where(a.call(x) > 0, a.call(x), zeros(1))")]
    [InlineData("relu(norm.call(a.call(x)))")]
    [InlineData("relu(dropout(a.call(x), 0.5, training))")]
    [InlineData("drop.call(a.call(x)).relu()")]
    [InlineData("relu(a.call(x) * 2 + 1)")]
    public void A_neuron_that_its_activation_function_always_silences_is_the_least_important(
        string made, string member = "", string statement = "", string? instead = null)
    {
        var net = Loaded.From($$"""
            [Prunable(Structured, Ratio = 0.5, Criterion = Criterion.MeanActivation)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                public readonly Linear a = Linear(4, 6), b = Linear(6, 3);
                private readonly BatchNorm1d norm = BatchNorm1d(6);
                private readonly ReLU act = ReLU();
                private readonly Dropout drop = Dropout(0.5);
            {{Helpers}}
                {{member}}
                public Net() : base("net") { {{statement}} RegisterComponents(); }
                public override Tensor forward(Tensor x) => b.call({{instead ?? made}});
            }
            """);
        AssertLeast(net, "a", [16, 4]);
    }

    [Theory]
    [InlineData("relu(avg_pool2d(a.call(x), 2))")]
    [InlineData("relu(max_pool2d(a.call(x), 2))")]
    [InlineData("avg_pool2d(relu(norm.call(a.call(x))), 2)")]
    [InlineData("relu(adaptive_avg_pool2d(a.call(x), 4))")]
    [InlineData("interpolate(relu(a.call(x)), size: new long[] { 4, 4 })")]
    public void So_is_a_filter_whichever_side_of_the_function_its_pooling_is_on(string made)
    {
        var net = Loaded.From($$"""
            [Prunable(Structured, Ratio = 0.5, Criterion = Criterion.MeanActivation)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                public readonly Conv2d a = Conv2d(3, 6, 3, padding: 1);
                private readonly BatchNorm2d norm = BatchNorm2d(6);
                private readonly Linear b = Linear(96, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => b.call({{made}}.flatten(1));
            }
            """);
        AssertLeast(net, "a", [16, 3, 8, 8]);
    }

    [Fact]
    public void So_is_one_whose_function_stands_in_the_model_around_its_own()
    {
        var net = Loaded.From("""
            [Prunable(Structured)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                public readonly Inner inner = new();
                private readonly Linear b = Linear(6, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => b.call(inner.call(x).relu());
            }
            [Prunable] internal sealed partial class Inner : Module<Tensor, Tensor>
            {
                public readonly Linear a = Linear(4, 6);
                public Inner() : base("inner") => RegisterComponents();
                public override Tensor forward(Tensor x) => a.call(x);
            }
            """);
        AssertLeast(net, "inner.a", [16, 4]);
    }

    [Fact]
    public void A_silent_branch_of_a_sum_is_not_what_its_channel_is_kept_for()
    {
        var net = Loaded.From("""
            [Prunable(Structured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear stem = Linear(4, 6), head = Linear(6, 3);
                public readonly Linear a = Linear(6, 6);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) { var y = stem.call(x); return head.call((y + a.call(y).relu()).relu()); }
            }
            """);
        using (no_grad())
        {
            // The stem never gives anything for channel 0 either.
            net.Model.get_parameter("stem.weight")![0].zero_();
            net.Model.get_parameter("stem.bias")![0].zero_();
        }

        AssertLeast(net, "a", [16, 4], group: "stem");
    }

    [Theory]
    [InlineData("functional.linear(x, weight, bias)", "")]
    [InlineData("functional.linear(x, weight * (gain / weight.norm(1, keepdim: true)), bias)", "private readonly Parameter gain = Parameter(ones(6, 1));")]
    [InlineData(
        "functional.linear(x, training ? weight + noise * randn_like(noise) : weight, bias)",
        "private readonly Parameter noise = Parameter(ones(6, 4));")]
    [InlineData("x.matmul(weight.t()) + bias", "")]
    public void Own_weights_are_scored_by_their_gradients(string made, string member)
    {
        var net = Loaded.From($$"""
            [Prunable(Structured, Ratio = 0.5, Criterion = Criterion.Taylor)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Scaled a = new();
                private readonly Linear b = Linear(6, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => b.call(relu(a.call(x)));
            }
            [Prunable] internal sealed partial class Scaled : Module<Tensor, Tensor>
            {
                private readonly Parameter weight = Parameter(randn(6, 4)), bias = Parameter(zeros(6));
                {{member}}
                public Scaled() : base("scaled") => RegisterComponents();
                public override Tensor forward(Tensor x) => {{made}};
            }
            """);
        using (no_grad())
        {
            // What these three make reaches nothing.
            net.Model.get_parameter("b.weight")![.., ..3].zero_();
        }

        var data = Data([16, 4]);
        var scores = Score(net, Criterion.Taylor, data).Single().Value;
        Assert.All(scores.Take(3), score => Assert.Equal(0, score, 10));
        Assert.All(scores.Skip(3), score => Assert.True(score > 1e-6));
        using var compacted = (CompactResult)net.Call("Compact", new PruneOptions { Criterion = Criterion.Taylor }, data, Array.Empty<long>())!;
        Assert.Equal([3L, 4, 5], compacted.Kept.Single().Value);
    }

    [Fact]
    public void Own_weights_that_only_own_weights_read_are_named_where_they_cannot_be_listened_to()
    {
        var net = Loaded.From("""
            [Prunable(Structured)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Parameter first = Parameter(randn(6, 4)), second = Parameter(randn(3, 6));
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => functional.linear(relu(functional.linear(x, first)), second);
            }
            """);
        var error = Assert.Throws<System.Reflection.TargetInvocationException>(() => Score(net, Criterion.MeanActivation, [16, 4])).InnerException!;
        Assert.StartsWith("MeanActivation cannot score first: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("second, first", error.Message);
        Assert.Contains("Choose L1, L2, Random or Taylor", error.Message);
    }

    [Theory]
    [InlineData(2, Criterion.Taylor)]
    [InlineData(8, Criterion.Taylor)]
    [InlineData(2, Criterion.MeanActivation)]
    [InlineData(8, Criterion.MeanActivation)]
    public void Grouped_and_depthwise_transposed_convolutions_are_scored_and_pruned(int groups, Criterion criterion)
    {
        var net = Loaded.From($$"""
            [Prunable(Structured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d a = Conv2d(3, 8, 3, padding: 1), head = Conv2d(8, 4, 1);
                private readonly ConvTranspose2d up = ConvTranspose2d(8, 8, 2, stride: 2, groups: {{groups}});
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => head.call(relu(up.call(relu(a.call(x))))).mean(new long[] { 2, 3 });
            }
            """);
        var options = new PruneOptions { Criterion = criterion };
        Assert.All(Score(net, criterion, [16, 3, 8, 8]).Values, scores => Assert.Contains(scores, score => score > 0));
        using var compacted = (CompactResult)net.Call("Compact", options, Data([16, 3, 8, 8]), Array.Empty<long>())!;
        Assert.True(compacted.After.Parameters < compacted.Before.Parameters);
        Assert.Equal([2L, 4], net.Forward(randn(2, 3, 8, 8))[0].shape);
    }

    [Theory]
    [InlineData(Criterion.L2)]
    [InlineData(Criterion.Taylor)]
    public void A_loss_that_is_not_reduced_is_refused_with_the_remedy(Criterion criterion)
    {
        var net = Loaded.From("""
            [Prunable(Structured)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8), head = Linear(8, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => head.call(relu(a.call(x)));
            }
            """);
        var data = Data([4, 4]);
        static Tensor Each(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None);
        var options = new PruneOptions { Criterion = criterion, Retrain = new() { Epochs = 1, Loss = Each } };
        var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() =>
            net.Call("PruneAndRetrain", data, data, options, PruneProgress.Quiet, CancellationToken.None));
        Assert.Equal(
            "RetrainOptions.Loss gives a tensor of the shape [4], but a loss is one number for the batch, a scalar; "
            + "have it reduced, by Reduction.Mean or by mean().",
            thrown.InnerException!.Message);
    }

    /// <summary>Requires that the first channel of a layer, once it is far below zero, is the least important of its group.</summary>
    private static void AssertLeast(Loaded net, string layer, long[] shape, string? group = null)
    {
        using (no_grad())
        {
            net.Model.get_parameter(layer + ".bias")![0].fill_(-1000);
            net.Model.get_parameter("norm.weight")?[0].fill_(1);
        }

        var scores = Score(net, Criterion.MeanActivation, shape)[group ?? layer];
        Assert.InRange(scores[0], 0, scores.Skip(1).Min());
    }

    private static IReadOnlyDictionary<string, double[]> Score(Loaded net, Criterion criterion, long[] shape) => Score(net, criterion, Data(shape));

    private static IReadOnlyDictionary<string, double[]> Score(Loaded net, Criterion criterion, TrainingData data)
    {
        using var importance = (Importance)net.Call("Score", new PruneOptions { Criterion = criterion }, data, Array.Empty<long>())!;
        return importance.Groups;
    }

    private static TrainingData Data(long[] shape) => TrainingData.FromTensors(randn(shape), randint(0, 3, shape[0], dtype: ScalarType.Int64), batchSize: 8);
}
