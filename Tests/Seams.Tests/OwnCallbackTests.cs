using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Seams.Tests;

/// <summary>Has the pruned model learn the answers of a dense one, and nothing else.</summary>
public sealed class Teacher : TrainingCallback
{
    private readonly PlainLeNet5 dense = new();

    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        using var noGradients = no_grad();
        var wanted = dense.call(batch.Inputs[0]);
        using var gradients = enable_grad();
        return mse_loss(results[0], wanted);
    }
}

[Prunable(Ratio = 0.3)]
[Retrain(Epochs = 20, CallbackTypes = new[] { typeof(Teacher) })]
public sealed partial class TaughtLeNet5 : LeNet5;

public class OwnCallbackTests
{
    [Fact]
    public void A_callback_of_ones_own_teaches_by_attribute_and_by_option()
    {
        var taught = new TaughtLeNet5();
        var report = taught.PruneAndRetrain(Digits.Some, Digits.Some, progress: PruneProgress.Quiet);
        Assert.True(report.Retraining.Epochs[^1].TrainLoss < report.Retraining.Epochs[0].TrainLoss / 4);

        var plain = new PlainLeNet5();
        Digits.Prune(plain, new PruneOptions { Ratio = 0.3, Retrain = new() { Epochs = 20, Callbacks = [new Teacher()] } });
        Assert.Equal(taught.get_parameter("fc2.weight")!.data<float>().ToArray(), plain.get_parameter("fc2.weight")!.data<float>().ToArray());
    }
}
