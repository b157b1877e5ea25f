using System.Diagnostics;
using PruneGen.Samples.Mnist;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Mnist;

/// <summary>A figure that was published, and how it is to be surpassed.</summary>
/// <param name="Name">What the row is called on the command line.</param>
/// <param name="Published">Who published it, and what.</param>
/// <param name="Weights">How many weights, biases left out, the published network keeps.</param>
/// <param name="Error">Its share of wrong answers on the test images; null where the row is there to be compared with others.</param>
internal abstract record Row(string Name, string Published, long Weights, double? Error)
{
    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>By how many pixels, at most, images are moved at random while the pruned model is trained; 0 leaves them.</summary>
    public int Shift { get; init; }

    /// <summary>For how many epochs the dense model is trained.</summary>
    public required int DenseEpochs { get; init; }

    /// <summary>By how many pixels, at most, images are moved at random while the dense model is trained.</summary>
    public int DenseShift { get; init; }

    /// <summary>
    /// Whether a pixel of the background is 0 and ink 1, so that an input that is always background teaches its weights nothing, instead of pixels with mean 0
    /// and deviation 1.
    /// </summary>
    public bool BlackIsZero { get; init; }

    /// <summary>By how many times fewer bytes the published network takes than its dense one; null where only weights are counted.</summary>
    public double? FewerBytes { get; init; }

    /// <summary>What is pruned and how; the seed is the run's.</summary>
    public required PruneOptions Options { get; init; }

    /// <summary>Trains the dense model, or reads it, prunes it in one call, and measures.</summary>
    /// <param name="images">The data.</param>
    /// <param name="seed">The seed of everything random.</param>
    /// <param name="folder">Where the dense models are kept.</param>
    /// <param name="tests">Whether the test images are looked at; false while choosing.</param>
    /// <param name="cancellation">Looked at before each batch.</param>
    public abstract Outcome Run(Images images, int seed, string folder, bool tests, CancellationToken cancellation);
}

/// <inheritdoc/>
/// <typeparam name="TModel">The network.</typeparam>
internal sealed record Row<TModel>(string Name, string Published, long Weights, double? Error) : Row(Name, Published, Weights, Error)
    where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
{
    /// <inheritdoc/>
    public override Outcome Run(Images images, int seed, string folder, bool tests, CancellationToken cancellation)
    {
        using var model = DenseModels.TrainOrLoad<TModel>(this, images, seed, folder, cancellation);
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        double ErrorOn(TrainingData data) => Retrainer.Evaluate(model, Forward, data, Options.Retrain, cancellation).Error!.Value;

        var dense = tests ? ErrorOn(images.Test) : double.NaN;
        var started = Stopwatch.GetTimestamp();
        var report = Pruning.PruneAndRetrain(
            model,
            Forward,
            images.Train(BatchSize, Shift),
            images.Validation,
            Options with { Retrain = Options.Retrain with { Seed = seed } },
            PruneProgress.Quiet,
            cancellation);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        // What is told is what the file holds, read again.
        var file = Path.Combine(folder, FormattableString.Invariant($"{Name}-seed-{seed}.prune"));
        Pruning.Save(model, file);
        using var again = Pruning.Load(file, () => new TModel());
        return new Outcome(
            Name,
            seed,
            report.Dense.Error!.Value,
            report.Final.Error!.Value,
            dense,
            tests ? Retrainer.Evaluate(again, inputs => [again.call(inputs[0])], images.Test, Options.Retrain, cancellation).Error!.Value : double.NaN,
            report.Layers.Sum(layer => layer.NonZero),
            report.Layers.Sum(layer => layer.Dense),
            report.NonZeroParameters,
            Widths.InUse(model),
            report.Macs!,
            report.Retraining.Epochs.Count + report.Steps.Sum(step => step.Training?.Epochs.Count ?? 0),
            seconds)
        {
            Bytes = new Change(report.Bytes.Before, new FileInfo(file).Length),
            Parts = report.OnDisk,
            Steps = [.. report.Steps.Select(step => new OutcomeStep(step.Name, step.Test.Error!.Value))],
        };
    }
}

/// <summary>What a run came to. Errors are shares of wrong answers; those on the test images are NaN where they were not looked at.</summary>
/// <param name="Row">The row.</param>
/// <param name="Seed">The seed.</param>
/// <param name="DenseValidation">The dense model's error on the validation images.</param>
/// <param name="Validation">The pruned model's.</param>
/// <param name="DenseTest">The dense model's error on the test images.</param>
/// <param name="Test">The pruned model's.</param>
/// <param name="Weights">Weights that are left and not zero, biases left out.</param>
/// <param name="DenseWeights">Weights of the dense model.</param>
/// <param name="NonZeroParameters">Parameters that are not zero, biases included, before and after.</param>
/// <param name="Widths">Inputs of each layer that are in use.</param>
/// <param name="Macs">Multiply-accumulates for an image as dense kernels count them.</param>
/// <param name="Epochs">Epochs of retraining.</param>
/// <param name="Seconds">How long the call took.</param>
internal sealed record Outcome(
    string Row,
    int Seed,
    double DenseValidation,
    double Validation,
    double DenseTest,
    double Test,
    long Weights,
    long DenseWeights,
    Change NonZeroParameters,
    string Widths,
    Change Macs,
    int Epochs,
    double Seconds)
{
    /// <summary>Bytes of the dense parameters, and of the file of what became of them.</summary>
    public Change? Bytes { get; init; }

    /// <summary>What those of the file are for.</summary>
    public BytesOnDisk? Parts { get; init; }

    /// <summary>The errors on the validation images behind each step of coding.</summary>
    public IReadOnlyList<OutcomeStep> Steps { get; init; } = [];

    /// <summary>What the run was asked for: one of other settings in the file is made anew.</summary>
    public string Settings { get; init; } = "";
}

/// <summary>The model behind a step of coding.</summary>
/// <param name="Name">The step.</param>
/// <param name="Validation">Its error on the validation images.</param>
internal sealed record OutcomeStep(string Name, double Validation);
