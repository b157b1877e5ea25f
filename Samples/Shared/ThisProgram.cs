using System.Diagnostics;

namespace PruneGen.Samples;

/// <summary>What the sample programs have in common: they start themselves again, and report errors alike.</summary>
internal static class ThisProgram
{
    /// <summary>Runs this program in a new process, with the same console.</summary>
    /// <returns>Its exit code.</returns>
    public static int InNewProcess(params string[] arguments)
    {
        // The program may have been started by its own name or as 'dotnet Program.dll'.
        var program = Environment.ProcessPath!;
        var self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? new[] { Environment.GetCommandLineArgs()[0] } : [];
        using var process = Process.Start(program, [.. self, .. arguments]);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>
    /// Runs a command: what a user can do something about becomes one line on the error stream, and a defect of ours keeps its
    /// stack trace.
    /// </summary>
    public static async Task<int> Guarded(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped. The files are as they were before this step.");
            return 130;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException or RetrainException)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return 1;
        }
    }
}
