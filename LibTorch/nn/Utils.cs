using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Helpers around the parameters and gradients of a model.</summary>
        public static partial class utils
        {
            private static class Ops
            {
                internal static readonly Op cat = new("aten::cat");
                internal static readonly Op clamp_ = new("aten::clamp_");
                internal static readonly Op copy_ = new("aten::copy_");
                internal static readonly Op linalg_vector_norm = new("aten::linalg_vector_norm");
                internal static readonly Op mul_ = new("aten::mul_", "Scalar");
                internal static readonly Op reshape = new("aten::reshape");
                internal static readonly Op slice = new("aten::slice", "Tensor");
                internal static readonly Op stack = new("aten::stack");
            }

            /// <summary>
            /// Scales the gradients, in place, so that their norm is at most <paramref name="max_norm"/>. The norm is that of all
            /// gradients as one vector.
            /// </summary>
            /// <param name="tensors">The parameters; those without a gradient do not count.</param>
            /// <param name="max_norm">The largest norm that stays as it is.</param>
            /// <param name="norm_type">
            /// The order p of the norm; infinity for the largest absolute value, and 0 for the number of gradients.
            /// </param>
            /// <returns>The norm before scaling; 0 if there is no gradient.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();

                var gradients = Gradients(tensors);
                double norm = gradients.Count == 0 ? 0 : norm_type == 0 ? gradients.Count : Norm(gradients, norm_type);

                // The small term keeps a norm of zero from dividing by it.
                double scale = max_norm / (norm + 1e-6);
                if (!(scale >= 1)) // A norm that is not a number makes the gradients so, too.
                {
                    foreach (var gradient in gradients)
                        Dispatcher.CallVoid(Ops.mul_, gradient, scale);
                }
                return norm;
            }

            private static double Norm(List<Tensor> gradients, double order)
            {
                var norms = gradients.Select(gradient => Dispatcher.Call(Ops.linalg_vector_norm, gradient, order)).ToArray();
                var norm = Dispatcher.Call(Ops.linalg_vector_norm, Dispatcher.Call(Ops.stack, norms), order);
                return norm.to(ScalarType.Float64).item<double>();
            }

            /// <summary>Limits every element of the gradients, in place, to a range around zero.</summary>
            /// <param name="tensors">The parameters; those without a gradient do not count.</param>
            /// <param name="clip_value">The largest absolute value that stays as it is.</param>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();

                foreach (var gradient in Gradients(tensors))
                    Dispatcher.CallVoid(Ops.clamp_, gradient, -clip_value, clip_value);
            }

            private static List<Tensor> Gradients(IEnumerable<Parameter> parameters) =>
                parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();

            /// <summary>All elements of the parameters, one after the other.</summary>
            /// <param name="tensors">The parameters.</param>
            /// <returns>A tensor of one dimension. Gradients flow through it.</returns>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                var parts = tensors.Select(tensor => Dispatcher.Call(Ops.reshape, tensor, new long[] { -1 })).ToArray();
                return Dispatcher.Call(Ops.cat, parts).MoveToOuterDisposeScope();
            }

            /// <summary>Copies the elements of a vector into the parameters: what <see cref="parameters_to_vector"/> does, undone.</summary>
            /// <param name="vec">A tensor of one dimension with as many elements as all parameters.</param>
            /// <param name="tensors">The parameters. They keep their shapes.</param>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();

                long start = 0;
                foreach (var tensor in tensors)
                {
                    long end = start + tensor.numel();
                    var part = Dispatcher.Call(Ops.slice, vec, 0, start, end);
                    Dispatcher.CallVoid(Ops.copy_, tensor, Dispatcher.Call(Ops.reshape, part, tensor.shape));
                    start = end;
                }
            }
        }
    }
}
