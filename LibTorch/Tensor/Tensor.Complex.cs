namespace TorchSharp;

public static partial class torch
{
    // Parts and conjugates of complex tensors.
    public partial class Tensor
    {
        /// <summary>The real parts, as a view; a real tensor gives itself.</summary>
        public Tensor real => Dispatcher.Call(Ops.real, this);

        /// <summary>The imaginary parts, as a view; complex tensors only.</summary>
        public Tensor imag => Dispatcher.Call(Ops.imag, this);

        /// <summary>Complex conjugate as a view with its conjugate bit turned.</summary>
        public Tensor conj() => Dispatcher.Call(Ops.conj, this);

        /// <summary>Complex conjugate, computed at once.</summary>
        public Tensor conj_physical() => Dispatcher.Call(Ops.conj_physical, this);

        /// <summary>In-place form of <see cref="conj_physical()"/>.</summary>
        public Tensor conj_physical_() => Dispatcher.CallInPlace(this, Ops.conj_physical_);

        /// <summary>True if this is a lazily conjugated view.</summary>
        public bool is_conj() => Dispatcher.CallBool(Ops.is_conj, this);

        /// <summary>The tensor itself, or a copy with the pending conjugation carried out.</summary>
        public Tensor resolve_conj() => Dispatcher.Call(Ops.resolve_conj, this);

        /// <summary>True if this is a lazily negated view.</summary>
        public bool is_neg() => Dispatcher.CallBool(Ops.is_neg, this);

        /// <summary>The tensor itself, or a copy with the pending negation carried out.</summary>
        public Tensor resolve_neg() => Dispatcher.Call(Ops.resolve_neg, this);

        /// <summary>A real tensor of shape [..., 2] seen as complex numbers of shape [...].</summary>
        public Tensor view_as_complex() => Dispatcher.Call(Ops.view_as_complex, this);

        /// <summary>A complex tensor of shape [...] seen as real numbers of shape [..., 2].</summary>
        public Tensor view_as_real() => Dispatcher.Call(Ops.view_as_real, this);

        private static partial class Ops
        {
            internal static readonly Op real = new("aten::real");
            internal static readonly Op imag = new("aten::imag");
            internal static readonly Op conj = new("aten::conj");
            internal static readonly Op conj_physical = new("aten::conj_physical");
            internal static readonly Op conj_physical_ = new("aten::conj_physical_");
            internal static readonly Op is_conj = new("aten::is_conj");
            internal static readonly Op resolve_conj = new("aten::resolve_conj");
            internal static readonly Op is_neg = new("aten::is_neg");
            internal static readonly Op resolve_neg = new("aten::resolve_neg");
            internal static readonly Op view_as_complex = new("aten::view_as_complex");
            internal static readonly Op view_as_real = new("aten::view_as_real");
        }
    }
}
