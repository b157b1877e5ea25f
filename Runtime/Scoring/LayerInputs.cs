using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What the layers of some weights take in while a model runs over data.</summary>
internal static class LayerInputs
{
    /// <summary>What to do about a layer that nothing was heard of.</summary>
    public const string HowToReach =
        "Give data that goes the way through forward on which it is called, and invoke it by call(), not forward(), which skips hooks";

    /// <summary>Runs the model over the data, and gives each input that a layer gets.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="criterion">Who asks, for messages.</param>
    /// <param name="weights">The weights whose layers are observed.</param>
    /// <param name="observe">Is given the place of the weight among them, and an input of its layer; what it makes is released.</param>
    /// <param name="otherwise">What to do where a layer is not observed; null for another criterion.</param>
    /// <param name="needed">How many of the first ones must be observed; null for all.</param>
    /// <returns>The number of samples.</returns>
    /// <exception cref="InvalidOperationException">A layer was not observed, or there is no data.</exception>
    public static long Observe(
        ScoringContext context, string criterion, IReadOnlyList<PlannedParameter> weights, Action<int, Tensor> observe, string? otherwise = null,
        int? needed = null)
    {
        var observed = new bool[weights.Count];
        var removals = new List<Action>();
        long samples;
        try
        {
            for (var i = 0; i < observed.Length; i++)
            {
                var index = i;
                removals.Add(((nn.Module<Tensor, Tensor>)weights[i].Module).register_forward_pre_hook((_, input) =>
                {
                    if (input.numel() > 0)
                    {
                        using var scope = NewDisposeScope();
                        observed[index] = true;
                        observe(index, input);
                    }

                    return input;
                }).remove);
            }

            samples = context.ForEachBatch(criterion, gradients: false, (_, _) => { });
        }
        finally
        {
            removals.ForEach(remove => remove());
        }

        if (Array.IndexOf(observed, false, 0, needed ?? observed.Length) is >= 0 and var silent)
        {
            var layer = weights[silent].Layer.Name;
            throw new InvalidOperationException(
                $"{criterion} cannot {(otherwise is null ? "score" : "go by the inputs of")} {layer}: no input of it was seen while the "
                    + $"model ran. {HowToReach}; or {otherwise ?? $"choose L1, L2 or Random for {layer}"}.");
        }

        return samples;
    }
}
