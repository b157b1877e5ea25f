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
        private static readonly Dictionary<string, Promise> Verbs = new(StringComparer.Ordinal)
        {
            ["holds weights"] = Promise.Holds,
            ["holds channels"] = Promise.Holds,
            ["compacts"] = Promise.Holds,
            ["compacts a mask"] = Promise.Holds,
            ["compacts zeros"] = Promise.Alike,
            ["trains"] = Promise.Holds,
            ["trains sparsely"] = Promise.Holds,
            ["moves weights"] = Promise.Nothing,
            ["is trained by its user"] = Promise.Holds,
            ["prunes and retrains weights"] = Promise.Holds,
            ["prunes and retrains channels"] = Promise.Holds,
            ["saves and loads"] = Promise.Same,
            ["quantizes"] = Promise.Holds,
            ["shares weights"] = Promise.Holds,
            ["releases masks"] = Promise.Answers,
            ["releases codes"] = Promise.Nothing,
            ["orders channels"] = Promise.Answers,
            ["empties a block"] = Promise.Holds,
            ["scores"] = Promise.Same,
            ["counts"] = Promise.Same,
            ["searches"] = Promise.Same,
            ["finds ratios"] = Promise.Same,
            ["is cancelled"] = Promise.Same,
            ["fails"] = Promise.Same,
            ["exports"] = Promise.Same,
        };

        private readonly Random random;
        private readonly List<string> refusals = [];
        private readonly List<string> story = [];
        private readonly TrainingData data;
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
            var (verb, promise) = Verbs.ElementAt(random.Next(Verbs.Count));
            story.Add(verb);
            var before = Picture.Of(model, input);
            try
            {
                Call(verb);
            }
            catch (Exception refusal) when (refusal is InvalidOperationException or ArgumentException or AxisException or OnnxExportException)
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
                PruneSchedule.OneShot, PruneSchedule.OneShot, PruneSchedule.Cubic(2), PruneSchedule.LotteryTicket(2), PruneSchedule.Gradual(3), PruneSchedule.ShallowToDeep()),
            Retrain = Training() with { KeepBest = One(true, false) },
        };

        private PruneOptions Weights() => Options(
            Granularity.Unstructured, Granularity.Row, Granularity.Column, Granularity.Kernel, Granularity.NOfM, Granularity.Block, Granularity.Pattern);

        private PruneOptions Channels() => random.Next(8) > 0 ? Options(Granularity.Structured) : Options(Granularity.AttentionHead, Granularity.HeadWidth);

        private void Call(string verb)
        {
            switch (verb)
            {
                case "holds weights":
                    Pruning.Mask(model, Forward, Weights(), data).Dispose();
                    break;
                case "holds channels":
                    Pruning.Mask(model, Forward, Channels(), data).Dispose();
                    break;
                case "compacts":
                    using (Pruning.Compact(model, Forward, Channels(), data))
                    {
                    }

                    break;
                case "compacts a mask":
                    CompactMask(Channels());
                    break;
                case "compacts zeros":
                    using (Pruning.CompactZeros(model, Forward, data))
                    {
                    }

                    break;
                case "trains":
                    Retrainer.Train(model, Forward, data, options: Training());
                    break;
                case "prunes and retrains weights":
                    Pruning.PruneAndRetrain(model, Forward, data, data, Weights(), PruneProgress.Quiet);
                    break;
                case "prunes and retrains channels":
                    Pruning.PruneAndRetrain(model, Forward, data, data, Channels(), PruneProgress.Quiet);
                    break;
                case "trains sparsely":
                    var training = One<TrainingCallback>(
                        new SparseVariationalDropout(), new AlternatingCompression(0.5), new BatchNormSparsity(),
                        new IterativeHardThresholding(0.5) { Every = 1 }, new GroupLasso(), new GrowingRegularization(0.5) { Every = 1 }, new DynamicNetworkSurgery(),
                        new MovementPruning(0.5) { Every = 1 }, new HardConcreteGates(0.1), new InformationBottleneck(0.01), new BayesianCompression(0.1), new WeightSharing(),
                        new QuantizationAware(new QuantizeOptions { Weights = 4, Activations = 0 }));
                    story[^1] += $" by {training.GetType().Name}";
                    Retrainer.Train(model, Forward, data, options: Training() with { Callbacks = [training] });
                    break;
                case "moves weights":
                    Retrainer.Train(model, Forward, data, options: Training() with { Callbacks = [new RigL(0.5) { Every = 1 }] });
                    break;
                case "is trained by its user":
                    using (var optimizer = optim.SGD(model.parameters(), 1e-3, momentum: 0.9))
                    {
                        for (var i = 0; i < 3; i++)
                        {
                            optimizer.zero_grad();
                            model.call(input).to_type(ScalarType.Float32).square().mean().backward();
                            optimizer.step();
                            Pruning.HoldMasks(model);
                        }
                    }

                    break;
                case "finds ratios":
                    Pruning.FindRatios(
                        model, Forward, new PruneBudget { Parameters = 0.4 + (0.5 * random.NextDouble()) }, data, data, Channels() with { Schedule = PruneSchedule.OneShot },
                        new SearchSettings { Evaluations = 3 });
                    break;
                case "is cancelled":
                    using (var source = new CancellationTokenSource())
                    {
                        Stopped<OperationCanceledException>(source.Cancel, source.Token);
                    }

                    break;
                case "fails":
                    Stopped<NotImplementedException>(() => throw new NotImplementedException("asked for"), CancellationToken.None);
                    break;
                case "exports":
                    var file = Path.GetTempFileName();
                    OnnxExporter.Export(model, file, null, input.shape);
                    File.Delete(file);
                    break;
                case "saves and loads":
                    Reload();
                    break;
                case "quantizes":
                    Pruning.Quantize(model, Forward, data, new QuantizeOptions { Weights = random.Next(2, 9), Activations = random.Next(2) * 8 });
                    break;
                case "shares weights":
                    Pruning.ShareWeights(model, new ShareOptions { Bits = random.Next(1, 6) });
                    break;
                case "releases masks":
                    Pruning.ReleaseMasks(model);
                    break;
                case "releases codes":
                    Pruning.ReleaseCodes(model);
                    break;
                case "orders channels":
                    Pruning.PermuteChannels(model, Forward, new PruneOptions { Granularity = new NOfMWeights(1, 2), Criterion = Criterion.L1 }, data);
                    break;
                case "empties a block":
                    Pruning.RemoveBlocks(model, Forward, 1, data).Dispose();
                    break;
                case "scores":
                    var criteria = Enum.GetValues<Criterion>();
                    Pruning.Score(model, Forward, Channels() with { Criterion = criteria[random.Next(criteria.Length)] }, data).Dispose();
                    break;
                case "counts":
                    Pruning.Count(model, input.shape);
                    break;
                case "searches":
                    Pruning.AnalyzeSensitivity(model, Forward, data, data, 2, Channels());
                    break;
                default:
                    throw new NotSupportedException(verb);
            }
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

        private void Reload()
        {
            var path = Path.GetTempFileName();
            try
            {
                Pruning.Save(model, path);
                var loaded = Pruning.Load(path, () => new TModel());
                loaded.train(model.training);
                if (Pruning.History(model).Count != Pruning.History(loaded).Count)
                {
                    throw new NotSupportedException($"{string.Join(", ", story)}: {Pruning.History(model).Count} reports were saved, {Pruning.History(loaded).Count} loaded.");
                }

                model.Dispose();
                model = loaded;
            }
            finally
            {
                File.Delete(path);
            }
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
            var names = Tensors.Keys.Union(other.Tensors.Keys).Where(name => !(Tensors.TryGetValue(name, out var one) && other.Tensors.TryGetValue(name, out var two)
                && one.shape.SequenceEqual(two.shape) && one.dtype == two.dtype && one.eq(two).all().item<bool>())).ToList();
            return names.Count > 0 ? $"{names[0]} is another ({Told(Tensors, names[0])}, then {Told(other.Tensors, names[0])}){(Tensors.ContainsKey(names[0]) ? "" : ", was not there")}{(other.Tensors.ContainsKey(names[0]) ? "" : ", is gone")}"
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
                var difference = (Answers[i] - other.Answers[i]).abs().max().ToDouble();
                if (!(difference <= tolerance * Math.Max(1, Answers[i].abs().max().ToDouble())))
                {
                    return FormattableString.Invariant($"answer {i} differs by {difference}");
                }
            }

            return null;
        }

        /// <summary>A weight that was held, is of the same shape, and is not held any more; null where none is.</summary>
        public string? Released(Picture other) => Tensors
            .Where(entry => entry.Key.StartsWith("held.", StringComparison.Ordinal) && other.Tensors["model" + entry.Key["held".Length..]].shape.SequenceEqual(entry.Value.shape)
                && !(other.Tensors.TryGetValue(entry.Key, out var held) ? held.gt(entry.Value).any().item<bool>() == false : entry.Value.eq(1).all().item<bool>()))
            .Select(entry => $"of {entry.Key} something is not held any more").FirstOrDefault();
    }
}
