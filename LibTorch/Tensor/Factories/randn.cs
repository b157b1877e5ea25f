namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of random numbers of the standard normal distribution.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">The element type; the default one for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="generator">The source of random numbers; the device's default one for null.</param>
    /// <param name="names">Names of the dimensions.</param>
    /// <exception cref="ArgumentException">The element type is an integer type.</exception>
    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), size, dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), size, dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [size], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [rows, columns], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [dim0, dim1, dim2], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [size], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [rows, columns], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [dim0, dim1, dim2], dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randn(long[], ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randn(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        CreateRandom(FactoryOps.randn, nameof(randn), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, generator, names);

    private static partial class FactoryOps
    {
        internal static readonly Op randn = new("aten::randn", "generator");
    }
}
