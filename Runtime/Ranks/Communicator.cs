namespace PruneGen;

/// <summary>
/// Several processes that train one model together, as one of them sees them: derive from it over MPI, or whatever else connects yours, and give it in each of
/// them as <see cref="RetrainOptions.Communicator"/>.
/// </summary>
/// <remarks>
/// Every process makes the same model, with the same data and options. Each batch is divided among them; between the backward pass and the optimizer's step
/// their gradients are averaged, so that all of them take the same step: a batch of 128 in two processes of 64 each gives what one process makes of the 128, up
/// to rounding. What is pruned is chosen by process 0, and told to the others. Its methods are called on the thread that trains. They are collective: all
/// processes call the same ones in the same order with as many values, and each waits there for the others. Whoever starts the processes has to end all where
/// one fails, since those that are left would wait for ever; MPI does so by Abort.
/// </remarks>
public abstract class Communicator
{
    /// <summary>Which of the processes this one is, from 0. Process 0 chooses what goes, keeps the checkpoint and makes the report.</summary>
    public abstract int Rank { get; }

    /// <summary>How many processes there are, at least 1.</summary>
    public abstract int Size { get; }

    /// <summary>Adds up what the processes give: behind it each has the sums, in the same bits.</summary>
    /// <param name="values">As many numbers in each process.</param>
    public abstract void Sum(Span<float> values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    public abstract void Sum(Span<double> values);

    /// <summary>Gives each process what process 0 has.</summary>
    /// <param name="values">As many bytes in each process.</param>
    public abstract void Broadcast(Span<byte> values);

    /// <summary>Whether process 0 does something by itself at the moment, while the others wait for what comes of it.</summary>
    internal bool IsAlone { get; private set; }

    /// <summary>Does something that the other processes do not, so that nothing in it may wait for them.</summary>
    internal T Alone<T>(Func<T> work)
    {
        IsAlone = true;
        try
        {
            return work();
        }
        finally
        {
            IsAlone = false;
        }
    }
}
