using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class CodeAssignmentTests
{
    [Fact]
    public void Weights_are_clustered_and_zero_stays_a_value_of_its_own()
    {
        var code = (SharedWeight)Assign(SharedBy.LinearKMeans, bits: 1, [1, 0, 2, 10, 0, 11]);
        Assert.Equal([0, 1.5, 10.5], code.Values);
        Assert.Equal([1, 0, 1, 2, 0, 2], code.Codes);
        using var decoded = code.Decode(ScalarType.Float32);
        Assert.Equal([1.5f, 0, 1.5f, 10.5f, 0, 10.5f], decoded.data<float>().ToArray());
    }

    [Fact]
    public void Fewer_values_than_there_may_be_stay_as_they_are()
    {
        var code = (SharedWeight)Assign(SharedBy.RandomKMeans, bits: 4, [3, -2, 3, 3, 7]);
        Assert.Equal([-2, 3, 7], code.Values);
        Assert.Equal([1, 0, 1, 1, 2], code.Codes);
    }

    [Fact]
    public void Starts_differ()
    {
        // Eleven small weights and a large one. Evenly spaced between −1 and 20 only the ends have weights to begin with; quantiles are all among the small ones.
        double[] weights = [-1, -0.9, -0.8, -0.7, -0.6, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 20];
        var linear = Assign(SharedBy.LinearKMeans, bits: 2, weights).Values;
        Assert.Equal(20, linear[^1], 6);
        Assert.Equal([-1 + 7, 13], linear.Skip(1).Take(2));
        var dense = Assign(SharedBy.DensityKMeans, bits: 2, weights).Values;
        Assert.All(dense.Take(3), value => Assert.InRange(value, -1, 1));
        Assert.Equal(Assign(SharedBy.RandomKMeans, bits: 2, weights, seed: 4).Values, Assign(SharedBy.RandomKMeans, bits: 2, weights, seed: 4).Values);
    }

    [Fact]
    public void A_cluster_that_loses_its_last_weight_keeps_its_centroid() =>
        Assert.Equal([1.5, 50, 100], KMeansAssignment.Cluster([1, 2, 100], [0, 50, 100]));

    [Fact]
    public void A_hash_draws_the_same_weights_for_the_same_seed_from_as_many_values_as_the_rate_says()
    {
        var weights = Enumerable.Range(1, 640).Select(i => (double)i).ToArray();
        var (one, same, other) = (Hash(weights, seed: 1), Hash(weights, seed: 1), Hash(weights, seed: 2));
        Assert.Equal(10, one.Values.Count);
        Assert.Equal(one.Values, same.Values);
        Assert.NotEqual(one.Values, other.Values);
        using var decoded = one.Decode(ScalarType.Float64);
        var (index, isNegative) = HashedWeight.Draw(17, 1, 10);
        Assert.Equal(isNegative ? -one.Values[index] : one.Values[index], decoded[17].ToDouble());

        // Each value is the mean of its weights, with their signs, and is drawn about as often as any other.
        var members = Enumerable.Range(0, 640).Where(i => HashedWeight.Draw(i, 1, 10).Index == 3).ToList();
        Assert.Equal(members.Average(i => HashedWeight.Draw(i, 1, 10).IsNegative ? -weights[i] : weights[i]), one.Values[3], 9);
        Assert.InRange(members.Count, 35, 100);
        Assert.InRange(Enumerable.Range(0, 640).Count(i => HashedWeight.Draw(i, 1, 10).IsNegative), 270, 370);

        HashedWeight Hash(double[] values, int seed) => (HashedWeight)CodeAssignment.Of(SharedBy.Hash).Assign(new("w", [640], values, null, 5, 1 / 64.0, seed, value => value));
    }

    private static SharedCode Assign(SharedBy by, int bits, double[] values, int seed = 0) =>
        CodeAssignment.Of(by).Assign(new WeightToShare("w", [values.Length], values, null, bits, 0.125, seed, value => value));
}
