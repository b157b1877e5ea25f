using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Recipes compared on one model: the same dense model and budget for each, means and deviations, and nothing lost when interrupted.</summary>
public sealed partial class PruneComparisonTests : IDisposable
{
    private static readonly PruneRecipe[] Recipes =
    [
        new("by norm", new PruneOptions { Criterion = Criterion.L1 }),
        new("at random", new PruneOptions { Criterion = Criterion.Random }),
        new("small from scratch", new PruneOptions()) { FromScratch = true },
    ];

    private readonly string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.json");
    private readonly List<PruneOutcome> finished = [];

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Every_recipe_starts_from_the_dense_model_of_its_seed_and_is_judged_on_the_test_data()
    {
        using var scope = NewDisposeScope();
        var result = Comparison().Run(Recipes, [0.25, 0.5], [1, 2]);
        Assert.Equal(12, result.Runs.Count);
        Assert.Equal(result.Runs, finished);
        foreach (var ofSeed in result.Runs.GroupBy(run => run.Seed))
        {
            Assert.Single(ofSeed.Select(run => run.DenseError).Distinct());
        }

        Assert.All(result.Runs, run => Assert.Equal(4, run.Epochs));

        // 4·16 + 16 + 16·3 + 3 = 131 parameters; half of the neurons: 4·8 + 8 + 8·3 + 3 = 67.
        Assert.All(result.Runs.Where(run => run.Ratio == 0.5), run => Assert.Equal(new Change(131, 67), run.NonZeroParameters));
        Assert.Equal(6, result.Rows.Count);
        Assert.Equal([0.25, 0.25, 0.25, 0.5, 0.5, 0.5], result.Rows.Select(row => row.Ratio));
        Assert.All(result.Rows, row => Assert.Equal(2, row.Seeds));
        Assert.Equal(13, result.ToCsv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(6, result.ToTable().Rows.Count);
        Assert.Contains("| small from scratch |", result.ToString());
    }

    [Fact]
    public void Rounds_share_the_epochs()
    {
        using var scope = NewDisposeScope();
        PruneRecipe[] recipes =
        [
            new("two rounds", new PruneOptions { Schedule = PruneSchedule.Iterative(2) }),
            new("while training", new PruneOptions { Schedule = PruneSchedule.Gradual(4) }),
        ];
        Assert.All(Comparison().Run(recipes, [0.5], [1]).Runs, run => Assert.Equal(4, run.Epochs));
    }

    [Fact]
    public void What_was_interrupted_goes_on()
    {
        using var scope = NewDisposeScope();
        using var source = new CancellationTokenSource();
        var comparison = Comparison(after: 2, source);
        Assert.ThrowsAny<OperationCanceledException>(() => comparison.Run(Recipes, [0.5], [1], source.Token));
        var first = ComparisonResult.FromJson(File.ReadAllText(file)).Runs;
        Assert.Equal(2, first.Count);
        finished.Clear();
        var whole = Comparison().Run(Recipes, [0.5], [1]);
        Assert.Equal(first, whole.Runs.Take(2));
        Assert.Equal("small from scratch", Assert.Single(finished).Recipe);
    }

    [Fact]
    public void A_file_with_runs_of_another_budget_is_refused()
    {
        using var scope = NewDisposeScope();
        Comparison().Run([Recipes[0]], [0.5], [1]);
        var error = Assert.Throws<InvalidOperationException>(() => Comparison(epochs: 2).Run([Recipes[0]], [0.5], [1]));
        Assert.Contains("has 'by norm' retrained for 4 epochs, and 2 are asked for", error.Message);
    }

    [Fact]
    public void Means_and_deviations_are_those_of_the_seeds()
    {
        // Errors 1, 2 and 6 %: the mean is 3, the deviation √((4 + 1 + 9) / 2) = √7.
        var row = Assert.Single(new ComparisonResult([.. new[] { 0.01, 0.02, 0.06 }.Select((error, seed) => new PruneOutcome(
            "one", 0.5, seed, 0.01, error, new Change(100, 25), new Change(80, 40), 3, 2))]).Rows);
        Assert.Equal((0.03, 4, 2), (row.Error, row.Compression, row.Speedup!.Value));
        Assert.Equal(Math.Sqrt(7) / 100, row.Deviation, 1e-12);
    }

    [Fact]
    public void What_cannot_be_compared_is_said()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("There are 0 recipes", Assert.Throws<ArgumentException>(() => Comparison().Run([], [0.5], [1])).Message);
        Assert.Contains("Two recipes are called by norm", Assert.Throws<ArgumentException>(() => Comparison().Run([Recipes[0], Recipes[0]], [0.5], [1])).Message);
        Assert.Contains("The ratio 1 ", Assert.Throws<ArgumentException>(() => Comparison().Run(Recipes, [1], [1])).Message);
    }

    [Fact]
    public void Weights_begin_anew_as_those_of_a_new_layer_do()
    {
        using var scope = NewDisposeScope();
        var model = nn.ModuleList<nn.Module>(nn.Linear(100, 50), nn.BatchNorm1d(50), nn.Conv1d(8, 4, 5), nn.LSTM(3, 16));
        using (no_grad())
        {
            foreach (var parameter in model.parameters())
            {
                parameter.fill_(9);
            }
        }

        WeightInitialization.Reset(model, 1);
        Assert.InRange(model[0].get_parameter("weight")!.abs().max().item<float>(), 0.09f, 0.1f);
        Assert.Equal(1, model[1].get_parameter("weight")!.min().item<float>());
        Assert.InRange(model[2].get_parameter("weight")!.abs().max().item<float>(), 0.14f, 1 / MathF.Sqrt(40));
        Assert.InRange(model[3].get_parameter("weight_hh_l0")!.abs().max().item<float>(), 0.2f, 0.25f);
        var first = TinyNet.Bits(model);
        WeightInitialization.Reset(model, 1);
        Assert.Equal(first, TinyNet.Bits(model));
        var error = Assert.Throws<InvalidOperationException>(() => WeightInitialization.Reset(new Own(), 1));
        Assert.Contains("How scale of a Own begins is not known", error.Message);
    }

    private PruneComparison<Net> Comparison(int after = int.MaxValue, CancellationTokenSource? source = null, int epochs = 4)
    {
        var (x, y) = TinyNet.Samples(384);
        TrainingData Part(int start) => TrainingData.FromTensors(x.narrow(0, start, 128), y.narrow(0, start, 128), batchSize: 32);
        return new PruneComparison<Net>(() => new Net(), model => inputs => [model.call(inputs[0])], Part(0), Part(128), Part(256))
        {
            Dense = new RetrainOptions { Epochs = 4, LearningRate = 0.02 },
            Epochs = epochs,
            File = file,
            Finished = outcome =>
            {
                finished.Add(outcome);
                if (finished.Count == after)
                {
                    source!.Cancel();
                }
            },
        };
    }

    private sealed class Own : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter scale = new(ones(1));

        public Own()
            : base(nameof(Own)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input * scale;
    }

    [Prunable]
    private sealed partial class Net : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear output = nn.Linear(16, 3);

        public Net()
            : base(nameof(Net)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(hidden.call(input).relu());
    }
}
