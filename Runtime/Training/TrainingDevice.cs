using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>A stay of a model on the device that it trains on: there when created, back home when disposed of.</summary>
internal sealed class TrainingDevice : IDisposable
{
    private readonly nn.Module model;
    private readonly Device home;
    private readonly bool abroad;

    public TrainingDevice(nn.Module model, Device? wanted)
    {
        RetrainOptions.RequireNumbers(wanted);
        this.model = model;
        home = model.parameters().Concat(model.buffers()).FirstOrDefault()?.device ?? CPU;
        Device = wanted ?? (cuda.is_available() ? CUDA : CPU);
        ConvolutionCheck.Require(model, Device);

        // Moving replaces every parameter, so it is left out where the model is there already.
        abroad = home.type != Device.type || (Device.index >= 0 && Device.index != home.index);
        if (abroad)
        {
            model.to(Device);
        }
    }

    /// <summary>Where the model is.</summary>
    public Device Device { get; }

    /// <summary>The batch on the model's device; the very same tensors where they are there already.</summary>
    public Batch Move(Batch batch) => new(Array.ConvertAll(batch.Inputs, Move), Array.ConvertAll(batch.Targets, Move)) { Samples = batch.Samples };

    public void Dispose()
    {
        if (abroad)
        {
            model.to(home);
        }
    }

    private Tensor Move(Tensor tensor) =>
        tensor.device_type == Device.type && (Device.index < 0 || tensor.device_index == Device.index) ? tensor : tensor.to(Device);
}
