using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What the weights of layers are stored as. Codes hang on the layers, as <see cref="WeightMasks"/> do; one that the live weight is no longer equal to has
/// no meaning, so it is asked of that each time.
/// </summary>
internal static class WeightCodes
{
    private static readonly ConditionalWeakTable<nn.Module, Dictionary<string, WeightCode>> Codes = [];

    /// <summary>The code of one parameter, whether or not the weight has been moved since; null for none.</summary>
    public static WeightCode? Of(nn.Module layer, string parameter) => Codes.TryGetValue(layer, out var codes) ? codes.GetValueOrDefault(parameter) : null;

    /// <summary>Whether a parameter of a layer is a code, so that it cannot become another number.</summary>
    public static bool IsCoded(nn.Module layer) =>
        Codes.TryGetValue(layer, out var codes) && codes.Any(code => layer.get_parameter(code.Key) is { } live && code.Value.Is(live));

    /// <summary>Gives a parameter a code; null takes it away. The weight stays as it is.</summary>
    public static void Set(nn.Module layer, string parameter, WeightCode? code)
    {
        if (code is not null)
        {
            Codes.GetOrCreateValue(layer)[parameter] = code;
        }
        else if (Codes.TryGetValue(layer, out var codes))
        {
            codes.Remove(parameter);
        }
    }

    /// <summary>Gives a parameter a code, and the weight what that decodes to.</summary>
    public static void Apply(nn.Module layer, string parameter, WeightCode code)
    {
        using var noGradients = no_grad();
        var weight = layer.get_parameter(parameter)!;
        using var decoded = code.Decode(weight.dtype);
        weight.copy_(decoded);
        Set(layer, parameter, code);
    }

    /// <summary>The codes of a model and all modules in it, as they were given.</summary>
    public static IReadOnlyList<CodedParameter> Of(nn.Module model) =>
    [
        .. model.named_modules().Select(entry => (entry.name, entry.module)).Prepend((name: "", module: model))
            .DistinctBy(entry => entry.module, (IEqualityComparer<nn.Module>)ReferenceEqualityComparer.Instance)
            .SelectMany(entry => Codes.TryGetValue(entry.module, out var codes)
                ? codes.Select(code => new CodedParameter(entry.name, entry.module, code.Key, code.Value)).ToList() : []),
    ];

    /// <summary>Gives a model just these codes, and no others.</summary>
    public static void Replace(nn.Module model, IEnumerable<CodedParameter> coded)
    {
        foreach (var other in Of(model))
        {
            Set(other.Layer, other.Parameter, null);
        }

        foreach (var one in coded)
        {
            Set(one.Layer, one.Parameter, one.Code);
        }
    }
}

/// <summary>A parameter and what it is stored as.</summary>
/// <param name="LayerPath">The path of the layer.</param>
/// <param name="Layer">The layer that owns it.</param>
/// <param name="Parameter">Its name there.</param>
/// <param name="Code">The code.</param>
internal readonly record struct CodedParameter(string LayerPath, nn.Module Layer, string Parameter, WeightCode Code)
{
    /// <summary>The path of the parameter.</summary>
    public string Path => LayerPath.Length > 0 ? $"{LayerPath}.{Parameter}" : Parameter;

    /// <summary>Whether the live weight is still what the code decodes to.</summary>
    public bool IsLive => Layer.get_parameter(Parameter) is { } live && Code.Is(live);
}
