using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed partial class WeightSharingTests
{
    [Fact]
    public void A_value_is_moved_by_the_sum_of_the_gradients_of_its_weights()
    {
        using var scope = NewDisposeScope();
        var model = new One();
        Set(model.fc.weight!, [1, 1, 2, 0]);
        WeightCodes.Apply(model.fc, "weight", new SharedWeight([1, 4], [0, 1, 2], [1, 1, 2, 0]));

        // The loss is the output itself, so that the gradient of each weight is its input: 1, 2, 3, 4.
        Train(model, new RetrainOptions { Epochs = 1, Optimizer = RetrainOptimizer.SGD, Momentum = 0, LearningRate = 0.1, Schedule = LearningRateSchedule.Constant });
        Close([1 - (0.1 * 3), 1 - (0.1 * 3), 2 - (0.1 * 3), 0], model.fc.weight!);
        var code = Assert.IsType<SharedWeight>(Pruning.Codes(model).Weights["fc.weight"]);
        Assert.Equal([1, 1, 2, 0], code.Codes);
        Assert.Equal(0.7, code.Values[1], 6);
    }

    [Fact]
    public void A_hashed_value_is_moved_by_its_weights_with_their_signs()
    {
        using var scope = NewDisposeScope();
        var model = new One();
        WeightCodes.Apply(model.fc, "weight", new HashedWeight([1, 4], [0.5], seed: 3, held: [false, false, false, true]));
        var signs = Enumerable.Range(0, 3).Select(i => HashedWeight.Draw(i, 3, 1).IsNegative ? -1 : 1).ToArray();
        Close([0.5 * signs[0], 0.5 * signs[1], 0.5 * signs[2], 0], model.fc.weight!);
        Train(model, new RetrainOptions { Epochs = 1, Optimizer = RetrainOptimizer.SGD, Momentum = 0, LearningRate = 0.1, Schedule = LearningRateSchedule.Constant });
        var value = 0.5 - (0.1 * (signs[0] + (2 * signs[1]) + (3 * signs[2])));
        Close([value * signs[0], value * signs[1], value * signs[2], 0], model.fc.weight!);
    }

    [Theory]
    [InlineData(SharedBy.LinearKMeans)]
    [InlineData(SharedBy.Hash)]
    public void Whatever_trains_keeps_what_is_shared_and_what_is_held(SharedBy by)
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var data = Data();
        var options = new PruneOptions
        {
            Granularity = Granularity.Unstructured, Ratio = 0.5, MeasureLatency = false,
            Share = new ShareOptions { Bits = 3, By = by, Rate = 0.25, Epochs = 3, LearningRate = 0.02 },
            Retrain = new RetrainOptions { Epochs = 2, LearningRate = 0.02, KeepBest = true, Distill = Distill.SoftTargets },
        };
        var report = model.PruneAndRetrain(data, data, options, PruneProgress.Quiet);
        Assert.Equal(["pruned", "shared", "shared, retrained"], report.Steps.Select(step => step.Name));
        Assert.Equal(report.Steps[^1].Test, report.Final);
        Assert.Equal((32, 24), (NonZero(model.hidden.weight!), NonZero(model.output.weight!)));
        var zeros = model.hidden.weight!.eq(0);
        Check();
        Retrainer.Train(model, inputs => [model.call(inputs[0])], data, options: new RetrainOptions { Epochs = 2, LearningRate = 0.05, Optimizer = RetrainOptimizer.AdamW, WeightDecay = 0.1 });
        Assert.True(model.hidden.weight!.eq(0).eq(zeros).all().item<bool>());
        Check();

        void Check()
        {
            var codes = Pruning.Codes(model).Weights;
            Assert.Equal(["hidden.weight", "output.weight"], codes.Keys.Order());
            Assert.InRange(Distinct(model.hidden.weight!), 2, by == SharedBy.Hash ? 33 : 9);
        }
    }

    [Fact]
    public void Training_the_values_wins_back_what_sharing_cost()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var data = Data();
        Retrainer.Train(model, inputs => [model.call(inputs[0])], data, options: new RetrainOptions { Epochs = 20, LearningRate = 0.02 });
        var options = new PruneOptions { Ratio = 0, MeasureLatency = false, Share = new() { Bits = 1, Epochs = 10, LearningRate = 0.02 }, Retrain = new() { Epochs = 0 } };
        var report = model.PruneAndRetrain(data, data, options, PruneProgress.Quiet);
        Assert.True(report.Steps[2].Test.Loss < 0.8 * report.Steps[1].Test.Loss, $"{report.Steps[1].Test} {report.Steps[2].Test}");
    }

    [Fact]
    public void A_training_can_begin_with_sharing()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), options: new RetrainOptions { Epochs = 1, Callbacks = [new WeightSharing(new ShareOptions { Bits = 2 })] });
        Assert.Equal((4, 4), (Distinct(model.hidden.weight!), Distinct(model.output.weight!)));
    }

    [Fact]
    public void Released_weights_are_numbers_of_their_own_again()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Pruning.ShareWeights(model, new ShareOptions { Bits = 2 });
        Pruning.ReleaseCodes(model);
        Assert.Empty(Pruning.Codes(model).Weights);
        Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), options: new RetrainOptions { Epochs = 1 });
        Assert.Equal(64, Distinct(model.hidden.weight!));
    }

    public static TheoryData<TrainingCallback> ChoosingZeros =>
    [
        new RigL(0.5), new AlternatingCompression(0.5), new IterativeHardThresholding(0.5), new DynamicNetworkSurgery(1), new MovementPruning(0.5),
        new SparseVariationalDropout(), new WeightPruning(new PruneOptions { Granularity = Granularity.Unstructured, Schedule = PruneSchedule.Gradual(2) }),
    ];

    [Theory]
    [MemberData(nameof(ChoosingZeros))]
    public void What_chooses_zeros_while_it_trains_is_refused_where_weights_share_values(TrainingCallback callback)
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Pruning.ShareWeights(model, new ShareOptions { Bits = 2 });
        var before = TinyNet.Bits(model);
        var options = new RetrainOptions { Epochs = 1, Callbacks = [callback] };
        var error = Assert.Throws<InvalidOperationException>(() => Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), options: options));
        Assert.StartsWith(callback.GetType().Name, error.Message, StringComparison.Ordinal);
        Assert.Contains("ReleaseCodes()", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));

        Pruning.ReleaseCodes(model);
        Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), options: options);
    }

    [Fact]
    public void Wrong_options_and_numbers_leave_the_model_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Pruning.ShareWeights(model, new ShareOptions { Bits = 13 }));
        Assert.StartsWith("[ShareWeights]: Bits of Net is 13; give 1 to 12, such as 5, or 0 for none.", error.Message, StringComparison.Ordinal);
        Assert.Contains("a weight is either shared or quantized", Assert.Throws<ArgumentOutOfRangeException>(() => new PruneOptions { Share = new(), Quantize = new() }.Validate()).Message);
        Assert.Equal(before, TinyNet.Bits(model));
        using (no_grad())
        {
            model.output.weight!.fill_(double.NaN);
        }

        before = TinyNet.Bits(model);
        Assert.Contains("output.weight holds NaN", Assert.Throws<InvalidOperationException>(() => Pruning.ShareWeights(model, new ShareOptions())).Message);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(Pruning.Codes(model).Weights);
    }

    [Fact]
    public void Layers_share_as_their_attributes_say()
    {
        using var scope = NewDisposeScope();
        var model = new ByLayer();
        Assert.Equal(["hidden.weight"], model.ShareWeights().Weights.Keys);
        Assert.Equal(8, Distinct(model.hidden.weight!));
        Assert.Equal(48, Distinct(model.output.weight!));
    }

    private static TrainingData Data()
    {
        var (x, y) = TinyNet.Samples(256);
        return TrainingData.FromTensors(x, y, 32);
    }

    private static void Train(One model, RetrainOptions options) => Retrainer.Train(
        model, inputs => [model.call(inputs[0])], TrainingData.FromTensors(tensor([1f, 2, 3, 4]).reshape(1, 4), zeros(1, 1), 1),
        options: options with { Loss = (output, _) => output.sum() });

    private static void Set(Tensor weight, float[] values)
    {
        using var noGradients = no_grad();
        weight.copy_(tensor(values).reshape(weight.shape));
    }

    private static void Close(double[] expected, Tensor weight) =>
        Assert.All(expected.Zip(weight.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 5));

    private static int NonZero(Tensor weight) => (int)weight.ne(0).sum().ToInt64();

    private static int Distinct(Tensor weight) => weight.data<float>().ToArray().Distinct().Count();

    internal sealed class One : nn.Module<Tensor, Tensor>
    {
        public readonly Linear fc = nn.Linear(4, 1, hasBias: false);

        public One()
            : base(nameof(One)) => RegisterComponents();

        public override Tensor forward(Tensor input) => fc.call(input);
    }

    [Prunable, Retrain(Epochs = 0)]
    internal sealed partial class Net : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear output = nn.Linear(16, 3);

        public Net()
            : base(nameof(Net))
        {
            RegisterComponents();
            manual_seed(1);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return output.call(hidden.call(input).relu()).MoveToOuterDisposeScope();
        }
    }

    [Prunable]
    internal sealed partial class ByLayer : nn.Module<Tensor, Tensor>
    {
        [ShareWeights(Bits = 3, By = SharedBy.DensityKMeans)] public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear output = nn.Linear(16, 3);

        public ByLayer()
            : base(nameof(ByLayer)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(hidden.call(input).relu());
    }
}
