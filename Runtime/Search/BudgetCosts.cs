namespace PruneGen;

/// <summary>The limits of a budget as costs of widths.</summary>
internal static class BudgetCosts
{
    public const string Macs = "multiply-accumulates";
    public const string Parameters = "parameters";
    public const string Bytes = "bytes";
    public const string Latency = "milliseconds";
    public const string BitOperations = "bit operations";
    public const string StoredBytes = "stored bytes";

    /// <summary>The bit operations of one multiply-accumulate of the dense original.</summary>
    private const int DenseBits = 32 * 32;

    /// <param name="plan">The linked model.</param>
    /// <param name="budget">The limits.</param>
    /// <param name="bits">The bits of its layers, where they are limited.</param>
    /// <exception cref="InvalidOperationException">What is limited is not known of this model.</exception>
    public static IEnumerable<WidthCost> Of(PruningPlan plan, PruneBudget budget, BitWidths? bits = null)
    {
        // What the dense original was is only counted where nothing has been removed yet, and only of what is limited.
        var (dense, present) = (PruneState.Of(plan.Model).Dense?.Count, plan.WidthsOf());
        if (budget.Macs is not null || budget.MaxMacs is not null)
        {
            var macs = DenseMacs(nameof(PruneBudget.Parameters), budget.Macs, nameof(PruneBudget.MaxMacs));
            yield return new CountCost(Macs, plan.MacsFormula!, macs, Limit(budget.Macs, budget.MaxMacs, macs));
        }

        if (budget.Parameters is not null || budget.MaxParameters is not null)
        {
            var parameters = dense?.Parameters ?? plan.ParametersFormula.At(present);
            yield return new CountCost(Parameters, plan.ParametersFormula, parameters, Limit(budget.Parameters, budget.MaxParameters, parameters));
        }

        if (budget.Bytes is not null || budget.MaxBytes is not null)
        {
            var bytes = dense?.Bytes ?? plan.BytesFormula.At(present);
            yield return new CountCost(Bytes, plan.BytesFormula, bytes, Limit(budget.Bytes, budget.MaxBytes, bytes));
        }

        if (budget.LimitsLatency)
        {
            yield return LatencyOf(plan, budget);
        }

        if (budget.BitOperations is not null || budget.MaxBitOperations is not null)
        {
            var macs = DenseMacs(nameof(PruneBudget.StoredBytes), budget.BitOperations, nameof(PruneBudget.MaxBitOperations));
            yield return new CountCost(
                BitOperations, bits!.Operations!, (double)DenseBits * macs, Limit(budget.BitOperations, budget.MaxBitOperations, (double)DenseBits * macs));
        }

        if (budget.StoredBytes is not null || budget.MaxStoredBytes is not null)
        {
            var bytes = dense?.Bytes ?? plan.BytesFormula.At(present);
            yield return new CountCost(StoredBytes, bits!.Stored, bytes, Limit(budget.StoredBytes, budget.MaxStoredBytes, bytes), parts: 8);
        }

        long DenseMacs(string otherwise, double? share, string most)
        {
            var formula = plan.MacsFormula ?? throw new InvalidOperationException(
                $"The budget limits multiply-accumulates, which are not known of {plan.Model.GetType().Name}, since no shape of the input was given or a size "
                    + $"in it is open; give data or an input shape, or limit {otherwise}.");
            return dense is null || (dense.Macs is null && share is null) ? formula.At(present) : dense.Macs ?? throw new InvalidOperationException(
                $"How many multiply-accumulates {plan.Model.GetType().Name} had before anything was removed is not known, so no share of them is; give "
                    + $"{most}.");
        }
    }

    /// <summary>The time of a forward pass, of which a share is one of the model as it was when that was measured.</summary>
    private static LatencyCost LatencyOf(PruningPlan plan, PruneBudget budget)
    {
        var table = PruneState.Of(plan.Model).Latency;
        if (table is null || table.BatchSize != budget.LatencyBatchSize)
        {
            throw new InvalidOperationException(
                $"The budget limits the latency of {plan.Model.GetType().Name}, which has not been measured; prune, or find ratios, by a method that is given "
                    + "data, or the shape of each input.");
        }

        var model = new LatencyModel(LatencyMeasurement.ForBatch(plan, budget.LatencyBatchSize));
        var dense = table.Checks[0].Predicted;
        return new LatencyCost(table, model, dense, Limit(budget.Latency, budget.MaxLatency, dense));
    }

    private static double Limit(double? share, double? most, double dense) => most ?? (share!.Value * dense);
}
