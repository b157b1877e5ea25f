using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>How many random models lost parts of each kind, and answered as those did that had them masked.</summary>
/// <param name="Heads">Models that lost heads of attention.</param>
/// <param name="HeadWidths">Models whose heads became narrower.</param>
/// <param name="Joint">Models that lost channels and single weights in one pass.</param>
/// <param name="Blocks">Models whose residual blocks were emptied.</param>
/// <param name="Inputs">Models that take fewer features.</param>
public readonly record struct Removals(int Heads, int HeadWidths, int Joint, int Blocks, int Inputs)
{
    /// <summary>Both together.</summary>
    public static Removals operator +(Removals first, Removals second) =>
        new(first.Heads + second.Heads, first.HeadWidths + second.HeadWidths, first.Joint + second.Joint, first.Blocks + second.Blocks, first.Inputs + second.Inputs);

    /// <summary>Masks, compacts and compares by every granularity that removes, and empties blocks, each in a model of its own.</summary>
    /// <param name="create">Makes the model, the same each time, in evaluation mode.</param>
    /// <param name="input">What it is called with.</param>
    /// <param name="seed">What ratios are drawn from.</param>
    /// <exception cref="InvalidOperationException">Masked and compacted differ.</exception>
    internal static Removals Of<TModel>(Func<TModel> create, Tensor input, int seed)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        var random = new Random(seed);
        double Ratio() => 0.1 + (0.8 * random.NextDouble());

        // One that leaves nothing of a layer is refused, so it is below what the layer of the smallest weights has.
        double Threshold()
        {
            using var probe = create();
            var least = probe.parameters().Where(parameter => parameter.dim() > 1).Select(parameter => parameter.abs().max().item<float>()).DefaultIfEmpty(1).Min();
            return Math.Min(1e-2, 0.3 * least) * random.NextDouble();
        }

        return new Removals(
            Compare(create, input, new PruneOptions { Granularity = Granularity.AttentionHead, Criterion = Criterion.L1, Ratio = Ratio() }),
            Compare(create, input, new PruneOptions { Granularity = Granularity.HeadWidth, Criterion = Criterion.L1, Ratio = Ratio() }),
            Compare(create, input, new PruneOptions { Criterion = Criterion.L1, Ratio = Ratio(), WeightThreshold = Threshold() }),
            Empty(create, input),
            LeaveUnread(create, input, random));
    }

    /// <summary>Sets to zero what reads some features of the input; without them the model is to answer as before.</summary>
    private static int LeaveUnread<TModel>(Func<TModel> create, Tensor input, Random random)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        using var model = create();
        var readers = PruningPlan.LinkModel(model, null, [input.shape], shrinksInputs: true).Groups
            .Where(group => group.Name.StartsWith("input ", StringComparison.Ordinal))
            .SelectMany(group => group.Members.Where(member => member.Role == MemberRole.Reads)).ToList();
        var unread = random.Next((int)input.size(1));
        foreach (var reader in readers)
        {
            using var places = tensor(Enumerable.Range(0, reader.IndexMap.Count).Where(place => reader.IndexMap[place] == unread).Select(place => (long)place).ToArray());
            reader.Parameter.Tensor.index_fill_(reader.Dim, places, 0);
        }

        var expected = Differences.Answers(model, input);
        var inUse = Pruning.CompactInputs(model, inputs => [model.call(inputs[0])], data: null, input.shape);
        Differences.Require(
            "a model and what is left of it without what it does not read",
            expected,
            [.. Differences.Others(input).Select(other => model.call(inUse.Aggregate(other, (taken, one) => one.Select(taken))))]);
        return inUse.Count > 0 ? 1 : 0;
    }

    private static int Compare<TModel>(Func<TModel> create, Tensor input, PruneOptions options)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        using var model = create();
        var plan = PruningPlan.Link(model, options, input.shape);
        var pruned = plan.Groups.Where(group => ((ChannelGranularity)group.Settings.Granularity!).Suits(plan, group)).ToList();
        if (pruned.Count == 0 || pruned.Exists(group => !group.Exact))
        {
            return 0;
        }

        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        using var mask = Pruning.Mask(model, Forward, options, data: null, input.shape);
        var masked = Differences.Answers(model, input);
        using var result = Pruning.Compact(model, Forward, mask);
        Differences.Require($"masked and compacted by {options.Granularity}", masked, Differences.Answers(model, input));
        return result.After.Parameters < result.Before.Parameters ? 1 : 0;
    }

    /// <summary>Empties the block that the loss needs least; the model is then to answer as one in which the block passes on what it gets.</summary>
    private static int Empty<TModel>(Func<TModel> create, Tensor input)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        using var model = create();
        using var whole = create();
        var data = TrainingData.FromTensors(input, zeros(input.size(0), ScalarType.Int64), (int)input.size(0), shuffle: false);
        BlockRemoval removal;
        try
        {
            removal = Pruning.RemoveBlocks(model, inputs => [model.call(inputs[0])], 1, data, BlockCriterion.LossChange);
        }
        catch (ArgumentOutOfRangeException none) when (none.Message.Contains("it has none", StringComparison.Ordinal))
        {
            return 0;
        }

        using var released = removal;
        var isPassed = false;
        ((nn.Module<Tensor, Tensor>)whole.named_modules().Single(entry => entry.name == removal.Removed.Single()).module)
            .register_forward_hook((_, given, _) =>
            {
                isPassed = true;
                return given.alias();
            });
        var expected = Differences.Answers(whole, input);

        // A block that is called as forward(…) tells no hook; of it the compaction's own check is all there is.
        if (isPassed)
        {
            Differences.Require("a block that is emptied and one that is passed by", expected, Differences.Answers(model, input));
        }

        return 1;
    }
}
