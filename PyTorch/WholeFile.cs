using System.IO.Compression;
using System.Text.Json;

namespace PruneGen;

/// <summary>Sees that a file of weights is whole before its reader believes what it says of itself, and allocates by it.</summary>
internal static class WholeFile
{
    // What the format allows for the text before the data.
    private const int MostHeader = 100_000_000;

    private static readonly Dictionary<string, long> BytesOf = new(StringComparer.Ordinal)
    {
        ["F64"] = 8, ["F32"] = 4, ["F16"] = 2, ["BF16"] = 2, ["I64"] = 8, ["I32"] = 4, ["I16"] = 2, ["I8"] = 1, ["U8"] = 1, ["BOOL"] = 1,
    };

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(first =>
    {
        var crc = (uint)first;
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return crc;
    })];

    /// <summary>
    /// Checks that the tensors of a safetensors file are as long as their shapes say, and cover its data just once. The stream stays at its begin.
    /// </summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    /// <exception cref="JsonException">What stands before the data is no JSON.</exception>
    public static void RequireSafetensors(Stream stream)
    {
        var length = new byte[sizeof(ulong)];
        stream.ReadExactly(length);
        var left = stream.Length - stream.Position;
        if (BitConverter.ToUInt64(length) is var said && (said > MostHeader || (long)said > left))
        {
            throw new InvalidDataException($"it says that its header has {said} bytes, and {left} follow.");
        }

        var header = new byte[said];
        stream.ReadExactly(header);
        using var text = JsonDocument.Parse(header);
        if (text.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException("its header names no tensors.");
        }

        var data = stream.Length - stream.Position;
        var ranges = text.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").Select(RangeOf).ToList();
        if (ranges.GroupBy(range => range.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"it has {twice.Key} twice.");
        }

        var end = 0L;
        foreach (var range in ranges.OrderBy(range => range.Begin).ThenBy(range => range.End))
        {
            if (range.Begin != end)
            {
                throw new InvalidDataException($"{range.Name} begins at byte {range.Begin} of the data, where {end} should stand: tensors follow one another.");
            }

            end = range.End;
        }

        if (end != data)
        {
            throw new InvalidDataException($"its tensors have {end} bytes, and the file has {data} for them.");
        }

        stream.Position = 0;
    }

    /// <summary>Checks each part of an archive against its checksum. The stream stays at its begin.</summary>
    /// <exception cref="InvalidDataException">One is damaged, or it is no archive.</exception>
    public static void RequireArchive(Stream stream)
    {
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
        {
            foreach (var entry in archive.Entries)
            {
                using var part = entry.Open();
                var (crc, length) = Checksum(part, entry.Length);
                if (crc != entry.Crc32 || length != entry.Length)
                {
                    throw new InvalidDataException($"it is damaged: {entry.FullName} does not match its checksum. Copy it again from where it came.");
                }
            }
        }

        stream.Position = 0;
    }

    private static (string Name, long Begin, long End) RangeOf(JsonProperty entry)
    {
        try
        {
            var (type, shape, offsets) =
                (entry.Value.GetProperty("dtype").GetString()!, Numbers(entry.Value, "shape"), Numbers(entry.Value, "data_offsets"));
            if (!BytesOf.TryGetValue(type, out var bytes))
            {
                throw new InvalidDataException($"{entry.Name} is of the type {type}; {string.Join(", ", BytesOf.Keys)} are read.");
            }

            // An overflow is a shape that no file has.
            var size = shape.Aggregate(bytes, (product, dimension) => checked(product * dimension));
            return offsets is [var begin, var end] && Array.TrueForAll(shape, dimension => dimension >= 0) && begin >= 0 && end - begin == size
                ? (entry.Name, begin, end)
                : throw new InvalidDataException(
                    $"{entry.Name} is {type} [{string.Join(", ", shape)}], and stands at [{string.Join(", ", offsets)}] of the data, which is another length.");
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"its header tells no type, shape and place of {entry.Name} ({error.Message}).", error);
        }
    }

    private static long[] Numbers(JsonElement entry, string name) => [.. entry.GetProperty(name).EnumerateArray().Select(number => number.GetInt64())];

    /// <summary>The checksum of archives, and how many bytes there are; no more are read than there are to be.</summary>
    private static (uint Crc, long Length) Checksum(Stream part, long most)
    {
        var (crc, length, buffer) = (uint.MaxValue, 0L, new byte[1 << 16]);
        for (int count; length <= most && (count = part.Read(buffer)) > 0; length += count)
        {
            foreach (var value in buffer.AsSpan(0, count))
            {
                crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
            }
        }

        return (~crc, length);
    }
}
