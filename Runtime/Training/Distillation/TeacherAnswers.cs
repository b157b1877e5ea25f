using System.Globalization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What the dense model answers to each sample of tensors in memory. It always answers alike, so it is asked in the first epoch alone; the others are spared a
/// forward pass, which is a third of a dense step and more than all of a narrow model's.
/// </summary>
internal sealed class TeacherAnswers : IDisposable
{
    private Tensor[] known = [];

    /// <summary>The answers so far, by the number of the result.</summary>
    public IReadOnlyDictionary<string, Tensor> State =>
        known.Select((all, i) => (all, i)).ToDictionary(one => one.i.ToString(CultureInfo.InvariantCulture), one => one.all, StringComparer.Ordinal);

    /// <summary>Knows what another one knew.</summary>
    public void Take(IReadOnlyDictionary<string, Tensor> state, Device device)
    {
        Dispose();
        known = [.. Enumerable.Range(0, state.Count)
            .Select(i => state[i.ToString(CultureInfo.InvariantCulture)].to(device, copy: true).DetachFromDisposeScope())];
    }

    /// <summary>The answers to a batch.</summary>
    /// <param name="batch">The batch, where the model trains.</param>
    /// <param name="context">Where training is.</param>
    /// <param name="teacher">Calls the dense model.</param>
    public Tensor[] To(Batch batch, TrainingContext context, Func<Tensor[], Tensor[]> teacher)
    {
        if (batch.Samples is not { } samples)
        {
            return teacher(batch.Inputs);
        }

        if (context.Epoch > 0 && known.Length > 0)
        {
            return Array.ConvertAll(known, all => all.index_select(0, samples.to(all.device)));
        }

        var answers = teacher(batch.Inputs);
        if (context is { Epoch: 0, Step: 0 } && IsSmall(answers, batch))
        {
            known = Array.ConvertAll(answers, answer => answer.new_empty([context.Samples, .. answer.shape[1..]]).DetachFromDisposeScope());
        }

        foreach (var (all, answer) in known.Zip(answers))
        {
            all.index_copy_(0, samples.to(all.device), answer);
        }

        return answers;
    }

    public void Dispose()
    {
        Array.ForEach(known, all => all.Dispose());
        known = [];
    }

    /// <summary>Whether there is one answer for each sample, and all together take no more room than the inputs.</summary>
    private static bool IsSmall(Tensor[] answers, Batch batch) =>
        answers.All(answer => answer.dim() > 0 && answer.size(0) == batch.Size) && answers.Sum(Bytes) <= batch.Inputs.Sum(Bytes);

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();
}
