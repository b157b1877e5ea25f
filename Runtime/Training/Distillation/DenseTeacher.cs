using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The model as it was before it was pruned, for a moment in the place of the pruned one: its tensors are exchanged for those that were kept for
/// restoring anyway, and back.
/// </summary>
internal sealed class DenseTeacher(nn.Module model, Func<Tensor[], Tensor[]> forward, ModelState dense)
{
    /// <summary>What it answers, in evaluation mode and without gradients.</summary>
    public Tensor[] Answer(Tensor[] inputs)
    {
        using var noGradients = no_grad();
        using var modes = new TrainingModes(model);
        using var activations = ActivationPoints.Suspend(model);
        model.eval();
        dense.MoveTo(model.parameters().First().device);
        dense.Exchange();
        try
        {
            return forward(inputs);
        }
        finally
        {
            dense.Exchange();
        }
    }
}
