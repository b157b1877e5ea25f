using System.Diagnostics;
using PruneGen.Samples.Mnist;
using PruneGen.Samples.ModelZoo;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Search;

/// <summary>How long budgets and curves take, and how well latencies are foretold.</summary>
internal static class Times
{
    private const int Turns = 5;

    /// <summary>The widths of ResNet-50 for budgets, from a linked and scored model.</summary>
    public static void Budgets()
    {
        using var model = ResNet.ResNet50();
        PruneBudget macs = new() { Macs = 0.3 }, both = macs with { Parameters = 0.5 };
        foreach (var (allocator, budget, turns) in new[]
        {
            (Allocator.Uniform, macs, 21), (Allocator.Uniform, both, 21), (Allocator.Global, both, 21), (Allocator.Greedy, both, 21),
            (Allocator.DynamicProgramming, both, 3),
        })
        {
            var options = new PruneOptions { Budget = budget, Allocator = allocator };
            var plan = PruningPlan.Link(model, options, [1, 3, 224, 224]);
            using var importance = Importance.Of(plan);
            var times = new List<double>();
            for (var turn = 0; turn < turns; turn++)
            {
                // Linked anew, so that nothing of the closed forms is there already.
                var again = PruningPlan.Link(model, options, [1, 3, 224, 224]);
                using var scores = Importance.Of(again);
                var ranked = Selection.PiecesByRatio(scores);
                var started = Stopwatch.GetTimestamp();
                ((BudgetAllocator)RatioAllocator.Of(allocator)).Allocate(again, ranked);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            times.Sort();
            using var chosen = Selection.Of(importance);
            Console.WriteLine(FormattableString.Invariant(
                $"ResNet-50, 30 % of MACs{(budget == both ? " and half of the parameters" : "")}, {allocator}: {times[times.Count / 2]:f1} ms ")
                + FormattableString.Invariant($"(median of {times.Count}), {(double)plan.Macs(chosen.WidthOf)! / plan.Macs()!:p2} of MACs"));
        }
    }

    /// <summary>The curves of LeNet-5 beside the time of their evaluations.</summary>
    public static void Sensitivity(MnistData data)
    {
        using var scope = NewDisposeScope();
        manual_seed(0);
        using var model = new LeNet5();
        var train = TrainingData.FromTensors(data.TrainImages.narrow(0, 0, 5000), data.TrainLabels.narrow(0, 0, 5000), 128);
        var validation = TrainingData.FromTensors(data.TrainImages.narrow(0, 55_000, 5000), data.TrainLabels.narrow(0, 55_000, 5000), 500, shuffle: false);
        Retrainer.Train(model, inputs => [model.call(inputs[0])], train, options: new RetrainOptions { Epochs = 1 });
        Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], validation);

        var (curves, alone) = (new List<double>(), new List<double>());
        var report = model.AnalyzeSensitivity(train, validation, points: 10);
        Console.WriteLine(report);
        for (var turn = 0; turn < Turns; turn++)
        {
            curves.Add(Seconds(() => model.AnalyzeSensitivity(train, validation, points: 10)));
            alone.Add(Seconds(() => EvaluateEach(model, report, validation)));
        }

        double[] ratios = [.. curves.Zip(alone, (one, other) => one / other).Order()];
        Console.WriteLine(FormattableString.Invariant(
            $"{report.Groups.Sum(group => group.Points.Count) + 1} evaluations of 5,000 images: {alone.Order().ElementAt(Turns / 2):f2} s by themselves, ")
            + FormattableString.Invariant($"{curves.Order().ElementAt(Turns / 2):f2} s as curves; {Turns} turns, {ratios[Turns / 2] - 1:+0.0 %;-0.0 %} ")
            + FormattableString.Invariant($"({ratios[0] - 1:+0.0 %;-0.0 %} to {ratios[^1] - 1:+0.0 %;-0.0 %})."));
    }

    /// <summary>The evaluations of a sensitivity report by themselves: each width compacted, then the images.</summary>
    private static void EvaluateEach(LeNet5 model, SensitivityReport report, TrainingData validation)
    {
        Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], validation);
        foreach (var (curve, point) in report.Groups.SelectMany(curve => curve.Points, (curve, point) => (curve, point)))
        {
            using var copy = new LeNet5();
            copy.load_state_dict(model.state_dict());
            var options = new PruneOptions { Ratio = 0, Verify = false };
            options.Layers[curve.Name] = new LayerPruneOptions { Keep = (int)point.Kept };
            using var compacted = copy.Compact(options);
            Retrainer.Evaluate(copy, inputs => [copy.call(inputs[0])], validation);
        }
    }

    private static double Seconds(Action what)
    {
        using var scope = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        what();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>What a latency table of ResNet-18 says of three budgets, and what they then take.</summary>
    /// <param name="size">Height and width of the images.</param>
    /// <param name="file">Where the table is kept.</param>
    public static void Latency(int size, string file)
    {
        foreach (var share in new[] { 0.7, 0.5, 0.3 })
        {
            using var scope = NewDisposeScope();
            manual_seed(0);
            using var model = ResNet.ResNet18();
            var data = TrainingData.FromTensors(randn(2, 3, size, size), arange(2), batchSize: 1, shuffle: false);
            var options = new PruneOptions { Budget = new() { Latency = share, LatencyFile = file }, Verify = false };
            using var compacted = model.Compact(options, data);
            var table = LatencyTable.FromJson(File.ReadAllText(file));
            using var dense = ResNet.ResNet18();
            var (after, before) = (new List<double>(), new List<double>());
            using var input = randn(1, 3, size, size);
            for (var turn = 0; turn < 9; turn++)
            {
                after.Add(LatencyMeter.Measure(model, inputs => [model.call(inputs[0])], [input], [1])[0].Milliseconds);
                before.Add(LatencyMeter.Measure(dense, inputs => [dense.call(inputs[0])], [input], [1])[0].Milliseconds);
            }

            after.Sort();
            before.Sort();
            var (predicted, measured) = (share * table.Checks[0].Predicted, after[after.Count / 2]);
            Console.WriteLine(FormattableString.Invariant(
                $"ResNet-18 at {size}²: {share:p0} of {table.Checks[0].Predicted:f1} ms is {predicted:f2} ms; measured {measured:f2} ms ")
                + FormattableString.Invariant($"({(measured / predicted) - 1:+0.0 %;-0.0 %}), dense {before[before.Count / 2]:f2} ms"));
            if (share == 0.7)
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"fixed {table.Fixed:f3} ms, {1e6 * table.PerElement:f3} ms for a million elements, {table.PerLayer:f3} of the layers by themselves"));
                foreach (var check in table.Checks)
                {
                    Console.WriteLine(FormattableString.Invariant(
                        $"  all groups at {check.Share:p0}: measured {check.Milliseconds:f2} ms, fitted {check.Predicted:f2} ms"));
                }
            }
        }
    }
}
