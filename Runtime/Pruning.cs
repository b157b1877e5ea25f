using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What the generated methods of a model call. User code calls those instead: <c>model.PruneAndRetrain(train, test)</c>.</summary>
public static class Pruning
{
    /// <summary>Counts parameters, multiply-accumulates and bytes of a model as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputShapes">The shape of each input, batch included; without them no multiply-accumulates are counted.</param>
    public static ModelCount Count<TModel>(TModel model, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable =>
        ModelCount.Of(PruningPlan.Link(model, options: null, inputShapes));

    /// <summary>Scores how much a model needs each channel, or each weight.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="options">What to prune and how; null for what the attributes say.</param>
    /// <param name="data">Data for the criteria that need it, labelled where they look at labels.</param>
    /// <param name="inputShapes">The shape of each input, batch included; without them, those of the data's first batch, where there is data.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">A criterion lacks data, does not suit the granularity, or cannot see a layer.</exception>
    public static Importance Score<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, PruneOptions? options = null, TrainingData? data = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        var plan = Plan(model, options, ShapesOf(model, data, inputShapes));
        plan.RequireLayersToPrune();
        LatencyTable.Prepare(plan, forward, () => data is not null ? FirstInputs(data, model) : CompactionVerifier.Sample(plan, forward));
        return Importance.Of(plan, forward, data);
    }

    /// <summary>Sets what would be pruned to zero, and returns the masks that hold it there.</summary>
    /// <inheritdoc cref="Score{TModel}(TModel, Func{Tensor[], Tensor[]}, PruneOptions?, TrainingData?, long[][])"/>
    public static PruneMask Mask<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, PruneOptions? options = null, TrainingData? data = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        using var importance = Score(model, forward, options, data, inputShapes);
        var mask = PruneMask.Of(Selection.Of(importance));
        mask.Apply();
        return mask;
    }

    /// <summary>Removes what is to be pruned. On any failure the model is as it was before.</summary>
    /// <inheritdoc cref="Score{TModel}(TModel, Func{Tensor[], Tensor[]}, PruneOptions?, TrainingData?, long[][])"/>
    public static CompactResult Compact<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, PruneOptions? options = null, TrainingData? data = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        using var importance = Score(model, forward, options, data, inputShapes);
        using var selection = Selection.Of(importance);
        return Compact(selection, forward, data);
    }

    /// <summary>Removes what a mask holds at zero. On any failure the model is as it was before.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="mask">A mask of this model.</param>
    /// <exception cref="ArgumentException">It is a mask of another model.</exception>
    /// <exception cref="InvalidOperationException">An earlier compaction left the mask, or the compacted model answers otherwise
    /// than the masked one.</exception>
    public static CompactResult Compact<TModel>(TModel model, Func<Tensor[], Tensor[]> forward, PruneMask mask)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        return mask.RequireSelection() is var selection && !ReferenceEquals(selection.Plan.Model, model)
            ? throw new ArgumentException(
                $"The mask is of another {selection.Plan.Model.GetType().Name} than the one to compact; give the mask that Mask returned on this one.",
                nameof(mask))
            : Compact(selection, forward, data: null);
    }

    /// <summary>
    /// Removes the channels that put out nothing but zeros: all that makes them is zero, filters, biases, scales and shifts, as <see cref="GroupLasso"/>
    /// and <see cref="ChannelGates"/> leave them. One of each group stays. The model answers as before; on any
    /// failure it is as it was.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="data">Where the shapes of inputs come from; null where these are given, or known from an earlier training.</param>
    /// <param name="inputShapes">The shape of each input, batch included.</param>
    /// <exception cref="InvalidOperationException">The model would answer otherwise, or there is nothing to see that by.</exception>
    public static CompactResult CompactZeros<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, TrainingData? data = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        var plan = Plan(model, PruneState.Of(model).Options, ShapesOf(model, data, inputShapes));
        return WithSample(plan, forward, data, sample => ZeroChannels.Compact(plan, forward, sample));
    }

    /// <summary>
    /// Removes the features of inputs that no layer reads with a weight other than zero, as <see cref="Granularity.Column"/> leaves them: the model takes
    /// narrower inputs from then on, and <see cref="InputsInUse"/> tells which features these are. The batch keeps its size, and so do dimensions that
    /// anything else than a layer's weights depends on. The model answers as before; on any failure it is as it was.
    /// </summary>
    /// <remarks>What Dai et al., "Compressing Neural Networks using the Variational Information Bottleneck" (2018) count as pruned inputs.</remarks>
    /// <inheritdoc cref="CompactZeros{TModel}(TModel, Func{Tensor[], Tensor[]}, TrainingData?, long[][])"/>
    /// <returns><see cref="InputsInUse"/>; none where each feature is read.</returns>
    public static IReadOnlyList<InputFeatures> CompactInputs<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, TrainingData? data = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        var state = PruneState.Of(model);
        var plan = PruningPlan.LinkModel(model, state.Options, ShapesOf(model, data, inputShapes), shrinksInputs: true);
        WithSample(plan, forward, data, sample => UnreadInputs.Compact(plan, forward, sample));
        return state.Inputs;
    }

    /// <summary>Which features of the dense model's inputs a model takes, once some have gone, through saving and loading too.</summary>
    /// <param name="model">The model.</param>
    /// <returns>One for each dimension of an input that is shorter than it was; call the model with what <see cref="InputFeatures.Select"/> gives.</returns>
    public static IReadOnlyList<InputFeatures> InputsInUse(nn.Module model) => PruneState.Of(model).Inputs;

    /// <summary>
    /// Puts the channels of a model in an order in which layers that keep N of each M weights (<see cref="Granularity.NOfM"/>) keep more importance, by the
    /// criterion of the options. To be called before it is pruned; the model answers as before. On any failure it is as it was.
    /// </summary>
    /// <inheritdoc cref="Score{TModel}(TModel, Func{Tensor[], Tensor[]}, PruneOptions?, TrainingData?, long[][])"/>
    /// <returns>The groups that have another order now, and what they gain. Those that a layer reads otherwise than channel by channel, as behind flatten, have
    /// none.</returns>
    /// <exception cref="InvalidOperationException">No layer keeps N of each M, the model would answer otherwise, or nothing shows that.</exception>
    public static IReadOnlyList<PermutedGroup> PermuteChannels<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, PruneOptions? options = null, TrainingData? data = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        using var importance = Score(model, forward, options, data, inputShapes);
        return WithSample(importance.Plan, forward, data, sample => ChannelPermutation.Apply(importance, forward, sample));
    }

    /// <summary>
    /// Empties the residual blocks that a model needs least, x + f(x) with f = 0, and removes what nothing reads any more: inside of a block one
    /// channel of each group is left. The calls in <c>forward</c> stay, so a block costs almost nothing, and not nothing. What is zero is held at zero by
    /// whatever trains the model. On any failure it is as it was before.
    /// </summary>
    /// <param name="model">The model. Blocks are models inside of it with <c>[Prunable]</c> and one input.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="count">How many blocks go.</param>
    /// <param name="data">What they are scored by.</param>
    /// <param name="by">How they are scored.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many blocks that could go.</exception>
    public static BlockRemoval RemoveBlocks<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, int count, TrainingData data, BlockCriterion by = BlockCriterion.CosineDistance)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        var plan = Plan(model, PruneState.Of(model).Options, ShapesOf(model, data, []));
        var blocks = ResidualBlocks.Of(plan);
        if (count < 1 || count > blocks.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"{count} residual blocks of {model.GetType().Name} are to go; "
                    + (blocks.Count == 0 ? "it has none: models inside of it with [Prunable] whose forward gives its input and what branches add to it, "
                            + "each of which ends in a Linear or a convolution, with or without a BatchNorm."
                        : $"give 1 to {blocks.Count}: {string.Join(", ", blocks.Select(block => block.Path))}. Others change the shape, or are no x + f(x)."));
        }

        using var before = new ModelState(model, plan.Widths);
        try
        {
            var scores = ResidualBlocks.Score(blocks, by, plan, forward, data);
            var removed = Enumerable.Range(0, blocks.Count).OrderBy(i => scores[i]).Take(count).Order().Select(i => blocks[i]).ToList();
            removed.ForEach(ResidualBlocks.Empty);
            return new BlockRemoval(
                blocks.Zip(scores).ToDictionary(pair => pair.First.Path, pair => pair.Second, StringComparer.Ordinal),
                [.. removed.Select(block => block.Path)],
                CompactZeros(model, forward, data));
        }
        catch
        {
            before.Restore();
            throw;
        }
    }

    /// <summary>
    /// Sets what is held at zero to zero again. Every training of PruneGen does so by itself; call it behind each step of an optimizer in a training loop of
    /// your own.
    /// </summary>
    /// <param name="model">The model.</param>
    public static void HoldMasks(nn.Module model) => WeightMasks.Hold(model);

    /// <summary>
    /// Lets every weight of a model be trained again. Weights that were pruned one by one, and channels that a mask sets to zero,
    /// are otherwise held at zero by whatever trains the model, through saving and loading too. The values stay as they are.
    /// </summary>
    /// <param name="model">The model.</param>
    public static void ReleaseMasks(nn.Module model) => WeightMasks.Release(model);

    /// <summary>
    /// Has the weights of layers share a few values each, as <see cref="PruneSettings.Share"/> asks. Whatever trains the model from then on trains the values,
    /// until <see cref="ReleaseCodes"/>. On any failure the model is as it was.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What to share and how, on every layer that reads inputs with weights; null for what the attributes say.</param>
    /// <returns>What of the model is coded now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">A weight is not finite.</exception>
    public static CodedModel ShareWeights<TModel>(TModel model, ShareOptions? options = null)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        options?.Validate(model.GetType().Name);
        var plan = Plan(model, options: null);
        return OrAsItWas(plan, () => RequireAsked(
            WeightSharing.Share(plan, options?.Over(ShareOptions.Defaults), plan.Options.Retrain.Seed), plan, "shared", "[ShareWeights]"));
    }

    /// <summary>
    /// Quantizes a model that is trained, as <see cref="PruneSettings.Quantize"/> asks, without retraining it: it then computes with what is stored.
    /// To retrain it so, give <see cref="QuantizationAware"/> to a training, or call <c>PruneAndRetrain</c>. On any failure the model is as it was.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="data">What ranges of activations are calibrated on; null where only weights are quantized.</param>
    /// <param name="options">What to quantize and how, in every layer that reads inputs with weights; null for what the attributes say.</param>
    /// <returns>What of the model is coded now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">There is no data where some is needed, a layer is not called by <c>call()</c>, a weight is not finite,
    /// or 8 bits are not enough for a tolerance.</exception>
    public static CodedModel Quantize<TModel>(
        TModel model, Func<Tensor[], Tensor[]> forward, TrainingData? data = null, QuantizeOptions? options = null)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        options?.Validate(model.GetType().Name);
        var plan = Plan(model, options: null, ShapesOf(model, data, []));
        var context = new ScoringContext(plan, forward, data, PruneProgress.Quiet, CancellationToken.None);
        return OrAsItWas(plan, () =>
        {
            ReleaseCodes(model);
            RequireAsked(new ModelQuantizer(plan, options, context, data is not null).Run(), plan, "quantized", "[Quantize]");
        });
    }

    /// <summary>What of a model is coded: codes, scales and zero points of weights and activations.</summary>
    /// <param name="model">The model.</param>
    public static CodedModel Codes(nn.Module model) => new(
        WeightCodes.Of(model).Where(coded => coded.IsLive).ToDictionary(coded => coded.Path, coded => coded.Code, StringComparer.Ordinal),
        ActivationPoints.Of(model).ToDictionary(entry => entry.Path, entry => entry.Hook.Point, StringComparer.Ordinal));

    /// <summary>
    /// Lets every weight of a model be a number of its own again, and activations pass as they are. The values of weights stay as they are.
    /// </summary>
    /// <param name="model">The model.</param>
    public static void ReleaseCodes(nn.Module model)
    {
        WeightCodes.Replace(model, []);
        ActivationPoints.Replace(model, []);
    }

    /// <summary>
    /// Scores, selects, removes (or sets to zero), fine-tunes and measures, in as many rounds as the schedule has. On any failure, and when
    /// cancelled, every weight and width of the model is as it was before.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>. For several results give one target
    /// for each, or a loss of all of them.</param>
    /// <param name="train">Data to score with, where the criterion needs any, and to train on.</param>
    /// <param name="test">Data to measure accuracy on, before and after.</param>
    /// <param name="options">What to prune and how; null for what the attributes say.</param>
    /// <param name="progress">Shows how far it has come; null for <see cref="PruneProgress.ForConsole"/>.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <param name="checkpoint">Where it is kept what was reached, so that a run that was killed or stopped goes on from there when it is called again; null
    /// for nowhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">A threshold would empty a layer, a criterion cannot see a layer, there is no data, or the checkpoint is
    /// of another run.</exception>
    /// <exception cref="IOException">The checkpoint cannot be written; what it held before is whole.</exception>
    /// <exception cref="RetrainException">The loss became infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static PruneReport PruneAndRetrain<TModel>(
        TModel model,
        Func<Tensor[], Tensor[]> forward,
        TrainingData train,
        TrainingData test,
        PruneOptions? options = null,
        PruneProgress? progress = null,
        CancellationToken cancellationToken = default,
        Checkpoint? checkpoint = null)
        where TModel : nn.Module, IPrunable
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        using var mode = GradientMode.Begin();
        RequireInputs(model, train, test);
        var samples = FirstInputs(test, model);
        try
        {
            var shapes = Array.ConvertAll(samples, sample => sample.shape);
            var asked = (options ?? model.PruneDefaults).Retrain;
            var display = progress ?? (Ranks.IsRoot(asked) ? PruneProgress.ForConsole() : PruneProgress.Quiet);
            var run = new PruneRun(change => PlanWith(model, options, change, shapes), forward, samples, display, cancellationToken, checkpoint);
            var state = PruneState.Of(model);
            var last = state.Report;
            var report = display.Run(() => run.PruneAndRetrain(train, test));
            state.Ran(run.Options, report, last);
            report = report with { OnDisk = PruneFile.Measure(PruningPlan.Link(model, state.Options), report) };
            state.Report = report;
            return report;
        }
        finally
        {
            Array.ForEach(samples, sample => sample.Dispose());
        }
    }

    /// <summary>
    /// Finds ratios with which the pruned model is within a budget and answers as well as can be found. The model is as it was afterwards, whatever happens;
    /// prune by the <see cref="RatioResult.Options"/> of the result.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="budget">What the pruned model may cost; null for what the options or attributes say.</param>
    /// <param name="train">Data to score and to estimate running statistics with, and to train on.</param>
    /// <param name="validation">Data that choices are measured on. Measure a final error on other data.</param>
    /// <param name="options">What to prune and how; null for what the attributes say. Its <see cref="PruneOptions.Allocator"/> is what searches.</param>
    /// <param name="settings">How the search goes about it; null for the defaults.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option, a setting or a limit is outside its range.</exception>
    /// <exception cref="InvalidOperationException">There is no budget, or nothing is within it: the message says the smallest that can be reached, and what
    /// holds it up.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a search with a file goes on from there when it is called again.</exception>
    public static RatioResult FindRatios<TModel>(
        TModel model,
        Func<Tensor[], Tensor[]> forward,
        PruneBudget? budget,
        TrainingData train,
        TrainingData validation,
        PruneOptions? options = null,
        SearchSettings? settings = null,
        CancellationToken cancellationToken = default)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        settings ??= new SearchSettings();
        settings.Validate();
        RequireInputs(model, train, validation);
        var shapes = validation.FirstShapes();
        return new RatioFinder(
            change => PlanWith(model, options, asked => change(budget is null ? asked : asked with { Budget = budget }), shapes),
            forward,
            train,
            validation,
            settings,
            cancellationToken).Find();
    }

    /// <summary>
    /// Measures how sensitive a model is to each group: what it answers with that group alone narrowed to so many widths, without retraining. The model is as
    /// it was afterwards, whatever happens.
    /// </summary>
    /// <inheritdoc cref="FindRatios{TModel}"/>
    /// <param name="model"/><param name="forward"/><param name="train"/><param name="validation"/><param name="options"/><param name="settings"/>
    /// <param name="points">At how many widths each group is measured, beside its full one, at least 1.</param>
    /// <param name="cancellationToken"/>
    public static SensitivityReport AnalyzeSensitivity<TModel>(
        TModel model,
        Func<Tensor[], Tensor[]> forward,
        TrainingData train,
        TrainingData validation,
        int points = 10,
        PruneOptions? options = null,
        SearchSettings? settings = null,
        CancellationToken cancellationToken = default)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        settings ??= new SearchSettings();
        settings.Validate();
        RequireInputs(model, train, validation);
        var shapes = validation.FirstShapes();
        return new RatioFinder(
            change => PlanWith(model, options, asked => change(asked with { Budget = null, Allocator = null }), shapes),
            forward,
            train,
            validation,
            settings,
            cancellationToken).Measure(points);
    }

    /// <summary>
    /// What the pruning runs of a model came to, the oldest first: those before it was saved and loaded too. Only the last one's report is kept true
    /// where more is removed afterwards.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <returns>A report for each <c>PruneAndRetrain</c> that came to its end; none of one that failed.</returns>
    public static IReadOnlyList<PruneReport> History(nn.Module model)
    {
        var state = PruneState.Of(model);
        return state.Report is { } last ? [.. state.EarlierReports, last] : [];
    }

    /// <summary>Saves a model with its widths, and with the reports of its pruning runs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void Save<TModel>(TModel model, string path)
        where TModel : nn.Module, IPrunable
    {
        var state = PruneState.Of(model);
        PruneFile.Save(PruningPlan.Link(model, state.Options), path, state.Report);
    }

    /// <summary>Makes a saved model again.</summary>
    /// <inheritdoc cref="PruneFile.Load{TModel}"/>
    public static TModel Load<TModel>(string path, Func<TModel> create)
        where TModel : nn.Module, IPrunable =>
        PruneFile.Load(path, create);

    private static void RequireAsked(bool isAsked, PruningPlan plan, string what, string attribute)
    {
        if (!isAsked)
        {
            throw new InvalidOperationException(
                $"Nothing of {plan.Model.GetType().Name} asks to be {what}; put {attribute} on its class or a layer, or give options.");
        }
    }

    private static CodedModel OrAsItWas(PruningPlan plan, Action code)
    {
        using var before = new ModelState(plan.Model);
        try
        {
            code();
            return Codes(plan.Model);
        }
        catch
        {
            before.Restore();
            throw;
        }
    }

    /// <summary>Compacts, and compares with the masked model where there is anything to call both with.</summary>
    private static CompactResult Compact(PruneSelection selection, Func<Tensor[], Tensor[]> forward, TrainingData? data)
    {
        var (plan, model) = (selection.Plan, selection.Plan.Model);
        var sample = !plan.Options.Verify ? null : data is not null ? FirstInputs(data, model) : CompactionVerifier.Sample(plan, forward);
        if (sample is null)
        {
            return Compaction.Apply(selection);
        }

        try
        {
            return new CompactionVerifier(plan, forward, sample).Compact(selection);
        }
        finally
        {
            Array.ForEach(sample, input => input.Dispose());
        }
    }

    /// <summary>Does something that needs inputs, to see that the model answers as before.</summary>
    private static TResult WithSample<TResult>(PruningPlan plan, Func<Tensor[], Tensor[]> forward, TrainingData? data, Func<Tensor[], TResult> work)
    {
        if ((data is not null ? FirstInputs(data, plan.Model) : CompactionVerifier.Sample(plan, forward)) is not { } sample)
        {
            throw new InvalidOperationException(
                $"There is nothing to call {plan.Model.GetType().Name} with, to see that it answers as before; give data, or the shape of each input.");
        }

        try
        {
            return work(sample);
        }
        finally
        {
            Array.ForEach(sample, input => input.Dispose());
        }
    }

    /// <summary>Links a model with its options changed; attributes inside of it stand where these were not given.</summary>
    private static PruningPlan PlanWith<TModel>(TModel model, PruneOptions? options, Func<PruneOptions, PruneOptions> change, long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        var changed = change(options ?? model.PruneDefaults);
        changed.Validate();
        return PruningPlan.LinkModel(model, changed, inputShapes, isGiven: options is not null);
    }

    private static PruningPlan Plan<TModel>(TModel model, PruneOptions? options, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        (options ?? model.PruneDefaults).ValidateValues();
        return PruningPlan.Link(model, options, inputShapes);
    }

    /// <summary>The shapes that were given, or those that the data shows; none where there is neither.</summary>
    private static long[][] ShapesOf(IPrunable model, TrainingData? data, long[][] given)
    {
        RequireInputs(model, data);
        return given.Any(shape => shape.Length > 0) ? given : data?.FirstShapes() ?? [];
    }

    /// <summary>Sees to it that batches have what a model takes, before anything is done with them.</summary>
    /// <exception cref="ArgumentException">They have more inputs, or fewer.</exception>
    internal static void RequireInputs(IPrunable model, params TrainingData?[] all)
    {
        var (least, most) = (model.InputCount, model.InputCount + model.OptionalInputCount);
        if (all.Select(data => data?.InputCount).FirstOrDefault(count => count < least || count > most) is int given)
        {
            throw new ArgumentException(
                $"{model.GetType().Name} takes {least}{(most > least ? $" to {most}" : "")} input{(most == 1 ? "" : "s")}, but a batch of the data has "
                    + $"{given}; give one tensor for each input of forward.");
        }
    }

    /// <summary>Copies of the first batch's inputs, where the model is.</summary>
    private static Tensor[] FirstInputs(TrainingData data, nn.Module model)
    {
        foreach (var batch in data.Batches())
        {
            var home = model.parameters().FirstOrDefault()?.device ?? CPU;
            return Array.ConvertAll(batch.Inputs, input => input.to(home, copy: true).DetachFromDisposeScope());
        }

        throw new InvalidOperationException("The test data gave no batch; see that its source is not empty and can be enumerated more than once.");
    }
}
