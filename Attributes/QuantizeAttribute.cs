namespace PruneGen;

/// <summary>
/// Has weights and activations be whole numbers of few bits times a scale: <c>PruneAndRetrain</c> quantizes them behind the pruning. On a class it is the
/// default for every layer of the class that reads inputs with weights; on a field or property it is for one layer.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Field | AttributeTargets.Property)]
public sealed class QuantizeAttribute : Attribute
{
    /// <summary>
    /// Bits of a weight, from 2 to 8; 0 leaves weights as they are. 8 by default. It has no say with <see cref="WeightGrid.Binary"/> and
    /// <see cref="WeightGrid.Ternary"/>.
    /// </summary>
    public int Weights { get; set; } = 8;

    /// <summary>Bits of what Linear and convolution layers take in, from 2 to 8; 0 leaves it as it is. 8 by default.</summary>
    public int Activations { get; set; } = 8;

    /// <summary>
    /// The largest error that a weight may have: its layer then has the fewest bits, from 2 to 8, by which the weight with the largest error is off by no
    /// more. It goes before <see cref="Weights"/>. <see cref="double.NaN"/>, the default, for none.
    /// </summary>
    public double Tolerance { get; set; } = double.NaN;

    /// <summary>Which values a weight may have. <see cref="WeightGrid.Symmetric"/> by default.</summary>
    public WeightGrid Grid { get; set; }

    /// <summary>Whether each output channel of a weight has a scale of its own, instead of one for all. True by default.</summary>
    public bool PerChannel { get; set; } = true;

    /// <summary>Which range of a weight is covered. <see cref="RangeRule.Mse"/> by default.</summary>
    public RangeRule WeightRange { get; set; } = RangeRule.Mse;

    /// <summary>A rule of your own for weights, which goes before the named one: it derives from <c>RangeObserver</c> and needs no arguments.</summary>
    public Type? WeightRangeType { get; set; }

    /// <summary>Which range of activations is covered. <see cref="RangeRule.Mse"/> by default.</summary>
    public RangeRule ActivationRange { get; set; } = RangeRule.Mse;

    /// <summary>A rule of your own for activations, which goes before the named one: it derives from <c>RangeObserver</c> and needs no arguments.</summary>
    public Type? ActivationRangeType { get; set; }

    /// <summary>How weights are rounded to the grid. <see cref="Rounding.Nearest"/> by default.</summary>
    public Rounding Rounding { get; set; }

    /// <summary>A way of your own, which goes before the named one: it derives from <c>WeightRounding</c> and needs no arguments.</summary>
    public Type? RoundingType { get; set; }

    /// <summary>
    /// Whether biases take up what rounding has moved the mean of a layer's outputs by (Nagel et al., 2019), where a layer has a bias. False by default.
    /// </summary>
    public bool BiasCorrection { get; set; }

    /// <summary>
    /// α of SmoothQuant, in [0, 1]: how much of the spread among the channels of activations is moved into weights before they are quantized (Xiao et al.,
    /// 2023), where a LayerNorm, a BatchNorm or a layer without an activation function stands before. <see cref="double.NaN"/>, the default, for none.
    /// </summary>
    public double Smooth { get; set; } = double.NaN;

    /// <summary>Whether a BatchNorm becomes a part of the layer before it; on the class of the model that is pruned. True by default.</summary>
    public bool FoldBatchNorm { get; set; } = true;

    /// <summary>
    /// Whether the quantized model is retrained, and how; on the class of the model that is pruned. <see cref="QuantizedTraining.StraightThrough"/> by default.
    /// </summary>
    public QuantizedTraining Training { get; set; } = QuantizedTraining.StraightThrough;

    /// <summary>For how many epochs, on the class of the model that is pruned; at least 0. 3 by default.</summary>
    public int Epochs { get; set; } = 3;

    /// <summary>
    /// The initial learning rate of that, above 0, on the class of the model that is pruned. <see cref="double.NaN"/>, the default, for a tenth of
    /// <see cref="RetrainAttribute.LearningRate"/>.
    /// </summary>
    public double LearningRate { get; set; } = double.NaN;
}

/// <summary>Which values a quantized weight may have.</summary>
public enum WeightGrid
{
    /// <summary>As many above zero as below: with b bits the whole numbers from −(2^(b−1) − 1) to 2^(b−1) − 1, times a scale.</summary>
    Symmetric,

    /// <summary>2^b values from the least to the largest weight, zero among them, by a scale and a zero point.</summary>
    Affine,

    /// <summary>
    /// Two values, one above and one below zero, of the mean magnitude of the weights (Rastegari et al., 2016). What is held at zero stays there.
    /// </summary>
    Binary,

    /// <summary>Zero for weights below 0.7 of the mean magnitude, and two values for the others, of their mean magnitude (Li et al., 2016).</summary>
    Ternary,
}

/// <summary>Which range of numbers a quantized tensor covers; what lies beyond it is moved to its end.</summary>
public enum RangeRule
{
    /// <summary>From the least to the largest number that was seen.</summary>
    MinMax,

    /// <summary>From a moving average of the batches' least numbers to one of their largest, each batch weighing 0.01.</summary>
    MovingAverage,

    /// <summary>All but the outermost 0.01 % on either side.</summary>
    Percentile,

    /// <summary>The range by which the squared error is least: large numbers may be cut off for finer steps.</summary>
    Mse,

    /// <summary>The range by which the distribution of the numbers changes least, by Kullback and Leibler's divergence.</summary>
    Entropy,
}

/// <summary>How weights are rounded to their grid.</summary>
public enum Rounding
{
    /// <summary>To the nearest, halves to even.</summary>
    Nearest,

    /// <summary>Up or down, whichever together keeps the outputs of the layer (AdaRound; Nagel et al., 2020). It needs data.</summary>
    Adaptive,
}

/// <summary>How a quantized model is retrained.</summary>
public enum QuantizedTraining
{
    /// <summary>Not at all: quantization after training.</summary>
    None,

    /// <summary>Gradients pass through the rounding as if it were not there, and are zero beyond the range (Bengio et al., 2013). Scales stay.</summary>
    StraightThrough,

    /// <summary>The same, and the scales learn, too (LSQ; Esser et al., 2020).</summary>
    LearnedSteps,
}
