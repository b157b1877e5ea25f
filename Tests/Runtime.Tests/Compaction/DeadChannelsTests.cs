using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Channels that a model does without: those that nothing reads, and those that are the same number for every input.</summary>
public sealed partial class DeadChannelsTests
{
    [Fact]
    public void What_no_sample_may_have_come_through_is_not_told_by_one()
    {
        // Sigmoids of zeros are halves, and the sample that compares leaves forward before anything reads them.
        using var scope = NewDisposeScope();
        manual_seed(3);
        var model = new TwoWays();
        using var noGradients = no_grad();
        model.second.weight!.narrow(0, 0, 3).zero_();
        model.eval();
        var x = rand(16, 4) / 2;
        var before = model.call(x);
        using var result = Pruning.CompactZeros(model, inputs => [model.call(inputs[0])], data: null, [16L, 4]);
        Assert.InRange(Pruned.MaxDifference(before, model.call(x)), 0, 1e-5);
        Assert.Equal(6, model.second.out_features);
    }

    /// <summary>A constant that is zero on the way that the sample goes may be another on the others.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void What_each_way_makes_by_a_layer_of_its_own_is_not_told_by_one(int way)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var model = new EachItsOwn();
        using var noGradients = no_grad();
        model.first.weight!.narrow(0, 0, 2).zero_();
        model.second.weight!.narrow(0, 0, 2).zero_();
        model.eval();
        Tensor[] inputs = [rand(16, 4) + 1, rand(16, 4) - 2];
        var before = inputs.Select(model.call).ToArray();
        var data = TrainingData.FromTensors(inputs[way > 0 ? 0 : 1], zeros(16, ScalarType.Int64));
        using var result = Pruning.CompactZeros(model, sample => [model.call(sample[0])], data);
        Assert.All(before.Zip(inputs), pair => Assert.InRange(Pruned.MaxDifference(pair.First, model.call(pair.Second)), 0, 1e-5));
        Assert.Equal(6, model.first.out_features);
    }

    /// <summary>What comes to a layer alike, whether the model is trained or not, is told by a sample.</summary>
    [Fact]
    public void What_is_made_alike_in_each_mode_goes()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var model = new WithDropout();
        using var noGradients = no_grad();
        model.first.weight!.narrow(0, 0, 2).zero_();
        model.first.bias!.narrow(0, 0, 2).fill_(-1);
        model.eval();
        var x = rand(16, 4);
        var before = model.call(x);
        using var result = Pruning.CompactZeros(model, inputs => [model.call(inputs[0])], data: null, [16L, 4]);
        Assert.InRange(Pruned.MaxDifference(before, model.call(x)), 0, 1e-5);
        Assert.Equal(4, model.first.out_features);
    }

    [Fact]
    public void A_neuron_without_incoming_weights_goes_and_its_constant_is_in_the_bias_of_the_next_layer()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        Set(model.hidden.weight!, 0, 0, 3, 4);
        var x = tensor(new float[] { 1, 1 }, [1, 2]);

        // relu(0.5) · 2 + relu(3 + 4 − 0.25) · −1 + 10 = 4.25; of the first neuron 0.5 · 2 = 1 goes into the bias, which was 10.
        Assert.Equal([4.25], Pruned.Values(Pruned.Evaluate(model, x)));
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal([3, 4], Pruned.Values(model.hidden.weight!));
        Assert.Equal([11], Pruned.Values(model.output.bias!));
        Assert.Equal([4.25], Pruned.Values(Pruned.Evaluate(model, x)));
    }

    [Fact]
    public void A_neuron_that_nothing_reads_goes_and_no_bias_changes()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        Set(model.output.weight!, 2, 0);
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal([1, -2], Pruned.Values(model.hidden.weight!));
        Assert.Equal([10], Pruned.Values(model.output.bias!));
    }

    [Fact]
    public void A_scale_of_zero_leaves_the_shift_and_the_shift_goes_on()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        using (no_grad())
        {
            // Channel 2 is relu(0.5) = 0.5 wherever conv2 looks, but at the border, where that sees zeros beside it; channel 3 is relu(−1) = 0 everywhere.
            model.norm1.weight![2..4].zero_();
            model.norm1.bias![2] = 0.5f;
            model.norm1.bias![3] = -1f;
        }

        var x = randn(model.InputShape);
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal([0, 1, 2, 4, 5], result.Kept["conv1"]);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5);
    }

    [Fact]
    public void Without_a_border_and_without_a_bias_the_constant_goes_into_the_running_mean_of_the_norm_behind()
    {
        using var scope = NewDisposeScope();
        var model = new PointwiseNet();
        using (no_grad())
        {
            model.first.weight![1].zero_();
            model.first.bias![1] = 3f;
            model.second.weight![0, 1] = 2f;
            model.norm.running_mean![0] = 7f;
        }

        var x = randn(model.InputShape);
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal([0, 2, 3], result.Kept["first"]);

        // 7 − 2 · 3
        Assert.Equal(1, Pruned.Values(model.norm.running_mean!)[0], 1e-6);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5);
    }

    [Fact]
    public void A_constant_that_depends_on_the_size_of_the_input_stays()
    {
        using var scope = NewDisposeScope();
        var model = new Bordered();
        using (no_grad())
        {
            model.first.weight![1].zero_();
            model.first.bias![1] = 3f;
        }

        // What channel 1 comes to behind the depthwise convolution is less at the border, so its mean is another one in a larger image.
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal([0, 1, 2, 3], result.Kept["first"]);
    }

    [Fact]
    public void What_is_dead_behind_what_is_dead_goes_too()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            // Nothing reads neuron 0 of fc1; it alone reads channel 0 of conv2, and that alone channel 0 of conv1.
            model.fc2.weight![.., 0] = zeros(10);
            model.fc1.weight!.slice(0, 1, 500, 1).slice(1, 0, 16, 1).zero_();
            model.conv2.weight!.slice(0, 1, 50, 1).slice(1, 0, 1, 1).zero_();
        }

        var x = randn(4, 1, 28, 28);
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward, null, [4, 1, 28, 28]);
        Assert.Equal((19, 49, 499), (model.conv1.out_channels, model.conv2.out_channels, model.fc1.out_features));
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5 * before.abs().max().item<float>());
    }

    [Fact]
    public void What_unstructured_pruning_leaves_without_weights_goes_and_the_rest_is_held_as_before()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.L1, Ratio = 0.999, Scope = Scope.Global };
        Pruning.Compact(model, model.Forward, options, null, model.InputShape).Dispose();
        var x = randn(4, 1, 28, 28);
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.InRange(model.fc1.out_features, 1, 400);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-4);
        var held = WeightMasks.Of(model.fc1, "weight")!;
        Assert.Equal(model.fc1.weight!.shape, held.shape);
        Assert.True(model.fc1.weight!.masked_select(held.eq(0)).eq(0).all().item<bool>());
    }

    [Fact]
    public void Models_that_nobody_thought_of_answer_as_before()
    {
        var removed = 0L;
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            using var model = new RandomModel(seed);
            var random = new Random(seed);
            using (no_grad())
            {
                // A third of all filters, scales and columns, some biases with them.
                foreach (var (name, parameter) in model.named_parameters().Where(entry => entry.parameter.dim() > 1 || entry.name.EndsWith("weight", StringComparison.Ordinal)))
                {
                    for (var i = 0; i < parameter.size(0); i++)
                    {
                        if (random.Next(3) == 0)
                        {
                            parameter[i].zero_();
                        }
                    }

                    for (var i = 0; parameter.dim() > 1 && i < parameter.size(1); i++)
                    {
                        if (random.Next(3) == 0)
                        {
                            parameter.select(1, i).zero_();
                        }
                    }
                }
            }

            var x = randn(RandomModel.InputShape);
            var other = randn(RandomModel.InputShape);
            var before = Pruned.Evaluate(model, other);
            try
            {
                using var result = Pruning.CompactZeros(model, inputs => [model.call(inputs[0])], TrainingData.FromTensors(x, zeros(2), batchSize: 2));
                removed += result.Groups.Sum(group => group.Before - group.After);
                Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, other)), 0, 1e-4 * Math.Max(1, before.abs().max().item<float>()));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {model.Description}", error);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
        Assert.True(removed > 200, $"{removed} channels were removed");
    }

    private static void Set(Tensor parameter, params float[] values)
    {
        using var noGradients = no_grad();
        parameter.copy_(tensor(values).reshape(parameter.shape));
    }

    [Prunable]
    private sealed partial class EachItsOwn : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(4, 6);
        public readonly Linear second = nn.Linear(4, 6, hasBias: false);
        public readonly Linear last = nn.Linear(6, 3);

        public EachItsOwn()
            : base(nameof(EachItsOwn)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = input.mean().item<float>() > 0 ? first.call(input) : second.call(input);
            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class WithDropout : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(4, 6);
        public readonly Linear last = nn.Linear(6, 3);

        public WithDropout()
            : base(nameof(WithDropout)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = nn.functional.relu(first.call(input));
            if (training)
            {
                x = nn.functional.dropout(x, 0.5, true);
            }

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class TwoWays : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(4, 6);
        public readonly Linear second = nn.Linear(6, 6, hasBias: false);
        public readonly Linear early = nn.Linear(6, 3);
        public readonly Parameter matrix = new(randn(3, 12));

        public TwoWays()
            : base(nameof(TwoWays)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = first.call(input);
            if (input.max().item<float>() > 0.6f)
            {
                return early.call(x);
            }

            return nn.functional.linear(cat([x, second.call(x).sigmoid()], 1), matrix);
        }
    }
}
