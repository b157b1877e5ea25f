using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// w² / [H⁻¹], by how much the mean squared output of the layer changes when a weight goes and the others of its row make good for it (Hassibi and Stork,
/// "Optimal Brain Surgeon", 1993; for layers: Dong et al., "Learning to Prune Deep Neural Networks via Layer-wise Optimal Brain Surgeon", 2017). H are the
/// second moments of the layer's inputs, (1/N) Σ x xᵀ. The weights that stay become those that change the outputs least: in each row ŵ of the kept columns
/// solves H ŵ = (H w). For Linear layers and convolutions of one and two dimensions. Needs no labels.
/// </summary>
/// <remarks>
/// Inputs are those of the model before anything of it goes. A number close to zero on the diagonal keeps H invertible: <see cref="Damping"/>.
/// </remarks>
public sealed class OptimalBrainSurgeonCriterion : ImportanceCriterion, ICompensatingCriterion
{
    internal static OptimalBrainSurgeonCriterion Instance { get; } = new();

    /// <summary>
    /// Whether the weights of each row are taken out one after the other, each time the one that costs least, with H⁻¹ and the rest of the row updated
    /// behind each (ExactOBS: Frantar and Alistarh, "Optimal Brain Compression", 2022). The score is then the cost at which a weight went, never below that
    /// of one before it. It is better at high ratios, and takes columns³ / 6 multiplications a row. False by default.
    /// </summary>
    public bool Greedy { get; init; }

    /// <summary>What is added to the diagonal of H, as a share of its mean, at least 0. 0.01 by default.</summary>
    public double Damping { get; init; } = LayerHessian.DefaultDamping;

    /// <inheritdoc/>
    public override string Name => Greedy ? $"{nameof(Criterion.OptimalBrainSurgeon)}, greedy" : nameof(Criterion.OptimalBrainSurgeon);

    /// <inheritdoc/>
    public override CriterionNeeds Needs => CriterionNeeds.Activations;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A layer is of another type, or was not observed, or its H has no inverse.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The damping is negative or not finite.</exception>
    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) => LayerHessian.ForEach(
        context, Name, Damping, weights, (weight, hessian, i) => Scores(weight, hessian));

    /// <inheritdoc/>
    public Tensor[] Compensate(ScoringContext context, IReadOnlyList<PlannedParameter> weights, IReadOnlyList<Tensor> kept) => LayerHessian.ForEach(
        context, Name, Damping, weights, (weight, hessian, i) => Solved(weight, hessian, InputMoments.Rows(weight, kept[i])));

    /// <summary>
    /// Takes a weight out of a row: the others make good for it, and H⁻¹ becomes that of the others; row and column p are then zero. Of H⁻¹ only what
    /// is on and below the diagonal is read and written.
    /// </summary>
    /// <param name="inverse">H⁻¹, row by row.</param>
    /// <param name="row">The weights.</param>
    /// <param name="stride">The length of a row of H⁻¹ in memory.</param>
    /// <param name="count">How many weights there are.</param>
    /// <param name="p">Which one goes.</param>
    /// <returns>What it costs, w² / [H⁻¹].</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double TakeOut(Span<double> inverse, Span<double> row, int stride, int count, int p)
    {
        var column = new double[count];
        for (var i = 0; i < count; i++)
        {
            column[i] = inverse[i > p ? (i * stride) + p : (p * stride) + i];
        }

        var (pivot, factor) = (column[p], row[p] / column[p]);
        var cost = row[p] * factor;
        for (var i = 0; i < count; i++)
        {
            row[i] -= column[i] * factor;
            Subtract(inverse.Slice(i * stride, i + 1), column, column[i] / pivot);
        }

        row[p] = 0;
        return cost;
    }

    private static void Subtract(Span<double> target, ReadOnlySpan<double> values, double factor)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(target);
        var from = MemoryMarshal.Cast<double, Vector<double>>(values);
        var by = new Vector<double>(factor);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] -= from[i] * by;
        }

        for (var i = wide.Length * Vector<double>.Count; i < target.Length; i++)
        {
            target[i] -= values[i] * factor;
        }
    }

    private Tensor Scores(PlannedParameter weight, LayerHessian hessian)
    {
        var rows = InputMoments.Rows(weight, weight.Tensor);
        if (Greedy)
        {
            return Traced(rows, hessian);
        }

        // What has gone already leaves a smaller H in its row.
        var diagonal = hessian.Inverse.diagonal(0, 1, 2).unsqueeze(1).expand(rows.shape).clone();
        if (WeightMasks.Of(weight.Module, weight.Name) is { } mask)
        {
            foreach (var (row, group, kept) in Thinned(InputMoments.Rows(weight, mask)))
            {
                using var scope = NewDisposeScope();
                diagonal[group, row].index_copy_(0, kept, linalg.inv(hessian.Among(group, kept)).diagonal());
            }
        }

        return rows.square() / diagonal * hessian.Alive;
    }

    /// <summary>The costs at which the weights of each row go, one after the other.</summary>
    private static Tensor Traced(Tensor rows, LayerHessian hessian)
    {
        var (groups, height, width) = (rows.size(0), rows.size(1), (int)rows.size(2));
        var (weights, inverse) = (rows.contiguous().data<double>().ToArray(), hessian.Inverse.contiguous().data<double>().ToArray());
        var alive = hessian.Alive.expand(groups, 1, width).contiguous().data<double>().ToArray();
        Parallel.For(
            0,
            groups * height,
            new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() },
            () => new double[width * width],
            (at, _, own) =>
            {
                var group = (int)(at / height);
                Array.Copy(inverse, (long)group * width * width, own, 0, own.Length);
                Trace(weights.AsSpan((int)at * width, width), own, alive.AsSpan(group * width, width));
                return own;
            },
            _ => { });
        return tensor(weights).reshape(rows.shape);
    }

    /// <summary>Replaces the weights of a row by the costs at which they go; of two that cost the same, the one that goes first has the lower score.</summary>
    private static void Trace(Span<double> row, double[] inverse, ReadOnlySpan<double> alive)
    {
        var width = row.Length;
        var scores = new double[width];
        var places = Enumerable.Range(0, width).ToArray();
        for (var (count, last) = (width, double.NegativeInfinity); count > 0; count--)
        {
            var (least, p) = (double.PositiveInfinity, 0);
            for (var i = 0; i < count; i++)
            {
                var cost = row[i] * row[i] / inverse[(i * width) + i] * alive[places[i]];
                (least, p) = cost < least ? (cost, i) : (least, p);
            }

            TakeOut(inverse, row, width, count, p);
            last = Math.Max(least, Math.BitIncrement(last));
            scores[places[p]] = last;

            // The last one takes the place of what went.
            var end = count - 1;
            (row[p], places[p]) = (row[end], places[end]);
            inverse.AsSpan(end * width, p).CopyTo(inverse.AsSpan(p * width));
            inverse[(p * width) + p] = inverse[(end * width) + end];
            for (var i = p + 1; i < end; i++)
            {
                inverse[(i * width) + p] = inverse[(end * width) + i];
            }
        }

        scores.CopyTo(row);
    }

    /// <summary>The weights that stay, solved row by row for the outputs of before.</summary>
    private static Tensor Solved(PlannedParameter weight, LayerHessian hessian, Tensor stays)
    {
        var rows = InputMoments.Rows(weight, weight.Tensor);
        var (wanted, solved) = (rows.matmul(hessian.Matrix), rows.clone());
        foreach (var (row, group, kept) in Thinned(stays))
        {
            using var scope = NewDisposeScope();
            var target = wanted[group, row].index_select(0, kept);
            solved[group, row].zero_().index_copy_(0, kept, linalg.solve(hessian.Among(group, kept), target));
        }

        return solved;
    }

    /// <summary>The rows that lose something and keep something, with the columns that they keep.</summary>
    private static IEnumerable<(long Row, long Group, Tensor Kept)> Thinned(Tensor stays)
    {
        for (var group = 0L; group < stays.size(0); group++)
        {
            for (var row = 0L; row < stays.size(1); row++)
            {
                var kept = stays[group, row].nonzero().flatten();
                if (kept.numel() > 0 && kept.numel() < stays.size(2))
                {
                    yield return (row, group, kept);
                }
            }
        }
    }
}
