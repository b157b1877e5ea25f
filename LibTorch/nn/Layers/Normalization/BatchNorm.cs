using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>
    /// Batch normalisation (Ioffe and Szegedy, 2015): in training by mean and variance of the batch, in evaluation by the running ones.
    /// </summary>
    public abstract class BatchNorm : NormBase
    {
        /// <summary>Creates the parameters and running statistics that are asked for.</summary>
        public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name) { }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The input has another number of dimensions.</exception>
        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);

            var share = momentum ?? 0;
            if (training && track_running_stats && num_batches_tracked is { } batches)
            {
                // The count is a buffer: no gradient, whatever the mode outside.
                batches.add_(1);
                if (momentum is null) share = 1 / batches.ToDouble();
            }

            var byBatch = training || (running_mean is null && running_var is null);
            var useRunning = !training || track_running_stats;
            return functional.batch_norm(input, useRunning ? running_mean : null, useRunning ? running_var : null, weight, bias, byBatch, share, eps);
        }
    }

    /// <summary>Batch normalisation of signals: input (N, C) or (N, C, L).</summary>
    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d)) { }

        /// <inheritdoc/>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3))
                throw new ArgumentException($"expected 2D or 3D input, but got {input.ndim}D input.");
        }
    }

    /// <summary>Batch normalisation of images: input (N, C, H, W).</summary>
    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d)) { }

        /// <inheritdoc/>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 4)
                throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
        }
    }

    /// <summary>Batch normalisation of volumes: input (N, C, D, H, W).</summary>
    public sealed class BatchNorm3d : BatchNorm
    {
        internal BatchNorm3d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm3d)) { }

        /// <inheritdoc/>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 5)
                throw new ArgumentException($"expected 5D input, but got {input.ndim}D input.");
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a batch normalisation of signals: input (N, C) or (N, C, L).</summary>
            /// <param name="num_features">Number of channels, C.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="momentum">The share of each batch in the running statistics.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="track_running_stats">Whether there are running statistics; without them every batch is normalised by its own.</param>
            /// <param name="device">Where the parameters and buffers live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters and buffers; the default type if null.</param>
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Creates a batch normalisation of images: input (N, C, H, W).</summary>
            /// <param name="num_features">Number of channels, C.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="momentum">The share of each batch in the running statistics.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="track_running_stats">Whether there are running statistics; without them every batch is normalised by its own.</param>
            /// <param name="device">Where the parameters and buffers live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters and buffers; the default type if null.</param>
            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Creates a batch normalisation of volumes: input (N, C, D, H, W).</summary>
            /// <param name="num_features">Number of channels, C.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="momentum">The share of each batch in the running statistics.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="track_running_stats">Whether there are running statistics; without them every batch is normalised by its own.</param>
            /// <param name="device">Where the parameters and buffers live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters and buffers; the default type if null.</param>
            public static BatchNorm3d BatchNorm3d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
