using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What was pruned stays pruned, through every verb, until it is released.</summary>
public sealed class WeightMasksTests : IDisposable
{
    private static readonly PruneOptions Weights = new() { Granularity = Granularity.Unstructured, Ratio = 0.75, Retrain = new() { Epochs = 1 } };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LeNet model = new(1);
    private readonly TrainingData data = TrainingData.FromTensors(rand(32, 1, 28, 28), randint(0, 10, 32, ScalarType.Int64), 16);

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Weights_that_were_pruned_stay_zero_when_the_model_is_trained_later()
    {
        Pruning.PruneAndRetrain(model, model.Forward, data, data, Weights, PruneProgress.Quiet);
        var zeros = Zeros();
        Assert.Equal((long)(430_500 * 0.75), zeros);

        Retrainer.Train(model, model.Forward, data, options: new() { Epochs = 1 });
        Assert.Equal(zeros, Zeros());
    }

    /// <summary>Momentum moves them between the steps, and they are zero again behind each.</summary>
    [Fact]
    public void In_a_training_loop_of_the_users_own_a_call_holds_them()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var zeros = Zeros();
        using var optimizer = optim.SGD(model.parameters(), 0.1, momentum: 0.9);
        for (var step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            nn.functional.cross_entropy(model.call(rand(16, 1, 28, 28)), randint(0, 10, 16, ScalarType.Int64)).backward();
            optimizer.step();
            Assert.InRange(Zeros(), 0, zeros - 1);
            Pruning.HoldMasks(model);
            Assert.Equal(zeros, Zeros());
        }
    }

    [Fact]
    public void Weights_that_were_pruned_stay_zero_when_channels_are_pruned_later()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var sparsity = Sparsity();
        Pruning.PruneAndRetrain(model, model.Forward, data, data, new PruneOptions { Ratio = 0.5, Retrain = new() { Epochs = 1 } }, PruneProgress.Quiet);
        Assert.Equal([10L, 1, 5, 5], model.conv1.weight!.shape);
        Assert.InRange(Sparsity(), 0.5, 1);

        var zeros = Zeros();
        Retrainer.Train(model, model.Forward, data, options: new() { Epochs = 1 });
        Assert.Equal(zeros, Zeros());
        Assert.InRange(sparsity, 0.74, 0.76);
    }

    [Fact]
    public void A_lower_ratio_revives_nothing_and_a_higher_one_takes_more()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var before = Masks();
        Pruning.Compact(model, model.Forward, Weights with { Ratio = 0.25, Criterion = Criterion.Random }).Dispose();
        Assert.Equal(before, Masks());

        Pruning.Compact(model, model.Forward, Weights with { Ratio = 0.9, Criterion = Criterion.Random }).Dispose();
        var after = Masks();
        Assert.All(before, entry => Assert.All(entry.Value.Zip(after[entry.Key]), weight => Assert.True(weight.First || !weight.Second)));
        Assert.Equal(430_500 - (430_500 * 9 / 10), after.Values.Sum(mask => mask.Count(stays => stays)));
    }

    [Fact]
    public void A_threshold_gives_a_mask_and_keeps_what_is_zero_already()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var zeros = Zeros();
        using var result = Pruning.Compact(model, model.Forward, Weights with { Threshold = 0 });
        Assert.NotNull(result.Mask);
        Assert.Equal(zeros, Zeros());
    }

    [Fact]
    public void A_file_brings_the_masks_along()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        using (no_grad())
        {
            // A weight that stays and happens to be zero is not held.
            model.conv1.weight!.flatten()[(long)Array.IndexOf(Masks()["conv1.weight"], true)].zero_();
        }

        var path = Path.GetTempFileName();
        Pruning.Save(model, path);
        using var again = Pruning.Load(path, () => new LeNet());
        Assert.Equal(Masks(), MasksOf(again));
        var zeros = ZerosOf(again);
        Retrainer.Train(again, again.Forward, data, options: new() { Epochs = 1 });
        Assert.Equal(zeros - 1, ZerosOf(again));
    }

    [Fact]
    public void Released_weights_are_trained_again()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var zeros = Zeros();
        Pruning.ReleaseMasks(model);
        Assert.Equal(zeros, Zeros());
        Retrainer.Train(model, model.Forward, data, options: new() { Epochs = 1 });
        Assert.InRange(Zeros(), 0, zeros - 100_000);
    }

    [Fact]
    public void A_mask_holds_channels_while_it_lives_and_compaction_by_it_ends_that()
    {
        var mask = Pruning.Mask(model, model.Forward);
        Retrainer.Train(model, model.Forward, data, options: new() { Epochs = 1 });
        Assert.All(mask.Parameters, entry => Assert.Equal(0, (model.get_parameter(entry.Key)! * (1 - entry.Value)).abs().sum().item<float>()));
        Pruning.Compact(model, model.Forward, mask).Dispose();
        Assert.Empty(WeightMasks.Of(model));

        mask = Pruning.Mask(model, model.Forward, model.PruneDefaults with { Ratio = 0.75 });
        Assert.NotEmpty(WeightMasks.Of(model));
        mask.Dispose();
        Assert.Empty(WeightMasks.Of(model));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mask_that_is_released_leaves_what_was_held_before_it(bool isLastFirst)
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var before = Masks();
        var first = Pruning.Mask(model, model.Forward, new PruneOptions { Ratio = 0.5 });
        var second = Pruning.Mask(model, model.Forward, new PruneOptions { Ratio = 0.75 });
        Assert.NotEqual(before, Masks());
        (isLastFirst ? second : first).Dispose();
        Assert.NotEqual(before, Masks());
        (isLastFirst ? first : second).Dispose();
        Assert.Equal(before, Masks());
    }

    [Fact]
    public void Pruning_while_training_leaves_what_is_held_of_other_layers()
    {
        PruneOptions Alone(string layer, PruneSchedule schedule) => Weights with
        {
            Schedule = schedule,
            Layers = new Dictionary<string, LayerPruneOptions>
            {
                ["conv1"] = new() { Ratio = 0 }, ["conv2"] = new() { Ratio = 0 }, ["fc1"] = new() { Ratio = 0 }, ["fc2"] = new() { Ratio = 0 },
                [layer] = new() { Ratio = 0.75 },
            },
        };
        Pruning.PruneAndRetrain(model, model.Forward, data, data, Alone("fc1", PruneSchedule.OneShot), PruneProgress.Quiet);
        var held = Masks()["fc1.weight"];
        Pruning.PruneAndRetrain(model, model.Forward, data, data, Alone("conv2", PruneSchedule.Gradual(2)), PruneProgress.Quiet);
        Assert.Equal(held, Masks()["fc1.weight"]);
        Assert.Contains(false, Masks()["conv2.weight"]);

        Retrainer.Train(model, model.Forward, data, options: new() { Epochs = 1 });
        Assert.Equal(held.Count(stays => !stays), model.fc1.weight!.eq(0).sum().item<long>());
    }

    [Fact]
    public void A_mask_of_a_model_that_was_compacted_since_is_refused()
    {
        var mask = Pruning.Mask(model, model.Forward, new PruneOptions { Ratio = 0.25 }, data);
        Pruning.Compact(model, model.Forward, new PruneOptions { Ratio = 0.5 }, data).Dispose();
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.Compact(model, model.Forward, mask));
        Assert.Contains("link, score and select again", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(mask.Apply);
        Assert.Equal(10, model.conv1.out_channels);
    }

    [Fact]
    public void A_run_that_fails_leaves_what_was_held_before()
    {
        Pruning.Compact(model, model.Forward, Weights).Dispose();
        var before = Masks();
        var options = Weights with { Ratio = 0.95, Retrain = new() { Epochs = 1, Loss = (_, _) => throw new InvalidOperationException("no loss") } };
        Assert.ThrowsAny<Exception>(() => Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet));
        Assert.Equal(before, Masks());
    }

    private Dictionary<string, bool[]> Masks() => MasksOf(model);

    private static Dictionary<string, bool[]> MasksOf(nn.Module model) => WeightMasks.Of(model).ToDictionary(
        held => model.named_modules().First(entry => entry.module == held.Layer).name + "." + held.Parameter,
        held => held.Mask.ne(0).data<bool>().ToArray());

    private double Sparsity() => Zeros() / (double)model.parameters().Sum(parameter => parameter.numel());

    private long Zeros() => ZerosOf(model);

    private static long ZerosOf(nn.Module model) => model.parameters().Where(parameter => parameter.dim() > 1).Sum(parameter => parameter.eq(0).sum().item<long>());
}
