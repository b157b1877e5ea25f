using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed partial class RanksTests : IDisposable
{
    private static readonly PruneOptions Options = new()
    {
        Ratio = 0.5,
        MeasureLatency = false,
        ScoringSamples = 64,
        Retrain = new RetrainOptions { Epochs = 2, LearningRate = 0.02, Seed = 3, Device = CPU },
    };

    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-ranks-").FullName;

    public static TheoryData<string> Kinds => CheckpointTests.Kinds;

    private string Run => Path.Combine(folder, "run");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Processes_that_train_together_end_with_the_same_bits(string kind)
    {
        var results = Lockstep.Run(3, all =>
        {
            // Each begins with weights of its own, and makes the objects that its options name.
            var model = new CheckpointTests.DroppingNet(seed: 1 + all.Rank);
            var report = Prune(model, With(CheckpointTests.OptionsOf(kind), all));
            return (Bits: TinyNet.Bits(model), Masks: MasksOf(model), Report: report.ToJson());
        });
        foreach (var (bits, masks, report) in results.Skip(1))
        {
            Assert.Equal(results[0].Bits, bits);
            Assert.Equal(results[0].Masks, masks);
            Assert.Equal(results[0].Report, report);
        }
    }

    /// <summary>Methods with parameters, gradients or random numbers of their own.</summary>
    public static TheoryData<string> Methods =>
        ["gates", "gates with a norm", "noise", "RigL by gradients", "RigL at random", "movement", "surgery", "hard thresholding", "learned steps"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void What_methods_learn_beside_the_model_is_the_same_in_all_processes(string method)
    {
        // Every step is seen: what differs would be put right at the end of an epoch only.
        var results = Lockstep.Run(2, all =>
        {
            var model = new CheckpointTests.DroppingNet(seed: 1 + all.Rank);
            var seen = new Seen();
            var retrain = Options.Retrain with { Callbacks = [CallbackOf(method), seen] };
            Prune(model, With(Options with { Ratio = 0, Retrain = retrain }, all));
            return seen.Steps;
        });
        Assert.Equal(2 * 8, results[0].Count);
        Assert.Equal(results[0], results[1]);
    }

    public static TheoryData<int, string> EqualRuns => new()
    {
        { 2, "L2" }, { 2, "Taylor, SGD, clipped" }, { 3, "Taylor, SGD, clipped" }, { 2, "in rounds" }, { 2, "weights while training" }, { 5, "L2" },
    };

    [Theory]
    [MemberData(nameof(EqualRuns))]
    public void Several_processes_equal_one_with_the_whole_batch(int size, string kind)
    {
        var options = kind switch
        {
            "L2" => Options,
            "Taylor, SGD, clipped" => Options with
            {
                Criterion = Criterion.Taylor,
                Retrain = Options.Retrain with { Optimizer = RetrainOptimizer.SGD, MaxGradientNorm = 0.5, WeightDecay = 0.01, KeepBest = true },
            },
            "in rounds" => Options with { Schedule = PruneSchedule.Iterative(2), Scope = Scope.Global },
            _ => Options with { Granularity = Granularity.Unstructured, Ratio = 0.7, Schedule = PruneSchedule.Gradual(4) },
        };
        var one = new PlainNet(seed: 1);
        var report = Prune(one, options, batch: 18);

        // 128 samples in batches of 18 leave a last one of 2, which five processes cannot divide.
        var several = Lockstep.Run(size, all =>
        {
            var model = new PlainNet(seed: 1 + all.Rank);
            return (Model: model, Report: Prune(model, With(options, all), batch: 18));
        });
        foreach (var (model, same) in several)
        {
            foreach (var (name, expected) in one.state_dict())
            {
                var actual = model.state_dict()[name];
                Assert.Equal(expected.shape, actual.shape);
                Assert.True(
                    (expected - actual).abs().max().item<float>() < 2e-4,
                    $"{name} differs by {(expected - actual).abs().max().item<float>():g3}.");
            }

            Assert.Equal(report.Groups.Select(group => group.After), same.Groups.Select(group => group.After));
            Assert.Equal(report.Final.Loss, same.Final.Loss, 1e-3);
            Assert.Equal(report.Final.Samples, same.Final.Samples);
            Assert.Equal(report.Retraining.Epochs.Select(epoch => epoch.Samples), same.Retraining.Epochs.Select(epoch => epoch.Samples));
            Assert.Equal(report.Retraining.Epochs[^1].TrainLoss, same.Retraining.Epochs[^1].TrainLoss, 1e-3);
        }
    }

    [Fact]
    public void A_step_waits_for_the_others_once()
    {
        var options = Options with { Ratio = 0, Retrain = Options.Retrain with { Epochs = 1 } };
        int Calls(int batch)
        {
            Lockstep.Run(2, all => Prune(new PlainNet(), With(options, all), batch), out var calls);
            return calls;
        }

        // 16 steps against 8; all else is the same.
        Assert.Equal(8, Calls(8) - Calls(16));
    }

    [Fact]
    public void Running_statistics_are_those_of_the_whole_batch_where_its_parts_are_equal()
    {
        var one = new CheckpointTests.DroppingNet();
        var before = one.norm.running_mean!.clone();
        void Train(CheckpointTests.DroppingNet model, Communicator? all)
        {
            var (x, y) = TinyNet.Samples(128);
            var options = Options.Retrain with { Epochs = 1, LearningRate = 1e-12, Communicator = all };
            Retrainer.Train(model, inputs => [model.call(inputs[0])], TrainingData.FromTensors(x, y, 16), options: options);
        }

        Train(one, all: null);
        var means = Lockstep.Run(2, all =>
        {
            var model = new CheckpointTests.DroppingNet();
            Train(model, all);
            return model.norm.running_mean!.clone();
        });
        Assert.True((one.norm.running_mean! - before).abs().max().item<float>() > 0.01);
        Assert.All(means, mean => Assert.True((mean - one.norm.running_mean!).abs().max().item<float>() < 1e-6));
    }

    [Fact]
    public void Each_process_drops_other_activations_and_a_random_state_of_the_user_stays()
    {
        var drawn = Lockstep.Run(2, all =>
        {
            var model = new CheckpointTests.DroppingNet();
            var seen = new Seen();
            manual_seed(5);
            Prune(model, With(Options with { Retrain = Options.Retrain with { Callbacks = [seen] } }, all));
            return (seen.Draws, After: rand(1).item<float>());
        });
        Assert.NotEqual(drawn[0].Draws, drawn[1].Draws);
        manual_seed(5);
        var after = rand(1).item<float>();
        Assert.All(drawn, one => Assert.Equal(after, one.After));
    }

    [Theory]
    [InlineData("Adam")]
    [InlineData("weights while training")]
    [InlineData("rounds")]
    public void Processes_that_were_interrupted_go_on_together(string kind)
    {
        var options = CheckpointTests.OptionsOf(kind);
        var whole = Lockstep.Run(2, all =>
        {
            var model = new CheckpointTests.DroppingNet(1);
            Prune(model, With(options, all));
            return TinyNet.Bits(model);
        });

        // Process 1 dies each time; process 0 keeps what was reached, and process 1 is given no folder at all.
        var deaths = 0;
        while (true)
        {
            Dictionary<string, byte[]>[]? bits = null;
            var failures = Lockstep.Failures(2, all =>
            {
                var model = new CheckpointTests.DroppingNet(seed: deaths + all.Rank + 1);
                var dying = new Seen { DiesAt = all.Rank == 1 ? 6 : null };
                var checkpoint = all.Rank == 0 ? new Checkpoint(Run) { EverySteps = 2 } : null;
                var retrain = options.Retrain with { Callbacks = [.. options.Retrain.Callbacks, dying] };
                Prune(model, With(options with { Retrain = retrain }, all), checkpoint: checkpoint);
                (bits ??= new Dictionary<string, byte[]>[2])[all.Rank] = TinyNet.Bits(model);
            });
            if (bits is not null)
            {
                Assert.All(failures, Assert.Null);
                Assert.All(bits, one => Assert.Equal(whole[0], one));
                break;
            }

            Assert.IsType<Lockstep.GoneException>(failures[0]);
            Assert.Equal("dies", failures[1]!.Message);
            Assert.True(++deaths < 30, "It comes no further.");
        }

        Assert.True(deaths > 1);
    }

    [Theory]
    [InlineData("Adam")]
    [InlineData("channels while training")]
    public void What_one_process_has_begun_several_go_on_with(string kind)
    {
        var options = CheckpointTests.OptionsOf(kind);
        var whole = new PlainNet();
        Prune(whole, options);
        var dying = options with { Retrain = options.Retrain with { Callbacks = [new Seen { DiesAt = 11 }] } };
        Assert.Throws<InvalidOperationException>(() => Prune(new PlainNet(), dying, checkpoint: new Checkpoint(Run) { EverySteps = 2 }));
        var steps = Lockstep.Run(2, all =>
        {
            var model = new PlainNet(seed: 5 + all.Rank);
            var seen = new Seen();
            Prune(model, With(options with { Retrain = options.Retrain with { Callbacks = [seen] } }, all), checkpoint: all.Rank == 0 ? new Checkpoint(Run) : null);
            Assert.All(whole.state_dict(), entry => Assert.True((entry.Value - model.state_dict()[entry.Key]).abs().max().item<float>() < 2e-4, entry.Key));
            return seen.Steps.Count;
        });
        Assert.All(steps, count => Assert.InRange(count, 1, (options.Retrain.Epochs * 8) - 10));
    }

    [Fact]
    public void One_process_that_is_stopped_stops_all_behind_the_same_step()
    {
        var steps = new int[2];
        var failures = Lockstep.Failures(2, all =>
        {
            using var source = new CancellationTokenSource();
            var seen = new Seen { OnTheWay = step => { if (step == 5 && all.Rank == 1) { source.Cancel(); } } };
            try
            {
                Prune(new PlainNet(), With(Options with { Retrain = Options.Retrain with { Callbacks = [seen] } }, all), checkpoint: all.Rank == 0 ? new Checkpoint(Run) : null, token: source.Token);
            }
            finally
            {
                steps[all.Rank] = seen.Steps.Count;
            }
        });
        Assert.All(failures, failure => Assert.IsType<OperationCanceledException>(failure));
        Assert.Contains($"is kept in {Run}", failures[0]!.Message, StringComparison.Ordinal);
        Assert.Equal([6, 6], steps);
    }

    [Fact]
    public void What_process_0_fails_of_is_told_to_the_others_and_models_are_as_they_were()
    {
        var failures = Lockstep.Failures(2, all =>
        {
            var model = new PlainNet();
            var before = TinyNet.Bits(model);
            try
            {
                Prune(model, With(Options with { Threshold = 1e6 }, all));
            }
            finally
            {
                Assert.Equal(before, TinyNet.Bits(model));
            }
        });
        var said = Assert.IsType<InvalidOperationException>(failures[0]).Message;
        Assert.Equal($"Process 0 failed: {said}", Assert.IsType<InvalidOperationException>(failures[1]).Message);
    }

    [Fact]
    public void Processes_that_are_given_something_else_are_refused()
    {
        var failures = Lockstep.Failures(2, all => Prune(new PlainNet(), With(Options with { Ratio = all.Rank == 0 ? 0.5 : 0.25 }, all)));
        Assert.Contains("Process 1 does not train what process 0 does: the run there", failures[1]!.Message, StringComparison.Ordinal);
        failures = Lockstep.Failures(2, all => Prune(new PlainNet(), With(Options, all), batch: 8 << all.Rank));
        Assert.Contains("does not train what process 0 does", failures[1]!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_goes_its_own_way_is_noticed()
    {
        var failures = Lockstep.Failures(2, all =>
        {
            var model = new PlainNet();
            var seen = new Seen { OnTheWay = step => { if (step == 3 && all.Rank == 1) { model.hidden.weight!.mul_(1.5); } } };
            Prune(model, With(Options with { Retrain = Options.Retrain with { Callbacks = [seen] } }, all));
        });
        Assert.Contains("model.hidden.weight differs from that in process 0 by up to", failures[1]!.Message, StringComparison.Ordinal);
        Assert.Contains("in process 1 behind epoch 1", failures[1]!.Message, StringComparison.Ordinal);
        failures = Lockstep.Failures(2, all =>
        {
            var model = new PlainNet();
            var seen = new Seen
            {
                OnTheWay = step =>
                {
                    if (step == 3 && all.Rank == 1)
                    {
                        WeightMasks.Set(model.hidden, "weight", ones_like(model.hidden.weight!).DetachFromDisposeScope());
                    }
                },
            };
            Prune(model, With(Options with { Retrain = Options.Retrain with { Callbacks = [seen] } }, all));
        });
        Assert.Contains("held.hidden.weight is there, and not in process 0, in process 1 behind epoch 1", failures[1]!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Values_of_process_0_come_to_all_in_their_type_and_order(ScalarType type)
    {
        var found = Lockstep.Run(2, all =>
        {
            // As its columns lie in memory, so that rows are no piece of it.
            var values = (arange(6, type) + (10 * all.Rank)).reshape(3, 2).t();
            all.Broadcast(values);
            return values.to_type(ScalarType.Float64).flatten().data<double>().ToArray();
        });
        Assert.All(found, values => Assert.Equal([0, 2, 4, 1, 3, 5], values));
    }

    [Fact]
    public void A_batch_that_cannot_be_divided_is_refused()
    {
        var x = randn(4, 6, 4);
        var y = zeros(6, ScalarType.Int64);
        var failures = Lockstep.Failures(2, all =>
        {
            var model = new PlainNet();
            Retrainer.Train(
                model, inputs => [model.call(inputs[0][0])], TrainingData.FromBatches(() => [(x, y)]), options: Options.Retrain with { Communicator = all });
        });
        Assert.All(failures, failure => Assert.Contains("has a tensor of the shape [4, 6, 4], which cannot be divided among 2", failure!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Comparisons_are_of_one_process()
    {
        var failures = Lockstep.Failures(2, all =>
        {
            var (x, y) = TinyNet.Samples(32);
            var data = TrainingData.FromTensors(x, y);
            new PruneComparison<PlainNet>(() => new PlainNet(), model => inputs => [model.call(inputs[0])], data, data, data) { Dense = With(Options, all).Retrain }
                .Run([new PruneRecipe("any", Options)], [0.5], [0]);
        });
        Assert.All(failures, failure => Assert.Contains("A comparison runs in one process, and Communicator has 2", failure!.Message, StringComparison.Ordinal));
    }

    private static TrainingCallback CallbackOf(string method) => method switch
    {
        "gates" => new HardConcreteGates(0.1),
        "gates with a norm" => new InformationBottleneck(0.1),
        "noise" => new SparseVariationalDropout(),
        "RigL by gradients" => new RigL(0.3) { Every = 3 },
        "RigL at random" => new RigL(0.3) { Every = 3, GrowsAtRandom = true },
        "movement" => new MovementPruning(0.3) { Every = 2 },
        "surgery" => new DynamicNetworkSurgery(),
        "hard thresholding" => new IterativeHardThresholding(0.3) { Every = 3 },
        _ => new QuantizationAware(new QuantizeOptions { Weights = 4, Activations = 8, Training = QuantizedTraining.LearnedSteps }),
    };

    private static PruneOptions With(PruneOptions options, Communicator all) => options with { Retrain = options.Retrain with { Communicator = all } };

    private static PruneReport Prune<TModel>(
        TModel model, PruneOptions options, int batch = 16, Checkpoint? checkpoint = null, CancellationToken token = default)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        var (x, y) = TinyNet.Samples(128);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        return Pruning.PruneAndRetrain(
            model,
            inputs => [model.call(inputs[0])],
            TrainingData.FromTensors(x, y, batch),
            TrainingData.FromTensors(testX, testY, batchSize: 20, shuffle: false),
            options,
            PruneProgress.Quiet,
            token,
            checkpoint);
    }

    private static Dictionary<string, byte[]> MasksOf(nn.Module model) => ModelTensors.Of(model).Where(entry => ModelTensors.IsMask(entry.Key))
        .ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());

    /// <summary>Sees what each step leaves behind, and may die on the way.</summary>
    private sealed class Seen : TrainingCallback
    {
        public int? DiesAt { get; init; }

        public Action<int>? OnTheWay { get; init; }

        public List<string> Steps { get; } = [];

        public List<float> Draws { get; } = [];

        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
        {
            Draws.Add(rand(1).item<float>());
            return loss;
        }

        public override void OnStep(TrainingContext context)
        {
            Steps.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
                [.. ModelTensors.Of(context.Model).OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.cpu().bytes.ToArray())])));
            OnTheWay?.Invoke(Steps.Count);
            if (Steps.Count == DiesAt)
            {
                throw new InvalidOperationException("dies");
            }
        }

        public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => new Dictionary<string, Tensor>();
    }

    /// <summary>A net of which each sample is computed by itself.</summary>
    [Prunable]
    internal sealed partial class PlainNet : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear second = nn.Linear(16, 8);
        public readonly Linear output = nn.Linear(8, 3);

        public PlainNet(int seed = 1)
            : base(nameof(PlainNet))
        {
            RegisterComponents();
            manual_seed(seed);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }
        }

        public override Tensor forward(Tensor x) => output.call(second.call(hidden.call(x).relu()).relu());
    }
}
