namespace PruneGen.MendTorchSharp;

/// <summary>
/// Lets TorchSharp's native library load where the system's C++ library is older than GCC 13. It asks for the version
/// GLIBCXX_3.4.32 for one symbol's sake, which newer compilers put into every program and nothing looks up. A version need
/// that is marked as weak does not keep the loader from going on.
/// </summary>
internal static class Mend
{
    /// <summary>The native library's file name on Linux.</summary>
    public const string FileName = "libLibTorchSharp.so";

    private const string Library = "libstdc++.so.6";
    private const string Version = "GLIBCXX_3.4.32";

    // Initialises the standard streams; before GCC 13 the C++ library did that by itself.
    private const string Symbol = "_ZSt21ios_base_library_initv";

    /// <summary>Mends a file where the system needs that. The file is replaced, not written to: it may be a link to the package cache's own.</summary>
    /// <param name="file">The path of the native library.</param>
    /// <param name="has">The versions of symbols that the system's C++ library defines.</param>
    /// <returns>What was done, in a sentence; null where there is nothing to do.</returns>
    /// <exception cref="InvalidDataException">The file is not what this knows how to mend, and was left alone.</exception>
    public static string? Apply(string file, IReadOnlySet<string> has)
    {
        try
        {
            var elf = new ElfFile(File.ReadAllBytes(file));
            var lacking = elf.Needs().Where(need => need.Library == Library && !need.IsWeak && !has.Contains(need.Version)).ToArray();
            if (lacking.Length == 0)
            {
                return null;
            }

            Replace(file, elf.Weaken(OnlyVersion(elf, lacking)));
            return $"{file}: marked {Version} as a version that may be missing. This system's {Library} does not have it, and nothing in the file uses it.";
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{file} was left as it is: {error.Message}.", error);
        }
    }

    private static ElfFile.VersionNeed OnlyVersion(ElfFile elf, ElfFile.VersionNeed[] lacking)
    {
        if (lacking is not [{ Version: Version } need])
        {
            throw new InvalidDataException(
                $"it needs {string.Join(", ", lacking.Select(need => need.Version))} of {Library}, which this system does not have, and only {Version} "
                    + $"can be done without. Use a newer system (GCC 13's C++ library or later), or an older TorchSharp");
        }

        var symbols = elf.SymbolsOf(need).ToArray();
        return symbols is [{ Name: Symbol, IsDefined: false } symbol] && !elf.IsRelocated(symbol)
            ? need
            : throw new InvalidDataException(
                $"it uses {string.Join(", ", symbols.Select(symbol => symbol.Name))} of {Version}, which this system's {Library} does not have. Use a "
                    + $"newer system (GCC 13's C++ library or later), or an older TorchSharp");
    }

    private static void Replace(string file, byte[] content)
    {
        // Under a name of its own: two builds may be at the same folder.
        var mended = $"{file}.{Guid.NewGuid():N}";
        File.WriteAllBytes(mended, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(mended, File.GetUnixFileMode(file));
        }

        // With its size and time unchanged, a later build sees a file that is up to date.
        File.SetLastWriteTimeUtc(mended, File.GetLastWriteTimeUtc(file));
        File.Move(mended, file, overwrite: true);
    }
}
