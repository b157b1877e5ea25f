using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class NormalizationTests
{
    /// <summary>(x − mean) / √(variance + eps) over the given dimensions, by the biased variance.</summary>
    private static Tensor Normalized(Tensor x, double eps, params long[] dims)
    {
        var centred = x - x.mean(dims, keepdim: true);
        return centred / (centred.pow(2).mean(dims, keepdim: true) + eps).sqrt();
    }

    private static Tensor PerChannel(Tensor values, long ndim) =>
        values.reshape([1, values.NumberOfElements, .. Enumerable.Repeat(1L, (int)ndim - 2)]);

    public static TheoryData<long[]> Shapes => [[6, 4], [5, 4, 7], [3, 4, 5, 6], [2, 4, 3, 4, 5]];

    private static BatchNorm BatchNormFor(long[] shape, double eps = 1e-5, double momentum = 0.1) => shape.Length switch
    {
        2 or 3 => BatchNorm1d(shape[1], eps, momentum, dtype: float64),
        4 => BatchNorm2d(shape[1], eps, momentum, dtype: float64),
        _ => BatchNorm3d(shape[1], eps, momentum, dtype: float64),
    };

    [Theory, MemberData(nameof(Shapes))]
    public void BatchNorm_normalises_by_the_batch_in_training_and_by_the_running_statistics_in_evaluation(long[] shape)
    {
        using var layer = BatchNormFor(shape, eps: 1e-3, momentum: 0.3);
        layer.weight = Parameter(tensor(new[] { 1.0, -2, 0.5, 3 }));
        layer.bias = Parameter(tensor(new[] { 0.1, 0.2, -0.3, 0 }));
        var x = Near.Random(1, shape) * 2 + 3;
        var (weight, bias) = (PerChannel(layer.weight, x.ndim), PerChannel(layer.bias, x.ndim));
        var others = Enumerable.Range(0, shape.Length).Where(dim => dim != 1).Select(dim => (long)dim).ToArray();

        Near.Equal(Normalized(x, 1e-3, others) * weight + bias, layer.call(x));

        // The running variance takes the unbiased estimate.
        var count = x.NumberOfElements / 4.0;
        var mean = x.mean(others);
        var variance = (x - PerChannel(mean, x.ndim)).pow(2).sum(others) / (count - 1);
        Near.Equal(0.3 * mean, layer.running_mean!);
        Near.Equal(0.7 + 0.3 * variance, layer.running_var!);
        Assert.Equal(1, layer.num_batches_tracked!.ToDouble());

        layer.eval();
        var expected = (x - PerChannel(layer.running_mean!, x.ndim)) / (PerChannel(layer.running_var!, x.ndim) + 1e-3).sqrt() * weight + bias;
        Near.Equal(expected, layer.call(x));
        Near.Equal(expected, layer.call(x));
    }

    [Fact]
    public void BatchNorm_gradients_match_finite_differences()
    {
        var (x, weight, bias) = (Near.Random(1, 4, 3, 5), Near.Random(2, 3), Near.Random(3, 3));
        Tensor Apply(Tensor input, Tensor w, Tensor b) => Near.Form(functional.batch_norm(input, null, null, w, b, training: true));
        Gradients.AssertMatchDifferences(input => Apply(input, weight, bias), x, tolerance: 1e-5);
        Gradients.AssertMatchDifferences(input => Apply(x, input, bias), weight, tolerance: 1e-5);
        Gradients.AssertMatchDifferences(input => Apply(x, weight, input), bias, tolerance: 1e-5);
    }

    [Fact]
    public void BatchNorm_registers_parameters_and_buffers_and_lets_them_be_set()
    {
        using var layer = BatchNorm2d(3);
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(named => named.name));
        Assert.Equal(["running_mean", "running_var", "num_batches_tracked"], layer.named_buffers().Select(named => named.name));
        Near.Equal([1, 1, 1], layer.weight);
        Near.Equal([0, 0, 0], layer.bias!);
        Assert.Equal(ScalarType.Int64, layer.num_batches_tracked!.dtype);
        Assert.Equal(3, layer.num_features);

        var old = layer.running_mean!;
        using (NewDisposeScope())
        {
            layer.weight = Parameter(ones(2));
            layer.bias = Parameter(zeros(2));
            layer.running_mean = zeros(2);
            layer.running_var = ones(2);
        }
        Assert.True(old.IsInvalid);
        Assert.Same(layer.running_mean, layer.get_buffer("running_mean"));
        Assert.Same(layer.weight, layer.get_parameter("weight"));
        // The layer goes by its tensors: it never compares the input with num_features.
        Assert.Equal([4, 2, 5, 5], layer.call(randn(4, 2, 5, 5)).shape);
    }

    [Fact]
    public void BatchNorm_without_running_statistics_normalises_every_batch_by_its_own()
    {
        using var layer = BatchNorm1d(3, affine: false, track_running_stats: false, dtype: float64);
        layer.eval();
        var x = Near.Random(1, 6, 3);
        Assert.Empty(layer.parameters());
        Assert.Empty(layer.named_buffers());
        Near.Equal(Normalized(x, 1e-5, 0), layer.call(x));
    }

    [Fact]
    public void BatchNorm_resets()
    {
        using var layer = BatchNorm1d(3);
        layer.call(randn(8, 3)).Dispose();
        layer.weight = Parameter(full(3, 7f));
        layer.reset_parameters();
        Near.Equal([0, 0, 0], layer.running_mean!);
        Near.Equal([1, 1, 1], layer.running_var!);
        Near.Equal([1, 1, 1], layer.weight);
        Assert.Equal(0, layer.num_batches_tracked!.ToDouble());
    }

    [Fact]
    public void A_wrong_number_of_dimensions_is_refused()
    {
        using var one = BatchNorm1d(3);
        using var two = BatchNorm2d(3);
        using var three = BatchNorm3d(3);
        using var instance = InstanceNorm2d(3);
        Assert.Equal("expected 2D or 3D input, but got 4D input.", Assert.Throws<ArgumentException>(() => one.call(ones(2, 3, 4, 4))).Message);
        Assert.Equal("expected 4D input, but got 3D input.", Assert.Throws<ArgumentException>(() => two.call(ones(2, 3, 4))).Message);
        Assert.Throws<ArgumentException>(() => three.call(ones(2, 3, 4, 4)));
        Assert.Throws<ArgumentException>(() => instance.call(ones(2, 3)));
        Assert.Throws<ArgumentException>(() => instance.call(ones(2, 4, 5, 5)));
    }

    [Fact]
    public void BatchNorm_takes_one_value_per_channel_when_it_does_not_train()
    {
        // When it trains: in Corrections.
        using var layer = BatchNorm1d(3);
        layer.eval();
        Near.Equal([1 / Math.Sqrt(1 + 1e-5), 2 / Math.Sqrt(1 + 1e-5), 0], layer.call(tensor(new[,] { { 1f, 2f, 0f } })), 1e-6);
    }

    [Fact]
    public void Normalisation_layers_convert_their_statistics_but_not_their_count()
    {
        using var layer = BatchNorm1d(3);
        layer.to(float64);
        Assert.Equal(ScalarType.Float64, layer.running_var!.dtype);
        Assert.Equal(ScalarType.Int64, layer.num_batches_tracked!.dtype);
        Assert.Equal([5, 3], layer.call(Near.Random(1, 5, 3)).shape);
    }

    [Fact]
    public void InstanceNorm_normalises_each_channel_of_each_sample()
    {
        var x = Near.Random(1, 2, 3, 4, 5);
        using var layer = InstanceNorm2d(3, affine: true, dtype: float64);
        layer.weight = Parameter(tensor(new[] { 1.0, -2, 0.5 }));
        var expected = Normalized(x, 1e-5, 2, 3) * PerChannel(layer.weight, 4);
        Near.Equal(expected, layer.call(x));
        Near.Equal(expected[0], layer.call(x[0]));
        layer.eval();
        Near.Equal(expected, layer.call(x));

        Near.Equal(Normalized(x[0], 1e-5, 2), InstanceNorm1d(4).call(x[0]));
        Near.Equal(Normalized(x.unsqueeze(2), 1e-5, 2, 3, 4), InstanceNorm3d(3).call(x.unsqueeze(2)));

        using var tracking = InstanceNorm1d(4, track_running_stats: true, dtype: float64);
        tracking.call(x[0]).Dispose();
        Near.Equal(0.1 * x[0].mean([0, 2]), tracking.running_mean!);
    }

    [Fact]
    public void LayerNorm_normalises_the_last_dimensions()
    {
        var x = Near.Random(1, 2, 3, 4);
        using var layer = LayerNorm([3, 4], dtype: float64);
        layer.weight = Parameter(Near.Random(2, 3, 4));
        layer.bias = Parameter(Near.Random(3, 3, 4));
        Near.Equal(Normalized(x, 1e-5, 1, 2) * layer.weight + layer.bias, layer.call(x));
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(named => named.name));

        using var single = LayerNorm(4, eps: 0.1, dtype: float64);
        Near.Equal(Normalized(x, 0.1, 2), single.call(x));
        Assert.Equal([4], single.normalized_shape);
        using var unbiased = LayerNorm(4, bias: false);
        Assert.Null(unbiased.bias);
        using var plain = LayerNorm(4, elementwise_affine: false);
        Assert.Empty(plain.parameters());
        Near.Equal(Normalized(x, 1e-5, 2), plain.call(x));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.layer_norm(input, [4])), x, tolerance: 1e-5);
    }

    [Fact]
    public void GroupNorm_normalises_groups_of_channels()
    {
        var x = Near.Random(1, 2, 6, 4, 5);
        using var layer = GroupNorm(3, 6, dtype: float64);
        layer.weight = Parameter(Near.Random(2, 6));
        layer.bias = Parameter(Near.Random(3, 6));
        var groups = Normalized(x.reshape(2, 3, 40), 1e-5, 2).reshape(2, 6, 4, 5);
        Near.Equal(groups * PerChannel(layer.weight, 4) + PerChannel(layer.bias, 4), layer.call(x));

        layer.num_groups = 6;
        Near.Equal(Normalized(x, 1e-5, 2, 3) * PerChannel(layer.weight, 4) + PerChannel(layer.bias, 4), layer.call(x));
        Assert.Throws<ArgumentException>(() => layer.call(ones(2, 6)));
        layer.num_groups = 4;
        Assert.Throws<ExternalException>(() => layer.call(x));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.group_norm(input, 2)), x, tolerance: 1e-5);
    }

    [Fact]
    public void LocalResponseNorm_divides_by_the_channels_around()
    {
        const int size = 3;
        const double alpha = 0.5, beta = 0.6, k = 2;
        var x = Near.Random(1, 2, 5, 3);
        var (values, expected) = (Near.Values(x), new double[30]);
        for (var n = 0; n < 2; n++)
            for (var c = 0; c < 5; c++)
                for (var i = 0; i < 3; i++)
                {
                    var squares = 0.0;
                    for (var other = Math.Max(0, c - size / 2); other <= Math.Min(4, c + (size - 1) / 2); other++)
                        squares += Math.Pow(values[(n * 5 + other) * 3 + i], 2);
                    var at = (n * 5 + c) * 3 + i;
                    expected[at] = values[at] / Math.Pow(k + alpha * squares / size, beta);
                }
        Near.Equal(expected, LocalResponseNorm(size, alpha, beta, k).call(x));
        Near.Equal(expected, LocalResponseNorm(size, alpha, beta, k).call(x.unsqueeze(3)));
        Assert.Throws<ArgumentException>(() => LocalResponseNorm(2).call(ones(2, 3)));
    }

    [Fact]
    public void Normalize_makes_unit_vectors()
    {
        var x = Near.Random(1, 3, 4);
        Near.Equal(x / x.pow(2).sum(1, keepdim: true).sqrt(), functional.normalize(x));
        Near.Equal(x / x.abs().sum(0, keepdim: true), functional.normalize(x, p: 1, dim: 0));
        Near.Equal(new double[4], functional.normalize(zeros(1, 4, dtype: float64)));
    }
}
