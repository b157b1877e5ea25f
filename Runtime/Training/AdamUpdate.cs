using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>One step of Adam, with or without its weight decay apart from the gradients, in a single pass over a parameter.</summary>
/// <remarks>The numbers of the formula in one step: both running averages are corrected for having started at zero.</remarks>
internal readonly struct AdamUpdate(double learningRate, double beta1, double beta2, double epsilon, double weightDecay, bool isDecoupled, long step)
{
    private readonly float addedDecay = (float)(isDecoupled ? 0 : weightDecay);
    private readonly float shrink = (float)(isDecoupled ? 1 - (learningRate * weightDecay) : 1);
    private readonly float keepMean = (float)beta1;
    private readonly float addMean = (float)(1 - beta1);
    private readonly float keepSquare = (float)beta2;
    private readonly float addSquare = (float)(1 - beta2);
    private readonly float smallest = (float)epsilon;
    private readonly float rate = (float)(learningRate / (1 - Math.Pow(beta1, step)));
    private readonly float root = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step)));

    /// <summary>Updates a parameter and what is remembered of it.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="mean">The running mean of gradients.</param>
    /// <param name="square">The running mean of their squares.</param>
    /// <param name="kept">The bits of <see cref="KeptWeights"/>; null where nothing is held.</param>
    public void Apply(Parameter parameter, Tensor gradient, Tensor mean, Tensor square, uint[]? kept)
    {
        var update = this;
        FusedUpdate.Over(gradient.numel(), (start, end) => update.Apply(
            FusedUpdate.Floats(parameter, start, end),
            FusedUpdate.Floats(gradient, start, end),
            KeptWeights.From(kept, start),
            FusedUpdate.Floats(mean, start, end),
            FusedUpdate.Floats(square, start, end)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(Span<float> weights, Span<float> gradients, KeptWeights kept, Span<float> means, Span<float> squares)
    {
        // Copies in registers: fields would be read again at every element.
        var (decay, shrinking, keepM, addM, keepS, addS, least, step, scale) =
            (addedDecay, shrink, keepMean, addMean, keepSquare, addSquare, smallest, rate, root);
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients)[..w.Length];
        var m = MemoryMarshal.Cast<float, Vector<float>>(means)[..w.Length];
        var s = MemoryMarshal.Cast<float, Vector<float>>(squares)[..w.Length];
        var leastOfAll = new Vector<float>(least);
        for (var i = 0; i < w.Length; i++)
        {
            var gradient = kept.Of(g[i], i) + (w[i] * decay);
            m[i] = (m[i] * keepM) + (gradient * addM);
            s[i] = (s[i] * keepS) + (gradient * gradient * addS);
            w[i] = (w[i] * shrinking) - (m[i] * step / ((Vector.SquareRoot(s[i]) * scale) + leastOfAll));
        }

        for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            var gradient = kept.Of(gradients[i], i) + (weights[i] * decay);
            means[i] = (means[i] * keepM) + (gradient * addM);
            squares[i] = (squares[i] * keepS) + (gradient * gradient * addS);
            weights[i] = (weights[i] * shrinking) - (means[i] * step / ((MathF.Sqrt(squares[i]) * scale) + least));
        }
    }
}
