using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What the factories of <c>torch.nn</c> say about the layers that they create: settings, and shapes of parameters.</summary>
internal static class LayerFactories
{
    /// <summary>Describes a layer of a class that comes with TorchSharp.</summary>
    /// <param name="type">The class.</param>
    /// <param name="path">The layer's path in the model.</param>
    /// <param name="call">The factory's call, or null where the layer is created out of sight.</param>
    public static LayerNode Describe(string type, string path, IInvocationOperation? call)
    {
        var settings = call is null ? [] : Settings(call);
        var known = LayerTable.Find(type);
        foreach (var usual in (known?.Defaults ?? []).Where(usual => settings.TryGetValue(usual.Key, out var given) && given is NullArgument))
        {
            settings[usual.Key] = new NumberArgument(usual.Value);
        }

        var told = new FactorySettings(settings.ToDictionary(setting => setting.Key, setting => ValueOf(setting.Value)));
        var parameters = (known?.Parameters(told) ?? [])
            .Select(shape => new ParameterShape(shape.Name, shape.Sizes.Select(size => size ?? LayerSpec.Unknown).ToEquatable()));
        var complete = call is not null && known is not null && settings.Values.All(value => value.IsKnown);
        return new LayerNode(
            path,
            LayerKind.Layer,
            type,
            complete,
            settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new NamedArgument(s.Key, s.Value)).ToEquatable(),
            parameters.ToEquatable(),
            []);
    }

    /// <summary>An argument as a rule for the shapes of parameters reads it.</summary>
    private static object? ValueOf(Argument argument) => argument switch
    {
        NumberArgument { Value: var number } => number,
        FlagArgument { Value: var flag } => flag,
        NullArgument => null,
        ListArgument { Items: var items } => items.Select(item => (item as NumberArgument)?.Value).ToArray(),
        _ => FactorySettings.Untold,
    };

    private static Dictionary<string, Argument> Settings(IInvocationOperation call)
    {
        var settings = new Dictionary<string, Argument>(StringComparer.Ordinal);
        foreach (var argument in call.Arguments.Where(argument => argument.Parameter is not null && MayDecide(argument.Parameter.Type)))
        {
            settings[SnakeCase(argument.Parameter!.Name)] = Constants.Read(argument.Value);
        }

        return settings;
    }

    /// <summary>Probabilities, devices and element types decide nothing about dimensions.</summary>
    private static bool MayDecide(ITypeSymbol type) =>
        type is not INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? type.SpecialType is not (SpecialType.System_Double or SpecialType.System_Single)
                && type.Name is not ("Device" or "PaddingModes" or "NonLinearities" or "Activations" or "UpsampleMode" or "Reduction")
            : MayDecide(nullable.TypeArguments[0]) && nullable.TypeArguments[0].Name != "ScalarType";

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            text.Append(char.IsUpper(letter) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
