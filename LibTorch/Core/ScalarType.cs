namespace TorchSharp;

public static partial class torch
{
    /// <summary>Element types of tensors; the numbers are libtorch's.</summary>
    public enum ScalarType : sbyte
    {
        /// <summary>Unsigned integer of 8 bits.</summary>
        Byte = 0,

        /// <summary>Integer of 8 bits.</summary>
        Int8 = 1,

        /// <summary>Integer of 16 bits.</summary>
        Int16 = 2,

        /// <summary>Integer of 32 bits.</summary>
        Int32 = 3,

        /// <summary>Integer of 64 bits.</summary>
        Int64 = 4,

        /// <summary>Half precision.</summary>
        Float16 = 5,

        /// <summary>Single precision.</summary>
        Float32 = 6,

        /// <summary>Double precision.</summary>
        Float64 = 7,

        /// <summary>Two numbers of single precision.</summary>
        ComplexFloat32 = 9,

        /// <summary>Two numbers of double precision.</summary>
        ComplexFloat64 = 10,

        /// <summary>A truth value.</summary>
        Bool = 11,

        /// <summary>Single precision's range with 8 bits of precision.</summary>
        BFloat16 = 15,
    }

    // Writable fields, as TorchSharp has them.

    /// <summary>A truth value.</summary>
    public static ScalarType @bool = ScalarType.Bool;

    /// <summary>Unsigned integer of 8 bits.</summary>
    public static ScalarType uint8 = ScalarType.Byte;

    /// <summary>Integer of 8 bits.</summary>
    public static ScalarType int8 = ScalarType.Int8;

    /// <summary>Integer of 16 bits.</summary>
    public static ScalarType int16 = ScalarType.Int16;

    /// <summary>Integer of 32 bits.</summary>
    public static ScalarType int32 = ScalarType.Int32;

    /// <summary>Integer of 64 bits.</summary>
    public static ScalarType int64 = ScalarType.Int64;

    /// <summary>Single precision's range with 8 bits of precision.</summary>
    public static ScalarType bfloat16 = ScalarType.BFloat16;

    /// <summary>Half precision.</summary>
    public static ScalarType float16 = ScalarType.Float16;

    /// <summary>Single precision.</summary>
    public static ScalarType float32 = ScalarType.Float32;

    /// <summary>Double precision.</summary>
    public static ScalarType float64 = ScalarType.Float64;

    /// <summary>Two numbers of single precision.</summary>
    public static ScalarType complex64 = ScalarType.ComplexFloat32;

    /// <summary>Two numbers of double precision.</summary>
    public static ScalarType complex128 = ScalarType.ComplexFloat64;

    /// <summary>Integer of 16 bits.</summary>
    public static ScalarType @short = ScalarType.Int16;

    /// <summary>Integer of 32 bits.</summary>
    public static ScalarType @int = ScalarType.Int32;

    /// <summary>Integer of 64 bits.</summary>
    public static ScalarType @long = ScalarType.Int64;

    /// <summary>Half precision.</summary>
    public static ScalarType half = ScalarType.Float16;

    /// <summary>Single precision.</summary>
    public static ScalarType @float = ScalarType.Float32;

    /// <summary>Double precision.</summary>
    public static ScalarType @double = ScalarType.Float64;

    /// <summary>Two numbers of single precision.</summary>
    public static ScalarType cfloat = ScalarType.ComplexFloat32;

    /// <summary>Two numbers of double precision.</summary>
    public static ScalarType cdouble = ScalarType.ComplexFloat64;

    /// <summary>Whether it is an integer type; truth values count as one.</summary>
    public static bool is_integral(ScalarType type) =>
        type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;

    /// <summary>Whether it is a floating-point type.</summary>
    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>Whether it is a complex type.</summary>
    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    /// <summary>Whether the tensor has an integer type; truth values count as one.</summary>
    public static bool is_integral(Tensor t) => is_integral(t.dtype);

    /// <summary>Whether the tensor has a floating-point type.</summary>
    public static bool is_floating_point(Tensor input) => is_floating_point(input.dtype);

    /// <summary>Whether the tensor has a complex type.</summary>
    public static bool is_complex(Tensor input) => is_complex(input.dtype);

    /// <summary>The greatest value of an integer type.</summary>
    /// <exception cref="ArgumentException">It is not an integer type.</exception>
    public static long max_int_value(ScalarType type) => type switch
    {
        ScalarType.Byte => byte.MaxValue,
        ScalarType.Int8 => sbyte.MaxValue,
        ScalarType.Int16 => short.MaxValue,
        ScalarType.Int32 => int.MaxValue,
        ScalarType.Int64 => long.MaxValue,
        _ => throw new ArgumentException("Not an integral type"),
    };
}
