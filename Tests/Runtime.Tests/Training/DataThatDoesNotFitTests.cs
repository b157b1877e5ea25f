using System.Runtime.InteropServices;
using PruneGen.Axes;
using static TorchSharp.torch;
using Net = PruneGen.Runtime.Tests.WeightSharingTests.Net;

namespace PruneGen.Runtime.Tests;

/// <summary>Data, shapes and paths that cannot be used are told of by what they are and what would do; the model is as it was.</summary>
public sealed class DataThatDoesNotFitTests
{
    [Theory]
    [InlineData("wide", "The model cannot be called with a batch of the data, [16, 5] of Float32 on cpu: mat1 and mat2 shapes cannot be multiplied", "Give inputs in the shape")]
    [InlineData("whole", "[16, 4] of Int64 on cpu: mat1 and mat2 must have the same dtype", "of the element type that forward takes")]
    [InlineData("classes", "outputs [16, 3] and class indices [16]: Target", "Give indices from 0 to 2, or -100")]
    [InlineData("callback", "[Retrain]: Callbacks is a list with null in it", "leave out what is null")]
    public void The_message_says_what_the_data_is(string which, string what, string remedy)
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var bits = TinyNet.Bits(model);
        var inputs = which == "wide" ? rand(16, 5) : which == "whole" ? arange(64).reshape(16, 4) : rand(16, 4);
        var data = TrainingData.FromTensors(inputs, which == "classes" ? arange(16) : arange(16).remainder(3));
        var retrain = new RetrainOptions { Epochs = 1, Callbacks = which == "callback" ? [null!] : [] };
        foreach (var verb in new Action[]
        {
            () => Pruning.PruneAndRetrain(model, Forward(model), data, data, new PruneOptions { Retrain = retrain }),
            () => Retrainer.Train(model, Forward(model), data, options: retrain),
        }.Skip(which == "wide" ? 1 : 0))
        {
            var error = Assert.ThrowsAny<Exception>(verb);
            Assert.True(error is ArgumentException or InvalidOperationException, error.ToString());
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
            Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal(16, model.hidden.out_features);
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")]
    public void Memory_that_is_not_there_is_not_blamed_on_the_data(string message)
    {
        using var scope = NewDisposeScope();
        var (model, data) = (new Net(), TrainingData.FromTensors(rand(16, 4), arange(16).remainder(3)));
        var error = Assert.Throws<ExternalException>(
            () => Retrainer.Train(model, _ => throw new ExternalException(message), data, options: new RetrainOptions { Epochs = 1 }));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Data_of_another_width_is_told_of_by_the_layer_that_it_reaches()
    {
        using var scope = NewDisposeScope();
        var (model, data) = (new Net(), TrainingData.FromTensors(rand(16, 5), arange(16).remainder(3)));
        Assert.Contains(
            "hidden.weight has 4 indices in dimension 1, but what reaches it has 5",
            Assert.Throws<AxisException>(() => Pruning.PruneAndRetrain(model, Forward(model), data, data)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("forward")]
    [InlineData("train")]
    [InlineData("test")]
    public void What_is_null_is_named(string name)
    {
        using var scope = NewDisposeScope();
        var (model, data) = (new Net(), TrainingData.FromTensors(rand(16, 4), arange(16).remainder(3)));
        Assert.Throws<ArgumentNullException>(name, () => Pruning.PruneAndRetrain(
            name == "model" ? null! : model,
            name == "forward" ? null! : Forward(model),
            name == "train" ? null! : data,
            name == "test" ? null! : data));
    }

    public static TheoryData<string, Func<TrainingData>, Func<Tensor, Tensor>?> Unusable() => new()
    {
        { "There is null in place of input 1 of batch 1 of the data", () => TrainingData.FromBatches(() => [((Tensor)null!, (Tensor)null!)]), null },
        { "There is null in place of target 1 of batch 1 of the data", () => TrainingData.FromBatches(() => [(rand(16, 4), (Tensor)null!)]), null },
        { "The input 1 of the data was disposed of", Disposed, null },
        { "does not depend on any parameter that is trained", Usable, result => result.detach() },
        { "gives a tensor that was disposed of", Usable, Gone },
        { "The output has the shape [16], and cross-entropy with class indices [16]", Usable, result => result.sum(1) },
        { "The output has the shape [], and cross-entropy with class indices [16]", Usable, result => result.sum() },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void What_cannot_be_trained_on_is_told_of(string message, Func<TrainingData> make, Func<Tensor, Tensor>? behind)
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var (bits, data) = (TinyNet.Bits(model), make());
        Tensor[] Called(Tensor[] inputs) => [behind is null ? model.call(inputs[0]) : behind(model.call(inputs[0]))];
        foreach (var verb in new Action[]
        {
            () => Retrainer.Train(model, Called, data, options: new RetrainOptions { Epochs = 1 }),
            () => Pruning.PruneAndRetrain(model, Called, data, data, new PruneOptions { Retrain = new RetrainOptions { Epochs = 1 }, MeasureLatency = false }),
        })
        {
            var error = Assert.ThrowsAny<Exception>(verb);
            Assert.True(error is ArgumentException or InvalidOperationException, error.ToString());
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.Equal(bits, TinyNet.Bits(model));
        }
    }

    [Fact]
    public void A_forward_that_gives_null_is_told_of_where_a_compaction_is_looked_at()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var bits = TinyNet.Bits(model);
        foreach (var forward in new Func<Tensor[], Tensor[]>[] { _ => null!, _ => [null!] })
        {
            var error = Assert.Throws<ArgumentException>(() => Pruning.Compact(model, forward, new PruneOptions { Criterion = Criterion.L1 }, Usable()));
            Assert.Contains("The model's forward gives null in place of a tensor", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(bits, TinyNet.Bits(model));
    }

    /// <summary>Criteria that run the model tell of it as trainings do.</summary>
    [Fact]
    public void Data_of_another_element_type_is_told_of_where_it_is_scored_by()
    {
        using var scope = NewDisposeScope();
        var (model, data) = (new Net(), TrainingData.FromTensors(rand(16, 4, ScalarType.Float64), arange(16).remainder(3)));
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.Score(model, Forward(model), new PruneOptions { Criterion = Criterion.Taylor }, data));
        Assert.Contains("cannot be called with a batch of the data, [16, 4] of Float64 on cpu", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(2, -1)]
    public void A_shape_has_sizes_of_one_or_more(long batch, long width)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>("inputShapes", () => PruningPlan.Link(new Net(), null, [batch, width]));
        Assert.Contains($"The shape of an input is [{batch}, {width}]; give the size of each dimension, 1 or more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_no_file_can_have_is_named()
    {
        using var scope = NewDisposeScope();
        var (model, folder) = (new Net(), Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        var missing = Path.Combine(folder, "net.prune");
        Assert.Contains(
            $"The folder of {missing} does not exist; create {folder} first",
            Assert.Throws<DirectoryNotFoundException>(() => Pruning.Save(model, missing)).Message,
            StringComparison.Ordinal);
        Assert.Contains("is a folder; give the path of a file", Assert.Throws<IOException>(() => Pruning.Save(model, Path.GetTempPath())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("path", () => Pruning.Save(model, ""));
        Assert.Throws<ArgumentNullException>("path", () => Pruning.Save(model, null!));
    }

    private static TrainingData Usable() => TrainingData.FromTensors(rand(16, 4), arange(16).remainder(3));

    private static TrainingData Disposed()
    {
        using var inputs = rand(16, 4);
        return TrainingData.FromTensors(inputs, arange(16).remainder(3));
    }

    private static Tensor Gone(Tensor result)
    {
        result.Dispose();
        return result;
    }

    private static Func<Tensor[], Tensor[]> Forward(Net model) => inputs => [model.call(inputs[0])];
}
