namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The learning rate is its value in the beginning times a function of the step.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly List<Func<int, double>> _lr_lambdas;

                    /// <summary>Creates the scheduler; see lr_scheduler.LambdaLR.</summary>
                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _lr_lambdas = Groups.Select(_ => lr_lambda).ToList();
                        step();
                    }

                    /// <summary>Creates the scheduler, with a function for each group of parameters.</summary>
                    public LambdaLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _lr_lambdas = lr_lambdas.ToList();
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() =>
                        _base_lrs.Zip(_lr_lambdas, (lr, factor) => lr * factor(_last_epoch));
                }
            }

            /// <summary>Creates a scheduler. The learning rate is its value in the beginning times a function of the step.</summary>
            /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
            /// <param name="lr_lambda">The factor, by the number of the step.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <param name="verbose">Whether changes are written to the console.</param>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new impl.LambdaLR(optimizer, lr_lambda, last_epoch, verbose);
        }
    }
}
