using System.CommandLine;
using System.Diagnostics;

namespace PruneGen.Samples;

/// <summary>What the sample programs have in common: they start themselves again, and report errors alike.</summary>
public static class ThisProgram
{
    /// <summary>Runs this program in a new process, with the same console.</summary>
    /// <returns>Its exit code.</returns>
    public static int InNewProcess(params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>How this program is started again.</summary>
    public static ProcessStartInfo StartInfo(params string[] arguments)
    {
        // The program may have been started by its own name or as 'dotnet Program.dll'.
        var program = Environment.ProcessPath!;
        var self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? new[] { Environment.GetCommandLineArgs()[0] } : [];
        return new ProcessStartInfo(program, [.. self, .. arguments]);
    }

    /// <summary>Runs what the command line asks for. Ctrl-C gives it time to stop between two batches and to put back what it has begun.</summary>
    public static Task<int> Run(RootCommand commands, string[] arguments) => commands.Parse(arguments).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
    });

    /// <summary>
    /// Runs a command on a thread of its own, since Ctrl-C is listened to only once this has returned. What a user can do
    /// something about becomes one line on the error stream, and a defect of ours keeps its
    /// stack trace.
    /// </summary>
    public static async Task<int> Guarded(Func<Task<int>> action)
    {
        try
        {
            return await Task.Run(action);
        }
        catch (OperationCanceledException stopped)
        {
            Console.Error.WriteLine($"{stopped.Message} The files are as they were before this step.");
            return 130;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException or RetrainException)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return 1;
        }
    }
}
