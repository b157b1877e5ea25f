namespace PruneGen;

/// <summary>
/// Has the weights of a layer be few different values, each of them used by many (Han et al., "Deep Compression", 2016): <c>PruneAndRetrain</c> shares
/// them behind the pruning, and trains the values that are left. On a class it is the default for every layer of the class that reads inputs with weights;
/// on a field or property it is for one layer.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Field | AttributeTargets.Property)]
public sealed class ShareWeightsAttribute : Attribute
{
    /// <summary>
    /// The layer has at most 2 to the power of this different weights beside zero, from 1 to 12; 0 leaves its weights as they are. 5 by default. It has no
    /// say where a hash shares them.
    /// </summary>
    public int Bits { get; set; } = 5;

    /// <summary>Which weights share a value. <see cref="SharedBy.LinearKMeans"/> by default.</summary>
    public SharedBy By { get; set; }

    /// <summary>A way of your own, which goes before the named one: it derives from <c>CodeAssignment</c> and needs no arguments.</summary>
    public Type? ByType { get; set; }

    /// <summary>With <see cref="SharedBy.Hash"/>, the number of values as a share of the weights, above 0 and below 1. 0.125 by default.</summary>
    public double Rate { get; set; } = 0.125;

    /// <summary>For how many epochs the values are trained, on the class of the model that is pruned; at least 0. 3 by default.</summary>
    public int Epochs { get; set; } = 3;

    /// <summary>
    /// The initial learning rate of that, above 0, on the class of the model that is pruned. <see cref="double.NaN"/>, the default, for a tenth of
    /// <see cref="RetrainAttribute.LearningRate"/>.
    /// </summary>
    public double LearningRate { get; set; } = double.NaN;
}

/// <summary>Which weights of a layer share a value.</summary>
public enum SharedBy
{
    /// <summary>Clusters by k-means over the weights that are not zero, from evenly spaced values: large weights get values of their own.</summary>
    LinearKMeans,

    /// <summary>The same from quantiles of the weights: as many begin with each value.</summary>
    DensityKMeans,

    /// <summary>The same from weights drawn at random.</summary>
    RandomKMeans,

    /// <summary>
    /// A hash of the position draws each weight, with a sign, from a few values (Chen et al., 2015): for layers that are trained from the beginning. No
    /// codes need be stored.
    /// </summary>
    Hash,
}
