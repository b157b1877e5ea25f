using System.Runtime.InteropServices;
using TorchSharp;
using Modules = TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class RecurrentTests
{
    private static Tensor Affine(Module layer, string which, string suffix, Tensor x)
    {
        var y = x.matmul(layer.get_parameter($"weight_{which}{suffix}")!.t());
        return layer.get_parameter($"bias_{which}{suffix}") is { } bias ? y + bias : y;
    }

    /// <summary>One step of each kind of cell, by the formulas of the papers; the state is one tensor, or two for an LSTM.</summary>
    private static Tensor[] Step(Module layer, string suffix, Tensor x, Tensor[] state, Func<Tensor, Tensor>? function = null)
    {
        var (inward, hidden) = (Affine(layer, "ih", suffix, x), Affine(layer, "hh", suffix, state[0]));
        if (layer is Modules.LSTM or Modules.LSTMCell)
        {
            var gates = (inward + hidden).chunk(4, 1);
            var cell = gates[1].sigmoid() * state[1] + gates[0].sigmoid() * gates[2].tanh();
            return [gates[3].sigmoid() * cell.tanh(), cell];
        }
        if (layer is Modules.GRU or Modules.GRUCell)
        {
            var (i, h) = (inward.chunk(3, 1), hidden.chunk(3, 1));
            var (reset, update) = ((i[0] + h[0]).sigmoid(), (i[1] + h[1]).sigmoid());
            var candidate = (i[2] + reset * h[2]).tanh();
            return [(1 - update) * candidate + update * state[0]];
        }
        return [function!(inward + hidden)];
    }

    /// <summary>The outputs of the last layer at all times, and the states of every layer and direction in the end, stacked.</summary>
    private static (Tensor output, Tensor[] states) Run(Module layer, Tensor input, int layers, bool bidirectional, Tensor[] start, Func<Tensor, Tensor>? function = null)
    {
        var (time, index) = ((int)input.size(0), 0);
        var ends = start.Select(_ => new List<Tensor>()).ToArray();
        var sequence = Enumerable.Range(0, time).Select(t => input[t]).ToArray();
        for (var l = 0; l < layers; l++)
        {
            var directions = new List<Tensor[]>();
            foreach (var backward in bidirectional ? new[] { false, true } : [false])
            {
                var state = Array.ConvertAll(start, s => s[index]);
                index++;
                var outputs = new Tensor[time];
                for (var i = 0; i < time; i++)
                {
                    var t = backward ? time - 1 - i : i;
                    state = Step(layer, $"_l{l}{(backward ? "_reverse" : "")}", sequence[t], state, function);
                    outputs[t] = state[0];
                }
                for (var s = 0; s < state.Length; s++) ends[s].Add(state[s]);
                directions.Add(outputs);
            }
            sequence = Enumerable.Range(0, time).Select(t => cat(directions.Select(outputs => outputs[t]).ToArray(), 1)).ToArray();
        }
        return (stack(sequence), ends.Select(list => stack(list)).ToArray());
    }

    [Theory]
    [InlineData(1, false, true, false)]
    [InlineData(2, false, true, true)]
    [InlineData(1, true, false, false)]
    [InlineData(3, true, true, true)]
    public void LSTM_follows_its_formulas(int layers, bool bidirectional, bool bias, bool batchFirst)
    {
        manual_seed(1);
        using var layer = LSTM(3, 4, layers, bias, batchFirst, bidirectional: bidirectional, dtype: float64);
        var (x, h0, c0) = (Near.Random(2, 5, 2, 3), Near.Random(3, layers * (bidirectional ? 2 : 1), 2, 4), Near.Random(4, layers * (bidirectional ? 2 : 1), 2, 4));
        var (expected, ends) = Run(layer, x, layers, bidirectional, [h0, c0]);

        var (output, h, c) = layer.call(batchFirst ? x.transpose(0, 1) : x, (h0, c0));
        Near.Equal(expected, batchFirst ? output.transpose(0, 1) : output);
        Near.Equal(ends[0], h);
        Near.Equal(ends[1], c);
    }

    [Theory, InlineData(1, false), InlineData(2, true)]
    public void GRU_follows_its_formulas(int layers, bool bidirectional)
    {
        manual_seed(1);
        using var layer = GRU(3, 4, layers, bidirectional: bidirectional, dtype: float64);
        var (x, h0) = (Near.Random(2, 5, 2, 3), Near.Random(3, layers * (bidirectional ? 2 : 1), 2, 4));
        var (expected, ends) = Run(layer, x, layers, bidirectional, [h0]);
        var (output, h) = layer.call(x, h0);
        Near.Equal(expected, output);
        Near.Equal(ends[0], h);
    }

    [Theory, InlineData(NonLinearities.Tanh, 2, true), InlineData(NonLinearities.ReLU, 1, false)]
    public void RNN_follows_its_formulas(NonLinearities function, int layers, bool bidirectional)
    {
        manual_seed(1);
        using var layer = RNN(3, 4, layers, function, bidirectional: bidirectional, dtype: float64);
        var (x, h0) = (Near.Random(2, 5, 2, 3), Near.Random(3, layers * (bidirectional ? 2 : 1), 2, 4));
        var (expected, ends) = Run(layer, x, layers, bidirectional, [h0], function == NonLinearities.Tanh ? a => a.tanh() : a => a.relu());
        var (output, h) = layer.call(x, h0);
        Near.Equal(expected, output);
        Near.Equal(ends[0], h);
        using var weight = layer.get_weight_ih(0);
        Near.Equal(layer.get_parameter("weight_ih_l0")!, weight!);
    }

    [Fact]
    public void States_begin_with_zeros()
    {
        manual_seed(1);
        using var lstm = LSTM(3, 4, 2, batchFirst: true);
        using var gru = GRU(3, 4, bidirectional: true);
        using var rnn = RNN(3, 4);
        var x = randn(5, 2, 3);
        var (first, _, _) = lstm.call(x);
        var (second, _, _) = lstm.call(x, (zeros(2, 5, 4), zeros(2, 5, 4)));
        Near.Equal(first, second);
        Near.Equal(gru.call(x, zeros(2, 2, 4)).Item1, gru.call(x).Item1);
        Near.Equal(rnn.call(x, zeros(1, 2, 4)).Item1, rnn.call(x).Item1);
    }

    [Fact]
    public void Parameters_have_PyTorchs_names_shapes_and_interval()
    {
        manual_seed(2);
        using var layer = LSTM(3, 4, 2, bidirectional: true);
        Assert.Equal(
            ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse",
             "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1", "weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse"],
            layer.named_parameters().Select(named => named.name));
        Assert.Equal([16, 3], layer.get_parameter("weight_ih_l0")!.shape);
        Assert.Equal([16, 8], layer.get_parameter("weight_ih_l1")!.shape);
        var values = layer.parameters().SelectMany(Near.Values).ToArray();
        Assert.All(values, value => Assert.InRange(value, -0.5, 0.5));
        Assert.True(values.Max() > 0.49 && values.Min() < -0.49);

        using var gru = GRU(3, 4, bias: false);
        Assert.Equal([12, 3], gru.get_parameter("weight_ih_l0")!.shape);
        Assert.Equal(2, gru.parameters().Count());
    }

    [Fact]
    public void Gradients_reach_inputs_and_parameters()
    {
        manual_seed(3);
        using var layer = LSTM(2, 3, dtype: float64);
        Gradients.AssertMatchDifferences(x => Near.Form(layer.call(x).Item1), Near.Random(1, 4, 2, 2), tolerance: 1e-5);
        layer.call(Near.Random(2, 4, 2, 2)).Item1.sum().backward();
        Assert.All(layer.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void Dropout_between_layers_acts_in_training_only()
    {
        manual_seed(4);
        using var layer = LSTM(3, 4, 2, dropout: 0.5);
        var x = randn(5, 2, 3);
        Assert.NotEqual(Near.Values(layer.call(x).Item1), Near.Values(layer.call(x).Item1));
        layer.eval();
        Near.Equal(layer.call(x).Item1, layer.call(x).Item1);
    }

    [Fact]
    public void Inputs_and_states_that_do_not_fit_are_refused()
    {
        using var layer = LSTM(3, 4);
        Assert.Contains("Expected 3, got 2", Assert.Throws<ExternalException>(() => layer.call(ones(5, 2, 2))).Message);
        Assert.Throws<ExternalException>(() => layer.call(ones(5, 2, 3), (zeros(1, 3, 4), zeros(1, 3, 4))));
        using var cell = GRUCell(3, 4);
        Assert.Throws<ExternalException>(() => cell.call(ones(5, 2), zeros(5, 4)));
    }

    [Fact]
    public void Moving_keeps_registration_and_result()
    {
        using var layer = GRU(3, 4);
        layer.to(float64);
        Assert.Equal(ScalarType.Float64, layer.get_parameter("weight_hh_l0")!.dtype);
        Assert.Equal([5, 2, 4], layer.call(Near.Random(1, 5, 2, 3)).Item1.shape);
        layer.flatten_parameters();
        Assert.Equal([5, 2, 4], layer.call(Near.Random(1, 5, 2, 3)).Item1.shape);
    }

    [Fact]
    public void Cells_make_one_step()
    {
        manual_seed(5);
        using var lstm = LSTMCell(3, 4, dtype: float64);
        using var gru = GRUCell(3, 4, dtype: float64);
        using var tanh = RNNCell(3, 4, dtype: float64);
        using var relu = RNNCell(3, 4, NonLinearities.ReLU, bias: false, dtype: float64);
        var (x, h, c) = (Near.Random(1, 2, 3), Near.Random(2, 2, 4), Near.Random(3, 2, 4));

        var expected = Step(lstm, "", x, [h, c]);
        var (hidden, cell) = lstm.call(x, (h, c));
        Near.Equal(expected[0], hidden);
        Near.Equal(expected[1], cell);
        Near.Equal(Step(gru, "", x, [h])[0], gru.call(x, h));
        Near.Equal(Step(tanh, "", x, [h], a => a.tanh())[0], tanh.call(x, h));
        Near.Equal(Step(relu, "", x, [h], a => a.relu())[0], relu.call(x, h));

        Near.Equal(gru.call(x, zeros(2, 4, dtype: float64)), gru.forward(x));
        Assert.Equal(["weight_ih", "weight_hh", "bias_ih", "bias_hh"], lstm.named_parameters().Select(named => named.name));
        Assert.Equal(2, relu.parameters().Count());
        Assert.Null(relu.bias_ih);
    }

    [Fact]
    public void Weights_of_a_cell_can_be_set_and_their_handles_disposed()
    {
        using var cell = GRUCell(2, 2);
        using (var handle = cell.weight_ih) Assert.Equal([6, 2], handle!.shape);
        cell.weight_ih = Parameter(ones(6, 2));
        Near.Equal(ones(6, 2), cell.get_parameter("weight_ih")!);
        using (var handle = cell.weight_ih) Near.Equal(ones(6, 2), handle!);
        Assert.Equal([3, 2], cell.forward(ones(3, 2)).shape);
        Assert.ThrowsAny<Exception>(() => cell.bias_hh = null!);
        Assert.Equal([3, 2], cell.forward(ones(3, 2)).shape);
    }
}
