using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What is written as JSON is read as it was: what is left out has its default, and nothing becomes something else without a word.</summary>
public sealed partial class OptionsJsonTests : IDisposable
{
    private static readonly Dictionary<Type, Func<object>> Read = new()
    {
        [typeof(PruneOptions)] = () => PruneOptions.FromJson("{}"),
        [typeof(RetrainOptions)] = () => PruneOptions.FromJson("""{"retrain":{}}""").Retrain,
        [typeof(PruneBudget)] = () => PruneOptions.FromJson("""{"budget":{}}""").Budget!,
    };

    private static readonly ImportanceCriterion[] Some =
    [
        .. Enum.GetValues<Criterion>().Select(ImportanceCriterion.Of), new LpNormCriterion(3), new LpNormCriterion(2), new LpNormCriterion(0.5) { FiltersOnly = true },
        new WandaCriterion { WithinRows = false }, new OptimalBrainSurgeonCriterion { Greedy = true }, new OptimalBrainSurgeonCriterion { Damping = 0.125, Greedy = true },
        new SparseGptCriterion { Damping = 1e-7 }, new ActivationDerivativeCriterion { Normalized = false },
        new ActivationDerivativeCriterion { Normalized = false, ProductFirst = true },
    ];

    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.prune");

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Options_that_were_written_are_read_and_used()
    {
        using var scope = NewDisposeScope();
        var (x, y) = TinyNet.Samples(32);
        var data = TrainingData.FromTensors(x, y, batchSize: 16);
        var given = new PruneOptions { Criterion = Criterion.L1, MeasureLatency = false, Retrain = new() { Epochs = 1 } };
        var (first, second) = (new Net(), new Net());
        second.load_state_dict(first.state_dict());
        var report = first.PruneAndRetrain(data, data, given, PruneProgress.Quiet);
        second.PruneAndRetrain(data, data, PruneOptions.FromJson(given.ToJson()), PruneProgress.Quiet);
        Assert.Equal(TinyNet.Bits(first), TinyNet.Bits(second));

        first.SavePruned(path);
        var again = Net.LoadPruned(path);
        PruneOptions[] read = [PruneReport.FromJson(report.ToJson()).Options!, PruneFile.ReadHeader(path).Options, Pruning.History(again)[0].Options!];
        Assert.All(read, options => new Net().PruneAndRetrain(data, data, options, PruneProgress.Quiet));
    }

    [Fact]
    public void What_is_left_out_has_its_default_in_every_record()
    {
        var types = typeof(PruneOptions).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(JsonSerializerContext)))
            .Select(type => (JsonSerializerContext)type.GetProperty("Default")!.GetValue(null)!)
            .SelectMany(context => context.GetType().GetProperties().Where(property => property.PropertyType.IsSubclassOf(typeof(JsonTypeInfo)))
                .Select(property => (JsonTypeInfo)property.GetValue(context)!))
            .Where(info => info.Kind == JsonTypeInfoKind.Object && info.Type.Namespace == nameof(PruneGen) && info.Type.GetConstructor([]) is not null)
            .DistinctBy(info => info.Type).ToList();
        Assert.Superset(
            new HashSet<Type> { typeof(PruneOptions), typeof(RetrainOptions), typeof(PruneBudget), typeof(PruneReport), typeof(RatioResult) },
            types.Select(info => info.Type).ToHashSet());
        foreach (var info in types)
        {
            var (made, read) = (Activator.CreateInstance(info.Type)!, Read.TryGetValue(info.Type, out var reader) ? reader() : Required(info));
            var required = info.Properties.Where(one => one.IsRequired).Select(one => one.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var property in info.Type.GetProperties().Where(one => one.SetMethod is { IsPublic: true } && !required.Contains(one.Name)))
            {
                var (expected, actual) = (property.GetValue(made), property.GetValue(read));
                if (expected is IEnumerable all and not string)
                {
                    Assert.True(actual is not null, $"{info.Type.Name}.{property.Name} is null");
                    Assert.Equal(all.Cast<object>(), ((IEnumerable)actual).Cast<object>());
                }
                else
                {
                    Assert.True(
                        property.PropertyType == typeof(RetrainOptions) ? actual is not null : Equals(expected, actual),
                        $"{info.Type.Name}.{property.Name} is {actual}, not {expected}");
                }
            }
        }
    }

    [Fact]
    public void What_stands_beside_what_is_left_out_is_kept()
    {
        var options = PruneOptions.FromJson("""{"ratio":0.3,"retrain":{"epochs":1},"budget":{"macs":0.2},"layers":{"a":{"ratio":0.1}}}""");
        Assert.Equal((0.3, true, true, 1024), (options.Ratio!.Value, options.Verify, options.MeasureLatency, options.ScoringSamples));
        Assert.Equal((1, 1e-3, 0.9, 4.0), (options.Retrain.Epochs, options.Retrain.LearningRate, options.Retrain.Momentum, options.Retrain.Temperature));
        Assert.Equal((0.2, 1, 0.1), (options.Budget!.Macs!.Value, options.Budget.LatencyBatchSize, options.Layers["a"].Ratio!.Value));
        options.Validate();
    }

    [Fact]
    public void Any_options_come_back_as_they_were()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var options = (PruneOptions)Any(typeof(PruneOptions), random)!;
            var read = PruneOptions.FromJson(options.ToJson());
            Assert.Equal(options.ToJson(), read.ToJson());
            RequireSame(options, read, seed.ToString());
        }
    }

    public static TheoryData<ImportanceCriterion> Criteria() => [.. Some];

    [Theory]
    [MemberData(nameof(Criteria))]
    public void Criteria_come_back_with_their_settings(ImportanceCriterion criterion) =>
        RequireSame(criterion, PruneOptions.FromJson(new PruneOptions { Criterion = criterion }.ToJson()).Criterion, criterion.Name);

    [Fact]
    public void A_criterion_of_a_name_is_written_as_its_name()
    {
        foreach (var name in Enum.GetValues<Criterion>())
        {
            Assert.Contains($"\"criterion\": \"{name}\"", new PruneOptions { Criterion = name }.ToJson());
        }
    }

    [Fact]
    public void Other_methods_come_back_with_their_settings()
    {
        RatioAllocator[] allocators =
        [
            .. Enum.GetValues<Allocator>().Select(RatioAllocator.Of), new GeneticSearch { Population = 7 }, new NonDominatedSearch { Population = 8 },
            new AnnealingSearch { Step = 0.5 }, new AnnealingSearch { Temperature = 0.25 }, new LearnedMaskSearch { Epochs = 5, LearningRate = 0.5 },
            new ReinforcementSearch { WarmUp = 0.5 }, new DynamicProgrammingAllocator { MostStates = 9 },
        ];
        Assert.All(allocators, one => RequireSame(one, PruneOptions.FromJson(new PruneOptions { Allocator = one }.ToJson()).Allocator, one.Name));
        PruneGranularity[] granularities =
        [
            .. Enum.GetValues<Granularity>().Select(name => PruneGranularity.Of(name)), new Blocks(2, 3), new NOfMWeights(1, 4), new SuperBlocks(8, 2), new KernelPatterns(3),
        ];
        Assert.All(granularities, one => RequireSame(one, PruneOptions.FromJson(new PruneOptions { Granularity = one }.ToJson()).Granularity, one.Name));
        var rounding = new AdaptiveRounding { Iterations = 3, LearningRate = 0.5, Strength = 0.25 };
        RequireSame(rounding, PruneOptions.FromJson(new PruneOptions { Quantize = new() { Rounding = rounding } }.ToJson()).Quantize!.Rounding, rounding.Name);
    }

    [Theory]
    [InlineData("""{"criterion":"Nope"}""", "the Criterion 'Nope' of the model")]
    [InlineData("""{"criterion":"l1"}""", "'l1'")]
    [InlineData("""{"criterion":"1"}""", "'1'")]
    [InlineData("""{"criterion":1}""", "Number")]
    [InlineData("""{"criterion":"LpNorm(p=-1)"}""", "LpNorm(p=-1)")]
    [InlineData("""{"criterion":"Wanda(rows=false)"}""", "Wanda(rows=false)")]
    [InlineData("""{"granularity":"block(2"}""", "'block(2'")]
    [InlineData("""{"granularity":"Block(2"}""", "'Block(2'")]
    [InlineData("""{"granularity":"Block(0, 2)"}""", "'Block(0, 2)'")]
    [InlineData("""{"granularity":"Block(2, 2, 2)"}""", "'Block(2, 2, 2)'")]
    [InlineData("""{"scope":"Nope"}""", "the Scope 'Nope'")]
    [InlineData("""{"allocator":"Nope"}""", "the Allocator 'Nope'")]
    [InlineData("""{"layers":{"a":{"criterion":"Nope"}}}""", "the Criterion 'Nope' of a")]
    [InlineData("""{"layers":{"a":{"Ratio":0.1}}}""", "the key 'layers.a.Ratio'")]
    [InlineData("""{"layers":{"a":null}}""", "The layer a is null")]
    [InlineData("""{"Ratio":0.3}""", "the key 'Ratio'")]
    [InlineData("""{"schedule":"Cubic"}""", "the key 'schedule'")]
    [InlineData("""{"budget":{"mac":0.2}}""", "the key 'budget.mac'")]
    [InlineData("""{"retrain":{"rate":0.2}}""", "the key 'retrain.rate'")]
    [InlineData("""{"retrain":null}""", "retrain is null")]
    [InlineData("""{"retrain":{"optimizer":"Nope"}}""", "There is no RetrainOptimizer 'Nope'; give one of ")]
    [InlineData("""{"thresholdRule":"Nope"}""", "There is no ThresholdRule 'Nope'")]
    [InlineData("""{"quantize":{"weightRange":"Nope"}}""", "the Quantize.WeightRange 'Nope'")]
    [InlineData("""{"quantize":{"rounding":"Nope"}}""", "the Quantize.Rounding 'Nope'")]
    [InlineData("""{"quantize":{"weight":4}}""", "the key 'quantize.weight'")]
    [InlineData("""{"share":{"by":"Nope"}}""", "the Share.By 'Nope'")]
    [InlineData("null", "Null")]
    [InlineData("[]", "Array")]
    public void What_options_do_not_have_is_named(string json, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<JsonException>(() => PruneOptions.FromJson(json)).Message);

    [Fact]
    public void A_criterion_of_the_users_is_refused_by_its_name_and_never_taken_for_another()
    {
        Assert.Contains("the Criterion 'Mine'", Assert.Throws<JsonException>(() => PruneOptions.FromJson(new PruneOptions { Criterion = new Mine() }.ToJson())).Message);
        Assert.Contains("'L2 of the class", Assert.Throws<JsonException>(
            () => PruneOptions.FromJson(new PruneOptions { Criterion = new Mine("L2") }.ToJson())).Message);
        Assert.Contains("'L3'", Assert.Throws<JsonException>(() => PruneOptions.FromJson(new PruneOptions { Criterion = new Third() }.ToJson())).Message);
        Assert.Contains("'Sensitivity(curvesGiven=true)'", Assert.Throws<JsonException>(() => PruneOptions.FromJson(new PruneOptions
        {
            Allocator = new SensitivityAllocator(new SensitivityReport { Model = "", Baseline = new Evaluation(0, 0, 0), Groups = [] }),
        }.ToJson())).Message);
    }

    [Fact]
    public void Reports_and_files_tell_of_a_criterion_of_the_users_and_their_options_are_not_pruned_by()
    {
        using var scope = NewDisposeScope();
        var (x, y) = TinyNet.Samples(32);
        var data = TrainingData.FromTensors(x, y, batchSize: 16);
        var own = new PruneOptions { Criterion = new Mine(), Threshold = 0.5, MeasureLatency = false, Retrain = new() { Epochs = 0 } };
        var model = new Net();
        var report = model.PruneAndRetrain(data, data, own, PruneProgress.Quiet);
        model.SavePruned(path);
        var again = Net.LoadPruned(path);
        PruneOptions[] read = [PruneReport.FromJson(report.ToJson()).Options!, PruneFile.ReadHeader(path).Options, Pruning.History(again)[0].Options!];
        foreach (var options in read)
        {
            Assert.Equal("Mine", options.Criterion!.Name);
            var fresh = new Net();
            var before = TinyNet.Bits(fresh);
            Assert.Contains("the Criterion 'Mine' of the model", Assert.Throws<ArgumentException>(options.Validate).Message);
            Assert.Contains("the Criterion 'Mine'", Assert.Throws<ArgumentException>(
                () => fresh.PruneAndRetrain(data, data, options, PruneProgress.Quiet)).Message);
            Assert.Contains("the Criterion 'Mine'", Assert.Throws<ArgumentException>(() => PruningPlan.Link(fresh, options)).Message);
            Assert.Equal(before, TinyNet.Bits(fresh));
            fresh.PruneAndRetrain(data, data, options with { Criterion = new Mine() }, PruneProgress.Quiet);
        }

        // The model itself is saved on, and still tells of it.
        again.SavePruned(path);
        Assert.Equal("Mine", PruneFile.ReadHeader(path).Options.Criterion!.Name);
    }

    [Fact]
    public void Reports_of_before_are_read()
    {
        var json = JsonNode.Parse((PruneReportTests.Sample() with { Options = new PruneOptions { Criterion = Criterion.L1 } }).ToJson())!.AsObject();
        foreach (var key in new[] { "prunedBy", "uncountedMacs", "layers", "earlierRounds", "steps" })
        {
            json.Remove(key);
        }

        json["options"]!["criterion"] = "Wanda over the layer";
        json["options"]!["granularity"] = null;
        json["options"]!["optionOfLater"] = 3;
        json["options"]!.AsObject().Remove("retrain");
        var read = PruneReport.FromJson(json.ToJsonString());
        Assert.NotNull(read.ToString());
        Assert.Equal(3, read.Options!.Retrain.Epochs);
        var message = Assert.Throws<ArgumentException>(read.Options.Validate).Message;
        Assert.Contains("the key 'optionOfLater'", message);
        Assert.Contains("'Wanda over the layer'", message);
    }

    private static object Required(JsonTypeInfo info)
    {
        var json = new JsonObject(info.Properties.Where(one => one.IsRequired).Select(one => KeyValuePair.Create(
            one.Name,
            one.PropertyType.IsValueType && Nullable.GetUnderlyingType(one.PropertyType) is null
                ? JsonSerializer.SerializeToNode(Activator.CreateInstance(one.PropertyType)) : null)));
        return JsonSerializer.Deserialize(json.ToJsonString(), info)!;
    }

    /// <summary>A value of a type; of records one with about half of its properties set.</summary>
    private static object? Any(Type type, Random random)
    {
        var kind = Nullable.GetUnderlyingType(type) ?? type;
        T One<T>(params T[] all) => all[random.Next(all.Length)];
        if (kind.IsEnum)
        {
            return Enum.GetValues(kind).GetValue(random.Next(Enum.GetValues(kind).Length));
        }

        return kind switch
        {
            _ when kind == typeof(bool) => random.Next(2) == 1,
            _ when kind == typeof(int) => random.Next(-3, 4000),
            _ when kind == typeof(long) => random.NextInt64(),
            _ when kind == typeof(double) => One(random.NextDouble(), -random.Next(9), double.NaN, double.PositiveInfinity, 1e-300),
            _ when kind == typeof(string) => One("", "a \"b\"\n", "ä"),
            _ when kind == typeof(ImportanceCriterion) => One(Some),
            _ when kind == typeof(PruneGranularity) => One<PruneGranularity>(Granularity.Kernel, new Blocks(random.Next(1, 9), 2), Granularity.Structured),
            _ when kind == typeof(RankingScope) => RankingScope.Of(One(Enum.GetValues<Scope>())),
            _ when kind == typeof(RatioAllocator) => One(
                RatioAllocator.Of(One(Enum.GetValues<Allocator>())), new AnnealingSearch { Step = random.NextDouble() }, new GeneticSearch { Population = random.Next() }),
            _ when kind == typeof(RangeObserver) => RangeObserver.Of(One(Enum.GetValues<RangeRule>())),
            _ when kind == typeof(WeightRounding) => One<WeightRounding>(Rounding.Nearest, new AdaptiveRounding { Strength = random.NextDouble() }),
            _ when kind == typeof(CodeAssignment) => CodeAssignment.Of(One(Enum.GetValues<SharedBy>())),
            _ when kind == typeof(IDictionary<string, LayerPruneOptions>) => Enumerable.Range(0, random.Next(3))
                .ToDictionary(i => $"layer.{i}", _ => (LayerPruneOptions)Any(typeof(LayerPruneOptions), random)!),
            _ => Record(kind, random),
        };
    }

    private static object Record(Type type, Random random)
    {
        Assert.Equal(nameof(PruneGen), type.Namespace);
        var made = Activator.CreateInstance(type)!;
        foreach (var property in Written(type).Where(_ => random.Next(2) == 1))
        {
            property.SetValue(made, Any(property.PropertyType, random));
        }

        return made;
    }

    private static IEnumerable<PropertyInfo> Written(Type type) => type.GetProperties().Where(one => one.SetMethod is { IsPublic: true }
        && one.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always });

    private static void RequireSame(object? expected, object? actual, string where)
    {
        if (expected is IDictionary<string, LayerPruneOptions> layers)
        {
            var read = (IDictionary<string, LayerPruneOptions>)actual!;
            Assert.Equal(layers.Keys, read.Keys);
            Assert.All(layers.Keys, key => RequireSame(layers[key], read[key], $"{where}.{key}"));
        }
        else if (expected?.GetType() is { IsPrimitive: false, IsEnum: false } type && type != typeof(string))
        {
            Assert.True(type == actual?.GetType(), $"{where} is {actual}, not {expected}");
            Assert.Equal(expected is PruneSettings or RetrainOptions or PruneBudget or QuantizeOptions or ShareOptions ? "" : expected.ToString(),
                expected is PruneSettings or RetrainOptions or PruneBudget or QuantizeOptions or ShareOptions ? "" : actual!.ToString());
            Assert.All(Written(type), property => RequireSame(property.GetValue(expected), property.GetValue(actual), $"{where}.{property.Name}"));
        }
        else
        {
            Assert.True(Equals(expected, actual), $"{where} is {actual}, not {expected}");
        }
    }

    private sealed class Mine(string name = nameof(Mine)) : ImportanceCriterion, IChannelCriterion
    {
        public override string Name => name;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
            [.. groups.Select(group => Enumerable.Range(0, (int)group.Width).Select(i => i / (double)group.Width).ToArray())];
    }

    private sealed class Third() : LpNormCriterion(3);

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
