namespace TorchSharp;

public static partial class torch
{
    /// <summary>Helpers beside the operators.</summary>
    public static partial class utils
    {
        /// <summary>Datasets, and batches of them.</summary>
        public static partial class data
        {
            /// <summary>A dataset whose samples are tensors with names.</summary>
            public abstract class Dataset : Dataset<Dictionary<string, Tensor>>
            {
            }

            /// <summary>A dataset whose samples are lists of tensors.</summary>
            public abstract class IterableDataset : Dataset<IList<Tensor>>
            {
            }

            /// <summary>Base class of all datasets.</summary>
            /// <typeparam name="T">What a sample is.</typeparam>
            public abstract class Dataset<T> : IDisposable
            {
                /// <summary>Number of samples.</summary>
                public abstract long Count { get; }

                /// <summary>A sample.</summary>
                /// <param name="index">Its number, from 0.</param>
                /// <returns>Tensors that the caller may dispose. A data loader stacks those of several samples to a batch.</returns>
                public abstract T GetTensor(long index);

                /// <summary>Releases what the dataset holds.</summary>
                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                /// <summary>Implements the .NET dispose pattern.</summary>
                /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
                protected virtual void Dispose(bool disposing)
                {
                }
            }
        }
    }
}
