using System.Globalization;
using System.Text;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>Something that linking cannot know, and the answer that one way through <c>forward</c> is for.</summary>
/// <param name="Text">A condition as the source writes it, or a setting: <c>training</c>, <c>mode is Fast</c>.</param>
/// <param name="Holds">The answer.</param>
/// <param name="IsSetting">Whether whoever calls the model decides it, by its mode or by a flag, and not the values of tensors.</param>
public readonly record struct TraceCondition(string Text, bool Holds, bool IsSetting);

/// <summary>
/// One way through a model's <c>forward</c>, as a list of steps: each layer that is called, and each operation, with all that it is called
/// with and the shapes of what it makes. Calls of nested models are taken apart: their steps stand in the place of the call.
/// </summary>
/// <example>
/// <code>
/// foreach (var step in model.PruningPlan(1, 1, 28, 28).Trace.Steps.Where(step => step.Kind == TraceStepKind.Layer))
/// {
///     Console.WriteLine($"{step.Name}: {step.Inputs[0]} to {step.Results[0]}");
/// }
/// </code>
/// </example>
/// <remarks>
/// Sizes are those of the model when it was linked, for the input shapes that the plan was linked with: link it with these to have every
/// size known that no value of a tensor tells.
/// </remarks>
public sealed class ForwardTrace
{
    private readonly Lazy<Dictionary<AxisTensor, int>> numbers;
    private readonly Lazy<IReadOnlyList<string>> written;

    internal ForwardTrace(
        IReadOnlyList<TraceCondition> conditions,
            IReadOnlyList<AxisTensor> inputs, IReadOnlyList<TraceStep> steps, IReadOnlyList<AxisTensor> results, IReadOnlyList<string> openLoops,
            IReadOnlyList<string> carriedOver)
    {
        (Conditions, Inputs, Steps, Results, OpenLoops, CarriedOver) = (conditions, inputs, steps, results, openLoops, carriedOver);
        numbers = new(() => Inputs.Concat(Steps.SelectMany(step => step.Results)).Distinct()
            .Select((value, number) => (value, number)).ToDictionary(pair => pair.value, pair => pair.number));
        written = new(() => IsOfTraining ? [] : [.. new TraceMemory(this).WrittenHeld().Distinct()]);
    }

    /// <summary>
    /// What was answered on this way, in the order of the questions: conditions on the values of tensors, and on shapes where these are not
    /// known; whether the model is trained; flags that are left to the caller. Empty where there is no other way.
    /// </summary>
    public IReadOnlyList<TraceCondition> Conditions { get; }

    /// <summary>Whether it is a way that forward goes only while the model is trained.</summary>
    internal bool IsOfTraining => Conditions.Any(condition => condition is { Text: "training", Holds: true });

    /// <summary>The tensors that the model is called with, in order.</summary>
    public IReadOnlyList<AxisTensor> Inputs { get; }

    /// <summary>The steps, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<TraceStep> Steps { get; }

    /// <summary>The tensors that <c>forward</c> returns, in order; those of a tuple, a list or an object one by one.</summary>
    public IReadOnlyList<AxisTensor> Results { get; }

    /// <summary>
    /// The conditions of loops of which only the values of tensors tell how often they run. The trace holds two rounds of each, so it is
    /// not what <c>forward</c> computes where these run otherwise.
    /// </summary>
    public IReadOnlyList<string> OpenLoops { get; }

    /// <summary>
    /// The fields whose tensors <c>forward</c> reads before it leaves others there, for its next call: a state, a memory. The trace holds what was
    /// there when the model was linked, so it is not what <c>forward</c> computes the next time.
    /// </summary>
    public IReadOnlyList<string> CarriedOver { get; }

    /// <summary>
    /// The parameters, buffers and other tensors of the model that <c>forward</c> writes into, in place, other than to fill them anew, where it does so
    /// in evaluation, too: the trace reads what is there when it is asked.
    /// </summary>
    public IReadOnlyList<string> Written => written.Value;

    /// <summary>
    /// What the trace cannot tell, so that it is not all that <c>forward</c> computes: how often loops run, what one call leaves for the next, methods
    /// that <c>[Axes]</c> describes, arguments that neither the source nor the live model tells. Empty for most models.
    /// </summary>
    public IReadOnlyList<string> Gaps => [.. OfForward.Concat(Steps.Select(step => step.Gap).OfType<string>()).Distinct()];

    /// <summary>What of them is of no step.</summary>
    internal IEnumerable<string> OfForward => OpenLoops.Select(condition => $"how often the loop by {condition} runs")
        .Concat(CarriedOver.Select(place => $"what forward leaves in {place} for its next call"))
        .Concat(Written.Select(place => $"what forward writes into {place}"));

    /// <summary>The number of a value: the inputs first, then the results of the steps, in order.</summary>
    /// <param name="value">An input, or a result of a step.</param>
    /// <exception cref="KeyNotFoundException">It is no value of this trace.</exception>
    public int NumberOf(AxisTensor value) => numbers.Value.TryGetValue(value, out var number)
        ? number
        : throw new KeyNotFoundException($"{value} is neither an input of the model nor the result of a step of this trace.");

    /// <summary>The trace as a person reads it: a line for each step, with its values by number, and behind it the dimensions of what it makes.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var condition in Conditions)
        {
            text.Append(CultureInfo.InvariantCulture, $"where {condition.Text}: {(condition.Holds ? "yes" : "no")}\n");
        }

        foreach (var input in Inputs)
        {
            Line($"{Name(input)} = input", [input]);
        }

        foreach (var step in Steps)
        {
            Line(step.ToString(Name), step.Results);
        }

        return text.Append(CultureInfo.InvariantCulture, $"return {string.Join(", ", Results.Select(Name))}\n").ToString();

        string Name(AxisTensor value) => string.Create(CultureInfo.InvariantCulture, $"%{NumberOf(value)}");

        void Line(string code, IReadOnlyList<AxisTensor> made) => text.Append(CultureInfo.InvariantCulture, $"{code}    {string.Join(", ", made)}\n");
    }
}
