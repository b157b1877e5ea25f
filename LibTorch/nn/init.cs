using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Initial values of parameters. Every function overwrites its tensor, outside of autograd, and returns it.
        /// </summary>
        public static class init
        {
            /// <summary>The function that follows a layer, for <see cref="calculate_gain"/>.</summary>
            public enum NonlinearityType
            {
                /// <summary>None.</summary>
                Linear = 0,
                /// <summary>None, after a convolution.</summary>
                Conv1D = 1,
                /// <summary>None, after a convolution.</summary>
                Conv2D = 2,
                /// <summary>None, after a convolution.</summary>
                Conv3D = 3,
                /// <summary>None, after a transposed convolution.</summary>
                ConvTranspose1D = 4,
                /// <summary>None, after a transposed convolution.</summary>
                ConvTranspose2D = 5,
                /// <summary>None, after a transposed convolution.</summary>
                ConvTranspose3D = 6,
                /// <summary>The sigmoid.</summary>
                Sigmoid = 7,
                /// <summary>The hyperbolic tangent.</summary>
                Tanh = 8,
                /// <summary>The rectified linear unit.</summary>
                ReLU = 9,
                /// <summary>The leaky rectified linear unit; its slope is the parameter.</summary>
                LeakyReLU = 10,
            }

            /// <summary>Which direction keeps its variance.</summary>
            public enum FanInOut
            {
                /// <summary>The forward pass: the number of inputs of a unit counts.</summary>
                FanIn = 0,
                /// <summary>The backward pass: the number of outputs of a unit counts.</summary>
                FanOut = 1,
            }

            /// <summary>How much wider the weights before a nonlinearity must be spread so that the variance is kept.</summary>
            /// <param name="nonlinearity">The function after the layer.</param>
            /// <param name="param">The slope of a leaky rectified linear unit.</param>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                _ => 1,
            };

            /// <summary>Fills with ones.</summary>
            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            /// <summary>Fills with zeros.</summary>
            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            /// <summary>Fills with a constant.</summary>
            public static Tensor constant_(Tensor tensor, Scalar val)
            {
                using var _ = no_grad();
                tensor.fill_(val);
                return tensor;
            }

            /// <summary>Makes a convolution's weight hand on as many channels as it can: ones at the kernel's middle, zeros elsewhere.</summary>
            /// <param name="tensor">A weight of three to five dimensions.</param>
            /// <exception cref="ExternalException">The tensor has another number of dimensions.</exception>
            public static Tensor dirac_(Tensor tensor)
            {
                if (tensor.ndim is < 3 or > 5)
                    throw new ExternalException("Only tensors with 3, 4, or 5 dimensions are supported");

                using var _ = no_grad();
                using var scope = NewDisposeScope();
                tensor.zero_();
                // The matrix over the channels at the kernel's middle gets a diagonal of ones.
                var middle = tensor;
                while (middle.ndim > 2) middle = middle.select(2, middle.size(2) / 2);
                middle.diagonal().fill_(1);
                return tensor;
            }

            /// <summary>Fills a matrix with the identity.</summary>
            /// <exception cref="ExternalException">The tensor is no matrix.</exception>
            public static Tensor eye_(Tensor tensor)
            {
                if (tensor.ndim != 2) throw new ExternalException("Only tensors with 2 dimensions are supported");

                using var _ = no_grad();
                using var identity = eye(tensor.size(0), tensor.size(1), dtype: tensor.dtype, device: tensor.device);
                tensor.copy_(identity);
                return tensor;
            }

            /// <summary>Fills from the uniform distribution U(low, high).</summary>
            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
            {
                using var _ = no_grad();
                tensor.uniform_(low, high, generator);
                return tensor;
            }

            /// <summary>Fills from the normal distribution N(mean, std²).</summary>
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null)
            {
                using var _ = no_grad();
                tensor.normal_(mean, std, generator);
                return tensor;
            }

            /// <summary>Fills from the normal distribution N(mean, std²), cut off outside [a, b].</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0.0, double std = 1.0, double a = -2.0, double b = 2.0, Generator? generator = null)
            {
                using var _ = no_grad();

                // The inverse of the distribution function, at points that are uniform between its values at a and at b.
                using var ends = torch.tensor(new[] { (a - mean) / (std * Math.Sqrt(2)), (b - mean) / (std * Math.Sqrt(2)) });
                using var values = ends.erf();
                tensor.uniform_(values[0].ToDouble(), values[1].ToDouble(), generator);
                tensor.erfinv_();
                tensor.mul_(std * Math.Sqrt(2));
                tensor.add_(mean);
                tensor.clamp_(a, b);
                return tensor;
            }

            /// <summary>
            /// Fills with a matrix whose rows or columns, whichever are fewer, are orthonormal, times <paramref name="gain"/>
            /// (Saxe et al., 2013). Dimensions after the first are taken as one.
            /// </summary>
            /// <exception cref="ExternalException">The tensor has fewer than two dimensions.</exception>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                if (tensor.ndim < 2) throw new ExternalException("Only tensors with 2 or more dimensions are supported");
                if (tensor.NumberOfElements == 0) return tensor;

                using var _ = no_grad();
                using var scope = NewDisposeScope();
                var rows = tensor.size(0);
                var columns = tensor.NumberOfElements / rows;
                var random = empty(rows, columns, dtype: tensor.dtype, device: tensor.device).normal_();
                if (rows < columns) random = random.t();

                // The signs make Q uniform over the orthogonal matrices (Mezzadri, 2007).
                var (q, r) = linalg.qr(random);
                q = q * r.diagonal().sign();
                if (rows < columns) q = q.t();

                tensor.copy_((q * gain).reshape(tensor.shape));
                return tensor;
            }

            /// <summary>
            /// Fills a matrix from N(0, std²), then sets in each column a random share of the elements to zero (Martens, 2010).
            /// </summary>
            /// <param name="tensor">A matrix.</param>
            /// <param name="sparsity">The share of each column's elements that become zero.</param>
            /// <param name="std">The standard deviation of the others.</param>
            /// <exception cref="ExternalException">The tensor is no matrix.</exception>
            public static Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01)
            {
                if (tensor.ndim != 2) throw new ExternalException("Only tensors with 2 dimensions are supported");

                using var _ = no_grad();
                using var scope = NewDisposeScope();
                tensor.normal_(0, std);
                var (rows, columns) = (tensor.size(0), tensor.size(1));
                var zeros = (long)Math.Ceiling(sparsity * rows);
                for (var column = 0L; column < columns; column++)
                {
                    var chosen = randperm(rows, device: tensor.device).narrow(0, 0, zeros);
                    tensor.select(1, column).index_fill_(0, chosen, 0);
                }
                return tensor;
            }

            /// <summary>Fills from U(−bound, bound), bound = gain·√(3 / fan) (He et al., 2015).</summary>
            /// <param name="tensor">A weight of at least two dimensions.</param>
            /// <param name="a">The slope of the leaky rectified linear unit that follows.</param>
            /// <param name="mode">Which direction keeps its variance.</param>
            /// <param name="nonlinearity">The function after the layer.</param>
            /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Fills from N(0, std²), std = gain / √fan (He et al., 2015).</summary>
            /// <param name="tensor">A weight of at least two dimensions.</param>
            /// <param name="a">The slope of the leaky rectified linear unit that follows.</param>
            /// <param name="mode">Which direction keeps its variance.</param>
            /// <param name="nonlinearity">The function after the layer.</param>
            /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            private static double KaimingDeviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            /// <summary>Fills from U(−bound, bound), bound = gain·√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010).</summary>
            /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var bound = Math.Sqrt(3) * XavierDeviation(tensor, gain);
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Another name of <see cref="xavier_uniform_"/>.</summary>
            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            /// <summary>Fills from N(0, std²), std = gain·√(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010).</summary>
            /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => normal_(tensor, 0, XavierDeviation(tensor, gain));

            /// <summary>Another name of <see cref="xavier_normal_"/>.</summary>
            public static Tensor glorot_normal_(Tensor tensor, double gain = 1.0) => xavier_normal_(tensor, gain);

            private static double XavierDeviation(Tensor tensor, double gain)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return gain * Math.Sqrt(2.0 / (fanIn + fanOut));
            }

            /// <summary>The number of inputs and of outputs of a unit of the layer with this weight.</summary>
            /// <param name="tensor">A weight: (out, in) or (out, in, kernel…).</param>
            /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");

                var kernel = 1L;
                foreach (var size in shape.AsSpan(2)) kernel *= size;
                return (shape[1] * kernel, shape[0] * kernel);
            }
        }
    }
}
