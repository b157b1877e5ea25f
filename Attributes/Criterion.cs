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
}
