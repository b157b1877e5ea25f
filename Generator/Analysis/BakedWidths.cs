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
        return new Finding(
            RuleIds.BakedWidth, constant < 0 ? view.Site : SiteOf(view, argument, constant), new[] { message }.ToEquatable(), keep.ToEquatable());
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
        if (view.Name is not ("view" or "reshape" or "unflatten")
            || view.Arguments.FirstOrDefault(
                argument => argument.Decides && arguments[argument.Name] is AxisSize[]) is not { Value: ListArgument { Items: var items } } argument
            || arguments[argument.Name] is not AxisSize[] sizes
                || !Enumerable.Range(0, sizes.Length).All(i => sizes[i].Value is not null || sizes[i].Axis is not null || IsNumber(items[i]) || IsRead(i)))
        {
            return null;
        }

        // Sizes that are read from an input stand for the dimensions in front.
        return StatedBy(sizes, view.Name, x, outputs, Enumerable.Range(0, sizes.Length).Select(IsRead).ToArray()) is (int follows, bool readsOther)
            ? Finding(SiteOf(view, argument, follows), view.Name, outputs, follows, readsOther)
            : null;

        bool IsRead(int i) => sizes[i].Axis is { } axis ? !axis.MayShrink : items[i] is SizeArgument { Tensor: var tensor } && isInput(tensor);
    }

    /// <summary>The same of a layer that cuts a dimension into parts.</summary>
    /// <param name="layer">The layer's type.</param>
    /// <param name="sizes">The sizes of the parts.</param>
    /// <param name="x">What is cut.</param>
    /// <param name="outputs">Whose outputs its elements are.</param>
    /// <param name="site">Where the layer is called.</param>
    public static Finding? Stated(string layer, AxisSize[] sizes, AxisTensor x, Axis outputs, int site) =>
        StatedBy(sizes, "unflatten", x, outputs, new bool[sizes.Length]) is (int follows, bool readsOther)
            ? Finding(site, layer, outputs, follows, readsOther, canBeWritten: false)
            : null;

    private static Finding Finding(int site, string name, Axis outputs, int follows, bool readsOther, bool canBeWritten = true)
    {
        var which = canBeWritten ? "this one" : $"size {Literals.Integer(follows + 1)}";
        var words = new[] { name, outputs.ToString(), readsOther
            ? $"read the other one from the tensor, and let {which} follow (-1)"
            : $"let {which} follow (-1)" }.ToEquatable();
        var fix = readsOther || !canBeWritten
            ? []
            : new[] { new NamedText(RuleIds.FixedSize, Literals.Integer(follows)), new NamedText(Literals.Integer(follows), "-1") };
        return new Finding(RuleIds.StatedWidth, site, words, fix.Concat(Keep(outputs.Leaves())).ToEquatable());
    }

    /// <summary>
    /// Which of several numbers that state a width is to follow it, and whether another size that is inferred is to be read then;
    /// null where a size follows the tensor.
    /// </summary>
    private static (int Follows, bool ReadsOther)? StatedBy(AxisSize[] sizes, string name, AxisTensor x, Axis outputs, bool[] isRead)
    {
        // What stands behind the dimensions in front is the width; a one states nothing.
        var isLoose = x.IsDeferred || x.IsOpen;
        var inferred = Array.FindIndex(sizes, size => size is { Axis: null, Value: -1 });
        var front = name == "unflatten" ? 0 : isLoose ? Array.LastIndexOf(isRead, true) + 1 : Math.Min(x.Dims.Count - 1, sizes.Length);

        // Behind the heads, or where channels, rows and columns make up the whole width, it is a dimension in front that is inferred.
        if (inferred >= 0
            && name != "unflatten"
            && (x.IsDeferred
                || (x.IsOpen && outputs.Size is long width && width == sizes.Skip(inferred + 1).Aggregate((long?)1, (product, size) => product * size.Value))))
        {
            front = Math.Max(front, x.IsDeferred ? front : inferred + 1);
        }
        else if (inferred >= 0)
        {
            return null;
        }

        var stated = Enumerable.Range(front, Math.Max(0, sizes.Length - front)).Where(i => i != inferred && sizes[i].Value != 1).ToList();
        return stated.Count == 0
            || (!x.IsDeferred && inferred >= 0 && stated.Count < 3)
            || inferred > stated[stated.Count - 1]
            || !Enumerable.Range(0, front).All(i => isRead[i] || i == inferred || sizes[i].Value > 0)
            || stated.Any(i => sizes[i].Axis is not null || sizes[i].Value <= 0)
            ? null

            // Of heads and their width it is the width; of channels, rows and columns it is the channels.
            : (stated.Count > 2 ? stated[0] : stated[stated.Count - 1], inferred >= 0);
    }

    /// <summary>Whether an argument is a number, or a field or computation that no tensor has a part in.</summary>
    private static bool IsNumber(Argument argument) =>
        argument is NumberArgument or MemberArgument or CodeArgument or ArithmeticArgument && argument is { IsKnown: true, IsSize: false };

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
        sizes.Select(
            (size, i) => changes.Where(change => change.Index == i).Select(change => change.Dim < 0 ? -1 : x.Size(change.Dim)).DefaultIfEmpty(size).First())
                .ToArray();

    private static int SiteOf(OpCall view, NamedArgument argument, int element) =>
        element + 1 < argument.Sites.Count ? argument.Sites[element + 1] : argument.Sites.Count > 0 ? argument.Sites[0] : view.Site;
}
