using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Trains a model while it is quantized, with masks, distillation and any optimizer: it answers with quantized weights and activations, and the optimizer
/// moves the weights behind them. Gradients pass through the rounding as if it were not there, and are zero where a range ends
/// (<see cref="QuantizedTraining.StraightThrough"/>); with <see cref="QuantizedTraining.LearnedSteps"/> (LSQ; Esser et al., 2020) scales learn too,
/// ∂ŵ/∂s = round(w/s) − w/s inside of the range and the code at its end beyond it, times 1 / √(number of weights · largest code), as logarithms,
/// by Adam. Give it among <see cref="RetrainOptions.Callbacks"/>; it quantizes the model when the training begins, if it is not quantized.
/// </summary>
/// <remarks>
/// Ranges begin as calibration finds them. Binary and ternary weights have the magnitudes of the moment. When the training is over the weights are what their
/// codes say. A BatchNorm that was folded stays in evaluation mode.
/// </remarks>
public sealed class QuantizationAware : TrainingCallback
{
    private const double ScaleRate = 1e-3;

    private readonly QuantizeOptions? options;
    private readonly IReadOnlyDictionary<string, Tensor> masters;
    private readonly List<TrainedWeightCode> weights = [];
    private readonly List<(nn.Module Layer, ActivationHook Hook)> points = [];
    private readonly List<nn.Module> folded = [];
    private List<Action> kept = [];
    private List<Parameter> scales = [];
    private optim.Optimizer? optimizer;

    /// <param name="options">How the model is quantized; null for what its attributes say.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public QuantizationAware(QuantizeOptions? options)
        : this(options, new Dictionary<string, Tensor>())
    {
        options?.Validate("the training");
    }

    /// <summary>Makes it for what the attributes of the model say.</summary>
    public QuantizationAware()
        : this(null)
    {
    }

    /// <param name="options">How the model is quantized; null for what its attributes say.</param>
    /// <param name="masters">The weights of a model that is quantized, before they were, by path; they stay the caller's.</param>
    internal QuantizationAware(QuantizeOptions? options, IReadOnlyDictionary<string, Tensor> masters) => (this.options, this.masters) = (options, masters);

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        using var noGradients = no_grad();
        var all = options ?? (context.Plan?.Options.Quantize);
        var learns = (all ?? new()).Over(QuantizeOptions.Defaults).Training == QuantizedTraining.LearnedSteps;
        if (Quantized(context.Model).Count == 0 && ActivationPoints.Of(context.Model).Count == 0)
        {
            var plan = context.Link();
            var before = new Dictionary<string, Tensor>();
            new ModelQuantizer(plan, options, context.Scoring(plan), hasData: true).Run(before);
            Begin(before);
            foreach (var weight in before.Values)
            {
                weight.Dispose();
            }
        }
        else
        {
            Begin(masters);
        }

        points.AddRange(ActivationPoints.Of(context.Model).Select(entry => (entry.Layer, entry.Hook)));
        if (weights.Count + points.Count == 0)
        {
            throw new InvalidOperationException(
                $"Nothing of {context.Model.GetType().Name} is quantized; put [Quantize] on its class or a layer, or give "
                    + $"{nameof(QuantizationAware)} options.");
        }

        folded.AddRange(context.Model.named_modules().Select(entry => entry.module).Where(BatchNormFolding.IsFolded));
        if (learns)
        {
            LearnScales();
        }

        void Begin(IReadOnlyDictionary<string, Tensor> from) =>
            weights.AddRange(Quantized(context.Model).Select(code => new TrainedWeightCode(code, from.GetValueOrDefault(code.Path))));
    }

    /// <inheritdoc/>
    public override void OnBatch(TrainingContext context, Batch batch) => folded.ForEach(norm => norm.eval());

    /// <inheritdoc/>
    public override void OnBackward(TrainingContext context) => weights.ForEach(weight => weight.PassGradient());

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        weights.ForEach(weight => weight.Take());
        if (optimizer is not null)
        {
            context.AverageGradients(scales);
            optimizer.ParamGroups.First().LearningRate = ScaleRate * context.LearningRate / context.Options.LearningRate;
            optimizer.step();
            optimizer.zero_grad();
        }

        weights.ForEach(weight => weight.Quantize());
        using var noGradients = no_grad();
        foreach (var norm in folded)
        {
            // Its scale is a part of the weight, which learns it.
            norm.get_parameter("weight")!.fill_(1);
        }

        foreach (var (_, hook) in points.Where(point => point.Hook.LogScale is not null))
        {
            hook.Point = hook.Point with { Scale = (float)Math.Exp(hook.LogScale!.ToDouble()) };
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        if (context.KeptEpoch == epoch.Epoch)
        {
            kept = [.. weights.Select(weight => weight.Final()), .. points.Select(Final)];
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        var final = context.KeptEpoch is null ? [.. weights.Select(weight => weight.Final()), .. points.Select(Final)] : kept;
        final.ForEach(put => put());
        WholeBiases.Round(context.Link());
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        foreach (var (_, hook) in points)
        {
            hook.LogScale?.Dispose();
            hook.LogScale = null;
        }

        optimizer?.Dispose();
        (optimizer, scales) = (null, []);
        weights.ForEach(weight => weight.Dispose());
        weights.Clear();
        points.Clear();
        folded.Clear();
        kept = [];
    }

    /// <summary>The quantized weights of a model.</summary>
    private static List<CodedParameter> Quantized(nn.Module model) =>
        [.. WeightCodes.Of(model).Where(coded => coded.Code is QuantizedWeight && coded.IsLive && coded.Layer.get_parameter(coded.Parameter)!.requires_grad)];

    private static Action Final((nn.Module Layer, ActivationHook Hook) point)
    {
        var now = point.Hook.Point;
        return () => point.Hook.Point = now;
    }

    private void LearnScales()
    {
        foreach (var (layer, hook) in points)
        {
            using var scale = tensor(Math.Log(hook.Point.Scale), ScalarType.Float32).to(layer.get_parameter("weight")!.device);
            hook.LogScale = new Parameter(scale);
            hook.LogScale.DetachFromDisposeScope();
        }

        scales = weights.Select(weight => weight.Learn()).OfType<Parameter>().Concat(points.Select(point => point.Hook.LogScale!)).ToList();
        optimizer = optim.Adam(scales, ScaleRate);
    }
}
