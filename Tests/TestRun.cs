using Xunit;

// libtorch's random generator and thread pool belong to the process, so tests run one after the other. A second reason:
// TorchSharp's numbers (Scalar) are freed by a collection that another thread starts while libtorch still reads them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
