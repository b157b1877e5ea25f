using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Checks backward passes for errors and NaN until it is disposed. See <see cref="torch.autograd.detect_anomaly"/>.</summary>
public class AnomalyMode : IDisposable
{
    private readonly int previousEnabled = Native.anomaly_enabled();
    private readonly int previousCheckNaN = Native.anomaly_checks_nan();

    /// <summary>Switches the checks.</summary>
    /// <param name="enabled">Whether to check.</param>
    /// <param name="check_nan">Whether a NaN in a gradient is an error.</param>
    public AnomalyMode(bool enabled, bool check_nan = true) => Native.set_anomaly(enabled ? 1 : 0, check_nan ? 1 : 0);

    /// <summary>Whether backward passes are checked.</summary>
    public static bool IsEnabled => Native.anomaly_enabled() != 0;

    /// <summary>Whether a NaN in a gradient is an error.</summary>
    public static bool ShouldCheckNaN => Native.anomaly_checks_nan() != 0;

    /// <summary>Returns to what was before.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns to what was before.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Native.set_anomaly(previousEnabled, previousCheckNaN);
    }
}

public static partial class torch
{
    /// <summary>Gradients by reverse-mode automatic differentiation.</summary>
    public static partial class autograd
    {
        /// <summary>The gradients of the sum of <paramref name="outputs"/> with respect to <paramref name="inputs"/>.</summary>
        /// <param name="outputs">What is differentiated.</param>
        /// <param name="inputs">With respect to what; their <c>grad</c> stays as it is.</param>
        /// <param name="grad_outputs">The gradient of each output, for those that are not a single number.</param>
        /// <param name="retain_graph">Whether the graph can be used again afterwards.</param>
        /// <param name="create_graph">Whether the gradients can be differentiated themselves.</param>
        /// <param name="allow_unused">Whether inputs may have had no part in the outputs; their result is an invalid tensor
        /// (see <see cref="Tensor.IsInvalid"/>).</param>
        /// <returns>One gradient for each input.</returns>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var results = new nint[inputs.Count];
            fixed (nint* outs = Handles(outputs), ins = Handles(inputs), grads = Handles(grad_outputs), found = results)
            {
                Native.Check(Native.autograd_grad(
                    outs, outputs.Count, ins, inputs.Count, grads, grad_outputs?.Count ?? 0,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, found));
            }
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return results.Select(handle => new Tensor(handle)).ToList();
        }

        /// <summary>Adds the gradients of <paramref name="tensors"/> to the <c>grad</c> of what they were computed from.</summary>
        /// <param name="tensors">What is differentiated.</param>
        /// <param name="grad_tensors">The gradient of each, for those that are not a single number.</param>
        /// <param name="retain_graph">Whether the graph can be used again afterwards; by default as
        /// <paramref name="create_graph"/>.</param>
        /// <param name="create_graph">Whether the gradients can be differentiated themselves.</param>
        /// <param name="inputs">The only tensors to get a gradient; every leaf by default.</param>
        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null)
        {
            fixed (nint* roots = Handles(tensors), grads = Handles(grad_tensors), leaves = Handles(inputs))
            {
                Native.Check(Native.autograd_backward(
                    roots, tensors.Count, grads, grad_tensors?.Count ?? 0,
                    retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, leaves, inputs?.Count ?? 0));
            }
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        /// <inheritdoc cref="backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
        public static void backward(
            Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        /// <inheritdoc cref="backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>Checks backward passes until the result is disposed.</summary>
        /// <param name="check_nan">Whether a NaN in a gradient is an error.</param>
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        /// <summary>Checks backward passes, or does not, until the result is disposed.</summary>
        /// <param name="mode">Whether to check.</param>
        /// <param name="check_nan">Whether a NaN in a gradient is an error.</param>
        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);

        private static nint[] Handles(IList<Tensor>? tensors)
        {
            if (tensors is null)
                return [];
            var handles = new nint[tensors.Count];
            for (var i = 0; i < handles.Length; i++)
                handles[i] = tensors[i]?.Handle ?? 0;
            return handles;
        }
    }
}
