namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor whose elements are not set.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">The element type; the default one for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="names">Names of the dimensions.</param>
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, size, dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, size, dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [size], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [rows, columns], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [size], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [rows, columns], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <inheritdoc cref="empty(long[], ScalarType?, Device, bool, string[])"/>
    public static Tensor empty(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(FactoryOps.empty, [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

    /// <summary>A tensor of the shape of another, whose elements are not set.</summary>
    /// <inheritdoc cref="Tensor.empty_like(ScalarType?, Device, bool)"/>
    /// <param name="input">The tensor whose shape is taken.</param>
    /// <param name="dtype">The element type; that of the tensor for null.</param>
    /// <param name="device">The device; that of the tensor for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="names">Has no effect, as in TorchSharp.</param>
    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        input.empty_like(dtype, device, requires_grad);

    /// <summary>A tensor with the given strides in memory, whose elements are not set.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="strides">For every dimension, how many elements apart neighbours are.</param>
    /// <param name="dtype">The element type; the default one for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="names">Names of the dimensions.</param>
    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Create(FactoryOps.empty_strided, size, strides, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)), requires_grad, names);

    private static partial class FactoryOps
    {
        internal static readonly Op empty = new("aten::empty", "memory_format");
        internal static readonly Op empty_strided = new("aten::empty_strided");
    }
}
