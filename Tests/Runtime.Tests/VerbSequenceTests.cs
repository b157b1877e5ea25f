using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// Whatever is done to a model, in whatever order, it stays whole: a verb does what it promises, or says no and leaves the model as it was; what is held
/// at zero is zero; modes, what is frozen, and the random state of the process are as before.
/// </summary>
public sealed partial class VerbSequenceTests : IDisposable
{
    private const int Steps = 7;

    private static readonly Dictionary<string, Func<int, TestModel>> Models = new(Pruned.Models)
    {
        [nameof(RecurrentNet)] = seed => new RecurrentNet(seed),
        [nameof(TiedNet)] = seed => new TiedNet(seed),
        [nameof(BranchingNet)] = seed => new BranchingNet(seed),
        [nameof(ReadNet)] = seed => new ReadNet(seed),
        [nameof(RepeatedNet)] = seed => new RepeatedNet(seed),
        [nameof(SpareNet)] = seed => new SpareNet(seed),
        [nameof(BlocksNet)] = seed => new BlocksNet(seed),
        [nameof(SharedNet)] = seed => new SharedNet(seed),
        [nameof(AttentiveNet)] = seed => new AttentiveNet(seed),
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string file = Path.GetTempFileName();
    private Random random = new();
    private TestModel model = null!;
    private Tensor sample = null!;
    private string made = "";
    private ScalarType type;

    public static TheoryData<string, int, ScalarType> Sequences
    {
        get
        {
            var all = new TheoryData<string, int, ScalarType>();
            foreach (var name in Models.Keys)
            {
                Enumerable.Range(1, 5).ToList().ForEach(seed => all.Add(name, seed, ScalarType.Float32));

                // TorchSharp does not convert a model one of whose tensors has two names.
                if (name != nameof(TiedNet))
                {
                    all.Add(name, 6, ScalarType.Float64);
                    all.Add(name, 7, ScalarType.BFloat16);
                }
            }

            return all;
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        File.Delete(file);
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public void A_model_stays_whole(string name, int seed, ScalarType elements)
    {
        (random, made, model, type) = (new Random(seed), name, Models[name](seed), elements);
        model.to(type);
        model.parameters().Take(random.Next(3)).ToList().ForEach(parameter => parameter.requires_grad = false);
        sample = randn(model.InputShape).to(type);
        var verbs = Verbs();
        var done = new List<string>();
        for (var step = 0; step < Steps; step++)
        {
            var (verb, does, keepsAnswers) = verbs[random.Next(verbs.Count)];
            done.Add(verb);
            var story = string.Join(", ", done);
            model.train(random.Next(2) == 0);
            var (mode, frozen, bits, answer) = (model.training, Frozen(), TinyNet.Bits(model), Answer());
            var data = Data();
            var chance = get_rng_state();
            var live = Pruning.Codes(model).Weights.Keys.ToHashSet();
            var isRefused = false;
            try
            {
                does(data);
            }
            catch (Exception error) when (error is InvalidOperationException or ArgumentException or TimeoutException or AxisException { Rule: AxisRule.UnknownShape })
            {
                isRefused = true;
                Assert.True(AreSame(bits, TinyNet.Bits(model)), $"{story} failed and changed the model: {error.Message}");
            }

            Assert.True(chance.equal(get_rng_state()).all().item<bool>(), $"{story}: the random state");
            Assert.True(mode == model.training, $"{story}: training or not");
            Assert.True(frozen.SetEquals(Frozen()), $"{story}: what is frozen");
            Assert.All(WeightMasks.Of(model), held => Assert.False(
                held.Tensor.masked_select(held.Mask.eq(0)).ne(0).any().item<bool>(), $"{story}: {held.Parameter} of {held.Layer.GetName()} is not held"));
            // A quantized weight leaves its codes where a training without QuantizationAware moves it; a shared one is trained by its values.
            Assert.All(
                WeightCodes.Of(model).Where(coded => live.Contains(coded.Path) && !(coded.Code is QuantizedWeight && verb.StartsWith("train", StringComparison.Ordinal))),
                coded => Assert.True(coded.IsLive, $"{story}: {coded.Path} is no code any more"));
            var now = Answer();
            Assert.True(now.isfinite().all().item<bool>(), $"{story}: the answer is not finite");
            if (isRefused || keepsAnswers)
            {
                Assert.True(Pruned.MaxDifference(answer, now) <= Tolerance(1e-4, answer), $"{story}: the answer has changed");
            }
        }
    }

    private List<(string Verb, Action<TrainingData> Does, bool KeepsAnswers)> Verbs() =>
    [
        ("prune channels", data => Prune(data, Granularity.Structured), false),
        ("prune channels", data => Prune(data, Granularity.Structured), false),
        ("prune weights", data => Prune(data, Granularity.Unstructured), false),
        ("prune rows", data => Prune(data, Granularity.Row), false),
        ("prune columns while training", data => Prune(data, Granularity.Column, PruneSchedule.Gradual(2)), false),
        ("mask and compact", MaskAndCompact, false),
        ("train", data => Retrainer.Train(model, model.Forward, data, data, Training() with { Distill = default }), false),
        ("remove what is zero", data => Pruning.CompactZeros(model, model.Forward, data).Dispose(), true),
        ("quantize", data => Pruning.Quantize(model, model.Forward, data, new QuantizeOptions()), false),
        ("release codes", _ => Pruning.ReleaseCodes(model), false),
        ("release masks", _ => Pruning.ReleaseMasks(model), true),
        ("score", data => Pruning.Score(model, model.Forward, Options(Granularity.Structured), data).Dispose(), true),
        ("analyze", data => Pruning.AnalyzeSensitivity(model, model.Forward, data, data, 2, Options(Granularity.Structured)), true),
        ("share weights", _ => Pruning.ShareWeights(model, new ShareOptions { Bits = 4 }), false),
        ("permute channels", data => Pruning.PermuteChannels(model, model.Forward, Options(Granularity.NOfM), data), true),
        ("find ratios", data => Pruning.FindRatios(
            model, model.Forward, new PruneBudget { Parameters = 0.7 }, data, data, Options(Granularity.Structured), new SearchSettings { Evaluations = 4 }), true),
        ("stop, and go on", StopAndGoOn, false),
        ("remove a block", data => Pruning.RemoveBlocks(model, model.Forward, 1, data).Dispose(), false),
        ("train with gates", data => Retrainer.Train(
            model, model.Forward, data, data, Training() with { Distill = default, KeepBest = false, Callbacks = [new InformationBottleneck(10)] }), false),
        ("fail", data => Prune(data, Granularity.Structured, fails: true), true),
        ("reload", _ => Reload(), true),
    ];

    private void Prune(TrainingData data, Granularity granularity, PruneSchedule? schedule = null, bool fails = false)
    {
        var (options, calls) = (Options(granularity, schedule), 0);
        var last = random.Next(2, 5);
        options = !fails ? options : options with
        {
            Retrain = options.Retrain with { LossOfAll = (results, _) => ++calls > last ? throw new TimeoutException() : results[0].square().mean() },
        };
        var report = Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet);
        Assert.Equal(model.parameters().DistinctBy(parameter => MemoryPlace.Of(parameter)).Sum(parameter => parameter.numel()), report.Parameters.After);
    }

    private void StopAndGoOn(TrainingData data)
    {
        using var stop = new CancellationTokenSource();
        var (options, before, calls, last) = (Options(Granularity.Structured), TinyNet.Bits(model), 0, random.Next(1, 6));
        options = options with
        {
            Retrain = options.Retrain with
            {
                Epochs = 3,
                LossOfAll = (results, _) =>
                {
                    if (++calls == last)
                    {
                        stop.Cancel();
                    }

                    return (results[0] - 0.1).square().mean();
                },
            },
        };
        var folder = Directory.CreateTempSubdirectory("prunegen-verbs-").FullName;
        try
        {
            try
            {
                Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet, stop.Token, folder);
            }
            catch (OperationCanceledException)
            {
                Assert.True(AreSame(before, TinyNet.Bits(model)), "It was stopped, and changed the model.");
            }

            Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet, CancellationToken.None, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void MaskAndCompact(TrainingData data)
    {
        if (WeightCodes.Of(model).Count > 0)
        {
            return;
        }

        var mask = Pruning.Mask(model, model.Forward, Options(Granularity.Structured), data);
        var masked = Answer();
        using var result = Pruning.Compact(model, model.Forward, mask);
        Assert.True(
            result.Check == CompactionCheck.Run
                || Pruned.MaxDifference(masked, Answer()) <= Tolerance(1e-3, masked),
            "The compacted model answers otherwise.");
    }

    private void Reload()
    {
        var (before, mode, frozen) = (Numbers(), model.training, Frozen());
        Pruning.Save(model, file);
        using var chance = new RandomState();
        model = Pruning.Load(file, () => Models[made](9));

        // Of a zero, the file has no sign.
        Assert.Equal(before, Numbers());

        // A file says nothing of these.
        model.train(mode);
        foreach (var (name, parameter) in model.named_parameters())
        {
            parameter.requires_grad = !frozen.Contains(name);
        }
    }

    private PruneOptions Options(Granularity granularity, PruneSchedule? schedule = null)
    {
        Criterion[] criteria = [Criterion.L2, Criterion.L1, Criterion.Taylor, Criterion.Random, Criterion.Fisher, Criterion.Hessian];
        return new()
        {
            Granularity = granularity,
            Criterion = criteria[random.Next(criteria.Length)],
            Scope = random.Next(2) == 0 ? Scope.Local : Scope.Global,
            Ratio = 0.1 + (0.1 * random.Next(5)),
            Schedule = schedule ?? (random.Next(3) == 0 ? PruneSchedule.Iterative(2) : PruneSchedule.OneShot),
            MeasureLatency = false,
            Retrain = Training(),
        };
    }

    private RetrainOptions Training()
    {
        TrainingCallback[] callbacks = [new RigL(0.5), new GroupLasso(0.01), new AlternatingCompression(0.5), new IterativeHardThresholding(0.5), new BestWeights()];
        return new()
        {
            Epochs = 1,
            Optimizer = random.Next(2) == 0 ? RetrainOptimizer.Adam : RetrainOptimizer.SGD,
            Distill = random.Next(2) == 0 ? Distill.SoftTargets : Distill.None,
            KeepBest = random.Next(3) == 0,
            Callbacks = random.Next(2) == 0 ? [callbacks[random.Next(callbacks.Length)]] : [],
            LossOfAll = (results, _) => (results[0] - 0.1).square().mean(),
        };
    }

    private TrainingData Data()
    {
        var (first, second) = (randn(model.InputShape).to(type), randn(model.InputShape).to(type));
        return TrainingData.FromTensors(cat([first, second]), zeros(2 * model.InputShape[0], 1), batchSize: (int)model.InputShape[0], shuffle: false);
    }

    private Tensor Answer()
    {
        using var modes = new TrainingModes(model);
        using var chance = new RandomState();
        return Pruned.Evaluate(model, sample);
    }

    private double Tolerance(double ofFloats, Tensor answer) =>
        (type == ScalarType.BFloat16 ? 5e-2 : ofFloats) * Math.Max(1, answer.abs().max().to(ScalarType.Float64).item<double>());

    private HashSet<string> Frozen() => [.. model.named_parameters().Where(entry => !entry.parameter.requires_grad).Select(entry => entry.name)];

    private Dictionary<string, double[]> Numbers() => model.state_dict().ToDictionary(entry => entry.Key, entry => Pruned.Values(entry.Value));

    private static bool AreSame(Dictionary<string, byte[]> first, Dictionary<string, byte[]> second) =>
        first.Count == second.Count && first.All(entry => second.TryGetValue(entry.Key, out var other) && entry.Value.AsSpan().SequenceEqual(other));

    /// <summary>A recurrent layer, which gets other parameters when its width changes.</summary>
    [Prunable]
    private sealed partial class RecurrentNet : TestModel
    {
        private readonly Linear before = nn.Linear(4, 6);
        private readonly LSTM layer = nn.LSTM(6, 6, batchFirst: true);
        private readonly Linear output = nn.Linear(6, 3);

        public RecurrentNet(int seed)
            : base(nameof(RecurrentNet)) => Initialise(seed);

        public override long[] InputShape => [4, 5, 4];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (steps, _, _) = layer.call(before.call(input).relu());
            return output.call(steps.mean([1])).MoveToOuterDisposeScope();
        }
    }

    /// <summary>One tensor of two names.</summary>
    [Prunable]
    private sealed partial class TiedNet : TestModel
    {
        private readonly Linear first = nn.Linear(8, 6, hasBias: false);
        private readonly Linear middle = nn.Linear(6, 6);
        private readonly Linear second = nn.Linear(6, 6, hasBias: false);
        private readonly Linear third = nn.Linear(6, 6, hasBias: false);
        private readonly Linear output = nn.Linear(6, 3);

        public TiedNet(int seed)
            : base(nameof(TiedNet))
        {
            Initialise(seed);
            third.weight = second.weight!;
        }

        public override long[] InputShape => [4, 8];

        public override Tensor forward(Tensor input)
        {
            var x = first.call(input).relu();
            x = x + middle.call(x).relu();
            return output.call(third.call(second.call(x).relu()).relu());
        }
    }

    /// <summary>Values decide between layers, and whether the last ones are needed.</summary>
    [Prunable]
    private sealed partial class BranchingNet : TestModel
    {
        private readonly Conv2d first = nn.Conv2d(3, 8, 1);
        private readonly Conv2d one = nn.Conv2d(8, 6, 3, padding: 1);
        private readonly BatchNorm2d norm = nn.BatchNorm2d(6);
        private readonly Conv2d other = nn.Conv2d(8, 6, 1);
        private readonly Linear early = nn.Linear(6, 3);
        private readonly Linear hidden = nn.Linear(6, 10);
        private readonly Linear output = nn.Linear(10, 3);

        public BranchingNet(int seed)
            : base(nameof(BranchingNet)) => Initialise(seed);

        public override long[] InputShape => [2, 3, 4, 4];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = first.call(input).relu();
            x = input.sum().ToDouble() > 0 ? norm.call(one.call(x)) : other.call(x);
            x = x.relu().mean([2, 3]);
            if (input.mean().abs().ToDouble() > 0.1)
            {
                return early.call(x).MoveToOuterDisposeScope();
            }

            return output.call(hidden.call(x).relu()).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Weights that forward reads by themselves, beside the layers that have them.</summary>
    [Prunable]
    private sealed partial class ReadNet : TestModel
    {
        private readonly Linear hidden = nn.Linear(8, 10);
        private readonly BatchNorm1d norm = nn.BatchNorm1d(10);
        private readonly Linear middle = nn.Linear(10, 6);
        private readonly Linear output = nn.Linear(6, 3);

        public ReadNet(int seed)
            : base(nameof(ReadNet)) => Initialise(seed);

        public override long[] InputShape => [4, 8];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = norm.call(hidden.call(input)).relu() + nn.functional.linear(input, hidden.weight!, hidden.bias).tanh();
            x = middle.call(x).relu() + matmul(x, middle.weight!.transpose(0, 1));
            return output.call(x).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Layers that are called more than once.</summary>
    [Prunable]
    private sealed partial class RepeatedNet : TestModel
    {
        private readonly Linear first = nn.Linear(8, 6);
        private readonly Linear again = nn.Linear(6, 6);
        private readonly LayerNorm norm = nn.LayerNorm(6);
        private readonly Linear output = nn.Linear(6, 3);

        public RepeatedNet(int seed)
            : base(nameof(RepeatedNet)) => Initialise(seed);

        public override long[] InputShape => [4, 8];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = first.call(input).relu();
            for (var i = 0; i < 3; i++)
            {
                x = norm.call(x + again.call(x).relu());
            }

            return output.call(x).MoveToOuterDisposeScope();
        }
    }

    /// <summary>A layer that nothing calls, and one that is called while the model is trained.</summary>
    [Prunable]
    private sealed partial class SpareNet : TestModel
    {
        private readonly Linear first = nn.Linear(8, 10);
        private readonly Linear trained = nn.Linear(10, 10);
        private readonly Linear spare = nn.Linear(10, 7);
        private readonly Dropout dropout = nn.Dropout(0.2);
        private readonly Linear output = nn.Linear(10, 3);

        public SpareNet(int seed)
            : base(nameof(SpareNet)) => Initialise(seed);

        public override long[] InputShape => [4, 8];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = dropout.call(first.call(input).relu());
            if (training)
            {
                x = x + 0.1 * trained.call(x);
            }

            return output.call(x).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Residual blocks, one of which another way through forward leaves out.</summary>
    [Prunable]
    private sealed partial class BlocksNet : TestModel
    {
        private readonly Linear stem = nn.Linear(8, 6);
        private readonly Block first = new(6);
        private readonly Block second = new(6);
        private readonly Block third = new(6);
        private readonly Linear output = nn.Linear(6, 3);

        public BlocksNet(int seed)
            : base(nameof(BlocksNet)) => Initialise(seed);

        public override long[] InputShape => [4, 8];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = second.call(first.call(stem.call(input)));
            if (input.mean().ToDouble() > 0)
            {
                x = third.call(x);
            }

            return output.call(x).MoveToOuterDisposeScope();
        }
    }

    /// <summary>One layer in two lists and in a field, and blocks in a list.</summary>
    [Prunable]
    private sealed partial class SharedNet : TestModel
    {
        private readonly Linear shared = nn.Linear(6, 6);
        private readonly nn.Module<Tensor, Tensor> first;
        private readonly nn.Module<Tensor, Tensor> second;
        private readonly ModuleList<Block> blocks = new(new Block(6), new Block(6));
        private readonly Linear stem = nn.Linear(8, 6);
        private readonly Linear output = nn.Linear(6, 3);

        public SharedNet(int seed)
            : base(nameof(SharedNet))
        {
            (first, second) = (nn.Sequential(nn.Linear(6, 6), nn.ReLU(), shared), nn.Sequential(shared, nn.Tanh()));
            Initialise(seed);
        }

        public override long[] InputShape => [4, 8];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = stem.call(input).relu();
            x = second.call(first.call(x)) + shared.call(x);
            foreach (var block in blocks)
            {
                x = block.call(x);
            }

            return output.call(x).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Attention by hand, with its heads in a field, behind an embedding of positions.</summary>
    [Prunable]
    private sealed partial class AttentiveNet : TestModel
    {
        private const int Heads = 2;
        private readonly Linear stem = nn.Linear(5, 8);
        private readonly Parameter positions = nn.Parameter(zeros(6, 8));
        private readonly LayerNorm norm = nn.LayerNorm(8);
        private readonly Linear query = nn.Linear(8, 8);
        private readonly Linear key = nn.Linear(8, 8);
        private readonly Linear value = nn.Linear(8, 8);
        private readonly Linear join = nn.Linear(8, 8);
        private readonly Linear output = nn.Linear(8, 3);

        public AttentiveNet(int seed)
            : base(nameof(AttentiveNet)) => Initialise(seed);

        public override long[] InputShape => [2, 6, 5];

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = stem.call(input) + positions;
            var y = norm.call(x);
            var (batch, length) = (y.shape[0], y.shape[1]);
            Tensor Split(Tensor all) => all.view(batch, length, Heads, -1).transpose(1, 2);
            var (q, k, v) = (Split(query.call(y)), Split(key.call(y)), Split(value.call(y)));
            var weights = (matmul(q, k.transpose(2, 3)) / Math.Sqrt(4)).softmax(-1);
            x = x + join.call(matmul(weights, v).transpose(1, 2).reshape(batch, length, -1));
            return output.call(x.mean([1L])).MoveToOuterDisposeScope();
        }
    }

    /// <summary>x + f(x).</summary>
    [Prunable]
    private sealed partial class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear up;
        private readonly BatchNorm1d norm;
        private readonly Linear down;

        public Block(int width)
            : base(nameof(Block))
        {
            (up, norm, down) = (nn.Linear(width, 2 * width), nn.BatchNorm1d(2 * width), nn.Linear(2 * width, width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input + down.call(norm.call(up.call(input)).relu());
    }
}
