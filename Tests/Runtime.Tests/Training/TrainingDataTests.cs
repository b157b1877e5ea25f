using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class TrainingDataTests
{
    [Fact]
    public void Tensors_come_in_order_without_shuffling_and_the_last_batch_may_be_smaller()
    {
        var (x, y) = Counted(10);
        var data = TrainingData.FromTensors(x, y, batchSize: 4, shuffle: false);
        Assert.Equal(3, data.CountBatches());
        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], Drawn(data));
    }

    [Fact]
    public void Shuffling_gives_every_sample_once_and_inputs_stay_with_their_targets()
    {
        var (x, y) = Counted(50);
        var drawn = Drawn(TrainingData.FromTensors(x, y, batchSize: 8)).SelectMany(batch => batch).ToList();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), drawn.Order());
        Assert.NotEqual(drawn.Order(), drawn);
    }

    [Fact]
    public void The_order_depends_on_seed_and_epoch_alone()
    {
        var (x, y) = Counted(50);
        var data = TrainingData.FromTensors(x, y, batchSize: 50);
        var orders = new[] { (0, 0), (0, 1), (1, 0), (1, 1), (2, 5) }.Select(at => string.Join(",", Drawn(data, at.Item1, at.Item2)[0])).ToList();
        Assert.Equal(5, orders.Distinct().Count());
        manual_seed(99);
        Assert.Equal(orders[3], string.Join(",", Drawn(data, 1, 1)[0]));
    }

    [Fact]
    public void All_sources_give_the_same_batches()
    {
        var (x, y) = Counted(10);
        var expected = Drawn(TrainingData.FromTensors(x, y, batchSize: 4, shuffle: false));

        IEnumerable<(Tensor X, Tensor Y)> Batches()
        {
            for (var start = 0; start < 10; start += 4)
            {
                yield return (x.narrow(0, start, Math.Min(4, 10 - start)), y.narrow(0, start, Math.Min(4, 10 - start)));
            }
        }

        Assert.Equal(expected, Drawn(TrainingData.FromBatches(Batches)));
        Assert.Equal(expected, Drawn(TrainingData.FromBatches(() => Batches().Select(batch => new Batch([batch.X], batch.Y)))));
        using var dataset = utils.data.TensorDataset(x, y);
        using var list = utils.data.DataLoader(dataset, 4);
        Assert.Equal(expected, Drawn(TrainingData.FromLoader(list)));
        using var keyed = utils.data.DataLoader(new KeyedData(x, y), 4);
        Assert.Equal(expected, Drawn(TrainingData.FromLoader(keyed)));
        Assert.All([TrainingData.FromBatches(Batches), TrainingData.FromLoader(list), TrainingData.FromLoader(keyed)], data => Assert.Equal(3, data.CountBatches()));
    }

    [Fact]
    public void Several_inputs_are_cut_alike()
    {
        var (x, y) = Counted(6);
        foreach (var batch in TrainingData.FromTensors([x, x * 2], y, batchSize: 4).Batches())
        {
            Assert.Equal(2, batch.Inputs.Length);
            Assert.True((batch.Inputs[0] * 2).eq(batch.Inputs[1]).all().ToBoolean());
        }
    }

    [Fact]
    public void Batches_of_the_caller_live_on_unless_he_gives_them_away()
    {
        var mine = new[] { (zeros(2, 1), zeros(2, int64)) };
        Assert.Single(TrainingData.FromBatches(() => mine).Batches());
        Assert.False(mine[0].Item1.IsInvalid);
        Assert.Single(TrainingData.FromBatches(() => mine, dispose: true).Batches());
        Assert.True(mine[0].Item1.IsInvalid);
        Assert.True(mine[0].Item2.IsInvalid);
    }

    [Fact]
    public void A_batch_made_from_tensors_is_disposed_of_and_the_tensors_are_not()
    {
        var (x, y) = Counted(4);
        var drawn = TrainingData.FromTensors(x, y, batchSize: 2).Batches().ToList();
        Assert.All(drawn, batch => Assert.True(batch.Inputs[0].IsInvalid && batch.Target.IsInvalid));
        Assert.False(x.IsInvalid || y.IsInvalid);
    }

    [Fact]
    public void No_samples_are_refused() => Assert.Contains(
        "no sample",
        Assert.Throws<ArgumentException>(() => TrainingData.FromTensors(zeros(0, 4), zeros(0, int64))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Unequal_numbers_of_samples_are_refused() => Assert.Contains(
        "3 inputs but 4 targets",
        Assert.Throws<ArgumentException>(() => TrainingData.FromTensors(zeros(3, 4), zeros(4, int64))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_batch_size_below_one_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingData.FromTensors(zeros(3, 4), zeros(3, int64), batchSize: 0));

    [Fact]
    public void A_key_that_the_loader_lacks_is_named_with_those_it_has()
    {
        var (x, y) = Counted(4);
        using var loader = utils.data.DataLoader(new KeyedData(x, y), 2);
        var error = Assert.Throws<InvalidOperationException>(() => TrainingData.FromLoader(loader, input: "image").Batches().Count());
        Assert.Contains("no 'image' but data, label", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Sample i is the number i, and so is its target.</summary>
    private static (Tensor X, Tensor Y) Counted(int count) => (arange(count, dtype: float32).unsqueeze(1), arange(count, dtype: int64));

    private static List<long[]> Drawn(TrainingData data, int epoch = 0, int seed = 0)
    {
        var drawn = new List<long[]>();
        foreach (var batch in data.Batches(epoch, seed))
        {
            var targets = batch.Target.data<long>().ToArray();
            Assert.Equal(targets, batch.Inputs[0].flatten().data<float>().ToArray().Select(value => (long)value));
            drawn.Add(targets);
        }

        return drawn;
    }

    private sealed class KeyedData(Tensor x, Tensor y) : utils.data.Dataset
    {
        public override long Count => y.size(0);

        public override Dictionary<string, Tensor> GetTensor(long index) => new() { ["data"] = x[index], ["label"] = y[index] };
    }
}
