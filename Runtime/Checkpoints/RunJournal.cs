using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Keeps what a run has reached in a folder, and tells a run that begins again what was reached. Without a checkpoint it keeps nothing and knows nothing.
/// </summary>
/// <remarks>
/// <c>begin.checkpoint</c> is the model as the run began with it, written once. <c>00000012.checkpoint</c> is what was reached: each has a new
/// number, and the two newest stay, so that there is always a whole one, whatever happens to the last.
/// </remarks>
internal sealed class RunJournal : ITrainingKeeper, IDisposable
{
    private const string Extension = ".checkpoint";
    private const string Chosen = "chosen.";
    private const int Kept = 2;

    private readonly Checkpoint? checkpoint;
    private readonly nn.Module? model;
    private readonly FileStream? theLock;
    private readonly Queue<StepRecord> again = new();
    private readonly List<StepRecord> over = [];
    private readonly long started = Stopwatch.GetTimestamp();
    private TensorArchive<RunRecord>? found;
    private string from = "";
    private long number;
    private long lastKept;
    private (StepRecord Record, IReadOnlyDictionary<string, Tensor> Weights)? current;
    private double secondsBefore;

    private RunJournal()
    {
    }

    private RunJournal(Checkpoint checkpoint, PruningPlan plan, int? batches)
    {
        checkpoint.Validate();
        (this.checkpoint, model) = (checkpoint, plan.Model);
        Directory.CreateDirectory(checkpoint.Folder);
        theLock = Lock(checkpoint.Folder);
        try
        {
            AtomicFile.RemovePartial(checkpoint.Folder, "*" + Extension);
            Begin(DescriptionOf(plan, batches));
            Find();
        }
        catch
        {
            Dispose();
            throw;
        }

        lastKept = Stopwatch.GetTimestamp();
    }

    /// <summary>What process 0 found in its folder, for another one, which keeps nothing itself.</summary>
    private RunJournal(nn.Module model, byte[] told)
    {
        this.model = model;
        if (told.Length > 0)
        {
            (found, from) = (TensorArchive<RunRecord>.FromBytes(told, CheckpointJson.Default.RunRecord), "process 0");
            GoOnFrom(found.Record);
        }
    }

    /// <summary>What the run came to; null where it is not over.</summary>
    public PruneReport? Report { get; private set; }

    /// <summary>The model on the test data before anything was pruned; null where that is not known yet.</summary>
    public Evaluation? Dense { get; private set; }

    /// <summary>Its parameters that were not zero.</summary>
    public long NonZero { get; private set; }

    /// <summary>The time that the run has taken, before it was interrupted too.</summary>
    public double Seconds => secondsBefore + Stopwatch.GetElapsedTime(started).TotalSeconds;

    /// <summary>Whether it is kept what a training has reached, and not only what a step has.</summary>
    public bool KeepsTraining { get; init; } = true;

    /// <summary>What a user does to go on; empty where nothing is kept.</summary>
    public string HowToGoOn => checkpoint is null ? ""
        : found is null && number == 0 ? $" Nothing was reached yet that {checkpoint.Folder} could keep; call PruneAndRetrain again to begin."
        : $" What was reached is kept in {checkpoint.Folder}; call PruneAndRetrain again with this checkpoint, the same model, data and options to go on.";

    /// <summary>
    /// Opens the journal of a run, and gives the model the values that the run began with. Of several processes that train together process 0 keeps it.
    /// </summary>
    /// <param name="checkpoint">Where it is; null for one that keeps nothing.</param>
    /// <param name="plan">The model as it was linked.</param>
    /// <param name="train">What it is trained on.</param>
    /// <exception cref="InvalidOperationException">The folder is of another run, or another process uses it.</exception>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public static RunJournal Open(Checkpoint? checkpoint, PruningPlan plan, TrainingData train)
    {
        if (Ranks.Of(plan.Options.Retrain) is not { } all)
        {
            return Own();
        }

        all.RequireSame("the run", JsonSerializer.Serialize(DescriptionOf(plan, train.KnownCount), CheckpointJson.Default.RunDescription));
        RunJournal? own = null;
        var told = all.FromRoot(() => (own = Own()).found is { } found
            ? TensorArchive<RunRecord>.ToBytes(found.Record, CheckpointJson.Default.RunRecord, found.Tensors) : []);
        return own ?? new RunJournal(plan.Model, told) { KeepsTraining = KeepsTrainingOf(plan.Options) };

        RunJournal Own() => checkpoint is null
            ? new RunJournal() : new RunJournal(checkpoint, plan, train.KnownCount) { KeepsTraining = KeepsTrainingOf(plan.Options) };
    }

    /// <summary>The model was measured before anything was pruned.</summary>
    public void Measured(Evaluation dense, long nonZero) => (Dense, NonZero) = (dense, nonZero);

    /// <summary>The next of the steps that were over when the run was interrupted; null behind the last of them, with the model as it was then.</summary>
    public StepRecord? NextOver()
    {
        if (again.TryDequeue(out var step))
        {
            over.Add(step);
            return step;
        }

        if (found is { Record: { Current: null, Training: null } })
        {
            ModelTensors.Put(model!, found.Tensors, from);
            Forget();
        }

        return null;
    }

    /// <summary>The step that was pruned and not yet retrained when the run was interrupted, once; null where there was none.</summary>
    /// <param name="linked">The model as it was before that step.</param>
    public (PruneSelection Selection, Evaluation Pruned)? Interrupted(PruningPlan linked) =>
        found?.Record.Current is { } step ? (SelectionOf(step, linked, found.Tensors), step.Pruned) : null;

    /// <summary>What a step chose.</summary>
    /// <param name="step">The step.</param>
    /// <param name="linked">The model as it was before it.</param>
    /// <param name="tensors">Where the masks of single weights are; null for none.</param>
    public static PruneSelection SelectionOf(StepRecord step, PruningPlan linked, IReadOnlyDictionary<string, Tensor>? tensors = null) => new(
        linked,
        step.Kept,
        (tensors ?? new Dictionary<string, Tensor>()).Where(entry => entry.Key.StartsWith(Chosen, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[Chosen.Length..], entry => entry.Value.clone().DetachFromDisposeScope(), StringComparer.Ordinal))
    {
        Asked = step.Asked,
    };

    /// <summary>A step was pruned, and is about to be retrained.</summary>
    /// <param name="selection">What was chosen; not to be disposed of before <see cref="StepIsOver"/>.</param>
    /// <param name="pruned">The model on the test data behind it.</param>
    public void IsPruned(PruneSelection selection, Evaluation pruned) => current = (RecordOf(selection, pruned), selection.Weights);

    /// <summary>A step is over.</summary>
    /// <param name="retrained">What its training came to.</param>
    /// <param name="isUndone">Whether it was undone.</param>
    public void StepIsOver(RetrainResult retrained, bool isUndone = false)
    {
        over.Add(current!.Value.Record with { Retrained = retrained, IsUndone = isUndone });
        current = null;
        Write(ModelTensors.Of, training: null, report: null);
    }

    /// <summary>The run is over.</summary>
    public void IsOver(PruneReport report) => Write(ModelTensors.Of, training: null, report);

    /// <inheritdoc/>
    public (TrainingPosition Position, IReadOnlyDictionary<string, Tensor> Tensors, string From)? Reached =>
        found?.Record.Training is { } training ? (training, found.Tensors, from) : null;

    /// <inheritdoc/>
    public void Forget()
    {
        found?.Dispose();
        found = null;
    }

    /// <inheritdoc/>
    public bool IsDue(long step) => checkpoint is not null && KeepsTraining
        && (step % (checkpoint.EverySteps ?? long.MaxValue) == 0 || Stopwatch.GetElapsedTime(lastKept) >= checkpoint.Every);

    /// <inheritdoc/>
    public bool Keeps => (checkpoint ?? (object?)found) is not null && KeepsTraining;

    /// <inheritdoc/>
    public void Keep(TrainingPosition position, Dictionary<string, Tensor> tensors)
    {
        foreach (var (path, mask) in current?.Weights ?? new Dictionary<string, Tensor>())
        {
            tensors.Add(Chosen + path, mask);
        }

        Write(_ => tensors, position, report: null);
    }

    public void Dispose()
    {
        Forget();
        theLock?.Dispose();
    }

    private static bool KeepsTrainingOf(PruneOptions options) => options is { Schedule.ErrorBudget: null } and not { Budget.MaxErrorIncrease: not null };

    private static StepRecord RecordOf(PruneSelection selection, Evaluation pruned) => new()
    {
        Kept = selection.Plan.Groups.Where(group => selection.WidthOf(group) < group.Width)
            .ToDictionary(group => group.Name, group => selection.Kept[group.Name], StringComparer.Ordinal),
        Asked = selection.Asked,
        Pruned = pruned,
    };

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new InvalidOperationException(
                $"The checkpoint {folder} is used by another run at the moment, or cannot be written to; give another folder. ({error.Message})", error);
        }
    }

    private static RunDescription DescriptionOf(PruningPlan plan, int? batches)
    {
        var options = plan.Options;
        return new RunDescription
        {
            Model = plan.Model.GetType().ToString(),
            Shapes = ModelTensors.ShapesOf(plan.Model),
            Options = JsonSerializer.Serialize(options, CheckpointJson.Default.PruneOptions),
            Methods = $"schedule {options.Schedule}, allocator {options.Allocator?.GetType().Name ?? "none"}, callbacks "
                + $"[{string.Join(", ", options.Retrain.Callbacks.Select(callback => callback.GetType().Name))}]",
            Batches = batches,
        };
    }

    /// <summary>Gives the model the values that the run began with, or keeps those that it begins with.</summary>
    private void Begin(RunDescription now)
    {
        var path = Path.Combine(checkpoint!.Folder, "begin" + Extension);
        if (!File.Exists(path))
        {
            TensorArchive<RunDescription>.Write(path, now, CheckpointJson.Default.RunDescription, ModelTensors.Of(model!));
            return;
        }

        using var begin = TensorArchive<RunDescription>.Read(path, CheckpointJson.Default.RunDescription)
            ?? throw new InvalidDataException($"{path} is damaged, or no checkpoint. Delete the folder {checkpoint.Folder} to begin anew.");
        foreach (var (what, then, given) in new[]
        {
            ("model", begin.Record.Model, now.Model),
            ("shapes", begin.Record.Shapes, now.Shapes),
            ("options", begin.Record.Options, now.Options),
            ("methods", begin.Record.Methods, now.Methods),
            ("batches in an epoch", $"{begin.Record.Batches}", $"{now.Batches}"),
        })
        {
            if (then != given)
            {
                throw new InvalidOperationException(
                    $"The checkpoint {checkpoint.Folder} is of another run: {what} then {then}; {what} now {given}. Give another folder, or delete it to "
                        + "begin anew.");
            }
        }

        ModelTensors.Put(model!, begin.Tensors, path);
    }

    /// <summary>Reads the newest whole one of what was kept.</summary>
    private void Find()
    {
        foreach (var (path, found) in Numbered().OrderByDescending(file => file.Number))
        {
            number = Math.Max(number, found);
            this.found ??= TensorArchive<RunRecord>.Read(path, CheckpointJson.Default.RunRecord);
            from = from.Length > 0 || this.found is null ? from : path;
        }

        if (found is not null)
        {
            GoOnFrom(found.Record);
        }
    }

    private void GoOnFrom(RunRecord record)
    {
        (Dense, NonZero, secondsBefore, Report) = (record.Dense, record.NonZero, record.Seconds, record.Report);
        foreach (var step in record.Steps)
        {
            again.Enqueue(step);
        }
    }

    private void Write(Func<nn.Module, IReadOnlyDictionary<string, Tensor>> tensors, TrainingPosition? training, PruneReport? report)
    {
        if (checkpoint is null)
        {
            return;
        }

        var record = new RunRecord
        {
            Seconds = Seconds,
            Dense = Dense!,
            NonZero = NonZero,
            Steps = over,
            Current = current?.Record,
            Training = training,
            Report = report,
        };
        var path = Path.Combine(checkpoint.Folder, (number + 1).ToString("D8", CultureInfo.InvariantCulture) + Extension);
        try
        {
            TensorArchive<RunRecord>.Write(path, record, CheckpointJson.Default.RunRecord, tensors(model!));
        }
        catch (IOException error)
        {
            throw new IOException(
                $"The checkpoint cannot be written: {error.Message.TrimEnd('.')}. What was kept before is whole; make room for more.{HowToGoOn}", error);
        }

        number++;
        lastKept = Stopwatch.GetTimestamp();
        foreach (var old in Numbered().Where(file => file.Number <= number - Kept))
        {
            File.Delete(old.Path);
        }
    }

    private IEnumerable<(string Path, long Number)> Numbered() =>
        Directory.GetFiles(checkpoint!.Folder, "*" + Extension)
            .Select(path => (path, Name: Path.GetFileNameWithoutExtension(path)))
            .Where(file => file.Name.Length > 0 && file.Name.All(char.IsAsciiDigit))
            .Select(file => (file.path, long.Parse(file.Name, CultureInfo.InvariantCulture)));
}
