using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Listens to the outputs of the layers that produce groups while a model runs. Where a BatchNorm takes a producer's
/// output as it is, the BatchNorm's own output is listened to instead: that is what is zero once the channel is gone.
/// A producer whose output is exchanged for another is still listened to, for whoever else may use that output; the
/// BatchNorm then gets the original.
/// </summary>
internal sealed class ActivationTaps : IDisposable
{
    private readonly string criterion;
    private readonly IReadOnlyList<PruningGroup> groups;
    private readonly Predicate<PruningGroup> wanted;
    private readonly Func<Tensor, int, (Tensor Result, Tensor Kept)> observe;
    private readonly List<Tapped> current = [];
    private readonly List<Action> removals = [];
    private readonly HashSet<string> observed = new(StringComparer.Ordinal);

    /// <param name="criterion">What asks, for messages.</param>
    /// <param name="groups">The groups whose producers are listened to.</param>
    /// <param name="wanted">Of which groups the outputs are wanted; of the producers of others it is only seen that they are called.</param>
    /// <param name="observe">
    /// Is given each output as it comes, with the dimension of its channels. Returns what the model goes on with, and
    /// what is kept of it: a new tensor.
    /// </param>
    /// <exception cref="InvalidOperationException">What a producer puts out cannot be told apart by channels.</exception>
    public ActivationTaps(
        string criterion, IReadOnlyList<PruningGroup> groups, Predicate<PruningGroup> wanted, Func<Tensor, int, (Tensor Result, Tensor Kept)> observe)
    {
        this.criterion = criterion;
        this.groups = groups;
        this.wanted = wanted;
        this.observe = observe;
        var places = groups
            .SelectMany((group, index) => group.Members
                .Where(member => IsObserved(group, member))
                .DistinctBy(member => member.Parameter.Layer.Name)
                .Select(member => (member.Parameter.Layer.Name, member.Parameter.Module, Channels: new TappedGroup(index, member.IndexMap))))
            .GroupBy(place => place.Name)
            .ToList();
        foreach (var place in places)
        {
            RequireChannels(place.Key, place.First().Module);
        }

        foreach (var place in places)
        {
            Listen(place.Key, (nn.Module<Tensor, Tensor>)place.First().Module, place.Select(entry => entry.Channels).ToList());
        }
    }

    /// <summary>
    /// The dimensions of the weights that <c>forward</c> makes a group's channels with by itself, so that no layer puts them out:
    /// those of a module that holds a weight that produces the group, and is no layer that does.
    /// </summary>
    public static IReadOnlyList<GroupMember> OwnWeights(PruningGroup group)
    {
        var own = group.Members.Where(member => member.Role != MemberRole.Reads && !group.Producers.Contains(member.Parameter.Layer.Name)).ToList();
        var owners = own.Where(member => member.Role == MemberRole.Produces).Select(member => member.Parameter.Layer.Name).ToHashSet(StringComparer.Ordinal);
        return own.Where(member => owners.Contains(member.Parameter.Layer.Name) && member.Parameter is { IsBuffer: false, SharedWith: null }).ToList();
    }

    /// <summary>What was kept since the last call, in the order of <c>forward</c>. The caller disposes of it.</summary>
    public IReadOnlyList<Tapped> Take()
    {
        var taken = current.ToList();
        current.Clear();
        return taken;
    }

    /// <summary>Sees to it that every producer was observed.</summary>
    /// <exception cref="InvalidOperationException">One was not.</exception>
    public void RequireAllObserved()
    {
        foreach (var producer in groups.SelectMany(Heard).Where(producer => !observed.Contains(producer)))
        {
            throw new InvalidOperationException(
                $"{criterion} cannot score {producer}: no output of it was seen while the model ran. "
                + $"{LayerInputs.HowToReach}; or choose L1, L2 or Random for it.");
        }
    }

    public void Dispose()
    {
        removals.ForEach(remove => remove());
        current.ForEach(tapped => tapped.Dispose());
    }

    /// <summary>The producers that are called with inputs such as the model was linked with.</summary>
    private static IEnumerable<string> Heard(PruningGroup group) => group.Producers.Where(producer =>
        !group.Members.Any(member => member.Parameter.IsOfOtherInputs && member.Parameter.Layer.Name == producer));

    /// <summary>Whether it is a layer that is listened to.</summary>
    private static bool IsObserved(PruningGroup group, GroupMember member) =>
        member.Role == MemberRole.Produces
            ? group.Producers.Contains(member.Parameter.Layer.Name)
            : member.Role == MemberRole.Follows && member.Parameter.Module is NormBase;

    private void RequireChannels(string name, nn.Module module)
    {
        if (module is not (Linear or Convolution or Embedding or NormBase))
        {
            throw new InvalidOperationException(
                $"{criterion} cannot score {name}: which numbers of what a {module.GetType().Name} puts out belong to which channel is only known of "
                + "Linear, convolution and Embedding layers. Choose L1, L2 or Random for it, or keep its width.");
        }
    }

    private void Listen(string name, nn.Module<Tensor, Tensor> layer, IReadOnlyList<TappedGroup> channels)
    {
        var wants = channels.Any(channel => wanted(groups[channel.Index]));
        if (layer is NormBase)
        {
            var before = layer.register_forward_pre_hook((_, input) =>
                current.Find(tapped => ReferenceEquals(tapped.Result, input))?.Output ?? input);
            removals.Add(before.remove);
        }

        var after = layer.register_forward_hook((_, input, output) =>
        {
            // A layer that no sample has reached has put out nothing.
            if (output.numel() == 0)
            {
                return output;
            }

            observed.Add(name);
            return !wants || (layer is NormBase && !MovesBehind(input))
                ? output
                : Observe(name, LayerAdapters.ChannelDim(layer, output.dim()), channels, output);
        });
        removals.Add(after.remove);
    }

    /// <summary>Whether a BatchNorm's input is the output of a producer.</summary>
    private bool MovesBehind(Tensor input)
    {
        var producer = current.FindIndex(tapped => ReferenceEquals(tapped.Output, input));
        if (producer < 0)
        {
            return false;
        }

        if (ReferenceEquals(current[producer].Result, input))
        {
            current[producer].Dispose();
            current.RemoveAt(producer);
        }

        return true;
    }

    private Tensor Observe(string name, int dim, IReadOnlyList<TappedGroup> channels, Tensor output)
    {
        var rows = dim == 0 ? 1 : output.size(0);
        var (result, kept) = observe(output, dim);
        current.Add(new Tapped(name, output, result, kept.DetachFromDisposeScope(), rows, output.numel() / (rows * output.size(dim)), channels));
        return result;
    }
}

/// <summary>One output of a layer that was listened to.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Output">What it gave.</param>
/// <param name="Result">What the model went on with.</param>
/// <param name="Kept">What was kept of it.</param>
/// <param name="Rows">
/// The length of dimension 0: the samples, unless the model folds something else into them. One where that dimension is the channels.
/// </param>
/// <param name="Positions">How many positions each row and channel has.</param>
/// <param name="Groups">The groups that its channels belong to.</param>
internal sealed record Tapped(
    string Layer, Tensor Output, Tensor Result, Tensor Kept, long Rows, long Positions, IReadOnlyList<TappedGroup> Groups) : IDisposable
{
    public void Dispose() => Kept.Dispose();
}

/// <summary>A group that a layer's channels belong to.</summary>
/// <param name="Index">Its position among the groups that are scored.</param>
/// <param name="IndexMap">For each channel, the index of the group that it belongs to, or -1 for none.</param>
internal sealed record TappedGroup(int Index, IReadOnlyList<long> IndexMap)
{
    /// <summary>
    /// The index of the group that a channel belongs to, or -1 for none. The weight of a layer that works in groups may run
    /// over the channels of one of them; all have the same.
    /// </summary>
    public long this[long channel] => IndexMap[(int)(channel % IndexMap.Count)];
}
