using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>A weight that is trained behind its codes: the model answers with these, the optimizer moves the weight itself.</summary>
internal sealed class TrainedWeightCode : IDisposable
{
    private readonly CodedParameter coded;
    private readonly QuantizedWeight code;
    private readonly CodeGrid grid;
    private readonly Tensor master;
    private readonly Tensor? held;
    private Tensor scales;
    private readonly Tensor zeroPoints;
    private Parameter? logScales;

    /// <param name="coded">The parameter and its code.</param>
    /// <param name="before">The weight before it was quantized; null for what it is now.</param>
    public TrainedWeightCode(CodedParameter coded, Tensor? before)
    {
        this.coded = coded;
        code = (QuantizedWeight)coded.Code;
        grid = WeightQuantizer.GridOf(code.Grid, code.Bits);
        var live = Live;
        master = (before ?? live).detach().to(live.device).to_type(live.dtype).clone().DetachFromDisposeScope();
        held = WeightMasks.Of(coded.Layer, coded.Parameter)?.to(live.device).eq(0).DetachFromDisposeScope();
        scales = tensor([.. code.Scales]).to(live.device).DetachFromDisposeScope();
        zeroPoints = tensor([.. code.ZeroPoints]).to_type(ScalarType.Float32).to(live.device).DetachFromDisposeScope();
    }

    private bool IsSigns => code.Grid is WeightGrid.Binary or WeightGrid.Ternary;

    private Tensor Live => coded.Layer.get_parameter(coded.Parameter)!;

    /// <summary>Has the scale learn; null for weights whose scale is their mean magnitude.</summary>
    public Parameter? Learn()
    {
        if (IsSigns)
        {
            return null;
        }

        using var logarithms = scales.log();
        logScales = new Parameter(logarithms);
        logScales.DetachFromDisposeScope();
        return logScales;
    }

    /// <summary>Gives the weight the gradient of what it was quantized to, and the optimizer the weight itself.</summary>
    public void PassGradient()
    {
        using var scope = NewDisposeScope();
        if (Live.grad is { } gradient && !IsSigns)
        {
            var (scale, zero) = (AlongAxis(scales), AlongAxis(zeroPoints));
            var exact = (master.to_type(ScalarType.Float32) / scale) + zero;
            var isWithin = exact.ge(grid.Least).logical_and(exact.le(grid.Most));
            if (logScales is not null)
            {
                var codes = exact.round().clamp(grid.Least, grid.Most);
                var slope = where(isWithin, codes - exact, codes - zero) * gradient.to_type(ScalarType.Float32);
                var factor = 1 / Math.Sqrt((double)master.numel() / scales.numel() * grid.Most);

                // d/d log s is s · d/ds.
                var of = WeightQuantizer.Rows(held is null ? slope : slope.masked_fill(held, 0), code.Axis).sum(1) * scales * factor;
                logScales.grad = of.DetachFromDisposeScope();
            }

            gradient.mul_(isWithin.to_type(gradient.dtype));
        }

        Live.copy_(master);
    }

    /// <summary>Takes the weight that the optimizer has moved.</summary>
    public void Take() => master.copy_(Live);

    /// <summary>Has the model answer with the codes of the weight.</summary>
    public void Quantize()
    {
        using var scope = NewDisposeScope();
        var (codes, next) = Codes();
        Live.copy_((codes - AlongAxis(zeroPoints)) * AlongAxis(next));
    }

    /// <summary>What makes the weight, later, what it is quantized to now.</summary>
    public Action Final()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var (codes, next) = Codes();
        var final = WeightQuantizer.Of(codes, code.Bits, code.Grid, next, zeroPoints, code.Axis);
        return () => WeightCodes.Apply(coded.Layer, coded.Parameter, final);
    }

    public void Dispose()
    {
        master.Dispose();
        held?.Dispose();
        scales.Dispose();
        zeroPoints.Dispose();
        logScales?.Dispose();
    }

    private (Tensor Codes, Tensor Scales) Codes()
    {
        var weight = master.to_type(ScalarType.Float32);
        if (IsSigns)
        {
            return WeightQuantizer.SignsOf(weight, held, code.Axis, code.Grid);
        }

        if (logScales is not null)
        {
            scales.Dispose();
            scales = logScales.detach().exp().DetachFromDisposeScope();
        }

        var zero = AlongAxis(zeroPoints);
        var codes = grid.Codes(weight, AlongAxis(scales), zero);
        return (held is null ? codes : where(held, zero.expand(weight.shape), codes), scales);
    }

    private Tensor AlongAxis(Tensor numbers) => QuantizedWeight.AlongAxis(numbers, code.Shape.Count, code.Axis);
}
