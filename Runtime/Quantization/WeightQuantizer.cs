using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Quantizes one weight: its range, its scale, its codes.</summary>
internal static class WeightQuantizer
{
    // Ternary weights: below this share of the mean magnitude a weight is zero (Li et al., 2016).
    private const double TernaryThreshold = 0.7;

    /// <summary>Quantizes a weight.</summary>
    /// <param name="path">Its path in the model.</param>
    /// <param name="values">The weight.</param>
    /// <param name="held">True for each element that is held at zero; null for none.</param>
    /// <param name="channels">The dimension of its output channels.</param>
    /// <param name="options">How, with nothing left null.</param>
    /// <param name="moments">The second moments of what it multiplies, where the rounding needs them.</param>
    /// <exception cref="InvalidOperationException">8 bits are not enough for the tolerance, or a rule or rounding gives numbers that are none.</exception>
    public static QuantizedWeight Quantize(string path, Tensor values, Tensor? held, int channels, QuantizeOptions options, Tensor? moments = null)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var weight = values.detach().cpu().to_type(ScalarType.Float32).contiguous();
        if (!weight.isfinite().all().item<bool>())
        {
            throw new InvalidOperationException($"{path} holds NaN or infinite values, which cannot be quantized; train the model to finite weights.");
        }

        int? axis = options.PerChannel == true && weight.dim() > 1 ? channels : null;
        var zero = held?.cpu();
        if (options.Grid is WeightGrid.Binary or WeightGrid.Ternary)
        {
            return Signs(weight, zero, axis, options.Grid.Value);
        }

        return options.Tolerance is double tolerance
            ? WithinTolerance(path, weight, zero, axis, options, moments, tolerance)
            : OnGrid(path, weight, zero, axis, options, moments, options.Weights!.Value, options.WeightRange!);
    }

    /// <summary>A weight as rows, one for each scale: [scales, elements].</summary>
    internal static Tensor Rows(Tensor weight, int? axis) => axis is int dim ? weight.transpose(0, dim).reshape(weight.size(dim), -1) : weight.reshape(1, -1);

    /// <summary>The codes of a grid.</summary>
    internal static CodeGrid GridOf(WeightGrid grid, int bits) => grid == WeightGrid.Affine ? CodeGrid.Affine(bits)
        : grid == WeightGrid.Symmetric ? CodeGrid.Symmetric(bits) : new CodeGrid(-1, 1, IsSymmetric: true);

    /// <summary>Codes, scales and zero points as numbers.</summary>
    internal static QuantizedWeight Of(Tensor codes, int bits, WeightGrid grid, Tensor scales, Tensor zeroPoints, int? axis) => new(
        codes.shape, Whole(codes), bits, grid, scales.to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray(), Whole(zeroPoints), axis);

    /// <summary>The codes of binary and ternary weights, and the magnitude of each row.</summary>
    internal static (Tensor Codes, Tensor Scales) SignsOf(Tensor weight, Tensor? held, int? axis, WeightGrid grid)
    {
        var stays = held is null ? ones_like(weight) : held.logical_not().to_type(weight.dtype);
        var magnitudes = weight.abs() * stays;
        var isUsed = stays;
        if (grid == WeightGrid.Ternary)
        {
            var threshold = QuantizedWeight.AlongAxis(Mean(magnitudes, stays, axis) * TernaryThreshold, (int)weight.dim(), axis);
            isUsed = magnitudes.gt(threshold).to_type(weight.dtype);
        }

        var scales = Mean(magnitudes * isUsed, isUsed, axis);
        var codes = where(weight.ge(0), ones_like(weight), -ones_like(weight)) * isUsed;

        // Where nothing is left but zeros any scale will do.
        return (codes, where(scales.gt(0), scales, ones_like(scales)));
    }

    private static QuantizedWeight Signs(Tensor weight, Tensor? held, int? axis, WeightGrid grid)
    {
        var (codes, scales) = SignsOf(weight, held, axis, grid);
        return Of(codes, 2, grid, scales, zeros_like(scales), axis);
    }

    private static QuantizedWeight WithinTolerance(
        string path, Tensor weight, Tensor? held, int? axis, QuantizeOptions options, Tensor? moments, double tolerance)
    {
        var error = double.NaN;
        for (var bits = 2; bits <= 8; bits++)
        {
            // Only the whole range leaves no weight further from its code than half a step.
            var quantized = OnGrid(path, weight, held, axis, options, moments, bits, RangeRule.MinMax);
            using var decoded = quantized.Decode(ScalarType.Float32);
            error = (decoded - weight).abs().max().ToDouble();
            if (error <= tolerance)
            {
                return quantized;
            }
        }

        throw new InvalidOperationException(FormattableString.Invariant(
            $"{path} is off by {error:g3} with 8 bits, and its Tolerance is {tolerance}; give at least that, or leave its weights as they are (Weights = 0)."));
    }

    private static QuantizedWeight OnGrid(
        string path, Tensor weight, Tensor? held, int? axis, QuantizeOptions options, Tensor? moments, int bits, RangeObserver rule)
    {
        var grid = GridOf(options.Grid!.Value, bits);
        var observer = rule.Another();
        observer.Observe(Rows(weight, axis));
        var (least, most) = observer.Checked(grid, axis is int dim ? weight.size(dim) : 1, path);
        var (scales, zeroPoints) = grid.Fit(least, most);

        // Where nothing is left but zeros any scale will do, and one like the others has the bias as finely as these.
        var isEmpty = least.eq(0).logical_and(most.eq(0));
        scales = where(isEmpty, where(isEmpty, full_like(scales, double.PositiveInfinity), scales).min().clamp(max: scales.max()), scales);

        var rank = (int)weight.dim();
        var (scale, zero) = (QuantizedWeight.AlongAxis(scales, rank, axis), QuantizedWeight.AlongAxis(zeroPoints, rank, axis));
        var codes = options.Rounding!.Round(new WeightToRound(path, weight, grid, scale, zero, moments));
        if (codes is null || !codes.shape.SequenceEqual(weight.shape) || !codes.eq(codes.round().clamp(grid.Least, grid.Most)).all().item<bool>())
        {
            throw new InvalidOperationException(
                $"The rounding {options.Rounding.Name} gives codes for {path} that are no whole numbers from {grid.Least} to {grid.Most}, one for "
                    + "each weight.");
        }

        return Of(held is null ? codes : where(held, zero.expand(weight.shape), codes), bits, options.Grid.Value, scales, zeroPoints, axis);
    }

    /// <summary>The mean of each row over the elements that count.</summary>
    private static Tensor Mean(Tensor magnitudes, Tensor counts, int? axis) => Rows(magnitudes, axis).sum(1) / Rows(counts, axis).sum(1).clamp(min: 1);

    private static sbyte[] Whole(Tensor numbers) => numbers.to_type(ScalarType.Int8).cpu().contiguous().data<sbyte>().ToArray();
}
