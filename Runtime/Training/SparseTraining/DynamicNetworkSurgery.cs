using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Masks small weights while the model is trained, and takes them back where they grow (Guo, Yao and Chen, "Dynamic Network Surgery for Efficient DNNs",
/// 2016). All weights are trained, those that are masked too, by the gradients that the masked model has. A weight is masked where |w| ≤ 0.9 T, comes back
/// where |w| &gt; 1.1 T, and between both stays what it is. T = μ + c · σ, of the magnitudes of the parameter's weights at the beginning that are not
/// zero. In each step the masks are chosen anew with the probability (1 + γ · step)^−p.
/// </summary>
/// <remarks>How much stays is what c makes of it: more c, fewer weights. It begins best with a trained model.</remarks>
public sealed class DynamicNetworkSurgery : MaskedTraining
{
    private const string Method = nameof(DynamicNetworkSurgery);

    private readonly double rate;
    private readonly Dictionary<MaskedWeight, double> thresholds = new(ReferenceEqualityComparer.Instance);
    private Random random = new();

    /// <param name="rate">c, finite: by how many deviations the threshold is above the mean magnitude.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public DynamicNetworkSurgery(double rate) => this.rate = SparseTrainingArguments.In(
        rate, double.IsFinite(rate), Method, nameof(rate), "give a finite number, such as 1");

    /// <summary>Makes it with c = 1.</summary>
    public DynamicNetworkSurgery()
        : this(1)
    {
    }

    /// <summary>c of single parameters, by path (<c>conv1.weight</c>).</summary>
    public IReadOnlyDictionary<string, double> Rates { get => field ?? new Dictionary<string, double>(); init; }

    /// <summary>γ, at least 0. 1e-4 by default.</summary>
    public double Gamma { get; init; } = 1e-4;

    /// <summary>p, at least 0. 1 by default.</summary>
    public double Power { get; init; } = 1;

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        thresholds.Clear();
        base.OnRelease(context);
    }

    private protected override void Begin(TrainingContext context, IReadOnlyList<MaskedWeight> all)
    {
        SparseTrainingArguments.In(Gamma, Gamma >= 0 && double.IsFinite(Gamma), Method, nameof(Gamma), "give a number of at least 0, such as 1e-4");
        SparseTrainingArguments.In(Power, Power >= 0 && double.IsFinite(Power), Method, nameof(Power), "give a number of at least 0, such as 1");
        random = new Random(context.Options.Seed);
        if (Rates.Keys.Except(all.Select(weight => weight.Weight.Path)).FirstOrDefault() is { } path)
        {
            throw new InvalidOperationException(
                $"{Method}: {nameof(Rates)} names '{path}', which is no trained weight of {context.Model.GetType().Name}; these are: "
                    + $"{string.Join(", ", all.Select(weight => weight.Weight.Path))}.");
        }

        foreach (var weight in all)
        {
            thresholds.Add(weight, ThresholdOf(weight, Rates.GetValueOrDefault(weight.Weight.Path, rate)));
        }
    }

    private protected override void Choose(TrainingContext context, IReadOnlyList<MaskedWeight> all, bool isLast)
    {
        if (random.NextDouble() >= Math.Pow(1 + (Gamma * (context.Step - 1)), -Power) && !isLast)
        {
            return;
        }

        foreach (var weight in all)
        {
            var (magnitudes, threshold) = (weight.Dense.abs(), thresholds[weight]);
            weight.Set(where(weight.Mask.ne(0), magnitudes.gt(0.9 * threshold), magnitudes.gt(1.1 * threshold)), magnitudes);
        }
    }

    private static double ThresholdOf(MaskedWeight weight, double rate)
    {
        using var scope = NewDisposeScope();
        var magnitudes = weight.Dense.to_type(ScalarType.Float64).abs();
        var found = magnitudes.masked_select(magnitudes.ne(0));
        if (found.numel() == 0)
        {
            return 0;
        }

        var mean = found.mean().item<double>();
        var deviation = Math.Sqrt(Math.Max(0, found.square().mean().item<double>() - (mean * mean)));
        var (threshold, largest) = (Math.Max(0, mean + (rate * deviation)), found.max().item<double>());
        return 0.9 * threshold < largest ? threshold : throw new InvalidOperationException(FormattableString.Invariant(
            $"{Method} with the rate {rate} would mask all of {weight.Weight.Path}: 0.9 · {threshold:g4} is no less than its largest magnitude, {largest:g4}.")
                + $" Give a lower rate, in {nameof(Rates)} for this parameter alone.");
    }
}
