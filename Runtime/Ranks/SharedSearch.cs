using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace PruneGen;

/// <summary>
/// A search of which several processes evaluate the choices, each another: process 0 searches, and the others evaluate what it tells them, until it is over.
/// </summary>
/// <param name="all">The processes.</param>
/// <param name="groups">How many numbers a choice has.</param>
/// <param name="evaluate">Evaluates a choice in this process alone.</param>
internal sealed class SharedSearch(Communicator all, int groups, Func<long[], Evaluation> evaluate)
{
    private const long IsOver = 0;
    private const long HasFailed = -1;
    private const long IsCancelled = -2;

    // In the sum of all processes, so that a number of those that were cancelled stays below one that failed.
    private const double Cancelled = 1;
    private const double Failed = 1e6;

    private bool hasEnded;

    /// <summary>How many choices are evaluated at once.</summary>
    public int Size => all.Size;

    /// <summary>What choices come to, one for each process at most. In process 0.</summary>
    /// <exception cref="InvalidOperationException">Another process failed.</exception>
    /// <exception cref="OperationCanceledException">This process or another was to stop.</exception>
    public Evaluation[] Evaluate(IReadOnlyList<long[]> choices)
    {
        Tell(choices.Count, choices);
        return Share(choices);
    }

    /// <summary>Evaluates what process 0 asks for, until its search is over. In the other processes.</summary>
    /// <exception cref="InvalidOperationException">Another process failed.</exception>
    /// <exception cref="OperationCanceledException">This process or another was to stop.</exception>
    public void Serve() => all.Alone(() =>
    {
        while (true)
        {
            var message = new long[1 + (all.Size * groups)];
            all.Broadcast(MemoryMarshal.AsBytes(message.AsSpan()));
            switch (message[0])
            {
                case IsOver:
                    return true;
                case HasFailed:
                    throw new InvalidOperationException("Process 0 failed while it searched; it says of what.");
                case IsCancelled:
                    throw new OperationCanceledException("Process 0 was to stop its search.");
                default:
                    Share([.. message[1..].Chunk(groups).Take((int)message[0])]);
                    break;
            }
        }
    });

    /// <summary>Searches, and tells the others when that is over. In process 0.</summary>
    public T Search<T>(Func<T> search)
    {
        try
        {
            var found = all.Alone(search);
            Tell(IsOver, []);
            return found;
        }
        catch (Exception failure) when (!hasEnded)
        {
            Tell(failure is OperationCanceledException ? IsCancelled : HasFailed, []);
            throw;
        }
    }

    private void Tell(long what, IReadOnlyList<long[]> choices)
    {
        var message = new long[1 + (all.Size * groups)];
        message[0] = what;
        for (var i = 0; i < choices.Count; i++)
        {
            choices[i].CopyTo(message, 1 + (i * groups));
        }

        all.Broadcast(MemoryMarshal.AsBytes(message.AsSpan()));
    }

    /// <summary>Evaluates the choice of this process, where there is one, and gives those of all.</summary>
    private Evaluation[] Share(IReadOnlyList<long[]> choices)
    {
        // Three numbers for each choice, from one process each, and in front of them how many processes did not come to theirs.
        var sums = new double[1 + (3 * choices.Count)];
        ExceptionDispatchInfo? failure = null;
        if (all.Rank < choices.Count)
        {
            try
            {
                var own = evaluate(choices[all.Rank]);
                (sums[1 + (3 * all.Rank)], sums[2 + (3 * all.Rank)], sums[3 + (3 * all.Rank)]) = (own.Loss, own.Error ?? -1, own.Samples);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
                sums[0] = error is OperationCanceledException ? Cancelled : Failed;
            }
        }

        all.Sum(sums);
        if (sums[0] > 0)
        {
            hasEnded = true;
            failure?.Throw();
            throw sums[0] >= Failed
                ? new InvalidOperationException("Another process failed while it evaluated a choice of the search; it says of what.")
                : new OperationCanceledException("Another process was to stop the search.");
        }

        return
        [
            .. sums.Skip(1).Chunk(3).Select(one => new Evaluation(one[0], one[1] < 0 ? null : one[1], (long)one[2])),
        ];
    }
}
