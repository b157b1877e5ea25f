using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Benchmarks.Mnist;

/// <summary>LeNet-300-100 (LeCun et al., 1998): 784-300-100-10, 266,610 parameters.</summary>
[Prunable(Granularity.Unstructured, Scope = Scope.Global, Criterion = Criterion.L1, Schedule = SparsitySchedule.Gradual, MeasureLatency = false)]
[Retrain(Epochs = 20, LearningRate = 4e-3, Distill = Distill.SoftTargets)]
internal sealed partial class LeNet300100 : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(784, 300);
    private readonly Linear fc2 = Linear(300, 100);
    [KeepWidth] private readonly Linear fc3 = Linear(100, 10);

    public LeNet300100()
        : base(nameof(LeNet300100)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return fc3.call(relu(fc2.call(relu(fc1.call(input.flatten(1)))))).MoveToOuterDisposeScope();
    }
}

/// <summary>LeNet-5 as Caffe defines it, with ReLU behind each pooling: 20-50-800-500, 431,080 parameters.</summary>
[Prunable(Granularity.Structured, Criterion = Criterion.Taylor, MeasureLatency = false)]
[Retrain(Epochs = 10, LearningRate = 4e-3)]
internal sealed partial class LeNet5 : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(1, 20, 5);
    private readonly Conv2d conv2 = Conv2d(20, 50, 5);
    private readonly Linear fc1 = Linear(800, 500);
    [KeepWidth] private readonly Linear fc2 = Linear(500, 10);

    public LeNet5()
        : base(nameof(LeNet5)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();

        // The same as pooling behind ReLU, for a quarter of ReLU's work.
        var x = relu(max_pool2d(conv1.call(input), 2));
        x = relu(max_pool2d(conv2.call(x), 2));
        return fc2.call(relu(fc1.call(x.flatten(1)))).MoveToOuterDisposeScope();
    }
}
