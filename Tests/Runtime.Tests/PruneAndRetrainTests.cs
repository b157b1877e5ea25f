using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed partial class PruneAndRetrainTests
{
    private static readonly PruneOptions Options = new()
    {
        Ratio = 0.5,
        MeasureLatency = false,
        Retrain = new RetrainOptions { Epochs = 4, LearningRate = 0.02, Device = CPU },
    };

    [Fact]
    public void The_report_tells_what_the_model_is_now()
    {
        var model = new LinkedNet();
        var report = PruneAndRetrain(model, Options with { MeasureLatency = true });

        Assert.Equal([new GroupChange("hidden", 16, 8, 0.5), new GroupChange("second", 12, 6, 0.5)], report.Groups);
        Assert.Equal((8, 6), (model.hidden.out_features, model.second.out_features));
        Assert.Equal(new Change((4 * 16) + 16 + (16 * 12) + 12 + (12 * 3) + 3, (4 * 8) + 8 + (8 * 6) + 6 + (6 * 3) + 3), report.Parameters);
        Assert.Equal(new Change((4 * 16) + (16 * 12) + (12 * 3), (4 * 8) + (8 * 6) + (6 * 3)), report.Macs);
        Assert.Equal(new Change(report.Parameters.Before * 4, report.Parameters.After * 4), report.Bytes);
        Assert.Equal(model.parameters().Sum(parameter => parameter.numel()), report.Parameters.After);
        Assert.Equal([1, 128], report.Latencies.Select(latency => latency.After.BatchSize));

        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        var now = Retrainer.Evaluate(model, model.Forward, TrainingData.FromTensors(testX, testY, batchSize: 32), Options.Retrain);
        Assert.Equal(now.Error, report.Final.Error);
        Assert.Equal(4, report.Retraining.Epochs.Count);
    }

    [Fact]
    public void The_report_tells_what_was_asked_of_each_group_and_what_was_reached()
    {
        PruneReport Report(PruneOptions options) => PruneAndRetrain(new LinkedNet(), options with { Retrain = Options.Retrain with { Epochs = 0 } });
        Assert.Equal(
            [new GroupChange("hidden", 16, 16, 0.5), new GroupChange("second", 12, 9, 0.3)],
            Report(Options with { Layers = new Dictionary<string, LayerPruneOptions> { ["hidden"] = new() { MinWidth = 16 }, ["second"] = new() { Ratio = 0.3 } } }).Groups);
        Assert.All(Report(Options with { Scope = Scope.Global }).Groups, group => Assert.Null(group.Asked));
        Assert.All(Report(Options with { Granularity = Granularity.Unstructured }).Groups, group => Assert.Null(group.Asked));
        Assert.All(Report(Options with { Threshold = 1e-6 }).Groups, group => Assert.Null(group.Asked));
    }

    [Fact]
    public void Without_epochs_the_final_evaluation_is_that_of_the_pruned_model()
    {
        var report = PruneAndRetrain(new LinkedNet(), Options with { Retrain = Options.Retrain with { Epochs = 0 } });
        Assert.Equal(report.Pruned, report.Final);
        Assert.Empty(report.Retraining.Epochs);
    }

    [Theory]
    [InlineData(Criterion.L2)]
    [InlineData(Criterion.Taylor)]
    public void A_model_of_two_results_learns_from_two_targets(Criterion criterion)
    {
        manual_seed(1);
        var model = new TwoHeads();
        var (x, y) = TinyNet.Samples(512);
        var data = TrainingData.FromTensors([x], [y, x.norm(1, keepdim: true)], batchSize: 32);
        var report = Pruning.PruneAndRetrain(model, model.Forward, data, data, Options with { Criterion = criterion }, PruneProgress.Quiet);

        Assert.Equal([new GroupChange("trunk", 16, 8, 0.5)], report.Groups);
        Assert.Equal((8L, 8L), (model.kind.in_features, model.length.in_features));
        Assert.True(report.Final.Loss < report.Pruned.Loss / 2, $"{report.Pruned} to {report.Final}");
        Assert.True(report.Final.Error < 0.2, report.Final.ToString());
    }

    [Fact]
    public void A_loss_of_all_results_goes_before_one_of_each()
    {
        var model = new TwoHeads();
        var (x, y) = TinyNet.Samples(64);
        var data = TrainingData.FromTensors(x, y, batchSize: 32);
        var error = Assert.Throws<ArgumentException>(() => Retrainer.Evaluate(model, model.Forward, data));
        Assert.Contains("2 results, but a batch has 1 targets", error.Message, StringComparison.Ordinal);

        var options = new RetrainOptions { Device = CPU, LossOfAll = (results, targets) => (results.Length * 10) + (targets[0].numel() * results[1].mul(0).sum()) };
        Assert.Equal(20, Retrainer.Evaluate(model, model.Forward, data, options).Loss, 5);
    }

    [Fact]
    public void Single_weights_stay_at_zero_through_retraining()
    {
        var model = new LinkedNet();
        var report = PruneAndRetrain(model, Options with { Granularity = Granularity.Unstructured, Ratio = 0.75 });
        Assert.Equal(report.Parameters.Before, report.Parameters.After);
        foreach (var layer in new[] { model.hidden, model.second, model.output })
        {
            Assert.Equal(layer.weight!.numel() * 3 / 4, layer.weight!.eq(0).sum().item<long>());
        }

        Assert.Equal(report.NonZeroParameters.After, model.parameters().Sum(parameter => parameter.ne(0).sum().item<long>()));
    }

    [Theory]
    [InlineData(Criterion.L2)]
    [InlineData(Criterion.Random)]
    [InlineData(Criterion.Taylor)]
    public void The_same_seed_gives_the_same_bits(Criterion criterion)
    {
        Dictionary<string, byte[]> Run(int seed)
        {
            var model = new LinkedNet();
            PruneAndRetrain(model, Options with { Criterion = criterion, Retrain = Options.Retrain with { Seed = seed } });
            return TinyNet.Bits(model);
        }

        var first = Run(3);
        Assert.Equal(first, Run(3));
        Assert.NotEqual(first, Run(4));
    }

    [Theory]
    [InlineData(Granularity.Structured)]
    [InlineData(Granularity.Unstructured)]
    public void A_ratio_is_a_share_of_the_dense_original_however_many_calls_it_takes(Granularity granularity)
    {
        var (once, twice) = (new LinkedNet(), new LinkedNet());
        var options = Options with { Granularity = granularity };
        PruneAndRetrain(once, options with { Ratio = 0.75 });
        PruneAndRetrain(twice, options with { Ratio = 0.5 });
        var report = PruneAndRetrain(twice, options with { Ratio = 0.75 });
        Assert.Equal((once.hidden.out_features, once.second.out_features), (twice.hidden.out_features, twice.second.out_features));
        Assert.Equal(ModelCount.NonZero(once), ModelCount.NonZero(twice));

        // Less than what has gone already takes nothing more.
        var last = PruneAndRetrain(twice, options with { Ratio = 0.25 });
        Assert.Equal(report.NonZeroParameters.After, last.NonZeroParameters.After);
        if (granularity == Granularity.Structured)
        {
            Assert.Equal(new GroupChange("hidden", 8, 4, 0.75) { Dense = 16 }, report.Groups[0]);
            Assert.Equal(0.75, report.Groups[0].Removed);
            Assert.Equal(report.Layers.Select(layer => layer.Count), last.Layers.Select(layer => layer.Count));
            Assert.Contains("| width of hidden | 16 | 8 | 4 | 4.00x less |", report.ToString().Split('\n').Select(line => System.Text.RegularExpressions.Regex.Replace(line, " +", " ")));
        }
    }

    [Fact]
    public void A_number_that_is_to_stay_goes_before_the_ratio()
    {
        var report = PruneAndRetrain(
            new LinkedNet(), Options with { Layers = new Dictionary<string, LayerPruneOptions> { ["hidden"] = new() { Keep = 5 }, ["second"] = new() { Keep = 40 } } });
        Assert.Equal([5, 12], report.Groups.Select(group => group.After));
        Assert.All(report.Groups, group => Assert.Null(group.Asked));
        Assert.Equal("L2, keep 5", report.PrunedBy["hidden"]);
    }

    [Fact]
    public void Latency_is_left_out_on_request_and_scoring_takes_as_many_samples_as_it_may()
    {
        var (x, y) = TinyNet.Samples(256);
        var drawn = 0;
        IEnumerable<(Tensor, Tensor)> Batches()
        {
            for (var i = 0; i < 8; i++)
            {
                drawn++;
                yield return (x.narrow(0, 32 * i, 32), y.narrow(0, 32 * i, 32));
            }
        }

        var model = new LinkedNet();
        var options = Options with { MeasureLatency = false, ScoringSamples = 50, Criterion = Criterion.Taylor, Retrain = Options.Retrain with { Epochs = 0 } };
        var report = Pruning.PruneAndRetrain(model, model.Forward, TrainingData.FromBatches(Batches), TrainingData.FromTensors(x, y), options, PruneProgress.Quiet);
        Assert.Empty(report.Latencies);
        Assert.Equal(2, drawn);
    }

    [Theory]
    [InlineData(Granularity.Structured)]
    [InlineData(Granularity.Unstructured)]
    public void Cancelling_in_the_middle_leaves_weights_and_widths_as_they_were(Granularity granularity)
    {
        var model = new LinkedNet();
        var before = TinyNet.Bits(model);
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => PruneAndRetrain(model, Options with { Granularity = granularity }, new CancelAfterAnEpoch(source), source.Token));
        RequireDense(model, before);
    }

    [Theory]
    [InlineData(Granularity.Structured)]
    [InlineData(Granularity.Unstructured)]
    public void A_loss_that_is_not_finite_leaves_weights_and_widths_as_they_were(Granularity granularity)
    {
        var model = new LinkedNet();
        var before = TinyNet.Bits(model);
        var (x, y) = TinyNet.Samples(256);
        x[200].fill_(float.NaN);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        Assert.Throws<RetrainException>(() => Pruning.PruneAndRetrain(
            model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 32), TrainingData.FromTensors(testX, testY), Options with { Granularity = granularity }, PruneProgress.Quiet));
        RequireDense(model, before);
    }

    [Fact]
    public void A_threshold_that_would_empty_a_layer_changes_nothing()
    {
        var model = new LinkedNet();
        var before = TinyNet.Bits(model);
        Assert.Contains("hidden", Assert.Throws<InvalidOperationException>(() => PruneAndRetrain(model, Options with { Threshold = 1e9 })).Message, StringComparison.Ordinal);
        RequireDense(model, before);
    }

    [Fact]
    public void A_ratio_of_one_is_refused_before_anything_runs()
    {
        var model = new LinkedNet();
        var before = TinyNet.Bits(model);
        Assert.Throws<ArgumentOutOfRangeException>(() => PruneAndRetrain(model, Options with { Ratio = 1 }));
        RequireDense(model, before);
    }

    [Fact]
    public void Test_data_without_a_batch_is_refused()
    {
        var model = new LinkedNet();
        var (x, y) = TinyNet.Samples(32);
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.PruneAndRetrain(
            model, model.Forward, TrainingData.FromTensors(x, y), TrainingData.FromBatches(() => Array.Empty<Batch>()), Options, PruneProgress.Quiet));
        Assert.Contains("no batch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_phase_is_told_in_order()
    {
        var listener = new Listener();
        PruneAndRetrain(new LinkedNet(), Options with { MeasureLatency = true }, listener);
        Assert.Equal(
            [
                "start Measure", "start Score", "end Score", "start Select", "end Select", "start Compact", "end Compact",
                "start Retrain", "epoch 1/4", "epoch 2/4", "epoch 3/4", "epoch 4/4", "end Retrain", "end Measure",
            ],
            listener.Heard);
        Assert.All(listener.Shares, share => Assert.InRange(share, 0, 1));
    }

    [Fact]
    public void The_file_of_a_pruned_model_tells_of_its_run()
    {
        var model = new LinkedNet();
        var report = PruneAndRetrain(model, Options);
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Pruning.Save(model, file);
            var header = PruneFile.ReadHeader(file);

            // How many bytes the file has is told by the file itself, once it is read.
            Assert.Equal((report with { OnDisk = null }).ToJson(), header.Report!.ToJson());
            Assert.Equal(new FileInfo(file).Length, report.OnDisk!.Total);
            Assert.Equal(4, header.Options.Retrain.Epochs);
            using var again = Pruning.Load(file, () => new LinkedNet());
            Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
            Assert.Equal(report.ToJson(), Pruning.History(again).Single().ToJson());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_runs_of_a_model_are_remembered_through_its_file()
    {
        using var model = new LinkedNet();
        Assert.Empty(Pruning.History(model));
        var first = PruneAndRetrain(model, Options);
        Assert.ThrowsAny<ArgumentException>(() => PruneAndRetrain(model, Options with { Ratio = 2 }));
        var second = PruneAndRetrain(model, Options with { Ratio = 0.75 });
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Pruning.Save(model, file);
            using var again = Pruning.Load(file, () => new LinkedNet());
            Assert.Equal(new[] { first, second }.Select(report => report.ToJson()), Pruning.History(again).Select(report => report.ToJson()));
            var third = PruneAndRetrain(again, Options with { Ratio = 0.8 });
            Assert.Equal(new[] { first, second, third }.Select(report => report.ToJson()), Pruning.History(again).Select(report => report.ToJson()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_mask_of_another_model_is_refused()
    {
        var model = new LinkedNet();
        using var mask = Pruning.Mask(model, model.Forward, Options);
        Assert.Contains("another", Assert.Throws<ArgumentException>(() => Pruning.Compact(new LinkedNet(), model.Forward, mask)).Message, StringComparison.Ordinal);
        using var compacted = Pruning.Compact(model, model.Forward, mask);
        Assert.Equal(8, model.hidden.out_features);
    }

    private static PruneReport PruneAndRetrain(LinkedNet model, PruneOptions options, PruneProgress? progress = null, CancellationToken cancellationToken = default)
    {
        var (x, y) = TinyNet.Samples(256);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        return Pruning.PruneAndRetrain(
            model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 32), TrainingData.FromTensors(testX, testY, batchSize: 32), options, progress ?? PruneProgress.Quiet, cancellationToken);
    }

    private static void RequireDense(LinkedNet model, Dictionary<string, byte[]> before)
    {
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Equal((4, 16, 16, 12, 12, 3), (model.hidden.in_features, model.hidden.out_features, model.second.in_features, model.second.out_features, model.output.in_features, model.output.out_features));
        Assert.Equal([2, 3], model.call(rand(2, 4)).shape);
    }

    /// <summary>Three linear layers.</summary>
    [Prunable(Granularity.Structured, Ratio = 0.5)]
    private sealed partial class LinkedNet : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear second = nn.Linear(16, 12);
        public readonly Linear output = nn.Linear(12, 3);

        public LinkedNet()
            : base(nameof(LinkedNet))
        {
            RegisterComponents();
            manual_seed(1);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return output.call(second.call(hidden.call(input).relu()).relu()).MoveToOuterDisposeScope();
        }

        public Tensor[] Forward(Tensor[] inputs) => [call(inputs[0])];
    }

    /// <summary>Two heads over one trunk: a class, and how large the inputs are.</summary>
    [Prunable(Granularity.Structured, Ratio = 0.5)]
    private sealed partial class TwoHeads : nn.Module<Tensor, (Tensor, Tensor)>
    {
        public readonly Linear trunk = nn.Linear(4, 16);
        public readonly Linear kind = nn.Linear(16, 3);
        public readonly Linear length = nn.Linear(16, 1);

        public TwoHeads()
            : base(nameof(TwoHeads)) => RegisterComponents();

        public override (Tensor, Tensor) forward(Tensor input)
        {
            using var x = trunk.call(input).relu();
            return (kind.call(x), length.call(x));
        }

        public Tensor[] Forward(Tensor[] inputs)
        {
            var (first, second) = call(inputs[0]);
            return [first, second];
        }
    }

    private sealed class CancelAfterAnEpoch(CancellationTokenSource source) : PruneProgress
    {
        public override void EpochEnded(EpochResult epoch, int epochs) => source.Cancel();
    }

    private sealed class Listener : PruneProgress
    {
        public List<string> Heard { get; } = [];

        public List<double> Shares { get; } = [];

        public override void Started(PrunePhase phase) => Heard.Add($"start {phase}");

        public override void Advanced(PrunePhase phase, double share) => Shares.Add(share);

        public override void EpochEnded(EpochResult epoch, int epochs) => Heard.Add($"epoch {epoch.Epoch}/{epochs}");

        public override void Finished(PrunePhase phase) => Heard.Add($"end {phase}");
    }
}
