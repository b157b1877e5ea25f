// libtorch's random generator and thread pool belong to the process, so tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
