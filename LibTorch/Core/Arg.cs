using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>What a boxed value holds. The numbers are shared with <c>Native/shim.h</c>.</summary>
internal enum Tag
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    String = 5,
    Device = 6,
    Generator = 7,
    IntList = 8,
    DoubleList = 9,
    BoolList = 10,
    TensorList = 11,
    Complex = 12,
}

/// <summary>A boxed value as the shim reads and writes it: <c>Value</c> of <c>Native/shim.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeValue
{
    internal Tag Tag;
    internal int Length;
    internal long Bits;

    internal readonly double Double => BitConverter.Int64BitsToDouble(Bits);
    internal readonly void* Pointer => (void*)Bits;
}

/// <summary>One argument of an operator. What <see cref="Dispatcher"/> is given converts to it implicitly.</summary>
internal readonly struct Arg
{
    private readonly object? content;
    private readonly long bits;
    private readonly Tag tag;
    private readonly int length;

    private Arg(Tag tag, long bits, object? content = null, int length = 0)
    {
        this.tag = tag;
        this.bits = bits;
        this.content = content;
        this.length = length;
    }

    /// <summary>No value: Python's <c>None</c>.</summary>
    internal static Arg None => default;

    public static implicit operator Arg(Tensor? tensor) =>
        tensor is null ? None : new(Tag.Tensor, tensor.Handle, tensor);

    public static implicit operator Arg(long value) => new(Tag.Int, value);
    public static implicit operator Arg(int value) => new(Tag.Int, value);
    public static implicit operator Arg(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(float value) => (double)value;
    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);
    public static implicit operator Arg(long? value) => value is { } given ? given : None;
    public static implicit operator Arg(int? value) => value is { } given ? given : None;
    public static implicit operator Arg(double? value) => value is { } given ? given : None;
    public static implicit operator Arg(bool? value) => value is { } given ? given : None;
    public static implicit operator Arg(ScalarType value) => new(Tag.Int, (long)value);
    public static implicit operator Arg(ScalarType? value) => value is { } given ? given : None;
    public static implicit operator Arg(string? value) => value is null ? None : new(Tag.String, 0, value, value.Length);
    public static implicit operator Arg(long[]? values) => List(Tag.IntList, values);
    public static implicit operator Arg(int[]? values) => List(Tag.IntList, values);
    public static implicit operator Arg(ReadOnlySpan<long> values) => List(Tag.IntList, values.ToArray());
    public static implicit operator Arg(double[]? values) => List(Tag.DoubleList, values);
    public static implicit operator Arg(bool[]? values) => List(Tag.BoolList, values);
    public static implicit operator Arg(Tensor?[]? tensors) => List(Tag.TensorList, tensors);

    public static implicit operator Arg(Scalar? value) => value is null ? None : value.ToArg();

    public static implicit operator Arg(Device? device) =>
        device is null ? None : new(Tag.Device, (long)device.type, null, device.index);

    public static implicit operator Arg(Generator? generator) =>
        generator is null ? None : new(Tag.Generator, generator.Handle, generator);

    /// <summary>A list of tensors; a null element is an undefined tensor (or None where the schema has that).</summary>
    internal static Arg Tensors(IEnumerable<Tensor?> tensors) => tensors as Tensor?[] ?? [.. tensors];

    internal static Arg Complex(System.Numerics.Complex value) => new(Tag.Complex, 0, value);

    private static Arg List(Tag tag, Array? values) => values is null ? None : new(tag, 0, values, values.Length);

    /// <summary>How many 8-byte words the content of a list or string needs beside the value itself.</summary>
    internal int ScratchWords => tag switch
    {
        Tag.String => (Encoding.UTF8.GetMaxByteCount(length) + 7) / 8,
        Tag.IntList or Tag.DoubleList or Tag.TensorList => length,
        Tag.BoolList => (length + 7) / 8,
        Tag.Complex => 2,
        _ => 0,
    };

    /// <summary>Writes the value for the shim, lists and strings into <paramref name="scratch"/>.</summary>
    /// <returns>The words of <paramref name="scratch"/> that were used.</returns>
    internal unsafe int Write(NativeValue* target, long* scratch)
    {
        target->Tag = tag;
        target->Length = length;
        target->Bits = bits;
        var words = ScratchWords;
        if (words == 0)
            return 0;
        target->Bits = (long)scratch;
        switch (content)
        {
            case long[] values:
                values.CopyTo(new Span<long>(scratch, length));
                break;
            case int[] values:
                for (var i = 0; i < values.Length; i++)
                    scratch[i] = values[i];
                break;
            case double[] values:
                values.CopyTo(new Span<double>(scratch, length));
                break;
            case bool[] values:
                values.CopyTo(new Span<bool>(scratch, length));
                break;
            case Tensor?[] tensors:
                for (var i = 0; i < tensors.Length; i++)
                    scratch[i] = tensors[i]?.Handle ?? 0;
                break;
            case string text:
                target->Length = Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, words * 8));
                break;
            case System.Numerics.Complex number:
                ((double*)scratch)[0] = number.Real;
                ((double*)scratch)[1] = number.Imaginary;
                break;
        }
        return words;
    }

    /// <summary>Keeps the finalizers of the tensors it holds from running before this line.</summary>
    internal void KeepAlive() => GC.KeepAlive(content);
}
