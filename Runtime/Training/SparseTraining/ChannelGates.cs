using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Multiplies what the layers of each group put out by a gate for each channel, which is learnt, and puts the gates into the weights when the training is
/// over: the model then answers as it did with them, and channels whose gate is closed are zero in all that makes them.
/// </summary>
/// <remarks>
/// A gate stands behind a BatchNorm or depthwise convolution that takes a layer's output, else behind the layer itself; layers whose outputs meet have
/// gates in common. Groups of which that cannot be done keep all of their channels: <see cref="Ungated"/> says why. Train with gates first, then remove
/// what is zero by <see cref="Pruning.CompactZeros{TModel}"/>, and retrain. Layers must be invoked by <c>call</c>.
/// </remarks>
public abstract class ChannelGates : TrainingCallback
{
    private readonly List<GateSet> sets = [];
    private readonly List<Action> removals = [];
    private readonly Dictionary<string, string> ungated = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> values = new(StringComparer.Ordinal);
    private optim.Optimizer? optimizer;
    private long samples;

    private protected ChannelGates(double strength) => Strength = SparseTrainingArguments.Strength(strength, GetType().Name);

    /// <summary>The learning rate of the gates, above 0; they have an Adam of their own. 1e-2 by default.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>The groups that have no gates, by name, each with the reason. To be read once training has begun.</summary>
    public IReadOnlyDictionary<string, string> Ungated => ungated;

    /// <summary>What the channels of each group were multiplied by at the end of the last training: 0 is a channel that is closed.</summary>
    public IReadOnlyDictionary<string, double[]> Values => values;

    private protected double Strength { get; }

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        SparseTrainingArguments.LearningRate(LearningRate, GetType().Name);
        SparseTrainingArguments.RequireNoBestWeightsBehind(this, context);
        ungated.Clear();
        values.Clear();
        samples = context.Samples;
        var plan = context.Link();
        foreach (var group in plan.Groups)
        {
            if (ChannelOutputs.Of(plan, group, out var because) is { } outputs)
            {
                sets.Add(new GateSet(group, outputs.Layers, NewParameters(group, context)));
            }
            else
            {
                ungated.Add(group.Name, because!);
            }
        }

        if (sets.Count == 0)
        {
            throw new InvalidOperationException(
                $"{GetType().Name} finds no channels in {context.Model.GetType().Name} to put gates on. "
                    + string.Join(" ", ungated.Select(entry => $"{entry.Key}: {entry.Value}.").Concat(
                        plan.Unpruned.Select(held => $"{held.Layer} keeps its width: {held.Because}."))));
        }

        foreach (var set in sets)
        {
            foreach (var (name, layer) in set.Layers)
            {
                removals.Add(layer.register_forward_hook((_, _, output) =>
                    context.IsTeacherCalled || output.numel() == 0 ? output : Gated(set, name, layer, output, context.Model.training)).remove);
            }
        }

        optimizer = optim.Adam(sets.SelectMany(set => set.Parameters).Concat(MoreParameters), LearningRate);
    }

    /// <inheritdoc/>
    public override void OnBatch(TrainingContext context, Batch batch) => sets.ForEach(set => set.Redraw());

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss) => sets.Aggregate(
        loss, (sum, set) => sum + (PenaltyOf(set) * (Strength * Ramp(context) / samples)).to_type(loss.dtype));

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        context.AverageGradients(sets.SelectMany(set => set.Parameters).Concat(MoreParameters));
        optimizer!.step();
        optimizer.zero_grad();
        sets.ForEach(Limit);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        foreach (var (set, layer) in sets.SelectMany(set => set.Unheard.Select(layer => (set, layer))))
        {
            throw new InvalidOperationException(
                $"{GetType().Name} has seen no output of {layer} while the model ran. {LayerInputs.HowToReach}.");
        }

        if (context.KeptEpoch == epoch.Epoch)
        {
            sets.ForEach(set => set.Keep());
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        removals.ForEach(remove => remove());
        removals.Clear();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var set in sets)
        {
            if (context.KeptEpoch is not null)
            {
                set.PutBack();
            }

            var gates = Final(set).to_type(ScalarType.Float64);
            set.Fold(gates);
            values.Add(set.Group.Name, ChannelSums.Values(gates));
        }
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        removals.ForEach(remove => remove());
        removals.Clear();
        optimizer?.Dispose();
        optimizer = null;
        sets.ForEach(set => set.Dispose());
        sets.Clear();
    }

    /// <summary>What is learnt of a group's gates, each [width].</summary>
    private protected abstract Parameter[] NewParameters(PruningGroup group, TrainingContext context);

    /// <summary>Gates for training, [rows, width], or [1, width] for the same in each row.</summary>
    private protected abstract Tensor Draw(GateSet set, long rows);

    /// <summary>Gates to answer with, [width]; exactly zero where they are closed.</summary>
    private protected abstract Tensor Final(GateSet set);

    /// <summary>What the gates of a group cost, a scalar, before it is multiplied by the strength and divided by the number of samples.</summary>
    private protected abstract Tensor PenaltyOf(GateSet set);

    /// <summary>What else is learnt, at the same rate.</summary>
    private protected virtual IEnumerable<Parameter> MoreParameters => [];

    /// <summary>How much of the penalty counts by now, from 0 to 1.</summary>
    private protected virtual double Ramp(TrainingContext context) => 1;

    /// <summary>Keeps what is learnt in its range.</summary>
    private protected virtual void Limit(GateSet set)
    {
    }

    /// <summary>A parameter on the training device, in float32, or float64 where the group's weights are.</summary>
    private protected static Parameter New(PruningGroup group, TrainingContext context, double mean, double deviation)
    {
        var type = group.Members[0].Parameter.Tensor.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        using var scope = NewDisposeScope();
        var parameter = new Parameter((randn(group.Width, type, context.Device) * deviation) + mean);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    private Tensor Gated(GateSet set, string name, nn.Module layer, Tensor output, bool isTraining)
    {
        var (rows, positions) = GateSet.RowsOf(layer, output);
        set.Observed.Add(name);
        set.Positions = positions;
        return set.Apply(name, layer, output, isTraining ? set.DrawnFor(rows, () => Draw(set, rows)) : Final(set).unsqueeze(0));
    }
}

/// <summary>The gates of one group while a model is trained.</summary>
internal sealed class GateSet : IDisposable
{
    private readonly Dictionary<string, Tensor> maps = new(StringComparer.Ordinal);
    private readonly ChannelSlices outgoing;
    private readonly ChannelSlices all;
    private readonly Dictionary<long, Tensor> drawn = [];
    private Tensor[] kept = [];

    /// <summary>The layers that were not called, but for those that only other inputs than those of the data reach.</summary>
    public IEnumerable<string> Unheard => Layers.Keys.Where(layer => !Observed.Contains(layer)
        && !Group.Members.Any(member => member.Parameter.IsOfOtherInputs && member.Parameter.Layer.Name == layer));

    /// <param name="group">The group.</param>
    /// <param name="layers">The layers that the gates stand behind.</param>
    /// <param name="parameters">What is learnt.</param>
    public GateSet(PruningGroup group, IReadOnlyDictionary<string, nn.Module<Tensor, Tensor>> layers, Parameter[] parameters)
    {
        (Group, Layers, Parameters) = (group, layers, parameters);
        outgoing = new ChannelSlices(group, member => layers.ContainsKey(member.Parameter.Layer.Name));
        all = new ChannelSlices(group);
        foreach (var name in layers.Keys)
        {
            var member = group.Members.First(member => member.Role != MemberRole.Reads && member.Parameter.Layer.Name == name);
            var places = member.IndexMap.Select(index => index < 0 ? group.Width : index).ToArray();
            maps.Add(name, tensor(places, device: parameters[0].device).DetachFromDisposeScope());
        }
    }

    public PruningGroup Group { get; }

    public IReadOnlyDictionary<string, nn.Module<Tensor, Tensor>> Layers { get; }

    public Parameter[] Parameters { get; }

    /// <summary>How many weights make each channel.</summary>
    public IReadOnlyList<double> Counts => all.Counts;

    /// <summary>Which of the layers were observed.</summary>
    public HashSet<string> Observed { get; } = new(StringComparer.Ordinal);

    /// <summary>At how many positions a channel is put out, of each row.</summary>
    public long Positions { get; set; } = 1;

    /// <summary>How many rows an output has, and at how many positions each channel stands in each.</summary>
    public static (long Rows, long Positions) RowsOf(nn.Module layer, Tensor output)
    {
        var dim = LayerAdapters.ChannelDim(layer, output.dim());
        var rows = dim == 0 ? 1 : output.size(0);
        return (rows, output.numel() / (rows * output.size(dim)));
    }

    /// <summary>What a layer puts out, each channel multiplied by its gate.</summary>
    /// <param name="name">The layer's path.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="output">What it puts out.</param>
    /// <param name="gates">[rows, width], or [1, width] for the same in each row.</param>
    public Tensor Apply(string name, nn.Module layer, Tensor output, Tensor gates)
    {
        var (dim, map) = (LayerAdapters.ChannelDim(layer, output.dim()), maps[name]);
        var shape = Enumerable.Repeat(1L, (int)output.dim()).ToArray();
        if (dim != 0)
        {
            shape[0] = gates.size(0);
        }

        // Of a grouped layer the weight may run over the channels of one group; all have the same. Behind the gates stands a one for what is in no group.
        var all = cat([gates, ones([gates.size(0), 1], gates.dtype, gates.device)], 1).index_select(1, map);
        shape[dim] = output.size(dim);
        return output * all.repeat(1, output.size(dim) / map.size(0)).to_type(output.dtype).reshape(shape);
    }

    /// <summary>Another batch comes, for which gates are drawn anew.</summary>
    public void Redraw()
    {
        foreach (var gates in drawn.Values)
        {
            gates.Dispose();
        }

        drawn.Clear();
    }

    /// <summary>The gates of this batch, by the number of rows that they are for, the same wherever they stand.</summary>
    public Tensor DrawnFor(long rows, Func<Tensor> draw)
    {
        if (!drawn.TryGetValue(rows, out var gates))
        {
            // A scope of forward's own would dispose of them, and other layers need them.
            drawn.Add(rows, gates = draw().DetachFromDisposeScope());
        }

        return gates;
    }

    /// <summary>Keeps what is learnt as it is now.</summary>
    public void Keep()
    {
        Array.ForEach(kept, tensor => tensor.Dispose());
        kept = Array.ConvertAll(Parameters, parameter => parameter.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Puts back what was kept.</summary>
    public void PutBack()
    {
        for (var i = 0; i < kept.Length; i++)
        {
            Parameters[i].copy_(kept[i]);
        }
    }

    /// <summary>Multiplies the weights of the layers that the gates stand behind; of channels that are closed all weights are zero.</summary>
    public void Fold(Tensor gates)
    {
        outgoing.Multiply(gates);
        all.Multiply(gates.ne(0).to_type(ScalarType.Float64));
    }

    public void Dispose()
    {
        Redraw();
        outgoing.Dispose();
        all.Dispose();
        Array.ForEach(kept, tensor => tensor.Dispose());
        foreach (var tensor in maps.Values.Concat(Parameters))
        {
            tensor.Dispose();
        }
    }
}
