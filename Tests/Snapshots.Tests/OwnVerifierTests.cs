using Microsoft.CodeAnalysis;
using Xunit;

namespace PruneGen.Snapshots.Tests;

public class OwnVerifierTests
{
    [Fact]
    public void AnExceptionOfTheGeneratorIsThrown()
    {
        GeneratorDriverRunResult run = GreetingGenerator.Run("class Broken;").GetRunResult();
        var error = Assert.Throws<InvalidOperationException>(() => GeneratorSnapshots.Of(run));
        Assert.Equal("broken on purpose", error.Message);
    }

    [Fact]
    public void WithoutDiagnosticsThereIsNoTextForThem() =>
        Assert.Equal(["World.Bye.g", "World.Hello.g"], GeneratorSnapshots.Of(GreetingGenerator.Run("class World;").GetRunResult()).Select(snapshot => snapshot.Name));
}
