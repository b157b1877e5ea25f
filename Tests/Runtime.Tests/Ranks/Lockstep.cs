using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// Several "processes" in this one, each on a thread of its own, of which one runs at a time, until it waits for the others. Each has a random state of its
/// own, as processes have.
/// </summary>
internal sealed class Lockstep
{
    private readonly SemaphoreSlim[] turns;
    private readonly Tensor[] random;
    private readonly byte[]?[] given;
    private readonly string[] calls;
    private readonly bool[] isOver;
    private byte[] result = [];
    private Exception? failure;

    private Lockstep(int size)
    {
        (turns, given, calls, isOver) = ([.. Enumerable.Range(0, size).Select(_ => new SemaphoreSlim(0))], new byte[size][], new string[size], new bool[size]);
        random = [.. Enumerable.Range(0, size).Select(_ => get_rng_state())];
    }

    /// <summary>How often the processes have waited for each other.</summary>
    public int Calls { get; private set; }

    /// <summary>Runs the processes, and gives what each comes to. What one throws ends the others, and is thrown here.</summary>
    public static T[] Run<T>(int size, Func<Communicator, T> process) => Run(size, process, out _);

    /// <inheritdoc cref="Run{T}(int, Func{Communicator, T})"/>
    public static T[] Run<T>(int size, Func<Communicator, T> process, out int calls)
    {
        var all = new Lockstep(size);
        var results = new T[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() => all.Body(rank, () => results[rank] = process(new OneOf(all, rank))))).ToList();
        using var before = get_rng_state();
        threads.ForEach(thread => thread.Start());
        all.turns[0].Release();
        threads.ForEach(thread => thread.Join());
        set_rng_state(before);
        calls = all.Calls;
        return all.failure is null ? results : throw new AggregateException(all.failure);
    }

    /// <summary>What each process threw; null where it came to its end. One that waits for another that is gone throws <see cref="GoneException"/>.</summary>
    public static Exception?[] Failures(int size, Action<Communicator> process) => Run(size, rank =>
    {
        try
        {
            process(rank);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    });

    private void Body(int rank, Action work)
    {
        turns[rank].Wait();
        try
        {
            if (failure is null)
            {
                set_rng_state(random[rank]);
                work();
            }
        }
        catch (Exception error)
        {
            failure ??= error;
        }

        isOver[rank] = true;
        var next = Enumerable.Range(1, turns.Length - 1).Select(step => (rank + step) % turns.Length).FirstOrDefault(other => !isOver[other], -1);
        if (next >= 0)
        {
            turns[next].Release();
        }
    }

    /// <summary>Gives something, lets the others run until they have, and takes what comes of it.</summary>
    private ReadOnlySpan<byte> Meet(int rank, string call, byte[] values, Func<byte[][], byte[]> combine)
    {
        (given[rank], calls[rank]) = (values, call);
        var number = Calls;
        if (rank == turns.Length - 1)
        {
            Calls++;
            if (isOver.Any(over => over) || calls.Distinct().Count() > 1)
            {
                failure ??= new GoneException(
                    $"The processes do not meet: {string.Join(", ", calls.Select((own, i) => isOver[i] ? "over" : own))}.");
            }
            else
            {
                result = combine(given!);
            }
        }
        else if (isOver[rank + 1])
        {
            failure ??= new GoneException($"Process {rank} waits at {call} for process {rank + 1}, which is over.");
        }

        if (failure is null)
        {
            using (random[rank])
            {
                random[rank] = get_rng_state().DetachFromDisposeScope();
            }

            turns[(rank + 1) % turns.Length].Release();
            turns[rank].Wait();
            set_rng_state(random[rank]);
        }

        return failure is null && Calls > number ? result : throw new GoneException(failure?.Message ?? $"Process {rank} waits at {call} for one that is over.");
    }

    /// <summary>Another process is gone.</summary>
    internal sealed class GoneException(string message) : Exception(message);

    private sealed class OneOf(Lockstep all, int rank) : Communicator
    {
        public override int Rank => rank;

        public override int Size => all.turns.Length;

        public override void Sum(Span<float> values) => Meet(values, "sum of float32", every => Added<float>(every, (sum, value) => sum + value));

        public override void Sum(Span<double> values) => Meet(values, "sum of float64", every => Added<double>(every, (sum, value) => sum + value));

        public override void Broadcast(Span<byte> values) => Meet(values, "broadcast", every => every[0]);

        private static byte[] Added<T>(byte[][] every, Func<T, T, T> add)
            where T : unmanaged
        {
            var sum = every[0].ToArray();
            foreach (var other in every.Skip(1))
            {
                var sums = MemoryMarshal.Cast<byte, T>(sum.AsSpan());
                var values = MemoryMarshal.Cast<byte, T>(other.AsSpan());
                for (var i = 0; i < sums.Length; i++)
                {
                    sums[i] = add(sums[i], values[i]);
                }
            }

            return sum;
        }

        private void Meet<T>(Span<T> values, string call, Func<byte[][], byte[]> combine)
            where T : unmanaged
        {
            var bytes = MemoryMarshal.AsBytes(values);
            all.Meet(rank, $"{call}, {values.Length}", bytes.ToArray(), combine).CopyTo(bytes);
        }
    }
}
