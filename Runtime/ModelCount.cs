using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The size and the cost of a model.</summary>
/// <param name="Parameters">Number of trained parameters.</param>
/// <param name="NonZeroParameters">Number of trained parameters that are not zero: what unstructured pruning lowers.</param>
/// <param name="Macs">Multiply-accumulates of one sample; null where they depend on a size that is not known.</param>
/// <param name="Bytes">Bytes of all parameters and buffers.</param>
public sealed record ModelCount(long Parameters, long NonZeroParameters, long? Macs, long Bytes)
{
    /// <summary>Counts a model as it is now, its multiply-accumulates in closed form.</summary>
    /// <param name="plan">The linked model; link it with the shape of its input to have multiply-accumulates counted.</param>
    public static ModelCount Of(PruningPlan plan) => Of(plan.Model, plan.Macs());

    internal static ModelCount Of(nn.Module model, long? macs)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var parameters = model.parameters().ToList();
        return new ModelCount(
            parameters.Sum(parameter => parameter.numel()),
            parameters.Sum(SliceSums.NonZero),
            macs,
            parameters.Concat(model.buffers()).Sum(tensor => tensor.numel() * tensor.element_size()));
    }
}
