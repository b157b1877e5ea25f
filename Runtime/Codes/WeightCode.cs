using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What a weight is stored as: a code for each element, and what codes stand for. The live weight is what it decodes to, bit by bit; a weight that has
/// been moved since has lost its code.
/// </summary>
public abstract class WeightCode
{
    private protected WeightCode(IReadOnlyList<long> shape)
    {
        Shape = shape;
    }

    /// <summary>The shape of the weight.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How many elements the weight has.</summary>
    public long Count => Shape.Aggregate(1L, (n, size) => n * size);

    /// <summary>What it is, for reports: <c>shared, 32 values</c>.</summary>
    public abstract string Description { get; }

    /// <summary>The weight, in <see cref="Shape"/>, on the CPU: a new tensor, the caller's.</summary>
    /// <param name="type">The element type of the live weight.</param>
    public abstract Tensor Decode(ScalarType type);

    /// <summary>Whether it decodes to just this weight.</summary>
    /// <param name="weight">The live weight.</param>
    internal bool Is(Tensor weight)
    {
        if (!weight.shape.SequenceEqual(Shape))
        {
            return false;
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return Decode(weight.dtype).contiguous().bytes.SequenceEqual(weight.detach().cpu().contiguous().bytes);
    }
}

/// <summary>A weight whose elements share a few values, which are trained as such.</summary>
public abstract class SharedCode : WeightCode
{
    private protected SharedCode(IReadOnlyList<long> shape, IReadOnlyList<double> values)
        : base(shape)
    {
        Values = values;
    }

    /// <summary>The values, each a number of the weight's element type.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>Which of the values each element has, in row-major order: int64, [elements], on the CPU, the caller's.</summary>
    internal abstract Tensor Indices();

    /// <summary>What the value is multiplied by for each element, 1 or −1, or 0 for one that is held; null for 1 everywhere.</summary>
    internal abstract Tensor? Signs();

    /// <summary>The same codes for other values.</summary>
    internal abstract SharedCode With(IReadOnlyList<double> values);

    /// <inheritdoc/>
    public override Tensor Decode(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var values = tensor([.. Values], ScalarType.Float64).to_type(type).index_select(0, Indices());

        // Where minus one meets a zero, or zero a negative number, adding zero makes the zero a positive one.
        var signed = Signs() is { } signs ? (values * signs.to_type(type)) + 0 : values;
        return signed.reshape([.. Shape]).MoveToOuterDisposeScope();
    }
}

/// <summary>Weights that share values by a code each: k-means, or whatever a <see cref="CodeAssignment"/> finds.</summary>
public sealed class SharedWeight : SharedCode
{
    /// <param name="shape">The shape of the weight.</param>
    /// <param name="values">The values, at most 65,536, each a number of the weight's element type. Zero, where an element is zero, is one of them.</param>
    /// <param name="codes">Which of the values each element has, in row-major order.</param>
    /// <exception cref="ArgumentException">There are not as many codes as elements, or a code has no value.</exception>
    public SharedWeight(IReadOnlyList<long> shape, IReadOnlyList<double> values, ushort[] codes)
        : base(shape, values)
    {
        if (codes.Length != Count)
        {
            throw new ArgumentException($"A weight of {Count} elements has {codes.Length} codes; give one for each.", nameof(codes));
        }

        if (codes.Length > 0 && codes.Max() is var other && other >= values.Count)
        {
            throw new ArgumentException($"The code {other} stands for none of {values.Count} values; give codes below that.", nameof(codes));
        }

        Codes = codes;
    }

    /// <summary>Which of the values each element has, in row-major order.</summary>
    public IReadOnlyList<ushort> Codes { get; }

    /// <inheritdoc/>
    public override string Description => $"shared, {Values.Count} values";

    internal override Tensor Indices() => tensor(Codes.Select(code => (long)code).ToArray());

    internal override Tensor? Signs() => null;

    internal override SharedCode With(IReadOnlyList<double> values) => new SharedWeight(Shape, values, (ushort[])Codes);
}

/// <summary>
/// Weights that a hash draws, each with a sign, from a few values (Chen et al., "Compressing Neural Networks with the Hashing Trick", 2015): the element i is
/// ξ(i) · w[h(i)]. Neither h nor ξ is stored.
/// </summary>
public sealed class HashedWeight : SharedCode
{
    private readonly bool[]? held;

    /// <param name="shape">The shape of the weight.</param>
    /// <param name="values">The values, each a number of the weight's element type.</param>
    /// <param name="seed">What the hashes are made of beside the position.</param>
    /// <param name="held">True for each element that is zero whatever its value; null for none.</param>
    internal HashedWeight(IReadOnlyList<long> shape, IReadOnlyList<double> values, int seed, bool[]? held)
        : base(shape, values)
    {
        (Seed, this.held) = (seed, held);
    }

    /// <summary>What the hashes are made of beside the position.</summary>
    public int Seed { get; }

    /// <inheritdoc/>
    public override string Description => $"hashed, {Values.Count} values";

    /// <summary>Which value an element has, and with which sign.</summary>
    /// <param name="element">Its place in row-major order.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="values">How many values there are.</param>
    internal static (int Index, bool IsNegative) Draw(long element, int seed, int values)
    {
        // SplitMix64: neighbouring positions have hashes that have nothing to do with each other.
        var x = unchecked(((ulong)element + ((ulong)(uint)seed << 32) + 1) * 0x9E3779B97F4A7C15UL);
        x = unchecked((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL);
        x = unchecked((x ^ (x >> 27)) * 0x94D049BB133111EBUL);
        x ^= x >> 31;

        // The upper half draws the value, the lowest bit, which is another hash, the sign.
        return ((int)(((x >> 32) * (ulong)values) >> 32), (x & 1) == 1);
    }

    internal override Tensor Indices()
    {
        var indices = new long[Count];
        for (var i = 0; i < indices.Length; i++)
        {
            indices[i] = Draw(i, Seed, Values.Count).Index;
        }

        return tensor(indices);
    }

    internal override Tensor Signs()
    {
        var signs = new float[Count];
        for (var i = 0; i < signs.Length; i++)
        {
            signs[i] = held?[i] == true ? 0 : Draw(i, Seed, Values.Count).IsNegative ? -1 : 1;
        }

        return tensor(signs);
    }

    internal override SharedCode With(IReadOnlyList<double> values) => new HashedWeight(Shape, values, Seed, held);
}
