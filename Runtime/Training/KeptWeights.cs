using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Which weights of a parameter are trained and which are held at zero, a bit each: to read a mask of numbers beside the weights would
/// take a step of an optimizer a fifth longer.
/// </summary>
internal readonly ref struct KeptWeights
{
    private static readonly Vector<uint> FirstLanes = new([.. Enumerable.Range(0, Vector<uint>.Count).Select(lane => 1u << lane)]);

    private readonly ReadOnlySpan<uint> bits;

    // A copy here stays in a register all through a loop.
    private readonly Vector<uint> lanes;

    private KeptWeights(ReadOnlySpan<uint> bits)
    {
        this.bits = bits;
        lanes = FirstLanes;
    }

    /// <summary>The bits of a mask, 32 elements in each number.</summary>
    /// <param name="mask">Zero where a weight is held.</param>
    public static uint[] BitsOf(Tensor mask)
    {
        using var scope = NewDisposeScope();
        var kept = mask.to_type(ScalarType.Bool).contiguous().to(CPU).bytes;
        var bits = new uint[(kept.Length + 31) / 32];
        var whole = kept.Length / 32;
        for (var word = 0; word < whole; word++)
        {
            bits[word] = ~Vector256.Equals(Vector256.Create<byte>(kept.Slice(32 * word, 32)), Vector256<byte>.Zero).ExtractMostSignificantBits();
        }

        for (var i = 32 * whole; i < kept.Length; i++)
        {
            bits[i >> 5] |= (uint)kept[i] << (i & 31);
        }

        return bits;
    }

    /// <summary>Those behind an element.</summary>
    /// <param name="bits">The bits of the whole parameter; null where nothing of it is held.</param>
    /// <param name="start">The element, a multiple of 32.</param>
    public static KeptWeights From(uint[]? bits, int start) => new(bits is null ? [] : bits.AsSpan(start >> 5));

    /// <summary>A vector of gradients, with zeros for the weights that are held.</summary>
    /// <param name="gradients">The gradients.</param>
    /// <param name="i">Which vector of the range it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Of(Vector<float> gradients, int i)
    {
        if (bits.IsEmpty)
        {
            return gradients;
        }

        var first = i * Vector<float>.Count;
        var word = Unsafe.Add(ref MemoryMarshal.GetReference(bits), first >> 5);
        var held = Vector.Equals(new Vector<uint>(word >> (first & 31)) & lanes, Vector<uint>.Zero);
        return Vector.AndNot(gradients, Vector.AsVectorSingle(held));
    }

    /// <summary>One gradient, or zero where its weight is held.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="i">Which element of the range it is.</param>
    public float Of(float gradient, int i) => bits.IsEmpty || (bits[i >> 5] >> (i & 31) & 1) != 0 ? gradient : 0;
}
