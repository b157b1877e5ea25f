using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A quantized weight: each element is (code − zero point) · scale, computed in float32, with a scale for all of them or one for each output channel.
/// That is what ONNX's DequantizeLinear computes.
/// </summary>
public sealed class QuantizedWeight : WeightCode
{
    private const int BitsBits = 4;
    private const int GridKindBits = 2;
    private const int AxisBits = 4;

    private readonly sbyte[] codes;
    private readonly float[] scales;
    private readonly sbyte[] zeroPoints;

    /// <param name="shape">The shape of the weight.</param>
    /// <param name="codes">The code of each element, in row-major order, from <see cref="Minimum"/> to <see cref="Maximum"/>.</param>
    /// <param name="bits">Bits of a code, from 2 to 8.</param>
    /// <param name="grid">Which values there are.</param>
    /// <param name="scales">The scale of each channel, or one for all, above 0.</param>
    /// <param name="zeroPoints">The code of zero of each channel, or one for all.</param>
    /// <param name="axis">The dimension that the channels are along; null for one scale.</param>
    /// <exception cref="ArgumentException">The numbers do not fit the shape, or each other.</exception>
    public QuantizedWeight(
        IReadOnlyList<long> shape, sbyte[] codes, int bits, WeightGrid grid, float[] scales, sbyte[] zeroPoints, int? axis)
        : base(shape)
    {
        (this.codes, Bits, Grid, this.scales, this.zeroPoints, Axis) = (codes, bits, grid, scales, zeroPoints, axis);
        var channels = ChannelsOf(shape, axis);
        if (bits is < 2 or > 8 || !Enum.IsDefined(grid) || codes.LongLength != Count || scales.LongLength != channels || zeroPoints.LongLength != channels)
        {
            throw new ArgumentException(
                $"A weight of the shape [{string.Join(", ", shape)}] has {codes.Length} codes of {bits} bits on a {grid} grid, {scales.Length} scales and "
                    + $"{zeroPoints.Length} zero points; give {Count} codes of 2 to 8 bits, and {channels} of the others.");
        }

        if (Array.Exists(codes, code => code < Minimum || code > Maximum) || Array.Exists(zeroPoints, code => code < Minimum || code > Maximum)
            || !Array.TrueForAll(scales, scale => scale > 0 && float.IsFinite(scale)))
        {
            throw new ArgumentException($"Codes and zero points are to be from {Minimum} to {Maximum}, and scales finite numbers above 0.");
        }
    }

    /// <summary>The code of each element, in row-major order.</summary>
    public IReadOnlyList<sbyte> Codes => codes;

    /// <summary>Bits of a code, from 2 to 8.</summary>
    public int Bits { get; }

    /// <summary>Which values there are.</summary>
    public WeightGrid Grid { get; }

    /// <summary>The scale of each channel, or one for all.</summary>
    public IReadOnlyList<float> Scales => scales;

    /// <summary>The code of zero of each channel, or one for all; 0 but on an affine grid.</summary>
    public IReadOnlyList<sbyte> ZeroPoints => zeroPoints;

    /// <summary>The dimension that the channels are along; null for one scale.</summary>
    public int? Axis { get; }

    /// <summary>The least code.</summary>
    public int Minimum => LeastOf(Grid, Bits);

    /// <summary>The largest code.</summary>
    public int Maximum => MostOf(Grid, Bits);

    /// <inheritdoc/>
    public override string Description =>
        Grid is WeightGrid.Binary or WeightGrid.Ternary ? Grid.ToString().ToLowerInvariant() : $"{Bits} bits{(Axis is null ? "" : ", per channel")}";

    /// <summary>How many codes there are.</summary>
    internal int Levels => Maximum - Minimum + 1;

    /// <summary>Bits of all but the codes in a file.</summary>
    internal long GridBits => BitsBits + GridKindBits + 1 + (Axis is null ? 0 : AxisBits) + ((32L + (Grid == WeightGrid.Affine ? 8 : 0)) * scales.Length);

    /// <inheritdoc/>
    public override Tensor Decode(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var whole = tensor(codes).reshape([.. Shape]).to_type(ScalarType.Float32);
        return ((whole - AlongAxis(tensor(zeroPoints).to_type(ScalarType.Float32))) * AlongAxis(tensor(scales))).to_type(type).MoveToOuterDisposeScope();
    }

    internal static int LeastOf(WeightGrid grid, int bits) => grid switch
    {
        WeightGrid.Affine => -(1 << (bits - 1)),
        WeightGrid.Symmetric => 1 - (1 << (bits - 1)),
        _ => -1,
    };

    internal static int MostOf(WeightGrid grid, int bits) => grid is WeightGrid.Affine or WeightGrid.Symmetric ? (1 << (bits - 1)) - 1 : 1;

    /// <summary>Numbers of the channels, so that they meet the elements.</summary>
    internal static Tensor AlongAxis(Tensor numbers, int rank, int? axis) =>
        axis is int dim ? numbers.reshape([.. Enumerable.Range(0, rank).Select(i => i == dim ? -1L : 1L)]) : numbers;

    /// <summary>Codes of nothing but zeros.</summary>
    internal sbyte[] Zeros()
    {
        var zeros = new sbyte[Count];
        var inner = Axis is int axis ? Shape.Skip(axis + 1).Aggregate(1L, (n, size) => n * size) : Count;
        for (var i = 0L; i < zeros.LongLength; i++)
        {
            zeros[i] = zeroPoints[i / Math.Max(1, inner) % zeroPoints.Length];
        }

        return zeros;
    }

    /// <summary>Other codes on the same grid.</summary>
    internal QuantizedWeight With(sbyte[] others) => new(Shape, others, Bits, Grid, scales, zeroPoints, Axis);

    internal void WriteGrid(BitWriter writer)
    {
        writer.Write((uint)Bits, BitsBits);
        writer.Write((uint)Grid, GridKindBits);
        writer.Write(Axis is null ? 0u : 1, 1);
        if (Axis is int axis)
        {
            writer.Write((uint)axis, AxisBits);
        }

        foreach (var scale in scales)
        {
            writer.Write(BitConverter.SingleToUInt32Bits(scale), 32);
        }

        foreach (var zero in Grid == WeightGrid.Affine ? zeroPoints : [])
        {
            writer.Write((byte)zero, 8);
        }
    }

    /// <summary>Reads all but the codes: a weight of zeros.</summary>
    /// <exception cref="InvalidDataException">It is none of such a shape.</exception>
    internal static QuantizedWeight ReadGrid(ref BitReader reader, long[] shape)
    {
        var (bits, grid) = ((int)reader.Read(BitsBits), (WeightGrid)reader.Read(GridKindBits));
        int? axis = reader.ReadBit() == 1 ? (int)reader.Read(AxisBits) : null;
        var channels = axis is null || axis < shape.Length ? ChannelsOf(shape, axis) : throw new InvalidDataException("its channels are along no dimension");
        if (reader.Left < 32 * channels)
        {
            throw new InvalidDataException("its scales end too early");
        }

        var (scales, zeroPoints) = (new float[channels], new sbyte[channels]);
        for (var i = 0; i < scales.Length; i++)
        {
            scales[i] = BitConverter.UInt32BitsToSingle(reader.Read(32));
        }

        for (var i = 0; grid == WeightGrid.Affine && i < zeroPoints.Length; i++)
        {
            zeroPoints[i] = (sbyte)reader.Read(8);
        }

        try
        {
            return new QuantizedWeight(shape, new sbyte[shape.Aggregate(1L, (n, size) => n * size)], bits, grid, scales, zeroPoints, axis);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"its grid is none ({error.Message})", error);
        }
    }

    private static long ChannelsOf(IReadOnlyList<long> shape, int? axis) => axis is int dim ? shape[dim] : 1;

    private Tensor AlongAxis(Tensor numbers) => AlongAxis(numbers, Shape.Count, Axis);
}
