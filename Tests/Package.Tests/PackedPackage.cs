using System.Reflection;
using System.Runtime.CompilerServices;

namespace PruneGen.Package.Tests;

/// <summary>The package, packed once for all tests into a folder that serves as a package source.</summary>
public sealed class PackedPackage : IDisposable
{
    private readonly DirectoryInfo work = Directory.CreateTempSubdirectory("prunegen-package-");

    public PackedPackage()
    {
        foreach (string project in new[] { "Package", "Reports", "Templates" })
        {
            Dotnet.Run(Root(), "pack", project, "-nologo", "-c", Built("Configuration"), "-o", Feed, $"-p:PackageVersion={Version}");
        }

        File = Directory.GetFiles(Feed, "PruneGen.*.nupkg").Single(path => char.IsAsciiDigit(Path.GetFileName(path)["PruneGen.".Length]));
    }

    /// <summary>The .nupkg.</summary>
    public string File { get; }

    /// <summary>The package's version: one that no package folder of the machine has, since a copy from there would be tested in its place.</summary>
    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    /// <summary>Makes a project outside the tree that refers to the package, builds it, runs it, and returns what it printed.</summary>
    public string BuildAndRun()
    {
        string folder = BuiltWith("NewProject");

        // What docs/old-linux.md tells users to do. The package cache's own library, which the output folder links to, stays as it is.
        Dotnet.Run(folder, Path.Combine(Packages, "prunegen", Version, "tools", "PruneGen.MendTorchSharp.dll"), "out");
        return Dotnet.Run(folder, Path.Combine("out", "NewProject.dll"));
    }

    /// <summary>Makes such a project, and builds it with properties.</summary>
    /// <returns>Its folder.</returns>
    public string BuiltWith(string name, params string[] properties)
    {
        string folder = Make(name);
        Build(folder, properties);
        return folder;
    }

    /// <summary>The same with more files in it.</summary>
    public string BuiltWith(string name, (string Name, string Content)[] files, params string[] properties)
    {
        string folder = Make(name);
        foreach ((string file, string content) in files)
        {
            System.IO.File.WriteAllText(Path.Combine(folder, file), content);
        }

        Build(folder, properties);
        return folder;
    }

    /// <summary>Does what a new user does: installs the template, makes a project of it, builds it and runs it.</summary>
    /// <returns>What it printed, and its folder.</returns>
    public (string Output, string Folder) OfTemplate()
    {
        string folder = Path.Combine(work.FullName, "MyPruning");
        string[] hive = ["--debug:custom-hive", Path.Combine(work.FullName, "hive")];
        Dotnet.Run(work.FullName, ["new", "install", Path.Combine(Feed, $"PruneGen.Templates.{Version}.nupkg"), .. hive]);
        Dotnet.Run(work.FullName, ["new", "prunegen", "-o", folder, .. hive]);
        Build(folder);
        return (Dotnet.Run(folder, Path.Combine("out", "MyPruning.dll")), folder);
    }

    private string Make(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(work.FullName, name)).FullName;
        Assembly tests = typeof(PackedPackage).Assembly;
        foreach (string resourceName in tests.GetManifestResourceNames())
        {
            using Stream resource = tests.GetManifestResourceStream(resourceName)!;
            using FileStream file = System.IO.File.Create(Path.Combine(folder, resourceName.Replace(".template", "")));
            resource.CopyTo(file);
        }

        return folder;
    }

    // A package folder of its own keeps what was packed here out of the user's; the user's serves for everything else.
    private void Build(string folder, params string[] properties) => Dotnet.Run(
        folder,
        [
            "build", "-nologo", "-o", Path.Combine(folder, "out"), $"-p:PruneGenVersion={Version}", $"-p:TorchLibraries={Built("TorchLibraries")}",
            "-p:CreateSymbolicLinksForCopyLocalIfPossible=true", $"-p:RestoreAdditionalProjectSources={Feed}", $"-p:RestorePackagesPath={Packages}",
            $"-p:RestoreFallbackFolders={Built("NuGetPackageRoot")}", .. properties,
        ]);

    private string Packages => Path.Combine(work.FullName, "packages");

    public void Dispose() => work.Delete(recursive: true);

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "..", "..", ".."));

    private static string Built(string name) =>
        typeof(PackedPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;

    private string Feed => Path.Combine(work.FullName, "feed");
}
