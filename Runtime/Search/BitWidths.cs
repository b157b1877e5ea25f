namespace PruneGen;

/// <summary>
/// With how many bits the layers of a model may keep their weights, and what bits and widths cost together. The bits of a layer stand behind the widths of the
/// groups as if they were one more width, so that costs are closed forms of both, and every allocator can choose them.
/// </summary>
internal sealed class BitWidths
{
    private const int FloatBits = 32;

    /// <summary>What a file tells of each tensor beside its numbers, at most: its length, how it is coded, bits that fill a byte.</summary>
    private const int BitsOfATensor = 96;

    private static readonly int[] Choices = [2, 4, 6, 8];

    private readonly PruningPlan plan;
    private readonly Dictionary<string, QuantizeOptions> asked;
    private readonly Dictionary<string, WidthForm> forms = new(StringComparer.Ordinal);
    private readonly List<BitChoice> layers = [];

    /// <param name="plan">The linked model, whose options say how it is to be quantized.</param>
    public BitWidths(PruningPlan plan)
    {
        this.plan = plan;
        asked = plan.Parameters.Where(IsCoded).Select(parameter => parameter.Layer.Name).Distinct()
            .Select(layer => (Layer: layer, Options: plan.SettingsOf(layer).Quantize!.Over(QuantizeOptions.Defaults)))
            .ToDictionary(one => one.Layer, one => one.Options, StringComparer.Ordinal);
        foreach (var (layer, options) in asked)
        {
            var most = options.Grid is WeightGrid.Binary or WeightGrid.Ternary ? 2 : options.Tolerance is not null ? Choices[^1] : options.Weights!.Value;
            int[] bits = [.. Choices.Where(one => one <= most)];
            if (plan.HasOwnBits(layer) || options.Tolerance is not null || bits is not [_, _, ..])
            {
                forms.Add(layer, WidthForm.Of(most));
                continue;
            }

            var choice = new BitChoice(layer, plan.Groups.Count + layers.Count, bits);
            forms.Add(layer, WidthForm.OfGroup(choice.Number));
            layers.Add(choice);
        }
    }

    /// <summary>The layers that there is something to choose for, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<BitChoice> Layers => layers;

    /// <summary>
    /// Multiply-accumulates of a sample, each times the bits of its weight and those of what it multiplies; 32 where these stay numbers. Null where
    /// multiply-accumulates are not known.
    /// </summary>
    public WidthFormula? Operations
    {
        get
        {
            var terms = plan.MacTerms?.Select(term => WidthForm.Product([term.Form, .. OperandsOf(term.Layer)])!);
            return terms is null ? null : new WidthFormula(terms);
        }
    }

    /// <summary>What the model's tensors take in a file, in bits: each code with as many as it has, before they are coded shorter.</summary>
    public WidthFormula Stored => new(plan.Parameters.Where(parameter => parameter.SharedWith is null)
        .SelectMany(parameter => asked.TryGetValue(parameter.Layer.Name, out var options) && IsCoded(parameter)
            ? CodedBits(parameter, options)
            : [WidthForm.Product([plan.SizeOf(parameter), WidthForm.Of(8 * parameter.Tensor.element_size())])!, WidthForm.Of(BitsOfATensor)])
        .Append(WidthForm.Of(8 * plan.BytesOutside)));

    /// <summary>Weights that <c>[Quantize]</c> codes, and that share no values instead.</summary>
    private bool IsCoded(PlannedParameter parameter) => parameter is { IsBuffer: false, SharedWith: null, ReadDim: >= 0 }
        && plan.SettingsOf(parameter.Layer.Name) is { Quantize.HasWeights: true, Share: not { IsOn: true } };

    private IEnumerable<WidthForm> CodedBits(PlannedParameter parameter, QuantizeOptions options)
    {
        var hasChannels = options.PerChannel == true && parameter.Shape.Count > 1;
        var channels = hasChannels ? plan.SizeOf(parameter, ModelQuantizer.ChannelsOf(parameter)) : WidthForm.Of(1);
        yield return WidthForm.Product([plan.SizeOf(parameter), forms[parameter.Layer.Name]])!;
        yield return WidthForm.Product([channels, WidthForm.Of(FloatBits + (options.Grid == WeightGrid.Affine ? 8 : 0))])!;
        yield return WidthForm.Of(BitsOfATensor);
    }

    /// <summary>The bits of both operands of a multiplication. Only Linear layers and convolutions compute with codes.</summary>
    private IEnumerable<WidthForm> OperandsOf(string layer)
    {
        var coded = asked.TryGetValue(layer, out var options)
            && ActivationPoints.Suits(plan.Parameters.First(parameter => parameter.Layer.Name == layer).Module);
        yield return coded ? forms[layer] : WidthForm.Of(FloatBits);
        yield return WidthForm.Of(coded && options!.Activations > 0 ? options.Activations.Value : FloatBits);
    }
}
