namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate is multiplied by factor for the first total_iters steps.</summary>
                public class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _total_iters;

                    /// <summary>Creates the scheduler; see lr_scheduler.ConstantLR.</summary>
                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _factor = factor;
                        _total_iters = total_iters;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() =>
                        Scaled(_last_epoch == 0 ? _factor : _last_epoch == _total_iters ? 1 / _factor : 1);

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(lr => lr * (_last_epoch >= _total_iters ? 1 : _factor));
                }
            }

            /// <summary>Creates a scheduler. The learning rate is multiplied by factor for the first total_iters steps.</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="factor">What the learning rate is multiplied by.</param>
            /// <param name="total_iters">How many steps that lasts.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            public static LRScheduler ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new impl.ConstantLR(optimizer, factor, total_iters, last_epoch, verbose);
        }
    }
}
