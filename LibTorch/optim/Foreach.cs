using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// One operation on many tensors by one call: the loop over the tensors runs in libtorch (on a GPU, often as one kernel),
/// so that a step costs a handful of calls, whatever the number of parameters.
/// </summary>
internal static class Foreach
{
    private static class Ops
    {
        internal static readonly Op zero_ = new("aten::_foreach_zero_");
        internal static readonly Op neg = new("aten::_foreach_neg");
        internal static readonly Op sqrt = new("aten::_foreach_sqrt");
        internal static readonly Op add = new("aten::_foreach_add", "List");
        internal static readonly Op add_ = new("aten::_foreach_add_", "List");
        internal static readonly Op shift_ = new("aten::_foreach_add_", "Scalar");
        internal static readonly Op mul_ = new("aten::_foreach_mul_", "Scalar");
        internal static readonly Op div_ = new("aten::_foreach_div_", "Scalar");
        internal static readonly Op addcmul_ = new("aten::_foreach_addcmul_", "Scalar");
        internal static readonly Op addcdiv_ = new("aten::_foreach_addcdiv_", "Scalar");
        internal static readonly Op maximum_ = new("aten::_foreach_maximum_", "List");
    }

    /// <summary>x = 0.</summary>
    internal static void Zero(Tensor[] x) => Dispatcher.CallVoid(Ops.zero_, x);

    /// <summary>−x.</summary>
    internal static Tensor[] Negated(Tensor[] x) => Dispatcher.CallList(Ops.neg, x);

    /// <summary>√x.</summary>
    internal static Tensor[] Sqrt(Tensor[] x) => Dispatcher.CallList(Ops.sqrt, x);

    /// <summary>x + alpha·y.</summary>
    internal static Tensor[] Sum(Tensor[] x, Tensor[] y, double alpha) => Dispatcher.CallList(Ops.add, x, y, alpha);

    /// <summary>x += alpha·y.</summary>
    internal static void Add(Tensor[] x, Tensor[] y, double alpha) => Dispatcher.CallVoid(Ops.add_, x, y, alpha);

    /// <summary>x += y.</summary>
    internal static void Add(Tensor[] x, double y) => Dispatcher.CallVoid(Ops.shift_, x, y);

    /// <summary>x = the larger of x and y, element by element.</summary>
    internal static void Raise(Tensor[] x, Tensor[] y) => Dispatcher.CallVoid(Ops.maximum_, x, y);

    /// <summary>x *= y.</summary>
    internal static void Multiply(Tensor[] x, double y) => Dispatcher.CallVoid(Ops.mul_, x, y);

    /// <summary>x /= y.</summary>
    internal static void Divide(Tensor[] x, double y) => Dispatcher.CallVoid(Ops.div_, x, y);

    /// <summary>x += value·y·z.</summary>
    internal static void AddProduct(Tensor[] x, Tensor[] y, Tensor[] z, double value) => Dispatcher.CallVoid(Ops.addcmul_, x, y, z, value);

    /// <summary>x += value·y / z.</summary>
    internal static void AddQuotient(Tensor[] x, Tensor[] y, Tensor[] z, double value) => Dispatcher.CallVoid(Ops.addcdiv_, x, y, z, value);
}
