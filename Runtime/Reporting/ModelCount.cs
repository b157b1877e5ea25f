using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The size and the cost of a model, from its shapes alone.</summary>
/// <param name="Parameters">Number of trained parameters.</param>
/// <param name="Macs">Multiply-accumulates of one sample; null where they depend on a size that is not known. Those inside of
/// calls that <c>[Axes]</c> describes count where its <c>Macs</c> tells them.</param>
/// <param name="Bytes">Bytes of all parameters and buffers.</param>
public sealed record ModelCount(long Parameters, long? Macs, long Bytes)
{
    /// <summary>Counts a model as it was linked.</summary>
    /// <param name="plan">The linked model; link it with the shape of its input to have multiply-accumulates counted.</param>
    public static ModelCount Of(PruningPlan plan) => new(plan.ParameterCount(), plan.Macs(), plan.Bytes());

    /// <summary>Number of trained parameters that are not zero: what unstructured pruning lowers. Reads every parameter.</summary>
    /// <param name="model">The model.</param>
    public static long NonZero(nn.Module model)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return SliceSums.NonZero(model.parameters());
    }
}
