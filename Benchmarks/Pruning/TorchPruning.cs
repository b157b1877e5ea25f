using System.Diagnostics;
using System.Globalization;

namespace PruneGen.Benchmarks.Pruning;

/// <summary>A Python process that prunes the same models by Torch-Pruning, one at a time, and sleeps in between.</summary>
internal sealed class TorchPruning : IDisposable
{
    private readonly Process process;

    public TorchPruning(int threads)
    {
        var python = Environment.GetEnvironmentVariable("PRUNEGEN_PYTHON") ?? "/usr/bin/python3";
        process = Process.Start(new ProcessStartInfo(python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "torch_pruning_side.py"), threads.ToString(CultureInfo.InvariantCulture) },
        }) ?? throw new InvalidOperationException($"{python} did not start.");
        Version = Answer();
    }

    /// <summary>The versions of Torch-Pruning and PyTorch.</summary>
    public string Version { get; }

    /// <summary>Builds the graph of a new model and takes one pruning step.</summary>
    public (double Seconds, long Parameters) Round(string model)
    {
        process.StandardInput.WriteLine(model);
        process.StandardInput.Flush();
        var answer = Answer().Split(' ');
        return (double.Parse(answer[0], CultureInfo.InvariantCulture), long.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Scores all groups of a new model over so many samples.</summary>
    /// <returns>The seconds of the passes over the samples and of the scores; not a number where it has no such criterion.</returns>
    public double Score(string model, Criterion criterion, int samples)
    {
        process.StandardInput.WriteLine(FormattableString.Invariant($"{model} {criterion} {samples}"));
        process.StandardInput.Flush();
        return double.Parse(Answer(), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private string Answer() => process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException(
            $"The Python process ended without an answer. Has '{process.StartInfo.FileName}' PyTorch and torch-pruning? Another Python can be named in "
                + $"PRUNEGEN_PYTHON, a folder of modules in PYTHONPATH.");
}
