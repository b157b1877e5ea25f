using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Mnist;

/// <summary>Counts what of each layer is in use, as the papers tell it: 97-71-33, 9-18-65-25.</summary>
internal static class Widths
{
    /// <summary>Of each layer the inputs that have a weight which is not zero; of the first convolution, whose only input is the image, nothing.</summary>
    public static string InUse(nn.Module model)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var layers = model.named_modules().Select(entry => entry.module).Where(module => module is Linear or Conv2d).ToList();
        return string.Join("-", layers.SelectMany((layer, i) => InUse(layer, layers.ElementAtOrDefault(i + 1))));
    }

    private static IEnumerable<long> InUse(nn.Module layer, nn.Module? next)
    {
        if (layer is Linear || layer.get_parameter("weight")!.size(1) > 1)
        {
            yield return Count(layer, 1);
        }

        // Between convolution and matrix the papers count both: filters, and inputs of the matrix.
        if (layer is Conv2d && next is Linear)
        {
            yield return Count(layer, 0);
        }
    }

    private static long Count(nn.Module layer, long dim)
    {
        var weight = layer.get_parameter("weight")!;
        return weight.ne(0).transpose(0, dim).flatten(1).any(1).sum().item<long>();
    }
}
