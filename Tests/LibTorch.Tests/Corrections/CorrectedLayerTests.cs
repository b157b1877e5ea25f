using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

/// <summary>
/// Where TorchSharp 0.107 does not do what it says, and ours does. These tests are left out when the backend is
/// TorchSharp's package.
/// </summary>
public class CorrectedLayerTests
{
    [Fact]
    public void Truncated_normal_values_stay_inside_and_have_the_right_shape()
    {
        // TorchSharp multiplies by the mean and adds the deviation.
        manual_seed(1);
        var values = Near.Values(init.trunc_normal_(zeros(200, 200), mean: 1, std: 2, a: -1, b: 4));
        Assert.All(values, value => Assert.InRange(value, -1, 4));
        // Mean of N(1, 2²) between −1 and 4: 1 + 2·(φ(−1) − φ(1.5)) / (Φ(1.5) − Φ(−1)).
        Assert.InRange(values.Average(), 1.29 - 0.03, 1.29 + 0.03);
        Assert.Contains(values, value => value < -0.9);
        Assert.Contains(values, value => value > 3.9);
    }

    [Fact]
    public void Xavier_normal_is_normal()
    {
        // TorchSharp draws from the uniform distribution, which ends at √3 deviations.
        manual_seed(2);
        var values = Near.Values(init.xavier_normal_(zeros(300, 300)));
        var deviation = Math.Sqrt(2.0 / 600);
        Assert.InRange(Math.Sqrt(values.Average(value => value * value)), 0.98 * deviation, 1.02 * deviation);
        Assert.True(values.Max() > 3 * deviation);
    }

    [Fact]
    public void A_fresh_group_normalisation_has_weight_one_and_bias_zero()
    {
        // TorchSharp leaves the parameters as memory happens to be.
        using var layer = GroupNorm(2, 4);
        Near.Equal([1, 1, 1, 1], layer.weight);
        Near.Equal([0, 0, 0, 0], layer.bias!);
    }

    [Fact]
    public void Output_padding_is_per_dimension()
    {
        // TorchSharp takes the first dimension's for all.
        using var layer = ConvTranspose2d(1, 1, (3, 3), stride: (2, 2), output_padding: (1, 0));
        Assert.Equal([1, 1, 10, 9], layer.call(ones(1, 1, 4, 4)).shape);
    }

    [Fact]
    public void OneCycle_moves_every_group_of_parameters()
    {
        // TorchSharp confuses the number of the group with that of the phase.
        var groups = new[] { 1.0, 2.0 }.Select(_ => new TorchSharp.Modules.SGD.ParamGroup([Parameter(ones(1))], 0.1)).ToArray();
        using var optimizer = optim.SGD(groups, 0.1, momentum: 0.9);
        var scheduler = optim.lr_scheduler.OneCycleLR(optimizer, [1.0, 2.0], total_steps: 10);
        for (var step = 0; step < 8; step++)
        {
            var rates = scheduler.get_last_lr().ToArray();
            Assert.Equal(2 * rates[0], rates[1], 1e-12);
            scheduler.step();
        }
    }

    [Fact]
    public void Hardtanh_cuts_off_and_leaves_its_input_alone()
    {
        // TorchSharp drops the result and returns the input.
        double[] points = [-7.3, -2.1, -1.9, 0, 1.4, 1.6, 21];
        var expected = Array.ConvertAll(points, point => Math.Clamp(point, -2, 1.5));
        using var layer = Hardtanh(-2, 1.5);
        foreach (var function in new Func<Tensor, Tensor>[] { layer.call, x => functional.hardtanh(x, -2, 1.5) })
        {
            using var x = tensor(points);
            using (var result = function(x)) Near.Equal(expected, result);
            Near.Equal(points, x);
            Gradients.AssertMatchDifferences(point => Near.Form(function(point)), x, tolerance: 1e-5);
        }
    }

    [Fact]
    public void A_parameter_that_is_needed_cannot_be_set_to_null()
    {
        // TorchSharp throws NullReferenceException.
        using var slope = PReLU(1);
        using var table = Embedding(4, 2);
        using var linear = Linear(3, 2);
        using var cell = GRUCell(2, 2);
        Assert.Throws<ArgumentNullException>(() => slope.weight = null!);
        Assert.Throws<ArgumentNullException>(() => table.weight = null!);
        Assert.Throws<ArgumentNullException>(() => linear.weight = null!);
        Assert.Throws<ArgumentNullException>(() => cell.bias_hh = null!);
    }

    [Fact]
    public void Given_vectors_are_the_layers_parameter()
    {
        // TorchSharp registers random ones instead, and sets requires_grad of the tensor that it was given.
        var vectors = tensor(new double[,] { { 1, 2 }, { 3, 4 } });
        using var frozen = Embedding_from_pretrained(vectors);
        using var trained = Embedding_from_pretrained(vectors, freeze: false);
        Assert.False(frozen.parameters().Single().requires_grad);
        Assert.True(trained.parameters().Single().requires_grad);
        Assert.False(vectors.requires_grad);
        Near.Equal(vectors, frozen.parameters().Single());
        Near.Equal([3, 4], frozen.call(tensor(1L)));
        using var bag = EmbeddingBag_from_pretrained(vectors, freeze: false);
        Assert.True(bag.parameters().Single().requires_grad);
        Near.Equal(vectors, bag.parameters().Single());
    }

    [Fact]
    public void The_vector_of_a_bags_padding_starts_as_zero()
    {
        // TorchSharp, as libtorch's C++ layer, draws over the zeros.
        using var bag = EmbeddingBag(5, 3, padding_index: 2);
        Near.Equal([0, 0, 0], bag.weight![2]);
    }

    [Theory, InlineData(6, 4), InlineData(4, 6)]
    public void Orthogonal_in_double_precision(long rows, long columns)
    {
        // TorchSharp draws and factorises in single precision whatever the type.
        manual_seed(4);
        var matrix = init.orthogonal_(zeros(rows, columns, dtype: float64), 3);
        var product = rows < columns ? matrix.matmul(matrix.t()) : matrix.t().matmul(matrix);
        Near.Equal(9 * eye(Math.Min(rows, columns), dtype: float64), product);

        var kernel = init.orthogonal_(zeros(3, 2, 5, dtype: float64)).reshape(3, 10);
        Near.Equal(eye(3, dtype: float64), kernel.matmul(kernel.t()));
    }

    [Fact]
    public void Nearest_values_are_repeated_by_every_function()
    {
        // TorchSharp passes align_corners on, which libtorch refuses with this mode.
        var image = Near.Random(1, 2, 3, 4, 5);
        var twice = image.repeat_interleave(2, dim: 2).repeat_interleave(3, dim: 3);
        Near.Equal(twice, functional.upsample_nearest(image, scale_factor: [2, 3]));
        Near.Equal(twice, functional.upsample(image, [8, 15]));
    }

    [Fact]
    public void BatchNorm_refuses_to_train_on_one_value_per_channel()
    {
        // TorchSharp computes on, and makes running_var NaN.
        using var layer = BatchNorm1d(3);
        using var x = ones(1, 3);
        Assert.StartsWith("Expected more than 1 value per channel when training", Assert.Throws<ExternalException>(() => layer.call(x)).Message);
        Near.Equal([1, 1, 1], layer.running_var!);
        layer.eval();
        Assert.Equal([1, 3], layer.call(x).shape);
    }

    [Fact]
    public void A_cell_without_a_state_begins_at_zero()
    {
        // TorchSharp passes a pair of undefined tensors to LSTMCell, which libtorch refuses.
        manual_seed(5);
        using var lstm = LSTMCell(3, 4, dtype: float64);
        var (x, zero) = (Near.Random(1, 2, 3), zeros(2, 4, dtype: float64));
        var (expected, actual) = (lstm.call(x, (zero, zero)), lstm.call(x));
        Near.Equal(expected.Item1, actual.Item1);
        Near.Equal(expected.Item2, actual.Item2);
    }

    [Fact]
    public void MultiheadAttention_takes_keys_and_values_of_different_widths()
    {
        // libtorch's own module, which is TorchSharp's, wants them equal.
        manual_seed(8);
        using var wide = MultiheadAttention(6, 3, kdim: 5, vdim: 7);
        Assert.Equal([6, 7], wide.get_parameter("v_proj_weight")!.shape);
        Assert.Equal([4, 2, 6], wide.call(randn(4, 2, 6), randn(5, 2, 5), randn(5, 2, 7)).Item1.shape);
    }

    [Fact]
    public void Adaptive_max_pooling_of_volumes()
    {
        // TorchSharp forgets the output size.
        var x = Near.Random(1, 2, 3, 4, 6, 8);
        Near.Equal(functional.max_pool3d(x, [2, 3, 4]), AdaptiveMaxPool3d([2, 2, 2]).call(x));
    }
}
