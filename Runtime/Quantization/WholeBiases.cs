using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Rounds biases of quantized layers to multiples of the scale of the sums that they are added to, as layers of whole numbers have them: such a layer then
/// computes just what the model computes. At 7 bits and more that is far below a step of what the layer puts out; with fewer bits it would not be.
/// </summary>
internal static class WholeBiases
{
    private const int LeastBits = 7;

    // Beyond it sums of products and the bias might leave 32 bits.
    private const double Most = 1 << 30;

    /// <summary>Rounds those of every layer whose weights and inputs are quantized, and of the norms that are folded into them.</summary>
    public static void Round(PruningPlan plan)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var norms = BatchNormFolding.Pairs(plan).Where(pair => BatchNormFolding.IsFolded(pair.Norm)).ToDictionary(pair => pair.Layer, pair => pair.Norm);
        foreach (var coded in WeightCodes.Of(plan.Model))
        {
            if (coded is { Parameter: "weight", Layer: Linear or Conv1d or Conv2d or Conv3d, Code: QuantizedWeight { Bits: >= LeastBits } code }
                && ActivationPoints.OfLayer(coded.Layer)?.Point is { Bits: >= LeastBits } point)
            {
                var step = tensor([.. code.Scales]) * point.Scale;
                Round(coded.Layer.get_parameter("bias"), step);
                if (norms.GetValueOrDefault(coded.Layer) is { } norm && ActivationPoints.OfLayer(norm) is null)
                {
                    Round(norm.get_parameter("bias"), step);
                }
            }
        }
    }

    /// <summary>Numbers in steps, which are whole; null where one is too large, or is off a whole one by more than float32 rounds.</summary>
    public static Tensor? Of(Tensor bias, Tensor step)
    {
        var exact = bias.to_type(ScalarType.Float64) / step.to_type(ScalarType.Float64);
        var whole = exact.round();
        var rounding = (whole.abs() * 4e-7) + 1e-3;
        return whole.abs().lt(Most).logical_and((exact - whole).abs().le(rounding)).all().item<bool>() ? whole : null;
    }

    private static void Round(Tensor? bias, Tensor step)
    {
        if (bias is not null)
        {
            var by = step.to(bias.device).to_type(ScalarType.Float64);
            var whole = (bias.to_type(ScalarType.Float64) / by).round();
            bias.copy_(where(whole.abs().lt(Most), (whole * by).to_type(bias.dtype), bias));
        }
    }
}
