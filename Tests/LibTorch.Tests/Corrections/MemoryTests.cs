using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class MemoryTests
{
    /// <summary>
    /// A page of memory that the system gives back zeroed costs more than computing with it. TorchSharp leaves the
    /// allocator as it is, which may return large blocks to the system.
    /// </summary>
    [Fact]
    public void What_one_step_frees_serves_the_next()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        const int Steps = 10;
        Repeat(4 * Steps);
        var before = MinorFaults();
        Repeat(Steps);

        // Five tensors of 6 MB are 7200 pages a step, all of which came from the system before memory was kept.
        Assert.InRange(MinorFaults() - before, 0, Steps * 1000);
    }

    private static void Repeat(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            using var scope = NewDisposeScope();
            for (var tensor = 0; tensor < 5; tensor++)
            {
                zeros(128, 20, 24, 24);
            }
        }
    }

    private static long MinorFaults()
    {
        // The second field is the program's name in parentheses, which may hold spaces; faults are the tenth.
        var stat = File.ReadAllText("/proc/self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[7]);
    }
}
