using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Draws the weights of a model anew, as TorchSharp's layers draw theirs when they are created.</summary>
public static class WeightInitialization
{
    /// <summary>Gives every parameter and running statistic of the known layers a first value. Masks that hold weights at zero stay in force.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">The seed; the random state of the process is put back.</param>
    /// <exception cref="InvalidOperationException">A parameter belongs to no layer of which it is known how it begins.</exception>
    public static void Reset(nn.Module model, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var random = new RandomState();
        manual_seed(seed);
        foreach (var (path, module) in model.named_modules().Prepend(("", model)).DistinctBy(entry => entry.Item2, ReferenceEqualityComparer.Instance))
        {
            Reset(path, module);
        }

        foreach (var weight in WeightMasks.Of(model))
        {
            weight.Tensor.mul_(weight.OnDevice());
        }
    }

    private static void Reset(string path, nn.Module module)
    {
        switch (module)
        {
            case Linear or Convolution:
                // Kaiming's uniform with a = √5, which is 1 / √(fan in).
                var weight = module.get_parameter("weight")!;
                var fanIn = module is ConvTranspose1d or ConvTranspose2d or ConvTranspose3d
                    ? weight.numel() / weight.size(0)
                    : weight.shape.Skip(1).Aggregate(1L, (product, size) => product * size);
                Uniform(module, 1 / Math.Sqrt(fanIn));
                break;
            case LSTM or GRU or RNN or LSTMCell or GRUCell or RNNCell:
                Uniform(module, 1 / Math.Sqrt(RecurrentAdapters.HiddenSize(module)));
                break;
            case NormBase or LayerNorm or GroupNorm:
                Fill(module, "weight", 1);
                Fill(module, "bias", 0);
                Fill(module, "running_mean", 0);
                Fill(module, "running_var", 1);
                break;
            case Embedding or EmbeddingBag:
                module.get_parameter("weight")!.normal_();
                break;
            case PReLU:
                Fill(module, "weight", 0.25);
                break;
            default:
                if (module.named_parameters(recurse: false).Select(entry => entry.name).FirstOrDefault() is { } name)
                {
                    throw new InvalidOperationException(
                        $"How {(path.Length == 0 ? name : $"{path}.{name}")} of a {module.GetType().Name} begins is not known; train the smaller model from a "
                            + "new object of your own instead.");
                }

                break;
        }
    }

    private static void Uniform(nn.Module module, double bound)
    {
        foreach (var (_, parameter) in module.named_parameters(recurse: false))
        {
            parameter.uniform_(-bound, bound);
        }
    }

    private static void Fill(nn.Module module, string name, double value) => (module.get_parameter(name) ?? module.get_buffer(name))?.fill_(value);
}
