using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Changes what an exported graph computes with, tensor by tensor: where quantized weights and activations come in. Each method gets a value, may add
/// nodes that read it (<see cref="OnnxStep.Graph"/>), and gives what takes its place.
/// </summary>
public abstract class OnnxTransform
{
    /// <summary>A parameter or buffer that a layer reads, in the order that its node takes it.</summary>
    /// <param name="step">The call of the layer.</param>
    /// <param name="name">Its name in the layer: <c>weight</c>.</param>
    /// <param name="value">It; <see cref="OnnxValue.Constant"/> has its numbers, as long as no other transform took its place.</param>
    /// <param name="channels">Which of its dimensions the layer's outputs stand in.</param>
    /// <param name="arrange">
    /// Puts another tensor of the parameter's own shape, such as the code of each element, into the order that <paramref name="value"/> is in.
    /// </param>
    public virtual OnnxValue Parameter(OnnxStep step, string name, OnnxValue value, int channels, Func<Tensor, Tensor> arrange) => value;

    /// <summary>A tensor that a step takes.</summary>
    /// <param name="step">The step, which has not been written yet.</param>
    /// <param name="place">Which of its tensors it is.</param>
    /// <param name="value">The tensor.</param>
    public virtual OnnxValue Input(OnnxStep step, int place, OnnxValue value) => value;

    /// <summary>What a step has made.</summary>
    /// <param name="step">The step, which has been written.</param>
    /// <param name="place">Which of its results it is.</param>
    /// <param name="value">The result.</param>
    public virtual OnnxValue Result(OnnxStep step, int place, OnnxValue value) => value;
}
