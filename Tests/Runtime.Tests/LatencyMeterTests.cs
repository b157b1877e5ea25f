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
        Tensor Forward(Tensor[] inputs)
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
        var latency = LatencyMeter.Measure(model, inputs => { Thread.Sleep(4); return inputs[0].alias(); }, [rand(1, 1)], [1])[0];
        Assert.InRange(latency.Milliseconds, 4, 40);
    }

    [Fact]
    public void No_samples_are_refused()
    {
        var model = new TinyNet();
        Assert.Throws<ArgumentException>(() => LatencyMeter.Measure(model, model.Forward, [zeros(0, 4)], [1]));
    }
}
