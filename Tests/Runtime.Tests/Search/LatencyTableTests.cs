using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Budgets of time: what a table says between its points, what it is fitted to, and where it is used.</summary>
public sealed class LatencyTableTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-latency").FullName;
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Between_its_points_a_layer_takes_what_lies_in_a_straight_line_and_never_less_where_it_is_wider()
    {
        // 8 outputs with 4 inputs were measured faster than 4 outputs, which is noise.
        var layer = new LayerLatency("conv", [2, 4], [4, 8], [[1, 3], [5, 4]], [[1, 3], [5, 4]]);
        Assert.Equal(1, layer.At(2, 4), 9);
        Assert.Equal(2, layer.At(2, 6), 9);
        Assert.Equal(3, layer.At(3, 4), 9);
        Assert.Equal(5, layer.At(4, 8), 9);
        Assert.Equal(3.5, layer.At(3, 6), 9);
        Assert.Equal(1, layer.At(1, 1), 9);
        Assert.Equal(5, layer.At(40, 80), 9);
    }

    [Fact]
    public void Times_are_fitted_with_numbers_that_are_not_below_zero()
    {
        // 2 + 3 x exactly; and where the best line would have a negative part, the best without it: of y = k x the relative errors decide.
        double[][] line = [[1, 0], [1, 1], [1, 2]];
        var fitted = LatencyMeasurement.NonNegative(line, [2, 5, 8]);
        Assert.Equal(2, fitted[0], 6);
        Assert.Equal(3, fitted[1], 6);
        double[][] steep = [[1, 1], [1, 2]];
        var clipped = LatencyMeasurement.NonNegative(steep, [1, 4]);
        Assert.Equal(0, clipped[0]);

        // Σ (k x / y − 1)² with x / y = 1 and 1/2 is least at k = 1.5 / 1.25.
        Assert.Equal(1.2, clipped[1], 6);
    }

    [Fact]
    public void A_model_has_a_table_whose_limits_hold_and_which_is_kept_in_a_file()
    {
        var file = Path.Combine(folder, "latency.json");
        var options = new PruneOptions { Budget = new() { Latency = 0.6, LatencyBatchSize = 4, LatencyFile = file } };
        var model = new LeNet();
        var bits = TinyNet.Bits(model);
        var plan = model.Plan(options);
        LatencyTable.Prepare(plan, model.Forward, () => [randn(2, 1, 28, 28)]);
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal([2, 1, 28, 28], PruneState.Of(model).InputShapes[0]);

        var table = LatencyTable.FromJson(File.ReadAllText(file));
        Assert.Equal(["conv1", "conv2", "fc1", "fc2"], table.Layers.Select(layer => layer.Name));
        Assert.Equal([2, 5, 10, 15, 20], table.Layers[1].Inputs);
        Assert.Equal([6, 12, 25, 38, 50], table.Layers[1].Outputs);
        Assert.Equal([1], table.Layers[0].Inputs);
        Assert.Equal([10], table.Layers[3].Outputs);
        Assert.Equal((4, get_num_threads(), LatencyTable.ThisMachine), (table.BatchSize, table.Threads, table.Machine));
        Assert.All(table.Layers, layer => Assert.All(layer.Milliseconds.SelectMany(row => row).Zip(layer.P90.SelectMany(row => row)), pair => Assert.True(pair.First > 0 && pair.First <= pair.Second)));
        Assert.Equal(6, table.Checks.Count);
        Assert.True(table.Fixed >= 0 && table.PerElement >= 0 && table.PerLayer >= 0);
        Assert.Null(table.Warning());

        using var importance = Importance.Of(plan);
        using var selection = Selection.Of(importance);
        var cost = BudgetCosts.Of(plan, options.Budget!).Single();
        Assert.Equal(0.6 * table.Checks[0].Predicted, cost.Limit, 9);
        Assert.True(cost.At(plan.WidthsOf(selection.WidthOf)) <= cost.Limit);
        Assert.Contains(plan.Groups, group => selection.WidthOf(group) < group.Width);

        // Another object reads it from the file, and nothing is measured.
        var other = new LeNet(2);
        LatencyTable.Prepare(other.Plan(options), other.Forward, () => throw new InvalidOperationException("Nothing is to be measured."));
        Assert.Equal(table.ToJson(), PruneState.Of(other).Latency!.ToJson());
    }

    [Fact]
    public void A_table_from_elsewhere_is_used_with_a_warning_and_one_of_another_model_refused()
    {
        var file = Path.Combine(folder, "latency.json");
        var options = new PruneOptions { Budget = new() { Latency = 0.5, LatencyFile = file } };
        var layers = new[] { ("conv1", 1L, 20L), ("conv2", 20L, 50L), ("fc1", 800L, 500L), ("fc2", 500L, 10L) };
        var table = new LatencyTable
        {
            Model = nameof(LeNet),
            Machine = "a machine of the past",
            Device = "cpu",
            Threads = get_num_threads(),
            BatchSize = 1,
            Layers = [.. layers.Select(layer => new LayerLatency(layer.Item1, [1, layer.Item2], [1, layer.Item3], [[0.1, 1], [1, 10]], [[0.1, 1], [1, 10]]))],
            Fixed = 1,
            PerElement = 0,
            PerLayer = 0.5,
            Checks = [new LatencyCheck(1, 21, 21)],
        };
        File.WriteAllText(file, table.ToJson());
        var model = new LeNet();
        var data = TrainingData.FromTensors(randn(8, 1, 28, 28), zeros(8, ScalarType.Int64));
        var found = model.FindRatios(null, data, data, options);
        Assert.Contains("a machine of the past", found.Warning);
        Assert.Contains("measured on a machine of the past", string.Join(' ', found.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.True(found.Costs[0].Found <= 10.5 && found.Costs[0].Name == "milliseconds");

        // The run that prunes by it says so, too.
        var pruned = new LeNet();
        var report = Pruning.PruneAndRetrain(pruned, pruned.Forward, data, data, options with { MeasureLatency = false, Retrain = new() { Epochs = 0 } }, PruneProgress.Quiet);
        Assert.Equal(found.Warning, report.Warning);
        Assert.Contains("measured on a machine of the past", string.Join(' ', report.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

        File.WriteAllText(file, (table with { Model = "Other" }).ToJson());
        Assert.Contains("holds the latencies of Other", Assert.Throws<InvalidOperationException>(
            () => new LeNet().FindRatios(null, data, data, options)).Message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"model":"LeNet","machine":"m","device":"cpu","threads":1,"batchSize":1,"layers":[{}],"fixed":0,"perElement":0,"perLayer":0,"checks":[]}""")]
    public void A_damaged_file_is_named_with_what_to_do(string text)
    {
        using var scope = NewDisposeScope();
        var file = Path.Combine(folder, "damaged.json");
        File.WriteAllText(file, text);
        var data = TrainingData.FromTensors(randn(8, 1, 28, 28), zeros(8, ScalarType.Int64));
        var options = new PruneOptions { Budget = new() { Latency = 0.5, LatencyFile = file } };
        var message = Assert.Throws<InvalidOperationException>(() => new LeNet().FindRatios(null, data, data, options)).Message;
        Assert.StartsWith($"{file} holds no latencies: ", message);
        Assert.Contains("Give another file, or delete it to have them measured.", message);
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    public void Without_anything_to_call_the_model_with_no_latency_is_known()
    {
        var options = new PruneOptions { Budget = new() { MaxLatency = 5 } };
        Assert.Contains("nothing to call it with", Assert.Throws<InvalidOperationException>(() => new LeNet().Compact(options)).Message);
        Assert.Contains("has not been measured", Assert.Throws<InvalidOperationException>(() => Pruned.Compact(new LeNet(), options)).Message);
    }

    [Fact]
    public void The_numbers_that_forward_makes_are_a_closed_form()
    {
        // conv1, relu: 20·24²; pooled 20·12²; conv2, relu: 50·8²; pooled and flattened 50·4²; fc1, relu: 500; fc2: 10; each of two samples.
        var plan = new LeNet().Plan();
        Assert.Equal(2 * ((2 * 20 * 576) + (20 * 144) + (2 * 50 * 64) + (2 * 50 * 16) + (2 * 500) + 10), new LatencyModel(plan).Elements.At(plan.WidthsOf()));
        Assert.Equal(["stem", "depthwise", "pointwise", "head"], new LatencyModel(new DepthwiseNet().Plan()).Layers.Select(layer => layer.Name));
        var grouped = new LatencyModel(new DepthwiseNet().Plan()).Layers[1];
        var (call, tensors) = grouped.With(4, 0, CPU);
        call();
        Assert.Equal([8, 1, 3, 3], tensors[1].shape);
    }
}
