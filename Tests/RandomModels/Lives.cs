using System.Reflection;
using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>How many verbs were called on random models, and how many of these refused.</summary>
/// <param name="Verbs">How many did what they are for.</param>
/// <param name="Refusals">What the others said, none of which changed a model.</param>
public readonly record struct Lives(int Verbs, IReadOnlyList<string> Refusals)
{
    /// <summary>How many verbs are called on each model.</summary>
    private const int Steps = 8;

    /// <summary>
    /// Calls verbs on a model in a random order: prunes, trains, compacts, codes, saves and loads it. Each does what it promises, whatever came before it:
    /// what is held at zero stays zero until it is released, what only looks leaves the model as it was, and so does what refuses.
    /// </summary>
    /// <exception cref="InvalidOperationException">One does not.</exception>
    public static Lives Of(Type type, int seed) =>
        (Lives)typeof(Lives).GetMethod(nameof(OfModel), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [seed], null)!;

    private static Lives OfModel<TModel>(int seed)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        using var scope = NewDisposeScope();
        using var life = new Life<TModel>(seed);
        return new Lives(Enumerable.Range(0, Steps).Count(_ => life.Step()), life.Refusals);
    }

    private sealed class Life<TModel> : IDisposable
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        private readonly Random random;
        private readonly List<string> refusals = [];
        private readonly List<string> story = [];
        private readonly TrainingData data;
        private readonly IReadOnlyList<(string Name, Promise Promise, Action Call)> verbs;
        private Tensor input;
        private TModel model;

        public Life(int seed)
        {
            random = new Random(seed);
            manual_seed(seed);
            model = new TModel();
            input = randn(3, ModelWriter.Channels, ModelWriter.Size, ModelWriter.Size);
            using (no_grad())
            {
                MaskedAndCompacted.Settle(model, input);
            }

            if (random.Next(4) == 0)
            {
                InDouble();
            }

            model.train(random.Next(2) == 0);
            data = TrainingData.FromTensors(input, zeros(3, ScalarType.Int64), batchSize: 3, shuffle: false);
            verbs = Verbs();
        }

        /// <summary>One of the promises that verbs make, the stronger ones last.</summary>
        private enum Promise
        {
            /// <summary>The model's numbers stay finite.</summary>
            Nothing,

            /// <summary>It answers as before, but for rounding.</summary>
            Answers,

            /// <summary>What was held at zero is zero and held.</summary>
            Holds,

            /// <summary>And the model answers as before.</summary>
            Alike,

            /// <summary>The model is as it was, to the last bit.</summary>
            Same,
        }

        public IReadOnlyList<string> Refusals => refusals;

        public void Dispose() => model.Dispose();

        /// <summary>Calls one verb; false where it refused.</summary>
        public bool Step()
        {
            var (verb, promise, call) = verbs[random.Next(verbs.Count)];
            story.Add(verb);
            var before = Picture.Of(model, input);
            try
            {
                call();
            }
            catch (Exception refusal) when (refusal is InvalidOperationException or ArgumentException or AxisException or OnnxExportException && IsTold(refusal))
            {
                Keeps(Promise.Same, before, Picture.Of(model, input));
                refusals.Add($"{verb}: {refusal.GetType().Name}: {refusal.Message}");
                story[^1] += " (refused)";
                return false;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException(string.Join(", ", story), error);
            }

            Keeps(promise, before, Picture.Of(model, input));
            return true;
        }

        /// <summary>Whether PruneGen says it, and not TorchSharp or .NET, which know neither the model nor a remedy.</summary>
        private static bool IsTold(Exception refusal) => refusal.TargetSite?.Module.Assembly.GetName().Name?.StartsWith("PruneGen.", StringComparison.Ordinal) == true;

        /// <summary>Makes the model one of 64-bit numbers, where forward has none of its own in the way.</summary>
        private void InDouble()
        {
            model.to(ScalarType.Float64);
            try
            {
                Differences.Answers(model, input.to_type(ScalarType.Float64));
            }
            catch (Exception refusal) when (refusal is System.Runtime.InteropServices.ExternalException or ArgumentException)
            {
                model.to(ScalarType.Float32);
                return;
            }

            input = input.to_type(ScalarType.Float64);
            story.Add("is of 64 bits");
        }

        private void Keeps(Promise promise, Picture before, Picture after)
        {
            var wrong = after.NotFinite ?? after.NotZero
                ?? (before.Flags != after.Flags ? $"{before.Flags} became {after.Flags}" : null)
                ?? (promise is Promise.Same ? before.Difference(after) : null)
                ?? (promise is Promise.Same ? before.DifferentAnswer(after, 0) : null)
                ?? (promise is Promise.Answers or Promise.Alike ? before.DifferentAnswer(after, 1e-4) : null)
                ?? (promise is Promise.Holds or Promise.Alike ? before.Released(after) : null);
            if (wrong is not null)
            {
                throw new InvalidOperationException($"{string.Join(", ", story)}: {wrong}");
            }
        }

        private Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];

        private T One<T>(params T[] some) => some[random.Next(some.Length)];

        private RetrainOptions Training() => new()
        {
            Epochs = random.Next(1, 4), LearningRate = 1e-3, Loss = (output, _) => output.to_type(ScalarType.Float32).square().mean(), Seed = random.Next(),
            Optimizer = One(RetrainOptimizer.Adam, RetrainOptimizer.SGD, RetrainOptimizer.AdamW),
        };

        private PruneOptions Options(params Granularity[] granularities) => new()
        {
            Granularity = One(granularities), Criterion = One(Criterion.L1, Criterion.L2, Criterion.Random), Ratio = 0.1 + (0.7 * random.NextDouble()),
            Scope = One(Scope.Local, Scope.Global, Scope.Isomorphic), MeasureLatency = false, RoundTo = random.Next(1, 3), MinWidth = random.Next(1, 3),
            Schedule = One(
                PruneSchedule.OneShot,
                PruneSchedule.OneShot,
                PruneSchedule.Cubic(2),
                PruneSchedule.LotteryTicket(2),
                PruneSchedule.Gradual(3),
                PruneSchedule.ShallowToDeep()),
            Retrain = Training() with { KeepBest = One(true, false) },
        };

        private PruneOptions Weights() => Options(
            Granularity.Unstructured, Granularity.Row, Granularity.Column, Granularity.Kernel, Granularity.NOfM, Granularity.Block, Granularity.Pattern);

        private PruneOptions Channels() => random.Next(8) > 0 ? Options(Granularity.Structured) : Options(Granularity.AttentionHead, Granularity.HeadWidth);

        private IReadOnlyList<(string Name, Promise Promise, Action Call)> Verbs() =>
        [
            ("holds weights", Promise.Holds, () => Pruning.Mask(model, Forward, Weights(), data).Dispose()),
            ("holds channels", Promise.Holds, () => Pruning.Mask(model, Forward, Channels(), data).Dispose()),
            ("compacts", Promise.Holds, () => Pruning.Compact(model, Forward, Channels(), data).Dispose()),
            ("compacts a mask", Promise.Holds, () => CompactMask(Channels())),
            ("compacts zeros", Promise.Alike, () => Pruning.CompactZeros(model, Forward, data).Dispose()),
            ("orders channels", Promise.Answers, () => Pruning.PermuteChannels(
                model, Forward, new PruneOptions { Granularity = new NOfMWeights(1, 2), Criterion = Criterion.L1 }, data)),
            ("empties a block", Promise.Holds, () => Pruning.RemoveBlocks(model, Forward, 1, data).Dispose()),
            ("trains", Promise.Holds, () => Retrainer.Train(model, Forward, data, options: Training())),
            ("trains sparsely", Promise.Holds, TrainSparsely),
            ("moves weights", Promise.Nothing, () => TrainWith(new RigL(0.5) { Every = 1 })),
            ("is trained by its user", Promise.Holds, TrainByHand),
            ("prunes and retrains weights", Promise.Holds, () => Pruning.PruneAndRetrain(model, Forward, data, data, Weights(), PruneProgress.Quiet)),
            ("prunes and retrains channels", Promise.Holds, () => Pruning.PruneAndRetrain(model, Forward, data, data, Channels(), PruneProgress.Quiet)),
            ("is cancelled", Promise.Same, IsCancelled),
            ("fails", Promise.Same, () => Stopped<TimeoutException>(() => throw new TimeoutException("A callback fails."), CancellationToken.None)),
            ("saves and loads", Promise.Same, () => InFile(Reload)),
            ("exports", Promise.Same, () => InFile(path => OnnxExporter.Export(model, path, null, input.shape))),
            ("quantizes", Promise.Holds, () => Pruning.Quantize(
                model, Forward, data, new QuantizeOptions { Weights = random.Next(2, 9), Activations = random.Next(2) * 8 })),
            ("shares weights", Promise.Holds, () => Pruning.ShareWeights(model, new ShareOptions { Bits = random.Next(1, 6) })),
            ("releases masks", Promise.Answers, () => Pruning.ReleaseMasks(model)),
            ("releases codes", Promise.Nothing, () => Pruning.ReleaseCodes(model)),
            ("scores", Promise.Same, () => Pruning.Score(
                model, Forward, Channels() with { Criterion = One(Enum.GetValues<Criterion>()) }, data).Dispose()),
            ("counts", Promise.Same, () => Pruning.Count(model, input.shape)),
            ("searches", Promise.Same, () => Pruning.AnalyzeSensitivity(model, Forward, data, data, 2, Channels())),
            ("finds ratios", Promise.Same, () => Pruning.FindRatios(
                model,
                Forward,
                new PruneBudget { Parameters = 0.4 + (0.5 * random.NextDouble()) },
                data,
                data,
                Channels() with { Schedule = PruneSchedule.OneShot },
                new SearchSettings { Evaluations = 3 })),
        ];

        private void TrainWith(TrainingCallback callback)
        {
            story[^1] += $" by {callback.GetType().Name}";
            Retrainer.Train(model, Forward, data, options: Training() with { Callbacks = [callback] });
        }

        private void TrainSparsely() => TrainWith(One<TrainingCallback>(
            new SparseVariationalDropout(),
            new AlternatingCompression(0.5),
            new BatchNormSparsity(),
            new IterativeHardThresholding(0.5) { Every = 1 },
            new GroupLasso(),
            new GrowingRegularization(0.5) { Every = 1 },
            new DynamicNetworkSurgery(),
            new MovementPruning(0.5) { Every = 1 },
            new HardConcreteGates(0.1),
            new InformationBottleneck(0.01),
            new BayesianCompression(0.1),
            new WeightSharing(),
            new QuantizationAware(new QuantizeOptions { Weights = 4, Activations = 0 })));

        /// <summary>Trains it in a loop of one's own, as the documentation says.</summary>
        private void TrainByHand()
        {
            using var optimizer = optim.SGD(model.parameters(), 1e-3, momentum: 0.9);
            for (var i = 0; i < 3; i++)
            {
                optimizer.zero_grad();
                model.call(input).to_type(ScalarType.Float32).square().mean().backward();
                optimizer.step();
                Pruning.HoldMasks(model);
            }
        }

        private void IsCancelled()
        {
            using var source = new CancellationTokenSource();
            Stopped<OperationCanceledException>(source.Cancel, source.Token);
        }

        /// <summary>Prunes and trains, and is stopped after some steps.</summary>
        private void Stopped<TException>(Action stop, CancellationToken token)
            where TException : Exception
        {
            var at = random.Next(1, 4);
            var options = random.Next(2) == 0 ? Weights() : Channels();
            options = options with
            {
                // One that goes by layers does not train where none loses anything.
                Schedule = options.Schedule.IsByLayer ? PruneSchedule.OneShot : options.Schedule,
                Retrain = options.Retrain with { Epochs = 3, Callbacks = [new Stopping(at, stop)] },
            };
            try
            {
                Pruning.PruneAndRetrain(model, Forward, data, data, options, PruneProgress.Quiet, token);
            }
            catch (TException)
            {
                return;
            }

            throw new NotSupportedException($"nothing stopped {options}");
        }

        private void CompactMask(PruneOptions options)
        {
            if (Pruning.Codes(model).Weights.Count > 0)
            {
                // What is coded is not compacted, and by then it would be masked.
                return;
            }

            using var mask = Pruning.Mask(model, Forward, options, data);
            var masked = Differences.Answers(model, input);
            var isExact = PruningPlan.Link(model, options, input.shape).Groups.All(group => group.Exact);
            using var result = Pruning.Compact(model, Forward, mask);
            if (isExact)
            {
                Differences.Require("masked and compacted", masked, Differences.Answers(model, input));
            }
        }

        private static void InFile(Action<string> use)
        {
            var path = Path.GetTempFileName();
            try
            {
                use(path);
            }
            finally
            {
                File.Delete(path);
            }
        }

        private void Reload(string path)
        {
            Pruning.Save(model, path);
            var loaded = Pruning.Load(path, () => new TModel());
            loaded.train(model.training);
            var (saved, read) = (Pruning.History(model).Count, Pruning.History(loaded).Count);
            if (saved != read)
            {
                throw new NotSupportedException($"{saved} reports were saved, {read} loaded");
            }

            model.Dispose();
            model = loaded;
        }
    }

    private sealed class Stopping(int steps, Action stop) : TrainingCallback
    {
        private int left = steps;

        public override void OnStep(TrainingContext context)
        {
            if (--left == 0)
            {
                stop();
            }
        }
    }

    /// <summary>A model at one moment: copies of its tensors and masks, what of it is coded, and what it answers.</summary>
    private sealed record Picture(Dictionary<string, Tensor> Tensors, string Codes, IReadOnlyList<Tensor> Answers, string Flags)
    {
        /// <summary>A tensor that is not finite; null where each is.</summary>
        public string? NotFinite =>
            Tensors.Where(entry => entry.Value.is_floating_point() && !entry.Value.isfinite().all().item<bool>()).Select(entry => $"{entry.Key} is not finite").FirstOrDefault();

        /// <summary>A weight that is held at zero and is not zero.</summary>
        public string? NotZero => Tensors.Where(entry => entry.Key.StartsWith("held.", StringComparison.Ordinal)
                && Tensors["model" + entry.Key["held".Length..]].mul(entry.Value.eq(0)).count_nonzero().item<long>() > 0)
            .Select(entry => $"{entry.Key} holds what is not zero").FirstOrDefault();

        public static Picture Of<TModel>(TModel model, Tensor input)
            where TModel : nn.Module<Tensor, Tensor>, IPrunable
        {
            using var noGradients = no_grad();
            var flags = $"{model.modules().Count(module => module.training)} modules in training, {model.parameters().Count(parameter => !parameter.requires_grad)} parameters frozen";
            var tensors = ModelTensors.Of(model).ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone(), StringComparer.Ordinal);
            var training = model.training;
            model.eval();
            var answers = Differences.Answers(model, input);
            model.train(training);
            var codes = Pruning.Codes(model);
            return new Picture(tensors, string.Join(", ", codes.Weights.Keys.Concat(codes.Activations.Keys).Order(StringComparer.Ordinal)), answers, flags);
        }

        /// <summary>What another moment's model has otherwise; null where it is the same.</summary>
        public string? Difference(Picture other)
        {
            var name = Tensors.Keys.Union(other.Tensors.Keys).FirstOrDefault(name => !(Tensors.TryGetValue(name, out var one)
                && other.Tensors.TryGetValue(name, out var two)
                && one.shape.SequenceEqual(two.shape) && one.dtype == two.dtype && one.eq(two).all().item<bool>()));
            return name is not null ? $"{name} was {Told(Tensors, name)}, and is {Told(other.Tensors, name)}"
                : Codes != other.Codes ? $"coded were {Codes}, now {other.Codes}"
                : null;
        }

        private static string Told(Dictionary<string, Tensor> tensors, string name) =>
            tensors.TryGetValue(name, out var tensor) ? $"{tensor.dtype} [{string.Join(", ", tensor.shape)}], {tensor.count_nonzero().item<long>()} not zero" : "nothing";

        /// <summary>How far the answers are from another moment's; null where that is within a tolerance.</summary>
        public string? DifferentAnswer(Picture other, double tolerance)
        {
            for (var i = 0; i < Answers.Count; i++)
            {
                var (difference, scale) = Differences.Between(Answers[i], other.Answers[i]);
                if (!(difference <= tolerance * scale))
                {
                    return FormattableString.Invariant($"answer {i} differs by {difference}");
                }
            }

            return null;
        }

        /// <summary>A weight that was held, is of the same shape, and is not held any more; null where none is.</summary>
        public string? Released(Picture other) => Tensors
            .Where(entry => entry.Key.StartsWith("held.", StringComparison.Ordinal) && other.Tensors["model" + entry.Key["held".Length..]].shape.SequenceEqual(entry.Value.shape)
                && !(other.Tensors.TryGetValue(entry.Key, out var held) ? !held.gt(entry.Value).any().item<bool>() : entry.Value.eq(1).all().item<bool>()))
            .Select(entry => $"of {entry.Key} something is not held any more").FirstOrDefault();
    }
}
