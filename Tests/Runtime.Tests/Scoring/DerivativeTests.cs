using System.Runtime.InteropServices;
using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What libtorch cannot differentiate, or not twice, is an exception. Inside of TorchSharp's <c>autograd.grad</c> it ends the process.</summary>
public sealed class DerivativeTests
{
    [Theory]
    [InlineData(Criterion.Hessian)]
    [InlineData(Criterion.Grasp)]
    public void An_operation_without_a_second_derivative_is_refused_with_what_to_choose(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var picture = rand(1, 1, 4, 4);
        var model = Net((m, x) =>
        {
            var hidden = m["fc"].call(x);
            var seen = nn.functional.grid_sample(picture.expand(x.shape[0], 1, 4, 4), hidden.narrow(1, 0, 2).reshape(-1, 1, 1, 2), align_corners: false);
            return m["head"].call(hidden.tanh()) + seen.reshape(-1, 1);
        });
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, criterion));
        Assert.Contains("grid_sampler_2d_backward", error.Message, StringComparison.Ordinal);
        Assert.Contains("Choose Fisher or Snip", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));
        Score(model, Criterion.Fisher);
    }

    [Theory]
    [InlineData(Criterion.Hessian)]
    [InlineData(Criterion.Grasp)]
    public void Attention_is_differentiated_twice_as_if_it_were_written_out(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        Tensor Attend(OperationNet m, Tensor x, Func<Tensor, Tensor> attention)
        {
            var heads = m["fc"].call(x).reshape(x.shape[0], 1, 2, 4);
            return m["head"].call(attention(heads).reshape(-1, 8));
        }

        var fused = Score(Net((m, x) => Attend(m, x, q => nn.functional.scaled_dot_product_attention(q, q, q))), criterion);
        var written = Score(Net((m, x) => Attend(m, x, q => q.matmul(q.transpose(-2, -1)).div(2).softmax(-1).matmul(q))), criterion);
        Assert.All(written.Zip(fused), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First))));
        Assert.Contains(written, score => Math.Abs(score) > 1e-4);
        Assert.True(backends.cuda.flash_sdp_enabled());
    }

    [Theory]
    [InlineData(Criterion.Taylor)]
    [InlineData(Criterion.Snip)]
    [InlineData(Criterion.Hessian)]
    public void What_forward_overwrites_although_its_gradient_needs_it_is_an_exception(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = Net((m, x) =>
        {
            var hidden = m["fc"].call(x).exp();
            var head = m["head"].call(hidden);
            hidden.add_(1);
            return head;
        });
        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => Score(model, criterion)).Message, StringComparison.Ordinal);
    }

    /// <summary>Two layers with something between them.</summary>
    private static OperationNet Net(Func<OperationNet, Tensor, Tensor> compute)
    {
        manual_seed(5);
        return new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 8), ["head"] = nn.Linear(8, 1) },
            compute,
            (m, link, x) => link.Layer(m["head"], link.Op("tanh", link.Layer(m["fc"], x))));
    }

    private static double[] Score(OperationNet model, Criterion criterion)
    {
        using var generator = new Generator(3);
        var data = TrainingData.FromTensors(randn([6, 4], generator: generator), zeros(6, 1), batchSize: 3);
        var options = new PruneOptions { Criterion = criterion, Granularity = Granularity.Unstructured };
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        return Pruned.Values(importance.Weights["fc.weight"]);
    }
}
