using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Remembers the random state of the process, which is the user's, and puts it back when disposed of.</summary>
/// <remarks>That of the CPU: TorchSharp does not tell those of other devices.</remarks>
internal sealed class RandomState : IDisposable
{
    private readonly Tensor state = get_rng_state().DetachFromDisposeScope();

    public void Dispose()
    {
        set_rng_state(state);
        state.Dispose();
    }
}
