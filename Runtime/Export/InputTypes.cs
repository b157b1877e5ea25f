using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Of which element type a model's input must be, by what reads it.</summary>
internal static class InputTypes
{
    /// <summary>Operations that leave the numbers as they are, so that whatever asks for a type behind them asks for that of the input.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "t", "T", "narrow", "slice", "select", "index", "cat",
        "stack", "expand", "repeat", "contiguous", "clone", "detach", "chunk", "split", "unbind", "flip", "add", "sub", "mul", "clamp", "roll", "to", "cpu",
        "MoveToOuterDisposeScope", "DetachFromDisposeScope",
    };

    /// <summary>The type that a reader asks for; null where none does.</summary>
    public static ScalarType? Asked(ForwardTrace trace, AxisTensor input)
    {
        var passed = new HashSet<AxisTensor>(ReferenceEqualityComparer.Instance) { input };
        foreach (var step in trace.Steps)
        {
            var places = Enumerable.Range(0, step.Inputs.Count).Where(i => step.Inputs[i] is { } tensor && passed.Contains(tensor)).ToList();
            if (step.Kind == TraceStepKind.Layer)
            {
                if (places.Count > 0 && step.Module is Embedding or EmbeddingBag)
                {
                    return ScalarType.Int64;
                }

                continue;
            }

            var name = step.Name.TrimEnd('_');
            if (places.Contains(0) && name is "embedding" or "one_hot"
                || places.Contains(1) && name is "gather" or "index_select" or "scatter" or "scatter_add" or "index_add" or "take_along_dim"
                || Picks(step, passed))
            {
                return ScalarType.Int64;
            }

            if ((places.Contains(1) && name == "masked_fill") || (places.Contains(0) && name is "where" or "logical_not"))
            {
                return ScalarType.Bool;
            }

            if (places.Count > 0 && Passing.Contains(name))
            {
                passed.UnionWith(step.Results);
            }
        }

        return null;
    }

    private static bool Picks(TraceStep step, HashSet<AxisTensor> passed) => step.Arguments.Select(argument => argument.Value).OfType<AxisSlice[]>()
        .SelectMany(slices => slices).Any(slice => slice.Indices is { } indices && passed.Contains(indices));
}
