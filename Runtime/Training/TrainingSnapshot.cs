using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Keeps what a training has reached, so that it can go on from there in another process.</summary>
internal interface ITrainingKeeper
{
    /// <summary>Whether anything is kept at all.</summary>
    bool Keeps { get; }

    /// <summary>Where a training that was interrupted is to go on; null where one begins.</summary>
    (TrainingPosition Position, IReadOnlyDictionary<string, Tensor> Tensors, string From)? Reached { get; }

    /// <summary>Lets go of <see cref="Reached"/>, which the training has gone on from.</summary>
    void Forget();

    /// <summary>Whether it is time to keep what was reached.</summary>
    bool IsDue(long step);

    /// <summary>Keeps what was reached.</summary>
    void Keep(TrainingPosition position, Dictionary<string, Tensor> tensors);
}

/// <summary>What a training would need to go on, as tensors.</summary>
internal static class TrainingSnapshot
{
    private const string Optimizer = "optimizer";
    private const string Random = "random";

    /// <summary>Everything but the place in the data; null where a callback, or an optimizer of the user's, does not tell what it remembers.</summary>
    public static Dictionary<string, Tensor>? Of(TrainingContext context, IReadOnlyList<TrainingCallback> callbacks)
    {
        if (context.Optimizer is not OptimizerHelper optimizer)
        {
            return null;
        }

        var tensors = ModelTensors.Of(context.Model);
        for (var i = 0; i < callbacks.Count; i++)
        {
            if (callbacks[i].SaveState(context) is not { } state)
            {
                return null;
            }

            foreach (var (name, tensor) in state)
            {
                tensors.Add(Prefix(i) + name, tensor);
            }
        }

        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            optimizer.save_state_dict(writer);
        }

        tensors.Add(Optimizer, tensor(stream.ToArray()));
        tensors.Add(Random, get_rng_state());
        return tensors;
    }

    /// <summary>Puts everything back but the random state, for a training that has just begun.</summary>
    public static void Restore(TrainingContext context, IReadOnlyList<TrainingCallback> callbacks, IReadOnlyDictionary<string, Tensor> tensors, string from)
    {
        ModelTensors.Put(context.Model, tensors, from);
        for (var i = 0; i < callbacks.Count; i++)
        {
            var prefix = Prefix(i);
            callbacks[i].LoadState(context, tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal));
        }

        context.RefreshMasks();
        using var stream = new MemoryStream(tensors[Optimizer].data<byte>().ToArray());
        using var reader = new BinaryReader(stream);
        ((OptimizerHelper)context.Optimizer).load_state_dict(reader);
    }

    /// <summary>Puts the random state back.</summary>
    public static void RestoreRandom(IReadOnlyDictionary<string, Tensor> tensors) => set_rng_state(tensors[Random]);

    private static string Prefix(int callback) => FormattableString.Invariant($"callback.{callback}.");
}
