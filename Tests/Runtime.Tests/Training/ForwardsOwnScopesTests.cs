using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What a callback keeps of a forward pass outlives the scopes in which forward disposes of its tensors.</summary>
public sealed partial class ForwardsOwnScopesTests
{
    public static TheoryData<string> Callbacks =>
        [nameof(BayesianCompression), nameof(HardConcreteGates), nameof(InformationBottleneck), nameof(FeatureHints), nameof(AttentionTransfer)];

    [Theory]
    [MemberData(nameof(Callbacks))]
    public void A_callback_trains_a_model_that_disposes_of_its_tensors(string name)
    {
        Assert.Equal(Left([]), Left([name switch
        {
            nameof(BayesianCompression) => new BayesianCompression(),
            nameof(HardConcreteGates) => new HardConcreteGates(),
            nameof(InformationBottleneck) => new InformationBottleneck(),
            nameof(FeatureHints) => new FeatureHints(["first", "second"]),
            _ => new AttentionTransfer(["first", "second"]),
        }]));
    }

    /// <summary>How many tensors a run leaves behind.</summary>
    private static int Left(TrainingCallback[] callbacks)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var model = new Scoped();
        var data = TrainingData.FromTensors(randn(16, 4, 5), randint(0, 3, 16), batchSize: 8);
        var options = new PruneOptions { Ratio = 0.25, MeasureLatency = false, Retrain = new() { Epochs = 2, Callbacks = callbacks } };
        var before = scope.DisposablesCount;
        Pruning.PruneAndRetrain(model, inputs => [model.call(inputs[0])], data, data, options, PruneProgress.Quiet);
        Assert.Equal(6, model.first.out_channels);
        return scope.DisposablesCount - before;
    }

    /// <summary>Two layers of one group, each called in a scope of its own.</summary>
    [Prunable]
    private sealed partial class Scoped : nn.Module<Tensor, Tensor>
    {
        public readonly Conv1d first = nn.Conv1d(4, 8, 3, padding: 1);
        public readonly Conv1d second = nn.Conv1d(8, 8, 3, padding: 1);
        public readonly Linear output = nn.Linear(8, 3);

        public Scoped()
            : base(nameof(Scoped)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = First(input);
            x = x + Second(x);
            return output.call(x.mean([2])).MoveToOuterDisposeScope();
        }

        private Tensor First(Tensor x)
        {
            using var scope = NewDisposeScope();
            return first.call(x).relu().MoveToOuterDisposeScope();
        }

        private Tensor Second(Tensor x)
        {
            using var scope = NewDisposeScope();
            return second.call(x).relu().MoveToOuterDisposeScope();
        }
    }
}
