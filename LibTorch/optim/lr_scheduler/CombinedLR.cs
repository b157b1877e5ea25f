namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Schedulers one after the other.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;
                    private readonly int[] _milestones;

                    /// <summary>Creates the scheduler; see lr_scheduler.SequentialLR.</summary>
                    /// <exception cref="ArgumentException">A scheduler has another optimizer, or the number of milestones does not fit.</exception>
                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) : base(optimizer, last_epoch + 1, false)
                    {
                        _schedulers = schedulers.ToArray();
                        _milestones = milestones.ToArray();
                        if (_schedulers.Any(scheduler => scheduler._optimizer != optimizer))
                            throw new ArgumentException("The SequentialLR scheduler expects all its sub-schedulers to be bound to the same optimizer.");
                        if (_milestones.Length != _schedulers.Length - 1)
                            throw new ArgumentException($"Received {_schedulers.Length} schedulers and {_milestones.Length} milestones. The SequentialLR scheduler expects the number of schedulers to be one more than the number of milestones. ");

                        // Their constructors have each made a step: undo that, then make the first's again.
                        foreach (var group in Groups) group.LearningRate = group.InitialLearningRate;
                        foreach (var scheduler in _schedulers) scheduler._last_epoch--;
                        _schedulers[0].step();
                        _last_lrs = _schedulers[0]._last_lrs;
                    }

                    /// <summary>The learning rates of this step; makes a step of the scheduler whose turn it is.</summary>
                    protected override IEnumerable<double> get_lr()
                    {
                        var turn = _milestones.Length;
                        while (turn > 0 && _milestones[turn - 1] > _last_epoch) turn--;

                        if (turn > 0 && _milestones[turn - 1] == _last_epoch) _schedulers[turn].step(0);
                        else _schedulers[turn].step();
                        return Groups.Select(group => group.LearningRate);
                    }
                }

                /// <summary>Schedulers at the same time, each of which changes what the one before it has set.</summary>
                public class ChainedLR : LRScheduler
                {
                    private readonly IEnumerable<LRScheduler> _schedulers;

                    /// <summary>Creates the scheduler; see lr_scheduler.ChainedLR.</summary>
                    public ChainedLR(IEnumerable<LRScheduler> schedulers) => _schedulers = schedulers;

                    /// <summary>Makes a step of each scheduler.</summary>
                    public override void step()
                    {
                        foreach (var scheduler in _schedulers) scheduler.step();
                    }
                }
            }

            /// <summary>Creates a scheduler. Schedulers one after the other.</summary>
            /// <param name="optimizer">The optimizer of all of them.</param>
            /// <param name="schedulers">The schedulers.</param>
            /// <param name="milestones">The numbers of the steps at which the second, third, … takes over.</param>
            /// <param name="last_epoch">The number of the step that was made last; −1 to begin.</param>
            /// <exception cref="ArgumentException">A scheduler has another optimizer, or the number of milestones does not fit.</exception>
            public static LRScheduler SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) =>
                new impl.SequentialLR(optimizer, schedulers, milestones, last_epoch);

            /// <summary>Creates a scheduler. Schedulers at the same time, each of which changes what the one before it has set.</summary>
            /// <param name="schedulers">The schedulers.</param>
            public static LRScheduler ChainedLR(IEnumerable<LRScheduler> schedulers) => new impl.ChainedLR(schedulers);
        }
    }
}
