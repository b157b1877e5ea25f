using TorchSharp;
using TorchSharp.Utils;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.utils.data;

namespace PruneGen.LibTorch.Tests.DataLoading;

public class DataLoaderTests
{
    /// <summary>Samples with names: {"x": [i, i + 0.5], "y": i}. Counts how often each was fetched.</summary>
    private sealed class NamedSamples(int count) : Dataset
    {
        public int Fetched;
        public bool Disposed;

        public override long Count => count;

        public override Dictionary<string, Tensor> GetTensor(long index)
        {
            Interlocked.Increment(ref Fetched);
            return new() { ["x"] = tensor(new[] { index, index + 0.5 }), ["y"] = tensor(index) };
        }

        protected override void Dispose(bool disposing) => Disposed = true;
    }

    private sealed class ListedSamples(int count) : IterableDataset
    {
        public override long Count => count;

        public override IList<Tensor> GetTensor(long index) => [tensor(new[] { index, 2 * index }), tensor(-index)];
    }

    private static TorchSharp.Modules.TensorDataset Rows(int count) =>
        TensorDataset(arange(count * 3, dtype: float64).reshape(count, 3), arange(count));

    private static List<long> Order(IEnumerable<IList<Tensor>> loader) =>
        loader.SelectMany(batch => batch[1].data<long>().ToArray()).ToList();

    [Fact]
    public void Batches_cover_the_dataset_in_order()
    {
        using var loader = DataLoader(new NamedSamples(10), 4);
        Assert.Equal(3, loader.Count);
        var sizes = new List<long>();
        var seen = new List<long>();
        foreach (var batch in loader)
        {
            sizes.Add(batch["x"].size(0));
            seen.AddRange(batch["y"].data<long>().ToArray());
            Assert.Equal([batch["y"].size(0), 2], batch["x"].shape);
            Near.Equal(batch["y"].to(float64) + 0.5, batch["x"].select(1, 1));
        }
        Assert.Equal([4, 4, 2], sizes);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), seen);
    }

    [Fact]
    public void Drop_last_leaves_the_partial_batch_out()
    {
        using var loader = DataLoader(Rows(10), 4, drop_last: true);
        Assert.Equal(2, loader.Count);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Order(loader));
        using var whole = DataLoader(Rows(8), 4, drop_last: true);
        Assert.Equal(2, whole.Count());
    }

    [Fact]
    public void Rows_of_tensors_are_batched_alike()
    {
        using var rows = DataLoader(Rows(7), 3);
        var batches = rows.Select(batch => (Near.Values(batch[0]), batch[0].shape, batch[1].shape)).ToList();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], batches[0].Item1);
        Assert.Equal([18, 19, 20], batches[2].Item1);
        Assert.Equal([3, 3], batches[1].Item2);
        Assert.Equal([1], batches[2].Item3);

        using var lists = DataLoader(new ListedSamples(5), 2);
        Assert.Equal([0, -1, -2, -3, -4], Order(lists));
        Assert.Equal([2, 4, 3, 6], lists.Select(batch => Near.Values(batch[0])).ToList()[1]);
    }

    [Fact]
    public void Shuffled_batches_cover_the_dataset()
    {
        using var loader = DataLoader(Rows(100), 16, shuffle: true);
        var (first, second) = (Order(loader), Order(loader));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), first.Order());
        Assert.Equal(first.Order(), second.Order());
        Assert.NotEqual(first, first.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_seed_fixes_the_order()
    {
        using var first = DataLoader(Rows(50), 8, shuffle: true, seed: 7);
        using var second = DataLoader(Rows(50), 8, shuffle: true, seed: 7);
        using var third = DataLoader(Rows(50), 8, shuffle: true, seed: 8);
        var order = Order(first);
        Assert.Equal(order, Order(first));
        Assert.Equal(order, Order(second));
        Assert.NotEqual(order, Order(third));
        Assert.Equal(order, new FisherYatesShuffler(50, 7));
    }

    [Fact]
    public void Shuffling_is_fair()
    {
        // Each of the 24 orders of four numbers is as likely: 4800 draws, 200 each, standard deviation 13.8.
        var counts = new Dictionary<string, int>();
        for (var seed = 0; seed < 4800; seed++)
        {
            var order = string.Join(",", new FisherYatesShuffler(4, seed));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 200 - 70, 200 + 70));
    }

    [Fact]
    public void An_order_of_the_caller_is_taken()
    {
        using var loader = DataLoader(Rows(10), 2, new long[] { 9, 3, 3, 0, 5 });
        Assert.Equal([9, 3, 3, 0, 5], Order(loader));
    }

    [Fact]
    public void Several_workers_keep_the_order()
    {
        var samples = new NamedSamples(40);
        using var loader = DataLoader(samples, 8, num_worker: 4);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), loader.SelectMany(batch => batch["y"].data<long>().ToArray()).ToList());
        Assert.Equal(40, samples.Fetched);
    }

    [Fact]
    public void Each_batch_is_disposed_when_the_next_is_fetched()
    {
        using var loader = DataLoader(Rows(6), 2);
        Tensor? previous = null;
        foreach (var batch in loader)
        {
            if (previous is not null) Assert.True(previous.IsInvalid);
            previous = batch[0];
            Assert.False(previous.IsInvalid);
        }
        Assert.True(previous!.IsInvalid);
    }

    [Fact]
    public void Batches_are_kept_if_that_is_asked_for()
    {
        using var loader = DataLoader(new NamedSamples(6), 2, disposeBatch: false);
        var batches = loader.ToList();
        Assert.All(batches, batch => Assert.False(batch["x"].IsInvalid));
        foreach (var batch in batches)
            foreach (var kept in batch.Values) kept.Dispose();
    }

    [Fact]
    public void Going_through_leaves_no_tensors_behind()
    {
        using var rows = DataLoader(Rows(20), 4, shuffle: true);
        using var named = DataLoader(new NamedSamples(20), 4, num_worker: 2);
        Finalizers.Run();
        var before = Tensor.TotalCount;
        foreach (var _ in rows) { }
        foreach (var _ in named) { }
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_dispose_scope_around_the_loop_does_not_take_the_batches()
    {
        using var loader = DataLoader(Rows(6), 2);
        using var scope = NewDisposeScope();
        foreach (var batch in loader) Assert.Equal([2, 3], batch[0].shape);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void The_dataset_is_disposed_with_the_loader_unless_it_is_to_be_kept()
    {
        var (given, kept) = (new NamedSamples(3), new NamedSamples(3));
        DataLoader(given, 2).Dispose();
        DataLoader(kept, 2, disposeDataset: false).Dispose();
        Assert.True(given.Disposed);
        Assert.False(kept.Disposed);
    }

    [Fact]
    public void A_dataset_of_tensors_keeps_handles_of_its_own()
    {
        using var values = arange(4);
        var dataset = TensorDataset(values);
        Assert.Equal(4, dataset.Count);
        Assert.Equal(2, dataset[2][0].ToInt64());
        Assert.Equal(3, dataset.GetTensor(3)[0].ToInt64());
        dataset.Dispose();
        Assert.False(values.IsInvalid);
        Assert.Throws<ArgumentException>(() => TensorDataset(arange(4), arange(5)));
        Assert.Throws<ArgumentNullException>(() => TensorDataset());
    }
}
