using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Takes gradients whose norm, over all parameters, is above a limit back to it (Pascanu et al., 2013).</summary>
/// <param name="maxNorm">The limit, above 0.</param>
public sealed class GradientClipping(double maxNorm) : TrainingCallback
{
    // libtorch takes the limit as a float32.
    /// <inheritdoc/>
    public override void OnBackward(TrainingContext context) => nn.utils.clip_grad_norm_(context.Parameters, Math.Min(maxNorm, float.MaxValue));

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;
}

/// <summary>Ends training with the weights of the epoch that was the best on the test data, the first of equals.</summary>
/// <remarks>
/// The test data then chooses; measure a final error on other data. Where the model is pruned while it is trained, the epochs before it is as sparse as
/// it is to become do not count.
/// </remarks>
public sealed class BestWeights : TrainingCallback
{
    private const string Measured = "measured by";

    private ModelState? best;
    private Evaluation? bestTest;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context) => Forget();

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        if (epoch.Test is null)
        {
            throw new InvalidOperationException("The best weights are to be kept, but there is no test data to tell them by; give test data.");
        }

        if (context.IsSparse && (bestTest is null || epoch.Test.IsBetterThan(bestTest)))
        {
            best?.Dispose();
            (best, bestTest, context.KeptEpoch) = (new ModelState(context.Model), epoch.Test, epoch.Epoch);
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        best?.Restore();
        Forget();
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => best is null ? Nothing
        : new Dictionary<string, Tensor>(best.Copies)
        {
            [Measured] = tensor(new[] { bestTest!.Loss, bestTest.Error ?? double.NaN, bestTest.Samples }),
        };

    /// <inheritdoc/>
    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state)
    {
        Forget();
        if (state.TryGetValue(Measured, out var measured))
        {
            var numbers = measured.data<double>().ToArray();
            bestTest = new Evaluation(numbers[0], double.IsNaN(numbers[1]) ? null : numbers[1], (long)numbers[2]);
            best = new ModelState(context.Model);
            best.Take(state);
        }
    }

    private void Forget()
    {
        best?.Dispose();
        (best, bestTest) = (null, null);
    }
}

/// <summary>Evaluates the model after each epoch.</summary>
internal sealed class EpochEvaluation(Func<Evaluation> evaluate) : TrainingCallback
{
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        var started = Stopwatch.GetTimestamp();
        var test = evaluate();
        context.EpochList[^1] = epoch with { Test = test, TestSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
    }

    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;
}

/// <summary>Shows how far training is.</summary>
internal sealed class ProgressDisplay(PruneProgress progress) : TrainingCallback
{
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => progress.EpochEnded(epoch, context.Options.Epochs);

    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;
}

/// <summary>Keeps weights that are held at zero there: first of all callbacks, so that the others see gradients without theirs.</summary>
internal sealed class MaskCallback : TrainingCallback
{
    public override void OnBackward(TrainingContext context) => context.Masks.BeforeStep(context.Parameters);

    public override void OnStep(TrainingContext context) => context.Masks.AfterStep();

    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;
}
