using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>A PyTorch process that trains the same network a round at a time, and sleeps between rounds.</summary>
internal sealed class EagerPyTorch : ISide, IDisposable
{
    private readonly Process process;

    private EagerPyTorch(Process process, string version)
    {
        this.process = process;
        Version = version;
    }

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Starts the process; null where there is no Python with PyTorch.</summary>
    public static EagerPyTorch? Start(string model, int threads, int images, int batchSize)
    {
        var python = Environment.GetEnvironmentVariable("PRUNEGEN_PYTHON") ?? "/usr/bin/python3";
        var script = Path.Combine(AppContext.BaseDirectory, "eager.py");
        var start = new ProcessStartInfo(python, [script, model, Number(threads), Number(images), Number(batchSize)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            var process = Process.Start(start)!;
            if (process.StandardOutput.ReadLine() is string version)
            {
                return new EagerPyTorch(process, version);
            }

            process.Dispose();
        }
        catch (Win32Exception)
        {
            // There is no such program.
        }

        Console.WriteLine($"No eager PyTorch: '{python}' is not there or lacks PyTorch (Debian: python3-torch). PRUNEGEN_PYTHON names another.");
        return null;
    }

    public double Round()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The Python process ended without an answer.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
