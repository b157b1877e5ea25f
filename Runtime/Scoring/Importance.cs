using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How much a model needs each channel, or each single weight, by the criteria that its options name.</summary>
public sealed class Importance : IDisposable
{
    private readonly Dictionary<string, double[]> groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> weights = new(StringComparer.Ordinal);
    private readonly HashSet<string> onOneScale = new(StringComparer.Ordinal);
    private readonly List<(ICompensatingCriterion Criterion, ScoringContext Context, IReadOnlyList<PlannedParameter> Weights)> compensating = [];

    private Importance(PruningPlan plan)
    {
        Plan = plan;
    }

    /// <summary>The linked model.</summary>
    public PruningPlan Plan { get; }

    /// <summary>For each group that is pruned in whole channels, by name, one score an index.</summary>
    public IReadOnlyDictionary<string, double[]> Groups => groups;

    /// <summary>For each parameter that is pruned weight by weight, by path, a score of each weight, in its shape.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>Scores a model as the options of its plan ask.</summary>
    /// <param name="plan">The linked model.</param>
    /// <param name="forward">Calls it, and gives its results in order; needed for the criteria that run it over data.</param>
    /// <param name="data">Data for those criteria, labelled where they look at labels.</param>
    /// <param name="progress">Is told how far it has come.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="InvalidOperationException">
    /// A criterion lacks data, cannot see a layer or does not suit a granularity, or scores something with NaN or infinity, or all of it with zero.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Importance Of(
        PruningPlan plan,
        Func<Tensor[], Tensor[]>? forward = null,
        TrainingData? data = null,
        PruneProgress? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var mode = GradientMode.Begin();
        var importance = new Importance(plan);
        var context = new ScoringContext(plan, forward, data, progress ?? PruneProgress.Quiet, cancellationToken);
        try
        {
            // The groups that one criterion scores share one pass over the data.
            RequireSuited(plan);
            var channels = plan.PrunableGroups().GroupBy(group => group.Settings.Criterion!).ToList();
            var weights = plan.PrunableWeights().GroupBy(weight => plan.SettingsOf(weight.Layer.Name).Criterion!).ToList();
            channels.ForEach(scored => Require<IChannelCriterion>(scored.Key, "whole channels", scored.First().Name, context));
            weights.ForEach(scored => Require<IWeightCriterion>(scored.Key, "single weights", scored.First().Path, context));
            var runs = channels.Select(scored => scored.Key).Concat(weights.Select(scored => scored.Key)).Any(one => one.Needs != CriterionNeeds.None);
            using var place = runs ? new TrainingDevice(plan.Model, plan.Options.Retrain.Device) : null;
            channels.ForEach(scored => importance.AddGroups(scored.Key, context, [.. scored]));
            weights.ForEach(scored => importance.AddWeights(scored.Key, context, [.. scored]));
            var quiet = new ScoringContext(plan, forward, data, PruneProgress.Quiet, cancellationToken);
            importance.compensating.AddRange(weights.Where(scored => scored.Key is ICompensatingCriterion)
                .Select(scored => ((ICompensatingCriterion)scored.Key, quiet, (IReadOnlyList<PlannedParameter>)[.. scored])));
        }
        catch
        {
            importance.Dispose();
            throw;
        }

        return importance;
    }

    /// <summary>Makes the scores those of process 0, since sums on another machine may differ in the last bit.</summary>
    internal void TakeFromRoot(Communicator all)
    {
        foreach (var (_, scores) in groups.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            all.Broadcast(MemoryMarshal.AsBytes(scores.AsSpan()));
        }

        foreach (var (_, scores) in weights.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            all.Broadcast(scores);
        }
    }

    /// <summary>Whether the scores of a group may be ranked against those of other groups as they are.</summary>
    internal bool IsOnOneScale(PruningGroup group) => onOneScale.Contains(group.Name);

    /// <summary>What the weights become that stay, by the path of their parameter, where a criterion makes good for those that go.</summary>
    /// <param name="kept">For each parameter, by path, true for each weight that stays.</param>
    internal Dictionary<string, Tensor> Compensated(IReadOnlyDictionary<string, Tensor> kept)
    {
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (criterion, context, scored) in compensating)
        {
            var losing = scored.Where(weight => kept.TryGetValue(weight.Path, out var stays) && !stays.all().item<bool>()).ToList();
            if (losing.Count == 0)
            {
                continue;
            }

            var results = criterion.Compensate(context, losing, losing.ConvertAll(weight => kept[weight.Path]));
            if (results?.Length != losing.Count || results.Contains(null!))
            {
                throw new InvalidOperationException(
                    $"{criterion} makes {results?.OfType<Tensor>().Count() ?? 0} parameters anew of {losing.Count} that lose weights; give one for each. The "
                        + "model is as it was.");
            }

            foreach (var (weight, result) in losing.Zip(results))
            {
                values.Add(weight.Path, result.shape.SequenceEqual(weight.Shape) && result.isfinite().all().item<bool>()
                    ? result.to_type(weight.Tensor.dtype)
                    : throw new InvalidOperationException(
                        $"{criterion} makes of {weight.Path} [{string.Join(", ", weight.Shape)}] weights of the shape [{string.Join(", ", result.shape)}], "
                            + "or some that are infinite or not a number; give finite ones in its shape. The model is as it was before."));
            }
        }

        return values;
    }

    /// <summary>Releases the scores of single weights.</summary>
    public void Dispose()
    {
        foreach (var scores in weights.Values)
        {
            scores.Dispose();
        }
    }

    /// <exception cref="InvalidOperationException">A granularity suits no group at all.</exception>
    private static void RequireSuited(PruningPlan plan)
    {
        var suited = plan.PrunableGroups().Select(group => group.Settings.Granularity!).ToHashSet();
        var missed = plan.Groups.Select(group => group.Settings.Granularity).OfType<ChannelGranularity>().FirstOrDefault(one => !suited.Contains(one));
        if (missed is not null)
        {
            throw new InvalidOperationException(
                $"{missed} applies to no group of {plan.Model.GetType().Name}, neither to {string.Join(" nor to ", plan.Groups.Select(group => group.Name))}"
                    + (missed is AttentionParts
                        ? ": heads are seen where forward cuts queries, keys and values itself, by view(b, n, -1, headWidth) or view(b, n, heads, -1); "
                            + $"MultiheadAttention keeps the width that it was made with. Write attention so, or choose {nameof(Granularity.Structured)}."
                        : ". Choose another granularity."));
        }
    }

    /// <summary>Sees to it that a criterion can score what it is asked to, before any of them runs the model.</summary>
    private static void Require<TScores>(ImportanceCriterion criterion, string what, string name, ScoringContext context)
    {
        if (criterion is not TScores)
        {
            var (other, remedy) = criterion is IChannelCriterion ? ("whole channels", Granularity.Structured) : ("single weights", Granularity.Unstructured);
            throw new InvalidOperationException(
                $"{criterion} scores {(criterion is IChannelCriterion or IWeightCriterion ? other : "nothing")}, but {what} of {name} are to be pruned; "
                    + $"choose L1, L2, Random or Taylor for it{(criterion is IChannelCriterion or IWeightCriterion ? $", or {remedy}" : "")}.");
        }

        if (criterion.Needs != CriterionNeeds.None)
        {
            context.RequireData(criterion.Name);
        }
    }

    private void AddGroups(ImportanceCriterion criterion, ScoringContext context, IReadOnlyList<PruningGroup> scored)
    {
        var scores = ((IChannelCriterion)criterion).ScoreChannels(context, scored);
        RequireAll(criterion, scores?.Length, scored.Count, "groups");
        foreach (var (group, values) in scored.Zip(scores!))
        {
            if (values?.LongLength != group.Width)
            {
                throw new InvalidOperationException(
                    $"{criterion} gives {values?.LongLength ?? 0} scores for {group.Name}, which has {group.Width} channels; give one each.");
            }

            if (!AreFinite(values))
            {
                throw NotFinite(group.Name);
            }

            if (!MayBeZero(criterion, group.Settings)
                && group.Width > 1
                && Array.TrueForAll(values, value => value == 0) && group.Members.Any(IsNonZeroWeight))
            {
                throw AllZero(criterion, group.Name);
            }

            groups.Add(group.Name, values);
            if (criterion.OnOneScale)
            {
                onOneScale.Add(group.Name);
            }
        }
    }

    private void AddWeights(ImportanceCriterion criterion, ScoringContext context, IReadOnlyList<PlannedParameter> scored)
    {
        using var scope = NewDisposeScope();
        var scores = ((IWeightCriterion)criterion).ScoreWeights(context, scored);
        RequireAll(criterion, scores?.Length, scored.Count, "parameters");
        foreach (var (weight, values) in scored.Zip(scores!))
        {
            if (values is null || !values.shape.SequenceEqual(weight.Shape))
            {
                throw new InvalidOperationException(
                    $"{criterion} gives {(values is null ? "null" : $"scores of the shape [{string.Join(", ", values.shape)}]")} for {weight.Path}, which has ["
                        + $"{string.Join(", ", weight.Shape)}]; give one score a weight.");
            }

            // Their sum tells most often, in a fraction of the time: not finite where one of them is not, and not zero where not all are.
            var sum = values.sum().ToDouble();
            if (!double.IsFinite(sum) && !values.isfinite().all().item<bool>())
            {
                throw NotFinite(weight.Path);
            }

            if (sum == 0 && !MayBeZero(criterion, Plan.SettingsOf(weight.Layer.Name)) && !HasNonZero(values) && HasNonZero(weight.Tensor))
            {
                throw AllZero(criterion, weight.Path);
            }

            weights.Add(weight.Path, values.detach().cpu().DetachFromDisposeScope());
        }
    }

    /// <exception cref="InvalidOperationException">A criterion does not score all that it is to score.</exception>
    private static void RequireAll(ImportanceCriterion criterion, int? given, int asked, string what)
    {
        if (given != asked)
        {
            throw new InvalidOperationException(
                $"{criterion} scores {(given is null ? "null" : $"{given}")} of {asked} {what}; give the scores of each, in their order.");
        }
    }

    // One by one: a delegate for each number of a large layer is what a first run would notice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreFinite(double[] values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether zeros may be all that a criterion says: that of data says so only of what is ranked together with others.</summary>
    private static bool MayBeZero(ImportanceCriterion criterion, LayerPruneOptions settings) =>
        criterion.OnOneScale && (criterion.Needs == CriterionNeeds.None || settings.Scope!.IsShared);

    private static bool IsNonZeroWeight(GroupMember member) =>
        !member.Parameter.IsBuffer && member.Role != MemberRole.Reads && HasNonZero(member.Parameter.Tensor);

    private static bool HasNonZero(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.count_nonzero().item<long>() > 0;
    }

    /// <summary>
    /// Scores that are all zero would have the first ones removed, whatever these do. Weights that are all zero are nothing else;
    /// and where it is ranked on one scale with other groups, a zero says that all of it may go.
    /// </summary>
    private static InvalidOperationException AllZero(ImportanceCriterion criterion, string name) =>
        new($"{criterion} scores all of {name} zero although its weights are not, so it does not tell which to remove: "
            + "with this data, in evaluation mode, nothing comes out of it, or nothing of it reaches the loss. "
            + "Choose L1 or L2 for it, keep its width, or give data that it answers to.");

    private static InvalidOperationException NotFinite(string name) =>
        new($"The importance of {name} is infinite or not a number; see that the model's weights, and the data that it is scored by, are finite.");
}
