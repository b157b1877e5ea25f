namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Whether gradients are recorded for what is computed from this tensor.</summary>
        public bool requires_grad
        {
            get
            {
                var result = Native.tensor_requires_grad(Handle) != 0;
                GC.KeepAlive(this);
                return result;
            }
            set
            {
                Native.Check(Native.tensor_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        /// <summary>Sets <see cref="requires_grad"/>.</summary>
        /// <returns>This tensor.</returns>
        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>Sets <see cref="requires_grad"/>.</summary>
        /// <returns>This tensor.</returns>
        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Whether the tensor was made by the user rather than computed from one that requires gradients.</summary>
        public bool is_leaf
        {
            get
            {
                var result = Native.tensor_is_leaf(Handle) != 0;
                GC.KeepAlive(this);
                return result;
            }
        }

        /// <summary>The gradient that backward passes have added up; null when there is none.</summary>
        public Tensor? grad
        {
            get
            {
                var result = Native.tensor_grad(Handle);
                GC.KeepAlive(this);
                return result == IntPtr.Zero ? null : new Tensor(result);
            }
            set
            {
                Native.Check(Native.tensor_set_grad(Handle, value?.Handle ?? IntPtr.Zero));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        /// <summary>Makes backward passes keep the gradient of this tensor even if it is not a leaf.</summary>
        public void retain_grad()
        {
            Native.Check(Native.tensor_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        /// <summary>Adds the gradients of this single number to the <see cref="grad"/> of what it was computed from.</summary>
        public void backward() => autograd.backward(this);

        /// <summary>Adds the gradients of this tensor to the <see cref="grad"/> of what it was computed from.</summary>
        /// <param name="grad_tensors">The gradient of this tensor, if it is not a single number.</param>
        /// <param name="retain_graph">Whether the graph can be used again afterwards.</param>
        /// <param name="create_graph">Whether the gradients can be differentiated themselves.</param>
        /// <param name="inputs">The only tensors to get a gradient; every leaf by default.</param>
        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
