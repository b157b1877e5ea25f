using System.Runtime.InteropServices;
using PruneGen.MendTorchSharp;

// Run by the build on each program's output folder, and by whoever meets the loader's message by hand.
var quiet = args.Contains("--quiet");
if (args.Where(argument => argument != "--quiet").ToArray() is not [var folder] || folder is "--help" or "-h")
{
    Console.WriteLine($"Lets TorchSharp's {Mend.FileName} load on a Linux whose C++ library is older than GCC 13 (\"version `GLIBCXX_3.4.32' not found\").");
    Console.WriteLine("Give the folder that a program was built or published into; --quiet says nothing where there is nothing to do.");
    return args is ["--help" or "-h"] ? 0 : 2;
}

if (!OperatingSystem.IsLinux())
{
    return NothingToDo("only Linux needs it");
}

try
{
    var files = Directory.GetFiles(folder, Mend.FileName, SearchOption.AllDirectories);
    if (files.Length == 0)
    {
        Console.Error.WriteLine(
            $"There is no {Mend.FileName} in {Path.GetFullPath(folder)} or below; give the folder that the program was built or published into.");
        return 2;
    }

    var has = new ElfFile(File.ReadAllBytes(SystemLibrary())).DefinedVersions().ToHashSet(StringComparer.Ordinal);
    var done = files.Select(file => Mend.Apply(file, has)).OfType<string>().ToArray();
    Array.ForEach(done, Console.WriteLine);
    return done.Length > 0 ? 0 : NothingToDo("this system's C++ library has every version that it needs, or it is mended already");
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

int NothingToDo(string reason)
{
    if (!quiet)
    {
        Console.WriteLine($"{folder}: nothing to do, {reason}.");
    }

    return 0;
}

// The one that programs get here: .NET itself is written in C++, so this process has loaded it.
static string SystemLibrary()
{
    NativeLibrary.Load("libstdc++.so.6");
    return File.ReadLines("/proc/self/maps")
        .Select(line => line[(line.IndexOf('/') + 1)..])
        .Where(path => path.Contains("/libstdc++.so.6"))
        .Select(path => "/" + path)
        .First();
}
