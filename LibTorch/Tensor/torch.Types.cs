namespace TorchSharp;

// Which element type an operation gives.
public static partial class torch
{
    /// <summary>The element type of the result of arithmetic on two tensors.</summary>
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2) =>
        (ScalarType)Dispatcher.CallLong(Ops.result_type, tensor1, tensor2);

    /// <summary>The smallest element type that holds the values of both.</summary>
    public static ScalarType promote_types(ScalarType type1, ScalarType type2) =>
        (ScalarType)Dispatcher.CallLong(Ops.promote_types, type1, type2);

    /// <summary>True if one element type may be stored in another by an in-place operation.</summary>
    public static bool can_cast(ScalarType from, ScalarType to) => Dispatcher.CallBool(Ops.can_cast, from, to);

    private static partial class Ops
    {
        internal static readonly Op result_type = new("aten::result_type", "Tensor");
        internal static readonly Op promote_types = new("aten::promote_types");
        internal static readonly Op can_cast = new("aten::can_cast");
    }
}
