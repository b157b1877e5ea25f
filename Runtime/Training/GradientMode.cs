using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What makes or trains parameters does it with gradients on and outside of inference mode, wherever it is called: in there parameters are made that can never
/// be trained, and without gradients nothing is.
/// </summary>
internal static class GradientMode
{
    /// <summary>Leaves inference mode, and switches gradients on, until it is disposed of.</summary>
    public static IDisposable Begin() => inference_mode(false);

    /// <summary>Sees to it that a tensor of a model can be changed and trained.</summary>
    /// <exception cref="InvalidOperationException">It was made in inference mode.</exception>
    public static void Require(nn.Module model, string name, Tensor tensor)
    {
        if (IsOfInference(tensor))
        {
            throw new InvalidOperationException(
                $"{name} of {model.GetType().Name} was made inside of torch.inference_mode(), so it can neither be changed nor trained; make or load the "
                    + "model outside of it. The model is as it was.");
        }
    }

    /// <summary>Whether a tensor was made in inference mode; to be asked outside of it.</summary>
    public static bool IsOfInference(Tensor tensor)
    {
        // TorchSharp does not tell, but libtorch keeps none of them for a backward pass.
        using var scope = NewDisposeScope();
        using var factor = ones(0, ScalarType.Float32, tensor.device, requires_grad: true);
        try
        {
            _ = factor * tensor.detach().flatten().narrow(0, 0, 0);
            return false;
        }
        catch (ExternalException)
        {
            return true;
        }
    }
}
