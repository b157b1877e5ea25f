using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Where what a layer takes in is quantized: x becomes (clamp(round(x / scale) + zero point) − zero point) · scale, with halves rounded to even and
/// codes from 0 to <see cref="Most"/>. That is what ONNX's QuantizeLinear and DequantizeLinear compute for 8 bits without a sign.
/// </summary>
/// <param name="Scale">The scale, above 0.</param>
/// <param name="ZeroPoint">The code of zero.</param>
/// <param name="Bits">Bits of a code, from 2 to 8.</param>
public sealed record ActivationPoint(float Scale, int ZeroPoint, int Bits)
{
    /// <summary>The largest code; the least is 0.</summary>
    public int Most => (1 << Bits) - 1;

    /// <summary>Whether it can be one.</summary>
    internal bool IsValid => Bits is >= 2 and <= 8 && Scale > 0 && float.IsFinite(Scale) && ZeroPoint >= 0 && ZeroPoint <= Most;
}

/// <summary>
/// The points of models: hooks before their layers, which hang on these as <see cref="WeightMasks"/> do. Layers that are called by <c>forward()</c> instead
/// of <c>call()</c> are not quantized, and calibration sees that.
/// </summary>
internal static class ActivationPoints
{
    private static readonly ConditionalWeakTable<nn.Module, ActivationHook> Hooks = [];

    /// <summary>
    /// Whether what a layer takes in can be quantized: one of products, or a norm behind a convolution, as <see cref="FloatResults"/> has them.
    /// </summary>
    public static bool Suits(nn.Module layer) => layer is Linear or Convolution or BatchNorm1d or BatchNorm2d or BatchNorm3d;

    /// <summary>The point of a layer; null for none.</summary>
    public static ActivationHook? OfLayer(nn.Module layer) => Hooks.TryGetValue(layer, out var hook) ? hook : null;

    /// <summary>The points of a model and all modules in it, by the path of their layers.</summary>
    public static IReadOnlyList<(string Path, nn.Module Layer, ActivationHook Hook)> Of(nn.Module model) =>
    [
        .. model.named_modules().Select(entry => (entry.name, entry.module)).Prepend((name: "", module: model))
            .DistinctBy(entry => entry.module, (IEqualityComparer<nn.Module>)ReferenceEqualityComparer.Instance)
            .Select(entry => (entry.name, entry.module, Hook: OfLayer(entry.module)!)).Where(entry => entry.Hook is not null),
    ];

    /// <summary>Quantizes what a layer takes in from now on; null ends it.</summary>
    public static void Set(nn.Module layer, ActivationPoint? point)
    {
        if (OfLayer(layer) is { } hook)
        {
            if (point is not null)
            {
                hook.Point = point;
                return;
            }

            hook.Remove();
            Hooks.Remove(layer);
        }
        else if (point is not null)
        {
            Hooks.Add(layer, new ActivationHook((nn.Module<Tensor, Tensor>)layer, point));
        }
    }

    /// <summary>Gives a model just these points, and no others.</summary>
    public static void Replace(nn.Module model, IEnumerable<(nn.Module Layer, ActivationPoint Point)> points)
    {
        foreach (var (_, layer, _) in Of(model))
        {
            Set(layer, null);
        }

        foreach (var (layer, point) in points)
        {
            Set(layer, point);
        }
    }

    /// <summary>Leaves activations as they are until it is disposed of: for the dense model in the place of the quantized one, and for its time.</summary>
    public static IDisposable Suspend(nn.Module model) => new Suspension([.. Of(model).Select(entry => entry.Hook)]);

    private sealed class Suspension : IDisposable
    {
        private readonly IReadOnlyList<(ActivationHook Hook, bool WasSuspended)> hooks;

        public Suspension(IReadOnlyList<ActivationHook> hooks)
        {
            this.hooks = [.. hooks.Select(hook => (hook, hook.IsSuspended))];
            foreach (var hook in hooks)
            {
                hook.IsSuspended = true;
            }
        }

        public void Dispose()
        {
            foreach (var (hook, was) in hooks)
            {
                hook.IsSuspended = was;
            }
        }
    }
}

/// <summary>Quantizes what one layer takes in.</summary>
internal sealed class ActivationHook
{
    public ActivationHook(nn.Module<Tensor, Tensor> layer, ActivationPoint point)
    {
        Point = point;
        Remove = layer.register_forward_pre_hook((_, input) => IsSuspended || !input.is_floating_point() ? input : Quantize(input)).remove;
    }

    public ActivationPoint Point { get; set; }

    /// <summary>The logarithm of the scale while that is learnt; null while it stands.</summary>
    public Parameter? LogScale { get; set; }

    public bool IsSuspended { get; set; }

    public Action Remove { get; }

    /// <summary>
    /// What an input becomes. Gradients pass as if nothing were rounded, but not where the range ends; where the scale is learnt, it has those of
    /// <see cref="QuantizedTraining.LearnedSteps"/>.
    /// </summary>
    public Tensor Quantize(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (low, high) = (-Point.ZeroPoint, Point.Most - Point.ZeroPoint);
        if (!is_grad_enabled())
        {
            return ((input / Point.Scale).round().clamp(low, high) * Point.Scale).MoveToOuterDisposeScope();
        }

        if (LogScale is null)
        {
            var within = (input / Point.Scale).clamp(low, high);
            return ((within + (within.round() - within).detach()) * Point.Scale).MoveToOuterDisposeScope();
        }

        // The scale's gradient is made as small as one of a weight is.
        var factor = 1 / Math.Sqrt((double)input.numel() / Math.Max(1, input.size(0)) * Point.Most);
        var scale = LogScale.exp();
        var step = ((scale * factor) + (scale * (1 - factor)).detach()).to_type(input.dtype);
        var whole = (input / step).clamp(low, high);
        return ((whole + (whole.round() - whole).detach()) * step).MoveToOuterDisposeScope();
    }
}
