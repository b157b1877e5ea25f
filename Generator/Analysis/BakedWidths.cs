using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>
/// Finds what to write instead of a constant that states a width: another size that the rule of the operation accepts,
/// one that is inferred (-1) or read from the tensor.
/// </summary>
internal static class BakedWidths
{
    /// <summary>Reports the constant, with what to write instead where there is such a thing.</summary>
    public static Finding Report(AxisGraph graph, OpCall view, AxisTensor[] inputs, Dictionary<string, object?> arguments, string message)
    {
        var argument = view.Arguments.FirstOrDefault(argument => argument.Decides && arguments[argument.Name] is AxisSize[]);
        var keep = inputs.Length > 0 ? Keep(inputs[0].Dims.SelectMany(dim => dim.Leaves())) : [];
        if (argument is null || arguments[argument.Name] is not AxisSize[] sizes)
        {
            return new Finding(RuleIds.BakedWidth, view.Site, new[] { message }.ToEquatable(), keep.ToEquatable());
        }

        foreach (var candidate in Candidates(sizes, inputs[0]))
        {
            try
            {
                var instead = arguments.ToDictionary(pair => pair.Key, pair => pair.Key == argument.Name ? Replace(sizes, candidate, inputs[0]) : pair.Value);
                OpTable.Apply(graph, new OpArguments(view.Name, inputs, instead));
            }
            catch (AxisException)
            {
                // Not this one, then.
                continue;
            }

            return new Finding(
                RuleIds.BakedWidth,
                SiteOf(view, argument, candidate[0].Index),
                new[] { message }.ToEquatable(),
                candidate.Select(change => new NamedText(Literals.Integer(change.Index), change.Dim < 0 ? "-1" : $"shape[{Literals.Integer(change.Dim)}]"))
                    .Prepend(new NamedText(RuleIds.FixedSize, Literals.Integer(candidate[0].Index)))
                    .Concat(keep)
                    .ToEquatable());
        }

        var constant = Array.FindIndex(sizes, size => size is { Axis: null, Value: > 1 });
        return new Finding(RuleIds.BakedWidth, constant < 0 ? view.Site : SiteOf(view, argument, constant), new[] { message }.ToEquatable(), keep.ToEquatable());
    }

    /// <summary>The layer that could keep its width instead, where it is a single one.</summary>
    private static NamedText[] Keep(IEnumerable<Axis> axes) =>
        axes.Where(axis => axis.IsPrunable).Select(axis => axis.Name).Distinct().ToList() is [var only] ? [new NamedText(RuleIds.KeptLayer, only)] : [];

    /// <summary>
    /// A view that only a live model can follow, but whose sizes are numbers through and through: that model holds what is
    /// viewed. Null where a size follows the tensor.
    /// </summary>
    /// <param name="view">The operation.</param>
    /// <param name="x">What is viewed.</param>
    /// <param name="outputs">Whose outputs its elements are.</param>
    /// <param name="arguments">Its arguments, as far as they are known.</param>
    /// <param name="isInput">Whether a value is an input of the model, whose sizes nothing changes.</param>
    public static Finding? Stated(OpCall view, AxisTensor x, Axis outputs, Dictionary<string, object?> arguments, Func<int, bool> isInput)
    {
        if (view.Name is not ("view" or "reshape")
            || view.Arguments.FirstOrDefault(argument => argument.Decides && arguments[argument.Name] is AxisSize[]) is not { Value: ListArgument { Items: var items } } argument
            || arguments[argument.Name] is not AxisSize[] sizes || sizes.Length == 0)
        {
            return null;
        }

        // Sizes that are read from an input stand for the dimensions in front. What stands behind them is the width; a one states nothing.
        var isRead = sizes.Select((size, i) => size.Axis is { } axis ? !axis.MayShrink : items[i] is SizeArgument { Tensor: var tensor } && isInput(tensor)).ToArray();
        var front = x.IsDeferred || x.IsOpen ? Array.LastIndexOf(isRead, true) + 1 : Math.Min(x.Dims.Count - 1, sizes.Length);
        var last = Array.FindLastIndex(sizes, size => size.Value != 1);
        if (last < front)
        {
            return null;
        }

        // Behind the heads, the position may be the size that is left out; then another has to be read from the tensor.
        var inferred = x.IsDeferred ? Array.FindIndex(sizes, size => size.Value == -1) : -1;
        if (inferred == last || !Enumerable.Range(0, sizes.Length).All(i => (i < front && isRead[i]) || i == inferred || (sizes[i].Value is long value ? value > 0 : IsNumber(items[i]))))
        {
            return null;
        }

        var words = new[] { view.Name, outputs.ToString(), inferred < 0 ? "let this one follow (-1)" : "read the other one from the tensor, and let this one follow (-1)" }.ToEquatable();
        var follow = inferred >= 0 ? [] : new[] { new NamedText(RuleIds.FixedSize, Literals.Integer(last)), new NamedText(Literals.Integer(last), "-1") };
        return new Finding(RuleIds.StatedWidth, SiteOf(view, argument, last), words, follow.Concat(Keep(outputs.Leaves())).ToEquatable());
    }

    /// <summary>Whether an argument is a number, or a field or computation that no tensor has a part in.</summary>
    private static bool IsNumber(Argument argument) => argument is NumberArgument or MemberArgument or CodeArgument or ArithmeticArgument && argument is { IsTold: true, IsSize: false };

    /// <summary>Changes that might do, the constant first: to an inferred size (a dimension of -1) or to that of a dimension.</summary>
    private static IEnumerable<(int Index, int Dim)[]> Candidates(AxisSize[] sizes, AxisTensor x)
    {
        var inferred = Array.FindIndex(sizes, size => size is { Axis: null, Value: -1 });
        foreach (var i in Enumerable.Range(0, sizes.Length).Where(i => sizes[i] is { Axis: null, Value: > 1 }))
        {
            if (inferred < 0)
            {
                yield return [(i, -1)];
            }

            foreach (var dim in Enumerable.Range(0, x.IsOpen ? 0 : x.Dims.Count))
            {
                yield return [(i, dim)];
                if (inferred >= 0)
                {
                    yield return [(i, -1), (inferred, dim)];
                }
            }
        }
    }

    private static AxisSize[] Replace(AxisSize[] sizes, (int Index, int Dim)[] changes, AxisTensor x) =>
        sizes.Select((size, i) => changes.Where(change => change.Index == i).Select(change => change.Dim < 0 ? -1 : x.Size(change.Dim)).DefaultIfEmpty(size).First()).ToArray();

    private static int SiteOf(OpCall view, NamedArgument argument, int element) =>
        element + 1 < argument.Sites.Count ? argument.Sites[element + 1] : argument.Sites.Count > 0 ? argument.Sites[0] : view.Site;
}
