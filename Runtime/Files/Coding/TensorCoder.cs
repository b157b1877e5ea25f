using System.Buffers.Binary;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A tensor as bytes, bit-exactly, in the way that takes the fewest: which elements are not zero (<see cref="ElementPlaces"/>), then their values as they are,
/// or a table of the few that there are and a code for each, or the codes and scales of a quantized weight, or the seed and values of a hashed one;
/// then which elements are held at zero.
/// </summary>
internal static class TensorCoder
{
    /// <summary>A tensor of more elements is stored as it is.</summary>
    public const long MostElements = 1 << 28;

    private const int MostValues = 4096;
    private const int FormBits = 2;
    private const int HeldBits = 2;
    private const int TableCountBits = 16;

    private enum Values : uint
    {
        AsTheyAre = 0,
        Table = 1,
        Quantized = 2,
        Hashed = 3,
    }

    private enum Held : uint
    {
        Nothing = 0,
        AllZeros = 1,
        Some = 2,
    }

    /// <summary>Codes a tensor.</summary>
    /// <param name="tensor">The tensor, of at most <see cref="MostElements"/>.</param>
    /// <param name="code">What it is stored as, if it is just that.</param>
    /// <param name="held">True for each element that is held at zero; null for none.</param>
    /// <returns>The bytes and what they are for; null where nothing is less than the tensor as it is.</returns>
    public static CodedTensor? Encode(Tensor tensor, WeightCode? code, bool[]? held)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var plain = tensor.detach().cpu().contiguous();
        var elements = new Elements(plain.bytes, (int)plain.element_size(), plain.dtype);
        var zeros = 0;
        for (var i = 0; i < elements.Count; i++)
        {
            zeros += elements.IsZero(i) ? 1 : 0;
        }

        var all = ElementPlaces.All(elements.Count);
        var stored = new int[elements.Count - zeros];
        for (int i = 0, next = 0; i < elements.Count; i++)
        {
            if (!elements.IsZero(i))
            {
                stored[next++] = i;
            }
        }

        // A hash draws no zeros: where some are held, it must be told where.
        var asAll = code is HashedWeight && zeros > 0 ? null : Form.Of(elements, code, stored: null);
        var asSome = Form.Of(elements, code, stored);
        var places = zeros == 0 ? all : ElementPlaces.Of(stored, elements.Count);
        var (chosen, form) = asAll is not null && all.Bits + asAll.Bits <= places.Bits + asSome.Bits ? (all, asAll) : (places, asSome);
        if (code is null && held is null && (chosen.Bits + form.Bits + FormBits + HeldBits + 1 + 7) / 8 >= plain.bytes.Length)
        {
            return null;
        }

        var writer = new BitWriter();
        var (heldForm, sizes) = (HeldForm(elements, held), new FileParts());
        writer.Write((uint)form.Kind, FormBits);
        writer.Write(code is SharedWeight ? 1u : 0, 1);
        writer.Write((uint)heldForm, HeldBits);
        chosen.Write(writer);
        sizes.Positions += chosen.Bits;
        form.Write(writer, elements, ReferenceEquals(chosen, all) ? null : stored, sizes);
        if (heldForm == Held.Some)
        {
            Array.ForEach(held!, isHeld => writer.Write(isHeld ? 1u : 0, 1));
            sizes.Held += held!.Length;
        }

        return new CodedTensor(writer.ToArray(), sizes);
    }

    /// <summary>Reads a tensor.</summary>
    /// <param name="bytes">What <see cref="Encode"/> gave.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="sizes">Is told what its bits are for.</param>
    /// <returns>The tensor, on the CPU, what it is stored as, and what of it is held.</returns>
    /// <exception cref="InvalidDataException">The bytes are none of such a tensor.</exception>
    public static (Tensor Tensor, WeightCode? Code, bool[]? Held) Decode(ReadOnlySpan<byte> bytes, long[] shape, ScalarType type, FileParts sizes)
    {
        var reader = new BitReader(bytes);
        var (kind, isShared, heldForm) = ((Values)reader.Read(FormBits), reader.ReadBit() == 1, (Held)reader.Read(HeldBits));
        using var scope = NewDisposeScope();
        var tensor = zeros(shape, type);
        var count = (int)tensor.numel();
        var before = reader.Left;
        var stored = ElementPlaces.Read(ref reader, count);
        sizes.Positions += before - reader.Left;
        before = reader.Left;
        var codesFrom = kind == Values.AsTheyAre ? before : 0;
        var code = kind switch
        {
            Values.AsTheyAre => ReadPlain(ref reader, tensor, stored, isShared),
            Values.Table => ReadTable(ref reader, tensor, stored, isShared, out codesFrom),
            Values.Quantized => ReadQuantized(ref reader, shape, stored, out codesFrom),
            _ => ReadHashed(ref reader, tensor, stored),
        };
        codesFrom = kind == Values.Hashed ? reader.Left : codesFrom;
        sizes.Tables += before - codesFrom;
        sizes.Codes += kind == Values.AsTheyAre ? 0 : codesFrom - reader.Left;
        sizes.Values += kind == Values.AsTheyAre ? before - reader.Left : 0;
        if (code is not null and not SharedWeight)
        {
            tensor = code.Decode(type);
        }

        var held = heldForm switch
        {
            Held.Nothing => null,
            Held.AllZeros => Zeros(tensor),
            Held.Some => ReadHeld(ref reader, count),
            _ => throw new InvalidDataException("what is held is told in an unknown way"),
        };
        sizes.Held += heldForm == Held.Some ? count : 0;
        reader.RequireEnd();
        return (tensor.MoveToOuterDisposeScope(), code, held);
    }

    private static Held HeldForm(Elements elements, bool[]? held)
    {
        if (held is null)
        {
            return Held.Nothing;
        }

        for (var i = 0; i < held.Length; i++)
        {
            if (held[i] != elements.IsZero(i))
            {
                return Held.Some;
            }
        }

        return Held.AllZeros;
    }

    /// <summary>Which elements are zero; a negative zero, which a weight may be trained to, is none.</summary>
    private static bool[] Zeros(Tensor tensor)
    {
        var plain = tensor.contiguous();
        var elements = new Elements(plain.bytes, (int)plain.element_size(), plain.dtype);
        var zeros = new bool[elements.Count];
        for (var i = 0; i < zeros.Length; i++)
        {
            zeros[i] = elements.IsZero(i);
        }

        return zeros;
    }

    private static bool[] ReadHeld(ref BitReader reader, int count)
    {
        if (reader.Left < count)
        {
            throw new InvalidDataException("what is held of it ends too early");
        }

        var held = new bool[count];
        for (var i = 0; i < count; i++)
        {
            held[i] = reader.ReadBit() == 1;
        }

        return held;
    }

    private static WeightCode? ReadPlain(ref BitReader reader, Tensor tensor, List<int>? stored, bool isShared)
    {
        var size = (int)tensor.element_size();
        var count = stored?.Count ?? (int)tensor.numel();
        for (var i = 0; i < count; i++)
        {
            ReadBytes(ref reader, tensor.bytes.Slice((stored?[i] ?? i) * size, size));
        }

        // Of a shared weight, whose values stand in a table, that is all zero.
        return isShared && count == 0 ? new SharedWeight(tensor.shape, [0], new ushort[tensor.numel()]) : null;
    }

    private static SharedWeight? ReadTable(ref BitReader reader, Tensor tensor, List<int>? stored, bool isShared, out long codesFrom)
    {
        var size = (int)tensor.element_size();
        var values = ReadValues(ref reader, (int)reader.Read(TableCountBits), tensor.dtype);
        var alphabet = (int)values.numel();
        var code = SymbolStream.ReadBegin(ref reader, alphabet);
        codesFrom = reader.Left;
        var count = stored?.Count ?? (int)tensor.numel();
        var codes = isShared ? new ushort[tensor.numel()] : null;
        for (var i = 0; i < count; i++)
        {
            var (place, symbol) = (stored?[i] ?? i, SymbolStream.Read(ref reader, code, alphabet));
            values.bytes.Slice(symbol * size, size).CopyTo(tensor.bytes.Slice(place * size, size));
            if (codes is not null)
            {
                codes[place] = (ushort)(stored is null ? symbol : symbol + 1);
            }
        }

        var numbers = values.to_type(ScalarType.Float64).data<double>().ToArray();
        return codes is null ? null : new SharedWeight(tensor.shape, stored is null ? numbers : [0, .. numbers], codes);
    }

    private static QuantizedWeight ReadQuantized(ref BitReader reader, long[] shape, List<int>? stored, out long codesFrom)
    {
        var grid = QuantizedWeight.ReadGrid(ref reader, shape);
        var alphabet = grid.Levels;
        var code = SymbolStream.ReadBegin(ref reader, alphabet);
        codesFrom = reader.Left;
        var codes = grid.Zeros();
        for (var i = 0; i < (stored?.Count ?? codes.Length); i++)
        {
            codes[stored?[i] ?? i] = (sbyte)(SymbolStream.Read(ref reader, code, alphabet) + grid.Minimum);
        }

        return grid.With(codes);
    }

    private static HashedWeight ReadHashed(ref BitReader reader, Tensor tensor, List<int>? stored)
    {
        var (seed, count) = ((int)reader.Read(32), reader.Read(32));
        if (count == 0 || count > tensor.numel())
        {
            throw new InvalidDataException($"a hash draws from {count} values");
        }

        var values = ReadValues(ref reader, (int)count, tensor.dtype).to_type(ScalarType.Float64).data<double>().ToArray();
        bool[]? zero = null;
        if (stored is not null)
        {
            zero = new bool[tensor.numel()];
            Array.Fill(zero, true);
            stored.ForEach(place => zero[place] = false);
        }

        return new HashedWeight(tensor.shape, values, seed, zero);
    }

    private static Tensor ReadValues(ref BitReader reader, int count, ScalarType type)
    {
        var size = (int)empty(0, type).element_size();
        if (count == 0 || reader.Left < 8L * count * size)
        {
            throw new InvalidDataException(count == 0 ? "its table has no value" : "its values end too early");
        }

        var values = empty(count, type);
        ReadBytes(ref reader, values.bytes);
        return values;
    }

    private static void ReadBytes(ref BitReader reader, Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)reader.Read(8);
        }
    }

    private static void WriteBytes(BitWriter writer, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            writer.Write(one, 8);
        }
    }

    /// <summary>The elements of a tensor as bits.</summary>
    private readonly ref struct Elements(ReadOnlySpan<byte> bytes, int size, ScalarType type)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public int Size { get; } = size;

        public ScalarType Type { get; } = type;

        public int Count => bytes.Length / Size;

        public ReadOnlySpan<byte> Bytes(int i) => bytes.Slice(i * Size, Size);

        public bool IsZero(int i) => this[i] == 0;

        public ulong this[int i] => Size switch
        {
            1 => bytes[i],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]),
            8 => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]),
            _ => Whole(Bytes(i)),
        };

        // Of a complex number: only told apart from zero.
        private static ulong Whole(ReadOnlySpan<byte> bytes) => bytes.ContainsAnyExcept((byte)0) ? ulong.MaxValue : 0;
    }

    /// <summary>How values are stored, and how many bits that takes.</summary>
    private sealed class Form
    {
        private IReadOnlyDictionary<ulong, int> symbols = new Dictionary<ulong, int>();
        private SymbolStream? stream;
        private WeightCode? code;

        public Values Kind { get; private init; }

        public long Bits { get; private set; }

        /// <summary>The form that takes the fewest bits, or the one that keeps a code.</summary>
        public static Form Of(Elements elements, WeightCode? code, int[]? stored)
        {
            var count = stored?.Length ?? elements.Count;
            switch (code)
            {
                case QuantizedWeight quantized:
                    var frequencies = new long[quantized.Levels];
                    for (var i = 0; i < count; i++)
                    {
                        frequencies[quantized.Codes[stored?[i] ?? i] - quantized.Minimum]++;
                    }

                    var codes = new SymbolStream(frequencies);
                    return new Form { Kind = Values.Quantized, code = code, stream = codes, Bits = quantized.GridBits + codes.Bits };
                case HashedWeight hashed:
                    return new Form { Kind = Values.Hashed, code = code, Bits = 64 + (8L * elements.Size * hashed.Values.Count) };
            }

            var plain = new Form { Kind = Values.AsTheyAre, Bits = 8L * elements.Size * count };
            var table = count > 0 && elements.Size <= 8 ? TableOf(elements, stored, count, code is null ? MostValues : ushort.MaxValue) : null;
            return table is not null && (code is not null || table.Bits < plain.Bits) ? table : plain;
        }

        public void Write(BitWriter writer, Elements elements, int[]? stored, FileParts sizes)
        {
            var count = stored?.Length ?? elements.Count;
            switch (Kind)
            {
                case Values.AsTheyAre:
                    for (var i = 0; i < count; i++)
                    {
                        WriteBytes(writer, elements.Bytes(stored?[i] ?? i));
                    }

                    sizes.Values += Bits;
                    return;
                case Values.Hashed:
                    var hashed = (HashedWeight)code!;
                    writer.Write((uint)hashed.Seed, 32);
                    writer.Write((uint)hashed.Values.Count, 32);
                    using (var values = torch.tensor([.. hashed.Values], ScalarType.Float64).to_type(elements.Type))
                    {
                        WriteBytes(writer, values.bytes);
                    }

                    sizes.Tables += Bits;
                    return;
                case Values.Quantized:
                    ((QuantizedWeight)code!).WriteGrid(writer);
                    break;
                default:
                    writer.Write((uint)symbols.Count, TableCountBits);
                    foreach (var value in symbols.Keys.Order())
                    {
                        for (var i = 0; i < elements.Size; i++)
                        {
                            writer.Write((byte)(value >> (8 * i)), 8);
                        }
                    }

                    break;
            }

            stream!.Begin(writer);
            for (var i = 0; i < count; i++)
            {
                var place = stored?[i] ?? i;
                stream.Write(writer, code is QuantizedWeight quantized ? quantized.Codes[place] - quantized.Minimum : symbols[elements[place]]);
            }

            sizes.Codes += stream.CodeBits;
            sizes.Tables += Bits - stream.CodeBits;
        }

        /// <summary>The values that there are, if they are few.</summary>
        private static Form? TableOf(Elements elements, int[]? stored, int count, int most)
        {
            var counts = new Dictionary<ulong, long>();
            for (var i = 0; i < count; i++)
            {
                var value = elements[stored?[i] ?? i];
                counts[value] = counts.GetValueOrDefault(value) + 1;
                if (counts.Count > most)
                {
                    return null;
                }
            }

            var values = counts.Keys.Order().ToArray();
            var stream = new SymbolStream([.. values.Select(value => counts[value])]);
            return new Form
            {
                Kind = Values.Table,
                symbols = values.Select((value, symbol) => (value, symbol)).ToDictionary(pair => pair.value, pair => pair.symbol),
                stream = stream,
                Bits = TableCountBits + (8L * elements.Size * values.Length) + stream.Bits,
            };
        }
    }
}

/// <summary>A tensor as it stands in a file.</summary>
/// <param name="Bytes">It.</param>
/// <param name="Sizes">What its bits are for.</param>
internal sealed record CodedTensor(byte[] Bytes, FileParts Sizes);
