using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>Where the source shows that a criterion or a granularity is asked for what a layer cannot offer, so that the runtime would refuse it.</summary>
/// <param name="model">The model.</param>
/// <param name="graph">What its layers have to do with each other.</param>
/// <param name="valueOf">The tensor of each value of <c>forward</c>.</param>
internal sealed class MethodChecks(ModelSpec model, AxisGraph graph, Func<int, AxisTensor> valueOf)
{
    /// <summary>Activation functions that make no zeros of what is not zero, as operations and as layers.</summary>
    private static readonly HashSet<string> Functions = new(StringComparer.Ordinal)
    {
        "gelu", "silu", "mish", "sigmoid", "tanh", "softplus", "elu", "selu", "celu", "leaky_relu", "softsign", "log_sigmoid",
        "GELU", "SiLU", "Mish", "Sigmoid", "Tanh", "Softplus", "ELU", "SELU", "CELU", "LeakyReLU", "Softsign", "LogSigmoid",
    };

    /// <summary>What else makes none.</summary>
    private static readonly HashSet<string> WithoutZeros = new(StringComparer.Ordinal)
    {
        "exp", "view", "reshape", "flatten", "permute", "transpose", "unsqueeze", "squeeze", "contiguous", "add", "sub", "cat", "concat", "mean",
        "avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d", "adaptive_avg_pool1d", "adaptive_avg_pool2d",
        "adaptive_avg_pool3d", "DetachFromDisposeScope", "MoveToOuterDisposeScope", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm",
        "Identity", "Flatten", "AvgPool1d", "AvgPool2d", "AvgPool3d", "MaxPool1d", "MaxPool2d", "MaxPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d",
        "AdaptiveAvgPool3d", "Linear", "Conv1d", "Conv2d", "Conv3d",
    };

    /// <summary>What a criterion lacks of a group that the source shows whole.</summary>
    /// <param name="criterion">The name of the criterion.</param>
    /// <param name="group">The group.</param>
    /// <param name="made">The calls of the layers that make it.</param>
    public IEnumerable<Finding> Criterion(string criterion, Axis group, IReadOnlyList<(LayerCall Call, LayerNode Layer)> made)
    {
        if (made.Count == 0)
        {
            yield break;
        }

        var (site, path) = (made[0].Call.Site, made[0].Layer.Path);
        switch (criterion)
        {
            case "BatchNormScale" when !graph.Parameters.Any(parameter => parameter.Name == "weight"
                && parameter.Layer.Type.StartsWith("BatchNorm", StringComparison.Ordinal) && Has(parameter.Axes[0], group)):
                yield return new Finding(
                    RuleIds.UnsuitedCriterion, site, criterion, path, "no BatchNorm with a scale passes on what it puts out",
                    "choose L1, L2 or Random for it, keep its width, or put a BatchNorm behind it");
                break;
            case "HRank" when made.Select(one => one.Layer).FirstOrDefault(layer => layer.Type is not ("Conv2d" or "ConvTranspose2d")) is { } other:
                yield return new Finding(
                    RuleIds.UnsuitedCriterion, site, criterion, other.Path, $"it looks at the maps that Conv2d layers put out, and this is a {other.Type}",
                    "choose MeanActivation, L1 or L2 for it, or keep its width");
                break;
            case "Apoz" when FunctionWithoutZeros(group) is { } function:
                yield return new Finding(
                    RuleIds.UnsuitedCriterion, site, criterion, path, $"it counts zeros, and {function} makes none",
                    "choose MeanActivation or Taylor for it, or put a ReLU behind it");
                break;
        }
    }

    /// <summary>The weights of a known shape that a granularity cannot cut as it is asked to.</summary>
    /// <param name="settingsOf">What is asked of a layer, by its path.</param>
    /// <param name="siteOf">Where that stands.</param>
    public IEnumerable<Finding> Granularities(Func<string, PruneSettings> settingsOf, Func<string, int> siteOf)
    {
        foreach (var weight in graph.Parameters.Where(parameter => parameter.ReadDim >= 0 && parameter.Layer.Name.Length > 0))
        {
            var (layer, shape) = (weight.Layer.Name, weight.Layer.ShapeOf(weight.Name));
            var settings = settingsOf(layer);
            if (shape is null || settings.Granularity is not { Name: { } name, Sizes: var sizes } || settings.Ratio == 0)
            {
                continue;
            }

            var reads = shape[weight.ReadDim];
            var makes = shape[weight.ReadDim == 0 && shape.Length > 1 ? 1 : 0];
            var columns = shape.Aggregate(1L, (n, size) => size < 0 || n < 0 ? -1 : n * size) is var all and > 0 && makes > 0 ? all / makes : -1;
            var m = sizes.Count == 2 ? sizes[1] : 4;
            (string Why, string Remedy)? problem = name switch
            {
                "NOfM" when reads > 0 && reads % m != 0 =>
                    ($"it reads {reads} channels, which {m} does not divide", $"give it Ratio = 0 to leave it dense, or an M that divides {reads}"),
                "Pattern" when shape.Length != 4 || shape.Skip(2).Any(size => size is not (3 or < 0)) =>
                    ("it has no 3×3 kernels, so nothing of it goes", "give it another granularity, or Ratio = 0"),
                "Block" when sizes.Count == 2 && ((makes > 0 && makes % sizes[0] != 0) || (columns > 0 && columns % sizes[1] != 0)) =>
                    ($"its matrix of {makes} rows and {columns} columns has smaller blocks at its edges, which kernels for blocks do not take",
                        "give it Sizes that divide both, or Ratio = 0"),
                _ => null,
            };

            // Of patterns only those that are asked of the layer itself: a class has other layers, too.
            if (problem is { } found && (name != "Pattern" || siteOf(layer) != model.SettingsSite))
            {
                yield return new Finding(RuleIds.UnsuitedGranularity, siteOf(layer), name, layer, found.Why, found.Remedy);
            }
        }
    }

    /// <summary>The activation function of a group, where the source shows all that happens to it and nothing of that makes zeros; else null.</summary>
    private string? FunctionWithoutZeros(Axis group)
    {
        string? function = null;
        foreach (var step in Steps.Within(model.Body).OfType<Instruction>())
        {
            if (step is Copy or Item || !step.Inputs.Where(input => input >= 0).Any(input => valueOf(input).Dims.Any(dim => Has(dim, group))))
            {
                continue;
            }

            var names = step switch
            {
                LayerCall call => call.Layer.WithChildren().Where(layer => layer.Kind != LayerKind.Sequence).Select(layer => layer.Type),
                OpCall operation => [operation.Name.TrimEnd('_')],
                _ => [""],
            };
            foreach (var name in names)
            {
                if (!WithoutZeros.Contains(name) && !Functions.Contains(name))
                {
                    return null;
                }

                function = Functions.Contains(name) ? function ?? name : function;
            }
        }

        return function;
    }

    private static bool Has(Axis axis, Axis group) => axis.Leaves().Contains(group);
}
