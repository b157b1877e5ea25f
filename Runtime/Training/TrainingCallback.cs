using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Takes part in training. For one of your own derive from this, override what it needs, and give it as <see cref="RetrainOptions.Callbacks"/>,
/// or its type as <c>[Retrain(CallbackTypes = new[] { typeof(Mine) })]</c>.
/// </summary>
/// <remarks>
/// The order of events: <see cref="OnBegin"/>; then for each batch <see cref="OnBatch"/>, the model is called, <see cref="OnLoss"/>, the backward pass,
/// <see cref="OnBackward"/>, the optimizer's step, <see cref="OnStep"/>; after the last batch of an epoch the model is evaluated, if there is test
/// data, and <see cref="OnEpochEnd"/> follows; <see cref="OnEnd"/> comes when all epochs are over, and <see cref="OnRelease"/> last of all, also where
/// training fails. Callbacks are called in the order in which they are given, on the thread that trains. Tensors that one makes are released after the
/// event unless it detaches them from the dispose scope. What one throws ends the training, and every weight is as it was before it.
/// </remarks>
public abstract class TrainingCallback
{
    /// <summary>Whether it decides, while the model is trained, which single weights are zero.</summary>
    internal virtual bool ChoosesZeros => false;

    /// <summary>Training is about to begin: the model is where it trains, and its optimizer is made.</summary>
    public virtual void OnBegin(TrainingContext context)
    {
    }

    /// <summary>A batch is there, and the model has not been called with it yet.</summary>
    /// <param name="context">Where training is.</param>
    /// <param name="batch">What the model will be given, on its device, and what it should answer.</param>
    public virtual void OnBatch(TrainingContext context, Batch batch)
    {
    }

    /// <summary>The loss of a batch is known; gradients are on.</summary>
    /// <param name="context">Where training is.</param>
    /// <param name="batch">What the model was given, on its device, and what it should have answered.</param>
    /// <param name="results">What it answered.</param>
    /// <param name="loss">The loss so far, a scalar.</param>
    /// <returns>The loss to go on with, a scalar: that which was given, or one with something added.</returns>
    public virtual Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss) => loss;

    /// <summary>The gradients of a batch are there, and no weight has moved yet.</summary>
    public virtual void OnBackward(TrainingContext context)
    {
    }

    /// <summary>The optimizer has taken a step; weights that are held are zero.</summary>
    public virtual void OnStep(TrainingContext context)
    {
    }

    /// <summary>An epoch is over, and evaluated.</summary>
    /// <param name="context">Where training is.</param>
    /// <param name="epoch">What the epoch came to.</param>
    public virtual void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
    }

    /// <summary>Training is over. It is not called where training fails.</summary>
    public virtual void OnEnd(TrainingContext context)
    {
    }

    /// <summary>
    /// Training is over, or has failed, after <see cref="OnBegin"/> was called. Here goes what must not outlive it: hooks on the user's layers, tensors
    /// that were kept. The last callback is called first. The same callback may begin another training later.
    /// </summary>
    public virtual void OnRelease(TrainingContext context)
    {
    }

    /// <summary>
    /// What this remembers between two steps beyond the model and its masks, by names of its own, to be kept by a <see cref="Checkpoint"/>: an empty table
    /// where it remembers nothing, and null, the default, where it does not tell. A run that was interrupted then goes on from where the training began
    /// instead of from where it was. It is called without gradients; tensors that it makes are released behind it.
    /// </summary>
    /// <param name="context">Where training is: between two steps, or behind the last one of an epoch.</param>
    public virtual IReadOnlyDictionary<string, Tensor>? SaveState(TrainingContext context) => null;

    /// <summary>Remembers again what <see cref="SaveState"/> told. It is called behind <see cref="OnBegin"/>, with the model as it was then.</summary>
    /// <param name="context">Where training is.</param>
    /// <param name="state">What was told, in main memory; the tensors are released behind it.</param>
    public virtual void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state)
    {
    }

    /// <summary>What a callback tells that remembers nothing.</summary>
    private protected static IReadOnlyDictionary<string, Tensor> Nothing { get; } = new Dictionary<string, Tensor>();
}
