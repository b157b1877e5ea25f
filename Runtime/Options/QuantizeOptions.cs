using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>How a model or a layer is quantized; whatever it leaves null it takes from the model, or from the defaults.</summary>
public sealed record QuantizeOptions
{
    private const string Attribute = "Quantize";

    /// <summary>
    /// Bits of a weight, from 2 to 8; 0 leaves weights as they are. 8 by default. It has no say with <see cref="WeightGrid.Binary"/> and
    /// <see cref="WeightGrid.Ternary"/>.
    /// </summary>
    public int? Weights { get; init; }

    /// <summary>Bits of what Linear and convolution layers take in, from 2 to 8; 0 leaves it as it is. 8 by default.</summary>
    public int? Activations { get; init; }

    /// <summary>
    /// The largest error that a weight may have, above 0: its layer then has the fewest bits, from 2 to 8, by which the weight with the largest error is off
    /// by no more. It goes before <see cref="Weights"/>. Null, the default, for none.
    /// </summary>
    public double? Tolerance { get; init; }

    /// <summary>Which values a weight may have. <see cref="WeightGrid.Symmetric"/> by default.</summary>
    [JsonConverter(typeof(EnumJson<WeightGrid>))]
    public WeightGrid? Grid { get; init; }

    /// <summary>Whether each output channel of a weight has a scale of its own, instead of one for all. True by default.</summary>
    public bool? PerChannel { get; init; }

    /// <summary>Which range of a weight is covered: a name, or a rule of your own. <see cref="RangeRule.Mse"/> by default.</summary>
    [JsonConverter(typeof(RangeObserverJson))]
    public RangeObserver? WeightRange { get; init; }

    /// <summary>Which range of activations is covered: a name, or a rule of your own. <see cref="RangeRule.Mse"/> by default.</summary>
    [JsonConverter(typeof(RangeObserverJson))]
    public RangeObserver? ActivationRange { get; init; }

    /// <summary>How weights are rounded to the grid: a name, or a way of your own. <see cref="Rounding.Nearest"/> by default.</summary>
    [JsonConverter(typeof(WeightRoundingJson))]
    public WeightRounding? Rounding { get; init; }

    /// <summary>
    /// Whether biases take up what rounding has moved the mean of a layer's outputs by (Nagel et al., 2019), where a layer has a bias. False by default.
    /// </summary>
    public bool? BiasCorrection { get; init; }

    /// <summary>
    /// α of SmoothQuant, in [0, 1]: how much of the spread among the channels of activations is moved into weights before they are quantized (Xiao et al.,
    /// 2023), where a LayerNorm, a BatchNorm or a layer without an activation function stands before. Null, the default, for none.
    /// </summary>
    public double? Smooth { get; init; }

    /// <summary>Whether a BatchNorm becomes a part of the layer before it; it is asked of a whole model. True by default.</summary>
    public bool? FoldBatchNorm { get; init; }

    /// <summary>
    /// Whether <c>PruneAndRetrain</c> retrains the quantized model, and how; it is asked of a whole model.
    /// <see cref="QuantizedTraining.StraightThrough"/> by default.
    /// </summary>
    [JsonConverter(typeof(EnumJson<QuantizedTraining>))]
    public QuantizedTraining? Training { get; init; }

    /// <summary>For how many epochs, at least 0; it is asked of a whole model. 3 by default.</summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// The initial learning rate of that, above 0; it is asked of a whole model. Null, the default, for a tenth of
    /// <see cref="RetrainOptions.LearningRate"/>.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>What holds where nobody says otherwise.</summary>
    internal static QuantizeOptions Defaults { get; } = new()
    {
        Weights = 8,
        Activations = 8,
        Grid = WeightGrid.Symmetric,
        PerChannel = true,
        WeightRange = RangeRule.Mse,
        ActivationRange = RangeRule.Mse,
        Rounding = PruneGen.Rounding.Nearest,
        BiasCorrection = false,
        FoldBatchNorm = true,
        Training = QuantizedTraining.StraightThrough,
        Epochs = 3,
    };

    /// <summary>Whether weights are quantized.</summary>
    internal bool HasWeights => Tolerance is not null || Weights != 0;

    /// <summary>These options, with what they leave null taken from others.</summary>
    internal QuantizeOptions Over(QuantizeOptions? under) => new()
    {
        Weights = Weights ?? under?.Weights,
        Activations = Activations ?? under?.Activations,
        Tolerance = Tolerance ?? (Weights is null ? under?.Tolerance : null),
        Grid = Grid ?? under?.Grid,
        PerChannel = PerChannel ?? under?.PerChannel,
        WeightRange = WeightRange ?? under?.WeightRange,
        ActivationRange = ActivationRange ?? under?.ActivationRange,
        Rounding = Rounding ?? under?.Rounding,
        BiasCorrection = BiasCorrection ?? under?.BiasCorrection,
        Smooth = Smooth ?? under?.Smooth,
        FoldBatchNorm = FoldBatchNorm ?? under?.FoldBatchNorm,
        Training = Training ?? under?.Training,
        Epochs = Epochs ?? under?.Epochs,
        LearningRate = LearningRate ?? under?.LearningRate,
    };

    /// <summary>Checks every value that is given.</summary>
    /// <param name="owner">Whose options these are, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    internal void Validate(string owner)
    {
        const string Bits = "give 2 to 8, or 0 for none";
        Require(Weights, Weights is null or 0 or (>= 2 and <= 8), nameof(Weights), Bits);
        Require(Activations, Activations is null or 0 or (>= 2 and <= 8), nameof(Activations), Bits);
        Require(
            Tolerance, Tolerance is null or (> 0 and < double.PositiveInfinity), nameof(Tolerance),
            "give a number above 0, such as 0.01, or null for none");
        Require(Grid, Grid is null || Enum.IsDefined(Grid.Value), nameof(Grid), "give one of " + string.Join(", ", Enum.GetNames<WeightGrid>()));
        Require(Smooth, Smooth is null or (>= 0 and <= 1), nameof(Smooth), "give a number from 0 to 1, such as 0.5, or null for none");
        Require(
            Training, Training is null || Enum.IsDefined(Training.Value), nameof(Training),
            "give one of " + string.Join(", ", Enum.GetNames<QuantizedTraining>()));
        CodeArguments.Training(Epochs, LearningRate, Attribute, owner);

        void Require(object? value, bool holds, string name, string remedy) => CodeArguments.In(value, holds, Attribute, name, owner, remedy);
    }
}
