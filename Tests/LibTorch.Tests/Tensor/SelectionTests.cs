using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class SelectionTests
{
    [Fact]
    public void Slices()
    {
        using var x = Counting(3, 4);
        Close([4], [4, 5, 6, 7], x.select(0, 1));
        Close([3], [3, 7, 11], select(x, 1, -1));
        Close([3, 2], [1, 2, 5, 6, 9, 10], x.narrow(1, 1, 2));
        Close([1, 4], [4, 5, 6, 7], narrow(x, 0, 1, 1));
        Close([3, 2], [0, 2, 4, 6, 8, 10], x.slice(1, 0, 4, 2));
        Assert.Throws<ArgumentException>(() => x.slice(1, 0, 4, 0));
        Assert.Throws<ExternalException>(() => x.select(0, 3));
        Assert.Throws<ExternalException>(() => x.narrow(1, 3, 2));
    }

    [Fact]
    public void Picks_by_position()
    {
        using var x = Counting(3, 2);
        Close([2, 2], [4, 5, 0, 1], x.index_select(0, Indices(2, 0)));
        Close([3, 1], [1, 3, 5], index_select(x, 1, Indices(1)));
        Close([2], [5, 0], x.take(Indices(5, 0)));
        Close([2], [5, 0], take(x, Indices(5, 0)));
        using var order = Shaped([3, 2], 5, 4, 3, 2, 1, 0).argsort(0);
        Close([3, 2], [4, 5, 2, 3, 0, 1], x.take_along_dim(order, 0));
        Close([2], [4, 1], x.take_along_dim(Indices(4, 1)));
        Close([3, 1], [0, 3, 4], x.gather(1, Indices(0, 1, 0).reshape(3, 1)));
        Close([3, 1], [0, 3, 4], gather(x, 1, Indices(0, 1, 0).reshape(3, 1)));
        Assert.Throws<ExternalException>(() => x.index_select(0, Indices(3)));
    }

    [Fact]
    public void Writes_by_position()
    {
        using var x = zeros(3, 2, dtype: float64);
        using var index = Indices(2, 0).reshape(1, 2);
        using var source = Shaped([1, 2], 5, 6);
        Close([0, 6, 0, 0, 5, 0], x.scatter(0, index, source));
        Close([0, 6, 0, 0, 5, 0], scatter(x, 0, index, source));
        Close([1, 1, 6, 1, 1, 6], (x + 1).scatter_add(0, Indices(1, 2).reshape(1, 2), Shaped([1, 2], 5, 5)));
        Close([0, 0, 0, 0, 0, 0], x);
        Assert.Same(x, x.scatter_(0, index, source));
        Close([0, 6, 0, 0, 5, 0], x);
        Assert.Same(x, x.scatter_add_(0, index, source));
        Close([0, 12, 0, 0, 10, 0], x);
    }

    [Fact]
    public void Writes_of_slices()
    {
        using var x = Counting(3, 2);
        Close([0, 1, 9, 9, 4, 5], x.select_scatter(Vector(9, 9), 0, 1));
        Close([9, 1, 9, 3, 9, 5], x.slice_scatter(Shaped([3, 1], 9, 9, 9), 1, 0, 1));
        Close([9, 9, 2, 3, 9, 9], slice_scatter(x, Shaped([2, 2], 9, 9, 9, 9), step: 2));
        using var rows = Shaped([2, 2], 10, 20, 30, 40);
        using var index = Indices(2, 0);
        Close([60, 81, 2, 3, 24, 45], x.index_add(0, index, rows, 2));
        Close([30, 40, 2, 3, 10, 20], x.index_copy(0, index, rows));
        Close([7, 7, 2, 3, 7, 7], index_fill(x, 0, index, 7));
        Close([0, 1, 2, 3, 4, 5], x);
        using var y = x.clone();
        Assert.Same(y, y.index_add_(0, index, rows, 1));
        Close([30, 41, 2, 3, 14, 25], y);
        Assert.Same(y, y.index_copy_(0, index, rows));
        Close([30, 40, 2, 3, 10, 20], y);
        Assert.Same(y, y.index_fill_(0, index, 0));
        Close([0, 0, 2, 3, 0, 0], y);
    }

    [Fact]
    public void Index_add_adds_up_what_meets_at_one_position()
    {
        using var x = zeros(2, dtype: float64);
        x.index_add_(0, Indices(1, 1, 1), Vector(1, 2, 3), 1);
        Close([0, 6], x);
    }

    [Fact]
    public void Positions_must_be_long_integers()
    {
        using var x = Counting(3, 2);
        using var index = tensor(new[] { 0 });
        using var rows = Counting(1, 2);
        Assert.Throws<ArgumentException>(() => x.index_add(0, index, rows, 1));
        Assert.Throws<ArgumentException>(() => x.index_copy_(0, index, rows));
        Assert.Throws<ArgumentException>(() => x.index_fill(0, index, 1));
    }

    [Fact]
    public void Masks()
    {
        using var x = Counting(2, 3);
        using var mask = x > 2.5;
        Close([2, 3], [0, 1, 2, -1, -1, -1], x.masked_fill(mask, -1));
        Close([3], [3, 4, 5], x.masked_select(mask));
        Close([3], [3, 4, 5], masked_select(x, mask));
        Close([2, 3], [0, 1, 2, 7, 8, 9], x.masked_scatter(mask, Vector(7, 8, 9)));
        Close([2, 3], [10, 10, 10, 3, 4, 5], x.where(mask, tensor(10.0)));
        Close([2, 3], [0, 1, 2, 10, 10, 10], where(mask, tensor(10.0), x));
        Assert.Throws<ArgumentException>(() => x.masked_select(x));
        Assert.Throws<ArgumentException>(() => x.where(x, x));
        Assert.Throws<ArgumentException>(() => where(x));
        using var y = x.clone();
        Assert.Same(y, y.masked_fill_(mask, 0));
        Close([0, 1, 2, 0, 0, 0], y);
        Assert.Same(y, y.masked_scatter_(mask, Vector(7, 8, 9)));
        Close([0, 1, 2, 7, 8, 9], y);
    }
}
