using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What moves factors from one layer into another leaves the answers on every way through forward, whatever else is computed with the layers.</summary>
public sealed partial class OtherWaysTests
{
    [Fact]
    public void A_norm_that_a_flag_leaves_out_is_not_folded()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var model = new Optional();
        Unsettle(model);
        var x = randn(4, 3, 6, 6);
        var (normed, plain) = (model.call(x, false), model.call(x, true));
        BatchNormFolding.Apply(model.PruningPlan([4, 3, 6, 6]));
        Assert.InRange((model.call(x, false) - normed).abs().max().ToDouble(), 0, 1e-5);
        Assert.InRange((model.call(x, true) - plain).abs().max().ToDouble(), 0, 1e-5);
    }

    [Fact]
    public void The_norm_of_a_layer_whose_weight_is_read_elsewhere_is_not_folded()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var model = new Read();
        Unsettle(model);
        var x = randn(4, 8);
        var before = model.call(x);
        BatchNormFolding.Apply(model.PruningPlan([4, 8]));
        Assert.InRange((model.call(x) - before).abs().max().ToDouble(), 0, 1e-5);
    }

    [Fact]
    public void A_norm_over_positions_is_not_folded_into_the_features_before_it()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var model = new Positions();
        Unsettle(model);
        var x = randn(4, 6, 8);
        var before = model.call(x);
        BatchNormFolding.Apply(model.PruningPlan([4, 6, 8]));
        Assert.InRange((model.call(x) - before).abs().max().ToDouble(), 0, 1e-5);
    }

    [Fact]
    public void What_a_flag_reads_otherwise_is_not_smoothed() =>
        StaysThrough(new Squashed(), [8L, 6], (model, x) => cat([model.call(x, false), model.call(x, true)]));

    [Fact]
    public void What_a_layer_makes_with_a_weight_that_is_read_elsewhere_is_not_smoothed() =>
        StaysThrough(new Smoothed(), [8L, 6], (model, x) => model.call(x));

    [Fact]
    public void Channels_whose_order_a_flag_looks_at_are_not_permuted()
    {
        using var scope = NewDisposeScope();
        var model = new Summed();
        var before = TinyNet.Bits(model);
        Assert.Contains(
            "Summed goes several ways, by sum",
            Assert.Throws<InvalidOperationException>(() => Pruning.PermuteChannels(
                model,
                inputs => [model.call(inputs[0], false)],
                new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["hidden"] = new() { Ratio = 0 } } },
                data: null,
                [16L, 6])).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_block_whose_last_layer_another_way_uses_otherwise_is_not_removed()
    {
        using var scope = NewDisposeScope();
        var model = new Blocks();
        var data = TrainingData.FromTensors(rand(8, 6), zeros(8, ScalarType.Int64), 8);
        Assert.Contains(
            "1 residual blocks of Blocks are to go",
            Assert.Throws<ArgumentOutOfRangeException>(() => Pruning.RemoveBlocks(model, inputs => [model.call(inputs[0])], 1, data)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_whose_weight_is_read_elsewhere_gets_no_gates()
    {
        var plan = PruningPlan.Link(new Smoothed(), null, [8L, 6]);
        Assert.Null(ChannelOutputs.Of(plan, plan.Group("hidden"), out var because));
        Assert.Equal("forward reads hidden.weight by itself, too", because);
    }

    /// <summary>Smooths what output reads, of which one feature is a hundred times as large as the others.</summary>
    private static void StaysThrough<TModel>(TModel model, long[] shape, Func<TModel, Tensor, Tensor> answer)
        where TModel : nn.Module, IPrunable
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        model.get_parameter("hidden.weight")![0].mul_(100);
        model.eval();
        var (x, plan) = (randn(shape), PruningPlan.Link(model, null, shape));
        var before = answer(model, x);
        var context = new ScoringContext(
            plan, inputs => [answer(model, inputs[0])], TrainingData.FromTensors(x, zeros(shape[0], ScalarType.Int64), 8), PruneProgress.Quiet, CancellationToken.None);
        SmoothQuant.Apply(plan, context, "test", [(plan.Parameters.Single(parameter => parameter.Path == "output.weight"), 0.5)]);
        Assert.InRange((answer(model, x) - before).abs().max().ToDouble(), 0, 1e-4);
    }

    private static void Unsettle(nn.Module model)
    {
        manual_seed(5);
        foreach (var norm in model.modules().OfType<BatchNorm>())
        {
            norm.running_mean!.uniform_(-1, 1);
            norm.running_var!.uniform_(0.5, 2);
            norm.weight!.uniform_(0.5, 2);
            norm.bias!.uniform_(-1, 1);
        }

        model.eval();
    }

    [Prunable]
    private sealed partial class Optional : nn.Module<Tensor, bool, Tensor>
    {
        private readonly Conv2d conv = nn.Conv2d(3, 8, 3);
        private readonly BatchNorm2d norm = nn.BatchNorm2d(8);
        private readonly Linear output = nn.Linear(8, 4);

        public Optional()
            : base(nameof(Optional)) => RegisterComponents();

        public override Tensor forward(Tensor input, bool plain = false)
        {
            var x = conv.call(input);
            if (!plain)
            {
                x = norm.call(x);
            }

            return output.call(x.relu().mean([2L, 3L]));
        }
    }

    [Prunable]
    private sealed partial class Read : nn.Module<Tensor, Tensor>
    {
        private readonly Linear hidden = nn.Linear(8, 8);
        private readonly BatchNorm1d norm = nn.BatchNorm1d(8);
        private readonly Linear output = nn.Linear(8, 4);

        public Read()
            : base(nameof(Read)) => RegisterComponents();

        public override Tensor forward(Tensor input) =>
            output.call(norm.call(hidden.call(input)).relu() + nn.functional.linear(input, hidden.weight!));
    }

    [Prunable]
    private sealed partial class Positions : nn.Module<Tensor, Tensor>
    {
        private readonly Linear hidden = nn.Linear(8, 6);
        private readonly BatchNorm1d norm = nn.BatchNorm1d(6);
        private readonly Linear output = nn.Linear(6, 4);

        public Positions()
            : base(nameof(Positions)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(norm.call(hidden.call(input)).relu());
    }

    [Prunable]
    private sealed partial class Squashed : nn.Module<Tensor, bool, Tensor>
    {
        private readonly Linear hidden = nn.Linear(6, 8);
        private readonly Linear output = nn.Linear(8, 4);

        public Squashed()
            : base(nameof(Squashed)) => RegisterComponents();

        public override Tensor forward(Tensor input, bool squash = false)
        {
            var x = hidden.call(input);
            return output.call(squash ? x.tanh() : x.relu());
        }
    }

    [Prunable]
    private sealed partial class Summed : nn.Module<Tensor, bool, Tensor>
    {
        private readonly Linear hidden = nn.Linear(6, 8);
        private readonly Linear output = nn.Linear(8, 4);

        public Summed()
            : base(nameof(Summed)) => RegisterComponents();

        public override Tensor forward(Tensor input, bool sum = false)
        {
            var x = hidden.call(input);
            return output.call(sum ? x.cumsum(1) : x);
        }
    }

    [Prunable]
    private sealed partial class Smoothed : nn.Module<Tensor, Tensor>
    {
        private readonly Linear hidden = nn.Linear(6, 8);
        private readonly Linear output = nn.Linear(8, 4);

        public Smoothed()
            : base(nameof(Smoothed)) => RegisterComponents();

        public override Tensor forward(Tensor input) =>
            output.call(hidden.call(input).relu()) + nn.functional.linear(input, hidden.weight!).sum(1, keepdim: true);
    }

    [Prunable]
    private sealed partial class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 10);
        private readonly Linear second = nn.Linear(10, 6);

        public Block()
            : base(nameof(Block)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            if (input.max().item<float>() < 2)
            {
                return input + second.call(first.call(input).relu());
            }

            return second.call(first.call(input).relu());
        }
    }

    [Prunable]
    private sealed partial class Blocks : nn.Module<Tensor, Tensor>
    {
        private readonly Linear stem = nn.Linear(6, 6);
        private readonly Block block = new();
        private readonly Linear output = nn.Linear(6, 3);

        public Blocks()
            : base(nameof(Blocks)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(block.call(stem.call(input)));
    }
}
