using Xunit;

namespace PruneGen.Snapshots.Tests;

/// <summary>The calls and files that tests use, on whichever verifier the switch names: approved files serve both.</summary>
public class VerifyTests
{
    [Fact]
    public Task Text() => Verify("one\ntwo\n");

    [Fact]
    public Task TextWithAnExtension() => Verify("class Nothing;\n", "cs");

    [Fact]
    public Task GeneratedFiles() => Verify(GreetingGenerator.Run("class World;"));

    [Fact]
    public Task GeneratedFilesAndDiagnostics() => Verify(GreetingGenerator.Run("""
        // Before
        class Noted
        {
        }
        """).GetRunResult());

    public class Nested
    {
        [Fact]
        public Task Text() => Verify("of a nested class");
    }
}
