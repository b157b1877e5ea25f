using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Judges a house by its picture and its figures: two inputs, and two results, its class and its price.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class HouseJudge : Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Linear figures1;
    private readonly Linear figures2;
    private readonly Linear joint;
    private readonly Linear kind;
    private readonly Linear price;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels of the first convolution.</param>
    /// <param name="figures">Number of figures.</param>
    /// <param name="classes">Number of classes.</param>
    public HouseJudge(int width = 32, int figures = 12, int classes = 5)
        : base(nameof(HouseJudge))
    {
        conv1 = Conv2d(3, width, 3, stride: 2, padding: 1);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, 2 * width, 3, stride: 2, padding: 1);
        bn2 = BatchNorm2d(2 * width);
        figures1 = Linear(figures, 2 * width);
        figures2 = Linear(2 * width, width);
        joint = Linear(3 * width, 2 * width);
        kind = Linear(2 * width, classes);
        price = Linear(2 * width, 1);
        RegisterComponents();
    }

    /// <summary>Judges houses.</summary>
    /// <param name="picture">Images, N×3×H×W.</param>
    /// <param name="numbers">Figures, N×figures.</param>
    /// <returns>Logits of the classes, N×classes, and prices, N×1.</returns>
    public override (Tensor, Tensor) forward(Tensor picture, Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var seen = relu(bn1.call(conv1.call(picture)));
        seen = relu(bn2.call(conv2.call(seen)));
        seen = adaptive_avg_pool2d(seen, 1).flatten(1);
        var read = relu(figures2.call(relu(figures1.call(numbers))));
        var both = relu(joint.call(cat([seen, read], 1)));
        return (kind.call(both).MoveToOuterDisposeScope(), price.call(both).MoveToOuterDisposeScope());
    }
}
