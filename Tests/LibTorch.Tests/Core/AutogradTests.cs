using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class AutogradTests
{
    [Fact]
    public void Gradient_of_a_polynomial_is_its_derivative()
    {
        var x = tensor(new[] { -2.0, 0.5, 3.0 }, requires_grad: true);
        (x * x * x - 2 * x).sum().backward();
        Assert.Equal([3 * 4 - 2.0, 3 * 0.25 - 2, 3 * 9 - 2], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Gradients_of_composed_functions_match_finite_differences()
    {
        manual_seed(3);
        var weights = randn(4, 5, dtype: float64);
        Gradients.AssertMatchDifferences(x => x.matmul(weights).tanh().pow(2).sum(), randn(3, 4, dtype: float64));
        Gradients.AssertMatchDifferences(x => (x.exp() / x.exp().sum()).log()[1].sum(), randn(2, 4, dtype: float64));
    }

    [Fact]
    public void Gradient_flows_through_indexing_and_index_put()
    {
        manual_seed(4);
        var point = randn(4, 3, dtype: float64);
        Gradients.AssertMatchDifferences(x => (x[1..3, ^1] * x[TensorIndex.Ellipsis, 0][2]).sum(), point);
        Gradients.AssertMatchDifferences(x =>
        {
            var copy = x.clone();
            copy[1] = copy[0] * 2;
            return (copy * copy).sum();
        }, point);
    }

    [Fact]
    public void Backward_adds_to_the_gradient_until_it_is_taken_away()
    {
        var x = ones(2, requires_grad: true);
        Assert.Null(x.grad);
        (x * 3).sum().backward();
        (x * 4).sum().backward();
        Assert.Equal([7f, 7f], x.grad!.data<float>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
        x.grad = full(2, 5f);
        Assert.Equal([5f, 5f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Backward_of_several_numbers_takes_their_gradients()
    {
        var x = tensor(new[] { 1f, 2f, 3f }, requires_grad: true);
        var y = x * x;
        y.backward([tensor(new[] { 1f, 10f, 100f })]);
        Assert.Equal([2f, 40f, 600f], x.grad!.data<float>().ToArray());

        var error = Assert.Throws<ExternalException>(() => (x * x).backward());
        Assert.StartsWith("grad can be implicitly created only for scalar outputs", error.Message);
    }

    [Fact]
    public void Backward_reaches_only_the_inputs_that_are_asked_for()
    {
        var x = ones(1, requires_grad: true);
        var y = ones(1, requires_grad: true);
        (x * y).backward(inputs: [x]);
        Assert.NotNull(x.grad);
        Assert.Null(y.grad);
    }

    [Fact]
    public void A_graph_is_used_once_unless_it_is_retained()
    {
        var x = tensor(new[] { 2f }, requires_grad: true);
        var y = x * x;
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(8f, x.grad!.item<float>());
        var error = Assert.Throws<ExternalException>(() => y.backward());
        Assert.StartsWith("Trying to backward through the graph a second time", error.Message);
    }

    [Fact]
    public void Grad_returns_gradients_and_leaves_grad_alone()
    {
        var x = tensor(new[] { 3.0 }, requires_grad: true);
        var y = tensor(new[] { 5.0 }, requires_grad: true);
        var found = autograd.grad([x * y], [x, y]);
        Assert.Equal([5.0, 3.0], found.Select(gradient => gradient.item<double>()));
        Assert.Null(x.grad);
        Assert.Null(y.grad);
    }

    [Fact]
    public void Grad_takes_the_gradients_of_outputs()
    {
        var x = tensor(new[] { 1.0, 2.0 }, requires_grad: true);
        var found = autograd.grad([x * x], [x], [tensor(new[] { 1.0, 0.5 })]);
        Assert.Equal([2.0, 2.0], found[0].data<double>().ToArray());
    }

    [Fact]
    public void Second_derivatives_come_from_a_created_graph()
    {
        var x = tensor(new[] { 2.0 }, requires_grad: true);
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        Assert.Equal(12, first.item<double>(), 12);
        var second = autograd.grad([first], [x])[0];
        Assert.Equal(12, second.item<double>(), 12);
    }

    [Fact]
    public void An_unused_input_has_an_invalid_gradient()
    {
        var x = ones(1, requires_grad: true);
        var unused = ones(1, requires_grad: true);
        var found = autograd.grad([x * 2], [x, unused], allow_unused: true);
        Assert.Equal(2f, found[0].item<float>());
        Assert.True(found[1].IsInvalid);
    }

    [Fact]
    public void Only_leaves_keep_their_gradient_unless_told_to()
    {
        var x = ones(1, requires_grad: true);
        var middle = x * 2;
        Assert.True(x.is_leaf);
        Assert.False(middle.is_leaf);
        middle.retain_grad();
        (middle * 3).backward();
        Assert.Equal(3f, middle.grad!.item<float>());
        Assert.Equal(6f, x.grad!.item<float>());
    }

    [Fact]
    public void No_grad_and_enable_grad_nest_and_end()
    {
        var x = ones(1, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (set_grad_enabled(false))
            Assert.False(is_grad_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void What_is_made_in_inference_mode_takes_no_part_in_gradients()
    {
        var x = ones(2, requires_grad: true);
        Tensor made;
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            made = x * 2;
            Assert.False(made.requires_grad);
        }
        Assert.False(is_inference_mode_enabled());
        var error = Assert.Throws<ExternalException>(() => x * made);
        Assert.StartsWith("Inference tensors cannot be saved for backward", error.Message);
    }

    [Fact]
    public void Detach_cuts_off_and_shares_the_data()
    {
        var x = tensor(new[] { 1f, 2f }, requires_grad: true);
        var cut = x.detach();
        Assert.False(cut.requires_grad);
        cut[0] = 5f;
        Assert.Equal(5f, x[0].item<float>());

        var y = x * 2;
        y.detach_();
        Assert.False(y.requires_grad);
    }

    [Fact]
    public void Anomaly_detection_reports_NaN_in_the_backward_pass()
    {
        Assert.False(AnomalyMode.IsEnabled);
        var x = tensor(new[] { -1f }, requires_grad: true);
        x.sqrt().sum().backward();
        Assert.True(float.IsNaN(x.grad!.item<float>()));

        using (autograd.detect_anomaly())
        {
            Assert.True(AnomalyMode.IsEnabled);
            Assert.True(AnomalyMode.ShouldCheckNaN);
            var error = Assert.Throws<ExternalException>(() => x.sqrt().sum().backward());
            Assert.Contains("returned nan values", error.Message);
        }
        Assert.False(AnomalyMode.IsEnabled);
    }

    [Fact]
    public void Only_floating_point_tensors_can_require_gradients()
    {
        var error = Assert.Throws<ExternalException>(() => tensor(new[] { 1, 2 }).requires_grad = true);
        Assert.Contains("floating point", error.Message);
    }
}
