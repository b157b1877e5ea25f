namespace TorchSharp;

public static partial class torch
{
    /// <summary>The limits of a floating-point type.</summary>
    public struct FInfo
    {
        /// <summary>The size in bits.</summary>
        public int bits;

        /// <summary>The distance from 1 to the next number.</summary>
        public double eps;

        /// <summary>The greatest number.</summary>
        public double max;

        /// <summary>The least number.</summary>
        public double min;

        /// <summary>The smallest positive number of full precision.</summary>
        public double tiny;

        /// <summary>The smallest positive number of full precision.</summary>
        public double smallest_normal;

        /// <summary>The power of ten that the type resolves near 1.</summary>
        public double resolution;
    }

    /// <summary>The limits of the default element type.</summary>
    public static FInfo finfo() => finfo(get_default_dtype());

    /// <summary>The limits of a floating-point type; of the parts, for a complex one.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.BFloat16 => Limits(16, precision: 8, maxExponent: 128, resolution: 1e-2),
        ScalarType.Float16 => Limits(16, precision: 11, maxExponent: 16, resolution: 1e-3),
        ScalarType.Float32 or ScalarType.ComplexFloat32 => Limits(32, precision: 24, maxExponent: 128, resolution: 1e-6),
        ScalarType.Float64 or ScalarType.ComplexFloat64 => Limits(64, precision: 53, maxExponent: 1024, resolution: 1e-15),
        _ => throw new ArgumentException("'dtype' must be floating point or complex"),
    };

    // IEEE 754: p bits of precision and exponents below e give the greatest number (1 − 2^−p) · 2^e, the smallest
    // normal one 2^(2 − e) and, between 1 and the next, 2^(1 − p).
    private static FInfo Limits(int bits, int precision, int maxExponent, double resolution)
    {
        var max = (2 - Math.ScaleB(1, 1 - precision)) * Math.ScaleB(1, maxExponent - 1);
        var tiny = Math.ScaleB(1, 2 - maxExponent);
        return new FInfo
        {
            bits = bits,
            eps = Math.ScaleB(1, 1 - precision),
            max = max,
            min = -max,
            tiny = tiny,
            smallest_normal = tiny,
            resolution = resolution,
        };
    }
}
