using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A rule that goes by how numbers are distributed: it keeps so many of each batch, evenly taken, and the outermost of all.
/// </summary>
internal abstract class SampledRange : RangeObserver
{
    private const long PerBatch = 1 << 14;
    private const int Batches = 64;

    private readonly List<Tensor> samples = [];

    public sealed override void Observe(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var step = samples.Count == 0 && rows.size(0) > 1 ? 1 : Math.Max(1, rows.size(1) / PerBatch);
        var extremes = cat([rows.amin([1L], keepdim: true), rows.amax([1L], keepdim: true)], 1);
        var some = samples.Count < Batches ? cat([extremes, rows.slice(1, 0, rows.size(1), step)], 1) : extremes;
        samples.Add(some.DetachFromDisposeScope());
    }

    public sealed override (Tensor Least, Tensor Most) RangeFor(CodeGrid grid)
    {
        using var scope = NewDisposeScope();
        var (least, most) = RangeOf(cat(samples, 1), grid);
        samples.ForEach(sample => sample.Dispose());
        samples.Clear();
        return (least.MoveToOuterDisposeScope(), most.MoveToOuterDisposeScope());
    }

    /// <summary>The range of each row.</summary>
    private protected abstract (Tensor Least, Tensor Most) RangeOf(Tensor rows, CodeGrid grid);
}
