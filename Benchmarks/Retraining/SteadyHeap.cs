using System.Runtime.InteropServices;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>
/// The C library hands large freed blocks back to the system by a rule that learns from what went before, so one side of a round would pay
/// for tens of thousands of page faults that another is spared. With freed memory kept, no side has any.
/// </summary>
internal static class SteadyHeap
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD of mallopt(3); -1 turns trimming off.
    private const int MmapMax = -4; // M_MMAP_MAX of mallopt(3); with 0, large blocks come from the heap too.

    /// <summary>Keeps freed memory for the rest of the process; only on Linux, where TorchSharp needs glibc.</summary>
    public static void KeepFreedMemory()
    {
        if (OperatingSystem.IsLinux() && (mallopt(TrimThreshold, -1) == 0 || mallopt(MmapMax, 0) == 0))
        {
            Console.Error.WriteLine("The C library does not keep freed memory here; page faults may fall on one side alone.");
        }
    }

    [DllImport("libc", ExactSpelling = true)]
    private static extern int mallopt(int parameter, int value);
}
