using System.Buffers.Binary;
using System.Text;

namespace PruneGen.MendTorchSharp;

/// <summary>What a shared library says of the versions of symbols that it needs and defines.</summary>
/// <param name="bytes">The library; a 64-bit little-endian ELF file.</param>
internal sealed class ElfFile
{
    private const uint Rela = 4;
    private const uint DynamicSymbols = 11;
    private const uint VersionDefinitions = 0x6ffffffd;
    private const uint VersionNeeds = 0x6ffffffe;
    private const uint VersionIndices = 0x6fffffff;
    private const ushort Weak = 2;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;

    private readonly byte[] bytes;
    private readonly Section[] sections;

    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public ElfFile(byte[] bytes)
    {
        if (bytes.Length < 64 || !bytes.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            throw new InvalidDataException("it is not a 64-bit little-endian ELF file");
        }

        this.bytes = bytes;
        var (start, size, count) = (Int64(40), Int16(58), Int16(60));
        sections = Enumerable.Range(0, count).Select(i => ReadSection(start + (i * size))).ToArray();
    }

    /// <summary>One version that the library needs of another one.</summary>
    /// <param name="Library">The other one: <c>libstdc++.so.6</c>.</param>
    /// <param name="Version">The version: <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="Index">What marks the symbols of that version.</param>
    /// <param name="FlagsAt">Where its flags stand in the file.</param>
    /// <param name="IsWeak">Whether the loader goes on without it.</param>
    public readonly record struct VersionNeed(string Library, string Version, ushort Index, int FlagsAt, bool IsWeak);

    /// <summary>A symbol of the dynamic symbol table.</summary>
    /// <param name="Index">Its place in the table.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="IsDefined">Whether this library defines it.</param>
    public readonly record struct Symbol(int Index, string Name, bool IsDefined);

    private readonly record struct Section(uint Type, long Offset, long Size, uint Link, uint Count);

    /// <summary>The versions that the library needs.</summary>
    public IEnumerable<VersionNeed> Needs()
    {
        foreach (var section in Of(VersionNeeds))
        {
            var names = sections[section.Link];
            var library = section.Offset;
            for (var i = 0; i < section.Count; i++)
            {
                var version = library + Int32(library + 8);
                for (var j = 0; j < Int16(library + 2); j++)
                {
                    yield return new(
                        Text(names, Int32(library + 4)),
                        Text(names, Int32(version + 8)),
                        Int16(version + 6),
                        checked((int)version + 4),
                        (Int16(version + 4) & Weak) != 0);
                    version += Int32(version + 12);
                }

                library += Int32(library + 12);
            }
        }
    }

    /// <summary>The versions that the library defines.</summary>
    public IEnumerable<string> DefinedVersions()
    {
        foreach (var section in Of(VersionDefinitions))
        {
            var definition = section.Offset;
            for (var i = 0; i < section.Count; i++)
            {
                yield return Text(sections[section.Link], Int32(definition + Int32(definition + 12)));
                definition += Int32(definition + 16);
            }
        }
    }

    /// <summary>The symbols of a version that the library needs.</summary>
    public IEnumerable<Symbol> SymbolsOf(VersionNeed need)
    {
        var indices = Of(VersionIndices).Single();
        var table = Of(DynamicSymbols).Single();
        for (var i = 0; i < table.Size / SymbolSize; i++)
        {
            if ((Int16(indices.Offset + (2 * i)) & 0x7fff) == need.Index)
            {
                var symbol = table.Offset + (i * SymbolSize);
                yield return new(i, Text(sections[table.Link], Int32(symbol)), Int16(symbol + 6) != 0);
            }
        }
    }

    /// <summary>Whether the loader looks a symbol up to write its address somewhere.</summary>
    public bool IsRelocated(Symbol symbol) => Of(Rela).Any(section =>
        Enumerable.Range(0, (int)(section.Size / RelocationSize)).Any(i => Int32(section.Offset + (i * RelocationSize) + 12) == symbol.Index));

    /// <summary>The file with the need marked as weak.</summary>
    public byte[] Weaken(VersionNeed need)
    {
        var copy = (byte[])bytes.Clone();
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(need.FlagsAt), (ushort)(Int16(need.FlagsAt) | Weak));
        return copy;
    }

    private IEnumerable<Section> Of(uint type) => sections.Where(section => section.Type == type);

    private Section ReadSection(long at) => new(Int32(at + 4), Int64(at + 24), Int64(at + 32), Int32(at + 40), Int32(at + 44));

    private string Text(Section names, uint at)
    {
        var text = At(names.Offset + at);
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
    }

    private ushort Int16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(At(at));

    private uint Int32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(At(at));

    private long Int64(long at) => BinaryPrimitives.ReadInt64LittleEndian(At(at));

    private ReadOnlySpan<byte> At(long offset) => offset >= 0 && offset < bytes.Length
        ? bytes.AsSpan((int)offset)
        : throw new InvalidDataException($"it is cut off or damaged: it points to byte {offset}, but has {bytes.Length}");
}
