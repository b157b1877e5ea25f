using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Listens to the inputs of the layers that read groups while a model runs: what a channel has become behind activation
/// functions, normalisation, pooling and sums, none of which need be modules that could be listened to.
/// </summary>
internal sealed class InputTaps : IDisposable
{
    private readonly string criterion;
    private readonly Dictionary<PruningGroup, List<string>> readers;
    private readonly List<Action> removals = [];
    private readonly HashSet<string> observed = new(StringComparer.Ordinal);

    /// <param name="criterion">What asks, for messages.</param>
    /// <param name="groups">The groups whose readers are listened to.</param>
    /// <param name="observe">
    /// Is given the path of the layer, each input as it comes, the dimension of its channels, and the groups that these belong to. Returns what
    /// the layer goes on with.
    /// </param>
    /// <exception cref="InvalidOperationException">What comes out of a group reaches no layer that can be listened to.</exception>
    public InputTaps(string criterion, IReadOnlyList<PruningGroup> groups, Func<string, Tensor, int, IReadOnlyList<TappedGroup>, Tensor> observe)
    {
        this.criterion = criterion;
        var places = groups
            .SelectMany((group, index) => Readers(group).Where(IsObserved)
                .Select(member => (Group: group, Index: index, Member: member, Name: member.Parameter.Layer.Name)))
            .ToList();
        readers = places.GroupBy(place => place.Group).ToDictionary(group => group.Key, group => group.Select(place => place.Name).ToList());
        foreach (var group in groups.Where(group => !readers.ContainsKey(group)))
        {
            RequireOutputs(group);
        }

        foreach (var place in places.GroupBy(place => place.Name))
        {
            var (name, module) = (place.Key, place.First().Member.Parameter.Module);
            var channels = place.Select(entry => new TappedGroup(entry.Index, InputMap(entry.Member))).ToList();
            removals.Add(Listen(module, input =>
            {
                if (input.numel() == 0)
                {
                    return input;
                }

                observed.Add(name);
                return observe(name, input, module is Convolution ? LayerAdapters.ChannelDim(module, input.dim()) : (int)input.dim() - 1, channels);
            }));
        }
    }

    /// <summary>Whether a layer that is listened to reads the group.</summary>
    public bool Read(PruningGroup group) => readers.ContainsKey(group);

    /// <summary>Sees to it that of every group that layers read one was observed.</summary>
    /// <exception cref="InvalidOperationException">None was.</exception>
    public void RequireAllObserved()
    {
        foreach (var (group, layers) in readers.Where(entry => !entry.Value.Exists(observed.Contains)))
        {
            throw new InvalidOperationException(
                $"{criterion} cannot score {group.Name}: no input of {string.Join(", ", layers)}, which {(layers.Count > 1 ? "read" : "reads")} it, was seen "
                + $"while the model ran. {LayerInputs.HowToReach}; or choose L1, L2 or Random for {group.Name}.");
        }
    }

    public void Dispose() => removals.ForEach(remove => remove());

    /// <summary>What multiplies the group's channels: of a recurrent layer that which reads its input.</summary>
    private static IEnumerable<GroupMember> Readers(PruningGroup group) => group.Members.Where(member =>
        IsDepthwise(member)
        || (member.Role == MemberRole.Reads && (!IsRecurrent(member.Parameter.Module) || member.Parameter.Name is "weight_ih_l0" or "weight_ih")));

    private static bool IsObserved(GroupMember member) => member.Parameter.Module is Linear or Convolution || IsRecurrent(member.Parameter.Module);

    private static bool IsRecurrent(nn.Module module) => module is LSTM or GRU or RNN or LSTMCell or GRUCell or RNNCell;

    /// <summary>For each channel of what the layer takes in, the group's index; a depthwise convolution makes several channels of each.</summary>
    private static IReadOnlyList<long> InputMap(GroupMember member) => IsDepthwise(member)
        ? member.IndexMap.Chunk((int)(member.IndexMap.Count / ((Convolution)member.Parameter.Module).groups)).Select(made => made[0]).ToList()
        : member.IndexMap;

    private static bool IsDepthwise(GroupMember member) =>
        member is { Role: MemberRole.Follows, Parameter: { Module: Convolution, Name: "weight" } };

    /// <summary>Has a layer that takes one tensor, or a tensor and states, tell of each one.</summary>
    private static Action Listen(nn.Module layer, Func<Tensor, Tensor> observed)
    {
        switch (layer)
        {
            case LSTM lstm:
                return Listen(lstm, observed);
            case GRU gru:
                return Listen(gru, observed);
            case RNN rnn:
                return Listen(rnn, observed);
            case LSTMCell cell:
                return Listen(cell, observed);
            case GRUCell cell:
                return Listen(cell, observed);
            case RNNCell cell:
                return Listen(cell, observed);
            default:
                return ((nn.Module<Tensor, Tensor>)layer).register_forward_pre_hook((_, input) => observed(input)).remove;
        }
    }

    private static Action Listen<TState, TResult>(nn.Module<Tensor, TState, TResult> layer, Func<Tensor, Tensor> observed) =>
        layer.register_forward_pre_hook((_, input, state) => (observed(input), state)).remove;

    /// <summary>Sees to it that what comes out of a group that no layer reads comes out of layers, as it is.</summary>
    private void RequireOutputs(PruningGroup group)
    {
        // A matrix that forward multiplies by need not be known for one that reads.
        static bool MayRead(GroupMember member) => member.Role == MemberRole.Reads
            || (member.Role == MemberRole.Follows && !LayerAdapters.Knows(member.Parameter.Module) && member.Parameter.Shape.Count(size => size > 1) > 1);
        var unobserved = group.Members.Where(MayRead).Concat(ActivationTaps.OwnWeights(group)).Select(member => member.Parameter.Path).Distinct().ToList();
        if (unobserved.Count > 0)
        {
            throw new InvalidOperationException(
                $"{criterion} cannot score {group.Name}: it listens where a Linear, convolution or recurrent layer takes in what comes out, but only "
                + $"{string.Join(", ", unobserved)} {(unobserved.Count > 1 ? "have" : "has")} to do with it, which forward or another layer uses in its "
                + "own way. Choose L1, L2, Random or Taylor for it, or keep its width.");
        }
    }
}
