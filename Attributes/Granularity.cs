namespace PruneGen;

/// <summary>What is removed as one piece. All but <see cref="Structured"/> set weights to zero and hold them there; shapes stay.</summary>
public enum Granularity
{
    /// <summary>Single weights.</summary>
    Unstructured,

    /// <summary>Whole channels, neurons or features are removed, and every layer that they touch becomes smaller.</summary>
    Structured,

    /// <summary>N weights stay of each M along the channels that are read; <c>Sizes</c> are N and M, 2 and 4 by default. The ratio has no say.</summary>
    NOfM,

    /// <summary>Blocks of rows and columns; <c>Sizes</c> are both, 4 and 4 by default.</summary>
    Block,

    /// <summary>The same share of single weights in each large block; <c>Sizes</c> are its rows and columns, 64 and 64 by default.</summary>
    SuperBlock,

    /// <summary>Rows: all weights of an output.</summary>
    Row,

    /// <summary>Columns: the weights of all outputs for one thing that is read.</summary>
    Column,

    /// <summary>Kernels of convolutions: what is between one input channel and one output channel.</summary>
    Kernel,

    /// <summary>
    /// Whole heads of attention leave the model, and nothing else does: where <c>forward</c> cuts queries, keys and values itself and takes the number of heads
    /// from the width, <c>view(b, n, -1, headWidth)</c>.
    /// </summary>
    AttentionHead,

    /// <summary>
    /// Heads of attention become narrower, all of them alike, and nothing else does: where <c>forward</c> takes their width from that of the layers,
    /// <c>view(b, n, heads, -1)</c>.
    /// </summary>
    HeadWidth,

    /// <summary>Four weights of each 3×3 kernel stay, in one of a few patterns; <c>Sizes</c> is how many, 8 by default. Beyond 5/9 whole kernels go.</summary>
    Pattern,
}
