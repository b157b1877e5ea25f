using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Sees that convolutions come out right on this machine's processor, before a model is judged or trained by them. oneDNN, which
/// computes them for libtorch 2.10 (oneDNN 3.7.1), cuts its work by the sizes of the caches. Where a virtual machine says that they
/// have none, as Firecracker does on AMD processors, it zeroes the start of a layer's weights while it pads them, and answers with
/// wrong numbers or NaN and without a word: docs/hidden-caches.md.
/// </summary>
internal static class ConvolutionCheck
{
    /// <summary>How far apart single and double precision may be, of the largest number: room for convolutions in half precision, too.</summary>
    private const double Tolerance = 0.02;

    private static readonly Lazy<double> Here = new(() => Deviation((input, weight) => nn.functional.conv2d(input, weight)));

    /// <summary>Refuses to go on with a model that may convolve where that goes wrong. The machine is asked once.</summary>
    /// <exception cref="InvalidOperationException">Convolutions come out wrong.</exception>
    public static void Require(nn.Module model, Device device)
    {
        if (device.type == DeviceType.CPU && model.parameters().Any(parameter => parameter.dim() > 2))
        {
            Require(model.GetType().Name, Here.Value);
        }
    }

    /// <summary>The same for a deviation that is known.</summary>
    public static void Require(string model, double deviation)
    {
        // Written so that NaN, which is how it mostly ends, is refused, too.
        if (!(deviation <= Tolerance))
        {
            var found = double.IsNaN(deviation) ? "gives NaN" : string.Create(CultureInfo.InvariantCulture, $"is {100 * deviation:0} % off");
            throw new InvalidOperationException(
                $"libtorch computes convolutions wrongly on this machine: one of 20 channels {found}, held against double precision. "
                    + "Its oneDNN does so where a virtual machine hides the cache sizes of an AMD processor. Set the environment variable "
                    + $"ONEDNN_MAX_CPU_ISA to SSE41 before the program starts, or use a GPU (docs/hidden-caches.md). {model} is as it was before.");
        }
    }

    /// <summary>
    /// The largest difference between a convolution in single precision and the same in double precision, which oneDNN does not
    /// compute, as a share of the largest result. The shape is of the kind that goes wrong: channels that are no multiple of 16.
    /// </summary>
    public static double Deviation(Func<Tensor, Tensor, Tensor> convolution)
    {
        // No random numbers: they are the user's.
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var input = arange(20 * 12 * 12, ScalarType.Float64, CPU).sin().view(1, 20, 12, 12);
        var weight = arange(32 * 20 * 5 * 5, ScalarType.Float64, CPU).cos().view(32, 20, 5, 5);
        var right = nn.functional.conv2d(input, weight);
        var found = convolution(input.to(ScalarType.Float32), weight.to(ScalarType.Float32)).to(ScalarType.Float64);
        return ((found - right).abs().max() / right.abs().max()).item<double>();
    }
}
