using System.Collections;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.utils.data;

namespace TorchSharp.Modules;

/// <summary>Batches of a dataset. Each enumeration goes through the dataset once.</summary>
/// <typeparam name="T">What a sample is.</typeparam>
/// <typeparam name="S">What a batch is.</typeparam>
public class DataLoader<T, S> : IEnumerable<S>, IDisposable
{
    /// <summary>The dataset.</summary>
    public Dataset<T> dataset { get; }

    /// <summary>Samples per batch.</summary>
    public int batch_size { get; }

    /// <summary>Whether a last batch with fewer samples is left out.</summary>
    public bool drop_last { get; }

    /// <summary>The order of the samples.</summary>
    public IEnumerable<long> sampler { get; }

    /// <summary>How many threads fetch the samples of a batch.</summary>
    public int num_workers { get; }

    /// <summary>Makes a batch of samples, on a device.</summary>
    public Func<IEnumerable<T>, Device, S> collate_fn { get; }

    /// <summary>Where the batches are to live.</summary>
    public Device Device { get; }

    /// <summary>Whether each batch is disposed when the next is fetched.</summary>
    public bool DisposeBatch { get; }

    /// <summary>Whether the dataset is disposed with the loader.</summary>
    public bool DisposeDataset { get; }

    /// <summary>Creates a loader that goes through the samples in a given order.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="batchSize">Samples per batch.</param>
    /// <param name="collate_fn">Makes a batch of samples, on a device.</param>
    /// <param name="shuffler">The order of the samples.</param>
    /// <param name="device">Where the batches are to live; the CPU if null.</param>
    /// <param name="num_worker">How many threads fetch the samples of a batch.</param>
    /// <param name="drop_last">Whether a last batch with fewer samples is left out.</param>
    /// <param name="disposeBatch">Whether each batch is disposed when the next is fetched.</param>
    /// <param name="disposeDataset">Whether the dataset is disposed with the loader.</param>
    public DataLoader(Dataset<T> dataset, int batchSize, Func<IEnumerable<T>, Device, S> collate_fn, IEnumerable<long> shuffler, Device? device = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true)
    {
        this.dataset = dataset;
        batch_size = batchSize;
        this.collate_fn = collate_fn;
        sampler = shuffler;
        Device = device ?? CPU;
        num_workers = Math.Max(num_worker, 1);
        this.drop_last = drop_last;
        DisposeBatch = disposeBatch;
        DisposeDataset = disposeDataset;
    }

    /// <summary>Creates a loader.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="batchSize">Samples per batch.</param>
    /// <param name="collate_fn">Makes a batch of samples, on a device.</param>
    /// <param name="shuffle">Whether the order of the samples is random.</param>
    /// <param name="device">Where the batches are to live; the CPU if null.</param>
    /// <param name="seed">Where the random order starts: with it, every enumeration has the same order.</param>
    /// <param name="num_worker">How many threads fetch the samples of a batch.</param>
    /// <param name="drop_last">Whether a last batch with fewer samples is left out.</param>
    /// <param name="disposeBatch">Whether each batch is disposed when the next is fetched.</param>
    /// <param name="disposeDataset">Whether the dataset is disposed with the loader.</param>
    public DataLoader(Dataset<T> dataset, int batchSize, Func<IEnumerable<T>, Device, S> collate_fn, bool shuffle = false, Device? device = null, int? seed = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true)
        : this(dataset, batchSize, collate_fn, shuffle ? new FisherYatesShuffler(dataset.Count, seed) : InOrder(dataset.Count), device, num_worker, drop_last, disposeBatch, disposeDataset) { }

    private static IEnumerable<long> InOrder(long count)
    {
        for (var i = 0L; i < count; i++) yield return i;
    }

    /// <summary>Number of batches.</summary>
    public long Count => drop_last ? dataset.Count / batch_size : (dataset.Count - 1) / batch_size + 1;

    /// <summary>Starts going through the dataset.</summary>
    public IEnumerator<S> GetEnumerator() => new Batches(this);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Releases the dataset, if that was asked for.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Implements the .NET dispose pattern.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && DisposeDataset) dataset.Dispose();
    }

    /// <summary>The batch of the samples with these numbers. The batch alone is left to the caller, in the current dispose scope.</summary>
    private protected virtual S Fetch(long[] indices)
    {
        var samples = new T[indices.Length];
        var held = new HashSet<IDisposable>[indices.Length];

        void FetchSample(int i)
        {
            // Dispose scopes belong to threads, so what a thread creates is taken out of its scope and disposed below.
            using var scope = NewDisposeScope();
            samples[i] = dataset.GetTensor(indices[i]);
            held[i] = scope.DetachAllAndDispose();
        }

        if (num_workers == 1)
        {
            for (var i = 0; i < samples.Length; i++) FetchSample(i);
        }
        else
        {
            Parallel.For(0, samples.Length, new ParallelOptions { MaxDegreeOfParallelism = num_workers }, FetchSample);
        }

        var batch = collate_fn(samples, Device);
        foreach (var disposable in held.SelectMany(each => each)) disposable.Dispose();
        return batch;
    }

    private sealed class Batches : IEnumerator<S>
    {
        private readonly DataLoader<T, S> loader;
        private IEnumerator<long> order;
        private HashSet<IDisposable>? held;
        private S? current;

        internal Batches(DataLoader<T, S> loader)
        {
            this.loader = loader;
            order = loader.sampler.GetEnumerator();
        }

        public S Current => current!;

        object IEnumerator.Current => current!;

        public bool MoveNext()
        {
            Release();

            var indices = new List<long>(loader.batch_size);
            while (indices.Count < loader.batch_size && order.MoveNext()) indices.Add(order.Current);
            if (indices.Count == 0 || (loader.drop_last && indices.Count < loader.batch_size)) return false;

            using var scope = NewDisposeScope();
            current = loader.Fetch([.. indices]);
            var created = scope.DetachAllAndDispose();
            if (loader.DisposeBatch) held = created;
            return true;
        }

        public void Reset()
        {
            Release();
            order.Dispose();
            order = loader.sampler.GetEnumerator();
        }

        public void Dispose()
        {
            Release();
            order.Dispose();
        }

        private void Release()
        {
            if (held is null) return;
            foreach (var disposable in held) disposable.Dispose();
            held = null;
        }
    }
}
