using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>
/// Parameters of the layers that know theirs by name only: in TorchSharp those are libtorch's own modules, whose
/// properties hand out a new handle each time.
/// </summary>
internal static class RegisteredParameter
{
    /// <summary>Registers a parameter that is not initialised yet. It belongs to the layer, and to no dispose scope.</summary>
    internal static Parameter Add(Module layer, string name, long[] shape, Device? device = null, ScalarType? dtype = null) =>
        Add(layer, name, Parameter(empty(shape, dtype: dtype, device: device)));

    /// <summary>Registers a parameter, which belongs from now on to the layer, and to no dispose scope.</summary>
    internal static Parameter Add(Module layer, string name, Parameter parameter)
    {
        parameter.DetachFromDisposeScope();
        layer.register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>A second handle of a parameter, which the caller may dispose; null if the layer has none of that name.</summary>
    internal static Parameter? Handle(Module layer, string name) =>
        layer.get_parameter(name) is { } parameter ? new Parameter(parameter.alias(), parameter.requires_grad) : null;
}
