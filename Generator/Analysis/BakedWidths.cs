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
        var argument = view.Arguments.FirstOrDefault(argument => arguments[argument.Name] is AxisSize[]);
        if (argument is null || arguments[argument.Name] is not AxisSize[] sizes)
        {
            return new Finding(RuleIds.BakedWidth, view.Site, message);
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
                    .ToEquatable());
        }

        var constant = Array.FindIndex(sizes, size => size is { Axis: null, Value: > 1 });
        return new Finding(RuleIds.BakedWidth, constant < 0 ? view.Site : SiteOf(view, argument, constant), message);
    }

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
