namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of random numbers, uniform from 0 to before 1, of the shape of another.</summary>
    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.rand_like(dtype, device, requires_grad);

    /// <summary>A tensor of random numbers of the standard normal distribution, of the shape of another.</summary>
    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.randn_like(dtype, device, requires_grad);

    /// <summary>A tensor of random integers from <paramref name="low"/> to before <paramref name="high"/>, of the shape of
    /// another.</summary>
    public static Tensor randint_like(
        Tensor input, long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.randint_like(low, high, dtype, device, requires_grad);

    /// <summary>A tensor of random numbers of a normal distribution.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="std">The standard deviation.</param>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">The element type; the default one for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="generator">The source of random numbers; the device's default one for null.</param>
    /// <param name="names">Names of the dimensions.</param>
    public static Tensor normal(
        double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randn(size, dtype, device, requires_grad: false, generator, names).mul_(std).add_(mean).requires_grad_(requires_grad);

    /// <summary>A tensor of random integers from <paramref name="low"/> to before <paramref name="high"/>.</summary>
    /// <param name="low">The least value.</param>
    /// <param name="high">One more than the greatest value.</param>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">The element type; Int64 for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="generator">The source of random numbers; the device's default one for null.</param>
    /// <param name="names">Names of the dimensions.</param>
    /// <exception cref="ArgumentOutOfRangeException">The element type does not reach so far.</exception>
    public static Tensor randint(
        long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null)
    {
        var type = dtype ?? ScalarType.Int64;
        ValidateIntegerRange(low, type, nameof(low));
        ValidateIntegerRange(high - 1, type, nameof(high));
        device = InitializeDevice(device);
        return is_complex(type)
            ? RandomComplexIntegers(low, high, size, type, device, requires_grad, generator, names)
            : Finish(Create(FactoryOps.randint, low, high, size.Shape, generator, type, Arg.None, device), requires_grad, names);
    }

    /// <summary>A tensor of random integers from 0 to before <paramref name="high"/>.</summary>
    /// <inheritdoc cref="randint(long, long, Size, ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randint(
        long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    /// <summary>A tensor of random integers from 0 to before <paramref name="high"/>.</summary>
    /// <inheritdoc cref="randint(long, long, Size, ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(0, high, new Size(size), dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randint(long, long, Size, ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(low, high, new Size(size), dtype, device, requires_grad, generator, names);

    /// <inheritdoc cref="randint(long, long, Size, ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randint(
        int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(low, high, new Size(size), dtype, device, requires_grad, generator, names);

    /// <summary>A tensor of random integers from 0 to before <paramref name="high"/>.</summary>
    /// <inheritdoc cref="randint(long, long, Size, ScalarType?, Device, bool, Generator, string[])"/>
    public static Tensor randint(
        int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(0, high, new Size(size), dtype, device, requires_grad, generator, names);

    /// <summary>The integers from 0 to before <paramref name="n"/> in random order.</summary>
    /// <param name="n">How many.</param>
    /// <param name="dtype">The element type; Int64 for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="generator">The source of random numbers; the device's default one for null.</param>
    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Finish(
            Create(FactoryOps.randperm, n, generator, dtype ?? ScalarType.Int64, Arg.None, InitializeDevice(device)),
            requires_grad);

    /// <summary>Makes a tensor the integers from 0 to before <paramref name="n"/> in random order.</summary>
    /// <param name="n">How many.</param>
    /// <param name="out">The tensor that is changed.</param>
    /// <param name="generator">The source of random numbers; the device's default one for null.</param>
    /// <returns>A second managed tensor for the same native one.</returns>
    public static Tensor randperm(long n, Tensor @out, Generator? generator = null) =>
        Dispatcher.Call(FactoryOps.randperm_out, n, generator, @out);

    /// <summary>A random truth value.</summary>
    public static bool randint_bool(Generator? generator = null) => randint_long(0, 2, generator) != 0;

    /// <summary>A random integer from 0 to before <paramref name="high"/>.</summary>
    public static int randint_int(int high, Generator? generator = null) => randint_int(0, high, generator);

    /// <summary>A random integer from <paramref name="low"/> to before <paramref name="high"/>.</summary>
    public static int randint_int(int low, int high, Generator? generator = null) => (int)randint_long(low, high, generator);

    /// <summary>A random integer from 0 to before <paramref name="high"/>.</summary>
    public static long randint_long(long high, Generator? generator = null) => randint_long(0, high, generator);

    /// <summary>A random integer from <paramref name="low"/> to before <paramref name="high"/>.</summary>
    public static long randint_long(long low, long high, Generator? generator = null)
    {
        using var result = randint(low, high, Size.Empty, ScalarType.Int64, CPU, generator: generator);
        return result.item<long>();
    }

    /// <summary>A random number, uniform from 0 to before 1.</summary>
    public static double rand_float(Generator? generator = null)
    {
        using var result = rand(Array.Empty<long>(), ScalarType.Float64, CPU, generator: generator);
        return result.item<double>();
    }

    /// <summary>A random number of the standard normal distribution.</summary>
    public static double randn_float(Generator? generator = null)
    {
        using var result = randn(Array.Empty<long>(), ScalarType.Float64, CPU, generator: generator);
        return result.item<double>();
    }

    // libtorch makes no random complex integers: two real ones make each.
    private static Tensor RandomComplexIntegers(
        long low, long high, Size size, ScalarType type, Device device, bool requires_grad, Generator? generator, string[]? names)
    {
        var part = type == ScalarType.ComplexFloat32 ? ScalarType.Float32 : ScalarType.Float64;
        using var real = Create(FactoryOps.randint, low, high, size.Shape, generator, part, Arg.None, device);
        using var imaginary = Create(FactoryOps.randint, low, high, size.Shape, generator, part, Arg.None, device);
        return Finish(complex(real, imaginary), requires_grad, names);
    }

    private static void ValidateIntegerRange(long value, ScalarType type, string argument)
    {
        var (least, greatest) = type switch
        {
            ScalarType.Byte => (byte.MinValue, byte.MaxValue),
            ScalarType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            ScalarType.Int16 => (short.MinValue, short.MaxValue),
            ScalarType.Int32 => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (value < least || value > greatest)
            throw new ArgumentOutOfRangeException(argument, value, $"The value is outside the range of {type}");
    }

    private static partial class FactoryOps
    {
        internal static readonly Op randint = new("aten::randint", "low_generator");
        internal static readonly Op randperm = new("aten::randperm", "generator");
        internal static readonly Op randperm_out = new("aten::randperm", "generator_out");
    }
}
