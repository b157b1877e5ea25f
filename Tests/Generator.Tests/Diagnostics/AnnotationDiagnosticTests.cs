using System.Globalization;
using Microsoft.CodeAnalysis;
using static PruneGen.Generator.Tests.DiagnosticTests;

namespace PruneGen.Generator.Tests;

/// <summary>What is said of annotations: settings outside their range, and those that do not suit what they stand on.</summary>
public class AnnotationDiagnosticTests
{
    [Theory]
    [InlineData("[Prunable(Structured, Ratio = 1.0)]", "Ratio = 1.0", "Ratio of 'Net' is 1; give a number from 0 to below 1; 0.5 removes half")]
    [InlineData("[Prunable(Structured, Ratio = -0.1)]", "Ratio = -0.1", null)]
    [InlineData("[Prunable(Structured, Ratio = double.NaN)]", "Ratio = double.NaN", null)]
    [InlineData("[Prunable(MinWidth = 0)]", "MinWidth = 0", null)]
    [InlineData("[Prunable(RoundTo = -8)]", "RoundTo = -8", null)]
    [InlineData("[Prunable(Threshold = double.PositiveInfinity)]", "Threshold = double.PositiveInfinity", null)]
    [InlineData("[Prunable, Retrain(Epochs = -1)]", "Epochs = -1", null)]
    [InlineData("[Prunable, Retrain(LearningRate = 0)]", "LearningRate = 0", null)]
    [InlineData("[Prunable, Retrain(LearningRate = double.NaN)]", "LearningRate = double.NaN", null)]
    [InlineData("[Prunable, Retrain(Momentum = 1)]", "Momentum = 1", null)]
    [InlineData("[Prunable, Retrain(WeightDecay = -1e-4)]", "WeightDecay = -1e-4", null)]
    [InlineData("[Prunable, Retrain(MaxGradientNorm = 0)]", "MaxGradientNorm = 0", null)]
    [InlineData("[Prunable, Retrain(CallbackTypes = new[] { typeof(string) })]", "CallbackTypes = new[] { typeof(string) }", "CallbackTypes of 'Net' is string; give a class that derives from TrainingCallback, and has a constructor without parameters that Net can call")]
    [InlineData("[Prunable(Keep = -1)]", "Keep = -1", null)]
    [InlineData("[Prunable(Criterion = (Criterion)99)]", "Criterion = (Criterion)99", null)]
    [InlineData("[Prunable(Scope = (Scope)17)]", "Scope = (Scope)17", "Scope of 'Net' is 17; give one of Local, Global, Isomorphic, GlobalByMacs, GlobalByParameters")]
    [InlineData("[Prunable(Threshold = 0.1, ThresholdRule = (ThresholdRule)7)]", "ThresholdRule = (ThresholdRule)7", "ThresholdRule of 'Net' is 7; give one of Alone, Both, Either")]
    [InlineData("[Prunable(NOfM, Sizes = new[] { 5, 4 })]", "Sizes = new[] { 5, 4 }", "Sizes of 'Net' is [5, 4]; give an N from 1 to M, such as 2 and 4")]
    [InlineData("[Prunable(Block, Sizes = new[] { 4 })]", "Sizes = new[] { 4 }", "Sizes of 'Net' is [4]; give rows and columns, such as 4 and 4")]
    [InlineData("[Prunable(Pattern, Sizes = new[] { 57 })]", "Sizes = new[] { 57 }", null)]
    [InlineData("[Prunable(Sizes = new[] { 2, 4 })]", "Sizes = new[] { 2, 4 }", "Sizes of 'Net' is [2, 4]; leave it out, or name a granularity that takes sizes: NOfM, Block, SuperBlock or Pattern")]
    [InlineData("[Prunable(Schedule = (SparsitySchedule)17)]", "Schedule = (SparsitySchedule)17", null)]
    [InlineData("[Prunable, Retrain(Temperature = 0)]", "Temperature = 0", null)]
    [InlineData("[Prunable, Retrain(DistillWeight = 1.5)]", "DistillWeight = 1.5", null)]
    [InlineData("[Prunable(CriterionType = typeof(int))]", "CriterionType = typeof(int)", null)]
    [InlineData("[Prunable(ScopeType = typeof(RankingScope))]", "ScopeType = typeof(RankingScope)", null)]
    [InlineData("[Prunable(GranularityType = typeof(System.Collections.Generic.List<>))]", "GranularityType = typeof(System.Collections.Generic.List<>)", null)]
    [InlineData("[Prunable(AllocatorType = typeof(object))]", "AllocatorType = typeof(object)", null)]
    [InlineData("[Prunable(Rounds = 0)]", "Rounds = 0", null)]
    [InlineData("[Prunable(ErrorBudget = 0.01)]", "ErrorBudget = 0.01", "ErrorBudget of 'Net' is 0.01; give it with Schedule = SparsitySchedule.ShallowToDeep, which alone goes by it")]
    [InlineData("[Prunable(Schedule = SparsitySchedule.ShallowToDeep, ErrorBudget = -1)]", "ErrorBudget = -1", null)]
    [InlineData("[Prunable(Unstructured, WeightThreshold = 0.1)]", "WeightThreshold = 0.1", "WeightThreshold of 'Net' is 0.1; it goes beside whole channels; with Unstructured give Threshold")]
    [InlineData("[Prunable(WeightThreshold = -0.1)]", "WeightThreshold = -0.1", null)]
    [InlineData("[Prunable(ScoringSamples = 0)]", "ScoringSamples = 0", null)]
    [InlineData("[Prunable, Budget(Macs = 1.5)]", "Macs = 1.5", "Macs of 'Net' is 1.5; give a share above 0 and up to 1, such as 0.3, or MaxMacs for a number")]
    [InlineData("[Prunable, Budget(Parameters = 0)]", "Parameters = 0", null)]
    [InlineData("[Prunable, Budget(Macs = 0.5, MaxMacs = 1000)]", "MaxMacs = 1000", "MaxMacs of 'Net' is 1000; Macs is given, too: give a share of the dense original or a number, not both")]
    [InlineData("[Prunable, Budget(MaxBytes = -4)]", "MaxBytes = -4", "MaxBytes of 'Net' is -4; give a number above 0")]
    [InlineData("[Prunable, Budget(MaxLatency = -0.5)]", "MaxLatency = -0.5", null)]
    [InlineData("[Prunable, Budget(StoredBytes = 2)]", "StoredBytes = 2", "StoredBytes of 'Net' is 2; give a share above 0 and up to 1, such as 0.3, or MaxStoredBytes for a number")]
    [InlineData("[Prunable, Budget(MaxErrorIncrease = -0.01)]", "MaxErrorIncrease = -0.01", "MaxErrorIncrease of 'Net' is -0.01; give 0 or more, such as 0.005 for half a point")]
    [InlineData("[Prunable, Budget(Latency = 0.5, LatencyBatchSize = 0)]", "LatencyBatchSize = 0", null)]
    [InlineData("[Prunable, Budget]", "Budget", "Budget of 'Net' is empty; give Macs, Parameters, Bytes, Latency, BitOperations, StoredBytes, one of them with Max before it, or MaxErrorIncrease")]
    [InlineData("[Prunable(Allocator = (Allocator)99), Budget(Macs = 0.5)]", "Allocator = (Allocator)99", null)]
    public void PG0012_settings_outside_their_range(string annotation, string at, string? message)
    {
        var report = Compiled.Refused(Models.WithMembers(Layers, annotation: annotation)).Reported("PG0012", at);
        Assert.Equal(message ?? report.GetMessage(CultureInfo.InvariantCulture), report.GetMessage(CultureInfo.InvariantCulture));
    }

    /// <summary>A compaction is checked as a whole.</summary>
    [Theory]
    [InlineData("Ratio = 2")]
    [InlineData("Verify = false")]
    [InlineData("Allocator = Allocator.Greedy")]
    [InlineData("Rounds = 3")]
    [InlineData("Schedule = SparsitySchedule.Cubic")]
    [InlineData("MeasureLatency = false")]
    public void PG0012_a_setting_of_a_layer(string setting) =>
        Compiled.Refused(Models.WithMembers(Layers.Replace("    private readonly Conv2d", $"    [Prunable({setting})] private readonly Conv2d", StringComparison.Ordinal))).Reported("PG0012", setting);

    [Fact]
    public void PG0013_ratios_that_contradict_each_other_inside_a_group()
    {
        var report = Compiled.Refused(Models.WithMembers("""
                [Prunable(Ratio = 0.5)] private readonly Conv2d one = Conv2d(3, 16, 1);
                [Prunable(Ratio = 0.25)] private readonly Conv2d two = Conv2d(3, 16, 1);
                private readonly Conv2d last = Conv2d(16, 2, 1);
            """ + Constructor, "last.call(one.call(x) + two.call(x))")).Reported("PG0013", "Prunable(Ratio = 0.25)");
        Assert.Equal("'two' asks for a ratio of 0.25, but its outputs shrink together with those of 'one', which asks for 0.5; give one of them, or the same on both", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("[Prunable(Ratio = 0.2)] private readonly int width = 3;", "Prunable(Ratio = 0.2)", "width", "int")]
    [InlineData("[KeepWidth] private readonly Tensor? table;", "KeepWidth", "table", "Tensor?")]
    [InlineData("[KeepWidth] private string Name => \"net\";", "KeepWidth", "Name", "string")]
    public void PG0014_an_annotation_on_something_that_is_no_layer(string member, string at, string name, string type)
    {
        var report = Compiled.Refused(Models.WithMembers($"    {member}\n{Layers}")).Reported("PG0014", at);
        Assert.EndsWith($"stands on '{name}', which is of type {type} and not a layer; annotate the layers", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[KeepWidth] private readonly Linear spare = Linear(2, 2);", "KeepWidth")]
    [InlineData("[Prunable(Ratio = 0.1)] private readonly Linear spare = Linear(2, 2);", "Prunable(Ratio = 0.1)")]
    public void PG0015_an_annotated_layer_that_forward_never_calls(string member, string at)
    {
        var compiled = Compiled.From(Models.WithMembers($"    {member}\n{Layers}"));
        Assert.Equal(DiagnosticSeverity.Warning, compiled.Reported("PG0015", at).DefaultSeverity);
        Assert.Single(compiled.Sound().Files);
    }

    [Theory]
    [InlineData("[Prunable(Criterion = Criterion.Taylor)]", "", "Taylor")]
    [InlineData("[Prunable]", "[Prunable(Criterion = Criterion.MeanActivation)] ", "MeanActivation")]
    [InlineData("[Prunable(Criterion = Criterion.Apoz)]", "", "Apoz")]
    [InlineData("[Prunable(Unstructured, Criterion = Criterion.Wanda)]", "", "Wanda")]
    [InlineData("[Prunable(Unstructured, Criterion = Criterion.OptimalBrainSurgeon)]", "", "OptimalBrainSurgeon")]
    [InlineData("[Prunable(Unstructured, Criterion = Criterion.SparseGpt)]", "", "SparseGpt")]
    public void PG0016_a_layer_whose_hooks_are_skipped_where_its_criterion_needs_them(string onClass, string onLayer, string criterion)
    {
        var compiled = Compiled.From(Models.WithMembers("    " + onLayer + Layers.TrimStart(), "fc.forward(flatten(conv.forward(x), 1))", onClass));
        var report = compiled.Reported("PG0016", "conv.forward(x)");
        Assert.Equal($"{criterion} needs the activations of 'conv', and forward() does not run the hooks that collect them; write call() instead", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
        Assert.Single(compiled.Sound().Files);
    }

    [Fact]
    public void PG0016_is_not_said_of_criteria_that_look_at_weights_alone() => Compiled.From(Models.WithMembers(Layers, "fc.forward(flatten(conv.forward(x), 1))")).Clean();
}
