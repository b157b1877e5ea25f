using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Named tensors and a record, in one file. The file: the eight letters <c>PRUNESTP</c>, the length of the record (int32), the record (UTF-8 JSON), the
/// number of tensors (int32), of each its name, its type, its shape and its bytes, and the SHA-256 of all that. Numbers are little-endian.
/// </summary>
internal sealed class TensorArchive<TRecord> : IDisposable
    where TRecord : class
{
    private const int HashLength = 32;
    private static readonly byte[] Magic = "PRUNESTP"u8.ToArray();

    private TensorArchive(TRecord record, IReadOnlyDictionary<string, Tensor> tensors) => (Record, Tensors) = (record, tensors);

    public TRecord Record { get; }

    /// <summary>The tensors, in main memory; they are the archive's.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>Writes a file whole, or not at all.</summary>
    /// <exception cref="IOException">It cannot be written; one that was there is as it was.</exception>
    public static void Write(string path, TRecord record, JsonTypeInfo<TRecord> json, IReadOnlyDictionary<string, Tensor> tensors) =>
        AtomicFile.Write(path, stream => Write(stream, record, json, tensors));

    /// <summary>What a file would hold, for another process.</summary>
    public static byte[] ToBytes(TRecord record, JsonTypeInfo<TRecord> json, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var stream = new MemoryStream();
        Write(stream, record, json, tensors);
        return stream.ToArray();
    }

    /// <summary>Reads a file.</summary>
    /// <returns>What it holds; null where it is damaged or none of these.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TensorArchive<TRecord>? Read(string path, JsonTypeInfo<TRecord> json)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, json);
    }

    /// <summary>Reads what <see cref="ToBytes"/> gave in another process.</summary>
    /// <exception cref="InvalidDataException">It did not arrive as it was.</exception>
    public static TensorArchive<TRecord> FromBytes(byte[] bytes, JsonTypeInfo<TRecord> json)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        return Read(stream, json) ?? throw new InvalidDataException("What another process told did not arrive as it was; see to the network between them.");
    }

    private static TensorArchive<TRecord>? Read(Stream stream, JsonTypeInfo<TRecord> json)
    {
        if (!IsWhole(stream))
        {
            return null;
        }

        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        stream.Position = Magic.Length;
        var record = JsonSerializer.Deserialize(reader.ReadBytes(reader.ReadInt32()), json);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (name, tensor) = ReadTensor(reader);
            tensors.Add(name, tensor);
        }

        return new TensorArchive<TRecord>(record!, tensors);
    }

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private static void Write(Stream stream, TRecord record, JsonTypeInfo<TRecord> json, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
        using (var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            var text = JsonSerializer.SerializeToUtf8Bytes(record, json);
            writer.Write(text.Length);
            writer.Write(text);
            writer.Write(tensors.Count);
            foreach (var (name, tensor) in tensors)
            {
                WriteTensor(writer, name, tensor);
            }
        }

        stream.Write(hash.Hash!);
    }

    private static void WriteTensor(BinaryWriter writer, string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var plain = tensor.detach().cpu().contiguous();
        writer.Write(name);
        writer.Write((int)plain.dtype);
        writer.Write(plain.dim());
        Array.ForEach(plain.shape, writer.Write);
        writer.Flush();
        if (plain.numel() > 0)
        {
            plain.WriteBytesToStream(writer.BaseStream, 1 << 16);
        }
    }

    private static (string Name, Tensor Tensor) ReadTensor(BinaryReader reader)
    {
        var name = reader.ReadString();
        var type = (ScalarType)reader.ReadInt32();
        var shape = new long[reader.ReadInt64()];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.ReadInt64();
        }

        var tensor = empty(shape, type).DetachFromDisposeScope();
        if (tensor.numel() > 0)
        {
            tensor.ReadBytesFromStream(reader.BaseStream, 1 << 16);
        }

        return (name, tensor);
    }

    private static bool IsWhole(Stream stream)
    {
        var begin = new byte[Magic.Length];
        if (stream.Length < Magic.Length + HashLength || stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) < begin.Length
            || !begin.AsSpan().SequenceEqual(Magic))
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(begin);
        var buffer = new byte[1 << 16];
        for (var left = stream.Length - HashLength - Magic.Length; left > 0;)
        {
            var count = (int)Math.Min(left, buffer.Length);
            stream.ReadExactly(buffer, 0, count);
            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        stream.ReadExactly(buffer, 0, HashLength);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(buffer.AsSpan(0, HashLength));
    }
}
