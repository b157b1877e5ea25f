using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Writes a training for TensorBoard: the loss and the learning rate of steps, losses and errors of epochs, how sparse each layer is, histograms of its
/// weights, and what shrinks together as a picture in text. Show it by <c>tensorboard --logdir FOLDER</c>.
/// </summary>
/// <remarks>
/// Several trainings of one callback, as a schedule in rounds has, stand one behind the other: steps and epochs go on counting. What is written stays where a
/// run is interrupted; one that goes on writes a file more, and steps that it takes again stand there twice.
/// </remarks>
public sealed class TensorBoard : TrainingCallback
{
    private const string Before = "before";

    private readonly string folder;
    private SummaryWriter? writer;
    private List<TrainedWeight> weights = [];
    private (long Steps, long Epochs) before;
    private (long Steps, long Epochs) now;

    /// <param name="folder">Where the event files go; it is made where it is missing.</param>
    /// <exception cref="ArgumentException">It is no name.</exception>
    public TensorBoard(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        this.folder = folder;
    }

    /// <summary>Makes it with the folder <c>runs</c>.</summary>
    public TensorBoard()
        : this("runs")
    {
    }

    /// <summary>After how many steps of the optimizer their loss and learning rate are written, at least 1. 10 by default.</summary>
    public int Every { get; init; } = 10;

    /// <summary>Whether a histogram of each layer's weights is written at the end of each epoch. True by default.</summary>
    public bool Histograms { get; init; } = true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1);
        before = (before.Steps + now.Steps, before.Epochs + now.Epochs);
        now = (0, 0);
        writer = utils.tensorboard.SummaryWriter(folder);
        weights = TrainedWeight.Of(context, nameof(TensorBoard));
        if (context.Model is IPrunable)
        {
            var plan = context.Link();
            var lines = plan.Groups.Select(group => $"| {group.Name} | {group.Width} | {string.Join(", ", group.Members)} |");
            writer.add_text("groups", $"| group | width | what shrinks with it |\n|---|---|---|\n{string.Join('\n', lines)}", Number(before.Steps));
            writer.add_text("graph", $"```mermaid\n{PlanGraph.ToMermaid(plan)}```", Number(before.Steps));
        }
    }

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        if (context.Step % Every == 0)
        {
            writer!.add_scalar("step/loss", loss.detach().to_type(ScalarType.Float32).item<float>(), Number(before.Steps + context.Step));
            writer.add_scalar("step/learning rate", (float)context.LearningRate, Number(before.Steps + context.Step));
        }

        return loss;
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context) => now = (context.Step, context.Epoch);

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        now = (context.Step, epoch.Epoch);
        var number = Number(before.Epochs + epoch.Epoch);
        writer!.add_scalar("epoch/training loss", (float)epoch.TrainLoss, number);
        if (epoch.Test is { } test)
        {
            writer.add_scalar("epoch/test loss", (float)test.Loss, number);
            if (test.Error is double error)
            {
                writer.add_scalar("epoch/test error", (float)error, number);
            }
        }

        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var weight in weights)
        {
            writer.add_scalar($"sparsity/{weight.Path}", (float)(1 - (SliceSums.NonZero([weight.Tensor]) / (double)weight.Tensor.numel())), number);
            if (Histograms)
            {
                writer.add_histogram($"weights/{weight.Path}", weight.Tensor.detach().to_type(ScalarType.Float32).cpu(), number);
            }
        }
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context) => (writer, weights) = (null, []);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) =>
        new Dictionary<string, Tensor> { [Before] = tensor(new[] { before.Steps, before.Epochs }) };

    /// <inheritdoc/>
    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state) =>
        before = state[Before].data<long>().ToArray() is [var steps, var epochs] ? (steps, epochs) : default;

    /// <summary>TorchSharp's writer counts in int32.</summary>
    private static int Number(long count) => (int)Math.Min(count, int.MaxValue);
}
