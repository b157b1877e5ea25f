using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// With what else than the given inputs a model may be called: other values of its optional parameters and, where layers are left that no way reaches,
/// whatever may lead to them: small numbers, tensors that may be left out, inputs of other sizes.
/// </summary>
internal sealed class OtherInputs
{
    private const int MostNumbers = 9;
    private const int MostSizes = 32;

    private readonly HashSet<string> sized = new(StringComparer.Ordinal);

    /// <summary>The conditions on known sizes that are answered as inputs of other sizes would.</summary>
    private HashSet<string> turned = new(StringComparer.Ordinal);

    /// <summary>How many conditions were answered so on this way.</summary>
    public int Turned { get; private set; }

    /// <summary>Whether the others of this way are answered by the sizes that are known: inputs of other sizes leave a loop at some time, too.</summary>
    public bool IsKept { get; set; }

    /// <summary>Begins a way.</summary>
    public void Begin() => (Turned, IsKept) = (0, false);

    /// <summary>Notes a condition on known sizes, and tells whether it is to be answered as inputs of other sizes would.</summary>
    public bool Turns(string condition)
    {
        sized.Add(condition);
        var turns = turned.Contains(condition) && !IsKept;
        Turned += turns ? 1 : 0;
        return turns;
    }

    /// <summary>Has each of them followed.</summary>
    /// <param name="root">The model.</param>
    /// <param name="tensors">The tensors that it is linked with.</param>
    /// <param name="isLeft">Whether layers are left that no way reaches.</param>
    /// <param name="follow">Goes the ways that the model goes with such inputs.</param>
    public void Follow(IPrunable root, AxisTensor[] tensors, Func<bool> isLeft, Action<LinkInputs> follow)
    {
        var given = root.BatchInputs(tensors);
        foreach (var (input, value) in root.OtherInputs)
        {
            follow(given.With(input, value));
        }

        var guesses = given.Numbers.SelectMany(input => Enumerable.Range(0, MostNumbers), (input, number) => given.With(input, number))
            .Concat(Enumerable.Range(1, root.OptionalInputCount)
                .Select(count => root.BatchInputs([.. tensors, .. Enumerable.Range(0, count).Select(_ => AxisTensor.Open())])));
        foreach (var guess in guesses.TakeWhile(_ => isLeft()))
        {
            follow(guess);
        }

        var (pending, tried) = (new Queue<HashSet<string>>(sized.Select(text => new HashSet<string>([text], StringComparer.Ordinal))), 0);
        while (tried++ < MostSizes && isLeft() && pending.TryDequeue(out var next))
        {
            var known = sized.ToHashSet(StringComparer.Ordinal);
            turned = next;
            follow(given);
            sized.Except(known).ToList().ForEach(text => pending.Enqueue(new HashSet<string>([.. next, text], StringComparer.Ordinal)));
        }

        turned = new(StringComparer.Ordinal);
    }
}
