using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>How the weights of a model or a layer share values; whatever it leaves null it takes from the model, or from the defaults.</summary>
public sealed record ShareOptions
{
    /// <summary>
    /// The layer has at most 2 to the power of this different weights beside zero, from 1 to 12; 0 leaves its weights as they are. 5 by default. It has no
    /// say where a hash shares them.
    /// </summary>
    public int? Bits { get; init; }

    /// <summary>Which weights share a value: a name, or a way of your own. <see cref="SharedBy.LinearKMeans"/> by default.</summary>
    [JsonConverter(typeof(CodeAssignmentJson))]
    public CodeAssignment? By { get; init; }

    /// <summary>With <see cref="SharedBy.Hash"/>, the number of values as a share of the weights, above 0 and below 1. 0.125 by default.</summary>
    public double? Rate { get; init; }

    /// <summary>For how many epochs <c>PruneAndRetrain</c> trains the values, at least 0; it is asked of a whole model. 3 by default.</summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// The initial learning rate of that, above 0; it is asked of a whole model. Null, the default, for a tenth of
    /// <see cref="RetrainOptions.LearningRate"/>.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>What holds where nobody says otherwise.</summary>
    internal static ShareOptions Defaults { get; } = new() { Bits = 5, By = SharedBy.LinearKMeans, Rate = 0.125, Epochs = 3 };

    /// <summary>Whether weights are shared at all.</summary>
    internal bool IsOn => Bits != 0;

    /// <summary>These options, with what they leave null taken from others.</summary>
    internal ShareOptions Over(ShareOptions? under) => new()
    {
        Bits = Bits ?? under?.Bits,
        By = By ?? under?.By,
        Rate = Rate ?? under?.Rate,
        Epochs = Epochs ?? under?.Epochs,
        LearningRate = LearningRate ?? under?.LearningRate,
    };

    /// <summary>Checks every value that is given.</summary>
    /// <param name="owner">Whose options these are, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    internal void Validate(string owner)
    {
        CodeArguments.In(Bits, Bits is null or (>= 0 and <= 12), "ShareWeights", nameof(Bits), owner, "give 1 to 12, such as 5, or 0 for none");
        CodeArguments.In(Rate, Rate is null or (> 0 and < 1), "ShareWeights", nameof(Rate), owner, "give a number above 0 and below 1, such as 0.125");
        CodeArguments.Training(Epochs, LearningRate, "ShareWeights", owner);
    }
}
