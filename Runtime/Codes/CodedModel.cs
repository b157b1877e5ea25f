namespace PruneGen;

/// <summary>What of a model is coded: all that is needed to write it elsewhere, number for number.</summary>
/// <param name="Weights">
/// What weights are stored as, by the path of the parameter: a <see cref="QuantizedWeight"/>, a <see cref="SharedWeight"/> or a <see cref="HashedWeight"/>. One
/// that has been moved since is not among them.
/// </param>
/// <param name="Activations">Where what a layer takes in is quantized, by the path of the layer.</param>
public sealed record CodedModel(IReadOnlyDictionary<string, WeightCode> Weights, IReadOnlyDictionary<string, ActivationPoint> Activations);
