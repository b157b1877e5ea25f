using System.Globalization;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Printing, converting and storing tensors.</summary>
public static class TensorExtensionMethods
{
    private const string OtherType =
        "Mismatched tensor data types while loading. Make sure that the model you are loading into is exactly the same as the origin.";
    private const string OtherShape =
        "Mismatched tensor shape while loading. Make sure that the model you are loading into is exactly the same as the origin.";

    /// <summary>Turns a tensor into a parameter, which takes its native tensor over.</summary>
    public static Modules.Parameter AsParameter(this Tensor tensor) => new(tensor);

    // ---- printing -------------------------------------------------------------------------------------

    /// <summary>The tensor as text.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="fltFormat">The .NET format of floating-point numbers.</param>
    /// <param name="width">How many characters on a line.</param>
    /// <param name="newLine">What ends a line.</param>
    /// <param name="cultureInfo">The culture that numbers are written in.</param>
    /// <param name="style">The style.</param>
    public static string str(
        this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null,
        CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default) =>
        tensor.ToString(style, fltFormat, width, cultureInfo, newLine);

    /// <summary>The tensor as text in Julia's style.</summary>
    /// <inheritdoc cref="str"/>
    public static string jlstr(
        this Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.Julia, fltFormat, width, cultureInfo, newLine);

    /// <summary>The shape, element type and device.</summary>
    public static string metastr(this Tensor tensor) => tensor.ToString(TensorStringStyle.Metadata);

    /// <summary>The tensor as text in NumPy's style.</summary>
    /// <inheritdoc cref="str"/>
    public static string npstr(
        this Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.Numpy, fltFormat, width, cultureInfo, newLine);

    /// <summary>The tensor as text in C#'s style.</summary>
    /// <inheritdoc cref="str"/>
    public static string cstr(
        this Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
        tensor.ToString(TensorStringStyle.CSharp, fltFormat, width, cultureInfo, newLine);

    /// <summary>Writes the tensor to the console.</summary>
    /// <param name="t">The tensor.</param>
    /// <param name="fltFormat">The .NET format of floating-point numbers.</param>
    /// <param name="width">How many characters on a line.</param>
    /// <param name="newLine">What ends a line.</param>
    /// <param name="cultureInfo">The culture that numbers are written in.</param>
    /// <param name="style">The style.</param>
    /// <returns>The tensor.</returns>
    public static Tensor print(
        this Tensor t, string? fltFormat = "g5", int? width = 100, string? newLine = null,
        CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default)
    {
        Console.WriteLine(t.ToString(style, fltFormat, width, cultureInfo, newLine));
        return t;
    }

    // ---- shapes and types -----------------------------------------------------------------------------

    /// <summary>The shape as 32-bit integers.</summary>
    public static ReadOnlySpan<int> IntShape(this Tensor tensor) => Array.ConvertAll(tensor.shape, size => (int)size);

    /// <summary>The number of elements in a tensor of that shape.</summary>
    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The size of one element in bytes.</summary>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such element type."),
    };

    internal static bool IsIntegral(this Tensor tensor) => is_integral(tensor.dtype);

    internal static bool IsIntegral(this ScalarType type) => is_integral(type);

    internal static bool IsFloatingPoint(this ScalarType type) => is_floating_point(type);

    internal static bool IsComplex(this ScalarType type) => is_complex(type);

    /// <summary>Whether moving the tensor to that device makes a copy.</summary>
    internal static bool toWillCopy(this Tensor tensor, Device device) => tensor.toWillCopy(device.type, device.index);

    /// <summary>Whether moving the tensor to that device makes a copy.</summary>
    internal static bool toWillCopy(this Tensor tensor, DeviceType deviceType, int deviceIndex) =>
        tensor.device_index != deviceIndex || tensor.device_type != deviceType;

    /// <summary>Whether giving the tensor that element type makes a copy.</summary>
    internal static bool toWillCopy(this Tensor tensor, ScalarType dtype) => tensor.dtype != dtype;

    /// <summary>Whether giving the tensor that element type and device makes a copy.</summary>
    internal static bool toWillCopy(this Tensor tensor, ScalarType dtype, Device device) =>
        tensor.toWillCopy(dtype) || tensor.toWillCopy(device);

    // ---- numbers --------------------------------------------------------------------------------------

    /// <summary>The value of a tensor with one element.</summary>
    public static (float Real, float Imaginary) ToComplexFloat32(this Tensor value) => value.ToScalar().ToComplexFloat32();

    /// <summary>The value of a tensor with one element.</summary>
    public static System.Numerics.Complex ToComplexFloat64(this Tensor value) => value.ToScalar().ToComplexFloat64();

    /// <summary>The value of a tensor with one element.</summary>
    public static (float Real, float Imaginary) ToComplex32(this Tensor value) => value.ToComplexFloat32();

    /// <summary>The value of a tensor with one element.</summary>
    public static System.Numerics.Complex ToComplex64(this Tensor value) => value.ToComplexFloat64();

    /// <summary>The value of a tensor with one element.</summary>
    public static Half ToHalf(this Tensor value) => value.ToScalar().ToHalf();

    /// <summary>The value of a tensor with one element.</summary>
    public static float ToSingle(this Tensor value) => value.ToScalar().ToSingle();

    /// <summary>The value of a tensor with one element.</summary>
    public static double ToDouble(this Tensor value) => value.ToScalar().ToDouble();

    /// <summary>The value of a tensor with one element.</summary>
    public static sbyte ToSByte(this Tensor value) => value.ToScalar().ToSByte();

    /// <summary>The value of a tensor with one element.</summary>
    public static byte ToByte(this Tensor value) => value.ToScalar().ToByte();

    /// <summary>The value of a tensor with one element.</summary>
    public static short ToInt16(this Tensor value) => value.ToScalar().ToInt16();

    /// <summary>The value of a tensor with one element.</summary>
    public static int ToInt32(this Tensor value) => value.ToScalar().ToInt32();

    /// <summary>The value of a tensor with one element.</summary>
    public static long ToInt64(this Tensor value) => value.ToScalar().ToInt64();

    /// <summary>The value of a tensor with one element.</summary>
    public static bool ToBoolean(this Tensor value) => value.ToScalar().ToBoolean();

    /// <summary>A tensor from an array.</summary>
    /// <param name="rawArray">The elements, in row-major order.</param>
    /// <param name="dimensions">The shape.</param>
    /// <param name="doCopy">Has no effect: the elements are always copied.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
    public static Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false) =>
        rawArray switch
        {
            byte[] values => tensor(values, dimensions, requires_grad: requires_grad),
            sbyte[] values => tensor(values, dimensions, requires_grad: requires_grad),
            short[] values => tensor(values, dimensions, requires_grad: requires_grad),
            int[] values => tensor(values, dimensions, requires_grad: requires_grad),
            long[] values => tensor(values, dimensions, requires_grad: requires_grad),
            double[] values => tensor(values, dimensions, requires_grad: requires_grad),
            float[] values => tensor(values, dimensions, requires_grad: requires_grad),
            bool[] values => tensor(values, dimensions, requires_grad: requires_grad),
            _ => throw new NotSupportedException($"Creating tensor of type {typeof(T)} is not supported."),
        };

    /// <summary>A tensor of one element.</summary>
    /// <exception cref="ArgumentException">A gradient is asked for an integer.</exception>
    /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
    public static Tensor ToTensor<T>(this T scalar, Device? device = null, bool requires_grad = false) where T : struct
    {
        if (requires_grad && scalar is not (float or double))
            throw new ArgumentException("Only floating point types support gradients.", nameof(requires_grad));
        return scalar switch
        {
            byte value => tensor(value, device, requires_grad),
            sbyte value => tensor(value, device, requires_grad),
            short value => tensor(value, device, requires_grad),
            int value => tensor(value, device, requires_grad),
            long value => tensor(value, device, requires_grad),
            float value => tensor(value, device, requires_grad),
            double value => tensor(value, float64, device, requires_grad),
            _ => throw new NotSupportedException($"Creating tensor of type {typeof(T)} is not supported."),
        };
    }

    // ---- storing: element type, number of dimensions and sizes in LEB128, then the raw elements --------

    /// <summary>Writes the tensor in the format of <c>.dat</c> files.</summary>
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        writer.Encode((long)tensor.dtype);
        writer.Encode(tensor.Dimensions);
        foreach (var size in tensor.shape)
            writer.Encode(size);
        if (tensor.device_type == DeviceType.CPU)
        {
            tensor.WriteBytesToStream(writer.BaseStream);
            return;
        }
        using var copy = tensor.cpu();
        copy.WriteBytesToStream(writer.BaseStream);
    }

    /// <summary>Writes the tensor in the format of <c>.dat</c> files, and closes the stream.</summary>
    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    /// <summary>Writes the tensor to a file in the format of <c>.dat</c> files.</summary>
    public static void Save(this Tensor tensor, string location) => tensor.Save(File.Create(location));

    /// <summary>Reads the elements of the tensor from the format of <c>.dat</c> files.</summary>
    /// <param name="tensor">The tensor, which keeps its device.</param>
    /// <param name="reader">Where from.</param>
    /// <param name="skip">Whether to pass over what is there.</param>
    /// <exception cref="ArgumentException">The stored tensor has another element type or shape.</exception>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        if ((ScalarType)reader.Decode() != tensor.dtype)
            throw new ArgumentException(OtherType);
        ReadElements(tensor, DecodeShape(reader), reader, skip);
    }

    /// <summary>Reads a tensor from the format of <c>.dat</c> files.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="skip">Whether to pass over the elements and return zeros.</param>
    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        Tensor? tensor = null;
        Load(ref tensor, reader, skip);
        return tensor!;
    }

    /// <summary>Reads a tensor from the format of <c>.dat</c> files, creating it if there is none.</summary>
    /// <param name="tensor">The tensor to read to; null for a new one.</param>
    /// <param name="reader">Where from.</param>
    /// <param name="skip">Whether to pass over the elements.</param>
    /// <exception cref="ArgumentException">The stored tensor has another shape.</exception>
    public static void Load(ref Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        var type = (ScalarType)reader.Decode();
        var shape = DecodeShape(reader);
        tensor ??= skip ? zeros(shape, type) : empty(shape, type);
        ReadElements(tensor, shape, reader, skip);
    }

    internal static long[] DecodeShape(BinaryReader reader)
    {
        const int MostDimensions = 64; // libtorch's own limit, nearly; beyond it the data is damaged or something else
        var dimensions = reader.Decode();
        if (dimensions > MostDimensions)
            throw new InvalidDataException($"A stored tensor says that it has {dimensions} dimensions. The input is damaged, or not a TorchSharp tensor or module file.");
        var shape = new long[dimensions];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = reader.Decode();
        return shape;
    }

    private static void ReadElements(Tensor tensor, long[] shape, BinaryReader reader, bool skip)
    {
        if (skip)
        {
            reader.BaseStream.Seek(tensor.NumberOfElements * tensor.ElementSize, SeekOrigin.Current);
            return;
        }
        if (!shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException(OtherShape);

        using var noGradients = no_grad(); // a parameter may be written to only so
        if (tensor.device_type == DeviceType.CPU)
        {
            tensor.ReadBytesFromStream(reader.BaseStream);
            return;
        }
        using var copy = empty_like(tensor, device: CPU);
        copy.ReadBytesFromStream(reader.BaseStream);
        tensor.copy_(copy);
    }
}
