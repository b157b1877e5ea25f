using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class SortingTests
{
    [Fact]
    public void Sort()
    {
        using var x = Shaped([2, 3], 3, 1, 2, 4, 6, 5);
        var (values, indices) = x.sort();
        Close([2, 3], [1, 2, 3, 4, 5, 6], values);
        Assert.Equal([1L, 2, 0, 0, 2, 1], indices.Integers());
        (values, indices) = sort(x, dim: 0, descending: true);
        Close([4, 6, 5, 3, 1, 2], values);
        Assert.Equal([1L, 1, 1, 0, 0, 0], indices.Integers());
        Assert.Equal([1L, 2, 0, 0, 2, 1], x.argsort().Integers());
        Assert.Equal([0L, 2, 1, 1, 2, 0], argsort(x, descending: true).Integers());
        Close([1, 2, 3], Vector(3, 1, 2).msort());
        Close([3, 1, 2, 4, 6, 5], msort(x));
    }

    [Fact]
    public void A_stable_sort_keeps_equals_in_their_order()
    {
        var keys = Enumerable.Range(0, 200).Select(i => (double)(i * 7 % 5)).ToArray();
        var (_, indices) = Vector(keys).sort(stable: true);
        Assert.Equal(Enumerable.Range(0, 200).OrderBy(i => keys[i]).Select(i => (long)i), indices.Integers());
    }

    [Fact]
    public void Topk()
    {
        using var x = Vector(3, 1, 4, 1, 5);
        var (values, indexes) = x.topk(2);
        Close([5, 4], values);
        Assert.Equal([4L, 2], indexes.Integers());
        (values, _) = topk(x, 2, largest: false);
        Close([1, 1], values);
        (values, indexes) = Shaped([2, 2], 1, 2, 4, 3).topk(1, dim: 0);
        Close([1, 2], [4, 3], values);
    }

    [Fact]
    public void Kthvalue()
    {
        using var x = Shaped([2, 3], 3, 1, 2, 4, 6, 5);
        var (values, indices) = x.kthvalue(2, null);
        Close([2], [2, 5], values);
        Assert.Equal([2L, 2], indices.Integers());
        (values, _) = kthvalue(x, 1, 0, keepdim: true);
        Close([1, 3], [3, 1, 2], values);
    }

    [Fact]
    public void Unique()
    {
        using var x = Vector(2, 1, 2, 3, 1);
        var (output, inverse, counts) = x.unique();
        Close([1, 2, 3], output);
        Assert.Null(inverse);
        Assert.Null(counts);
        (output, inverse, counts) = unique(x, return_inverse: true, return_counts: true);
        Close([1, 2, 3], output);
        Assert.Equal([1L, 0, 1, 2, 0], inverse!.Integers());
        Assert.Equal([2L, 2, 1], counts!.Integers());
        (output, _, counts) = Shaped([3, 2], 1, 2, 3, 4, 1, 2).unique(return_counts: true, dim: 0);
        Close([2, 2], [1, 2, 3, 4], output);
        Assert.Equal([2L, 1], counts!.Integers());
    }

    [Fact]
    public void Unique_consecutive()
    {
        using var x = Vector(1, 1, 2, 2, 2, 1);
        var (output, inverse, counts) = x.unique_consecutive(return_inverse: true, return_counts: true);
        Close([1, 2, 1], output);
        Assert.Equal([0L, 0, 1, 1, 1, 2], inverse!.Integers());
        Assert.Equal([2L, 3, 1], counts!.Integers());
        (output, inverse, _) = unique_consecutive(Shaped([3, 1], 1, 1, 2), dim: 0);
        Close([2, 1], [1, 2], output);
        Assert.Null(inverse);
    }

    [Fact]
    public void Positions_of_what_is_not_zero()
    {
        using var x = Shaped([2, 3], 0, 1, 0, 2, 0, 3);
        Assert.Equal(new long[] { 3, 2 }, x.nonzero().shape);
        Assert.Equal([0L, 1, 1, 0, 1, 2], nonzero(x).Integers());
        Assert.Equal([0L, 1, 1, 0, 1, 2], x.argwhere().Integers());
        var lists = x.nonzero_as_list();
        Assert.Equal(2, lists.Count);
        Assert.Equal([0L, 1, 1], lists[0].Integers());
        Assert.Equal([1L, 0, 2], lists[1].Integers());
        var both = where(x > 1);
        Assert.Equal([1L, 1], both[0].Integers());
        Assert.Equal([0L, 2], both[1].Integers());
    }

    [Fact]
    public void Searchsorted()
    {
        using var edges = Vector(1, 3, 5);
        Assert.Equal([0L, 1, 3], searchsorted(edges, Vector(1, 2, 6)).Integers());
        Assert.Equal([1L, 1, 3], searchsorted(edges, Vector(1, 2, 6), right: true).Integers());
        Assert.Equal(ScalarType.Int32, searchsorted(edges, Vector(1), out_int32: true).dtype);
        Assert.Equal([1L], searchsorted(Vector(5, 1, 3), (Scalar)2, false, false, Indices(1, 2, 0)).Integers());
    }
}
