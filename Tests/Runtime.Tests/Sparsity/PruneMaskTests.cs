using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class PruneMaskTests
{
    [Fact]
    public void Every_slice_of_a_removed_channel_is_zero_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        using var selection = new PruneSelection(model.Plan(), new Dictionary<string, long[]> { ["stem"] = [0, 2, 3, 4, 5, 6, 7] });
        using var mask = PruneMask.Of(selection);

        mask.Apply();

        AssertZeros(model.stem.weight!, 0, 1);
        AssertZeros(model.stemNorm.weight!, 0, 1);
        AssertZeros(model.stemNorm.bias!, 0, 1);
        AssertZeros(model.stemNorm.running_mean!, 0, 1);
        AssertZeros(model.stemNorm.running_var!, 0);
        AssertZeros(model.depthwise.weight!, 0, 2, 3);
        AssertZeros(model.depthwise.bias!, 0, 2, 3);
        AssertZeros(model.depthwiseNorm.weight!, 0, 2, 3);
        AssertZeros(model.pointwise.weight!, 1, 2, 3);
        AssertZeros(model.pointwise.bias!, 0);
        AssertZeros(model.head.weight!, 1);
    }

    [Fact]
    public void Held_weights_stay_zero_while_the_others_learn()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        using var selection = Pruned.RandomSelection(model.Plan(), 2);
        using var mask = PruneMask.Of(selection);
        mask.Apply();
        var zeros = Zeros(model);
        var input = randn(6, 3, 8, 8);
        var target = tensor(new long[] { 0, 1, 2, 3, 4, 0 });
        var optimizer = optim.Adam(model.parameters(), 0.01);
        model.train();
        for (var step = 0; step < 5; step++)
        {
            optimizer.zero_grad();
            nn.functional.cross_entropy(model.call(input), target).backward();
            optimizer.step();
            mask.Hold();
        }

        Assert.Equal(zeros, Zeros(model));
        var masked = Pruned.Evaluate(model, input);
        using var result = Compaction.Apply(mask);
        Assert.InRange(Pruned.MaxDifference(masked, Pruned.Evaluate(model, input)), 0, 1e-4);
    }

    [Fact]
    public void Single_weights_are_held()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using var importance = Importance.Of(model.Plan(new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.9 }));
        using var selection = Selection.Of(importance);
        using var mask = PruneMask.Of(selection);
        var biases = Pruned.Values(model.fc1.bias!);
        mask.Apply();
        Assert.Equal(450, Pruned.Values(model.conv1.weight!).Count(weight => weight == 0));
        Assert.Equal(360_000, Pruned.Values(model.fc1.weight!).Count(weight => weight == 0));
        Assert.Equal(biases, Pruned.Values(model.fc1.bias!));

        using (no_grad())
        {
            model.fc1.weight!.sub_(0.25);
        }

        mask.Hold();
        Assert.Equal(360_000, Pruned.Values(model.fc1.weight!).Count(weight => weight == 0));
        Assert.Equal(430_500 - 387_450 + 580, ModelCount.NonZero(model));
    }

    [Fact]
    public void Holding_takes_the_live_parameters_after_the_model_has_moved()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using var selection = Pruned.RandomSelection(model.Plan(), 2);
        using var mask = PruneMask.Of(selection);
        mask.Apply();
        var zeros = Zeros(model);

        // Any such move makes new parameters.
        model.to(ScalarType.Float64);
        using (no_grad())
        {
            foreach (var parameter in model.parameters())
            {
                parameter.add_(1);
            }
        }

        mask.Hold();
        Assert.Equal(zeros, Zeros(model));
    }

    private static int Zeros(nn.Module model) => model.parameters().Sum(parameter => Pruned.Values(parameter).Count(value => value == 0));

    private static void AssertZeros(Tensor tensor, int dim, params int[] expected)
    {
        for (long i = 0; i < tensor.size(dim); i++)
        {
            var slice = Pruned.Values(tensor.select(dim, i));
            Assert.Equal(expected.Contains((int)i), slice.All(value => value == 0));
        }
    }
}
