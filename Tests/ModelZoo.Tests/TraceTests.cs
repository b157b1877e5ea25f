using PruneGen.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>What linking writes down of a model computes what the model computes: no operand is lost.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Models => new(Zoo.Models.Select(model => model.Name));

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void The_trace_of_a_model_is_its_forward(string name)
    {
        using var instance = Zoo.Named(name).Create(ZooSize.Small);
        manual_seed(1);
        var inputs = instance.Inputs(1);
        instance.Module.eval();
        var plan = instance.Plan();
        Assert.Empty(plan.Trace.Gaps);
        var difference = TraceInterpreter.Difference(plan, instance.Forward, inputs);

        Assert.Equal(0, difference);
    }
}
