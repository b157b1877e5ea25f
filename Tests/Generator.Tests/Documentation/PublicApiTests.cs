using PublicApiGenerator;

namespace PruneGen.Generator.Tests;

/// <summary>What is public is what is listed beside this file: a change of it is seen, and named in CHANGELOG.md.</summary>
public class PublicApiTests
{
    [Fact]
    public Task Runtime() => Verify(ApiOf(typeof(PruneOptions)));

    [Fact]
    public Task Attributes() => Verify(ApiOf(typeof(PrunableAttribute)));

    [Fact]
    public Task Reports() => Verify(ApiOf(typeof(HtmlReports)));

    [Fact]
    public Task PyTorch() => Verify(ApiOf(typeof(PyTorchWeights)));

    private static string ApiOf(Type type) => type.Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
}
