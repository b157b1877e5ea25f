using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// The conditions of <c>forward</c> that linking cannot decide: on the values of tensors, and on shapes that are not
/// known. The model is linked again and again over the same axes, until each outcome of each question has been taken, those
/// of questions that are only asked on the way of another outcome too. Whatever branches meet in is joined by
/// <see cref="Meeting"/>, so that it does not matter which of them were taken together.
/// </summary>
internal sealed class Choices
{
    private const int MostWays = 10_000;
    private const int UnknownRounds = 2;
    private const int MostRounds = 32;

    /// <summary>Ways that have not been gone, each as the outcomes of the questions that lead to it.</summary>
    private readonly Queue<bool[]> pending = [];
    private readonly HashSet<(string Question, int Time, bool Outcome)> planned = [];
    private readonly List<bool> taken = [];
    private readonly List<TraceCondition> answers = [];
    private readonly Dictionary<string, int> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> rounds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Rounds, int Asked)> endless = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Place, int Time), IReadOnlyList<AxisTensor>> met = [];

    /// <summary>Settings of forward that hold for all of a way, and every combination of them that has not had its turn.</summary>
    private readonly Stack<Dictionary<string, bool>> combinations = [];
    private Dictionary<string, bool> settings = new(StringComparer.Ordinal);
    private bool[] way = [];
    private int gone;

    /// <summary>How many questions have been asked on this way.</summary>
    public int Asked => taken.Count;

    /// <summary>What a way ended by that did not leave a loop; null for none.</summary>
    public AxisException? GivenUp { get; private set; }

    /// <summary>Goes on to the next way; false once every outcome has had its turn.</summary>
    /// <exception cref="AxisException">There are more branches than can be gone.</exception>
    public bool Next()
    {
        if (++gone == MostWays)
        {
            throw new AxisException(
                AxisRule.Unsupported,
                $"forward asks more than {MostWays} times for what only the values of tensors tell, so not every way through it can be followed; move "
                    + $"what asks into a method that [Axes] describes");
        }

        taken.Clear();
        answers.Clear();
        asked.Clear();
        rounds.Clear();
        endless.Clear();
        if (pending.Count > 0)
        {
            way = pending.Dequeue();
            return true;
        }

        if (combinations.Count == 0)
        {
            return false;
        }

        settings = combinations.Pop();
        way = [];
        planned.Clear();
        met.Clear();
        return true;
    }

    /// <summary>Which way to go at a condition; each time that it is asked is a question of its own.</summary>
    public bool At(string condition)
    {
        var time = Time(condition);
        var outcome = taken.Count >= way.Length || way[taken.Count];
        planned.Add((condition, time, outcome));
        if (taken.Count >= way.Length && planned.Add((condition, time, !outcome)))
        {
            pending.Enqueue([.. taken, !outcome]);
        }

        taken.Add(outcome);
        answers.Add(new TraceCondition(condition, outcome, IsSetting: false));
        return outcome;
    }

    /// <summary>What was answered on this way: the settings that hold for all of it, and the questions in order.</summary>
    public IReadOnlyList<TraceCondition> Answers =>
        [.. settings.Select(setting => new TraceCondition(setting.Key, setting.Value, IsSetting: true)), .. answers];

    /// <summary>What a setting is on this way; null where nothing has asked for it.</summary>
    public bool? Now(string name) => settings.TryGetValue(name, out var now) ? now : null;

    /// <summary>A setting that is one and the same wherever it is asked for.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="first">What it is on the first way.</param>
    public bool Setting(string name, bool first)
    {
        if (!settings.TryGetValue(name, out var now))
        {
            combinations.Push(new(settings, StringComparer.Ordinal) { [name] = !first });
            settings[name] = now = first;
        }

        return now;
    }

    /// <summary>Whether a loop of unknown length goes on: twice, so that what one round leaves meets the next.</summary>
    public bool Again(string condition)
    {
        rounds.TryGetValue(condition, out var count);
        rounds[condition] = count < UnknownRounds ? count + 1 : 0;
        return count < UnknownRounds;
    }

    /// <summary>Notes the end of a round of a loop that only its body leaves.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="turned">How many conditions on known sizes were answered in another way.</param>
    /// <returns>Whether so many rounds have asked what linking cannot decide that one leaves what the next meets.</returns>
    /// <exception cref="AxisException">This way does not leave it.</exception>
    public bool Round(string loop, int turned)
    {
        var (count, before) = endless.TryGetValue(loop, out var known) ? known : default;
        var now = taken.Count + turned;
        count += now > before ? 1 : 0;
        endless[loop] = (count, now);
        if (count <= MostRounds)
        {
            return count >= UnknownRounds;
        }

        // Each round asks anew, so there would be no end to the ways.
        throw GivenUp = new AxisException(
            AxisRule.Mismatch,
            $"forward goes through {loop} more than {MostRounds} times, and each time asks what linking cannot tell, so not every way through it can be "
                + "followed; state in the head of the loop how often it runs at most");
    }

    /// <summary>What came to a place where branches meet, on the first way that led there; null on that way itself.</summary>
    /// <param name="place">The place; each time that it is reached counts as one of its own.</param>
    /// <param name="tensors">What comes there on this way.</param>
    public IReadOnlyList<AxisTensor>? Meeting(string place, IReadOnlyList<AxisTensor> tensors)
    {
        var key = (place, Time("at " + place));
        if (met.TryGetValue(key, out var first))
        {
            return first;
        }

        met.Add(key, tensors);
        return null;
    }

    private int Time(string what)
    {
        asked.TryGetValue(what, out var times);
        asked[what] = times + 1;
        return times;
    }
}
