using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    // ---- what the functions that create tensors share ---------------------------------------------------

    // Tensors that nothing uses hold their memory until the finalizers run, so an allocation that fails is tried again
    // after those.
    private static Tensor Create(Op op, params ReadOnlySpan<Arg> args)
    {
        try
        {
            return Dispatcher.Call(op, args);
        }
        catch (ExternalException)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Dispatcher.Call(op, args);
        }
    }

    private static Tensor Create(
        Op op, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) =>
        Finish(Create(op, size, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)), requires_grad, names);

    private static Tensor CreateRandom(
        Op op, string name, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator,
        string[]? names)
    {
        if (dtype is { } type && is_integral(type))
            throw new ArgumentException($"torch.{name}() was passed a bad dtype: {type}. It must be floating point or complex.", nameof(dtype));
        return Finish(
            Create(op, size, generator, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)), requires_grad, names);
    }

    private static Tensor Finish(Tensor tensor, bool requires_grad, string[]? names = null)
    {
        if (names is { Length: > 0 })
            tensor.rename_(names);
        if (requires_grad)
            tensor.requires_grad = true;
        return tensor;
    }

    private static Tensor FromScalar(Scalar value, ScalarType type, Device? device, bool requires_grad) =>
        Finish(Dispatcher.Call(FactoryOps.scalar_tensor, value, type, Arg.None, InitializeDevice(device)), requires_grad);

    private static Tensor FromList<T>(
        IList<T> values, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
        where T : unmanaged => FromSpan<T>(
            values switch
            {
                T[] array => array,
                List<T> list => CollectionsMarshal.AsSpan(list),
                _ => values.ToArray(),
            },
            dimensions, dtype, device, requires_grad, names);

    private static Tensor FromSpan<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
        where T : unmanaged
    {
        ref var first = ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values));
        return FromMemory(ref first, values.Length, ToScalarType(typeof(T))!.Value, dimensions, dtype, device, requires_grad, names);
    }

    // An array of any number of dimensions.
    private static Tensor FromArray(Array values, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) =>
        FromMemory(
            ref MemoryMarshal.GetArrayDataReference(values), values.LongLength, ElementTypeOf(values), ShapeOf(values),
            dtype, device, requires_grad, names);

    private static unsafe Tensor FromMemory(
        ref byte first, long length, ScalarType type, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device,
        bool requires_grad, string[]? names)
    {
        var count = ValidateSize(dimensions, length);
        device = InitializeDevice(device);
        var result = Create(FactoryOps.empty, dimensions, type, Arg.None, CPU);
        if (count > 0)
        {
            fixed (byte* source = &first)
                Buffer.MemoryCopy(source, result.DataPointer(), count * type.ElementSize(), count * type.ElementSize());
        }
        if ((dtype ?? type) != type || device.type != DeviceType.CPU)
            result = result.to(dtype ?? type, device, disposeAfter: true);
        return Finish(result, requires_grad, names);
    }

    // A shape may ask for fewer elements than there are.
    private static long ValidateSize(ReadOnlySpan<long> dimensions, long length)
    {
        var count = 1L;
        foreach (var size in dimensions)
            count *= size;
        if (count > length)
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {count} vs. {length}");
        return count;
    }

    private static ScalarType ElementTypeOf(Array array)
    {
        var element = array.GetType().GetElementType()!;
        return ToScalarType(element) ?? throw new NotSupportedException($"The type {element.FullName} is not supported.");
    }

    private static long[] ShapeOf(Array array)
    {
        var shape = new long[array.Rank];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = array.GetLongLength(i);
        return shape;
    }

    // ---- over the memory of .NET's arrays ---------------------------------------------------------------

    /// <summary>A tensor over the memory of an array of any number of dimensions: what is written to one is seen in the
    /// other.</summary>
    /// <param name="rawArray">The array.</param>
    /// <param name="device">The device; a copy of the elements goes there, unless it is the CPU.</param>
    /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device ?? CPU);

    /// <summary>A tensor over the memory of an array of any number of dimensions; a copy, where the element type or the
    /// device is another one.</summary>
    /// <param name="rawArray">The array.</param>
    /// <param name="dtype">The element type; the array's for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="names">Names of the dimensions.</param>
    /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var type = ElementTypeOf(rawArray);
        if (type == ScalarType.ComplexFloat32)
            return FromArray(rawArray, dtype, device, requires_grad, names); // .NET pins no arrays of tuples
        device = InitializeDevice(device);
        var result = Over(rawArray, type, ShapeOf(rawArray), 0);
        if ((dtype ?? type) != type || device.type != DeviceType.CPU)
            result = result.to(dtype ?? type, device, disposeAfter: true);
        return Finish(result, requires_grad, names);
    }

    /// <summary>A tensor of one dimension over the memory of an array: what is written to one is seen in the other.</summary>
    /// <param name="rawArray">The array.</param>
    /// <param name="dtype">The element type; another than the array's makes a copy.</param>
    /// <param name="count">How many elements; all the rest for -1.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <exception cref="ArgumentException"><paramref name="offset"/> is not in the array.</exception>
    /// <exception cref="IndexOutOfRangeException"><paramref name="count"/> goes beyond the array.</exception>
    /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        if (offset < 0 || offset >= rawArray.LongLength)
            throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0)
            count = rawArray.LongLength - offset;
        if (count > rawArray.LongLength - offset)
            throw new IndexOutOfRangeException($"element count is too large: {count}");

        var type = ElementTypeOf(rawArray);
        if (type == ScalarType.ComplexFloat32)
            throw new NotSupportedException("frombuffer() cannot share the memory of an array of tuples. Use tensor(), which copies it.");
        var result = Over(rawArray, type, [count], offset);
        return Finish(dtype == type ? result : result.to(dtype, disposeAfter: true), requires_grad);
    }

    // The array stays where it is until libtorch lets go of its memory.
    private static unsafe Tensor Over(Array array, ScalarType type, ReadOnlySpan<long> shape, long offset)
    {
        var pin = new ArrayPin(array);
        fixed (long* sizes = shape)
        {
            var handle = Native.tensor_from_memory(
                pin.Address + offset * type.ElementSize(), sizes, shape.Length, (int)type, &ArrayPin.Release, pin.Context);
            if (handle != 0)
                return new Tensor(handle);
        }
        pin.Release();
        throw Native.LastError();
    }

    private readonly unsafe struct ArrayPin
    {
        private readonly GCHandle handle;

        internal ArrayPin(Array array)
        {
            handle = GCHandle.Alloc(array, GCHandleType.Pinned);
            Address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        }

        internal byte* Address { get; }

        internal void* Context => (void*)GCHandle.ToIntPtr(handle);

        internal void Release() => handle.Free();

        [UnmanagedCallersOnly]
        internal static void Release(void* context) => GCHandle.FromIntPtr((nint)context).Free();
    }

    // ---- sequences --------------------------------------------------------------------------------------

    /// <summary>The numbers from <paramref name="start"/> to before <paramref name="stop"/>, <paramref name="step"/> apart.</summary>
    /// <param name="start">The first number.</param>
    /// <param name="stop">The end, not included.</param>
    /// <param name="step">The distance.</param>
    /// <param name="dtype">The element type; for null Int64 if all three are integers, else the default one.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var integral = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        var type = dtype ?? (integral ? ScalarType.Int64 : get_default_dtype());
        // libtorch counts in no complex type: the numbers are converted.
        var counted = type switch
        {
            ScalarType.ComplexFloat32 => ScalarType.Float32,
            ScalarType.ComplexFloat64 => ScalarType.Float64,
            _ => type,
        };
        var result = Create(FactoryOps.arange, start, stop, step, counted, Arg.None, InitializeDevice(device));
        return Finish(counted == type ? result : result.to(type, disposeAfter: true), requires_grad);
    }

    /// <summary>The numbers from <paramref name="start"/> to before <paramref name="stop"/>, 1 apart.</summary>
    /// <inheritdoc cref="arange(Scalar, Scalar, Scalar, ScalarType?, Device, bool)"/>
    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    /// <summary>The numbers from 0 to before <paramref name="stop"/>, 1 apart.</summary>
    /// <inheritdoc cref="arange(Scalar, Scalar, Scalar, ScalarType?, Device, bool)"/>
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    /// <summary><paramref name="steps"/> numbers from <paramref name="start"/> to <paramref name="end"/>, both included.</summary>
    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(
            Create(FactoryOps.linspace, start, end, steps, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)),
            requires_grad);

    /// <summary><paramref name="steps"/> powers of <paramref name="base"/>, with exponents from <paramref name="start"/> to
    /// <paramref name="end"/>, both included.</summary>
    public static Tensor logspace(
        double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false) =>
        Finish(
            Create(FactoryOps.logspace, start, end, steps, @base, dtype ?? get_default_dtype(), Arg.None, InitializeDevice(device)),
            requires_grad);

    /// <summary>A matrix with ones on the diagonal and zeros elsewhere; square, if <paramref name="columns"/> is -1.</summary>
    public static Tensor eye(
        long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        Finish(
            Create(
                FactoryOps.eye, rows, columns == -1 ? rows : columns, dtype ?? get_default_dtype(), Arg.None,
                InitializeDevice(device)),
            requires_grad, names);

    /// <summary>Complex numbers from their real and imaginary parts.</summary>
    public static Tensor complex(Tensor real, Tensor imag) => Dispatcher.Call(FactoryOps.complex, real, imag);

    /// <summary>Complex numbers from their absolute values and angles.</summary>
    public static Tensor polar(Tensor abs, Tensor angle) => Dispatcher.Call(FactoryOps.polar, abs, angle);

    private static partial class FactoryOps
    {
        internal static readonly Op scalar_tensor = new("aten::scalar_tensor");
        internal static readonly Op arange = new("aten::arange", "start_step");
        internal static readonly Op linspace = new("aten::linspace");
        internal static readonly Op logspace = new("aten::logspace");
        internal static readonly Op eye = new("aten::eye", "m");
        internal static readonly Op complex = new("aten::complex");
        internal static readonly Op polar = new("aten::polar");
    }
}
