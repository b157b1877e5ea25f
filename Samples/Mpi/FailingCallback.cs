using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mpi;

/// <summary>How a process fails.</summary>
internal enum Failure
{
    /// <summary>It is killed, as if its machine had gone.</summary>
    Kill,

    /// <summary>It throws.</summary>
    Throw,
}

/// <summary>Has its own process fail.</summary>
/// <param name="at">In which step; null for never.</param>
/// <param name="how">How.</param>
internal sealed class FailingCallback(int? at, Failure how) : TrainingCallback
{
    private long steps;

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        if (++steps != at)
        {
            return;
        }

        if (how == Failure.Throw)
        {
            throw new InvalidOperationException($"This is step {at}.");
        }

        Process.GetCurrentProcess().Kill();
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => new Dictionary<string, Tensor>();
}
