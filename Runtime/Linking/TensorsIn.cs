using System.Collections;
using System.Runtime.CompilerServices;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>The tensors in what steps are given and what they give.</summary>
internal static class TensorsIn
{
    /// <summary>
    /// The tensors of an argument at their places: one, null where it is left out, those of a tuple, or none where it is a number or the like.
    /// </summary>
    public static IEnumerable<AxisTensor?> Argument(object? input) => input switch
    {
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Argument(tuple[i])),
        null or AxisTensor => [(AxisTensor?)input],
        _ => [],
    };

    /// <summary>Every tensor in a result, however it is wrapped.</summary>
    public static IEnumerable<AxisTensor> Result(object? result) => result switch
    {
        AxisTensor tensor => [tensor],
        string => [],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Result(tuple[i])),
        IDictionary map => map.Values.Cast<object?>().SelectMany(Result),
        IEnumerable several => several.Cast<object?>().SelectMany(Result),
        _ => [],
    };
}
