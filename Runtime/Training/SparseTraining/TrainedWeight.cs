using static TorchSharp.torch;

namespace PruneGen;

/// <summary>A weight that methods which choose among single weights choose from: trained, and of two or more dimensions.</summary>
/// <param name="Layer">The layer that owns it.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Tensor">The live parameter.</param>
/// <param name="Path">Its path in the model.</param>
internal sealed record TrainedWeight(nn.Module Layer, string Name, Tensor Tensor, string Path)
{
    /// <summary>All of a model that is about to be trained; one that two layers share is there once.</summary>
    /// <param name="context">The training.</param>
    /// <param name="method">Who asks, for messages.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static List<TrainedWeight> Of(TrainingContext context, string method)
    {
        var trained = context.Parameters.Select(parameter => parameter.Handle).ToHashSet();
        var found = context.Model.named_modules().Select(entry => (entry.name, entry.module)).Prepend((name: "", module: context.Model))
            .SelectMany(entry => entry.module.named_parameters(recurse: false)
                .Select(own => new TrainedWeight(entry.module, own.name, own.parameter, entry.name.Length > 0 ? $"{entry.name}.{own.name}" : own.name)))
            .Where(weight => weight.Tensor.dim() > 1 && trained.Contains(weight.Tensor.Handle)).DistinctBy(weight => weight.Tensor.Handle).ToList();
        return found.Count > 0 ? found : throw new InvalidOperationException(
            $"{method} finds no trained weight of two or more dimensions in {context.Model.GetType().Name}.");
    }

    /// <summary>Masks that leave the largest of some weights together; of equal magnitudes the first stay.</summary>
    /// <param name="together">The weights.</param>
    /// <param name="keep">How many stay.</param>
    /// <returns>For each weight one where it stays and zero elsewhere, in its shape and type.</returns>
    public static IReadOnlyList<Tensor> Largest(IReadOnlyList<TrainedWeight> together, long keep)
    {
        var type = together.Select(weight => weight.Tensor.dtype).Distinct().Count() == 1 ? together[0].Tensor.dtype : ScalarType.Float64;
        var magnitudes = cat([.. together.Select(weight => weight.Tensor.detach().abs().to_type(type).flatten())]);
        var remove = magnitudes.numel() - keep;
        var stays = remove > 0 ? Selection.KeepBest(magnitudes, remove) : ones_like(magnitudes, ScalarType.Bool);
        var (masks, start) = (new List<Tensor>(), 0L);
        foreach (var (_, _, weight, _) in together)
        {
            masks.Add(stays.narrow(0, start, weight.numel()).reshape(weight.shape).to_type(weight.dtype));
            start += weight.numel();
        }

        return masks;
    }

    /// <summary>How many of so many weights are a share of them: at least one.</summary>
    public static long Count(long total, double share) => Math.Max(1, (long)Math.Floor((total * share) + 1e-9));
}
