using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What a native recurrent layer does not tell, and what it keeps when it gets another size.</summary>
public sealed class RecurrentAdaptersTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    [InlineData(0.75)]
    public void Dropout_between_the_layers_is_measured_and_the_weights_stay(double probability)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        nn.Module[] layers =
        [
            nn.LSTM(3, 4, 2, dropout: probability, batchFirst: true),
            nn.GRU(3, 4, 3, dropout: probability, bidirectional: true, bias: false),
            nn.RNN(3, 4, 2, nn.NonLinearities.ReLU, dropout: probability),
            nn.RNN(3, 4, 2, nn.NonLinearities.Tanh, dropout: probability),
        ];
        foreach (var layer in layers)
        {
            layer.eval();
            var before = layer.parameters().Select(Pruned.Values).ToList();
            Assert.Equal(probability, RecurrentAdapters.MeasureDropout(layer), 4);
            Assert.Equal(before, layer.parameters().Select(Pruned.Values));
            Assert.False(layer.training);
        }

        Assert.Equal(0, RecurrentAdapters.MeasureDropout(nn.LSTM(3, 4)));
    }

    [Theory]
    [InlineData(nn.NonLinearities.ReLU)]
    [InlineData(nn.NonLinearities.Tanh)]
    public void The_function_of_a_plain_network_is_measured(nn.NonLinearities function)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Assert.Equal(function, RecurrentAdapters.MeasureNonLinearity(nn.RNN(3, 4, nonLinearity: function)));
        Assert.Equal(function, RecurrentAdapters.MeasureNonLinearity(nn.RNNCell(3, 4, function)));
    }

    [Fact]
    public void A_layer_of_another_size_keeps_its_identity_and_computes_with_its_own_weights()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var layer = nn.LSTM(3, 4, 2, batchFirst: true);
        var calls = 0;
        layer.register_forward_hook((_, _, _, output) =>
        {
            calls++;
            return output;
        });
        RecurrentAdapters.Measure(layer);
        var x = randn(2, 5, 3);
        var dense = Pruned.Values(layer.call(x).Item1);
        var shapes = layer.named_parameters().Select(entry => (entry.name, entry.parameter.shape)).ToList();
        using (no_grad())
        {
            foreach (var (name, parameter) in layer.named_parameters().ToList())
            {
                var rows = parameter.reshape([4, 4, .. parameter.shape[1..]]).narrow(1, 0, 2).flatten(0, 1);
                parameter.set_((name.StartsWith("weight", StringComparison.Ordinal) && name != "weight_ih_l0" ? rows.narrow(1, 0, 2) : rows).contiguous());
            }
        }

        var undo = RecurrentAdapters.Resize(layer);

        Assert.Equal([2L, 5, 2], layer.call(x).Item1.shape);
        Assert.Equal(2, RecurrentAdapters.HiddenSize(layer));
        Assert.Equal(2, calls);
        layer.call(x).Item1.sum().backward();
        Assert.All(layer.parameters(), parameter => Assert.NotNull(parameter.grad));

        undo();
        Assert.Equal(shapes.Select(shape => shape.name), layer.named_parameters().Select(entry => entry.name));
        Assert.Equal(40, dense.Length);
    }

    [Fact]
    public void What_was_compacted_can_be_put_back()
    {
        using var scope = NewDisposeScope();
        var model = RecurrentCases.All["LSTM, two layers, both directions, batch first"]();
        var input = randn(model.InputShape);
        var dense = Pruned.Evaluate(model, input);
        var plan = model.Plan();
        using var before = new ModelState(model, plan.Widths);
        using var selection = new PruneSelection(plan, plan.Groups.ToDictionary(group => group.Name, _ => new long[] { 0, 2 }));
        Compaction.Apply(selection).Dispose();
        Assert.Equal(2, RecurrentAdapters.HiddenSize(model.Layer<LSTM>("rnn")));

        before.Restore();

        Assert.Equal(5, RecurrentAdapters.HiddenSize(model.Layer<LSTM>("rnn")));
        Assert.Equal(0, Pruned.MaxDifference(dense, Pruned.Evaluate(model, input)));
    }

    [Fact]
    public void A_failure_half_way_leaves_the_layer_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = RecurrentCases.All["single steps in a loop"]();
        var input = randn(model.InputShape);
        var dense = Pruned.Evaluate(model, input);
        using var selection = Pruned.RandomSelection(model.Plan(), 2);

        Assert.Throws<TimeoutException>(() => Compaction.Apply(selection, path => throw new TimeoutException(path)));

        Assert.Equal(0, Pruned.MaxDifference(dense, Pruned.Evaluate(model, input)));
    }

    [Fact]
    public void Criteria_that_listen_to_outputs_say_what_they_cannot_score()
    {
        using var scope = NewDisposeScope();
        var model = RecurrentCases.All["GRU that hands its state to another, time first"]();
        var data = TrainingData.FromTensors(randn(4, 5, 6), randn(4, 5, 4), batchSize: 2);
        var error = Assert.Throws<InvalidOperationException>(() => Pruned.Compact(model, new PruneOptions { Criterion = Criterion.MeanActivation }, data));
        Assert.Equal("MeanActivation cannot score encoder: which numbers of what a GRU puts out belong to which channel is only known of Linear, convolution and Embedding layers. Choose L1, L2 or Random for it, or keep its width.", error.Message);
    }
}
