namespace PruneGen.Runtime.Tests;

public class LearningRatesTests
{
    [Fact]
    public void Constant_stays()
    {
        var options = new RetrainOptions { Schedule = LearningRateSchedule.Constant, LearningRate = 0.3, Epochs = 4 };
        Assert.All(Rates(options, batches: 5), rate => Assert.Equal(0.3, rate));
    }

    [Theory]
    [InlineData(1, new[] { 1.0 })]
    [InlineData(2, new[] { 1.0, 0.1 })]
    [InlineData(3, new[] { 1.0, 1.0, 0.1 })]
    [InlineData(4, new[] { 1.0, 1.0, 0.1, 0.01 })]
    [InlineData(8, new[] { 1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.01, 0.01 })]
    public void Step_is_a_tenth_after_half_of_the_epochs_and_again_after_three_quarters(int epochs, double[] expected)
    {
        var options = new RetrainOptions { Schedule = LearningRateSchedule.Step, LearningRate = 2, Epochs = epochs };
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            Assert.Equal(2 * expected[epoch], LearningRates.At(options, epoch, batch: 3, batches: 7), 12);
        }
    }

    [Fact]
    public void Cosine_falls_from_the_initial_rate_through_its_half_to_zero()
    {
        var options = new RetrainOptions { Schedule = LearningRateSchedule.Cosine, LearningRate = 0.8, Epochs = 4 };
        var rates = Rates(options, batches: 6);
        Assert.Equal(0.8, rates[0]);
        Assert.Equal(0.4, rates[12], 12);
        Assert.Equal(0.8 * Math.Pow(Math.Cos(Math.PI / 8), 2), rates[6], 12);   // half-angle formula, at a quarter
        Assert.InRange(rates[23], 1e-9, 0.01);
        Assert.Equal(rates.OrderDescending(), rates);
        Assert.Equal(0, LearningRates.At(options, epoch: 4, batch: 0, batches: 6), 12);
    }

    [Fact]
    public void Cosine_stays_at_zero_where_a_source_gives_more_batches_than_it_said() =>
        Assert.Equal(0, LearningRates.At(new RetrainOptions { Epochs = 1 }, epoch: 0, batch: 9, batches: 5), 12);

    [Theory]
    [InlineData("Epochs")]
    [InlineData("LearningRate")]
    [InlineData("Momentum")]
    [InlineData("WeightDecay")]
    [InlineData("Schedule")]
    [InlineData("Optimizer")]
    public void Options_outside_their_range_are_named(string option)
    {
        var options = option switch
        {
            "Epochs" => new RetrainOptions { Epochs = -1 },
            "LearningRate" => new RetrainOptions { LearningRate = double.NaN },
            "Momentum" => new RetrainOptions { Momentum = 1 },
            "WeightDecay" => new RetrainOptions { WeightDecay = -1e-3 },
            "Schedule" => new RetrainOptions { Schedule = (LearningRateSchedule)9 },
            _ => new RetrainOptions { Optimizer = (RetrainOptimizer)9 },
        };
        var error = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);
        Assert.Equal(option, error.ParamName);
        Assert.Contains("give", error.Message, StringComparison.Ordinal);
    }

    private static List<double> Rates(RetrainOptions options, int batches) =>
        Enumerable.Range(0, options.Epochs).SelectMany(epoch => Enumerable.Range(0, batches).Select(batch => LearningRates.At(options, epoch, batch, batches))).ToList();
}
