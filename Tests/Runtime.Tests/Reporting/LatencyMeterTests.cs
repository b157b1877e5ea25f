using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class LatencyMeterTests
{
    [Fact]
    public void Each_batch_size_is_measured_on_full_batches_in_evaluation_mode()
    {
        var model = new TinyNet();
        model.train();
        var sizes = new HashSet<long>();
        var training = false;
        Tensor[] Forward(Tensor[] inputs)
        {
            sizes.Add(inputs[0].size(0));
            training |= model.training;
            return model.Forward(inputs);
        }

        var measured = LatencyMeter.Measure(model, Forward, [rand(3, 4)], [1, 8]);
        Assert.Equal([1, 8], measured.Select(latency => latency.BatchSize));
        Assert.Equal([1L, 8L], sizes.Order());
        Assert.False(training);
        Assert.True(model.training);
        Assert.All(measured, latency => Assert.True(latency is { Milliseconds: > 0, Runs: >= 20, Device: "cpu" } && latency.Threads == get_num_threads()));
    }

    [Fact]
    public void The_time_is_that_of_the_pass()
    {
        var model = nn.Identity();
        var latency = LatencyMeter.Measure(model, inputs => { Thread.Sleep(4); return [inputs[0].alias()]; }, [rand(1, 1)], [1])[0];
        Assert.InRange(latency.Milliseconds, 4, 40);
    }

    [Fact]
    public void Two_states_take_turns_and_the_second_one_stays()
    {
        var (second, turns) = (true, 0);
        var changes = LatencyMeter.MeasureByTurns(
            nn.Identity(),
            inputs =>
            {
                Thread.Sleep(second ? 2 : 6);
                return [];
            },
            [rand(1, 1)],
            [1],
            () => (second, turns) = (!second, turns + 1),
            CancellationToken.None);
        var change = Assert.Single(changes);
        Assert.True(second);
        Assert.InRange(turns, 10, 1000);
        Assert.InRange(change.Before.Milliseconds / change.After.Milliseconds, 1.5, 4);
        Assert.True(change.IsClear);
        Assert.InRange(change.Before.Milliseconds, change.Before.LowerQuartile, change.Before.UpperQuartile);
    }

    [Fact]
    public void A_difference_that_the_measurements_scatter_over_is_not_clear()
    {
        static Latency Measured(double median, double lower, double upper) => new(1, median, 20, 1, "cpu") { LowerQuartile = lower, UpperQuartile = upper };
        Assert.False(new LatencyChange(Measured(3, 1, 5), Measured(2, 1.5, 2.5)).IsClear);
        Assert.True(new LatencyChange(Measured(3, 2.8, 5), Measured(2, 1.5, 2.5)).IsClear);
        Assert.True(new LatencyChange(Measured(2, 1.5, 2.5), Measured(3, 2.8, 5)).IsClear);
    }

    [Fact]
    public void No_samples_are_refused()
    {
        var model = new TinyNet();
        Assert.Throws<ArgumentException>(() => LatencyMeter.Measure(model, model.Forward, [zeros(0, 4)], [1]));
    }
}
