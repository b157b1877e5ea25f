namespace PruneGen;

/// <summary>How the importance of a channel, a neuron or a weight is scored. The least important are removed first.</summary>
public enum Criterion
{
    /// <summary>L1 norm of the weights (Li et al., "Pruning Filters for Efficient ConvNets", 2017). Needs no data.</summary>
    L1,

    /// <summary>L2 norm of the weights (Han et al., "Learning both Weights and Connections", 2015). Needs no data.</summary>
    L2,

    /// <summary>A seeded random order: the baseline that any other criterion has to beat. Needs no data.</summary>
    Random,

    /// <summary>
    /// Mean absolute activation over data (Molchanov et al., "Pruning Convolutional Neural Networks", 2017), heard where the layers
    /// that read a channel take it in: behind its activation function, normalisation, pooling and sums. The mean over these layers
    /// where there are several. Layers must be invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    MeanActivation,

    /// <summary>
    /// First-order Taylor expansion of the loss, |activation × gradient| (Molchanov et al., 2017); |Σ weight × gradient| where
    /// <c>forward</c> uses weights of its own (Molchanov et al., 2019). Needs labelled data; layers must be invoked by <c>call</c>,
    /// not <c>forward</c>.
    /// </summary>
    Taylor,

    /// <summary>
    /// L2 norm of a channel's filter, or a neuron's row of weights, alone (Li et al., 2017, with their L1); with a threshold ε, rows below it go.
    /// Needs no data.
    /// </summary>
    FilterNorm,

    /// <summary>
    /// Magnitude of the channel's scale in BatchNorm (Liu et al., "Learning Efficient Convolutional Networks through Network Slimming", 2017).
    /// Needs no data, but a BatchNorm.
    /// </summary>
    BatchNormScale,

    /// <summary>
    /// Sum of the distances to all other filters: those near the geometric median go (FPGM: He et al., "Filter Pruning via Geometric Median",
    /// 2019). Needs no data.
    /// </summary>
    GeometricMedian,

    /// <summary>
    /// Cosine distance to the most similar filter that is left; of two the one with the smaller norm goes (Ayinde et al., "Redundant Feature
    /// Pruning", 2019). Needs no data.
    /// </summary>
    CosineSimilarity,

    /// <summary>
    /// w² by the sum of all squares of the layer that are no smaller, for global ranking of single weights (Lee et al., "Layer-Adaptive Sparsity for
    /// the Magnitude-based Pruning", 2021). Needs no data.
    /// </summary>
    Lamp,
}
