using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Whole residual blocks: those that do least are emptied, and nearly all that they had leaves the model.</summary>
public sealed partial class ResidualBlocksTests
{
    [Theory]
    [InlineData(BlockCriterion.CosineDistance)]
    [InlineData(BlockCriterion.LossChange)]
    public void A_block_that_adds_nothing_scores_zero_and_goes_and_the_output_is_as_before(BlockCriterion by)
    {
        using var scope = NewDisposeScope();
        var model = new Tower();
        using (no_grad())
        {
            model.blocks[1].second.weight!.zero_();
            model.blocks[1].second.bias!.zero_();
        }

        // The loss of the model's own answers is 0, and any other block raises it.
        var x = randn(8, 6);
        var before = Pruned.Evaluate(model, x);
        var y = before.clone();
        using var removal = Pruning.RemoveBlocks(model, model.Forward, 1, TrainingData.FromTensors(x, y, batchSize: 8), by);
        Assert.Equal(["blocks.1"], removal.Removed);
        Assert.Equal(["blocks.0", "blocks.1", "blocks.2"], removal.Scores.Keys);
        Assert.Equal(0, removal.Scores["blocks.1"], 1e-9);
        Assert.Equal([10L, 1, 10], model.blocks.Select(block => block.first.out_features));
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5);

        // What is held stays zero while the model is trained, and in the file.
        Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 8), options: new RetrainOptions { Epochs = 2, Device = CPU });
        Assert.Equal(0, model.blocks[1].second.weight!.abs().max().item<float>());
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.prune");
        Pruning.Save(model, file);
        var again = Pruning.Load(file, () => new Tower());
        Assert.Equal(0, Pruned.MaxDifference(Pruned.Evaluate(model, x), Pruned.Evaluate(again, x)));
        File.Delete(file);
    }

    [Fact]
    public void The_distance_is_one_minus_the_cosine_of_what_goes_in_and_what_comes_out()
    {
        using var scope = NewDisposeScope();
        var model = new Tower();
        using (no_grad())
        {
            // The first block adds (3, 0, …) to whatever comes; what comes is (0, 4, 0, …): cos = 16 / (4 · 5).
            model.stem.weight!.zero_();
            model.stem.bias!.copy_(tensor(new float[] { 0, 4, 0, 0, 0, 0 }));
            model.blocks[0].second.weight!.zero_();
            model.blocks[0].second.bias!.copy_(tensor(new float[] { 3, 0, 0, 0, 0, 0 }));
        }

        using var removal = Pruning.RemoveBlocks(model, model.Forward, 1, TrainingData.FromTensors(randn(4, 6), randn(4, 3), batchSize: 4));
        Assert.Equal(0.2, removal.Scores["blocks.0"], 1e-6);
    }

    [Fact]
    public void Behind_a_norm_both_are_zero_and_the_result_is_that_of_the_model_without_the_block()
    {
        using var scope = NewDisposeScope();
        var model = new ConvTower();
        var x = randn(2, 3, 8, 8);
        model.Skips = true;
        var expected = Pruned.Evaluate(model, x);
        model.Skips = false;
        using var removal = Pruning.RemoveBlocks(model, model.Forward, 1, TrainingData.FromTensors(x, zeros(2, 5), batchSize: 2));
        Assert.Equal(["block"], removal.Removed);
        Assert.Equal(1, model.block.first.out_channels);
        Assert.InRange(Pruned.MaxDifference(expected, Pruned.Evaluate(model, x)), 0, 1e-5);
    }

    [Fact]
    public void Blocks_that_are_called_by_forward_are_scored_by_the_loss_and_refused_where_their_inputs_are_asked_for()
    {
        using var scope = NewDisposeScope();
        var model = new Tower { CallsForward = true };
        using (no_grad())
        {
            model.blocks[1].second.weight!.zero_();
            model.blocks[1].second.bias!.zero_();
        }

        var x = randn(8, 6);
        var before = Pruned.Evaluate(model, x);
        var data = TrainingData.FromTensors(x, before.clone(), batchSize: 8);
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.RemoveBlocks(model, model.Forward, 1, data));
        Assert.Contains("CosineDistance cannot score blocks.0: it is called as forward(…)", error.Message);
        Assert.Equal(0, Pruned.MaxDifference(before, Pruned.Evaluate(model, x)));
        using var removal = Pruning.RemoveBlocks(model, model.Forward, 1, data, BlockCriterion.LossChange);
        Assert.Equal(["blocks.1"], removal.Removed);
        Assert.True(removal.Scores["blocks.0"] > 0 && removal.Scores["blocks.2"] > 0);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5);
    }

    [Fact]
    public void A_model_without_such_blocks_says_what_they_are_and_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var (model, data) = (new LeNet(), TrainingData.FromTensors(randn(2, 1, 28, 28), zeros(2, ScalarType.Int64)));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Pruning.RemoveBlocks(model, model.Forward, 1, data));
        Assert.Contains("1 residual blocks of LeNet are to go; it has none: models inside of it with [Prunable]", error.Message);
        var tower = new Tower();
        error = Assert.Throws<ArgumentOutOfRangeException>(
            () => Pruning.RemoveBlocks(tower, tower.Forward, 4, TrainingData.FromTensors(randn(2, 6), randn(2, 3))));
        Assert.Contains("give 1 to 3: blocks.0, blocks.1, blocks.2", error.Message);
    }

    [Prunable]
    private sealed partial class Block : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(6, 10);
        public readonly Linear second = nn.Linear(10, 6);

        public Block()
            : base(nameof(Block)) => RegisterComponents();

        public override Tensor forward(Tensor x) => x + second.call(first.call(x).relu());
    }

    [Prunable]
    private sealed partial class Tower : TestModel
    {
        public readonly Linear stem = nn.Linear(6, 6);
        public readonly ModuleList<Block> blocks = nn.ModuleList<Block>(new Block(), new Block(), new Block());
        public readonly Linear head = nn.Linear(6, 3);

        public Tower()
            : base(nameof(Tower)) => Initialise(2);

        /// <summary>Whether blocks are called by forward, which runs no hooks.</summary>
        public bool CallsForward { get; init; }

        public override long[] InputShape { get; } = [2, 6];

        public override Tensor forward(Tensor input)
        {
            var x = stem.call(input);
            foreach (var block in blocks)
            {
                x = CallsForward ? block.forward(x) : block.call(x);
            }

            return head.call(x);
        }
    }

    [Prunable]
    private sealed partial class ConvBlock : nn.Module<Tensor, Tensor>
    {
        public readonly Conv2d first = nn.Conv2d(4, 7, 3, padding: 1);
        public readonly Conv2d second = nn.Conv2d(7, 4, 3, padding: 1, bias: false);
        public readonly BatchNorm2d norm = nn.BatchNorm2d(4);

        public ConvBlock()
            : base(nameof(ConvBlock)) => RegisterComponents();

        public override Tensor forward(Tensor x) => (norm.call(second.call(first.call(x).relu())) + x).relu();
    }

    [Prunable]
    private sealed partial class ConvTower : TestModel
    {
        public readonly Conv2d stem = nn.Conv2d(3, 4, 3, padding: 1);
        public readonly ConvBlock block = new();
        public readonly Linear head = nn.Linear(4, 5);

        public ConvTower()
            : base(nameof(ConvTower)) => Initialise(2);

        /// <summary>Whether the block is left out.</summary>
        public bool Skips { get; set; }

        public override long[] InputShape { get; } = [2, 3, 8, 8];

        public override Tensor forward(Tensor input)
        {
            var x = stem.call(input).relu();
            if (!Skips)
            {
                x = block.call(x);
            }

            return head.call(x.mean([2, 3]));
        }
    }
}
