using System.Reflection;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Where a run was made, for whoever wants to repeat it.</summary>
/// <param name="PruneGen">The version of PruneGen.</param>
/// <param name="TorchSharp">The version of TorchSharp.</param>
/// <param name="Runtime">The .NET that ran it: <c>.NET 10.0.1</c>.</param>
/// <param name="System">The operating system and the processor's architecture.</param>
/// <param name="Threads">Threads that libtorch used within an operation.</param>
/// <param name="Finished">When it was over.</param>
public sealed record RunEnvironment(string PruneGen, string TorchSharp, string Runtime, string System, int Threads, DateTimeOffset Finished)
{
    /// <summary>This process at this moment.</summary>
    internal static RunEnvironment Now() => new(
        VersionOf(typeof(RunEnvironment)),
        VersionOf(typeof(nn.Module)),
        RuntimeInformation.FrameworkDescription,
        $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
        get_num_threads(),
        DateTimeOffset.Now);

    // Without the commit, which stands behind a plus.
    private static string VersionOf(Type type) =>
        (type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{type.Assembly.GetName().Version}").Split('+')[0];
}
