using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Where training is, for <see cref="TrainingCallback"/>.</summary>
public sealed class TrainingContext
{
    private readonly Func<TrainingContext, optim.Optimizer> newOptimizer;
    private readonly Func<Tensor[], Tensor[]>? teacher;

    internal TrainingContext(
        nn.Module model,
        Func<Tensor[], Tensor[]> forward,
        RetrainOptions options,
        PruningPlan? plan,
        PruneMask? mask,
        Device device,
        Func<TrainingContext, optim.Optimizer> newOptimizer)
    {
        (Model, Forward, Options, Plan, Mask, Device) = (model, forward, options, plan, mask, device);
        this.newOptimizer = newOptimizer;
        RebuildOptimizer();
    }

    /// <summary>The model.</summary>
    public nn.Module Model { get; }

    /// <summary>Calls the model, and gives its results in order.</summary>
    public Func<Tensor[], Tensor[]> Forward { get; }

    /// <summary>How it is trained.</summary>
    public RetrainOptions Options { get; }

    /// <summary>The model as it was linked before it was pruned; null where it is trained by itself.</summary>
    public PruningPlan? Plan { get; }

    /// <summary>The masks of single weights that pruning left; null where there are none.</summary>
    public PruneMask? Mask { get; }

    /// <summary>
    /// Calls the dense model as it was before pruning, in evaluation mode and without gradients, and gives its results in order; null where a model is
    /// trained by itself. To be called in <see cref="TrainingCallback.OnBatch"/>: it takes the place of the model for a moment.
    /// </summary>
    public Func<Tensor[], Tensor[]>? Teacher
    {
        get => teacher;
        internal init => teacher = value is null ? null : inputs => Teach(value, inputs);
    }

    /// <summary>Whether what is called at the moment is the dense teacher, in the place of the model.</summary>
    internal bool IsTeacherCalled { get; private set; }

    /// <summary>The number of samples in an epoch. Where the data does not tell it, the first call draws all batches to count them.</summary>
    public long Samples => Data!.CountSamples();

    /// <summary>The learning rate of the step that is taken.</summary>
    public double LearningRate => Optimizer.ParamGroups.First().LearningRate;

    /// <summary>What it is trained on.</summary>
    internal TrainingData? Data { get; init; }

    /// <summary>The number of batches in an epoch; null where it is not known.</summary>
    internal int? Batches { get; init; }

    /// <summary>Links the model as it is; null where that is known of no other than <see cref="Model"/> itself.</summary>
    internal Func<PruningPlan>? Linker { get; init; }

    /// <summary>Where it is trained.</summary>
    public Device Device { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; internal set; }

    /// <summary>How many steps the optimizer has taken, with those of batches that were left out because no target of theirs counts.</summary>
    public long Step { get; internal set; }

    /// <summary>How much of the training is done, from 0 to 1; where the data does not tell how many batches it has, it only grows by whole epochs.</summary>
    public double Progress { get; internal set; }

    /// <summary>The epochs that are over, in order.</summary>
    public IReadOnlyList<EpochResult> Epochs => EpochList;

    /// <summary>The parameters that are trained.</summary>
    public IReadOnlyList<Parameter> Parameters { get; private set; } = [];

    /// <summary>The optimizer.</summary>
    public optim.Optimizer Optimizer { get; private set; } = null!;

    /// <summary>The masks that hold weights at zero.</summary>
    internal TrainingMasks Masks { get; private set; } = null!;

    /// <summary>Whether the model is as sparse by now as it is to become.</summary>
    internal bool IsSparse { get; set; } = true;

    internal List<EpochResult> EpochList { get; } = [];

    /// <summary>The epoch whose weights the model ends with, from 1; null for the last one.</summary>
    internal int? KeptEpoch { get; set; }

    /// <summary>
    /// Links the model as it is now: its groups, also where it is trained by itself, and where pruning has made it smaller since <see cref="Plan"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was generated for the model.</exception>
    /// <exception cref="PruneGen.Axes.AxisException">The live model does not fit its source.</exception>
    public PruningPlan Link() => Linker is not null ? Linker() : Link(options: null);

    /// <summary>The same with options in place of what the attributes say.</summary>
    internal PruningPlan Link(PruneOptions? options) => Model is IPrunable
        ? PruningPlan.LinkModel(Model, options, Data?.FirstShapes() ?? [])
        : throw new InvalidOperationException(
            $"{Model.GetType().Name} has no groups of channels that are known, since nothing was generated for it; put [Prunable] on its class.");

    /// <summary>What runs the model over the data that it is trained on.</summary>
    internal ScoringContext Scoring(PruningPlan plan) => new(plan, Forward, Data, PruneProgress.Quiet, CancellationToken.None);

    /// <summary>
    /// Makes the optimizer anew, and reads anew which parameters are trained and which weights are held. To be called whenever a callback has
    /// changed shapes, or masks, or which parameters require gradients; what the optimizer remembered of the old ones is lost.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model has no parameter to train.</exception>
    public void RebuildOptimizer()
    {
        // Looked up once: walking the modules at every step costs as much as a small layer.
        Parameters = Model.parameters().Where(parameter => parameter.requires_grad).ToArray();
        if (Parameters.Count == 0)
        {
            throw new InvalidOperationException(
                $"{Model.GetType().Name} has no parameter that requires a gradient, so there is nothing to train; set requires_grad on those that "
                    + $"should learn.");
        }

        Release();
        Masks = new TrainingMasks(Model, Parameters);
        Optimizer = newOptimizer(this);
    }

    /// <summary>
    /// Reads anew which weights are held at zero. To be called whenever a callback has changed masks: what the optimizer remembers of weights that are
    /// not held stays.
    /// </summary>
    public void RefreshMasks()
    {
        Masks.Read(Model, Parameters);
        (Optimizer as IMaskedOptimizer)?.ForgetMasked();
    }

    /// <summary>
    /// Averages gradients of a callback's own over the processes that train together, as those of <see cref="Parameters"/> are; with one process they stay as
    /// they are. To be called by all, behind the backward pass and before such parameters take a step.
    /// </summary>
    /// <param name="parameters">What a callback learns beside the model, in the same order in all processes.</param>
    public void AverageGradients(IEnumerable<Tensor> parameters)
    {
        if (Averaging is not null)
        {
            var learnt = parameters.ToList();
            foreach (var (parameter, mean) in learnt.Zip(Average(learnt.ConvertAll(parameter => parameter.grad), learnt)))
            {
                parameter.grad = mean;
            }
        }
    }

    /// <summary>The means of gradients over the processes that train together.</summary>
    /// <param name="gradients">Those of this process.</param>
    /// <param name="parameters">What they are the gradients of.</param>
    internal IReadOnlyList<Tensor?> Average(IReadOnlyList<Tensor?> gradients, IReadOnlyList<Tensor> parameters) => Averaging is null ? gradients
        : Options.Communicator!.Mean([.. gradients.Zip(parameters)], Averaging.Weight);

    /// <summary>What averages the gradients; null where one process trains.</summary>
    internal GradientAveraging? Averaging { get; init; }

    /// <summary>Releases the optimizer and the masks.</summary>
    internal void Release()
    {
        Optimizer?.Dispose();
        Masks?.Dispose();
    }

    /// <summary>
    /// Whether so much of the training is done, with the step that has just been taken. Where it is not known how many batches there are, the last epoch is
    /// the last part.
    /// </summary>
    internal bool HasReached(double share) => Batches is int batches ? Step >= share * batches * Options.Epochs : Epoch == Options.Epochs - 1;

    /// <summary>The same as a number, from 0 to 1; where the data does not tell how many batches it has, only the epochs that are over count.</summary>
    internal double Done => Batches is int batches ? Math.Min(1, (double)Step / ((long)batches * Options.Epochs)) : (double)EpochList.Count / Options.Epochs;

    private Tensor[] Teach(Func<Tensor[], Tensor[]> dense, Tensor[] inputs)
    {
        IsTeacherCalled = true;
        try
        {
            return dense(inputs);
        }
        finally
        {
            IsTeacherCalled = false;
        }
    }
}
