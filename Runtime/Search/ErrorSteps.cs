namespace PruneGen;

/// <summary>
/// The way of pruning that goes on until the error budget is used up: each step leaves four fifths of the multiply-accumulates that the last good one left (of
/// the parameters, where these are not known). After one that was undone because the error rose too far the next tries half as large a step; the third that
/// fails is the last. Where the budget limits something else, too, the way leads to those limits in equal steps, and must come there.
/// </summary>
internal sealed class ErrorSteps
{
    private const int MostFailures = 3;
    private const int StepsToLimits = 4;

    private readonly PruningPlan plan;
    private readonly PruneBudget budget;
    private readonly IReadOnlyList<(WidthCost Cost, double Present)> limits;
    private readonly double least;
    private double share;
    private double tried;
    private double step = 0.8;
    private int failures;
    private int taken;

    /// <param name="plan">The model as it is, with the budget in its options.</param>
    public ErrorSteps(PruningPlan plan)
    {
        (this.plan, budget) = (plan, plan.Options.Budget!);
        var present = plan.WidthsOf();
        limits = budget.LimitsWidths ? [.. BudgetCosts.Of(plan, budget).Select(cost => (cost, cost.At(present)))] : [];
        var measure = BudgetCosts.Of(plan, ByShare(1)).Single();
        var space = WidthSpace.Unscored(plan);
        (share, least) = (measure.At(present) / measure.Dense, measure.At(space.WidthsOf(space.Least)) / measure.Dense);
    }

    /// <summary>What the next step may leave; null where the way is at its end.</summary>
    public PruneBudget? Next
    {
        get
        {
            if (limits.Count > 0)
            {
                return taken == StepsToLimits ? null : Towards((taken + 1.0) / StepsToLimits);
            }

            tried = Math.Max(least, share * step);
            return failures == MostFailures || share <= least ? null : ByShare(tried);
        }
    }

    /// <summary>Tells what the last step came to, once one that went too far is undone.</summary>
    /// <param name="rise">By how much the error rose.</param>
    /// <returns>Whether the step was good.</returns>
    public bool Came(double rise)
    {
        if (rise <= budget.MaxErrorIncrease)
        {
            (share, taken) = (tried, taken + 1);
            return true;
        }

        (failures, step) = (failures + 1, Math.Sqrt(step));
        return false;
    }

    /// <summary>What is thrown where the error rose too far on the way to the other limits; null where there are none.</summary>
    public InvalidOperationException? Missed(double rise) => limits.Count == 0 ? null : new InvalidOperationException(FormattableString.Invariant(
        $"The budget of {plan.Model.GetType().Name} cannot be met: {100.0 * (taken + 1) / StepsToLimits:0} % of the way to its limits the error has risen by ")
            + FormattableString.Invariant($"{rise:0.####}, and {budget.MaxErrorIncrease} is allowed. Allow more of either, or retrain for longer; the ")
            + "model is as it was.");

    private PruneBudget ByShare(double left) => plan.MacsFormula is null ? new PruneBudget { Parameters = left } : new PruneBudget { Macs = left };

    /// <summary>Limits that lie a part of the way between what the model costs and what it may cost; the other ones at the end of it.</summary>
    private PruneBudget Towards(double part)
    {
        if (part == 1)
        {
            return budget with { MaxErrorIncrease = null };
        }

        double? At(string name) => limits.Where(limit => limit.Cost.Name == name)
            .Select(limit => (double?)(Math.Max(limit.Present, limit.Cost.Limit) * Math.Pow(Math.Min(1, limit.Cost.Limit / limit.Present), part)))
            .SingleOrDefault();
        return new PruneBudget
        {
            MaxMacs = (long?)At(BudgetCosts.Macs),
            MaxParameters = (long?)At(BudgetCosts.Parameters),
            MaxBytes = (long?)At(BudgetCosts.Bytes),
            MaxLatency = At(BudgetCosts.Latency),
            LatencyBatchSize = budget.LatencyBatchSize,
            LatencyFile = budget.LatencyFile,
        };
    }
}
