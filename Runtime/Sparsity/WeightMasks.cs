using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The masks that hold pruned weights at zero. They hang on the layers whose weights they are, so that whoever trains, prunes
/// or saves a layer finds them, whichever model it is reached through. They stay until they are released.
/// </summary>
internal static class WeightMasks
{
    private static readonly ConditionalWeakTable<nn.Module, Dictionary<string, Tensor>> Masks = [];

    /// <summary>The masks of a model and all modules in it: one where a weight stays, zero where it is held, in the parameter's shape.</summary>
    public static IReadOnlyList<WeightMask> Of(nn.Module model) =>
        [.. model.named_modules().Select(entry => entry.module).Prepend(model).Distinct<nn.Module>(ReferenceEqualityComparer.Instance).SelectMany(OfLayer)];

    /// <summary>The mask of one parameter; null where nothing of it is held.</summary>
    public static Tensor? Of(nn.Module layer, string parameter) => Masks.TryGetValue(layer, out var masks) ? masks.GetValueOrDefault(parameter) : null;

    /// <summary>Holds weights at zero from now on, in place of what was held of that parameter before.</summary>
    /// <param name="layer">The layer that owns the parameter.</param>
    /// <param name="parameter">Its name there.</param>
    /// <param name="mask">The mask, which is then nobody else's to dispose of; null to hold nothing of it.</param>
    public static void Set(nn.Module layer, string parameter, Tensor? mask)
    {
        if (mask is not null)
        {
            Masks.GetOrCreateValue(layer)[parameter] = mask;
        }
        else if (Masks.TryGetValue(layer, out var masks))
        {
            masks.Remove(parameter);
        }
    }

    /// <summary>Holds more weights at zero, beside what was held of that parameter before.</summary>
    /// <param name="layer">The layer that owns the parameter.</param>
    /// <param name="parameter">Its name there.</param>
    /// <param name="mask">One where a weight stays, where the parameter is; it stays the caller's.</param>
    public static void Hold(nn.Module layer, string parameter, Tensor mask)
    {
        var held = Of(layer, parameter);
        Set(layer, parameter, (held is null ? mask.clone() : mask * held.to(mask.device).to_type(mask.dtype)).DetachFromDisposeScope());
    }

    /// <summary>Sets what is held to zero again.</summary>
    public static void Hold(nn.Module model)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var held in Of(model))
        {
            held.Tensor.mul_(held.OnDevice());
        }
    }

    /// <summary>Holds just these weights of a model, and no others.</summary>
    public static void Replace(nn.Module model, IEnumerable<WeightMask> held)
    {
        Release(model);
        foreach (var (layer, parameter, mask) in held)
        {
            Set(layer, parameter, mask);
        }
    }

    /// <summary>Lets every weight of a model be trained again. The values stay as they are.</summary>
    public static void Release(nn.Module model)
    {
        foreach (var (layer, parameter, _) in Of(model))
        {
            Set(layer, parameter, null);
        }
    }

    private static IEnumerable<WeightMask> OfLayer(nn.Module layer) =>
        Masks.TryGetValue(layer, out var masks) ? masks.Select(entry => new WeightMask(layer, entry.Key, entry.Value)).ToList() : [];
}

/// <summary>A parameter of which weights are held at zero.</summary>
/// <param name="Layer">The layer that owns it.</param>
/// <param name="Parameter">Its name there.</param>
/// <param name="Mask">One where a weight stays, zero where it is held.</param>
internal readonly record struct WeightMask(nn.Module Layer, string Parameter, Tensor Mask)
{
    /// <summary>The live parameter.</summary>
    public Tensor Tensor => Layer.get_parameter(Parameter)!;

    /// <summary>The mask in the parameter's type, where the parameter is.</summary>
    public Tensor OnDevice()
    {
        var tensor = Tensor;
        return Mask.to(tensor.device).to_type(tensor.dtype);
    }
}
