using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class TrainingCallbackTests
{
    private static readonly RetrainOptions Options = new() { Epochs = 2, LearningRate = 0.02, Device = CPU };

    [Fact]
    public void Events_come_in_the_order_that_is_written_down()
    {
        var (first, second) = (new Recorder("a"), new Recorder("b"));
        second.Events = first.Events;
        Train(new TinyNet(), Options with { Epochs = 1, Callbacks = [first, second] }, batches: 2);
        string[] step = ["a loss", "b loss", "a backward", "b backward", "a step", "b step"];
        Assert.Equal(["a begin", "b begin", .. step, .. step, "a epoch", "b epoch", "a end", "b end", "b release", "a release"], first.Events);
        Assert.Equal([0, 0, 0.5, 1, 1, 1], first.Progress);
    }

    [Fact]
    public void A_callback_adds_to_the_loss_and_is_shown_the_evaluation()
    {
        var seen = new List<EpochResult>();
        var result = Train(new TinyNet(), Options with { Callbacks = [new Adds(100, seen)] });
        Assert.All(result.Epochs, epoch => Assert.InRange(epoch.TrainLoss, 100, 102));
        Assert.Equal(result.Epochs, seen);
        Assert.All(seen, epoch => Assert.NotNull(epoch.Test));
    }

    [Fact]
    public void What_a_callback_throws_leaves_every_bit_as_it_was()
    {
        var model = new TinyNet();
        var before = TinyNet.Bits(model);
        Assert.Throws<TimeoutException>(() => Train(model, Options with { Callbacks = [new Throws()] }));
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void Where_training_fails_every_callback_that_has_begun_is_released_whatever_another_throws_at_that()
    {
        var (before, behind) = (new Recorder("a"), new Recorder("b"));
        behind.Events = before.Events;
        Assert.Throws<TimeoutException>(() => Train(new TinyNet(), Options with { Callbacks = [before, new ThrowsAtBegin(), behind] }));
        Assert.Equal(["a begin", "a release"], before.Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hints_leave_no_hook_on_layers_where_training_fails(bool attention)
    {
        var model = new TinyNet();
        TrainingCallback hints = attention ? new AttentionTransfer(["hidden"]) : new FeatureHints(["hidden"]);
        Assert.Contains("give a teacher", Assert.Throws<InvalidOperationException>(() => Train(model, Options with { Callbacks = [hints] })).Message);
        Assert.Equal(0, Hooks.CountOf(model.hidden));
    }

    [Fact]
    public void Hooks_are_counted()
    {
        var model = new TinyNet();
        var remove = model.hidden.register_forward_hook((_, _, output) => output).remove;
        Assert.Equal(1, Hooks.CountOf(model.hidden));
        remove();
        Assert.Equal(0, Hooks.CountOf(model.hidden));
    }

    [Fact]
    public void A_callback_sees_the_samples_the_rate_and_the_groups_of_a_model_that_is_trained_by_itself()
    {
        var model = new TwoNeurons();
        var (seen, data) = (new SeesWhatIsKnown(), TrainingData.FromBatches(() => [(rand(5, 2), rand(5, 1)), (rand(3, 2), rand(3, 1))]));
        Retrainer.Train(model, model.Forward, data, options: Options with { Schedule = LearningRateSchedule.Constant, Callbacks = [seen] });
        Assert.Equal((8L, 0.02, "hidden"), (seen.Samples, seen.Rate, seen.Groups));
        var error = Assert.Throws<InvalidOperationException>(() => Train(new TinyNet(), Options with { Callbacks = [seen] }));
        Assert.Contains("put [Prunable] on its class", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_no_scalar_names_the_callback()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Train(new TinyNet(), Options with { Callbacks = [new ByRow()] }));
        Assert.Contains("ByRow.OnLoss gives a tensor of the shape [32]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_optimizer_and_scheduler_of_TorchSharp_train_and_weights_that_are_held_stay_zero(bool eachBatch)
    {
        var model = new TinyNet();
        using var mask = rand_like(model.hidden.weight!).gt(0.5).to(float32);
        WeightMasks.Set(model.hidden, "weight", mask.clone().DetachFromDisposeScope());
        var result = Train(model, Options with
        {
            OptimizerFactory = (parameters, rate) => optim.RMSProp(parameters, rate, momentum: 0.9, weight_decay: 0.1),
            SchedulerFactory = optimizer => optim.lr_scheduler.StepLR(optimizer, 1, 0.5),
            SchedulerEachBatch = eachBatch,
        });
        Assert.Equal(0, model.hidden.weight!.masked_select(mask.eq(0)).count_nonzero().item<long>());
        Assert.True(model.hidden.weight!.masked_select(mask.ne(0)).ne(0).all().ToBoolean());
        Assert.Equal(eachBatch ? 0.02 * Math.Pow(0.5, 7) : 0.02, result.Epochs[0].LearningRate, 9);
    }

    /// <summary>In one pass where numbers are float32, else by TorchSharp's own step.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void AdamW_shrinks_weights_apart_from_the_gradients_as_TorchSharp_does(ScalarType type)
    {
        var results = new[] { false, true }.Select(own =>
        {
            manual_seed(3);
            var model = nn.Linear(4, 3, dtype: type);
            var options = Options with { Optimizer = RetrainOptimizer.AdamW, WeightDecay = 0.3, Schedule = LearningRateSchedule.Constant };
            options = own ? options : options with { OptimizerFactory = (parameters, rate) => optim.AdamW(parameters, rate, weight_decay: 0.3) };
            var (x, y) = TinyNet.Samples(64);
            var data = TrainingData.FromTensors(x.to_type(type), y, batchSize: 16);
            Retrainer.Train(model, inputs => [model.call(inputs[0])], data, options: options);
            return model.weight!.to_type(ScalarType.Float32).data<float>().ToArray();
        }).ToList();
        Assert.All(results[0].Zip(results[1]), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Large_gradients_are_scaled_down_to_the_norm_that_is_allowed()
    {
        var norms = new Norms();
        Train(new TinyNet(), Options with { MaxGradientNorm = 0.01, Callbacks = [norms] });
        Assert.NotEmpty(norms.Seen);
        Assert.All(norms.Seen, norm => Assert.InRange(norm, 0, 0.0101));
    }

    [Fact]
    public void The_best_weights_are_kept_on_request()
    {
        var model = new TinyNet();

        // The last epochs are far too fast for the weights to be any good.
        var result = Train(model, Options with { Epochs = 6, KeepBest = true, Callbacks = [new Ruins(from: 3)] });
        Assert.InRange(result.KeptEpoch!.Value, 1, 3);
        Assert.Equal(result.Best!.Test, result.Final);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        Assert.Equal(result.Final!.Loss, Retrainer.Evaluate(model, model.Forward, TrainingData.FromTensors(testX, testY), Options).Loss, 5);
    }

    [Fact]
    public void Keeping_the_best_needs_test_data()
    {
        var (x, y) = TinyNet.Samples(64);
        var model = new TinyNet();
        var error = Assert.Throws<InvalidOperationException>(
            () => Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y), options: Options with { KeepBest = true }));
        Assert.Contains("give test data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_optimizer_is_made_anew_when_a_callback_has_changed_shapes()
    {
        var model = new TinyNet();
        Train(model, Options with { Epochs = 3, Callbacks = [new DropsAnInput()] });
        Assert.Equal([16L, 3L], model.hidden.weight!.shape);
        Assert.True(model.hidden.weight!.isfinite().all().item<bool>());
    }

    [Fact]
    public void The_random_state_of_the_process_is_put_back()
    {
        manual_seed(11);
        var expected = rand(3).data<float>().ToArray();
        manual_seed(11);
        var model = new TinyNet();
        manual_seed(11);
        Train(model, Options);
        Assert.Equal(expected, rand(3).data<float>().ToArray());
    }

    private static RetrainResult Train(TinyNet model, RetrainOptions options, int batches = 8)
    {
        var (x, y) = TinyNet.Samples(32 * batches);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        return Retrainer.Train(
            model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 32), TrainingData.FromTensors(testX, testY, batchSize: 32), options);
    }

    private sealed class Recorder(string name) : TrainingCallback
    {
        public List<string> Events { get; set; } = [];

        public List<double> Progress { get; } = [];

        public override void OnBegin(TrainingContext context) => Add(context, "begin");

        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
        {
            Events.Add($"{name} loss");
            return loss;
        }

        public override void OnBackward(TrainingContext context) => Events.Add($"{name} backward");

        public override void OnStep(TrainingContext context) => Add(context, "step");

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Add(context, "epoch");

        public override void OnEnd(TrainingContext context) => Add(context, "end");

        public override void OnRelease(TrainingContext context) => Add(context, "release");

        private void Add(TrainingContext context, string what)
        {
            Events.Add($"{name} {what}");
            Progress.Add(context.Progress);
        }
    }

    private sealed class Adds(double what, List<EpochResult> epochs) : TrainingCallback
    {
        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss) => loss + what;

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => epochs.Add(epoch);
    }

    private sealed class ByRow : TrainingCallback
    {
        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss) => results[0].sum(1);
    }

    private sealed class Throws : TrainingCallback
    {
        public override void OnStep(TrainingContext context)
        {
            if (context.Step == 5)
            {
                throw new TimeoutException();
            }
        }
    }

    private sealed class ThrowsAtBegin : TrainingCallback
    {
        public override void OnBegin(TrainingContext context) => throw new TimeoutException();

        public override void OnRelease(TrainingContext context) => throw new TimeoutException();
    }

    private sealed class SeesWhatIsKnown : TrainingCallback
    {
        public long Samples { get; private set; }

        public double Rate { get; private set; }

        public string Groups { get; private set; } = "";

        public override void OnStep(TrainingContext context)
        {
            var plan = context.Link();
            (Samples, Rate, Groups) = (context.Samples, context.LearningRate, string.Join(" ", plan.Groups.Select(group => group.Name)));
        }
    }

    private sealed class Norms : TrainingCallback
    {
        public List<double> Seen { get; } = [];

        public override void OnBackward(TrainingContext context) =>
            Seen.Add(Math.Sqrt(context.Parameters.Sum(parameter => parameter.grad!.square().sum().item<float>())));
    }

    private sealed class Ruins(int from) : TrainingCallback
    {
        public override void OnStep(TrainingContext context)
        {
            if (context.Epoch >= from)
            {
                ((TinyNet)context.Model).output.weight!.zero_();
            }
        }
    }

    /// <summary>Goes on without the last input, as pruning while training would.</summary>
    private sealed class DropsAnInput : TrainingCallback
    {
        private bool hasDropped;

        public override void OnStep(TrainingContext context)
        {
            var hidden = ((TinyNet)context.Model).hidden;
            if (!hasDropped && context.Step == 3)
            {
                hasDropped = true;
                hidden.weight!.set_(hidden.weight.detach().narrow(1, 0, 3).clone());
                hidden.register_forward_pre_hook((_, input) => input.narrow(1, 0, 3));
                context.RebuildOptimizer();
            }
        }
    }
}
