using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Convolutions whose results do not go on to the next quantized layer alone, but into a sum, a sigmoid, an output. Kernels of whole numbers have no other
/// results than codes, so where a folded BatchNorm stands behind such a convolution, what that takes in is quantized, too.
/// </summary>
internal static class FloatResults
{
    /// <summary>Bits of such a result. It is no input of a product, so fewer would save nothing.</summary>
    public const int Bits = 8;

    /// <summary>What gives codes for codes: what moves numbers, and what cuts them off where a range may end.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "relu", "relu6", "max_pool1d", "max_pool2d", "max_pool3d", "cat", "concat", "flatten", "view", "reshape", "transpose", "permute", "squeeze",
        "unsqueeze", "contiguous", "dropout", "MoveToOuterDisposeScope", "DetachFromDisposeScope",
    };

    /// <summary>The convolutions, and the norms behind them.</summary>
    /// <param name="plan">The model, its norms folded.</param>
    /// <param name="quantized">The layers whose inputs are quantized.</param>
    public static IEnumerable<(nn.Module Layer, nn.Module Norm)> Of(PruningPlan plan, IReadOnlySet<nn.Module> quantized)
    {
        foreach (var (layer, norm, _) in BatchNormFolding.Pairs(plan).Where(pair => pair.Layer is Convolution && quantized.Contains(pair.Layer)))
        {
            var result = plan.Trace.Steps.First(step => step.Module == norm).Results[0];
            if (BatchNormFolding.IsFolded(norm) && !IsCode(plan.Trace, result, quantized))
            {
                yield return (layer, norm);
            }
        }
    }

    private static bool IsCode(ForwardTrace trace, AxisTensor value, IReadOnlySet<nn.Module> quantized) =>
        !trace.Results.Contains(value) && trace.Steps.Where(step => step.Inputs.Contains(value)).All(step =>
            (step.Kind == TraceStepKind.Layer && quantized.Contains(step.Module!))
            || (Passes(step) && step.Results.All(result => IsCode(trace, result, quantized))));

    private static bool Passes(TraceStep step) => step.Kind == TraceStepKind.Layer
        ? step.Module is ReLU or ReLU6 or MaxPool1d or MaxPool2d or MaxPool3d or Flatten or Dropout or Dropout2d or Identity
        : Passing.Contains(step.Name.TrimEnd('_'));
}
