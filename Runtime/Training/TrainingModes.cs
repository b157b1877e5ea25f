using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Remembers which modules of a model were in training mode, and puts that back when disposed of.</summary>
internal sealed class TrainingModes : IDisposable
{
    private readonly List<(nn.Module Module, bool Training)> modes;

    public TrainingModes(nn.Module model)
    {
        modes = model.named_modules().Select(module => module.module).Prepend(model).Select(module => (module, module.training)).ToList();
    }

    public void Dispose()
    {
        // Parents come before their children, and train() reaches down: so each child gets its own mode last.
        foreach (var (module, training) in modes.Where(mode => mode.Module.training != mode.Training))
        {
            module.train(training);
        }
    }
}
