using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number passed to an operator: an integer, a floating-point number, a truth value or a complex number.</summary>
public sealed class Scalar : IDisposable
{
    // An integer or a truth value is in both fields, any other number in the first.
    private readonly Complex number;
    private readonly long integer;
    private readonly ScalarType type;
    private bool disposed;

    private Scalar(ScalarType type, long integer, Complex number)
    {
        this.type = type;
        this.integer = integer;
        this.number = number;
    }

    internal Scalar(long value) : this(ScalarType.Int64, value, value) { }

    internal Scalar(double value) : this(ScalarType.Float64, 0, value) { }

    internal Scalar(bool value) : this(ScalarType.Bool, value ? 1 : 0, value ? 1 : 0) { }

    internal Scalar(Complex value) : this(ScalarType.ComplexFloat64, 0, value) { }

    /// <summary>Converts an integer.</summary>
    public static implicit operator Scalar(byte value) => new((long)value);

    /// <summary>Converts an integer.</summary>
    public static implicit operator Scalar(sbyte value) => new((long)value);

    /// <summary>Converts an integer.</summary>
    public static implicit operator Scalar(short value) => new((long)value);

    /// <summary>Converts an integer.</summary>
    public static implicit operator Scalar(int value) => new((long)value);

    /// <summary>Converts an integer.</summary>
    public static implicit operator Scalar(long value) => new(value);

    /// <summary>Converts a floating-point number.</summary>
    public static implicit operator Scalar(Half value) => new((double)value);

    /// <summary>Converts a floating-point number.</summary>
    public static implicit operator Scalar(float value) => new((double)value);

    /// <summary>Converts a floating-point number.</summary>
    public static implicit operator Scalar(double value) => new(value);

    /// <summary>Converts a truth value.</summary>
    public static implicit operator Scalar(bool value) => new(value);

    /// <summary>Converts a complex number, given as its real and imaginary part.</summary>
    public static implicit operator Scalar((float, float) value) => new(new Complex(value.Item1, value.Item2));

    /// <summary>Converts a complex number.</summary>
    public static implicit operator Scalar(Complex value) => new(value);

    /// <summary>The widest element type of its kind: Int64, Float64, Bool or ComplexFloat64.</summary>
    public ScalarType Type
    {
        get
        {
            ThrowIfDisposed();
            return type;
        }
    }

    /// <summary>Marks the scalar as no longer usable. There is nothing to release.</summary>
    public void Dispose() => disposed = true;

    internal static Scalar FromNative(in NativeValue value) => value.Tag switch
    {
        Tag.Int => new(value.Bits),
        Tag.Bool => new(value.Bits != 0),
        _ => new(value.Double),
    };

    internal Arg ToArg() => Type switch
    {
        ScalarType.Int64 => integer,
        ScalarType.Bool => integer != 0,
        ScalarType.Float64 => number.Real,
        _ => Arg.Complex(number),
    };

    internal long Integer
    {
        get
        {
            ThrowIfDisposed();
            return type is ScalarType.Int64 or ScalarType.Bool ? integer : (long)number.Real;
        }
    }

    internal double Real => Number.Real;

    internal Complex Number
    {
        get
        {
            ThrowIfDisposed();
            return number;
        }
    }

    private void ThrowIfDisposed()
    {
        if (disposed)
            throw new InvalidOperationException("Scalar invalid -- empty handle.");
    }
}

/// <summary>Conversions between .NET's numbers and <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    /// <summary>Converts an integer.</summary>
    public static Scalar ToScalar(this byte value) => value;

    /// <summary>Converts an integer.</summary>
    public static Scalar ToScalar(this sbyte value) => value;

    /// <summary>Converts an integer.</summary>
    public static Scalar ToScalar(this short value) => value;

    /// <summary>Converts an integer.</summary>
    public static Scalar ToScalar(this int value) => value;

    /// <summary>Converts an integer.</summary>
    public static Scalar ToScalar(this long value) => value;

    /// <summary>Converts a floating-point number.</summary>
    public static Scalar ToScalar(this float value) => value;

    /// <summary>Converts a floating-point number.</summary>
    public static Scalar ToScalar(this double value) => value;

    /// <summary>Converts a complex number, given as its real and imaginary part.</summary>
    public static Scalar ToScalar(this (float, float) value) => value;

    /// <summary>Converts a complex number.</summary>
    public static Scalar ToScalar(this Complex value) => value;

    /// <summary>Converts a truth value.</summary>
    public static Scalar ToScalar(this bool value) => value;

    /// <summary>Converts a floating-point number.</summary>
    public static Scalar ToScalar(this Half value) => value;

    /// <summary>Converts a number, rounded to the precision of a bfloat16 (8 bits).</summary>
    public static Scalar ToBFloat16Scalar(this float value)
    {
        // Round to nearest, ties to even, on the upper half of the bits.
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (!float.IsNaN(value))
            bits += 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }

    /// <summary>The value as a half-precision number.</summary>
    public static Half ToHalf(this Scalar value) => (Half)value.Real;

    /// <summary>The value as a single-precision number.</summary>
    public static float ToSingle(this Scalar value) => (float)value.Real;

    /// <summary>The value as a double-precision number.</summary>
    public static double ToDouble(this Scalar value) => value.Real;

    /// <summary>The value as an 8-bit integer.</summary>
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.Integer;

    /// <summary>The value as an unsigned 8-bit integer.</summary>
    public static byte ToByte(this Scalar value) => (byte)value.Integer;

    /// <summary>The value as a 16-bit integer.</summary>
    public static short ToInt16(this Scalar value) => (short)value.Integer;

    /// <summary>The value as a 32-bit integer.</summary>
    public static int ToInt32(this Scalar value) => (int)value.Integer;

    /// <summary>The value as a 64-bit integer.</summary>
    public static long ToInt64(this Scalar value) => value.Integer;

    /// <summary>Whether the value is other than zero.</summary>
    public static bool ToBoolean(this Scalar value) => value.Number != Complex.Zero;

    /// <summary>The value as a complex number of single precision.</summary>
    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value) =>
        ((float)value.Number.Real, (float)value.Number.Imaginary);

    /// <summary>The value as a complex number.</summary>
    public static Complex ToComplexFloat64(this Scalar value) => value.Number;
}
