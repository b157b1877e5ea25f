namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate is multiplied by a factor when a measure of success has not improved for some steps.</summary>
                public class ReduceLROnPlateau : LRScheduler
                {
                    private readonly bool _minimize;
                    private readonly double _factor;
                    private readonly int _patience;
                    private readonly double _threshold;
                    private readonly bool _relative;
                    private readonly int _cooldown;
                    private readonly List<double> _min_lrs;
                    private readonly double _eps;

                    private double _best;
                    private int _bad_steps;
                    private int _cooling_steps;

                    /// <summary>Creates the scheduler; see lr_scheduler.ReduceLROnPlateau.</summary>
                    /// <exception cref="ArgumentException">A value is out of range or not known.</exception>
                    public ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string threshold_mode = "rel", int cooldown = 0, IList<double>? min_lr = null, double eps = 1e-8, bool verbose = false)
                        : base(optimizer, -1, verbose)
                    {
                        if (factor >= 1.0) throw new ArgumentException("Factor should be < 1.0");
                        if (mode is not ("min" or "max")) throw new ArgumentException($"mode {mode} is unknown!");
                        if (threshold_mode is not ("rel" or "abs")) throw new ArgumentException($"threshold mode {threshold_mode} is unknown!");

                        _minimize = mode == "min";
                        _factor = factor;
                        _patience = patience;
                        _threshold = threshold;
                        _relative = threshold_mode == "rel";
                        _cooldown = cooldown;
                        _eps = eps;
                        _min_lrs = min_lr is null or { Count: 0 } ? _base_lrs.Select(_ => 0.0).ToList()
                            : min_lr.Count == 1 ? _base_lrs.Select(_ => min_lr[0]).ToList()
                            : [.. min_lr];
                        _best = _minimize ? double.PositiveInfinity : double.NegativeInfinity;
                    }

                    /// <summary>Takes note of the measure, and lowers the learning rates if it has not improved for too long.</summary>
                    /// <param name="current">The measure.</param>
                    /// <param name="epoch">The number of the step; null for the next.</param>
                    public override void step(double current, int? epoch = null)
                    {
                        _last_epoch = epoch ?? _last_epoch + 1;

                        if (Improves(current)) (_best, _bad_steps) = (current, 0);
                        else _bad_steps++;

                        if (_cooling_steps > 0)
                        {
                            _cooling_steps--;
                            _bad_steps = 0;
                        }

                        if (_bad_steps <= _patience) return;
                        Lower();
                        _cooling_steps = _cooldown;
                        _bad_steps = 0;
                    }

                    /// <summary>Not for this scheduler, which needs a measure.</summary>
                    /// <exception cref="InvalidOperationException">Always.</exception>
                    public override void step() =>
                        throw new InvalidOperationException("step() should not be used with the ReduceLROnPlateau scheduler. Use step(double, int?), instead.");

                    /// <summary>Not for this scheduler, which needs a measure.</summary>
                    /// <exception cref="InvalidOperationException">Always.</exception>
                    public override void step(int? epoch) =>
                        throw new InvalidOperationException("step(int?) should not be used with the ReduceLROnPlateau scheduler. Use step(double, int?), instead.");

                    private bool Improves(double current) => (_minimize, _relative) switch
                    {
                        (true, true) => current < _best * (1 - _threshold),
                        (true, false) => current < _best - _threshold,
                        (false, true) => current > _best * (1 + _threshold),
                        (false, false) => current > _best + _threshold,
                    };

                    private void Lower()
                    {
                        var i = 0;
                        foreach (var group in Groups)
                        {
                            var lowered = Math.Max(group.LearningRate * _factor, _min_lrs[i]);
                            if (group.LearningRate - lowered > _eps)
                            {
                                group.LearningRate = lowered;
                                if (_verbose) Console.WriteLine($"Epoch {_last_epoch}: reducing learning rate of group {i} to {lowered:g4}.");
                            }
                            _last_lrs[i++] = group.LearningRate;
                        }
                    }
                }
            }

            /// <summary>Creates a scheduler. The learning rate is multiplied by a factor when a measure of success has not improved for some steps.</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="mode">"min" or "max": what the measure is to become.</param>
            /// <param name="factor">What the learning rate is multiplied by.</param>
            /// <param name="patience">How many steps without improvement are borne.</param>
            /// <param name="threshold">How much counts as an improvement.</param>
            /// <param name="threshold_mode">"rel" or "abs": whether that is a share of the best measure.</param>
            /// <param name="cooldown">How many steps after a change do not count.</param>
            /// <param name="min_lr">The lowest learning rate: one for all groups of parameters, or one for each.</param>
            /// <param name="eps">Smaller changes are not made.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            /// <exception cref="ArgumentException">A value is out of range or not known.</exception>
            public static LRScheduler ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string threshold_mode = "rel", int cooldown = 0, IList<double>? min_lr = null, double eps = 1e-8, bool verbose = false) =>
                new impl.ReduceLROnPlateau(optimizer, mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps, verbose);
        }
    }
}
