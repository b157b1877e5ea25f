using Xunit;

namespace PruneGen.Samples.Mnist.Tests;

public class ThisProgramTests
{
    /// <summary>System.CommandLine listens to Ctrl-C once the command's action has given back its task.</summary>
    [Fact]
    public async Task A_command_that_computes_gives_its_task_back_at_once()
    {
        using var gate = new ManualResetEventSlim();
        var running = ThisProgram.Guarded(() =>
        {
            gate.Wait();
            return Task.FromResult(7);
        });

        Assert.False(running.IsCompleted);
        gate.Set();
        Assert.Equal(7, await running);
    }

    [Fact]
    public async Task A_command_that_was_cancelled_ends_as_one_that_Ctrl_C_stopped() =>
        Assert.Equal(130, await ThisProgram.Guarded(() => throw new OperationCanceledException()));
}
