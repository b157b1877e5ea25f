using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Scalars that a device has computed and the host has not read yet. Reading each one makes the host wait for the device
/// at every batch; here it waits once for a whole window. What is read is exact, only later.
/// </summary>
internal sealed class ScalarWindow : IDisposable
{
    /// <summary>How many scalars wait at most: so many batches late a loss that is not a number is noticed.</summary>
    public const int Capacity = 16;

    private readonly List<Tensor> pending = new(Capacity);

    public int Count => pending.Count;

    public bool IsFull => pending.Count >= Capacity;

    /// <summary>Adds a scalar; its value is kept, its history is not.</summary>
    public void Add(Tensor scalar) => pending.Add(scalar.detach().DetachFromDisposeScope());

    /// <summary>Reads every scalar that waits, in the order in which they were added, and forgets them.</summary>
    public double[] Drain()
    {
        if (pending.Count == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        var values = stack(pending).to(CPU).to(ScalarType.Float64).data<double>().ToArray();
        Dispose();
        return values;
    }

    public void Dispose()
    {
        pending.ForEach(scalar => scalar.Dispose());
        pending.Clear();
    }
}
