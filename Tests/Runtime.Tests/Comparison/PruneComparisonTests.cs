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
    public void The_retraining_of_codes_is_among_the_epochs()
    {
        using var scope = NewDisposeScope();
        var (float32, seen) = (new Counts(), new Counts());
        PruneRecipe Quantized(string name, Counts counts, QuantizedTraining training) => new(name, new PruneOptions
        {
            Quantize = new() { Training = training, Epochs = 3 }, Retrain = new RetrainOptions { Callbacks = [counts] },
        });
        var comparison = Comparison();
        var result = comparison.Run(
            [Quantized("after", float32, QuantizedTraining.None), Quantized("while", seen, QuantizedTraining.StraightThrough)], [0], [1]);

        // Callbacks see the training of numbers that are not quantized yet.
        Assert.Equal((4, 1), (float32.Epochs, seen.Epochs));
        Assert.All(result.Runs, run => Assert.Equal(4, run.Epochs));

        PruneRecipe[] tooLong =
        [
            new("long", new PruneOptions { Share = new() { Epochs = 5 } }),
        ];
        Assert.Contains("'long' has 4 epochs altogether, of which the retraining of its codes takes 5", Assert.Throws<InvalidOperationException>(
            () => comparison.Run(tooLong, [0], [1])).Message);
    }

    [Fact]
    public void Small_models_from_scratch_are_uniform_or_trained_for_equal_compute()
    {
        using var scope = NewDisposeScope();
        var second = new PruneOptions { Layers = { ["first"] = new() { Ratio = 0 } } };
        PruneRecipe[] recipes =
        [
            new("pruned", second), new("uniform", second) { FromScratch = true, Uniform = true }, new("equal", second) { FromScratch = true, EqualCompute = true },
            new("sparse", second) { Sparse = ratio => new IterativeHardThresholding(1 - ratio) },
        ];
        var runs = Comparison<Two>(() => new Two(), model => inputs => [model.call(inputs[0])]).Run(recipes, [0.75], [1]).Runs;

        // 4-8-8-3 has 139 parameters and 120 multiply-accumulates; 4-8-2-3 has 40 + 18 + 9 = 67 and 32 + 16 + 6 = 54.
        Assert.Equal((new Change(139, 67), new Change(120, 54), 4), (runs[0].NonZeroParameters, runs[0].Macs, runs[0].Epochs));

        // 4-w-w-3 has w² + 9 w + 3: 55 at w = 4, and 73 at 5, which are more than 67. Multiply-accumulates: 16 + 16 + 12.
        Assert.Equal((new Change(139, 55), new Change(120, 44), 4), (runs[1].NonZeroParameters, runs[1].Macs, runs[1].Epochs));

        // 4 epochs of retraining, and 4 of dense training times 120 / 54, which are 8.9.
        Assert.Equal((new Change(139, 67), 13), (runs[2].NonZeroParameters, runs[2].Epochs));

        // A quarter of 120 weights, and 19 biases.
        Assert.Equal((new Change(139, 49), new Change(120, 120)), (runs[3].NonZeroParameters, runs[3].Macs));
    }

    [Fact]
    public void Layer_by_layer_each_has_its_share_of_the_epochs()
    {
        using var scope = NewDisposeScope();
        PruneRecipe[] recipes = [new("by layer", new PruneOptions { Schedule = PruneSchedule.ShallowToDeep() })];
        Assert.Equal(4, Comparison<Two>(() => new Two(), model => inputs => [model.call(inputs[0])]).Run(recipes, [0.5], [1]).Runs.Single().Epochs);
    }

    [Fact]
    public void In_cross_validation_each_sample_is_tested_once_and_never_trained_on_there()
    {
        using var scope = NewDisposeScope();
        var x = arange(10).to_type(ScalarType.Float32).reshape(10, 1);
        var folds = TrainingData.Folds(x, arange(10), folds: 5, batchSize: 3);
        static long[] Of(TrainingData data) => [.. data.Batches().SelectMany(batch => batch.Target.data<long>().ToArray()).Order()];
        var parts = folds.Select(fold => (Train: Of(fold.Train), Validation: Of(fold.Validation), Test: Of(fold.Test))).ToList();
        Assert.All(parts, part => Assert.Equal((6, 2, 2), (part.Train.Length, part.Validation.Length, part.Test.Length)));
        Assert.All(parts, part => Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), part.Train.Concat(part.Validation).Concat(part.Test).Order()));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), parts.SelectMany(part => part.Test).Order());
        Assert.Contains("10 samples are to be cut into 2 parts", Assert.Throws<ArgumentOutOfRangeException>(() => TrainingData.Folds(x, arange(10), 2)).Message);
        var one = new PruneOutcome("one", 0.5, 0, 0.01, 0.02, new Change(4, 2), null, 3, 2);
        var row = ComparisonResult.Together([new([one]), new([one with { Error = 0.04 }])]).Rows.Single();
        Assert.Equal((2, 0.03), (row.Seeds, row.Error));
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
    public void A_file_with_runs_of_something_else_is_refused_and_says_what_differs()
    {
        using var scope = NewDisposeScope();
        PruneRecipe[] one = [Recipes[0]];
        Comparison().Run(one, [0.5], [1]);
        var before = File.ReadAllText(file);
        string Refused(Func<ComparisonResult> run) => Assert.Throws<InvalidOperationException>(run).Message;
        Assert.Contains("model: ", Refused(() => Comparison<Two>(() => new Two(), model => inputs => [model.call(inputs[0])]).Run(one, [0.5], [1])));
        Assert.Contains("train: 128 samples in batches of 32, shuffled, hash", Refused(() => Comparison(data: 8).Run(one, [0.5], [1])));
        Assert.Contains("\"learningRate\": 0.02", Refused(() => Comparison(dense: new() { Epochs = 4, LearningRate = 0.03 }).Run(one, [0.5], [1])));
        Assert.Contains("\"epochs\": 5", Refused(() => Comparison(dense: new() { Epochs = 5, LearningRate = 0.02 }).Run(one, [0.5], [1])));
        var random = Refused(() => Comparison().Run([Recipes[0] with { Options = new PruneOptions { Criterion = Criterion.Random } }], [0.5], [1]));
        Assert.Contains("'by norm' had then \"criterion\": \"L1\", and has now \"criterion\": \"Random\". Give another file, or delete it.", random);
        Assert.Contains("from scratch: True", Refused(() => Comparison().Run([Recipes[0] with { FromScratch = true }], [0.5], [1])));
        Assert.Contains("schedule: Gradual(4)", Refused(
            () => Comparison().Run([Recipes[0] with { Options = Recipes[0].Options with { Schedule = PruneSchedule.Gradual(4) } }], [0.5], [1])));
        Assert.Equal(before, File.ReadAllText(file));

        // What is new beside it is added.
        Assert.Equal(2, Comparison().Run([Recipes[0], Recipes[1]], [0.5], [1]).Runs.Count);
    }

    [Fact]
    public void What_is_in_the_file_and_not_asked_for_is_not_in_the_result()
    {
        using var scope = NewDisposeScope();
        Comparison().Run([Recipes[0], Recipes[1]], [0.25, 0.5], [1, 2]);
        var run = Assert.Single(Comparison().Run([Recipes[1]], [0.5], [2]).Runs);
        Assert.Equal(("at random", 0.5, 2), (run.Recipe, run.Ratio, run.Seed));
        Assert.Equal(8, finished.Count);
        Assert.Equal(8, ComparisonResult.FromJson(File.ReadAllText(file)).Runs.Count);
    }

    [Theory]
    [InlineData("{", "holds no comparison")]
    [InlineData("{}", "holds no comparison")]
    [InlineData("null", "holds no comparison")]
    [InlineData("""{"runs":[null]}""", "holds no comparison")]
    [InlineData("""{"runs":[]}""", "does not say of which model, data and options its runs are")]
    public void A_damaged_file_is_named_with_what_to_do(string text, string expected)
    {
        using var scope = NewDisposeScope();
        File.WriteAllText(file, text);
        var message = Assert.Throws<InvalidOperationException>(() => Comparison().Run(Recipes, [0.5], [1])).Message;
        Assert.StartsWith($"{file} {expected}", message);
        Assert.Contains("Give another file, or delete it.", message);
        Assert.Equal(text, File.ReadAllText(file));
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
        Assert.Contains("'a' has Uniform, which is about models from scratch", Assert.Throws<ArgumentException>(
            () => Comparison().Run([new("a", new PruneOptions()) { Uniform = true }], [0.5], [1])).Message);
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

    private PruneComparison<Net> Comparison(
        int after = int.MaxValue, CancellationTokenSource? source = null, int epochs = 4, ulong data = 7, RetrainOptions? dense = null) =>
        Comparison(() => new Net(), model => inputs => [model.call(inputs[0])], after, source, epochs, data, dense);

    private PruneComparison<TModel> Comparison<TModel>(
        Func<TModel> create, Func<TModel, Func<Tensor[], Tensor[]>> forward, int after = int.MaxValue, CancellationTokenSource? source = null, int epochs = 4,
        ulong data = 7, RetrainOptions? dense = null)
        where TModel : nn.Module, IPrunable
    {
        var (x, y) = TinyNet.Samples(384, data);
        TrainingData Part(int start) => TrainingData.FromTensors(x.narrow(0, start, 128), y.narrow(0, start, 128), batchSize: 32);
        return new PruneComparison<TModel>(create, forward, Part(0), Part(128), Part(256))
        {
            Dense = dense ?? new RetrainOptions { Epochs = 4, LearningRate = 0.02 },
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

    private sealed class Counts : TrainingCallback
    {
        public int Epochs { get; private set; }

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Epochs++;
    }

    private sealed class Own : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter scale = new(ones(1));

        public Own()
            : base(nameof(Own)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input * scale;
    }

    [Prunable]
    private sealed partial class Two : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(4, 8);
        public readonly Linear second = nn.Linear(8, 8);
        public readonly Linear output = nn.Linear(8, 3);

        public Two()
            : base(nameof(Two)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(second.call(first.call(input).relu()).relu());
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
