namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate falls to zero in total_iters steps, as (1 − step / total_iters)^power.</summary>
                public class PolynomialLR : LRScheduler
                {
                    private readonly int _total_iters;
                    private readonly double _power;

                    /// <summary>Creates the scheduler; see lr_scheduler.PolynomialLR.</summary>
                    public PolynomialLR(Optimizer optimizer, int total_iters = 5, double power = 1.0, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _total_iters = total_iters;
                        _power = power;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0 || _last_epoch > _total_iters) return Scaled(1);

                        var total = (double)_total_iters;
                        return Scaled(Math.Pow((1 - _last_epoch / total) / (1 - (_last_epoch - 1) / total), _power));
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(lr => lr * Math.Pow(1 - Math.Min(_total_iters, _last_epoch) / (double)_total_iters, _power));
                }
            }

            /// <summary>Creates a scheduler. The learning rate falls to zero in total_iters steps, as (1 − step / total_iters)^power.</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="total_iters">In how many steps it falls to zero.</param>
            /// <param name="power">The exponent.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            public static LRScheduler PolynomialLR(Optimizer optimizer, int total_iters = 5, double power = 1.0, int last_epoch = -1, bool verbose = false) =>
                new impl.PolynomialLR(optimizer, total_iters, power, last_epoch, verbose);
        }
    }
}
