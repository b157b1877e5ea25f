using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>The sample's model: what its generated code is, and that the documentation shows it as it is.</summary>
public class LeNetTests
{
    private const string Example = "docs/generated/LeNet5.g.cs";

    [Fact]
    public Task GeneratedCode() => Verify(LeNet().Clean().Driver);

    [Fact]
    public void The_documentation_shows_the_generated_code_as_it_is() =>
        Assert.True(LeNet().Text == File.ReadAllText(Repository.PathOf(Example)), $"{Example} is not what the generator writes for the sample; copy it from the snapshot of LeNetTests.GeneratedCode.");

    private static Compiled LeNet() => Compiled.From(Compiled.Parse("#nullable enable\n" + File.ReadAllText(Repository.PathOf("Samples/Mnist/LeNet5.cs")), "LeNet5.cs"));
}
