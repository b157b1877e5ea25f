using System.Reflection;

namespace PruneGen.Generator.Diagnostics;

/// <summary>What the build of the generator says, so that packages, messages and documentation say the same.</summary>
internal static class BuildFacts
{
    /// <summary>The address that documentation pages are below.</summary>
    public static string Documentation { get; } = Of(nameof(Documentation));

    /// <summary>The lowest version of TorchSharp that the runtime works with.</summary>
    public static Version TorchSharp { get; } = Version.Parse(Of(nameof(TorchSharp)));

    private static string Of(string key) =>
        typeof(BuildFacts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
