using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class CompactionTests
{
    [Fact]
    public void LeNet_at_half_has_the_published_size()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();

        using var result = Pruned.Compact(model, new PruneOptions { Ratio = 0.5 });

        Assert.Equal((431_080, 109_295), (result.Before.Parameters, result.After.Parameters));
        Assert.Equal((431_080 * 4, 109_295 * 4), (result.Before.Bytes, result.After.Bytes));
        Assert.Equal(2_293_000, result.Before.Macs);

        // 24² · 5² · 10, 8² · 5² · 10 · 25, 400 · 250, 250 · 10
        Assert.Equal(144_000 + 400_000 + 100_000 + 2_500, result.After.Macs);
        Assert.Equal([new("conv1", 20, 10, 0.5), new("conv2", 50, 25, 0.5), new("fc1", 500, 250, 0.5)], result.Groups);
        Assert.Equal(result.After, ModelCount.Of(model.Plan()));
        Assert.Equal(109_295, model.Plan().ParameterCount());
    }

    [Fact]
    public void The_layers_tell_their_new_widths()
    {
        using var scope = NewDisposeScope();
        var lenet = new LeNet();
        Pruned.Compact(lenet);
        Assert.Equal((1, 10), (lenet.conv1.in_channels, lenet.conv1.out_channels));
        Assert.Equal((10, 25), (lenet.conv2.in_channels, lenet.conv2.out_channels));
        Assert.Equal((400, 250), (lenet.fc1.in_features, lenet.fc1.out_features));
        Assert.Equal((250, 10), (lenet.fc2.in_features, lenet.fc2.out_features));

        var depthwise = new DepthwiseNet();
        Pruned.Compact(depthwise);
        Assert.Equal(4, depthwise.stemNorm.num_features);
        Assert.Equal((4, 8, 4), (depthwise.depthwise.in_channels, depthwise.depthwise.out_channels, depthwise.depthwise.groups));
        Assert.Equal([8L, 1, 3, 3], depthwise.depthwise.weight!.shape);
        Assert.Equal(8, depthwise.depthwiseNorm.num_features);
        Assert.Equal([8L], depthwise.depthwiseNorm.running_var!.shape);

        var sequential = new SequentialNet();
        Pruned.Compact(sequential);
        Assert.Equal(4, ((PReLU)sequential.body[5]).num_parameters);
        Assert.Equal([4L], ((PReLU)sequential.body[5]).weight.shape);
    }

    [Fact]
    public void Fields_names_and_registration_stay()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        model.pointwise.bias!.requires_grad = false;
        var fields = typeof(DepthwiseNet).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).ToDictionary(field => field, field => field.GetValue(model));
        var parameters = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var buffers = model.named_buffers().ToDictionary(entry => entry.name, entry => entry.buffer);
        var states = model.state_dict().Keys.ToList();

        using var result = Pruned.Compact(model);

        Assert.All(fields, field => Assert.Same(field.Value, field.Key.GetValue(model)));
        Assert.All(model.named_parameters(), entry => Assert.Same(parameters[entry.name], entry.parameter));
        Assert.All(model.named_buffers(), entry => Assert.Same(buffers[entry.name], entry.buffer));
        Assert.Equal(states, model.state_dict().Keys);
        Assert.All(model.named_parameters(), entry => Assert.Equal(entry.name != "pointwise.bias", entry.parameter.requires_grad));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.is_leaf));
    }

    [Fact]
    public void What_goes_is_given_back_and_nothing_else_is_left_behind()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using var selection = Pruned.RandomSelection(model.Plan(), 3);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Compaction.Apply(selection).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.All(model.parameters(), parameter => Assert.Equal(parameter.numel(), parameter.storage<float>().Count));
    }

    [Fact]
    public void What_stays_has_the_values_that_it_had()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var before = model.conv2.weight!.detach().clone();
        using var selection = new PruneSelection(model.Plan(), new Dictionary<string, long[]> { ["conv1"] = [3, 7], ["conv2"] = [0, 49] });

        using var result = Compaction.Apply(selection);

        var expected = before.index_select(0, tensor(new long[] { 0, 49 })).index_select(1, tensor(new long[] { 3, 7 }));
        Assert.Equal(0, Pruned.MaxDifference(expected, model.conv2.weight!.detach()));
        Assert.Equal(500, model.fc1.out_features);
        Assert.Equal([3L, 7], result.Kept["conv1"]);
    }

    [Theory]
    [InlineData(nameof(LeNet))]
    [InlineData(nameof(DepthwiseNet))]
    [InlineData(nameof(GroupedNet))]
    [InlineData(nameof(SequentialNet))]
    public void A_compacted_model_trains(string name)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](1);
        var input = randn(model.InputShape);
        var target = arange(model.InputShape[0], ScalarType.Int64);

        // A pass before, whose graph is still alive, must not be in the way.
        var dense = nn.functional.cross_entropy(model.call(input), target);
        dense.backward();
        using var result = Pruned.Compact(model);
        Assert.All(model.parameters().Where(parameter => parameter.grad is not null), parameter => Assert.Equal(parameter.shape, parameter.grad!.shape));

        var optimizer = optim.SGD(model.parameters(), 0.01, momentum: 0.9);
        var losses = new List<float>();
        for (var step = 0; step < 30; step++)
        {
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(input), target);
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<float>());
        }

        Assert.True(losses[^1] < losses[0], $"{losses[0]} → {losses[^1]}");
    }

    [Fact]
    public void Pruning_again_takes_what_the_ratio_of_the_dense_original_still_asks_for()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using var first = Pruned.Compact(model);
        using var second = Pruned.Compact(model, new PruneOptions { Ratio = 0.75 });
        Assert.Equal(
            [new("conv1", 10, 5, 0.75) { Dense = 20 }, new("conv2", 25, 13, 0.75) { Dense = 50 }, new("fc1", 250, 125, 0.75) { Dense = 500 }],
            second.Groups);
        Assert.Equal([2L, 10], Pruned.Evaluate(model, randn(model.InputShape)).shape);
    }

    [Theory]
    [InlineData("conv1.weight")]
    [InlineData("fc1.weight")]
    [InlineData("fc2.weight")]
    public void A_failure_half_way_leaves_the_model_as_it_was(string failAt)
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var input = randn(model.InputShape);
        nn.functional.cross_entropy(model.call(input), tensor(new long[] { 1, 2 })).backward();
        var output = Pruned.Evaluate(model, input);
        var gradients = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
        var bits = TinyNet.Bits(model);
        using var selection = Pruned.RandomSelection(model.Plan(), 5);
        var swapped = new List<string>();

        var error = Assert.Throws<IOException>(() => Compaction.Apply(selection, path =>
        {
            swapped.Add(path);
            if (path == failAt)
            {
                // By now the model is in pieces.
                Assert.NotEqual(bits["conv1.weight"].Length, model.conv1.weight!.numel() * sizeof(float));
                throw new IOException("provoked");
            }
        }));

        Assert.Equal("provoked", error.Message);
        Assert.Equal(failAt, swapped[^1]);
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal((20, 50, 800), (model.conv1.out_channels, model.conv2.out_channels, model.fc1.in_features));
        Assert.All(model.named_parameters(), entry => Assert.Equal(0, Pruned.MaxDifference(gradients[entry.name], entry.parameter.grad!)));
        Assert.Equal(0, Pruned.MaxDifference(output, Pruned.Evaluate(model, input)));

        // And it can still be compacted.
        Compaction.Apply(selection).Dispose();
        Assert.Equal([2L, 10], Pruned.Evaluate(model, input).shape);
    }

    [Fact]
    public void A_selection_of_a_model_that_has_changed_since_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using var selection = Pruned.RandomSelection(model.Plan(), 5);
        Pruned.Compact(model).Dispose();
        var bits = TinyNet.Bits(model);

        var error = Assert.Throws<InvalidOperationException>(() => Compaction.Apply(selection));

        Assert.Contains("conv1.weight is [10, 1, 5, 5] now, but was [20, 1, 5, 5]", error.Message);
        Assert.Equal(bits, TinyNet.Bits(model));
    }

    [Fact]
    public void A_group_that_is_normalised_over_says_that_it_is_not_exact()
    {
        using var scope = NewDisposeScope();
        var model = new LayerNormNet();
        var group = Assert.Single(model.Plan().Groups);
        Assert.False(group.Exact);
        Assert.Equal("norm normalises over it", group.InexactBecause);

        Pruned.Compact(model).Dispose();

        Assert.Equal([5L], model.norm.normalized_shape);
        Assert.Equal([2L, 3], Pruned.Evaluate(model, randn(model.InputShape)).shape);
    }

    [Fact]
    public void An_empty_or_disordered_selection_is_refused()
    {
        using var scope = NewDisposeScope();
        var plan = new LeNet().Plan();
        foreach (var indices in new long[][] { [], [-1, 2], [3, 20], [2, 2], [5, 4] })
        {
            var error = Assert.Throws<ArgumentException>(() => new PruneSelection(plan, new Dictionary<string, long[]> { ["conv1"] = indices }));
            Assert.Contains("conv1", error.Message);
            Assert.Contains("from 0 to 19", error.Message);
        }

        var unknown = Assert.Throws<KeyNotFoundException>(() => new PruneSelection(plan, new Dictionary<string, long[]> { ["fc2"] = [0] }));
        Assert.Contains("conv1, conv2, fc1", unknown.Message);
    }

    [Fact]
    public void Single_weights_stay_held_through_a_compaction()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var options = new PruneOptions { Ratio = 0.5, Layers = { ["fc2"] = new() { Granularity = Granularity.Unstructured, Ratio = 0.8 } } };

        using var result = Pruned.Compact(model, options);

        Assert.Equal([10L, 250], model.fc2.weight!.shape);
        var mask = Assert.Single(result.Mask!.Parameters);
        Assert.Equal("fc2.weight", mask.Key);
        var zeros = Pruned.Values(model.fc2.weight!).Count(weight => weight == 0);
        Assert.Equal(zeros, Pruned.Values(mask.Value).Count(value => value == 0));
        Assert.InRange(zeros, 1800, 2200);
        Assert.Equal(result.After.Parameters - zeros, ModelCount.NonZero(model));

        using (no_grad())
        {
            model.fc2.weight!.add_(1);
        }

        result.Mask.Hold();
        Assert.Equal(zeros, Pruned.Values(model.fc2.weight!).Count(weight => weight == 0));
        Assert.Throws<InvalidOperationException>(() => Compaction.Apply(result.Mask));
    }
}
