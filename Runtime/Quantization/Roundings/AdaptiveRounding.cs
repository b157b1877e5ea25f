using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// AdaRound (Nagel et al., "Up or Down?", 2020): Ŵ = s · (⌊W / s⌋ + h(V)), h(V) = clamp(1.2 σ(V) − 0.1, 0, 1), with V learnt so that the outputs
/// of the layer change least, Σ Δ H Δᵀ relative to that of the nearest, plus a penalty 1 − |2 h − 1|^β that makes h zero or one, β falling from
/// 20 to 2 and the penalty beginning after a fifth. Where the nearest is better after all, that is taken.
/// </summary>
public sealed class AdaptiveRounding : WeightRounding
{
    private const double Stretch = 1.2;
    private const double Shift = 0.1;
    private const double WarmUp = 0.2;

    /// <inheritdoc/>
    public override string Name => nameof(PruneGen.Rounding.Adaptive);

    /// <inheritdoc/>
    public override bool NeedsInputs => true;

    /// <summary>How many steps V is learnt for, at least 1. 500 by default.</summary>
    public int Iterations { get; init; } = 500;

    /// <summary>The learning rate of V, above 0. 1e-2 by default.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>What the penalty weighs, at least 0. 1 by default.</summary>
    public double Strength { get; init; } = 1;

    /// <inheritdoc/>
    public override Tensor Round(WeightToRound weight)
    {
        SparseTrainingArguments.In(Iterations, Iterations > 0, Name, nameof(Iterations), "give 1 or more");
        SparseTrainingArguments.In(LearningRate, LearningRate > 0 && double.IsFinite(LearningRate), Name, nameof(LearningRate), "give a number above 0");
        SparseTrainingArguments.Strength(Strength, Name);
        using var scope = NewDisposeScope();
        var scaled = weight.Values / weight.Scale;
        var floor = scaled.floor();
        var nearest = weight.Grid.Codes(weight.Values, weight.Scale, weight.ZeroPoint);
        var leastError = ErrorOf(weight, nearest).ToDouble();
        if (leastError == 0)
        {
            return nearest.MoveToOuterDisposeScope();
        }

        using var gradients = enable_grad();
        var v = new Parameter(Begin(scaled - floor));
        using var optimizer = optim.Adam([v], LearningRate);
        for (var step = 0; step < Iterations; step++)
        {
            using var inner = NewDisposeScope();
            var done = (double)step / Iterations;
            var up = Up(v);
            var error = ErrorOf(weight, (floor + up + weight.ZeroPoint).clamp(weight.Grid.Least, weight.Grid.Most)) / leastError;
            var loss = done < WarmUp ? error : error + (Strength * (1 - ((2 * up) - 1).abs().pow(Sharpness(done))).mean());
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        }

        using var noGradients = no_grad();
        var learnt = (floor + Up(v).ge(0.5).to_type(ScalarType.Float32) + weight.ZeroPoint).clamp(weight.Grid.Least, weight.Grid.Most);
        return (ErrorOf(weight, learnt).ToDouble() < leastError ? learnt : nearest).MoveToOuterDisposeScope();
    }

    /// <summary>V by which h(V) is what rounding down leaves, so that Ŵ is W.</summary>
    internal static Tensor Begin(Tensor rest) => ((rest + Shift) / Stretch).clamp(1e-4, 1 - 1e-4).logit().detach();

    /// <summary>h(V).</summary>
    internal static Tensor Up(Tensor v) => ((v.sigmoid() * Stretch) - Shift).clamp(0, 1);

    private static double Sharpness(double done) => 20 - (18 * Math.Clamp((done - WarmUp) / (1 - WarmUp), 0, 1));

    /// <summary>By how much the layer's outputs change, squared and summed over them.</summary>
    private static Tensor ErrorOf(WeightToRound weight, Tensor codes)
    {
        var moments = weight.Moments!;
        var change = ((codes - weight.ZeroPoint) * weight.Scale) - weight.Values;
        var rows = change.reshape(moments.size(0), change.size(0) / moments.size(0), -1);
        return (rows.matmul(moments) * rows).sum();
    }
}
