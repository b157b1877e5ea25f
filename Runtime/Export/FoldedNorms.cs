using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// BatchNorm as part of the layer before it: in evaluation mode it scales and shifts each channel by constants, which the layer's weights and bias
/// can do by themselves where nothing else reads what the layer makes.
/// </summary>
internal sealed class FoldedNorms
{
    private readonly HashSet<TraceStep> folded = [];
    private readonly HashSet<TraceStep> shifts = [];
    private readonly Dictionary<(nn.Module Layer, string Name), Tensor> parameters = [];

    /// <param name="trace">The steps.</param>
    /// <param name="all">Whether every norm that can be folded is; else only those of which quantization has left no more than a shift.</param>
    /// <param name="hasCodes">Whether a layer's weights are codes: a norm that scales them stays a step of its own.</param>
    /// <param name="hasPoint">Whether what a layer takes in is quantized: such a norm stays a step, too.</param>
    public FoldedNorms(ForwardTrace trace, bool all, Func<nn.Module, bool> hasCodes, Func<nn.Module, bool> hasPoint)
    {
        foreach (var (layer, step) in BatchNormFolding.Places(trace))
        {
            var (norm, coded) = ((BatchNorm)step.Module!, hasCodes(layer.Module!));
            if (hasPoint(norm))
            {
                if (BatchNormFolding.IsFolded(norm))
                {
                    shifts.Add(step);
                }
            }
            else if (coded && BatchNormFolding.IsFolded(norm))
            {
                Shift(layer.Module!, norm);
                folded.Add(step);
            }
            else if (all && !coded)
            {
                Fold(layer.Module!, norm);
                folded.Add(step);
            }
        }
    }

    /// <summary>Whether a step is part of the layer before it.</summary>
    public bool IsFolded(TraceStep step) => folded.Contains(step);

    /// <summary>Whether a step does no more than add the norm's shift.</summary>
    public bool IsShift(TraceStep step) => shifts.Contains(step);

    /// <summary>A parameter or buffer of a layer, as it is exported; null where it has none of that name.</summary>
    public Tensor? Parameter(nn.Module layer, string name) =>
        parameters.TryGetValue((layer, name), out var changed) ? changed : (layer.get_parameter(name) ?? layer.get_buffer(name))?.detach();

    /// <summary>b + β, where γ/√(σ²+ε) is 1 and μ is 0.</summary>
    private void Shift(nn.Module layer, BatchNorm norm)
    {
        var shift = norm.bias!.detach();
        parameters[(layer, "bias")] = Parameter(layer, "bias") is { } bias ? bias + shift : shift;
    }

    /// <summary>w·γ/√(σ²+ε), and (b−μ)·γ/√(σ²+ε) + β.</summary>
    private void Fold(nn.Module layer, BatchNorm norm)
    {
        var scale = norm.running_var!.add(norm.eps).rsqrt();
        scale = norm.weight is null ? scale : scale * norm.weight;
        var shift = (Parameter(layer, "bias") is { } bias ? bias - norm.running_mean! : norm.running_mean!.neg()) * scale;
        shift = norm.bias is null ? shift : shift + norm.bias;
        var weight = Parameter(layer, "weight")!;
        var groups = layer is Convolution { transposed: true } ? ((Convolution)layer).groups : 0;
        parameters[(layer, "weight")] = groups == 0
            ? weight * scale.reshape([-1, .. Enumerable.Repeat(1L, (int)weight.dim() - 1)])
            : (weight.reshape([groups, weight.size(0) / groups, .. weight.shape[1..]])
                * scale.reshape([groups, 1, -1, .. Enumerable.Repeat(1L, (int)weight.dim() - 2)])).reshape(weight.shape);
        parameters[(layer, "bias")] = shift;
    }
}
