using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Instance normalisation (Ulyanov et al., 2016): each channel of each sample by its own mean and variance.</summary>
    public abstract class InstanceNorm : NormBase
    {
        /// <summary>Creates the parameters and running statistics that are asked for.</summary>
        public InstanceNorm(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum ?? 0.1, affine, track_running_stats, device, dtype, name) { }

        /// <summary>Dimensions of a sample without a batch: its channels and its spatial dimensions.</summary>
        protected abstract long GetNumberOfBatchDimensions();

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The input has another number of dimensions or channels.</exception>
        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);

            var channels = (int)(input.ndim - GetNumberOfBatchDimensions());
            if (input.size(channels) != num_features)
                throw new ArgumentException($"expected input's size at dim={channels} to match num_features ({num_features}), but got: {input.size(channels)}.");

            if (channels == 1) return Normalize(input);

            using var batch = input.unsqueeze(0);
            using var normalized = Normalize(batch);
            return normalized.squeeze(0);
        }

        private Tensor Normalize(Tensor batch) =>
            functional.instance_norm(batch, running_mean, running_var, weight, bias, training || !track_running_stats, momentum ?? 0.1, eps);
    }

    /// <summary>Instance normalisation of signals: input (N, C, L) or (C, L).</summary>
    public sealed class InstanceNorm1d : InstanceNorm
    {
        internal InstanceNorm1d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(InstanceNorm1d)) { }

        /// <inheritdoc/>
        protected override long GetNumberOfBatchDimensions() => 2;

        /// <inheritdoc/>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3))
                throw new ArgumentException($"expected 2D or 3D input, but got {input.ndim}D input.");
        }
    }

    /// <summary>Instance normalisation of images: input (N, C, H, W) or (C, H, W).</summary>
    public sealed class InstanceNorm2d : InstanceNorm
    {
        internal InstanceNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(InstanceNorm2d)) { }

        /// <inheritdoc/>
        protected override long GetNumberOfBatchDimensions() => 3;

        /// <inheritdoc/>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (3 or 4))
                throw new ArgumentException($"expected 3D or 4D input, but got {input.ndim}D input.");
        }
    }

    /// <summary>Instance normalisation of volumes: input (N, C, D, H, W) or (C, D, H, W).</summary>
    public sealed class InstanceNorm3d : InstanceNorm
    {
        internal InstanceNorm3d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(InstanceNorm3d)) { }

        /// <inheritdoc/>
        protected override long GetNumberOfBatchDimensions() => 4;

        /// <inheritdoc/>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (4 or 5))
                throw new ArgumentException($"expected 4D or 5D input, but got {input.ndim}D input.");
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates an instance normalisation of signals: input (N, C, L) or (C, L).</summary>
            /// <param name="num_features">Number of channels, C.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="momentum">The share of each batch in the running statistics.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="track_running_stats">Whether there are running statistics; without them evaluation normalises as training does.</param>
            /// <param name="device">Where the parameters and buffers live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters and buffers; the default type if null.</param>
            public static InstanceNorm1d InstanceNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Creates an instance normalisation of images: input (N, C, H, W) or (C, H, W).</summary>
            /// <param name="num_features">Number of channels, C.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="momentum">The share of each batch in the running statistics.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="track_running_stats">Whether there are running statistics; without them evaluation normalises as training does.</param>
            /// <param name="device">Where the parameters and buffers live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters and buffers; the default type if null.</param>
            public static InstanceNorm2d InstanceNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Creates an instance normalisation of volumes: input (N, C, D, H, W) or (C, D, H, W).</summary>
            /// <param name="num_features">Number of channels, C.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="momentum">The share of each batch in the running statistics.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="track_running_stats">Whether there are running statistics; without them evaluation normalises as training does.</param>
            /// <param name="device">Where the parameters and buffers live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters and buffers; the default type if null.</param>
            public static InstanceNorm3d InstanceNorm3d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
