using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>How many random models had something moved from one layer into another, or put in another order, and answered as before.</summary>
/// <param name="Folded">Models with a BatchNorm that became a part of the layer before it.</param>
/// <param name="Smoothed">Models whose layers take in channels that spread less.</param>
/// <param name="Permuted">Models whose channels stand in another order.</param>
public readonly record struct Moves(int Folded, int Smoothed, int Permuted)
{
    /// <summary>Both together.</summary>
    public static Moves operator +(Moves first, Moves second) =>
        new(first.Folded + second.Folded, first.Smoothed + second.Smoothed, first.Permuted + second.Permuted);

    /// <summary>Moves and compares, each in a model of its own.</summary>
    /// <param name="create">Makes the model, the same each time, in evaluation mode.</param>
    /// <param name="input">What it is called with.</param>
    /// <exception cref="InvalidOperationException">It answers otherwise.</exception>
    internal static Moves Of<TModel>(Func<TModel> create, Tensor input)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable => new(
            Compare("a model and what it is with its norms folded", create, input, (_, plan) => BatchNormFolding.Apply(plan).Count),
            Compare("a model and what it is smoothed", create, input, (model, plan) => Smooth(model, plan, input)),
            Compare("a model and what it is with its channels in another order", create, input, (model, _) => Permute(model, input)));

    private static int Compare<TModel>(string what, Func<TModel> create, Tensor input, Func<TModel, PruningPlan, int> move)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        using var model = create();
        var expected = Differences.Answers(model, input);
        var moved = move(model, PruningPlan.Link(model, null, input.shape));
        Differences.Require(what, expected, Differences.Answers(model, input));
        return moved > 0 ? 1 : 0;
    }

    private static int Smooth(nn.Module<Tensor, Tensor> model, PruningPlan plan, Tensor input)
    {
        var data = TrainingData.FromTensors(input, zeros(input.size(0), ScalarType.Int64), (int)input.size(0), shuffle: false);
        var context = new ScoringContext(plan, inputs => [model.call(inputs[0])], data, PruneProgress.Quiet, CancellationToken.None);
        var weights = plan.Parameters.Where(parameter => parameter is { IsBuffer: false, SharedWith: null, ReadDim: >= 0, Name: "weight" });
        try
        {
            return SmoothQuant.Apply(plan, context, "smoothing", [.. weights.Select(weight => (weight, 0.5))]).Count;
        }
        catch (InvalidOperationException refusal) when (refusal.Message.Contains("no input of it was seen", StringComparison.Ordinal))
        {
            // One that is called as forward(…) tells no hook.
            return 0;
        }
    }

    /// <summary>A model of several ways is refused, and so is one that looks at the order of its channels: both are told apart from all else by the message.</summary>
    private static int Permute<TModel>(TModel model, Tensor input)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        var options = new PruneOptions { Granularity = new NOfMWeights(1, 2), Criterion = Criterion.L1 };
        try
        {
            return Pruning.PermuteChannels(model, inputs => [model.call(inputs[0])], options, data: null, input.shape).Count;
        }
        catch (InvalidOperationException refusal) when (refusal.Message.Contains("several ways", StringComparison.Ordinal)
            || refusal.Message.Contains("looks at the order", StringComparison.Ordinal) || refusal.Message.Contains("has none", StringComparison.Ordinal))
        {
            return 0;
        }
    }
}
