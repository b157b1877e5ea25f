using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>
/// Makes a masked model compute what the compacted one has to, where the two differ by design: a layer that takes a statistic
/// over a pruned dimension takes it over what stays. Written apart from the product's own index arithmetic.
/// </summary>
internal sealed class KeptStatistics : IDisposable
{
    private readonly List<Action> undo = [];

    public KeptStatistics(PruneSelection selection)
    {
        using var noGradients = no_grad();
        var inexact = selection.Plan.Groups.Where(group => !group.Exact).ToList();
        foreach (var norm in inexact.SelectMany(group => group.Members).Select(member => member.Parameter.Module).OfType<LayerNorm>().Distinct())
        {
            Correct(norm, selection);
        }

        foreach (var group in inexact.Where(group => group.InexactBecause!.Contains("scales by its width")))
        {
            ScaleQueries(group, Math.Sqrt((double)group.Width / selection.WidthOf(group)));
        }
    }

    /// <summary>Leaves the model as it was.</summary>
    public void Dispose()
    {
        using var noGradients = no_grad();
        undo.ForEach(action => action());
    }

    /// <summary>Mean and variance over the features that stay; the others are zero, as the mask has them.</summary>
    private void Correct(LayerNorm norm, PruneSelection selection)
    {
        var kept = Kept(norm, selection);
        var hook = norm.register_forward_hook((_, x, _) =>
        {
            using var scope = NewDisposeScope();
            var indices = tensor(kept);
            var values = x.index_select(-1, indices);
            var centred = values - values.mean([-1], keepdim: true);
            var normalised = centred / (centred.square().mean([-1], keepdim: true) + norm.eps).sqrt();
            var scaled = (normalised * norm.weight!.index_select(0, indices)) + norm.bias!.index_select(0, indices);
            return zeros_like(x).index_copy_(-1, indices, scaled).MoveToOuterDisposeScope();
        });
        undo.Add(hook.remove);
    }

    /// <summary>Attention divides by the root of the head's width; the first third of a fused layer makes the queries.</summary>
    private void ScaleQueries(PruningGroup group, double factor)
    {
        foreach (var member in group.Members.Where(member => member.Role == MemberRole.Produces))
        {
            var queries = member.Parameter.Tensor.narrow(0, 0, member.Parameter.Shape[0] / 3);
            var before = queries.clone();
            queries.mul_(factor);
            undo.Add(() => queries.copy_(before));
        }
    }

    private static long[] Kept(LayerNorm norm, PruneSelection selection)
    {
        var removed = selection.Plan.Groups
            .SelectMany(group => group.Members.Where(member => ReferenceEquals(member.Parameter.Module, norm) && member.Parameter.Name == "weight").Select(member => (Group: group, Member: member)))
            .SelectMany(entry => Enumerable.Range(0, entry.Member.IndexMap.Count).Where(i => entry.Member.IndexMap[i] >= 0 && !selection.Kept[entry.Group.Name].Contains(entry.Member.IndexMap[i])))
            .ToHashSet();
        return Enumerable.Range(0, (int)norm.weight!.size(0)).Where(i => !removed.Contains(i)).Select(i => (long)i).ToArray();
    }
}
