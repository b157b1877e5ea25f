using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Quantizes a model that is trained: folds BatchNorms, smooths activations, calibrates their ranges on data, rounds weights, corrects biases. On any failure
/// the caller puts the model back.
/// </summary>
/// <param name="plan">The model, linked as it is.</param>
/// <param name="all">What is asked of every layer; null for what each asks for itself.</param>
/// <param name="context">What runs it over data.</param>
/// <param name="hasData">Whether there is any.</param>
/// <param name="bits">Bits of the weights of layers that have others than they ask for; null for none.</param>
internal sealed class ModelQuantizer(
    PruningPlan plan, QuantizeOptions? all, ScoringContext context, bool hasData, IReadOnlyDictionary<string, int>? bits = null)
{
    private const string Name = "[Quantize]";

    /// <summary>What is asked of the model as a whole.</summary>
    public static QuantizeOptions OfModel(PruningPlan plan, QuantizeOptions? all) => (all ?? plan.Options.Quantize ?? new()).Over(QuantizeOptions.Defaults);

    /// <summary>Quantizes it.</summary>
    /// <param name="masters">Is given each weight as it was before its codes took its place, folded and smoothed, by path; null where nobody asks.</param>
    /// <returns>Whether anything is asked for.</returns>
    public bool Run(Dictionary<string, Tensor>? masters = null)
    {
        using var noGradients = no_grad();
        var weights = plan.Parameters.Where(parameter => parameter is { IsBuffer: false, SharedWith: null, ReadDim: >= 0, IsOfOtherInputs: false })
            .Select(parameter => (Parameter: parameter, Options: OptionsOf(parameter))).Where(weight => weight.Options is not null)
            .Select(weight => new Asked(weight.Parameter, weight.Options!))
            .Where(weight => weight.Options.HasWeights || weight.Options.Activations != 0).ToList();
        if (weights.Count == 0)
        {
            return false;
        }

        if (OfModel(plan, all).FoldBatchNorm == true)
        {
            BatchNormFolding.Apply(plan);
        }

        Smooth(weights.Where(weight => weight.Options.Smooth is not null).ToList());
        var inputs = weights.Where(weight => weight.Options.Activations > 0 && weight.Parameter.Name == "weight"
            && weight.Parameter.Module is Linear or Convolution).ToList();
        var points = Calibrate(inputs, Results(inputs));
        var coded = weights.Where(weight => weight.Options.HasWeights).Select(weight => (weight, Code: (QuantizedWeight?)null)).ToList();
        var moments = MomentsOf(coded.Select(one => one.weight).Where(weight => weight.Options.Rounding!.NeedsInputs).ToList());
        for (var i = 0; i < coded.Count; i++)
        {
            coded[i] = (coded[i].weight, Quantize(coded[i].weight, moments.GetValueOrDefault(coded[i].weight.Parameter.Path)));
        }

        foreach (var one in moments.Values)
        {
            one.Dispose();
        }

        CorrectBiases(coded.Where(one => one.weight.Options.BiasCorrection == true).Select(one => (one.weight.Parameter, one.Code!)).ToList());
        foreach (var parameter in masters is null ? [] : coded.Select(one => one.weight.Parameter))
        {
            masters!.Add(parameter.Path, parameter.Tensor.detach().clone().DetachFromDisposeScope());
        }

        coded.ForEach(one => WeightCodes.Apply(one.weight.Parameter.Module, one.weight.Parameter.Name, one.Code!));
        points.ForEach(point => ActivationPoints.Set(point.Layer, point.Point));
        WholeBiases.Round(plan);
        if (FiniteCheck.First(plan.Model) is var (path, _))
        {
            throw new InvalidOperationException(
                $"{path} of {plan.Model.GetType().Name} is infinite or not a number once it is quantized: what makes good for the rounding is larger than its "
                    + "type holds. See the values of the weights and activations before it, which a training may have let grow beyond all bounds.");
        }

        return true;
    }

    /// <summary>The dimension of a weight's output channels.</summary>
    internal static int ChannelsOf(PlannedParameter weight) => weight.ReadDim == 0 && weight.Shape.Count > 1 ? 1 : 0;

    private QuantizeOptions? OptionsOf(PlannedParameter weight)
    {
        var asked = (all ?? plan.SettingsOf(weight.Layer.Name).Quantize)?.Over(QuantizeOptions.Defaults);
        return asked is not null && bits?.TryGetValue(weight.Layer.Name, out var chosen) == true ? asked with { Weights = chosen } : asked;
    }

    private QuantizedWeight Quantize(Asked weight, Tensor? moments)
    {
        using var scope = NewDisposeScope();
        var parameter = weight.Parameter;
        var held = WeightMasks.Of(parameter.Module, parameter.Name)?.eq(0);
        return WeightQuantizer.Quantize(parameter.Path, parameter.Tensor, held, ChannelsOf(parameter), weight.Options, moments);
    }

    private Dictionary<string, Tensor> MomentsOf(IReadOnlyList<Asked> weights)
    {
        if (weights.Count == 0)
        {
            return [];
        }

        RequireData($"The rounding {weights[0].Options.Rounding!.Name} of {weights[0].Parameter.Path} goes", "choose Rounding.Nearest");
        var moments = InputMoments.Of(context, Name, [.. weights.Select(weight => weight.Parameter)]);
        return weights.Zip(moments).ToDictionary(pair => pair.First.Parameter.Path, pair =>
        {
            using (pair.Second)
            {
                return pair.Second.to_type(ScalarType.Float32);
            }
        });
    }

    private List<(nn.Module Layer, ActivationPoint Point)> Calibrate(IReadOnlyList<Asked> inputs, IReadOnlyList<Asked> results)
    {
        if (inputs.Count == 0)
        {
            return [];
        }

        RequireData($"What {inputs[0].Parameter.Layer.Name} takes in is quantized", "set Activations = 0 to quantize weights alone");
        var layers = inputs.Concat(results).ToList();
        var observers = layers.ConvertAll(layer => layer.Options.ActivationRange!.Another());
        var isSeen = new bool[layers.Count];
        LayerInputs.Observe(
            context, Name, [.. layers.Select(layer => layer.Parameter)],
            (i, input) =>
            {
                isSeen[i] = true;
                observers[i].Observe(input.detach().to_type(ScalarType.Float32).reshape(1, -1));
            },
            "set Activations = 0",
            inputs.Count);

        // A norm that is called by forward(), which skips hooks, stays as it is.
        return [.. layers.Select((layer, i) => (Layer: layer, Number: i)).Where(one => isSeen[one.Number]).Select(one => (
            one.Layer.Parameter.Module,
            PointOf(one.Layer.Options.Activations!.Value, observers[one.Number], one.Layer.Parameter.Layer.Name)))];
    }

    /// <summary>The norms that take in what a layer of whole numbers would give as codes.</summary>
    private List<Asked> Results(IReadOnlyList<Asked> inputs)
    {
        var layers = inputs.Where(input => input.Options.HasWeights).ToDictionary(input => input.Parameter.Module);
        var quantized = inputs.Select(input => input.Parameter.Module).ToHashSet();
        return [.. FloatResults.Of(plan, quantized).Where(pair => layers.ContainsKey(pair.Layer)).Select(pair => new Asked(
            plan.Parameters.First(parameter => parameter.Module == pair.Norm && parameter.Name == "weight"),
            layers[pair.Layer].Options with { Activations = FloatResults.Bits }))];
    }

    private static ActivationPoint PointOf(int bits, RangeObserver observer, string layer)
    {
        using var scope = NewDisposeScope();
        var (least, most) = observer.Checked(CodeGrid.Unsigned(bits), rows: 1, $"what {layer} takes in");
        var (scale, zero) = CodeGrid.Unsigned(bits).Fit(least, most);
        return new ActivationPoint(scale.ToSingle(), (int)zero.ToSingle(), bits);
    }

    /// <summary>b −= E[F(x, Ŵ − W)], F applying a weight as the layer does: what rounding has moved the mean of each output by.</summary>
    private void CorrectBiases(IReadOnlyList<(PlannedParameter Weight, QuantizedWeight Code)> layers)
    {
        layers = [.. layers.Where(layer => layer.Weight.Name == "weight" && layer.Weight.Module.get_parameter("bias") is not null
            && NoisyWeight.Applier(layer.Weight.Module) is not null)];
        if (layers.Count == 0)
        {
            return;
        }

        RequireData($"The bias of {layers[0].Weight.Layer.Name} is corrected", "leave out BiasCorrection");
        using var scope = NewDisposeScope();
        var changes = layers.Select(layer => layer.Code.Decode(layer.Weight.Tensor.dtype).to(layer.Weight.Tensor.device) - layer.Weight.Tensor).ToList();
        var sums = new Tensor?[layers.Count];
        var counts = new long[layers.Count];
        LayerInputs.Observe(
            context, Name, [.. layers.Select(layer => layer.Weight)],
            (i, input) =>
            {
                var moved = NoisyWeight.Applier(layers[i].Weight.Module)!(input.detach(), changes[i].to(input.device));
                var channel = LayerAdapters.ChannelDim(layers[i].Weight.Module, moved.dim());
                var sum = moved.to_type(ScalarType.Float64).transpose(channel, 0).flatten(1).sum(1);
                var next = (sums[i] is { } known ? known + sum : sum).DetachFromDisposeScope();
                sums[i]?.Dispose();
                sums[i] = next;
                counts[i] += moved.numel() / moved.size(channel);
            },
            "leave out BiasCorrection");
        for (var i = 0; i < sums.Length; i++)
        {
            var bias = layers[i].Weight.Module.get_parameter("bias")!;
            bias.sub_((sums[i]! / counts[i]).to(bias.device).to_type(bias.dtype));
            sums[i]!.Dispose();
        }
    }

    private void Smooth(IReadOnlyList<Asked> weights)
    {
        if (weights.Count > 0)
        {
            RequireData($"What {weights[0].Parameter.Layer.Name} takes in is smoothed", "leave out Smooth");
            SmoothQuant.Apply(plan, context, Name, [.. weights.Select(weight => (weight.Parameter, weight.Options.Smooth!.Value))]);
        }
    }

    private void RequireData(string what, string otherwise)
    {
        if (!hasData)
        {
            throw new InvalidOperationException($"{what} by the data that the model runs over, and none is given; pass training data, or {otherwise}.");
        }
    }

    /// <summary>A weight and what is asked of its layer.</summary>
    private sealed record Asked(PlannedParameter Parameter, QuantizeOptions Options);
}
