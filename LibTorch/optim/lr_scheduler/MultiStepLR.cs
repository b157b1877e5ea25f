namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate is multiplied by gamma at each milestone.</summary>
                public class MultiStepLR : LRScheduler
                {
                    private readonly IList<int> _milestones;
                    private readonly double _gamma;

                    /// <summary>Creates the scheduler; see lr_scheduler.MultiStepLR.</summary>
                    public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _milestones = milestones;
                        _gamma = gamma;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() =>
                        Scaled(_milestones.Contains(_last_epoch) ? _gamma : 1);

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr()
                    {
                        var passed = _milestones.Distinct().Count(milestone => milestone <= _last_epoch);
                        return _base_lrs.Select(lr => lr * Math.Pow(_gamma, passed));
                    }
                }
            }

            /// <summary>Creates a scheduler. The learning rate is multiplied by gamma at each milestone.</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="milestones">The numbers of the steps at which the learning rate changes.</param>
            /// <param name="gamma">What the learning rate is multiplied by.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new impl.MultiStepLR(optimizer, milestones, gamma, last_epoch, verbose);
        }
    }
}
