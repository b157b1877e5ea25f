using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>Arguments as the rules take them.</summary>
internal static class ArgumentValues
{
    /// <summary>A number, a flag, a size or several sizes; <see cref="OpArguments.Unknown"/> for what only a live model tells.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="tensors">The tensors whose sizes it may read.</param>
    public static object? Evaluate(Argument argument, IReadOnlyList<AxisTensor> tensors) => argument switch
    {
        NullArgument => null,
        NumberArgument number => number.Value,
        FlagArgument flag => flag.Value,
        TextArgument text => text.Value,
        FractionArgument fraction => fraction.Value,
        SlicesArgument slices => slices.Slices.Select(slice => Slice(slice, tensors)).ToArray(),
        ListArgument list => list.Items.Select(item => Size(item, tensors)).ToArray(),
        _ => Size(argument, tensors),
    };

    private static AxisSlice Slice(SliceSpec slice, IReadOnlyList<AxisTensor> tensors) => slice.Kind switch
    {
        "All" => AxisSlice.All,
        "Ellipsis" => AxisSlice.Ellipsis,
        "NewAxis" => AxisSlice.NewAxis,
        "At" => AxisSlice.At(Size(slice.Start!, tensors)),
        "By" => AxisSlice.By(tensors[slice.Tensor]),
        _ => AxisSlice.Range(
            slice.Start is null ? null : Size(slice.Start, tensors),
            slice.Stop is null ? null : Size(slice.Stop, tensors),
            (slice.Step as NumberArgument)?.Value ?? 1),
    };

    private static AxisSize Size(Argument argument, IReadOnlyList<AxisTensor> tensors) => argument switch
    {
        NumberArgument number => number.Value,
        SizeArgument { Dim: NumberArgument dim } size => tensors[size.Tensor].Size(dim.Value),
        RankArgument { Tensor: var tensor } when tensors[tensor] is { IsDeferred: false, IsOpen: false } known => known.Dims.Count,
        CodeArgument { Code: Call { Arguments: [TextArgument { Value: var expression }, ..] } content } when content.IsOfLinker("Content") =>
            AxisSize.OfContent(expression, [.. content.Arguments.Skip(2).OfType<Argument>().Select(from => Size(from, tensors))]),
        ArithmeticArgument sum => Combine(sum.Operator, Size(sum.Left, tensors), Size(sum.Right, tensors)),
        _ => AxisSize.Unknown,
    };

    private static AxisSize Combine(char sign, AxisSize left, AxisSize right) => sign switch
    {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '%' => left % right,
        _ => left / right,
    };
}
