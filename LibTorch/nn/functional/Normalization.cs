using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class NormalizationOps
            {
                internal static readonly Op batch_norm = new("aten::batch_norm");
                internal static readonly Op instance_norm = new("aten::instance_norm");
                internal static readonly Op layer_norm = new("aten::layer_norm");
                internal static readonly Op group_norm = new("aten::group_norm");
                internal static readonly Op norm = new("aten::norm", "ScalarOpt_dim");
                internal static readonly Op clamp_min = new("aten::clamp_min");
                internal static readonly Op div = new("aten::div", "Tensor");
                internal static readonly Op mul = new("aten::mul", "Tensor");
                internal static readonly Op constant_pad = new("aten::constant_pad_nd");
                internal static readonly Op reshape = new("aten::reshape");
                internal static readonly Op scale = new("aten::mul", "Scalar"), shift = new("aten::add", "Scalar"), pow = new("aten::pow", "Tensor_Scalar");
            }

            /// <summary>Divides each vector along <paramref name="dim"/> by its norm.</summary>
            /// <param name="input">A tensor of any shape.</param>
            /// <param name="p">The order of the norm.</param>
            /// <param name="dim">The dimension of the vectors.</param>
            /// <param name="eps">The smallest divisor.</param>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
            {
                using var norms = Dispatcher.Call(NormalizationOps.norm, input, p, dim, true);
                using var divisor = Dispatcher.Call(NormalizationOps.clamp_min, norms, eps);
                return Dispatcher.Call(NormalizationOps.div, input, divisor);
            }

            /// <summary>
            /// Batch normalisation (Ioffe and Szegedy, 2015): (x − mean) / √(variance + eps) · weight + bias for each channel (dimension 1).
            /// </summary>
            /// <param name="input">Shape (N, C, …).</param>
            /// <param name="running_mean">Shape (C): updated in training, taken for the mean in evaluation.</param>
            /// <param name="running_var">Shape (C): updated in training, taken for the variance in evaluation.</param>
            /// <param name="weight">Shape (C), or null for 1.</param>
            /// <param name="bias">Shape (C), or null for 0.</param>
            /// <param name="training">Whether mean and variance are the batch's own.</param>
            /// <param name="momentum">The share of the batch in the running statistics.</param>
            /// <param name="eps">Added to the variance.</param>
            /// <exception cref="ExternalException">Training with one value per channel, which has no variance.</exception>
            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5)
            {
                if (training)
                {
                    var channels = input.ndim > 1 ? input.size(1) : 1;
                    if (input.NumberOfElements == channels)
                        throw new ExternalException($"Expected more than 1 value per channel when training, got input size [{string.Join(", ", input.shape)}]");
                }
                return Dispatcher.Call(NormalizationOps.batch_norm, input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            }

            /// <summary>Instance normalisation (Ulyanov et al., 2016): batch normalisation with the statistics of each sample.</summary>
            /// <param name="input">Shape (N, C, …).</param>
            /// <param name="running_mean">Shape (C), or null.</param>
            /// <param name="running_var">Shape (C), or null.</param>
            /// <param name="weight">Shape (C), or null for 1.</param>
            /// <param name="bias">Shape (C), or null for 0.</param>
            /// <param name="use_input_stats">Whether mean and variance are the samples' own rather than the running ones.</param>
            /// <param name="momentum">The share of the samples in the running statistics.</param>
            /// <param name="eps">Added to the variance.</param>
            public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1e-5) =>
                Dispatcher.Call(NormalizationOps.instance_norm, input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);

            /// <summary>Layer normalisation (Ba et al., 2016) over the last dimensions.</summary>
            /// <param name="input">Shape (…, normalized_shape).</param>
            /// <param name="normalized_shape">The sizes of the last dimensions.</param>
            /// <param name="weight">Shape normalized_shape, or null for 1.</param>
            /// <param name="bias">Shape normalized_shape, or null for 0.</param>
            /// <param name="eps">Added to the variance.</param>
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Dispatcher.Call(NormalizationOps.layer_norm, input, normalized_shape, weight, bias, eps, true);

            /// <summary>Group normalisation (Wu and He, 2018): mean and variance of each group of channels of each sample.</summary>
            /// <param name="input">Shape (N, C, …).</param>
            /// <param name="num_groups">Number of groups; it divides C.</param>
            /// <param name="weight">Shape (C), or null for 1.</param>
            /// <param name="bias">Shape (C), or null for 0.</param>
            /// <param name="eps">Added to the variance.</param>
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Dispatcher.Call(NormalizationOps.group_norm, input, num_groups, weight, bias, eps, true);

            /// <summary>
            /// Local response normalisation (Krizhevsky et al., 2012): x / (k + α·m)^β, m the mean square of the
            /// <paramref name="size"/> channels around each one.
            /// </summary>
            /// <param name="input">Shape (N, C, …).</param>
            /// <param name="size">Channels that take part.</param>
            /// <param name="alpha">The α of the formula.</param>
            /// <param name="beta">The β of the formula.</param>
            /// <param name="k">The k of the formula.</param>
            /// <exception cref="ArgumentException">The input has fewer than three dimensions.</exception>
            public static Tensor local_response_norm(Tensor input, long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0)
            {
                if (input.ndim < 3) throw new ArgumentException($"Invalid number of dimensions for LocalResponseNorm argument: {input.ndim}");

                // Seen as images of C rows, one pixel wide windows of `size` rows average over the channels.
                using var squares = Dispatcher.Call(NormalizationOps.mul, input, input);
                using var rows = Dispatcher.Call(NormalizationOps.reshape, squares, new[] { input.size(0), 1, input.size(1), -1 });
                using var padded = Dispatcher.Call(NormalizationOps.constant_pad, rows, new[] { 0, 0, size / 2, (size - 1) / 2 }, 0L);
                using var means = avg_pool2d(padded, [size, 1], stride: [1, 1]);
                using var shaped = Dispatcher.Call(NormalizationOps.reshape, means, input.shape);
                using var scaled = Dispatcher.Call(NormalizationOps.scale, shaped, alpha);
                using var shifted = Dispatcher.Call(NormalizationOps.shift, scaled, k);
                using var divisor = Dispatcher.Call(NormalizationOps.pow, shifted, beta);
                return Dispatcher.Call(NormalizationOps.div, input, divisor);
            }
        }
    }
}
