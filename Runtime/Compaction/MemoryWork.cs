using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Work on the numbers of many tensors, done by as many threads as tensors use. It is gathered first: to wake a thread for
/// each parameter would take longer than most of them.
/// </summary>
internal sealed class MemoryWork
{
    // What a thread does in some fifty microseconds, so that none waits long for another at the end.
    private const long ElementsPerChunk = 1 << 18;
    private const int MostChunks = 16;

    // Below this one thread is done before another is awake; above, what is gathered would take memory that it need not.
    private const long Little = 1 << 17;
    private const long Enough = 1 << 22;

    private readonly List<Action> pieces = [];
    private readonly List<Action> ends = [];
    private long elements;

    /// <summary>Into how many chunks work on so many elements is cut; a matter of the work alone, so that sums come out the same on any machine.</summary>
    public static int Chunks(long elements) => (int)Math.Clamp(elements / ElementsPerChunk, 1, MostChunks);

    /// <summary>Adds work on a range, cut into chunks.</summary>
    /// <param name="count">The length of the range.</param>
    /// <param name="size">How many elements are gone through.</param>
    /// <param name="chunks">Number of chunks.</param>
    /// <param name="work">Is given the chunk's number, its start and its end; chunks may run at the same time.</param>
    /// <param name="end">What follows when all chunks are done; the ends of all work run one after the other, in the order in which it was added.</param>
    public void Add(long count, long size, int chunks, Action<int, long, long> work, Action? end = null)
    {
        for (var i = 0; i < chunks; i++)
        {
            var chunk = i;
            pieces.Add(() => work(chunk, count * chunk / chunks, count * (chunk + 1) / chunks));
        }

        AddEnd(end, size);
    }

    /// <summary>Adds what is to run in its turn among the ends.</summary>
    public void Add(Action end) => AddEnd(end, size: 0);

    /// <summary>Does everything that has been added and is not done yet.</summary>
    public void Complete()
    {
        var next = -1;
        var threads = elements > Little ? Math.Min(get_num_threads(), pieces.Count) : 1;
        if (threads > 1)
        {
            Parallel.For(0, threads, _ => TakePieces());
        }
        else
        {
            TakePieces();
        }

        foreach (var end in ends)
        {
            end();
        }

        pieces.Clear();
        ends.Clear();
        elements = 0;

        void TakePieces()
        {
            for (var i = Interlocked.Increment(ref next); i < pieces.Count; i = Interlocked.Increment(ref next))
            {
                pieces[i]();
            }
        }
    }

    private void AddEnd(Action? end, long size)
    {
        if (end is not null)
        {
            ends.Add(end);
        }

        elements += size;
        if (elements >= Enough)
        {
            Complete();
        }
    }
}
