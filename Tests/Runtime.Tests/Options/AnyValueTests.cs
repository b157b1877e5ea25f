using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;
using Net = PruneGen.Runtime.Tests.WeightSharingTests.Net;

namespace PruneGen.Runtime.Tests;

/// <summary>Every option of every record takes each value of its type, or says no in words that name it, and leaves the model as it was.</summary>
public sealed class AnyValueTests
{
    private static readonly Dictionary<Type, Action<Net, object, CancellationToken>> Uses = new()
    {
        [typeof(PruneOptions)] = (net, options, token) => Prune(net, (PruneOptions)options, token),
        [typeof(LayerPruneOptions)] = (net, options, token) => Prune(net, new PruneOptions { Layers = { ["hidden"] = (LayerPruneOptions)options } }, token),
        [typeof(RetrainOptions)] = (net, options, token) => Pruning.PruneAndRetrain(
            net, Forward(net), Data(), Data(), new PruneOptions { MeasureLatency = false, Retrain = (RetrainOptions)options }, PruneProgress.Quiet, token),
        [typeof(QuantizeOptions)] = (net, options, token) => Prune(net, new PruneOptions { Quantize = (QuantizeOptions)options }, token),
        [typeof(ShareOptions)] = (net, options, token) => Prune(net, new PruneOptions { Share = (ShareOptions)options }, token),
        [typeof(PruneBudget)] = (net, options, token) => Prune(net, new PruneOptions { Budget = (PruneBudget)options }, token),
        [typeof(SearchSettings)] = (net, options, token) => Pruning.FindRatios(
            net, Forward(net), new PruneBudget { Parameters = 0.6 }, Data(), Data(), null, (SearchSettings)options, token),
    };

    public static TheoryData<Type> Records() => [.. typeof(PruneOptions).Assembly.GetExportedTypes().Where(type => UseOf(type) is not null)];

    [Theory]
    [MemberData(nameof(Records))]
    public void Any_value_of_any_option_is_taken_or_refused_by_name(Type record)
    {
        var wrong = new List<string>();
        foreach (var property in record.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            wrong.AddRange(Values(property.PropertyType).Select(value => (value, Told: Tried(record, property, value)))
                .Where(tried => tried.Told is not null).Select(tried => $"{property.Name} = {tried.value ?? "null"}: {tried.Told}"));
        }

        Assert.Empty(wrong);
    }

    /// <summary>How a method is used; null for what is none, or is not made of numbers alone.</summary>
    private static Action<Net, object, CancellationToken>? UseOf(Type type) => type switch
    {
        { IsAbstract: true } => null,
        _ when Uses.TryGetValue(type, out var use) => use,
        _ when type.GetConstructors() is not [{ } first, ..] || first.GetParameters().Any(given => !given.HasDefaultValue && given.ParameterType != typeof(double)) => null,
        _ when type.IsSubclassOf(typeof(TrainingCallback)) => (net, made, token) => Retrainer.Train(
            net, Forward(net), Data(), Data(), new RetrainOptions { Epochs = 1, Callbacks = [(TrainingCallback)made] }, cancellationToken: token),
        _ when type.IsSubclassOf(typeof(RatioAllocator)) => (net, made, token) => Pruning.FindRatios(
            net, Forward(net), new PruneBudget { Parameters = 0.6 }, Data(), Data(), new PruneOptions { Allocator = (RatioAllocator)made }, new SearchSettings { Evaluations = 5 }, token),
        _ when type.IsSubclassOf(typeof(ImportanceCriterion)) => (net, made, token) => Prune(
            net,
            new PruneOptions
            {
                Criterion = (ImportanceCriterion)made,
                Granularity = made is WandaCriterion or SparseGptCriterion or OptimalBrainSurgeonCriterion ? Granularity.Unstructured : Granularity.Structured,
            },
            token),
        _ => null,
    };

    private static object Make(Type type)
    {
        var constructor = type.GetConstructors()[0];
        return constructor.Invoke([.. constructor.GetParameters().Select(given => given.HasDefaultValue ? given.DefaultValue : 0.5)]);
    }

    private static void Prune(Net net, PruneOptions options, CancellationToken token) => Pruning.PruneAndRetrain(
        net,
        Forward(net),
        Data(),
        Data(),
        options with { MeasureLatency = false, Retrain = options.Retrain with { Epochs = Math.Min(options.Retrain.Epochs, 1) } },
        PruneProgress.Quiet,
        token);

    /// <summary>What is wrong with how a value is taken; null where it does what it says, or a refusal names it and leaves the model as it was.</summary>
    private static string? Tried(Type record, PropertyInfo property, object? value)
    {
        using var scope = NewDisposeScope();
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
        var net = new Net();
        var bits = TinyNet.Bits(net);
        try
        {
            var made = Make(record);
            property.SetValue(made, value);
            UseOf(record)!(net, made, source.Token);
            return net.parameters().All(parameter => parameter.isfinite().all().item<bool>()) ? null : "the model is not finite";
        }
        catch (Exception refusal)
        {
            // What takes long is stopped here; what only the run shows is told of in its own words, with a remedy; a budget that limits nothing names all limits.
            var isTold = refusal.Message.Contains(property.Name, StringComparison.OrdinalIgnoreCase) || refusal is OperationCanceledException or RetrainException or IOException
                || (refusal is InvalidOperationException or ArgumentException && refusal.Message.Contains("give", StringComparison.OrdinalIgnoreCase));
            return isTold && bits.All(entry => TinyNet.Bits(net)[entry.Key].SequenceEqual(entry.Value)) ? null : refusal.ToString();
        }
    }

    private static IEnumerable<object?> Values(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        IEnumerable<object?> none = plain == type && type.IsValueType ? [] : [null];
        return none.Concat(plain switch
        {
            _ when plain == typeof(double) => new object[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1.0, 0.0, double.Epsilon, 0.5, 1.0, 2.0, 1e300 },
            _ when plain == typeof(int) => [int.MinValue, -1, 0, 1, 3, 1000, int.MaxValue],
            _ when plain == typeof(long) => [long.MinValue, -1L, 0L, 1L, 50L, long.MaxValue],
            _ when plain == typeof(bool) => [true, false],
            _ when plain == typeof(string) => ["", " ", "no/such/folder/file", "/"],
            _ when plain.IsEnum => [.. Enum.GetValues(plain).Cast<object>(), Enum.ToObject(plain, 99)],
            _ => [],
        });
    }

    private static Func<Tensor[], Tensor[]> Forward(Net model) => inputs => [model.call(inputs[0])];

    private static TrainingData Data() => TrainingData.FromTensors(rand(16, 4), arange(16).remainder(3));
}
