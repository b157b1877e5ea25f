using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Moments of large samples; a bound of five standard errors fails once in a million, and the seed is fixed.</summary>
public class DistributionTests
{
    private const int Count = 40_000;

    private static (double Mean, double Variance) Moments(Func<Tensor, Tensor> fill)
    {
        using var generator = new Generator(7);
        using var x = empty(Count, dtype: float64);
        Assert.Same(x, fill(x));
        return (x.mean().item<double>(), x.var().item<double>());
    }

    [Fact]
    public void Distributions_have_their_mean_and_variance()
    {
        var g = new Generator(7);
        foreach (var (name, fill, mean, variance) in new (string, Func<Tensor, Tensor>, double, double)[]
        {
            ("uniform", x => x.uniform_(-1, 3, g), 1, 16.0 / 12),
            ("normal", x => x.normal_(2, 3, g), 2, 9),
            ("exponential", x => x.exponential_(2, g), 0.5, 0.25),
            ("bernoulli", x => x.bernoulli_(0.25, g), 0.25, 0.1875),
            ("bernoulli of tensor", x => x.bernoulli_(full(Count, 0.25), g), 0.25, 0.1875),
            ("geometric", x => x.geometric_(0.5, g), 2, 2),
            ("random", x => x.random_(0, 10, g), 4.5, 99.0 / 12),
            ("log normal", x => x.log_normal_(0, 0.5, g), Math.Exp(0.125), (Math.Exp(0.25) - 1) * Math.Exp(0.25)),
        })
        {
            var found = Moments(fill);
            Assert.True(Math.Abs(found.Mean - mean) < 5 * Math.Sqrt(variance / Count), $"{name}: mean {found.Mean}");
            Assert.True(Math.Abs(found.Variance / variance - 1) < 0.1, $"{name}: variance {found.Variance}");
        }
    }

    [Fact]
    public void Half_of_a_Cauchy_distribution_lies_on_either_side_of_its_median()
    {
        using var generator = new Generator(7);
        using var x = empty(Count, dtype: float64).cauchy_(3, 2, generator);
        var below = (x < 3).to_type(float64).mean().item<double>();
        var within = ((x - 3).abs() < 2).to_type(float64).mean().item<double>();
        Assert.True(Math.Abs(below - 0.5) < 5 * 0.5 / Math.Sqrt(Count), $"below the median: {below}");
        Assert.True(Math.Abs(within - 0.5) < 5 * 0.5 / Math.Sqrt(Count), $"within the quartiles: {within}");
    }

    [Fact]
    public void Gamma_and_Dirichlet()
    {
        manual_seed(5);
        var mean = _standard_gamma(full(Count, 3.0, dtype: float64)).mean().item<double>();
        Assert.True(Math.Abs(mean - 3) < 5 * Math.Sqrt(3.0 / Count), $"mean {mean}");
        using var rows = _sample_dirichlet(Vector(1, 2, 5).expand(1000, 3));
        Close(Enumerable.Repeat(1.0, 1000).ToArray(), rows.sum(1));
        Close([0.125, 0.25, 0.625], rows.mean([0]), 0.05);
    }

    [Fact]
    public void Random_whole_numbers_stay_below_their_end()
    {
        using var x = empty(1000, dtype: float64).random_(3, 6);
        Assert.Equal([3L, 4, 5], x.unique().output.Integers());
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        static double[] Draw()
        {
            using var generator = new Generator(42);
            return empty(5, dtype: float64).normal_(0, 1, generator).Values();
        }
        Assert.Equal(Draw(), Draw());
        manual_seed(3);
        var first = zeros(5).uniform_(0, 1).Values();
        manual_seed(3);
        Assert.Equal(first, zeros(5).uniform_(0, 1).Values());
    }

    [Fact]
    public void Draws_from_a_tensor()
    {
        manual_seed(11);
        Close([0, 1], Vector(0, 1).bernoulli());
        Close([0, 1], bernoulli(Vector(0, 1)));
        Assert.Equal([1L, 1, 1], Vector(0, 5, 0).multinomial(3, replacement: true).Integers());
        using var distinct = multinomial(Vector(1, 1, 1), 3).sort().Values;
        Assert.Equal([0L, 1, 2], distinct.Integers());
        Close([0], Vector(0).poisson());
        Close([3], Vector(3).binomial(Vector(1)));
        var mean = poisson(full(Count, 4.0, dtype: float64)).mean().item<double>();
        Assert.True(Math.Abs(mean - 4) < 5 * 2 / Math.Sqrt(Count), $"mean {mean}");
        using var normals = normal(full(Count, 1.0), full(Count, 0.0));
        Close([1, 0], stack([normals.mean(), normals.std()]), 1e-6);
    }
}
