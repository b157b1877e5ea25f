using System.IO.Compression;
using System.Xml.Linq;
using Xunit;

namespace PruneGen.Package.Tests;

public class PackageTests(PackedPackage package) : IClassFixture<PackedPackage>
{
    [Fact]
    public void ItHoldsTheLibrariesTheGeneratorAndTheTool()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        string[] files = [.. zip.Entries.Select(entry => entry.FullName).Where(name => name.Split('/')[0] is "lib" or "analyzers" or "tools").Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "analyzers/dotnet/cs/PruneGen.CodeFixes.dll",
                "analyzers/dotnet/cs/PruneGen.Generator.dll",
                "lib/net8.0/PruneGen.Attributes.dll",
                "lib/net8.0/PruneGen.Attributes.xml",
                "lib/net8.0/PruneGen.Axes.dll",
                "lib/net8.0/PruneGen.Axes.xml",
                "lib/net8.0/PruneGen.Runtime.dll",
                "lib/net8.0/PruneGen.Runtime.xml",
                "tools/PruneGen.MendTorchSharp.dll",
                "tools/PruneGen.MendTorchSharp.runtimeconfig.json",
            ],
            files);
        Assert.NotNull(zip.GetEntry("README.md"));
    }

    [Fact]
    public void ItDependsOnTorchSharp()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        using Stream stream = zip.GetEntry("PruneGen.nuspec")!.Open();
        XElement nuspec = XElement.Load(stream);
        XNamespace of = nuspec.Name.Namespace;
        string[] dependencies = [.. nuspec.Descendants(of + "dependency").Select(dependency => $"{dependency.Attribute("id")?.Value} {dependency.Attribute("version")?.Value}").Order(StringComparer.Ordinal)];

        Assert.Equal(["Spectre.Console 0.49.1", "TorchSharp 0.107.0"], dependencies);
        Assert.Equal("net8.0", nuspec.Descendants(of + "group").Single().Attribute("targetFramework")?.Value);
    }

    [Fact]
    public void ANewProjectBuildsAndRunsItsGeneratedMethod() =>
        Assert.Equal(
            ["hidden units before: 8", "hidden units after: 2", "output: 3x2"],
            package.BuildAndRun().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
