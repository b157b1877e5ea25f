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
        var parameters = type switch
        {
            "Conv1d" or "Conv2d" or "Conv3d" => Convolution(settings, spatial: type[4] - '0'),
            "Linear" => Linear(settings),
            "BatchNorm1d" or "BatchNorm2d" or "BatchNorm3d" => Norm(settings),
            "PReLU" => [Shape("weight", Number(settings, "num_parameters"))],
            _ => [],
        };
        var complete = call is not null && LayerTable.Knows(type) && settings.Values.All(value => value.IsTold);
        return new LayerNode(path, LayerKind.Layer, type, complete, settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new NamedArgument(s.Key, s.Value)).ToEquatable(), parameters.ToEquatable(), []);
    }

    private static IEnumerable<ParameterShape> Convolution(Dictionary<string, Argument> settings, int spatial)
    {
        // The overloads that take tuples leave these null for what the others spell out.
        foreach (var (name, value) in new[] { ("stride", 1L), ("padding", 0L), ("dilation", 1L) })
        {
            if (settings.TryGetValue(name, out var given) && given is NullArgument)
            {
                settings[name] = new NumberArgument(value);
            }
        }

        var (inputs, outputs, groups) = (Number(settings, "in_channels"), Number(settings, "out_channels"), Number(settings, "groups"));
        var kernel = settings.TryGetValue("kernel_size", out var size) ? Enumerable.Range(0, spatial).Select(i => size is ListArgument list ? i < list.Items.Count ? (list.Items[i] as NumberArgument)?.Value : null : (size as NumberArgument)?.Value) : [null];
        yield return Shape("weight", [outputs, groups > 0 ? inputs / groups : null, .. kernel]);
        if (!IsFalse(settings, "bias"))
        {
            yield return Shape("bias", outputs);
        }
    }

    private static IEnumerable<ParameterShape> Linear(Dictionary<string, Argument> settings)
    {
        // Or from parameters that exist already; then their names are weight and bias.
        var (inputs, outputs) = (Number(settings, "input_size"), Number(settings, "output_size"));
        yield return Shape("weight", outputs, inputs);
        if (!IsFalse(settings, "has_bias") && !(settings.TryGetValue("bias", out var bias) && bias is NullArgument))
        {
            yield return Shape("bias", outputs);
        }
    }

    private static IEnumerable<ParameterShape> Norm(Dictionary<string, Argument> settings)
    {
        var features = Number(settings, "num_features");
        var names = (IsFalse(settings, "affine") ? [] : new[] { "weight", "bias" })
            .Concat(IsFalse(settings, "track_running_stats") ? [] : ["running_mean", "running_var"]);
        return names.Select(name => Shape(name, features));
    }

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
            ? type.SpecialType is not (SpecialType.System_Double or SpecialType.System_Single) && type.Name is not ("Device" or "PaddingModes")
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

    private static long? Number(Dictionary<string, Argument> settings, string name) =>
        settings.TryGetValue(name, out var value) ? (value as NumberArgument)?.Value : null;

    private static bool IsFalse(Dictionary<string, Argument> settings, string name) =>
        settings.TryGetValue(name, out var value) && value is FlagArgument { Value: false };

    private static ParameterShape Shape(string name, params long?[] sizes) =>
        new(name, sizes.All(size => size is not null) ? sizes.Select(size => size!.Value).ToEquatable() : []);
}
