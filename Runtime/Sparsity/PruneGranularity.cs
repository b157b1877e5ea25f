using System.Globalization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What is removed as one piece. For one of your own derive from <see cref="ChannelGranularity"/>, whose pieces leave the model, or from
/// <see cref="WeightGranularity"/>, whose pieces are set to zero; then give it as <see cref="PruneSettings.Granularity"/>, or its type as
/// <c>[Prunable(GranularityType = typeof(Mine))]</c>.
/// </summary>
public abstract class PruneGranularity
{
    private protected PruneGranularity()
    {
    }

    /// <summary>What reports and messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The granularity of a name.</summary>
    public static implicit operator PruneGranularity(Granularity name) => Of(name);

    /// <summary>The granularity of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="sizes">Its numbers, where it has any; without them those that it has by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none of the name, or the numbers are not what it takes.</exception>
    public static PruneGranularity Of(Granularity name, params int[] sizes) => (name, sizes) switch
    {
        (Granularity.Structured, []) => WholeChannels.Instance,
        (Granularity.Unstructured, []) => SingleWeights.Instance,
        (Granularity.NOfM, []) => new NOfMWeights(2, 4),
        (Granularity.NOfM, [var n, var m]) => new NOfMWeights(n, m),
        (Granularity.Block, []) => new Blocks(4, 4),
        (Granularity.Block, [var rows, var columns]) => new Blocks(rows, columns),
        (Granularity.SuperBlock, []) => new SuperBlocks(64, 64),
        (Granularity.SuperBlock, [var rows, var columns]) => new SuperBlocks(rows, columns),
        (Granularity.Row, []) => WeightVectors.Rows,
        (Granularity.Column, []) => WeightVectors.Columns,
        (Granularity.Kernel, []) => WeightVectors.Kernels,
        (Granularity.AttentionHead, []) => AttentionParts.Heads,
        (Granularity.HeadWidth, []) => AttentionParts.Widths,
        (Granularity.Pattern, []) => new KernelPatterns(8),
        (Granularity.Pattern, [var patterns]) => new KernelPatterns(patterns),
        _ when !Enum.IsDefined(name) => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no granularity {name}; give one of {string.Join(", ", Enum.GetNames<Granularity>())}, or one of your own."),
        _ => throw new ArgumentOutOfRangeException(
            nameof(sizes),
            $"[{string.Join(", ", sizes)}]",
            $"The granularity {name} does not take the sizes [{string.Join(", ", sizes)}]; NOfM takes N and M, Block and SuperBlock rows and columns, Pattern "
                + "the number of patterns, and the others none."),
    };

    /// <summary>The granularity that <see cref="Name"/> tells of: <c>Structured</c>, <c>NOfM(2, 4)</c>; null where it is none of PruneGen's.</summary>
    internal static PruneGranularity? Parse(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        var parts = plain.Split('(', ',', ')');
        int[] sizes = [.. parts.Skip(1).Select(part => int.TryParse(part, CultureInfo.InvariantCulture, out var size) ? size : 0).Where(size => size > 0)];
        if (!Enum.TryParse<Granularity>(parts[0], out var name) || name.ToString() != parts[0])
        {
            return null;
        }

        try
        {
            // What the granularity was not made from is missing in its own name.
            var found = Of(name, sizes);
            return plain == parts[0] || found.Name.Replace(" ", "", StringComparison.Ordinal) == plain ? found : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            // Sizes that the granularity does not take: whoever asks names the text.
            return null;
        }
    }

    /// <summary>What messages say of a tensor that was given.</summary>
    internal static string Told(Tensor? given) => given is null ? "null" : $"{given.dtype} [{string.Join(", ", given.shape)}]";

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>Removes channels, neurons or features of a group; the model becomes smaller.</summary>
public abstract class ChannelGranularity : PruneGranularity
{
    /// <summary>Whether the granularity applies to a group; where it does not, the group keeps its width.</summary>
    /// <param name="plan">The linked model.</param>
    /// <param name="group">The group.</param>
    public virtual bool Suits(PruningPlan plan, PruningGroup group) => true;

    /// <summary>Which piece each channel of a group belongs to.</summary>
    /// <param name="group">The group.</param>
    /// <returns>For each channel the number of its piece, from 0; null where each channel is a piece of its own.</returns>
    public abstract IReadOnlyList<int>? PiecesOf(PruningGroup group);

    /// <summary>The scores of the pieces: by default the mean over the channels of each.</summary>
    /// <param name="pieces">What <see cref="PiecesOf"/> gives.</param>
    /// <param name="scores">The scores of the channels.</param>
    public virtual double[] Fold(IReadOnlyList<int> pieces, double[] scores)
    {
        var (sums, counts) = (new double[pieces.Max() + 1], new long[pieces.Max() + 1]);
        for (var i = 0; i < scores.Length; i++)
        {
            sums[pieces[i]] += scores[i];
            counts[pieces[i]]++;
        }

        return [.. sums.Select((sum, piece) => sum / counts[piece])];
    }
}

/// <summary>Sets weights of a parameter to zero and holds them there; the parameter keeps its shape.</summary>
public abstract class WeightGranularity : PruneGranularity
{
    /// <summary>Whether the granularity applies to a parameter; where it does not, nothing of it is removed.</summary>
    /// <param name="weight">The parameter.</param>
    public virtual bool Suits(PlannedParameter weight) => true;

    /// <summary>
    /// Which weights of a parameter stay, for a granularity that does not rank pieces but has a rule of its own: so many of each four, an equal share
    /// of every block. Scope, allocator, threshold and number to keep then have no say. Null, the default, has the pieces ranked.
    /// </summary>
    /// <param name="weight">The parameter.</param>
    /// <param name="scores">The scores of its weights, in its shape, float64; minus infinity for those that are held at zero already.</param>
    /// <param name="ratio">The share of the dense original that is to be gone.</param>
    /// <param name="share">The share of the way there that this round goes, in (0, 1].</param>
    /// <returns>True for each weight that stays, in the parameter's shape.</returns>
    /// <exception cref="InvalidOperationException">The parameter cannot be cut like that.</exception>
    public virtual Tensor? Choose(PlannedParameter weight, Tensor scores, double ratio, double share) => null;

    /// <summary>Which piece each weight of a parameter belongs to.</summary>
    /// <param name="weight">The parameter.</param>
    /// <returns>The number of its piece, from 0, for each weight: int64, in the parameter's shape. Each number below the largest is some weight's.</returns>
    /// <exception cref="InvalidOperationException">The parameter cannot be cut like that.</exception>
    public abstract Tensor PiecesOf(PlannedParameter weight);

    /// <summary>The scores of the pieces: by default the mean over the weights of each.</summary>
    /// <param name="weight">The parameter.</param>
    /// <param name="scores">The scores of its weights, in its shape.</param>
    /// <returns>One score a piece.</returns>
    public virtual Tensor Fold(PlannedParameter weight, Tensor scores)
    {
        var pieces = Checked(weight).flatten();
        var count = pieces.max().item<long>() + 1;
        var flat = scores.to_type(ScalarType.Float64).flatten();
        return zeros(count, ScalarType.Float64).scatter_add_(0, pieces, flat) / pieces.bincount(null, count);
    }

    /// <summary>The weights of the pieces that stay.</summary>
    /// <param name="weight">The parameter.</param>
    /// <param name="kept">True for each piece that stays.</param>
    /// <returns>True for each weight that stays, in the parameter's shape.</returns>
    public virtual Tensor Spread(PlannedParameter weight, Tensor kept) => kept.index_select(0, Checked(weight).flatten()).reshape([.. weight.Shape]);

    private Tensor Checked(PlannedParameter weight)
    {
        var pieces = PiecesOf(weight);
        return pieces is not null && pieces.dtype == ScalarType.Int64 && pieces.shape.SequenceEqual(weight.Shape)
            ? pieces.cpu()
            : throw new InvalidOperationException(
                $"{Name} gives pieces of {weight.Path} as {Told(pieces)}; give Int64 in the parameter's shape, [{string.Join(", ", weight.Shape)}].");
    }
}

/// <summary>Each channel by itself: <see cref="Granularity.Structured"/>.</summary>
internal sealed class WholeChannels : ChannelGranularity
{
    private WholeChannels()
    {
    }

    public static WholeChannels Instance { get; } = new();

    public override string Name => nameof(Granularity.Structured);

    public override IReadOnlyList<int>? PiecesOf(PruningGroup group) => null;
}

/// <summary>Each weight is a piece by itself.</summary>
public abstract class EachWeight : WeightGranularity
{
    /// <inheritdoc/>
    public sealed override Tensor PiecesOf(PlannedParameter weight) =>
        arange(weight.Shape.Aggregate(1L, (n, size) => n * size)).reshape([.. weight.Shape]);

    /// <inheritdoc/>
    public sealed override Tensor Fold(PlannedParameter weight, Tensor scores) => scores.flatten();

    /// <inheritdoc/>
    public sealed override Tensor Spread(PlannedParameter weight, Tensor kept) => kept.reshape([.. weight.Shape]);
}

/// <summary>Each weight by itself, ranked: <see cref="Granularity.Unstructured"/>.</summary>
internal sealed class SingleWeights : EachWeight
{
    private SingleWeights()
    {
    }

    public static SingleWeights Instance { get; } = new();

    public override string Name => nameof(Granularity.Unstructured);
}
