using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Finds the channels that a model does without, and moves what they contribute into the biases behind them. A channel that nothing reads with a weight
/// other than zero contributes nothing; one that is made with weights of zero is act(bias), a constant c, and W · c goes into the reader's bias, or, of
/// a reader without one, out of the running mean of the BatchNorm that takes what it makes. Behind a border of zeros the sum is another one there, so such a
/// channel stays.
/// </summary>
/// <param name="plan">The model.</param>
/// <param name="forward">Calls it, and gives its results in order.</param>
/// <param name="sample">What to call it with, where the model is; it stays the caller's.</param>
internal sealed class DeadChannels(PruningPlan plan, Func<Tensor[], Tensor[]> forward, Tensor[] sample)
{
    /// <summary>By how much numbers that are the same everywhere may differ for being rounded.</summary>
    private const double Rounding = 1e-6;

    private readonly bool hasOneWay = plan.AllWays.Count == 1 && plan.Trace.OpenLoops.Count == 0;
    private readonly HashSet<PruningGroup> followed = [];

    /// <summary>Finds the channels, moves what they contribute, and sets everything to zero that goes with them, until no more of them are found.</summary>
    /// <param name="unfollowed">
    /// Whether channels that come out of nothing but zeros count where it is not known what happens to them. Whoever says yes compares answers.
    /// </param>
    /// <returns>For each group the channels that stay, at least one.</returns>
    public Dictionary<string, long[]> Fold(bool unfollowed)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var kept = plan.Groups.ToDictionary(group => group.Name, group => All(group), StringComparer.Ordinal);
        while (true)
        {
            var values = Listen();
            var found = plan.Groups.ToDictionary(group => group, group => DeadOf(group, values, unfollowed));
            var next = found.ToDictionary(entry => entry.Key.Name, entry => Array.FindAll(kept[entry.Key.Name], channel => !entry.Value[channel]));
            foreach (var (name, channels) in next.Where(entry => entry.Value.Length == 0).ToList())
            {
                next[name] = kept[name][..1];
            }

            if (next.All(entry => entry.Value.Length == kept[entry.Key].Length))
            {
                return kept;
            }

            Move(values, next);
            kept = next;
            using var selection = new PruneSelection(plan, kept);
            using var mask = PruneMask.Of(selection);
            mask.Write();
        }
    }

    /// <summary>What comes to each place of what Linear layers and convolutions read, where it is the same in every sample and position; else NaN.</summary>
    private Dictionary<nn.Module, double[]> Listen()
    {
        var ranges = new Dictionary<nn.Module, (double[] Low, double[] High)>(ReferenceEqualityComparer.Instance);
        var readers = plan.Groups.SelectMany(group => group.Members).Where(member => member.Role == MemberRole.Reads)
            .Select(member => member.Parameter.Module).Where(module => module is Linear or Convolution { groups: 1 }).Distinct().ToList();
        var hooks = readers.ConvertAll(module => ((nn.Module<Tensor, Tensor>)module).register_forward_pre_hook((_, input) =>
        {
            var rows = ChannelSums.Rows(input.detach(), module is Convolution ? LayerAdapters.ChannelDim(module, input.dim()) : (int)input.dim() - 1);
            if (rows.numel() > 0)
            {
                var (low, high) = (ChannelSums.Values(rows.amin([1])), ChannelSums.Values(rows.amax([1])));
                ranges[module] = !ranges.TryGetValue(module, out var before) ? (low, high)
                    : ([.. before.Low.Zip(low, Math.Min)], [.. before.High.Zip(high, Math.Max)]);
            }

            return input;
        }));
        try
        {
            CompactionVerifier.Answer(plan.Model, forward, sample);
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }

        return ranges.ToDictionary(
            entry => entry.Key,
            entry => entry.Value.Low.Zip(
                entry.Value.High,
                (low, high) => high - low <= Rounding * Math.Max(1, Math.Abs(high)) ? (low + high) / 2 : double.NaN).ToArray());
    }

    /// <summary>The channels of a group that the model does without.</summary>
    private bool[] DeadOf(PruningGroup group, Dictionary<nn.Module, double[]> values, bool unfollowed)
    {
        var none = new bool[group.Width];
        if (!group.Exact)
        {
            return none;
        }

        var readers = group.Members.Where(member => member.Role == MemberRole.Reads && !member.Parameter.IsBuffer).ToList();
        if (ChannelFlow.Of(plan, group) is not { } flow || readers.Count == 0)
        {
            return unfollowed && hasOneWay ? MadeOfZeros(group) : none;
        }

        followed.Add(group);
        var dead = Enumerable.Repeat(true, none.Length).ToArray();
        foreach (var reader in readers)
        {
            var weights = ChannelSums.Slices(reader.Parameter.Tensor.ne(0), reader.Dim);
            var module = reader.Parameter.Module;
            var constant = flow.Readers.GetValueOrDefault(module) ?? none;
            var taken = values.GetValueOrDefault(module);
            var takes = hasOneWay && Target(module) is not null;

            // What was heard is what came on the way that the sample goes.
            var isHeard = hasOneWay || flow.IsAlike(module);
            for (var place = 0; place < weights.Length; place++)
            {
                if (reader.IndexMap[place] is >= 0 and var channel && weights[place] != 0)
                {
                    dead[channel] &= constant[channel] && taken is not null && isHeard
                        && (taken[place] == 0 || (takes && double.IsFinite(taken[place])));
                }
            }
        }

        return dead;
    }

    private static bool[] MadeOfZeros(PruningGroup group)
    {
        using var slices = new ChannelSlices(group);
        return slices.IsEmpty ? new bool[group.Width] : [.. ChannelSums.Values(slices.Sums(weight => weight.ne(0))).Select(count => count == 0)];
    }

    /// <summary>Moves what goes, and is not zero, into what takes it.</summary>
    private void Move(Dictionary<nn.Module, double[]> values, Dictionary<string, long[]> kept)
    {
        var moved = new Dictionary<(nn.Module Reader, string Weight), bool[]>();
        foreach (var (group, member) in followed.SelectMany(group => group.Members, (group, member) => (group, member)))
        {
            if (member is { Role: MemberRole.Reads, Parameter: { Name: "weight", SharedWith: null } } && values.ContainsKey(member.Parameter.Module))
            {
                var stays = kept[group.Name].ToHashSet();
                var key = (member.Parameter.Module, member.Parameter.Name);
                var goes = moved.GetValueOrDefault(key) ?? new bool[member.IndexMap.Count];
                moved[key] = [.. goes.Select((one, place) => one || (member.IndexMap[place] is >= 0 and var channel && !stays.Contains(channel)))];
            }
        }

        foreach (var ((reader, weight), goes) in moved)
        {
            var numbers = values[reader].Select((value, place) => goes[place] && double.IsFinite(value) ? value : 0).ToArray();
            if (Array.Exists(numbers, number => number != 0) && Target(reader) is { } target)
            {
                var matrix = reader.get_parameter(weight)!.to_type(ScalarType.Float64);
                var contribution = (matrix.dim() > 2 ? matrix.flatten(2).sum(2) : matrix).mv(tensor(numbers, device: matrix.device));
                target.Tensor.add_(contribution.to_type(target.Tensor.dtype), target.Sign);
            }
        }
    }

    /// <summary>What takes a constant that a layer would put out: its bias, or the mean that a BatchNorm subtracts; null where there is none.</summary>
    private (Tensor Tensor, int Sign)? Target(nn.Module reader)
    {
        if (reader is ConvTranspose1d or ConvTranspose2d or ConvTranspose3d || (reader is Convolution convolution && ChannelFlow.HasBorder(convolution)))
        {
            return null;
        }

        if (reader.get_parameter("bias") is { } bias)
        {
            // What is held at zero, or used elsewhere too, is not free to take it.
            var isFree = WeightMasks.Of(reader, "bias") is null && plan.Parameters.Count(parameter => parameter.Tensor.Handle == bias.Handle) == 1;
            return isFree ? (bias, 1) : null;
        }

        var calls = plan.Trace.Steps.Where(step => ReferenceEquals(step.Module, reader) && step.Kind == TraceStepKind.Layer).ToList();
        if (calls is not [{ Results: [var made] }] || plan.Trace.Results.Contains(made))
        {
            return null;
        }

        return plan.Trace.Steps.Where(step => step.Inputs.Contains(made)).ToList() is [{ Kind: TraceStepKind.Layer, Module: BatchNorm norm }]
            && plan.Trace.Steps.Count(step => ReferenceEquals(step.Module, norm)) == 1 && norm.get_buffer("running_mean") is { } mean
                ? (mean, -1)
                : null;
    }

    private static long[] All(PruningGroup group) => [.. Enumerable.Range(0, (int)group.Width).Select(channel => (long)channel)];
}
