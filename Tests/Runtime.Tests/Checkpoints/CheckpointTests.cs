using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed partial class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-checkpoint-").FullName;

    private string Run => Path.Combine(folder, "run");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static readonly RetrainOptions Retrain = new() { Epochs = 2, LearningRate = 0.02, Seed = 3, Device = CPU };

    private static readonly PruneOptions Options = new() { Ratio = 0.5, MeasureLatency = false, ScoringSamples = 64, Retrain = Retrain };

    /// <summary>What a run may be made of: each is interrupted, and has to end as if it had not been.</summary>
    internal static PruneOptions OptionsOf(string kind) => kind switch
    {
        "Adam" => Options,
        "AdamW by steps" => Options with { Retrain = Retrain with { Optimizer = RetrainOptimizer.AdamW, WeightDecay = 0.1, Schedule = LearningRateSchedule.Step } },
        "SGD, clipped, best epoch" => Options with
        {
            Criterion = Criterion.Taylor,
            Retrain = Retrain with { Optimizer = RetrainOptimizer.SGD, MaxGradientNorm = 1, KeepBest = true, WeightDecay = 0.01, Epochs = 3 },
        },
        "another optimizer and scheduler" => Options with
        {
            Retrain = Retrain with
            {
                OptimizerFactory = (parameters, rate) => optim.RMSProp(parameters, rate, momentum: 0.5),
                SchedulerFactory = optimizer => optim.lr_scheduler.StepLR(optimizer, 3, 0.7),
                SchedulerEachBatch = true,
            },
        },
        "rounds" => Options with { Schedule = PruneSchedule.Iterative(3), Scope = Scope.Global },
        "channels while training" => Options with { Schedule = PruneSchedule.Gradual(5), Retrain = Retrain with { KeepBest = true } },
        "weights while training" => Options with { Granularity = Granularity.Unstructured, Ratio = 0.8, Schedule = PruneSchedule.Gradual(6) },
        "weights in rounds" => Options with { Granularity = Granularity.Unstructured, Ratio = 0.8, Schedule = PruneSchedule.LotteryTicket(2) },
        "weights that others make good for" => Options with { Granularity = Granularity.Unstructured, Criterion = Criterion.SparseGpt },
        "a teacher" => Options with { Retrain = Retrain with { Distill = Distill.SoftTargets } },
        "layer by layer" => Options with { Schedule = PruneSchedule.ShallowToDeep(2) },
        "layer by layer within a budget" => Options with { Ratio = 0.9, Schedule = PruneSchedule.ShallowToDeep(3, errorBudget: 0.02) },
        "as far as the error lets it" => Options with { Budget = new PruneBudget { MaxErrorIncrease = 0.02 } },
        "shared and quantized weights" => Options with
        {
            Share = new ShareOptions { Bits = 3, Epochs = 1 },
            Layers = new Dictionary<string, LayerPruneOptions> { ["output"] = new() { Share = new ShareOptions { Bits = 0 }, Quantize = new QuantizeOptions { Weights = 4 } } },
        },
        "channels and weights" => Options with { Retrain = Retrain with { Callbacks = [new WeightPruning(new PruneOptions
        {
            Granularity = Granularity.Unstructured, Ratio = 0.7, Schedule = PruneSchedule.Gradual(4),
        })] } },
        "penalties" => Options with { Retrain = Retrain with { Callbacks = [new GroupLasso(0.1), new BatchNormSparsity(0.01), new GrowingRegularization(0.5) { PicksByGrowth = true, PickLimit = 3e-5 }] } },
        "dense and sparse by turns" => Options with { Retrain = Retrain with { Callbacks = [new AlternatingCompression(0.3)] } },
        "a callback that does not tell what it remembers" => Options with { Schedule = PruneSchedule.Iterative(2), Retrain = Retrain with { Callbacks = [new RigL(0.3) { Every = 3 }] } },
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static TheoryData<string> Kinds =>
    [
        "Adam", "AdamW by steps", "SGD, clipped, best epoch", "another optimizer and scheduler", "rounds", "channels while training",
        "weights while training", "weights in rounds", "weights that others make good for", "a teacher", "layer by layer",
        "layer by layer within a budget", "as far as the error lets it", "shared and quantized weights", "channels and weights", "penalties",
        "dense and sparse by turns", "a callback that does not tell what it remembers",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_run_that_was_interrupted_again_and_again_ends_with_the_same_bits(string kind)
    {
        var options = OptionsOf(kind);
        var whole = new DroppingNet();
        var report = Prune(whole, options, checkpoint: null);

        // A training of which nothing can be kept begins anew, so it has to come to its end in one process.
        var keepsTraining = kind is not ("layer by layer within a budget" or "as far as the error lets it" or "a callback that does not tell what it remembers");
        var (ends, steps) = (0, new List<int>());
        while (true)
        {
            // Every process begins with a model of its own, whose first values are others.
            var model = new DroppingNet(seed: ends == 0 ? 1 : 100 + ends);
            try
            {
                var again = Prune(model, options, new Checkpoint(Run) { EverySteps = 2 }, stopAt: keepsTraining ? 7 : 20);
                Assert.Equal(TinyNet.Bits(whole), TinyNet.Bits(model));
                AssertSame(report, again);
                Assert.Equal(WeightMasks.Of(whole).Sum(held => held.Mask.eq(0).sum().item<long>()), WeightMasks.Of(model).Sum(held => held.Mask.eq(0).sum().item<long>()));
                break;
            }
            catch (StoppedException stopped)
            {
                steps.Add(stopped.Steps);
                Assert.True(++ends < 60, $"It comes no further: stopped {string.Join(", ", steps)}.");
            }
        }

        Assert.True(ends > 0, "Nothing was interrupted.");
    }

    [Fact]
    public void A_run_that_is_over_is_not_run_again()
    {
        var model = new DroppingNet();
        var report = Prune(model, Options, Run);
        var again = new DroppingNet(seed: 9);
        Assert.Equal(report.ToJson(), Prune(again, Options, Run, stopAt: 1).ToJson());
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
        Assert.Equal(report.ToJson(), Assert.Single(Pruning.History(again)).ToJson());
    }

    [Fact]
    public void What_is_stopped_keeps_what_was_reached_and_says_how_to_go_on()
    {
        var whole = new DroppingNet();
        Prune(whole, Options, checkpoint: null);

        using var source = new CancellationTokenSource();
        var stopping = new StopAt(13, source.Cancel);
        var model = new DroppingNet();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<OperationCanceledException>(() => Prune(model, Options, Run, stopping, source.Token));
        Assert.Contains($"is kept in {Run}; call PruneAndRetrain again", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));

        // Nothing that was trained is trained again.
        var rest = new StopAt(int.MaxValue, () => { });
        Prune(model, Options, Run, rest);
        Assert.Equal((2 * 8) - 13, rest.Steps);
        Assert.Equal(TinyNet.Bits(whole), TinyNet.Bits(model));
    }

    [Fact]
    public void A_damaged_file_gives_way_to_the_one_before()
    {
        var whole = new DroppingNet();
        Prune(whole, Options, checkpoint: null);
        Assert.Throws<StoppedException>(() => Prune(new DroppingNet(), Options, new Checkpoint(Run) { EverySteps = 2 }, stopAt: 7));
        var files = Directory.GetFiles(Run, "0*.checkpoint").Order().ToList();
        Assert.Equal(2, files.Count);
        using (var newest = new FileStream(files[^1], FileMode.Open))
        {
            newest.Position = newest.Length / 2;
            newest.WriteByte(0x55);
        }

        File.WriteAllText(Path.Combine(Run, "00000099.checkpoint.abc.partial"), "half");
        var model = new DroppingNet(seed: 4);
        Prune(model, Options, Run);
        Assert.Equal(TinyNet.Bits(whole), TinyNet.Bits(model));
        Assert.Empty(Directory.GetFiles(Run, "*.partial"));
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        Prune(new DroppingNet(), Options, Run);
        var error = Assert.Throws<InvalidOperationException>(() => Prune(new DroppingNet(), Options with { Ratio = 0.25 }, Run));
        Assert.Contains("is of another run: options then", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOperationException>(() => Prune(new DroppingNet(), Options with { Schedule = PruneSchedule.Iterative(2) }, Run));
        Assert.Contains("methods now schedule Iterative(2)", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOperationException>(() => Prune(new DroppingNet(width: 12), Options, Run));
        Assert.Contains("shapes then", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_do_not_share_a_folder()
    {
        Exception? inner = null;
        var stopping = new StopAt(2, () => inner = Record.Exception(() => Prune(new DroppingNet(), Options, Run)));
        Prune(new DroppingNet(), Options, Run, stopping);
        Assert.Contains("is used by another run", Assert.IsType<InvalidOperationException>(inner).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_what_was_there()
    {
        Assert.Throws<StoppedException>(() => Prune(new DroppingNet(), Options, new Checkpoint(Run) { EverySteps = 2 }, stopAt: 5));
        var before = Directory.GetFiles(Run).Order().Select(file => (file, File.ReadAllBytes(file).Length)).ToList();

        // The next number is taken by a folder, so that the file cannot be put there.
        var next = Path.Combine(Run, "00000003.checkpoint");
        Directory.CreateDirectory(next);
        var model = new DroppingNet();
        var values = TinyNet.Bits(model);
        var error = Assert.Throws<IOException>(() => Prune(model, Options, new Checkpoint(Run) { EverySteps = 2 }));
        Assert.Contains("What was kept before is whole", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(Run).Order().Select(file => (file, File.ReadAllBytes(file).Length)));
        Assert.Equal(values, TinyNet.Bits(model));

        Directory.Delete(next);
        Prune(model, Options, Run);
        var whole = new DroppingNet();
        Prune(whole, Options, checkpoint: null);
        Assert.Equal(TinyNet.Bits(whole), TinyNet.Bits(model));
    }

    [Fact]
    public void A_file_that_cannot_be_written_whole_leaves_the_one_before()
    {
        var path = Path.Combine(folder, "file");
        File.WriteAllText(path, "before");
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            stream.Flush();
            throw new IOException("No space left on device");
        }));
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("", null, 1, "names no folder")]
    [InlineData("run", 0, 1, "every 0 steps")]
    [InlineData("run", null, 0, "every 00:00:00")]
    public void A_wrong_checkpoint_is_refused(string name, int? steps, int seconds, string message)
    {
        var checkpoint = new Checkpoint(name) { EverySteps = steps, Every = TimeSpan.FromSeconds(seconds) };
        var error = Assert.ThrowsAny<ArgumentException>(() => Prune(new DroppingNet(), Options, checkpoint));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static PruneReport Prune(DroppingNet model, PruneOptions options, Checkpoint? checkpoint, int stopAt = int.MaxValue) =>
        Prune(model, options, checkpoint, new StopAt(stopAt, () => throw new StoppedException(stopAt)));

    private static PruneReport Prune(DroppingNet model, PruneOptions options, Checkpoint? checkpoint, StopAt stopping, CancellationToken token = default)
    {
        var (x, y) = TinyNet.Samples(128);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        return model.PruneAndRetrain(
            TrainingData.FromTensors(x, y, batchSize: 16),
            TrainingData.FromTensors(testX, testY, batchSize: 32, shuffle: false),
            options with { Retrain = options.Retrain with { Callbacks = [.. options.Retrain.Callbacks, stopping] } },
            PruneProgress.Quiet,
            token,
            checkpoint);
    }

    /// <summary>All but what is measured with a clock.</summary>
    private static void AssertSame(PruneReport expected, PruneReport actual)
    {
        Assert.Equal(Plain(expected), Plain(actual));

        static string Plain(PruneReport report) => (report with
        {
            Seconds = 0,
            Environment = null,

            // The header holds the report, whose times have more digits or fewer.
            OnDisk = report.OnDisk! with { Header = 0 },
            Retraining = WithoutTimes(report.Retraining),
            EarlierRounds = [.. report.EarlierRounds.Select(WithoutTimes)],
            Steps = [.. report.Steps.Select(step => step with { Training = step.Training is { } training ? WithoutTimes(training) : null })],
        }).ToJson();

        static RetrainResult WithoutTimes(RetrainResult result) =>
            result with { Epochs = [.. result.Epochs.Select(epoch => epoch with { TrainSeconds = 0, TestSeconds = 0 })] };
    }

    private sealed class StoppedException(int steps) : Exception
    {
        public int Steps => steps;
    }

    /// <summary>Does something behind so many steps of this process, whatever the run has done before.</summary>
    private sealed class StopAt(int step, Action stop) : TrainingCallback
    {
        public int Steps { get; private set; }

        public override void OnStep(TrainingContext context)
        {
            if (++Steps == step)
            {
                stop();
            }
        }

        public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => new Dictionary<string, Tensor>();
    }

    /// <summary>A net that draws random numbers while it is trained, and has running statistics.</summary>
    [Prunable]
    internal sealed partial class DroppingNet : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden;
        public readonly BatchNorm1d norm;
        public readonly Dropout dropout = nn.Dropout(0.2);
        public readonly Linear second;
        public readonly Linear output = nn.Linear(8, 3);

        public DroppingNet(int seed = 1, int width = 16)
            : base(nameof(DroppingNet))
        {
            hidden = nn.Linear(4, width);
            norm = nn.BatchNorm1d(width);
            second = nn.Linear(width, 8);
            RegisterComponents();
            manual_seed(seed);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }
        }

        public override Tensor forward(Tensor x) => output.call(second.call(dropout.call(norm.call(hidden.call(x)).relu())).relu());
    }
}
