using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>How the ratio is reached: in rounds, while the model is trained, with the first values put back.</summary>
public sealed partial class ScheduleTests
{
    [Theory]
    [InlineData(SparsitySchedule.Linear, 4, "0.25 0.5 0.75 1")]

    // 1 - 0.75^3, 1 - 0.5^3, 1 - 0.25^3.
    [InlineData(SparsitySchedule.Cubic, 4, "0.5781 0.875 0.9844 1")]

    // 0.2 / 0.488, 0.36 / 0.488: 20 % of what is left in each round, where the ratio is 1 - 0.8^3.
    [InlineData(SparsitySchedule.Exponential, 3, "0.4098 0.7377 1")]
    [InlineData(SparsitySchedule.Cosine, 2, "0.5 1")]
    [InlineData(SparsitySchedule.LotteryTicket, 2, "0 0.5556 1")]
    [InlineData(SparsitySchedule.LearningRateRewinding, 2, "0 0.5556 1")]
    [InlineData(SparsitySchedule.Gradual, 2, "0.875 1")]
    public void The_shares_of_the_rounds(SparsitySchedule name, int rounds, string expected) =>
        Assert.Equal(expected, string.Join(" ", PruneSchedule.Of(name, rounds).Shares().Select(share => FormattableString.Invariant($"{Math.Round(share, 4)}"))));

    [Fact]
    public void Bad_numbers_are_named()
    {
        Assert.Contains("The rounds are 0", Assert.Throws<ArgumentOutOfRangeException>(() => PruneSchedule.Cubic(0)).Message);
        Assert.Contains("may rise by -0.1", Assert.Throws<ArgumentOutOfRangeException>(() => PruneSchedule.ShallowToDeep(1, -0.1)).Message);
        Assert.Contains("by 1.5 of the training", Assert.Throws<ArgumentOutOfRangeException>(() => PruneSchedule.Gradual(10, 1.5)).Message);
    }

    [Theory]
    [InlineData(RetrainOptimizer.Adam)]
    [InlineData(RetrainOptimizer.AdamW)]
    [InlineData(RetrainOptimizer.SGD)]
    public void Weights_go_while_the_model_is_trained_and_stay_at_zero(RetrainOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var watch = new Watch(model.hidden.weight!);
        var report = Run(model, Options(Granularity.Unstructured, PruneSchedule.Gradual(4)), retrain => retrain with { Optimizer = optimizer, Callbacks = [watch] });

        // 64 and 48 weights: half of each. They became more step by step, and none that was zero moved again.
        Assert.Equal((32, 24), (Zeros(model.hidden.weight!), Zeros(model.output.weight!)));
        Assert.True(watch.Zeros.Distinct().Count() > 3, string.Join(" ", watch.Zeros));
        Assert.Equal(watch.Zeros.Order(), watch.Zeros);
        Assert.Equal(0, watch.Revived);
        Assert.Equal(56, report.NonZeroParameters.Before - report.NonZeroParameters.After);
        Assert.Equal(2, WeightMasks.Of(model).Count);
    }

    [Fact]
    public void Channels_are_held_while_the_model_is_trained_and_leave_it_at_the_end()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var report = Run(model, Options(Granularity.Structured, PruneSchedule.Gradual(4)), retrain => retrain with { KeepBest = true });
        Assert.Equal((8, 8), (model.hidden.out_features, model.output.in_features));
        Assert.Equal(16, report.Groups.Single().Before);
        Assert.Equal(report.Final.Loss, report.Pruned.Loss, 1e-6);
        Assert.Empty(WeightMasks.Of(model));
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.prune");
        model.SavePruned(file);
        Assert.Equal(8, Pruning.Load(file, () => new Net()).hidden.out_features);
        File.Delete(file);
    }

    [Fact]
    public void Weights_that_made_good_for_others_keep_what_they_have_learnt_since()
    {
        using var scope = NewDisposeScope();
        var report = Run(new Net(), Options(Granularity.Unstructured, PruneSchedule.Gradual(4)) with { Criterion = Criterion.SparseGpt });
        Assert.Equal(report.Final.Loss, report.Pruned.Loss, 1e-6);
        Assert.Equal(56, report.NonZeroParameters.Before - report.NonZeroParameters.After);
    }

    [Fact]
    public void Without_an_epoch_there_is_nothing_to_prune_in()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(
            () => Run(model, Options(Granularity.Unstructured, PruneSchedule.Gradual(4)), retrain => retrain with { Epochs = 0 }));
        Assert.Contains("trained for 0 epochs", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_lottery_ticket_begins_each_training_with_the_first_values()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var first = model.hidden.weight!.clone();
        var begins = new Begins(model.hidden.weight!);
        Run(model, Options(Granularity.Unstructured, PruneSchedule.LotteryTicket(2)), retrain => retrain with { Callbacks = [begins] });
        Assert.Equal(3, begins.Values.Count);
        Assert.All(begins.Values, values => Assert.True(values.eq(first).logical_or(values.eq(0)).all().item<bool>()));
        Assert.Equal([0, 17, 32], begins.Values.Select(Zeros));
    }

    [Theory]
    [InlineData(1, "8 8, 4 8")]
    [InlineData(2, "8 8, 6 8, 4 8, 4 6")]
    public void Layers_go_one_after_the_other_and_are_scored_behind_what_was_pruned(int steps, string widths)
    {
        using var scope = NewDisposeScope();
        var (model, seen) = (new Deep(), new Seen());
        var report = Run(model, Options(Granularity.Structured, PruneSchedule.ShallowToDeep(steps)) with { Criterion = seen });
        Assert.Equal(widths, string.Join(", ", seen.Widths));
        Assert.Equal((4, 4), (model.first.out_features, model.second.out_features));
        Assert.Equal([(8L, 4L, 0.5), (8L, 4L, 0.5)], report.Groups.Select(group => (group.Before, group.After, group.Asked!.Value)));
        Assert.Equal((2 * steps) - 1, report.EarlierRounds.Count);
    }

    [Fact]
    public void Weights_go_layer_by_layer_too()
    {
        using var scope = NewDisposeScope();
        var model = new Deep();
        var report = Run(model, Options(Granularity.Unstructured, PruneSchedule.ShallowToDeep()));
        Assert.Equal((16, 32, 12), (Zeros(model.first.weight!), Zeros(model.second.weight!), Zeros(model.third.weight!)));
        Assert.Equal(2, report.EarlierRounds.Count);
    }

    [Fact]
    public void A_step_beyond_the_budget_is_undone_and_the_next_layer_has_its_turn()
    {
        using var scope = NewDisposeScope();
        var model = Trained();
        var ruin = new Ruin(() => model.first.out_features < 6, model.third.weight!);
        var report = Run(
            model, Options(Granularity.Structured, PruneSchedule.ShallowToDeep(2, errorBudget: 0.2)), retrain => retrain with { Callbacks = [ruin] });

        // At 6 of 8 all is well, at 4 it is not.
        Assert.Equal((6, 4), (model.first.out_features, model.second.out_features));
        Assert.True(report.Final.Error - report.Dense.Error <= 0.2);
        Assert.Equal(2, report.EarlierRounds.Count);
    }

    [Fact]
    public void Where_nothing_can_go_within_the_budget_the_model_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var model = Trained();
        var before = TinyNet.Bits(model);
        var ruin = new Ruin(() => true, model.third.weight!);
        var report = Run(model, Options(Granularity.Structured, PruneSchedule.ShallowToDeep(1, errorBudget: 0)), retrain => retrain with { Callbacks = [ruin] });
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.All(report.Groups, group => Assert.Equal(group.Before, group.After));
        Assert.Equal(report.Dense, report.Final);
    }

    [Fact]
    public void The_control_of_a_lottery_ticket_begins_its_last_training_with_other_values_of_the_same_weights()
    {
        using var scope = NewDisposeScope();
        var (ticket, control) = (Begun(PruneSchedule.LotteryTicket(2)), Begun(PruneSchedule.LotteryTicket(2, redraw: true)));
        Assert.True(ticket[1].equal(control[1]).all().item<bool>());
        Assert.True(ticket[2].eq(0).equal(control[2].eq(0)).all().item<bool>());
        Assert.Equal(32, ticket[2].eq(control[2]).sum().item<long>());

        static List<Tensor> Begun(PruneSchedule schedule)
        {
            var model = new Net();
            var begins = new Begins(model.hidden.weight!);
            Run(model, Options(Granularity.Unstructured, schedule), retrain => retrain with { Callbacks = [begins] });
            return begins.Values;
        }
    }

    [Fact]
    public void Learning_rates_are_rewound_and_values_are_not()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var (begins, rates) = (new Begins(model.hidden.weight!), new Rates());
        Run(
            model,
            Options(Granularity.Unstructured, PruneSchedule.LearningRateRewinding(2)),
            retrain => retrain with { Schedule = LearningRateSchedule.Step, Callbacks = [begins, rates] });

        // Three trainings of four epochs, each with the rates of the first.
        Assert.Equal([0.02, 0.02, 0.002, 0.0002, 0.02, 0.02, 0.002, 0.0002, 0.02, 0.02, 0.002, 0.0002], rates.Seen.Select(rate => Math.Round(rate, 6)));
        Assert.Equal([0, 17, 32], begins.Values.Select(Zeros));

        // But for neurons that are never active, all of them have moved.
        var moved = begins.Values[^1].ne(begins.Values[0]).logical_and(begins.Values[^1].ne(0)).sum().item<long>();
        Assert.InRange(moved, 24, 32);
    }

    [Fact]
    public void Channels_cannot_be_put_back()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        var isTrained = false;
        Tensor Loss(Tensor output, Tensor target) => (isTrained |= model.training) ? throw new TimeoutException() : output.mean();
        var error = Assert.Throws<InvalidOperationException>(
            () => Run(model, Options(Granularity.Structured, PruneSchedule.LotteryTicket(1)), retrain => retrain with { Loss = Loss }));
        Assert.Contains("choose a schedule that does not rewind", error.Message);
        Assert.False(isTrained);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    private static PruneOptions Options(Granularity granularity, PruneSchedule schedule) =>
        new() { Granularity = granularity, Ratio = 0.5, Criterion = Criterion.L1, Schedule = schedule, MeasureLatency = false };

    private static PruneReport Run<TModel>(TModel model, PruneOptions options, Func<RetrainOptions, RetrainOptions>? retrain = null)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, batchSize: 32);
        var training = new RetrainOptions { Epochs = 4, LearningRate = 0.02 };
        return Pruning.PruneAndRetrain(
            model, inputs => [model.call(inputs[0])], data, data, options with { Retrain = retrain?.Invoke(training) ?? training }, PruneProgress.Quiet);
    }

    /// <summary>A model that is right about nine times in ten.</summary>
    private static Deep Trained()
    {
        var (model, (x, y)) = (new Deep(), TinyNet.Samples(256));
        var result = Retrainer.Train(
            model, inputs => [model.call(inputs[0])], TrainingData.FromTensors(x, y, batchSize: 32), TrainingData.FromTensors(x, y),
            new RetrainOptions { Epochs = 20, LearningRate = 0.02, Device = CPU });
        Assert.True(result.Final!.Error < 0.15);
        return model;
    }

    private static long Zeros(Tensor weights) => weights.eq(0).sum().item<long>();

    /// <summary>Counts the zeros of a weight after each step, and those that were zero before and are not.</summary>
    private sealed class Watch(Tensor weight) : TrainingCallback
    {
        private Tensor? last;

        public List<long> Zeros { get; } = [];

        public long Revived { get; private set; }

        public override void OnStep(TrainingContext context)
        {
            var zeros = weight.eq(0).DetachFromDisposeScope();
            Revived += last?.logical_and(zeros.logical_not()).sum().item<long>() ?? 0;
            Zeros.Add(zeros.sum().item<long>());
            last = zeros;
        }
    }

    /// <summary>The learning rate of each epoch.</summary>
    private sealed class Rates : TrainingCallback
    {
        public List<double> Seen { get; } = [];

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Seen.Add(epoch.LearningRate);
    }

    /// <summary>Keeps what a weight is whenever training begins.</summary>
    private sealed class Begins(Tensor weight) : TrainingCallback
    {
        public List<Tensor> Values { get; } = [];

        public override void OnBegin(TrainingContext context) => Values.Add(weight.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Remembers the widths that it has scored at.</summary>
    private sealed class Seen : ImportanceCriterion, IChannelCriterion
    {
        public List<string> Widths { get; } = [];

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
        {
            Widths.Add(string.Join(' ', groups.Select(group => group.Width)));
            return [.. groups.Select(group => Enumerable.Range(1, (int)group.Width).Select(channel => (double)channel).ToArray())];
        }
    }

    /// <summary>Sets a weight to zero at the end of a training where something holds.</summary>
    private sealed class Ruin(Func<bool> holds, Tensor weight) : TrainingCallback
    {
        public override void OnStep(TrainingContext context)
        {
            if (holds())
            {
                weight.zero_();
            }
        }
    }

    [Prunable]
    private sealed partial class Deep : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first;
        public readonly Linear second;
        public readonly Linear third;

        public Deep()
            : base(nameof(Deep))
        {
            manual_seed(3);
            first = nn.Linear(4, 8);
            second = nn.Linear(8, 8);
            third = nn.Linear(8, 3);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => third.call(second.call(first.call(input).relu()).relu());
    }

    [Prunable]
    private sealed partial class Net : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly BatchNorm1d norm = nn.BatchNorm1d(16);
        public readonly Linear output = nn.Linear(16, 3);

        public Net()
            : base(nameof(Net))
        {
            RegisterComponents();
            manual_seed(3);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }
        }

        public override Tensor forward(Tensor input) => output.call(norm.call(hidden.call(input)).relu());
    }
}
