using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>
/// Tensors that only a live model can follow, but of which the source tells whose outputs their elements are: what attention
/// makes of a layer's outputs once fields have cut them into heads. So a number that states their width can be pointed at.
/// </summary>
internal sealed class CarriedOutputs
{
    private readonly Dictionary<int, (Axis Axis, int Rank)> known = [];

    /// <summary>The outputs whose elements a value holds: as many as there are, for each position.</summary>
    /// <param name="value">The value.</param>
    /// <param name="tensor">What is known of it.</param>
    public Axis? Of(int value, AxisTensor? tensor) =>
        tensor is null ? null
        : !tensor.IsDeferred ? LastOnly(tensor)
        : known.TryGetValue(value, out var carried) ? carried.Axis : null;

    /// <summary>Notes what the result of an operation holds, which only a live model can follow.</summary>
    public void Note(OpCall operation, AxisTensor?[] inputs)
    {
        if (Follow(operation, inputs) is (Axis axis, int rank))
        {
            known[operation.Result] = (axis, rank);
        }
    }

    /// <summary>Notes that a value is another one.</summary>
    public void Copy(int from, int to)
    {
        if (known.TryGetValue(from, out var carried))
        {
            known[to] = carried;
        }
    }

    private (Axis Axis, int Rank)? Follow(OpCall operation, AxisTensor?[] inputs)
    {
        switch (operation.Name)
        {
            case "view" or "reshape":
                return operation.Arguments is [{ Value: ListArgument { Items.Count: var rank } }] && Of(operation.Inputs[0], inputs[0]) is { } viewed
                    ? (viewed, rank)
                    : null;

            // The width of the heads stays where it is, at the end.
            case "transpose":
                return Known(operation, 0) is { } moved
                    && operation.Arguments.Count == 2
                    && operation.Arguments.All(dim => IsBeforeLast(dim.Value, moved.Rank))
                    ? moved
                    : null;
            case "permute":
                return Known(operation, 0) is { } permuted
                    && operation.Arguments is [{ Value: ListArgument { Items: var order } }]
                    && order.Count == permuted.Rank
                    && order.Take(order.Count - 1).All(dim => IsBeforeLast(dim, permuted.Rank))
                    ? permuted
                    : null;

            // Scores have as many columns as the values have rows.
            case "scaled_dot_product_attention":
                return operation.Inputs.Count > 2 ? Known(operation, 2) : null;
            case "matmul" or "bmm":
                return operation.Inputs.Count == 2 && Known(operation, 0) is null ? Known(operation, 1) : null;

            default:
                return operation.Inputs.Count == 1 && OpTable.Knows(operation.Name) && !OpTable.TakesArguments(operation.Name) ? Known(operation, 0) : null;
        }
    }

    private (Axis Axis, int Rank)? Known(OpCall operation, int input) => known.TryGetValue(operation.Inputs[input], out var carried) ? carried : null;

    private static bool IsBeforeLast(Argument dim, int rank) => dim is NumberArgument { Value: var number } && (number < 0 ? number + rank : number) < rank - 1;

    /// <summary>The last dimension, where it alone may shrink.</summary>
    public static Axis? LastOnly(AxisTensor x) =>
        x.Dims.Count > 0 && x.Dims[x.Dims.Count - 1] is { MayShrink: true } last && !x.Dims.Take(x.Dims.Count - 1).Any(axis => axis.MayShrink) ? last : null;
}
