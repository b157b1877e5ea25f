using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>How fresh layers are initialised, as PyTorch does it, in the order in which PyTorch draws the random numbers.</summary>
internal static class LayerDefaults
{
    /// <summary>
    /// Linear and convolution layers: the weight by Kaiming's uniform rule with a = √5, which is U(−1/√fanIn, 1/√fanIn),
    /// and the bias from the same interval.
    /// </summary>
    internal static void Reset(Tensor weight, Tensor? bias)
    {
        init.kaiming_uniform_(weight, a: Math.Sqrt(5));
        if (bias is null) return;

        var (fanIn, _) = init.CalculateFanInAndFanOut(weight);
        if (fanIn > 0) Uniform(bias, 1 / Math.Sqrt(fanIn));
        else init.zeros_(bias);
    }

    /// <summary>U(−bound, bound).</summary>
    internal static void Uniform(Tensor tensor, double bound) => init.uniform_(tensor, -bound, bound);
}
