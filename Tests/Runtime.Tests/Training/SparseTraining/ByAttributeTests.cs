using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed partial class ByAttributeTests
{
    [Fact]
    public void Each_method_can_be_named_by_its_type()
    {
        using var scope = NewDisposeScope();
        var callbacks = ((IPrunable)new Net()).PruneDefaults.Retrain.Callbacks;
        Assert.Equal(
            [
                typeof(GroupLasso), typeof(BatchNormSparsity), typeof(GrowingRegularization), typeof(IterativeHardThresholding), typeof(HardConcreteGates),
                typeof(InformationBottleneck), typeof(SparseVariationalDropout),
            ],
            callbacks.Select(callback => callback.GetType()));
    }

    [Fact]
    public void Those_that_move_masks_can_be_named_too()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(
            [typeof(MovementPruning), typeof(DynamicNetworkSurgery), typeof(RigL), typeof(AlternatingCompression), typeof(BayesianCompression)],
            ((IPrunable)new Moving()).PruneDefaults.Retrain.Callbacks.Select(callback => callback.GetType()));
    }

    [Fact]
    public void All_at_once_train_and_leave_no_more_weights_than_were_asked_for()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, 32);
        var retrain = ((IPrunable)model).PruneDefaults.Retrain with { Epochs = 2, Device = CPU };
        var options = new PruneOptions { Ratio = 0.5, MeasureLatency = false, Retrain = retrain };
        model.PruneAndRetrain(data, data, options, PruneProgress.Quiet);
        var weights = model.hidden.weight!.numel() + model.output.weight!.numel();
        Assert.Equal(8, model.hidden.out_features);
        Assert.InRange(model.hidden.weight!.count_nonzero().item<long>() + model.output.weight!.count_nonzero().item<long>(), 1, (long)(0.1 * weights));
    }

    [Prunable]
    [Retrain(CallbackTypes = new[]
    {
        typeof(GroupLasso), typeof(BatchNormSparsity), typeof(GrowingRegularization), typeof(IterativeHardThresholding), typeof(HardConcreteGates),
        typeof(InformationBottleneck), typeof(SparseVariationalDropout),
    })]
    private sealed partial class Net : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly BatchNorm1d norm = nn.BatchNorm1d(16);
        public readonly Linear output = nn.Linear(16, 3);

        public Net()
            : base(nameof(Net)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(norm.call(hidden.call(input)).relu());
    }

    [Prunable(Schedule = SparsitySchedule.LearningRateRewinding, Rounds = 2)]
    [Retrain(CallbackTypes = new[]
    {
        typeof(MovementPruning), typeof(DynamicNetworkSurgery), typeof(RigL), typeof(AlternatingCompression), typeof(BayesianCompression),
    })]
    private sealed partial class Moving : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear output = nn.Linear(16, 3);

        public Moving()
            : base(nameof(Moving)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(hidden.call(input).relu());
    }
}
