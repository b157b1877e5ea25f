using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// TorchSharp's SGD, its state and options included, with a step that goes over each parameter once. A step takes the
/// gradients off the parameters that it has updated; those that it cannot go over like that are left to TorchSharp's step.
/// </summary>
internal sealed class FusedSGD(IEnumerable<Parameter> parameters, double learningRate, double momentum, double weightDecay, TrainingMasks? masks = null)
    : SGD(parameters, learningRate, momentum, weight_decay: weightDecay), IMaskedOptimizer
{
    public void ForgetMasked()
    {
        foreach (var parameter in _parameter_groups.SelectMany(group => group.Parameters))
        {
            if (masks?.Of(parameter) is { } mask)
            {
                ((State)_state[parameter.Handle]).momentum_buffer?.mul_(mask);
            }
        }
    }

    public override Tensor? step(Func<Tensor>? closure = null)
    {
        var loss = _step<ParamGroup>(Update, closure);
        base.step();
        return loss;
    }

    private void Update(ParamGroup group)
    {
        var (rate, momentum, decay) = ((float)group.LearningRate, (float)group.Options.momentum!.Value, (float)group.Options.weight_decay!.Value);
        foreach (var parameter in group.Parameters)
        {
            var mask = masks?.Of(parameter);
            if (momentum == 0)
            {
                // Without momentum TorchSharp's step is one pass itself.
                if (mask is not null)
                {
                    parameter.grad?.mul_(mask);
                }

                continue;
            }

            // The first step makes the velocity the gradient, which is what comes of a velocity of zero.
            var state = (State)_state[parameter.Handle];
            state.momentum_buffer ??= zeros_like(parameter).DetachFromDisposeScope();
            using var gradient = FusedUpdate.TakeGradient(parameter, mask, state.momentum_buffer);
            if (gradient is not null)
            {
                var kept = masks?.BitsOf(parameter);
                FusedUpdate.Over(gradient.numel(), (start, end) => Update(
                    FusedUpdate.Floats(parameter, start, end),
                    FusedUpdate.Floats(gradient, start, end),
                    KeptWeights.From(kept, start),
                    FusedUpdate.Floats(state.momentum_buffer, start, end),
                    rate,
                    momentum,
                    decay));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update(
        Span<float> weights, Span<float> gradients, KeptWeights kept, Span<float> velocities, float rate, float momentum, float decay)
    {
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients)[..w.Length];
        var v = MemoryMarshal.Cast<float, Vector<float>>(velocities)[..w.Length];
        for (var i = 0; i < w.Length; i++)
        {
            v[i] = (v[i] * momentum) + kept.Of(g[i], i) + (w[i] * decay);
            w[i] -= v[i] * rate;
        }

        for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            velocities[i] = (velocities[i] * momentum) + kept.Of(gradients[i], i) + (weights[i] * decay);
            weights[i] -= velocities[i] * rate;
        }
    }
}
