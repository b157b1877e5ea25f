using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// TorchSharp's AdamW, its state and options included, with a step that goes over each parameter once. A step takes the
/// gradients off the parameters that it has updated; those that it cannot go over like that are left to TorchSharp's step.
/// </summary>
internal sealed class FusedAdamW(IEnumerable<Parameter> parameters, double learningRate, double weightDecay, TrainingMasks? masks = null)
    : AdamW(parameters, learningRate, weight_decay: weightDecay)
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
                new AdamUpdate(
                    options.LearningRate!.Value,
                    options.beta1!.Value,
                    options.beta2!.Value,
                    options.eps!.Value,
                    options.weight_decay!.Value,
                    isDecoupled: true,
                    ++state.step).Apply(parameter, gradient, state.exp_avg, state.exp_avg_sq, masks?.BitsOf(parameter));
            }
        }
    }
}
