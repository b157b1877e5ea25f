using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class RandomTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        manual_seed(42);
        var first = Draw();
        manual_seed(42);
        Assert.Equal(first, Draw());
        manual_seed(43);
        Assert.NotEqual(first, Draw());

        static float[] Draw() =>
        [
            .. rand(3).data<float>(), .. randn(20).data<float>(), .. randperm(10, float32).data<float>(),
            .. randint(1000, [5], float32).data<float>(), .. zeros(3).normal_().data<float>(),
        ];
    }

    [Fact]
    public void A_generator_is_a_source_of_its_own()
    {
        using var generator = new Generator(7);
        var first = rand(4, generator: generator).data<float>().ToArray();
        var state = generator.get_state();
        var second = rand(4, generator: generator).data<float>().ToArray();
        Assert.NotEqual(first, second);

        manual_seed(1);
        rand(100);
        generator.set_state(state);
        Assert.Equal(second, rand(4, generator: generator).data<float>().ToArray());
        generator.manual_seed(7);
        Assert.Equal(first, rand(4, generator: generator).data<float>().ToArray());
        Assert.Equal(7, generator.initial_seed());
    }

    [Fact]
    public void The_default_generators_state_can_be_kept_and_restored()
    {
        manual_seed(5);
        Assert.Equal(5, random.initial_seed());
        var state = random.get_rng_state();
        var numbers = randn(6).data<float>().ToArray();
        random.set_rng_state(state);
        Assert.Equal(numbers, randn(6).data<float>().ToArray());
    }

    [Fact]
    public void Random_numbers_have_the_distribution_that_they_should()
    {
        manual_seed(0);
        const int Count = 200_000;
        // Bounds of six standard errors.
        Assert.InRange(rand(Count, dtype: float64).mean().item<double>(), 0.5 - 6 * Math.Sqrt(1.0 / 12 / Count), 0.5 + 6 * Math.Sqrt(1.0 / 12 / Count));
        var standard = randn(Count, dtype: float64);
        Assert.InRange(standard.mean().item<double>(), -6 / Math.Sqrt(Count), 6 / Math.Sqrt(Count));
        Assert.InRange(standard.pow(2).mean().item<double>(), 1 - 6 * Math.Sqrt(2.0 / Count), 1 + 6 * Math.Sqrt(2.0 / Count));
        var shifted = normal(3, 0.5, [Count], float64);
        Assert.InRange(shifted.mean().item<double>(), 3 - 3 / Math.Sqrt(Count), 3 + 3 / Math.Sqrt(Count));

        var integers = randint(-2, 3, [Count]).data<long>().ToArray();
        Assert.Equal([-2L, -1L, 0L, 1L, 2L], integers.Distinct().Order());
        var all = Enumerable.Range(0, 50).Select(n => (long)n);
        Assert.Equal(all, randperm(50).data<long>().ToArray().Order());
        var target = empty(0, dtype: int64);
        randperm(50, target);
        Assert.Equal(all, target.data<long>().ToArray().Order());
    }

    [Fact]
    public void Single_random_numbers_are_in_their_range()
    {
        manual_seed(9);
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(rand_float(), 0.0, 1.0);
            Assert.InRange(randint_int(3), 0, 2);
            Assert.InRange(randint_long(-5, -3), -5, -4);
        }
        Assert.Equal(2, Enumerable.Range(0, 100).Select(_ => randint_bool()).Distinct().Count());
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => randn_float()).Distinct().Count());
    }

    [Fact]
    public void Wrong_types_and_ranges_are_refused()
    {
        Assert.Throws<ArgumentException>(() => rand(1, dtype: int32));
        Assert.Throws<ArgumentException>(() => randn(1, dtype: int64));
        Assert.Throws<ArgumentOutOfRangeException>(() => randint(0, 300, [1], uint8));
        Assert.Equal(ScalarType.ComplexFloat32, randint(0, 3, [2], complex64).dtype);
    }
}
