namespace PruneGen;

/// <summary>Training came to a loss that is infinite or not a number. The model is as it was before.</summary>
public sealed class RetrainException : InvalidOperationException
{
    internal RetrainException(double loss, int epoch, int batch, double learningRate)
        : base(FormattableString.Invariant($"The loss is {loss} in batch {batch + 1} of epoch {epoch + 1}, at a learning rate of {learningRate:g4}. The model is as it was before. Lower LearningRate (a tenth is a good first try), and see that the inputs and targets hold no NaN or infinite value."))
    {
        Loss = loss;
        Epoch = epoch;
        Batch = batch;
        LearningRate = learningRate;
    }

    /// <summary>The loss: infinite or not a number.</summary>
    public double Loss { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The batch in the epoch, from 0.</summary>
    public int Batch { get; }

    /// <summary>The learning rate in that batch.</summary>
    public double LearningRate { get; }
}
