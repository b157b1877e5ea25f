namespace PruneGen;

/// <summary>
/// The hashing trick (Chen et al., 2015). Each value begins as the mean of the weights that it will stand for, with their signs: as near to them as it can be.
/// </summary>
internal sealed class HashAssignment : CodeAssignment
{
    private HashAssignment()
    {
    }

    public static HashAssignment Instance { get; } = new();

    public override string Name => nameof(SharedBy.Hash);

    public override SharedCode Assign(WeightToShare weight)
    {
        var count = (int)Math.Ceiling(weight.Values.Length * weight.Rate);
        var (sums, members) = (new double[count], new long[count]);
        for (var i = 0; i < weight.Values.Length; i++)
        {
            if (weight.IsHeld?[i] != true)
            {
                var (index, isNegative) = HashedWeight.Draw(i, weight.Seed, count);
                sums[index] += isNegative ? -weight.Values[i] : weight.Values[i];
                members[index]++;
            }
        }

        var values = sums.Zip(members, (sum, n) => weight.Round(n == 0 ? 0 : sum / n)).ToArray();
        return new HashedWeight(weight.Shape, values, weight.Seed, weight.IsHeld);
    }
}
