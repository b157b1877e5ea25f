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
    /// Mean absolute activation over data (Molchanov et al., "Pruning Convolutional Neural Networks", 2017), observed where the layers
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

    /// <summary>Magnitude of the gradient of the loss by the weight, |∂L/∂w|, the mean over samples. Needs labelled data.</summary>
    Gradient,

    /// <summary>
    /// (weight × gradient)² of the loss of each batch, summed over the weights of a channel (Molchanov et al., "Importance Estimation for Neural
    /// Network Pruning", 2019). Needs labelled data.
    /// </summary>
    TaylorWeight,

    /// <summary>
    /// ½ w² × the mean squared gradient over samples, the diagonal of the empirical Fisher information (Theis et al., "Faster gaze prediction with
    /// dense networks and Fisher pruning", 2018). Needs labelled data.
    /// </summary>
    Fisher,

    /// <summary>½ h w² by the diagonal h of the Hessian of the loss (LeCun et al., "Optimal Brain Damage", 1990). Needs labelled data.</summary>
    Hessian,

    /// <summary>
    /// |weight × gradient| as a share of the sum over all, before training and with global ranking (Lee et al., "SNIP: Single-shot Network Pruning",
    /// 2019). Needs labelled data.
    /// </summary>
    Snip,

    /// <summary>
    /// |weight × gradient| of the output of the predicted class, the mean over samples: what a weight contributes to the prediction. Needs data, and
    /// looks at no labels.
    /// </summary>
    Contribution,

    /// <summary>
    /// Weight × Hessian × gradient, before training and with global ranking: what keeps gradients flowing stays (Wang et al., "Picking Winning
    /// Tickets Before Training by Preserving Gradient Flow", 2020). Needs labelled data.
    /// </summary>
    Grasp,

    /// <summary>
    /// Share of the flow from an input of ones through the magnitudes of the weights, with global ranking in many rounds (Tanaka et al., "Pruning
    /// neural networks without any data by iteratively conserving synaptic flow", 2020). Needs no data, but the input's shape.
    /// </summary>
    SynFlow,

    /// <summary>
    /// Share of the activations that are not zero, 1 − APoZ (Hu et al., "Network Trimming", 2016), for ReLU and its like. Needs data; layers must be
    /// invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    Apoz,

    /// <summary>
    /// Mean rank of a channel's maps behind ReLU (Lin et al., "HRank: Filter Pruning using High-Rank Feature Map", 2020), for two-dimensional
    /// convolutions. Needs data; layers must be invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    HRank,

    /// <summary>
    /// A × D: mean |activation| times mean |derivative of the loss by it|, as a share of the group's largest. Needs labelled data; layers must be
    /// invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    ActivationDerivative,

    /// <summary>
    /// Mean |activation × derivative of the loss by it|, as a share of the group's largest. Needs labelled data; layers must be invoked by
    /// <c>call</c>, not <c>forward</c>.
    /// </summary>
    ActivationDerivativeProduct,

    /// <summary>
    /// |weight| times the norm of the input that it multiplies, compared within each output (Sun et al., "A Simple and Effective Pruning Approach for
    /// Large Language Models", 2023), for single weights. Needs data; layers must be invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    Wanda,

    /// <summary>
    /// By how much the layer's outputs change when a weight goes and the others of its row make good for it, which they then do (Hassibi and Stork, "Optimal
    /// Brain Surgeon", 1993; layer by layer: Dong et al., 2017), for single weights. Needs data; layers must be invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    OptimalBrainSurgeon,

    /// <summary>
    /// The same column by column, for wide layers: the columns behind make good for what goes (Frantar and Alistarh, "SparseGPT", 2023), for single weights.
    /// Needs data; layers must be invoked by <c>call</c>, not <c>forward</c>.
    /// </summary>
    SparseGpt,
}
