using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Which values of a trace are one memory. A graph of ONNX has no memory to write into: what an operation in place writes is a new tensor, which
/// takes the place of the old one for everything that is read later.
/// </summary>
internal sealed class TraceMemory
{
    /// <summary>Operations whose result is the tensor that they take.</summary>
    private static readonly HashSet<string> Same = new(StringComparer.Ordinal)
    {
        "detach", "alias", "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "requires_grad",
        "with_requires_grad", "DetachFromDisposeScope", "MoveToOuterDisposeScope", "MoveToOtherDisposeScope",
    };

    /// <summary>Operations whose results lie in the memory of the tensor that they take, or may: what converts gives back what is so already.</summary>
    private static readonly HashSet<string> Views = new(StringComparer.Ordinal)
    {
        "view", "view_as", "reshape", "reshape_as", "flatten", "ravel", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "swapaxes", "swapdims",
        "t", "T", "movedim", "moveaxis", "expand", "expand_as", "broadcast_to", "index", "narrow", "slice", "select", "chunk", "split", "split_with_sizes",
        "tensor_split", "hsplit", "vsplit", "dsplit", "unbind", "unfold", "diagonal", "view_as_real", "view_as_complex", "atleast_1d", "atleast_2d",
        "atleast_3d", "as_strided", "contiguous", "cpu", "cuda", "mps", "to", "to_type", "type", "type_as", "float", "double", "half", "bfloat16", "int",
        "long", "short", "byte", "char", "bool", "real", "conj", "resolve_conj", "resolve_neg", "positive",
    };

    private readonly ForwardTrace trace;
    private readonly Dictionary<AxisTensor, (AxisTensor Memory, AxisTensor Whole)> places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<AxisTensor, int> lastRead = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<AxisTensor> held = new(ReferenceEqualityComparer.Instance);

    public TraceMemory(ForwardTrace trace)
    {
        this.trace = trace;
        for (var i = 0; i < trace.Steps.Count; i++)
        {
            foreach (var read in Read(trace.Steps[i]))
            {
                lastRead[read] = i;
            }
        }

        foreach (var result in trace.Results)
        {
            lastRead[result] = int.MaxValue;
        }

        foreach (var input in trace.Inputs)
        {
            places[input] = (input, input);
        }

        foreach (var step in trace.Steps)
        {
            Place(step);
        }
    }

    /// <summary>Whether a layer works in place, as it is told when it is made.</summary>
    public static bool IsInPlace(nn.Module layer) => layer.GetType().GetProperty("inplace")?.GetValue(layer) is true;

    /// <summary>
    /// The tensors that a step writes into: its first one, and what is the same tensor under another name. Null where it writes into none.
    /// </summary>
    public IReadOnlyList<AxisTensor>? Written(int number) => Target(trace.Steps[number]) is { } target
        ? [target, .. places.Where(place => place.Value.Whole == places[target].Whole && place.Key != target).Select(place => place.Key)]
        : null;

    /// <summary>What holds the tensors that were there before forward was called, and that it writes into, other than to fill them anew.</summary>
    public IEnumerable<string> WrittenHeld()
    {
        var holders = trace.Steps.Where(step => step.Kind is TraceStepKind.Parameter or TraceStepKind.Tensor)
            .ToDictionary<TraceStep, AxisTensor, string>(step => step.Results[0], step => step.Name, ReferenceEqualityComparer.Instance);
        var (read, fresh) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var step in trace.Steps)
        {
            if (Target(step) is { } target && holders.GetValueOrDefault(places[target].Memory) is { } holder)
            {
                var isFilled = step is { Name: "zero_" or "fill_", Inputs.Count: 1 };
                if (isFilled && places[target].Whole == places[target].Memory && !read.Contains(holder))
                {
                    // What is filled as a whole before anything reads it is the same each time, whatever is done to it then.
                    fresh.Add(holder);
                }

                if (!isFilled && !fresh.Contains(holder))
                {
                    yield return holder;
                }
            }

            read.UnionWith(Read(step).Select(value => holders.GetValueOrDefault(places[value].Memory)).OfType<string>());
        }
    }

    /// <summary>Refuses a step that writes into memory which is read later as something else.</summary>
    /// <exception cref="OnnxExportException">It does.</exception>
    public void Check(int number)
    {
        if (Target(trace.Steps[number]) is not { } target)
        {
            return;
        }

        var (memory, whole) = places[target];
        if (held.Contains(memory))
        {
            throw new OnnxExportException("it writes into a parameter or buffer of the model, and a graph of ONNX has none that stay; write into a copy");
        }

        // What the step itself makes of it is the tensor that is written.
        var others = places.Where(place => place.Value.Memory == memory && place.Value.Whole != whole && MadeBefore(place.Key, number));
        if (others.Any(other => lastRead.GetValueOrDefault(other.Key, -1) > number))
        {
            throw new OnnxExportException(
                "it writes into a tensor whose memory a view shares that is read afterwards, and a graph of ONNX has no memory; write into a clone(), or use "
                    + "the operation without the underscore");
        }
    }

    private static IEnumerable<AxisTensor> Read(TraceStep step) => step.Inputs.OfType<AxisTensor>().Concat(
        step.Arguments.Select(argument => argument.Value).OfType<AxisSlice[]>()
            .SelectMany(slices => slices.Select(slice => slice.Indices)).OfType<AxisTensor>());

    private bool MadeBefore(AxisTensor value, int number) => trace.NumberOf(value) < trace.NumberOf(trace.Steps[number].Results[0]);

    private static AxisTensor? Target(TraceStep step) => step.Kind switch
    {
        TraceStepKind.Operation when step.Name.EndsWith('_') || step.Arguments.Any(argument => argument is { Name: "inplace", Value: true }) =>
            step.Inputs.Count > 0 ? step.Inputs[0] : null,
        TraceStepKind.Layer when IsInPlace(step.Module!) => step.Inputs.Count > 0 ? step.Inputs[0] : null,
        _ => null,
    };

    private void Place(TraceStep step)
    {
        var source = step.Inputs.Count > 0 ? step.Inputs[0] : null;
        var type = step.Module?.GetType().Name ?? "";
        var isSame = source is not null && (step.Kind == TraceStepKind.Layer
            ? type == "Identity" || type.Contains("Dropout", StringComparison.Ordinal) || IsInPlace(step.Module!)
            : Same.Contains(step.Name) || Target(step) is not null);
        var isView = source is not null && (step.Kind == TraceStepKind.Layer
            ? type is "Flatten" or "Unflatten"
            : Views.Contains(step.Name.TrimEnd('_')) && !Copies(step));
        foreach (var result in step.Results)
        {
            places[result] = isSame ? places[source!] : isView ? (places[source!].Memory, result) : (result, result);
        }

        if (step.Kind is TraceStepKind.Parameter or TraceStepKind.Tensor)
        {
            held.Add(step.Results[0]);
        }
    }

    /// <summary>An index by a tensor makes a copy.</summary>
    private static bool Copies(TraceStep step) => step.Arguments.Select(argument => argument.Value).OfType<AxisSlice[]>()
        .Any(slices => slices.Any(slice => slice.Kind == SliceKind.By));
}
