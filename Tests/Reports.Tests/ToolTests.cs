using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Reports.Tests;

/// <summary>The command, as a user starts it.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-tool-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Show_tells_what_is_in_a_file()
    {
        var (code, output, _) = Run("show", Pruned("net.prune", 0.5));
        Assert.Equal(0, code);
        Assert.Contains("PruneGen.Reports.Tests.HtmlReportTests+Net", output, StringComparison.Ordinal);
        Assert.Contains("  first          4 of 8, 50 % gone", output, StringComparison.Ordinal);
        Assert.Contains("| test error", output, StringComparison.Ordinal);
        Assert.Contains("Pruned by PruneGen ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_tell_the_widths()
    {
        var (code, output, _) = Run("groups", Pruned("net.prune", 0.75));
        Assert.Equal((0, "  first          2 of 8, 75 % gone\n  second         3 of 10, 70 % gone\n"), (code, output));
    }

    [Fact]
    public void Report_writes_a_page()
    {
        var (code, output, _) = Run("report", Pruned("net.prune", 0.5));
        Assert.Equal(0, code);
        Assert.Contains("net.html", output, StringComparison.Ordinal);
        Assert.Contains("What was removed?", File.ReadAllText(Path.Combine(folder, "net.html")), StringComparison.Ordinal);
        Run("report", Path.Combine(folder, "net.prune"), Path.Combine(folder, "page.html"));
        Assert.True(File.Exists(Path.Combine(folder, "page.html")));
    }

    [Fact]
    public void Diff_tells_what_differs()
    {
        var (first, second) = (Pruned("first.prune", 0.5), Pruned("second.prune", 0.75));
        var (code, output, _) = Run("diff", first, second);
        Assert.Equal(1, code);
        Assert.Contains("width of first: 4 | 2\n", output, StringComparison.Ordinal);
        Assert.Contains("shape of last.weight: Float32 [3, 5] | Float32 [3, 3]\n", output, StringComparison.Ordinal);
        Assert.Contains("ratio: 0.5 | 0.75\n", output, StringComparison.Ordinal);
        Assert.Equal((0, "Nothing differs but, maybe, the weights.\n"), (Run("diff", first, first) is var same ? (same.Code, same.Output) : default));
    }

    [Fact]
    public void Files_that_cannot_be_read_are_one_line()
    {
        var other = Path.Combine(folder, "other.prune");
        File.WriteAllText(other, "something else");
        foreach (var path in new[] { other, Path.Combine(folder, "missing.prune") })
        {
            var (code, output, errors) = Run("show", path);
            Assert.Equal((1, ""), (code, output));
            Assert.StartsWith("error: ", errors, StringComparison.Ordinal);
            Assert.Single(errors.Trim().Split('\n'));
        }
    }

    private string Pruned(string name, double ratio)
    {
        using var model = new HtmlReportTests.Net();
        HtmlReportTests.Prune(model, ratio);
        model.SavePruned(Path.Combine(folder, name));
        return Path.Combine(folder, name);
    }

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "prunegen.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.ReplaceLineEndings("\n"), errors.Result);
    }
}
