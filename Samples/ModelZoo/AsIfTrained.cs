using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo;

/// <summary>
/// A fresh model hides what pruning may get wrong: shifts and running means are zero, scales and variances one. This gives
/// them values as training leaves them.
/// </summary>
public static class AsIfTrained
{
    private const int Samples = 8;

    /// <summary>Moves every parameter that starts as one number away from it, and takes running statistics from random inputs.</summary>
    /// <param name="instance">The model.</param>
    /// <param name="seed">The same seed gives the same values.</param>
    public static void Make(ZooInstance instance, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        manual_seed(seed);
        foreach (var parameter in instance.Module.parameters())
        {
            if (parameter.numel() == 1 || parameter.amin(All(parameter)).equal(parameter.amax(All(parameter))).item<bool>())
            {
                parameter.add_(rand_like(parameter) - 0.5);
            }
        }

        // The running statistics become those of one batch.
        var norms = instance.Module.modules().OfType<NormBase>().Select(norm => (Norm: norm, norm.momentum)).ToList();
        norms.ForEach(entry => entry.Norm.momentum = 1);
        instance.Module.train();
        instance.Forward(instance.Inputs(Samples));
        norms.ForEach(entry => entry.Norm.momentum = entry.momentum);
        instance.Module.eval();
    }

    private static long[] All(Tensor tensor) => Enumerable.Range(0, (int)tensor.dim()).Select(dim => (long)dim).ToArray();
}
