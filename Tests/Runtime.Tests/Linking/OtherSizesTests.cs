using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Layers that inputs of the sizes that a model is linked with do not reach are pruned with those in whose place they stand.</summary>
public sealed partial class OtherSizesTests
{
    [Theory]
    [InlineData(8, 32)]
    [InlineData(32, 8)]
    public void A_pruned_model_takes_inputs_of_other_sizes(int linked, int other)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var model = new Sized();
        model.eval();
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        var plan = model.PruningPlan([4, 3, linked, linked]);
        Assert.Single(plan.Traces);
        Assert.Equal(
            ["large.bias[0]", "large.weight[0]", "output.weight[1]", "small.bias[0]", "small.weight[0]"],
            Assert.Single(plan.Groups).Members.Select(member => $"{member.Parameter.Path}[{member.Dim}]").Order(StringComparer.Ordinal));
        using var mask = Pruning.Mask(model, Forward, new PruneOptions { Ratio = 0.5 }, null, [4L, 3, linked, linked]);
        var x = randn(4, 3, other, other);
        var masked = model.call(x);
        using var result = Pruning.Compact(model, Forward, mask);
        Assert.InRange(Pruned.MaxDifference(masked, model.call(x)), 0, 1e-5);
    }

    /// <summary>What the data say nothing of goes along, and is neither scored, trained nor coded by itself.</summary>
    [Fact]
    public void Data_of_one_size_are_enough_to_prune_and_quantize_it()
    {
        using var scope = NewDisposeScope();
        var model = new Sized();
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        var data = TrainingData.FromTensors(randn(8, 3, 8, 8), zeros(8, ScalarType.Int64), batchSize: 4);
        var retrain = new RetrainOptions { Epochs = 1, Callbacks = [new InformationBottleneck()] };
        Pruning.PruneAndRetrain(
            model, Forward, data, data, new PruneOptions { Ratio = 0.5, Criterion = Criterion.Taylor, MeasureLatency = false, Retrain = retrain }, PruneProgress.Quiet);
        Assert.Equal(["output.weight", "small.weight"], Pruning.Quantize(model, Forward, data, new QuantizeOptions()).Weights.Keys.Order());
        Assert.Equal([2L, 4], model.call(randn(2, 3, 32, 32)).shape);
    }

    [Fact]
    public void Conditions_behind_one_another_are_turned_too_and_what_other_sizes_cannot_do_is_left()
    {
        var plan = new Deep().PruningPlan([4, 3, 8, 8]);
        Assert.Equal(
            ["first", "inner", "other"],
            Assert.Single(plan.Groups).Members.Select(member => member.Parameter.Layer.Name).Where(name => name != "output").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(plan.Macs(), new Deep().PruningPlan([4, 3, 8, 8]).Trace.Steps.Sum(step => plan.Macs(step) ?? 0));
    }

    [Fact]
    public void A_loop_that_larger_inputs_run_is_followed()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var model = new Looping();
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        using var mask = Pruning.Mask(model, Forward, new PruneOptions { Ratio = 0.5 }, null, [4L, 3, 8, 8]);
        var x = randn(4, 3, 40, 40);
        var masked = model.call(x);
        using var result = Pruning.Compact(model, Forward, mask);
        Assert.InRange(Pruned.MaxDifference(masked, model.call(x)), 0, 1e-5);
    }

    [Prunable]
    private sealed partial class Looping : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d stem = nn.Conv2d(3, 8, 3);
        private readonly Conv2d down = nn.Conv2d(8, 8, 3, stride: 2);
        private readonly Linear output = nn.Linear(8, 4);

        public Looping()
            : base(nameof(Looping)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = stem.call(input);
            while (x.shape[2] > 10)
            {
                x = down.call(x).relu();
            }

            return output.call(x.mean([2L, 3L]));
        }
    }

    [Prunable]
    private sealed partial class Sized : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d small = nn.Conv2d(3, 8, 3);
        private readonly Conv2d large = nn.Conv2d(3, 8, 3, stride: 2);
        private readonly Linear output = nn.Linear(8, 4);

        public Sized()
            : base(nameof(Sized)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = input.shape[2] > 16 ? large.call(input) : small.call(input);
            return output.call(x.relu().mean([2L, 3L]));
        }
    }

    [Prunable]
    private sealed partial class Deep : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d first = nn.Conv2d(3, 8, 3);
        private readonly Conv2d inner = nn.Conv2d(3, 8, 5);
        private readonly Conv2d other = nn.Conv2d(3, 8, 3, stride: 2);
        private readonly Linear? missing = null;
        private readonly Linear output = nn.Linear(8, 4);

        public Deep()
            : base(nameof(Deep)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = input;
            if (input.shape[3] > 64)
            {
                x = missing!.call(x);
            }

            if (input.shape[2] > 16)
            {
                x = input.shape[0] > 8 ? inner.call(x) : other.call(x);
            }
            else
            {
                x = first.call(x);
            }

            return output.call(x.relu().mean([2L, 3L]));
        }
    }
}
