using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Makes BatchNorms a part of the layers before them: W' = W γ / √(v + ε). What is left of the norm adds β − μ γ / √(v + ε), and leaves the
/// rest as it is, so that names, shapes and fields of the model stay. The model answers as before.
/// </summary>
internal static class BatchNormFolding
{
    /// <summary>Folds every BatchNorm that is all that becomes of what a Linear layer or a convolution puts out, both called once.</summary>
    /// <returns>The paths of the norms.</returns>
    public static IReadOnlyList<string> Apply(PruningPlan plan)
    {
        using var noGradients = no_grad();
        var folded = new List<string>();
        foreach (var (layer, norm, path) in Pairs(plan).Where(pair => !IsFolded(pair.Norm) && !WeightCodes.IsCoded(pair.Layer)))
        {
            using var scope = NewDisposeScope();
            var (weight, bias) = (layer.get_parameter("weight")!, layer.get_parameter("bias"));
            var deviation = (norm.get_buffer("running_var")! + Epsilon(norm)).sqrt();
            var (scale, shift) = (norm.get_parameter("weight"), norm.get_parameter("bias"));
            if (scale is null || shift is null || norm.get_buffer("running_mean") is not { } mean)
            {
                continue;
            }

            var factor = scale / deviation;
            weight.mul_(factor.reshape([.. Enumerable.Range(0, (int)weight.dim()).Select(dim => dim == 0 ? -1L : 1L)]));
            bias?.mul_(factor);
            shift.sub_(mean * factor);
            scale.fill_(1);
            mean.fill_(0);
            norm.get_buffer("running_var")!.fill_(1 - Epsilon(norm));
            folded.Add(path);
        }

        return folded;
    }

    /// <summary>Whether a norm does no more than add its shift; then it must stay in evaluation mode while the model is trained.</summary>
    public static bool IsFolded(nn.Module norm)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return norm is BatchNorm1d or BatchNorm2d or BatchNorm3d
            && norm.get_parameter("weight") is { } scale && norm.get_buffer("running_mean") is { } mean && norm.get_buffer("running_var") is { } variance
            && scale.eq(1).all().item<bool>() && mean.eq(0).all().item<bool>()
            && variance.eq(full_like(variance, 1 - Epsilon(norm))).all().item<bool>();
    }

    /// <summary>The norms that are all that becomes of what a layer puts out, folded or not, whichever way forward goes.</summary>
    public static IEnumerable<(nn.Module Layer, nn.Module Norm, string Path)> Pairs(PruningPlan plan)
    {
        if (plan.AllWays.Count != 1 && plan.AllWays.Any(trace => trace.Conditions.Any(condition => !condition.IsSetting)))
        {
            // Where the values of tensors choose the way, another way may use the layer without its norm.
            return [];
        }

        var ways = plan.EvaluatedWays.Select(trace => (trace.Steps, Pairs: Places(trace).ToDictionary(place => place.Norm.Module!))).ToList();
        return ways[0].Pairs.Values
            .Select(place => (Layer: place.Layer.Module!, Norm: place.Norm.Module!, place.Norm.Name))
            .Where(pair => pair.Layer is Linear or Conv1d or Conv2d or Conv3d && plan.IsUsedOnce(pair.Layer) && plan.IsUsedOnce(pair.Norm)
                && ways.TrueForAll(way => way.Pairs.GetValueOrDefault(pair.Norm).Layer?.Module == pair.Layer
                    || !way.Steps.Any(step => step.Module == pair.Layer || step.Module == pair.Norm)));
    }

    /// <summary>The calls of norms, on one way, that are all that becomes of what a layer puts out, channel by channel.</summary>
    public static IEnumerable<(TraceStep Layer, TraceStep Norm)> Places(ForwardTrace trace)
    {
        var uses = trace.Steps.Where(step => step.Module is not null).ToLookup(step => step.Module!);
        var reads = trace.Steps.SelectMany(step => step.Inputs).Concat(trace.Results).OfType<AxisTensor>().ToLookup(read => read);
        foreach (var norm in trace.Steps.Where(step => step is { Kind: TraceStepKind.Layer, Module: BatchNorm { running_mean: not null }, IsRepeated: false }))
        {
            if (norm.Inputs is [{ } input] && uses[norm.Module!].Count() == 1 && reads[input].Count() == 1
                && trace.Steps.FirstOrDefault(step => step.Results is [var made] && made == input)
                    is { Kind: TraceStepKind.Layer, Module: Linear or Convolution, IsRepeated: false } layer
                && uses[layer.Module!].Count() == 1

                // Of what has positions, a norm takes these, and not the features of a Linear layer, for channels.
                && !(layer.Module is Linear && input.Dims.Count != 2))
            {
                yield return (layer, norm);
            }
        }
    }

    private static double Epsilon(nn.Module norm) => norm switch
    {
        BatchNorm1d one => one.eps,
        BatchNorm2d two => two.eps,
        _ => ((BatchNorm3d)norm).eps,
    };
}
