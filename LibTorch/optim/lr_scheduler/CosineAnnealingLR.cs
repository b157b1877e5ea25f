namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate goes along half a cosine from its value to eta_min in T_max steps, and back (Loshchilov and Hutter, SGDR, without restarts).</summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double _T_max;
                    private readonly double _eta_min;

                    /// <summary>Creates the scheduler; see lr_scheduler.CosineAnnealingLR.</summary>
                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _T_max = T_max;
                        _eta_min = eta_min;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0) return Scaled(1);

                        // One step after the lowest point the recursion below would divide by zero.
                        if ((_last_epoch - 1 - _T_max) % (2 * _T_max) == 0)
                        {
                            var rise = (1 - Math.Cos(Math.PI / _T_max)) / 2;
                            return Groups.Zip(_base_lrs, (group, lr) => group.LearningRate + (lr - _eta_min) * rise);
                        }

                        var ratio = (1 + Math.Cos(Math.PI * _last_epoch / _T_max)) / (1 + Math.Cos(Math.PI * (_last_epoch - 1) / _T_max));
                        return Groups.Select(group => ratio * (group.LearningRate - _eta_min) + _eta_min);
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(lr => _eta_min + (lr - _eta_min) * (1 + Math.Cos(Math.PI * _last_epoch / _T_max)) / 2);
                }
            }

            /// <summary>Creates a scheduler. The learning rate goes along half a cosine from its value to eta_min in T_max steps, and back (Loshchilov and Hutter, SGDR, without restarts).</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="T_max">In how many steps it reaches eta_min.</param>
            /// <param name="eta_min">The lowest learning rate.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new impl.CosineAnnealingLR(optimizer, T_max, eta_min, last_epoch, verbose);
        }
    }
}
