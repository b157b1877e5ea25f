namespace PruneGen;

/// <summary>
/// Where a run of <c>PruneAndRetrain</c> keeps what it has reached, and how often. A run that was killed, stopped or failed goes on from there when it is
/// called again with the same model, data, options and folder, and ends with the weights that it would have ended with: bit for bit where the machine
/// computes the same bits again, as it does with one thread.
/// </summary>
/// <remarks>
/// <para>
/// A folder name will do: <c>model.PruneAndRetrain(train, test, checkpoint: "runs/lenet")</c>. Kept are weights, masks, what was chosen, the
/// optimizer, the schedule, the random state of the CPU, the place in the data, what callbacks remember, and all that the report tells. The two newest files
/// stay; none is ever written over. A folder belongs to one run: when it is over, calling again gives its result without running, so
/// delete the folder, or name another, for a new one.
/// </para>
/// <para>
/// Data must give the same batches for the same epoch again. A training with callbacks that do not tell what they remember
/// (<see cref="TrainingCallback.SaveState"/>) begins again where its round began, and so do steps of a schedule that may be undone
/// (<see cref="PruneSchedule.ErrorBudget"/>, <see cref="PruneBudget.MaxErrorIncrease"/>). Sharing and quantizing weights begins again behind pruning.
/// </para>
/// </remarks>
/// <param name="Folder">The folder; it is made where it is missing.</param>
public sealed record Checkpoint(string Folder)
{
    /// <summary>After how many steps of the optimizer it is kept what was reached, at least 1; null, the default, for no such number.</summary>
    public int? EverySteps { get; init; }

    /// <summary>After how much time it is kept what was reached, above zero. Five minutes by default. It is kept at the end of each epoch, too.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A folder's name as a checkpoint that is kept as often as by default.</summary>
    public static implicit operator Checkpoint(string folder) => new(folder);

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Folder))
        {
            throw new ArgumentException("The checkpoint names no folder; give one, such as \"runs/lenet\".", nameof(Folder));
        }

        if (EverySteps < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(EverySteps), EverySteps, $"The checkpoint is to be kept every {EverySteps} steps; give 1 or more, or null.");
        }

        if (Every <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(Every), Every, $"The checkpoint is to be kept every {Every}; give a time above zero.");
        }
    }
}
