using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>
/// Runs the classes of one assembly in a process of its own, since a model that was created with guesses may end the process
/// that it runs in. The process is started anew behind such a class, and behind one that takes too long.
/// </summary>
/// <param name="assembly">The file with the classes.</param>
internal sealed class RunnerProcess(string assembly) : IDisposable
{
    /// <summary>The command that makes this program such a process.</summary>
    public const string Command = "run-classes";

    /// <summary>The line that says that a class now is pruned and compared.</summary>
    private const string Compares = "compares";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private Process? process;

    /// <summary>Runs one class.</summary>
    public Outcome Run(string name)
    {
        if (process is { HasExited: true })
        {
            Dispose();
        }

        process ??= Start();
        process.StandardInput.WriteLine(name);
        process.StandardInput.Flush();
        var compares = false;
        using var late = new CancellationTokenSource(Longest);
        try
        {
            while (process.StandardOutput.ReadLineAsync(late.Token).AsTask().GetAwaiter().GetResult() is { } line)
            {
                if (line != Compares)
                {
                    return JsonSerializer.Deserialize<Outcome>(line)!;
                }

                compares = true;
            }

            process.WaitForExit();
            var code = process.ExitCode;
            return compares
                ? new Outcome(name, Verdict.Wrong, $"ended the process with exit code {code} while it was compared")
                : new Outcome(name, Verdict.NotRun, $"ended the process with exit code {code}");
        }
        catch (OperationCanceledException)
        {
            return new Outcome(name, Verdict.NotRun, compares ? "took too long while it was compared" : "took too long");
        }
        finally
        {
            if (process.HasExited || late.IsCancellationRequested)
            {
                Dispose();
            }
        }
    }

    /// <summary>What such a process does: reads the names of classes, and writes what became of each.</summary>
    public static void Serve(FileInfo file)
    {
        // What the classes write and read must not come between.
        var (names, answers) = (Console.In, new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        Console.SetIn(TextReader.Null);
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
        var loaded = AssemblyLoadContext.Default.LoadFromAssemblyPath(file.FullName);
        while (names.ReadLine() is { } name)
        {
            var outcome = loaded.GetType(name) is { } type && typeof(IPrunable).IsAssignableFrom(type)
                ? ClassRunner.Run(type, name, () => answers.WriteLine(Compares))
                : new Outcome(name, Verdict.NotRun, "uses what does not compile");
            answers.WriteLine(JsonSerializer.Serialize(outcome));
        }
    }

    public void Dispose()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process?.Dispose();
        process = null;
    }

    private Process Start()
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(Command);
        start.ArgumentList.Add(assembly);
        return Process.Start(start)!;
    }
}
