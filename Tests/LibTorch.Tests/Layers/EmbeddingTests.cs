using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class EmbeddingTests
{
    private static readonly long[,] Numbers = { { 3, 0 }, { 1, 3 } };

    [Fact]
    public void Vectors_are_looked_up()
    {
        manual_seed(1);
        using var layer = Embedding(4, 3, dtype: float64);
        using var weight = layer.weight!;
        Near.Equal(stack([weight[3], weight[0], weight[1], weight[3]]).reshape(2, 2, 3), layer.call(tensor(Numbers)));
        Assert.Equal(["weight"], layer.named_parameters().Select(named => named.name));

        layer.call(tensor(Numbers)).sum().backward();
        Near.Equal([1, 1, 1, 1, 1, 1, 0, 0, 0, 2, 2, 2], layer.get_parameter("weight")!.grad!);
    }

    [Fact]
    public void Fresh_vectors_are_normal_and_that_of_the_padding_is_zero()
    {
        manual_seed(2);
        using var layer = Embedding(200, 100, padding_idx: 5);
        var rows = Near.Values(layer.get_parameter("weight")!).Chunk(100).ToArray();
        Assert.All(rows[5], value => Assert.Equal(0, value));
        Assert.InRange(rows.Where((_, row) => row != 5).SelectMany(row => row).Average(value => value * value), 0.97, 1.03);

        layer.call(tensor(new long[] { 5, 6 })).sum().backward();
        var gradient = layer.get_parameter("weight")!.grad!;
        Near.Equal(zeros(100), gradient[5]);
        Near.Equal(ones(100), gradient[6]);
    }

    [Fact]
    public void Long_vectors_are_shortened()
    {
        using var layer = Embedding_from_pretrained(tensor(new double[,] { { 3, 4 }, { 0.3, 0.4 } }), freeze: false, max_norm: 1);
        Near.Equal([0.6, 0.8, 0.3, 0.4], layer.call(tensor(new long[] { 0, 1 })), 1e-6);
    }

    [Fact]
    public void Given_vectors_are_frozen_unless_asked_otherwise()
    {
        using var frozen = Embedding_from_pretrained(tensor(new double[,] { { 1, 2 }, { 3, 4 } }));
        using var trained = Embedding_from_pretrained(tensor(new double[,] { { 1, 2 }, { 3, 4 } }), freeze: false);
        Assert.False(frozen.weight!.requires_grad);
        Assert.True(trained.weight!.requires_grad);
        using var found = frozen.call(tensor(1L));
        Near.Equal([3, 4], found);
        Assert.False(found.requires_grad);

        trained.call(tensor(1L)).sum().backward();
        using var weight = trained.weight;
        Near.Equal([0, 0, 1, 1], weight.grad!);
    }

    [Fact]
    public void Gradients_can_be_divided_by_frequency()
    {
        using var layer = Embedding(4, 2, scale_grad_by_freq: true);
        layer.call(tensor(Numbers)).sum().backward();
        Near.Equal([1, 1, 1, 1, 0, 0, 1, 1], layer.get_parameter("weight")!.grad!);
    }

    [Fact]
    public void The_table_can_be_set_and_its_handle_disposed()
    {
        using var layer = Embedding(4, 2);
        layer.weight!.Dispose();
        layer.weight = Parameter(arange(6, dtype: float64).reshape(3, 2));
        Near.Equal([4, 5, 0, 1], layer.call(tensor(new long[] { 2, 0 })));
        Assert.Equal([3, 2], layer.parameters().Single().shape);
        Assert.ThrowsAny<Exception>(() => layer.weight = null!);
        layer.to(ScalarType.Float32);
        Assert.Equal(ScalarType.Float32, layer.call(tensor(1L)).dtype);
    }

    [Theory]
    [InlineData(EmbeddingBagMode.Sum, new double[] { 5, 8, 8, 11, 3, 4 })]
    [InlineData(EmbeddingBagMode.Mean, new double[] { 2.5, 4, 4, 5.5, 3, 4 })]
    [InlineData(EmbeddingBagMode.Max, new double[] { 5, 7, 5, 7, 3, 4 })]
    public void Vectors_of_a_bag_become_one(EmbeddingBagMode mode, double[] expected)
    {
        using var layer = EmbeddingBag_from_pretrained(tensor(new double[,] { { 0, 1 }, { 3, 4 }, { 5, 7 } }), freeze: false, mode: mode);
        Near.Equal(expected[..4], layer.call(tensor(new long[,] { { 0, 2 }, { 2, 1 } })));
        Near.Equal(expected, layer.call(tensor(new long[] { 0, 2, 2, 1, 1 }), tensor(new long[] { 0, 2, 4 })));
        layer.call(tensor(new long[,] { { 0, 2 } })).sum().backward();
        Assert.Equal([3, 2], layer.weight!.grad!.shape);
    }

    [Fact]
    public void Bags_have_weights_padding_and_an_end()
    {
        var vectors = tensor(new double[,] { { 0, 1 }, { 3, 4 }, { 5, 7 } });
        using var weighted = EmbeddingBag_from_pretrained(vectors, mode: EmbeddingBagMode.Sum);
        Near.Equal([13, 18], weighted.call(tensor(new long[,] { { 1, 2 } }), null, tensor(new double[,] { { 1, 2 } })));
        using var padded = EmbeddingBag_from_pretrained(vectors, padding_index: 1);
        Near.Equal([5, 7], padded.call(tensor(new long[,] { { 1, 2 } })));
        using var ended = EmbeddingBag_from_pretrained(vectors, include_last_offset: true);
        Near.Equal([4, 5.5], ended.call(tensor(new long[] { 1, 2 }), tensor(new long[] { 0, 2 })));
        Assert.Throws<ArgumentException>(() => weighted.call(tensor(new long[] { 1 })));
        Assert.Throws<ArgumentException>(() => weighted.call(tensor(new long[,] { { 1 } }), tensor(new long[] { 0 })));
        Assert.Throws<ArgumentException>(() => weighted.call(ones(2, 2)));
        Assert.Throws<ArgumentException>(() => weighted.call(tensor(new long[] { 1 }), tensor(new int[] { 0 })));
        Assert.Throws<NotImplementedException>(() => weighted.call(tensor(new int[,] { { 1 } })));
        using var shortened = EmbeddingBag_from_pretrained(tensor(new double[,] { { 3, 4 } }), max_norm: 1);
        Near.Equal([0.6, 0.8], shortened.call(tensor(new long[,] { { 0 } })), 1e-6);
    }

    [Fact]
    public void One_hot_vectors_select()
    {
        Near.Equal([0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], functional.one_hot(tensor(Numbers)));
        Assert.Equal([2, 2, 6], functional.one_hot(tensor(Numbers), 6).shape);
        Assert.Throws<ArgumentException>(() => functional.one_hot(ones(3)));
    }
}
