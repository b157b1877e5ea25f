using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How much of a parameter is left.</summary>
/// <param name="Parameter">Its path: <c>conv1.weight</c>.</param>
/// <param name="Dense">How many weights it had in the dense original.</param>
/// <param name="Count">How many it has.</param>
/// <param name="NonZero">How many of those are not zero.</param>
public sealed record LayerSparsity(string Parameter, long Dense, long Count, long NonZero)
{
    /// <summary>What layers read their inputs with, in the order of <c>forward</c>: biases and normalisation are left out.</summary>
    /// <param name="plan">The model, linked before or after it was pruned.</param>
    internal static IReadOnlyList<LayerSparsity> Of(PruningPlan plan)
    {
        using var noGradients = no_grad();
        return
        [
            .. plan.Parameters.Where(parameter => parameter is { IsBuffer: false, SharedWith: null, ReadDim: >= 0 }).Select(parameter =>
            {
                var live = parameter.Tensor;
                return new LayerSparsity(parameter.Path, parameter.DenseSize, live.numel(), SliceSums.NonZero([live]));
            }),
        ];
    }
}
