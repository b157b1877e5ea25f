namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate goes in a straight line from start_factor to end_factor times its value, in total_iters steps.</summary>
                public class LinearLR : LRScheduler
                {
                    private readonly double _start_factor;
                    private readonly double _end_factor;
                    private readonly int _total_iters;

                    /// <summary>Creates the scheduler; see lr_scheduler.LinearLR.</summary>
                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _start_factor = start_factor;
                        _end_factor = end_factor;
                        _total_iters = total_iters;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0) return Scaled(_start_factor);
                        if (_last_epoch > _total_iters) return Scaled(1);

                        return Scaled(1 + (_end_factor - _start_factor) / (_total_iters * _start_factor + (_last_epoch - 1) * (_end_factor - _start_factor)));
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(lr => lr * (_start_factor + (_end_factor - _start_factor) * Math.Min(_total_iters, _last_epoch) / _total_iters));
                }
            }

            /// <summary>Creates a scheduler. The learning rate goes in a straight line from start_factor to end_factor times its value, in total_iters steps.</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="start_factor">The factor in the beginning.</param>
            /// <param name="end_factor">The factor in the end.</param>
            /// <param name="total_iters">How many steps lie between.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new impl.LinearLR(optimizer, start_factor, end_factor, total_iters, last_epoch, verbose);
        }
    }
}
