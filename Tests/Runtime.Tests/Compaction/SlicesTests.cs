using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What goes straight over memory comes out as tensor operations would have it.</summary>
public sealed class SlicesTests
{
    public static TheoryData<int, ScalarType> Cases()
    {
        var cases = new TheoryData<int, ScalarType>();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.Int64, ScalarType.Float16 })
        {
            for (var seed = 0; seed < 12; seed++)
            {
                cases.Add(seed, type);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_copy_holds_what_index_select_picks(int seed, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var shape = Shape(random);
        var tensor = arange(shape.Aggregate(1L, (n, size) => n * size)).reshape(shape).to_type(type);
        var positions = Array.ConvertAll(shape, size => random.Next(3) == 0 ? null : Kept(random, size));

        var expected = tensor;
        for (var dim = 0; dim < shape.Length; dim++)
        {
            expected = positions[dim] is long[] kept ? expected.index_select(dim, torch.tensor(kept)) : expected;
        }

        var work = new MemoryWork();
        var copy = SliceCopy.Of(work, tensor, positions);
        work.Complete();
        Assert.Equal(expected.shape, copy.shape);
        Assert.True(expected.eq(copy).all().item<bool>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sums_are_those_of_the_operations(bool squared)
    {
        using var scope = NewDisposeScope();
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var shape = Shape(random);
            var tensor = randn(shape);
            var dims = Enumerable.Range(0, shape.Length).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Order().ToArray();
            double[][] sums = [];
            var work = new MemoryWork();
            SliceSums.Of(work, tensor, dims, squared, lent => sums = Array.ConvertAll(lent, one => one.ToArray()));
            work.Complete();

            for (var i = 0; i < dims.Length; i++)
            {
                Assert.Equal(dims.Length, sums.Length);
                var others = Enumerable.Range(0, shape.Length).Where(dim => dim != dims[i]).Select(dim => (long)dim).ToArray();
                var powers = squared ? tensor.to_type(ScalarType.Float64).square() : tensor.to_type(ScalarType.Float64).abs();
                var expected = (others.Length == 0 ? powers : powers.sum(others)).data<double>().ToArray();
                Assert.All(expected.Zip(sums[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * Math.Max(1, pair.First)));
            }
        }
    }

    /// <summary>One to four dimensions; some with enough numbers for several threads.</summary>
    private static long[] Shape(Random random) =>
        Enumerable.Range(0, random.Next(1, 5)).Select(_ => (long)random.Next(1, random.Next(3) == 0 ? 70 : 20)).ToArray();

    /// <summary>Ascending positions, singly and in long runs.</summary>
    private static long[] Kept(Random random, long size)
    {
        var change = random.NextDouble() < 0.5 ? 0.5 : 0.08;
        var stays = true;
        var kept = new List<long>();
        for (var i = 0L; i < size; i++)
        {
            stays ^= random.NextDouble() < change;
            if (stays)
            {
                kept.Add(i);
            }
        }

        return kept.Count > 0 ? [.. kept] : [size - 1];
    }
}
