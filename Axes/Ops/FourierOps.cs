namespace PruneGen.Axes;

/// <summary>Fourier transforms: each mixes the indices of the dimensions that it runs along, and leaves the others as they are.</summary>
internal static class FourierOps
{
    public static void Define(OpList ops)
    {
        ops.Add(
            (graph, a) => [Transform(graph, a)],
            "fft", "fft_", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2", "hfft2", "ihfft2", "fftn", "ifftn", "rfftn",
            "irfftn", "hfftn", "ihfftn");
    }

    public static AxisTensor Transform(AxisGraph graph, OpArguments a)
    {
        var (x, name) = (a.Input, a.Name.TrimEnd('_'));
        var single = name.EndsWith("t", StringComparison.Ordinal);
        var sizes = !a.Has("n", "s") ? null : single ? [a.Size(null, "n")] : a.Sizes("s");
        var places = Dims(a, single, sizes).Select(dim => x.IndexOf(dim)).ToArray();
        var result = x;
        for (var i = 0; i < places.Length; i++)
        {
            var from = x.Dims[places[i]];
            graph.Fix(from, $"{a.Name} mixes its indices");
            var given = sizes is null || i >= sizes.Count || sizes[i] is { IsConstant: true, Value: -1 } ? (AxisSize?)null : sizes[i];
            given?.AsNumber(a.Name);
            var length = given ?? AxisSize.Of(from);

            // Of real numbers one half of the result says it all; the last dimension has no more.
            var last = i == places.Length - 1;
            var made = last && name is "rfft" or "rfft2" or "rfftn" or "ihfft" or "ihfft2" or "ihfftn" ? (length / 2) + 1
                : last && given is null && name is "irfft" or "irfft2" or "irfftn" or "hfft" or "hfft2" or "hfftn" ? (length - 1) * 2
                : length;
            result = result.With(places[i], made.Axis ?? graph.NewFixed(from.Name, made.Value, $"{a.Name} mixes its indices"));
        }

        return result;
    }

    /// <summary>The last dimension, the last two, or all that there are; or those that are told.</summary>
    private static IEnumerable<long> Dims(OpArguments a, bool single, IReadOnlyList<AxisSize>? sizes)
    {
        if (a.Numbers("dim") is { } told)
        {
            return told;
        }

        var count = single ? 1 : a.Name.EndsWith("2", StringComparison.Ordinal) ? 2 : sizes?.Count;
        if (count is null && a.Input.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} runs along every dimension of {a.Input}; give the shape of the model's input");
        }

        count ??= a.Input.Dims.Count;
        return Enumerable.Range(0, count.Value).Select(i => (long)i - count.Value);
    }
}
