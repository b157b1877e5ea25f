using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Views, copies of other shapes, and cuts; counting tensors show where each element went.</summary>
public class ShapeTests
{
    [Fact]
    public void View_and_reshape()
    {
        using var x = Counting(2, 3);
        Close([3, 2], [0, 1, 2, 3, 4, 5], x.view(3, 2));
        Close([6], [0, 1, 2, 3, 4, 5], x.view(-1));
        Close([2, 3], [0, 1, 2, 3, 4, 5], x.view(6).view_as(x));
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.t().reshape(3, 2));
        Close([6], [0, 3, 1, 4, 2, 5], reshape(x.t(), -1));
        Assert.Throws<ExternalException>(() => x.view(4, 2));
        Assert.Throws<ExternalException>(() => x.t().view(6));
    }

    [Fact]
    public void A_view_shares_its_elements()
    {
        using var x = Counting(2, 3);
        using var view = x.view(6);
        view[0] = tensor(7.0);
        Close([7, 1, 2, 3, 4, 5], x);
    }

    [Fact]
    public void Flatten_and_unflatten()
    {
        using var x = Counting(2, 3, 2);
        Assert.Equal(new long[] { 12 }, x.flatten().shape);
        Assert.Equal(new long[] { 2, 6 }, x.flatten(1).shape);
        Assert.Equal(new long[] { 6, 2 }, flatten(x, 0, 1).shape);
        Assert.Equal(new long[] { 12 }, x.ravel().shape);
        Assert.Equal(new long[] { 2, 3, 1, 2 }, x.unflatten(2, 1, 2).shape);
        Assert.Equal(new long[] { 2, 3, 2, 1 }, unflatten(x, 2, -1, 1).shape);
        Assert.Equal(new long[] { 2, 3, 2, 1 }, x.unflatten(2, new Size(new long[] { 2, 1 })).shape);
        Assert.Throws<ArgumentException>(() => x.unflatten(-1, 2, 1));
        Assert.Throws<ArgumentException>(() => x.unflatten(3, 2, 1));
        Assert.Throws<ArgumentException>(() => x.unflatten(2));
    }

    [Fact]
    public void Orders_of_dimensions()
    {
        using var x = Counting(2, 3);
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.t());
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.T);
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.mT);
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.H);
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.mH);
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.adjoint());
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.transpose(0, 1));
        Close([3, 2], [0, 3, 1, 4, 2, 5], swapaxes(x, 0, 1));
        Close([3, 2], [0, 3, 1, 4, 2, 5], x.swapdims(0, 1));
        using var y = Counting(2, 3, 4);
        Assert.Equal(new long[] { 4, 2, 3 }, y.permute(2, 0, 1).shape);
        Assert.Equal(new long[] { 4, 2, 3 }, y.permute(new List<long> { 2, 0, 1 }).shape);
        Assert.Equal(4, y.permute(2, 0, 1)[1, 0, 0].item<double>() + 3);
        Assert.Equal(new long[] { 4, 3, 2 }, y.T.shape);
        Assert.Equal(new long[] { 3, 4, 2 }, y.movedim([0], [2]).shape);
        Assert.Equal(new long[] { 3, 4, 2 }, movedim(y, 0, 2).shape);
        Assert.Equal(new long[] { 4, 3, 2 }, moveaxis(y, (0, 1), (2, 1)).shape);
        using var z = Counting(2, 3);
        Assert.Same(z, z.transpose_(0, 1));
        Close([3, 2], [0, 3, 1, 4, 2, 5], z);
    }

    [Fact]
    public void Dimensions_of_size_one()
    {
        using var x = Counting(1, 3, 1);
        Assert.Equal(new long[] { 3 }, x.squeeze().shape);
        Assert.Equal(new long[] { 3, 1 }, x.squeeze(0).shape);
        Assert.Equal(new long[] { 1, 3, 1 }, squeeze(x, 1).shape);
        Assert.Equal(new long[] { 1, 1, 3, 1 }, x.unsqueeze(0).shape);
        Assert.Equal(new long[] { 1, 3, 1, 1 }, unsqueeze(x, -1).shape);
        using var y = Counting(3);
        Assert.Same(y, y.unsqueeze_(0));
        Assert.Equal(new long[] { 1, 3 }, y.shape);
        Assert.Same(y, y.squeeze_(0));
        Assert.Equal(new long[] { 3 }, y.shape);
        Assert.Equal(new long[] { 3 }, y.unsqueeze_(1).squeeze_().shape);
        Assert.Equal(new long[] { 1 }, tensor(1.0).atleast_1d().shape);
        Assert.Equal(new long[] { 1, 3 }, y.atleast_2d().shape);
        Assert.Equal(new long[] { 1, 3, 1 }, atleast_3d(y).Single().shape);
    }

    [Fact]
    public void Expand_repeat_and_tile()
    {
        using var x = Shaped([2, 1], 1, 2);
        Close([2, 3], [1, 1, 1, 2, 2, 2], x.expand(2, 3));
        Close([2, 3], [1, 1, 1, 2, 2, 2], x.expand([-1, 3]));
        Close([2, 2], [1, 1, 2, 2], x.expand(new Size((2, 2))));
        Close([2, 2], [1, 1, 2, 2], x.expand(stackalloc long[] { 2, 2 }));
        Close([2, 3], [1, 1, 1, 2, 2, 2], x.expand_as(Counting(2, 3)));
        Close([2, 3], [1, 1, 1, 2, 2, 2], broadcast_to(x, 2, 3));
        Assert.Throws<ExternalException>(() => x.expand(3, 3));
        Close([4, 2], [1, 1, 2, 2, 1, 1, 2, 2], x.repeat(2, 2));
        Close([2, 2], [1, 1, 2, 2], x.tile([2]));
        Close([4], [1, 1, 2, 2], x.repeat_interleave(2));
        Close([3, 1], [1, 2, 2], x.repeat_interleave(Indices(1, 2), dim: 0));
        Close([2, 2], [1, 1, 2, 2], repeat_interleave(x, 2, dim: 1));
    }

    [Fact]
    public void Roll_and_flip()
    {
        using var x = Counting(2, 3);
        Close([2, 3], [5, 0, 1, 2, 3, 4], x.roll(1));
        Close([2, 3], [2, 0, 1, 5, 3, 4], x.roll(1, 1));
        Close([2, 3], [5, 3, 4, 2, 0, 1], x.roll((1, 1), (0, 1)));
        Close([2, 3], [3, 4, 5, 0, 1, 2], x.roll(new long[] { 1 }));
        Close([2, 3], [2, 0, 1, 5, 3, 4], roll(x, [1], [1]));
        Close([2, 3], [5, 4, 3, 2, 1, 0], x.flip(0, 1));
        Close([2, 3], [2, 1, 0, 5, 4, 3], x.fliplr());
        Close([2, 3], [3, 4, 5, 0, 1, 2], flipud(x));
        Close([3, 2], [2, 5, 1, 4, 0, 3], x.rot90());
        Close([2, 3], [5, 4, 3, 2, 1, 0], rot90(x, 2));
    }

    [Fact]
    public void Windows_and_strides()
    {
        Close([3, 2], [0, 1, 1, 2, 2, 3], Counting(4).unfold(0, 2, 1));
        Close([2, 2], [0, 2, 2, 4], Counting(5).as_strided([2, 2], [2, 2]));
        using var turned = Counting(2, 3).t();
        Assert.False(turned.is_contiguous());
        Assert.True(turned.contiguous().is_contiguous());
    }

    [Fact]
    public void Diagonals()
    {
        using var x = Counting(3, 3);
        Close([3], [0, 4, 8], x.diag());
        Close([2], [1, 5], diag(x, 1));
        Close([2, 2], [1, 0, 0, 2], Vector(1, 2).diag());
        Close([2, 2], [1, 0, 0, 2], Vector(1, 2).diag_embed());
        Close([2, 2], [1, 0, 0, 2], Vector(1, 2).diagflat());
        Close([3], [0, 4, 8], x.diagonal());
        Close([2], [3, 7], diagonal(x, -1));
        Close([12], x.trace());
        Close([3, 3], [0, 0, 0, 3, 4, 0, 6, 7, 8], x.tril());
        Close([3, 3], [0, 1, 2, 0, 4, 5, 0, 0, 8], triu(x));
        Close([3, 3], [0, 1, 0, 3, 4, 5, 6, 7, 8], x.tril(1));
        Close([3, 3], [9, 1, 2, 3, 9, 5, 6, 7, 9], x.diagonal_scatter(Vector(9, 9, 9)));
        Close([3, 3], [1, 0, 0, 0, 2, 3, 0, 4, 5], block_diag(Shaped([1, 1], 1), Shaped([2, 2], 2, 3, 4, 5)));
        Assert.Equal([0L, 1, 1, 0, 0, 1], tril_indices(2, 2).Integers());
        Assert.Equal([0L, 0, 1, 0, 1, 1], triu_indices(2, 2).Integers());
        Assert.Throws<ArgumentException>(() => x.diagonal(0, 1, 1));
        Assert.Throws<ArgumentException>(() => Vector(1).trace());
        using var y = x.clone();
        y.tril_();
        Close([0, 0, 0, 3, 4, 0, 6, 7, 8], y);
        y.triu_();
        Close([0, 0, 0, 0, 4, 0, 0, 0, 8], y);
    }

    [Fact]
    public void Channel_shuffle_deals_the_groups_out_in_turn() =>
        Close([1, 6, 1, 1], [0, 3, 1, 4, 2, 5], Counting(1, 6, 1, 1).channel_shuffle(2));

    [Fact]
    public void Cuts()
    {
        using var x = Counting(5, 2);
        static long[] Sizes(Tensor[] parts, int dim = 0) => parts.Select(part => part.shape[dim]).ToArray();
        Assert.Equal([2L, 2, 1], Sizes(x.chunk(3)));
        Assert.Equal([1L, 1], Sizes(chunk(x, 2, 1), 1));
        Assert.Equal([2L, 2, 1], Sizes(x.split(2L)));
        Assert.Equal([1L, 4], Sizes(x.split([1, 4])));
        Assert.Equal([1L, 4], Sizes(split(x, [1, 4])));
        Assert.Equal([1L, 1], Sizes(x.split([1, 1], dim: 1), 1));
        Assert.Equal([2L, 2, 1], Sizes(x.tensor_split(3)));
        Assert.Equal([1L, 2, 2], Sizes(x.tensor_split([1, 3])));
        Assert.Equal([1L, 2, 2], Sizes(tensor_split(x, Indices(1, 3))));
        Close([4, 5], x.split([2, 1, 2])[1]);
        Assert.Throws<ExternalException>(() => x.split([1, 1]));
        Assert.Throws<ArgumentException>(() => x.tensor_split(Vector(1)));
        using var y = Counting(2, 4, 6);
        Assert.Equal([1L, 1], Sizes(y.vsplit(2)));
        Assert.Equal([2L, 2], Sizes(hsplit(y, 2), 1));
        Assert.Equal([1L, 3], Sizes(y.hsplit([1]), 1));
        Assert.Equal([1L, 2, 1], Sizes(hsplit(y, (1, 3)), 1));
        Assert.Equal([3L, 3], Sizes(y.dsplit(2), 2));
        Assert.Equal([1L, 2, 3], Sizes(dsplit(y, (1, 3)), 2));
        Assert.Equal([1L, 1], Sizes(vsplit(y, [1])));
        Assert.Throws<ArgumentException>(() => y.hsplit(3));
        Assert.Equal(5, x.unbind().Length);
        Close([2], [2, 3], unbind(x, 0L)[1]);
        Close([5], [1, 3, 5, 7, 9], x.unbind(1)[1]);
    }

    [Fact]
    public void Joins()
    {
        using var a = Shaped([1, 2], 1, 2);
        using var b = Shaped([1, 2], 3, 4);
        Close([2, 2], [1, 2, 3, 4], cat([a, b]));
        Close([1, 4], [1, 2, 3, 4], cat(new List<Tensor> { a, b }, 1));
        Close([1, 4], [1, 2, 3, 4], concat([a, b], dim: -1));
        Close([2, 2], [1, 2, 3, 4], concatenate([a, b], axis: 0));
        Close([1, 2, 2], [1, 2, 3, 4], stack([a, b], 1));
        Close([2, 1, 2], [1, 2, 3, 4], stack(new List<Tensor> { a, b }));
        Close([1, 4], [1, 2, 3, 4], hstack(a, b));
        Close([2, 2], [1, 2, 3, 4], vstack([a, b]));
        Close([2, 2], [1, 2, 3, 4], row_stack(a, b));
        Close([1, 2, 2], [1, 3, 2, 4], dstack(a, b));
        Close([2, 2], [1, 3, 2, 4], column_stack(Vector(1, 2), Vector(3, 4)));
        Close([4, 2], [1, 3, 1, 4, 2, 3, 2, 4], cartesian_prod(Vector(1, 2), Vector(3, 4)));
        Close([3, 2], [1, 2, 1, 3, 2, 3], combinations(Vector(1, 2, 3)));
        Assert.Throws<ArgumentException>(() => cat(Array.Empty<Tensor>()));
        Assert.Throws<ArgumentException>(() => combinations(a));
        Assert.Throws<ExternalException>(() => cat([a, Counting(2, 3)]));
        Assert.Throws<ExternalException>(() => stack([a, Counting(2, 3)]));
    }

    [Fact]
    public void A_join_of_one_is_another_tensor()
    {
        using var a = Vector(1, 2);
        using var joined = cat([a]);
        Assert.NotSame(a, joined);
        Close([1, 2], joined);
    }

    [Fact]
    public void Broadcasts_and_grids()
    {
        var parts = broadcast_tensors(Shaped([2, 1], 1, 2), Vector(3, 4, 5));
        Close([2, 3], [1, 1, 1, 2, 2, 2], parts[0]);
        Close([2, 3], [3, 4, 5, 3, 4, 5], parts[1]);
        Assert.Equal(new long[] { 2, 3 }, broadcast_shapes([2, 1], [2, 3]).Shape);
        Assert.Throws<ArgumentException>(() => broadcast_shapes([2, 2], [2, 3]));
        var grid = meshgrid([Vector(1, 2), Vector(3, 4, 5)]);
        Close([2, 3], [1, 1, 1, 2, 2, 2], grid[0]);
        Close([2, 3], [3, 4, 5, 3, 4, 5], grid[1]);
        Assert.Equal(new long[] { 3, 2 }, meshgrid([Vector(1, 2), Vector(3, 4, 5)], "xy")[0].shape);
    }

    [Fact]
    public void Sizes()
    {
        Size size = (2, 3, 4);
        Assert.Equal(3, size.Length);
        Assert.Equal(24, size.numel());
        Assert.Equal(3, size[1]);
        Assert.Equal(new long[] { 2, 3 }, size.Slice(0, 2).Shape);
        Assert.Equal(new long[] { 2, 3 }, size.Slice(0, -1).Shape);
        Assert.Equal(new long[] { 2, 3, 4, 5 }, (size + new long[] { 5 }).Shape);
        Assert.True(Size.Empty.IsScalar);
        Assert.Equal(1, Size.Empty.numel());
    }
}
