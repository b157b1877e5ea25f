namespace PruneGen.Interruptions;

/// <summary>What may be killed at any instant, and goes on from a folder.</summary>
/// <param name="Name">What the command line calls it.</param>
public abstract record Work(string Name)
{
    /// <summary>Pruning with retraining, and saving.</summary>
    public static IReadOnlyList<Work> Runs { get; } = [new PruneWork(Kind.Rounds), new PruneWork(Kind.Gradual)];

    /// <summary>Searches for ratios.</summary>
    public static IReadOnlyList<Work> Searches { get; } =
    [
        new SearchWork(Allocator.RandomSearch), new SearchWork(Allocator.Annealing), new SearchWork(Allocator.Genetic),
        new SearchWork(Allocator.NonDominatedSorting), new SearchWork(Allocator.LearnedMasks), new SearchWork(Allocator.Reinforcement),
    ];

    /// <summary>Whether it says when it is over and only saves.</summary>
    public virtual bool Saves => false;

    /// <summary>Runs to the end.</summary>
    public abstract void Run(string folder);

    /// <summary>What it ended with, byte by byte.</summary>
    public abstract byte[] ResultIn(string folder);

    /// <summary>How far it has come by what it has kept; 0 where nothing is.</summary>
    public abstract long ReachedIn(string folder);

    /// <summary>Whether the file that is written again and again is there and not whole.</summary>
    public abstract bool IsHalfWritten(string folder);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}
