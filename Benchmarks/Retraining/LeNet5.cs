using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>The widths of the hidden layers: 20-50-500 in the dense LeNet-5.</summary>
internal readonly record struct Widths(int Conv1, int Conv2, int Fc1)
{
    public override string ToString() => $"{Conv1}-{Conv2}-{Fc1}";
}

/// <summary>LeNet-5 as Caffe defines it, at any widths.</summary>
internal sealed class LeNet5 : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly Conv2d conv2;
    private readonly Linear fc1;
    private readonly Linear fc2;

    public LeNet5(Widths widths)
        : base(nameof(LeNet5))
    {
        conv1 = Conv2d(1, widths.Conv1, 5);
        conv2 = Conv2d(widths.Conv1, widths.Conv2, 5);
        fc1 = Linear(16 * widths.Conv2, widths.Fc1);
        fc2 = Linear(widths.Fc1, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = max_pool2d(relu(conv1.call(input)), 2);
        x = max_pool2d(relu(conv2.call(x)), 2);
        x = relu(fc1.call(x.flatten(1)));
        return fc2.call(x).MoveToOuterDisposeScope();
    }
}
