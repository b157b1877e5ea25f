using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// TorchSharp's Adam, its state and options included, with a step that goes over each parameter once. A step takes the
/// gradients off the parameters that it has updated; those that it cannot go over like that are left to TorchSharp's step.
/// </summary>
internal sealed class FusedAdam(IEnumerable<Parameter> parameters, double learningRate, double weightDecay, TrainingMasks? masks = null)
    : Adam(parameters, learningRate, weight_decay: weightDecay)
{
    public override Tensor? step(Func<Tensor>? closure = null)
    {
        var loss = _step<ParamGroup>(Update, closure);
        base.step();
        return loss;
    }

    private void Update(ParamGroup group)
    {
        var options = group.Options;
        foreach (var parameter in group.Parameters)
        {
            var state = (State)_state[parameter.Handle];
            using var gradient = FusedUpdate.TakeGradient(parameter, masks?.Of(parameter), state.exp_avg, state.exp_avg_sq);
            if (gradient is not null)
            {
                var kept = masks?.BitsOf(parameter);
                var factors = new Factors(options, ++state.step);
                FusedUpdate.Over(gradient.numel(), (start, end) => Update(
                    FusedUpdate.Floats(parameter, start, end),
                    FusedUpdate.Floats(gradient, start, end),
                    KeptWeights.From(kept, start),
                    FusedUpdate.Floats(state.exp_avg, start, end),
                    FusedUpdate.Floats(state.exp_avg_sq, start, end),
                    factors));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update(
        Span<float> weights, Span<float> gradients, KeptWeights kept, Span<float> means, Span<float> squares, Factors factors)
    {
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients)[..w.Length];
        var m = MemoryMarshal.Cast<float, Vector<float>>(means)[..w.Length];
        var s = MemoryMarshal.Cast<float, Vector<float>>(squares)[..w.Length];
        var epsilon = new Vector<float>(factors.Epsilon);
        for (var i = 0; i < w.Length; i++)
        {
            var gradient = kept.Of(g[i], i) + (w[i] * factors.WeightDecay);
            m[i] = (m[i] * factors.KeepMean) + (gradient * factors.AddMean);
            s[i] = (s[i] * factors.KeepSquare) + (gradient * gradient * factors.AddSquare);
            w[i] -= m[i] * factors.Rate / ((Vector.SquareRoot(s[i]) * factors.Root) + epsilon);
        }

        for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            var gradient = kept.Of(gradients[i], i) + (weights[i] * factors.WeightDecay);
            means[i] = (means[i] * factors.KeepMean) + (gradient * factors.AddMean);
            squares[i] = (squares[i] * factors.KeepSquare) + (gradient * gradient * factors.AddSquare);
            weights[i] -= means[i] * factors.Rate / ((MathF.Sqrt(squares[i]) * factors.Root) + factors.Epsilon);
        }
    }

    /// <summary>The numbers of the formula in one step: both running averages are corrected for having started at zero.</summary>
    private readonly struct Factors(Options options, long step)
    {
        public readonly float WeightDecay = (float)options.weight_decay!.Value;
        public readonly float KeepMean = (float)options.beta1!.Value;
        public readonly float AddMean = (float)(1 - options.beta1.Value);
        public readonly float KeepSquare = (float)options.beta2!.Value;
        public readonly float AddSquare = (float)(1 - options.beta2.Value);
        public readonly float Epsilon = (float)options.eps!.Value;
        public readonly float Rate = (float)(options.LearningRate!.Value / (1 - Math.Pow(options.beta1.Value, step)));
        public readonly float Root = (float)(1 / Math.Sqrt(1 - Math.Pow(options.beta2.Value, step)));
    }
}
