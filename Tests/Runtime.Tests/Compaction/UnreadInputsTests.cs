using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Features of inputs that no layer reads leave the model, and an index says which are left.</summary>
public sealed class UnreadInputsTests
{
    [Fact]
    public void A_feature_that_no_weight_reads_goes_and_the_index_tells_which_stay()
    {
        using var scope = NewDisposeScope();
        using var model = new TwoNeurons();
        Unread(model.hidden.weight!, 1);

        var inUse = Assert.Single(Pruning.CompactInputs(model, model.Forward, null, model.InputShape));

        Assert.Equal("input[1]: 1 of 2", inUse.ToString());
        Assert.Equal([0], inUse.InUse);
        Assert.Equal([1, 3], Pruned.Values(model.hidden.weight!));
        Assert.Equal(1, model.hidden.in_features);

        // relu(1 · 1 + 0.5) · 2 − relu(3 · 1 − 0.25) · 1 + 10; the 7 is left out.
        Assert.Equal([10.25], Pruned.Values(Pruned.Evaluate(model, inUse.Select(tensor(new float[] { 1, 7 }, [1, 2])))));
    }

    [Fact]
    public void Where_each_feature_is_read_nothing_changes()
    {
        using var scope = NewDisposeScope();
        using var model = new TwoNeurons();
        Assert.Empty(Pruning.CompactInputs(model, model.Forward, null, model.InputShape));
        Assert.Empty(Pruning.InputsInUse(model));
        Assert.Equal(2, model.hidden.in_features);
    }

    [Fact]
    public void A_second_time_the_index_still_counts_features_of_the_dense_input()
    {
        using var scope = NewDisposeScope();
        using var model = new Wide();
        var x = randn(4, 6);
        Unread(model.first.weight!, 0, 3);
        Pruning.CompactInputs(model, model.Forward, null, model.InputShape);
        Unread(model.first.weight!, 1);
        var inUse = Assert.Single(Pruning.CompactInputs(model, model.Forward));
        Assert.Equal([1, 4, 5], inUse.InUse);
        Assert.Equal(6, inUse.Dense);

        using var whole = new Wide();
        Unread(whole.first.weight!, 0, 2, 3);
        Assert.InRange(Pruned.MaxDifference(Pruned.Evaluate(whole, x), Pruned.Evaluate(model, inUse.Select(x))), 0, 1e-6);
    }

    [Fact]
    public void Channels_of_an_image_go_and_its_rows_and_columns_stay()
    {
        using var scope = NewDisposeScope();
        using var model = new ResidualNet();
        Unread(model.stem.weight!, 1);
        var x = randn(model.InputShape);
        var before = Pruned.Evaluate(model, x);
        var inUse = Assert.Single(Pruning.CompactInputs(model, model.Forward, null, model.InputShape));
        Assert.Equal([0, 2], inUse.InUse);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, inUse.Select(x))), 0, 1e-5);
    }

    [Fact]
    public void A_feature_that_something_else_than_a_layer_uses_stays()
    {
        using var scope = NewDisposeScope();
        using var added = new Added();
        Unread(added.first.weight!, 1, 2);
        Assert.Empty(Pruning.CompactInputs(added, added.Forward, null, added.InputShape));

        using var summed = new Summed();
        Unread(summed.first.weight!, 1, 2);
        Assert.Empty(Pruning.CompactInputs(summed, summed.Forward, null, summed.InputShape));
    }

    [Fact]
    public void Two_layers_must_both_leave_a_feature_unread()
    {
        using var scope = NewDisposeScope();
        using var model = new Branches();
        Unread(model.first.weight!, 0, 1);
        Unread(model.second.weight!, 1, 2);
        var x = randn(4, 6);
        var before = Pruned.Evaluate(model, x);
        var inUse = Assert.Single(Pruning.CompactInputs(model, model.Forward, null, model.InputShape));
        Assert.Equal([0, 2, 3, 4, 5], inUse.InUse);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, inUse.Select(x))), 0, 1e-6);
    }

    [Fact]
    public void The_index_is_in_the_file_and_a_loaded_model_takes_the_same_features()
    {
        using var scope = NewDisposeScope();
        using var model = new Wide();
        Unread(model.first.weight!, 0, 3);
        using (Pruning.Compact(model, model.Forward, new PruneOptions { Ratio = 0.5 }, null, model.InputShape))
        {
        }

        Pruning.CompactInputs(model, model.Forward);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.prune");
        try
        {
            Pruning.Save(model, path);
            using var loaded = Pruning.Load(path, () => new Wide());
            var inUse = Assert.Single(Pruning.InputsInUse(loaded));
            Assert.Equal([1, 2, 4, 5], inUse.InUse);
            var x = inUse.Select(randn(4, 6));
            Assert.Equal(0, Pruned.MaxDifference(Pruned.Evaluate(model, x), Pruned.Evaluate(loaded, x)));

            // It goes on from there: what is linked without a shape is linked with the narrow one.
            Pruning.Save(loaded, path);
            using var again = Pruning.Load(path, () => new Wide());
            Assert.Equal(0, Pruned.MaxDifference(Pruned.Evaluate(model, x), Pruned.Evaluate(again, x)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Columns_that_retraining_leaves_unread_are_inputs_that_go()
    {
        using var scope = NewDisposeScope();
        using var model = new Wide();
        var (x, y) = (randn(32, 6), randint(0, 3, [32]));
        var options = new PruneOptions
        {
            Granularity = Granularity.Column, Ratio = 0, MeasureLatency = false, Layers = { ["first"] = new() { Keep = 2 } }, Retrain = new() { Epochs = 1 },
        };
        var data = TrainingData.FromTensors(x, y, 8);
        Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet);
        var before = Pruned.Evaluate(model, x);
        var inUse = Assert.Single(Pruning.CompactInputs(model, model.Forward, data));
        Assert.Equal(2, inUse.InUse.Count);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, inUse.Select(x))), 0, 1e-6);
    }

    [Fact]
    public void An_input_of_another_width_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        var inUse = new InputFeatures { Input = "x", Position = 0, Dim = 1, Dense = 6, InUse = [1, 2] };
        var error = Assert.Throws<ArgumentException>(() => inUse.Select(randn(4, 2)));
        Assert.Contains("x is [4, 2], and 2 of the 6 features in its dimension 1 are in use", error.Message);
    }

    [Fact]
    public void A_file_whose_index_does_not_fit_is_refused()
    {
        var shapes = new long[][] { [4, 2] };
        var good = new InputFeatures { Input = "x", Position = 0, Dim = 1, Dense = 6, InUse = [1, 2] };
        Assert.True(good.Fits(shapes));
        Assert.All(
            [
                good with { Position = 1 }, good with { Dim = 0 }, good with { Dim = 2 }, good with { Dense = 2 }, good with { InUse = [2, 1] },
                good with { InUse = [1] }, good with { InUse = [] }, good with { InUse = [-1, 1] },
            ],
            bad => Assert.False(bad.Fits(shapes)));
        Assert.False(good.Fits(null));
    }

    private static void Unread(Tensor weight, params long[] features)
    {
        using var noGradients = no_grad();
        weight.index_fill_(1, tensor(features), 0);
    }
}

/// <summary>Six features, two layers.</summary>
[Prunable]
internal sealed partial class Wide : TestModel
{
    public readonly Linear first = nn.Linear(6, 8);
    [KeepWidth] public readonly Linear second = nn.Linear(8, 3);

    public Wide()
        : base(nameof(Wide)) => Initialise(2);

    public override long[] InputShape { get; } = [4, 6];

    public override Tensor forward(Tensor x) => second.call(first.call(x).relu());
}

/// <summary>The input goes on beside the layers.</summary>
[Prunable]
internal sealed partial class Added : TestModel
{
    public readonly Linear first = nn.Linear(6, 6);

    public Added()
        : base(nameof(Added)) => Initialise(2);

    public override long[] InputShape { get; } = [4, 6];

    public override Tensor forward(Tensor x) => first.call(x) + x;
}

/// <summary>The sum of the input counts too.</summary>
[Prunable]
internal sealed partial class Summed : TestModel
{
    public readonly Linear first = nn.Linear(6, 4);

    public Summed()
        : base(nameof(Summed)) => Initialise(2);

    public override long[] InputShape { get; } = [4, 6];

    public override Tensor forward(Tensor x) => first.call(x) * x.sum(1, keepdim: true);
}

/// <summary>Two layers read the input.</summary>
[Prunable]
internal sealed partial class Branches : TestModel
{
    public readonly Linear first = nn.Linear(6, 4);
    public readonly Linear second = nn.Linear(6, 4);

    public Branches()
        : base(nameof(Branches)) => Initialise(2);

    public override long[] InputShape { get; } = [4, 6];

    public override Tensor forward(Tensor x) => first.call(x).relu() + second.call(x).sigmoid();
}
