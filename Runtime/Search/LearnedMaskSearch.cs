using System.Globalization;
using System.Text.Json;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Learns for each channel the probability that it stays, by back-propagation through the model with its weights as they are: <see
/// cref="Allocator.LearnedMasks"/>. Each batch draws which channels are there, m ~ Bernoulli(p), p = σ((θ − s) / T). The gradient of the labels' loss goes
/// past the draw as if m were p (a straight-through estimator). s is one shift for all, for each batch the smallest with which every expected cost is within
/// its limit; at first all groups keep the same share. θ moves along the limit alone: from the gradient g goes λ c, where c is that of the cost and
/// λ = g·c / c·c the budget's multiplier, so that a channel rises which brings more for its cost than others. T falls from 1 to 0.1, and in the second half
/// a penalty p (1 − p) grows, which drive probabilities to 0 and 1. Each group then keeps as many channels as its probabilities come to, scaled to the
/// budget; which ones is for the criterion to say. BatchNorm goes by each batch meanwhile, as its running statistics are those of a model that has all
/// channels.
/// </summary>
/// <remarks>
/// Groups whose channels cannot be multiplied where they go out keep the mean share of the others. Expected costs are those of the closed forms at expected
/// widths, exact where a layer's inputs and outputs are of different groups. Latency is not one of them.
/// </remarks>
public sealed class LearnedMaskSearch : RatioSearch
{
    private const double LastTemperature = 0.1;

    /// <summary>How strong the penalty p (1 − p) is in the end, where 1 is a step of Adam.</summary>
    private const double LastPenalty = 2;

    /// <summary>Passes over the training data, at least 1. 2 by default.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>The learning rate of θ, above 0; it has an Adam of its own. 0.05 by default.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.LearnedMasks);

    /// <summary>
    /// How undecided the probabilities of the last search are: the mean of −p log₂ p − (1 − p) log₂(1 − p), from 0, each is 0 or 1, to 1, all
    /// are a half.
    /// </summary>
    public double Entropy { get; private set; }

    /// <summary>The probabilities of the last search, by group.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Probabilities { get; private set; } = new Dictionary<string, IReadOnlyList<double>>();

    /// <inheritdoc/>
    protected override long[] Choose(SearchContext context, Random random)
    {
        if (Epochs < 1 || LearningRate is not (> 0 and <= float.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(Epochs), FormattableString.Invariant(
                $"Masks are to be learnt with Epochs = {Epochs} and LearningRate = {LearningRate}; give 1 epoch or more, and a rate above 0, such as 0.05."));
        }

        var space = context.Space;
        var learnt = LearnAndPutBack(context);
        Probabilities = learnt.ToDictionary(one => space.Groups[one.Key].Name, one => (IReadOnlyList<double>)one.Value);
        Entropy = Probabilities.Values.SelectMany(all => all).Select(p => Bits(p) + Bits(1 - p)).Average();
        var shares = learnt.ToDictionary(one => one.Key, one => Math.Max(1e-3, one.Value.Average()));
        var mean = shares.Values.Average();
        var kept = space.Scaled([.. space.Groups.Select((_, i) => shares.GetValueOrDefault(i, mean))]);
        context.Measure(kept, context.Settings.Evaluations);
        return kept;

        static double Bits(double p) => p > 0 ? -p * Math.Log2(p) : 0;
    }

    /// <summary>See <see cref="Learn"/>; what the model has learnt of the batches meanwhile is taken back.</summary>
    private Dictionary<int, double[]> LearnAndPutBack(SearchContext context)
    {
        try
        {
            return Learn(context);
        }
        finally
        {
            context.PutBack();
        }
    }

    /// <summary>p of each group of the space that can have masks, by its number in it.</summary>
    private Dictionary<int, double[]> Learn(SearchContext context)
    {
        var (model, options) = (context.Plan.Model, context.Plan.Options.Retrain);
        using var random = new RandomState();
        using var modes = new TrainingModes(model);
        using var place = new TrainingDevice(model, options.Device);
        using var masks = new MaskSet(context.Space, place.Device);
        var limits = string.Join(' ', context.Space.Costs.Select(cost => cost.Limit.ToString(CultureInfo.InvariantCulture)));
        var search = string.Create(CultureInfo.InvariantCulture, $"{Name} {context.Settings.Seed} {Epochs} {LearningRate} {limits}");
        masks.State = context.StateOf(search) is { } kept ? JsonSerializer.Deserialize(kept, SearchJson.Default.MaskState)! : masks.State;
        var norms = model.modules().OfType<NormBase>().ToList();
        var frozen = model.parameters().Where(parameter => parameter.requires_grad).ToList();
        try
        {
            frozen.ForEach(parameter => parameter.requires_grad = false);
            model.eval();
            norms.ForEach(norm => norm.train());
            while (masks.Epoch < Epochs)
            {
                // From the epoch alone, so that a search that goes on draws what it would have drawn.
                var over = Epochs == 1 ? 1 : (double)masks.Epoch / (Epochs - 1);
                masks.Temperature = Math.Pow(LastTemperature, over);
                masks.Penalty = LastPenalty * Math.Max(0, (2 * over) - 1);
                manual_seed(unchecked((context.Settings.Seed * 7919) + masks.Epoch));
                foreach (var batch in context.Train.Batches(masks.Epoch, context.Settings.Seed).Where(batch => batch.Size > 1 || norms.Count == 0))
                {
                    context.CancellationToken.ThrowIfCancellationRequested();
                    masks.Step(place.Move(batch), context.Forward, options, LearningRate);
                }

                masks.Epoch++;
                context.Keep(search, JsonSerializer.Serialize(masks.State, SearchJson.Default.MaskState));
            }

            return masks.Probabilities();
        }
        finally
        {
            frozen.ForEach(parameter => parameter.requires_grad = true);
        }
    }

    /// <summary>The masks of all groups while they are learnt.</summary>
    private sealed class MaskSet : IDisposable
    {
        private readonly WidthSpace space;
        private readonly Device device;
        private readonly List<(int Group, GateSet Gates)> sets = [];
        private readonly List<Action> removals = [];
        private readonly List<CountCost> costs;
        private Moments[] moments;
        private long steps;
        private double shift;

        public MaskSet(WidthSpace space, Device device)
        {
            (this.space, this.device) = (space, device);
            if (space.HasBits)
            {
                throw new InvalidOperationException(
                    $"Masks are learnt for channels, and the budget is for bits, too; choose {nameof(Allocator.Greedy)}, "
                        + $"{nameof(Allocator.DynamicProgramming)} or {nameof(Allocator.Genetic)}.");
            }

            costs = [.. space.Costs.OfType<CountCost>()];
            if (costs.Count == 0)
            {
                throw new InvalidOperationException(
                    "Masks are learnt towards costs that are closed forms of the widths, and the budget has none; limit Macs, Parameters or Bytes, too.");
            }

            var ungated = new List<string>();
            foreach (var (group, number) in space.Groups.Select((group, number) => (group.Pieces!.Group!, number)))
            {
                if (ChannelOutputs.Of(space.Plan, group, out var because) is not { } outputs)
                {
                    ungated.Add($"{group.Name}: {because}");
                    continue;
                }

                var theta = new Parameter(zeros([group.Width], ScalarType.Float64, device));
                var set = new GateSet(group, outputs.Layers, [theta.DetachFromDisposeScope() as Parameter ?? theta]);
                sets.Add((number, set));
                foreach (var (name, layer) in set.Layers)
                {
                    removals.Add(layer.register_forward_hook((_, _, output) => output.numel() == 0
                        ? output
                        : set.Apply(name, layer, output, set.DrawnFor(1, () => Draw(theta)))).remove);
                }
            }

            moments = [.. sets.Select(set => new Moments(new double[set.Gates.Group.Width], new double[set.Gates.Group.Width]))];
            if (sets.Count == 0)
            {
                Dispose();
                throw new InvalidOperationException($"No channels can have masks. {string.Join("; ", ungated)}.");
            }
        }

        public int Epoch { get; set; }

        public double Temperature { get; set; } = LastTemperature;

        /// <summary>How strong the penalty of undecided probabilities is.</summary>
        public double Penalty { get; set; }

        /// <summary>Everything that the next step depends on.</summary>
        public MaskState State
        {
            get => new(Epoch, steps, [.. sets.Select(set => Values(set.Gates))], moments);
            set
            {
                using var noGradients = no_grad();
                (Epoch, steps, moments) = (value.Epoch, value.Steps, [.. value.Moments]);
                for (var i = 0; i < sets.Count; i++)
                {
                    using var theta = tensor(value.Thetas[i], device: device);
                    sets[i].Gates.Parameters[0].copy_(theta);
                }
            }
        }

        public Dictionary<int, double[]> Probabilities()
        {
            shift = Shift();
            return sets.ToDictionary(set => set.Group, set => ProbabilitiesOf(Values(set.Gates), shift));
        }

        /// <summary>One batch: forward with drawn masks, backward, and a step of Adam for θ.</summary>
        public void Step(Batch batch, Func<Tensor[], Tensor[]> forward, RetrainOptions options, double rate)
        {
            using var scope = NewDisposeScope();
            sets.ForEach(set => set.Gates.Redraw());
            shift = Shift();
            LossFunctions.Of(options, batch.Through(forward), batch.Targets).backward();
            steps++;
            using var noGradients = no_grad();
            var (thetas, gradients) = (sets.ConvertAll(set => Values(set.Gates)), sets.ConvertAll(set => Gradient(set.Gates.Parameters[0])));
            var probabilities = thetas.ConvertAll(values => ProbabilitiesOf(values, shift));
            AlongTheLimit(gradients, probabilities);
            for (var i = 0; i < sets.Count; i++)
            {
                Update(thetas[i], gradients[i], probabilities[i], moments[i], rate);
                using var theta = tensor(thetas[i], device: device);
                sets[i].Gates.Parameters[0].copy_(theta);
                sets[i].Gates.Parameters[0].grad = null;
            }
        }

        public void Dispose()
        {
            removals.ForEach(remove => remove());
            sets.ForEach(set => set.Gates.Dispose());
        }

        private static double[] Values(GateSet set)
        {
            using var scope = NewDisposeScope();
            return ChannelSums.Values(set.Parameters[0].detach());
        }

        /// <summary>The gradient of θ; 0 where the loss does not depend on it.</summary>
        private static double[] Gradient(Parameter theta)
        {
            using var scope = NewDisposeScope();
            return theta.grad is { } grad ? ChannelSums.Values(grad) : new double[theta.numel()];
        }

        private Tensor Draw(Parameter theta)
        {
            var p = ((theta - shift) / Temperature).sigmoid();
            return (p + (bernoulli(p.detach()) - p).detach()).unsqueeze(0);
        }

        private double[] ProbabilitiesOf(double[] thetas, double by) => Array.ConvertAll(thetas, theta => 1 / (1 + Math.Exp(-(theta - by) / Temperature)));

        /// <summary>The widths that are expected; groups without masks keep all.</summary>
        private double[] Expected(IReadOnlyList<double[]> probabilities)
        {
            double[] widths = [.. space.WidthsOf(space.All).Select(width => (double)width)];
            for (var i = 0; i < sets.Count; i++)
            {
                widths[space.Groups[sets[i].Group].Number] = probabilities[i].Sum();
            }

            return widths;
        }

        /// <summary>The smallest shift with which the expected costs are within their limits, so that one of them is at its limit.</summary>
        private double Shift()
        {
            var thetas = sets.ConvertAll(set => Values(set.Gates));
            bool Fits(double by)
            {
                var widths = Expected(thetas.ConvertAll(values => ProbabilitiesOf(values, by)));
                return costs.TrueForAll(cost => cost.Formula.At(widths) <= cost.Limit);
            }

            // Groups without masks keep all, so that the limits may be out of reach: then the masks do what they can.
            var (low, high) = (-1.0, 1.0);
            for (var i = 0; i < 20 && !Fits(high); i++)
            {
                (low, high) = (high, 2 * high);
            }

            for (var i = 0; i < 20 && Fits(low); i++)
            {
                (low, high) = (2 * low, low);
            }

            for (var i = 0; i < 40; i++)
            {
                var middle = (low + high) / 2;
                (low, high) = Fits(middle) ? (low, middle) : (middle, high);
            }

            return high;
        }

        /// <summary>Takes from gradients what would only change the cost that is nearest to its limit, or above.</summary>
        private void AlongTheLimit(List<double[]> gradients, List<double[]> probabilities)
        {
            var widths = Expected(probabilities);
            var formula = costs.MaxBy(cost => cost.Formula.At(widths) / cost.Limit)!.Formula;
            var slopes = sets.ConvertAll(set => Slope(space.Groups[set.Group].Number));
            var cost = slopes.Zip(probabilities, (slope, all) => Array.ConvertAll(all, p => slope * p * (1 - p) / Temperature)).ToList();
            var square = cost.Sum(all => all.Sum(one => one * one));
            var factor = square > 0 ? gradients.Zip(cost, (all, costs) => all.Zip(costs, (one, by) => one * by).Sum()).Sum() / square : 0;
            foreach (var (all, costs) in gradients.Zip(cost))
            {
                for (var i = 0; i < all.Length; i++)
                {
                    all[i] -= factor * costs[i];
                }
            }

            // Costs are of the second degree in a width at most: this is exact. A group of which nothing is expected any more moves nothing.
            double Slope(int group)
            {
                var width = widths[group];
                if (width == 0)
                {
                    return 0;
                }

                var (less, more) = (At(width / 2), At(1.5 * width));
                widths[group] = width;
                return (more - less) / width;

                double At(double changed)
                {
                    widths[group] = changed;
                    return formula.At(widths);
                }
            }
        }

        /// <summary>
        /// Adam, whose moments can be kept between two processes. The penalty stands beside it, as weight decay does in AdamW, so that how large the loss is
        /// has no say in how strong it is: θ moves by 2 p − 1, the slope of −p (1 − p) in p.
        /// </summary>
        private void Update(double[] thetas, double[] gradients, double[] probabilities, Moments moment, double rate)
        {
            for (var i = 0; i < thetas.Length; i++)
            {
                moment.First[i] = (0.9 * moment.First[i]) + (0.1 * gradients[i]);
                moment.Second[i] = (0.999 * moment.Second[i]) + (0.001 * gradients[i] * gradients[i]);
                var (first, second) = (moment.First[i] / (1 - Math.Pow(0.9, steps)), moment.Second[i] / (1 - Math.Pow(0.999, steps)));
                thetas[i] -= rate * ((first / (Math.Sqrt(second) + 1e-8)) - (Penalty * ((2 * probabilities[i]) - 1)));
            }
        }
    }
}

/// <summary>Where the learning of masks is.</summary>
/// <param name="Epoch">How many epochs are over.</param>
/// <param name="Steps">How many batches are.</param>
/// <param name="Thetas">θ of each group.</param>
/// <param name="Moments">Adam's moments of them.</param>
internal sealed record MaskState(int Epoch, long Steps, double[][] Thetas, Moments[] Moments);

/// <summary>The two moments of Adam.</summary>
internal sealed record Moments(double[] First, double[] Second);
