using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace PruneGen.LibTorch.Tests.Optim;

/// <summary>Every scheduler's sequence of learning rates beside its closed form.</summary>
public class LRSchedulerTests
{
    private static SGD NewOptimizer(double lr = 0.8) => optim.SGD([nn.Parameter(ones(1))], lr, momentum: 0.9);

    private static double Rate(Optimizer optimizer) => optimizer.ParamGroups.Single().LearningRate;

    /// <summary>Asserts the learning rate of each step, both by steps and by jumping to a step.</summary>
    private static void AssertSequence(Func<Optimizer, LRScheduler> create, Func<int, double> expected, int steps, bool jumps = true)
    {
        using var optimizer = NewOptimizer();
        var scheduler = create(optimizer);
        for (var step = 0; step < steps; step++)
        {
            Assert.Equal(expected(step), Rate(optimizer), 1e-12);
            Assert.Equal(expected(step), scheduler.get_last_lr().Single(), 1e-12);
            scheduler.step();
        }

        if (!jumps) return;
        foreach (var step in new[] { steps - 1, 0, steps / 2 })
        {
            scheduler.step(step);
            Assert.Equal(expected(step), Rate(optimizer), 1e-12);
        }
    }

    [Fact]
    public void StepLR() => AssertSequence(o => lr_scheduler.StepLR(o, 3, 0.5), step => 0.8 * Math.Pow(0.5, step / 3), 12);

    [Fact]
    public void MultiStepLR() => AssertSequence(o => lr_scheduler.MultiStepLR(o, [2, 5, 6], 0.3), step => 0.8 * Math.Pow(0.3, new[] { 2, 5, 6 }.Count(m => m <= step)), 10);

    [Fact]
    public void ExponentialLR() => AssertSequence(o => lr_scheduler.ExponentialLR(o, 0.9), step => 0.8 * Math.Pow(0.9, step), 10);

    [Fact]
    public void CosineAnnealingLR() => AssertSequence(o => lr_scheduler.CosineAnnealingLR(o, 7, 0.05), step => 0.05 + 0.75 * (1 + Math.Cos(Math.PI * step / 7)) / 2, 20);

    [Fact]
    public void LambdaLR() => AssertSequence(o => lr_scheduler.LambdaLR(o, step => 1.0 / (step + 1)), step => 0.8 / (step + 1), 10);

    [Fact]
    public void MultiplicativeLR() => AssertSequence(o => lr_scheduler.MultiplicativeLR(o, step => 1 - 0.01 * step), step => Enumerable.Range(1, step).Aggregate(0.8, (lr, i) => lr * (1 - 0.01 * i)), 10, jumps: false);

    [Fact]
    public void ConstantLR() => AssertSequence(o => lr_scheduler.ConstantLR(o, 0.25, 4), step => step < 4 ? 0.2 : 0.8, 10);

    [Fact]
    public void LinearLR() => AssertSequence(o => lr_scheduler.LinearLR(o, 0.25, 1, 6), step => 0.8 * (0.25 + 0.75 * Math.Min(step, 6) / 6), 10);

    [Fact]
    public void PolynomialLR() => AssertSequence(o => lr_scheduler.PolynomialLR(o, 5, 2), step => 0.8 * Math.Pow(1 - Math.Min(step, 5) / 5.0, 2), 8);

    private static double Cosine(double from, double to, double done) => to + (from - to) / 2 * (Math.Cos(Math.PI * done) + 1);

    [Fact]
    public void OneCycleLR_rises_and_falls()
    {
        // 20 steps: it rises until step 0.3·20 − 1 = 5 and falls until step 19.
        double Expected(int step) => step <= 5 ? Cosine(2.0 / 10, 2, step / 5.0) : Cosine(2, 2.0 / 10 / 100, (step - 5) / 14.0);
        double Momentum(int step) => step <= 5 ? Cosine(0.95, 0.85, step / 5.0) : Cosine(0.85, 0.95, (step - 5) / 14.0);

        AssertSequence(o => lr_scheduler.OneCycleLR(o, 2, total_steps: 20, div_factor: 10, final_div_factor: 100), Expected, 20, jumps: false);
        AssertSequence(o => lr_scheduler.OneCycleLR(o, 2, epochs: 4, steps_per_epoch: 5, div_factor: 10, final_div_factor: 100), Expected, 20, jumps: false);

        using var optimizer = NewOptimizer();
        var scheduler = lr_scheduler.OneCycleLR(optimizer, 2, total_steps: 20);
        for (var step = 0; step < 20; step++)
        {
            Assert.Equal(Momentum(step), ((IMomentum)optimizer.ParamGroups.Single()).Momentum, 1e-12);
            scheduler.step();
        }
        Assert.Throws<InvalidOperationException>(() => scheduler.step());
    }

    [Fact]
    public void OneCycleLR_in_straight_lines_and_three_phases()
    {
        // 20 steps: up until 3, down again until 6, then to the end at 19.
        static double Line(double from, double to, double done) => from + (to - from) * done;
        AssertSequence(
            o => lr_scheduler.OneCycleLR(o, 1, total_steps: 20, pct_start: 0.2, anneal_strategy: impl.OneCycleLR.AnnealStrategy.Linear, three_phase: true),
            step => step <= 3 ? Line(0.04, 1, step / 3.0) : step <= 6 ? Line(1, 0.04, (step - 3) / 3.0) : Line(0.04, 4e-6, (step - 6) / 13.0),
            20, jumps: false);
    }

    [Fact]
    public void OneCycleLR_moves_the_first_beta_of_Adam()
    {
        using var optimizer = optim.Adam([nn.Parameter(ones(1))]);
        var scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps: 10);
        var group = (IBetas)optimizer.ParamGroups.Single();
        Assert.Equal((0.95, 0.999), group.Betas);
        scheduler.step();
        scheduler.step();
        Assert.Equal((0.85, 0.999), group.Betas);
    }

    [Fact]
    public void OneCycleLR_refuses_what_it_cannot_do()
    {
        using var optimizer = NewOptimizer();
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 0));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1, epochs: 3));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 1, total_steps: 10, pct_start: 1.5));
    }

    [Fact]
    public void ReduceLROnPlateau_waits_and_lowers()
    {
        using var optimizer = NewOptimizer();
        var scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor: 0.5, patience: 2, cooldown: 1, min_lr: [0.15]);
        var measures = new[] { 1.0, 0.5, 0.5, 0.6, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4 };
        // The best is 0.5 at step 1; 2, 3, 4 do not improve on it: more than two. Step 5 is the cooldown, and so on.
        var expected = new[] { 0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.2, 0.15, 0.15, 0.15, 0.15, 0.15 };
        for (var step = 0; step < measures.Length; step++)
        {
            scheduler.step(measures[step]);
            Assert.Equal(expected[step], Rate(optimizer), 1e-12);
        }
        Assert.Throws<InvalidOperationException>(() => scheduler.step());
        Assert.Throws<ArgumentException>(() => lr_scheduler.ReduceLROnPlateau(optimizer, mode: "most"));
        Assert.Throws<ArgumentException>(() => lr_scheduler.ReduceLROnPlateau(optimizer, factor: 1));
    }

    [Fact]
    public void ReduceLROnPlateau_can_go_by_a_measure_that_is_to_rise()
    {
        using var optimizer = NewOptimizer();
        var scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, mode: "max", factor: 0.5, patience: 0, threshold: 0.1, threshold_mode: "abs");
        foreach (var (measure, rate) in new[] { (0.5, 0.8), (0.7, 0.8), (0.75, 0.4), (0.81, 0.4), (0.81, 0.2) })
        {
            scheduler.step(measure);
            Assert.Equal(rate, Rate(optimizer), 1e-12);
        }
    }

    [Fact]
    public void SequentialLR_takes_turns()
    {
        using var optimizer = NewOptimizer(1);
        var warm = lr_scheduler.ConstantLR(optimizer, 0.1, 2);
        var fall = lr_scheduler.ExponentialLR(optimizer, 0.5);
        var scheduler = lr_scheduler.SequentialLR(optimizer, [warm, fall], [2]);
        var rates = new List<double>();
        for (var step = 0; step < 5; step++)
        {
            rates.Add(Rate(optimizer));
            scheduler.step();
        }
        Assert.Equal([0.1, 0.1, 1, 0.5, 0.25], rates.Select(rate => Math.Round(rate, 10)));
        Assert.Throws<ArgumentException>(() => lr_scheduler.SequentialLR(optimizer, [warm, fall], [2, 4]));
    }

    [Fact]
    public void ChainedLR_applies_all()
    {
        using var optimizer = NewOptimizer(1);
        var scheduler = lr_scheduler.ChainedLR([lr_scheduler.ExponentialLR(optimizer, 0.5), lr_scheduler.StepLR(optimizer, 2, 0.1)]);
        scheduler.step();
        Assert.Equal(0.5, Rate(optimizer), 1e-12);
        scheduler.step();
        Assert.Equal(0.025, Rate(optimizer), 1e-12);
    }

    [Fact]
    public void Groups_keep_their_ratio()
    {
        using var optimizer = optim.SGD([new SGD.ParamGroup([nn.Parameter(ones(1))], 0.1), new SGD.ParamGroup([nn.Parameter(ones(1))], 0.4)], 1);
        var scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 4);
        scheduler.step();
        scheduler.step();
        Assert.Equal([0.05, 0.2], scheduler.get_last_lr().Select(rate => Math.Round(rate, 12)));
    }
}
