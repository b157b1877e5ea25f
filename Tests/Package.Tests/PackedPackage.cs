using System.Reflection;
using System.Runtime.CompilerServices;

namespace PruneGen.Package.Tests;

/// <summary>The package, packed once for all tests into a folder that serves as a package source.</summary>
public sealed class PackedPackage : IDisposable
{
    private readonly DirectoryInfo work = Directory.CreateTempSubdirectory("prunegen-package-");

    public PackedPackage()
    {
        Dotnet.Run(Root(), "pack", "Package", "-nologo", "-c", Built("Configuration"), "-o", Feed);
        File = Directory.GetFiles(Feed, "PruneGen.*.nupkg").Single();
        Version = Path.GetFileNameWithoutExtension(File)["PruneGen.".Length..];
    }

    /// <summary>The .nupkg.</summary>
    public string File { get; }

    /// <summary>The package's version.</summary>
    public string Version { get; }

    /// <summary>Makes a project outside the tree that refers to the package, builds it, runs it, and returns what it printed.</summary>
    public string BuildAndRun()
    {
        string folder = Directory.CreateDirectory(Path.Combine(work.FullName, "NewProject")).FullName;
        Assembly tests = typeof(PackedPackage).Assembly;
        foreach (string name in tests.GetManifestResourceNames())
        {
            using Stream resource = tests.GetManifestResourceStream(name)!;
            using FileStream file = System.IO.File.Create(Path.Combine(folder, name.Replace(".template", "")));
            resource.CopyTo(file);
        }

        // A package folder of its own keeps what was packed here out of the user's; the user's serves for everything else.
        string packages = Path.Combine(work.FullName, "packages");
        Dotnet.Run(folder, "build", "-nologo", "-o", Path.Combine(folder, "out"), $"-p:PruneGenVersion={Version}", $"-p:TorchLibraries={Built("TorchLibraries")}", "-p:CreateSymbolicLinksForCopyLocalIfPossible=true",
            $"-p:RestoreAdditionalProjectSources={Feed}", $"-p:RestorePackagesPath={packages}", $"-p:RestoreFallbackFolders={Built("NuGetPackageRoot")}");

        // What docs/old-linux.md tells users to do. The package cache's own library, which the output folder links to, stays as it is.
        Dotnet.Run(folder, Path.Combine(packages, "prunegen", Version, "tools", "PruneGen.MendTorchSharp.dll"), "out");
        return Dotnet.Run(folder, Path.Combine("out", "NewProject.dll"));
    }

    public void Dispose() => work.Delete(recursive: true);

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "..", "..", ".."));

    private static string Built(string name) =>
        typeof(PackedPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;

    private string Feed => Path.Combine(work.FullName, "feed");
}
