namespace PruneGen.Generator.Tests;

/// <summary>The reference in <c>docs/api</c> is what the source says.</summary>
public class ApiReferenceTests
{
    public static TheoryData<string, string> Pages => new()
    {
        { "attributes", "PruneGen's attributes" },
        { "runtime", "PruneGen's runtime" },
        { "reports", "PruneGen.Reports" },
        { "pytorch", "PruneGen.PyTorch" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_reference_is_what_the_source_says(string name, string title)
    {
        var page = Of(name).Page(title);
        var path = Repository.PathOf($"docs/api/{name}.md");
        if (!File.Exists(path) || File.ReadAllText(path) != page)
        {
            var received = Repository.PathOf($"docs/api/{name}.received.md");
            Directory.CreateDirectory(Path.GetDirectoryName(received)!);
            File.WriteAllText(received, page);
            Assert.Fail($"{path} is not what the source says; look at {received}, and put it in its place.");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_public_type_is_described(string name, string title)
    {
        var reference = Of(name);
        var page = reference.Page(title);
        Assert.NotEmpty(reference.Types);
        foreach (var part in page.Split("\n## ").Skip(1))
        {
            var lines = part.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length > 2 && lines[2] != "| member | |", $"{lines[0]} has no summary.");
        }
    }

    private static ApiReference Of(string name) => new(name switch
    {
        "attributes" => typeof(PrunableAttribute),
        "runtime" => typeof(PruneOptions),
        "reports" => typeof(HtmlReports),
        _ => typeof(PyTorchWeights),
    });
}
