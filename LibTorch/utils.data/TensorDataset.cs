using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A dataset whose samples are the rows of tensors.</summary>
    public class TensorDataset : utils.data.IterableDataset
    {
        private readonly Tensor[] _tensors;

        internal TensorDataset(Tensor[] tensors)
        {
            if (tensors is null || tensors.Length == 0) throw new ArgumentNullException(nameof(tensors));
            if (tensors.Any(tensor => tensor.size(0) != tensors[0].size(0)))
                throw new ArgumentException("All tensors must have the same first dimension size.", nameof(tensors));

            _tensors = Array.ConvertAll(tensors, tensor => tensor.alias().DetachFromDisposeScope());
        }

        /// <summary>A sample: the row of each tensor with this number.</summary>
        public IList<Tensor> this[long index] => Array.ConvertAll(_tensors, tensor => tensor.select(0, index)).ToList();

        /// <inheritdoc/>
        public override long Count => _tensors[0].size(0);

        /// <inheritdoc/>
        public override IList<Tensor> GetTensor(long index) => this[index];

        /// <summary>Several samples, stacked: the same as stacking what <see cref="GetTensor"/> returns, by one call per tensor.</summary>
        internal IList<Tensor> GetBatch(long[] indices)
        {
            using var rows = tensor(indices);
            return Array.ConvertAll(_tensors, source =>
            {
                using var onDevice = rows.to(source.device);
                return source.index_select(0, onDevice);
            }).ToList();
        }

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            if (!disposing) return;
            foreach (var tensor in _tensors) tensor.Dispose();
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
                /// <summary>Creates a dataset whose samples are the rows of tensors. It keeps handles of its own.</summary>
                /// <param name="tensors">Tensors with the same number of rows (first dimension).</param>
                /// <exception cref="ArgumentException">There are none, or their numbers of rows differ.</exception>
                public static TensorDataset TensorDataset(params Tensor[] tensors) => new(tensors);
            }
        }
    }
}
