using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Heads of attention, and their width, as pieces that leave the model.</summary>
public sealed partial class AttentionPartsTests
{
    [Fact]
    public void The_weakest_heads_go_with_all_that_is_theirs_and_nothing_else_does()
    {
        using var scope = NewDisposeScope();
        var model = new Attention();
        using (no_grad())
        {
            // Of four heads of two rows each, the second and the third have a tenth of what the others have.
            foreach (var layer in new[] { model.query, model.key, model.value })
            {
                layer.weight![2..6].mul_(0.1);
                layer.bias![2..6].mul_(0.1);
            }

            model.output.weight![.., 2..6].mul_(0.1);
        }

        var (x, rows) = (randn(model.InputShape), Pruned.Values(model.value.weight!.detach()));
        var options = new PruneOptions { Granularity = Granularity.AttentionHead, Criterion = Criterion.L1 };
        Tensor masked;
        using (var mask = Pruning.Mask(model, model.Forward, options, null, model.InputShape))
        {
            masked = Pruned.Evaluate(model, x);
        }

        using var result = Pruning.Compact(model, model.Forward, options, null, model.InputShape);
        Assert.Equal([0, 3], result.Kept["query"]);
        Assert.Equal((4, 4, 4, 4, 10), (model.query.out_features, model.key.out_features, model.value.out_features, model.output.in_features, model.hidden.out_features));
        Assert.Equal([.. rows[..12], .. rows[36..]], Pruned.Values(model.value.weight!.detach()));
        Assert.InRange(Pruned.MaxDifference(masked, Pruned.Evaluate(model, x)), 0, 1e-4);
    }

    [Fact]
    public void By_Taylor_a_head_scores_what_the_loss_changes_by_without_its_queries_keys_and_values()
    {
        using var scope = NewDisposeScope();
        var model = new Attention();
        var (x, y) = (randn(model.InputShape), randn(model.InputShape));
        var made = new List<Tensor>();
        var hooks = new[] { model.query, model.key, model.value }.Select(layer => layer.register_forward_hook((_, _, output) =>
        {
            output.retain_grad();
            made.Add(output);
            return output;
        })).ToList();
        (model.call(x) * y).sum().backward();
        hooks.ForEach(hook => hook.remove());

        // Three samples of five tokens, four heads of two: for each sample and head the sum over both, a mean over tokens.
        var changes = made.Select(output => (output * output.grad!).detach().reshape(3, 5, 4, 2).sum([1, 3]) / 5).Aggregate((sum, next) => sum + next);
        var expected = Pruned.Values(changes.abs().mean([0]));
        var options = new PruneOptions
        {
            Granularity = Granularity.AttentionHead, Criterion = Criterion.Taylor,
            Retrain = new RetrainOptions { Loss = (output, target) => (output * target).sum() / output.shape[0], Device = CPU },
        };
        using var importance = Importance.Of(model.Plan(options), model.Forward, TrainingData.FromTensors(x, y, batchSize: 3));
        Assert.Equal(["query"], importance.Groups.Keys);
        Assert.All(expected.Zip(importance.Groups["query"]), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void A_head_that_nothing_reads_goes_and_the_output_is_as_before()
    {
        using var scope = NewDisposeScope();
        var model = new Attention();
        using (no_grad())
        {
            model.output.weight![.., 4..6] = 0;
        }

        var x = randn(model.InputShape);
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal([0, 1, 3], result.Kept["query"]);
        Assert.Equal((6, 6, 6, 6), (model.query.out_features, model.key.out_features, model.value.out_features, model.output.in_features));
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5);
    }

    [Fact]
    public void Heads_become_narrower_where_their_number_is_stated()
    {
        using var scope = NewDisposeScope();
        var model = new WideHeads();
        using var result = Pruning.Compact(
            model, model.Forward, new PruneOptions { Granularity = Granularity.HeadWidth, Verify = true }, null, model.InputShape);

        // Two heads of four, each of two then; what is read of them is the values' width.
        Assert.Equal((4, 4), (model.value.out_features, model.output.in_features));
        Assert.Equal(10, model.hidden.out_features);
        Assert.Equal([3, 5, 6], Pruned.Evaluate(model, randn(model.InputShape)).shape);
    }

    [Fact]
    public void A_model_without_heads_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var error = Assert.Throws<InvalidOperationException>(
            () => Pruning.Compact(model, model.Forward, new PruneOptions { Granularity = Granularity.AttentionHead }, null, model.InputShape));
        Assert.Contains("AttentionHead applies to no group of LeNet, neither to conv1 nor to conv2 nor to fc1", error.Message);
        Assert.Equal(20, model.conv1.out_channels);
    }

    [Theory]
    [InlineData(Granularity.AttentionHead)]
    [InlineData(Granularity.HeadWidth)]
    public void They_have_names(Granularity name) => Assert.Equal(name.ToString(), PruneGranularity.Of(name).Name);

    [Prunable]
    private sealed partial class Attention : TestModel
    {
        private const int HeadWidth = 2;
        public readonly Linear query = nn.Linear(6, 8);
        public readonly Linear key = nn.Linear(6, 8);
        public readonly Linear value = nn.Linear(6, 8);
        public readonly Linear output = nn.Linear(8, 6);
        public readonly Linear hidden = nn.Linear(6, 10);
        public readonly Linear last = nn.Linear(10, 6);

        public Attention()
            : base(nameof(Attention)) => Initialise(1);

        public override long[] InputShape { get; } = [3, 5, 6];

        public override Tensor forward(Tensor x)
        {
            var (b, n) = (x.shape[0], x.shape[1]);
            var q = query.call(x).view(b, n, -1, HeadWidth).transpose(1, 2);
            var k = key.call(x).view(b, n, -1, HeadWidth).transpose(1, 2);
            var v = value.call(x).view(b, n, -1, HeadWidth).transpose(1, 2);
            var weights = q.matmul(k.transpose(-2, -1)).mul(0.7).softmax(-1);
            var seen = output.call(weights.matmul(v).transpose(1, 2).reshape(b, n, -1));
            return last.call(hidden.call(x + seen).relu());
        }
    }

    [Prunable]
    private sealed partial class WideHeads : TestModel
    {
        private const int Heads = 2;
        public readonly Linear query = nn.Linear(6, 8);
        public readonly Linear key = nn.Linear(6, 8);
        public readonly Linear value = nn.Linear(6, 8);
        public readonly Linear output = nn.Linear(8, 6);
        public readonly Linear hidden = nn.Linear(6, 10);
        public readonly Linear last = nn.Linear(10, 6);

        public WideHeads()
            : base(nameof(WideHeads)) => Initialise(1);

        public override long[] InputShape { get; } = [3, 5, 6];

        public override Tensor forward(Tensor x)
        {
            var (b, n) = (x.shape[0], x.shape[1]);
            var q = query.call(x).view(b, n, Heads, -1).transpose(1, 2);
            var k = key.call(x).view(b, n, Heads, -1).transpose(1, 2);
            var v = value.call(x).view(b, n, Heads, -1).transpose(1, 2);
            var seen = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, -1);
            return last.call(hidden.call(x + output.call(seen)).relu());
        }
    }
}
