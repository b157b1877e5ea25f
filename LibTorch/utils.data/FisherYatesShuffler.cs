using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The numbers from 0 to size − 1 in random order. With a seed, every enumeration has the same order.</summary>
public class FisherYatesShuffler : IEnumerable<long>
{
    private readonly long size;
    private readonly int? seed;

    /// <summary>Creates the sequence.</summary>
    /// <param name="size">How many numbers.</param>
    /// <param name="seed">Where the random numbers start; null for another order in each enumeration.</param>
    public FisherYatesShuffler(long size, int? seed = null)
    {
        this.size = size;
        this.seed = seed;
    }

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)Shuffled()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // The inside-out form of Fisher and Yates's shuffle: each number takes a random place among those before it.
    // The random numbers are drawn as TorchSharp draws them, so that a seed gives the order that it gives there.
    private long[] Shuffled()
    {
        var random = seed is { } start ? new Random(start) : new Random();
        var order = new long[size];
        for (var i = 0L; i < size; i++)
        {
            var place = unchecked(((long)random.Next() << 32) + (uint)random.Next()) % (i + 1);
            order[i] = order[place];
            order[place] = i;
        }
        return order;
    }
}
