using System.Globalization;

namespace PruneGen;

/// <summary>Training came to a loss, a parameter or a buffer that is infinite or not a number. The model is as it was before.</summary>
public sealed class RetrainException : InvalidOperationException
{
    private const string RateRemedy =
        "Lower LearningRate (a tenth is a good first try), and see that the inputs and targets hold no NaN or infinite value.";

    private const string NormRemedy =
        "A normalisation that trains on a batch of one sample divides by a variance of none: see that no batch has a single sample, the last one of an "
        + "epoch included (choose another batch size, or leave that batch out).";

    internal RetrainException(double loss, int epoch, int batch, double learningRate)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The loss is {loss} in batch {batch + 1} of epoch {epoch + 1}, at a learning rate of {learningRate:g4}. The model is as it was before. "
                    + $"Lower LearningRate (a tenth is a good first try), and see that the inputs and targets hold no NaN or infinite value."))
    {
        Loss = loss;
        Epoch = epoch;
        Batch = batch;
        LearningRate = learningRate;
    }

    internal RetrainException(string tensor, bool isNorm)
        : base($"{tensor} is infinite or not a number after training. The model is as it was before. {(isNorm ? NormRemedy : RateRemedy)}") =>
        Loss = double.NaN;

    internal RetrainException(double loss)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The loss on the test data is {loss} after training. The model is as it was before. Lower LearningRate (a tenth is a good first try), "
                    + $"and see that the test data holds no NaN or infinite value.")) =>
        Loss = loss;

    /// <summary>The loss: infinite or not a number; not a number where a parameter or buffer is.</summary>
    public double Loss { get; }

    /// <summary>The epoch, from 0; 0 where it was noticed after the last one.</summary>
    public int Epoch { get; }

    /// <summary>The batch in the epoch, from 0.</summary>
    public int Batch { get; }

    /// <summary>The learning rate in that batch.</summary>
    public double LearningRate { get; }
}
