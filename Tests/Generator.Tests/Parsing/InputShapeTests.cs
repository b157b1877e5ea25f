using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Where the shape of the input comes from: from whoever calls, or from the data.</summary>
public class InputShapeTests
{
    /// <summary>A model that cannot be linked without the rank of its input.</summary>
    private const string Turned = """
        /// <summary>Under test.</summary>
        [Prunable]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 12), last = Linear(12, 3);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => last.call(relu(first.call(x)).transpose(0, 1).transpose(0, 1)).mean(new long[] { 1 });
        }
        """;

    /// <summary>A model whose second input may be left out, and counts as another layer's where it is not.</summary>
    private const string Masked = """
        /// <summary>Under test.</summary>
        [Prunable]
        public sealed partial class Net : Module<Tensor, Tensor?, Tensor>
        {
            private readonly Linear first = Linear(8, 12), last = Linear(12, 3), gate = Linear(5, 12);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x, Tensor? mask)
            {
                x = relu(first.call(x));
                return last.call(mask is null ? x : x * torch.sigmoid(gate.call(mask)));
            }
        }
        """;

    private static readonly TrainingData Sequences = TrainingData.FromTensors(ones(6, 4, 8), zeros(6, 3), batchSize: 3);

    [Theory]
    [InlineData("Score")]
    [InlineData("Mask")]
    [InlineData("Compact")]
    public void Data_show_the_shape(string method)
    {
        var net = Loaded.From(Turned);
        using var result = (IDisposable)net.Call(method, null, Sequences, Array.Empty<long>())!;
        if (result is CompactResult compacted)
        {
            Assert.Equal((12L * 3) + (12 * 8), compacted.Before.Macs / 4);
            Assert.Equal(6, Assert.Single(compacted.Groups).After);
        }
    }

    [Theory]
    [InlineData("Score")]
    [InlineData("Mask")]
    [InlineData("Compact")]
    public void The_shape_is_given_where_there_are_no_data(string method)
    {
        var net = Loaded.From(Turned);
        ((IDisposable)net.Call(method, null, null, new long[] { 1, 4, 8 })!).Dispose();
    }

    [Theory]
    [InlineData("Score", null, null)]
    [InlineData("Compact", null, null)]
    [InlineData("Count")]
    [InlineData("PruningPlan")]
    [InlineData("SavePruned", "never.prune")]
    public void Without_shape_and_data_the_way_to_give_them_is_named(string method, params object?[] arguments)
    {
        var net = Loaded.From(Turned);
        var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() => net.Call(method, method == "SavePruned" ? arguments : [.. arguments, Array.Empty<long>()]));
        Assert.StartsWith("Net cannot be linked without the shape of its input: ", thrown.InnerException!.Message, StringComparison.Ordinal);
        Assert.EndsWith("Call PruningPlan with the shape once, or give Score, Mask or Compact the shape, or data to see it from.", thrown.InnerException.Message, StringComparison.Ordinal);
        Assert.NotNull(thrown.InnerException.InnerException);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_optional_input_is_there_where_the_data_bring_it_and_the_pruned_model_takes_it_where_they_do_not(bool masked)
    {
        const string Group = "first: first.weight[0] first.bias[0] last.weight[1] gate.weight[0] gate.bias[0]";
        var net = Loaded.From(Masked);
        Tensor[] inputs = masked ? [randn(6, 8), randn(6, 5)] : [randn(6, 8)];
        var data = TrainingData.FromTensors(inputs, zeros(6, 3), batchSize: 3);
        using var report = (IDisposable)net.Call("Score", new PruneOptions { Criterion = Criterion.Taylor }, data, Array.Empty<long>())!;

        // Whoever links it again does so with what it was linked with.
        var names = net.Groups().Select(found => string.Join(' ', found.Split(' ').Order(StringComparer.Ordinal)));
        Assert.Contains(string.Join(' ', Group.Split(' ').Order(StringComparer.Ordinal)), names);
        using var compacted = (CompactResult)net.Call("Compact", new PruneOptions { Criterion = Criterion.L1 }, data, Array.Empty<long>())!;
        Assert.Equal([3L, 3L], net.Forward([randn(3, 8)])[0].shape);
        Assert.Equal([3L, 3L], net.Forward([randn(3, 8), randn(3, 5)])[0].shape);
    }

    [Fact]
    public void More_inputs_than_forward_takes_are_refused()
    {
        var net = Loaded.From(Masked);
        var data = TrainingData.FromTensors([randn(6, 8), randn(6, 5), randn(6, 5)], zeros(6, 3), batchSize: 3);
        var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() => net.Call("Score", null, data, Array.Empty<long>()));
        Assert.StartsWith("Net takes 1 to 2 inputs, but a batch of the data has 3; give one tensor for each input", thrown.InnerException!.Message, StringComparison.Ordinal);
    }
}
