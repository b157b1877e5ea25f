using System.Diagnostics;
using System.Globalization;

namespace PruneGen.Samples.Mpi.Tests;

/// <summary>
/// The sample with MPI, where that is installed. Where it is not, the sample has to say so; what processes do together is tested without MPI in
/// Runtime.Tests.
/// </summary>
public sealed class MpiTests : IDisposable
{
    private const string NotThere = "MPICH is not there: none of";
    private static readonly string[] Few = ["--images", "512", "--batch", "62", "--epochs", "2"];

    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-mpi-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Without_MPI_it_says_what_to_install()
    {
        var (code, output) = Start("dotnet", [Sample, .. Few], library: "no-such-library.so");
        Assert.Equal(1, code);
        Assert.Contains($"{NotThere} no-such-library.so can be loaded. Install it", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_processes_equal_one_with_the_whole_batch()
    {
        if (!HasMpi(out var said))
        {
            Assert.Contains(NotThere, said, StringComparison.Ordinal);
            return;
        }

        Succeeds("dotnet", [Sample, .. Few, "--out", In("one.prune")]);
        var output = Succeeds("mpiexec", ["-n", "2", "dotnet", Sample, .. Few, "--out", In("two.prune")]);
        Assert.Contains("Processes: 2.", output, StringComparison.Ordinal);
        Assert.Single(output.Split("width of conv1").Skip(1));
        Assert.InRange(Difference("one.prune", "two.prune"), 0, 1e-4);
    }

    [Fact]
    public void A_search_of_two_processes_finds_what_one_finds()
    {
        if (!HasMpi(out var said))
        {
            Assert.Contains(NotThere, said, StringComparison.Ordinal);
            return;
        }

        string[] search = [Sample, "search", "--images", "512", "--evaluations", "12"];
        var (one, two) = (Succeeds("dotnet", search), Succeeds("mpiexec", ["-n", "2", "dotnet", .. search]));
        Assert.Contains("Processes: 2.", two, StringComparison.Ordinal);
        Assert.Equal(Found(one), Found(two));

        static string Found(string output) => output[..output.IndexOf("Processes:", StringComparison.Ordinal)];
    }

    [Theory]
    [InlineData("Kill")]
    [InlineData("Throw")]
    public void A_process_that_fails_ends_the_others_and_they_go_on_from_the_checkpoint(string how)
    {
        if (!HasMpi(out var said))
        {
            Assert.Contains(NotThere, said, StringComparison.Ordinal);
            return;
        }

        string[] run = ["-n", "2", "dotnet", Sample, .. Few];
        Succeeds("mpiexec", [.. run, "--out", In("whole.prune")]);
        string[] kept = [.. run, "--out", In("again.prune"), "--checkpoint", In("run")];
        var (code, output) = Start("mpiexec", [.. kept, "--fail-at", "14", "--how", how]);
        Assert.NotEqual(0, code);
        Assert.False(File.Exists(In("again.prune")), output);
        if (how == "Throw")
        {
            Assert.Contains("error: process 1 of 2 has failed, and ends the others. System.InvalidOperationException: This is step 14.", output, StringComparison.Ordinal);
        }

        Assert.NotEmpty(Directory.GetFiles(In("run"), "0*.checkpoint"));
        Succeeds("mpiexec", kept);
        Assert.Equal(0, Difference("whole.prune", "again.prune"));
    }

    private static string Sample => Path.Combine(AppContext.BaseDirectory, "PruneGen.Samples.Mpi.dll");

    private string In(string name) => Path.Combine(folder, name);

    /// <summary>Whether <c>mpiexec</c> is on the path, and the sample can load MPICH.</summary>
    private bool HasMpi(out string said)
    {
        (var code, said) = Start("dotnet", [Sample, "--images", "64", "--epochs", "0", "--out", In("tried.prune")]);
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return code == 0 && paths.Any(path => File.Exists(Path.Combine(path, OperatingSystem.IsWindows() ? "mpiexec.exe" : "mpiexec")));
    }

    private double Difference(string first, string second)
    {
        var output = Succeeds("dotnet", [Sample, "compare", In(first), In(second)]);
        return double.Parse(output[(output.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    private static string Succeeds(string program, string[] arguments)
    {
        var (code, output) = Start(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
        return output;
    }

    private static (int Code, string Output) Start(string program, string[] arguments, string? library = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (library is not null)
        {
            start.Environment[MpiCommunicator.LibraryVariable] = library;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }
}
