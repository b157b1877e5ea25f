using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How weights stay at zero while a model is trained: their gradients are set to zero before a step, so that neither they nor what the
/// optimizer remembers of them ever moves. Parameters that share their memory are moved by each other's steps too; those are set to
/// zero again after each one.
/// </summary>
internal sealed class TrainingMasks : IDisposable
{
    private readonly Dictionary<nint, Tensor> masks = [];
    private readonly Dictionary<nint, uint[]> bits = [];
    private readonly List<(Tensor Weight, Tensor Mask)> shared = [];
    private readonly List<(Tensor Weight, Tensor Mask)> all = [];

    /// <summary>Sets what is held to zero.</summary>
    /// <param name="model">The model, where it trains.</param>
    /// <param name="parameters">The parameters that are trained.</param>
    public TrainingMasks(nn.Module model, IReadOnlyList<Parameter> parameters) => Read(model, parameters);

    /// <summary>Reads anew what is held, and sets it to zero.</summary>
    /// <param name="model">The model, where it trains.</param>
    /// <param name="parameters">The parameters that are trained.</param>
    public void Read(nn.Module model, IReadOnlyList<Parameter> parameters)
    {
        Dispose();
        masks.Clear();
        bits.Clear();
        shared.Clear();
        all.Clear();
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var weight in WeightMasks.Of(model))
        {
            var tensor = weight.Tensor;
            var mask = weight.OnDevice().detach();
            tensor.mul_(mask);
            if (masks.Remove(tensor.Handle, out var other))
            {
                // Two layers use this parameter, and each holds some of it.
                using (other)
                {
                    mask = mask * other;
                }
            }

            masks[tensor.Handle] = mask.DetachFromDisposeScope();
            if (tensor.device_type == DeviceType.CPU)
            {
                bits[tensor.Handle] = KeptWeights.BitsOf(mask);
            }
        }

        if (masks.Count == 0)
        {
            return;
        }

        all.AddRange(parameters.Where(parameter => Of(parameter) is not null).Select(parameter => ((Tensor)parameter, Of(parameter)!)));
        foreach (var together in parameters.GroupBy(parameter => MemoryPlace.Of(parameter).Storage).Where(users => users.Count() > 1))
        {
            shared.AddRange(together.Where(parameter => Of(parameter) is not null).Select(parameter => ((Tensor)parameter, Of(parameter)!)));
        }
    }

    /// <summary>
    /// Whether gradients are masked before the step, and weights after it: the optimizers here mask in their own pass, any other does not.
    /// </summary>
    public bool MasksGradients { get; set; }

    /// <summary>Zero where weights of this parameter are held, in its shape, type and place; null where none is.</summary>
    public Tensor? Of(Parameter parameter) => masks.GetValueOrDefault(parameter.Handle);

    /// <summary>The same for <see cref="KeptWeights"/>, in row-major order, for parameters in main memory.</summary>
    public uint[]? BitsOf(Parameter parameter) => bits.GetValueOrDefault(parameter.Handle);

    /// <summary>Sets the gradients of held weights to zero, where the optimizer does not.</summary>
    public void BeforeStep(IReadOnlyList<Parameter> parameters)
    {
        if (MasksGradients && masks.Count > 0)
        {
            foreach (var parameter in parameters)
            {
                if (Of(parameter) is { } mask)
                {
                    parameter.grad?.mul_(mask);
                }
            }
        }
    }

    /// <summary>Sets to zero again what a step of another parameter may have moved. To be called without gradients.</summary>
    public void AfterStep()
    {
        foreach (var (weight, mask) in MasksGradients ? all : shared)
        {
            weight.mul_(mask);
        }
    }

    public void Dispose()
    {
        foreach (var mask in masks.Values)
        {
            mask.Dispose();
        }
    }
}
