using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace PruneGen.MendTorchSharp.Tests;

public sealed class MendTests : IDisposable
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";

    private static readonly string Original = Path.Combine(
        typeof(MendTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "TorchSharp").Value!,
        "runtimes", "linux-x64", "native", Mend.FileName);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunegen-mend-");

    private string Library => Path.Combine(folder.FullName, Mend.FileName);

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void One_flag_of_the_one_missing_version_is_set_and_all_else_stays()
    {
        File.Copy(Original, Library);
        var (time, before) = (File.GetLastWriteTimeUtc(Library), File.ReadAllBytes(Library));

        var said = Mend.Apply(Library, AllBut(Version));

        Assert.Contains(Version, said);
        Assert.Contains(Library, said);
        var after = File.ReadAllBytes(Library);
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToArray();
        var at = Assert.Single(changed);
        Assert.Equal((0, 2), (before[at], after[at]));
        Assert.True(new ElfFile(after).Needs().Single(need => need.Version == Version).IsWeak);
        Assert.Equal(time, File.GetLastWriteTimeUtc(Library));
        Assert.Equal([Library], Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void A_mended_file_is_left_alone()
    {
        File.Copy(Original, Library);
        Mend.Apply(Library, AllBut(Version));
        var mended = File.ReadAllBytes(Library);

        Assert.Null(Mend.Apply(Library, AllBut(Version)));
        Assert.Equal(mended, File.ReadAllBytes(Library));
    }

    [Fact]
    public void Builds_at_the_same_time_mend_a_file_together()
    {
        using var start = new Barrier(4);
        for (var round = 0; round < 20; round++)
        {
            File.Copy(Original, Library, overwrite: true);
            var errors = new Exception?[start.ParticipantCount];
            var builds = errors.Select((_, i) => new Thread(() =>
            {
                start.SignalAndWait();
                errors[i] = Record.Exception(() => Mend.Apply(Library, AllBut(Version)));
            })).ToArray();
            Array.ForEach(builds, build => build.Start());
            Array.ForEach(builds, build => build.Join());

            Assert.All(errors, Assert.Null);
            Assert.Null(Mend.Apply(Library, AllBut(Version)));
            Assert.Equal([Library], Directory.GetFiles(folder.FullName));
        }
    }

    [Fact]
    public void Where_the_system_has_every_version_the_file_is_left_alone()
    {
        File.Copy(Original, Library);
        Assert.Null(Mend.Apply(Library, AllBut()));
        Assert.Equal(File.ReadAllBytes(Original), File.ReadAllBytes(Library));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_link_is_replaced_and_what_it_led_to_stays(bool symbolic)
    {
        var cached = Path.Combine(folder.FullName, "cached.so");
        File.Copy(Original, cached);
        Link(cached, symbolic);

        Assert.NotNull(Mend.Apply(Library, AllBut(Version)));
        Assert.Equal(File.ReadAllBytes(Original), File.ReadAllBytes(cached));
        Assert.NotEqual(File.ReadAllBytes(Original), File.ReadAllBytes(Library));
        Assert.Null(new FileInfo(Library).LinkTarget);
    }

    [Fact]
    public void A_file_that_lacks_another_version_too_is_left_alone()
    {
        File.Copy(Original, Library);
        AssertLeftAlone(AllBut(Version, "GLIBCXX_3.4.29"), $"{Library} was left as it is: it needs GLIBCXX_3.4.");
    }

    [Fact]
    public void A_file_that_uses_another_symbol_of_that_version_is_left_alone()
    {
        WriteChanged((bytes, _) => bytes[IndexOf(bytes, Symbol) + 1] = (byte)'Y');
        AssertLeftAlone(AllBut(Version), $"it uses _YSt21ios_base_library_initv of {Version}");
    }

    [Fact]
    public void A_file_that_looks_the_symbol_up_is_left_alone()
    {
        WriteChanged((bytes, elf) =>
        {
            // Any relocation by symbol (R_X86_64_JUMP_SLOT is 7) is made to ask for this one.
            var symbol = elf.SymbolsOf(elf.Needs().Single(need => need.Version == Version)).Single();
            BitConverter.TryWriteBytes(bytes.AsSpan(FirstJumpSlot(bytes) + 12), symbol.Index);
        });
        AssertLeftAlone(AllBut(Version), $"it uses {Symbol} of {Version}");
    }

    [Theory]
    [InlineData(0, "not a 64-bit little-endian ELF file")]
    [InlineData(40, "not a 64-bit little-endian ELF file")]
    [InlineData(5000, "cut off or damaged")]
    [InlineData(2_000_000, "cut off or damaged")]
    public void A_file_that_is_cut_off_is_left_alone(int length, string reason)
    {
        File.WriteAllBytes(Library, File.ReadAllBytes(Original)[..length]);
        AssertLeftAlone(AllBut(Version), reason);
    }

    [Fact]
    public void The_program_says_what_it_did_and_what_is_wrong()
    {
        Assert.Equal(2, Run(out var output));
        Assert.Contains("Give the folder", output);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Assert.Equal(2, Run(out output, folder.FullName));
        Assert.Contains("give the folder that the program was built or published into", output);

        var library = Path.Combine(folder.CreateSubdirectory("runtimes").FullName, Mend.FileName);
        File.Copy(Original, library);
        Assert.Equal(0, Run(out output, folder.FullName));
        Assert.Contains(File.ReadAllBytes(library).AsSpan().SequenceEqual(File.ReadAllBytes(Original)) ? "nothing to do" : library, output);
        Assert.Equal(0, Run(out output, folder.FullName));
        Assert.Contains("nothing to do", output);
        Assert.Equal(0, Run(out output, "--quiet", folder.FullName));
        Assert.Equal("", output);

        File.WriteAllText(library, "no library");
        Assert.Equal(1, Run(out output, folder.FullName));
        Assert.Contains("was left as it is", output);
    }

    /// <summary>A system that has every version that the library needs but for these.</summary>
    private static HashSet<string> AllBut(params string[] lacking) =>
        [.. new ElfFile(File.ReadAllBytes(Original)).Needs().Select(need => need.Version).Where(version => !lacking.Contains(version))];

    private static int IndexOf(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text));

    private static int FirstJumpSlot(byte[] bytes)
    {
        // Sections from the header: of those of type SHT_RELA the one whose first entry is a jump slot.
        var (start, count) = (BitConverter.ToInt64(bytes, 40), BitConverter.ToUInt16(bytes, 60));
        return Enumerable.Range(0, count).Select(i => (int)start + (i * 64)).Where(section => BitConverter.ToUInt32(bytes, section + 4) == 4)
            .Select(section => (int)BitConverter.ToInt64(bytes, section + 24)).First(entry => BitConverter.ToUInt32(bytes, entry + 8) == 7);
    }

    private static int Run(out string output, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Mend).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Link(string target, bool symbolic)
    {
        if (symbolic)
        {
            File.CreateSymbolicLink(Library, target);
        }
        else
        {
            var (program, arguments) = OperatingSystem.IsWindows() ? ("cmd", new[] { "/c", "mklink", "/H", Library, target }) : ("ln", [target, Library]);
            Process.Start(program, arguments).WaitForExit();
        }
    }

    private void WriteChanged(Action<byte[], ElfFile> change)
    {
        var bytes = File.ReadAllBytes(Original);
        change(bytes, new ElfFile(bytes));
        File.WriteAllBytes(Library, bytes);
    }

    private void AssertLeftAlone(IReadOnlySet<string> has, string reason)
    {
        var before = File.ReadAllBytes(Library);
        var error = Assert.Throws<InvalidDataException>(() => Mend.Apply(Library, has));
        Assert.Contains(reason, error.Message);
        Assert.Equal(before, File.ReadAllBytes(Library));
        Assert.Equal([Library], Directory.GetFiles(folder.FullName));
    }
}
