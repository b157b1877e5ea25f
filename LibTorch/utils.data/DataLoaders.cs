using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.utils.data;

namespace TorchSharp.Modules
{
    /// <summary>Batches of a dataset whose samples are tensors with names.</summary>
    public class DataLoader : DataLoader<Dictionary<string, Tensor>, Dictionary<string, Tensor>>
    {
        /// <summary>Creates a loader that goes through the samples in a given order.</summary>
        public DataLoader(Dataset dataset, int batchSize, IEnumerable<long> shuffler, Device? device = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true)
            : base(dataset, batchSize, Collate, shuffler, device, num_worker, drop_last, disposeBatch, disposeDataset) { }

        /// <summary>Creates a loader.</summary>
        public DataLoader(Dataset dataset, int batchSize, bool shuffle = false, Device? device = null, int? seed = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true)
            : base(dataset, batchSize, Collate, shuffle, device, seed, num_worker, drop_last, disposeBatch, disposeDataset) { }

        private static Dictionary<string, Tensor> Collate(IEnumerable<Dictionary<string, Tensor>> samples, Device device)
        {
            var all = samples.ToList();
            return all[0].Keys.ToDictionary(key => key, key => Stacking.Stack(all.Select(sample => sample[key]), device));
        }
    }

    /// <summary>Batches of a dataset whose samples are lists of tensors.</summary>
    public class IterableDataLoader : DataLoader<IList<Tensor>, IList<Tensor>>
    {
        /// <summary>Creates a loader that goes through the samples in a given order.</summary>
        public IterableDataLoader(IterableDataset dataset, int batchSize, IEnumerable<long> shuffler, Device? device = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true)
            : base(dataset, batchSize, Collate, shuffler, device, num_worker, drop_last, disposeBatch, disposeDataset) { }

        /// <summary>Creates a loader.</summary>
        public IterableDataLoader(IterableDataset dataset, int batchSize, bool shuffle = false, Device? device = null, int? seed = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true)
            : base(dataset, batchSize, Collate, shuffle, device, seed, num_worker, drop_last, disposeBatch, disposeDataset) { }

        private static IList<Tensor> Collate(IEnumerable<IList<Tensor>> samples, Device device)
        {
            var all = samples.ToList();
            return Enumerable.Range(0, all[0].Count).Select(i => Stacking.Stack(all.Select(sample => sample[i]), device)).ToList();
        }

        // Rows of tensors need not be taken one by one.
        private protected override IList<Tensor> Fetch(long[] indices)
        {
            if (dataset is not TensorDataset rows) return base.Fetch(indices);
            return rows.GetBatch(indices).Select(tensor => Stacking.OnDevice(tensor, Device)).ToList();
        }
    }

    internal static class Stacking
    {
        /// <summary>A batch of the tensors, on a device.</summary>
        internal static Tensor Stack(IEnumerable<Tensor> tensors, Device device) => OnDevice(stack(tensors.ToArray()), device);

        /// <summary>The tensor on a device; the tensor itself, if it is there.</summary>
        internal static Tensor OnDevice(Tensor tensor, Device device)
        {
            if (tensor.device_type == device.type && tensor.device_index == device.index) return tensor;

            using (tensor) return tensor.to(device);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class utils
        {
            public static partial class data
            {
                /// <summary>Creates a loader that goes through the samples, tensors with names, in a given order.</summary>
                /// <param name="dataset">The dataset.</param>
                /// <param name="batchSize">Samples per batch.</param>
                /// <param name="shuffler">The order of the samples.</param>
                /// <param name="device">Where the batches are to live; the CPU if null.</param>
                /// <param name="num_worker">How many threads fetch the samples of a batch.</param>
                /// <param name="drop_last">Whether a last batch with fewer samples is left out.</param>
                /// <param name="disposeBatch">Whether each batch is disposed when the next is fetched.</param>
                /// <param name="disposeDataset">Whether the dataset is disposed with the loader.</param>
                public static DataLoader DataLoader(Dataset dataset, int batchSize, IEnumerable<long> shuffler, Device? device = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true) =>
                    new(dataset, batchSize, shuffler, device, num_worker, drop_last, disposeBatch, disposeDataset);

                /// <summary>Creates a loader of samples that are tensors with names.</summary>
                /// <param name="dataset">The dataset.</param>
                /// <param name="batchSize">Samples per batch.</param>
                /// <param name="shuffle">Whether the order of the samples is random.</param>
                /// <param name="device">Where the batches are to live; the CPU if null.</param>
                /// <param name="seed">Where the random order starts: with it, every enumeration has the same order.</param>
                /// <param name="num_worker">How many threads fetch the samples of a batch.</param>
                /// <param name="drop_last">Whether a last batch with fewer samples is left out.</param>
                /// <param name="disposeBatch">Whether each batch is disposed when the next is fetched.</param>
                /// <param name="disposeDataset">Whether the dataset is disposed with the loader.</param>
                public static DataLoader DataLoader(Dataset dataset, int batchSize, bool shuffle = false, Device? device = null, int? seed = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true) =>
                    new(dataset, batchSize, shuffle, device, seed, num_worker, drop_last, disposeBatch, disposeDataset);

                /// <summary>Creates a loader that goes through the samples, lists of tensors, in a given order.</summary>
                public static IterableDataLoader DataLoader(IterableDataset dataset, int batchSize, IEnumerable<long> shuffler, Device? device = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true) =>
                    new(dataset, batchSize, shuffler, device, num_worker, drop_last, disposeBatch, disposeDataset);

                /// <summary>Creates a loader of samples that are lists of tensors.</summary>
                public static IterableDataLoader DataLoader(IterableDataset dataset, int batchSize, bool shuffle = false, Device? device = null, int? seed = null, int num_worker = 1, bool drop_last = false, bool disposeBatch = true, bool disposeDataset = true) =>
                    new(dataset, batchSize, shuffle, device, seed, num_worker, drop_last, disposeBatch, disposeDataset);
            }
        }
    }
}
