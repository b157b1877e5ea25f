using System.Reflection;
using Xunit.Sdk;

namespace PruneGen.Snapshots;

/// <summary>Put on a test assembly by Snapshots.props: remembers which test runs, for the names of its files.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class UseSnapshotsAttribute : BeforeAfterTestAttribute
{
    private static readonly AsyncLocal<MethodInfo?> Running = new();

    internal static MethodInfo RunningTest => Running.Value
        ?? throw new InvalidOperationException("No test is running here. Verify is called from a test of a project that imports Tests/Snapshots/Snapshots.props.");

    /// <inheritdoc />
    public override void Before(MethodInfo methodUnderTest) => Running.Value = methodUnderTest;

    /// <inheritdoc />
    public override void After(MethodInfo methodUnderTest) => Running.Value = null;
}
