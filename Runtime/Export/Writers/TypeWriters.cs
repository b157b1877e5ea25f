using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Conversions of element types, and what changes nothing of a tensor's numbers.</summary>
internal static class TypeWriters
{
    public static void Define(WriterList list)
    {
        foreach (var (name, type) in new[]
        {
            ("float", ScalarType.Float32), ("double", ScalarType.Float64), ("half", ScalarType.Float16), ("bfloat16", ScalarType.BFloat16),
            ("int", ScalarType.Int32), ("long", ScalarType.Int64), ("short", ScalarType.Int16), ("byte", ScalarType.Byte), ("char", ScalarType.Int8),
            ("bool", ScalarType.Bool),
        })
        {
            list.Add(s => s.Graph.Cast(s.Input, type), name);
        }

        list.Add(Convert, "to", "to_type", "type", "type_as");
        list.Add(
            Same,
            "contiguous", "clone", "detach", "alias", "cpu", "cuda", "mps", "pin_memory", "requires_grad", "with_requires_grad", "DetachFromDisposeScope",
            "MoveToOuterDisposeScope", "MoveToOtherDisposeScope");
    }

    private static OnnxValue Convert(OnnxStep step)
    {
        step.Ignore("copy", "disposeAfter", "non_blocking", "deviceType", "deviceIndex", "device");
        var x = step.Input;

        // A second tensor stands for its type.
        var type = step.Optional(1)?.Type ?? step.Type("type", "dtype", "typeFunc");
        return type is null ? x : step.Graph.Cast(x, type.Value);
    }

    private static OnnxValue Same(OnnxStep step)
    {
        step.Ignore("deviceIndex", "memory_format", "non_blocking", "requires_grad", "scope");
        return step.Input;
    }
}
