namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>
                /// The 1cycle policy (Smith and Topin, 2017): the learning rate rises from max_lr / div_factor to max_lr and falls
                /// to max_lr / (div_factor·final_div_factor), while the momentum falls and rises again. One step per batch.
                /// </summary>
                public class OneCycleLR : LRScheduler
                {
                    private readonly int _total_steps;
                    private readonly bool _cycle_momentum;
                    private readonly Func<double, double, double, double> _anneal;
                    private readonly List<Phase> _phases;
                    private readonly List<Extremes> _extremes;

                    /// <summary>The line from one value to the next.</summary>
                    public enum AnnealStrategy
                    {
                        /// <summary>Half a cosine.</summary>
                        Cos,
                        /// <summary>A straight line.</summary>
                        Linear,
                    }

                    private enum Level { Initial, Maximum, Minimum }

                    /// <summary>A stretch of the schedule, from the end of the one before.</summary>
                    private sealed record Phase(double End, Level FromRate, Level ToRate, Level FromMomentum, Level ToMomentum);

                    /// <summary>The values between which one group of parameters moves.</summary>
                    private sealed record Extremes(double MaximumRate, double InitialRate, double MinimumRate, double MinimumMomentum, double MaximumMomentum)
                    {
                        internal double Rate(Level level) => level switch
                        {
                            Level.Initial => InitialRate,
                            Level.Maximum => MaximumRate,
                            _ => MinimumRate,
                        };

                        internal double Momentum(Level level) => level == Level.Maximum ? MaximumMomentum : MinimumMomentum;
                    }

                    /// <summary>Creates the scheduler; see lr_scheduler.OneCycleLR.</summary>
                    /// <exception cref="ArgumentException">A value is out of range, or the optimizer has no momentum to cycle.</exception>
                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, [max_lr], total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, [base_momentum], [max_momentum], div_factor, final_div_factor, three_phase, last_epoch, verbose) { }

                    /// <summary>Creates the scheduler, with values for each group of parameters.</summary>
                    /// <exception cref="ArgumentException">A value is out of range, or the optimizer has no momentum to cycle.</exception>
                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null, double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (cycle_momentum && optimizer is not (IMomentum or IBetas))
                            throw new ArgumentException("optimizer must support momentum with `cycle_momentum` option enabled");
                        if (pct_start is < 0 or > 1)
                            throw new ArgumentException($"Expected float between 0 and 1 for pct_start, but got {pct_start}");

                        _total_steps = Steps(total_steps, epochs, steps_per_epoch);
                        _cycle_momentum = cycle_momentum;
                        _anneal = anneal_strategy == AnnealStrategy.Cos
                            ? (from, to, done) => to + (from - to) / 2 * (Math.Cos(Math.PI * done) + 1)
                            : (from, to, done) => from + (to - from) * done;

                        var rise = pct_start * _total_steps - 1;
                        var end = _total_steps - 1;
                        _phases = three_phase
                            ? [
                                new(rise, Level.Initial, Level.Maximum, Level.Maximum, Level.Minimum),
                                new(2 * rise, Level.Maximum, Level.Initial, Level.Minimum, Level.Maximum),
                                new(end, Level.Initial, Level.Minimum, Level.Maximum, Level.Maximum),
                            ]
                            : [
                                new(rise, Level.Initial, Level.Maximum, Level.Maximum, Level.Minimum),
                                new(end, Level.Maximum, Level.Minimum, Level.Minimum, Level.Maximum),
                            ];

                        var rates = PerGroup(max_lr, nameof(max_lr));
                        var lowest = PerGroup(base_momentum ?? [0.85], nameof(base_momentum));
                        var highest = PerGroup(max_momentum ?? [0.95], nameof(max_momentum));
                        _extremes = Enumerable.Range(0, rates.Count)
                            .Select(i => new Extremes(rates[i], rates[i] / div_factor, rates[i] / div_factor / final_div_factor, lowest[i], highest[i]))
                            .ToList();

                        step();
                    }

                    private static int Steps(int total_steps, int epochs, int steps_per_epoch)
                    {
                        if (total_steps == -1 && epochs == -1 && steps_per_epoch == -1)
                            throw new ArgumentException("You must define either total_steps OR (epochs AND steps_per_epoch)");
                        if (total_steps != -1)
                            return total_steps > 0 ? total_steps : throw new ArgumentException($"Expected positive integer total_steps, but got {total_steps}");
                        if (epochs <= 0)
                            throw new ArgumentException($"Expected positive integer epochs, but got {epochs}");
                        if (steps_per_epoch <= 0)
                            throw new ArgumentException($"Expected positive integer steps_per_epoch, but got {steps_per_epoch}");
                        return epochs * steps_per_epoch;
                    }

                    private List<double> PerGroup(IEnumerable<double> values, string name)
                    {
                        var list = values.ToList();
                        var groups = _base_lrs.Count;
                        if (list.Count == 1) return Enumerable.Repeat(list[0], groups).ToList();
                        return list.Count == groups ? list : throw new ArgumentException($"Expected {groups} values for {name}, one for each group of parameters, but got {list.Count}", name);
                    }

                    /// <summary>The learning rates of this step; sets the momentum, too.</summary>
                    /// <exception cref="InvalidOperationException">There were more steps than were announced.</exception>
                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch > _total_steps)
                            throw new InvalidOperationException($"Tried to step {_last_epoch + 1} times. The specified number of total steps is {_total_steps}");

                        var index = _phases.FindIndex(candidate => _last_epoch <= candidate.End);
                        if (index < 0) index = _phases.Count - 1;
                        var phase = _phases[index];
                        var start = index == 0 ? 0 : _phases[index - 1].End;
                        var done = phase.End > start ? (_last_epoch - start) / (phase.End - start) : 1;

                        var rates = new List<double>();
                        foreach (var (group, extremes) in Groups.Zip(_extremes))
                        {
                            if (_cycle_momentum)
                                SetMomentum(group, _anneal(extremes.Momentum(phase.FromMomentum), extremes.Momentum(phase.ToMomentum), done));
                            rates.Add(_anneal(extremes.Rate(phase.FromRate), extremes.Rate(phase.ToRate), done));
                        }
                        return rates;
                    }

                    private static void SetMomentum(ILearningRateController group, double momentum)
                    {
                        if (group is IBetas betas) betas.Betas = (momentum, betas.Betas.Item2);
                        else if (group is IMomentum single) single.Momentum = momentum;
                    }
                }
            }

            /// <summary>
            /// Creates a scheduler. The 1cycle policy: the learning rate rises from max_lr / div_factor to max_lr and falls
            /// to max_lr / (div_factor·final_div_factor), while the momentum falls and rises again. One step per batch.
            /// </summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="max_lr">The highest learning rate.</param>
            /// <param name="total_steps">How many steps there are; −1 for epochs·steps_per_epoch.</param>
            /// <param name="epochs">How many epochs there are.</param>
            /// <param name="steps_per_epoch">How many steps an epoch has.</param>
            /// <param name="pct_start">The share of the steps in which the learning rate rises.</param>
            /// <param name="anneal_strategy">The line from one value to the next.</param>
            /// <param name="cycle_momentum">Whether the momentum (the first beta) moves, too.</param>
            /// <param name="base_momentum">The lowest momentum.</param>
            /// <param name="max_momentum">The highest momentum.</param>
            /// <param name="div_factor">The highest learning rate over that in the beginning.</param>
            /// <param name="final_div_factor">The learning rate in the beginning over that in the end.</param>
            /// <param name="three_phase">Whether the learning rate first falls to its value in the beginning, then to that in the end.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            /// <exception cref="ArgumentException">A value is out of range, or the optimizer has no momentum to cycle.</exception>
            public static LRScheduler OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, impl.OneCycleLR.AnnealStrategy anneal_strategy = impl.OneCycleLR.AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false) =>
                new impl.OneCycleLR(optimizer, max_lr, total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum, div_factor, final_div_factor, three_phase, last_epoch, verbose);

            /// <summary>Creates a scheduler by the 1cycle policy, with values for each group of parameters.</summary>
            /// <exception cref="ArgumentException">A value is out of range, or the optimizer has no momentum to cycle.</exception>
            public static LRScheduler OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, impl.OneCycleLR.AnnealStrategy anneal_strategy = impl.OneCycleLR.AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null, double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false) =>
                new impl.OneCycleLR(optimizer, max_lr, total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum, div_factor, final_div_factor, three_phase, last_epoch, verbose);
        }
    }
}
