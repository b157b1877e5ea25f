namespace PruneGen.LibTorch.Tests;

/// <summary>For tests that count the process's tensors, among which are those that earlier tests left to finalizers.</summary>
internal static class Finalizers
{
    /// <summary>Has what nobody holds any more finalized.</summary>
    internal static void Run()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
