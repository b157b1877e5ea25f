using PruneGen;
using TorchSharp;
using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGenApp;

/// <summary>The model: change it as you like, and see in the report what is removed.</summary>
[Prunable(Structured, Ratio = 0.5)]          // half of every group of channels that shrink together
[Retrain(Epochs = 2, LearningRate = 1e-3)]   // what it learns again afterwards
public sealed partial class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(1, 16, 3, padding: 1);
    private readonly Conv2d conv2 = Conv2d(16, 32, 3, padding: 1);
    private readonly Linear hidden = Linear(32 * 4 * 4, 64);
    private readonly Linear scores = Linear(64, Data.Classes);

    public Net()
        : base(nameof(Net)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = max_pool2d(relu(conv1.call(x)), 2);
        x = max_pool2d(relu(conv2.call(x)), 2);
        return scores.call(relu(hidden.call(x.flatten(1))));
    }
}
