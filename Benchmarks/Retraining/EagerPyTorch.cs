using System.Diagnostics;
using System.Globalization;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>A PyTorch process that trains the same network a round at a time, and sleeps between rounds.</summary>
internal sealed class EagerPyTorch : IDisposable
{
    private readonly Process process;

    public EagerPyTorch(Settings settings, Widths widths)
    {
        var python = Environment.GetEnvironmentVariable("PRUNEGEN_PYTHON") ?? "/usr/bin/python3";
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "eager.py"),
                Number(settings.Threads), Number(settings.Images), Number(settings.BatchSize),
                Number(widths.Conv1), Number(widths.Conv2), Number(widths.Fc1),
            },
        };
        process = Process.Start(start) ?? throw new InvalidOperationException($"{python} did not start.");
        Version = Answer();
    }

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Trains one round.</summary>
    /// <returns>The seconds that it took, by PyTorch's own clock.</returns>
    public double Round()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        return double.Parse(Answer(), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private string Answer() => process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException($"The Python process ended without an answer. Does '{process.StartInfo.FileName}' have PyTorch (Debian: python3-torch)? Another one can be named in PRUNEGEN_PYTHON.");
}
