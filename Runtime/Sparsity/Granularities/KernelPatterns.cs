using System.Globalization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Each 3×3 kernel keeps four weights in one of a few patterns, the middle among them: the patterns that most kernels of the layer would choose for
/// themselves (Ma et al., "PCONV", 2020; Niu et al., "PatDNN", 2020). What the ratio asks beyond the 5/9 that the patterns take goes as whole kernels, those
/// of the lowest score first (connectivity pruning). Other parameters than 3×3 kernels are left as they are, and so
/// is a layer of the ratio 0.
/// </summary>
public sealed class KernelPatterns : EachWeight
{
    private const int Positions = 9;
    private const int Entries = 4;
    private const int Middle = 4;

    private readonly int patterns;

    /// <summary>So many patterns a layer.</summary>
    /// <param name="patterns">From 1 to 56, as many as there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or above 56.</exception>
    public KernelPatterns(int patterns) => this.patterns = patterns is >= 1 and <= 56
        ? patterns
        : throw new ArgumentOutOfRangeException(nameof(patterns), patterns, $"{patterns} patterns a layer are asked for; give 1 to 56, such as 8.");

    /// <inheritdoc/>
    public override string Name => $"{nameof(Granularity.Pattern)}({patterns})";

    /// <summary>What is said of ratios that are less than patterns take; null where there is none.</summary>
    internal static string? WarningOf(PruningPlan plan)
    {
        var less = plan.PrunableWeights().Select(weight => (weight, Settings: plan.SettingsOf(weight.Layer.Name)))
            .Where(one => one.Settings is { Granularity: KernelPatterns patterns, Ratio: > 0 and < (double)(Positions - Entries) / Positions }
                && patterns.Suits(one.weight)).ToList();
        var ratios = less.Select(one => one.Settings.Ratio!.Value.ToString(CultureInfo.InvariantCulture)).Distinct();
        return less.Count == 0 ? null
            : $"{string.Join(", ", less.Select(one => one.weight.Path))}: patterns take {Positions - Entries} of {Positions} weights of a kernel, which is "
                + $"more than the ratio {string.Join(", ", ratios)} that is asked for.";
    }

    /// <inheritdoc/>
    public override bool Suits(PlannedParameter weight) => weight.Shape is [_, _, 3, 3];

    /// <inheritdoc/>
    public override Tensor Choose(PlannedParameter weight, Tensor scores, double ratio, double share)
    {
        if (ratio == 0)
        {
            return ones(scores.shape, ScalarType.Bool);
        }

        // A weight that is held already counts for nothing, and does not make its kernel's sum infinite.
        var kernels = scores.reshape(-1, Positions).nan_to_num(neginf: 0);
        var all = All();
        var natural = kernels.matmul(all.t()).argmax(1);
        var counts = natural.bincount(null, all.size(0));
        var library = all.index_select(0, sort(counts, 0, descending: true, stable: true).indices.narrow(0, 0, patterns));
        var sums = kernels.matmul(library.t());
        var chosen = sums.argmax(1);
        var mask = library.index_select(0, chosen).to_type(ScalarType.Bool);
        var gone = (long)Math.Floor(scores.numel() * ratio * share) - (kernels.size(0) * (Positions - Entries));
        if (gone >= Entries)
        {
            var best = sums.gather(1, chosen.unsqueeze(1)).squeeze(1);
            mask = mask.logical_and(Selection.KeepBest(best, Math.Min(gone / Entries, best.numel() - 1)).unsqueeze(1));
        }

        return mask.reshape([.. weight.Shape]);
    }

    /// <summary>Every pattern of the middle and three others, one a row.</summary>
    private static Tensor All()
    {
        var rows =
            from a in Enumerable.Range(0, Positions).Where(at => at != Middle)
            from b in Enumerable.Range(a + 1, Positions - a - 1).Where(at => at != Middle)
            from c in Enumerable.Range(b + 1, Positions - b - 1).Where(at => at != Middle)
            select Enumerable.Range(0, Positions).Select(at => at == Middle || at == a || at == b || at == c ? 1.0 : 0).ToArray();
        return stack([.. rows.Select(row => tensor(row))]);
    }
}
