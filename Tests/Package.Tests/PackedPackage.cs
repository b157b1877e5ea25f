using System.Reflection;
using System.Runtime.CompilerServices;

namespace PruneGen.Package.Tests;

/// <summary>The package, packed once for all tests into a folder that serves as a package source.</summary>
public sealed class PackedPackage : IDisposable
{
    private readonly DirectoryInfo work = Directory.CreateTempSubdirectory("prunegen-package-");

    public PackedPackage()
    {
        Pack("Package");
        if (TorchBackend == "LibTorch")
        {
            // Stands in for the package TorchSharp, by a version of its own: the real one may lie in the user's folder.
            Pack("LibTorch", "-p:IsPackable=true", "-p:PackageVersion=0.107.0.1");
        }

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
        Dotnet.Run(folder, "build", "-nologo", "-o", Path.Combine(folder, "out"), $"-p:PruneGenVersion={Version}", $"-p:TorchBackend={TorchBackend}",
            $"-p:RestoreAdditionalProjectSources={Feed}", $"-p:RestorePackagesPath={Path.Combine(work.FullName, "packages")}", $"-p:RestoreFallbackFolders={Built("NuGetPackageRoot")}");
        return Dotnet.Run(folder, Path.Combine("out", "NewProject.dll"));
    }

    public void Dispose() => work.Delete(recursive: true);

    private static string TorchBackend => Built("TorchBackend");

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "..", "..", ".."));

    private static string Built(string name) =>
        typeof(PackedPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;

    private string Feed => Path.Combine(work.FullName, "feed");

    private void Pack(string project, params string[] more) =>
        Dotnet.Run(Root(), ["pack", project, "-nologo", "-c", Built("Configuration"), "-o", Feed, $"-p:TorchBackend={TorchBackend}", .. more]);
}
