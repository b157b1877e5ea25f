namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>How learning rates change in the course of training.</summary>
        public static partial class lr_scheduler
        {
            /// <summary>Base class of learning rate schedulers.</summary>
            /// <remarks>A scheduler makes its first step, number 0, when it is created.</remarks>
            public abstract class LRScheduler
            {
                internal Optimizer _optimizer = null!;
                internal int _last_epoch = -1;
                internal bool _verbose;
                internal IList<double> _last_lrs = [];
                internal IList<double> _base_lrs = [];

                /// <summary>How many steps were made, that of the constructor included.</summary>
                protected int _step_count;

                /// <summary>Creates a scheduler without an optimizer of its own.</summary>
                protected LRScheduler() { }

                /// <summary>Creates a scheduler.</summary>
                /// <param name="optimizer">The optimizer whose learning rates it sets.</param>
                /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                /// <exception cref="ArgumentNullException">There is no optimizer.</exception>
                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);

                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = Groups.Select(group => group.InitialLearningRate).ToList();
                    _last_lrs = Groups.Select(group => group.LearningRate).ToList();
                }

                private protected IEnumerable<ILearningRateController> Groups => _optimizer.ParamGroups;

                /// <summary>Sets the learning rates of the next step: as a rule once per epoch, or once per batch.</summary>
                public virtual void step() => step(null);

                /// <summary>Sets the learning rates of a step.</summary>
                /// <param name="epoch">The number of the step; null for the next.</param>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;

                    // Once per step: many schedulers reckon from the rates that stand in the optimizer.
                    var rates = (epoch.HasValue ? get_closed_form_lr() : get_lr()).ToList();
                    var groups = Groups.ToList();
                    for (var i = 0; i < _base_lrs.Count; i++)
                    {
                        groups[i].LearningRate = rates[i];
                        if (_verbose && _last_lrs[i] != rates[i]) Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        _last_lrs[i] = rates[i];
                    }
                }

                /// <summary>Sets the learning rates of a step; for schedulers that go by a measure of success.</summary>
                /// <param name="current">The measure. Most schedulers do not look at it.</param>
                /// <param name="epoch">The number of the step; null for the next.</param>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The learning rates of this step, from those that stand in the optimizer.</summary>
                protected virtual IEnumerable<double> get_lr() => Groups.Select(group => group.LearningRate);

                /// <summary>The learning rates of this step, from those in the beginning.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                /// <summary>The learning rates that were set last.</summary>
                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>The optimizer's learning rates, each times <paramref name="factor"/>.</summary>
                private protected IEnumerable<double> Scaled(double factor) => Groups.Select(group => group.LearningRate * factor);
            }
        }
    }
}
