namespace PruneGen;

/// <summary>What a choice of widths costs, and how much it may.</summary>
/// <param name="name">What messages and tables call it.</param>
/// <param name="dense">What the dense original costs.</param>
/// <param name="limit">What the pruned model may cost at most.</param>
public abstract class WidthCost(string name, double dense, double limit)
{
    /// <summary>What messages and tables call it.</summary>
    public string Name { get; } = name;

    /// <summary>What the dense original costs.</summary>
    public double Dense { get; } = dense;

    /// <summary>What the pruned model may cost at most.</summary>
    public double Limit { get; } = limit;

    /// <summary>What the model costs at these widths, one for each group of the plan, in its order. No width that grows makes it less.</summary>
    public abstract double At(long[] widths);

    /// <summary>What is saved when one group becomes narrower.</summary>
    /// <param name="widths">The widths; they are as they were when it returns.</param>
    /// <param name="group">The number of the group in the plan.</param>
    /// <param name="width">Its new width.</param>
    public virtual double Saved(long[] widths, int group, long width)
    {
        var (cost, before) = (At(widths), widths[group]);
        widths[group] = width;
        cost -= At(widths);
        widths[group] = before;
        return cost;
    }

    /// <summary>What the model costs once one group has another width; no more is counted than needs to be.</summary>
    /// <param name="cost">What it costs at these widths.</param>
    /// <param name="widths">The widths; they are as they were when it returns.</param>
    /// <param name="group">The number of the group in the plan.</param>
    /// <param name="width">Its new width.</param>
    internal virtual double After(double cost, long[] widths, int group, long width)
    {
        var before = widths[group];
        widths[group] = width;
        var after = At(widths);
        widths[group] = before;
        return after;
    }

    /// <summary>The groups, by number, whose width decides what another width of this group saves; null where that may be any.</summary>
    internal virtual IReadOnlySet<int>? Near(int group) => null;
}

/// <summary>A count that is a closed form of the widths.</summary>
/// <param name="name">What messages and tables call it.</param>
/// <param name="formula">The closed form.</param>
/// <param name="dense">What the dense original costs.</param>
/// <param name="limit">What the pruned model may cost at most.</param>
/// <param name="parts">How many of what the form counts are one of the cost, such as 8 bits of a byte; a power of 2.</param>
internal sealed class CountCost(string name, WidthFormula formula, double dense, double limit, int parts = 1) : WidthCost(name, dense, limit)
{
    /// <summary>The closed form.</summary>
    public WidthFormula Formula => formula;

    public override double At(long[] widths) => (double)formula.At(widths) / parts;

    public override double Saved(long[] widths, int group, long width) => (double)formula.Saved(widths, group, width) / parts;

    internal override double After(double cost, long[] widths, int group, long width) => cost - Saved(widths, group, width);

    internal override IReadOnlySet<int> Near(int group) => formula.Near(group);
}
