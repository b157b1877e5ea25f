namespace PruneGen.Axes;

/// <summary>Operations that make a tensor of given sizes. A size read from another tensor counts that tensor's axis.</summary>
internal static class CreationOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [a.Has("size") ? OfSizes(graph, a) : PointwiseOps.Pointwise(graph, a.Name, a.Given, Zeros.Lost)], "normal");

        ops.Add(
            (graph, a) => [OfSizes(graph, a)],
            "zeros", "ones", "empty", "full", "rand", "randn", "randint", "new_zeros", "new_ones", "new_empty", "new_full", "eye");
        ops.Add((graph, a) => [Like(a)], "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like");
        ops.Add(
            (graph, a) => [Row(graph, a)],
            "arange", "linspace", "logspace", "randperm", "hann_window", "hamming_window", "blackman_window", "bartlett_window", "kaiser_window",
            "fftfreq", "rfftfreq");
        ops.Add((graph, a) => [OfValues(graph, a)], "tensor", "as_tensor", "from_array", "scalar_tensor", "new_tensor", "frombuffer");
    }

    private static readonly string[][] Sizes = [["size", "sizes"], ["rows", "dim0"], ["columns", "dim1"], ["dim2"], ["dim3"]];

    public static AxisTensor OfSizes(AxisGraph graph, OpArguments a)
    {
        var sizes = Sizes.Where(names => a.Has(names)).SelectMany(names => a.Sizes(names)).ToList();
        if (a.Name == "eye" && (sizes.Count == 1 || sizes[1] is { IsConstant: true, Value: -1 }))
        {
            sizes = [sizes[0], sizes[0]];
        }

        return new AxisTensor(
            sizes.Select(size => size.Axis ?? graph.NewFixed("", size.AsNumber(a.Name), $"{a.Name} states its size, {size}")).ToArray()).WithZeros(
                a.Name is "zeros" or "new_zeros");
    }

    /// <summary>The sizes of another tensor.</summary>
    public static AxisTensor Like(OpArguments a) => a.Input.WithZeros(a.Name == "zeros_like");

    /// <summary>A row of numbers, each of which tells its place.</summary>
    public static AxisTensor Row(AxisGraph graph, OpArguments a)
    {
        var size = a.Has("steps", "n", "len") ? a.Size(null, "steps", "n", "len")
            : a.Name == "arange" && a.Has("stop") && a.IsWhole("start") && a.IsWhole("stop") && a.IsWhole("step") ? Count(a)
            : AxisSize.Unknown;
        var axis = AxisOf(graph, size);
        graph.Fix(axis, $"{a.Name} numbers its indices");
        return new AxisTensor(axis).WithZeros(false);
    }

    /// <summary>Numbers of the source itself, as <c>tensor(1.5)</c> or <c>tensor(new[] { 1, 2 })</c>; of unknown rank unless it is told.</summary>
    public static AxisTensor OfValues(AxisGraph graph, OpArguments a) => a.Has("dimensions")
        ? new AxisTensor(a.Sizes("dimensions").Select(size => AxisOf(graph, size)).ToArray()).WithZeros(false)
        : a.Has("rank") ? new AxisTensor(Enumerable.Range(0, (int)a.Number(null, "rank")).Select(_ => graph.NewConstant(null)).ToArray()).WithZeros(false)
        : AxisTensor.Open().WithZeros(false);

    private static AxisSize Count(OpArguments a)
    {
        var (start, stop, step) = (a.Size(0, "start"), a.Size(null, "stop"), a.Size(1, "step"));
        return step is not { IsConstant: true, Value: > 0 } ? AxisSize.Unknown
            : start.Value == 0 && step.Value == 1 ? stop : start is { Value: 0, Axis: null } ? (stop + step - 1) / step : (stop - start + step - 1) / step;
    }

    private static Axis AxisOf(AxisGraph graph, AxisSize size) => size.Axis ?? graph.NewConstant(size.AsNumber("a new tensor"));
}
