using Xunit;

// Seeds, print options, default types and the count of tensors are the process's: tests that touch them cannot run
// side by side.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
