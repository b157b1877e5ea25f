using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A weight with normal noise on it, of a variance for each element that is learnt: a layer then puts out its usual output plus √(x² ∗ σ² + 1e-8)
/// times a normal number (Kingma, Salimans and Welling, "Variational Dropout and the Local Reparameterization Trick", 2015).
/// </summary>
internal sealed class NoisyWeight(
    string path, nn.Module<Tensor, Tensor> layer, Parameter weight, Func<Tensor, Tensor, Tensor> apply, Parameter logVariance) : IDisposable
{
    /// <summary>What is added where a number of zero has no logarithm or root to speak of.</summary>
    public const double Smallest = 1e-8;

    private Tensor? kept;

    /// <summary>The path of the layer.</summary>
    public string Path => path;

    public nn.Module<Tensor, Tensor> Layer => layer;

    public Parameter Weight => weight;

    /// <summary>Applies a weight as the layer does, without a bias.</summary>
    public Func<Tensor, Tensor, Tensor> Apply => apply;

    /// <summary>log σ², in the weight's shape.</summary>
    public Parameter LogVariance => logVariance;

    /// <summary>Whether no other layer before uses the same weight.</summary>
    public bool IsFirst { get; init; }

    public bool IsObserved { get; set; }

    /// <summary>The trained weights of Linear layers, and of convolutions that are padded with zeros by numbers.</summary>
    /// <param name="context">The training.</param>
    /// <param name="logVariance">What log σ² begins at.</param>
    /// <param name="left">Is given the paths of layers that have weights of two or more dimensions and are others.</param>
    public static List<NoisyWeight> Of(TrainingContext context, double logVariance, List<string> left)
    {
        var weights = new List<NoisyWeight>();
        var trained = context.Parameters.Select(parameter => parameter.Handle).ToHashSet();
        foreach (var (path, module) in context.Model.named_modules().Select(entry => (entry.name, entry.module)).Prepend(("", context.Model)))
        {
            var own = module.named_parameters(recurse: false).Where(entry => entry.parameter.dim() > 1 && trained.Contains(entry.parameter.Handle)).ToList();
            if (own is [("weight", var weight)] && Applier(module) is { } apply)
            {
                // A weight that two layers share has one noise, which both feel.
                weights.Add(weights.Find(other => other.Weight.Handle == weight.Handle) is { } other
                    ? new NoisyWeight(path, (nn.Module<Tensor, Tensor>)module, weight, apply, other.LogVariance)
                    : new NoisyWeight(path, (nn.Module<Tensor, Tensor>)module, weight, apply, NewLogVariance(weight, logVariance)) { IsFirst = true });
            }
            else if (own.Count > 0)
            {
                left.Add(path);
            }
        }

        return weights;
    }

    /// <summary>Sees that the layers were observed.</summary>
    /// <exception cref="InvalidOperationException">One was not.</exception>
    public static void RequireAllObserved(List<NoisyWeight> weights, string method)
    {
        if (weights.Find(noisy => !noisy.IsObserved) is { } missing)
        {
            throw new InvalidOperationException(
                $"{method} has seen no output of {missing.Path} while the model ran. {LayerInputs.HowToReach}.");
        }
    }

    /// <summary>What the layer puts out with noise; weights that are held at zero have none.</summary>
    public Tensor WithNoise(Tensor input, Tensor output)
    {
        var variance = logVariance.exp().to_type(weight.dtype);
        if (WeightMasks.Of(layer, "weight") is { } held)
        {
            variance *= held.to(variance.device).to_type(variance.dtype);
        }

        return output + ((apply(input.square(), variance) + Smallest).sqrt() * randn_like(output));
    }

    public void Keep()
    {
        kept?.Dispose();
        kept = logVariance.detach().clone().DetachFromDisposeScope();
    }

    public void PutBack()
    {
        if (kept is not null)
        {
            logVariance.copy_(kept);
        }
    }

    public void Dispose()
    {
        kept?.Dispose();
        logVariance.Dispose();
    }

    /// <summary>What a layer does with its input and a weight, without its bias; null where that is not known.</summary>
    internal static Func<Tensor, Tensor, Tensor>? Applier(nn.Module module) => module switch
    {
        Linear => (input, weight) => nn.functional.linear(input, weight),
        Conv1d { padding: { } padding, padding_mode: PaddingModes.Zeros } layer =>
            (input, weight) => nn.functional.conv1d(input, weight, null, layer.stride[0], padding[0], layer.dilation[0], layer.groups),
        Conv2d { padding: { } padding, padding_mode: PaddingModes.Zeros } layer =>
            (input, weight) => nn.functional.conv2d(input, weight, null, layer.stride, padding, layer.dilation, layer.groups),
        Conv3d { padding: { } padding, padding_mode: PaddingModes.Zeros } layer =>
            (input, weight) => nn.functional.conv3d(input, weight, null, layer.stride, padding, layer.dilation, layer.groups),
        _ => null,
    };

    private static Parameter NewLogVariance(Parameter weight, double begin)
    {
        var type = weight.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        using var values = full(weight.shape, begin, type, weight.device);
        var parameter = new Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
