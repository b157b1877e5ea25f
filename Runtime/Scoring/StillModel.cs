using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Has a model stand still while it is looked at: in evaluation mode. When disposed of, the modes of its modules, what its buffers hold, and the
/// random state of the process are what they were.
/// </summary>
internal sealed class StillModel : IDisposable
{
    private readonly RandomState random = new();
    private readonly TrainingModes modes;
    private readonly List<(Tensor Buffer, Tensor Copy)> copies;

    public StillModel(nn.Module model)
    {
        using var noGradients = no_grad();
        copies = model.buffers().Select(buffer => (buffer, buffer.clone().DetachFromDisposeScope())).ToList();
        modes = new TrainingModes(model);
        model.eval();
    }

    public void Dispose()
    {
        modes.Dispose();
        using var noGradients = no_grad();
        foreach (var (buffer, copy) in copies)
        {
            buffer.copy_(copy);
            copy.Dispose();
        }

        random.Dispose();
    }
}
