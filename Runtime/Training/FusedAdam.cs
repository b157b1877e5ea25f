using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// TorchSharp's Adam, its state and options included, with a step that goes over each parameter once. A step takes the
/// gradients off the parameters that it has updated; those that it cannot go over like that are left to TorchSharp's step.
/// </summary>
/// <param name="parameters">What is trained.</param>
/// <param name="learningRate">The learning rate at first.</param>
/// <param name="weightDecay">The weight decay.</param>
/// <param name="isDecoupled">Whether that shrinks the weights apart from the gradients, as AdamW does, instead of being added to these.</param>
/// <param name="masks">Zero where weights are held.</param>
internal sealed class FusedAdam(
    IEnumerable<Parameter> parameters, double learningRate, double weightDecay, TrainingMasks? masks = null, bool isDecoupled = false)
    : Adam(parameters, learningRate, weight_decay: isDecoupled ? 0 : weightDecay), IMaskedOptimizer
{
    public void ForgetMasked()
    {
        foreach (var parameter in _parameter_groups.SelectMany(group => group.Parameters))
        {
            if (masks?.Of(parameter) is { } mask)
            {
                var state = (State)_state[parameter.Handle];
                state.exp_avg.mul_(mask);
                state.exp_avg_sq.mul_(mask);
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
        var options = group.Options;
        var rate = options.LearningRate!.Value;
        foreach (var parameter in group.Parameters)
        {
            var state = (State)_state[parameter.Handle];
            using var gradient = FusedUpdate.TakeGradient(parameter, masks?.Of(parameter), state.exp_avg, state.exp_avg_sq);
            if (gradient is not null)
            {
                new AdamUpdate(rate, options.beta1!.Value, options.beta2!.Value, options.eps!.Value, weightDecay, isDecoupled, ++state.step)
                    .Apply(parameter, gradient, state.exp_avg, state.exp_avg_sq, masks?.BitsOf(parameter));
            }
            else if (isDecoupled && parameter.grad is not null)
            {
                // TorchSharp's step of Adam does the rest.
                parameter.mul_(1 - (rate * weightDecay));
            }
        }
    }
}
