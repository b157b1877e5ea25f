namespace PruneGen;

/// <summary>A length as a closed form of the widths of groups, by their number: a constant, a width, a sum or a product of forms.</summary>
internal abstract class WidthForm
{
    /// <summary>The groups whose widths it depends on.</summary>
    public abstract IEnumerable<int> Groups { get; }

    /// <summary>The number that does not change.</summary>
    public static WidthForm Of(long constant) => new ConstantForm(constant);

    /// <summary>The width of the group of this number.</summary>
    public static WidthForm OfGroup(int group) => new GroupForm(group);

    /// <summary>The sum of several; null where one is not known.</summary>
    public static WidthForm? Sum(IEnumerable<WidthForm?> parts) => Together(parts, 0, (sum, next) => sum + next, parts => new SumForm(parts));

    /// <summary>The product of several; null where one is not known.</summary>
    public static WidthForm? Product(IEnumerable<WidthForm?> parts) => Together(parts, 1, (product, next) => product * next, parts => new ProductForm(parts));

    /// <summary>What it comes to at these widths.</summary>
    public abstract long At(long[] widths);

    /// <summary>What it comes to at widths that are no whole numbers, such as expected ones.</summary>
    public abstract double At(double[] widths);

    /// <summary>Constants become one.</summary>
    private static WidthForm? Together(
        IEnumerable<WidthForm?> parts, long neutral, Func<long, long, long> join, Func<WidthForm[], WidthForm> make)
    {
        var known = new List<WidthForm>();
        var constant = neutral;
        foreach (var part in parts)
        {
            switch (part)
            {
                case null:
                    return null;
                case ConstantForm { Value: var value }:
                    constant = join(constant, value);
                    break;
                default:
                    known.Add(part);
                    break;
            }
        }

        if (constant != neutral || known.Count == 0)
        {
            known.Add(Of(constant));
        }

        return known.Count == 1 ? known[0] : make([.. known]);
    }

    private sealed class ConstantForm(long value) : WidthForm
    {
        public long Value => value;

        public override IEnumerable<int> Groups => [];

        public override long At(long[] widths) => value;

        public override double At(double[] widths) => value;
    }

    private sealed class GroupForm(int group) : WidthForm
    {
        public override IEnumerable<int> Groups => [group];

        public override long At(long[] widths) => widths[group];

        public override double At(double[] widths) => widths[group];
    }

    private sealed class SumForm(WidthForm[] parts) : WidthForm
    {
        public override IEnumerable<int> Groups => parts.SelectMany(part => part.Groups);

        public override long At(long[] widths)
        {
            var sum = 0L;
            foreach (var part in parts)
            {
                sum += part.At(widths);
            }

            return sum;
        }

        public override double At(double[] widths) => parts.Sum(part => part.At(widths));
    }

    private sealed class ProductForm(WidthForm[] parts) : WidthForm
    {
        public override IEnumerable<int> Groups => parts.SelectMany(part => part.Groups);

        public override long At(long[] widths)
        {
            var product = 1L;
            foreach (var part in parts)
            {
                product *= part.At(widths);
            }

            return product;
        }

        public override double At(double[] widths) => parts.Aggregate(1.0, (product, part) => product * part.At(widths));
    }
}

/// <summary>A count of a whole model as a sum of terms, each of which knows the groups that it depends on.</summary>
internal sealed class WidthFormula
{
    private readonly WidthForm[] terms;
    private readonly Dictionary<int, WidthForm[]> byGroup;

    /// <param name="terms">What is summed.</param>
    public WidthFormula(IEnumerable<WidthForm> terms)
    {
        this.terms = [.. terms];
        byGroup = this.terms.SelectMany(term => term.Groups.Distinct().Select(group => (Group: group, Term: term)))
            .GroupBy(pair => pair.Group).ToDictionary(pairs => pairs.Key, pairs => pairs.Select(pair => pair.Term).ToArray());
    }

    /// <summary>The sum at these widths.</summary>
    public long At(long[] widths)
    {
        var sum = 0L;
        foreach (var term in terms)
        {
            sum += term.At(widths);
        }

        return sum;
    }

    /// <summary>The sum at widths that are no whole numbers.</summary>
    public double At(double[] widths) => terms.Sum(term => term.At(widths));

    /// <summary>The groups that stand in a term with this one, so that what it costs depends on them.</summary>
    public IReadOnlySet<int> Near(int group) => byGroup.TryGetValue(group, out var own) ? own.SelectMany(term => term.Groups).ToHashSet() : new HashSet<int>();

    /// <summary>By how much the sum falls when one group becomes narrower; the widths stay as they are.</summary>
    /// <param name="widths">The widths.</param>
    /// <param name="group">The number of the group.</param>
    /// <param name="width">Its new width.</param>
    public long Saved(long[] widths, int group, long width)
    {
        if (!byGroup.TryGetValue(group, out var own))
        {
            return 0;
        }

        var (saved, before) = (0L, widths[group]);
        foreach (var term in own)
        {
            saved += term.At(widths);
        }

        widths[group] = width;
        foreach (var term in own)
        {
            saved -= term.At(widths);
        }

        widths[group] = before;
        return saved;
    }
}
